"""What the command writes into a folder: the same as it prints, and nothing over what is there."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

import csp_transfer as csp
from csp_transfer.__main__ import main
from csp_transfer.export import to_ics
from csp_transfer.texts import read_bytes

CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
ON = ["--as-of", "2026-02-15"]
GUIDE = ["--policy", "guide"]
NAMED = ["--customer-id", "contoso"]
SHEETS = ("steps.csv", "subscriptions.csv")
PICTURES = ("plan.png", "plan.svg")


@pytest.fixture
def contoso(tmp_path: Path) -> str:
    file = tmp_path / "contoso.json"
    file.write_bytes(CONTOSO)
    return str(file)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_calendar_of_a_plan(capsysbinary: pytest.CaptureFixture[bytes], contoso: str) -> None:
    facts = [contoso, *JAPAN, *ON, *NAMED, "--lang", "ja"]
    assert main(["plan", *facts, *GUIDE, "--format", "ics"]) == 0
    expected = capsysbinary.readouterr()
    assert main(["calendar", *facts, *GUIDE]) == 0
    assert capsysbinary.readouterr() == expected
    assert main(["calendar", *facts]) == 0
    printed = capsysbinary.readouterr()
    assert printed.out == expected.out
    assert "14 件の日付のうち 0 件" in printed.err.decode("utf-8")
    assert main(["calendar", *facts, "--policy", "in-force"]) == 0
    assert b"IN_FORCE" in capsysbinary.readouterr().out
    assert main(["calendar", *facts, "--partner-country", "KR"]) == 1
    printed = capsysbinary.readouterr()
    assert printed.out == b""
    assert printed.err.decode("utf-8").startswith("csp-transfer: 実行不可 ELG-003: ")


@pytest.mark.untraced
def test_a_plan_in_a_folder_is_what_is_printed(
    capsys: pytest.CaptureFixture[str], contoso: str, tmp_path: Path
) -> None:
    folder = tmp_path / "plans" / "contoso"
    facts = ["plan", contoso, *JAPAN, *ON, *NAMED, *GUIDE, "--lang", "ja"]
    assert main([*facts, "--out", str(folder)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    names = ("plan.md", "plan-appendix.md", "plan.json", *SHEETS, "plan.xlsx", "plan.ics", *PICTURES)
    assert printed.out.splitlines() == [str(folder / name) for name in names]
    written = files(folder)
    for name, form in (("plan.md", "markdown"), ("plan.json", "json")):
        assert main([*facts, "--format", form]) == 0
        assert written.pop(name).decode("utf-8").rstrip("\n") == capsys.readouterr().out.rstrip("\n")
    plan = csp.Plan.from_dict(json.loads((folder / "plan.json").read_text("utf-8")))
    page, appendix = plan.to_markdown("ja"), written.pop("plan-appendix.md").decode("utf-8")
    assert f"{page}\n{appendix}" == plan.to_markdown("ja", detail=True)
    assert written.pop("plan.ics") == to_ics(plan, lang="ja", grouped=True)
    assert written.pop("plan.png").startswith(b"\x89PNG")
    assert b"<svg" in written.pop("plan.svg")
    assert written.keys() == {*SHEETS, "plan.xlsx"}  # tests/test_command_sheets.py


@pytest.mark.untraced
def test_nothing_is_written_where_a_file_is_there_already(
    capsys: pytest.CaptureFixture[str], contoso: str, tmp_path: Path
) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "plan.md").write_text("mine")
    (folder / "plan.ics").write_text("mine, too")
    (folder / "notes.txt").write_text("notes")
    before = files(folder)
    asked = ["plan", contoso, *JAPAN, *ON, *NAMED, "--out", str(folder)]
    assert main(asked) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        f"csp-transfer: '{folder / name}': is there already; expected another folder, or --overwrite"
        for name in ("plan.md", "plan.ics")
    ]
    assert files(folder) == before
    assert main([*asked, "--overwrite"]) == 0
    after = files(folder)
    names = {"plan.md", "plan-appendix.md", "plan.json", "plan.xlsx", "plan.ics", "notes.txt", *SHEETS}
    assert after.keys() == {*names, *PICTURES}
    assert after["plan.md"].startswith(b"# Transfer plan for contoso")
    assert after["plan.ics"].startswith(b"BEGIN:VCALENDAR\r\n")
    assert after["notes.txt"] == b"notes"


@pytest.mark.untraced
def test_without_a_calendar_the_rest_is_written_and_standard_error_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], contoso: str, tmp_path: Path
) -> None:
    folder = tmp_path / "plans"
    asked = ["plan", contoso, *JAPAN, *ON, *NAMED, *GUIDE, "--out", str(folder)]
    assert main([*asked, "--partner-country", "KR"]) == 1
    printed = capsys.readouterr()
    names = ["plan.md", "plan-appendix.md", "plan.json", *SHEETS, "plan.xlsx", *PICTURES]
    assert printed.out.splitlines() == [str(folder / name) for name in names]
    assert printed.err == f"csp-transfer: '{folder / 'plan.ics'}': not written: there is no deadline\n"
    assert files(folder).keys() == set(names)
    (folder / "plan.ics").write_text("of last week")
    monkeypatch.setitem(sys.modules, "icalendar", None)
    monkeypatch.delitem(sys.modules, "csp_transfer.export")
    assert main([*asked, "--overwrite"]) == 0
    said = capsys.readouterr().err
    assert said == (
        f"csp-transfer: '{folder / 'plan.ics'}': not written: it needs the extra 'calendar': "
        "python3 -m pip install 'csp-transfer[calendar]'; the one that is there is an older one\n"
    )
    assert (folder / "plan.ics").read_text() == "of last week"


def test_a_portfolio_in_a_folder(capsys: pytest.CaptureFixture[str], contoso: str, tmp_path: Path) -> None:
    folder = tmp_path / "month"
    asked = ["portfolio", contoso, "missing.json", *JAPAN, *ON, *GUIDE, "--out", str(folder)]
    assert main(asked) == 2  # a file is missing; what can be planned is written
    printed = capsys.readouterr()
    names = [f"portfolio{end}" for end in (".md", "-appendix.md", ".json", ".xlsx", ".ics", ".png", ".svg")]
    names[3:3] = SHEETS
    assert printed.out.splitlines() == [str(folder / name) for name in names]
    assert printed.err.count("\n") == 1
    portfolio = csp.Portfolio.from_dict(json.loads((folder / "portfolio.json").read_text("utf-8")))
    assert portfolio.as_of == date(2026, 2, 15)
    assert (folder / "portfolio.md").read_text("utf-8") == portfolio.to_markdown()
    assert (folder / "portfolio.ics").read_bytes() == to_ics(portfolio, grouped=True)
    assert main(asked) == 2
    assert capsys.readouterr().err.count("is there already") == 9


def test_what_cannot_be_written_is_said(
    capsys: pytest.CaptureFixture[str], contoso: str, tmp_path: Path, without_plots: None
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    asked = ["plan", contoso, *JAPAN, *ON, *NAMED, *GUIDE, "--out"]
    assert main([*asked, str(taken)]) == 2
    assert capsys.readouterr().err.startswith(f"csp-transfer: '{taken}")
    (tmp_path / "plans" / "plan.json").mkdir(parents=True)
    assert main([*asked, str(tmp_path / "plans"), "--overwrite"]) == 2
    said = capsys.readouterr().err
    assert "plan.json': Is a directory; expected a place to write to" in said


def test_the_appendix_and_local_time_are_printed_on_demand(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    asked = [contoso, *JAPAN, *ON, *GUIDE]
    for command in (["plan", *asked], ["routes", *asked], ["portfolio", *asked], ["demo", *ON, *GUIDE]):
        assert main(command) == 0
        page = capsys.readouterr().out
        assert "Sources" not in page
        assert main([*command, "--detail"]) == 0
        detailed = capsys.readouterr().out
        assert detailed.startswith(page.rstrip("\n"))
        assert "Sources" in detailed
        assert main([*command, "--tz", "Asia/Tokyo"]) == 0
        assert "(until 2026-02-" in " ".join(capsys.readouterr().out.split())
    assert main(["plan", *asked, "--tz", "Asia/Tokio"]) == 2
    assert capsys.readouterr().err.startswith(
        "csp-transfer: argument --tz: 'Asia/Tokio'; expected the name of a time zone"
    )


def test_of_a_blocked_move_the_routes_have_their_source_in_the_appendix(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    asked = ["routes", contoso, *JAPAN, *ON, "--partner-country", "KR", "--detail"]
    assert main(asked) == 1
    assert "ELG-003 guide#region" in capsys.readouterr().out.partition("Appendix")[2]
    assert main([*asked, "--format", "markdown"]) == 1
    headings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("#")]
    assert headings[0].startswith("# Ways to move")
    assert "# Appendix" in headings


def test_json_is_printed_in_lines_with_its_letters_as_they_are(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    assert main(["plan", contoso, *JAPAN, *ON, *GUIDE, "--format", "json"]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert (lines[0], lines[-1]) == ("{", "}")
    assert lines[1].startswith(' "')
    assert "自動更新" in printed


def test_pictures_are_of_one_size_and_say_no_time_of_today(contoso: str, tmp_path: Path) -> None:
    asked = ["picture", contoso, *JAPAN, *ON, *NAMED, *GUIDE, "--out", str(tmp_path / "one")]
    assert main(asked) == 0
    png, svg = (tmp_path / "one" / name for name in PICTURES)
    with Image.open(png) as image:
        assert image.width == 1512  # 10.5 inches of 144 dots
        assert "Date" not in image.info
    assert b"<dc:date>" not in svg.read_bytes()
