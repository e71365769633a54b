"""The first page of a plan: what to do, what to decide, what to find out; as facts, and as blocks that show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from functools import reduce
from operator import add
from typing import Final, NamedTuple, Self

from attrs import evolve, frozen

from .catalogue import check_language, label, policy_words, rule, ui
from .days import after
from .findings import Finding
from .model import Way
from .money import Money
from .outline import Block, Bullets, Heading, Paragraph, Table
from .phrases import (
    LOOKS_AHEAD,
    Task,
    actors_of,
    by_month,
    counted,
    due_first,
    in_all,
    in_short,
    last_day_of,
    latest,
    section,
    short_names_of,
    timeline,
)
from .questions import (
    HARMS,
    Ask,
    Choice,
    Counts,
    Decision,
    OpenQuestion,
    Option,
    Outcome,
    Planned,
    decisions,
    ends_unreplaced,
    extra_cost,
    open_questions,
    outcome,
)
from .rules.ending import Timing
from .steps import Action, Step
from .transfer import Transfer

__all__ = [
    "MOST",
    "Cost",
    "Most",
    "Page",
    "calendar",
    "cautions_in_short",
    "harm",
    "in_numbers",
    "marks",
    "page_blocks",
    "task_days",
    "task_row",
]

_MOST_FIRST: Final = 8
_MOST_NAMED: Final = 2
_MOST_COSTS: Final = 3
"""How much a page shows of each: tasks, names, and costs one by one."""


class Most(NamedTuple):
    """How much a page shows of what can wait: decisions, lines of a list, months, offers, rules, and customers.

    `named`: how many customers of one task it names. `users`: whether it says of each customer what users have to
    expect.
    """

    decisions: int
    listed: int
    months: int
    offers: int
    cautions: int
    customers: int
    named: int = 3
    users: bool = True


MOST: Final = (
    Most(8, 12, 10, 10, 3, 5),
    Most(6, 11, 8, 4, 1, 4),
    Most(4, 8, 6, 4, 1, 4, named=1),
    Most(3, 6, 4, 3, 1, 3, named=1, users=False),
    Most(2, 3, 2, 2, 1, 2, named=1, users=False),
    Most(2, 2, 1, 1, 1, 1, named=1, users=False),
    Most(2, 2, 0, 1, 0, 0, named=1, users=False),
)
"""From the page as it is to the shortest one. What is to be done first is in all of them."""


@frozen(kw_only=True)
class Cost:
    """What a move costs beyond going on as today, in one currency: an estimate."""

    total: Money
    each: tuple[tuple[str, Money], ...]
    """By the ids of the subscriptions, what costs most first."""


@frozen(kw_only=True)
class Page:
    """The facts of a plan's page. Days are UTC, first and last inclusive."""

    transfer: Transfer
    as_of: date
    policy: str
    feasible: bool
    moved: int
    due: int
    """How many steps are due within seven days, today among them."""
    first: tuple[Task, ...]
    """What is to be done within them, or next where that is less than three things."""
    later: tuple[Step, ...]
    """All other steps: with those of `first`, every step of the plan once."""
    outcomes: tuple[tuple[str, Outcome], ...]
    """By their ids, what becomes of the subscriptions that are moved, and of those that end without being replaced."""
    unreplaced: tuple[str, ...]
    """The ids of those that nothing replaces, and whose users are, will be, or may be without them."""
    unreplaced_until: date | None
    """The first of their last days of sure access, today or later; None: it is over, or not known."""
    read_again: int
    """Of how many subscriptions the days are not known, so that they must be read again."""
    lost: int
    """Of how many subscriptions the data must be taken as lost."""
    blockers: tuple[Finding, ...]
    cautions: tuple[tuple[str, int], ...]
    """The rules that warn, and of how many subjects each."""
    decisions: tuple[Decision, ...]
    questions: tuple[OpenQuestion, ...]
    costs: tuple[Cost, ...]
    """One of each currency."""
    unpriced: int
    """Of how many subscriptions that are moved no price is known."""

    @classmethod
    def of(cls, plan: Planned, *, measured: bool = True) -> Self:
        """Return what the page of a plan says; without `measured`, no question is asked again."""
        week = after(plan.as_of, LOOKS_AHEAD)
        first, later = due_first(plan.steps, plan.as_of, _MOST_FIRST)
        parts = {part.subscription: part for part in plan.parts}
        moved = (
            [a for a in plan.assessments if a.moved or a.subscription.id in parts] if plan.feasible else []
        )
        unreplaced = [
            a
            for a in plan.assessments
            if plan.feasible and a.subscription.id not in parts and ends_unreplaced(a)
        ]
        ends = [day for a in unreplaced if (day := a.gives_access_until) is not None and day >= plan.as_of]
        costs = {a.subscription.id: extra_cost(a, parts.get(a.subscription.id)) for a in moved}
        warned = Counter(rule_id for rule_id, _ in {(f.rule, f.subject) for f in plan.cautions})
        return cls(
            transfer=plan.transfer,
            as_of=plan.as_of,
            policy=plan.policy.name,
            feasible=plan.feasible,
            moved=len(moved),
            due=sum(step.last_day is not None and step.last_day <= week for step in plan.steps),
            first=first,
            later=later,
            outcomes=tuple(
                (a.subscription.id, outcome(a, parts.get(a.subscription.id))) for a in (*moved, *unreplaced)
            ),
            unreplaced=tuple(a.subscription.id for a in unreplaced),
            unreplaced_until=min(ends, default=None),
            read_again=sum(step.action is Action.FIND_OUT for step in plan.steps),
            lost=sum(a.provisioning is not None and a.provisioning.timing is Timing.GONE for a in moved),
            blockers=plan.blockers,
            cautions=tuple(sorted(warned.items(), key=lambda one: (-one[1], one[0]))),
            decisions=decisions(plan) if plan.feasible else (),
            questions=open_questions(plan, measured=measured),
            costs=tuple(_costs(costs)),
            unpriced=sum(cost is None for cost in costs.values()),
        )

    @property
    def counts(self) -> Counts:
        """Of how many subscriptions something is to be expected."""
        return Counts.of(one for _, one in self.outcomes)


def _costs(costs: dict[str, Money | None]) -> Iterator[Cost]:
    by_currency: dict[str, list[tuple[str, Money]]] = {}
    for key, cost in costs.items():
        if cost is not None:
            by_currency.setdefault(cost.currency, []).append((key, cost))
    for each in by_currency.values():
        dearest = sorted(each, key=lambda one: -one[1].amount)
        yield Cost(total=reduce(add, (cost for _, cost in each)), each=tuple(dearest))


# ---- as blocks -----------------------------------------------------------------------------------------------------


def page_blocks(page: Page, lang: str, zone: tzinfo | None, most: Most = MOST[0]) -> list[Block]:
    """Return the page in a language; with a zone, the last moment of each last day stands beside it."""
    check_language(lang)
    names = short_names_of(page.transfer, lang)
    words = _Words(transfer=page.transfer, names=names, lang=lang, zone=zone, most=most)
    move = {
        "partner": page.transfer.destination.id,
        "as_of": page.as_of,
        "policy": policy_words(page.policy, lang),
    }
    blocks: list[Block] = [
        Heading(1, ui("title", lang, customer=page.transfer.customer.id)),
        Paragraph(ui("to_partner", lang, **move)),
        Paragraph(_conclusion(page, words)),
    ]
    if page.transfer.unread:
        blocks.append(Paragraph(counted("not_in_plan", page.transfer.unread, lang)))
    blocks += map(Paragraph, _unreplaced(page, words))
    blocks += map(Paragraph, _money(page, words))
    blocks += section("blockers", ((names.get(f.subject, f.subject), f) for f in page.blockers), lang)
    blocks += _first(page, words)
    blocks += _decisions(page, words)
    blocks += _questions(page, words)
    blocks += _timeline(page, words)
    if page.cautions:
        blocks.append(Paragraph(cautions_in_short(page.cautions, lang, most)))
    blocks.append(
        Paragraph(
            ui(
                "page_days",
                lang,
                marks=marks((*(s for task in page.first for s in task.steps), *page.later), lang),
            )
        )
    )
    return blocks


@frozen(kw_only=True)
class _Words:
    """What things are called on one page."""

    transfer: Transfer
    names: dict[str, str]
    lang: str
    zone: tzinfo | None
    most: Most

    def day(self, day: date) -> str:
        return last_day_of(day, self.lang, self.zone)

    def subjects(self, ids: Sequence[str]) -> str:
        """Return the names of some subscriptions, or how many there are."""
        if len(ids) <= _MOST_NAMED:
            return ui("name_separator", self.lang).join(self.names[key] for key in ids)
        return counted("subscriptions_counted", len(ids), self.lang)

    def task(self, task: Task) -> str:
        """Return what is to be done, and for what."""
        said = in_short(task.step, self.lang)
        ids = tuple(dict.fromkeys(key for step in task.steps for key in step.subjects or (step.subject,)))
        if ids == (self.transfer.receiving_tenant.id,):
            return said
        return ui("task", self.lang, step=said, subjects=self.subjects(ids))


def task_row(task: Task, said: str, lang: str, zone: tzinfo | None) -> tuple[str, ...]:
    """Return the row of a task that comes first: by when, best when, who, and what."""
    by = task_days(task, lang, zone)
    if task.at_once and task.last_days:
        by = ui("at_once_by", lang, days=by)
    return by, str(task.recommended), label(task.step.actor, lang), said


def task_days(task: Task, lang: str, zone: tzinfo | None) -> str:
    """Return by when a task is to be done, the earliest and the latest of several days."""
    days = task.last_days
    if len(days) == 1:
        return latest(task.step, days[0], lang, zone)
    if not days:
        return ui("at_once", lang)
    said = ui("window", lang, first_day=last_day_of(days[0], lang, zone), last_day=days[-1])
    return ui("some_doubted", lang, days=said, count=task.doubted) if task.doubted else said


def cautions_in_short(warned: Sequence[tuple[str, int]], lang: str, most: Most) -> str:
    """Return the rules that warn of most subjects, and of how many; or only how many rules do."""
    shown = warned[: most.cautions]
    if not shown:
        return counted("only_cautions", len(warned), lang)
    titles = (f"{rule_id} {rule(rule_id).titles[lang]} ({count})" for rule_id, count in shown)
    left = len(warned) - len(shown)
    more = ui("more_cautions", lang, count=left) if left else ""
    return ui("cautions_in_short", lang, cautions=ui("separator", lang).join(titles), more=more)


def _conclusion(page: Page, words: _Words) -> str:
    lang = words.lang
    if not page.feasible:
        return ui("blocked", lang)
    everything = len(page.transfer.subscriptions)
    if not page.moved:
        said = [counted("nothing_moves", everything, lang)]
    elif page.moved == everything:
        said = [counted("can_move_all", everything, lang)]
    else:
        said = [ui("can_move", lang, moved=page.moved, all=everything)]
    due = [day for task in page.first for day in task.last_days]
    if page.due:
        said.append(counted("due_soon", page.due, lang, day=min(due)))
    elif due:
        said.append(ui("due_next", lang, day=min(due)))
    else:
        said.append(ui("nothing_due", lang))
    harmed = {name: [key for key, one in page.outcomes if is_so(one)] for name, is_so in HARMS.items()}
    said += harm({name: words.subjects(ids) for name, ids in harmed.items() if ids}, lang)
    if page.lost:
        said.append(counted("lost", page.lost, lang))
    if page.read_again:
        said.append(counted("read_first", page.read_again, lang))
    return ui("sentence_end", lang, said=ui("sentence_join", lang).join(said))


def harm(subjects: Mapping[str, str], lang: str) -> Iterator[str]:
    """Yield what users have to expect, by the names of `HARMS`, and of which subscriptions, or of how many."""
    for name, said in subjects.items():
        yield ui(name, lang, subjects=said)
    if not subjects:
        yield ui("not_interrupted", lang)


def in_numbers(counts: Counts, lang: str) -> dict[str, str]:
    """Return of how many subscriptions users have to expect something, in short, for `harm`."""
    return {name: ui("so_many", lang, count=count) for name, count in counts.harmed().items()}


def _unreplaced(page: Page, words: _Words) -> Iterator[str]:
    if not page.unreplaced:
        return
    lang, names = words.lang, [words.names[key] for key in page.unreplaced]
    said = ui("separator", lang).join(names[:_MOST_NAMED])
    if left := len(names) - len(names[:_MOST_NAMED]):
        said = ui("and_more", lang, name=said, count=left)
    if page.unreplaced_until is None:
        yield ui("unreplaced_now", lang, subscriptions=said)
    else:
        yield ui("unreplaced", lang, subscriptions=said, day=page.unreplaced_until)


def _money(page: Page, words: _Words) -> Iterator[str]:
    lang = words.lang
    for cost in page.costs:
        dear = [(key, money) for key, money in cost.each if money.amount][:_MOST_COSTS]
        each = ui("separator", lang).join(f"{words.names[key]} {money}" for key, money in dear)
        yield ui("extra_cost", lang, total=cost.total, each=each or ui("none", lang), unpriced=page.unpriced)


def _first(page: Page, words: _Words) -> list[Block]:
    if not page.first:
        return []
    lang = words.lang
    rows = tuple(task_row(task, words.task(task), lang, words.zone) for task in page.first)
    heading = ui("first", lang, last_day=after(page.as_of, LOOKS_AHEAD)) if page.due else ui("next", lang)
    return [
        Heading(2, heading),
        Table(tuple(ui(h, lang) for h in ("do_by", "recommended", "who", "step")), rows),
    ]


def _decisions(page: Page, words: _Words) -> list[Block]:
    if not page.decisions:
        return []
    lang = words.lang
    # Users who have no access today go first, and then the many before the few.
    largest = sorted(
        page.decisions, key=lambda d: (d.choice is not Choice.NOW_OR_LATER, -len(d.subscriptions))
    )
    shown = largest[: words.most.decisions]
    rows = tuple(_decision(one, words) for one in page.decisions if one in shown)
    left = len(page.decisions) - len(rows)
    headers = tuple(ui(h, lang) for h in ("do_by", "decide", "first_option", "second_option"))
    more: list[Block] = [Paragraph(counted("more_decisions", left, lang))] if left else []
    return [Heading(2, ui("decisions", lang)), Table(headers, rows), *more]


def _decision(one: Decision, words: _Words) -> tuple[str, ...]:
    lang = words.lang
    by = words.day(one.by) if one.by else ui("no_limit", lang)
    title = ui(f"decide_{one.choice}", lang, subjects=words.subjects(one.subscriptions))
    if one.choice is Choice.TRIAL:
        return by, title, ui("trial_goes_on", lang), ui("trial_ends", lang)
    first, second = (_option(option, one.choice, lang) for option in one.options)
    assert one.reason is not None  # noqa: S101 - only a trial is nobody's to recommend
    return by, title, ui("recommended_as", lang, option=first, reason=label(one.reason, lang)), second


def _done(option: Option, choice: Choice, lang: str) -> str:
    if choice is Choice.NOW_OR_LATER:
        if not option.days_without_access:
            return ui("buy_today", lang)
        return ui("buy_on", lang, day=option.day) if option.day else ui("buy_at_end", lang)
    transfer = option.way is Way.PARTNER_CENTER_TRANSFER
    other = label(option.way, lang) if option.way else ui("no_other", lang)
    way = ui("ask_transfer", lang) if transfer else other
    return ui("done_by", lang, way=way, day=option.day) if option.day and not transfer else way


def _option(option: Option, choice: Choice, lang: str) -> str:
    done = _done(option, choice, lang)
    return ui("option", lang, done=done, follows=ui("separator", lang).join(_follows(option, choice, lang)))


def _follows(option: Option, choice: Choice, lang: str) -> Iterator[str]:
    expected = Counts(
        interrupted=option.interrupted,
        perhaps_interrupted=option.perhaps_interrupted,
        data_at_risk=option.data_at_risk,
        paid_twice=0,
    )
    if option.days_without_access:
        yield counted("days_without_access", option.days_without_access, lang)
    elif choice is Choice.NOW_OR_LATER:
        yield ui("access_at_once", lang)
    else:
        yield from harm(in_numbers(expected, lang), lang)
    twice = option.paid_twice_days
    yield counted("days_paid_twice", twice, lang) if twice else ui("nothing_paid_twice", lang)
    if option.cost is not None:
        yield ui("costs_more", lang, cost=option.cost)


def _questions(page: Page, words: _Words) -> list[Block]:
    if not page.questions:
        return []
    lang = words.lang
    kinds: dict[Ask, list[OpenQuestion]] = {}
    for one in page.questions:
        kinds.setdefault(one.ask, []).append(one)
    together = {ask: _added(each) for ask, each in kinds.items()}
    ordered = sorted(kinds, key=lambda ask: -(together[ask].changed or 0))  # a stable sort
    items = tuple(
        _question(kinds[ask], together[ask], page.as_of, words)
        for ask in ordered
        if together[ask].changed != 0
    )
    beside = ui("separator", lang).join(
        _asked(kinds[ask], words, "confirm") for ask in ordered if together[ask].changed == 0
    )
    blocks: list[Block] = [Heading(2, ui("questions", lang))]
    if items:
        blocks.append(Bullets(items))
    if beside:
        blocks.append(Paragraph(ui("also_confirm", lang, what=beside)))
    return blocks


def _question(questions: Sequence[OpenQuestion], together: OpenQuestion, today: date, words: _Words) -> str:
    lang = words.lang
    said = {"question": _asked(questions, words, "ask"), "effect": _effect(together, lang)}
    if together.by is None:
        return ui("open_question", lang, **said)
    last_day = after(together.by, -1)
    if last_day <= today:
        return ui("open_question_today", lang, **said)
    return ui("open_question_by", lang, day=last_day, **said)


def _added(questions: Sequence[OpenQuestion]) -> OpenQuestion:
    """Return questions of one kind as one: each is about subscriptions of its own."""
    return reduce(_and, questions)


def _and(one: OpenQuestion, other: OpenQuestion) -> OpenQuestion:
    days = [day for day in (one.by, other.by) if day is not None]
    return evolve(
        one,
        about="",
        subscriptions=one.subscriptions + other.subscriptions,
        by=min(days, default=None),
        changed=None if one.changed is None or other.changed is None else one.changed + other.changed,
        planned=one.planned + other.planned if one.planned and other.planned else None,
        otherwise=one.otherwise + other.otherwise if one.otherwise and other.otherwise else None,
    )


def _asked(questions: Sequence[OpenQuestion], words: _Words, phrase: str) -> str:
    lang, most = words.lang, words.most.offers
    offers = [
        ui("offer_of_many", lang, offer=one.about, count=one.subscriptions)
        if one.subscriptions > 1
        else one.about
        for one in questions[:most]  # in order already: what changes most, then the most subscriptions
    ]
    said = ui("separator", lang).join(offers)
    if left := len(questions) - len(offers):
        said = ui("and_more", lang, name=said, count=left)
    return ui(f"{phrase}_{questions[0].ask}", lang, offers=said)


def _effect(question: OpenQuestion, lang: str) -> str:
    if question.ask is Ask.TENANT_IS_FULL:
        return ui(f"if_{question.ask}", lang, count=question.subscriptions, most=question.most)
    if question.changed is None or question.planned is None or question.otherwise is None:
        said = counted("not_measured", question.subscriptions, lang)
    else:
        said = ui("separator", lang).join(_changes(question.planned, question.otherwise, lang))
        said = said or counted("other_days", question.changed, lang)
    return ui(f"if_{question.ask}", lang, said=said)


def _changes(now: Counts, then: Counts, lang: str) -> Iterator[str]:
    for name in ("interrupted", "perhaps_interrupted", "data_at_risk", "paid_twice"):
        before, later = getattr(now, name), getattr(then, name)
        if before != later:
            yield ui(f"changed_{name}", lang, before=before, after=later)


def _timeline(page: Page, words: _Words) -> list[Block]:
    if not page.later:
        return []
    lang = words.lang
    heading = Heading(2, ui("timeline", lang))
    listed = timeline(page.later, page.as_of)
    if len(listed) > MOST[0].listed:
        return [heading, calendar(page.later, page.as_of, lang, words.most.months)]
    headers = tuple(ui(h, lang) for h in ("do_by", "who", "step"))
    shown = listed[: words.most.listed]
    rows = tuple(
        (task_days(task, lang, words.zone), label(task.step.actor, lang), words.task(task)) for task in shown
    )
    left = sum(len(task.steps) for task in listed[len(shown) :])
    more: list[Block] = [Paragraph(counted("more_steps", left, lang))] if left else []
    return [heading, Table(headers, rows), *more]


def marks(steps: Iterable[Step], lang: str) -> str:
    """Return what the marks beside steps say, those that there are."""
    every = tuple(steps)
    said: list[str] = []
    if any(step.unless_transferred for step in every):
        said.append(ui("mark_otherwise", lang))
    if any(step.doubted_day for step in every):
        said.append(ui("mark_doubt", lang))
    return ui("marks", lang, said=ui("separator", lang).join(said)) if said else ""


def calendar(steps: Sequence[Step], today: date, lang: str, most: int = MOST[0].months) -> Table:
    """Return how much each party has to do in each of the first months; of later ones, in each year."""
    actors = actors_of(steps)
    rows = []
    months = by_month(steps, today)
    periods: dict[str, list[Step]] = {}
    for n, ((year, month), each) in enumerate(months.items()):
        named = ui("rest_of_year", lang, year=year) if n >= most else f"{year}-{month:02}"
        periods.setdefault(named, []).extend(each)
    for named, each in periods.items():
        cells = (_cell([step for step in each if step.actor is actor], lang) for actor in actors)
        rows.append((named, *cells))
    return Table((ui("month", lang), *(label(actor, lang) for actor in actors)), tuple(rows))


def _cell(steps: Iterable[Step], lang: str) -> str:
    return ui("separator", lang).join(
        ui(
            "cell",
            lang,
            step=in_short(task.step, lang),
            count=len(task.steps),
            marks="!" if task.doubted else "",
        )
        for task in in_all(steps)
    )
