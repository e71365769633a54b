"""Which way a plan takes: the best that is open, or the one that is named, with nothing lost on the way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from facts import BASIC, OTHER, questions, replacement, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

import csp_transfer as csp
from csp_transfer import Way

TODAY = date(2026, 11, 22)
YEAR = csp.Term.starting(date(2026, 2, 1), "P1Y")
D = YEAR.last_day
KNOWN = BASIC.evolve(monthly=True, extended_service=True)
CONDITIONAL = "(unless transferred)"


def now(**changes: Any) -> csp.Subscription:
    return subscription(**{"term": YEAR, "offer": KNOWN, "auto_renew": True} | changes)


def planned(*subs: csp.Subscription, on: date = TODAY, way: Any = None, **changes: Any) -> csp.Plan:
    policy = changes.pop("policy", csp.IN_FORCE)
    move = transfer(*(subs or (now(),)), **{"relationship_accepted": True} | changes)
    return csp.plan_transfer(move, as_of=on, policy=policy, way=way)


def steps(plan: csp.Plan) -> list[tuple[str, date, date | None, bool]]:
    return [(str(s.action), s.first_day, s.last_day, s.unless_transferred) for s in plan.steps]


BEFORE = D - timedelta(days=1)
NEXT = date(2027, 2, 1)
NEXT_END = date(2028, 1, 31)
WAYS: dict[Way, list[tuple[str, date, date | None, bool]]] = {
    Way.PARTNER_CENTER_TRANSFER: [
        ("request_transfer", TODAY, BEFORE - timedelta(days=1), False),
        ("submit_transfer", TODAY, BEFORE, False),
        ("choose_cancellation", TODAY, D, True),
        ("provision", TODAY, D, True),
    ],
    Way.PROVISION_THEN_EXPIRE: [
        ("choose_cancellation", TODAY, D, False),
        ("provision", TODAY, D, False),
    ],
    Way.EXPIRE_THEN_REBUY: [
        ("choose_cancellation", TODAY, D, False),
        ("provision", NEXT, date(2027, 5, 1), False),
    ],
    Way.EXTEND_AND_MOVE: [
        ("choose_extension", TODAY, D, False),
        ("provision", NEXT, None, False),
        ("end_extension", NEXT, None, False),
    ],
    Way.RENEW_AND_WAIT: [
        ("choose_cancellation", date(2027, 2, 2), NEXT_END, False),  # not while the renewal runs
        ("provision", date(2027, 2, 2), NEXT_END, False),
    ],
}
# way → the day it moves, days paid twice, disruption, data loss, auto-renew off by
VERDICTS: dict[Way, tuple[Any, ...]] = {
    Way.PROVISION_THEN_EXPIRE: (D, 1, csp.Risk.NONE, csp.Risk.NONE, D),
    Way.EXPIRE_THEN_REBUY: (NEXT, 0, csp.Risk.CERTAIN, csp.Risk.POSSIBLE, D),
    Way.EXTEND_AND_MOVE: (NEXT, 1, csp.Risk.NONE, csp.Risk.NONE, None),
    Way.RENEW_AND_WAIT: (NEXT_END, 1, csp.Risk.NONE, csp.Risk.NONE, NEXT_END),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_steps_of_each_way_that_is_named(way: Way) -> None:
    plan = planned(way=way)
    assert steps(plan) == WAYS[way]
    assert [part.way for part in plan.parts] == [way]
    assert plan.named == {"83ef9d05": way}
    assert [(d.day, d.unless_transferred) for d in plan.deadlines] == sorted(
        (last_day, unless) for _, _, last_day, unless in WAYS[way] if last_day
    )


@pytest.mark.parametrize("way", VERDICTS)
def test_the_assessment_goes_along(way: Way) -> None:
    [a] = planned(way=way).assessments
    assert a.risk is not None
    said = (
        a.provision_on,
        a.risk.paid_twice_days,
        a.risk.disruption,
        a.risk.data_loss,
        a.auto_renew_off_by,
    )
    assert said == VERDICTS[way]


def test_where_nothing_is_named_it_goes_the_best_and_what_is_left_without_consent() -> None:
    plan = planned()
    assert steps(plan) == WAYS[Way.PARTNER_CENTER_TRANSFER]
    [a] = plan.assessments
    assert (a.provision_on, a.way) == (D, None)
    assert {"both-agree", "nobody-must", "split", "requests"} <= {f.case for f in plan.findings}
    text = plan.to_text(detail=True)
    assert f"Buy the new subscription {CONDITIONAL}" in text
    assert "transferred mid-term; otherwise 2027-01-31" in text
    assert "0; otherwise 1" in text
    after = text.index("If it is not transferred mid-term")
    assert text.index("EST-003, Business Basic: To end it") > after
    assert text.index("PCT-001, Business Basic: Neither") < after


def test_a_pending_transfer_is_planned_for() -> None:
    """PCT-001: it blocks other changes, and completing one may take days."""
    [said] = [f for f in planned().findings if (f.rule, f.case) == ("PCT-001", "nobody-must")]
    assert said.severity is csp.Severity.CAUTION
    assert "nothing else can be changed" in said.message
    assert "may take days" in said.message
    assert "ほかの変更ができず" in said.message_ja
    assert "数日かかる" in said.message_ja


def test_on_the_last_day_both_ways_are_due() -> None:
    plan = planned(on=D)
    assert [(name, last_day) for name, _, last_day, _ in steps(plan)] == [
        ("request_transfer", D),
        ("submit_transfer", D),
        ("choose_cancellation", D),
        ("provision", D),
    ]


def test_where_the_end_is_disputed_the_transfer_comes_before_the_earlier_one() -> None:
    monthly = now(term=csp.Term.starting(date(2023, 1, 31), "P1M"))
    plan = planned(monthly, on=date(2026, 11, 10))  # it has renewed, from an anchor on the 31st
    [found] = [f for f in plan.findings if f.case == "disputed-day"]
    [submit] = [s for s in plan.steps if s.action is csp.Action.SUBMIT_TRANSFER]
    assert found.facts["chained_day"] == date(2026, 11, 27)
    assert submit.last_day == date(2026, 11, 26)
    due = {s.action: (s.last_day, s.doubted_day) for s in plan.steps if s.unless_transferred}
    assert due == {
        csp.Action.CHOOSE_CANCELLATION: (date(2026, 11, 27), date(2026, 11, 29)),
        csp.Action.PROVISION: (date(2026, 11, 27), date(2026, 11, 29)),
    }


def test_the_relationship_is_due_before_the_request() -> None:
    plan = planned(relationship_accepted=False)
    assert [(name, last_day) for name, _, last_day, _ in steps(plan)][:2] == [
        ("request_relationship", BEFORE - timedelta(days=3)),
        ("accept_relationship", BEFORE - timedelta(days=2)),
    ]


def test_each_of_several_goes_its_own_way() -> None:
    plan = planned(
        now(id="csp"),
        now(id="web", channel=csp.Channel.WEB_DIRECT),
        now(id="off", auto_renew=False),
        now(id="stays"),
        replacements={"stays": csp.NOT_REPLACED},
    )
    assert {part.subscription: part.way for part in plan.parts} == {
        "csp": Way.PARTNER_CENTER_TRANSFER,
        "web": Way.PROVISION_THEN_EXPIRE,
        "off": Way.PROVISION_THEN_EXPIRE,
    }
    assert [f.facts["quantity"] for f in plan.findings if f.case == "requests"] == [1]


def test_a_way_may_be_named_for_some() -> None:
    plan = planned(now(id="a"), now(id="b"), way={"b": Way.EXTEND_AND_MOVE})
    assert {part.subscription: part.way for part in plan.parts} == {
        "a": Way.PARTNER_CENTER_TRANSFER,
        "b": Way.EXTEND_AND_MOVE,
    }


def test_a_way_that_is_not_open_is_refused_with_its_reasons_and_nothing_is_lost() -> None:
    web = now(channel=csp.Channel.WEB_DIRECT)
    plan, best = planned(web, way=Way.PARTNER_CENTER_TRANSFER), planned(web)
    assert plan.steps == best.steps
    assert {(f.rule, f.case) for f in plan.findings} - {(f.rule, f.case) for f in best.findings} == {
        ("END-001", "not-this-way"),
        ("PCT-003", "not-new-commerce"),
    }
    assert "END-001" in {f.rule for f in plan.cautions}


def test_a_day_that_is_chosen_is_kept() -> None:
    chosen = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2026, 12, 24))}
    for way in (None, Way.PARTNER_CENTER_TRANSFER, Way.EXTEND_AND_MOVE, Way.PROVISION_THEN_EXPIRE):
        plan = planned(replacements=chosen, way=way)
        assert [part.way for part in plan.parts] == [Way.PROVISION_THEN_EXPIRE]
        [a] = plan.assessments
        assert a.provision_on == date(2026, 12, 24)
        refused = "not-this-way" in {f.case for f in plan.findings}
        assert refused == (way not in (None, Way.PROVISION_THEN_EXPIRE))


def test_what_is_done_or_over_or_not_moved_has_no_way() -> None:
    done = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2026, 11, 1))}
    assert planned(replacements=done, way=Way.EXTEND_AND_MOVE).parts == ()
    assert planned(now(trial=True), way=Way.EXTEND_AND_MOVE).parts == ()
    over = now(term=csp.Term.starting(date(2025, 11, 1), "P1Y"), status=csp.Status.EXPIRED)
    assert [part.way for part in planned(over).parts] == [Way.EXPIRE_THEN_REBUY]
    unclear = planned(now(status=csp.Status.UNKNOWN), way=Way.EXTEND_AND_MOVE)
    assert unclear.parts == ()
    assert "not-this-way" in {f.case for f in unclear.findings}
    abroad = planned(customer=csp.Tenant(id="contoso", country="KR"))
    assert (abroad.parts, abroad.steps) == ((), ())


def test_under_the_guide_a_way_of_its_own_may_be_named() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    on = date(2026, 2, 15)
    by_itself = planned(early, on=on, policy=csp.GUIDE)
    assert by_itself.parts == ()
    assert [str(s.action) for s in by_itself.steps] == ["turn_off_auto_renew", "provision"]
    plan = planned(early, on=on, policy=csp.GUIDE, way=Way.PROVISION_THEN_EXPIRE)
    assert steps(plan)[1] == ("provision", on, date(2026, 3, 31), False)
    [a] = plan.assessments
    assert (a.way, a.provision_on) == (Way.PROVISION_THEN_EXPIRE, date(2026, 3, 31))
    assert a.risk is not None
    assert a.risk.paid_twice_days == 1
    refused = planned(early, on=on, policy=csp.GUIDE, way=Way.PARTNER_CENTER_TRANSFER)
    assert refused.steps == by_itself.steps
    assert {"not-in-guide", "not-this-way"} <= {f.case for f in refused.findings}


def test_under_the_guide_a_named_way_keeps_the_marks_of_what_came_later() -> None:
    plan = planned(policy=csp.GUIDE, way=Way.EXPIRE_THEN_REBUY)
    assert all("EST-001" in s.cautions for s in plan.steps if s.action is csp.Action.PROVISION)
    plan = planned(policy=csp.GUIDE, way=Way.RENEW_AND_WAIT)
    assert "EST-001" in {f.rule for f in plan.cautions}


def test_of_too_many_none_is_duplicated_and_a_transfer_duplicates_nothing() -> None:
    many = [now(id=f"s{n}") for n in range(151)]
    plan = planned(*many)
    assert {part.way for part in plan.parts} == {Way.PARTNER_CENTER_TRANSFER}
    assert "too-early" not in {f.case for f in plan.findings}
    assert {a.way for a in plan.assessments} == {Way.EXPIRE_THEN_REBUY}
    provisions = [s for s in plan.steps if s.action is csp.Action.PROVISION]
    assert {(s.first_day, s.unless_transferred) for s in provisions} == {(NEXT, True)}
    assert "none; otherwise certain" in plan.to_text(detail=True)


def test_what_does_not_fit_at_once_is_bridged() -> None:
    three = [now(id=f"s{n}", auto_renew=False) for n in range(3)]
    plan = planned(*three, tenant_subscriptions=298)
    assert [part.way for part in plan.parts] == [
        Way.PROVISION_THEN_EXPIRE,
        Way.PROVISION_THEN_EXPIRE,
        Way.EXTEND_AND_MOVE,
    ]
    assert "batches" in {f.case for f in plan.parts[2].findings}


def test_the_cancelling_way_counts_one_day_twice() -> None:
    fresh = now(term=csp.Term.starting(date(2026, 11, 20), "P1Y"))
    plan = planned(fresh, way=Way.CANCEL_AND_REBUY)
    assert [str(s.action) for s in plan.steps] == ["provision", "cancel"]
    [a] = plan.assessments
    assert a.risk is not None
    assert a.risk.paid_twice_days == 1
    assert [f.facts["days"] for f in a.findings if f.rule == "DBL-001"] == [1]
    assert "paid-twice" not in {f.case for f in a.findings}


def test_licences_of_another_offer_are_assigned_anew_on_every_way() -> None:
    other = {"83ef9d05": replacement(offer=OTHER, provision_on=None)}
    for way in (None, Way.EXTEND_AND_MOVE, Way.RENEW_AND_WAIT):
        assert csp.Action.REASSIGN_LICENCES in {s.action for s in planned(replacements=other, way=way).steps}


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("extend_and_move", "way: 'extend_and_move'; expected a Way, or a mapping"),
        ({"nobody": Way.EXTEND_AND_MOVE}, "way: 'nobody'; expected the id of a subscription"),
        ({"83ef9d05": "extend_and_move"}, r"way\['83ef9d05'\]: 'extend_and_move'"),
        ([Way.EXTEND_AND_MOVE], "way: "),
    ],
)
def test_what_is_no_way_is_refused(way: Any, message: str) -> None:
    with pytest.raises(csp.CspTransferError, match=message):
        planned(way=way)


def test_a_plan_that_was_changed_by_hand_is_refused() -> None:
    data = planned().to_dict()
    for field, value in (("available", False), ("subscription", "nobody")):
        part = {**data["parts"][0], field: value}
        with pytest.raises(csp.InvalidValue, match=r"parts|subject"):
            csp.Plan.from_dict({**data, "parts": [part]})


def test_only_the_guides_way_is_explained() -> None:
    plan = planned(way=Way.EXTEND_AND_MOVE)
    with pytest.raises(csp.InvalidValue, match=r"way: .*expected an assessment of the guide's way"):
        csp.explain(plan.assessments[0])
    why = csp.explain(plan)
    assert why.of(csp.Verdict.FEASIBLE).value is True
    many = planned(*(now(id=f"s{n}") for n in range(151)), way=Way.EXTEND_AND_MOVE)
    flips = csp.explain(many).of(csp.Verdict.METHOD).flips
    assert all(isinstance(flip.result, csp.Plan) for flip in flips)


# ---- what an adversary found: each was a wrong "safe", a lost step, or two answers to one question ------------------


def ids(plan: csp.Plan, *actions: csp.Action) -> list[str]:
    return [f"{s.action} {s.subject}" for s in plan.steps if s.action in actions or not actions]


FRESH = csp.Term.starting(date(2026, 11, 20), "P1Y")
NEWCO = csp.Tenant(id="newco", country="JP")


def test_nothing_is_cancelled_or_ended_before_all_that_needs_it_is_done() -> None:
    ends = (csp.Action.CANCEL, csp.Action.END_EXTENSION)
    base, add_on = now(id="a", term=FRESH), now(id="b", parent="A", term=FRESH)
    plan = planned(base, add_on, way=Way.CANCEL_AND_REBUY)
    assert ids(plan) == ["provision a", "provision b", "cancel b", "cancel a"]
    plan = planned(now(id="a"), now(id="b", parent="a"), way=Way.EXTEND_AND_MOVE)
    assert ids(plan)[2:] == ["provision a", "provision b", "end_extension b", "end_extension a"]
    plan = planned(target_tenant=NEWCO, way=Way.EXTEND_AND_MOVE)
    assert [str(s.action) for s in plan.steps][-2:] == ["migrate_data", "end_extension"]
    other = {"83ef9d05": replacement(offer=OTHER, provision_on=None)}
    move = transfer(now(term=FRESH), replacements=other)
    for route in csp.compare_routes(move, as_of=TODAY):
        for steps in (route.steps, *(part.steps for part in route.parts)):
            ended = [n for n, s in enumerate(steps) if s.action in ends]
            assert not ended or ended == [len(steps) - 1]


def test_what_is_cancelled_leaves_no_time_to_migrate() -> None:
    plan = planned(now(term=FRESH), target_tenant=NEWCO, way=Way.CANCEL_AND_REBUY)
    assert [part.way for part in plan.parts] == [Way.PROVISION_THEN_EXPIRE]
    assert "no-time" in {f.case for f in plan.findings}


def test_a_scheduled_extension_bridges_to_the_day_that_is_chosen() -> None:
    extends = now(at_term_end=csp.TermEnd.EXTEND)
    chosen = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2027, 4, 11))}
    plan = planned(extends, replacements=chosen)
    assert [(str(s.action), s.first_day) for s in plan.steps] == [
        ("provision", date(2027, 4, 11)),
        ("end_extension", date(2027, 4, 11)),
    ]
    a = csp.assess(extends, chosen["83ef9d05"], as_of=TODAY, policy=csp.IN_FORCE)
    assert a.auto_renew_off_by is None
    assert a.own_way is Way.EXTEND_AND_MOVE
    assert a.risk is not None
    assert a.risk.disruption is csp.Risk.NONE
    assert not {"END-003"} & {f.rule for f in a.findings}
    full = planned(extends, replacements=chosen, tenant_subscriptions=300)
    assert [str(s.action) for s in full.steps] == ["choose_cancellation", "provision"]
    [a] = full.assessments
    assert a.risk is not None
    assert a.risk.disruption is csp.Risk.CERTAIN


def test_what_is_transferred_but_not_set_to_renew_is_set_to_renew() -> None:
    plan = planned(now(auto_renew=False), tenant_subscriptions=300)
    assert [part.way for part in plan.parts] == [Way.PARTNER_CENTER_TRANSFER]
    [keep] = [s for s in plan.steps if s.action is csp.Action.KEEP_RENEWING]
    assert (keep.actor, keep.last_day, keep.unless_transferred) == (csp.Actor.DESTINATION_PARTNER, D, False)
    actions = [str(s.action) for s in plan.steps]
    assert actions.index("submit_transfer") < actions.index("keep_renewing")


def test_bridging_is_not_safe_where_nobody_said_that_the_offer_can_be_extended() -> None:
    plan = planned(now(offer=BASIC), way=Way.EXTEND_AND_MOVE)
    assert (plan.parts[0].disruption, plan.parts[0].data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)
    assert "EST-004" in {f.rule for f in plan.cautions}


def test_what_is_no_longer_sold_may_not_renew_after_a_transfer() -> None:
    routes = csp.compare_routes(transfer(now(offer=KNOWN.evolve(discontinued=True))), as_of=TODAY)
    [route] = [r for r in routes if r.way is Way.PARTNER_CENTER_TRANSFER]
    assert (route.disruption, route.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)
    assert "not-renewed" in {f.case for f in route.findings}


def test_a_suspended_one_does_not_wait_and_needs_no_batch() -> None:
    suspended = now(id="s", status=csp.Status.SUSPENDED, auto_renew=False)
    plan = planned(suspended)
    [a], [part] = plan.assessments, plan.parts
    assert a.risk is not None
    assert (a.provision_on, a.risk.paid_twice_days) == (part.moves_on, part.paid_twice_days) == (TODAY, 71)
    others = [now(id=f"s{n}", auto_renew=False) for n in range(3)]
    plan = planned(*others, suspended, tenant_subscriptions=298)
    assert plan.parts[3].moves_on == TODAY


def test_waiting_takes_the_doubts_of_the_term_that_comes() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    plan = planned(early, on=date(2026, 2, 15), policy=csp.GUIDE, way=Way.RENEW_AND_WAIT)
    assert [s.cautions for s in plan.steps] == [("EST-001",), ("EST-001",)]
    [a] = plan.assessments
    assert a.grace_window is not None
    assert a.grace_window.first_day == date(2027, 4, 1)
    monthly = now(term=csp.Term.starting(date(2027, 1, 31), "P1M"))
    plan = planned(monthly, on=date(2027, 2, 10), way=Way.RENEW_AND_WAIT)
    assert {s.cautions for s in plan.steps} == {("RNW-001",)}
    assert "disputed-day" in {f.case for f in plan.findings}


def test_a_what_if_of_the_grace_window_finds_a_percent() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"), price=None)
    plan = planned(early, on=date(2026, 2, 15), policy=csp.IN_FORCE.evolve(grace_days=0))
    assert plan.parts


def test_late_provisioning_is_marked_on_the_day_before_as_on_the_day_after() -> None:
    for plan in (
        planned(way=Way.EXPIRE_THEN_REBUY),
        planned(now(auto_renew=False), on=NEXT),
        planned(*(now(id=f"s{n}") for n in range(151))),
    ):
        provisions = [s for s in plan.steps if s.action is csp.Action.PROVISION]
        assert {s.cautions[0] for s in provisions} == {"END-005"}
    disabled = planned(now(term=csp.Term.starting(date(2025, 9, 1), "P1Y"), status=csp.Status.DISABLED))
    assert disabled.parts[0].last_day == TODAY


def test_licences_are_assigned_as_long_as_they_can_be_provisioned() -> None:
    other = {"83ef9d05": replacement(offer=OTHER, provision_on=None)}
    for way in (None, Way.RENEW_AND_WAIT, Way.PROVISION_THEN_EXPIRE):
        days = {
            s.action: (s.first_day, s.last_day)
            for s in planned(replacements=other, way=way).steps
            if s.action in (csp.Action.PROVISION, csp.Action.REASSIGN_LICENCES)
        }
        assert len(set(days.values())) == 1


def test_a_chosen_day_after_the_end_is_judged_alike_everywhere() -> None:
    chosen = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2027, 8, 1))}
    plan = planned(replacements=chosen)
    [a], [part] = plan.assessments, plan.parts
    assert a.risk is not None
    assert part.moves_on == date(2027, 8, 1)
    assert (a.risk.disruption, a.risk.data_loss, a.risk.reassign_licenses) == (
        part.disruption,
        part.data_loss,
        part.reassign_licenses,
    )


def test_a_base_is_transferred_before_it_would_be_bought() -> None:
    add_on = now(id="add", parent="a", auto_renew=False, term=csp.Term.starting(date(2026, 1, 1), "P1Y"))
    taken = ids(planned(now(id="a"), add_on))
    assert taken.index("submit_transfer a") < taken.index("provision a") < taken.index("provision add")


def test_what_holds_only_without_a_transfer_is_said_under_its_own_heading() -> None:
    text = planned(*(now(id=f"s{n}") for n in range(151))).to_text(detail=True)
    assert "Too late already" not in text
    heading = text.index("If it is not transferred mid-term")
    assert text.index("turns auto-renew off and lets them expire") > heading
    assert "-; otherwise 2027-01-31" in planned().to_text(detail=True)
    along = planned(way=Way.EXPIRE_THEN_REBUY).to_text(detail=True)
    assert "Too late already" not in along
    assert "while the original is Disabled" in along
    refused = planned(way=Way.CANCEL_AND_REBUY).to_text(detail=True)
    assert refused.index("The way chosen for it") < refused.index("If it is not transferred")


def test_nothing_is_said_of_a_renewal_that_has_not_come() -> None:
    odd = now(term=csp.Term(first_day=date(2026, 2, 1), last_day=date(2027, 1, 15)))
    said = {f.case for f in planned(odd, way=Way.RENEW_AND_WAIT).findings}
    assert "renewal-not-known" in said
    assert "end-not-known" not in said


def test_the_first_batch_is_not_warned_of() -> None:
    many = [now(id=f"s{n:03}", auto_renew=False) for n in range(151)]
    plan = planned(*many, tenant_subscriptions=160)
    assert {part.way for part in plan.parts[:140]} == {Way.PROVISION_THEN_EXPIRE}
    assert not [f for f in plan.findings if f.case == "too-early"]


def test_on_the_day_of_a_renewal_nothing_is_changed() -> None:
    for way in (Way.EXTEND_AND_MOVE, Way.PROVISION_THEN_EXPIRE):
        plan = planned(on=NEXT, way=way)
        changes = [s for s in plan.steps if str(s.action).startswith("choose")]
        assert {s.first_day for s in changes} == {date(2027, 2, 2)}


def test_a_plan_with_two_ways_for_one_is_refused() -> None:
    data = planned().to_dict()
    with pytest.raises(csp.InvalidValue, match="one way of each"):
        csp.Plan.from_dict({**data, "parts": data["parts"] * 2})
    with pytest.raises(csp.InvalidValue, match="subject"):
        csp.Plan.from_dict({**data, "named": {"nobody": "extend_and_move"}})


# ---- what a second one found ---------------------------------------------------------------------------------------


def said(plan: csp.Plan, rule_case: str) -> list[str]:
    return [f.subject for f in plan.findings if f"{f.rule} {f.case}" == rule_case]


@pytest.mark.parametrize(
    ("base", "add_on", "way"),
    [
        (FRESH, FRESH, {"a": Way.CANCEL_AND_REBUY, "b": Way.RENEW_AND_WAIT}),
        (YEAR, YEAR, {"a": Way.PROVISION_THEN_EXPIRE, "b": Way.RENEW_AND_WAIT}),
        (YEAR, csp.Term.starting(date(2026, 7, 1), "P1Y"), Way.EXTEND_AND_MOVE),
        (YEAR, csp.Term.starting(date(2026, 7, 1), "P1Y"), Way.PROVISION_THEN_EXPIRE),
    ],
)
def test_an_add_on_that_moves_after_its_base_has_ended_is_warned_of(
    base: csp.Term, add_on: csp.Term, way: Any
) -> None:
    plan = planned(now(id="a", term=base), now(id="b", parent="A", term=add_on), way=way)
    assert said(plan, "REL-002 base-ends-first") == ["b"]
    together = planned(now(id="a"), now(id="b", parent="a"), way=Way.PROVISION_THEN_EXPIRE)
    assert said(together, "REL-002 base-ends-first") == []


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE])
@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize(
    "unknown",
    [
        {"status": csp.Status.UNKNOWN},
        {"status": csp.Status.NONE},
        {"status": csp.Status.PENDING},
        {"mid_term": csp.TermEnd.CANCEL},
        {"term": csp.Term.starting(date(2023, 1, 1), "P1Y"), "auto_renew": False},
        {"term": csp.Term.starting(date(2023, 1, 1), "P1Y"), "auto_renew": True, "length_known": False},
    ],
)
def test_an_add_on_of_a_base_of_which_nothing_is_known_is_not_safe(
    unknown: dict[str, Any], stays: bool, policy: csp.Policy
) -> None:
    # It may be Deleted, and of that an add-on is not safe.
    base, replaced = now(id="a", **unknown), {"a": csp.NOT_REPLACED} if stays else {}
    plan = planned(base, now(id="b", parent="A"), replacements=replaced, policy=policy)
    assert said(plan, "REL-002 base-unknown") == ["b"]
    risk = plan.assessment_of("b").risk
    assert risk is not None
    assert (risk.disruption, risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)


def test_an_add_on_of_a_base_that_was_provisioned_already_needs_nothing_of_the_old_one() -> None:
    there = {"a": replacement(offer=KNOWN, provision_on=date(2026, 1, 1))}
    plan = planned(
        now(id="a", status=csp.Status.UNKNOWN),
        now(id="b", parent="a"),
        replacements=there,
        relationship_accepted=True,
    )
    assert said(plan, "REL-002 base-unknown") == []


@pytest.mark.parametrize("scheduled", [csp.TermEnd.RENEW, csp.TermEnd.CHANGE, csp.TermEnd.UNKNOWN])
def test_what_is_extended_and_then_renews_is_planned_against_the_term_after_it(scheduled: Any) -> None:
    month = csp.Term.starting(D, "P1M")
    extended = now(id="a", term=month, extended=True, auto_renew=True, at_term_end=scheduled)
    plan = planned(extended, way=Way.RENEW_AND_WAIT)
    assert all(step.first_day >= plan.as_of for step in plan.steps)
    assert plan.assessment_of("a").running.term == month
    days = plan.assessment_of("a").provisioning
    assert days is not None
    assert days.latest is not None
    assert days.latest > month.last_day
    full = planned(extended, tenant_subscriptions=300)  # where nothing fits beside it, nothing breaks
    assert full.feasible


def test_an_add_on_and_its_base_are_transferred_together_or_warned_of() -> None:
    chosen = {"b": replacement(offer=KNOWN, provision_on=D)}
    plan = planned(now(id="a"), now(id="b", parent="a"), replacements=chosen)
    assert said(plan, "REL-002 base-transferred") == ["b"]
    assert said(planned(now(id="a"), now(id="b", parent="a")), "REL-002 base-transferred") == []
    chosen = {"a": replacement(offer=KNOWN, provision_on=D)}
    plan = planned(now(id="a"), now(id="b", parent="a"), replacements=chosen)
    assert said(plan, "REL-002 base-transferred") == ["b"], "whichever of the two it is"


def test_what_is_transferred_although_it_has_no_place_is_apart_from_its_base_as_well() -> None:
    """In a full tenant, an extension goes by transfer or not at all; the other one needs no place."""
    month = csp.Term.starting(date(2026, 11, 1), "P1M")
    extended: dict[str, Any] = {"extended": True, "auto_renew": False, "term": month}
    direct: dict[str, Any] = {"channel": csp.Channel.WEB_DIRECT, "auto_renew": False}
    for base, add_on in ((extended, direct), (direct, extended)):
        plan = planned(now(id="a", **base), now(id="b", parent="a", **add_on), tenant_subscriptions=300)
        assert said(plan, "REL-002 base-transferred") == ["b"]
        for part in plan.parts:
            if part.subscription == "b":
                assert min(part.disruption, part.data_loss) >= csp.Risk.POSSIBLE


def test_an_add_on_without_a_day_is_not_said_to_come_after_its_base() -> None:
    plan = planned(
        now(id="a"), now(id="b", parent="a", status=csp.Status.UNKNOWN), way=Way.PROVISION_THEN_EXPIRE
    )
    assert plan.assessment_of("a").gives_access_until is not None
    assert (plan.assessment_of("b").moved, plan.assessment_of("b").provision_on) == (True, None)
    assert said(plan, "REL-002 base-ends-first") == []


def test_of_a_base_that_stays_only_that_is_said() -> None:
    for stays in ({"a": csp.NOT_REPLACED}, {"b": csp.NOT_REPLACED}):
        late = now(id="b", parent="a", term=csp.Term.starting(date(2026, 7, 1), "P1Y"))
        plan = planned(now(id="a"), late, replacements=stays)
        assert not said(plan, "REL-002 base-transferred")
        assert not said(plan, "REL-002 base-ends-first")


@pytest.mark.parametrize(
    ("changes", "disruption"),
    [
        ({"channel": csp.Channel.WEB_DIRECT}, csp.Risk.CERTAIN),
        ({"status": csp.Status.SUSPENDED}, csp.Risk.CERTAIN),
        ({"offer": KNOWN.evolve(extended_service=None)}, csp.Risk.POSSIBLE),
        ({}, csp.Risk.NONE),
    ],
    ids=str,
)
def test_what_cannot_be_bridged_for_sure_is_not_safe_in_an_assessment_either(
    changes: dict[str, Any], disruption: csp.Risk
) -> None:
    extends = now(**{"at_term_end": csp.TermEnd.EXTEND} | changes)
    chosen = csp.Replacement(offer=extends.offer, quantity=25, provision_on=D + timedelta(days=20))
    a = csp.assess(extends, chosen, as_of=TODAY, policy=csp.IN_FORCE)
    plan = planned(extends, replacements={"83ef9d05": chosen})
    assert a.risk is not None
    assert plan.assessments[0].risk is not None
    assert a.risk.disruption is plan.assessments[0].risk.disruption is disruption
    stops = {"choose_cancellation", "undo_schedule"} & {str(s.action) for s in plan.steps}
    assert bool(stops) == (disruption is csp.Risk.CERTAIN)
    assert (a.auto_renew_off_by == D) == bool(stops)


def test_what_is_no_longer_sold_may_be_said_of_the_replacement() -> None:
    chosen = {"83ef9d05": csp.Replacement(offer=KNOWN.evolve(discontinued=True), quantity=25)}
    plan = planned(now(offer=KNOWN.evolve(discontinued=None)), replacements=chosen)
    assert said(plan, "PCT-002 not-renewed") in ([], ["83ef9d05"])
    move = transfer(now(offer=KNOWN.evolve(discontinued=None)), replacements=chosen)
    [route] = [r for r in csp.compare_routes(move, as_of=TODAY) if r.way is Way.PARTNER_CENTER_TRANSFER]
    assert route.data_loss is csp.Risk.POSSIBLE


def test_what_is_no_longer_sold_may_not_renew_while_one_waits() -> None:
    gone = now(offer=KNOWN.evolve(discontinued=True, equivalents={OTHER.id}))
    chosen = {"83ef9d05": csp.Replacement(offer=OTHER, quantity=25)}
    plan = planned(gone, replacements=chosen, way=Way.RENEW_AND_WAIT)
    assert plan.parts[0].data_loss is csp.Risk.POSSIBLE
    assert said(plan, "PCT-002 not-renewed") == ["83ef9d05"]


def test_a_chosen_day_without_room_is_not_safe() -> None:
    chosen = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2027, 1, 10))}
    plan = planned(replacements=chosen, tenant_subscriptions=300)
    [a] = plan.assessments
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)
    assert "CAP-003" in {f.rule for f in a.risk.findings}


def test_batches_have_a_base_before_its_add_on_and_what_is_suspended_first() -> None:
    plan = planned(now(id="z"), now(id="a", parent="Z"), tenant_subscriptions=299)
    assert plan.batches == (("z",), ("a",))
    suspended = now(id="q", status=csp.Status.SUSPENDED, auto_renew=False)
    assert planned(now(id="a"), suspended, tenant_subscriptions=299).batches == (("q",), ("a",))


def test_a_later_batch_is_bridged_until_the_one_before_it_is_gone() -> None:
    plan = planned(*(now(id=f"s{n}") for n in range(3)), tenant_subscriptions=299, way=Way.EXTEND_AND_MOVE)
    assert ids(plan, csp.Action.PROVISION, csp.Action.END_EXTENSION) == [
        *("provision s0", "end_extension s0"),
        *("provision s1", "end_extension s1"),
        *("provision s2", "end_extension s2"),
    ]


def test_on_the_day_of_a_renewal_the_next_one_is_not_set_up() -> None:
    renews = now(auto_renew=False, at_term_end=csp.TermEnd.RENEW)
    plan = planned(renews, on=NEXT, way=Way.PARTNER_CENTER_TRANSFER)
    [keep] = [s for s in plan.steps if s.action is csp.Action.KEEP_RENEWING]
    assert keep.first_day == date(2027, 2, 2)


# ---- what mutants showed that nobody would notice -------------------------------------------------------------------


def test_an_assessment_along_a_way_says_whether_it_comes_in_time() -> None:
    timings = {way: planned(way=way).assessments[0].provisioning for way in VERDICTS}
    assert {way: str(days.timing) for way, days in timings.items() if days} == {
        Way.PROVISION_THEN_EXPIRE: "in_time",
        Way.EXPIRE_THEN_REBUY: "too_late",
        Way.EXTEND_AND_MOVE: "in_time",
        Way.RENEW_AND_WAIT: "in_time",
    }


def test_an_assessment_along_a_way_keeps_what_is_not_the_ways_to_say() -> None:
    found = {f"{f.rule} {f.case}" for f in planned(way=Way.EXTEND_AND_MOVE).assessments[0].findings}
    assert {"END-002 no-refund", "CXL-001 refund-over", "LIF-001 course-without-window"} <= found
    assert not {"END-003 turn-off", "END-005 provision-by", "EST-003 to-choose"} & found


def test_of_a_blocked_move_and_of_what_is_not_moved_no_way_is_refused() -> None:
    abroad = planned(customer=csp.Tenant(id="contoso", country="KR"), way=Way.EXTEND_AND_MOVE)
    stays = planned(replacements={"83ef9d05": csp.NOT_REPLACED}, way=Way.EXTEND_AND_MOVE)
    for plan in (abroad, stays):
        assert "not-this-way" not in {f.case for f in plan.findings}


def test_what_is_not_sure_about_the_count_holds_with_a_transfer_too() -> None:
    many = [now(id=f"s{n}") for n in range(150)]
    text = planned(*many, now(id="unsure", status=csp.Status.UNKNOWN)).to_text(detail=True)
    assert text.index("the status of 1 more is not known") < text.index("If it is not transferred")


def test_what_an_extension_costs_holds_only_without_a_transfer() -> None:
    plan = planned(now(at_term_end=csp.TermEnd.EXTEND), way=Way.PARTNER_CENTER_TRANSFER)
    text = plan.to_text(detail=True)
    assert text.index("EST-002, ") > text.index("If it is not transferred")


def test_no_window_and_one_that_is_not_known_are_told_apart() -> None:
    row = "| Business Basic | Active | 2027-01-31 | 2027-01-31 | none | 2027-01-31 | 1 | none | none |"
    assert row in planned(way=Way.PROVISION_THEN_EXPIRE).to_markdown(detail=True)
    unknown = planned(now(status=csp.Status.UNKNOWN)).to_markdown(detail=True)
    assert "| Business Basic | not known | 2027-01-31 | 2027-01-31 | not known |" in unknown


def test_a_plan_with_an_assessment_too_many_is_refused() -> None:
    data = planned().to_dict()
    with pytest.raises(csp.InvalidValue, match="one of each subscription"):
        csp.Plan.from_dict({**data, "assessments": data["assessments"] * 2})


def test_add_ons_of_add_ons_end_first() -> None:
    three = [
        now(id="a", term=FRESH),
        now(id="b", parent="a", term=FRESH),
        now(id="c", parent="b", term=FRESH),
    ]
    plan = planned(*three, way=Way.CANCEL_AND_REBUY)
    assert ids(plan, csp.Action.CANCEL) == ["cancel c", "cancel b", "cancel a"]


def marks(plan: csp.Plan, action: csp.Action) -> list[tuple[str, ...]]:
    return [s.cautions for s in plan.steps if s.action is action]


def test_a_step_is_marked_only_where_its_days_are_in_doubt() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"), auto_renew=False)
    on_time = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2026, 4, 30))}
    plan = planned(early, on=date(2026, 2, 15), policy=csp.GUIDE, replacements=on_time)
    assert marks(plan, csp.Action.PROVISION) == [()], "the last safe day is in time"
    before = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2027, 1, 10))}
    plan = planned(policy=csp.GUIDE, replacements=before)
    assert marks(plan, csp.Action.PROVISION) == [()], "before the term ends, its end matters not"
    monthly = now(term=csp.Term.starting(date(2026, 8, 31), "P1M"))
    soon = {"83ef9d05": replacement(offer=KNOWN, provision_on=date(2026, 10, 5))}
    plan = planned(monthly, on=date(2026, 10, 1), replacements=soon)
    assert marks(plan, csp.Action.PROVISION) == [()], "before either reading of its end"


def test_a_doubt_that_begins_on_the_day_something_is_due_does_not_mark_it() -> None:
    first = now(
        id="a", auto_renew=False, term=csp.Term(first_day=date(2025, 4, 21), last_day=date(2026, 4, 20))
    )
    second = now(
        id="b", auto_renew=False, term=csp.Term(first_day=date(2025, 5, 21), last_day=date(2026, 5, 20))
    )
    plan = planned(first, second, on=date(2026, 4, 1), policy=csp.GUIDE, relationship_accepted=False)
    [request] = [s for s in plan.steps if s.action is csp.Action.REQUEST_RELATIONSHIP]
    assert (request.last_day, request.cautions) == (date(2026, 5, 18), ("EST-001",))


# ---- laws ----------------------------------------------------------------------------------------------------------

few = tried(1 / 3)


ways = st.none() | st.sampled_from(Way)
policies = st.sampled_from((csp.IN_FORCE, csp.GUIDE))


@few
@given(questions(), ways, policies)
def test_a_plan_has_every_step_of_the_way_that_it_goes(
    question: tuple[csp.Transfer, date], way: Way | None, policy: csp.Policy
) -> None:
    move, on = question
    plan = csp.plan_transfer(move, as_of=on, policy=policy, way=way)
    assert csp.Plan.from_dict(plan.to_dict()) == plan
    by_subject: dict[str, list[csp.Step]] = {}
    for step in plan.steps:
        by_subject.setdefault(step.subject, []).append(step)
    for part in plan.parts:
        taken = by_subject[part.subscription]
        assert {step.action for step in part.steps} <= {
            step.action for step in taken if not step.unless_transferred
        }
        assert part.way is way or way is None or "not-this-way" in {f.case for f in plan.findings}
        by_transfer = part.way is Way.PARTNER_CENTER_TRANSFER
        assert by_transfer == any(step.unless_transferred for step in taken)
        if by_transfer:
            conditional = [step for step in taken if step.unless_transferred]
            assert csp.Action.PROVISION in {step.action for step in conditional}
            [submit] = [step for step in taken if step.action is csp.Action.SUBMIT_TRANSFER]
            assert submit.last_day is not None
            for step in conditional:
                assert submit.last_day == on or step.last_day is None or submit.last_day < step.last_day


@few
@given(questions())
def test_alone_it_goes_the_best_route(question: tuple[csp.Transfer, date]) -> None:
    move, on = question
    one = move.subscriptions[0]
    chosen = {key: value for key, value in move.replacements.items() if key == one.id}
    alone = move.evolve(subscriptions=(one,), replacements=chosen)
    best = csp.compare_routes(alone, as_of=on)[0]
    plan = csp.plan_transfer(alone, as_of=on, policy=csp.IN_FORCE)
    [a] = plan.assessments
    runs = a.subscription.status in (csp.Status.ACTIVE, csp.Status.SUSPENDED)
    if best.available and runs and not a.day_chosen and on <= a.running.term.last_day:
        [part] = plan.parts
        assert part.way is best.way
        assert part == best.parts[0]
    if plan.parts and plan.parts[0].way is not Way.PARTNER_CENTER_TRANSFER and a.risk:
        assert (a.risk.disruption, a.risk.data_loss) == (plan.parts[0].disruption, plan.parts[0].data_loss)


@few
@given(questions())
def test_the_guide_goes_its_own_way_unless_another_is_named(question: tuple[csp.Transfer, date]) -> None:
    move, on = question
    plan = csp.plan_transfer(move, as_of=on)
    assert plan.parts == ()
    assert dict(plan.named) == {}
    assert not any(step.unless_transferred for step in plan.steps)
    assert all(a.way is None for a in plan.assessments)


# ---- cancelling, the guide's first option ---------------------------------------------------------------------------

EARLY = csp.Term.starting(date(2025, 4, 1), "P1Y")
MARCH = date(2026, 3, 1)
POLICIES = (csp.GUIDE, csp.IN_FORCE)


def cancelling(*subs: csp.Subscription, policy: csp.Policy = csp.GUIDE, **changes: Any) -> csp.Plan:
    return planned(*subs, on=MARCH, policy=policy, way=Way.CANCEL_AND_REBUY, **changes)


def who_does_what(plan: csp.Plan) -> list[tuple[str, str, date, date | None, str]]:
    return [(str(s.action), str(s.actor), s.first_day, s.last_day, s.rule) for s in plan.steps]


def test_under_the_guide_a_subscription_can_be_cancelled_with_its_loss_said() -> None:
    price = csp.Price(amount=Decimal("73.00"), currency="EUR", cycle=csp.Cycle.YEAR)  # 0.20 a day
    plan = cancelling(now(term=EARLY, price=price))
    last = EARLY.last_day
    assert who_does_what(plan) == [
        ("provision", "destination_partner", MARCH, last, "END-005"),
        ("cancel", "source_partner", MARCH, last, "END-001"),
    ]
    [part] = plan.parts
    # Nothing is refunded: from 2026-03-01 through 2026-03-31 it is paid twice, 25 licences at 0.20 a day.
    assert (part.paid_twice_days, str(part.cost)) == (31, "155.00 EUR")
    assert (part.disruption, part.data_loss) == (csp.Risk.NONE, csp.Risk.NONE)
    said = {f"{f.rule} {f.case}" for f in plan.findings}
    assert {"END-002 no-refund", "END-002 paid-twice", "LIF-004 when-cancelled"} <= said
    assert "END-001 let-expire" not in said
    [deleted] = [f for f in plan.cautions if f.rule == "LIF-004"]
    assert deleted.facts == {"days": 7}
    [a] = plan.assessments
    assert (a.way, a.provision_on, a.gives_access_until) == (Way.CANCEL_AND_REBUY, MARCH, MARCH)
    in_force = planned(now(term=EARLY), on=MARCH, way=Way.CANCEL_AND_REBUY)
    assert "CXL-001 refund-over" in {f"{f.rule} {f.case}" for f in in_force.findings}
    assert "cancel" not in {str(s.action) for s in in_force.steps}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_what_was_bought_from_microsoft_is_cancelled_after_support_was_asked(policy: csp.Policy) -> None:
    direct = now(term=EARLY, channel=csp.Channel.WEB_DIRECT)
    plan = cancelling(direct, policy=policy)
    days = MARCH, EARLY.last_day
    assert who_does_what(plan) == [
        ("ask_for_credit", "customer", *days, "CRD-004"),
        ("decide_credit", "billing_support", *days, "CRD-002"),
        ("provision", "destination_partner", *days, "END-005"),
        ("cancel", "customer", *days, "END-001"),
    ]
    [part] = plan.parts
    assert part.paid_twice_days == 31, "no credit is counted on"
    said = {f"{f.rule} {f.case}" for f in plan.findings}
    assert {"CRD-001 possible", "CRD-003 partner-may-ask", "LIF-004 when-cancelled"} <= said
    assert not any(case.startswith(("CXL-", "END-002 no-refund")) for case in said)
    [ask, *_] = cancelling(direct, policy=policy, delegated_admin=True).steps
    assert (str(ask.actor), ask.rule) == ("destination_partner", "CRD-003")


@pytest.mark.parametrize(
    ("facts", "changes", "barred"),
    [
        ({}, {"target_tenant": csp.Tenant(id="newco", country="JP")}, "TEN-001 no-time"),
        ({"channel": csp.Channel.OPEN}, {}, "CXL-001 no-refund-window"),
        ({"channel": csp.Channel.WEB_DIRECT, "status": csp.Status.EXPIRED}, {}, "END-004 contradicted"),
        ({"status": csp.Status.CANCELED}, {}, "CXL-001 no-refund-window"),
    ],
)
def test_what_cannot_be_cancelled_under_the_guide(
    facts: dict[str, Any], changes: dict[str, Any], barred: str
) -> None:
    move = transfer(now(**{"term": EARLY} | facts), **changes)
    compared = csp.compare_routes(move, as_of=MARCH, policy=csp.GUIDE)
    [route] = [route for route in compared if route.way is Way.CANCEL_AND_REBUY]
    assert not route.available
    assert [f"{f.rule} {f.case}" for f in route.findings] == [barred]


def test_of_too_many_none_is_cancelled_either() -> None:
    many = [now(id=f"s{n}", term=EARLY) for n in range(151)]
    compared = csp.compare_routes(transfer(*many), as_of=MARCH, policy=csp.GUIDE)
    assert not next(route for route in compared if route.way is Way.CANCEL_AND_REBUY).available


def test_on_the_last_day_all_of_it_is_still_in_order() -> None:
    direct = now(term=EARLY, channel=csp.Channel.WEB_DIRECT, id="a")
    add_on = direct.evolve(id="b", parent="a", term=csp.Term(first_day=MARCH, last_day=EARLY.last_day))
    plan = planned(direct, add_on, on=EARLY.last_day, policy=csp.GUIDE, way=Way.CANCEL_AND_REBUY)
    asked = [f"{action} {who}" for who in "ab" for action in ("ask_for_credit", "decide_credit", "provision")]
    assert ids(plan) == [*asked, "cancel b", "cancel a"]


@few
@given(questions(), st.sampled_from(POLICIES))
def test_support_is_asked_before_and_what_replaces_it_serves_before_anything_is_cancelled(
    question: tuple[csp.Transfer, date], policy: csp.Policy
) -> None:
    move, on = question
    plan = csp.plan_transfer(move, as_of=on, policy=policy, way=Way.CANCEL_AND_REBUY)
    sequence = [
        csp.Action.ASK_FOR_CREDIT,
        csp.Action.DECIDE_CREDIT,
        csp.Action.PROVISION,
        csp.Action.REASSIGN_LICENCES,
        csp.Action.CANCEL,
    ]
    for part in plan.parts:
        if part.way is not Way.CANCEL_AND_REBUY:
            continue
        found = [s for s in plan.steps if s.subject == part.subscription and s.action in sequence]
        assert [sequence.index(s.action) for s in found] == sorted({sequence.index(s.action) for s in found})
        ends = [s.last_day for s in found]
        assert ends == sorted(ends, key=lambda day: day or date.max)
