"""Assessments and plans: worked cases of both samples, and the laws that every plan keeps."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from facts import BASIC, OTHER, SAMPLES, D, day, days, replacement, subscription, transfer, transfers, zones
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.days import utc_day
from csp_transfer.rules.ending import provisioning_days
from csp_transfer.texts import read_bytes

AS_OF = date(2026, 2, 15)
CONTOSO = partner_center.read(read_bytes("contoso-subscriptions.json"))
BY_NAME = {s.name: s for s in CONTOSO}
JAPAN = csp.Partner(id="fabrikam", country="JP")
A = csp.Action


def contoso(**changes: Any) -> csp.Transfer:
    return transfer(*CONTOSO, **changes)


PLAN = csp.plan_transfer(contoso(), as_of=AS_OF)


def assessed(name: str) -> csp.Assessment:
    return PLAN.assessment_of(BY_NAME[name].id)


@pytest.mark.parametrize(
    ("name", "off_by", "first_day", "last_day", "days_left", "caution"),
    [
        ("Microsoft 365 Business Basic", date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), 30, False),
        (
            "Microsoft 365 Business Premium",
            date(2026, 9, 14),
            date(2026, 9, 15),
            date(2026, 10, 14),
            30,
            True,
        ),
        ("Audio Conferencing add-on", date(2026, 9, 14), date(2026, 9, 15), date(2026, 10, 14), 30, True),
        ("Office 365 E1", None, date(2026, 3, 3), date(2026, 4, 1), 30, False),
        ("Visio Plan 2", date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 29), 30, False),
        ("Exchange Online (Plan 1)", None, date(2026, 1, 20), date(2026, 2, 18), 4, False),
        ("Mail for the Osaka branch", date(2026, 3, 23), date(2026, 3, 24), date(2026, 4, 22), 30, False),
    ],
)
def test_contoso_windows(
    name: str, off_by: date | None, first_day: date, last_day: date, days_left: int, caution: bool
) -> None:
    a = assessed(name)
    assert a.grace_window is not None
    assert a.auto_renew_off_by == off_by
    assert (a.grace_window.first_day, a.grace_window.last_day) == (first_day, last_day)
    assert a.days_left == days_left
    assert ("EST-001" in {f.rule for f in a.findings}) == caution
    assert ("EST-001" in repr(a)) == caution
    # Where the window is in doubt, the earlier of two readings counts: the last day of the term.
    assert a.provision_on == (first_day - timedelta(days=1) if caution else max(first_day, AS_OF))
    assert a.provisioning is not None
    assert a.provisioning.latest == (first_day - timedelta(days=1) if caution else last_day)
    assert a.provisioning.doubted_day == (last_day if caution else None)


def test_contoso_suspended_has_no_window_and_says_why() -> None:
    a = assessed("Office 365 E3")
    assert a.grace_window is None
    assert a.days_left == 0
    assert {"LIF-002", "LIF-003"} <= {f.rule for f in a.cautions}
    assert a.state is csp.State.SUSPENDED
    assert a.provision_on == AS_OF  # users have no access until then
    assert a.risk is not None
    assert a.risk.paid_twice_days == 14 + 31 + 30 + 31  # from February 15th through May 31st


def test_contoso_trial_is_not_moved() -> None:
    a = assessed("Microsoft Teams Premium (trial)")
    assert not a.moved
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.CERTAIN, csp.Risk.CERTAIN)
    assert "TRL-001" in {f.rule for f in a.findings}
    steps = [(s.action, s.rule) for s in PLAN.steps if s.subject == a.subscription.id]
    assert steps == [(A.DECIDE_TRIAL, "TRL-001")]


def test_contoso_legacy_ends_the_day_before() -> None:
    a = assessed("Mail for the Osaka branch")
    assert a.subscription.legacy
    assert a.term == csp.Term(first_day=date(2025, 3, 24), last_day=date(2026, 3, 23))
    assert "UTC-001" in {f.rule for f in a.findings}


def test_contoso_caution_is_shown_everywhere() -> None:
    assert "EST-001" in repr(PLAN)
    assert "EST-001!" in str(PLAN)  # on the page already
    for lang in ("en", "ja"):
        assert "EST-001" in PLAN.to_text(lang)
        assert "EST-001" in PLAN.to_markdown(lang)
    assert "EST-001" in json.dumps(PLAN.to_dict())
    warned = [s for s in PLAN.steps if s.cautions]
    assert {s.subject for s in warned} == {
        BY_NAME["Microsoft 365 Business Premium"].id,
        BY_NAME["Audio Conferencing add-on"].id,
    }
    assert {s.action for s in warned} == {A.PROVISION, A.TURN_OFF_AUTO_RENEW}
    assert [d for d in PLAN.deadlines if d.cautions]


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"destination": csp.Partner(id="fabrikam", country="KR")}, "other-region"),
        ({"customer": csp.Tenant(id="contoso", country="RU")}, "not-listed"),
        ({"source": JAPAN}, "serves-none"),
    ],
)
def test_a_blocked_plan_says_why_and_tells_nobody_to_do_anything(changes: dict[str, Any], case: str) -> None:
    plan = csp.plan_transfer(contoso(**changes), as_of=AS_OF)
    assert not plan.feasible
    assert [f.case for f in plan.blockers] == [case]
    assert (plan.steps, plan.deadlines) == ((), ())
    assert len(plan.assessments) == 9
    text = plan.to_text(columns=1000)
    assert "Blocked" in text
    assert plan.blockers[0].message in text
    assert "To do" not in text


LARGE = partner_center.read((SAMPLES / "large-customer-subscriptions.json").read_bytes())


def test_the_large_customer_lets_them_expire_and_one_fewer_may_overlap() -> None:
    plan = csp.plan_transfer(transfer(*LARGE), as_of=AS_OF)
    assert plan.method is csp.Method.EXPIRE_THEN_REPURCHASE
    active = [s for s in LARGE if s.status is csp.Status.ACTIVE]
    assert len(active) == 151
    fewer = [s for s in LARGE if s is not active[0]]
    assert csp.plan_transfer(transfer(*fewer), as_of=AS_OF).method is csp.Method.OVERLAP


def steps_of(plan: csp.Plan, action: csp.Action) -> list[csp.Step]:
    return [step for step in plan.steps if step.action is action]


@pytest.mark.parametrize(
    ("changes", "as_of", "expected"),
    [
        # subscription facts, as of, what is to be done: action, who, first day, last day, rule
        (
            {"auto_renew": True},
            date(2026, 3, 1),
            [
                ("turn_off_auto_renew", "source_partner", date(2026, 3, 1), D, "END-003"),
                ("provision", "destination_partner", day(1), day(30), "END-005"),
            ],
        ),
        ({}, day(30), [("provision", "destination_partner", day(30), day(30), "END-005")]),
        (
            {"status": csp.Status.EXPIRED},
            day(31),
            [("provision", "destination_partner", day(31), day(120), "END-005")],
        ),
        # Active, though its dates say Disabled or Deleted: the data is old, so it is read again first
        (
            {},
            day(31),
            [
                ("find_out", "source_partner", day(31), day(120), "END-004"),
                ("provision", "destination_partner", day(31), day(120), "END-005"),
            ],
        ),
        ({}, day(121), [("find_out", "source_partner", day(121), None, "END-004")]),
        (
            {"status": csp.Status.DELETED},
            day(121),
            [
                ("provision", "destination_partner", day(121), None, "END-005"),
                ("reassign_licences", "customer", day(121), None, "RSK-002"),
            ],
        ),
        # on the day of the renewal auto-renew cannot be changed; from the next day it can
        (
            {"auto_renew": True},
            day(1),
            [
                ("provision", "destination_partner", day(1), date(2027, 3, 31), "END-005"),
                ("turn_off_auto_renew", "source_partner", day(2), date(2027, 3, 31), "END-003"),
            ],
        ),
        (
            # Bought from Microsoft, and ending after 2026-02-09: the window is in doubt
            {"channel": csp.Channel.WEB_DIRECT, "auto_renew": True},
            date(2026, 3, 1),
            [
                ("turn_off_auto_renew", "customer", date(2026, 3, 1), D, "END-003"),
                ("ask_for_credit", "customer", date(2026, 3, 1), D, "CRD-004"),
                ("decide_credit", "billing_support", date(2026, 3, 1), D, "CRD-002"),
                ("provision", "destination_partner", date(2026, 3, 1), D, "END-005"),
            ],
        ),
        (
            {"status": csp.Status.SUSPENDED},
            date(2026, 3, 1),
            [("provision", "destination_partner", date(2026, 3, 1), D, "END-005")],
        ),
        (
            {"status": csp.Status.CANCELED},
            date(2026, 3, 1),
            [
                ("back_up", "customer", date(2026, 3, 1), None, "LIF-004"),
                ("provision", "destination_partner", date(2026, 3, 1), None, "END-005"),
            ],
        ),
        (
            {"status": csp.Status.CANCELED, "canceled_on": date(2026, 2, 27)},
            date(2026, 3, 1),
            [
                ("back_up", "customer", date(2026, 3, 1), date(2026, 3, 5), "LIF-004"),
                ("provision", "destination_partner", date(2026, 3, 1), None, "END-005"),
            ],
        ),
        (
            {"status": csp.Status.CANCELED, "canceled_on": date(2026, 2, 1)},
            date(2026, 3, 1),
            [
                ("provision", "destination_partner", date(2026, 3, 1), None, "END-005"),
                ("reassign_licences", "customer", date(2026, 3, 1), None, "RSK-002"),
            ],
        ),
        (
            {"status": csp.Status.UNKNOWN},
            date(2026, 3, 1),
            [("find_out", "source_partner", date(2026, 3, 1), None, "LIF-001")],
        ),
        (
            {"status": csp.Status.EXPIRED},
            date(2026, 3, 1),
            [("find_out", "source_partner", date(2026, 3, 1), None, "END-004")],
        ),
        (
            {"at_term_end": csp.TermEnd.EXTEND},
            day(1),
            [("find_out", "source_partner", day(1), None, "RNW-001")],
        ),
        (
            {"trial": True, "auto_renew": True},
            day(1),
            [
                ("find_out", "source_partner", day(1), None, "TRL-001"),
                ("back_up", "customer", day(1), None, "END-005"),
            ],
        ),
        # It ends with its term, and nothing replaces it.
        (
            {"trial": True},
            date(2026, 3, 1),
            [("back_up", "customer", date(2026, 3, 1), D, "END-005")],
        ),
        ({"trial": True, "status": csp.Status.DELETED}, date(2026, 3, 1), []),
        ({"quantity": 0}, date(2026, 3, 1), []),
    ],
)
def test_worked_steps(changes: dict[str, Any], as_of: date, expected: list[tuple[Any, ...]]) -> None:
    move = transfer(subscription(**changes), relationship_accepted=True, role=csp.Role.SALES_AGENT)
    plan = csp.plan_transfer(move, as_of=as_of)
    done = [(str(s.action), str(s.actor), s.first_day, s.last_day, s.rule) for s in plan.steps]
    assert done == expected


def test_the_relationship_comes_first_and_in_time_for_the_first_provisioning() -> None:
    request, accept, *rest = PLAN.steps
    assert (request.action, accept.action) == (A.REQUEST_RELATIONSHIP, A.ACCEPT_RELATIONSHIP)
    # Three parties act one after the other: the first licences are due on February 18th.
    assert (request.last_day, accept.last_day) == (date(2026, 2, 16), date(2026, 2, 17))
    accepted = csp.plan_transfer(contoso(relationship_accepted=True), as_of=AS_OF)
    assert list(accepted.steps) == rest


def test_what_is_too_late_comes_by_the_day_until_which_something_can_be_saved() -> None:
    """Both are Suspended, a month after 31 and after 20 March: their data is kept until 29 and until 18 July."""
    later, sooner = (
        subscription(id=key, status=csp.Status.SUSPENDED, term=csp.Term(first_day=first, last_day=last))
        for key, first, last in (
            ("later", date(2025, 4, 1), date(2026, 3, 31)),
            ("sooner", date(2025, 3, 21), date(2026, 3, 20)),
        )
    )
    plan = csp.plan_transfer(transfer(later, sooner), as_of=date(2026, 5, 5))
    assert [f.subject for f in plan.too_late] == ["sooner", "later"]


def test_an_earlier_day_is_planned_as_chosen_and_says_what_is_paid_twice() -> None:
    chosen = {"83ef9d05": replacement(provision_on=day(-9))}
    plan = csp.plan_transfer(transfer(replacements=chosen), as_of=date(2026, 3, 1))
    (step,) = steps_of(plan, A.PROVISION)
    assert (step.first_day, step.last_day) == (day(-9), day(-9))
    (risk,) = [a.risk for a in plan.assessments]
    assert risk is not None
    assert risk.paid_twice_days == 10
    assert "10-day overlap that is paid twice" in plan.to_text(detail=True)


def test_a_replacement_without_a_day_takes_the_recommended_one_and_reassignment_follows_it() -> None:
    chosen = {"83ef9d05": replacement(offer=OTHER, provision_on=None)}
    move = transfer(replacements=chosen, delegated_admin=True)
    plan = csp.plan_transfer(move, as_of=date(2026, 3, 1))
    (step,) = steps_of(plan, A.REASSIGN_LICENCES)
    assert (step.actor, step.first_day, step.last_day) == (csp.Actor.DESTINATION_PARTNER, day(1), day(30))


def test_a_replacement_of_the_past_is_done_and_needs_an_accepted_relationship() -> None:
    chosen = {"83ef9d05": replacement(offer=OTHER, provision_on=day(1))}
    done = csp.plan_transfer(transfer(replacements=chosen, relationship_accepted=True), as_of=day(2))
    assert [s.action for s in done.steps] == [A.REASSIGN_LICENCES]
    assert (done.steps[0].first_day, done.steps[0].last_day) == (day(2), None)
    with pytest.raises(
        csp.InvalidValue, match=r"relationship_accepted: False; expected True, as replacements"
    ):
        csp.plan_transfer(transfer(replacements=chosen), as_of=day(2))


@pytest.mark.parametrize(
    ("changes", "as_of", "last_day"),
    [
        ({}, D, day(30)),  # the grace window is the last time that users have access
        ({}, day(30), day(30)),
        ({"status": csp.Status.EXPIRED}, day(31), None),  # they have none any more; admins have
        ({"status": csp.Status.SUSPENDED}, D, None),
    ],
)
def test_what_nothing_replaces_has_a_last_day_to_save_its_data(
    changes: dict[str, Any], as_of: date, last_day: date | None
) -> None:
    left = transfer(subscription(**changes), replacements={"83ef9d05": csp.NOT_REPLACED})
    plan = csp.plan_transfer(left, as_of=as_of)
    assert [(str(s.action), str(s.actor), s.last_day, s.rule) for s in plan.steps] == [
        ("back_up", "customer", last_day, "END-005")
    ]
    assert [deadline.day for deadline in plan.deadlines] == ([last_day] if last_day else [])


def test_where_two_readings_give_two_last_days_the_earlier_one_is_to_save_data_by() -> None:
    """EST-001: the guide's grace window after 2026-09-14 is in doubt."""
    ends = subscription(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    left = transfer(ends, replacements={"83ef9d05": csp.NOT_REPLACED})
    for policy, later in ((csp.GUIDE, date(2026, 10, 14)), (csp.IN_FORCE, None)):
        [step] = csp.plan_transfer(left, as_of=D, policy=policy).steps
        assert (step.last_day, step.doubted_day) == (date(2026, 9, 14), later)
    [step] = csp.plan_transfer(left, as_of=date(2026, 9, 15)).steps
    assert (step.last_day, step.doubted_day) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [{"auto_renew": True}, {"status": csp.Status.DELETED}, {"quantity": 0}],
    ids=["goes on", "lost already", "no licences"],
)
def test_where_nothing_can_be_lost_there_is_nothing_to_save(changes: dict[str, Any]) -> None:
    left = transfer(subscription(**changes), replacements={"83ef9d05": csp.NOT_REPLACED})
    assert csp.plan_transfer(left, as_of=D).steps == ()


def test_a_chosen_day_is_not_believed_where_the_end_is_not_known() -> None:
    sub = subscription(status=csp.Status.UNKNOWN)
    a = csp.assess(sub, replacement(provision_on=day(1)), as_of=D)
    assert a.provisioning is None
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)
    plan = csp.plan_transfer(transfer(sub, replacements={sub.id: replacement(provision_on=day(1))}), as_of=D)
    assert [s.action for s in plan.steps][-1] is A.PROVISION


def test_a_status_that_is_not_known_hides_no_renewal() -> None:
    pending = subscription(status=csp.Status.PENDING, auto_renew=True)
    plan = csp.plan_transfer(transfer(pending, relationship_accepted=True), as_of=date(2026, 3, 30))
    due = [(s.action, s.last_day) for s in plan.steps]
    assert due == [(A.FIND_OUT, D), (A.TURN_OFF_AUTO_RENEW, D)]


def test_what_is_scheduled_is_scheduled_for_one_term_end() -> None:
    once = subscription(
        term=csp.Term.starting(date(2026, 1, 1), "P1M"), auto_renew=False, at_term_end=csp.TermEnd.RENEW
    )
    a = csp.assess(once, as_of=date(2026, 6, 10))
    assert a.term == csp.Term.starting(date(2026, 2, 1), "P1M")
    assert a.state is None  # by its dates it is Disabled, but the service says Active
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)
    expired = csp.assess(once.evolve(status=csp.Status.EXPIRED), as_of=date(2026, 4, 10))
    assert expired.state is csp.State.DISABLED
    assert expired.term == once.term


def test_days_that_rest_on_a_disputed_reading_carry_the_rule() -> None:
    monthly = subscription(term=csp.Term.starting(date(2026, 1, 31), "P1M"), auto_renew=True)
    plan = csp.plan_transfer(transfer(monthly), as_of=date(2026, 3, 20))
    assert {s.action: s.cautions for s in plan.steps} == {
        A.REQUEST_RELATIONSHIP: ("RNW-001",),
        A.ACCEPT_RELATIONSHIP: ("RNW-001",),
        A.TURN_OFF_AUTO_RENEW: ("RNW-001",),
        A.PROVISION: ("RNW-001",),
    }
    assert "END-003, RNW-001!" in plan.to_text(detail=True)


def test_every_step_that_rests_on_a_window_that_ended_carries_est_001() -> None:
    term = csp.Term.starting(date(2025, 7, 1), "P1Y")
    move = transfer(
        subscription(term=term, auto_renew=True), target_tenant=csp.Tenant(id="newco", country="JP")
    )
    for step in csp.plan_transfer(move, as_of=date(2026, 6, 1)).steps:
        assert step.cautions == ("EST-001",), step
    off = transfer(subscription(term=term))
    late = csp.plan_transfer(off, as_of=date(2026, 8, 15))
    assert {s.action: s.cautions for s in late.steps} == {
        A.REQUEST_RELATIONSHIP: ("END-005", "EST-001"),
        A.ACCEPT_RELATIONSHIP: ("END-005", "EST-001"),
        A.FIND_OUT: (),
        A.PROVISION: ("END-005", "EST-001"),
    }
    off = transfer(subscription(term=term, status=csp.Status.EXPIRED))
    late = csp.plan_transfer(off, as_of=date(2026, 8, 15))
    assert {s.action: s.cautions for s in late.steps} == {
        A.REQUEST_RELATIONSHIP: ("END-005", "EST-001"),
        A.ACCEPT_RELATIONSHIP: ("END-005", "EST-001"),
        A.PROVISION: ("END-005", "EST-001"),
    }
    assert "END-005!, EST-001!" in late.to_text(detail=True)
    assert "Too late already" in late.to_text(detail=True)
    (a,) = late.assessments
    assert a.provisioning is not None
    assert "EST-001" in repr(a.provisioning)


def test_days_before_a_renewal_are_paid_twice_too() -> None:
    a = csp.assess(subscription(auto_renew=True), replacement(provision_on=date(2026, 3, 20)), as_of=day(15))
    assert a.risk is not None
    assert a.risk.paid_twice_days == 12 + 365


def test_the_days_of_a_trial_or_an_unknown_status_are_not_planned() -> None:
    for sub in (subscription(trial=True), subscription(status=csp.Status.NONE)):
        assert provisioning_days(sub, D) is None


def test_into_another_tenant_the_customer_migrates_its_data() -> None:
    plan = csp.plan_transfer(
        transfer(target_tenant=csp.Tenant(id="newco", country="JP")), as_of=date(2026, 3, 1)
    )
    (step,) = steps_of(plan, A.MIGRATE_DATA)
    assert (step.actor, step.first_day, step.last_day, step.rule) == (
        csp.Actor.CUSTOMER,
        date(2026, 3, 1),
        day(30),
        "TEN-001",
    )
    assert step.recommended == day(1)
    (provision,) = steps_of(plan, A.PROVISION)
    assert (provision.first_day, provision.recommended) == (step.first_day, step.recommended)


def test_on_the_last_day_of_access_data_can_be_migrated_still() -> None:
    move = transfer(target_tenant=csp.Tenant(id="newco", country="JP"))
    (step,) = steps_of(csp.plan_transfer(move, as_of=day(30)), A.MIGRATE_DATA)
    assert (step.first_day, step.last_day) == (day(30), day(30))
    (step,) = steps_of(csp.plan_transfer(move, as_of=day(31)), A.MIGRATE_DATA)
    assert (step.first_day, step.last_day) == (day(31), None)


@pytest.mark.parametrize(
    ("as_of", "recommended"), [(date(2026, 3, 1), date(2026, 8, 16)), (date(2026, 9, 1), date(2026, 9, 1))]
)
def test_into_another_tenant_without_a_window_there_are_days_to_migrate(
    as_of: date, recommended: date
) -> None:
    ends = subscription(term=csp.Term.starting(date(2025, 9, 15), "P1Y"))
    move = transfer(ends, target_tenant=csp.Tenant(id="newco", country="JP"))
    plan = csp.plan_transfer(move, as_of=as_of)
    for action in (A.PROVISION, A.MIGRATE_DATA):
        (step,) = steps_of(plan, action)
        assert (step.first_day, step.recommended, step.last_day) == (as_of, recommended, date(2026, 9, 14))
    assert plan.assessments[0].provision_on == recommended  # 30 days, the last one included


def test_a_base_subscription_comes_before_its_add_on() -> None:
    plan = csp.plan_transfer(
        transfer(subscription(id="a", parent="b"), subscription(id="b")), as_of=date(2026, 3, 1)
    )
    assert [s.subject for s in steps_of(plan, A.PROVISION)] == ["b", "a"]


def test_a_base_subscription_stands_before_what_is_added_on_to_it_however_deep() -> None:
    def until(last_day: date) -> csp.Term:
        return csp.Term(first_day=date(2025, 3, 1), last_day=last_day)

    plan = csp.plan_transfer(
        transfer(
            subscription(id="c", parent="B", term=until(date(2026, 3, 20))),
            subscription(id="d", parent="a", term=until(date(2026, 3, 22))),
            subscription(id="b", parent="A", term=until(date(2026, 3, 25))),
            subscription(id="a", term=until(date(2026, 3, 28))),
            subscription(id="x", term=until(date(2026, 3, 21))),
            replacements={"c": replacement(offer=OTHER, provision_on=None)},
        ),
        as_of=date(2026, 4, 1),
    )
    order = [(s.subject, s.action) for s in plan.steps if s.action in (A.PROVISION, A.REASSIGN_LICENCES)]
    assert order == [
        ("a", A.PROVISION),
        ("b", A.PROVISION),
        ("c", A.PROVISION),
        ("c", A.REASSIGN_LICENCES),
        ("x", A.PROVISION),
        ("d", A.PROVISION),
    ]
    due = {s.subject: s.last_day for s in plan.steps if s.action is A.PROVISION}
    assert due["a"] == date(2026, 4, 27)
    said = {f.subject: f.facts["last_safe_day"] for f in plan.findings if f.case == "parent-first"}
    assert said == {"c": date(2026, 4, 19), "d": date(2026, 4, 21), "b": date(2026, 4, 24)}


def test_subscriptions_that_are_each_others_add_ons_do_not_hang_a_plan() -> None:
    circle = transfer(subscription(id="a", parent="b"), subscription(id="b", parent="a"))
    assert len(steps_of(csp.plan_transfer(circle, as_of=date(2026, 3, 1)), A.PROVISION)) == 2


def test_data_is_not_migrated_before_there_is_somewhere_to_go() -> None:
    move = transfer(
        subscription(),
        target_tenant=csp.Tenant(id="newco", country="JP"),
        replacements={"83ef9d05": replacement(provision_on=day(40))},
    )
    plan = csp.plan_transfer(move, as_of=date(2026, 3, 1))
    (step,) = steps_of(plan, A.MIGRATE_DATA)
    assert (step.first_day, step.last_day) == (day(40), None)
    assert "cannot be migrated in time" in plan.to_text(detail=True)


def test_while_no_day_is_known_there_is_nowhere_to_migrate_to() -> None:
    unknown = transfer(
        subscription(status=csp.Status.NONE), target_tenant=csp.Tenant(id="newco", country="JP")
    )
    plan = csp.plan_transfer(unknown, as_of=D)
    assert steps_of(plan, A.MIGRATE_DATA) == []
    assert "must migrate its data" in plan.to_text(detail=True)


def test_a_suspension_that_did_not_stop_the_renewal_gets_its_deadline() -> None:
    sub = subscription(status=csp.Status.SUSPENDED, auto_renew=True)
    plan = csp.plan_transfer(transfer(sub, relationship_accepted=True), as_of=date(2026, 3, 1))
    assert [(s.action, s.last_day) for s in plan.steps] == [(A.TURN_OFF_AUTO_RENEW, D), (A.PROVISION, D)]
    after_the_end = csp.plan_transfer(transfer(sub, relationship_accepted=True), as_of=day(1))
    assert [s.action for s in after_the_end.steps] == [A.FIND_OUT]


def test_the_deadline_stands_on_the_last_day_itself() -> None:
    plan = csp.plan_transfer(transfer(subscription(auto_renew=True), relationship_accepted=True), as_of=D)
    assert (plan.deadlines[0].day, plan.deadlines[0].days_left) == (D, 1)
    trial = csp.assess(subscription(trial=True, auto_renew=True), as_of=D)
    assert "turns-paid" in {f.case for f in trial.findings}


def test_disabled_says_the_service_so_it_is_not_deleted_and_each_day_may_be_the_last() -> None:
    sub = subscription(status=csp.Status.DISABLED)
    for as_of in (date(2025, 9, 1), day(10), day(130)):
        plan = csp.plan_transfer(transfer(sub), as_of=as_of)
        (a,) = plan.assessments
        assert a.state is csp.State.DISABLED
        assert a.risk is not None
        assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.CERTAIN, csp.Risk.POSSIBLE)
        assert {s.last_day for s in plan.steps} == {as_of}


def test_an_unknown_status_still_needs_a_relationship_and_nothing_moved_needs_none() -> None:
    unknown = csp.plan_transfer(transfer(subscription(status=csp.Status.UNKNOWN)), as_of=D)
    assert [s.action for s in unknown.steps] == [A.REQUEST_RELATIONSHIP, A.ACCEPT_RELATIONSHIP, A.FIND_OUT]
    nothing = csp.plan_transfer(transfer(subscription(quantity=0)), as_of=D)
    assert nothing.steps == ()
    assert not {"REL-001", "TEN-001"} & {f.rule for f in nothing.findings}


def test_a_contradicted_status_is_not_made_safe_by_a_chosen_day() -> None:
    sub = subscription(status=csp.Status.EXPIRED)
    a = csp.assess(sub, replacement(provision_on=day(5)), as_of=date(2026, 3, 1))
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)


def test_licences_that_are_assigned_but_not_bought_can_be_lost() -> None:
    a = csp.assess(subscription(quantity=0, assigned=5), as_of=D)
    assert a.risk is not None
    assert a.risk.disruption is csp.Risk.CERTAIN


def test_the_days_that_messages_name() -> None:
    findings = {(f.rule, f.case): f.facts for f in csp.assess(subscription(), as_of=D).findings}
    assert findings["LIF-001", "course"] == {
        "expired_day": day(1),
        "disabled_day": day(31),
        "deleted_day": day(121),
    }
    assert findings["END-005", "provision-by"]["days_left"] == 30
    suspended = csp.assess(subscription(status=csp.Status.SUSPENDED), as_of=day(-9))
    said = {(f.rule, f.case): f.facts for f in suspended.findings}
    assert said["END-005", "provision-by"]["days_left"] == 10
    assert ("END-002", "no-refund") in said


def test_a_scheduled_cancellation_without_a_free_window_casts_doubt_on_every_step() -> None:
    term = csp.Term.starting(date(2025, 7, 1), "P1Y")
    sub = subscription(term=term, at_term_end=csp.TermEnd.CANCEL)
    plan = csp.plan_transfer(transfer(sub), as_of=date(2026, 6, 1))
    assert {s.cautions for s in plan.steps} == {("EST-001",)}
    risk = csp.transition_risk(
        subscription(term=term, status=csp.Status.PENDING), replacement(provision_on=date(2026, 7, 10))
    )
    assert "EST-001" in {f.rule for f in risk.findings}


def test_the_last_day_to_back_up_is_still_a_day() -> None:
    sub = subscription(status=csp.Status.CANCELED, canceled_on=date(2026, 2, 23))
    for as_of, steps in ((date(2026, 3, 1), 1), (date(2026, 3, 2), 0)):
        assert len(steps_of(csp.plan_transfer(transfer(sub), as_of=as_of), A.BACK_UP)) == steps


def test_what_could_not_be_read_is_said() -> None:
    plan = csp.plan_transfer(transfer(unread=2), as_of=D)
    assert "could not be read (2)" in plan.to_text(detail=True)
    nearly = transfer(*(subscription(id=f"s{n}") for n in range(150)), unread=1)
    assert "not-sure" in {f.case for f in csp.plan_transfer(nearly, as_of=D).cautions}


@pytest.mark.parametrize(
    ("end", "said", "said_in_japanese"),
    [
        (csp.TermEnd.RENEW, "(renew)", "(更新)"),
        (csp.TermEnd.EXTEND, "(extended service term)", "(延長サービス期間)"),
        (csp.TermEnd.CHANGE, "(change of product or term)", "(製品または契約期間の変更)"),
        (csp.TermEnd.UNKNOWN, "(not known)", "(不明)"),
    ],
)
def test_what_is_scheduled_is_to_be_undone_and_named(
    end: csp.TermEnd, said: str, said_in_japanese: str
) -> None:
    move = transfer(subscription(auto_renew=False, at_term_end=end), relationship_accepted=True)
    plan = csp.plan_transfer(move, as_of=date(2026, 3, 1))
    (step,) = steps_of(plan, A.UNDO_SCHEDULE)
    assert (step.last_day, step.rule) == (D, "END-003")
    assert said in plan.to_text(detail=True)
    assert said_in_japanese in plan.to_text("ja", detail=True)


def test_what_may_be_due_earlier_casts_doubt_on_what_all_wait_for() -> None:
    sure = subscription(id="a", term=csp.Term(first_day=date(2025, 4, 21), last_day=date(2026, 4, 20)))
    doubtful = subscription(id="b", term=csp.Term(first_day=date(2025, 5, 11), last_day=date(2026, 5, 10)))
    later = subscription(id="c", term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    newco = csp.Tenant(id="newco", country="JP")
    # By the guide's reading `doubtful` has until June 9th; the earlier reading counts.
    for subs, due, cautions in (
        ((sure, doubtful), date(2026, 5, 10), ("EST-001",)),
        ((sure, later), date(2026, 5, 20), ()),
    ):
        plan = csp.plan_transfer(transfer(*subs, target_tenant=newco), as_of=date(2026, 3, 1))
        for before, action in enumerate((A.MIGRATE_DATA, A.ACCEPT_RELATIONSHIP, A.REQUEST_RELATIONSHIP)):
            (step,) = steps_of(plan, action)
            assert (step.last_day, step.cautions) == (due - timedelta(days=before), cautions)


def test_a_chosen_day_after_the_window_is_marked_on_every_step() -> None:
    plan = csp.plan_transfer(
        transfer(replacements={"83ef9d05": replacement(provision_on=date(2026, 6, 15))}),
        as_of=date(2026, 3, 1),
    )
    assert {s.action: s.cautions for s in plan.steps} == {
        A.REQUEST_RELATIONSHIP: ("END-005",),
        A.ACCEPT_RELATIONSHIP: ("END-005",),
        A.PROVISION: ("END-005",),
    }


def test_migration_stands_after_an_add_on_whose_base_is_elsewhere() -> None:
    newco = csp.Tenant(id="newco", country="JP")
    move = transfer(subscription(parent="x"), target_tenant=newco, relationship_accepted=True)
    plan = csp.plan_transfer(move, as_of=date(2026, 3, 1))
    assert [s.action for s in plan.steps] == [A.PROVISION, A.REASSIGN_LICENCES, A.MIGRATE_DATA]


@pytest.mark.parametrize("base_day", [date(2026, 4, 1), date(2026, 2, 1)])
def test_a_base_that_comes_in_time_or_is_there_needs_no_word(base_day: date) -> None:
    base = subscription(id="base", term=csp.Term(first_day=date(2025, 5, 1), last_day=date(2026, 4, 30)))
    add_on = subscription(id="add", parent="base")
    move = transfer(
        base, add_on, replacements={"base": replacement(provision_on=base_day)}, relationship_accepted=True
    )
    plan = csp.plan_transfer(move, as_of=date(2026, 3, 1))
    assert not [f for f in plan.findings if f.rule == "REL-002" and f.severity > csp.Severity.INFO]


def test_a_base_chosen_on_just_the_recommended_day_is_due_on_that_day() -> None:
    add_on = subscription(
        id="add", parent="base", term=csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 30))
    )
    chosen = {"base": replacement(provision_on=day(1)), "add": replacement(provision_on=day(1))}
    plan = csp.plan_transfer(
        transfer(subscription(id="base"), add_on, replacements=chosen), as_of=date(2026, 3, 1)
    )
    assert "parent-first" not in {f.case for f in plan.findings}
    assert [a.day_chosen for a in plan.assessments] == [True, True]


def test_a_term_of_one_day_that_renews_today_has_its_last_chance_today() -> None:
    sub = subscription(
        auto_renew=True,
        term=csp.Term(first_day=D, last_day=D),
        anchor=date(2025, 1, 1),
        renewal_duration="P1M",
    )
    plan = csp.plan_transfer(transfer(sub, relationship_accepted=True), as_of=D)
    assert (plan.steps[0].first_day, plan.steps[0].last_day) == (D, D)


def test_where_a_day_is_chosen_no_other_is_named() -> None:
    chosen = {"83ef9d05": replacement(provision_on=day(-9))}
    plan = csp.plan_transfer(transfer(replacements=chosen), as_of=date(2026, 3, 1))
    assert "provision-by" not in {f.case for f in plan.findings}


def test_a_credit_is_explained_and_not_promised() -> None:
    plan = csp.plan_transfer(transfer(subscription(channel=csp.Channel.WEB_DIRECT)), as_of=D)
    assert "It cannot be promised." in plan.to_text(detail=True)


def test_into_another_tenant_the_relationship_is_with_the_new_one() -> None:
    plan = csp.plan_transfer(transfer(target_tenant=csp.Tenant(id="newco", country="JP")), as_of=D)
    whole = {s.subject for s in plan.steps if s.action in (A.REQUEST_RELATIONSHIP, A.MIGRATE_DATA)}
    assert whole == {"newco"}
    assert "newco" in plan.to_text(detail=True)


def test_names_that_are_not_alone_are_told_apart_by_id() -> None:
    twins = csp.plan_transfer(transfer(subscription(id="one"), subscription(id="two")), as_of=D)
    for text in (str(twins), twins.to_text(detail=True)):
        assert f"{BASIC.name} [one]" in text
        assert f"{BASIC.name} [two]" in text
    alone = csp.plan_transfer(transfer(), as_of=D)
    assert "[83ef9d05]" not in str(alone)


def test_what_users_write_cannot_break_a_report() -> None:
    nasty = subscription(name="a|b\n# <script>\x1b[2J*x*")
    plan = csp.plan_transfer(transfer(nasty), as_of=D)
    markdown = plan.to_markdown(detail=True)
    assert "\x1b" not in plan.to_text(detail=True) + markdown
    assert "<script>" not in markdown
    rows = [line.replace("\\|", "") for line in markdown.splitlines() if line.startswith("|")]
    first, steps, subscriptions = 5, 9, 10
    assert {row.count("|") for row in rows if "script" in row} == {first, steps, subscriptions}
    assert plan._repr_markdown_() == plan.to_markdown()
    with pytest.raises(csp.InvalidValue, match="lang"):
        plan.to_text("de")
    with pytest.raises(csp.InvalidValue, match="subscription_id"):
        plan.assessment_of("nobody")


def test_nothing_known_is_shown_as_not_known() -> None:
    plan = csp.plan_transfer(transfer(subscription(at_term_end=csp.TermEnd.EXTEND)), as_of=day(2))
    assert plan.to_text(detail=True).count("not known") >= 3


@given(transfers(), days)
def test_plans_never_contradict_themselves(move: csp.Transfer, as_of: date) -> None:
    chosen = [r.provision_on for r in move.replacements.values() if isinstance(r, csp.Replacement)]
    in_the_past = any(day is not None and day < as_of for day in chosen)
    move = csp.Transfer.from_dict(move.to_dict() | {"relationship_accepted": in_the_past})
    plan = csp.plan_transfer(move, as_of=as_of)
    position = {id(step): n for n, step in enumerate(plan.steps)}
    accept = [s for s in plan.steps if s.action is A.ACCEPT_RELATIONSHIP]
    by_id = {s.id: s for s in move.subscriptions}
    for step in plan.steps:
        assert step.first_day >= as_of
        assert step.last_day is None or step.last_day >= step.first_day
        if step.action is A.PROVISION:
            a = plan.assessment_of(step.subject)
            assert a.provision_on is not None
            assert step.first_day <= a.provision_on <= (step.last_day or date.max)
            base = (by_id[step.subject].parent or "").lower()
            for other in plan.steps:
                if (
                    other.action is A.PROVISION
                    and other.subject == base
                    and other.first_day <= step.first_day
                ):
                    assert position[id(other)] < position[id(step)]
            for before in accept:
                assert position[id(before)] < position[id(step)]
                assert before.first_day <= step.first_day
                assert before.last_day is None or step.last_day is None or before.last_day <= step.last_day
        if step.action in (A.TURN_OFF_AUTO_RENEW, A.UNDO_SCHEDULE):
            a = plan.assessment_of(step.subject)
            assert a.term is not None
            assert step.last_day == a.term.last_day
            assert by_id[step.subject].goes_on
        if step.action is A.MIGRATE_DATA:
            provisions = [s for s in plan.steps if s.action is A.PROVISION]
            done = any(a.already_provisioned for a in plan.assessments if a.moved)
            assert done or not provisions or step.first_day >= min(s.first_day for s in provisions)
        if step.action is A.REASSIGN_LICENCES:
            same = [s for s in plan.steps if s.subject == step.subject and s.action is A.PROVISION]
            assert all(position[id(s)] < position[id(step)] for s in same)
    assert [d.day for d in plan.deadlines] == sorted(d.day for d in plan.deadlines)
    assert all(d.days_left >= 1 for d in plan.deadlines)
    assert bool(plan.blockers) != plan.feasible
    assert plan.feasible or not plan.steps


@given(transfers(), days)
def test_like_for_like_pays_nothing_twice_and_interrupts_nobody_while_there_is_a_window(
    move: csp.Transfer, as_of: date
) -> None:
    for sub in move.subscriptions:
        a = csp.assess(sub, as_of=as_of)
        window = a.grace_window
        if window is None or not a.moved or as_of > window.last_day or a.doubts:
            continue
        assert a.provision_on is not None
        assert a.provision_on in window
        assert a.provision_on == max(as_of, window.first_day)
        assert a.risk is not None
        assert a.risk.paid_twice_days == 0
        if sub.offer.discontinued is not True and (sub.assigned or 0) <= sub.quantity:
            assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.NONE, csp.Risk.NONE)


@given(transfers(), days, st.permutations(range(4)))
def test_order_never_changes_a_verdict(move: csp.Transfer, as_of: date, order: list[int]) -> None:
    plan = csp.plan_transfer(move, as_of=as_of)
    shuffled = [move.subscriptions[n] for n in order if n < len(move.subscriptions)]
    facts = move.to_dict() | {"subscriptions": [s.to_dict() for s in shuffled]}
    other = csp.plan_transfer(csp.Transfer.from_dict(facts), as_of=as_of)
    assert (other.steps, other.deadlines, other.findings) == (plan.steps, plan.deadlines, plan.findings)
    assert set(other.assessments) == set(plan.assessments)
    assert (other.feasible, other.method) == (plan.feasible, plan.method)


@given(transfers(), st.datetimes(datetime(2022, 2, 1), datetime(2038, 1, 1), timezones=zones))  # noqa: DTZ001
def test_a_day_and_every_instant_in_it_give_the_same_plan(move: csp.Transfer, instant: datetime) -> None:
    today = utc_day("as_of", instant)
    plan = csp.plan_transfer(move, as_of=instant)
    assert plan == csp.plan_transfer(move, as_of=instant.astimezone(UTC))
    assert (plan.as_of, plan.asked_at) == (today, instant)
    # What the service gives to the hour aside, the hour decides nothing.
    given_hours = ("CXL-002", "END-002")
    by_day = csp.plan_transfer(move, as_of=today)
    assert (plan.steps, plan.deadlines) == (by_day.steps, by_day.deadlines)
    said = [[f for f in p.findings if f.rule not in given_hours] for p in (plan, by_day)]
    assert said[0] == said[1]
    if all(s.cancellation_allowed_until is None for s in move.subscriptions):
        told = tuple(a.evolve(asked_at=None) for a in plan.assessments)
        assert plan.evolve(asked_at=None, assessments=told) == by_day


@given(transfers(), days)
def test_every_plan_can_be_written_in_both_languages(move: csp.Transfer, as_of: date) -> None:
    plan = csp.plan_transfer(move, as_of=as_of)
    for lang in ("en", "ja"):
        for text in (plan.to_text(lang), plan.to_markdown(lang)):
            assert text.count("\n") >= 5
            assert "{" not in text.replace("\\{", "")
    for a in plan.assessments:
        window = a.grace_window
        if window is not None and window.first_day - timedelta(days=1) >= date(2026, 5, 4):
            assert "EST-001" in {f.rule for f in a.cautions}
            assert "EST-001" in plan.to_text(detail=True)
            assert "EST-001" in {f.rule for f in plan.cautions} or not plan.feasible


@pytest.mark.parametrize(("into_it", "again"), [(0, None), (1, csp.Actor.CUSTOMER)])
@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=str)
def test_the_customer_may_buy_again_what_has_expired_and_not_what_ends_today(
    policy: csp.Policy, into_it: int, again: csp.Actor | None
) -> None:
    term = csp.Term(
        first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)
    )  # no free window follows (EST-001)
    ends = subscription(term=term, at_term_end=csp.TermEnd.CANCEL)
    as_of = term.last_day + timedelta(days=into_it)
    plan = csp.plan_transfer(transfer(ends, relationship_accepted=True), as_of=as_of, policy=policy)
    [buy] = [step for step in plan.steps if step.action is A.PROVISION]
    assert (buy.first_day, buy.or_actor) == (as_of, again)


def test_while_a_term_is_suspended_admins_can_migrate_until_it_ends() -> None:
    suspended = subscription(status=csp.Status.SUSPENDED)
    elsewhere = csp.Tenant(id="other", country="JP")
    for as_of in (day(-40), day(-1), D):
        plan = csp.plan_transfer(transfer(suspended, target_tenant=elsewhere), as_of=as_of)
        [migrate] = [step for step in plan.steps if step.action is A.MIGRATE_DATA]
        assert migrate.last_day == D


def test_a_plan_that_was_changed_by_hand_speaks_of_what_it_has() -> None:
    plan = csp.plan_transfer(transfer(subscription(auto_renew=True)), as_of=day(-9))
    with pytest.raises(csp.InvalidValue, match=r"assessments: \(\); expected one of each subscription"):
        plan.evolve(assessments=())
    twice = plan.assessments * 2
    with pytest.raises(csp.InvalidValue, match="assessments: "):
        plan.evolve(assessments=twice)
    step, deadline = plan.steps[0], plan.deadlines[0]
    for changed in ({"rule": "END-999"}, {"cautions": ("END-999",)}):
        with pytest.raises(csp.InvalidValue, match="END-999"):
            plan.evolve(steps=(step.evolve(**changed),))
        with pytest.raises(csp.InvalidValue, match="END-999"):
            plan.evolve(deadlines=(deadline.evolve(**changed),))
    with pytest.raises(csp.InvalidValue, match="subject: 'nobody'"):
        plan.evolve(steps=(step.evolve(subjects=("nobody",)),))


def test_what_is_cancelled_is_backed_up_once() -> None:
    cancelled = subscription(status=csp.Status.CANCELED, canceled_on=day(-2))
    move = transfer(cancelled, replacements={cancelled.id: csp.NOT_REPLACED})
    plan = csp.plan_transfer(move, as_of=D)
    assert [(step.action, step.rule) for step in plan.steps] == [(csp.Action.BACK_UP, "LIF-004")]


def test_a_plan_that_says_no_room_taken_is_the_first_into_its_tenant() -> None:
    data = csp.plan_transfer(transfer(), as_of=D).to_dict()
    del data["room_taken"]
    assert csp.Plan.from_dict(data).room_taken == 0
