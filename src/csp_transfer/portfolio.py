"""Many customers at once: their plans, one calendar of all deadlines, and what a distributor looks at first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, tzinfo
from functools import cached_property
from typing import ClassVar, Final

from attrs import frozen

from . import checks
from .days import utc_day
from .errors import InvalidType, InvalidValue, PortfolioError, Problem
from .extras import Progress, watched
from .findings import Finding, Referring
from .frozen_map import FrozenMap
from .outline import Block, Paged
from .page import MOST, Page
from .plan import Plan
from .planner import plan_transfer, plan_with_places
from .policy import GUIDE, Policy
from .portfolio_page import (
    BusyDay,
    Due,
    TenantRoom,
    busiest_days,
    crowded_tenants,
    merged,
    overview,
    portfolio_page,
)
from .rules.capacity import least_in_each, least_in_tenant
from .texts import IdMap, id_key
from .transfer import Transfer

__all__ = ["Portfolio", "plan_portfolio"]

_EACH_ONCE: Final = (
    "each customer once: what one tenant holds is shared, so all its subscriptions belong into one Transfer"
)


@frozen(kw_only=True, repr=False)
class Portfolio(Paged, Referring):
    """The plans of many customers as of one UTC day, under one policy, sorted by the customer's id.

    All else is read from the plans when it is asked for. `str(portfolio)` is one page of plain text, `to_markdown()`
    the same as Markdown, and `to_html()` as HTML; with `detail=True`, an appendix follows. `to_dict()` is JSON-ready
    data with `"schema": 1`; with `by_reference=True`, each finding stands in it once. Raises `InvalidType` or
    `InvalidValue`: no plan, plans of different days or policies, a customer twice or out of order.
    """

    plans: tuple[Plan, ...]
    unplanned: tuple[str, ...] = ()
    """What could not be planned and why, one line each; only where `plan_portfolio` was told to be tolerant."""

    _computed: ClassVar = ("as_of", "deadlines", "busiest_days", "crowded_tenants", "too_late")
    _schema: ClassVar = 1

    def __attrs_post_init__(self) -> None:
        checks.instance("plans", self.plans, tuple, "a tuple of Plan")
        if not self.plans:
            raise InvalidValue("plans", self.plans, "at least one plan")
        checks.instance("unplanned", self.unplanned, tuple, "a tuple of texts")
        for n, line in enumerate(self.unplanned):
            checks.text(f"unplanned[{n}]", line)
        seen: set[str] = set()
        for n, plan in enumerate(self.plans):
            checks.instance(f"plans[{n}]", plan, Plan)
            customer = plan.transfer.customer.id
            if n and id_key(customer) < id_key(self.plans[n - 1].transfer.customer.id):
                raise InvalidValue(f"plans[{n}]", customer, "plans sorted by the id of the customer")
            if id_key(customer) in seen:
                raise InvalidValue(f"plans[{n}]", customer, _EACH_ONCE)
            if (plan.as_of, plan.policy) != (self.as_of, self.policy):
                accepted = (
                    f"a plan as of {self.as_of} under the policy {self.policy.name}, as the first one is"
                )
                raise InvalidValue(f"plans[{n}]", (plan.as_of, plan.policy.name), accepted)
            seen.add(id_key(customer))

    def __repr__(self) -> str:
        return (
            f"Portfolio(customers={len(self.plans)}, as_of={self.as_of}, policy={self.policy.name!r}, "
            f"subscriptions={self._subscriptions}, blocked={len(self.blocked)}, "
            f"deadlines={sum(len(plan.deadlines) for plan in self.plans)}, unplanned={len(self.unplanned)})"
        )

    @property
    def as_of(self) -> date:
        """The UTC day that every plan is made for."""
        return self.plans[0].as_of

    @property
    def policy(self) -> Policy:
        """The policy of every plan."""
        return self.plans[0].policy

    @property
    def deadlines(self) -> tuple[Due, ...]:
        """Every deadline of every plan in one calendar: by day, then customer, then as the customer's plan has it."""
        return merged(self.plans)

    def due_by(self, last_day: date) -> tuple[Due, ...]:
        """Return the deadlines up to a UTC day, that day included; `due_by(portfolio.as_of)`: what is due today."""
        until = utc_day("last_day", last_day)
        return tuple(due for due in self.deadlines if due.day <= until)

    @property
    def busiest_days(self) -> tuple[BusyDay, ...]:
        """Every day on which something is due, the ones with most deadlines first, then the earliest."""
        return busiest_days(self.plans)

    @property
    def blocked(self) -> tuple[Plan, ...]:
        """The plans of moves that must not be carried out: they have no steps and no deadlines."""
        return tuple(plan for plan in self.plans if not plan.feasible)

    @property
    def too_late(self) -> FrozenMap[str, tuple[Finding, ...]]:
        """What is lost already, by the id of the customer: `too_late` of every plan that has something."""
        late = {plan.transfer.customer.id: plan.too_late for plan in self.plans}
        return IdMap({customer: findings for customer, findings in late.items() if findings})

    @property
    def crowded_tenants(self) -> tuple[TenantRoom, ...]:
        """The tenants over or near a limit, by id, each with what CAP-001 and CAP-003 say of it.

        Over: a feasible plan into it has more active subscriptions than may be duplicated, or may have (CAP-001).
        Near: what it has and the duplicates that all feasible plans into it need, together, are more than it holds
        (CAP-003). It has at least what its own customer lists and what has been provisioned there, all together.
        """
        return crowded_tenants(self.plans)

    def plan_of(self, customer_id: str) -> Plan:
        """Return the plan of one customer; `InvalidValue` for an id that no plan is about."""
        try:
            return self._by_id[customer_id]
        except KeyError:
            raise InvalidValue("customer_id", customer_id, "the id of a customer in this portfolio") from None

    @cached_property
    def _by_id(self) -> IdMap[Plan]:
        return IdMap({plan.transfer.customer.id: plan for plan in self.plans})

    @property
    def _subscriptions(self) -> int:
        return sum(len(plan.assessments) for plan in self.plans)

    def _page(self, lang: str, zone: tzinfo | None) -> list[Block]:
        return portfolio_page(self.plans, self._pages, self.unplanned, lang, zone)

    def _versions(self, lang: str, zone: tzinfo | None) -> Iterator[list[Block]]:
        for most in MOST:
            yield portfolio_page(self.plans, self._pages, self.unplanned, lang, zone, most)

    @cached_property
    def _pages(self) -> tuple[Page, ...]:
        """What the page of each plan says; nothing is asked again for it."""
        return tuple(Page.of(plan, measured=False) for plan in self.plans)

    def _appendix(self, lang: str, zone: tzinfo | None) -> list[Block]:
        return overview(self.plans, self.unplanned, lang, zone)


def plan_portfolio(
    transfers: Iterable[Transfer],
    *,
    as_of: date,
    policy: Policy = GUIDE,
    progress: Progress = None,
    tolerant: bool = False,
) -> Portfolio:
    """Plan the moves of many customers, each as `plan_transfer` plans it, as of one UTC day and under one policy.

    Any iterable of transfers will do, also one that can be read only once; their order makes no difference.
    `progress` is called after each of them with how many are done and how many there are (None: the iterable does
    not say), or is True for a bar of tqdm (extra `progress`).

    Customers that move into the same tenant share its room (CAP-003): in the order of their ids, each gets what the
    moves before it leave; `Plan.room_taken` says how many places those take. What the tenant has is what
    its own customer lists and all of them have provisioned there, together, or the most that one of them says.

    A customer's id may come once: what its tenant holds is shared, so two plans that do not know of each other would
    both be wrong (ids of tenants are GUIDs or domains: their case means nothing). Where a customer goes to two
    partners, make a portfolio for each, and read their counts together.

    Raises `PortfolioError` with every transfer that cannot be planned, by position and customer. With `tolerant`, the
    others are planned, and `unplanned` says which are not, and why; a customer that comes twice is left out
    altogether. Raises `PortfolioError` even so where nothing is left, and `InvalidType` or `InvalidValue` where all
    are concerned; an empty iterable is refused, as one that was used up before looks just the same.
    Source: every finding, step and deadline of the plans cites its own.

    >>> from csp_transfer import Offer, Partner, Subscription, Tenant, Term
    >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> moves = (Transfer(customer=Tenant(id=name, country="JP"), subscriptions=(basic,), relationship_accepted=True,
    ...                   destination=Partner(id="fabrikam", country="JP")) for name in ("contoso", "adatum"))
    >>> portfolio = plan_portfolio(moves, as_of=date(2026, 3, 31))
    >>> for due in portfolio.due_by(date(2026, 3, 31)):
    ...     print(due.day, due.customer, due.subject, due.action, "by", due.actor)
    2026-03-31 adatum b turn_off_auto_renew by source_partner
    2026-03-31 contoso b turn_off_auto_renew by source_partner
    """
    checks.instance("transfers", transfers, Iterable, "an iterable of Transfer")
    checks.instance("policy", policy, Policy)
    checks.flag("tolerant", tolerant)
    utc_day("as_of", as_of)
    problems: list[Problem] = []
    first: dict[str, int] = {}
    plans: dict[str, Plan] = {}
    for n, transfer in enumerate(watched(transfers, progress)):
        try:
            customer = _once(transfer, n, first, plans)
            plans[customer] = plan_transfer(transfer, as_of=as_of, policy=policy)
        except (InvalidType, InvalidValue) as error:
            problems.append(Problem(_item(n, transfer), error.field, error.value, error.accepted))
    if problems and not (tolerant and plans):
        raise PortfolioError(tuple(problems))
    if not plans:
        raise InvalidValue("transfers", (), "at least one transfer")
    ordered = sorted(plans.values(), key=lambda plan: id_key(plan.transfer.customer.id))
    return Portfolio(
        plans=tuple(_sharing(ordered)),
        unplanned=tuple(map(str, problems)),
    )


def _once(transfer: Transfer, n: int, first: dict[str, int], plans: dict[str, Plan]) -> str:
    """Return what a customer is known by, and refuse one that came before."""
    checks.instance("transfer", transfer, Transfer)
    customer = id_key(transfer.customer.id)
    if first.setdefault(customer, n) != n:
        plans.pop(customer, None)  # which did not know of the other half
        accepted = f"{_EACH_ONCE}; transfers[{first[customer]}] is of the same one"
        raise InvalidValue("customer.id", transfer.customer.id, accepted)
    return customer


def _sharing(plans: list[Plan]) -> Iterator[Plan]:
    """Yield the plans, those into one tenant planned anew, each with the room that the ones before it leave.

    So is one of whose tenant another says more, as that tenant's own customer may that moves elsewhere.
    """
    into: dict[str, list[Plan]] = {}
    for plan in plans:
        into.setdefault(id_key(plan.transfer.receiving_tenant.id), []).append(plan)
    taken = dict.fromkeys(into, 0)
    held = least_in_each((plan.transfer for plan in plans), plans[0].as_of)
    for plan in plans:
        tenant = id_key(plan.transfer.receiving_tenant.id)
        unsaid = held[tenant] - least_in_tenant(plan.transfer, plan.as_of)
        if len(into[tenant]) == 1 and not unsaid:
            yield plan
            continue
        again, places = plan_with_places(
            plan.transfer, plan.asked_at or plan.as_of, plan.policy, FrozenMap({}), taken[tenant] + unsaid
        )
        taken[tenant] += places
        yield again


def _item(n: int, transfer: object) -> str:
    customer = f" (customer {transfer.customer.id!r})" if isinstance(transfer, Transfer) else ""
    return f"transfers[{n}]{customer}"
