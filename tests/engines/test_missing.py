"""What pandas has for "missing" is refused as our error wherever a day, a count or a flag is asked for."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pandas as pd
import pytest
from facts import D, replacement, subscription, transfer

import csp_transfer as csp


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
