"""Single comparisons, numbers and conditions that nothing else would notice: each test names the one that it holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from facts import BASIC, D, day, replacement, subscription, transfer

import csp_transfer as csp
from csp_transfer.days import EARLIEST, LATEST, check_day
from csp_transfer.rules.capacity import no_sure_window, too_early
from csp_transfer.rules.eligibility import market_check
from csp_transfer.rules.ending import (
    auto_renew_off_by,
    let_expire,
    may_have_renewed,
    provisioning_days,
    still_active,
)
from csp_transfer.rules.extension import free_window_ended, may_have_extended
from csp_transfer.rules.lifecycle import ahead, course, deleted_day
from csp_transfer.rules.partner_change import add_on_order, nothing_to_provision
from csp_transfer.rules.risk import offer_still_sold
from csp_transfer.rules.terms import trial_end

IN_FORCE = csp.IN_FORCE
LATE = csp.Term.starting(date(2025, 9, 15), "P1Y")
KNOWN = BASIC.evolve(extended_service=True)


def late(**changes: Any) -> csp.Subscription:
    return subscription(**{"term": LATE, "offer": KNOWN} | changes)


def cases(findings: tuple[csp.Finding, ...]) -> set[str]:
    return {f"{f.rule} {f.case}" for f in findings}


# ---- before every step ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "refused"), [(-1, True), (0, False), (1, False)])
def test_without_a_relationship_nothing_was_provisioned_before_today(offset: int, refused: bool) -> None:
    planned = {"83ef9d05": replacement(provision_on=D + timedelta(days=offset))}
    move = transfer(replacements=planned, relationship_accepted=False)
    if refused:
        with pytest.raises(csp.InvalidValue, match="relationship_accepted: False"):
            csp.plan_transfer(move, as_of=D)
    else:
        assert csp.plan_transfer(move, as_of=D).steps


# ---- capacity ------------------------------------------------------------------------------------------------------


def test_without_an_active_subscription_everything_fits() -> None:
    move = transfer(late(status=csp.Status.DELETED), late(id="2"), tenant_subscriptions=299)
    found = {
        f.case: f for f in csp.plan_transfer(move, as_of=D, policy=IN_FORCE).findings if f.rule == "CAP-003"
    }
    assert found.keys() == {"fits", "waits"}
    assert found["fits"].facts["quantity"] == 1
    move = transfer(late(status=csp.Status.DELETED), tenant_subscriptions=299)
    [alone] = [f for f in csp.plan_transfer(move, as_of=D, policy=IN_FORCE).findings if f.rule == "CAP-003"]
    assert (alone.case, alone.facts["quantity"]) == ("fits", 0)


@pytest.mark.parametrize(("offset", "early"), [(-5, True), (0, True), (1, False)])
def test_a_duplicate_is_made_through_the_last_day(offset: int, early: bool) -> None:
    assert (too_early(subscription(), day(offset)) is not None) == early


@pytest.mark.parametrize(
    ("first_day", "case"), [(3, "no-sure-window"), (4, "no-free-window"), (5, "no-free-window")]
)
def test_expiring_costs_from_the_first_day_of_extended_service_terms(first_day: int, case: str) -> None:
    found = no_sure_window("s", 1, date(2026, 5, first_day), IN_FORCE)
    assert found is not None
    assert found.case == case


# ---- lifecycle -----------------------------------------------------------------------------------------------------


def test_before_the_first_record_only_what_counts_is_asked_for() -> None:
    policy = IN_FORCE.evolve(grace_days=30)
    before = csp.Term(first_day=date(2021, 1, 10), last_day=date(2022, 1, 9))
    gone = subscription(term=before, status=csp.Status.DELETED)
    assert csp.state_at(gone, date(2022, 1, 1), policy=policy) is csp.State.DELETED
    with pytest.raises(
        csp.InvalidValue, match=r"disabled_days on: 2022-01-09; expected a day from 2022-01-10 on"
    ):
        csp.state_at(subscription(term=before), date(2022, 1, 1), policy=policy)
    since = csp.Term(first_day=date(2021, 1, 11), last_day=date(2022, 1, 10))
    assert csp.state_at(subscription(term=since), date(2022, 2, 10), policy=policy) is csp.State.DISABLED


@pytest.mark.parametrize(
    ("policy", "last"),
    # 2026-09-14, without a window, and 90 days; the guide's 30 days come before these.
    [(IN_FORCE, date(2026, 12, 13)), (csp.GUIDE, date(2027, 1, 12))],
    ids=["in force", "guide"],
)
def test_what_is_disabled_already_stays_so_for_the_days_that_follow_its_term(
    policy: csp.Policy, last: date
) -> None:
    disabled = late(status=csp.Status.DISABLED)
    states = [csp.state_at(disabled, last + timedelta(days=n), policy=policy) for n in (0, 1)]
    assert states == [csp.State.DISABLED, csp.State.DELETED]
    assert deleted_day(disabled, policy) == last + timedelta(days=1)


def test_since_when_it_is_deleted_is_not_known_where_nothing_comes_before() -> None:
    gone = late(status=csp.Status.DELETED)
    assert ahead(gone, csp.GUIDE) == (((csp.State.DELETED, None),), None, None)
    assert deleted_day(gone, csp.GUIDE) == LATE.first_day


@pytest.mark.parametrize(("after_first", "states"), [(0, "deleted deleted"), (1, "active deleted deleted")])
def test_what_is_cancelled_on_its_first_day_was_never_active(after_first: int, states: str) -> None:
    gone = late(
        status=csp.Status.CANCELED, canceled_on=LATE.first_day + timedelta(days=after_first), auto_renew=False
    )
    assert " ".join(str(phase.state) for phase in csp.lifecycle(gone)) == states


def test_what_goes_on_without_end_is_never_deleted() -> None:
    goes_on = late(at_term_end=csp.TermEnd.EXTEND)
    assert csp.lifecycle(goes_on, policy=IN_FORCE)[-1].state is csp.State.EXTENDED
    assert deleted_day(goes_on, IN_FORCE) is None
    assert course(goes_on, ahead(goes_on, IN_FORCE)) is None


# ---- eligibility, mid-term -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("partner", "tenant"), [("DE", "FR"), ("FR", "DE")])
def test_within_a_region_each_of_two_countries_may_be_the_partners(partner: str, tenant: str) -> None:
    move = transfer(
        customer=csp.Tenant(id="contoso", country=tenant),
        destination=csp.Partner(id="fabrikam", country=partner),
    )
    assert "MKT-001" in {f.rule for f in market_check(move).findings}


@pytest.mark.parametrize("source", ["adatum", "northwind"])
def test_a_source_with_any_other_id_is_another_partner(source: str) -> None:
    move = transfer(source=csp.Partner(id=source, country="JP"))
    assert csp.purposes(move) == (csp.Purpose.ANOTHER_PARTNER,)


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": 26},
        {"quantity": 24},
        {"offer": csp.Offer(id="AAA", discontinued=False)},
        {"offer": csp.Offer(id="ZZZ", discontinued=False)},
    ],
    ids=str,
)
def test_a_transfer_in_mid_term_changes_nothing(changed: dict[str, Any]) -> None:
    chosen = {"83ef9d05": replacement(**{"provision_on": None} | changed)}
    routes = csp.compare_routes(transfer(late(auto_renew=True), replacements=chosen), as_of=date(2026, 6, 1))
    [route] = [r for r in routes if r.way is csp.Way.PARTNER_CENTER_TRANSFER]
    assert "PCT-002 nothing-changes" in cases(route.findings)


# ---- the end of the term -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "plans"), [(-1, True), (0, True), (1, False)])
def test_expiring_is_planned_through_the_last_day(offset: int, plans: bool) -> None:
    assert (let_expire(subscription(), day(offset)) is not None) == plans


@pytest.mark.parametrize("before", [0, 1, 40])
def test_what_is_to_extend_is_provisioned_by_its_last_day(before: int) -> None:
    a = csp.assess(
        late(at_term_end=csp.TermEnd.EXTEND), as_of=LATE.last_day - timedelta(days=before), policy=IN_FORCE
    )
    assert a.provisioning is not None
    assert (a.provisioning.recommended, a.provisioning.latest) == (LATE.last_day, LATE.last_day)


@pytest.mark.parametrize("policy", [csp.GUIDE, IN_FORCE], ids=lambda policy: policy.name)
@pytest.mark.parametrize("before", [1, 0, -1])
@pytest.mark.parametrize("changes", [{"status": csp.Status.UNKNOWN}, {"trial": True}], ids=str)
def test_where_no_fact_tells_the_days_none_is_best(
    changes: dict[str, Any], before: int, policy: csp.Policy
) -> None:
    assert provisioning_days(late(**changes), LATE.last_day - timedelta(days=before), policy) is None


@pytest.mark.parametrize(("before", "in_time"), [(1, True), (0, True), (-1, False)])
def test_once_it_extends_no_fact_tells_the_days(before: int, in_time: bool) -> None:
    extends = late(at_term_end=csp.TermEnd.EXTEND)
    found = provisioning_days(extends, LATE.last_day - timedelta(days=before), IN_FORCE)
    assert (found is not None and found.timing is csp.Timing.IN_TIME) == in_time
    assert (found is None) == (not in_time)


@pytest.mark.parametrize(
    ("changes", "offset"),
    [
        ({"status": csp.Status.EXPIRED}, -10),
        ({"status": csp.Status.UNKNOWN}, -10),
        ({"auto_renew": True}, 10),
    ],
    ids=["contradicted", "unclear", "renewed, for how long is not known"],
)
def test_where_no_fact_tells_the_days_nothing_is_said_of_states_or_of_what_follows(
    changes: dict[str, Any], offset: int
) -> None:
    unknown = late(**changes, length_known=False)
    a = csp.assess(unknown, as_of=LATE.last_day + timedelta(days=offset), policy=IN_FORCE)
    assert a.state is None
    assert not cases(a.findings) & {"LIF-001 course", "LIF-001 course-without-window"}
    assert not {rule for rule in (f.rule for f in a.findings) if rule.startswith("EST-")}


@pytest.mark.parametrize(("offset", "asks"), [(-1, False), (0, True), (1, True)])
def test_what_is_provisioned_before_today_needs_no_look_whether_it_is_sold(offset: int, asks: bool) -> None:
    planned = replacement(offer=csp.Offer(id="C"), provision_on=D + timedelta(days=offset))
    assert ("RSK-003 confirm-sold" in cases(csp.assess(subscription(), planned, as_of=D).findings)) == asks


def test_an_assessment_is_a_section_of_its_own() -> None:
    assert csp.assess(subscription(), as_of=D).to_markdown().startswith("## Business Basic\n")


def test_only_what_is_paid_and_active_is_still_active() -> None:
    assert still_active(subscription(), day(2)) is not None
    assert still_active(subscription(), day(1)) is None
    assert still_active(subscription(trial=True), day(2)) is None
    assert still_active(subscription(status=csp.Status.EXPIRED), day(2)) is None
    assert still_active(subscription(status=csp.Status.EXPIRED, trial=True), day(2)) is None


def test_provisioning_says_what_follows_the_term_where_there_is_a_window() -> None:
    guide = csp.assess(late(), as_of=date(2026, 6, 1)).provisioning
    now = csp.assess(late(), as_of=date(2026, 6, 1), policy=IN_FORCE).provisioning
    assert guide is not None
    assert now is not None
    assert cases(guide.findings) == {"END-005 provision-by", "EST-001 no-free-window"}
    assert cases(now.findings) == {"END-005 provision-by"}


def test_a_window_of_a_single_day_is_one() -> None:
    one = IN_FORCE.evolve(grace_days=1)
    window = csp.grace_window(late(), policy=one)
    assert window is not None
    assert window.first_day == window.last_day == LATE.last_day + timedelta(days=1)


def test_the_end_of_the_free_window_concerns_what_runs_out() -> None:
    assert free_window_ended(late(), csp.GUIDE) is not None
    assert free_window_ended(late(trial=True), csp.GUIDE) is None
    assert free_window_ended(late(status=csp.Status.DELETED), csp.GUIDE) is None
    assert free_window_ended(subscription(), csp.GUIDE) is None


def test_what_has_a_window_has_not_gone_on() -> None:
    over = LATE.last_day + timedelta(days=3)
    assert may_have_extended(late(), over, IN_FORCE) is not None
    assert may_have_extended(late(trial=True), over, IN_FORCE) is None
    assert may_have_extended(late(offer=BASIC.evolve(extended_service=False)), over, IN_FORCE) is None
    assert may_have_extended(late(at_term_end=csp.TermEnd.CANCEL), over, IN_FORCE) is None


# ---- refunds, relationship -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{"legacy": True}, {"status": csp.Status.DELETED}, {"channel": csp.Channel.OPEN}],
    ids=str,
)
def test_what_is_not_refunded_anyway_needs_no_record(changes: dict[str, Any]) -> None:
    early = subscription(term=csp.Term.starting(date(2022, 1, 5), "P1Y"), **changes)
    advice = csp.refund_advice(early, as_of=date(2022, 1, 9), policy=IN_FORCE)
    assert advice.outcome is csp.Outcome.NO_REFUND


def test_an_add_on_may_come_later_than_its_base() -> None:
    def said(on: int) -> str | None:
        found = add_on_order(
            subscription(), "p", day=day(on), due=day(30), parent_day=day(5), parent_due=day(30)
        )
        return found.case if found else None

    assert [said(4), said(5), said(6)] == ["parent-later", None, None]


@pytest.mark.parametrize(
    ("old", "new", "nothing"), [(0, 0, True), (5, 0, False), (0, 5, False), (5, 5, False)]
)
def test_nothing_is_provisioned_only_without_licences_old_and_new(old: int, new: int, nothing: bool) -> None:
    found = nothing_to_provision(subscription(quantity=old), replacement(quantity=new))
    assert (found is not None) == nothing


# ---- risk ----------------------------------------------------------------------------------------------------------


def test_without_a_day_no_day_is_known_to_be_paid_twice() -> None:
    assert csp.transition_risk(subscription(), replacement(provision_on=None)).paid_twice_days == 0


@pytest.mark.parametrize(("old", "new"), [("A", "Z"), ("Z", "A")])
def test_what_is_known_of_the_old_offer_says_nothing_of_another(old: str, new: str) -> None:
    gone = subscription(offer=csp.Offer(id=old, discontinued=True))
    assert offer_still_sold(gone, replacement(offer=csp.Offer(id=new))) is None
    assert offer_still_sold(gone, replacement(offer=csp.Offer(id=old))) is False


@pytest.mark.parametrize(("quantity", "asks"), [(24, True), (25, False), (26, False)])
def test_assigned_licences_are_compared_where_the_count_falls(quantity: int, asks: bool) -> None:
    risk = csp.transition_risk(subscription(), replacement(quantity=quantity))
    assert ("RSK-001 compare-assigned" in cases(risk.findings)) == asks


@pytest.mark.parametrize("status", [csp.Status.DISABLED, csp.Status.DELETED], ids=str)
@pytest.mark.parametrize(("offset", "of_the_day"), [(-1, False), (0, True), (1, True)])
def test_from_the_first_day_on_the_state_of_the_day_is_known(
    status: csp.Status, offset: int, of_the_day: bool
) -> None:
    planned = replacement(provision_on=LATE.first_day + timedelta(days=offset))
    risk = csp.transition_risk(late(status=status), planned)
    assert ("END-005" in {f.rule for f in risk.findings}) == of_the_day
    assert ("LIF-001" in {f.rule for f in risk.findings}) == (not of_the_day)


@pytest.mark.parametrize(("offset", "says"), [(-5, False), (0, False), (1, True)])
def test_what_follows_the_term_matters_after_it(offset: int, says: bool) -> None:
    planned = replacement(offer=KNOWN, provision_on=LATE.last_day + timedelta(days=offset))
    risk = csp.transition_risk(late(), planned, policy=IN_FORCE)
    assert any(f.rule.startswith("EST") for f in risk.findings) == says


# ---- terms ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "auto_renew", "offset", "case"),
    [
        (csp.Status.ACTIVE, True, 0, "turns-paid"),
        (csp.Status.ACTIVE, True, 1, "turned-paid"),
        (csp.Status.ACTIVE, False, 1, "ends"),
        (csp.Status.PENDING, True, 0, "turns-paid"),
        (csp.Status.PENDING, True, 1, "not-moved"),
        (csp.Status.PENDING, False, 1, "ends"),
        (csp.Status.DELETED, True, 0, "not-moved"),
    ],
)
def test_what_becomes_of_a_trial(status: csp.Status, auto_renew: bool, offset: int, case: str) -> None:
    found = trial_end(subscription(trial=True, status=status, auto_renew=auto_renew), day(offset))
    assert found is not None
    assert found.case == case


@pytest.mark.parametrize(
    ("changes", "offset", "running"),
    [
        ({"auto_renew": True}, 0, True),
        ({"auto_renew": True}, -1, False),
        ({"auto_renew": True}, 1, False),
        ({"auto_renew": True, "anchor": None}, 0, False),
        ({"auto_renew": False}, 0, False),
        ({"auto_renew": True, "status": csp.Status.SUSPENDED}, 0, False),
        ({"auto_renew": True, "trial": True}, 0, False),
        ({"auto_renew": False, "status": csp.Status.SUSPENDED}, 0, False),
    ],
)
def test_a_renewal_runs_on_the_first_day_of_a_renewed_term(
    changes: dict[str, Any], offset: int, running: bool
) -> None:
    first_day = date(2026, 4, 1)
    renewed = subscription(
        **{"term": csp.Term.starting(first_day, "P1Y"), "anchor": date(2025, 4, 1)} | changes
    )
    found = csp.current_term(renewed, first_day + timedelta(days=offset))
    assert ("RNW-001 running" in cases(found.findings)) == running


def test_a_term_that_is_not_known_has_gone_on() -> None:
    found = csp.current_term(subscription(auto_renew=True, length_known=False), day(1))
    assert (found.term, found.renewed) == (None, True)


# ---- numbers and days ----------------------------------------------------------------------------------------------


def test_a_what_if_may_count_up_to_ten_years_of_days() -> None:
    assert csp.GUIDE.evolve(grace_days=3650).grace_days == 3650
    with pytest.raises(csp.InvalidValue, match="grace_days: 3651"):
        csp.GUIDE.evolve(grace_days=3651)
    with pytest.raises(csp.InvalidValue, match="suspended_days: -1"):
        csp.Policy(name="mine", in_force=True, grace_days=None, suspended_days=-1)


def test_the_first_and_the_last_day_of_the_calendar_are_days() -> None:
    for edge in (EARLIEST, LATEST):
        check_day("day", edge)
    for beyond in (EARLIEST - timedelta(days=1), LATEST + timedelta(days=1)):
        with pytest.raises(csp.InvalidValue):
            check_day("day", beyond)


# ---- the plan ------------------------------------------------------------------------------------------------------


def plan(*subs: csp.Subscription, on: date = date(2026, 3, 1), **changes: Any) -> csp.Plan:
    return csp.plan_transfer(transfer(*subs, **changes), as_of=on)


def test_findings_come_gravest_first() -> None:
    for made in (
        plan(),
        plan(subscription(channel=csp.Channel.WEB_DIRECT, auto_renew=True)),
        plan(customer=csp.Tenant(id="contoso", country="KR")),
    ):
        ranks = [f.severity.rank for f in made.findings]
        assert len(set(ranks)) > 1
        assert ranks == sorted(ranks, reverse=True)


PAGE = """\
# Transfer plan for contoso

Destination partner: fabrikam; as of 2025-03-01 (UTC); policy: GUIDE

The move can go ahead with its one subscription; nothing is due within seven days, and the first step by 2025-03-31; \
no interruption.

## To do next

| Last day | Recommended | Who | Step |
| --- | --- | --- | --- |
| 2025-03-31 | 2025-03-01 | customer | Auto-renew off: Business Basic |
| 2025-03-31 | 2025-03-01 | customer | Ask about a credit: Business Basic |
| 2025-03-31 | 2025-03-01 | Microsoft 365 billing support | Decide about the credit: Business Basic |

## Open questions, those first that change most

Also to confirm before anything is bought; no day changes: who carries the move out, in which role.

## Later, by month

| Last day | Who | Step |
| --- | --- | --- |
| 2025-04-30 | destination partner | Buy: Business Basic |

All days are whole UTC days, the last one included. The appendix (option detail) has every step, each subscription, \
the cautions in full, reasons and sources.

# Appendix

How they go: let expire, then buy again: 1

## Steps

| Step | Subscription | Who | Earliest | Recommended | Latest | Days left | Rule |
| --- | --- | --- | --- | --- | --- | --- | --- |
| Turn auto-renew off | Business Basic | customer | 2025-03-01 | 2025-03-01 | 2025-03-31 | 31 | END-003 |
| Ask about a credit | Business Basic | customer | 2025-03-01 | 2025-03-01 | 2025-03-31 | 31 | CRD-004 |
| Decide about the credit | Business Basic | Microsoft 365 billing support | 2025-03-01 | 2025-03-01 \
| 2025-03-31 | 31 | CRD-002 |
| Buy the new subscription | Business Basic | destination partner or customer | 2025-04-01 | 2025-04-01 \
| 2025-04-30 | 61 | END-005 |

## To do and to confirm
"""
TABLE = """\
## Subscriptions

| Subscription | State | Last day | Auto-renew off by | Grace window | Buy on | Days paid twice \
| Disruption | Data loss |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| Business Basic | Active | 2025-03-31 | 2025-03-31 | 2025-04-01 to 2025-04-30 | 2025-04-01 | 0 | none | none |
"""


def test_how_a_plan_reads() -> None:
    """Every cell of an ordinary plan, written by hand."""
    term = csp.Term(first_day=date(2024, 4, 1), last_day=date(2025, 3, 31))
    portal = subscription(auto_renew=True, channel=csp.Channel.WEB_DIRECT, term=term)
    text = plan(portal, on=date(2025, 3, 1), relationship_accepted=True).to_markdown(detail=True)
    assert text.startswith(PAGE)
    assert TABLE in text
    credit = text[text.index("## Credits") : text.index("## Subscriptions")]
    assert [line[:9] for line in credit.splitlines() if line.startswith("- ")] == [
        "- CRD-001",
        "- CRD-002",
    ]
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Transfer plan for contoso",
        "## To do next",
        "## Open questions, those first that change most",
        "## Later, by month",
        "# Appendix",
        "## Steps",
        "## To do and to confirm",
        "## Credits",
        "## Subscriptions",
        "## Sources",
    ]


def test_a_plan_without_steps_has_no_empty_tables() -> None:
    blocked = plan(customer=csp.Tenant(id="contoso", country="KR")).to_markdown(detail=True)
    assert "## Why it is blocked" in blocked
    for heading in ("## Steps", "## Deadlines", "## To do"):
        assert heading not in blocked
    unknown = plan(subscription(status=csp.Status.UNKNOWN, quantity=0)).to_markdown(detail=True)
    assert "| not known |" in unknown


def test_the_sources_are_those_that_the_report_names() -> None:
    made = plan(subscription(auto_renew=True), relationship_accepted=True)
    text = made.to_text(detail=True)
    sources = text[text.index("Sources") :]
    assert "END-003 guide#autorenew-off" in sources
    assert "END-005 guide#provision-within-30-days" in sources
    assert "RSK-001" not in sources, "an INFO that is not shown"


def test_two_of_one_name_are_told_apart_and_one_is_not() -> None:
    twice = plan(subscription(id="a", name="Mail"), subscription(id="b", name="Mail"), subscription(id="c"))
    text = twice.to_text(detail=True)
    assert "Mail [a]" in text
    assert "Mail [b]" in text
    assert "Business Basic [c]" not in text


def test_a_plan_shows_itself_in_one_line() -> None:
    assert repr(plan()).startswith("Plan(customer='contoso', as_of=datetime.date(2026, 3, 1)"[:30])
    assert "\n" not in repr(plan())


def test_every_add_on_is_looked_at() -> None:
    subs = [subscription(id="p"), subscription(id="plain"), subscription(id="a", parent="elsewhere")]
    assert "REL-002 parent-not-moved" in cases(plan(*subs).findings)
    done = {"p": replacement(provision_on=date(2026, 2, 1))}
    first = [subscription(id="p"), subscription(id="x", parent="p"), subscription(id="y", parent="gone")]
    said = [
        f for f in plan(*first, replacements=done, relationship_accepted=True).findings if f.rule == "REL-002"
    ]
    assert [f.subject for f in said if f.case.startswith("parent")] == ["y"]
    also = {**done, "y": replacement(provision_on=date(2026, 2, 1))}
    said = [
        f for f in plan(*first, replacements=also, relationship_accepted=True).findings if f.rule == "REL-002"
    ]
    assert not [f for f in said if f.case.startswith("parent")]


def test_a_step_is_for_every_case_unless_it_says_otherwise() -> None:
    [step, *_] = plan().steps
    made = csp.Step(
        action=step.action,
        actor=step.actor,
        subject=step.subject,
        rule=step.rule,
        first_day=step.first_day,
        last_day=step.last_day,
    )
    assert made.unless_transferred is False
    due = csp.Deadline(
        day=D, action=step.action, actor=step.actor, subject=step.subject, rule=step.rule, days_left=1
    )
    assert due.unless_transferred is False


# ---- what is asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"delegated_admin": 1}, "delegated_admin"),
        ({"into_another_tenant": None}, "into_another_tenant"),
        ({"policy": "GUIDE"}, "policy"),
        ({"subscription": BASIC}, "subscription"),
        ({"replacement": BASIC}, "replacement"),
    ],
)
def test_assess_refuses_what_is_of_another_type(changes: dict[str, Any], field: str) -> None:
    facts: dict[str, Any] = {"subscription": subscription(), "as_of": D}
    with pytest.raises(csp.InvalidType, match=f"^{field}: "):
        csp.assess(**facts | changes)


@pytest.mark.parametrize(("offset", "doubted"), [(-5, False), (0, False), (1, True)])
def test_only_a_day_after_the_term_counts_on_its_extension(offset: int, doubted: bool) -> None:
    extending = late(offer=BASIC, at_term_end=csp.TermEnd.EXTEND)
    then = csp.Replacement(offer=BASIC, quantity=25, provision_on=LATE.last_day + timedelta(days=offset))
    a = csp.assess(extending, then, as_of=LATE.last_day - timedelta(days=30), policy=IN_FORCE)
    assert ("EST-004 may-not-extend" in cases(a.findings)) == doubted
    assert a.risk is not None
    assert a.risk.data_loss is (csp.Risk.POSSIBLE if doubted else csp.Risk.NONE)


def test_of_a_day_that_cannot_be_judged_no_extension_is_counted_on() -> None:
    unclear = late(offer=BASIC, at_term_end=csp.TermEnd.EXTEND, status=csp.Status.UNKNOWN)
    then = csp.Replacement(offer=BASIC, quantity=25, provision_on=LATE.last_day + timedelta(days=1))
    a = csp.assess(unclear, then, as_of=LATE.last_day - timedelta(days=30), policy=IN_FORCE)
    assert "EST-004 may-not-extend" not in cases(a.findings)
    assert a.risk is not None
    assert a.risk.paid_twice_days == 0


@pytest.mark.parametrize(("quantity", "off_by"), [(0, LATE.last_day), (1, None), (25, None)])
def test_licences_are_what_an_extension_bridges_to(quantity: int, off_by: date | None) -> None:
    extending = late(at_term_end=csp.TermEnd.EXTEND)
    then = csp.Replacement(offer=KNOWN, quantity=quantity, provision_on=LATE.last_day + timedelta(days=9))
    a = csp.assess(extending, then, as_of=LATE.last_day - timedelta(days=30), policy=IN_FORCE)
    assert a.auto_renew_off_by == off_by


def test_without_licences_old_or_new_there_is_no_risk() -> None:
    nothing = subscription(quantity=0, assigned=0)
    assert csp.assess(nothing, csp.NOT_REPLACED, as_of=D).risk is None
    assert csp.assess(nothing, as_of=D).risk is None
    assert csp.assess(nothing, replacement(quantity=1), as_of=D).risk is not None


# ---- two readings of an end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "case"),
    [
        (date(2026, 9, 14), "provision-by"),
        (date(2026, 9, 15), "may-be-too-late"),
        (date(2026, 10, 13), "may-be-too-late"),
        (date(2026, 10, 14), "may-be-too-late"),
        (date(2026, 10, 15), None),
    ],
)
def test_after_the_earlier_of_two_last_safe_days_it_may_be_too_late(as_of: date, case: str | None) -> None:
    """EST-001: the term ends on 2026-09-14, and the guide's window on 10-14."""
    year = subscription(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    said = [f.case for f in csp.assess(year, as_of=as_of).findings if f.rule == "END-005"]
    assert said[:1] == ([] if case is None else [case])


@pytest.mark.parametrize(
    ("day_of_november", "auto_renew", "said"),
    [(26, True, False), (27, True, False), (28, True, True), (29, True, True), (29, False, False)],
)
def test_after_the_chained_end_it_may_have_renewed(
    day_of_november: int, *, auto_renew: bool, said: bool
) -> None:
    """RNW-001, monthly since 2023-01-31: the term ends on 2026-11-29 from the anchor, chained on 11-27."""
    month = csp.Term(first_day=date(2026, 10, 31), last_day=date(2026, 11, 29))
    running = subscription(term=month, auto_renew=auto_renew)
    found = may_have_renewed(running, date(2026, 11, day_of_november), date(2026, 11, 27))
    assert (found is not None) is said
    assert may_have_renewed(running, date(2026, 11, day_of_november), None) is None


@pytest.mark.parametrize(("offset", "off_by"), [(-1, D), (0, D), (1, None)])
def test_a_term_is_kept_from_going_on_as_long_as_it_runs(offset: int, off_by: date | None) -> None:
    assert auto_renew_off_by(subscription(auto_renew=True), D + timedelta(days=offset)) == off_by
    assert auto_renew_off_by(subscription(), D + timedelta(days=offset)) is None


def test_a_term_that_ends_is_expired_on_the_day_after() -> None:
    [expires] = [f for f in csp.assess(subscription(), as_of=D).findings if f.case == "expires"]
    assert dict(expires.facts) == {"last_day": D, "expired_day": D + timedelta(days=1)}
