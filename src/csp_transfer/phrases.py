"""How steps, days and findings are said, the same in every report, table, calendar and picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from typing import Final

from .catalogue import label, rule, ui
from .findings import Finding
from .ids import id_key
from .outline import Block, Bullets, Heading
from .steps import Deadline, Step
from .transfer import Transfer
from .zones import last_moment

__all__ = [
    "counted",
    "in_short",
    "last_day_of",
    "latest",
    "names_of",
    "section",
    "short_id",
    "short_names_of",
    "subjects_of",
    "what",
    "who",
    "with_cautions",
]

_END_OF_AN_ID: Final = 4
"""How many of its last letters stand for an id, where they are enough to tell it from the others."""


def counted(key: str, count: int, lang: str, **facts: object) -> str:
    """Return a phrase about a number of things; English has another one for just one."""
    return ui(f"{key}_one" if count == 1 else key, lang, count=count, **facts)


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
