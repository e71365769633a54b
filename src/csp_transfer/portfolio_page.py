"""The first page of a portfolio: what is due first for which customers, what to decide, what to find out, by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, tzinfo
from functools import reduce
from operator import add
from typing import Final, NamedTuple

from attrs import frozen

from .catalogue import check_language, policy_words, ui
from .decisions import Choice
from .money import Money
from .outline import Block, Bullets, Heading, Paragraph, Table
from .page import MOST, Most, Page, calendar, cautions_in_short, harm, in_numbers, marks, task_days, task_row
from .phrases import counted, in_short, short_names_of
from .plan import Plan
from .questions import Ask, OpenQuestion
from .spans import after
from .steps import Step
from .tasks import LOOKS_AHEAD, Task, due_first
from .views import crowded_tenants

__all__ = ["portfolio_page"]

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
        Heading(1, ui("portfolio", lang, customers=len(plans), subscriptions=subscriptions)),
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


class _Asked(NamedTuple):
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
        lang, asked = self.lang, list[_Asked]()
        for kinds in _KINDS:
            each = [[one for one in page.questions if one.ask in kinds] for page in self.pages]
            if found := [one for these in each for one in these]:
                asked.append(_Asked(kinds[0], tuple(found), sum(map(bool, each))))
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

    def _question(self, asked: _Asked, phrase: str) -> str:
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
