"""Views over many plans: one calendar, the days on which most is due, the tenants that get full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from attrs import fields, frozen

from .findings import Reasoned, gather
from .ids import id_key
from .plain import Plain
from .plan import Plan
from .rules.capacity import Method
from .rules.places import entering, least_in_each, tenant_room
from .steps import Deadline

__all__ = ["BusyDay", "Due", "TenantRoom", "busiest_days", "crowded_tenants", "merged"]

_OF_A_DEADLINE: Final = tuple(field.name for field in fields(Deadline))
_TOO_MANY: Final = ("over", "not-sure")
"""What CAP-001 says where the active subscriptions are more than may be duplicated, or may be."""


@frozen(kw_only=True)
class Due(Deadline):
    """A deadline of one customer's plan; `subject` is the id of a subscription, or of a tenant of the customer's."""

    customer: str


@frozen(kw_only=True)
class BusyDay(Plain):
    """How much is due on one UTC day, and for how many customers."""

    day: date
    deadlines: int
    customers: int


@frozen(kw_only=True)
class TenantRoom(Reasoned):
    """A tenant into which feasible moves go: how many duplicates they need, all together, and how many it holds."""

    tenant: str
    customers: tuple[str, ...]
    existing: int | None
    """How many subscriptions the tenant has: the most that a transfer says of it; None: not known."""
    at_least: int
    """How many it has for certain: what is said, or what its own customer lists and all moves have provisioned there,
    together, if that is more."""
    duplicates: int
    most: int
    """How many it holds, old and new ones together (CAP-003)."""

    @property
    def near(self) -> bool:
        """Whether not all duplicates fit beside what the tenant has for certain."""
        return self.at_least + self.duplicates > self.most


def merged(plans: Iterable[Plan]) -> tuple[Due, ...]:
    """Return every deadline, by day; within a day, in the order of the plans and of their own deadlines."""
    every = (_due(deadline, plan.transfer.customer.id) for plan in plans for deadline in plan.deadlines)
    return tuple(sorted(every, key=lambda due: due.day))  # a stable sort


def _due(deadline: Deadline, customer: str) -> Due:
    return Due(customer=customer, **{name: getattr(deadline, name) for name in _OF_A_DEADLINE})


def busiest_days(plans: Sequence[Plan]) -> tuple[BusyDay, ...]:
    """Return every day on which something is due: most deadlines first, then the earliest."""
    deadlines = Counter(deadline.day for plan in plans for deadline in plan.deadlines)
    customers = Counter(day for plan in plans for day in {deadline.day for deadline in plan.deadlines})
    busy = (BusyDay(day=day, deadlines=count, customers=customers[day]) for day, count in deadlines.items())
    return tuple(sorted(busy, key=lambda one: (-one.deadlines, one.day)))


def crowded_tenants(plans: Sequence[Plan]) -> tuple[TenantRoom, ...]:
    """Return the tenants over or near a limit, by id; see `Portfolio.crowded_tenants`."""
    into: dict[str, list[Plan]] = {}
    for plan in plans:
        if plan.feasible:  # a blocked move needs no room
            into.setdefault(id_key(plan.transfer.receiving_tenant.id), []).append(plan)
    # What is there already is there, whether its move is blocked or not.
    held = least_in_each((plan.transfer for plan in plans), plans[0].as_of)
    rooms = (_room(going, held[tenant]) for tenant, going in sorted(into.items()))
    return tuple(room for room in rooms if room.near or any(f.rule == "CAP-001" for f in room.findings))


def _room(plans: Sequence[Plan], at_least: int) -> TenantRoom:
    policy, today, tenant = plans[0].policy, plans[0].as_of, plans[0].transfer.receiving_tenant.id
    moved = [(plan, one) for plan in plans for one in entering(plan.transfer, today, policy)]
    # What runs in another tenant, or not any more, makes no room in this one.
    needed = [e if plan.transfer.target_tenant is None else e._replace(until=None) for plan, e in moved]
    said = [plan.transfer.tenant_subscriptions for plan in plans]
    existing = max((count for count in said if count is not None), default=None)
    within = all(plan.transfer.target_tenant is None for plan in plans)
    room = tenant_room(
        needed,
        tenant,
        existing=existing,
        at_least=at_least,
        expires_first=within and plans[0].method is not Method.OVERLAP,
        another_tenant=not within,
        policy=policy,
    )
    return TenantRoom(
        tenant=tenant,
        customers=tuple(plan.transfer.customer.id for plan in plans),
        existing=existing,
        at_least=at_least,
        duplicates=len(needed),
        most=room.most,
        findings=gather(
            *(f for plan in plans for f in plan.findings if f.rule == "CAP-001" and f.case in _TOO_MANY),
            *room.findings,
        ),
    )
