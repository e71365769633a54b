"""The workbook that the command keeps. Needs no other extra: what others write is left out without them."""

from __future__ import annotations

import csv
import io
import json
import re
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
from csp_transfer.command.sheets import Sheet, workbook
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


def parts(*tables: Sheet) -> dict[str, str]:
    """The parts of a workbook, as the XML that they are."""
    with zipfile.ZipFile(io.BytesIO(workbook(tables, "en"))) as book:
        return {name.rpartition("/")[2]: book.read(name).decode() for name in book.namelist()}


TABLE = Sheet(
    name="steps",
    header=("id", "day", "h" * 40, "text", "count"),
    rows=(("abcdefghijkl", DAY, "", "t" * 100, 7), ("a", None, "x", "u", 1_234_567_890)),
)


def test_a_column_is_as_wide_as_what_is_in_it_and_no_wider_than_can_be_read() -> None:
    """In digits: two more than the longest cell, a header in two lines, 10 at least and 60 at most."""
    found = re.findall(r'<col min="(\d)" max="\1" width="([\d.]+)"', parts(TABLE)["sheet1.xml"])
    assert [int(float(wide)) for _, wide in found] == [14, 13, 24, 60, 12]
    [narrow] = re.findall(
        r'<col [^>]*width="([\d.]+)"', parts(Sheet(name="steps", header=("a",), rows=()))["sheet1.xml"]
    )
    assert int(float(narrow)) == 10


def test_a_sheet_keeps_its_header_in_sight_and_prints_all_its_columns_on_a_page() -> None:
    found = parts(TABLE, TABLE._replace(name="deadlines"))
    sheet = found["sheet1.xml"]
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:E3"/>' in sheet
    assert '<pageSetUpPr fitToPage="1"/>' in sheet
    [page] = re.findall("<pageSetup [^>]*>", sheet)
    assert 'orientation="landscape"' in page
    assert 'fitToHeight="0"' in page  # as many pages as there are rows for
    assert "fitToWidth" not in page  # one, as by default
    for name in ("Steps", "Deadlines"):
        assert f">{name}!$1:$1</definedName>" in found["workbook.xml"]  # the header, on each page
    assert ">2026-01-01T00:00:00Z</dcterms:created>" in found["core.xml"]


def test_headers_are_bold_and_what_is_long_is_broken_into_lines() -> None:
    styles = parts(TABLE)["styles.xml"]
    assert styles.count('<alignment vertical="top" wrapText="1"/>') == 2  # of headers, and of texts
    formats = re.findall(r"<xf [^>]*applyAlignment[^>]*>(<alignment [^>]*>)", styles)
    assert '<alignment vertical="top" wrapText="1"/>' in formats
    assert '<alignment horizontal="left" vertical="top"/>' in formats
    assert styles.count("<b/>") == 1
    assert 'formatCode="yyyy\\-mm\\-dd"' in styles or 'formatCode="yyyy-mm-dd"' in styles


@pytest.mark.parametrize(("length", "kept_whole"), [(32_767, True), (32_768, False)])
def test_a_text_that_is_longer_than_a_cell_takes_ends_with_an_ellipsis(length: int, kept_whole: bool) -> None:
    table = Sheet(name="steps", header=("a",), rows=(("x" * length,),))
    [text] = re.findall("<t>(x[^<]*)</t>", parts(table)["sharedStrings.xml"])
    assert text == ("x" * 32_767 if kept_whole else "x" * 32_766 + "…")
