"""An assessment: its verdicts are there when it is made, its reasons when they are asked for; nobody can tell."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from datetime import date
from functools import partial

import attrs
import pytest
from facts import D, questions, replacement, subscription
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.assessment import AssessmentForm
from csp_transfer.plain import Plain


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
    assert pickle.loads(pickle.dumps(ask())) == whole  # noqa: S301 - our own
    assert copy.deepcopy(ask()) == whole
    assert ask().to_dict() == whole.to_dict()


@pytest.mark.parametrize("field", [f.name for f in attrs.fields(AssessmentForm)])
def test_whichever_field_is_asked_for_first(field: str) -> None:
    first = csp.assess(subscription(), as_of=D)
    others = csp.assess(subscription(), as_of=D)
    assert others.findings
    assert getattr(first, field) == getattr(others, field)


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
