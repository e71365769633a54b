"""What follows the term, and the states until it is Deleted: `rules.extension`, `rules.lifecycle` and `ending`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any, Final

from ..model import Channel, Status, TermEnd
from ..policy import (
    BACKUP_DAYS,
    DISABLED_DAYS,
    EXTENDS_BY_ITSELF,
    GRACE_DAYS,
    GRACE_DAYS_DIRECT,
    SUSPENDED_DAYS,
    History,
    Policy,
)
from ..rules.ending import CONTRADICTING, MIGRATION, TIMINGS, Timing
from ..rules.extension import AFTER_TERM, RUNS_OUT, AfterTerm
from ..rules.lifecycle import COURSES, Course, Kind, Lasts, State
from ..rules.terms import IN_USE, UNCLEAR
from .calendar import number
from .rows import Rows
from .tables import (
    Condition,
    Fact,
    all_of,
    always,
    any_of,
    flag,
    holds,
    negated,
    one_of,
    outcomes,
)

__all__ = [
    "contradicted_by",
    "courses",
    "ends_of",
    "grace_contradicted",
    "note_after_term",
    "note_course",
    "note_provisioning",
    "records",
    "segments",
    "states_on",
    "the_earlier",
    "value_in",
]

_SEGMENTS: Final = 4

Segment = tuple[State | None, tuple[Lasts, ...] | None]
"""A state, and what has gone by since the term's first day when it ends; None: it does not end."""


def records(history: History, policy: Policy, day: Any) -> list[tuple[Condition, int]]:
    """Return what a policy reads in a history for events of a day: conditions and values, the last one first."""
    own = policy.own(history)
    read = policy.history(history)
    if own is not None or not policy.in_force:
        return [(True, read.stated if own is None else own)]
    # Rows of before the first record are refused.
    return [
        (True if record.from_day == read.first_day else day >= number(record.from_day), record.value)
        for record in reversed(read.records)
    ]


def contradicted_by(history: History, policy: Policy, day: Any) -> list[tuple[Condition, int]]:
    """Return when what is in force says otherwise than the guide, and what; as `Policy.contradicted_by` tells."""
    found: list[tuple[Condition, int]] = []
    later: Condition = True
    for record in reversed(policy.history(history).records):
        since = day >= number(record.from_day)
        if policy.contradicted_by(history, record.from_day) is not None:
            found.append((all_of(later, since), record.value))
        later = all_of(later, negated(since))
    return found


def grace_contradicted(rows: Rows, policy: Policy) -> list[tuple[Condition, int]]:
    """Return when another grace window than the guide's is in force, and how long it is."""
    return _of_grace(rows, lambda history: contradicted_by(history, policy, rows.running_last_day))


def _of_grace(
    rows: Rows, read: Callable[[History], list[tuple[Condition, int]]]
) -> list[tuple[Condition, int]]:
    """Return what the history of each row's grace window gives, as `grace_history` tells which that is."""
    others, bought_directly = read(GRACE_DAYS), read(GRACE_DAYS_DIRECT)
    direct = one_of(rows.channel, {Channel.WEB_DIRECT})
    if direct is False:
        return others
    return [
        *((all_of(direct, condition), value) for condition, value in bought_directly),
        *((all_of(negated(direct), condition), value) for condition, value in others),
    ]


def value_in(rows: Rows, found: list[tuple[Condition, int]]) -> Any:
    """Return the number that such records give, plain where it is one for all rows."""
    values = {value for _, value in found}
    return values.pop() if len(values) == 1 else rows.pick(*found)


def when_set(found: list[tuple[Condition, int]]) -> Condition:
    """Return when the number that such records give is above 0."""
    rest: Condition = True
    conditions: list[Condition] = []
    for condition, value in found:
        if value:
            conditions.append(all_of(rest, condition))
        rest = all_of(rest, negated(condition))
    return any_of(*conditions)


def note_after_term(rows: Rows, policy: Policy) -> None:
    """Note what follows the running term, as `after_term` and `grace_days` tell, and whether it may extend at all."""
    unclear, expired = one_of(rows.status, UNCLEAR), one_of(rows.status, {Status.EXPIRED})
    rows.note(
        contradicted=all_of(expired, negated(rows.ended)),
        unclear=unclear,
        # Nothing else goes on as an extended service term by being set to.
        can_bridge=all_of(one_of(rows.status, {Status.ACTIVE}), one_of(rows.channel, {Channel.CSP})),
        takes_part=_takes_part(rows),
    )
    # What is scheduled for a day of its own leaves unknown what becomes of it.
    rows.note(
        interrupted=all_of(
            one_of(rows.status, IN_USE),
            negated(one_of(rows.mid_term, {None})),
        )
    )
    rows.note(
        dated=all_of(rows.term_known, negated(rows.contradicted), negated(unclear), negated(rows.interrupted))
    )
    found = _of_grace(rows, lambda history: records(history, policy, rows.running_last_day))
    if not policy.in_force:
        rows.note(after_term=always(AfterTerm.GRACE), grace_days=value_in(rows, found), exempt=False)
        return
    scheduled = dict(rows.running_at_term_end)
    if TermEnd.EXTEND in scheduled:  # whatever was scheduled for what has expired, it did
        over = all_of(scheduled[TermEnd.EXTEND], expired)
        scheduled[TermEnd.EXPIRE] = any_of(scheduled[TermEnd.EXPIRE], over)
        scheduled[TermEnd.EXTEND] = all_of(scheduled[TermEnd.EXTEND], negated(expired))
    facts = {
        "free_window": flag(when_set(found)),
        "takes_part": rows.takes_part,
        "at_term_end": scheduled,
        "auto_renew": rows.auto_renew,
        "extends_by_itself": flag(when_set(records(EXTENDS_BY_ITSELF, policy, rows.running_first_day))),
    }
    rows.note(
        after_term=outcomes(AFTER_TERM, facts, lambda following: following.then),
        exempt=all_of(
            rows.dated,
            negated(rows.runs_on),
            one_of(rows.trial, {False}),
            one_of(rows.status, RUNS_OUT),
            holds(AFTER_TERM, facts, lambda following: following.in_doubt),
        ),
    )
    # Where the later rule does not reach, the stated number holds.
    stated = policy.history(GRACE_DAYS).stated
    days = value_in(rows, [(condition, value or stated) for condition, value in found])
    rows.note(grace_days=rows.pick((rows.after_term[AfterTerm.GRACE], days), otherwise=0))


def _takes_part(rows: Rows) -> Fact:
    """Return whether extended service terms are for it, as `takes_part` tells; None: nobody said."""
    never = any_of(one_of(rows.legacy, {True}), one_of(rows.trial, {True}))
    in_csp = one_of(rows.channel, {Channel.CSP})
    said = {
        value: all_of(negated(never), in_csp, one_of(rows.extended_service, {value}))
        for value in (True, False)
    }
    return {
        True: said[True],
        False: any_of(never, said[False]),
        None: negated(any_of(never, said[True], said[False])),
    }


def segments(course: Course) -> tuple[Segment, ...]:
    """Return the states of a course, each once, until one that does not end; four, whatever the course."""
    found: list[Segment] = []
    gone: tuple[Lasts, ...] = ()
    for state, lasts in course:
        gone += lasts
        if found and found[-1][0] is state:
            found.pop()
        found.append((state, gone if lasts else None))
    if not found or found[-1][1] is not None:
        found.append((None, None))
    return (*found, *[found[-1]] * (_SEGMENTS - len(found)))


def courses(rows: Rows, after_term: Fact) -> Mapping[str, Fact]:
    """Return what `COURSES` asks for."""
    return {
        "status": rows.status,
        "trial": rows.trial,
        "after_term": after_term,
        "day_of_cancellation": {
            "known": rows.canceled_on_known,
            "not known": negated(rows.canceled_on_known),
        },
        "kind": {
            Kind.EXTENDED: rows.runs_on,
            Kind.LEGACY: all_of(negated(rows.runs_on), one_of(rows.legacy, {True})),
            Kind.NEW_COMMERCE: all_of(negated(rows.runs_on), one_of(rows.legacy, {False})),
        },
    }


def note_course(rows: Rows, policy: Policy) -> None:
    """Note the grace window and the states on the day, as `grace_window`, `deleted_day` and `state_at` tell."""
    facts = courses(rows, rows.after_term)
    expires = holds(COURSES, facts, lambda course: State.EXPIRED in dict(course))
    rows.note(
        window=all_of(rows.dated, expires, rows.grace_days > 0),
        ends=ends_of(rows, facts, policy),
        deletes=holds(COURSES, facts, lambda course: State.DELETED in dict(course)),
    )
    rows.note(state=states_on(rows.as_of, rows, facts, rows.ends))
    rows.note(
        # What the service says today is newer than what the dates alone would make of it.
        outdated=all_of(
            rows.dated,
            one_of(rows.trial, {False}),
            any_of(
                *(
                    all_of(rows.state[state], one_of(rows.status, CONTRADICTING[state]))
                    for state in CONTRADICTING
                )
            ),
        ),
        grace_last_day=rows.pick(
            (rows.window, rows.running_last_day + rows.grace_days), otherwise=rows.running_last_day
        ),
        deleted_day=rows.choose(
            COURSES, facts, _deletion, lambda n: rows.running_first_day if n < 0 else rows.ends[n]
        ),
    )


def _deletion(course: Course) -> int:
    """Return after which segment it is Deleted; -1: from the first day on, or never."""
    states = [state for state, _ in segments(course)]
    return states.index(State.DELETED) - 1 if State.DELETED in states else -1


def ends_of(rows: Rows, facts: Mapping[str, Fact], policy: Policy) -> dict[int, Any]:
    """Return the first day after each segment but the last; after one that does not end, any day does."""
    days = {Lasts.GRACE: rows.grace_days}
    for lasts, history in (
        (Lasts.SUSPENDED, SUSPENDED_DAYS),
        (Lasts.DISABLED, DISABLED_DAYS),
        (Lasts.BACKUP, BACKUP_DAYS),
    ):
        days[lasts] = value_in(rows, records(history, policy, rows.running_last_day))
    begins = {Lasts.TERM: rows.running_last_day + 1, Lasts.UNTIL_CANCELED: rows.canceled_on}

    def end(gone: tuple[Lasts, ...] | None) -> Any:
        first, *then = gone or (Lasts.TERM,)
        return begins[first] + sum(days[lasts] for lasts in then)

    return {n: rows.choose(COURSES, facts, partial(_gone_after, n), end) for n in range(_SEGMENTS - 1)}


def _gone_after(n: int, course: Course) -> tuple[Lasts, ...] | None:
    return segments(course)[n][1]


def _state_in(n: int, course: Course) -> State | None:
    return segments(course)[n][0]


def states_on(
    day: Any, rows: Rows, facts: Mapping[str, Fact], ends: Mapping[int, Any]
) -> dict[State, Condition]:
    """Return in which rows each state is the one of that day."""
    before = [day < ends[n] for n in ends]
    within: list[Condition] = []
    since: Condition = day >= rows.running_first_day
    for ended in before:
        within.append(all_of(since, ended))
        since = all_of(since, negated(ended))
    within.append(since)
    then = [outcomes(COURSES, facts, partial(_state_in, n)) for n in range(_SEGMENTS)]
    return {
        state: any_of(*(all_of(during, then[n].get(state, False)) for n, during in enumerate(within)))
        for state in State
    }


def _note_safe_days(rows: Rows, policy: Policy) -> None:
    """Note the last safe day by every reading, as `last_safe_days` tells, and how much later a term may end."""
    rows.note(shorter=rows.pick((rows.disputed, rows.renewed_last_day - rows.chained_last_day), otherwise=0))
    by_every = rows.pick(
        (all_of(rows.window, rows.exempt), rows.running_last_day),
        *(
            (all_of(rows.window, condition, rows.grace_days > days), rows.running_last_day + days)
            for condition, days in grace_contradicted(rows, policy)
        ),
        otherwise=rows.grace_last_day,
    )
    own_end_in_doubt = all_of(rows.doubted_last_day_known, negated(rows.later))
    rows.note(
        safe_day=by_every - rows.shorter,
        longer=rows.pick((own_end_in_doubt, rows.doubted_last_day - rows.running_last_day), otherwise=0),
    )


def the_earlier(rows: Rows, earlier: Any, later: Any) -> Any:
    """Return the day to act by, as `the_earlier` tells; the later one is in doubt where it is another."""
    urgent = rows.pick((rows.as_of < later, rows.as_of), otherwise=later)
    return rows.pick((earlier < urgent, urgent), otherwise=earlier)


def note_provisioning(rows: Rows, policy: Policy) -> None:
    """Note from when to when to provision, as `provisioning_days` tells."""
    _note_safe_days(rows, policy)
    extends = all_of(rows.after_term.get(AfterTerm.EXTENDED, False), rows.as_of <= rows.grace_last_day)
    past = rows.state[State.DELETED]
    endless = any_of(
        rows.runs_on, all_of(one_of(rows.status, {Status.SUSPENDED}), one_of(rows.legacy, {True}))
    )
    known = all_of(negated(past), negated(endless), any_of(rows.deletes, extends))
    by_every, by_own = rows.as_of <= rows.safe_day, rows.as_of <= rows.grace_last_day
    facts = {
        "status": rows.status,
        "deletion": {
            "past": past,
            "to come": known,
            "no end": endless,
            "not known": negated(any_of(past, known, endless)),
        },
        "safe": {
            "by every reading": by_every,
            "in doubt": all_of(negated(by_every), by_own),
            "no": negated(any_of(by_every, by_own)),
        },
    }
    asked = all_of(rows.dated, one_of(rows.trial, {False}))
    timings = outcomes(TIMINGS, facts, itemgetter(0))
    said = outcomes(TIMINGS, facts, itemgetter(1))
    rows.note(
        timing={timing: all_of(asked, timings[timing]) for timing in Timing},
        said_too_late=all_of(asked, any_of(said["too-late"], said["may-be-too-late"])),
        into_another=one_of(rows.into_another_tenant, {True}),
        after_term_day=rows.pick(
            (rows.as_of > rows.running_last_day, rows.as_of), otherwise=rows.running_last_day + 1
        ),
        saves_until=rows.deleted_day - 1,
    )
    in_time = all_of(rows.timing[Timing.IN_TIME], negated(rows.runs_on))
    dated_late = any_of(rows.said_too_late, all_of(rows.timing[Timing.NOT_SURE], rows.deletes))
    rows.note(
        provisioned=any_of(*rows.timing.values()),
        # No day is paid twice, and nobody is interrupted.
        in_window=all_of(
            in_time,
            rows.window,
            negated(one_of(rows.status, {Status.SUSPENDED})),
            rows.after_term_day <= rows.safe_day,
        ),
        migrates_from=rows.pick(
            (rows.as_of < rows.safe_day - MIGRATION.days, rows.safe_day - MIGRATION.days),
            otherwise=rows.as_of,
        ),
        later_day=rows.pick((in_time, rows.grace_last_day), (dated_late, rows.saves_until)) + rows.longer,
        earlier_day=rows.pick(
            (in_time, rows.safe_day),
            (dated_late, rows.saves_until - (rows.grace_last_day - rows.safe_day)),
        ),
    )
    rows.note(
        earliest=rows.pick(
            (all_of(rows.in_window, negated(rows.into_another)), rows.after_term_day), otherwise=rows.as_of
        ),
        recommended=rows.pick(
            (rows.in_window, rows.after_term_day),
            # Users who are without access do not wait.
            (one_of(rows.status, {Status.SUSPENDED}), rows.as_of),
            (all_of(in_time, rows.into_another), rows.migrates_from),
            # Without a window, as late as is safe: never earlier than needed.
            (in_time, rows.safe_day),
            otherwise=rows.as_of,
        ),
        latest=rows.pick(
            (any_of(in_time, dated_late), the_earlier(rows, rows.earlier_day, rows.later_day)),
            # Until when a Disabled one is not Deleted, no payload says.
            (rows.timing[Timing.TOO_LATE], rows.as_of),
        ),
        dated_late=dated_late,
    )
    rows.note(provisioning_doubted=all_of(any_of(in_time, rows.dated_late), rows.latest < rows.later_day))
