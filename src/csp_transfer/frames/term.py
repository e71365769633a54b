"""The term that runs on the day: what `rules.terms` decides, for all rows at once."""

from __future__ import annotations

from typing import Any, Final

from ..days import duration_months
from ..model import Status, TermEnd
from ..rules.terms import AT_TERM_END, TERMS, Next, Which
from .calendar import FEBRUARY, first_days, last_in_all, months_of
from .rows import Rows
from .tables import Condition, all_of, any_of, flag, negated, one_of, outcomes

__all__ = ["note_term"]

_STEPS: Final = {duration: duration_months("duration", duration) for duration in ("P1M", "P1Y", "P3Y")}
_29TH: Final = 29 - 1
"""Days of a month count from 0."""


def note_term(rows: Rows) -> None:
    """Note which term runs on the day, as `current_term` tells, and the subscription in it, as `with_term` does."""
    rows.note(
        origin=rows.pick((rows.anchor_known, rows.anchor), otherwise=rows.first_day),
        ended=rows.as_of > rows.last_day,
        after_last_day=rows.last_day + 1,
    )
    _note_months(rows)
    scheduled = {"at_term_end": rows.at_term_end, "auto_renew": rows.auto_renew}
    following = outcomes(AT_TERM_END, scheduled, lambda then: then)
    facts = {
        "ended": flag(rows.ended),
        "next": following,
        "trial": rows.trial,
        "status": rows.status,
        "length_known": flag(any_of(*rows.months.values())),
    }
    which = outcomes(TERMS, facts, lambda then: then)
    rows.note(
        runs_on=all_of(  # an extended service term has no end of its own
            one_of(rows.extended, {True}),
            one_of(rows.at_term_end, {None, TermEnd.EXTEND}),
            one_of(rows.status, {Status.ACTIVE, Status.SUSPENDED}),
            one_of(rows.trial, {False}),
        )
    )
    rows.note(
        goes_on=negated(following[Next.ENDS]),
        later=all_of(negated(rows.runs_on), which[Which.LATER]),
        term_known=all_of(rows.ok, any_of(rows.runs_on, negated(which[Which.NOT_KNOWN]))),
    )
    _note_renewal(rows)
    auto_renews = one_of(rows.auto_renew, {True})
    rows.note(
        running_first_day=rows.pick((rows.later, rows.renewed_first_day), otherwise=rows.first_day),
        running_last_day=rows.pick((rows.later, rows.renewed_last_day), otherwise=rows.last_day),
        # What was scheduled for the old end is used up.
        running_at_term_end={
            end: any_of(rows.later, condition) if end is None else all_of(negated(rows.later), condition)
            for end, condition in rows.at_term_end.items()
        },
        running_goes_on=any_of(all_of(rows.later, auto_renews), all_of(negated(rows.later), rows.goes_on)),
    )
    rows.note(running_ended=rows.as_of > rows.running_last_day)


def _note_months(rows: Rows) -> None:
    """Note where each day lies among the months, and how many of them the next terms have, each a condition."""
    names = ("origin", "first_day", "after_last_day", "as_of")
    months, days = months_of([getattr(rows, name) for name in names], rows.step)
    rows.note(**{f"{name}_month": month for name, month in zip(names, months, strict=True)})
    rows.note(**{f"{name}_in_month": day for name, day in zip(names, days, strict=True)})
    ending = ("first_day", "after_last_day", "as_of")
    next_months = first_days([getattr(rows, f"{name}_month") + 1 for name in ending], rows.step)
    rows.note(
        **{
            f"{name}_ends_month": getattr(rows, name) + 1 == next_month
            for name, next_month in zip(ending, next_months, strict=True)
        }
    )
    rows.note(
        begins_by_anchor=_steps_there(rows, "first_day"), ends_by_anchor=_steps_there(rows, "after_last_day")
    )
    length = rows.after_last_day_month - rows.first_day_month
    derived = all_of(
        rows.renewal_duration.get(None, False),
        one_of(rows.length_known, {True}),
        rows.begins_by_anchor,
        rows.ends_by_anchor,
    )
    rows.note(
        months={
            months: any_of(rows.renewal_duration.get(duration, False), all_of(derived, length == months))
            for duration, months in _STEPS.items()
        }
    )


def _steps_there(rows: Rows, name: str) -> Condition:
    """Return whether months from the anchor lead to that very day: the same day of a month, or its last one."""
    day, wanted = getattr(rows, f"{name}_in_month"), rows.origin_in_month
    return any_of(day == wanted, all_of(day < wanted, getattr(rows, f"{name}_ends_month")))


def _note_renewal(rows: Rows) -> None:
    """Note the first and last day of the later term of one that has renewed: always stepped from the anchor."""
    length = rows.pick(*((condition, months) for months, condition in rows.months.items()), otherwise=1)
    # Aligned to another subscription's end: only the terms after it step regularly, from there.
    day = rows.pick((rows.ends_by_anchor, rows.origin_in_month), otherwise=rows.after_last_day_in_month)
    rows.note(length=length, day_in_month=day)
    rows.note(elapsed=(rows.as_of_month - rows.after_last_day_month) // rows.length)
    rows.note(fewest=rows.pick((rows.elapsed > 1, rows.elapsed), otherwise=1))
    # The first guess starts in this month or before; where it has started, the next one is the first that lies ahead.
    rows.note(guess=rows.after_last_day_month + rows.length * rows.fewest)
    started = any_of(rows.day_in_month <= rows.as_of_in_month, rows.as_of_ends_month)
    behind = any_of(rows.guess < rows.as_of_month, all_of(rows.guess == rows.as_of_month, started))
    # What was scheduled was scheduled for one term end.
    renewals = rows.pick(
        (one_of(rows.auto_renew, {False}), 1), (behind, rows.fewest + 1), otherwise=rows.fewest
    )
    rows.note(renewals=renewals)
    next_month = rows.after_last_day_month + rows.length * rows.renewals
    rows.note(next_month=next_month, renewed_month=next_month - rows.length)
    months = [rows.renewed_month, rows.renewed_month + 1, rows.next_month, rows.next_month + 1]
    renewed, after_renewed, following, after_following = first_days(months, rows.step)
    rows.note(
        renewed_first_day=_day_or_last(rows, renewed + rows.day_in_month, after_renewed),
        next_first_day=_day_or_last(rows, following + rows.day_in_month, after_following),
    )
    # From term to term, the day only ever shrinks, in each month that is too short for it. Years later, only February
    # is shorter: one or three years after a leap year there is none.
    day = rows.after_last_day_in_month
    leap_day = all_of(day == _29TH, rows.next_month % 12 == FEBRUARY)
    last = last_in_all(rows.next_month, rows.renewals, rows.pick)
    shrunk = rows.pick(
        (all_of(rows.length > 1, leap_day), _29TH - 1),
        (any_of(rows.length > 1, day <= last), day),
        otherwise=last,
    )
    rows.note(renewed_last_day=rows.next_first_day - 1, chained_last_day=following + shrunk - 1)
    rows.note(disputed=all_of(rows.ok, rows.later, rows.chained_last_day < rows.renewed_last_day))


def _day_or_last(rows: Rows, day: Any, next_month: Any) -> Any:
    """Return a day of a month, or its last one where the month is too short."""
    return rows.pick((day < next_month, day), otherwise=next_month - 1)
