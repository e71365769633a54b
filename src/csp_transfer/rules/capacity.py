"""How many subscriptions a tenant takes, who gets a place when, and which way a customer goes (CAP-001 to CAP-003)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import heappop, heappush
from typing import Final, NamedTuple

from attrs import frozen

from .. import checks
from ..catalogue import Severity, rule
from ..days import EARLIEST, LATEST, after, utc_day
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..model import NOT_REPLACED, Replacement, Status, Subscription
from ..plain import Word
from ..policy import (
    EXTENDED_PERCENT,
    EXTENDED_PERCENT_WITHOUT_MONTHLY,
    GRACE_DAYS,
    GUIDE,
    MOST_DUPLICATES,
    TENANT_SUBSCRIPTIONS,
    Policy,
)
from ..texts import id_key
from ..transfer import Transfer
from .eligibility import already_sold
from .lifecycle import GraceWindow, is_lost
from .terms import UNCLEAR, held_until, is_held, running_term

__all__ = [
    "METHODS",
    "Capacity",
    "Entering",
    "Method",
    "Places",
    "Room",
    "duplicates_check",
    "entering",
    "is_long_over",
    "is_moved",
    "least_in_each",
    "least_in_tenant",
    "no_place",
    "no_sure_window",
    "not_all_read",
    "tenant_room",
    "too_early",
    "transfer_method",
    "uninterrupted",
    "waits_for_place",
]


class Method(Word):
    """The way a customer's subscriptions go, taken together."""

    OVERLAP = "overlap"
    EXPIRE_THEN_REPURCHASE = "expire_then_repurchase"


METHODS: Final[DecisionTable[tuple[Method, str]]] = DecisionTable(
    "methods",
    "The method, and what CAP-001 says: each count against the most duplicates that the policy allows.",
    {"active": ("at most", "more"), "active_and_unsure": ("at most", "more")},
    (
        case(
            "duplicates fit",
            "CAP-001",
            (Method.OVERLAP, "within"),
            active="at most",
            active_and_unsure="at most",
        ),
        case(
            "they may not fit",
            "CAP-001",
            (Method.OVERLAP, "not-sure"),
            active="at most",
            active_and_unsure="more",
        ),
        case("too many to duplicate", "CAP-001", (Method.EXPIRE_THEN_REPURCHASE, "over"), active="more"),
    ),
)


@frozen(kw_only=True)
class Capacity(Reasoned):
    """The method for a customer's subscriptions, and the count that it rests on."""

    method: Method
    active: int


def transfer_method(
    subscriptions: Iterable[Subscription], *, as_of: date | None = None, policy: Policy = GUIDE
) -> Method:
    """Return the method for subscriptions of one customer that are all moved within their own tenant.

    Up to 150 may be duplicated; with more, the originals expire first and are bought again in the grace
    window. Only active ones count that have licences and are no trials; with `as_of`, a UTC day, those whose
    term has been over for more than 30 days on that day do not count either. Raises `InvalidType` for anything but
    subscriptions. Source: guide#over-150 (CAP-001).

    >>> from datetime import date
    >>> from csp_transfer import Offer, Term
    >>> one = Subscription(id="s", offer=Offer(id="B"), quantity=5, auto_renew=True,
    ...                    term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> print(transfer_method([one] * 150), transfer_method([one] * 151))
    overlap expire_then_repurchase
    """
    return duplicates_check(subscriptions, "", as_of=as_of, policy=policy).method


def duplicates_check(
    subscriptions: Iterable[Subscription],
    subject: str,
    *,
    unread: int = 0,
    as_of: date | None = None,
    policy: Policy = GUIDE,
) -> Capacity:
    """Decide CAP-001 for what the customer `subject` moves within its own tenant; see `transfer_method`.

    Subscriptions of unknown status, or that could not be read, are named where they would tip the balance.
    Source: guide#over-150.
    """
    checks.instance("subscriptions", subscriptions, Iterable, "subscriptions")
    today = None if as_of is None else utc_day("as_of", as_of)
    active, unsure, last_day = 0, unread, policy.history(MOST_DUPLICATES).first_day
    for n, subscription in enumerate(subscriptions):
        checks.instance(f"subscriptions[{n}]", subscription, Subscription)
        if subscription.trial or not subscription.quantity:
            continue
        active += subscription.status is Status.ACTIVE and not is_long_over(subscription, today)
        unsure += subscription.status is Status.UNKNOWN
        last_day = max(last_day, subscription.term.last_day)
    most = policy.number(MOST_DUPLICATES, last_day)
    method, said = METHODS.decide(
        active="more" if active > most else "at most",
        active_and_unsure="more" if active + unsure > most else "at most",
    )
    counts = {"active": active, "most": most} | ({"unsure": unsure} if said == "not-sure" else {})
    found = finding("CAP-001", said, subject, **counts)
    return Capacity(
        method=method, active=active, findings=gather(found, _other_most(subject, last_day, policy))
    )


def _other_most(subject: str, last_day: date, policy: Policy) -> Finding | None:
    record = policy.contradicted_by(MOST_DUPLICATES, last_day)
    if record is None:
        return None
    return finding(
        "CAP-001",
        "other-most",
        subject,
        stated=policy.number(MOST_DUPLICATES, last_day),
        most=record.value,
        change_day=record.from_day,
        said_by=record.rule,
    )


def is_long_over(subscription: Subscription, today: date | None) -> bool:
    """Tell whether a term has been over for longer than the guide's Expired state lasts; None: no day is asked for.

    Until then, an active status may be right: the data may be of the day before, or the change under way.
    """
    term = None if today is None else running_term(subscription, today)[0]
    return term is not None and today is not None and today > after(term.last_day, GRACE_DAYS.stated)


def not_all_read(subject: str, unread: int) -> Finding | None:
    """Say under CAP-001 that subscriptions of the customer could not be read. Source: guide#over-150."""
    return finding("CAP-001", "not-all-read", subject, unsure=unread) if unread else None


def too_early(subscription: Subscription, provision_on: date) -> Finding | None:
    """Say under CAP-001 that a day makes a duplicate, where the originals should expire first."""
    last_day = subscription.term.last_day
    if provision_on > last_day:
        return None
    return finding("CAP-001", "too-early", subscription.id, provision_day=provision_on, last_day=last_day)


def no_sure_window(subject: str, unsure: int, first_day: date, policy: Policy) -> Finding | None:
    """Say under CAP-001 that of those that must expire first, some have no grace window that is sure to follow.

    `first_day` is the first day on which one of them would be without.
    """
    if not unsure:
        return None
    if not policy.in_force or first_day < policy.history(EXTENDED_PERCENT).first_day:
        return finding("CAP-001", "no-sure-window", subject, unsure=unsure)
    return finding(
        "CAP-001",
        "no-free-window",
        subject,
        unsure=unsure,
        percent=policy.number(EXTENDED_PERCENT, first_day),
        percent_without_monthly=policy.number(EXTENDED_PERCENT_WITHOUT_MONTHLY, first_day),
    )


def uninterrupted(subject: str, window: GraceWindow) -> tuple[Finding, ...]:
    """Decide CAP-002: in the grace window users keep files and services while licences are bought again.

    Carries the window's own caution. Source: guide#over-150.
    """
    return gather(
        finding(
            "CAP-002",
            "uninterrupted",
            subject,
            first_day=window.first_day,
            last_safe_day=window.last_day,
        ),
        *window.findings,
    )


# Of these, nothing is left to save, or no day is known: they can wait for a place.
_CAN_WAIT: Final = UNCLEAR | {Status.DELETED, Status.CANCELED}


def is_moved(transfer: Transfer, subscription: Subscription) -> bool:
    """Tell whether a move replaces a subscription: no trial, some licences, and not sold by its new partner already."""
    given = transfer.replacements.get(subscription.id)
    if subscription.trial or given is NOT_REPLACED or already_sold(transfer, subscription) is not None:
        return False
    return (given.quantity if isinstance(given, Replacement) else subscription.quantity) > 0


class Entering(NamedTuple):
    """A new subscription that is to be provisioned for an original."""

    original: Subscription
    until: date | None
    """The last day on which its tenant holds the original; None: it does not hold it today."""
    lost: bool
    """Whether the original's data is lost already: it takes what place is left, and no other makes haste for it."""


def entering(transfer: Transfer, today: date, policy: Policy) -> tuple[Entering, ...]:
    """Return what a move is still to provision, in the order in which it gets its places.

    First what has ended already and can be saved, then what is suspended, then what ends first, and last of all what
    is lost already; what it is added on to goes before an add-on. What was provisioned before today is in the tenant
    already.
    """
    moved = [
        Entering(s, held_until(s, today), is_lost(s, today, policy))
        for s in transfer.subscriptions
        if is_moved(transfer, s)
    ]
    waiting = [e for e in moved if not _provisioned(transfer, e.original, today)]
    by_id = {id_key(e.original.id): e for e in waiting}

    def urgency(e: Entering) -> tuple[int, bool, date, str]:
        s, ended = e.original, e.until is None
        rank = (2 if s.status in _CAN_WAIT else 0) if ended else 1
        if e.lost:
            rank = 3
        return rank, s.status is not Status.SUSPENDED, e.until or s.term.last_day, id_key(s.id)

    def order(e: Entering) -> tuple[tuple[int, bool, date, str], int, tuple[int, bool, date, str]]:
        base, depth = e, 0
        while (above := by_id.get(id_key(base.original.parent or ""))) is not None and depth < len(waiting):
            base, depth = above, depth + 1
        return urgency(base), depth, urgency(e)

    return tuple(sorted(waiting, key=order))


def _provisioned(transfer: Transfer, subscription: Subscription, today: date) -> bool:
    given = transfer.replacements.get(subscription.id)
    day = given.provision_on if isinstance(given, Replacement) else None
    return day is not None and day < today


def least_in_tenant(transfer: Transfer, today: date) -> int:
    """Return how many subscriptions the tenant that gets the licences holds at least, by one move: see `least_in_each`.

    Source: consolidation#limit.
    """
    return least_in_each((transfer,), today)[id_key(transfer.receiving_tenant.id)]


def least_in_each(transfers: Iterable[Transfer], today: date) -> dict[str, int]:
    """Return how many subscriptions each tenant of some moves holds at least, by all that they say and list together.

    The moves are of different customers. Of a customer's listing, it is what is active, suspended, or in an extended
    service term by its status, wherever it is moved to; and of each move, what has been provisioned before today. They
    are different subscriptions, and so they are summed; what somebody counted holds if it is more. A term that is over
    takes nothing away: its status may be right. Source: consolidation#limit.
    """
    listed, counted = Counter[str](), dict[str, int]()
    for transfer in transfers:
        tenant = id_key(transfer.receiving_tenant.id)
        listed[id_key(transfer.customer.id)] += sum(map(is_held, transfer.subscriptions))
        listed[tenant] += sum(
            is_moved(transfer, s) and _provisioned(transfer, s, today) for s in transfer.subscriptions
        )
        counted[tenant] = max(counted.get(tenant, 0), transfer.tenant_subscriptions or 0)
    return {tenant: max(count, counted.get(tenant, 0)) for tenant, count in listed.items()}


def _most_in_tenant(subscriptions: Iterable[Subscription], policy: Policy) -> int:
    """Return how many subscriptions one tenant can hold, old and new ones together (consolidation#limit)."""
    first_day = policy.history(TENANT_SUBSCRIPTIONS).first_day
    return policy.number(
        TENANT_SUBSCRIPTIONS, max((s.term.last_day for s in subscriptions), default=first_day)
    )


class Places:
    """The free places of a tenant, each from a day on; None: they are not counted, and there is always one."""

    def __init__(self, free: int | None) -> None:
        self._free = None if free is None else [(EARLIEST, 0)] * max(0, free)  # a heap, as all are alike
        self.used: int = 0
        """How many of them have been taken by now."""

    @property
    def first_day(self) -> date | None:
        """The first day from which there is one; None: there never is."""
        if self._free is None:
            return EARLIEST
        return self._free[0][0] if self._free else None

    def take(self, until: date) -> int:
        """Take the place that is free first through a day (`LATEST`: for good); return how many had it before."""
        if self._free is None:
            self.used += 1
            return 0
        _, before = heappop(self._free)
        self.used += not before
        if until < LATEST:
            heappush(self._free, (after(until), before + 1))
        return before


@frozen(kw_only=True)
class Room(Reasoned):
    """What is free in the tenant that gets the licences, and what a move needs of it."""

    most: int
    """How many subscriptions the tenant can hold."""
    free: int
    """How many places, at most."""
    needed: int
    """How many are to be provisioned, but for those whose data is lost already."""
    order: tuple[str, ...]
    """The ids of the originals, in the order in which they get their places."""
    batches: tuple[tuple[str, ...], ...]
    """The ids of what is duplicated, in batches that fit."""

    @property
    def shared(self) -> bool:
        """Whether not each has a place of its own, so that some wait for others."""
        return self.needed > self.free


def tenant_room(
    moved: Sequence[Entering],
    subject: str,
    *,
    existing: int | None,
    at_least: int,
    expires_first: bool,
    another_tenant: bool,
    taken: int,
    policy: Policy,
    warns_only: bool,
) -> Room:
    """Decide CAP-003: how many of those that are moved fit beside what the tenant has.

    `existing`: what is said of it (None: nothing); `at_least`: what it has by all that is known, and at least that.
    `expires_first`: the originals are to end before anything is bought again, so that nothing stands beside them.
    A tenant holds what is active, suspended, or in an extended service term. In its own tenant an original makes
    room on the day after its last; in another one nothing does, ever. `taken`: the places that the moves of other
    customers into the same tenant take first. With `warns_only`, all that is said is what does not fit.
    Source: consolidation#limit.
    """
    most = _most_in_tenant((e.original for e in moved), policy)
    held = sum(e.until is not None for e in moved)
    free = max(0, most - at_least - taken)
    batches = () if another_tenant or expires_first else tuple(_batches(moved, free))
    if another_tenant:
        room, quantity = free, len(moved)
    else:  # what has ended already comes first
        ended = sum(e.until is None and e.original.status not in _CAN_WAIT for e in moved)
        room, quantity = max(0, free - ended), held
    if existing is None:
        said = ["not-known"] if quantity <= room or expires_first else ["not-known", "at-least"]
    elif warns_only and not another_tenant:
        said = ["not-at-once" if quantity > room else "fits"]
    else:
        said = [_case(another_tenant, room, quantity, len(batches))]
    counts = {"most": most, "quantity": quantity, "existing": at_least, "room": room, "batches": len(batches)}
    messages = {case: rule("CAP-003").message(case) for case in said}
    found = [
        finding("CAP-003", case, subject, **{name: counts[name] for name in counts if name in message.facts})
        for case, message in messages.items()
        if not warns_only or message.severity >= Severity.CAUTION
    ]
    shared = finding("CAP-003", "shared", subject, quantity=taken) if taken and found else None
    return Room(
        most=most,
        free=free,
        needed=sum(not e.lost for e in moved),
        order=tuple(e.original.id for e in moved),
        batches=batches,
        findings=gather(shared, *found),
    )


def _case(another_tenant: bool, room: int, quantity: int, batches: int) -> str:
    if another_tenant:
        return "all-move" if quantity <= room else "not-all-move"
    if not room:
        return "no-room"
    if batches > 1:
        return "batches"
    # What has no end that is known leaves its place to nobody.
    return "fits" if quantity <= room else "at-least"


def _batches(moved: Sequence[Entering], free: int) -> Iterator[tuple[str, ...]]:
    """Yield the ids of what is duplicated in batches that fit: each takes the places that those before it left.

    A place is left when the original in it is gone. Nothing where there are none.
    """
    places = Places(free)
    batches: dict[int, list[str]] = {}
    for original, until, _ in moved:
        first_day = places.first_day
        if first_day is not None:
            before = places.take(LATEST if until is None else max(until, first_day))
            if until is not None:
                batches.setdefault(before, []).append(original.id)
    for _, ids in sorted(batches.items()):
        yield tuple(ids)


def no_place(subscription: Subscription, most: int) -> Finding:
    """Say under CAP-003 that there is no place for a replacement, on whatever day. Source: consolidation#limit."""
    return finding("CAP-003", "no-place", subscription.id, most=most)


def waits_for_place(subscription: Subscription, first_day: date) -> Finding:
    """Say under CAP-003 from when on there is a place for a replacement. Source: consolidation#limit."""
    return finding("CAP-003", "waits", subscription.id, first_day=first_day)
