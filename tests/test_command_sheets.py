"""The tables that the command keeps: each step and each subscription of the plan, a fact a cell, in both languages."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from facts import TWIN, replacement, subscription, transfer

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.command.sheets import Sheet, sheets
from csp_transfer.texts import read_bytes

Printed = pytest.CaptureFixture[str]
CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
NAMED = ["--customer-id", "contoso"]
DAY = date(2026, 2, 15)
POLICIES = {"guide": csp.GUIDE, "in-force": csp.IN_FORCE}
MAIL: dict[str, Any] = {
    "id": "mail",
    "offerId": "CFQ7TTC0LH18:0001",
    "quantity": 25,
    "status": "active",
    "effectiveStartDate": "2025-04-01T00:00:00Z",
    "commitmentEndDate": "2026-03-31T00:00:00Z",
    "autoRenewEnabled": True,
    "termDuration": "P1Y",
}


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, without_plots: None) -> Path:
    (tmp_path / "contoso.json").write_bytes(CONTOSO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept(capsys: Printed, *arguments: str, status: int = 0, day: date = DAY) -> list[list[dict[str, str]]]:
    """The rows of both tables."""
    asked = [*arguments, *JAPAN, "--as-of", str(day), "--out", "out", "--overwrite"]
    assert main(asked) == status
    capsys.readouterr()
    found = []
    for name in ("steps", "subscriptions"):
        content = Path("out", f"{name}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\r\n")
        found.append(list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))))
    return found


def plan_of(*items: dict[str, Any], day: date = DAY, policy: csp.Policy = csp.GUIDE) -> csp.Plan:
    move = csp.Transfer(
        customer=csp.Tenant(id="contoso", country="JP"),
        destination=csp.Partner(id="partner", country="JP"),
        subscriptions=partner_center.read(list(items) if items else CONTOSO),
    )
    return csp.plan_transfer(move, as_of=day, policy=policy)


def cell(value: object) -> str:
    return "" if value is None else str(value)


@pytest.mark.parametrize("policy", POLICIES)
def test_each_step_and_each_subscription_is_a_row(capsys: Printed, policy: str) -> None:
    plan = plan_of(policy=POLICIES[policy])
    steps, subscriptions = kept(capsys, "plan", "contoso.json", *NAMED, "--policy", policy)
    assert len(steps) == len(plan.steps)
    known = {s.id for s in plan.transfer.subscriptions}
    for row, step in zip(steps, plan.steps, strict=True):
        assert row["Customer"] == "contoso"
        assert row["Earliest"] == str(step.first_day)
        assert row["Recommended"] == str(step.recommended)
        assert row["Latest"] == cell(step.last_day)
        assert row["Latest: perhaps (!)"] == cell(step.doubted_day)
        assert row["Rule"] == step.rule
        assert row["Cautions"] == ", ".join(step.cautions)
        of = [one for one in (step.subjects or (step.subject,)) if one in known]
        assert row["Subscription ID"] == "; ".join(of)
    assert {row["Subscription"] for row in steps if not row["Subscription ID"]} == {"(whole customer)"}
    for row, a in zip(subscriptions, plan.assessments, strict=True):
        s = a.subscription
        assert (row["Subscription ID"], row["Offer ID"], row["Licences"]) == (
            s.id,
            s.offer.id,
            str(s.quantity),
        )
        assert row["Auto-renew off by"] == cell(a.auto_renew_off_by)
        assert row["Buy on"] == cell(a.provision_on if a.moved else None)
        assert row["New licences"] == (str(s.quantity) if a.moved else "")
        if a.provisioning:
            assert row["Buy by"] == cell(a.provisioning.latest)
            assert row["Buy by: perhaps (!)"] == cell(a.provisioning.doubted_day)
    submitted = {s.last_day: s.subjects for s in plan.steps if s.action is csp.Action.SUBMIT_TRANSFER}
    by_day: dict[date, list[str]] = {}
    for row in subscriptions:
        if row["Transfer by"]:
            by_day.setdefault(date.fromisoformat(row["Transfer by"]), []).append(row["Subscription ID"])
    assert {day: sorted(ids) for day, ids in by_day.items()} == {d: sorted(i) for d, i in submitted.items()}
    assert bool(submitted) is (policy == "in-force")
    [trial] = [row for row in subscriptions if "trial" in row["Subscription"]]
    assert (trial["Way"], trial["New offer ID"], trial["Days paid twice"]) == ("not moved", "", "")


def test_the_earlier_of_two_days_stands_first_and_the_other_beside_it(capsys: Printed) -> None:
    """EST-001: under the guide, the grace window after a term that ends in September is in doubt."""
    _, rows = kept(capsys, "plan", "contoso.json", *NAMED, "--policy", "guide")
    [premium] = [row for row in rows if row["Subscription"] == "Microsoft 365 Business Premium"]
    assert premium["Last day"] == "2026-09-14"
    assert premium["Grace window: first day"] == ""
    assert premium["Grace window: last day"] == ""
    assert premium["Grace window: last day: perhaps (!)"] == "2026-10-14"
    assert premium["Cautions"] == "EST-001"
    [basic] = [row for row in rows if row["Subscription"] == "Microsoft 365 Business Basic"]
    assert basic["Grace window: first day"] == "2026-04-01"
    assert basic["Grace window: last day"] == "2026-04-30"
    assert basic["Grace window: last day: perhaps (!)"] == ""


def test_a_transfer_in_mid_term_says_what_holds_without_it(capsys: Printed) -> None:
    _, rows = kept(capsys, "plan", "contoso.json", *NAMED, "--policy", "in-force")
    [premium] = [row for row in rows if row["Subscription"] == "Microsoft 365 Business Premium"]
    assert premium["Way"] == "transfer in Partner Center"
    assert premium["Days paid twice"] == "0; otherwise 1"
    assert premium["Disruption"] == "none"


def test_headers_and_words_are_japanese_and_local_time_stands_beside_last_days(capsys: Printed) -> None:
    steps, rows = kept(
        capsys, "plan", "contoso.json", *NAMED, "--policy", "guide", "--lang", "ja", "--tz", "Asia/Tokyo"
    )
    assert steps[0]["手順"] == "再販業者関係を要求する"
    assert (steps[0]["期限"], steps[0]["期限: 最終時刻 (Asia/Tokyo)"]) == ("2026-02-16", "2026-02-17 09:00")
    assert steps[0]["残り日数"] == "2"
    assert rows[0]["自動更新をオフにする期限"] == "2026-03-31"
    assert rows[0]["自動更新をオフにする期限: 最終時刻 (Asia/Tokyo)"] == "2026-04-01 09:00"
    assert rows[0]["購入の期限: 最終時刻 (Asia/Tokyo)"] == "2026-05-01 09:00"
    assert rows[2]["自動更新をオフにする期限: 最終時刻 (Asia/Tokyo)"] == ""
    assert rows[0]["サービスの中断"] == "なし"


def test_no_cell_is_a_formula(capsys: Printed, here: Path) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(1)", "  =1", "＝1", "\t=1", "'=1", "a=1", '=HYPERLINK("x","y")\n=2']
    items = [MAIL | {"id": f"={n}", "friendlyName": name} for n, name in enumerate(names)]
    (here / "contoso.json").write_text(json.dumps(items))
    steps, rows = kept(capsys, "plan", "contoso.json", "--customer-id", "=cmd", "--policy", "guide")
    for row in (*steps, *rows):
        for value in row.values():
            assert not value.lstrip().startswith(("=", "+", "-", "@", "＝")), value
    assert [row["Subscription"] for row in rows[:4]] == ["'=1+1", "'+1", "'-1", "'@SUM(1)"]
    assert [row["Subscription"] for row in rows[7:9]] == ["'=1", "a=1"]
    assert {row["Customer"] for row in rows} == {"'=cmd"}
    assert rows[9]["Subscription"] == '\'=HYPERLINK("x","y") =2'


def test_what_is_not_known_is_an_empty_cell(capsys: Printed, here: Path) -> None:
    expired = MAIL | {"status": "expired"}  # before its term is over: it is not known when that happened
    nobody = MAIL | {"id": "none", "quantity": 0}
    # It went on after its last day; for how long, nobody can tell.
    renewed = MAIL | {"id": "on", "effectiveStartDate": "2025-12-25", "commitmentEndDate": "2026-02-10"}
    del renewed["termDuration"]
    (here / "contoso.json").write_text(json.dumps([expired, nobody, renewed]))
    [unknown, none, on] = kept(capsys, "plan", "contoso.json", *NAMED, "--policy", "guide")[1]
    plan = plan_of(expired, nobody, renewed)
    assert plan.assessments[0].undated_by is not None
    assert plan.assessments[2].term is None
    assert [unknown[key] for key in ("State", "Buy by", "Days paid twice")] == [""] * 3
    assert [on[key] for key in ("Last day", "Buy by", "Days paid twice")] == [""] * 3
    assert none["Disruption"] == none["Data loss"] == ""


def test_two_readings_of_the_end_of_a_term_are_two_cells(capsys: Printed, here: Path) -> None:
    whole_year = MAIL | {"commitmentEndDate": "2026-04-01T00:00:00Z"}  # UTC-001
    renewed = MAIL | {
        "id": "renewed",
        "effectiveStartDate": "2025-01-31",
        "commitmentEndDate": "2025-02-27",
        "termDuration": "P1M",
    }
    (here / "contoso.json").write_text(json.dumps([whole_year, renewed]))
    rows = kept(capsys, "plan", "contoso.json", *NAMED, "--policy", "guide", day=date(2026, 3, 10))[1]
    assert (rows[0]["Last day"], rows[0]["Last day: perhaps (!)"]) == ("2026-03-31", "2026-04-01")
    [_, a] = plan_of(whole_year, renewed, day=date(2026, 3, 10)).assessments
    assert a.chained_day == date(2026, 3, 27)
    assert (rows[1]["Last day"], rows[1]["Last day: perhaps (!)"]) == ("2026-03-27", "2026-03-30")
    assert rows[1]["Auto-renew off by"] == "2026-03-27"


def test_a_blocked_move_has_no_steps_and_a_portfolio_has_all_customers(capsys: Printed, here: Path) -> None:
    asked = ["plan", "contoso.json", *NAMED, "--policy", "guide", "--as-of", str(DAY), "--out", "blocked"]
    assert main([*asked, "--customer-country", "JP", "--partner-country", "KR"]) == 1
    capsys.readouterr()
    steps = Path("blocked/steps.csv").read_text("utf-8-sig").splitlines()
    assert len(steps) == 1
    blocked = list(csv.DictReader(io.StringIO(Path("blocked/subscriptions.csv").read_text("utf-8-sig"))))
    assert blocked[0]["Last day"] == "2026-03-31"
    assert {row["Buy on"] + row["Data loss"] + row["Way"] for row in blocked} == {""}
    (here / "adatum.json").write_text(json.dumps([MAIL]))
    steps_of_all, rows = kept(capsys, "portfolio", "adatum.json", "contoso.json", "--policy", "guide")
    assert {row["Customer"] for row in steps_of_all} == {"adatum", "contoso"}
    assert [row["Customer"] for row in rows] == ["adatum", *["contoso"] * 9]


def row_of(sheet: Sheet, n: int = 0) -> dict[str, Any]:
    return dict(zip(sheet.header, sheet.rows[n], strict=True))


def test_what_is_bought_instead_stands_beside_what_is_moved() -> None:
    moved, kept_back = subscription(id="moved"), subscription(id="kept back")
    plan = csp.plan_transfer(
        transfer(
            moved,
            kept_back,
            replacements={"moved": replacement(offer=TWIN, quantity=7), "kept back": csp.NOT_REPLACED},
        ),
        as_of=date(2026, 3, 1),
    )
    table, _, _ = sheets(plan, "en", csp.Selection())
    said = {row["Subscription ID"]: row for row in (row_of(table, n) for n in range(2))}
    assert (said["moved"]["New offer ID"], said["moved"]["New licences"]) == (TWIN.id, 7)
    assert said["moved"]["Way"] == "let expire, then buy again"
    assert (said["kept back"]["New offer ID"], said["kept back"]["New licences"]) == (None, None)
    assert said["kept back"]["Way"] == "not moved"
