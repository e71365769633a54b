"""The door out: the deadlines of a plan or a portfolio as an iCalendar file (RFC 5545). Needs the extra `calendar`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final
from uuid import UUID, uuid5

from attrs import frozen

from . import checks
from .catalogue import Bearing, check_language, label, policy_words, rule, ui
from .errors import InvalidType, InvalidValue
from .extras import Needs
from .findings import Finding
from .ids import id_key, same_id
from .phrases import latest, subjects_of, what, who
from .plan import Plan
from .portfolio import Portfolio
from .sources import link_in
from .spans import EARLIEST, after, starts_at, utc_day
from .steps import Action, Deadline, Step
from .texts import flat

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


def to_ics(
    result: Plan | Portfolio,
    *,
    lang: str = "en",
    zone: tzinfo = UTC,
    alarms: Iterable[int] = _WEEK_DAY_AND_SAME_DAY,
    revision: int = 0,
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
    SUMMARY:Provision the new subscription: Mail (contoso)
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
    style = _Style(lang=lang, zone=zone, alarms=_days_before(alarms), revision=revision)
    plans = (result,) if isinstance(result, Plan) else result.plans
    events = [event for plan in plans for event in _events(plan, style)]
    if not events:
        raise InvalidValue("deadlines", (), "at least one; why there is none, the findings say")
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODID)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, vText(flat(_title(result, lang))))
    for _, event in sorted(events, key=lambda dated: dated[0]):  # a stable sort, as in `Portfolio.deadlines`
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
    return ui("portfolio", lang, customers=len(result.plans), subscriptions=subscriptions)


def _events(plan: Plan, style: _Style) -> Iterator[tuple[date, Event]]:
    names = plan._names(style.lang)
    first_days = {_done_once(step): step.first_day for step in plan.steps}
    said: dict[tuple[str, str], list[str]] = {}
    for f in plan.findings:
        said.setdefault((f.rule, f.subject), []).append(f.message_in(style.lang))
    seen: set[tuple[str, Action, bool]] = set()
    with_consent = {(d.subject, d.action) for d in plan.deadlines if not d.unless_transferred}
    for deadline in plan.deadlines:
        once = _done_once(deadline)
        if once in seen:  # a calendar would keep one of them
            raise InvalidValue("deadlines", deadline, "each thing to do once, as `plan_transfer` has it")
        seen.add(once)
        lines = [
            *_what_and_when(plan, deadline, first_days.get(once), style),
            *_reasons(deadline, said, style.lang),
        ]
        summary = _summary(plan, deadline, names, style.lang)
        otherwise = deadline.unless_transferred and (deadline.subject, deadline.action) in with_consent
        event_id = _event_id(
            plan.transfer.customer.id, deadline.subject, deadline.action, otherwise=otherwise
        )
        yield deadline.day, _event(plan, deadline, event_id, summary, lines, style)


def _done_once(step: Step | Deadline) -> tuple[str, Action, bool]:
    """Return what a plan has once at most: with the source partner's consent, and without it."""
    return step.subject, step.action, step.unless_transferred


def _event(
    plan: Plan, deadline: Deadline, event_id: str, summary: str, lines: list[str], style: _Style
) -> Event:
    day = _event_day(plan, deadline, style.zone)
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


def _event_day(plan: Plan, deadline: Deadline, zone: tzinfo) -> date:
    """Return the last day of the zone that is wholly over when the deadline is; not one before the plan's."""
    return max(plan.as_of, after(_closes_at(plan, deadline).astimezone(zone).date(), -1))


def _closing(plan: Plan, deadline: Deadline) -> tuple[Finding, ...]:
    """Return what says that the deadline's day is not a whole one."""
    for_all = same_id(deadline.subject, plan.transfer.receiving_tenant.id)
    return tuple(
        f
        for f in plan.findings
        if f.bearing is Bearing.CLOSING
        and f.rule in deadline.cautions
        and (for_all or f.subject == deadline.subject)
        and utc_day("until", f.facts.get("until", f.facts.get("until_day"))) == deadline.day
    )


def _closes_at(plan: Plan, deadline: Deadline) -> datetime:
    """Return the instant before which it is to be done: the end of its day, or within it where that is known."""
    said = (f.facts.get("until") for f in _closing(plan, deadline))
    hours = (until for until in said if isinstance(until, datetime))
    return min(hours, default=starts_at(after(deadline.day)))


def _event_id(customer: str, subject: str, action: Action, *, otherwise: bool) -> str:
    """Return the id of an event; `otherwise`: the same is to be done with a transfer in mid-term, which has it first.

    Not of the day, which may move, nor of how ids are spelled. An action that a plan has once keeps one id, with a
    transfer or without.
    """
    of = [id_key(customer), id_key(subject), str(action)]
    return str(uuid5(_NAMESPACE, json.dumps([*of, "unless_transferred"] if otherwise else of)))


def _summary(plan: Plan, deadline: Deadline, names: Mapping[str, str], lang: str) -> str:
    customer = plan.transfer.customer.id
    subject = (
        customer if deadline.subject == customer else f"{subjects_of(deadline, names, lang)} ({customer})"
    )
    summary = ui("event", lang, step=what(deadline, lang), subject=subject)
    doubt = ", ".join(f"{caution}!" for caution in dict.fromkeys(deadline.cautions))
    return flat(f"{summary} [{doubt}]" if doubt else summary)


def _what_and_when(plan: Plan, deadline: Deadline, first_day: date | None, style: _Style) -> Iterator[str]:
    lang = style.lang
    ends = _closes_at(plan, deadline)
    closes_at = ends.astimezone(style.zone)
    instant = f"{closes_at:%Y-%m-%d %H:%M} {timezone(closes_at.utcoffset() or timedelta())}"
    if ends < starts_at(after(deadline.day)):
        yield ui("event_until_hour", lang, instant=instant, day=deadline.day)
    elif _closing(plan, deadline):
        yield ui("event_closing", lang, day=deadline.day)
    else:
        yield ui("event_until", lang, instant=instant, day=deadline.day)
    if deadline.doubted_day is not None:
        yield ui("event_doubted", lang, day=latest(deadline, deadline.day, lang))
    if first_day is not None:
        yield ui("event_from", lang, day=first_day)
    if deadline.recommended not in (None, first_day):
        yield ui("event_recommended", lang, day=deadline.recommended)
    yield ui("event_who", lang, who=who(deadline, lang))
    ids = ui("separator", lang).join(deadline.subjects or (deadline.subject,))
    yield ui("event_subject", lang, customer=plan.transfer.customer.id, subject=ids)
    yield ui("portfolio_as_of", lang, as_of=plan.as_of, policy=policy_words(plan.policy.name, lang))


def _reasons(deadline: Deadline, said: Mapping[tuple[str, str], list[str]], lang: str) -> Iterator[str]:
    for rule_id in dict.fromkeys((deadline.rule, *deadline.cautions)):
        row = rule(rule_id)
        mark = "!" if rule_id in deadline.cautions else ""
        for message in dict.fromkeys(said.get((rule_id, deadline.subject), (row.titles[lang],))):
            yield f"{rule_id}{mark}: {message}"
        yield link_in(row.source, lang)
