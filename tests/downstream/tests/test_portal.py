"""The portal's own laws."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from portal import badge, due

import csp_transfer as csp
from csp_transfer.strategies import days, plans, subscriptions


@given(subscriptions(status=csp.Status.ACTIVE, trial=False, mid_term=None, extended=False), days())
def test_a_badge_only_in_the_window(subscription: csp.Subscription, on: date) -> None:
    assert bool(badge(subscription, on)) == (0 < (on - subscription.term.last_day).days <= 30)


@given(...)
def test_the_last_day_is_urgent(window: csp.GraceWindow) -> None:
    assert window.days_left(window.last_day) == 1
    assert window.last_day + timedelta(days=1) not in window


@given(plans(csp.GUIDE))
def test_a_calendar_is_in_order(plan: csp.Plan) -> None:
    assert due(plan) == sorted(due(plan), key=lambda line: line[:10])
