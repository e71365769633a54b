"""Values whose fields are made when they are asked for: nobody can tell them from others."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from functools import partial

import attrs
import pytest
from facts import D, questions, subscription
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.later import Later, later


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
    fields = {f.name: getattr(ask(), f.name) for f in attrs.fields(csp.Assessment)}
    whole = csp.Assessment(**fields)
    assert ask() == whole
    assert hash(ask()) == hash(whole)
    assert repr(ask()) == repr(whole)
    assert pickle.loads(pickle.dumps(ask())) == whole  # noqa: S301 - our own
    assert copy.deepcopy(ask()) == whole
    assert ask().to_dict() == whole.to_dict()


@pytest.mark.parametrize("field", [f.name for f in attrs.fields(csp.Assessment)])
def test_whichever_field_is_asked_for_first(field: str) -> None:
    first = csp.assess(subscription(), as_of=D)
    others = csp.assess(subscription(), as_of=D)
    assert others.findings
    assert getattr(first, field) == getattr(others, field)


def test_a_field_is_made_once() -> None:
    made: list[str] = []

    def make(name: str) -> tuple[csp.Finding, ...]:
        made.append(name)
        return ()

    risk = later(csp.TransitionRisk, make, {"disruption": csp.Risk.NONE})
    assert (risk.disruption, risk.findings, risk.findings) == (csp.Risk.NONE, (), ())
    assert made == ["findings"]


@pytest.mark.parametrize("name", ["riks", "_source", "__wrapped__", "to_dictionary"])
def test_what_is_no_field_is_none(name: str) -> None:
    whole = csp.assess(subscription(), as_of=D).evolve()
    with pytest.raises(AttributeError, match=f"'Assessment' object has no attribute '{name}'") as caught:
        getattr(whole, name)
    assert (caught.value.name, caught.value.obj) == (name, whole)


def test_nothing_can_be_set() -> None:
    a = csp.assess(subscription(), as_of=D)
    for name in ("risk", "findings", "_source", "riks"):
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(a, name, None)
    assert isinstance(a, Later)
