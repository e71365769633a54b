"""From a payload, or from values of the package, to a frame that `assess` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import narwhals as nw

from .. import checks
from ..errors import InvalidValue
from ..model import NotReplaced, Replacement, Subscription, seats_as_text
from ..partner_center import read as read_payload
from ..plain import Word
from ..texts import IdMap, decimal_text
from .columns import INPUTS, SHOWN, Input, Kind
from .parts import needs_arrow

__all__ = ["check_backend", "frame_of", "of", "read"]

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
    check_backend(backend)
    subscriptions = tuple(subscriptions)
    for one in subscriptions:
        checks.instance("subscriptions", one, Subscription)
    ids = (s.id for s in subscriptions)
    given = IdMap(checks.by_id("replacements", replacements or {}, ids, "ids of the subscriptions"))
    moved = [(s, given.get(s.id)) for s in subscriptions]
    columns = {spec.name: _column(spec, moved) for spec in (*INPUTS, *SHOWN)}
    return frame_of(columns, {spec.name: spec.kind for spec in (*INPUTS, *SHOWN)}, backend)


def check_backend(backend: str) -> None:
    """Refuse an engine of which no frame can be made here."""
    if backend not in _BACKENDS:
        raise InvalidValue("backend", backend, f"one of {', '.join(_BACKENDS)}")


def frame_of(columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, Kind], backend: str) -> Any:
    """Return columns as a frame of an engine, each of the type that its kind has."""
    schema = {name: _TYPES[kind] for name, kind in kinds.items()}
    if backend == "polars":
        return nw.from_dict(columns, schema, backend="polars").to_native()
    with needs_arrow():
        table: Any = nw.from_dict(columns, schema, backend="pyarrow")
    if backend in ("pyarrow", "duckdb"):
        return (table if backend == "pyarrow" else table.lazy(backend)).to_native()
    pandas = nw.Implementation.PANDAS.to_native_namespace()
    return table.to_native().to_pandas(types_mapper=pandas.ArrowDtype)


_Moved = tuple[Subscription, Replacement | NotReplaced | None]


def _column(spec: Input, moved: Sequence[_Moved]) -> list[Any]:
    """Return a fact of every subscription, or of what replaces it, as a column has it."""
    if not spec.held:
        return [_WORKED_OUT[spec.name](*one) for one in moved]
    fact = spec.reader
    if spec.held.startswith("subscription."):
        found = [fact(s) for s, _ in moved]
    else:
        found = [fact(new) if isinstance(new, Replacement) else None for _, new in moved]
    return [_written(one) for one in found] if spec.kind in _WRITTEN else found


def _equivalent(subscription: Subscription, new: Replacement | NotReplaced | None) -> bool | None:
    return new.offer.is_equivalent_to(subscription.offer) if isinstance(new, Replacement) else None


_WORKED_OUT: Final[Mapping[str, Callable[..., bool | None]]] = {
    "replaced": lambda _, new: not isinstance(new, NotReplaced),
    "equivalent": _equivalent,
}


_WRITTEN: Final = (Kind.TEXT, Kind.TEXTS, Kind.WORD)


def _written(fact: Any) -> Any:
    """Return a fact as the text, or the texts, that a column has for it."""
    if fact is None or isinstance(fact, str):
        return fact
    if isinstance(fact, Word):
        return str(fact)
    if isinstance(fact, Decimal):
        return decimal_text(fact)
    if isinstance(fact, frozenset):
        return sorted(fact)
    return [seats_as_text(window) for window in fact]
