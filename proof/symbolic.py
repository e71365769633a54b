"""The arithmetic, searched by solving instead of drawing: Hypothesis with CrossHair's symbolic numbers for days.

    python proof/symbolic.py [EXAMPLES]

Each law is one of the calendar's or of the rulebook's boundaries, in whole numbers that a solver can bend towards
a counterexample: ends of months, leap years, the two sides of a boundary. Needs `hypothesis-crosshair`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.days import Days, months_between, nth_term_start
from csp_transfer.rules.risk import paid_twice_days

EXAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 40
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
YEARS, MONTHS, IN_MONTH = st.integers(2022, 2040), st.integers(1, 12), st.integers(1, 31)
BASIC = csp.Offer(id="B", discontinued=False)


def in_month(year: int, month: int) -> int:
    """The days of a month, counted here."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return LENGTHS[month - 1] + (month == 2 and leap)


def subscription(first_day: date, length: int) -> csp.Subscription:
    """Return one whose term has so many days."""
    term = csp.Term(first_day=first_day, last_day=first_day + timedelta(days=length - 1))
    return csp.Subscription(id="s", offer=BASIC, quantity=1, term=term, auto_renew=False)


@given(YEARS, MONTHS, IN_MONTH, st.integers(0, 240))
def months_step_from_the_anchor(year: int, month: int, day: int, months: int) -> None:
    """A month is clamped to its length, once, from the anchor."""
    assume(day <= in_month(year, month))
    found = nth_term_start(date(year, month, day), 1, months)
    to_year, to_month = divmod(year * 12 + month - 1 + months, 12)
    assert (found.year, found.month, found.day) == (
        to_year,
        to_month + 1,
        min(day, in_month(to_year, to_month + 1)),
    )
    assert months_between(date(year, month, day), found) == months


@given(YEARS, MONTHS, IN_MONTH, st.sampled_from((("P1M", 1), ("P1Y", 12), ("P3Y", 36))))
def a_term_ends_the_day_before(year: int, month: int, day: int, duration: tuple[str, int]) -> None:
    """The day after a term's last is the anchor's day, so many months later."""
    assume(day <= in_month(year, month))
    term = csp.Term.starting(date(year, month, day), duration[0])
    assert term.last_day + timedelta(days=1) == nth_term_start(date(year, month, day), duration[1])


@given(st.integers(0, 5000), st.integers(0, 800), st.integers(-900, 900))
def days_are_inclusive(start: int, length: int, offset: int) -> None:
    """First and last day are inside, and as many days are left as there are."""
    first_day = date(2022, 1, 10) + timedelta(days=start)
    run = Days(first_day=first_day, last_day=first_day + timedelta(days=length))
    on = first_day + timedelta(days=offset)
    assert (on in run) == (0 <= offset <= length)
    assert run.days_left(on) == max(0, length - max(0, offset) + 1)


@given(st.integers(0, 1500), st.integers(1, 1100), st.integers(-40, 200))
def the_window_and_what_follows(start: int, length: int, offset: int) -> None:
    """Active through D, Expired from D+1 to D+30, Disabled to D+120, then Deleted; before the first day, nothing."""
    assume(offset > -length)
    sub = subscription(date(2022, 1, 10) + timedelta(days=start), length)
    on = sub.term.last_day + timedelta(days=offset)
    window = csp.grace_window(sub)
    assert window is not None
    assert (on in window) == (1 <= offset <= 30)
    state = csp.state_at(sub, on)
    ends = ((0, csp.State.ACTIVE), (30, csp.State.EXPIRED), (120, csp.State.DISABLED))
    assert state is next((name for end, name in ends if offset <= end), csp.State.DELETED)


@given(st.integers(0, 1500), st.integers(1, 1100), st.integers(-1200, 200))
def days_paid_twice(start: int, length: int, offset: int) -> None:
    """From the day of provisioning through the last one that is billed."""
    sub = subscription(date(2022, 1, 10) + timedelta(days=start), length)
    on = sub.term.last_day + timedelta(days=offset)
    assert paid_twice_days(sub, on) == max(0, min(length, 1 - offset))


LAWS: tuple[Callable[[], None], ...] = (
    months_step_from_the_anchor,
    a_term_ends_the_day_before,
    days_are_inclusive,
    the_window_and_what_follows,
    days_paid_twice,
)


def main() -> None:
    """Search for a counterexample to each law."""
    solving = settings(backend="crosshair", max_examples=EXAMPLES, deadline=None, database=None)
    for law in LAWS:
        began = time.monotonic()
        solving(law)()
        print(f"{law.__name__}: {EXAMPLES} paths, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
