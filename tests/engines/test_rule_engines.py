"""The rule engines that the benchmark sets beside the package answer as the reference by hand, verdict by verdict."""

from __future__ import annotations

from collections.abc import Callable

import budgets
import pytest
from sides import SIDES, Side


@pytest.mark.parametrize("make", SIDES, ids=lambda make: make.__name__)
def test_an_engine_decides_as_by_hand(make: Callable[[], Side]) -> None:
    side = make()
    for case in budgets.cases():
        assert side.read(side.decide(*side.feed(case))) == budgets.inlined(*case), case
