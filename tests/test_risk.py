"""The risk table, cell by cell as the rulebook writes it, and the laws that hold between its cells."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from facts import BASIC, OTHER, TWIN, D, day, replacement, replacements, subscription, subscriptions
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.rules.risk import offer_still_sold, paid_twice_days

NONE, POSSIBLE, CERTAIN = csp.Risk.NONE, csp.Risk.POSSIBLE, csp.Risk.CERTAIN
GONE = csp.Offer(id=BASIC.id, name=BASIC.name, discontinued=True)
CANCELED = csp.Status.CANCELED

# case, facts of the source, of the replacement, of the move → disruption, data loss, reassign licences
TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, bool, tuple[csp.Risk, csp.Risk, bool]]] = [
    ("guarantee holds, first day", {}, {"provision_on": day(1)}, False, (NONE, NONE, False)),
    ("guarantee holds, last safe day", {}, {"provision_on": day(30)}, False, (NONE, NONE, False)),
    ("guarantee holds, before expiry", {}, {"provision_on": D}, False, (NONE, NONE, False)),
    ("different, declared equivalent", {}, {"offer": TWIN}, False, (POSSIBLE, NONE, True)),
    ("different, not equivalent", {}, {"offer": OTHER}, False, (POSSIBLE, POSSIBLE, True)),
    ("discontinued, different", {"offer": GONE}, {"offer": OTHER}, False, (POSSIBLE, POSSIBLE, True)),
    ("discontinued, but equivalent", {"offer": GONE}, {"offer": TWIN}, False, (POSSIBLE, NONE, True)),
    ("discontinued, that same offer", {"offer": GONE}, {"offer": GONE}, False, (POSSIBLE, POSSIBLE, False)),
    ("discontinued, known on one side", {"offer": GONE}, {}, False, (POSSIBLE, POSSIBLE, False)),
    ("discontinued, known on the other", {}, {"offer": GONE}, False, (POSSIBLE, POSSIBLE, False)),
    ("lower than assigned", {"assigned": 20}, {"quantity": 19}, False, (CERTAIN, POSSIBLE, True)),
    ("same count, lower than assigned", {"assigned": 26}, {}, False, (CERTAIN, POSSIBLE, True)),
    ("more, lower than assigned", {"assigned": 28}, {"quantity": 27}, False, (CERTAIN, POSSIBLE, True)),
    (
        "as many as assigned, but fewer",
        {"assigned": 20},
        {"quantity": 20},
        False,
        (POSSIBLE, POSSIBLE, False),
    ),
    ("fewer, assigned not known", {}, {"quantity": 24}, False, (POSSIBLE, POSSIBLE, False)),
    ("more", {}, {"quantity": 26}, False, (POSSIBLE, NONE, False)),
    ("while Disabled, first day", {}, {"provision_on": day(31)}, False, (CERTAIN, POSSIBLE, False)),
    ("while Disabled, last day", {}, {"provision_on": day(120)}, False, (CERTAIN, POSSIBLE, False)),
    (
        "while Disabled, different offer: as above",
        {},
        {"provision_on": day(31), "offer": OTHER},
        False,
        (CERTAIN, POSSIBLE, True),
    ),
    ("status Disabled", {"status": csp.Status.DISABLED}, {}, False, (CERTAIN, POSSIBLE, False)),
    ("after Deleted", {}, {"provision_on": day(121)}, False, (CERTAIN, CERTAIN, True)),
    ("status Deleted", {"status": csp.Status.DELETED}, {}, False, (CERTAIN, CERTAIN, True)),
    ("cancelled before", {"status": CANCELED}, {}, False, (CERTAIN, POSSIBLE, False)),
    (
        "cancelled before, different offer: as above",
        {"status": CANCELED},
        {"offer": OTHER},
        False,
        (CERTAIN, POSSIBLE, True),
    ),
    (
        "cancelled, last day to back up",
        {"status": CANCELED, "canceled_on": day(0)},
        {"provision_on": day(6)},
        False,
        (CERTAIN, POSSIBLE, False),
    ),
    (
        "cancelled, back-up days over",
        {"status": CANCELED, "canceled_on": day(0)},
        {"provision_on": day(7)},
        False,
        (CERTAIN, CERTAIN, True),
    ),
    ("no replacement", {}, None, False, (CERTAIN, CERTAIN, False)),
    ("zero licences instead of some", {}, {"quantity": 0}, False, (CERTAIN, CERTAIN, False)),
    ("into another tenant", {}, {}, True, (POSSIBLE, POSSIBLE, True)),
    # beyond the table: what is missing is never safe
    ("no day", {}, {"provision_on": None}, False, (POSSIBLE, POSSIBLE, False)),
    ("status unknown", {"status": csp.Status.UNKNOWN}, {}, False, (POSSIBLE, POSSIBLE, False)),
    ("status none", {"status": csp.Status.NONE}, {}, False, (POSSIBLE, POSSIBLE, False)),
    ("pending", {"status": csp.Status.PENDING}, {}, False, (POSSIBLE, POSSIBLE, False)),
    (
        "unknown, long over",
        {"status": csp.Status.UNKNOWN},
        {"provision_on": day(121)},
        False,
        (CERTAIN, CERTAIN, True),
    ),
    (
        "suspended, within the term",
        {"status": csp.Status.SUSPENDED},
        {"provision_on": D},
        False,
        (CERTAIN, POSSIBLE, False),
    ),
    ("suspended, after it", {"status": csp.Status.SUSPENDED}, {}, False, (CERTAIN, POSSIBLE, False)),
    ("a trial, which is not moved", {"trial": True}, {"provision_on": D}, False, (CERTAIN, CERTAIN, False)),
    # what the service reports holds on days that nothing else is known of
    (
        "Disabled, day not known",
        {"status": csp.Status.DISABLED},
        {"provision_on": None},
        False,
        (CERTAIN, POSSIBLE, False),
    ),
    (
        "Deleted, before the term",
        {"status": csp.Status.DELETED},
        {"provision_on": day(-400)},
        False,
        (CERTAIN, CERTAIN, True),
    ),
    (
        "Disabled, before the term",
        {"status": csp.Status.DISABLED},
        {"provision_on": day(-400)},
        False,
        (CERTAIN, POSSIBLE, False),
    ),
    (
        "suspended, before the term",
        {"status": csp.Status.SUSPENDED},
        {"provision_on": day(-400)},
        False,
        (CERTAIN, POSSIBLE, False),
    ),
    (
        "cancelled after the replacement",
        {"status": CANCELED, "canceled_on": D},
        {"provision_on": day(-1)},
        False,
        (NONE, NONE, False),
    ),
    (
        "cancelled on the day itself",
        {"status": CANCELED, "canceled_on": D},
        {"provision_on": D},
        False,
        (CERTAIN, POSSIBLE, False),
    ),
]


@pytest.mark.parametrize(
    ("source", "planned", "elsewhere", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_risk_table(
    source: dict[str, Any], planned: dict[str, Any] | None, elsewhere: bool, expected: tuple[Any, ...]
) -> None:
    planned_replacement = None if planned is None else replacement(**planned)
    risk = csp.transition_risk(subscription(**source), planned_replacement, into_another_tenant=elsewhere)
    assert (risk.disruption, risk.data_loss, risk.reassign_licenses) == expected


def test_several_reasons_combine_by_the_highest_and_all_are_reported() -> None:
    risk = csp.transition_risk(
        subscription(assigned=20),
        replacement(offer=OTHER, quantity=10, provision_on=day(31)),
        into_another_tenant=True,
    )
    assert (risk.disruption, risk.data_loss, risk.reassign_licenses) == (CERTAIN, POSSIBLE, True)
    assert [(f.rule, f.case) for f in risk.findings] == [
        ("RSK-002", "not-equivalent"),
        ("RSK-001", "below-assigned"),
        ("END-005", "after-window"),
        ("TEN-001", "another-tenant"),
    ]


@pytest.mark.parametrize("old", [True, False, None])
@pytest.mark.parametrize("new", [True, False, None])
def test_rsk_003_what_is_known_on_either_side_counts(old: bool | None, new: bool | None) -> None:
    same = csp.Offer(id="A", discontinued=old), csp.Offer(id="A", discontinued=new)
    sold = offer_still_sold(subscription(offer=same[0]), replacement(offer=same[1]))
    assert sold is (False if True in (old, new) else (True if False in (old, new) else None))
    other = csp.Offer(id="B", discontinued=new)
    sold_other = offer_still_sold(subscription(offer=same[0]), replacement(offer=other))
    assert sold_other is (None if new is None else not new)


def test_unknown_facts_ask_for_an_action_and_leave_the_risk_to_the_others() -> None:
    unknown = csp.Offer(id="A")
    like_for_like = csp.transition_risk(subscription(offer=unknown), replacement(offer=unknown))
    assert (like_for_like.disruption, like_for_like.data_loss) == (NONE, NONE)
    (asked,) = [f for f in like_for_like.findings if f.severity is csp.Severity.ACTION]
    assert (asked.rule, asked.facts["provision_day"]) == ("RSK-003", day(1))
    fewer = csp.transition_risk(subscription(), replacement(quantity=20))
    assert "compare-assigned" in [f.case for f in fewer.findings]
    known = csp.transition_risk(subscription(assigned=3), replacement(quantity=20))
    assert "compare-assigned" not in [f.case for f in known.findings]


@pytest.mark.parametrize(
    ("changes", "provision_on", "days"),
    [
        ({}, D, 1),
        ({}, day(-1), 2),
        ({}, day(1), 0),
        ({}, day(30), 0),
        ({}, date(2025, 4, 1), 365),
        ({}, date(2024, 1, 1), 365),
        ({"status": csp.Status.SUSPENDED}, day(-9), 10),
        ({"status": csp.Status.EXPIRED}, D, 0),
        ({"status": csp.Status.CANCELED}, D, 0),
        ({"trial": True}, D, 0),
        ({"status": csp.Status.UNKNOWN}, D, 1),
        # a later term of a subscription that has been paid for since its anchor
        ({"anchor": date(2024, 4, 1)}, date(2024, 4, 1), 730),
    ],
)
def test_days_paid_twice(changes: dict[str, Any], provision_on: date, days: int) -> None:
    risk = csp.transition_risk(subscription(**changes), replacement(provision_on=provision_on))
    assert risk.paid_twice_days == days
    said = [f.facts["days"] for f in risk.findings if f.case == "paid-twice"]
    assert said == ([days] if days else [])


@pytest.mark.parametrize(("offset", "cautioned"), [(0, False), (1, True), (30, True), (31, True)])
def test_relying_on_a_window_that_est_001_ended_is_a_caution(offset: int, cautioned: bool) -> None:
    last_day = date(2026, 5, 4)
    sub = subscription(term=csp.Term(first_day=date(2025, 5, 5), last_day=last_day))
    risk = csp.transition_risk(sub, replacement(provision_on=last_day + timedelta(days=offset)))
    assert ("EST-001" in {f.rule for f in risk.findings}) == cautioned


def not_lower(a: csp.TransitionRisk, b: csp.TransitionRisk) -> bool:
    return (
        a.disruption <= b.disruption
        and a.data_loss <= b.data_loss
        and a.reassign_licenses <= b.reassign_licenses
    )


offsets = st.integers(-400, 400)


@given(subscriptions(), replacements, offsets, st.integers(0, 200), st.booleans())
def test_a_later_provisioning_day_never_lowers_a_risk(
    sub: csp.Subscription, planned: csp.Replacement, offset: int, later: int, elsewhere: bool
) -> None:
    first = sub.term.last_day + timedelta(days=offset)
    early, late = (
        csp.transition_risk(
            sub,
            csp.Replacement(offer=planned.offer, quantity=planned.quantity, provision_on=provision_on),
            into_another_tenant=elsewhere,
        )
        for provision_on in (first, first + timedelta(days=later))
    )
    assert not_lower(early, late)
    assert early.paid_twice_days >= late.paid_twice_days


@given(subscriptions(), replacements, offsets, st.integers(0, 100), st.integers(0, 100))
def test_widening_the_grace_window_never_raises_a_risk(
    sub: csp.Subscription, planned: csp.Replacement, offset: int, narrow: int, more: int
) -> None:
    planned = csp.Replacement(
        offer=planned.offer,
        quantity=planned.quantity,
        provision_on=sub.term.last_day + timedelta(days=offset),
    )
    narrow_risk = csp.transition_risk(sub, planned, policy=csp.GUIDE.evolve(grace_days=narrow))
    wide_risk = csp.transition_risk(sub, planned, policy=csp.GUIDE.evolve(grace_days=narrow + more))
    assert not_lower(wide_risk, narrow_risk)


@given(subscriptions(), replacements | st.none() | st.just(csp.NOT_REPLACED), st.booleans())
def test_into_another_tenant_is_never_safer_and_a_replacement_never_worse_than_none(
    sub: csp.Subscription, planned: csp.Replacement | csp.NotReplaced | None, elsewhere: bool
) -> None:
    risk = csp.transition_risk(sub, planned, into_another_tenant=elsewhere)
    assert not_lower(risk, csp.transition_risk(sub, planned, into_another_tenant=True))
    nothing = csp.transition_risk(sub, None)
    assert risk.disruption <= nothing.disruption
    assert risk.data_loss <= nothing.data_loss


@given(subscriptions(), replacements)
def test_safe_is_said_only_under_the_guarantee(sub: csp.Subscription, planned: csp.Replacement) -> None:
    """Rulebook: saying *safe* when it is not loses data; the guarantee needs all three, and the window."""
    risk = csp.transition_risk(sub, planned)
    if risk.data_loss is NONE and risk.disruption is NONE:
        assert planned.offer.id == sub.offer.id
        assert planned.quantity == sub.quantity
        assert sub.assigned is None or sub.assigned <= planned.quantity
        assert True not in (sub.offer.discontinued, planned.offer.discontinued)
        assert planned.provision_on is not None
        assert planned.provision_on <= sub.term.last_day + timedelta(days=30)
        replaced_before = sub.canceled_on is not None and planned.provision_on < sub.canceled_on
        assert sub.status in (csp.Status.ACTIVE, csp.Status.EXPIRED) or replaced_before
        assert not sub.trial
        assert [f.case for f in risk.findings if f.rule == "RSK-001"] == ["holds"]
    else:
        assert "holds" not in [f.case for f in risk.findings]
        assert risk.findings


@pytest.mark.parametrize(("day", "case"), [(date(2026, 2, 28), "apart"), (date(2026, 3, 1), "apart-past")])
def test_what_is_scheduled_for_a_day_is_to_come_or_over_and_never_both(day: date, case: str) -> None:
    scheduled = subscription(mid_term=csp.TermEnd.CHANGE, mid_term_on=date(2026, 3, 1))
    a = csp.assess(scheduled, as_of=day)
    assert a.risk is not None
    for findings in (a.findings, a.risk.findings):
        assert [f.case for f in findings if f.case.startswith("apart")] == [case]


AUTUMN = csp.Term(first_day=date(2025, 10, 1), last_day=date(2026, 9, 30))
EXTENDING = subscription(
    term=AUTUMN,
    auto_renew=True,
    at_term_end=csp.TermEnd.EXTEND,
    offer=BASIC.evolve(extended_service=True),
)


@pytest.mark.parametrize(
    ("original", "provision_on", "elsewhere", "paid"),
    [
        # A chosen extension is ended on the day on which the new one serves, or when the data is migrated.
        (EXTENDING, date(2026, 10, 10), False, (date(2026, 10, 10), 1)),
        (EXTENDING, date(2026, 10, 10), True, (date(2026, 11, 8), 30)),
        (EXTENDING, date(2026, 10, 1), True, (date(2026, 10, 30), 30)),
        # On the last day of the term, or before, nothing is extended.
        (EXTENDING, date(2026, 9, 30), True, (date(2026, 9, 30), 1)),
        (EXTENDING, date(2026, 9, 28), True, (date(2026, 9, 30), 3)),
        # Nothing is paid before the very first day.
        (subscription(term=AUTUMN), date(2025, 9, 20), False, (date(2026, 9, 30), 365)),
        (subscription(term=AUTUMN), date(2026, 10, 1), True, None),
    ],
)
def test_until_when_days_are_paid_twice(
    original: csp.Subscription, provision_on: date, *, elsewhere: bool, paid: tuple[date, int] | None
) -> None:
    risk = csp.transition_risk(
        original,
        replacement(offer=original.offer, provision_on=provision_on),
        policy=csp.IN_FORCE,
        into_another_tenant=elsewhere,
    )
    said = [(f.facts["last_day"], f.facts["days"]) for f in risk.findings if f.case == "paid-twice"]
    assert said == ([] if paid is None else [paid])
    assert risk.paid_twice_days == (0 if paid is None else paid[1])


def test_days_paid_twice_are_those_of_the_term_unless_it_is_said_otherwise() -> None:
    assert paid_twice_days(EXTENDING, date(2026, 9, 29)) == 2
    assert paid_twice_days(EXTENDING, date(2026, 10, 10)) == 0
    assert paid_twice_days(EXTENDING.evolve(extended=True), date(2026, 10, 10)) == 1
