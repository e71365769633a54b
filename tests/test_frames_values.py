"""Rows back as values: what `of` writes is read, and what cannot be read is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from facts import D
from frame_rows import drawn
from polars.testing import assert_frame_equal

import csp_transfer as csp
from csp_transfer import frames

ORDINARY: dict[str, Any] = {
    "id": "b",
    "offer": "B",
    "quantity": 25,
    "auto_renew": True,
    "first_day": date(2025, 4, 1),
    "last_day": D,
}


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([ORDINARY | change for change in changes])


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_is_read_back(seed: int) -> None:
    """Cell by cell: facts that no column has, such as the name of an offer, are left out before."""
    found = drawn(seed, 400)
    subscriptions = [row.subscription.evolve(id=f"s{n}") for n, row in enumerate(found)]
    given = {f"s{n}": row.replacement for n, row in enumerate(found) if row.replacement is not None}
    table = frames.of(subscriptions, given)
    read, replacements = frames.values_of(table)
    assert len(read) == len(subscriptions)
    assert_frame_equal(frames.of(read, replacements), table)


def test_names_parents_and_other_columns() -> None:
    table = rows({"Product": "Mail", "parent": None}, {"id": "c", "Product": None, "parent": "b"}).lazy()
    mail, add_on = frames.values_of(
        table.rename({"last_day": "End"}), columns={"last_day": "End", "name": "Product"}
    )[0]
    assert (mail.name, mail.parent, mail.term.last_day) == ("Mail", None, D)
    assert (add_on.name, add_on.parent) == ("", "b")


@pytest.mark.parametrize(
    ("change", "fact", "value"),
    [
        ({"id": 7}, "id", "7"),
        ({"quantity": 25.0}, "quantity", 25),
        ({"last_day": datetime(2026, 3, 31)}, "term", csp.Term(first_day=date(2025, 4, 1), last_day=D)),  # noqa: DTZ001 - as pandas has days
        ({"status": None}, "status", csp.Status.UNKNOWN),
        ({"channel": None}, "channel", csp.Channel.CSP),
        ({"at_term_end": "extend"}, "at_term_end", csp.TermEnd.EXTEND),
        ({"renewal_duration": "P1M"}, "renewal_duration", "P1M"),
    ],
)
def test_worked_cells(change: dict[str, Any], fact: str, value: object) -> None:
    [read], _ = frames.values_of(rows(change))
    assert getattr(read, fact) == value


B, C = csp.Offer(id="B"), csp.Offer(id="C")


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({}, None),
        ({"replaced": True}, None),
        ({"replaced": False}, csp.NOT_REPLACED),
        ({"provision_on": D}, csp.Replacement(offer=B, quantity=25, provision_on=D)),
        ({"new_quantity": 0}, csp.Replacement(offer=B, quantity=0)),
        ({"new_offer": "C"}, csp.Replacement(offer=C, quantity=25)),
        (
            {"new_offer": "C", "discontinued": True, "equivalent": True},
            csp.Replacement(offer=C.evolve(equivalents=frozenset({"B"})), quantity=25),
        ),
        (
            {"new_quantity": 3, "discontinued": True},
            csp.Replacement(offer=B.evolve(discontinued=True), quantity=3),
        ),
        ({"new_discontinued": False}, csp.Replacement(offer=B.evolve(discontinued=False), quantity=25)),
    ],
)
def test_what_replaces_it(change: dict[str, Any], given: csp.Replacement | csp.NotReplaced | None) -> None:
    _, replacements = frames.values_of(rows(change))
    assert replacements.get("b") == given


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": -1}, "quantity: -1; expected a count of licences, 0 or more"),
        ({"quantity": 2.5}, "quantity: 2.5; expected a count of licences, 0 or more"),
        ({"quantity": None}, "quantity: None; expected a count of licences, 0 or more"),
        ({"auto_renew": None}, "auto_renew: None; expected True or False"),
        ({"trial": "no"}, "trial: 'no'; expected True or False"),
        ({"status": "live"}, "status: 'live'; expected one of none, active, "),
        (
            {"last_day": date(2025, 3, 31)},
            "last_day: 2025-03-31; expected a day not before first_day",
        ),
        (
            {"last_day": datetime(2026, 3, 31, 9)},  # noqa: DTZ001 - a day with a time
            "last_day: 2026-03-31T09:00:00; expected a day from 2000-01-01 to 8999-12-31",
        ),
        (
            {"last_day": datetime(2026, 3, 31, tzinfo=UTC)},
            "last_day: 2026-03-31T00:00:00+00:00; expected a day from 2000-01-01 to 8999-12-31",
        ),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(rows(change))
    assert f"row 0 (id 'b'): {said}" in str(caught.value)


def test_every_row_that_cannot_be_read_is_named() -> None:
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(rows({"quantity": -1}, {"id": "c"}, {"id": "d", "offer": " "}))
    assert [problem.item for problem in caught.value.problems] == ["row 0 (id 'b')", "row 2 (id 'd')"]


def test_a_frame_that_cannot_be_asked() -> None:
    with pytest.raises(csp.InvalidType, match=r"^frame: "):
        frames.values_of([ORDINARY])
    with pytest.raises(csp.InvalidValue, match="a column 'last_day'"):
        frames.values_of(rows({}).drop("last_day"))
    with pytest.raises(csp.InvalidValue, match="a column 'base': the parent"):
        frames.values_of(rows({}), columns={"parent": "base"})
    with pytest.raises(csp.InvalidValue, match=r"^columns: 'lastday'"):
        frames.values_of(rows({}), columns={"lastday": "last_day"})
