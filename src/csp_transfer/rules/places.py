"""How many subscriptions a tenant has room for, and who gets a place when (CAP-003)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import heappop, heappush
from typing import Final, NamedTuple

from attrs import frozen

from ..catalogue import Severity, rule
from ..findings import Finding, Reasoned, finding, gather
from ..ids import id_key
from ..model import NOT_REPLACED, Replacement, Status, Subscription
from ..policy import TENANT_SUBSCRIPTIONS, Policy
from ..spans import EARLIEST, LATEST, after
from ..transfer import Transfer
from .eligibility import already_sold
from .lifecycle import is_lost
from .terms import UNCLEAR, held_until, is_held

__all__ = [
    "Entering",
    "Places",
    "Room",
    "entering",
    "is_moved",
    "least_in_each",
    "least_in_tenant",
    "no_place",
    "tenant_room",
    "waits_for_place",
]

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
    lost: bool = False
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
    expires_first: bool = False,
    another_tenant: bool = False,
    taken: int = 0,
    policy: Policy,
    warns_only: bool = False,
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
