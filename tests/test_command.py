"""The command, run as a person would: exit status, output, one line a problem, never a traceback."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from facts import SAMPLES
from xlsxwriter import Workbook

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.command.answers import COMMANDS
from csp_transfer.command.reading import sample
from csp_transfer.export import to_ics
from csp_transfer.texts import read_bytes

CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
ON = ["--as-of", "2026-02-15"]
NAMED = ["--customer-id", "contoso"]
GUIDE = ["--policy", "guide"]
IN_FORCE = ["--policy", "in-force"]
EXCHANGE = "16416a55-5083-4b5a-a4ae-c631684040dd"
"""Expired four weeks before the day of the sample."""


@pytest.fixture
def contoso(tmp_path: Path) -> str:
    file = tmp_path / "contoso.json"
    file.write_bytes(CONTOSO)
    return str(file)


def run(*arguments: str, stdin: bytes = b"", **changes: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "csp_transfer", *arguments]
    environment = os.environ | changes.pop("env", {})
    return subprocess.run(  # noqa: S603
        command, input=stdin, capture_output=True, check=False, timeout=60, env=environment, **changes
    )


def test_the_demo_is_a_plan_of_the_sample(capsys: pytest.CaptureFixture[str], contoso: str) -> None:
    names = ["--customer-id", "contoso", "--partner-id", "fabrikam"]
    for policy in (GUIDE, IN_FORCE):
        assert main(["demo", *ON, *policy]) == 0
        demo = capsys.readouterr()
        assert demo.out.startswith("Transfer plan for contoso\n")
        assert demo.err == ""
        assert main(["plan", contoso, *JAPAN, *ON, *names, *policy]) == 0
        assert capsys.readouterr().out == demo.out
    assert main(["demo", *ON]) == 0
    assert capsys.readouterr().out == demo.out


def test_the_demo_is_of_today(capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC).date()
    assert main(["demo", "--format", "json"]) == 0
    printed = capsys.readouterr()
    plan = csp.Plan.from_dict(json.loads(printed.out))
    assert printed.err == ""
    assert before <= plan.as_of <= datetime.now(UTC).date()
    assert plan.policy == csp.IN_FORCE


@pytest.mark.parametrize("n", range(40))
def test_the_days_of_the_demo_lie_ahead_on_any_day(n: int) -> None:
    """As many days as in the payload, but for the lengths of months and years."""
    as_of = date(2026, 8, 31) + timedelta(days=47 * n)  # to 2031-09
    move = sample(as_of)
    left = {s.name: (s.term.last_day - as_of).days for s in move.subscriptions}
    own = {s.name: (s.term.last_day - date(2026, 2, 15)).days for s in partner_center.read(CONTOSO)}
    assert left.keys() == own.keys()
    for name, days in own.items():
        assert abs(left[name] - days) <= 3, name
    plan = csp.plan_transfer(move, as_of=as_of, policy=csp.IN_FORCE)
    assert plan.feasible
    assert [(f.rule, f.subject) for f in plan.too_late] == [("END-005", EXCHANGE)]
    assert not [a for a in plan.assessments if a.undated_by]


def test_the_sample_moves_by_the_days_that_lie_between() -> None:
    """2026-11-26 is 284 days after 2026-02-15; terms keep their months, and end a day before they begin anew."""
    terms = {s.name: (s.term.first_day, s.term.last_day) for s in sample(date(2026, 11, 26)).subscriptions}
    assert terms["Microsoft 365 Business Basic"] == (date(2026, 1, 10), date(2027, 1, 9))
    assert terms["Visio Plan 2"] == (date(2026, 11, 11), date(2026, 12, 10))
    assert terms["Office 365 E3"] == (date(2024, 3, 11), date(2027, 3, 10))
    assert terms["Mail for the Osaka branch"] == (date(2026, 1, 2), date(2027, 1, 1))
    [until] = [
        s.cancellation_allowed_until
        for s in sample(date(2026, 11, 26)).subscriptions
        if s.cancellation_allowed_until
    ]
    assert until == datetime(2026, 7, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ([], 0, "The move can go ahead"),
        (["--partner-country", "KR"], 1, "ELG-003"),
        (["--customer-country", "RU"], 1, "not listed"),
        (["--role", "helpdesk_agent"], 0, "ELG-001"),
        (["--role", "sales_agent"], 0, "The move can go ahead"),
    ],
)
def test_exit_status_and_reason(
    capsys: pytest.CaptureFixture[str], contoso: str, changes: list[str], status: int, said: str
) -> None:
    assert main(["plan", contoso, *JAPAN, *ON, *GUIDE, *changes]) == status
    printed = capsys.readouterr()
    assert said in printed.out
    assert printed.err == ""


OVER = {  # its term ended on 2026-08-27; what is in force keeps data for 90 days, the guide for 120
    "id": "over",
    "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
    "quantity": 25,
    "status": "expired",
    "effectiveStartDate": "2025-08-28T00:00:00Z",
    "commitmentEndDate": "2026-08-27T00:00:00Z",
    "autoRenewEnabled": False,
    "termDuration": "P1Y",
}


@pytest.mark.parametrize(
    ("day", "changes", "said"),
    [
        ("2026-11-25", {}, "0 of 1 dates are different. To plan by it"),
        (
            "2026-08-01",  # what runs must be cancelled by hand for its end
            {"status": "active"},
            "different, and one step is added or dropped. To plan",
        ),
        (
            "2026-11-26",
            {},
            "1 of 1 dates are different, and 2 steps are added or dropped. To plan by it, add --policy in-force.",
        ),
        ("2026-11-26", {"status": "deleted"}, None),  # there is no date
        (
            "2018-08-28",  # before the first record
            {"effectiveStartDate": "2017-08-28", "commitmentEndDate": "2018-08-27"},
            "--policy in-force: customer 'customer': ",
        ),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_without_a_policy_one_line_says_what_differs_in_force(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    day: str,
    changes: dict[str, str],
    said: str | None,
    form: str,
) -> None:
    file = tmp_path / "over.json"
    file.write_text(json.dumps([OVER | changes]))
    asked = ["plan", str(file), *JAPAN, "--as-of", day, "--format", form]
    assert main([*asked, *GUIDE]) == 0
    guide = capsys.readouterr()
    assert guide.err == ""
    assert main(asked) == 0
    printed = capsys.readouterr()
    assert printed.out == guide.out
    if said is None:
        assert printed.err == ""
    else:
        assert printed.err.startswith("csp-transfer: ")
        assert said in printed.err
        assert printed.err.count("\n") == 1


def test_a_plan_by_what_is_in_force(capsys: pytest.CaptureFixture[str], contoso: str) -> None:
    asked = ["plan", contoso, *JAPAN, *ON, *NAMED, "--format", "json"]
    assert main([*asked, "--policy", "in-force"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    plan = csp.Plan.from_dict(json.loads(printed.out))
    assert plan == csp.plan_transfer(plan.transfer, as_of=date(2026, 2, 15), policy=csp.IN_FORCE)
    assert plan.policy == csp.IN_FORCE


def test_a_calendar_keeps_its_line_ends(contoso: str) -> None:
    ran = run("plan", contoso, *JAPAN, *ON, *NAMED, *GUIDE, "--format", "ics", "--lang", "ja")
    assert (ran.returncode, ran.stderr) == (0, b"")
    transfer = csp.Transfer(
        customer=csp.Tenant(id="contoso", country="JP"),
        destination=csp.Partner(id="partner", country="JP"),
        subscriptions=partner_center.read(CONTOSO),
    )
    plan = csp.plan_transfer(transfer, as_of=date(2026, 2, 15))
    assert ran.stdout == to_ics(plan, lang="ja", grouped=True)
    assert ran.stdout.endswith(b"END:VCALENDAR\r\n")


def test_a_calendar_goes_wherever_text_goes(capsysbinary: pytest.CaptureFixture[bytes], contoso: str) -> None:
    asked = ["plan", contoso, *JAPAN, *ON, *NAMED, "--format", "ics"]
    assert main(asked) == 0
    written = capsysbinary.readouterr().out
    assert b"\r\n" in written
    assert b"\r\r\n" not in written
    held = io.StringIO(newline="")
    with contextlib.redirect_stdout(held):
        assert main(asked) == 0
    assert held.getvalue().encode() == written


def test_a_blocked_move_has_no_calendar_and_says_why(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    assert main(["plan", contoso, *JAPAN, *ON, *NAMED, "--partner-country", "KR", "--format", "ics"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("csp-transfer: Blocker ELG-003: ")


def test_without_its_extra_there_is_no_calendar(contoso: str, tmp_path: Path) -> None:
    (tmp_path / "icalendar.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ran = run("plan", contoso, *JAPAN, *ON, *NAMED, "--format", "ics", env={"PYTHONPATH": path})
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"csp-transfer: csp_transfer.export needs what the extra 'calendar' installs" in ran.stderr


def test_options_reach_the_plan(capsys: pytest.CaptureFixture[str], contoso: str) -> None:
    assert main(["plan", contoso, *JAPAN, *ON, "--format", "json", "--delegated-admin"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == 1
    assert data["as_of"] == "2026-02-15"
    assert data["transfer"]["delegated_admin"] is True
    for option, told in (("--no-delegated-admin", False), ("--tolerant", None)):
        assert main(["plan", contoso, *JAPAN, *ON, "--format", "json", option]) == 0
        assert json.loads(capsys.readouterr().out)["transfer"]["delegated_admin"] is told
    assert "REL-001" in json.dumps(data["findings"])
    assert csp.Plan.from_dict(data).to_dict() == data
    assert main(["plan", contoso, *JAPAN, *ON, "--relationship-accepted"]) == 0
    assert "REL-001" not in capsys.readouterr().out
    assert main(["plan", contoso, *JAPAN, *ON, "--format", "markdown", "--lang", "ja"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# ")
    assert "移行計画" in printed


def test_as_of_is_today_in_utc_when_left_out(capsys: pytest.CaptureFixture[str], contoso: str) -> None:
    before = datetime.now(UTC).date()
    main(["plan", contoso, *JAPAN, "--format", "json"])
    as_of = json.loads(capsys.readouterr().out)["as_of"]
    assert str(before) <= as_of <= str(datetime.now(UTC).date())


BAD_PAYLOAD = (
    b'[{"id": "a", "billingType": "usage"}, {"id": "b", "quantity": -1, "offerId": "B", "status": "active",'
    b'"effectiveStartDate": "2025-04-01", "commitmentEndDate": "2026-03-31", "autoRenewEnabled": true}]'
)
TWICE = b'[{"Foo\\u001b[31m": 1, "foo\\u001b[31m": 2, ' + BAD_PAYLOAD.partition(b"}, {")[2].replace(
    b"-1", b"1"
)
DEEP_PAYLOAD = BAD_PAYLOAD.replace(b"-1", b"[" * 50_000 + b"]" * 50_000)


@pytest.mark.parametrize(
    ("arguments", "stdin", "lines"),
    [
        ([], b"", ["COMMAND"]),
        (["dance"], b"", ["dance"]),
        (["plan"], b"", ["FILE"]),
        (["plan", "-"], b"[]", ["--customer-country"]),
        (["plan", "-", *JAPAN, "--as-of", "15.2.2026"], b"[]", ["'15.2.2026'; expected a day"]),
        (["plan", "-", *JAPAN, "--as-of", "20260215"], b"[]", ["'20260215'; expected a day"]),
        (["plan", "-", *JAPAN, "--as-of", "9999-12-31"], CONTOSO, ["as_of: 9999-12-31"]),
        (["plan", "-", *JAPAN, "--lang", "fr"], b"[]", ["'fr'"]),
        (["plan", "-", *JAPAN, "--format", "xml"], b"[]", ["'xml'"]),
        (["plan", "-", *JAPAN, "--format", "ics"], CONTOSO, ["--customer-id"]),
        (["plan", "-", *JAPAN, "--policy", "today"], b"[]", ["'today'"]),
        (["plan", "-", *JAPAN, "--out", "plans"], CONTOSO, ["--customer-id"]),
        (["plan", "-", *JAPAN, *NAMED, "--out", "plans", "--format", "json"], CONTOSO, ["not allowed with"]),
        (["plan", "-", *JAPAN, "--overwrite"], CONTOSO, ["--overwrite: nothing to replace; expected --out"]),
        (["plan", "-", *JAPAN, *NAMED, *GUIDE, "--out", "a\0b"], CONTOSO, ["null"]),
        (["plan", "-", *JAPAN, *NAMED, *GUIDE, "--out", "/dev/null/plans"], CONTOSO, ["Not a directory"]),
        (["portfolio", "-", *JAPAN, "--overwrite"], CONTOSO, ["--overwrite: nothing to replace"]),
        (["demo", "--as-of", "9999-12-31"], b"", ["as_of: 9999-12-31"]),
        (["demo", "--as-of", "2019-01-01"], b"", ["expected"]),
        (["calendar", "-", *JAPAN], CONTOSO, ["--customer-id"]),
        (["calendar", "-", *JAPAN, *NAMED, *GUIDE, "--as-of", "9999-12-31"], CONTOSO, ["as_of: 9999"]),
        (
            ["plan", "-", "--customer-country", "jp", "--partner-country", "JP"],
            CONTOSO,
            ["--customer-country: 'jp'"],
        ),
        (
            ["plan", "-", "--customer-country", "JP", "--partner-country", "JPN"],
            CONTOSO,
            ["--partner-country: 'JPN'"],
        ),
        (["plan", "-", *JAPAN, "--customer-id", " "], CONTOSO, ["--customer-id: ' '"]),
        (["plan", "no-such-file", *JAPAN], b"", ["'no-such-file': No such file"]),
        (["plan", ".", *JAPAN], b"", ["'.': Is a directory"]),
        (["plan", "a\0b", *JAPAN], b"", ["null"]),
        (["plan", "-", *JAPAN], b"", ["payload: text"]),
        (["plan", "-", *JAPAN], b"\xff\xfe", ["UTF-8"]),
        (["plan", "-", *JAPAN], b"[]", ["at least one subscription"]),
        (
            ["plan", "-", *JAPAN],
            BAD_PAYLOAD,
            ["items[0] (id 'a'): billingType", "items[1] (id 'b'): quantity"],
        ),
        (["plan", "-", *JAPAN], DEEP_PAYLOAD, ["items[0]", "items[1] (id 'b'): quantity"]),
        (["plan", "-", *JAPAN, "--tolerant"], DEEP_PAYLOAD, ["items[0]", "items[1]"]),
        (["plan", "-", *JAPAN, "--tolerant"], BAD_PAYLOAD, ["items[0]", "items[1]"]),
        (["plan", "-", *JAPAN], TWICE, ["each field once"]),
    ],
)
def test_bad_input_is_one_line_a_problem(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    stdin: bytes,
    lines: list[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    errors = printed.err.splitlines()
    assert len(errors) == len(lines)
    for error, line in zip(errors, lines, strict=True):
        assert error.startswith("csp-transfer: ")
        assert line in error
        assert "\x1b" not in error


def test_a_tolerant_plan_says_what_it_left_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    payload = json.loads(CONTOSO)
    payload["items"][1]["billingType"] = "usage"
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(payload))
    assert main(["plan", str(file), *JAPAN, *ON]) == 2
    assert main(["plan", str(file), *JAPAN, *ON, "--tolerant"]) == 0
    printed = capsys.readouterr()
    assert printed.err.count("billingType: 'usage'") == 2
    assert "Business Basic" in printed.out
    assert "Business Premium" not in printed.out


def test_standard_input_and_a_terminal_that_is_not_utf_8() -> None:
    for environment in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        done = run("plan", "-", *JAPAN, *ON, "--lang", "ja", stdin=CONTOSO, env=environment)
        assert done.returncode == 0
        assert done.stderr.decode("utf-8").startswith("csp-transfer: 現行ルールでは、14 件の日付のうち 0 件")
        assert "移行計画" in done.stdout.decode("utf-8")


def test_the_large_customer_and_a_reader_that_stops_early() -> None:
    large = str(SAMPLES / "large-customer-subscriptions.json")
    done = run("plan", large, *JAPAN, *ON)
    assert done.returncode == 0
    assert b"The move can go ahead with all 160 subscriptions" in done.stdout
    program = f'"{sys.executable}" -m csp_transfer plan "{large}" {" ".join([*JAPAN, *ON, *GUIDE])}'
    piped = subprocess.run(  # noqa: S602
        f"{{ {program}; echo $? >&2; }} | head -n 1", shell=True, capture_output=True, check=False, timeout=60
    )
    assert piped.stderr == b"0\n"
    assert piped.stdout == b"Transfer plan for customer\n"


@pytest.mark.parametrize(
    ("redirection", "status", "error"),
    [
        ("<&-", 2, b"standard input: closed"),
        (">/dev/full", 2, b"standard output: No space left"),
        ("2>&- </dev/null", 2, b""),
    ],
)
def test_streams_that_are_not_there(redirection: str, status: int, error: bytes) -> None:
    source = "-" if "<" in redirection else "demo"
    arguments = "demo" if source == "demo" else " ".join(["plan", "-", *JAPAN])
    done = subprocess.run(  # noqa: S602
        f'"{sys.executable}" -m csp_transfer {arguments} {redirection}',
        shell=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == status
    assert error in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


class NoReader(io.StringIO):
    """A standard output whose reader is gone, or whose disk is full."""

    def __init__(self, error: OSError, at: Path) -> None:
        super().__init__()
        self.error = error
        self.file = at.open("w")

    def write(self, _text: str) -> int:
        raise self.error

    def fileno(self) -> int:
        return self.file.fileno()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (BrokenPipeError(), 0, ""),
        (OSError(28, "No space left on device"), 2, "csp-transfer: standard output: No space left on device"),
    ],
)
def test_an_output_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError, status: int, said: str
) -> None:
    complaints = io.StringIO()
    output = NoReader(error, tmp_path / "out")
    monkeypatch.setattr(sys, "stdout", output)
    monkeypatch.setattr(sys, "stderr", complaints)
    assert main(["demo"]) == status
    assert complaints.getvalue().startswith(said)
    output.file.close()


def test_streams_that_are_closed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["plan", "-", *JAPAN]) == 2
    assert "standard input: closed" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["plan", "-", *JAPAN]) == 2


def test_help_names_every_option_and_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["plan", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert {"--as-of", "--delegated-admin", "--lang", "--tolerant"} <= set(re.findall(r"--[a-z-]+", printed))
    assert csp.__version__ in printed


@pytest.mark.untraced
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_example_of_the_help_can_be_run_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    (tmp_path / "customers").mkdir()
    for place in ("contoso.json", "customers/contoso.json"):
        (tmp_path / place).write_bytes(CONTOSO)
    for place in ("adatum.json", "customers/adatum.json"):
        (tmp_path / place).write_text(json.dumps([OVER]))
    (tmp_path / "export.csv").write_text(
        "Subscription ID,Offer ID,Licenses,Term start date,Last day of term,Auto-renew,In use\n"
        "s,o,5,2025-04-01,2026-03-31,On,4\n"
    )
    with Workbook(tmp_path / "export.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Company", "id", "offer", "quantity", "first_day", "last_day", "auto_renew"])
        sheet.write_row(1, 0, ["contoso", "s", "o", 5, "2025-04-01", "2026-03-31", True])
    (tmp_path / "facts.csv").write_text("offer,discontinued\nCFQ7TTC0LF8R:0001:CFQ7TTC0KGNF,no\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    examples = capsys.readouterr().out.partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    assert examples
    for example in examples:
        program, *arguments = shlex.split(example.partition(" > ")[0])
        assert program == "csp-transfer"
        assert command in ("", arguments[0])
        assert main(arguments) == 0, example
        assert capsys.readouterr().out
