"""The table of facts agrees with the values that hold them and the doors that read them; a new fact needs one row."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import pytest
from facts import transfer

import csp_transfer as csp
from csp_transfer import Fact, partner_center
from csp_transfer.facts import FACT_TABLE, FactRow, Kind, rows_of
from csp_transfer.why import MoveQuestion, SubscriptionQuestion

PACKAGE = Path(csp.__file__).parent
HOLDERS = {
    "subscription": csp.Subscription,
    "subscription.offer": csp.Offer,
    "subscription.term": csp.Term,
    "subscription.price": csp.Price,
    "replacement": csp.Replacement,
    "replacement.offer": csp.Offer,
    "question": SubscriptionQuestion,
}


def without_row(cls: type[Any], holder: str) -> set[str]:
    """The facts of a class that neither have a row, nor are values that have rows for what they hold."""
    rows = {*rows_of(holder), *(row.holder.rpartition(".")[2] for row in FACT_TABLE if row.holder)}
    return set(attrs.fields_dict(cls)) - rows


def test_every_fact_has_a_row_and_each_row_a_fact() -> None:
    for holder, cls in HOLDERS.items():
        if holder != "question":  # of which only the arguments of `frames.assess` have rows
            assert without_row(cls, holder) == set(), holder
    for row in FACT_TABLE:
        assert not row.held or row.attribute in attrs.fields_dict(HOLDERS[row.holder]), row.name
    assert len({row.name for row in FACT_TABLE}) == len({row.fact for row in FACT_TABLE}) == len(FACT_TABLE)


def test_a_fact_without_a_row_is_noticed() -> None:
    coloured = attrs.make_class("Coloured", {"colour": attrs.field(default=None)}, bases=(csp.Subscription,))
    assert without_row(coloured, "subscription") == {"colour"}


OWN = [
    row for row in FACT_TABLE if row.held.startswith("subscription.") and row.holder != "subscription.price"
]


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.name)
def test_a_row_says_what_its_class_says(row: FactRow) -> None:
    cls = HOLDERS[row.holder]
    field = attrs.fields_dict(cls)[row.attribute]
    assert row.required == (field.default is attrs.NOTHING)
    if row.kind is Kind.TEXTS:
        assert (row.default, len(field.default or "")) == ((), 0)
        return
    if not row.required:
        assert (type(field.default), field.default) == (type(row.default), row.default)
    unknown = not row.required and row.default is None
    assert get_type_hints(cls)[row.attribute] == (row.holds | None if unknown else row.holds)


def test_each_fact_that_a_rule_reads_is_one_of_a_row_or_of_the_move() -> None:
    of_rows = {row.fact for row in FACT_TABLE if row.fact in map(str, Fact)}
    plan = csp.plan_transfer(transfer(), as_of=date(2026, 3, 1))
    of_a_move = {str(fact) for fact in MoveQuestion.of(plan).variables}
    assert of_rows | of_a_move == {str(fact) for fact in Fact}
    named = {row.name for row in FACT_TABLE if row.decides} - of_rows
    # What is called what, and which add-on belongs to what, is read by rules, but nothing to be otherwise.
    assert named == {"id", "offer", "parent", "equivalent", "replaced", "into_another_tenant"}


ADDED = """
from datetime import date
import csp_transfer as csp
from csp_transfer import frames, strategies
from csp_transfer.facts import FACT_TABLE
from hypothesis import Phase, find, settings

basic = {"id": "b", "offer": csp.Offer(id="B"), "quantity": 25, "auto_renew": True}
basic["term"] = csp.Term.starting(date(2025, 4, 1), "P1Y")
for colour in ("", 7):
    try:
        csp.Subscription(**basic, colour=colour)
    except (csp.InvalidType, csp.InvalidValue) as error:
        print(error)
red = csp.Subscription(**basic, colour="red")
print(csp.Subscription.from_dict(red.to_dict()) == red)
table = frames.of([red, csp.Subscription(**basic | {"id": "c"})])
print(table["colour"].to_list(), frames.values_of(table)[0][0].colour)
blank = table.with_columns(colour=table["colour"].replace("red", " "))
print(frames.assess(blank, as_of=date(2026, 3, 1))["csp_reason"][0])
drawn = settings(phases=[Phase.generate])  # whatever it is: to look for the simplest takes longer
print(find(strategies.subscriptions(), lambda s: s.colour is not None, settings=drawn).colour is not None)
"""
FIELD = "    seat_windows: tuple[SeatWindow, ...] = field("
ROW = "FACT_TABLE: Final = (\n"


def added(tmp_path: Path, *, row: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a copy of the package in which a subscription has a colour."""
    copy = tmp_path / "csp_transfer"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, mark, text in (
        ("model.py", FIELD, "    colour: str | None = None\n" + FIELD),
        ("facts.py", ROW, ROW + row),
    ):
        source = (copy / name).read_text("utf-8")
        assert source.count(mark) == 1
        (copy / name).write_text(source.replace(mark, text), "utf-8")
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", ADDED],
        env=os.environ
        | {"PYTHONPATH": str(tmp_path), "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "found")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_fact_touches_its_class_and_its_row(tmp_path: Path) -> None:
    run = added(tmp_path, row='    _own("colour", Kind.TEXT, "colour of the box"),\n')
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "colour: ''; expected a text that is not blank",
        "colour: 7; expected a text that is not blank",
        "True",
        "['red', None] red",
        "colour: expected a text that is not blank",
        "True",
    ]


def test_a_new_fact_without_a_row_is_noticed_before_anything_is_asked(tmp_path: Path) -> None:
    run = added(tmp_path, row="")
    assert run.returncode != 0
    assert run.stderr.splitlines()[-1] == "KeyError: 'colour'"


PLAIN: dict[str, Any] = {
    "id": "83ef9d05",
    "offerId": "CFQ7TTC0LH18:0001",
    "quantity": 25,
    "status": "active",
    "autoRenewEnabled": True,
    "termDuration": "P1Y",
    "effectiveStartDate": "2025-04-01T00:00:00Z",
    "commitmentEndDate": "2026-03-31T00:00:00Z",
}
AS_AN_INSTANT = PLAIN | {"commitmentEndDate": None, "commitmentEndDateTime": "2026-03-31T23:59:59Z"}
APART = {"scheduleType": "CustomDate", "actionType": "Cancel", "effectiveDate": "2026-03-10T00:00:00Z"}
AT_END = {"actionType": "RenewToNewTerm", "instructions": {"product": {"termDuration": "P1M"}}}
UNTIL = "2025-04-08T00:00:00Z"
# a payload, and one field of it that is said otherwise
OTHERWISE: list[tuple[dict[str, Any], str, Any]] = [
    (PLAIN, "id", "5b6c07da"),
    (PLAIN, "offerId", "031c9e47-4802-4248-838e-778fb1d2cc05"),
    (PLAIN, "quantity", 3),
    (PLAIN, "status", "suspended"),
    (PLAIN, "autoRenewEnabled", False),
    (PLAIN, "termDuration", "P1M"),
    (PLAIN, "termDuration", None),
    (PLAIN, "renewalTermDuration", "P1M"),
    (PLAIN, "effectiveStartDate", "2025-05-01T00:00:00Z"),
    (PLAIN, "commitmentEndDate", "2026-02-27T00:00:00Z"),
    (PLAIN, "commitmentEndDate", "2026-04-01T00:00:00Z"),
    (AS_AN_INSTANT, "commitmentEndDateTime", "2026-02-27T23:59:59Z"),
    (AS_AN_INSTANT, "commitmentEndDateTime", "2026-04-01T12:00:00Z"),
    (PLAIN, "isTrial", True),
    (PLAIN, "scheduledActions", [AT_END]),
    (PLAIN, "scheduledActions", [APART]),
    (PLAIN, "scheduledNextTermInstructions", {"product": {"termDuration": "P1M"}}),
    (PLAIN, "cancellationAllowedUntilDate", UNTIL),
    (PLAIN, "refundOptions", [{"expiresAt": UNTIL}]),
    (PLAIN, "refundableQuantity", {"details": [{"quantity": 5, "allowedUntilDateTime": UNTIL}]}),
    (PLAIN, "offerName", "Business Basic (extended service term)"),
    (PLAIN, "skuName", "Extended Service Term"),
    (PLAIN, "friendlyName", "Mail"),
    (PLAIN, "parentSubscriptionId", "5b6c07da"),
    (PLAIN, "publisherName", "Contoso"),
    (PLAIN, "isMicrosoftProduct", False),
    (PLAIN, "creationDate", "2025-06-01T00:00:00Z"),
]


def changed() -> Iterator[tuple[str, str]]:
    """Each fact beside each field of a payload by which it became another one."""
    for payload, field, value in OTHERWISE:
        [before], [after] = partner_center.read([payload]), partner_center.read([payload | {field: value}])
        for row in FACT_TABLE:
            if row.held.startswith("subscription.") and row.reader(before) != row.reader(after):
                yield row.name, field


def test_a_payload_tells_each_fact_by_the_fields_of_its_row() -> None:
    found = set(changed())
    rows = [row for row in FACT_TABLE if row.held.startswith("subscription.")]
    assert {(row.name, field) for row in rows for field in row.payload} <= found
    assert {field for row in rows for field in row.payload} == {field for _, field, _ in OTHERWISE}
    silent = {row.name for row in rows if not row.payload}
    assert silent.isdisjoint(name for name, _ in found)
    assert silent == {
        *("channel", "assigned", "canceled_on", "discontinued", "monthly", "equivalents"),
        *("price_amount", "price_currency", "price_cycle"),
    }
