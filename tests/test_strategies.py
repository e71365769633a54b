"""The public strategies: valid by construction, of every public type, for a package that builds on this one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from laws import tried

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.policy import HISTORIES

PUBLIC = [
    value
    for value in (getattr(csp, name) for name in csp.__all__)
    if isinstance(value, type) and not issubclass(value, Enum)
]
DOWNSTREAM = Path(__file__).parent / "downstream"


@pytest.mark.parametrize("cls", PUBLIC, ids=lambda cls: cls.__name__)
def test_from_type_knows_every_public_type(cls: type[Any]) -> None:
    @tried(0.2, suppress_health_check=list(HealthCheck))
    @given(st.from_type(cls))
    def one(value: object) -> None:
        assert isinstance(value, cls)
        again = pickle.loads(pickle.dumps(value))  # noqa: S301
        assert again == value or (isinstance(value, Exception) and str(again) == str(value))

    one()


def test_a_package_that_builds_on_this_one_tests_itself_in_two_lines(tmp_path: Path) -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir=.",
            "tests",
        ],
        cwd=DOWNSTREAM,
        env={
            **os.environ,
            "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(["src", *sys.path]),
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


@pytest.mark.untraced
def test_what_fails_shrinks_to_the_simplest_that_does() -> None:
    # What is found is not explained, which would take longer than to find it.
    phases = [phase for phase in Phase if phase is not Phase.explain]
    quiet = settings(database=None, max_examples=500, deadline=None, phases=phases)
    s = find(strategies.subscriptions(), lambda s: s.quantity > 3, settings=quiet)
    assert (s.quantity, s.status, s.auto_renew, s.name) == (4, csp.Status.ACTIVE, False, "")
    assert s.term.first_day == date(2022, 1, 10)
    move = find(strategies.transfers(), lambda t: len(t.subscriptions) > 1, settings=quiet)
    assert len(move.subscriptions) == 2
    assert move.replacements == {}


def _has_add_on(move: csp.Transfer) -> bool:
    ids = {s.id.lower() for s in move.subscriptions}
    return any((s.parent or "").lower() in ids for s in move.subscriptions)


_KNOWN = {record for history in HISTORIES for record in history.records}
_DRAWN: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], bool]]] = {
    "what is scheduled has a day": (strategies.subscriptions(), lambda s: s.mid_term_on is not None),
    "an end may be another day": (strategies.subscriptions(), lambda s: s.doubted_last_day is not None),
    "an end is one day": (strategies.subscriptions(), lambda s: s.doubted_last_day is None),
    "an add-on of another": (strategies.transfers(), _has_add_on),
    "several without an add-on": (
        strategies.transfers(),
        lambda t: len(t.subscriptions) > 1 and not _has_add_on(t),
    ),
    "what is announced": (strategies.policies(), lambda policy: bool(policy.histories)),
    "a record of no days": (
        strategies.policies(),
        lambda policy: any(
            record.value == 0 and record not in _KNOWN
            for history in policy.histories
            for record in history.records
        ),
    ),
}


@pytest.mark.parametrize("what", _DRAWN)
def test_what_is_seldom_is_drawn_too(what: str) -> None:
    strategy, wanted = _DRAWN[what]
    once = settings(database=None, derandomize=True, max_examples=500, phases=[Phase.generate])
    assert wanted(find(strategy, wanted, settings=once))


@given(strategies.subscriptions())
def test_another_reading_of_an_end_is_a_day_later(s: csp.Subscription) -> None:
    assert s.doubted_last_day in (None, s.term.last_day + timedelta(days=1))


@given(strategies.subscriptions(quantity=7, status=st.sampled_from((csp.Status.ACTIVE, csp.Status.CANCELED))))
def test_facts_are_given_as_values_or_as_strategies(s: csp.Subscription) -> None:
    assert s.quantity == 7
    assert s.status in (csp.Status.ACTIVE, csp.Status.CANCELED)


@given(
    strategies.transfers(
        delegated_admin=True, subscriptions=st.tuples(strategies.subscriptions(canceled_on=None, anchor=None))
    )
)
def test_a_move_of_what_is_given(move: csp.Transfer) -> None:
    [s] = move.subscriptions
    assert s.canceled_on is s.anchor is None
    assert move.delegated_admin


@pytest.mark.parametrize("name", [name for name in strategies.__all__ if name != "days"])
def test_a_strategy_of_anything_is_made_once(name: str) -> None:
    """Another one that is made in the same way is as good, and takes longer."""
    make = getattr(strategies, name)
    assert make() is make()
    assert isinstance(make.__wrapped__(), st.SearchStrategy)


@pytest.mark.parametrize("make", [strategies.subscriptions, strategies.transfers, strategies.offers])
def test_a_fact_that_there_is_not_is_named(make: Any) -> None:
    with pytest.raises(csp.InvalidValue, match=r"(Subscription|Transfer|Offer): 'colour'; expected one of"):
        find(make(colour="red"), bool)


@given(strategies.transfers(tenant_subscriptions=300, replacements={}))
def test_what_is_given_of_a_move_is_not_drawn(move: csp.Transfer) -> None:
    assert (move.tenant_subscriptions, dict(move.replacements)) == (300, {})


@given(strategies.questions(), strategies.policies(), st.none() | st.sampled_from(csp.Way))
def test_every_question_has_an_answer(
    question: tuple[csp.Transfer, date], policy: csp.Policy, way: csp.Way | None
) -> None:
    move, as_of = question
    assert csp.plan_transfer(move, as_of=as_of, policy=policy, way=way).as_of == as_of
