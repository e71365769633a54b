"""Facts beside payloads: what a table says is what one would tell the library, or a line says why not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.texts import read_bytes

CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
ASKED = [*JAPAN, "--as-of", "2026-02-15", "--policy", "guide"]
DAY = date(2026, 2, 15)
BASIC, E1, E3, TRIAL = (
    "ac6289f7-e85a-4ee9-908d-be225edf44c0",
    "0bce46bd-c23f-4cbc-9742-9306d15b2fad",
    "5b6c07da-56cc-41c7-be8a-00ea414d1050",
    "ced4498b-811a-4f4a-a1b5-935846a494ef",
)
OFFER_BASIC, OFFER_E1, OFFER_E3, OFFER_TRIAL = (
    "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
    "CFQ7TTC0LF8R:0001:CFQ7TTC0KGNF",
    "CFQ7TTC0LFLX:0001:CFQ7TTC0R5GS",
    "CFQ7TTC0LHQ2:0001:CFQ7TTC0TRL1",
)
Printed = pytest.CaptureFixture[str]
Kept = Callable[..., str]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """What writes a file, and returns its name."""

    def write(text: str | bytes, name: str = "facts.csv") -> str:
        file = tmp_path / name
        file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return str(file)

    return write


@pytest.fixture
def contoso(kept: Kept) -> str:
    return kept(CONTOSO, "contoso.json")


def subscriptions() -> dict[str, csp.Subscription]:
    return {s.id: s for s in partner_center.read(CONTOSO)}


def move(of: dict[str, csp.Subscription], **facts: Any) -> csp.Transfer:
    given: dict[str, Any] = {
        "customer": csp.Tenant(id="customer", country="JP"),
        "destination": csp.Partner(id="partner", country="JP"),
        "subscriptions": tuple(of.values()),
    }
    return csp.Transfer(**given | facts)


def planned(capsys: Printed, *arguments: str) -> csp.Transfer:
    """What the command plans, in its own words."""
    assert main(["plan", *arguments, *ASKED, "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    plan = csp.Plan.from_dict(json.loads(printed.out))
    assert plan == csp.plan_transfer(plan.transfer, as_of=DAY)
    return plan.transfer


def refused(capsys: Printed, *arguments: str) -> list[str]:
    assert main([*arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.splitlines()


def expected_move() -> csp.Transfer:
    """What the two tables below say, told to the library."""
    of = subscriptions()
    yen = csp.Price(amount=Decimal(750), currency="JPY", cycle=csp.Cycle.MONTH)
    of[BASIC] = of[BASIC].evolve(
        assigned=20, price=yen, channel=csp.Channel.WEB_DIRECT, offer=of[BASIC].offer.evolve(monthly=True)
    )
    e3 = of[E3].offer.evolve(discontinued=False, extended_service=False)
    e1 = of[E1].offer.evolve(discontinued=True, equivalents={OFFER_E3, "E5"})
    of[E1] = of[E1].evolve(offer=e1)
    of[E3] = of[E3].evolve(offer=e3)
    return move(
        of,
        replacements={
            BASIC: csp.NOT_REPLACED,
            E1: csp.Replacement(offer=e3, quantity=38, provision_on=date(2026, 3, 3)),
            E3: csp.Replacement(offer=csp.Offer(id="E5", discontinued=False), quantity=60),
        },
    )


CSV = f"""\
id,offer,assigned,price_amount,price_currency,price_cycle,channel,discontinued,equivalents,monthly,replaced,new_offer,new_quantity,provision_on,extended_service
{BASIC.upper()},{OFFER_BASIC.lower()},20,750,JPY,month,Web Direct,,,はい,no,,,,
{E1},,,,,,,,,,,{OFFER_E3},38,2026-03-03,

,{OFFER_E1},,,,,,TRUE,{OFFER_E3}; E5,,,,,,
,{OFFER_E3},,,,,,no,,,,E5,,,False
,E5,,,,,,no,,,,,,,
"""
ROWS: list[dict[str, Any]] = [
    {
        "id": BASIC,
        "assigned": 20,
        "price_amount": 750,
        "price_currency": "JPY",
        "price_cycle": "month",
        "channel": "web_direct",
        "monthly": True,
        "replaced": False,
    },
    {"id": E1, "new_offer": OFFER_E3, "new_quantity": 38, "provision_on": "2026-03-03", "offer": None},
    {"offer": OFFER_E1, "discontinued": True, "equivalents": [OFFER_E3, "E5"]},
    {"offer": OFFER_E3, "discontinued": False, "extended_service": False, "new_offer": "E5"},
    {"offer": "E5", "discontinued": False},
]


def test_facts_of_subscriptions_and_of_offers_are_added_to_the_move(
    capsys: Printed, kept: Kept, contoso: str
) -> None:
    expected = expected_move()
    assert planned(capsys, contoso, "--facts", kept(CSV)) == expected
    assert planned(capsys, contoso, "--facts", kept("\ufeff" + CSV.replace("\n", "\r\n"))) == expected
    assert planned(capsys, contoso, "--facts", kept(json.dumps(ROWS), "facts.JSON")) == expected
    semicolons = CSV.replace("; ", " ").replace(",", ";")
    assert planned(capsys, contoso, "--facts", kept(semicolons)) == expected


def test_headers_and_days_are_known_as_tables_have_them_where_the_extra_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed, kept: Kept, contoso: str
) -> None:
    japanese = kept(
        "サブスクリプション ID,価格,通貨,価格の対象期間,新しい数量,プロビジョニング日\n"
        f"{BASIC},750.5,JPY,month,24,2026年4月1日\n"
    )
    of = subscriptions()
    yen = csp.Price(amount=Decimal("750.5"), currency="JPY", cycle=csp.Cycle.MONTH)
    of[BASIC] = of[BASIC].evolve(price=yen)
    new = csp.Replacement(offer=of[BASIC].offer, quantity=24, provision_on=date(2026, 4, 1))
    assert planned(capsys, contoso, "--facts", japanese) == move(of, replacements={BASIC: new})
    for module in [name for name in sys.modules if name.startswith("csp_transfer.frames")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "narwhals", None)
    said = refused(capsys, "plan", contoso, *ASKED, "--facts", japanese)
    assert len(said) == 6
    assert "column '価格': no fact that is read here; expected id, offer, " in said[1]
    assert said[1].endswith("(exports' own headers are known with the extra 'frames')")
    assert planned(capsys, contoso, "--facts", kept(CSV)) == expected_move()
    said = refused(capsys, "plan", contoso, *ASKED, "--facts", kept(f"id,provision_on\n{BASIC},2026/4/1\n"))
    assert said[0].endswith("provision_on: '2026/4/1'; expected a day such as 2026-04-10")


def test_what_a_row_says_of_a_subscription_goes_before_what_one_says_of_its_offer(
    capsys: Printed, kept: Kept, contoso: str
) -> None:
    of = subscriptions()
    file = kept(
        "id,offer,replaced,new_offer,new_quantity,monthly\n"
        f",{OFFER_E1},no,,,yes\n{E1},,,,39,\n"
        f",{OFFER_E3},,E5,,\n{E3},,yes,{OFFER_E3.lower()},,\n"
        f",{OFFER_BASIC},no,,,yes\n{BASIC},,yes,,,no\n"
        f",{OFFER_TRIAL},,E5,,\n"
    )
    of[E1] = of[E1].evolve(offer=of[E1].offer.evolve(monthly=True))
    of[BASIC] = of[BASIC].evolve(offer=of[BASIC].offer.evolve(monthly=False))
    same = csp.Replacement(offer=of[E3].offer, quantity=60)
    replacements = {E1: csp.Replacement(offer=of[E1].offer, quantity=39), E3: same}
    assert planned(capsys, contoso, "--facts", file) == move(of, replacements=replacements)
    # A row that says nothing of what replaces it leaves that to the row of its offer.
    of = subscriptions()
    of[E1] = of[E1].evolve(assigned=39)
    file = kept(f"id,offer,replaced,assigned\n,{OFFER_E1},no,\n{E1},,,39\n")
    assert planned(capsys, contoso, "--facts", file) == move(of, replacements={E1: csp.NOT_REPLACED})


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("id,discontinued\nnobody,yes\n", ["row 2 (id 'nobody'): id: 'nobody'; expected the id of a sub"]),
        ("offer,discontinued\nE5,no\n", ["row 2 (offer 'E5'): offer: 'E5'; expected the id of an offer"]),
        (f"id,quantity\n{E1},3\n", ["column 'quantity': no fact that is read here; expected id, offer"]),
        (f"id,discontinued\n{E1},maybe\n", ["discontinued: 'maybe'; expected True or False"]),
        (f"id,assigned\n{E1},-1\n", ["assigned: '-1'; expected a count of licences"]),
        (f"id,assigned\n{E1},{'9' * 5000}\n", ["assigned: '999", "; expected a count of licences"]),
        (f"id,channel\n{E1},shop\n", ["channel: 'shop'; expected one of csp, web_direct"]),
        (f"id,provision_on\n{E1},31/02/2026\n", ["'31/02/2026'; expected a day such as 2026-04-10"]),
        (f"id,provision_on\n{E1},1999-12-31\n", ["'1999-12-31'; expected a day such as 2026-04-10"]),
        (f"id,price_amount\n{E1},5\n", ["price_currency: None", "price_cycle: None"]),
        (
            f"id,price_amount,price_currency,price_cycle\n{E1},-5,yen,month\n",
            ["price_amount: '-5'", "price_currency: 'yen'; expected an ISO 4217 code"],
        ),
        (
            f"id,price_amount,price_currency,price_cycle\n{E1},'5',JPY,week\n",
            ["price_cycle: 'week'; expected one of month, year, three_years"],
        ),
        (
            f"id;price_amount;price_currency;price_cycle\n{E1};12,50;EUR;month\n",
            ["price_amount: '12,50'; expected a price, 0 or more, such as 12.50"],
        ),
        (f"id,equivalents\n{E1},; ;\n", ["equivalents: '; ;'; expected a list of texts"]),
        (f"id,replaced,new_quantity\n{E1},no,3\n", ["new_quantity: 3; expected nothing where it is not"]),
        (f"id,new_quantity\n{TRIAL},3\n", ["new_quantity: 3; expected nothing: a trial is not moved"]),
        (f"id,offer\n{E1},{OFFER_E3}\n", [f"'{OFFER_E3}'; expected '{OFFER_E1}', as this subscription has"]),
        (f"offer,assigned\n{OFFER_E1},3\n", ["assigned: 3; expected nothing in a row about an offer"]),
        (f"id,assigned\n{E1},3\n{E1.upper()},3\n", ["each id once; ", "row 2 (id '0bce46bd"]),
        ("id,assigned\n,3\n", ["row 2: id: None; expected the id of a subscription, or of an offer"]),
        ("assigned,channel\n3,csp\n", ["no column id or offer; expected the ids"]),
        (f"id,Subscription ID,assigned\n{E1},,3\n", ["'Subscription ID': id as 'id' is; expected one"]),
        (f"id,assigned,assigned\n{E1},3,3\n", ["column 'assigned': there twice; expected each column once"]),
        (f"id,assigned\n{E1},3,note\n", ["row 2: 'note' stands below no header"]),
        (f"id,,assigned\n{E1},note,3\n", ["row 2: 'note' stands below no header"]),
        (f"id,assigned\n{E1},3,note,more\n", ["row 2: 'note' stands below no header"]),
        ("id,assigned\n,3\n,4\n", ["row 2: id: None", "row 3: id: None"]),
        ("id,assigned\n", ["no rows; expected at least one"]),
        ("", ["no rows; expected at least one"]),
        (f'id,assigned\n"{E1},3\n', ["line 2: unexpected end of data; expected CSV"]),
        (b"id,name\n\x83\x81\x81\x5b\n", ["line 2: invalid start byte; expected CSV in UTF-8"]),
        (b"\n\x83\x81", ["line 2: invalid start byte; expected CSV in UTF-8"]),
        (f"id,assigned\n{E1},x\nnobody,y\n", ["row 2 (id", "row 3 (id 'nobody'): assigned: 'y'"]),
    ],
)
def test_each_thing_that_is_wrong_is_one_line(
    capsys: Printed, kept: Kept, contoso: str, table: str | bytes, expected: list[str]
) -> None:
    file = kept(table)
    for command in ("plan", "routes", "explain"):
        said = refused(capsys, command, contoso, *ASKED, "--facts", file)
        text = "\n".join(said)
        assert all(line.startswith(f"csp-transfer: '{file}'") for line in said)
        assert all(part in text for part in expected)
    assert len(said) in (1, len(expected))
    assert refused(capsys, "calendar", contoso, *ASKED, "--customer-id", "c", "--facts", file) == said


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('[{"id": ', "facts.json': text: '"),
        ("{}", "facts.json': rows: {}; expected a list of objects"),
        ("[3]", "facts.json': items[0]: 3; expected a list of objects"),
        ("[]", "no rows; expected at least one"),
        ([{"id": E1, "assigned": 3.5}], "assigned: 3.5; expected a count of licences"),
        ([{"id": E1, "assigned": True}], "assigned: True; expected a count of licences"),
        ([{"id": E1, "discontinued": 1}], "discontinued: 1; expected True or False"),
        ([{"id": E1, "channel": 1}], "channel: 1; expected one of csp"),
        ([{"id": 5, "monthly": True}], "items[0] (id 5): id: 5; expected a text that is not blank"),
        (
            [{"offer": OFFER_E1, "equivalents": ["E3", ""]}],
            "equivalents: ['E3', '']; expected a list of texts",
        ),
        ([{"offer": OFFER_E1, "equivalents": 3}], "equivalents: 3; expected a list of texts"),
        (
            [{"id": E1, "price_amount": True, "price_currency": "JPY", "price_cycle": "month"}],
            "price_amount: True; expected a price, 0 or more, such as 12.50",
        ),
        (
            [{"id": E1, "price_amount": 1e308, "price_currency": "JPY", "price_cycle": "month"}],
            "price_amount: '1e+308'; expected a price, 0 or more, such as 12.50",
        ),
        ([{"id": E1, "provision_on": 20260401}], "provision_on: 20260401; expected a day such as"),
        ([{"id": E1, "note": ""}], "column 'note': no fact that is read here"),
    ],
)
def test_json_is_refused_by_item(
    capsys: Printed, kept: Kept, contoso: str, data: object, expected: str
) -> None:
    file = kept(data if isinstance(data, str) else json.dumps(data), "facts.json")
    [line] = refused(capsys, "plan", contoso, *ASKED, "--facts", file)
    assert expected in line


def test_the_file_must_be_there_and_is_not_standard_input(capsys: Printed, contoso: str) -> None:
    [line] = refused(capsys, "plan", contoso, *ASKED, "--facts", "missing.csv")
    assert line == "csp-transfer: 'missing.csv': No such file or directory; expected a file that can be read"
    [line] = refused(capsys, "plan", contoso, *ASKED, "--facts", "-")
    assert line == "csp-transfer: --facts: '-'; expected a file: standard input is for the payload"


@pytest.mark.parametrize("first", ["(1) ", "#", "\N{EN DASH}"])
def test_a_name_may_begin_with_any_sign(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: str
) -> None:
    """ "(" and "#" come before the "-" that is standard input in the order of characters, a dash after it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", None)
    payload, table = f"{first}contoso.json", f"{first}facts.csv"
    Path(payload).write_bytes(CONTOSO)
    Path(table).write_text(f"id,assigned\n{E1},39\n", "utf-8")
    assert planned(capsys, payload, "--facts", table).subscriptions[0].offer
    assert main(["explain", payload, E1, *ASKED]) == 0
    in_order = capsys.readouterr().out
    assert main(["explain", E1, payload, *ASKED]) == 0
    assert capsys.readouterr().out == in_order
    assert main(["portfolio", payload, *ASKED]) == 0


def test_where_a_payload_is_read_in_part_a_row_about_the_rest_is_only_said(
    capsys: Printed, kept: Kept
) -> None:
    items = json.loads(CONTOSO)["items"]
    items[0]["quantity"] = -1
    payload = kept(json.dumps(items), "contoso.json")
    facts = ["--facts", kept(f"id,assigned\n{items[0]['id']},20\n{E1},39\n")]
    assert main(["plan", payload, *ASKED, "--tolerant", *facts, "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert "quantity: -1" in printed.err
    assert "row 2 (id 'ac6289f7" in printed.err.splitlines()[1]
    plan = csp.Plan.from_dict(json.loads(printed.out))
    assert plan.assessment_of(E1).subscription.assigned == 39


def test_one_table_is_for_all_customers_of_a_portfolio(capsys: Printed, kept: Kept, contoso: str) -> None:
    items = [item for item in json.loads(CONTOSO)["items"] if item.get("id") == E1]
    mail = [items[0] | {"id": "mail"}]
    adatum = kept(json.dumps(mail), "adatum.json")
    facts = ["--facts", kept(f"id,offer,assigned,discontinued\nmail,,39,\n,{OFFER_E1},,yes\n")]
    asked = ["portfolio", contoso, adatum, *ASKED, *facts, "--format", "json"]
    assert main(asked) == 0
    portfolio = csp.Portfolio.from_dict(json.loads(capsys.readouterr().out))
    of_contoso, of_adatum = portfolio.plan_of("contoso"), portfolio.plan_of("adatum")
    assert of_contoso.assessment_of(E1).subscription.assigned is None
    assert of_adatum.assessment_of("mail").subscription.assigned == 39
    found = (of_contoso.assessment_of(E1), of_adatum.assessment_of("mail"))
    assert [one.subscription.offer.discontinued for one in found] == [True, True]
    kept("[", "adatum.json")  # of a customer that is left out, a row may be
    assert main(asked) == 2
    printed = capsys.readouterr()
    assert len(csp.Portfolio.from_dict(json.loads(printed.out)).plans) == 1
    assert "row 2 (id 'mail')" in printed.err
    assert refused(capsys, *asked[:1], adatum, *asked[3:])[0].startswith(f"csp-transfer: '{adatum}'")


def test_facts_of_the_move_are_options(capsys: Printed, contoso: str) -> None:
    target = ["--target-tenant", "new", "--target-country", "JP"]
    source = ["--source-partner", "northwind", "--source-country", "US"]
    said = planned(capsys, contoso, *target, *source, "--tenant-subscriptions", "4", "--role", "admin_agent")
    assert said == move(
        subscriptions(),
        target_tenant=csp.Tenant(id="new", country="JP"),
        source=csp.Partner(id="northwind", country="US"),
        tenant_subscriptions=4,
        role=csp.Role.ADMIN_AGENT,
    )
    for wrong, line in (
        (target[:2], "--target-tenant and --target-country: one is left out; expected both"),
        (source[2:], "--source-partner and --source-country: one is left out; expected both"),
        ([*target[:3], "jp"], "--target-country: 'jp'; expected an ISO 3166-1 alpha-2 code"),
        (["--target-tenant", " ", *target[2:]], "--target-tenant: ' '; expected a text"),
        (["--target-tenant", "customer", *target[2:]], "target_tenant: 'customer'; expected another tenant"),
        (["--tenant-subscriptions", "3"], "tenant_subscriptions: 3; expected at least 7"),
        (["--tenant-subscriptions", "-1"], "expected "),
        (["--tenant-subscriptions", "many"], "'many'; expected a whole number, 0 or more"),
    ):
        [said_line] = refused(capsys, "plan", contoso, *ASKED, *wrong)
        assert line in said_line
    [said_line] = refused(capsys, "portfolio", contoso, *ASKED, *source[:2])
    assert "--source-partner and --source-country" in said_line
