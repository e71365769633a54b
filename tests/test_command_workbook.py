"""The workbook and the pictures that the command keeps, and the part of them that is asked for."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from test_export import read, text

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.package_data import read_bytes

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
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
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


def test_a_blocked_plan_has_a_workbook_without_days() -> None:
    sheets = kept("--partner-country", "KR", status=1)
    assert [len(rows) for rows in sheets.values()] == [10, 1, 1]


@pytest.mark.parametrize(
    ("module", "door", "extra", "missing"),
    [
        ("xlsxwriter", None, "excel", ["plan.xlsx"]),
        ("matplotlib", "csp_transfer.plots", "plots", ["plan.png"]),
        ("icalendar", "csp_transfer.export", "calendar", ["plan.ics"]),
    ],
)
def test_without_an_extra_one_line_says_what_is_left_out_and_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: Printed,
    module: str,
    door: str | None,
    extra: str,
    missing: list[str],
) -> None:
    loaded = [name for name in sys.modules if door and (name == door or name.startswith(f"{door}."))]
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    for lang, said in (
        ("en", "not written: it needs the extra"),
        ("ja", "作成していません: 追加機能"),
    ):
        assert main(["plan", "contoso.json", *ASKED, *NAMED, "--out", lang, "--lang", lang]) == 0
        printed = capsys.readouterr()
        [line] = printed.err.splitlines()
        assert f"{lang}/{missing[0]}" in line
        assert said in line
        assert line.endswith(f"python3 -m pip install 'csp-transfer[{extra}]'")
        assert not Path(lang, missing[0]).exists()
        assert len(printed.out.splitlines()) == len(list(Path(lang).iterdir()))


# ---- a part of it --------------------------------------------------------------------------------------------------

SOURCE = csp.Actor.SOURCE_PARTNER


def test_tables_and_calendar_are_cut_and_all_else_is_whole(here: Path) -> None:
    whole = kept()
    cut = kept("--actor", "source_partner", "--until", "2026-03-31")
    select = csp.Selection(actors=[SOURCE], last_day=date(2026, 3, 31))
    wanted = [one for one in PLAN.deadlines if select.has(one)]
    assert 0 < len(wanted) < len(PLAN.deadlines)
    assert cut["Subscriptions"] == whole["Subscriptions"]
    assert len(cut["Deadlines"]) == len(wanted) + 1
    assert [row[0] for row in cut["Deadlines"][1:]] == [one.day for one in wanted]
    steps = [one for one in PLAN.steps if select.has(one)]
    assert len(of_csv("steps.csv")) == len(cut["Steps"]) == len(steps) + 1
    plan = json.loads(Path("out/plan.json").read_text("utf-8"))
    assert csp.Plan.from_dict(plan) == PLAN
    described = "".join(
        text(one["DESCRIPTION"]) for one in read(Path("out/plan.ics").read_bytes()).components
    )
    assert all(one.subject in described for one in wanted)


@pytest.mark.parametrize("command", [["calendar"], ["plan", "--format", "ics"]])
def test_a_calendar_is_grouped_unless_it_is_not(
    capsysbinary: pytest.CaptureFixture[bytes], command: list[str]
) -> None:
    def summaries(*more: str) -> list[str]:
        assert main([command[0], "contoso.json", *command[1:], *ASKED, *NAMED, *more]) == 0
        return [text(event["SUMMARY"]) for event in read(capsysbinary.readouterr().out).components]

    assert len(summaries("--ungrouped")) == len(PLAN.deadlines)
    provisioned = ["--action", "provision", "--action", "cancel"]
    single = summaries("--ungrouped", *provisioned)
    assert len(single) == sum(
        one.action in (csp.Action.PROVISION, csp.Action.CANCEL) for one in PLAN.deadlines
    )
    assert len(summaries(*provisioned)) < len(single)
    days = ["--from", "2026-03-01", "--until", "2026-03-31"]
    march = [one for one in PLAN.deadlines if date(2026, 3, 1) <= one.day <= date(2026, 3, 31)]
    assert len(summaries("--ungrouped", *days)) == len(march) > 0


def test_what_cuts_nothing_is_refused(capsys: Printed) -> None:
    for cut in (["--actor", "customer"], ["--action", "cancel"], ["--from", "2026-03-01"], ["--ungrouped"]):
        for command in ("plan", "portfolio"):
            assert main([command, "contoso.json", *ASKED, *cut]) == 2
            assert "nothing to cut; expected --out or --format ics beside it" in capsys.readouterr().err
    asked = ["calendar", "contoso.json", *ASKED, *NAMED]
    assert main([*asked, "--from", "2026-03-02", "--until", "2026-03-01"]) == 2
    assert capsys.readouterr().err == (
        "csp-transfer: --until: 2026-03-01; expected a day not before --from, 2026-03-02\n"
    )
    assert main([*asked, "--until", "2026-02-15"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "csp-transfer: --actor, --action, --from, --until: no deadline is left; expected at least one\n"
    )
    assert main(["plan", "contoso.json", *ASKED, *NAMED, "--out", "none", "--until", "2026-02-15"]) == 0
    printed = capsys.readouterr()
    assert printed.err == (
        "csp-transfer: 'none/plan.ics': not written: there is no deadline that is selected\n"
    )


def test_a_plan_that_has_no_deadline_has_no_calendar(capsys: Printed, here: Path) -> None:
    """Only a trial that ends by itself: nothing is to be done."""
    [trial] = [one for one in json.loads(CONTOSO)["items"] if one.get("isTrial")]
    (here / "contoso.json").write_text(json.dumps([trial | {"autoRenewEnabled": False}]))
    asked = ["--relationship-accepted", "--format", "ics"]
    assert main(["plan", "contoso.json", *ASKED, *NAMED, *asked]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("csp-transfer: the plan has no deadline; expected at least one: ")
