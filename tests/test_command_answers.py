"""What the command answers beside a plan, compared with what the library answers in Python."""

from __future__ import annotations

import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from facts import SAMPLES

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.texts import read_bytes

CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
DAY = date(2026, 2, 15)
ON = ["--as-of", str(DAY)]
IN_FORCE = ["--policy", "in-force"]
GUIDE = ["--policy", "guide"]
BASIC = "ac6289f7-e85a-4ee9-908d-be225edf44c0"


@pytest.fixture
def contoso(tmp_path: Path) -> str:
    file = tmp_path / "contoso.json"
    file.write_bytes(CONTOSO)
    return str(file)


def move(**facts: Any) -> csp.Transfer:
    """The move that the command plans where nothing else is said."""
    given: dict[str, Any] = {
        "customer": csp.Tenant(id="customer", country="JP"),
        "destination": csp.Partner(id="partner", country="JP"),
        "subscriptions": partner_center.read(CONTOSO),
    }
    return csp.Transfer(**given | facts)


def test_routes_are_the_ways_that_the_library_compares(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    for chosen, policy in (([], csp.IN_FORCE), (IN_FORCE, csp.IN_FORCE), (GUIDE, csp.GUIDE)):
        assert main(["routes", contoso, *JAPAN, *ON, *chosen, "--format", "json"]) == 0
        printed = capsys.readouterr()
        data = json.loads(printed.out)
        assert printed.err == ""
        expected = csp.compare_routes(move(), as_of=DAY, policy=policy)
        assert data["routes"] == [route.to_dict() for route in expected]
        assert (data["schema"], data["as_of"], data["feasible"], data["blockers"]) == (1, str(DAY), True, [])
        assert data["policy"]["name"] == policy.name
        assert csp.Transfer.from_dict(data["transfer"]) == move()


def test_the_page_of_routes_compares_them_in_one_table(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    assert main(["routes", contoso, *JAPAN, *ON, "--format", "markdown", "--detail"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "# Ways to move customer"
    assert "Recommended: the best way of each (access sooner)." in lines
    [header] = [n for n, line in enumerate(lines) if line.startswith("| Way |")]
    rows = [line.strip("| ").split(" | ") for line in lines[header + 2 : header + 9]]
    # Of a way that nothing can go, nothing is known but that; see the page of CXL-001 for why.
    assert rows[-1] == ["buy again, then cancel", "0 of 8", *["-"] * 5]
    assert lines[header + 9] == ""
    ways = [row[0] for row in rows]
    assert sorted(ways) == sorted(set(ways))
    headings = [line[3:] for line in lines if line.startswith("## ")]
    assert headings == [*ways, "Sources"]
    assert "Not open to: Exchange Online (Plan 1)" in lines[lines.index("# Appendix") :]
    said = "- END-002, Office 365 E3: The original is paid for through 2026-05-31. Buying on 2026-02-15"
    assert said in "\n".join(lines)
    assert main(["routes", contoso, *JAPAN, *ON, "--format", "markdown", "--detail", "--lang", "ja"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# customer の移行方法の比較\n")
    assert page.count("\n| --- |") == 1
    assert "## 出典" in page


def test_routes_of_a_blocked_move_are_none_and_the_page_says_why(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    asked = ["routes", contoso, *JAPAN, *ON, "--partner-country", "KR"]
    assert main(asked) == 1
    printed = capsys.readouterr()
    assert "Blocked" in printed.out
    assert "- ELG-003, (whole customer): " in printed.out
    assert printed.err == ""
    assert main([*asked, "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["feasible"], data["routes"]) == (False, [])
    assert [blocker["rule"] for blocker in data["blockers"]] == ["ELG-003"]


def test_where_nothing_is_to_be_moved_no_way_is_open(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    items = json.loads(CONTOSO)["items"]
    file = tmp_path / "trial.json"
    file.write_text(json.dumps([item for item in items if item.get("isTrial")]))
    assert main(["routes", str(file), *JAPAN, *ON]) == 0
    lines = capsys.readouterr().out.splitlines()
    [header] = [n for n, line in enumerate(lines) if line.startswith("Way ")]
    assert lines[header].split()[:2] == ["Way", "For"]
    assert sum("0 of 0" in line for line in lines[header + 2 :]) == len(csp.Way) + 1
    assert "No way is open; the appendix says why." in lines


def test_one_subscription_is_explained_by_its_id_however_it_is_spelled(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    expected = csp.explain(csp.plan_transfer(move(), as_of=DAY).assessment_of(BASIC))
    for asked in (BASIC, BASIC.upper()):
        assert main(["explain", contoso, asked, *JAPAN, *ON, *GUIDE, "--format", "json"]) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out) == expected.to_dict()
        assert printed.err == ""
    assert main(["explain", contoso, BASIC, *JAPAN, *ON, *GUIDE]) == 0
    assert capsys.readouterr().out == f"{expected}\n"
    assert main(["explain", contoso, BASIC, *JAPAN, *ON, *GUIDE, "--format=markdown", "--lang=ja"]) == 0
    assert capsys.readouterr().out == f"{expected.to_markdown('ja')}\n"
    assert main(["explain", contoso, BASIC, *JAPAN, *ON, *GUIDE, "--detail"]) == 0
    assert capsys.readouterr().out == f"{expected.to_text(detail=True)}\n"


def test_an_id_may_stand_before_the_file(contoso: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", contoso, BASIC, *JAPAN, *ON, *GUIDE]) == 0
    said = capsys.readouterr().out
    assert main(["explain", BASIC, contoso, *JAPAN, *ON, *GUIDE]) == 0
    assert capsys.readouterr().out == said
    assert main(["explain", BASIC, "missing.json", *JAPAN, *ON, *GUIDE]) == 2
    assert f"{BASIC!r}: No such file" in capsys.readouterr().err
    for odd in ("x" * 5000, "x\0"):
        assert main(["explain", contoso, odd, *JAPAN, *ON, *GUIDE]) == 2
        assert "expected the id of a subscription in the payload" in capsys.readouterr().err


class Terminal(io.StringIO):
    """A standard output that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("columns", "most"), [("20", 60), ("80", 80), ("300", 120)], ids=["narrow", "ordinary", "wide"]
)
def test_a_page_is_as_wide_as_the_terminal(
    contoso: str, monkeypatch: pytest.MonkeyPatch, columns: str, most: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    assert main(["plan", contoso, *JAPAN, *ON, *GUIDE]) == 0
    widest = max(map(len, shown.getvalue().splitlines()))
    assert most - 10 < widest <= most


@pytest.mark.parametrize(("country", "status"), [("JP", 0), ("KR", 1)])
def test_without_an_id_the_move_as_a_whole_is_explained(
    capsys: pytest.CaptureFixture[str], contoso: str, country: str, status: int
) -> None:
    changed = move(destination=csp.Partner(id="partner", country=country))
    expected = csp.explain(csp.plan_transfer(changed, as_of=DAY, policy=csp.IN_FORCE))
    assert main(["explain", contoso, *JAPAN, "--partner-country", country, *ON, *IN_FORCE]) == status
    printed = capsys.readouterr()
    assert printed.out == f"{expected}\n"
    assert printed.err == ""


def test_what_the_plan_has_go_another_way_is_explained_by_itself_and_said_to_be(
    capsys: pytest.CaptureFixture[str], contoso: str
) -> None:
    e3 = "5b6c07da-56cc-41c7-be8a-00ea414d1050"  # suspended, so it cannot be transferred
    trial = "ced4498b-811a-4f4a-a1b5-935846a494ef"
    plan = csp.plan_transfer(move(), as_of=DAY, policy=csp.IN_FORCE)
    for asked, said in ((BASIC, "transfer in Partner Center"), (e3, ""), (trial, "")):
        assert main(["explain", contoso, asked, *JAPAN, *ON, *IN_FORCE]) == 0
        printed = capsys.readouterr()
        assert printed.out == f"{csp.explain(plan.assessment_of(asked))}\n"
        assert printed.err == (
            f"csp-transfer: The plan takes another way for this subscription: {said}. "
            "What is explained is what holds without it.\n"
            if said
            else ""
        )


def test_what_goes_along_a_way_that_was_chosen_is_explained_by_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of many, one that has to expire first (CAP-001), though by itself it would be provisioned in time (EST-001)."""
    large = SAMPLES / "large-customer-subscriptions.json"
    crowded = move(subscriptions=partner_center.read(large.read_bytes()))
    plan = csp.plan_transfer(crowded, as_of=DAY, policy=csp.IN_FORCE)
    one = next(a.subscription for a in plan.assessments if a.way is csp.Way.EXPIRE_THEN_REBUY)
    assert main(["explain", str(large), one.id, *JAPAN, *ON, *IN_FORCE, "--lang", "ja"]) == 0
    printed = capsys.readouterr()
    alone = csp.explain(csp.assess(one, as_of=DAY, policy=csp.IN_FORCE))
    assert printed.out.splitlines()[0] == alone.to_text("ja").splitlines()[0]
    assert printed.err.startswith("csp-transfer: この計画では、このサブスクリプションに別の移行方法 (")


def test_an_id_that_no_subscription_has(capsys: pytest.CaptureFixture[str], contoso: str) -> None:
    assert main(["explain", contoso, "nobody", *JAPAN, *ON]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "csp-transfer: ID: 'nobody'; expected the id of a subscription in the payload\n"
