"""GUIDE against a second statement of the rulebook that shares no code with the package.

Here on the days around every boundary; `proof/model.py` asks on every day, and under what is in force.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import second_statement as second
from facts import LEVELS, OFFERS, D, day, subscription

import csp_transfer as csp

EDGES = (-200, -1, 0, 1, 2, 29, 30, 31, 32, 119, 120, 121, 122, 200)


def test_the_second_statement_knows_every_word() -> None:
    assert set(second.STATUSES) == {str(status) for status in csp.Status}
    assert set(second.CHANNELS) == {str(channel) for channel in csp.Channel}
    assert set(second.ROLES) == {str(role) for role in csp.Role}
    assert set(second.OFFERS) == set(OFFERS)


def of_kind(kind: str, status: str, **changes: Any) -> csp.Subscription:
    return subscription(
        status=csp.Status(status), legacy=kind == "legacy", extended=kind == "extended", **changes
    )


@pytest.mark.parametrize("kind", second.KINDS)
@pytest.mark.parametrize("status", second.STATUSES)
def test_states_and_windows_around_every_boundary(status: str, kind: str) -> None:
    sub = of_kind(kind, status)
    window = csp.grace_window(sub)
    for offset in EDGES:
        state = csp.state_at(sub, day(offset))
        assert (state.value if state else None) == second.state(status, offset, kind=kind)
        has_window = status == "expired" or (status == "active" and kind != "extended")
        assert (window is not None and day(offset) in window) == (has_window and 1 <= offset <= 30)


@pytest.mark.untraced
@pytest.mark.parametrize("status", second.STATUSES)
@pytest.mark.parametrize("offers", OFFERS)
@pytest.mark.parametrize("kind", second.KINDS)
def test_risks_around_every_boundary(status: str, offers: str, kind: str) -> None:
    old, new = OFFERS[offers]
    for counts, elsewhere in product(second.COUNTS, (False, True)):
        assigned, count, _ = second.COUNTS[counts]
        sub = of_kind(kind, status, offer=old, assigned=assigned)
        for offset in EDGES:
            replacement = csp.Replacement(offer=new, quantity=count, provision_on=day(offset))
            risk = csp.transition_risk(sub, replacement, into_another_tenant=elsewhere)
            assert (
                LEVELS.index(risk.disruption),
                LEVELS.index(risk.data_loss),
                risk.reassign_licenses,
                risk.paid_twice_days,
            ) == second.risk(status, offers, counts, offset, elsewhere=elsewhere, kind=kind), (
                counts,
                offset,
            )


@pytest.mark.parametrize("auto_renew", [True, False])
def test_deadlines_and_days_of_an_active_subscription_on_every_day(auto_renew: bool) -> None:
    sub = subscription(auto_renew=auto_renew)
    for offset in range(-200, 201):
        a = csp.assess(sub, as_of=day(offset))
        renewed = auto_renew and offset > 0
        last_day = D + timedelta(days=365) if renewed else D
        assert a.term is not None
        assert a.term.last_day == last_day
        assert a.auto_renew_off_by == (last_day if auto_renew else None)
        if (
            renewed
        ):  # no free window follows that end in force, so the earlier of two readings counts (EST-001)
            assert a.provision_on == last_day
            assert a.provisioning is not None
            assert a.provisioning.doubted_day == last_day + timedelta(days=30)
        elif offset <= 120:
            assert a.provision_on == max(day(offset), last_day + timedelta(days=1))
        else:  # Active, though by the dates it is Deleted: to be read again
            assert a.provision_on is None
        assert a.days_left == (30 if renewed else max(0, min(30, 31 - offset)))
        assert a.refund.outcome is csp.Outcome.NO_REFUND
        assert a.refund.best_last_day == last_day
