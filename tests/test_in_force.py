"""What is in force: the same as the guide before 2026-05-04, and what part B says from then on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from facts import BASIC, day, subscription, subscriptions, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.policy import HISTORIES, History
from csp_transfer.rules.extension import AfterTerm, after_term
from csp_transfer.rules.terms import legacy_renewal

IN_FORCE = csp.IN_FORCE
E = date(2026, 9, 14)
"""The last day of a term that ends when there is no free grace window any more."""
LATE = csp.Term(first_day=date(2025, 9, 15), last_day=E)
LAST_FREE = date(2026, 5, 3)
LAST_FREE_OF_ALL = date(2026, 2, 8)
"""The last day for what was bought from Microsoft directly, too."""
CANCEL, EXTEND, EXPIRE = csp.TermEnd.CANCEL, csp.TermEnd.EXTEND, csp.TermEnd.EXPIRE
KNOWN = BASIC.evolve(extended_service=True)


def late(**changes: Any) -> csp.Subscription:
    return subscription(**{"term": LATE, "offer": KNOWN} | changes)


def after(offset: int) -> date:
    return E + timedelta(days=offset)


# ---- the numbers ---------------------------------------------------------------------------------------------------

# history → day, value that holds on it, rule that says so
RECORDS: list[tuple[str, date, int, str]] = [
    ("grace_days", date(2022, 1, 10), 30, "END-005"),
    ("grace_days", LAST_FREE, 30, "END-005"),
    ("grace_days", date(2026, 5, 4), 0, "EST-001"),
    ("grace_days_direct", date(2026, 2, 8), 30, "END-005"),
    ("grace_days_direct", date(2026, 2, 9), 0, "EST-001"),
    ("suspended_days", date(2026, 5, 4), 30, "LIF-002"),
    ("disabled_days", date(2026, 5, 4), 90, "LIF-001"),
    ("backup_days", date(2026, 5, 4), 7, "LIF-004"),
    ("most_duplicates", date(2026, 5, 4), 150, "CAP-001"),
    ("tenant_subscriptions", date(2026, 5, 4), 300, "CAP-003"),
    ("cancellation_days", date(2022, 3, 11), 3, "CXL-001"),
    ("cancellation_days", date(2022, 3, 12), 7, "CXL-001"),
    ("renewal_hours", date(2026, 5, 4), 24, "RNW-001"),
    ("extends_by_itself", date(2025, 3, 31), 0, "EST-003"),
    ("extends_by_itself", date(2025, 4, 1), 1, "EST-003"),
    ("extended_percent", date(2026, 5, 4), 3, "EST-002"),
    ("extended_percent_without_monthly", date(2026, 5, 4), 23, "EST-002"),
    ("transfer_items", date(2024, 6, 15), 25, "PCT-003"),
    ("agreement_counts", date(2023, 3, 31), 0, "MCA-001"),
    ("agreement_counts", date(2023, 4, 1), 1, "MCA-001"),
    ("legacy_moved", date(2024, 8, 31), 0, "LEG-001"),
    ("legacy_moved", date(2024, 9, 1), 1, "LEG-001"),
    ("monthly_billing_percent", date(2025, 3, 31), 0, "PRC-001"),
    ("monthly_billing_percent", date(2025, 4, 1), 5, "PRC-001"),
    ("transfer_request_days", date(2024, 6, 15), 30, "PCT-003"),
]
NAMED = {history.name: history for history in HISTORIES}


@pytest.mark.parametrize(("name", "on", "value", "rule_id"), RECORDS)
def test_a_number_is_what_its_history_says_on_that_day(name: str, on: date, value: int, rule_id: str) -> None:
    record = NAMED[name].in_force(on)
    assert (record.value, record.rule) == (value, rule_id)
    assert IN_FORCE.number(NAMED[name], on) == value


def test_every_history_has_such_a_case() -> None:
    assert {name for name, *_ in RECORDS} == set(NAMED)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
def test_before_its_first_record_a_history_raises_and_names_the_first_day(history: History) -> None:
    before = history.first_day - timedelta(days=1)
    with pytest.raises(
        csp.InvalidValue, match=f"{history.name} on: {before}; expected a day from {history.first_day}"
    ):
        IN_FORCE.number(history, before)
    assert csp.GUIDE.number(history, before) == (getattr(csp.GUIDE, history.name, None) or history.stated)
    assert [r.from_day for r in history.records] == sorted(r.from_day for r in history.records)


def test_a_term_before_the_first_record_is_refused_rather_than_guessed() -> None:
    old = subscription(term=csp.Term(first_day=date(2021, 1, 1), last_day=date(2021, 12, 31)))
    with pytest.raises(
        csp.InvalidValue, match="grace_days on: 2021-12-31; expected a day from 2022-01-10 on"
    ):
        csp.grace_window(old, policy=IN_FORCE)
    assert csp.grace_window(old) is not None


def test_before_the_first_record_a_what_if_counts_its_own_days() -> None:
    old = subscription(term=csp.Term(first_day=date(2021, 1, 1), last_day=date(2021, 12, 31)))
    window = csp.grace_window(old, policy=IN_FORCE.evolve(grace_days=15, disabled_days=90))
    assert window is not None
    assert (window.first_day, window.last_day) == (date(2022, 1, 1), date(2022, 1, 15))


def test_either_policy_can_be_changed_for_a_what_if_and_results_say_which() -> None:
    kinder = IN_FORCE.evolve(grace_days=10)
    assert kinder.name == "IN_FORCE with grace_days=10"
    window = csp.grace_window(late(), policy=kinder)
    assert window is not None
    assert window.last_day == after(10)
    assert csp.assess(late(), as_of=E, policy=kinder).policy == kinder


# ---- before the change: one answer ---------------------------------------------------------------------------------


@st.composite
def early(draw: st.DrawFn) -> csp.Subscription:
    """Anything whose term ends while the free grace window holds."""
    last_day = draw(st.dates(date(2022, 1, 10), LAST_FREE_OF_ALL))
    term = csp.Term(first_day=last_day - timedelta(days=draw(st.integers(0, 1100))), last_day=last_day)
    return draw(subscriptions(term=term, anchor=None))


@given(early())
def test_before_the_change_both_policies_agree_on_windows_and_states(sub: csp.Subscription) -> None:
    assert csp.grace_window(sub) == csp.grace_window(sub, policy=IN_FORCE)
    assert csp.lifecycle(sub) == csp.lifecycle(sub, policy=IN_FORCE)


@given(early(), st.integers(-200, 200), st.booleans())
def test_before_the_change_both_policies_agree_on_risks(
    sub: csp.Subscription, offset: int, same: bool
) -> None:
    on = max(sub.term.last_day + timedelta(days=offset), date(2022, 1, 10))
    planned = csp.Replacement(offer=sub.offer if same else BASIC, quantity=sub.quantity, provision_on=on)
    guide, now = csp.transition_risk(sub, planned), csp.transition_risk(sub, planned, policy=IN_FORCE)
    # That no credit comes back, and that a channel transfer is another way, is beside the point.
    beside = tuple(f for f in now.findings if f.rule not in ("DBL-001", "CHN-001"))
    assert now.evolve(findings=beside) == guide


# ---- after the change ----------------------------------------------------------------------------------------------

Facts = dict[str, Any]
# facts → what follows the term, the rule that says so
AFTER: list[tuple[str, Facts, AfterTerm, str]] = [
    ("cancel", {"at_term_end": CANCEL}, AfterTerm.AT_ONCE, "EST-001"),
    ("expire", {"at_term_end": EXPIRE}, AfterTerm.AT_ONCE, "EST-001"),
    (
        "cancel wins over auto-renew",
        {"at_term_end": CANCEL, "auto_renew": True},
        AfterTerm.AT_ONCE,
        "EST-001",
    ),
    ("extend", {"at_term_end": EXTEND}, AfterTerm.EXTENDED, "EST-002"),
    ("nothing chosen", {}, AfterTerm.AT_ONCE, "EST-003"),
    ("renews", {"auto_renew": True}, AfterTerm.AT_ONCE, "EST-003"),
    ("renewal scheduled", {"at_term_end": csp.TermEnd.RENEW}, AfterTerm.AT_ONCE, "EST-003"),
    ("change scheduled", {"at_term_end": csp.TermEnd.CHANGE}, AfterTerm.AT_ONCE, "EST-003"),
    ("scheduled, not known what", {"at_term_end": csp.TermEnd.UNKNOWN}, AfterTerm.AT_ONCE, "EST-003"),
    ("exempt offer", {"offer": BASIC.evolve(extended_service=False)}, AfterTerm.GRACE, "EST-004"),
    ("legacy", {"legacy": True}, AfterTerm.GRACE, "EST-004"),
    ("legacy, to be cancelled", {"legacy": True, "at_term_end": CANCEL}, AfterTerm.GRACE, "EST-004"),
]


@pytest.mark.parametrize(("facts", "follows", "rule_id"), [r[1:] for r in AFTER], ids=[r[0] for r in AFTER])
def test_what_follows_a_term_since_the_change(facts: Facts, follows: AfterTerm, rule_id: str) -> None:
    sub = late(**facts)
    assert after_term(sub, IN_FORCE) is follows
    assert after_term(sub, csp.GUIDE) is AfterTerm.GRACE
    a = csp.assess(sub, as_of=date(2026, 6, 1), policy=IN_FORCE)
    assert rule_id in {f.rule for f in a.cautions}
    assert (a.grace_window is not None) == (follows is AfterTerm.GRACE)


STATES: dict[AfterTerm, dict[int, csp.State]] = {
    AfterTerm.GRACE: {
        0: csp.State.ACTIVE,
        1: csp.State.EXPIRED,
        30: csp.State.EXPIRED,
        31: csp.State.DISABLED,
        120: csp.State.DISABLED,
        121: csp.State.DELETED,
    },
    AfterTerm.AT_ONCE: {
        0: csp.State.ACTIVE,
        1: csp.State.DISABLED,
        90: csp.State.DISABLED,
        91: csp.State.DELETED,
    },
    AfterTerm.EXTENDED: {0: csp.State.ACTIVE, 1: csp.State.EXTENDED, 1000: csp.State.EXTENDED},
}


@pytest.mark.parametrize(("facts", "follows"), [r[1:3] for r in AFTER], ids=[r[0] for r in AFTER])
def test_states_since_the_change(facts: Facts, follows: AfterTerm) -> None:
    for offset, state in STATES[follows].items():
        assert csp.state_at(late(**facts), after(offset), policy=IN_FORCE) is state, offset


def test_an_extended_service_term_keeps_access_and_is_billed() -> None:
    *_, last = csp.lifecycle(late(at_term_end=EXTEND), policy=IN_FORCE)
    assert (last.users_have_access, last.admins_have_access, last.partner_billed) == (True, True, True)
    assert (last.first_day, last.last_day) == (after(1), None)


NONE, POSSIBLE, CERTAIN = csp.Risk.NONE, csp.Risk.POSSIBLE, csp.Risk.CERTAIN
# what follows → offset of provisioning → disruption, data loss
RISKS = {
    AfterTerm.GRACE: {  # since the change only of what is exempt, and no source says that it keeps the window
        0: (NONE, NONE),
        1: (POSSIBLE, POSSIBLE),
        30: (POSSIBLE, POSSIBLE),
        31: (CERTAIN, POSSIBLE),
        121: (CERTAIN, CERTAIN),
    },
    AfterTerm.AT_ONCE: {
        0: (NONE, NONE),
        1: (CERTAIN, POSSIBLE),
        90: (CERTAIN, POSSIBLE),
        91: (CERTAIN, CERTAIN),
    },
    AfterTerm.EXTENDED: {0: (NONE, NONE), 1: (NONE, NONE), 400: (NONE, NONE)},
}


@pytest.mark.parametrize(("facts", "follows"), [r[1:3] for r in AFTER], ids=[r[0] for r in AFTER])
def test_risks_since_the_change(facts: Facts, follows: AfterTerm) -> None:
    sub = late(**facts)
    for offset, (disruption, data_loss) in RISKS[follows].items():
        planned = csp.Replacement(offer=sub.offer, quantity=25, provision_on=after(offset))
        risk = csp.transition_risk(sub, planned, policy=IN_FORCE)
        assert (risk.disruption, risk.data_loss) == (disruption, data_loss), offset


@pytest.mark.parametrize("auto_renew", [True, False])
def test_without_a_window_it_is_provisioned_on_the_last_day_and_a_cancellation_is_chosen(
    auto_renew: bool,
) -> None:
    plan = csp.plan_transfer(
        transfer(late(auto_renew=auto_renew), relationship_accepted=True),
        as_of=date(2026, 6, 1),
        policy=IN_FORCE,
        way=csp.Way.PROVISION_THEN_EXPIRE,
    )
    steps = [(str(s.action), s.first_day, s.last_day) for s in plan.steps]
    assert steps == [
        ("choose_cancellation", date(2026, 6, 1), E),
        ("provision", date(2026, 6, 1), E),
    ]
    [a] = plan.assessments
    assert a.provision_on == E
    assert a.risk is not None
    assert a.risk.paid_twice_days == 1


def test_what_is_not_known_of_an_offer_is_named() -> None:
    a = csp.assess(late(offer=BASIC), as_of=date(2026, 6, 1), policy=IN_FORCE)
    assert "EST-004 not-known" in {f"{f.rule} {f.case}" for f in a.findings}
    assert a.grace_window is None


@pytest.mark.parametrize(
    ("first_day", "says"),
    [(date(2025, 4, 1), "ambiguous"), (date(2025, 3, 31), "not-chosen")],
)
def test_only_terms_from_2025_04_01_on_may_extend_by_themselves(first_day: date, says: str) -> None:
    sub = late(term=csp.Term(first_day=first_day, last_day=E))
    [found] = [
        f for f in csp.assess(sub, as_of=date(2026, 6, 1), policy=IN_FORCE).findings if f.rule == "EST-003"
    ]
    assert found.case == says


@pytest.mark.parametrize(("monthly", "percents"), [(True, {3}), (False, {23}), (None, {3, 23})])
def test_an_extended_service_term_costs_more_by_so_many_percent(
    monthly: bool | None, percents: set[int]
) -> None:
    a = csp.assess(late(at_term_end=EXTEND, offer=KNOWN.evolve(monthly=monthly)), as_of=E, policy=IN_FORCE)
    [found] = [f for f in a.findings if f.rule == "EST-002"]
    assert {v for k, v in found.facts.items() if k.startswith("percent")} == percents


# ---- cancellation, tenant ------------------------------------------------------------------------------------------


def bought(on: date, **changes: Any) -> csp.Subscription:
    return subscription(term=csp.Term.starting(on, "P1Y"), **changes)


@pytest.mark.parametrize(
    ("sub", "as_of", "outcome"),
    [
        (bought(date(2026, 3, 1)), date(2026, 3, 7), csp.Outcome.PRORATED_REFUND),
        (bought(date(2026, 3, 1)), date(2026, 3, 8), csp.Outcome.PRORATED_REFUND),
        (bought(date(2026, 3, 1)), date(2026, 3, 9), csp.Outcome.NO_REFUND),
        (bought(date(2022, 2, 1)), date(2022, 2, 3), csp.Outcome.PRORATED_REFUND),
        (bought(date(2022, 2, 1)), date(2022, 2, 4), csp.Outcome.PRORATED_REFUND),
        (bought(date(2022, 2, 1)), date(2022, 2, 5), csp.Outcome.NO_REFUND),
        (bought(date(2026, 3, 1), legacy=True), date(2026, 3, 2), csp.Outcome.NO_REFUND),
        (bought(date(2026, 3, 1), channel=csp.Channel.OPEN), date(2026, 3, 2), csp.Outcome.NO_REFUND),
        (
            bought(date(2026, 3, 1), channel=csp.Channel.WEB_DIRECT),
            date(2026, 3, 2),
            csp.Outcome.CREDIT_POSSIBLE,
        ),
    ],
)
def test_a_cancellation_is_refunded_soon_after_purchase(
    sub: csp.Subscription, as_of: date, outcome: csp.Outcome
) -> None:
    advice = csp.refund_advice(sub, as_of=as_of, policy=IN_FORCE)
    assert advice.outcome is outcome
    assert (advice.handled_by is csp.Actor.SOURCE_PARTNER) == (outcome is csp.Outcome.PRORATED_REFUND)
    assert csp.refund_advice(sub, as_of=as_of).outcome is not csp.Outcome.PRORATED_REFUND


def test_before_the_first_record_nobody_can_tell_of_a_refund() -> None:
    early = bought(date(2022, 1, 5))
    with pytest.raises(
        csp.InvalidValue, match="cancellation_days on: 2022-01-09; expected a day from 2022-01-10"
    ):
        csp.refund_advice(early, as_of=date(2022, 1, 9), policy=IN_FORCE)
    advice = csp.refund_advice(early, as_of=date(2022, 1, 20), policy=IN_FORCE)
    assert advice.outcome is csp.Outcome.NO_REFUND


def test_the_window_that_the_service_gives_wins_over_the_computed_one() -> None:
    until = datetime(2026, 3, 4, tzinfo=UTC)
    sub = bought(date(2026, 3, 1), cancellation_allowed_until=until)
    outcomes = [csp.refund_advice(sub, as_of=date(2026, 3, n), policy=IN_FORCE).outcome for n in (3, 4)]
    assert outcomes == [csp.Outcome.PRORATED_REFUND, csp.Outcome.NO_REFUND]
    assert {f.rule for f in csp.refund_advice(sub, as_of=date(2026, 3, 3), policy=IN_FORCE).findings} == {
        "CXL-002"
    }


def test_after_a_renewal_the_window_opens_again() -> None:
    sub = subscription(auto_renew=True)
    outcomes = [csp.refund_advice(sub, as_of=day(n), policy=IN_FORCE).outcome for n in (0, 1, 7, 8, 9)]
    assert [str(outcome) for outcome in outcomes] == [
        "no_refund",
        "prorated_refund",
        "prorated_refund",
        "prorated_refund",
        "no_refund",
    ]


@pytest.mark.parametrize(
    ("existing", "active", "case", "sizes"),
    [
        (None, 3, "not-known", [3]),
        (297, 3, "fits", [3]),
        (298, 3, "batches", [2, 1]),
        (299, 3, "batches", [1, 1, 1]),
        (300, 3, "no-room", []),
        (400, 1, "no-room", []),
        (4, 3, "fits", [3]),
    ],
)
def test_duplicates_fit_beside_what_the_tenant_has(
    existing: int | None, active: int, case: str, sizes: list[int]
) -> None:
    subs = [
        late(id=f"s{n}", term=csp.Term(first_day=LATE.first_day, last_day=after(-n))) for n in range(active)
    ]
    subs.append(late(id="gone", status=csp.Status.DELETED))
    plan = csp.plan_transfer(
        transfer(*subs, tenant_subscriptions=existing), as_of=date(2026, 6, 1), policy=IN_FORCE
    )
    [found] = [f for f in plan.findings if f.rule == "CAP-003" and f.subject == "contoso"]
    assert found.case == case
    # what is Deleted has left its place: its replacement needs one of its own, after the others
    gone = next((f.case for f in plan.findings if f.rule == "CAP-003" and f.subject == "gone"), None)
    assert gone == {297: "waits", 298: "waits", 299: "waits", 300: "no-place", 400: "no-place"}.get(
        existing or 0
    )
    assert [len(batch) for batch in plan.batches] == sizes
    moved = [subscription_id for batch in plan.batches for subscription_id in batch]
    assert moved == ([f"s{n}" for n in reversed(range(active))] if sizes else []), (
        "those that end first come first"
    )
    assert (
        csp.plan_transfer(transfer(*subs, tenant_subscriptions=existing), as_of=date(2026, 6, 1)).batches
        == ()
    )


def test_letting_too_many_expire_costs_now() -> None:
    many = [late(id=f"s{n}") for n in range(151)]
    plan = csp.plan_transfer(transfer(*many), as_of=date(2026, 6, 1), policy=IN_FORCE)
    assert plan.method is csp.Method.EXPIRE_THEN_REPURCHASE
    [found] = [f for f in plan.findings if f.case == "no-free-window"]
    assert found.facts == {"unsure": 151, "percent": 3, "percent_without_monthly": 23}


def test_under_the_guide_no_rule_of_part_b_speaks_but_as_a_caution() -> None:
    silent = {"EST-002", "EST-003", "EST-004"}
    for facts, as_of in product([r[1] for r in AFTER], (date(2026, 6, 1), E, after(1), after(40))):
        plan = csp.plan_transfer(transfer(late(**facts), tenant_subscriptions=300), as_of=as_of)
        assert not {f.rule for f in plan.findings} & silent
        assert all(f.severity is csp.Severity.CAUTION for f in plan.findings if f.rule == "CAP-003")


def test_the_change_falls_on_one_day_only() -> None:
    for last_day, has_window in ((LAST_FREE, True), (LAST_FREE + timedelta(days=1), False)):
        sub = late(term=csp.Term(first_day=date(2025, 9, 15), last_day=last_day))
        assert (csp.grace_window(sub, policy=IN_FORCE) is not None) == has_window
        assert csp.grace_window(sub) is not None


@pytest.mark.parametrize(
    ("last_day", "said"),
    [
        (date(2021, 12, 31), False),  # before all that is recorded
        (date(2024, 8, 30), False),
        (date(2024, 8, 31), True),
    ],
)
def test_a_legacy_subscription_is_moved_where_it_renews_from_september_2024_on(
    last_day: date, said: bool
) -> None:
    legacy = subscription(
        term=csp.Term(first_day=last_day - timedelta(days=364), last_day=last_day),
        legacy=True,
        auto_renew=True,
    )
    found = legacy_renewal(legacy, csp.IN_FORCE)
    assert (found is not None) is said
    if found is not None:
        assert found.facts["renewal_day"] == found.facts["change_day"] == date(2024, 9, 1)


@pytest.mark.parametrize(
    ("accepted", "case"),
    [
        (None, "not-known"),
        (date(2023, 3, 31), "renew"),
        (date(2023, 4, 1), "accepted"),
        (date(2026, 3, 1), "accepted"),
        (date(2026, 3, 2), "to-come"),
    ],
)
def test_mca_001_on_2026_03_01(accepted: date | None, case: str) -> None:
    plan = csp.plan_transfer(
        transfer(agreement_accepted=accepted), as_of=date(2026, 3, 1), policy=csp.IN_FORCE
    )
    assert [f.case for f in plan.findings if f.rule == "MCA-001"] == [case]
