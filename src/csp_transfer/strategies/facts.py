"""Facts that can be: what a caller hands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, wraps
from itertools import pairwise
from typing import Any, Final, ParamSpec, TypeVar

import attrs
from hypothesis import strategies as st

from ..errors import InvalidValue
from ..facts import FactRow, Kind, rows_of
from ..model import (
    NOT_REPLACED,
    Offer,
    Partner,
    Replacement,
    Role,
    SeatWindow,
    Status,
    Subscription,
    Tenant,
    Term,
    TermEnd,
)
from ..money import Cycle, Money, Price
from ..policy import GRACE_DAYS, GUIDE, HISTORIES, IN_FORCE, History, Policy, Since
from ..transfer import Transfer

__all__ = [
    "days",
    "kept",
    "money",
    "offers",
    "partners",
    "policies",
    "prices",
    "questions",
    "replacements",
    "seat_windows",
    "subscriptions",
    "tenants",
    "terms",
    "transfers",
]

P = ParamSpec("P")
T = TypeVar("T")
Given = Any  # a value, or a strategy for one
S = st.SearchStrategy

FIRST_DAY: Final = GRACE_DAYS.first_day
LAST_DAY: Final = date(2040, 12, 31)
_DURATIONS: Final = st.sampled_from(rows_of("subscription")["renewal_duration"].vocabulary)
_IDS: Final = st.uuids().map(str)
_COUNTRIES: Final = st.sampled_from(("JP", "KR", "DE", "FR", "US", "RU"))  # the last one is in no region
_COUNTS: Final = st.integers(0, 500)
_CURRENCIES: Final = st.sampled_from(("EUR", "JPY", "KWD"))  # of hundredths, whole, and thousandths
_OFFER_IDS: Final = st.sampled_from(("CFQ7TTC0LH18:0001", "CFQ7TTC0LCHC:0002", "CFQ7TTC0HBS1:0003"))


def kept(make: Callable[P, S[T]]) -> Callable[P, S[T]]:
    """Return the same strategy each time that nothing is given.

    Hypothesis looks through all parts of a strategy before it draws from it, and that takes longer than to draw.
    """
    of_anything = cache(make)

    @wraps(make)
    def strategy(*args: P.args, **given: P.kwargs) -> S[T]:
        return make(*args, **given) if args or given else of_anything()

    return strategy


def strategy_of(given: Given) -> S[Any]:
    return given if isinstance(given, S) else st.just(given)


def _with(defaults: Mapping[str, S[Any]], given: Mapping[str, Given], what: str) -> dict[str, S[Any]]:
    for name in given:
        if name not in defaults:
            raise InvalidValue(what, name, f"one of {', '.join(defaults)}")
    return {**defaults, **{name: strategy_of(value) for name, value in given.items()}}


def _builds(cls: Callable[..., T], given: Mapping[str, Given], **defaults: S[Any]) -> S[T]:
    return st.fixed_dictionaries(_with(defaults, given, cls.__name__)).map(lambda facts: cls(**facts))


def _every_fact(cls: type[Any], holder: str, own: Mapping[str, S[Any]]) -> dict[str, S[Any]]:
    """Return a strategy for every fact of a class: its own, or whatever its row says that it may be."""
    rows = rows_of(holder)
    return {f.name: own[f.name] if f.name in own else _whatever(rows[f.name]) for f in attrs.fields(cls)}


def _whatever(row: FactRow) -> S[Any]:
    drawn = st.sampled_from([*row.vocabulary]) if row.vocabulary else _OF_KIND[row.kind]()
    return drawn if row.required or row.default is not None else st.none() | drawn


# ---- facts ---------------------------------------------------------------------------------------------------------


def days(first_day: date = FIRST_DAY, last_day: date = LAST_DAY) -> S[date]:
    """Return days on which every policy answers, or those between two."""
    return st.dates(first_day, last_day)


@kept
def tenants(**given: Given) -> S[Tenant]:
    """Return customer tenants, in several regions, and in a country that is in none."""
    return _builds(Tenant, given, id=_IDS, country=_COUNTRIES)


@kept
def partners(**given: Given) -> S[Partner]:
    """Return partners, in several regions, and in a country that is in none."""
    return _builds(Partner, given, id=_IDS, country=_COUNTRIES)


@kept
def offers(**given: Given) -> S[Offer]:
    """Return offers, few enough that two are often the same or equivalent."""
    own: dict[str, S[Any]] = {
        "id": _OFFER_IDS,
        "name": st.sampled_from(("", "Business Basic")),
        "equivalents": st.frozensets(_OFFER_IDS, max_size=2),
    }
    return _builds(Offer, given, **_every_fact(Offer, "subscription.offer", own))


@kept
def terms(first_days: S[date] | None = None) -> S[Term]:
    """Return terms of the durations that licences have, and of any other length up to 1,201 days."""
    starts = days() if first_days is None else first_days

    def of_any_length(first_day: date, length: int) -> Term:
        return Term(first_day=first_day, last_day=first_day + timedelta(days=length))

    return st.builds(Term.starting, starts, _DURATIONS) | st.builds(
        of_any_length, starts, st.integers(0, 1200)
    )


@kept
def prices(**given: Given) -> S[Price]:
    """Return prices of one licence, in currencies of all three sizes of smallest unit."""
    amounts = st.decimals(0, 10_000, places=2)
    return _builds(Price, given, amount=amounts, currency=_CURRENCIES, cycle=st.sampled_from(Cycle))


@kept
def money(**given: Given) -> S[Money]:
    """Return amounts, below nothing too."""
    amounts = st.decimals(Decimal(-1_000_000), 1_000_000, places=6)
    return _builds(Money, given, amount=amounts, currency=_CURRENCIES)


_ANCHORED: Final = st.none() | st.integers(0, 1500)
_CANCELED: Final = st.none() | st.integers(0, 1500)


@st.composite
def _subscriptions(draw: st.DrawFn, given: Mapping[str, Given], facts: S[dict[str, Any]]) -> Subscription:
    drawn = draw(facts)
    term = drawn["term"]
    if "anchor" not in given:
        before = draw(_ANCHORED)
        drawn["anchor"] = None if before is None else term.first_day - timedelta(days=before)
    if "canceled_on" not in given:
        into = draw(_CANCELED)
        if into is not None and drawn["status"] is Status.CANCELED:
            drawn["canceled_on"] = min(term.first_day + timedelta(days=into), term.last_day)
    if "mid_term_on" not in given and drawn["mid_term"] is not None:
        drawn["mid_term_on"] = draw(_ANY_DAY)
    if "doubted_last_day" not in given and draw(_SELDOM):
        drawn["doubted_last_day"] = term.last_day + timedelta(days=1)
    return Subscription(**drawn)


_ANY_DAY: Final = st.none() | days()
_SELDOM: Final = st.sampled_from((False, False, False, True))
_APART: Final = st.none() | st.none() | st.none() | st.sampled_from(TermEnd)


def _instants() -> S[datetime]:
    return st.datetimes(
        datetime(FIRST_DAY.year, 1, 1),  # noqa: DTZ001 - the zone is added
        datetime(LAST_DAY.year, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    )


_OF_KIND: Final[Mapping[Kind, Callable[[], S[Any]]]] = {
    Kind.COUNT: lambda: _COUNTS,
    Kind.DAY: days,
    Kind.FLAG: st.booleans,
    Kind.INSTANT: _instants,
    Kind.NAME: lambda: st.sampled_from(("", "Mail | for\nOsaka")),
    Kind.TEXT: lambda: _IDS,
}


@kept
def seat_windows(**given: Given) -> S[SeatWindow]:
    """Return licences that were added, and until when they can be taken back."""
    return _builds(SeatWindow, given, quantity=st.integers(1, 500), until=_instants())


@kept
def subscriptions(**given: Given) -> S[Subscription]:
    """Return subscriptions: any fact beside any other, as far as both can be true; without a price."""
    simplest_first = sorted(Status, key=lambda status: status is not Status.ACTIVE)
    own: dict[str, S[Any]] = {
        "offer": offers(),
        "term": terms(),
        "status": st.sampled_from(simplest_first),
        "price": st.none(),
        "extended": _SELDOM,
        "mid_term": _APART,
        "seat_windows": st.just(()) | st.tuples(seat_windows()),
        # These are drawn when the term is known, and what is scheduled.
        **dict.fromkeys(("anchor", "canceled_on", "mid_term_on", "doubted_last_day"), st.none()),
    }
    defaults = _every_fact(Subscription, "subscription", own)
    return _subscriptions(given, st.fixed_dictionaries(_with(defaults, given, "Subscription")))


@kept
def replacements(**given: Given) -> S[Replacement]:
    """Return what is provisioned instead, on a day or on the one that the plan recommends."""
    return _builds(Replacement, given, offer=offers(), quantity=_COUNTS, provision_on=st.none() | days())


_CHOSEN: Final = st.lists(st.none() | replacements() | st.just(NOT_REPLACED), max_size=4)
_OTHERS: Final = st.none() | st.integers(0, 400)


@st.composite
def _transfers(draw: st.DrawFn, given: Mapping[str, Given], facts: S[dict[str, Any]]) -> Transfer:
    drawn = draw(facts)
    moved = list(drawn["subscriptions"])
    if "subscriptions" not in given and draw(st.booleans()):  # each an add-on of the one before it
        moved = [moved[0], *(s.evolve(parent=base.id.upper()) for base, s in pairwise(moved))]
    if "replacements" not in given:
        chosen = zip(moved, draw(_CHOSEN), strict=False)
        drawn["replacements"] = {
            s.id: NOT_REPLACED if s.trial else replacement
            for s, replacement in chosen
            if replacement is not None
        }
    if "tenant_subscriptions" not in given:
        others = draw(_OTHERS)
        active = sum(s.status is Status.ACTIVE for s in moved)
        drawn["tenant_subscriptions"] = None if others is None else active + others
    drawn["subscriptions"] = tuple(moved)
    return Transfer(**drawn)


@kept
def transfers(**given: Given) -> S[Transfer]:
    """Return moves of up to four subscriptions, some of them blocked, some into another tenant, some with add-ons."""
    country = st.sampled_from(("JP", "KR", "DE", "FR", "RU"))
    each = subscriptions(canceled_on=None)  # which must not lie after the day that a plan is made for
    defaults: dict[str, S[Any]] = {
        "customer": tenants(id="contoso", country=country),
        "destination": partners(id="fabrikam", country=country),
        "subscriptions": st.lists(each, min_size=1, max_size=4, unique_by=lambda s: s.id),
        "replacements": st.none(),  # drawn when the subscriptions are known
        "target_tenant": st.none() | tenants(id="newco", country="JP"),
        "delegated_admin": st.none() | st.booleans(),
        "relationship_accepted": st.just(True),  # so that days in the past may be drawn
        "source": st.none() | partners(id="northwind", country="JP"),
        "role": st.none() | st.sampled_from(Role),
        "keeps_source_partner": st.booleans(),
        "unread": st.sampled_from((0, 0, 1, 5)),
        "tenant_subscriptions": st.none(),
        "agreement_accepted": st.none() | days(),
    }
    return _transfers(given, st.fixed_dictionaries(_with(defaults, given, "Transfer")))


@kept
def policies() -> S[Policy]:
    """Return both policies, and what-ifs of either: other numbers, and records that are announced."""
    numbers = st.dictionaries(
        st.sampled_from(("grace_days", "suspended_days", "disabled_days", "backup_days", "most_duplicates")),
        st.integers(0, 400),
        max_size=2,
    )
    announced = st.lists(st.sampled_from(HISTORIES).flatmap(_records), max_size=2)
    return st.builds(_what_if, st.sampled_from((GUIDE, IN_FORCE)), numbers, announced)


def _records(history: History) -> S[tuple[History, Since]]:
    """Return further records of a history: the value of another day, by the rule of that day."""
    return st.builds(
        lambda day, value: (history, history.in_force(day).evolve(from_day=day, value=value)),
        st.dates(history.first_day, LAST_DAY),
        st.integers(0, 400),
    )


def _what_if(policy: Policy, numbers: dict[str, int], announced: list[tuple[History, Since]]) -> Policy:
    for history, record in announced:
        policy = policy.with_record(history, record)
    return policy.evolve(**numbers)


_DAYS_FROM_AN_END: Final = st.integers(-400, 160)


@st.composite
def _questions(draw: st.DrawFn, moves: S[Transfer]) -> tuple[Transfer, date]:
    move = draw(moves)
    near = draw(st.sampled_from(move.subscriptions)).term.last_day
    return move, max(near + timedelta(days=draw(_DAYS_FROM_AN_END)), FIRST_DAY)


@kept
def questions(**given: Given) -> S[tuple[Transfer, date]]:
    """Return what a plan can be asked: a move, and a day not far from the end of one of its terms."""
    return _questions(transfers(**given))
