"""Refunds and credits: END-002, CRD-001 to CRD-004, and what contradicts them, CXL-001 and CXL-002."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from facts import YEAR, D, day, days, subscription, subscriptions
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize("channel", csp.Channel)
@pytest.mark.parametrize("delegated_admin", [True, False])
def test_credit_by_channel_and_delegated_admin(channel: csp.Channel, delegated_admin: bool) -> None:
    advice = csp.refund_advice(subscription(channel=channel), as_of=TODAY, delegated_admin=delegated_admin)
    rules = {f.rule for f in advice.findings}
    if channel is csp.Channel.WEB_DIRECT:
        assert advice.outcome is csp.Outcome.CREDIT_POSSIBLE
        assert advice.handled_by is csp.Actor.BILLING_SUPPORT
        expected = csp.Contact.PARTNER_FOR_CUSTOMER if delegated_admin else csp.Contact.CUSTOMER
        assert advice.contact is expected
        assert rules == {"CRD-001", "CRD-002", "CRD-003" if delegated_admin else "CRD-004"}
    else:
        assert advice.outcome is csp.Outcome.NO_REFUND
        assert (advice.handled_by, advice.contact) == (None, None)
        assert rules == {"END-002"}
    assert advice.best_last_day == D


def test_a_trial_earns_no_credit_and_a_suspended_one_is_not_refunded_either() -> None:
    trial = subscription(channel=csp.Channel.WEB_DIRECT, trial=True)
    assert csp.refund_advice(trial, as_of=TODAY).outcome is csp.Outcome.NO_REFUND
    suspended = csp.refund_advice(subscription(status=csp.Status.SUSPENDED), as_of=D)
    assert [f.case for f in suspended.findings] == ["no-refund"]


@given(subscriptions(), days, st.booleans())
def test_the_guide_never_promises_money(sub: csp.Subscription, today: date, delegated_admin: bool) -> None:
    advice = csp.refund_advice(sub, as_of=today, delegated_admin=delegated_admin)
    assert advice.outcome is not csp.Outcome.PRORATED_REFUND


def test_best_last_day_follows_a_renewal() -> None:
    advice = csp.refund_advice(subscription(auto_renew=True), as_of=day(2))
    assert advice.best_last_day == date(2027, 3, 31)
    going_on = subscription(auto_renew=True, at_term_end=csp.TermEnd.EXTEND)
    unknown = csp.refund_advice(going_on, as_of=day(2))
    assert unknown.best_last_day is None


UNTIL = datetime(2025, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "today", "rule", "until"),
    [
        ({}, YEAR.first_day, "CXL-001", date(2025, 4, 7)),
        ({}, date(2025, 4, 7), "CXL-001", date(2025, 4, 7)),
        ({}, date(2025, 4, 8), None, None),
        ({}, date(2025, 3, 31), None, None),
        ({"cancellation_allowed_until": UNTIL}, date(2025, 4, 7), "CXL-002", date(2025, 4, 7)),
        ({"cancellation_allowed_until": UNTIL}, date(2025, 4, 8), None, None),
        (
            {"cancellation_allowed_until": UNTIL.replace(hour=12)},
            date(2025, 4, 7),
            "CXL-002",
            date(2025, 4, 7),
        ),
        # on its last day it closes at some hour: no whole day is left
        ({"cancellation_allowed_until": UNTIL.replace(hour=12)}, date(2025, 4, 8), None, None),
        # the service's date wins, also where it is earlier
        ({"cancellation_allowed_until": UNTIL.replace(day=2)}, date(2025, 4, 3), None, None),
        ({"legacy": True}, YEAR.first_day, None, None),
        ({"trial": True}, YEAR.first_day, None, None),
        ({"channel": csp.Channel.ENTERPRISE_AGREEMENT}, YEAR.first_day, None, None),
        ({"status": csp.Status.CANCELED}, YEAR.first_day, None, None),
        # still cancellable on the last day of a term that is as short as the window
        (
            {"term": csp.Term(first_day=date(2025, 4, 1), last_day=date(2025, 4, 7))},
            date(2025, 4, 7),
            "CXL-001",
            date(2025, 4, 7),
        ),
        ({"status": csp.Status.SUSPENDED}, YEAR.first_day, "CXL-001", date(2025, 4, 7)),
        # a renewal opens the window again, and the old term's date says nothing about it
        ({"auto_renew": True, "cancellation_allowed_until": UNTIL}, day(7), "CXL-001", day(7)),
        ({"auto_renew": True}, day(8), None, None),
        (
            {"term": csp.Term.starting(date(2022, 2, 28), "P1Y")},
            date(2022, 3, 2),
            "CXL-001",
            date(2022, 3, 2),
        ),
        ({"term": csp.Term.starting(date(2022, 2, 28), "P1Y")}, date(2022, 3, 3), None, None),
        ({"term": csp.Term.starting(date(2022, 1, 9), "P1Y")}, date(2022, 1, 9), None, None),
        ({"term": csp.Term.starting(date(2022, 3, 1), "P1Y")}, date(2022, 3, 1), "CXL-001", date(2022, 3, 7)),
    ],
)
def test_an_open_prorated_refund_is_a_caution(
    changes: dict[str, Any], today: date, rule: str | None, until: date | None
) -> None:
    advice = csp.refund_advice(subscription(**changes), as_of=today)
    assert [(f.rule, f.facts["until_day"]) for f in advice.cautions] == ([(rule, until)] if rule else [])
