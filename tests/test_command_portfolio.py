"""Many customers at the command: a folder of payloads, and one that is bad takes no other down."""

from __future__ import annotations

import io
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.command.reading import sample
from csp_transfer.export import to_ics
from csp_transfer.texts import read_bytes

CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
DAY = date(2026, 3, 1)
ON = ["--as-of", str(DAY)]
GUIDE = ["--policy", "guide"]
MAIL: dict[str, Any] = {
    "id": "mail",
    "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
    "quantity": 25,
    "status": "active",
    "effectiveStartDate": "2025-04-01T00:00:00Z",
    "commitmentEndDate": "2026-03-31T00:00:00Z",
    "autoRenewEnabled": True,
    "termDuration": "P1Y",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two customers: contoso with nine subscriptions, adatum with one."""
    made = tmp_path / "customers"
    made.mkdir()
    (made / "contoso.json").write_bytes(CONTOSO)
    (made / "adatum.json").write_text(json.dumps([MAIL]))
    (made / "notes.txt").write_text("not a payload")
    return made


def moves(*names: str) -> list[csp.Transfer]:
    payloads: dict[str, object] = {"contoso": CONTOSO, "adatum": [MAIL]}
    return [
        csp.Transfer(
            customer=csp.Tenant(id=name, country="JP"),
            destination=csp.Partner(id="partner", country="JP"),
            subscriptions=partner_center.read(payloads[name]),
        )
        for name in names
    ]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.splitlines()


def test_a_folder_is_planned_as_the_library_plans_its_customers(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    expected = csp.plan_portfolio(moves("adatum", "contoso"), as_of=DAY)
    one_by_one = [str(folder / "contoso.json"), str(folder / "adatum.json")]
    for files in ([str(folder)], one_by_one, [str(folder), *one_by_one]):
        assert main(["portfolio", *files, *JAPAN, *ON, *GUIDE, "--format", "json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        assert csp.Portfolio.from_dict(json.loads(printed.out)) == expected
    assert main(["portfolio", str(folder), *JAPAN, *ON, *GUIDE]) == 0
    assert capsys.readouterr().out == f"{expected}\n"
    asked = ["portfolio", str(folder), *JAPAN, *ON, "--policy", "in-force", "--format=markdown", "--lang=ja"]
    assert main(asked) == 0
    in_force = csp.plan_portfolio(moves("adatum", "contoso"), as_of=DAY, policy=csp.IN_FORCE)
    assert capsys.readouterr().out == f"{in_force.to_markdown('ja')}\n"


def test_without_a_policy_one_line_says_what_differs_in_force(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Of a term that ended on 2026-08-27 the data is kept to 2026-11-25; the guide keeps it for 30 days more."""
    over = MAIL | {
        "status": "expired",
        "autoRenewEnabled": False,
        "effectiveStartDate": "2025-08-28",
        "commitmentEndDate": "2026-08-27",
    }
    later = MAIL | {"effectiveStartDate": "2026-02-01", "commitmentEndDate": "2027-01-31"}
    for name, item in (("adatum", over), ("contoso", over), ("wingtip", later)):
        (tmp_path / f"{name}.json").write_text(json.dumps([item]))
    early = over | {"effectiveStartDate": "2017-08-28", "commitmentEndDate": "2018-08-27"}
    asked = ["portfolio", str(tmp_path), *JAPAN, "--as-of", "2026-11-26"]
    assert main(asked) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "2 of 4 dates are different" in said
    (tmp_path / "early.json").write_text(json.dumps([early]))  # before the first record of what is in force
    assert main(asked) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("csp-transfer: --policy in-force: customer 'early': ")
    assert second == said.rstrip("\n")


def test_the_calendar_is_that_of_all_customers(
    capsysbinary: pytest.CaptureFixture[bytes], folder: Path
) -> None:
    asked = ["portfolio", str(folder), *JAPAN, *ON, *GUIDE, "--format", "ics"]
    assert main(asked) == 0
    expected = to_ics(csp.plan_portfolio(moves("adatum", "contoso"), as_of=DAY), grouped=True)
    assert capsysbinary.readouterr().out == expected
    assert main([*asked, "--partner-country", "KR"]) == 1
    printed = capsysbinary.readouterr()
    assert printed.out == b""
    assert printed.err.count(b"csp-transfer: Blocker ELG-003: ") == 2


def test_one_bad_file_is_one_line_and_the_others_are_planned(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "broken.json").write_text('[{"id": ')
    (folder / "many.json").write_text(json.dumps([MAIL, MAIL | {"id": "b", "quantity": -1}, {"id": "c"}]))
    (folder / "mail.json").write_text(json.dumps([MAIL]))  # a subscription whose id is the customer's
    (folder / "sub.json").mkdir()
    missing = str(folder / "missing.json")
    assert main(["portfolio", str(folder), missing, *JAPAN, *ON, *GUIDE, "--format", "json"]) == 2
    printed = capsys.readouterr()
    said = printed.err.splitlines()
    for line, (name, reason) in zip(
        said,
        (
            ("broken.json", "payload: text"),
            ("mail.json", "another id than the customer's"),
            ("many.json", "items[1] (id 'b'): quantity: -1"),
            ("sub.json", "Is a directory"),
            ("missing.json", "No such file"),
        ),
        strict=True,
    ):
        assert line.startswith(f"csp-transfer: '{folder}")
        assert name in line
        assert reason in line
    assert "more: see csp-transfer plan)" in said[2]
    assert "more: see" not in said[0]
    portfolio = csp.Portfolio.from_dict(json.loads(printed.out))
    expected = csp.plan_portfolio(moves("adatum", "contoso"), as_of=DAY)
    assert portfolio.plans == expected.plans
    assert [f"csp-transfer: {line}" for line in portfolio.unplanned] == said


@pytest.mark.parametrize(
    ("wrong", "more"),
    [({"quantity": -1}, ""), ({"quantity": -1, "status": 7}, " (and 1 more: see csp-transfer plan)")],
)
def test_the_first_problem_of_a_file_is_said_and_the_others_are_counted(
    capsys: pytest.CaptureFixture[str], folder: Path, wrong: dict[str, Any], more: str
) -> None:
    payload = {"attributes": {"objectType": "Collection"}, "items": [MAIL, MAIL | {"id": "b"} | wrong]}
    (folder / "many.json").write_text(json.dumps(payload))
    assert main(["portfolio", str(folder), *JAPAN, *ON, *GUIDE, "--format", "json"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith(f"{more}" or "a count of licences, 0 or more")
    assert line.count("more: see") == len(more[:1])


def test_of_a_file_that_is_bad_in_part_the_rest_is_planned_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "adatum.json").write_text(json.dumps([MAIL, MAIL | {"id": "b", "quantity": -1}]))
    asked = ["portfolio", str(folder), *JAPAN, *ON, *GUIDE, "--format", "json"]
    assert main(asked) == 2
    strict = csp.Portfolio.from_dict(json.loads(capsys.readouterr().out))
    assert [plan.transfer.customer.id for plan in strict.plans] == ["contoso"]
    assert main([*asked, "--tolerant"]) == 0
    printed = capsys.readouterr()
    tolerant = csp.Portfolio.from_dict(json.loads(printed.out))
    assert [plan.transfer.customer.id for plan in tolerant.plans] == ["adatum", "contoso"]
    assert tolerant.plan_of("adatum").transfer.unread == 1
    assert tolerant.unplanned == ()
    assert printed.err.startswith(f"csp-transfer: '{folder / 'adatum.json'}': items[1] (id 'b'): quantity")
    assert printed.err.count("\n") == 1


def test_two_files_of_one_customer_are_both_left_out(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "Contoso.json"
    twin.write_bytes(CONTOSO)
    assert main(["portfolio", str(folder), str(twin), *JAPAN, *ON, *GUIDE]) == 2
    printed = capsys.readouterr()
    assert "Transfers of one customer, one subscription" in printed.out
    assert printed.err == (
        f"csp-transfer: '{folder / 'contoso.json'}': the same customer as '{twin}'; "
        "expected each customer once\n"
    )


def test_a_customer_that_cannot_be_planned_is_said_and_the_others_are_planned(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    early = MAIL | {"effectiveStartDate": "2017-08-28", "commitmentEndDate": "2018-08-27"}
    (folder / "early.json").write_text(json.dumps([early | {"autoRenewEnabled": False}]))
    assert main(["portfolio", str(folder), *JAPAN, *ON, "--policy", "in-force", "--format", "json"]) == 2
    printed = capsys.readouterr()
    portfolio = csp.Portfolio.from_dict(json.loads(printed.out))
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum", "contoso"]
    [line] = portfolio.unplanned
    assert "(customer 'early')" in line
    assert printed.err == f"csp-transfer: {line}\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["portfolio", *JAPAN], ["FILE"]),
        (["portfolio", "no-such-file", *JAPAN], ["'no-such-file': No such file"]),
        (["portfolio", "a\0b", *JAPAN], ["null"]),
        (["portfolio", "-", *JAPAN], ["'-': has no name"]),
        (["portfolio", "EMPTY", *JAPAN], ["no *.json; expected a folder of payloads"]),
        (["portfolio", "FOLDER", "--customer-country", "jp", "--partner-country", "JP"], ["country: 'jp'"]),
        (["portfolio", "FOLDER", "--customer-country", "JP", "--partner-country", "JPN"], ["country: 'JPN'"]),
        (["portfolio", "FOLDER", *JAPAN, "--as-of", "9999-12-31"], ["as_of: 9999-12-31"]),
    ],
)
def test_where_nothing_can_be_planned_there_is_no_page(
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    tmp_path: Path,
    arguments: list[str],
    expected: list[str],
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"EMPTY": str(tmp_path / "empty"), "FOLDER": str(folder)}
    assert main([places.get(argument, argument) for argument in arguments]) == 2
    said = lines(capsys)
    assert len(said) == len(expected)
    for line, part in zip(said, expected, strict=True):
        assert part in line


class Terminal(io.StringIO):
    """A standard error that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_to_whoever_watches_and_only_where_its_extra_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    asked = ["portfolio", str(folder), *JAPAN, *ON, *GUIDE]
    assert main(asked) == 0
    unwatched = capsys.readouterr()
    assert unwatched.err == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(asked) == 0
    assert "2/2" in terminal.getvalue()
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert main(asked) == 0
    assert terminal.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)
    assert main(asked) == 0
    assert capsys.readouterr().out == 3 * unwatched.out


def test_what_has_no_name_takes_no_other_file_down(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("[]"))
    assert main(["portfolio", "-", str(folder / "adatum.json"), *JAPAN, *ON, *GUIDE, "--format", "json"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "csp-transfer: '-': has no name; expected a file, which its customer is called by\n"
    assert [plan["transfer"]["customer"]["id"] for plan in json.loads(printed.out)["plans"]] == ["adatum"]


def test_a_fact_of_what_nobody_has_is_refused_where_all_is_read(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("id,assigned\nnobody,3\n")
    asked = ["portfolio", str(folder), *JAPAN, *ON, *GUIDE, "--facts", str(facts)]
    assert main(asked) == 2
    [line] = lines(capsys)
    assert "row 2 (id 'nobody')" in line


@pytest.mark.parametrize("days", [1, 100, -400])
def test_all_days_of_the_bundled_example_lie_as_far_from_the_day_that_is_asked_for(days: int) -> None:
    day = date(2026, 2, 15)
    own, later = sample(day).subscriptions, sample(day + timedelta(days=days)).subscriptions
    for one, other in zip(own, later, strict=True):
        assert other.term.first_day - one.term.first_day == timedelta(days=days)
        assert (one.anchor is None) == (other.anchor is None)
        if one.anchor is not None and other.anchor is not None:
            assert other.anchor - one.anchor == timedelta(days=days)
