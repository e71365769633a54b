"""The door out: the deadlines of a plan or a portfolio as an iCalendar file (RFC 5545). Needs the extra `calendar`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from attrs import frozen

from . import checks
from .catalogue import Bearing, check_language, label, policy_words, rule, ui
from .days import EARLIEST, after, starts_at, utc_day
from .errors import InvalidType, InvalidValue
from .extras import Needs
from .findings import Finding
from .phrases import counted, latest, of_many, subjects_of, what, who
from .plan import Plan
from .portfolio import Portfolio
from .sources import link_in
from .steps import ALL, Action, Deadline, Selection, Step
from .texts import flat, id_key

with Needs("csp_transfer.export", extra="calendar"):
    from icalendar import Alarm, Calendar, Event, vText

__all__ = ["to_ics"]

_PRODID: Final = "-//csp-transfer//csp-transfer//EN"
_NAMESPACE: Final = UUID("a39a4a16-97c2-5a0e-8d4f-5a0c1f0e6a11")
"""What the ids of events are derived within: another one would make every event a new one."""
_WEEK_DAY_AND_SAME_DAY: Final = (timedelta(weeks=1).days, 1, 0)
_RINGS_AT: Final = timedelta(hours=9)
_REVISIONS: Final = 100
_A_REVISION: Final = f"a whole number from 0 to {_REVISIONS - 1}"
_SELECTED: Final = "at least one that is selected"


def to_ics(
    result: Plan | Portfolio,
    *,
    lang: str = "en",
    zone: tzinfo = UTC,
    alarms: Iterable[int] = _WEEK_DAY_AND_SAME_DAY,
    revision: int = 0,
    select: Selection = ALL,
    grouped: bool = False,
) -> bytes:
    """Return every deadline as an all-day event with alarms: an iCalendar file in UTF-8, as Outlook and Google read it.

    Bytes, as line ends (CRLF) and encoding are part of the format: write them as they are. The same input gives the
    same bytes.

    A deadline is the end of a UTC day. Its event lies on the last day of the reader's `zone` that is wholly over by
    then, so that whoever is done when the event's day ends is in time: for UTC and all zones east of it the UTC day
    itself; west of it the day before (but never a day before the plan's, on which there still is time). The
    description says the instant. So give the zone where it is west of UTC, or the westernmost of several.

    `alarms` are days before the event, each at nine in the morning where the reader is; those before the plan's day
    are left out.

    An event's id is derived from customer, subject and action, so that an export of a later day updates an event
    and does not double it, also where the deadline has moved. What is to be done with a transfer in mid-term, and by
    somebody else without it, are two events. Its sequence number and time stamp come from the
    plan's day; count `revision` up (to 99) where there is more than one export for one day. A deadline that is there
    no more is just not in the file: a subscribed calendar drops it, from an imported one it must be deleted.

    `select` takes a part of the deadlines: by whom, what, on which days. `grouped` makes one event of what the same
    actor does on the same day in the same way, with the number of subscriptions in its title and each of them in its
    description. Such an event is known by its customers, its day, actor and action: where a day moves, or another
    customer has the same to do, a later export makes another event. So replace the calendar as a whole, or subscribe to
    it.

    Raises `InvalidType` or `InvalidValue`, also where there is no deadline: a calendar cannot be empty, and a plan
    without deadlines (blocked, or nothing to do by a known day) says why in its findings.
    Source: each event names its rule, with the link.

    >>> from csp_transfer import Offer, Partner, Subscription, Tenant, Term, Transfer, plan_transfer
    >>> mail = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True, name="Mail",
    ...                     term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(mail,), relationship_accepted=True,
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> ics = to_ics(plan_transfer(move, as_of=date(2026, 3, 1)))
    >>> for line in ics.decode().splitlines():
    ...     if line.startswith(("SUMMARY", "DTSTART")):
    ...         print(line)
    SUMMARY:Turn auto-renew off: Mail (contoso)
    DTSTART;VALUE=DATE:20260331
    SUMMARY:Buy the new subscription: Mail (contoso)
    DTSTART;VALUE=DATE:20260430
    """
    checks.instance("result", result, (Plan, Portfolio))
    check_language(lang)
    checks.instance("zone", zone, tzinfo)
    if starts_at(EARLIEST).replace(tzinfo=zone).utcoffset() is None:
        raise InvalidValue("zone", zone, "a zone that knows how far it is from UTC")
    if type(revision) is not int:
        raise InvalidType("revision", revision, _A_REVISION)
    if not 0 <= revision < _REVISIONS:
        raise InvalidValue("revision", revision, _A_REVISION)
    checks.instance("select", select, Selection)
    checks.flag("grouped", grouped)
    style = _Style(lang=lang, zone=zone, alarms=_days_before(alarms), revision=revision)
    plans = (result,) if isinstance(result, Plan) else result.plans
    found = [one for plan in plans for one in _every(plan, style) if select.has(one.deadline)]
    if not found:
        accepted = "at least one; why there is none, the findings say" if select.takes_all else _SELECTED
        raise InvalidValue("deadlines", (), accepted)
    found.sort(key=lambda one: one.deadline.day)  # a stable sort, as in `Portfolio.deadlines`
    events = _groups(found, style) if grouped else (_event_of(one, style) for one in found)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODID)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, vText(flat(_title(result, lang))))
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


@frozen(kw_only=True)
class _Style:
    lang: str
    zone: tzinfo
    alarms: tuple[int, ...]
    revision: int


def _days_before(alarms: Iterable[int]) -> tuple[int, ...]:
    checks.instance("alarms", alarms, Iterable, "days before, whole numbers from 0")
    days = tuple(alarms)
    for n, before in enumerate(days):
        if type(before) is not int:
            raise InvalidType(f"alarms[{n}]", before, "days before, a whole number from 0")
        if before < 0 or before in days[:n]:
            raise InvalidValue(f"alarms[{n}]", before, "days before, a whole number from 0, each once")
    return tuple(sorted(days, reverse=True))


def _title(result: Plan | Portfolio, lang: str) -> str:
    if isinstance(result, Plan):
        return ui("title", lang, customer=result.transfer.customer.id)
    subscriptions = sum(len(plan.assessments) for plan in result.plans)
    return of_many(len(result.plans), subscriptions, lang)


class _One(NamedTuple):
    """A deadline of a plan, with what its event says beside it."""

    plan: Plan
    deadline: Deadline
    names: Mapping[str, str]
    first_day: date | None
    said: Mapping[tuple[str, str], list[str]]
    """What the plan's findings say, by rule and subject."""
    otherwise: bool
    """Whether the same is to be done with a transfer in mid-term."""
    closing: tuple[Finding, ...]
    """What says that its day is not a whole one."""

    @property
    def closes_at(self) -> datetime:
        """The instant before which it is to be done: the end of its day, or within it where that is known."""
        said = (f.facts.get("until") for f in self.closing)
        hours = (until for until in said if isinstance(until, datetime))
        return min(hours, default=starts_at(after(self.deadline.day)))

    @property
    def customer(self) -> str:
        return self.plan.transfer.customer.id

    @property
    def subjects(self) -> tuple[str, ...]:
        return self.deadline.subjects or (self.deadline.subject,)


def _every(plan: Plan, style: _Style) -> Iterator[_One]:
    names = plan._names(style.lang)
    first_days = {_done_once(step): step.first_day for step in plan.steps}
    said: dict[tuple[str, str], list[str]] = {}
    closings: dict[str, list[Finding]] = {}
    for f in plan.findings:
        said.setdefault((f.rule, f.subject), []).append(f.message_in(style.lang))
        if f.bearing is Bearing.CLOSING:
            # What is to be done for the tenant is to be done for all.
            for key in {id_key(f.subject), id_key(plan.transfer.receiving_tenant.id)}:
                closings.setdefault(key, []).append(f)
    seen: set[tuple[str, Action, bool]] = set()
    with_consent = {(d.subject, d.action) for d in plan.deadlines if not d.unless_transferred}
    for deadline in plan.deadlines:
        once = _done_once(deadline)
        if once in seen:  # a calendar would keep one of them
            raise InvalidValue("deadlines", deadline, "each thing to do once, as `plan_transfer` has it")
        seen.add(once)
        otherwise = deadline.unless_transferred and (deadline.subject, deadline.action) in with_consent
        closing = tuple(f for f in closings.get(id_key(deadline.subject), ()) if _closes(f, deadline))
        yield _One(plan, deadline, names, first_days.get(once), said, otherwise, closing)


def _closes(f: Finding, deadline: Deadline) -> bool:
    """Tell whether the day of a deadline is the one that a finding says is not a whole one."""
    until = f.facts.get("until", f.facts.get("until_day"))
    return f.rule in deadline.cautions and utc_day("until", until) == deadline.day


def _event_of(one: _One, style: _Style) -> Event:
    """Return the event of one deadline; its id is not of the day, which may move, nor of how ids are spelled.

    An action that a plan has once keeps one id, with a transfer or without; where it is to be done both ways, the one
    with a transfer in mid-term has it first.
    """
    deadline = one.deadline
    of = [id_key(one.customer), id_key(deadline.subject), str(deadline.action)]
    return _alone(one, _event_id([*of, "unless_transferred"] if one.otherwise else of), style)


def _alone(one: _One, event_id: str, style: _Style) -> Event:
    deadline = one.deadline
    lines = [
        *_what_and_when(one, style),
        *_reasons(deadline, one.said, style.lang),
    ]
    customer = one.customer
    subject = (
        customer
        if deadline.subject == customer
        else f"{subjects_of(deadline, one.names, style.lang)} ({customer})"
    )
    return _event([one], event_id, subject, lines, style)


def _groups(found: Iterable[_One], style: _Style) -> Iterator[Event]:
    """Yield one event for all that the same actors do until the same instant in the same way.

    It is known by its customers, too: an event of other customers in the same calendar must not replace it.
    """
    groups: dict[tuple[str, ...], list[_One]] = {}
    for one in found:
        deadline = one.deadline
        until = f"{one.closes_at.isoformat()}{' at an hour' * bool(one.closing)}"
        actors = f"{deadline.actor} {deadline.or_actor or ''}".strip()
        unless = ("unless_transferred",) * deadline.unless_transferred
        groups.setdefault((until, actors, str(deadline.action), *unless), []).append(one)
    for key, group in groups.items():
        customers = sorted({id_key(one.customer) for one in group})
        event_id = _event_id([json.dumps(customers), *key])
        yield _alone(group[0], event_id, style) if len(group) == 1 else _together(group, event_id, style)


def _together(group: Sequence[_One], event_id: str, style: _Style) -> Event:
    lang, customers = style.lang, list(dict.fromkeys(one.customer for one in group))
    count = sum(len(one.subjects) for one in group if one.deadline.subject != one.customer)
    subject = customers[0] if len(customers) == 1 else counted("customers_counted", len(customers), lang)
    if count:
        subject = f"{counted('subscriptions_counted', count, lang)} ({subject})"
    deadline = group[0].deadline
    lines = [
        _until(group[0], style),
        ui("event_who", lang, who=who(deadline, lang)),
        _of_the_plan(group[0].plan, lang),
        *(line for one in group for line in _items(one, lang)),
    ]
    for rule_id in dict.fromkeys(
        rule_id for one in group for rule_id in (one.deadline.rule, *one.deadline.cautions)
    ):
        row = rule(rule_id)
        lines += [f"{rule_id}: {row.titles[lang]}", link_in(row.source, lang)]
    return _event(group, event_id, subject, lines, style)


def _items(one: _One, lang: str) -> Iterator[str]:
    """Yield what the description of many says of one of them, a line for each subscription that it is for."""
    deadline = one.deadline
    days = [] if deadline.doubted_day is None else [latest(deadline, deadline.day, lang)]
    if deadline.recommended is not None:
        days.append(ui("event_recommended", lang, day=deadline.recommended))
    for subject in one.subjects:
        said = [one.customer, *days]
        if subject != one.customer:
            said[0] = f"{one.names[subject]} ({one.customer})"
            said.append(ui("event_id", lang, id=subject))
        yield f"- {ui('separator', lang).join(said)}{_doubts([one])}"


def _done_once(step: Step | Deadline) -> tuple[str, Action, bool]:
    """Return what a plan has once at most: with the source partner's consent, and without it."""
    return step.subject, step.action, step.unless_transferred


def _event(group: Sequence[_One], event_id: str, subject: str, lines: Iterable[str], style: _Style) -> Event:
    """Return an event for what falls together, of which the first stands for all."""
    plan, deadline = group[0].plan, group[0].deadline
    day = _event_day(group[0], style.zone)
    summary = ui("event", style.lang, step=what(deadline, style.lang), subject=subject)
    summary = flat(summary + _doubts(group))
    event = Event()
    event.add("UID", event_id)
    event.add("DTSTAMP", starts_at(plan.as_of))
    event.add("SEQUENCE", (plan.as_of - EARLIEST).days * _REVISIONS + style.revision)
    event.add("DTSTART", day)
    event.add("DTEND", after(day))  # iCalendar's ends are exclusive
    event.add("SUMMARY", summary)
    event.add("DESCRIPTION", "\n".join(map(flat, lines)))
    event.add("CATEGORIES", [label(deadline.actor, style.lang)])
    event.add("URL", link_in(rule(deadline.rule).source, style.lang))
    event.add("STATUS", "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")  # a deadline keeps nobody busy
    for before in style.alarms:
        if before <= (day - plan.as_of).days:
            alarm = Alarm()
            alarm.add("ACTION", "DISPLAY")
            alarm.add("TRIGGER", _RINGS_AT - timedelta(days=before))
            alarm.add("DESCRIPTION", summary)
            event.add_component(alarm)
    return event


def _event_day(one: _One, zone: tzinfo) -> date:
    """Return the last day of the zone that is wholly over when the deadline is; not one before the plan's."""
    return max(one.plan.as_of, after(one.closes_at.astimezone(zone).date(), -1))


def _event_id(of: list[str]) -> str:
    """Return the id of an event, of what makes it the same one in a later export."""
    return str(uuid5(_NAMESPACE, json.dumps(of)))


def _doubts(group: Iterable[_One]) -> str:
    """Return the rules that put a day in doubt, as they stand behind what is to be done."""
    doubts = dict.fromkeys(f"{caution}!" for one in group for caution in one.deadline.cautions)
    return f" [{', '.join(doubts)}]" if doubts else ""


def _until(one: _One, style: _Style) -> str:
    """Return by when it is to be done, to the instant."""
    ends, deadline = one.closes_at, one.deadline
    closes_at = ends.astimezone(style.zone)
    instant = f"{closes_at:%Y-%m-%d %H:%M} {timezone(closes_at.utcoffset() or timedelta())}"
    if ends < starts_at(after(deadline.day)):
        return ui("event_until_hour", style.lang, instant=instant, day=deadline.day)
    if one.closing:
        return ui("event_closing", style.lang, day=deadline.day)
    return ui("event_until", style.lang, instant=instant, day=deadline.day)


def _of_the_plan(plan: Plan, lang: str) -> str:
    return ui("portfolio_as_of", lang, as_of=plan.as_of, policy=policy_words(plan.policy.name, lang))


def _what_and_when(one: _One, style: _Style) -> Iterator[str]:
    deadline, first_day, lang = one.deadline, one.first_day, style.lang
    yield _until(one, style)
    if deadline.doubted_day is not None:
        yield ui("event_doubted", lang, day=latest(deadline, deadline.day, lang))
    if first_day is not None:
        yield ui("event_from", lang, day=first_day)
    if deadline.recommended not in (None, first_day):
        yield ui("event_recommended", lang, day=deadline.recommended)
    yield ui("event_who", lang, who=who(deadline, lang))
    ids = ui("separator", lang).join(deadline.subjects or (deadline.subject,))
    yield ui("event_subject", lang, customer=one.customer, subject=ids)
    yield _of_the_plan(one.plan, lang)


def _reasons(deadline: Deadline, said: Mapping[tuple[str, str], list[str]], lang: str) -> Iterator[str]:
    for rule_id in dict.fromkeys((deadline.rule, *deadline.cautions)):
        row = rule(rule_id)
        mark = "!" if rule_id in deadline.cautions else ""
        for message in dict.fromkeys(said.get((rule_id, deadline.subject), (row.titles[lang],))):
            yield f"{rule_id}{mark}: {message}"
        yield link_in(row.source, lang)
