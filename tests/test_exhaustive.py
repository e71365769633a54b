"""GUIDE against a second statement of the rulebook, written from its text and sharing no code with the package.

Every combination of the finite facts, on every day from 200 before a term's last day to 200 after it.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from facts import BASIC, OTHER, TWIN, D, day, subscription

import csp_transfer as csp

NOTHING, MAYBE, SURE = 0, 1, 2
LEVEL = {NOTHING: csp.Risk.NONE, MAYBE: csp.Risk.POSSIBLE, SURE: csp.Risk.CERTAIN}
GONE = csp.Offer(id=BASIC.id, discontinued=True)

# relation of the offers → the two offers, and what the rulebook's table says: disruption, data loss, reassign
OFFERS: dict[str, tuple[csp.Offer, csp.Offer, tuple[int, int, bool]]] = {
    "same": (BASIC, BASIC, (NOTHING, NOTHING, False)),
    "equivalent": (BASIC, TWIN, (MAYBE, NOTHING, True)),
    "different": (BASIC, OTHER, (MAYBE, MAYBE, True)),
    "discontinued, different": (GONE, OTHER, (MAYBE, MAYBE, True)),
    "discontinued, that same": (GONE, GONE, (MAYBE, MAYBE, False)),
}
# relation of the counts (25 bought) → assigned, new count, what the table says
COUNTS: dict[str, tuple[int | None, int, tuple[int, int, bool]]] = {
    "same": (None, 25, (NOTHING, NOTHING, False)),
    "same, all assigned": (25, 25, (NOTHING, NOTHING, False)),
    "more": (None, 26, (MAYBE, NOTHING, False)),
    "fewer": (None, 24, (MAYBE, MAYBE, False)),
    "fewer, but enough": (20, 20, (MAYBE, MAYBE, False)),
    "below assigned": (20, 19, (SURE, MAYBE, True)),
}
OFFSETS = range(-200, 201)


def state_on(status: str, offset: int) -> str | None:
    """The state on D + offset, from the lifecycle rules (LIF-001, LIF-002, LIF-004)."""
    if status in ("none", "pending", "unknown"):
        return None
    if status in ("deleted", "canceled"):
        return "deleted"
    if offset > 120:
        return "deleted"
    if status == "disabled" or offset > 30:
        return "disabled"
    if status == "suspended":
        return "suspended" if offset <= 0 else "disabled"
    return "active" if offset <= 0 else "expired"


def timing_on(status: str, offset: int) -> tuple[int, int, bool]:
    """What the table says of the moment of provisioning; what is not known is never safe."""
    if status == "canceled":
        return SURE, MAYBE, False
    if status in ("none", "pending", "unknown"):
        late = timing_on("active", offset)
        return max(MAYBE, late[0]), max(MAYBE, late[1]), late[2]
    return {
        "active": (NOTHING, NOTHING, False),
        "expired": (NOTHING, NOTHING, False),
        "suspended": (SURE, MAYBE, False),
        "disabled": (SURE, MAYBE, False),
        "deleted": (SURE, SURE, True),
    }[state_on(status, offset) or ""]


@pytest.mark.parametrize("status", csp.Status)
def test_states_and_windows_on_every_day(status: csp.Status) -> None:
    sub = subscription(status=status)
    window = csp.grace_window(sub)
    for offset in OFFSETS:
        state = csp.state_at(sub, day(offset))
        assert (str(state) if state else None) == state_on(str(status), offset)
        has_window = status in (csp.Status.ACTIVE, csp.Status.EXPIRED)
        assert (window is not None and day(offset) in window) == (has_window and 1 <= offset <= 30)


@pytest.mark.parametrize("status", csp.Status)
@pytest.mark.parametrize("offers", OFFERS)
def test_risks_on_every_day(status: csp.Status, offers: str) -> None:
    old, new, by_offer = OFFERS[offers]
    for (assigned, count, by_count), elsewhere in product(COUNTS.values(), (False, True)):
        sub = subscription(status=status, offer=old, assigned=assigned)
        by_tenant = (MAYBE, MAYBE, True) if elsewhere else (NOTHING, NOTHING, False)
        for offset in (-200, -1, 0, 1, 2, 29, 30, 31, 32, 119, 120, 121, 122, 200):
            replacement = csp.Replacement(offer=new, quantity=count, provision_on=day(offset))
            risk = csp.transition_risk(sub, replacement, into_another_tenant=elsewhere)
            rows = (by_offer, by_count, by_tenant, timing_on(str(status), offset))
            expected: tuple[Any, ...] = (
                LEVEL[max(row[0] for row in rows)],
                LEVEL[max(row[1] for row in rows)],
                any(row[2] for row in rows),
            )
            assert (risk.disruption, risk.data_loss, risk.reassign_licenses) == expected, (count, offset)
            billed = status not in (
                *(csp.Status.EXPIRED, csp.Status.DISABLED, csp.Status.DELETED, csp.Status.CANCELED),
            )
            assert risk.paid_twice_days == (max(0, 1 - offset) if billed else 0)


@pytest.mark.parametrize("auto_renew", [True, False])
def test_deadlines_and_days_of_an_active_subscription_on_every_day(auto_renew: bool) -> None:
    sub = subscription(auto_renew=auto_renew)
    for offset in OFFSETS:
        a = csp.assess(sub, as_of=day(offset))
        renewed = auto_renew and offset > 0
        last_day = D + timedelta(days=365) if renewed else D
        assert a.term is not None
        assert a.term.last_day == last_day
        assert a.auto_renew_off_by == (last_day if auto_renew else None)
        assert a.provision_on == max(day(offset), last_day + timedelta(days=1))
        assert a.days_left == (30 if renewed else max(0, min(30, 31 - offset)))
        assert a.refund.outcome is csp.Outcome.NO_REFUND
        assert a.refund.best_last_day == last_day
