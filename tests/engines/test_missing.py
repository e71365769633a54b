"""What pandas has for "missing" is refused as our error wherever a day, a count or a flag is asked for."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest
from facts import D, replacement, subscription, transfer

import csp_transfer as csp
from csp_transfer import frames


@pytest.mark.parametrize("value", [pd.NaT, pd.NA, pd.Timestamp("2026-03-31")], ids=str)
def test_what_pandas_has_for_missing_is_refused(value: Any) -> None:
    for ask in (
        lambda: csp.Term(first_day=value, last_day=D),
        lambda: subscription(quantity=value),
        lambda: subscription(assigned=value),
        lambda: subscription(trial=value),
        lambda: subscription(anchor=value),
        lambda: subscription(cancellation_allowed_until=value),
        lambda: replacement(provision_on=value),
        lambda: transfer(unread=value),
        lambda: csp.assess(subscription(), as_of=value),
        lambda: csp.plan_transfer(transfer(), as_of=value),
    ):
        with pytest.raises((csp.InvalidType, csp.InvalidValue)):
            ask()


def test_an_aware_stamp_is_an_instant() -> None:
    stamp = pd.Timestamp("2026-03-31T23:59:59", tz=UTC)
    assert csp.assess(subscription(), as_of=stamp).as_of == D
    asked_at = csp.assess(subscription(), as_of=pd.Timestamp("2026-03-10 03:00", tz="Asia/Tokyo")).asked_at
    assert type(asked_at) is datetime
    assert asked_at == datetime(2026, 3, 9, 18, tzinfo=UTC)
    assert asked_at.tzinfo is UTC


def test_pandas_without_arrow_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    table = frames.of([subscription()]).to_pandas()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for door in (frames.values_of, lambda frame: frames.assess(frame, as_of=D)):
        with pytest.raises(csp.MissingExtra, match=r"csp-transfer\[arrow\]"):
            door(table)


@pytest.mark.parametrize("backend", ["duckdb", "pandas", "pyarrow"])
def test_values_come_back_as_they_were_from_every_engine(backend: str) -> None:
    sold = csp.Offer(id="B", name="Basic", equivalents={"C", "D"}, monthly=True)
    price = csp.Price(amount=Decimal("12.500"), currency="EUR", cycle=csp.Cycle.MONTH)
    each = (
        subscription(
            id="a", offer=sold, price=price, assigned=3, anchor=D - timedelta(days=400), name="Mail"
        ),
        subscription(id="b", parent="a", cancellation_allowed_until=datetime(2025, 4, 8, 12, 30, tzinfo=UTC)),
    )
    given: dict[str, csp.Replacement | csp.NotReplaced] = {
        "a": replacement(offer=sold.evolve(id="E", extended_service=False)),
        "b": csp.NOT_REPLACED,
    }
    assert frames.values_of(frames.of(each, given, backend=backend)) == (each, given)


def test_strict_names_every_problem_of_a_pandas_row() -> None:
    table = frames.of([subscription()]).with_columns(quantity=-1, status=pl.lit("live")).to_pandas()
    with pytest.raises(csp.InvalidValue) as caught:
        frames.assess(table, as_of=D, strict=True)
    shown: Any = caught.value.value
    assert [one[1] for one in shown] == ["quantity", "status"]
