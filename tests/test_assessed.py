"""An assessment: its verdicts are there when it is made, its reasons when they are asked for; nobody can tell."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from itertools import product

import attrs
import pytest
from facts import YEAR, D, questions, replacement, subscription
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.assessment import AssessmentForm, staying
from csp_transfer.days import EARLIEST, LATEST
from csp_transfer.plain import Plain
from csp_transfer.policy import GRACE_DAYS
from csp_transfer.reasons import Decided
from csp_transfer.rules.terms import UNCLEAR


@given(questions(), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_an_assessment_is_the_one_that_is_made_of_all_its_fields(
    question: tuple[csp.Transfer, date], policy: csp.Policy
) -> None:
    move, today = question
    ask = partial(
        csp.assess,
        move.subscriptions[0],
        move.replacements.get(move.subscriptions[0].id),
        as_of=today,
        delegated_admin=move.delegated_admin,
        into_another_tenant=move.target_tenant is not None,
        policy=policy,
    )
    fields = {f.name: getattr(ask(), f.name) for f in attrs.fields(AssessmentForm)}
    whole = csp.Assessment(**fields)
    assert ask() == whole
    assert hash(ask()) == hash(whole)
    assert repr(ask()) == repr(whole)
    assert repr(whole).startswith("Assessment(")
    assert pickle.loads(pickle.dumps(ask())) == whole  # noqa: S301 - our own
    assert copy.deepcopy(ask()) == whole
    assert ask().to_dict() == whole.to_dict()


@pytest.mark.parametrize("field", [f.name for f in attrs.fields(AssessmentForm)])
def test_whichever_field_is_asked_for_first(field: str) -> None:
    first = csp.assess(subscription(), as_of=D)
    others = csp.assess(subscription(), as_of=D)
    assert others.findings
    assert getattr(first, field) == getattr(others, field)


@pytest.mark.parametrize(
    ("safe", "sure", "doubted"),
    [(29, 29, 30), (30, 30, None), (35, 30, None)],  # days after 31 March; the window has 30
)
def test_no_window_is_safe_beyond_its_end(safe: int, sure: int, doubted: int | None) -> None:
    """Of one that is put together, too: EST-001 may name any day there."""
    announced = csp.GUIDE.with_record(GRACE_DAYS, GRACE_DAYS.in_force(D).evolve(from_day=D, value=15))
    a = csp.assess(subscription(), as_of=D, policy=announced)
    assert a.doubtful_after == D + timedelta(days=15)
    findings = [
        f.evolve(facts={**f.facts, "last_safe_day": D + timedelta(days=safe)})
        if "last_safe_day" in f.facts
        else f
        for f in a.findings
    ]
    days, later = a.evolve(findings=tuple(findings)).safe_window or (None, None)
    assert days is not None
    assert (days.first_day, days.last_day) == (D + timedelta(days=1), D + timedelta(days=sure))
    assert later == (None if doubted is None else D + timedelta(days=doubted))


def test_the_same_on_other_days_are_two() -> None:
    before, after = (csp.assess(subscription(), as_of=day) for day in (D, D + timedelta(days=1)))
    assert before != after
    assert after != before


@pytest.mark.parametrize("name", ["riks", "__wrapped__", "to_dictionary"])
def test_what_is_no_field_is_none(name: str) -> None:
    whole = csp.assess(subscription(), as_of=D).evolve()
    with pytest.raises(AttributeError, match=f"'Assessment' object has no attribute '{name}'") as caught:
        getattr(whole, name)
    assert (caught.value.name, caught.value.obj) == (name, whole)


EARLY = csp.Term(first_day=date(2021, 1, 10), last_day=date(2022, 1, 9))


@pytest.mark.parametrize("status", csp.Status)
@pytest.mark.parametrize("changes", [{}, {"grace_days": 30}], ids=["in force", "in force with grace_days"])
@pytest.mark.parametrize("day", [date(2021, 6, 1), date(2022, 1, 9), date(2022, 1, 10), date(2022, 3, 1)])
def test_what_is_wanting_is_missed_at_once(status: csp.Status, changes: dict[str, int], day: date) -> None:
    """Before the first record nobody can tell: that raises when it is asked, not when somebody reads on."""
    early, policy = subscription(term=EARLY, status=status), csp.IN_FORCE.evolve(**changes)
    answers: list[Plain] = []
    for ask in (
        partial(csp.assess, early, as_of=day, policy=policy),
        partial(csp.assess, early, csp.NOT_REPLACED, as_of=day, policy=policy),
        partial(csp.transition_risk, early, replacement(provision_on=day), policy=policy),
        partial(csp.transition_risk, early, replacement(provision_on=None), policy=policy),
        partial(csp.refund_advice, early, as_of=day, policy=policy),
    ):
        with suppress(csp.InvalidValue):
            answers.append(ask())
    assert all(answer.to_dict() for answer in answers)


def test_nothing_can_be_set() -> None:
    a = csp.assess(subscription(), as_of=D)
    for name in ("risk", "state", "findings", "riks"):
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(a, name, None)
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            delattr(a, name)


FLAT = tuple(sorted(name for name in Decided.__annotations__ if not name.startswith("_")))


@given(
    questions(),
    st.sampled_from((csp.GUIDE, csp.IN_FORCE)),
    st.sampled_from((None, False, True)),
    st.sampled_from((-400, -30, 0, 1, 30, 31, 90, 91, 120, 121)) | st.integers(-500, 500),
)
def test_an_answer_never_depends_on_what_was_asked_before(
    question: tuple[csp.Transfer, date], known: csp.Policy, delegated_admin: bool | None, days: int
) -> None:
    """What is decided once for all that are alike is what is decided for each alone, on whatever day it comes."""
    move, today = question
    for s in move.subscriptions:
        day = min(max(s.term.last_day + timedelta(days=days), EARLIEST), LATEST)
        same = None if s.trial else csp.Replacement(offer=s.offer, quantity=s.quantity, provision_on=day)
        for instead in (None, move.replacements.get(s.id), same):
            answers = [
                csp.assess(
                    s,
                    instead,
                    as_of=today,
                    delegated_admin=delegated_admin,
                    into_another_tenant=move.target_tenant is not None,
                    policy=policy,
                )
                for policy in (known, attrs.evolve(known))
            ]
            first, alone = ([getattr(a, name) for name in FLAT] for a in answers)
            assert first == alone
            assert answers[0].findings == answers[1].findings


def test_a_day_is_judged_by_its_own_stage_where_an_extension_is_of_no_use() -> None:
    """It is scheduled where only CSP has it: access ends with 2026-06-30, and the data is Deleted from the 91st day."""
    sub = subscription(
        term=csp.Term(first_day=date(2025, 7, 1), last_day=date(2026, 6, 30)),
        channel=csp.Channel.WEB_DIRECT,
        at_term_end=csp.TermEnd.EXTEND,
    )
    policy, losses = attrs.evolve(csp.IN_FORCE), []
    for days in (10, 90, 91, 200):  # in this order: what is kept of the first must not be the others' answer
        new = replacement(provision_on=date(2026, 6, 30) + timedelta(days=days))
        a = csp.assess(sub, new, as_of=date(2026, 6, 1), policy=policy)
        assert a.risk is not None
        assert (a.disruption, a.data_loss) == (a.risk.disruption, a.risk.data_loss)
        losses.append(a.data_loss)
    assert losses == [csp.Risk.POSSIBLE, csp.Risk.POSSIBLE, csp.Risk.CERTAIN, csp.Risk.CERTAIN]


def test_a_term_is_judged_though_a_shorter_one_that_is_alike_was_asked_first() -> None:
    """The month in March 2026 had not begun on the day that is asked for of the year before."""
    policy = attrs.evolve(csp.GUIDE)
    for first_day, day in ((date(2026, 3, 1), date(2026, 4, 5)), (date(2025, 4, 1), date(2025, 6, 1))):
        sub = subscription(term=csp.Term(first_day=first_day, last_day=D), anchor=first_day)
        a = csp.assess(sub, replacement(provision_on=day), as_of=first_day, policy=policy)
        assert (a.disruption, a.data_loss) == (csp.Risk.NONE, csp.Risk.NONE)


@pytest.mark.parametrize("status", [csp.Status.ACTIVE, csp.Status.DISABLED, csp.Status.DELETED], ids=str)
def test_a_year_is_judged_though_a_month_of_28_days_that_is_alike_was_asked_first(status: csp.Status) -> None:
    """What comes more than 28 days before the end comes before that month, and within the year."""

    def said(policy: csp.Policy, first_day: date, day: date) -> list[tuple[str, str]]:
        term = csp.Term(first_day=first_day, last_day=date(2027, 2, 28))
        original = subscription(term=term, anchor=first_day, status=status)
        a = csp.assess(original, replacement(provision_on=day), as_of=first_day, policy=policy)
        assert a.risk is not None
        return [(f.rule, f.case) for f in a.risk.findings]

    after_the_month, alone = attrs.evolve(csp.IN_FORCE), attrs.evolve(csp.IN_FORCE)
    said(after_the_month, date(2027, 2, 1), date(2027, 3, 5))
    year = date(2026, 3, 1), date(2026, 12, 1)
    assert said(after_the_month, *year) == said(alone, *year)


@given(questions(), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_its_verdicts_are_those_that_its_reasons_give(
    question: tuple[csp.Transfer, date], policy: csp.Policy
) -> None:
    move, today = question
    s = move.subscriptions[0]
    a = csp.assess(s, move.replacements.get(s.id), as_of=today, policy=policy)
    window, risk, refund = a.grace_window, a.risk, a.refund
    assert (a.grace_first_day, a.grace_last_day) == (
        (window.first_day, window.last_day) if window else (None, None)
    )
    assert a.provision_on == (a.replacement.provision_on if a.replacement else None)
    assert (a.disruption, a.data_loss, a.reassign_licenses, a.paid_twice_days) == (
        (risk.disruption, risk.data_loss, risk.reassign_licenses, risk.paid_twice_days)
        if risk
        else (None, None, None, 0)
    )
    assert (a.credit.outcome, a.credit.handled_by, a.credit.contact, a.best_last_day) == (
        (refund.outcome, refund.handled_by, refund.contact, refund.best_last_day)
    )
    if a.provisioning is not None and a.moved and not a.day_chosen:
        assert a.provision_on == a.provisioning.recommended


def test_made_up_facts_do_not_fill_the_memory() -> None:
    policy = attrs.evolve(csp.IN_FORCE)
    kinds = product(
        csp.Status,
        csp.Channel,
        (False, True),
        (None, *csp.TermEnd),
        (False, True),
        (False, True),
        (None, False, True),
    )
    asked = 0
    for status, channel, auto_renew, at_term_end, legacy, extended, service in kinds:
        s = subscription(
            status=status,
            channel=channel,
            auto_renew=auto_renew,
            at_term_end=at_term_end,
            legacy=legacy,
            extended=extended,
            offer=csp.Offer(id="B", extended_service=service),
        )
        assert csp.assess(s, as_of=D, policy=policy).subscription is s
        asked += 1
    assert asked > 4096 >= len(policy.notes.outlooks) > 0


@pytest.mark.parametrize("status", sorted(UNCLEAR, key=str))
def test_a_number_that_nobody_knows_is_no_matter_where_nothing_depends_on_it(status: csp.Status) -> None:
    early = subscription(term=EARLY, status=status)
    for day in (date(2021, 6, 1), date(2022, 1, 9)):
        a = csp.assess(early, csp.NOT_REPLACED, as_of=day, policy=csp.IN_FORCE)
        assert (a.state, a.provision_on, a.disruption) == (None, None, csp.Risk.CERTAIN)
    known = subscription(term=EARLY, status=csp.Status.ACTIVE)
    with pytest.raises(csp.InvalidValue, match="grace_days on: 2022-01-09"):
        csp.assess(known, as_of=date(2021, 6, 1), policy=csp.IN_FORCE)


def test_a_day_in_an_extension_has_its_way_however_many_licences_come() -> None:
    term = csp.Term(first_day=date(2025, 7, 1), last_day=date(2026, 6, 30))
    s = subscription(term=term, at_term_end=csp.TermEnd.EXTEND, auto_renew=False)
    for quantity in (25, 0):
        new = replacement(quantity=quantity, provision_on=date(2026, 7, 10))
        a = csp.assess(s, new, as_of=date(2026, 6, 1), policy=csp.IN_FORCE)
        assert a.own_way is csp.Way.EXTEND_AND_MOVE


def test_what_is_equal() -> None:
    a = csp.assess(subscription(), as_of=D)
    assert a == csp.assess(subscription(), as_of=D) == csp.Assessment.from_dict(a.to_dict())
    for other in (csp.assess(subscription(), as_of=D + timedelta(days=1)), a.evolve(state=None), "a", None):
        assert a != other


def test_what_is_put_together_is_compared_by_all_that_it_says() -> None:
    decided = csp.assess(subscription(), as_of=D)
    for other in (decided.evolve(findings=()), decided.evolve(state=csp.State.DELETED)):
        assert other != decided
        assert decided != other
        assert other == other.evolve()
    assert decided.evolve() == decided
    assert decided == decided.evolve()


@pytest.mark.parametrize(
    ("status", "auto_renew"), [(csp.Status.SUSPENDED, True), (csp.Status.EXPIRED, False)], ids=str
)
def test_what_is_read_back_goes_the_same_way(status: csp.Status, auto_renew: bool) -> None:
    """Of one that is suspended after its end, no fact tells which term runs."""
    over = subscription(status=status, auto_renew=auto_renew)
    day = over.term.last_day + timedelta(days=40)
    a = csp.assess(over, replacement(provision_on=day), as_of=day, policy=csp.IN_FORCE)
    assert (a.term is None, a.own_way) == (auto_renew, csp.Way.EXPIRE_THEN_REBUY)
    assert csp.Assessment.from_dict(a.to_dict()).own_way is a.own_way


@pytest.mark.parametrize("status", [csp.Status.DISABLED, csp.Status.DELETED])
def test_of_a_day_before_the_term_the_same_is_said_as_of_the_replacement_alone(status: csp.Status) -> None:
    s, before = subscription(status=status), YEAR.first_day - timedelta(days=5)
    chosen = replacement(provision_on=before)
    risk = csp.assess(s, chosen, as_of=before).risk
    alone = csp.transition_risk(s, chosen)
    assert risk is not None
    assert (risk.disruption, risk.data_loss) == (alone.disruption, alone.data_loss)
    assert [(f.rule, f.case) for f in risk.findings] == [(f.rule, f.case) for f in alone.findings]


def test_what_is_ahead_in_the_term_after_a_renewal_is_not_taken_for_what_is_ahead_in_the_own_term() -> None:
    """Scheduled to renew once, and then to end: nothing must be turned off in the second term, though it is alike."""
    once = subscription(
        term=csp.Term(first_day=date(2027, 4, 1), last_day=date(2028, 3, 31)),
        auto_renew=False,
        at_term_end=csp.TermEnd.RENEW,
        window_known=False,
    )
    for _ in range(2):
        renewed = csp.assess(once, as_of=date(2028, 4, 20), policy=csp.IN_FORCE)
        own = csp.assess(once.evolve(id="b"), as_of=date(2028, 3, 20), policy=csp.IN_FORCE)
        assert (renewed.auto_renew_off_by, own.auto_renew_off_by) == (None, date(2028, 3, 31))


@pytest.mark.parametrize(
    ("provision_on", "disruption"),
    [
        (date(2026, 11, 26), csp.Risk.NONE),
        (date(2026, 11, 27), csp.Risk.NONE),
        (date(2026, 11, 28), csp.Risk.POSSIBLE),
        (date(2026, 11, 29), csp.Risk.POSSIBLE),
        (date(2026, 11, 30), csp.Risk.CERTAIN),
    ],
)
def test_between_two_readings_of_an_end_nothing_is_sure(provision_on: date, disruption: csp.Risk) -> None:
    """RNW-001, monthly since 2023-01-31: the term ends on 2026-11-29 from the anchor, chained on 11-27."""
    monthly = subscription(term=csp.Term.starting(date(2023, 1, 31), "P1M"), auto_renew=True)
    new = replacement(provision_on=provision_on)
    a = csp.assess(monthly, new, as_of=date(2026, 11, 10), policy=csp.IN_FORCE)
    assert a.risk is not None
    assert a.disruption is a.risk.disruption is disruption


def test_what_is_read_again_knows_what_it_has_before_it() -> None:
    """RNW-001: the safe days of the earlier reading; and a replacement without a day has the recommended one."""
    monthly = subscription(term=csp.Term.starting(date(2023, 1, 31), "P1M"), auto_renew=True)
    a = csp.assess(monthly, replacement(provision_on=None), as_of=date(2026, 11, 10), policy=csp.IN_FORCE)
    assert a.chained_day == date(2026, 11, 27)
    again = pickle.loads(pickle.dumps(a))  # noqa: S301 - ours
    assert again.stage.outlook.safe == a.stage.outlook.safe == timedelta(days=-2)
    assert a.replacement is not None
    assert a.replacement.provision_on == a.provision_on == date(2026, 11, 27)
    chosen = replacement(provision_on=date(2026, 11, 20))
    assert csp.assess(monthly, chosen, as_of=date(2026, 11, 10), policy=csp.IN_FORCE).replacement is chosen


def test_what_stays_says_what_is_true_of_it_wherever_it_goes() -> None:
    """Doubts of its days, its state, and that nothing is refunded; but not what its own way would have it do."""
    monthly = subscription(term=csp.Term.starting(date(2023, 1, 31), "P1M"), auto_renew=True)
    stays = staying(csp.assess(monthly, as_of=date(2026, 11, 10)), stays_safe=True)
    assert [(f.rule, f.case) for f in stays.findings] == [
        *(("RNW-001", "renewed"), ("RNW-001", "disputed-day"), ("LIF-001", "course")),
        *(("EST-001", "no-free-window"), ("END-002", "no-refund")),
    ]
    assert stays.risk is not None
    assert (stays.risk.disruption, stays.risk.reassign_licenses) == (csp.Risk.NONE, False)


@pytest.mark.parametrize("first", [20, 30, None])
def test_licences_that_more_users_hold_than_there_are_are_not_taken_for_enough(first: int | None) -> None:
    """Of 25 licences, users hold 20, 30, or nobody knows how many; whichever was asked first."""
    policy = attrs.evolve(csp.GUIDE)
    csp.assess(subscription(assigned=first), as_of=D, policy=policy)
    found = {
        assigned: csp.assess(subscription(assigned=assigned), as_of=D, policy=policy).disruption
        for assigned in (20, 25, 26, None)
    }
    assert found == {20: csp.Risk.NONE, 25: csp.Risk.NONE, 26: csp.Risk.CERTAIN, None: csp.Risk.NONE}
