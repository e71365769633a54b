"""The public contract that downstream code is pinned to, as written in the design."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import csp_transfer as csp
from csp_transfer.plain import Level

contoso = csp.Tenant(id="contoso", country="JP")
fabrikam = csp.Partner(id="fabrikam", country="JP")
basic = csp.Offer(
    id="CFQ7TTC0LH18:0001",
    name="Microsoft 365 Business Basic",
    discontinued=False,
    equivalents=frozenset(),
)
sub = csp.Subscription(
    id="83ef9d05-4169-4ef9-9657-0e86b1eab1de",
    offer=basic,
    quantity=25,
    assigned=None,
    term=csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31)),
    auto_renew=True,
    channel=csp.Channel.CSP,
    status=csp.Status.ACTIVE,
)
transfer = csp.Transfer(
    customer=contoso,
    destination=fabrikam,
    subscriptions=(sub,),
    replacements={},
    target_tenant=None,
    delegated_admin=False,
    relationship_accepted=False,
)


def test_term_starting_is_the_same_term() -> None:
    assert csp.Term.starting(date(2025, 4, 1), "P1Y") == sub.term


def test_grace_window() -> None:
    w = csp.grace_window(sub)
    assert w is not None
    assert (w.first_day, w.last_day) == (date(2026, 4, 1), date(2026, 4, 30))
    assert w.opens_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert w.closes_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert date(2026, 4, 30) in w
    assert date(2026, 5, 1) not in w
    tokyo = timezone(timedelta(hours=9))
    assert datetime(2026, 5, 1, 8, 59, tzinfo=tokyo) in w
    assert datetime(2026, 5, 1, 9, 0, tzinfo=tokyo) not in w
    assert w.days_left(date(2026, 4, 30)) == 1
    assert w.days_left(date(2026, 5, 1)) == 0
    assert w.days_left(date(2026, 1, 1)) == 30


def test_lifecycle_and_state() -> None:
    active, expired, disabled, deleted = csp.lifecycle(sub)
    assert (active.state, expired.state, disabled.state, deleted.state) == (
        csp.State.ACTIVE,
        csp.State.EXPIRED,
        csp.State.DISABLED,
        csp.State.DELETED,
    )
    assert (expired.users_have_access, expired.admins_have_access, expired.partner_billed) == (
        True,
        True,
        False,
    )
    assert (disabled.users_have_access, disabled.admins_have_access, disabled.partner_billed) == (
        False,
        True,
        False,
    )
    assert deleted.last_day is None
    assert csp.state_at(sub, date(2026, 4, 15)) is csp.State.EXPIRED


def test_refund_advice() -> None:
    advice = csp.refund_advice(sub, as_of=date(2026, 3, 1), delegated_admin=False)
    assert advice.outcome is csp.Outcome.NO_REFUND
    assert (advice.handled_by, advice.contact) == (None, None)
    assert advice.best_last_day == date(2026, 3, 31)


def test_transition_risk() -> None:
    risk = csp.transition_risk(sub, csp.Replacement(offer=basic, quantity=25, provision_on=date(2026, 4, 10)))
    assert (risk.disruption, risk.data_loss) == (csp.Risk.NONE, csp.Risk.NONE)
    assert (risk.reassign_licenses, risk.paid_twice_days) == (False, 0)


def test_regions_roles_and_method() -> None:
    assert csp.region_of("JP") == "Japan"
    with pytest.raises(csp.UnknownMarket, match="'RU'"):
        csp.region_of("RU")
    assert csp.same_region(fabrikam, contoso) is True
    assert csp.may_act(csp.Role.SALES_AGENT) is True
    assert csp.transfer_method([sub] * 151) is csp.Method.EXPIRE_THEN_REPURCHASE
    assert csp.transfer_method([sub] * 150) is csp.Method.OVERLAP


def test_plan_and_assess() -> None:
    plan = csp.plan_transfer(transfer, as_of=date(2026, 3, 1))
    assert plan.feasible is True
    assert plan.method is csp.Method.OVERLAP
    assert len(plan.assessments) == 1
    assert plan.steps
    assert plan.deadlines
    assert plan.findings
    a = csp.assess(sub, replacement=None, as_of=date(2026, 3, 1), delegated_admin=False)
    assert a == plan.assessments[0]
    assert plan.to_dict()["schema"] == 1


def test_findings_have_messages_and_sources() -> None:
    for found in csp.plan_transfer(transfer, as_of=date(2026, 3, 1)).findings:
        assert found.message
        assert found.message_in("ja") != found.message
        assert found.source.link.startswith("https://")
        assert found.source.title
        assert found.source.edition
        with pytest.raises(csp.InvalidValue, match="en or ja"):
            found.message_in("fr")


def test_levels_are_ordered_and_only_among_their_own() -> None:
    assert csp.Risk.NONE < csp.Risk.POSSIBLE < csp.Risk.CERTAIN
    assert csp.Severity.INFO < csp.Severity.ACTION < csp.Severity.CAUTION < csp.Severity.BLOCKER
    assert csp.Risk.CERTAIN >= csp.Risk.CERTAIN > csp.Risk.NONE <= csp.Risk.NONE
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(csp.Risk.NONE, compare)(csp.Severity.INFO) is NotImplemented
    with pytest.raises(TypeError):
        _ = csp.Risk.NONE < csp.Severity.CAUTION  # type: ignore[operator]


def test_only_no_risk_is_false() -> None:
    assert [bool(risk) for risk in csp.Risk] == [False, True, True]


def test_equivalence_is_symmetric_and_reflexive() -> None:
    old = csp.Offer(id="E1", equivalents=frozenset({"E3"}))
    new = csp.Offer(id="E3")
    assert old.is_equivalent_to(new)
    assert new.is_equivalent_to(old)
    assert old.is_equivalent_to(old)
    assert not new.is_equivalent_to(csp.Offer(id="E5"))


@pytest.mark.parametrize(
    "value", [contoso, fabrikam, basic, sub, sub.term, transfer], ids=lambda v: type(v).__name__
)
def test_values_are_immutable_hashable_slotted_picklable_and_equal_by_value(value: object) -> None:
    with pytest.raises(AttributeError):
        value.anything = 1  # type: ignore[attr-defined]
    assert not hasattr(value, "__dict__")
    again = pickle.loads(pickle.dumps(value))  # noqa: S301
    assert again == value == copy.deepcopy(value)
    assert hash(again) == hash(value)


def test_constructors_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        csp.Tenant("contoso", "JP")  # type: ignore[call-arg]


def test_mappings_are_stored_immutably() -> None:
    chosen = {sub.id: csp.Replacement(offer=basic, quantity=25)}
    move = csp.Transfer(customer=contoso, destination=fabrikam, subscriptions=[sub], replacements=chosen)
    before = hash(move)
    chosen.clear()
    assert move.replacements.keys() == {sub.id}
    assert hash(move) == before
    assert move.subscriptions == (sub,)
    with pytest.raises(AttributeError):
        move.replacements.extra = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("scale", [csp.Risk, csp.Severity])
def test_words_of_a_scale_compare_in_the_order_in_which_they_are_written(scale: type[Level]) -> None:
    words = list(scale)
    for n, one in enumerate(words):
        for m, other in enumerate(words):
            assert (one < other, one <= other, one > other, one >= other) == (n < m, n <= m, n > m, n >= m)
