"""The workbook that the command keeps. Needs no other extra: what others write is left out without them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.command.options import BadInput
from csp_transfer.command.tables import cells_of_file
from csp_transfer.texts import read_bytes

Printed = pytest.CaptureFixture[str]
CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
DAY = date(2026, 2, 15)
ASKED = [*JAPAN, "--as-of", str(DAY), "--policy", "guide"]
NAMED = ["--customer-id", "contoso"]
PLAN = csp.plan_transfer(
    csp.Transfer(
        customer=csp.Tenant(id="contoso", country="JP"),
        destination=csp.Partner(id="partner", country="JP"),
        subscriptions=partner_center.read(CONTOSO),
    ),
    as_of=DAY,
)
FORMULAS = ("=1+1", "+1", "-1", "@A1", "＝A1", "http://example.com", "{=A1}")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, without_plots: None) -> Path:
    (tmp_path / "contoso.json").write_bytes(CONTOSO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept(*arguments: str, status: int = 0) -> dict[str, list[list[Any]]]:
    """The sheets of the workbook that is written, by their names."""
    assert main(["plan", "contoso.json", *ASKED, *NAMED, "--out", "out", "--overwrite", *arguments]) == status
    book = CalamineWorkbook.from_path("out/plan.xlsx")
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def of_csv(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(Path("out", name).read_text("utf-8-sig"), newline="")))


def as_csv(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_workbook_has_what_the_csv_files_have_and_the_deadlines(lang: str) -> None:
    """In cells that are days and numbers, and not texts that look like them."""
    sheets = kept("--lang", lang, "--tz", "Asia/Tokyo")
    names = (
        ["Subscriptions", "Steps", "Deadlines"] if lang == "en" else ["サブスクリプション", "手順", "期限"]
    )
    assert list(sheets) == names
    subscriptions, steps, deadlines = sheets.values()
    assert [[as_csv(cell) for cell in row] for row in subscriptions] == of_csv("subscriptions.csv")
    assert [[as_csv(cell) for cell in row] for row in steps] == of_csv("steps.csv")
    assert len(deadlines) == len(PLAN.deadlines) + 1
    for row, deadline in zip(deadlines[1:], PLAN.deadlines, strict=True):
        assert row[0] == deadline.day
        assert type(row[0]) is date
        assert row[2:4] == [deadline.doubted_day or "", float(deadline.days_left)]
        assert row[4] == "contoso"
    licences = subscriptions[0].index("Licences" if lang == "en" else "ライセンス数")
    assert [row[licences] for row in subscriptions[1:]] == [
        float(s.quantity) for s in PLAN.transfer.subscriptions
    ]


def test_no_cell_is_a_formula_or_a_link_whatever_a_name_begins_with(here: Path) -> None:
    data = json.loads(CONTOSO)
    for item, name in zip(data["items"], FORMULAS, strict=False):
        item["friendlyName"] = name
    (here / "contoso.json").write_text(json.dumps(data))
    sheets = kept()
    found = {row[1] for row in sheets["Subscriptions"]}
    assert set(FORMULAS) <= found  # as they are, with no apostrophe before them
    with zipfile.ZipFile("out/plan.xlsx") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert b"<f>" not in content
            assert b"hyperlink" not in content


def test_the_same_plan_gives_the_same_workbook() -> None:
    kept()
    first = Path("out/plan.xlsx").read_bytes()
    kept()
    assert Path("out/plan.xlsx").read_bytes() == first


def test_a_text_longer_than_a_cell_ends_with_an_ellipsis(here: Path) -> None:
    data = json.loads(CONTOSO)
    data["items"][0]["friendlyName"] = "x" * 40_000
    (here / "contoso.json").write_text(json.dumps(data))
    cell = kept()["Subscriptions"][1][1]
    assert cell == "x" * 32_766 + "…"


def test_what_is_written_can_be_read_as_a_table() -> None:
    kept()
    table = cells_of_file("plan.xlsx", Path("out/plan.xlsx").read_bytes())
    header, *rows = of_csv("subscriptions.csv")
    assert table.header == header
    assert list(table.rows.values()) == rows
    with pytest.raises(BadInput) as caught:
        cells_of_file("plan.xlsx", CONTOSO)
    [line] = caught.value.lines
    assert line.startswith("'plan.xlsx': ")
    assert line.endswith("; expected an Excel workbook")


def test_a_blocked_plan_has_a_workbook_without_days() -> None:
    sheets = kept("--partner-country", "KR", status=1)
    assert [len(rows) for rows in sheets.values()] == [10, 1, 1]
