"""How many duplicates fit: CAP-001 and CAP-002."""

from __future__ import annotations

import pytest
from facts import D, day, subscription, subscriptions
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.rules.capacity import duplicates_check, too_early, uninterrupted

OVERLAP, EXPIRE = csp.Method.OVERLAP, csp.Method.EXPIRE_THEN_REPURCHASE
ACTIVE = subscription()
UNKNOWN = subscription(status=csp.Status.UNKNOWN)
EXPIRED = subscription(status=csp.Status.EXPIRED)


@pytest.mark.parametrize(
    ("active", "unknown", "expired", "method", "case"),
    [
        (0, 0, 0, OVERLAP, "within"),
        (149, 0, 9, OVERLAP, "within"),
        (150, 0, 900, OVERLAP, "within"),
        (151, 0, 0, EXPIRE, "over"),
        (150, 1, 0, OVERLAP, "not-sure"),
        (149, 1, 5, OVERLAP, "within"),
        (151, 1, 0, EXPIRE, "over"),
    ],
)
def test_cap_001(active: int, unknown: int, expired: int, method: csp.Method, case: str) -> None:
    subs = [ACTIVE] * active + [UNKNOWN] * unknown + [EXPIRED] * expired
    check = duplicates_check(subs, "contoso")
    assert (check.method, check.active, check.findings[0].case) == (method, active, case)
    assert csp.transfer_method(iter(subs)) is method


@given(st.lists(subscriptions(), max_size=6), st.integers(0, 6))
def test_cap_001_counts_only_active_ones_in_any_order(subs: list[csp.Subscription], most: int) -> None:
    policy = csp.GUIDE.evolve(most_duplicates=most)
    active = sum(s.status is csp.Status.ACTIVE for s in subs)
    expected = EXPIRE if active > most else OVERLAP
    assert csp.transfer_method(subs, policy=policy) is expected
    assert csp.transfer_method(reversed(subs), policy=policy) is expected


def test_cap_001_a_day_before_expiry_makes_a_duplicate() -> None:
    assert too_early(ACTIVE, D) is not None
    assert too_early(ACTIVE, day(1)) is None


def test_cap_002_names_the_window_and_is_silent_without_one() -> None:
    (found,) = uninterrupted(ACTIVE)
    assert (found.facts["first_day"], found.facts["last_safe_day"]) == (day(1), day(30))
    assert uninterrupted(subscription(status=csp.Status.SUSPENDED)) == ()
