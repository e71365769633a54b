"""How many duplicates fit: CAP-001 and CAP-002."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from facts import D, day, replacement, subscription, subscriptions, transfer, year_to
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.rules.capacity import duplicates_check, entering, too_early

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
    active = sum(s.status is csp.Status.ACTIVE and s.quantity > 0 and not s.trial for s in subs)
    expected = EXPIRE if active > most else OVERLAP
    assert csp.transfer_method(subs, policy=policy) is expected
    assert csp.transfer_method(reversed(subs), policy=policy) is expected


def test_cap_001_a_day_before_expiry_makes_a_duplicate() -> None:
    assert too_early(ACTIVE, D) is not None
    assert too_early(ACTIVE, day(1)) is None


def test_cap_002_names_the_window_and_is_silent_without_one() -> None:
    running = [subscription(id=f"s{n}") for n in range(151)]
    suspended = [subscription(id=f"w{n}", status=csp.Status.SUSPENDED) for n in range(2)]
    plan = csp.plan_transfer(transfer(*running, *suspended), as_of=D)
    found = [f for f in plan.findings if f.rule == "CAP-002"]
    assert {f.subject for f in found} == {s.id for s in running}
    assert {(f.facts["first_day"], f.facts["last_safe_day"]) for f in found} == {(day(1), day(30))}


def test_cap_001_leaves_out_what_is_never_duplicated() -> None:
    few = csp.GUIDE.evolve(most_duplicates=1)
    for left_out in (ACTIVE.evolve(trial=True), ACTIVE.evolve(quantity=0), EXPIRED):
        assert csp.transfer_method([ACTIVE, left_out, left_out], policy=few) is OVERLAP
    # until the guide's Expired state would be over, an active status may be right
    for as_of, method in ((None, EXPIRE), (D, EXPIRE), (day(30), EXPIRE), (day(31), OVERLAP)):
        assert csp.transfer_method([ACTIVE, ACTIVE], as_of=as_of, policy=few) is method
    renews = ACTIVE.evolve(auto_renew=True)
    assert csp.transfer_method([renews, renews], as_of=day(31), policy=few) is EXPIRE


def planned(*subs: csp.Subscription, **changes: Any) -> csp.Plan:
    return csp.plan_transfer(transfer(*subs, **changes), as_of=date(2026, 3, 1))


def test_cap_001_counts_what_is_moved_and_so_duplicated_in_its_own_tenant() -> None:
    moved = [subscription(id=f"m{n}") for n in range(51)]
    stay = [subscription(id=f"s{n}") for n in range(100)]
    assert planned(*moved, *stay).method is EXPIRE
    staying = {s.id: csp.NOT_REPLACED for s in stay}
    beside = planned(*moved, *stay, replacements=staying)
    [found] = [f for f in beside.findings if f.rule == "CAP-001"]
    assert (beside.method, found.facts) == (OVERLAP, {"active": 51, "most": 150})
    zero = {s.id: replacement(quantity=0, provision_on=None) for s in stay}
    assert planned(*moved, *stay, replacements=zero).method is OVERLAP
    newco = csp.Tenant(id="newco", country="JP")
    away = planned(*moved, *stay, target_tenant=newco, unread=200)
    assert away.method is OVERLAP
    assert [f.case for f in away.findings if f.rule == "CAP-001"] == ["not-all-read", "within"]
    assert planned(*moved, *stay, unread=1).method is EXPIRE
    unsure = [subscription(id=f"u{n}", status=csp.Status.UNKNOWN) for n in range(100)]
    for replaced, case in (({}, "not-sure"), ({s.id: csp.NOT_REPLACED for s in unsure}, "within")):
        plan = planned(*moved, *unsure, replacements=replaced)
        assert [f.case for f in plan.findings if f.rule == "CAP-001"] == [case]


def test_what_is_suspended_or_ends_first_gets_its_place_before_what_can_wait() -> None:
    """What can be saved comes before all of them, and what is lost after them, whenever their terms end."""
    as_of = day(0)
    order = [
        subscription(id="to save", status=csp.Status.DISABLED, term=year_to(day(-10))),
        subscription(id="also to save", status=csp.Status.DISABLED, term=year_to(day(-5))),
        subscription(id="suspended", status=csp.Status.SUSPENDED, term=year_to(day(9))),
        subscription(id="ends first", term=year_to(day(5))),
        subscription(id="ends later", term=year_to(day(8))),
        subscription(id="unclear", status=csp.Status.UNKNOWN, term=year_to(day(-20))),
        subscription(id="lost", status=csp.Status.DELETED, term=year_to(day(-300))),
    ]
    for some in (order, order[::-1]):
        found = entering(transfer(*some), as_of, csp.GUIDE)
        assert [e.original.id for e in found] == [s.id for s in order]
