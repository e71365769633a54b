"""The facts: tenants, partners, offers, terms, subscriptions, licences that were added later, replacements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, ClassVar, Final, cast

from attrs import NOTHING, define, field, frozen
from attrs import fields as attrs_fields

from . import checks
from .days import (
    DURATIONS,
    EARLIEST,
    LATEST,
    Days,
    after,
    check_day,
    duration_months,
    nth_term_start,
    utc_day,
)
from .errors import InvalidValue
from .facts import FACT_TABLE, STATUS_WORDS, Channel, Kind, Status, TermEnd, rows_of
from .money import Price
from .plain import Plain, Word, accepts
from .texts import one_of_ids, same_id

__all__ = [
    "NOT_REPLACED",
    "STATUS_WORDS",
    "Channel",
    "NotReplaced",
    "Offer",
    "Partner",
    "Replacement",
    "Role",
    "SeatWindow",
    "Status",
    "Subscription",
    "Tenant",
    "Term",
    "TermEnd",
    "Way",
    "as_windows",
    "seats_as_text",
    "seats_from_text",
]


@accepts(minimum=1, maximum=checks.MOST)
def _check_some(field: str, value: object) -> None:
    checks.count(field, value)
    if not value:
        raise InvalidValue(field, value, "a count of licences, 1 or more")


def _check_until(field: str, value: object) -> None:
    checks.instant(field, value)
    utc_day(field, value)


@frozen(kw_only=True)
class SeatWindow(Plain):
    """Licences that can be taken back until an instant (aware; UTC), whatever holds for the whole subscription.

    Raises `InvalidType` or `InvalidValue`. Source: rulebook, CXL-001.

    >>> from datetime import UTC
    >>> SeatWindow(quantity=0, until=datetime(2026, 2, 8, tzinfo=UTC))
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: quantity: 0; expected a count of licences, 1 or more
    """

    quantity: int
    until: datetime

    _checks: ClassVar = {"quantity": _check_some, "until": _check_until}

    def __attrs_post_init__(self) -> None:
        self._check_fields()


def seats_as_text(window: SeatWindow) -> str:
    """Return how many, and until when, as the cell of a table has it.

    >>> from datetime import UTC
    >>> seats_as_text(SeatWindow(quantity=5, until=datetime(2026, 2, 8, tzinfo=UTC)))
    '5 2026-02-08T00:00:00Z'
    """
    written = window.to_dict()
    return f"{written['quantity']} {written['until']}"


def seats_from_text(text: str) -> SeatWindow:
    """Return what `seats_as_text` wrote; `InvalidType` or `InvalidValue` for any other text."""
    quantity, _, until = text.partition(" ")
    # Not more digits than a count can have: Python does not convert any number of them.
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= len(str(checks.MOST))):
        raise InvalidValue("quantity", quantity, "a count of licences, 1 or more")
    return SeatWindow.from_dict({"quantity": int(quantity), "until": until})


def as_windows(value: Sequence[SeatWindow]) -> tuple[SeatWindow, ...]:
    """Return a list as a tuple; anything else as it is, to be checked."""
    return tuple(value) if isinstance(value, list) else cast("tuple[SeatWindow, ...]", value)


class Role(Word):
    """The Partner Center role of the person who carries the move out."""

    ACCOUNT_ADMIN = "account_admin"
    SALES_AGENT = "sales_agent"
    BILLING_AGENT = "billing_agent"
    ADMIN_AGENT = "admin_agent"
    HELPDESK_AGENT = "helpdesk_agent"
    GLOBAL_ADMIN = "global_admin"
    OTHER = "other"


class Way(Word):
    """A way that a subscription can go, in the order of its effort; waiting leaves all of it for later."""

    PARTNER_CENTER_TRANSFER = "partner_center_transfer"
    """The partners agree on a transfer in mid-term (PCT-001)."""
    PROVISION_THEN_EXPIRE = "provision_then_expire"
    """Provision beside the original, and let that expire."""
    EXPIRE_THEN_REBUY = "expire_then_rebuy"
    """Let the original expire, and buy again."""
    EXTEND_AND_MOVE = "extend_and_move"
    """Bridge with an extended service term, and provision in it (EST-002)."""
    CANCEL_AND_REBUY = "cancel_and_rebuy"
    """Buy again, and cancel: under a policy of what is in force, in the days in which that is refunded (CXL-001)."""
    RENEW_AND_WAIT = "renew_and_wait"
    """Let it renew, and move at the next end."""


class NotReplaced(Word):
    """The one word for *nothing replaces this subscription*; leaving a replacement out means like for like."""

    NOT_REPLACED = "not_replaced"


NOT_REPLACED = NotReplaced.NOT_REPLACED


_STOPS: Final = frozenset({TermEnd.CANCEL, TermEnd.EXPIRE})
_RUNS_ON: Final = (None, TermEnd.EXTEND)
_IN_TERM: Final = (Status.ACTIVE, Status.SUSPENDED)


def _by_row(holder: str) -> dict[str, checks.Check]:
    """Return what refuses each fact of a holder, as its row in the table of facts says."""
    return {name: row.check for name, row in rows_of(holder).items() if row.check is not None}


@frozen(kw_only=True)
class Tenant(Plain):
    """A customer's Microsoft 365 tenant, with the country set in the tenant, not where people sit.

    >>> Tenant(id="contoso", country="jp")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: country: 'jp'; expected an ISO 3166-1 alpha-2 code in capitals, such as 'JP'
    """

    id: str
    country: str

    _checks: ClassVar = {"id": checks.text, "country": checks.country}

    def __attrs_post_init__(self) -> None:
        self._check_fields()


@frozen(kw_only=True)
class Partner(Plain):
    """A CSP partner company, with the country of its CSP account.

    >>> Partner(id="fabrikam", country="JP")
    Partner(id='fabrikam', country='JP')
    """

    id: str
    country: str

    _checks: ClassVar = {"id": checks.text, "country": checks.country}

    def __attrs_post_init__(self) -> None:
        self._check_fields()


def _as_frozenset(value: Collection[str]) -> frozenset[str]:
    # A text is a collection of letters, too, but not one of ids: it stays what it is, and is refused.
    if isinstance(value, (set, list, tuple)) and all(isinstance(item, str) for item in value):
        return frozenset(value)
    return cast("frozenset[str]", value)


def _check_ids(field: str, value: object) -> None:
    checks.instance(field, value, frozenset, "a set of offer ids")
    for offer_id in cast("frozenset[object]", value):
        checks.text(field, offer_id)


@frozen(kw_only=True)
class Offer(Plain):
    """What is sold: product and SKU. `equivalents` are offer ids; the rest is None while it is not known.

    `discontinued`: no longer sold. `monthly`: also sold in monthly terms. `extended_service`: whether extended
    service terms are for it; they are not for software, reservations, and third parties' offers (EST-004).

    An equivalence counts whichever of the two offers declares it, and every offer is equivalent to itself.

    >>> old = Offer(id="E1", name="Office 365 E1", equivalents={"E3"})
    >>> old.is_equivalent_to(Offer(id="E3")), Offer(id="E3").is_equivalent_to(old)
    (True, True)
    """

    id: str
    name: str = ""
    discontinued: bool | None = None
    equivalents: frozenset[str] = field(default=frozenset(), converter=_as_frozenset)
    monthly: bool | None = None
    extended_service: bool | None = None

    _checks: ClassVar = _by_row("subscription.offer") | {"equivalents": _check_ids}

    def __attrs_post_init__(self) -> None:
        self._check_fields()

    @property
    def title(self) -> str:
        """What to call it: its name, or its id while it has none."""
        return self.name or self.id

    def is_equivalent_to(self, other: Offer) -> bool:
        """Tell whether the two are one offer, or declared like-for-like successors on either side."""
        declared = one_of_ids(other.id, self.equivalents) or one_of_ids(self.id, other.equivalents)
        return declared or same_id(self.id, other.id)


@frozen(kw_only=True)
class Term(Days):
    """A term, first to last day, **both inclusive, UTC**: it is over at 00:00 UTC of the day after its last.

    Raises `InvalidValue` for a last day before the first, and for days outside 2000-01-01 to 8999-12-31
    (year 9999 is how the service spells "never": no licence term). Source: rulebook, words.

    >>> Term.starting(date(2025, 4, 1), "P1Y") == Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
    True
    """

    _checks: ClassVar = _by_row("subscription.term")

    def __attrs_post_init__(self) -> None:
        self._check_fields()
        Days.__attrs_post_init__(self)

    @classmethod
    def starting(cls, first_day: date, duration: str) -> Term:
        """Return the term of that duration (P1M, P1Y or P3Y), clamped to the month: it ends the day before.

        >>> Term.starting(date(2023, 1, 31), "P1M").last_day
        datetime.date(2023, 2, 27)
        """
        check_day("first_day", first_day)
        next_start = nth_term_start(first_day, duration_months("duration", duration))
        return cls(first_day=first_day, last_day=after(next_start, -1))


def _check_windows(field: str, value: object) -> None:
    checks.instance(field, value, tuple, "a tuple of SeatWindow")
    for n, window in enumerate(cast("tuple[object, ...]", value)):
        checks.instance(f"{field}[{n}]", window, SeatWindow)


@define(eq=False)
class Profile:
    """What decides about a subscription apart from days and counts: one object for all that are alike."""

    facts: tuple[Any, ...]
    renewed: Profile | None = None
    """The profile once its term is over and it has renewed; None until somebody has asked."""


# More than anybody's customers have; a reader of made-up facts must not fill the memory.
_profile_of: Final = lru_cache(maxsize=4096)(Profile)
_few_facts: Final = attrgetter(
    *(
        row.held.removeprefix("subscription.")
        for row in FACT_TABLE
        if row.kind in (Kind.FLAG, Kind.WORD) and row.holder in ("subscription", "subscription.offer")
    )
)
"""The facts of which there are only a few values."""


class _WithProfile:
    __slots__ = ("_profile",)  # beside the facts: not part of the value
    _profile: Profile


@frozen(kw_only=True)
class Subscription(_WithProfile, Plain):
    """An offer × a licence count × a term, with auto-renew on or off and a status.

    The rest is optional, and None always means *not known*:

    - `assigned`: licences that users hold; `name`: what the customer calls it; `parent`: the id of the
      subscription that this one is an add-on of; `trial`; `legacy`: not a new-commerce subscription.
    - `anchor`: first day of the very first term, from which renewals step; the term's first day otherwise.
    - `renewal_duration`: of the next terms (P1M, P1Y, P3Y); otherwise as long as this term, unless
      `length_known` is False: then first to last day may be several terms, whose renewals cannot be dated.
    - `at_term_end`: what is scheduled for the end of the term; it wins over `auto_renew`.
    - `cancellation_allowed_until`: the instant that the service gives (aware; UTC).
    - `canceled_on`: the day of the cancellation, for the status CANCELED.
    - `price`: what one licence costs, for estimates.
    - `extended`: it is in an extended service term, which goes on by the month until it is ended (EST-005).
    - `mid_term`: what is scheduled for a day of its own, not for the end of the term; `mid_term_on`: that day.
    - `doubted_last_day`: the term's last day by another reading of what the service gives, later than `term` says.
    - `window_known`: False where no cancellation window follows from the days: a third party's offer has rules of
      its own, and an upgraded subscription has its parent's window.
    - `seat_windows`: licences that were added later, and until when they can be taken back.

    Raises `InvalidType` or `InvalidValue`, naming the field, the value and what is accepted.
    Source: rulebook, words; parts B and C for the optional facts.

    >>> basic = Offer(id="CFQ7TTC0LH18:0001", name="Microsoft 365 Business Basic")
    >>> year = Term.starting(date(2025, 4, 1), "P1Y")
    >>> Subscription(id="83ef9d05", offer=basic, quantity=True, term=year, auto_renew=True)
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidType: quantity: True; expected a count of licences, 0 or more
    """

    id: str
    offer: Offer
    quantity: int
    term: Term
    auto_renew: bool
    channel: Channel = Channel.CSP
    status: Status = Status.ACTIVE
    assigned: int | None = None
    name: str = ""
    trial: bool = False
    legacy: bool = False
    parent: str | None = None
    anchor: date | None = None
    renewal_duration: str | None = None
    length_known: bool = True
    at_term_end: TermEnd | None = None
    cancellation_allowed_until: datetime | None = None
    canceled_on: date | None = None
    price: Price | None = None
    extended: bool = False
    mid_term: TermEnd | None = None
    mid_term_on: date | None = None
    doubted_last_day: date | None = None
    window_known: bool = True
    seat_windows: tuple[SeatWindow, ...] = field(default=(), converter=as_windows)

    _checks: ClassVar = _by_row("subscription") | {
        "offer": checks.one_of(Offer),
        "term": checks.one_of(Term),
        "price": checks.optional(checks.one_of(Price)),
        "seat_windows": _check_windows,
    }

    def __attrs_post_init__(self) -> None:
        # Nearly always all is in order, and little given that is optional: to ask each check takes long.
        types = tuple(map(type, _every_fact(self)))
        ordinary = types == _ORDINARY or (types == _AS_READ and self._renews_from_its_anchor())
        if not ordinary or self.seat_windows or not 0 <= self.quantity <= checks.MOST:
            for name, check in _EVERY_CHECK:
                check(name, getattr(self, name))
            checks.refuse(self._contradictions())
        else:
            checks.text("id", self.id)

    def _renews_from_its_anchor(self) -> bool:
        """Tell whether it is in order from when and how it renews, both given."""
        return (
            self.renewal_duration in DURATIONS and EARLIEST <= (self.anchor or LATEST) <= self.term.first_day
        )

    def _contradictions(self) -> Iterator[InvalidValue]:
        """Yield what cannot be true together."""
        if self.parent is not None and same_id(self.parent, self.id):
            yield InvalidValue("parent", self.parent, "the id of another subscription")
        if self.anchor is not None and self.anchor > self.term.first_day:
            yield InvalidValue("anchor", self.anchor, f"a day up to {self.term.first_day}, the first day")
        if self.mid_term_on is not None and self.mid_term is None:
            yield InvalidValue("mid_term_on", self.mid_term_on, "no day unless mid_term says what happens")
        if self.doubted_last_day is not None and self.doubted_last_day <= self.term.last_day:
            accepted = f"a day after {self.term.last_day}, the last day"
            yield InvalidValue("doubted_last_day", self.doubted_last_day, accepted)
        if self.canceled_on is None:
            return
        if self.status is not Status.CANCELED:
            yield InvalidValue("canceled_on", self.canceled_on, "no day unless the status is canceled")
        elif self.canceled_on not in self.term:
            days = f"{self.term.first_day} to {self.term.last_day}"
            yield InvalidValue("canceled_on", self.canceled_on, f"a day of the term, {days}")

    @property
    def profile(self) -> Profile:
        """What decides about it apart from days and counts; the same object for all that are alike."""
        try:
            return self._profile
        except AttributeError:
            assigned = self.assigned
            seats = assigned and (1 if self.quantity >= assigned else 2)
            profile = _profile_of((*_few_facts(self), self.canceled_on is None, seats))
            object.__setattr__(self, "_profile", profile)
            return profile

    @property
    def runs_on(self) -> bool:
        """Whether it is in an extended service term that has no end of its own, as nothing else is scheduled."""
        return self.extended and self.at_term_end in _RUNS_ON and self.status in _IN_TERM and not self.trial

    @property
    def goes_on(self) -> bool:
        """Whether it goes on after its last day unless somebody acts: what is scheduled, else auto-renew."""
        scheduled = self.at_term_end
        return self.auto_renew if scheduled is None else scheduled not in _STOPS

    @property
    def end_of_term(self) -> TermEnd:
        """What happens at the end of the term as things stand: what is scheduled, else as auto-renew says."""
        if self.at_term_end is not None:
            return self.at_term_end
        return TermEnd.RENEW if self.auto_renew else TermEnd.EXPIRE


_FACTS: Final = attrs_fields(Subscription)
_EVERY_CHECK: Final = tuple((fact.name, Subscription._checks[fact.name]) for fact in _FACTS)
"""In the order of the facts, of which one that has no row is found out here."""
_EVERY_NAME: Final = [fact.name for fact in _FACTS]
_every_fact: Final = attrgetter(*_EVERY_NAME)
_TYPES: Final = {"offer": Offer, "term": Term} | {
    name: row.holds for name, row in rows_of("subscription").items()
}
_ORDINARY: Final = tuple(
    _TYPES[fact.name] if fact.default is NOTHING else type(fact.default) for fact in _FACTS
)
"""The types of a subscription of which nothing optional is known."""
_AS_READ: Final = tuple(
    {"anchor": date, "renewal_duration": str}.get(name, kind)
    for name, kind in zip(_EVERY_NAME, _ORDINARY, strict=True)
)
"""The same of one of which it is known from when and how it renews, as a payload nearly always says."""


@frozen(kw_only=True)
class Replacement(Plain):
    """What the destination partner provisions instead, and on which day; None: the day the plan recommends.

    >>> Replacement(offer=Offer(id="E3"), quantity=25, provision_on=date(2026, 4, 10)).quantity
    25
    """

    offer: Offer
    quantity: int
    provision_on: date | None = None

    _checks: ClassVar = {
        "offer": checks.one_of(Offer),
        "quantity": checks.count,
        "provision_on": checks.optional(check_day),
    }

    def __attrs_post_init__(self) -> None:
        self._check_fields()
