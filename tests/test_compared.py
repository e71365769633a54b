"""The dates of one plan beside those of another: by hand, where the guide and what is in force part."""

from __future__ import annotations

from datetime import date

import pytest
from facts import subscription, transfer

import csp_transfer as csp
from csp_transfer.catalogue import Verdict
from csp_transfer.routes import DayPair, day_pairs

ENDED = csp.Term(first_day=date(2025, 8, 28), last_day=date(2026, 8, 27))
OVER = subscription(id="over", term=ENDED, auto_renew=False, status=csp.Status.EXPIRED)
TO_COME = subscription(id="later", term=csp.Term.starting(date(2026, 2, 1), "P1Y"), auto_renew=True)


def plans(*subscriptions: csp.Subscription, as_of: date) -> tuple[csp.Plan, csp.Plan]:
    move = transfer(*subscriptions)
    guide = csp.plan_transfer(move, as_of=as_of)
    return guide, csp.plan_transfer(move, as_of=as_of, policy=csp.IN_FORCE)


def test_what_is_in_force_keeps_data_for_thirty_days_less() -> None:
    """Of a term that ended on 2026-08-27, data is kept for 90 days, to 2026-11-25; by the guide, for 30 + 90."""
    pairs = day_pairs(*plans(OVER, TO_COME, as_of=date(2026, 11, 26)))
    assert [(pair.subscription, pair.verdict, pair.other, pair.differs) for pair in pairs] == [
        ("over", Verdict.PROVISIONING, None, True),
        ("later", Verdict.AUTO_RENEW_OFF_BY, date(2027, 1, 31), False),
        ("later", Verdict.PROVISIONING, date(2027, 1, 31), False),
    ]
    assert pairs[0].day is not None
    on_the_last_day = day_pairs(*plans(OVER, as_of=date(2026, 11, 25)))
    assert [pair.differs for pair in on_the_last_day] == [False]


def test_where_neither_has_a_day_there_is_no_pair() -> None:
    gone = subscription(id="gone", term=csp.Term.starting(date(2024, 2, 1), "P1Y"), auto_renew=False)
    assert day_pairs(*plans(gone.evolve(status=csp.Status.DELETED), as_of=date(2026, 11, 26))) == ()


def test_the_other_way_round_it_is_as_different() -> None:
    guide, in_force = plans(OVER, as_of=date(2026, 11, 26))
    [pair], [turned] = day_pairs(guide, in_force), day_pairs(in_force, guide)
    assert turned == DayPair(
        subscription="over", verdict=Verdict.PROVISIONING, day=pair.other, other=pair.day
    )
    assert turned.differs


def test_plans_of_two_moves_are_refused() -> None:
    guide, _ = plans(OVER, as_of=date(2026, 11, 26))
    with pytest.raises(csp.InvalidValue, match="other"):
        day_pairs(guide, csp.plan_transfer(transfer(TO_COME), as_of=date(2026, 11, 26)))
    with pytest.raises(csp.InvalidType, match="plan: 1; expected a Plan"):
        day_pairs(1, guide)  # type: ignore[arg-type]
    with pytest.raises(csp.InvalidType, match="other: None; expected a Plan"):
        day_pairs(guide, None)  # type: ignore[arg-type]
