"""What the command keeps with each extra, and the part of the deadlines that is asked for."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest
from test_command_workbook import ASKED, CONTOSO, NAMED, PLAN, kept, of_csv
from test_export import read, text

import csp_transfer as csp
from csp_transfer.__main__ import main
from csp_transfer.export import to_ics

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "contoso.json").write_bytes(CONTOSO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
    without_plots: None,
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
        *others, line = sorted(printed.err.splitlines(), key=lambda line: f"[{extra}]" in line)
        assert len(others) == (extra != "plots")
        assert f"{lang}/{missing[0]}" in line
        assert said in line
        assert line.endswith(f"python3 -m pip install 'csp-transfer[{extra}]'")
        assert not Path(lang, missing[0]).exists()
        assert len(printed.out.splitlines()) == len(list(Path(lang).iterdir()))


# ---- a part of it --------------------------------------------------------------------------------------------------

SOURCE = csp.Actor.SOURCE_PARTNER


def test_tables_and_calendar_are_cut_and_all_else_is_whole(without_plots: None) -> None:
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


def test_the_calendar_of_the_demo_is_grouped(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    asked = ["demo", "--policy", "guide", "--as-of", "2026-02-15"]
    assert main([*asked, "--format", "ics"]) == 0
    plan = PLAN.transfer.evolve(destination=csp.Partner(id="fabrikam", country="JP"))
    expected = to_ics(csp.plan_transfer(plan, as_of=date(2026, 2, 15)), grouped=True)
    assert capsysbinary.readouterr().out == expected


def test_what_cuts_nothing_is_refused(capsys: Printed) -> None:
    for cut in (["--actor", "customer"], ["--action", "cancel"], ["--from", "2026-03-01"], ["--ungrouped"]):
        for command in ("plan", "portfolio"):
            assert main([command, "contoso.json", *ASKED, *cut]) == 2
            assert (
                "only for calendars and tables; expected --out or --format ics beside it"
                in capsys.readouterr().err
            )
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
    """Only a trial that is Deleted already: nothing is to be done."""
    [trial] = [one for one in json.loads(CONTOSO)["items"] if one.get("isTrial")]
    (here / "contoso.json").write_text(json.dumps([trial | {"status": "deleted"}]))
    asked = ["--relationship-accepted", "--format", "ics"]
    assert main(["plan", "contoso.json", *ASKED, *NAMED, *asked]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("csp-transfer: the plan has no deadline; expected at least one: ")
