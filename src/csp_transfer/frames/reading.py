"""From a payload, or from values of the package, to a frame that `assess` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import narwhals as nw

from .. import checks
from ..errors import InvalidValue
from ..ids import IdMap
from ..model import NotReplaced, Replacement, Subscription
from ..partner_center import read as read_payload
from ..seats import seats_as_text
from ..texts import decimal_text
from .columns import INPUTS, SHOWN, Kind
from .parts import needs_arrow

__all__ = ["of", "read"]

_TYPES: Final = {
    Kind.COUNT: nw.Int64(),
    Kind.DAY: nw.Date(),
    Kind.FLAG: nw.Boolean(),
    Kind.INSTANT: nw.Datetime("us", "UTC"),
    Kind.NAME: nw.String(),
    Kind.TEXT: nw.String(),
    Kind.TEXTS: nw.List(nw.String()),
    Kind.WORD: nw.String(),
}
_BACKENDS: Final = ("duckdb", "pandas", "polars", "pyarrow")


def read(payload: object, *, backend: str = "polars") -> Any:
    """Return the subscriptions of a Partner Center payload as a frame, one a row; see `of` and `partner_center.read`.

    What cannot be read is a `PayloadError` that lists every bad item. Raises `InvalidValue` for another backend.
    Source: resources#subscription.

    >>> payload = [{"id": "83ef9d05", "offerId": "CFQ7TTC0LH18:0001", "quantity": 25, "status": "active",
    ...             "effectiveStartDate": "2025-04-01T00:00:00Z", "commitmentEndDate": "2026-03-31T00:00:00Z",
    ...             "autoRenewEnabled": True, "termDuration": "P1Y"}]
    >>> read(payload)["quantity"].to_list()
    [25]
    """
    return of(read_payload(payload), backend=backend)


def of(
    subscriptions: Iterable[Subscription],
    replacements: Mapping[str, Replacement | NotReplaced] | None = None,
    *,
    backend: str = "polars",
) -> Any:
    """Return subscriptions as a frame, one a row, each with what replaces it, by the subscription's id.

    Backends: duckdb, pandas, polars, pyarrow. Dask and Spark make their own of a pandas frame or a PyArrow table.
    Raises `InvalidType` or `InvalidValue`.
    The columns are those that `assess` reads, and those of `SHOWN`: `values_of` gives the same values back.
    Source: none.

    >>> from datetime import date
    >>> from csp_transfer import Offer, Subscription, Term
    >>> basic = Subscription(id="b", offer=Offer(id="B"), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> of([basic])["last_day"].to_list()
    [datetime.date(2026, 3, 31)]
    """
    if backend not in _BACKENDS:
        raise InvalidValue("backend", backend, f"one of {', '.join(_BACKENDS)}")
    subscriptions = tuple(subscriptions)
    for one in subscriptions:
        checks.instance("subscriptions", one, Subscription)
    ids = (s.id for s in subscriptions)
    given = IdMap(checks.by_id("replacements", replacements or {}, ids, "ids of the subscriptions"))
    found = [_facts(s) | _replaced(s, given.get(s.id)) for s in subscriptions]
    columns = {spec.name: [facts[spec.name] for facts in found] for spec in (*INPUTS, *SHOWN)}
    schema = {spec.name: _TYPES[spec.kind] for spec in (*INPUTS, *SHOWN)}
    if backend == "polars":
        return nw.from_dict(columns, schema, backend="polars").to_native()
    with needs_arrow():
        table: Any = nw.from_dict(columns, schema, backend="pyarrow")
    if backend in ("pyarrow", "duckdb"):
        return (table if backend == "pyarrow" else table.lazy(backend)).to_native()
    pandas = nw.Implementation.PANDAS.to_native_namespace()
    return table.to_native().to_pandas(types_mapper=pandas.ArrowDtype)


def _facts(subscription: Subscription) -> dict[str, Any]:
    s = subscription
    return {
        "id": s.id,
        "offer": s.offer.id,
        "quantity": s.quantity,
        "first_day": s.term.first_day,
        "last_day": s.term.last_day,
        "auto_renew": s.auto_renew,
        "channel": str(s.channel),
        "status": str(s.status),
        "trial": s.trial,
        "legacy": s.legacy,
        "length_known": s.length_known,
        "assigned": s.assigned,
        "anchor": s.anchor,
        "renewal_duration": s.renewal_duration,
        "at_term_end": None if s.at_term_end is None else str(s.at_term_end),
        "cancellation_allowed_until": s.cancellation_allowed_until,
        "canceled_on": s.canceled_on,
        "extended": s.extended,
        "mid_term": None if s.mid_term is None else str(s.mid_term),
        "mid_term_on": s.mid_term_on,
        "doubted_last_day": s.doubted_last_day,
        "window_known": s.window_known,
        "seat_windows": [seats_as_text(window) for window in s.seat_windows],
        "discontinued": s.offer.discontinued,
        "extended_service": s.offer.extended_service,
        "parent": s.parent,
        "name": s.name,
        "offer_name": s.offer.name,
        "monthly": s.offer.monthly,
        "equivalents": sorted(s.offer.equivalents),
        "price_amount": s.price and decimal_text(s.price.amount),
        "price_currency": s.price and s.price.currency,
        "price_cycle": s.price and str(s.price.cycle),
    }


def _replaced(subscription: Subscription, replacement: Replacement | NotReplaced | None) -> dict[str, Any]:
    given = replacement if isinstance(replacement, Replacement) else None
    return {
        "replaced": not isinstance(replacement, NotReplaced),
        "new_offer": given and given.offer.id,
        "new_quantity": given and given.quantity,
        "provision_on": given and given.provision_on,
        "equivalent": given and given.offer.is_equivalent_to(subscription.offer),
        "new_discontinued": given and given.offer.discontinued,
        "new_offer_name": given and given.offer.name,
        "new_monthly": given and given.offer.monthly,
        "new_extended_service": given and given.offer.extended_service,
        "new_equivalents": given and sorted(given.offer.equivalents),
    }
