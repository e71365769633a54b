"""How steps, days and findings are said, the same in every report, table, calendar and picture.

Alike steps are taken together; the sources of all rules that a report names stand at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from datetime import date, tzinfo
from typing import Final

from attrs import frozen

from .catalogue import label, rule, ui
from .days import after, last_moment
from .findings import Finding
from .outline import Block, Bullets, Heading
from .rules.refunds import Actor
from .sources import Page, Source, link_in, title_in
from .steps import Action, Deadline, Step
from .texts import id_key
from .transfer import Transfer

__all__ = [
    "LOOKS_AHEAD",
    "Task",
    "actors_of",
    "alike",
    "by_month",
    "citations",
    "counted",
    "due_first",
    "in_all",
    "in_short",
    "last_day_of",
    "latest",
    "names_of",
    "of_many",
    "section",
    "short_id",
    "short_names_of",
    "subjects_of",
    "timeline",
    "what",
    "who",
    "with_cautions",
]

_END_OF_AN_ID: Final = 4
"""How many of its last letters stand for an id, where they are enough to tell it from the others."""


def counted(key: str, count: int, lang: str, **facts: object) -> str:
    """Return a phrase about a number of things; English has another one for just one."""
    return ui(f"{key}_one" if count == 1 else key, lang, count=count, **facts)


def of_many(customers: int, subscriptions: int, lang: str) -> str:
    """Return what a plan of many customers is called, in a language."""
    return ui(
        "portfolio",
        lang,
        customers=counted("customers_counted", customers, lang),
        subscriptions=counted("subscriptions_counted", subscriptions, lang),
    )


def what(step: Step | Deadline, lang: str) -> str:
    """Return what a step or a deadline is about, in a language."""
    said = label(step.action, lang)
    return ui("unless_transferred", lang, step=said) if step.unless_transferred else said


def in_short(step: Step | Deadline, lang: str) -> str:
    """Return what it is about in few words; with a mark, where it is only to be done if nothing is transferred."""
    said = ui(f"short_{step.action}", lang)
    if isinstance(step, Step) and step.is_late:
        said = ui("saves_data", lang, step=said)
    return ui("marked", lang, step=said, mark="*" if step.unless_transferred else "")


def who(step: Step | Deadline, lang: str) -> str:
    """Return who does it, in a language."""
    actor = label(step.actor, lang)
    if step.or_actor is None:
        return actor
    return ui("or_actor", lang, first=actor, second=label(step.or_actor, lang))


def latest(step: Step | Deadline, day: date | None, lang: str, zone: tzinfo | None = None) -> str:
    """Return the last day, with the later one that is in doubt beside it, in a language.

    With a zone, the last moment of the day in that zone stands beside it.
    """
    if day is None:
        return ui("no_limit", lang)
    said = last_day_of(day, lang, zone)
    if step.doubted_day is None:
        return said
    rules = ", ".join(rule_id for rule_id in step.cautions if rule(rule_id).gives_another_day)
    return ui("doubted", lang, day=said, rules=rules, later=step.doubted_day)


def last_day_of(day: date, lang: str, zone: tzinfo | None) -> str:
    """Return a UTC day by which something is to be done; with a zone, its last moment there beside it."""
    return str(day) if zone is None else ui("until_there", lang, what=day, moment=last_moment(day, zone))


def subjects_of(step: Step | Deadline, names: Mapping[str, str], lang: str) -> str:
    """Return what to call what it is for: the first of several, and how many more there are."""
    name, more = names[step.subject], len(step.subjects) - 1
    return name if more < 1 else ui("and_more", lang, name=name, count=more)


def names_of(transfer: Transfer, lang: str) -> dict[str, str]:
    """Return what to call each subject: its name, with its id where the name is not its alone."""
    return _named(transfer, lang, {s.id: s.id for s in transfer.subscriptions})


def short_names_of(transfer: Transfer, lang: str) -> dict[str, str]:
    """Return what to call each subject on a page that has little room: of an id, only its end, where that is enough."""
    ids = [s.id for s in transfer.subscriptions]
    ends = Counter(map(_end, ids))
    return _named(transfer, lang, {key: _shortened(key, ends) for key in ids})


def short_id(key: str, among: Iterable[str]) -> str:
    """Return the end of an id, where that is enough to tell it from the others."""
    return _shortened(key, Counter(map(_end, among)))


def _end(key: str) -> str:
    return id_key(key[-_END_OF_AN_ID:])


def _shortened(key: str, ends: Mapping[str, int]) -> str:
    return f"…{key[-_END_OF_AN_ID:]}" if len(key) > 2 * _END_OF_AN_ID and ends[_end(key)] == 1 else key


def _named(transfer: Transfer, lang: str, ids: Mapping[str, str]) -> dict[str, str]:
    subscriptions = transfer.subscriptions
    titles = [s.name or s.offer.title for s in subscriptions]
    count = Counter(map(id_key, titles))  # a title may be an id
    return {
        transfer.receiving_tenant.id: transfer.receiving_tenant.id,
        transfer.customer.id: ui("whole_customer", lang),
        **{
            s.id: title if count[id_key(title)] == 1 else f"{title} [{ids[s.id]}]"
            for s, title in zip(subscriptions, titles, strict=True)
        },
    }


def section(heading: str, said: Iterable[tuple[str, Finding]], lang: str) -> list[Block]:
    """Return a section of findings, each with the name of its subject; nothing where there are none."""
    # What is said of several subjects in the same words is said once, for all of them.
    subjects: dict[tuple[str, str], list[str]] = {}
    for subject, f in said:
        subjects.setdefault((f.rule, f.message_in(lang)), []).append(subject)
    items = tuple(f"{rule_id}, {', '.join(who)}: {message}" for (rule_id, message), who in subjects.items())
    return [Heading(2, ui(heading, lang)), Bullets(items)] if items else []


def with_cautions(rule_id: str, cautions: Iterable[str]) -> str:
    """Return a rule and the cautions that put its days in doubt, as tables name them."""
    marked = dict.fromkeys(f"{caution}!" for caution in cautions)
    return ", ".join(marked if f"{rule_id}!" in marked else [rule_id, *marked])


def citations(rule_ids: Iterable[str], lang: str) -> list[Block]:
    """Return the section on sources; nothing where no rule is named."""
    pages: dict[str, list[str]] = {}
    for rule_id in sorted(set(rule_ids)):
        row = rule(rule_id)
        pages.setdefault(_page(row.source, lang), []).append(f"{rule_id} {row.source.passage}")
        for further in row.further:
            pages.setdefault(_page(further, lang), []).append(rule_id)
    items = tuple(f"{page}: {', '.join(cited_there)}" for page, cited_there in pages.items())
    return [Heading(2, ui("sources", lang)), Bullets(items)] if items else []


def _page(page: Source | Page, lang: str) -> str:
    edition = ui("undated" if page.edition == "undated" else "edition", lang, edition=page.edition)
    said = ui("page", lang, title=title_in(page, lang), edition=edition, day=page.read_on)
    return f"{said} {link_in(page, lang)}"


LOOKS_AHEAD: Final = 6
"""How many days beside today are a week, in which something has to be done first."""
_BEFORE_BUYING: Final = frozenset({Action.REQUEST_RELATIONSHIP, Action.ACCEPT_RELATIONSHIP})
_FIRST: Final = 3
"""How many things with a last day of their own it names at least, if there are as many."""


@frozen(kw_only=True)
class Task:
    """What one party does, for one subscription or for several alike."""

    steps: tuple[Step, ...]

    @property
    def step(self) -> Step:
        """The one that is due first."""
        return self.steps[0]

    @property
    def last_days(self) -> tuple[date, ...]:
        """The last days of all, the earliest first, each once; those of the steps that have one."""
        return tuple(sorted({step.last_day for step in self.steps if step.last_day is not None}))

    @property
    def at_once(self) -> bool:
        """Whether it should not wait for its last day."""
        return _at_once(self.step)

    @property
    def recommended(self) -> date:
        """The best day for it; the earliest one of several."""
        return min(map(_best, self.steps))

    @property
    def doubted(self) -> int:
        """For how many steps another reading gives a later last day."""
        return sum(step.doubted_day is not None for step in self.steps)


def alike(steps: Iterable[Step], key: Callable[[Step], Hashable]) -> tuple[Task, ...]:
    """Return steps that have one key together, each task where the first of its steps stands."""
    together: dict[Hashable, list[Step]] = {}
    for step in steps:
        together.setdefault(key(step), []).append(step)
    return tuple(Task(steps=tuple(each)) for each in together.values())


def _what(step: Step) -> tuple[Hashable, ...]:
    return step.action, step.actor, step.unless_transferred, step.is_late


def _when(step: Step) -> tuple[Hashable, ...]:
    return step.last_day, step.doubted_day, step.recommended


def _due(step: Step) -> date:
    """Return the day that puts it in its place: its last one, or the best one where there is no last."""
    return step.last_day or step.recommended or step.first_day


def _best(step: Step) -> date:
    return step.recommended or step.first_day


def _at_once(step: Step) -> bool:
    """Tell whether it should not wait for its last day: no other day is known before, or users are without access."""
    return step.action is Action.FIND_OUT or step.is_late


def _acted_on(step: Step, at_once: Container[Action]) -> date:
    """Return the day on which a reader should act: not later than on the best one for what should be done at once."""
    early = _at_once(step) or step.action in at_once
    return min(_due(step), _best(step)) if early else _due(step)


def due_first(steps: Iterable[Step], today: date, most: int) -> tuple[tuple[Task, ...], tuple[Step, ...]]:
    """Return what is to be done within seven days, in about so many tasks, and the steps that come later.

    What should be done at once is among the first, whatever its last day; so is the relationship where users wait for
    something to be bought. Where there are less than three other things, what is due next is among them. Alike steps of
    one day are one task; where these are too many, alike steps of all the days are.
    """
    steps, week = tuple(steps), after(today, LOOKS_AHEAD)
    users_wait = any(step.is_late and _best(step) <= week for step in steps)
    at_once = _BEFORE_BUYING if users_wait else frozenset[Action]()
    ordered = sorted(steps, key=lambda step: (_acted_on(step, at_once), step.first_day))  # a stable sort
    urgent = [step for step in ordered if _acted_on(step, at_once) <= week]
    later = [step for step in ordered if _acted_on(step, at_once) > week]
    tasks = _tasks(urgent, most)
    missing = _FIRST - sum(not task.at_once and _due(task.step) <= week for task in tasks)
    tasks += alike(later, _exactly)[: max(0, missing)]
    shown = {id(step) for task in tasks for step in task.steps}
    return tasks, tuple(step for step in later if id(step) not in shown)


def _exactly(step: Step) -> Hashable:
    return _what(step), _when(step)


def _tasks(steps: list[Step], most: int) -> tuple[Task, ...]:
    tasks = alike(steps, lambda step: _what(step) if _at_once(step) else _exactly(step))
    return tasks if len(tasks) <= most else alike(steps, _what)


def by_month(steps: Iterable[Step], today: date) -> dict[tuple[int, int], list[Step]]:
    """Return steps by the year and month in which they are due, the earliest first."""
    months: dict[tuple[int, int], list[Step]] = {}
    for step in sorted(steps, key=_due):
        day = max(today, _due(step))
        months.setdefault((day.year, day.month), []).append(step)
    return months


def timeline(steps: Iterable[Step], today: date) -> tuple[Task, ...]:
    """Return what each party has to do in each month, alike steps as one task, in the order of their last days."""
    months = by_month(steps, today)
    return tuple(task for each in months.values() for task in alike(each, _what))


def in_all(steps: Iterable[Step]) -> tuple[Task, ...]:
    """Return what is to be done by whom, whatever the days."""
    return alike(steps, lambda step: (step.actor, step.action, step.unless_transferred))


def actors_of(steps: Iterable[Step]) -> tuple[Actor, ...]:
    """Return who has something to do, in the order of `Actor`."""
    acting = {step.actor for step in steps}
    return tuple(actor for actor in Actor if actor in acting)
