"""What the benchmarks set beside the package and install for it: it does the same, on all that is timed."""

from __future__ import annotations

from collections.abc import Callable

import budgets
import pytest
import reading
from sides import SIDES, Side

from csp_transfer import partner_center


@pytest.mark.parametrize("make", SIDES, ids=lambda make: make.__name__)
def test_an_engine_decides_as_by_hand(make: Callable[[], Side]) -> None:
    side = make()
    for case in budgets.cases():
        assert side.read(side.decide(*side.feed(case))) == budgets.inlined(*case), case


def test_cattrs_structures_the_fields_that_are_read() -> None:
    read = partner_center.read(reading.items())
    structured = reading.structured()()
    assert len(read) == len(structured) == reading.ITEMS
    for one, raw in zip(read, structured, strict=True):
        assert (one.id, one.offer.id, one.offer.name) == (raw.id, raw.offerId, raw.offerName)
        assert (one.quantity, one.auto_renew, one.status.value) == (
            raw.quantity,
            raw.autoRenewEnabled,
            raw.status.value,
        )
        assert (one.anchor, one.term.last_day) == (
            raw.effectiveStartDate.date(),
            raw.commitmentEndDate.date(),
        )
        assert (one.renewal_duration, one.trial, one.name) == (
            raw.termDuration,
            raw.isTrial,
            raw.friendlyName,
        )
        assert raw.commitmentEndDateTime.date() == one.term.last_day
