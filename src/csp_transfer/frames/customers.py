"""A table of many customers: their transfers out of it, and their deadlines as a table again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from .. import checks
from ..catalogue import check_language, label
from ..errors import InvalidData, InvalidType, InvalidValue, PayloadError, Problem
from ..model import Partner, Tenant
from ..phrases import subjects_of, who
from ..plain import problems_in
from ..plan import Plan
from ..portfolio import Portfolio
from ..steps import ALL, Selection
from ..texts import id_key
from ..transfer import Transfer
from .columns import OF_THE_CUSTOMER, Kind
from .mapping import ColumnMapping, MappedColumn
from .reading import check_backend, frame_of
from .values import ReadRow, read_rows, rows_in

__all__ = ["deadlines", "portfolio_of"]


def portfolio_of(
    frame: object,
    *,
    destination: Partner,
    customer: str | None = None,
    country: str | None = None,
    columns: Mapping[str, str] | ColumnMapping | None = None,
) -> tuple[Transfer, ...]:
    """Return the transfers of all customers in a frame, in the order of their first rows: for `plan_portfolio`.

    One subscription a row; `customer` is the column of the customers' ids, `country` that of their countries, or one
    code for all. Each is told by `columns`, too, in which all others are as for `values_of`; a lazy frame is computed.
    What else is known of a customer is added to the transfer: `transfer.evolve(relationship_accepted=True)`.

    Raises `PayloadError` with every problem of every row, and of every customer: two countries, a subscription twice.
    `InvalidType` or `InvalidValue` for a frame or a column that cannot be used, and `InvalidData` for several.
    Source: none.

    >>> import polars as pl
    >>> from datetime import date
    >>> rows = pl.DataFrame({"id": ["b", "c"], "offer": ["B", "B"], "quantity": [25, 3], "auto_renew": ["On", "Off"],
    ...                      "first_day": [date(2025, 4, 1)] * 2, "last_day": [date(2026, 3, 31)] * 2,
    ...                      "Tenant": ["contoso", "adatum"]})
    >>> fabrikam = Partner(id="fabrikam", country="JP")
    >>> [move.customer.id for move in portfolio_of(rows, destination=fabrikam, customer="Tenant", country="JP")]
    ['contoso', 'adatum']
    """
    checks.one_of(Partner)("destination", destination)
    table = rows_in(frame)
    told = {} if customer is None else {"customer": customer}
    code = _code(country, table.columns)
    if country is not None and code is None:
        told["country"] = country
    of_whom = tuple(spec for spec in OF_THE_CUSTOMER if code is None or spec.name != "country")
    found, problems, sources = read_rows(table, _with(columns, told), of_whom)
    of_each: dict[str, list[ReadRow]] = {}
    for row in found:
        of_each.setdefault(id_key(row.facts["customer"]), []).append(row)
    transfers: list[Transfer] = []
    for rows in of_each.values():
        wrong = [] if code is not None else list(_countries(rows, sources["country"]))
        problems += wrong
        if not wrong:
            whose = rows[0].facts["customer"]
            try:
                transfers.append(_transfer(rows, whose, code or rows[0].facts["country"], destination))
            except (InvalidData, InvalidType, InvalidValue) as error:
                item = f"customer {whose!r}"
                problems += (Problem(item, e.field, e.value, e.accepted) for e in problems_in(error))
    if problems:
        raise PayloadError(tuple(problems))
    return tuple(transfers)


def _code(country: str | None, own: list[str]) -> str | None:
    """Return what is a country's code, and not the name of a column."""
    try:
        checks.country("country", country)
    except (InvalidType, InvalidValue):
        return None
    return None if country in own else country


def _with(
    columns: Mapping[str, str] | ColumnMapping | None, told: Mapping[str, str]
) -> Mapping[str, str] | ColumnMapping:
    """Return the columns that are told, beside all others."""
    if not isinstance(columns, ColumnMapping):
        return {**(columns or {}), **told}
    kept = tuple(column for column in columns.columns if column.fact not in told)
    more = tuple(MappedColumn(fact=fact, source=source, given=True) for fact, source in told.items())
    return columns.evolve(columns=(*kept, *more))


def _countries(rows: list[ReadRow], source: str) -> Iterator[Problem]:
    """Yield what is wrong with the country of a customer's rows."""
    first = rows[0]
    for row in rows:
        country = row.facts["country"]
        try:
            checks.country(source, country)
        except InvalidValue as error:
            yield Problem(row.item, error.field, error.value, error.accepted)
            continue
        if country != first.facts["country"]:
            accepted = f"{first.facts['country']!r}, as {first.item} of the same customer has"
            yield Problem(row.item, source, country, accepted)


def _transfer(rows: list[ReadRow], customer: str, country: str, destination: Partner) -> Transfer:
    return Transfer(
        customer=Tenant(id=customer, country=country),
        destination=destination,
        subscriptions=tuple(row.subscription for row in rows),
        replacements={row.subscription.id: row.replacement for row in rows if row.replacement is not None},
    )


_DEADLINE: Final = {
    "day": Kind.DAY,
    "days_left": Kind.COUNT,
    "customer": Kind.TEXT,
    "id": Kind.TEXT,
    "name": Kind.NAME,
    "action": Kind.TEXT,
    "actor": Kind.TEXT,
    "recommended": Kind.DAY,
    "doubted_day": Kind.DAY,
    "unless_transferred": Kind.FLAG,
    "cautions": Kind.NAME,
    "rule": Kind.TEXT,
}


def deadlines(
    result: Plan | Portfolio, *, lang: str = "en", backend: str = "polars", select: Selection = ALL
) -> Any:
    """Return the deadlines of a plan or a portfolio as a frame, one a row, by day: what is to be done, by whom.

    `day` is the last UTC day, inclusive: the earlier one where two readings differ, and `doubted_day` the later one.
    `name` is what the customer calls the subscription; `action` and `actor` are words in "en" or "ja", all names of
    columns are the same in both. `id` has the ids of all subscriptions that it is for, ", " between; `cautions` are
    the rules that put the day in doubt. Backends: duckdb, pandas, polars, pyarrow. A blocked plan has no deadlines.
    `select` takes a part of them: by whom, what, on which days.
    Raises `InvalidType` or `InvalidValue`. Source: each row names its rule.

    >>> from datetime import date
    >>> import csp_transfer as csp
    >>> mail = csp.Subscription(id="m", offer=csp.Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                         term=csp.Term.starting(date(2025, 4, 1), "P1Y"), name="Mail")
    >>> move = csp.Transfer(customer=csp.Tenant(id="contoso", country="JP"), subscriptions=(mail,),
    ...                     destination=csp.Partner(id="fabrikam", country="JP"), relationship_accepted=True)
    >>> plan = csp.plan_transfer(move, as_of=date(2026, 3, 1))
    >>> deadlines(plan, lang="ja").select("day", "name", "action", "actor").rows()[0]
    (datetime.date(2026, 3, 31), 'Mail', '自動更新をオフにする', '移行元パートナー')
    >>> deadlines(plan, select=csp.Selection(first_day=date(2026, 4, 1)))["action"].to_list()
    ['Buy the new subscription']
    """
    checks.instance("result", result, (Plan, Portfolio))
    check_language(lang)
    check_backend(backend)
    checks.instance("select", select, Selection)
    plans = (result,) if isinstance(result, Plan) else result.plans
    rows = sorted((row for plan in plans for row in _rows(plan, lang, select)), key=itemgetter("day"))
    return frame_of({name: [row[name] for row in rows] for name in _DEADLINE}, _DEADLINE, backend)


def _rows(plan: Plan, lang: str, select: Selection) -> Iterator[dict[str, Any]]:
    names = plan._names(lang)
    for deadline in filter(select.has, plan.deadlines):
        yield {name: getattr(deadline, name, None) for name in _DEADLINE} | {
            "customer": plan.transfer.customer.id,
            "id": ", ".join(deadline.subjects or (deadline.subject,)),
            "name": subjects_of(deadline, names, lang),
            "action": label(deadline.action, lang),
            "actor": who(deadline, lang),
            "cautions": ", ".join(deadline.cautions),
        }
