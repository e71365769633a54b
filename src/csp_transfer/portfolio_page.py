"""Many plans on a page: one calendar, what is due first, what to decide and to find out; and an appendix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, tzinfo
from functools import reduce
from operator import add
from typing import Final, NamedTuple

from attrs import fields, frozen

from .catalogue import Bearing, Severity, check_language, policy_words, rule, ui
from .days import after
from .findings import Finding, Reasoned, gather
from .money import Money
from .outline import Block, Bullets, Heading, Paragraph, Table
from .page import MOST, Most, Page, calendar, cautions_in_short, harm, in_numbers, marks, task_days, task_row
from .phrases import (
    LOOKS_AHEAD,
    Task,
    citations,
    counted,
    due_first,
    in_short,
    latest,
    of_many,
    section,
    short_names_of,
    subjects_of,
    what,
    who,
    with_cautions,
)
from .plain import Plain
from .plan import Plan
from .questions import Ask, Choice, OpenQuestion
from .rules.capacity import Method, entering, least_in_each, tenant_room
from .steps import Deadline, Step
from .texts import id_key

__all__ = [
    "BusyDay",
    "Due",
    "TenantRoom",
    "busiest_days",
    "crowded_tenants",
    "merged",
    "overview",
    "portfolio_page",
]

_OF_A_DEADLINE: Final = tuple(field.name for field in fields(Deadline))
_TOO_MANY: Final = {Bearing.EXPIRE_FIRST, Bearing.PERHAPS_EXPIRE_FIRST}
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
    return tuple(room for room in rooms if room.near or any(f.bearing in _TOO_MANY for f in room.findings))


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
        taken=0,
        policy=policy,
        warns_only=False,
    )
    return TenantRoom(
        tenant=tenant,
        customers=tuple(plan.transfer.customer.id for plan in plans),
        existing=existing,
        at_least=at_least,
        duplicates=len(needed),
        most=room.most,
        findings=gather(
            *(f for plan in plans for f in plan.findings if f.bearing in _TOO_MANY),
            *room.findings,
        ),
    )


_BUSIEST_SHOWN: Final = 5


def overview(
    plans: Sequence[Plan], unplanned: Sequence[str], lang: str, zone: tzinfo | None = None
) -> list[Block]:
    """Return the details of plans of one day and policy, in a language."""
    check_language(lang)
    deadlines, rooms = merged(plans), crowded_tenants(plans)
    said = [*(f for plan in plans for f in plan.cautions), *(f for room in rooms for f in room.findings)]
    return [
        *_heading(plans, len(deadlines), lang),
        *_bullets("unplanned", unplanned, lang),
        *section("blockers", (one for p in plans for one in _said(p, p.blockers, lang)), lang),
        *section("too_late", (one for p in plans for one in _said(p, p.too_late, lang)), lang),
        *_bullets("cautions", _cautions(plans, lang), lang),
        *section("crowded_tenants", ((room.tenant, f) for room in rooms for f in room.findings), lang),
        *_table("room", "tenant customers existing duplicates holds", _rooms(rooms, lang), lang),
        *_table("due_today", "customer subscription step who rule", _today(plans, deadlines, lang), lang),
        *_table("busiest_days", "day deadline_count customers", _busiest(plans), lang),
        *_table(
            "due_by_day",
            "day days_left step who deadline_count customers rule",
            _day_by_day(deadlines, lang, zone),
            lang,
        ),
        *_table(
            "by_customer",
            "customer move subscription_count first_deadline cautions",
            (_one_customer(plan, lang) for plan in plans),
            lang,
        ),
        Paragraph(ui("all_days_utc", lang)),
        *citations(
            {f.rule for f in said} | {named for due in deadlines for named in (due.rule, *due.cautions)}, lang
        ),
    ]


def _bullets(heading: str, items: Iterable[str], lang: str) -> list[Block]:
    shown = tuple(items)
    return [Heading(2, ui(heading, lang)), Bullets(shown)] if shown else []


def _table(heading: str, headers: str, rows: Iterable[tuple[str, ...]], lang: str) -> list[Block]:
    shown = tuple(rows)
    if not shown:
        return []
    return [Heading(2, ui(heading, lang)), Table(tuple(ui(h, lang) for h in headers.split()), shown)]


def _heading(plans: Sequence[Plan], deadlines: int, lang: str) -> list[Block]:
    feasible = sum(plan.feasible for plan in plans)
    counts = {
        "feasible": feasible,
        "blocked": len(plans) - feasible,
        "cautions": sum(1 for plan in plans if plan.cautions),
        "deadlines": deadlines,
    }
    return [
        Heading(1, ui("appendix", lang)),
        Paragraph(ui("portfolio_counts", lang, **counts)),
    ]


def _said(plan: Plan, findings: Iterable[Finding], lang: str) -> Iterator[tuple[str, Finding]]:
    customer, names = plan.transfer.customer.id, plan._names(lang)
    for f in findings:
        subject = names.get(f.subject, f.subject)
        who = ui("of_customer", lang, customer=customer, subject=subject)
        yield customer if f.subject == customer else who, f


def _cautions(plans: Iterable[Plan], lang: str) -> Iterator[str]:
    """Yield each rule that warns of something that is neither blocked nor too late, and how many customers."""
    warned: Counter[str] = Counter()
    for plan in plans:
        late = set(plan.too_late)
        warned.update({f.rule for f in plan.cautions if f.severity is Severity.CAUTION and f not in late})
    for rule_id, customers in sorted(warned.items()):
        yield ui("caution_of_many", lang, rule=rule_id, title=rule(rule_id).titles[lang], customers=customers)


def _rooms(rooms: Iterable[TenantRoom], lang: str) -> Iterator[tuple[str, ...]]:
    for room in rooms:
        existing = ui("at_least", lang, count=room.at_least) if room.existing is None else str(room.existing)
        yield room.tenant, str(len(room.customers)), existing, str(room.duplicates), str(room.most)


def _today(plans: Iterable[Plan], deadlines: Iterable[Due], lang: str) -> Iterator[tuple[str, ...]]:
    names = {plan.transfer.customer.id: plan._names(lang) for plan in plans}
    for due in deadlines:
        if due.days_left == 1:
            yield (
                due.customer,
                subjects_of(due, names[due.customer], lang),
                what(due, lang),
                who(due, lang),
                with_cautions(due.rule, due.cautions),
            )


def _busiest(plans: Sequence[Plan]) -> Iterator[tuple[str, ...]]:
    for busy in busiest_days(plans)[:_BUSIEST_SHOWN]:
        yield str(busy.day), str(busy.deadlines), str(busy.customers)


def _day_by_day(deadlines: Iterable[Due], lang: str, zone: tzinfo | None) -> Iterator[tuple[str, ...]]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for due in deadlines:
        said = (latest(due, due.day, lang, zone), str(due.days_left), what(due, lang), who(due, lang))
        alike.setdefault((*said, with_cautions(due.rule, due.cautions)), []).append(due.customer)
    for (*what_and_who, rules), customers in alike.items():
        yield *what_and_who, str(len(customers)), str(len(set(customers))), rules


def _one_customer(plan: Plan, lang: str) -> tuple[str, ...]:
    return (
        plan.transfer.customer.id,
        ui("allowed" if plan.feasible else "not_allowed", lang),
        str(len(plan.assessments)),
        latest(plan.deadlines[0], plan.deadlines[0].day, lang) if plan.deadlines else "-",
        ", ".join(dict.fromkeys(f"{f.rule}!" for f in plan.cautions)) or "-",
    )


_MOST_TASKS: Final = 10
_MOST_NAMED: Final = 3
_MOST_LINES: Final = 5
_CHANGE_NO_DAY: Final = frozenset({Ask.AGREEMENT, Ask.ROLE})
_KINDS: Final = (
    (Ask.TENANT_HAS_ROOM, Ask.TENANT_IS_CROWDED, Ask.TENANT_IS_FULL),
    *((ask,) for ask in (Ask.STILL_SOLD, Ask.EXTENDED_SERVICE, Ask.AGREEMENT, Ask.ROLE)),
)
"""What is asked in the same words."""


def portfolio_page(
    plans: Sequence[Plan],
    pages: Sequence[Page],
    unplanned: Sequence[str],
    lang: str,
    zone: tzinfo | None,
    most: Most = MOST[0],
) -> list[Block]:
    """Return the page on plans of one day and policy, and on what the page of each says, in a language."""
    check_language(lang)
    book = _Book(
        plans=tuple(plans),
        pages=tuple(pages),
        plan_of={id(step): plan for plan in plans for step in plan.steps},
        lang=lang,
        zone=zone,
        most=most,
    )
    steps = [step for plan in plans for step in plan.steps]
    first, later = due_first(steps, plans[0].as_of, _MOST_TASKS)
    subscriptions = sum(len(plan.assessments) for plan in plans)
    months: list[Block] = [
        Heading(2, ui("timeline", lang)),
        calendar(later, plans[0].as_of, lang, most.months),
    ]
    return [
        Heading(1, of_many(len(plans), subscriptions, lang)),
        Paragraph(
            ui("portfolio_as_of", lang, as_of=plans[0].as_of, policy=policy_words(plans[0].policy.name, lang))
        ),
        Paragraph(book.conclusion(first)),
        *map(Paragraph, book.notes()),
        *book.unplanned(unplanned),
        *book.first(first),
        *book.list_of("decisions", book.decisions()),
        *book.questions(),
        *(months if later else []),
        *book.customers(),
        *map(Paragraph, book.cautions()),
        Paragraph(ui("portfolio_days", lang, marks=marks(steps, lang))),
    ]


class _Kind(NamedTuple):
    """The questions of one kind."""

    ask: Ask
    questions: tuple[OpenQuestion, ...]
    customers: int

    @property
    def subscriptions(self) -> int:
        return sum(one.subscriptions for one in self.questions)

    @property
    def days(self) -> list[date]:
        return [one.by for one in self.questions if one.by is not None]


@frozen(kw_only=True)
class _Book:
    """The plans and what the page of each says, in a language."""

    plans: tuple[Plan, ...]
    pages: tuple[Page, ...]
    plan_of: dict[int, Plan]
    """In which plan each step is."""
    lang: str
    zone: tzinfo | None
    most: Most

    def _joined(self, items: Iterable[str]) -> str:
        return ui("separator", self.lang).join(items)

    def _named(self, customers: Sequence[str]) -> str:
        most = self.most.named
        named = self._joined(customers[:most])
        left = len(customers) - most
        return ui("and_more", self.lang, name=named, count=left) if left > 0 else named

    def conclusion(self, first: tuple[Task, ...]) -> str:
        lang, going = self.lang, sum(plan.feasible for plan in self.plans)
        if going == len(self.plans):
            said = [counted("customers_go_all", going, lang)]
        else:
            said = [ui("customers_go", lang, count=going, all=len(self.plans))]
        due, days = sum(page.due for page in self.pages), [day for task in first for day in task.last_days]
        if due:
            said.append(counted("due_soon", due, lang, day=min(days)))
        elif days:
            said.append(ui("due_next", lang, day=min(days)))
        if going:
            counts = reduce(add, (page.counts for page in self.pages))
            harmed = counts.harmed().items()
            said += harm({name: counted("subscriptions_counted", n, lang) for name, n in harmed}, lang)
        again = sum(page.read_again for page in self.pages)
        if again:
            said.append(counted("read_first", again, lang))
        return ui("sentence_end", lang, said=ui("sentence_join", lang).join(said))

    def notes(self) -> Iterator[str]:
        """Yield what is blocked, which tenants are crowded, and what the plans cost."""
        lang = self.lang
        blocked = [plan.transfer.customer.id for plan in self.plans if not plan.feasible]
        if blocked:
            yield ui("customers_blocked", lang, customers=self._named(blocked))
        rooms = [room.tenant for room in crowded_tenants(self.plans)]
        if rooms:
            yield ui("tenants_crowded", lang, tenants=self._named(rooms))
        totals: dict[str, list[tuple[str, Money]]] = {}
        for plan, page in zip(self.plans, self.pages, strict=True):
            for cost in page.costs:
                totals.setdefault(cost.total.currency, []).append((plan.transfer.customer.id, cost.total))
        unpriced = sum(page.unpriced for page in self.pages)
        for each in totals.values():
            dear = sorted(each, key=lambda one: -one[1].amount)[:_MOST_NAMED]
            yield ui(
                "extra_cost",
                lang,
                total=reduce(add, (money for _, money in each)),
                each=self._joined(f"{customer} {money}" for customer, money in dear),
                unpriced=unpriced,
            )

    def unplanned(self, lines: Sequence[str]) -> list[Block]:
        if not lines:
            return []
        shown, left = tuple(lines[:_MOST_LINES]), len(lines) - _MOST_LINES
        more = (counted("more_customers", left, self.lang),) if left > 0 else ()
        return [Heading(2, ui("unplanned", self.lang)), Bullets((*shown, *more))]

    def first(self, tasks: tuple[Task, ...]) -> list[Block]:
        if not tasks:
            return []
        lang, today = self.lang, self.plans[0].as_of
        due = any(page.due for page in self.pages)
        heading = ui("first", lang, last_day=after(today, LOOKS_AHEAD)) if due else ui("next", lang)
        rows = tuple(task_row(task, self._task(task), lang, self.zone) for task in tasks)
        headers = tuple(ui(h, lang) for h in ("do_by", "recommended", "who", "step"))
        return [Heading(2, heading), Table(headers, rows)]

    def _task(self, task: Task) -> str:
        """Return what is to be done, for which customers; of one thing for one customer, for what."""
        lang, said = self.lang, in_short(task.step, self.lang)
        customers = list(dict.fromkeys(self.plan_of[id(s)].transfer.customer.id for s in task.steps))
        ids = [key for step in task.steps for key in step.subjects or (step.subject,)]
        if len(ids) > len(customers):
            said = ui("cell", lang, step=said, count=len(ids), marks="")
        elif len(ids) == 1 and ids != customers:
            names = short_names_of(self.plan_of[id(task.step)].transfer, lang)
            said = ui("task", lang, step=said, subjects=names[ids[0]])
        return ui("of_customer", lang, customer=self._named(customers), subject=said)

    def list_of(self, heading: str, items: Iterable[str]) -> list[Block]:
        shown = tuple(items)
        return [Heading(2, ui(heading, self.lang)), Bullets(shown)] if shown else []

    def decisions(self) -> Iterator[str]:
        """Yield what is to be decided, each kind once, for how many customers, and by when for the first."""
        for choice in Choice:
            count, customers, days = 0, 0, list[date]()
            for page in self.pages:
                made = [one for one in page.decisions if one.choice is choice]
                count += sum(len(one.subscriptions) for one in made)
                customers += bool(made)
                days += [one.by for one in made if one.by]
            if count:
                yield self._counted(ui(f"choose_{choice}", self.lang), count, customers, days)

    def _counted(self, what: str, count: int, customers: int, days: Sequence[date]) -> str:
        facts = {
            "what": what,
            "subscriptions": counted("subscriptions_counted", count, self.lang),
            "customers": counted("customers_counted", customers, self.lang),
        }
        return (
            ui("of_customers_by", self.lang, day=min(days), **facts)
            if days
            else ui("of_customers", self.lang, **facts)
        )

    def questions(self) -> list[Block]:
        """Return what is not known, each kind once, and of it each offer once; what concerns most comes first."""
        lang, asked = self.lang, list[_Kind]()
        for kinds in _KINDS:
            each = [[one for one in page.questions if one.ask in kinds] for page in self.pages]
            if found := [one for these in each for one in these]:
                asked.append(_Kind(kinds[0], tuple(found), sum(map(bool, each))))
        asked.sort(key=lambda one: -one.subscriptions)
        items = tuple(
            self._counted(self._question(one, "ask"), one.subscriptions, one.customers, one.days)
            for one in asked
            if one.ask not in _CHANGE_NO_DAY
        )
        beside = self._joined(self._question(one, "confirm") for one in asked if one.ask in _CHANGE_NO_DAY)
        blocks: list[Block] = [Bullets(items)] if items else []
        if beside:
            blocks.append(Paragraph(ui("also_confirm", lang, what=beside)))
        return [Heading(2, ui("questions_of_many", lang)), *blocks] if blocks else []

    def _question(self, asked: _Kind, phrase: str) -> str:
        offers = Counter[str]()
        for one in asked.questions:
            offers[one.about] += one.subscriptions
        shown = [
            ui("offer_of_many", self.lang, offer=o, count=n) for o, n in offers.most_common(self.most.offers)
        ]
        said, left = self._joined(shown), len(offers) - len(shown)
        if left:
            said = ui("and_more", self.lang, name=said, count=left)
        return ui(f"{phrase}_{asked.ask}", self.lang, offers=said)

    def customers(self) -> list[Block]:
        """Return who acts first, at most some of them, and how many more there are."""
        going = [(plan, page) for plan, page in zip(self.plans, self.pages, strict=True) if plan.deadlines]
        if not going or not self.most.customers:
            return []
        lang = self.lang
        ordered = sorted(going, key=lambda one: one[0].deadlines[0].day)  # a stable sort
        rows = tuple(
            (
                plan.transfer.customer.id,
                str(len(plan.assessments)),
                str(page.due),
                self._first_day(plan.steps),
                self._joined(harm(in_numbers(page.counts, lang), lang)),
            )
            for plan, page in ordered[: self.most.customers]
        )
        left = len(ordered) - len(rows)
        more: list[Block] = [Paragraph(counted("more_customers", left, lang))] if left else []
        headers = ("customer", "subscription_count", "due_this_week", "first_deadline", "for_users")
        shown = len(headers) if self.most.users else headers.index("for_users")
        table = Table(tuple(ui(h, lang) for h in headers[:shown]), tuple(row[:shown] for row in rows))
        return [Heading(2, ui("customers_by_day", lang)), table, *more]

    def _first_day(self, steps: Sequence[Step]) -> str:
        dated = [(step.last_day, step) for step in steps if step.last_day is not None]
        _, first = min(dated, key=lambda one: one[0])
        return task_days(Task(steps=(first,)), self.lang, self.zone)

    def cautions(self) -> Iterator[str]:
        """Yield the rules that warn of most customers."""
        warned = Counter(rule_id for page in self.pages for rule_id, _ in page.cautions)
        if warned:
            most_first = sorted(warned.items(), key=lambda one: (-one[1], one[0]))
            yield cautions_in_short(most_first, self.lang, self.most)
