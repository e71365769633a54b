"""Files of many customers at the command: tables as they come, Excel among them, and JSON with a payload for each."""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.__main__ import main
from csp_transfer.texts import read_bytes

Printed = pytest.CaptureFixture[str]
CONTOSO = read_bytes("contoso-subscriptions.json")
DAY = date(2026, 2, 15)
ASKED = ["--partner-country", "JP", "--as-of", str(DAY), "--policy", "in-force"]
JP = ["--customer-country", "JP"]
HEADER = [
    "お客様",
    "Subscription ID",
    "Offer ID",
    "数量",
    "Start date",
    "Term last day",
    "Auto-renew",
    "Note",
]
ROWS: list[list[Any]] = [
    ["contoso", "s1", "CFQ7TTC0LH18:0001", 25, date(2025, 4, 1), date(2026, 3, 31), "On", "=1+1"],
    ["adatum", "s2", "CFQ7TTC0HDB1:0002", 5, date(2025, 5, 10), date(2026, 5, 9), "no", ""],
    ["contoso", "s3", "CFQ7TTC0HD32:0002", 3, date(2026, 1, 29), date(2026, 2, 27), "はい", ""],
]
CUSTOMER = ["--column", "customer=お客様"]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def csv(rows: list[list[Any]], header: list[str] = HEADER) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in (header, *rows))


def excel(rows: list[list[Any]], header: list[str] = HEADER) -> bytes:
    written = BytesIO()
    with Workbook(written) as book:
        sheet, day = book.add_worksheet("export"), book.add_format({"num_format": "d. m. yyyy"})
        sheet.write_row(0, 0, header)
        for n, row in enumerate(rows, start=1):
            for m, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(n, m, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(n, m, cell)
                else:
                    sheet.write(n, m, cell)
        book.add_worksheet("another").write(0, 0, "never read")
    return written.getvalue()


def planned(capsys: Printed, *arguments: str, status: int = 0) -> tuple[csp.Portfolio, list[str]]:
    assert main(["portfolio", *arguments, *ASKED, "--format", "json"]) == status
    printed = capsys.readouterr()
    said = [line.removeprefix("csp-transfer: ") for line in printed.err.splitlines()]
    return csp.Portfolio.from_dict(json.loads(printed.out)), said


def transfers() -> dict[str, list[tuple[str, int, date, date, bool]]]:
    found: dict[str, list[tuple[str, int, date, date, bool]]] = {}
    for customer, key, _, quantity, first, last, renew, _ in ROWS:
        found.setdefault(customer, []).append((key, quantity, first, last, renew in ("On", "はい")))
    return found


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_of_many_customers_is_planned(capsys: Printed, here: Path, form: str) -> None:
    file = here / f"export.{form}"
    file.write_bytes(csv(ROWS).encode("utf-8-sig") if form == "csv" else excel(ROWS))
    portfolio, said = planned(capsys, file.name, *JP, *CUSTOMER)
    read = {
        plan.transfer.customer.id: [
            (s.id, s.quantity, s.term.first_day, s.term.last_day, s.auto_renew)
            for s in plan.transfer.subscriptions
        ]
        for plan in portfolio.plans
    }
    assert read == dict(sorted(transfers().items()))
    if form == "xlsx":
        assert said.pop(0) == "'export.xlsx': sheets not read: 'another'; only the first one is, 'export'"
    assert said[0].split() == ["Column", "Fact", "How", "it", "was", "recognised"]
    assert said[-1] == "Not read: Note"


def test_what_is_said_of_the_move_is_of_every_customer(capsys: Printed, here: Path) -> None:
    (here / "export.csv").write_text(csv(ROWS), "utf-8")
    more = [
        "--source-partner",
        "old",
        "--source-country",
        "JP",
        "--relationship-accepted",
        "--no-delegated-admin",
    ]
    portfolio, _ = planned(capsys, "export.csv", *JP, *CUSTOMER, *more, "--role", "sales_agent")
    for plan in portfolio.plans:
        move = plan.transfer
        assert (move.source, move.relationship_accepted) == (csp.Partner(id="old", country="JP"), True)
        assert (move.delegated_admin, move.role) == (False, csp.Role.SALES_AGENT)


def test_an_end_that_may_be_two_days_is_asked_for(capsys: Printed, here: Path) -> None:
    header = ["End date" if name == "Term last day" else name for name in HEADER]
    (here / "export.csv").write_text(csv(ROWS, header), "utf-8")
    assert main(["portfolio", "export.csv", *ASKED, *JP, *CUSTOMER]) == 2
    assert "'End date'; expected which day it holds" in capsys.readouterr().err
    for fact, last_day in (("last_day", date(2026, 5, 9)), ("renewal_day", date(2026, 5, 8))):
        portfolio, _ = planned(capsys, "export.csv", *JP, *CUSTOMER, "--column", f"{fact}=End date")
        [adatum] = portfolio.plans[0].transfer.subscriptions
        assert (portfolio.plans[0].transfer.customer.id, adatum.term.last_day) == ("adatum", last_day)


def with_sheet(content: bytes, old: str, new: str) -> bytes:
    """The workbook with something else in its first sheet."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as book, zipfile.ZipFile(made, "w") as other:
        for name in book.namelist():
            text = book.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in text.decode()
                text = text.decode().replace(old, new).encode()
            other.writestr(name, text)
    return made.getvalue()


def refused(capsys: Printed, *files: str) -> list[str]:
    assert main(["portfolio", *files, *ASKED, *JP, *CUSTOMER]) == 2
    return capsys.readouterr().err.splitlines()


def test_a_cell_without_a_value_is_not_an_empty_one(capsys: Printed, here: Path) -> None:
    """#N/A in a column of new offers is not "like for like", and in one of trials not "no"."""
    header = [*HEADER, "New offer ID", "Trial"]
    made = BytesIO()
    with Workbook(made) as book:
        sheet, day = book.add_worksheet("export"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, ["contoso", "s1", "A", 25])
        sheet.write_datetime(1, 4, date(2025, 4, 1), day)
        sheet.write_datetime(1, 5, date(2026, 3, 31), day)
        sheet.write_string(1, 6, "On")
        sheet.write_formula(1, 8, "=NA()", None, "#N/A")
        sheet.write_formula(1, 9, "=A1", None, "x")
    (here / "export.xlsx").write_bytes(made.getvalue())
    said = refused(capsys, "export.xlsx")
    assert said == ["csp-transfer: 'export.xlsx': cell I2: '#N/A'; expected a value, or an empty cell"]
    (here / "export.xlsx").write_bytes(with_sheet(made.getvalue(), "<v>#N/A</v>", ""))
    [line] = refused(capsys, "export.xlsx")
    assert "cell I2: ''; expected a value" in line
    (here / "export.xlsx").write_bytes(
        with_sheet(with_sheet(made.getvalue(), ' t="e"', ""), "<v>#N/A</v>", "")
    )
    [line] = refused(capsys, "export.xlsx")
    assert "cell I2: a formula without a value" in line
    not_calculated = with_sheet(with_sheet(made.getvalue(), ' t="e"', ""), "<v>#N/A</v>", "<v></v>")
    (here / "export.xlsx").write_bytes(not_calculated)
    [line] = refused(capsys, "export.xlsx")
    assert "cell I2: a formula without a value" in line
    empty_text = with_sheet(with_sheet(made.getvalue(), ' t="e"', ' t="str"'), "<v>#N/A</v>", "<v></v>")
    (here / "export.xlsx").write_bytes(empty_text)
    said = refused(capsys, "export.xlsx")
    assert not any("cell I2" in line for line in said)
    assert any("Trial" in line for line in said)  # the text "x" does not say whether it is one


@pytest.mark.parametrize("target", ["/xl/worksheets/sheet1.xml", "worksheets/sheet1.xml"])
def test_the_first_sheet_is_found_wherever_the_workbook_says_it_is(
    capsys: Printed, here: Path, target: str
) -> None:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(excel(ROWS))) as book, zipfile.ZipFile(made, "w") as other:
        for name in book.namelist():
            text = book.read(name)
            if name == "xl/_rels/workbook.xml.rels":
                text = text.replace(b'"worksheets/sheet1.xml"', f'"{target}"'.encode())
            other.writestr(name, text)
    (here / "export.xlsx").write_bytes(made.getvalue())
    portfolio, _ = planned(capsys, "export.xlsx", *JP, *CUSTOMER)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum", "contoso"]


def test_a_strict_workbook_is_read(capsys: Printed, here: Path) -> None:
    usual, strict = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(excel(ROWS))) as book, zipfile.ZipFile(made, "w") as other:
        for name in book.namelist():
            text = book.read(name).replace(usual + b"spreadsheetml/2006/", strict + b"spreadsheetml/")
            other.writestr(name, text.replace(usual + b"officeDocument/2006/", strict + b"officeDocument/"))
    (here / "export.xlsx").write_bytes(made.getvalue())
    portfolio, _ = planned(capsys, "export.xlsx", *JP, *CUSTOMER)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum", "contoso"]


def test_an_old_workbook_is_refused(capsys: Printed, here: Path) -> None:
    (here / "export.xls").write_bytes(excel(ROWS))
    assert refused(capsys, "export.xls") == [
        "csp-transfer: 'export.xls': an old workbook; expected it saved as *.xlsx"
    ]


def test_a_column_of_days_and_of_texts_of_days_is_refused(capsys: Printed, here: Path) -> None:
    """12/04/2026 has become 4 December where months come first, and 13/04/2026 has stayed a text."""
    rows = [[*ROWS[0]], [*ROWS[1]]]
    rows[0][5], rows[1][5] = date(2026, 12, 4), "13/04/2026"
    (here / "export.xlsx").write_bytes(excel(rows))
    [line] = refused(capsys, "export.xlsx")
    assert "column 'Term last day': '13/04/2026' is a text, and 2026-12-04 is a day" in line


def test_of_a_folder_what_is_not_read_is_named(capsys: Printed, here: Path) -> None:
    (here / "fold").mkdir()
    (here / "fold" / "contoso.JSON").write_bytes(CONTOSO)
    (here / "fold" / "adatum.csv").write_text(csv(ROWS), "utf-8")
    (here / "fold" / "facts.csv").write_text("id,assigned\n", "utf-8")
    portfolio, said = planned(capsys, "fold", *JP)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["contoso"]
    assert [line for line in said if "not read" in line] == [
        f"'fold/{name}': not read; expected its own name on the line, as of a folder only *.json is read"
        for name in ("adatum.csv", "facts.csv")
    ]


def test_who_is_left_out_of_a_table_is_not_planned_from_another_file(capsys: Printed, here: Path) -> None:
    rows = [[*ROWS[0]], [*ROWS[1]]]
    rows[0][3] = -1
    (here / "export.csv").write_text(csv(rows), "utf-8")
    (here / "contoso.json").write_bytes(CONTOSO)
    portfolio, said = planned(capsys, "export.csv", "contoso.json", *JP, *CUSTOMER, status=2)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum"]
    assert any("the same customer as" in line for line in said)


def test_countries_may_be_a_column(capsys: Printed, here: Path) -> None:
    rows = [[*row, country] for row, country in zip(ROWS, ("JP", "KR", "JP"), strict=True)]
    (here / "export.csv").write_text(csv(rows, [*HEADER, "Country code"]), "utf-8")
    portfolio, _ = planned(capsys, "export.csv", *CUSTOMER, status=1)
    assert {p.transfer.customer.id: p.transfer.customer.country for p in portfolio.plans} == {
        "adatum": "KR",
        "contoso": "JP",
    }
    assert [plan.transfer.customer.id for plan in portfolio.blocked] == ["adatum"]


def test_a_customer_with_a_bad_row_is_left_out_as_a_whole_and_the_others_are_planned(
    capsys: Printed, here: Path
) -> None:
    """Rows are counted as a spreadsheet counts them, blank ones too."""
    bad = [ROWS[0], ["", *[""] * 7], [*ROWS[1][:3], -5, *ROWS[1][4:]], [*ROWS[2][:3], "many", *ROWS[2][4:]]]
    extra = ["fabrikam", "s9", "o", 1, date(2025, 5, 10), date(2026, 5, 9), "no", ""]
    (here / "export.csv").write_text(csv([*bad, extra]), "utf-8")
    portfolio, said = planned(capsys, "export.csv", *JP, *CUSTOMER, status=2)
    lines = [
        "'export.csv': row 4 (id 's2'): 数量: '-5'; expected a count of licences, 0 or more",
        "'export.csv': row 5 (id 's3'): 数量: 'many'; expected a count of licences, 0 or more",
    ]
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["fabrikam"]
    assert list(portfolio.unplanned) == lines
    assert said[-2:] == lines


def test_with_tolerance_a_customer_is_planned_without_the_bad_rows(capsys: Printed, here: Path) -> None:
    """But not where nothing is left, nor where the other rows are wrong together."""
    none = [["adatum", "s4", "o", "?", date(2025, 5, 10), date(2026, 5, 9), "no", ""]]
    twice = [
        ["wingtip", name, "o", 1, date(2025, 5, 10), date(2026, 5, 9), "no", ""]
        for name in ("s5", "s6", "S6", "Wingtip")
    ]
    worse = [["wingtip", "s9", "o", -1, date(2025, 5, 10), date(2026, 5, 9), "no", ""]]
    (here / "export.csv").write_text(
        csv([ROWS[0], [*ROWS[2][:3], -3, *ROWS[2][4:]], *none, *twice, *worse]), "utf-8"
    )
    portfolio, said = planned(capsys, "export.csv", *JP, *CUSTOMER, "--tolerant", status=2)
    [plan] = portfolio.plans
    assert ([s.id for s in plan.transfer.subscriptions], plan.transfer.unread) == (["s1"], 1)
    assert list(portfolio.unplanned) == [
        "'export.csv': row 4 (id 's4'): 数量: '?'; expected a count of licences, 0 or more",
        "'export.csv': customer 'wingtip': subscriptions[1].id: 'Wingtip'; expected another id than the customer's",
        "'export.csv': row 6 (id 's6'): Subscription ID: 's6'; expected each id once; row 7 (id 'S6') has it, too",
        "'export.csv': row 7 (id 'S6'): Subscription ID: 'S6'; expected each id once; row 6 (id 's6') has it, too",
        "'export.csv': row 9 (id 's9'): 数量: '-1'; expected a count of licences, 0 or more",
    ]
    assert said[-1] == "'export.csv': row 3 (id 's3'): 数量: '-3'; expected a count of licences, 0 or more"


def test_a_customer_with_two_countries_is_said_by_the_rows_of_the_file(capsys: Printed, here: Path) -> None:
    rows = [[*row, country] for row, country in zip(ROWS, ("JP", "KR", "KR"), strict=True)]
    (here / "export.csv").write_text(csv([[""] * 9, *rows], [*HEADER, "国"]), "utf-8")
    portfolio, said = planned(capsys, "export.csv", *CUSTOMER, status=2)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum"]
    line = (
        "'export.csv': row 5 (id 's3'): 国: 'KR'; expected 'JP', as row 3 (id 's1') of the same customer has"
    )
    assert said[-1] == line


@pytest.mark.parametrize(
    ("rows", "header", "more", "said"),
    [
        (
            ROWS,
            HEADER,
            [],
            "'export.csv': no column for the customer; expected one, or --column customer=HEADER",
        ),
        (
            ROWS,
            HEADER,
            CUSTOMER,
            "--customer-country: left out; expected a country, or a table with a column of countries",
        ),
        ([], HEADER, [*JP, *CUSTOMER], "'export.csv': no rows; expected at least one"),
        (
            ROWS,
            [*HEADER[:3], *HEADER[2:7]],
            [*JP, *CUSTOMER],
            "'export.csv': column 'Offer ID': there twice; ",
        ),
        (ROWS, [*HEADER[:3], "How many?", *HEADER[4:]], [*JP, *CUSTOMER], "'export.csv': columns: "),
        ([[" ", *ROWS[0][1:]]], HEADER, [*JP, *CUSTOMER], "'export.csv': row 2 (id 's1'): お客様: "),
        ([ROWS[0], ROWS[0]], HEADER, [*JP, *CUSTOMER], "'export.csv': row 2 (id 's1'): Subscription ID: "),
    ],
)
def test_a_table_that_cannot_be_read_is_one_line_for_each_problem(
    capsys: Printed, here: Path, rows: list[list[Any]], header: list[str], more: list[str], said: str
) -> None:
    (here / "export.csv").write_text(csv(rows, header), "utf-8")
    assert main(["portfolio", "export.csv", *ASKED, *more]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert any(line.startswith(f"csp-transfer: {said}") for line in printed.err.splitlines()), printed.err


def test_a_workbook_may_be_the_table_of_facts_or_of_rows(capsys: Printed, here: Path) -> None:
    (here / "contoso.json").write_bytes(CONTOSO)
    (here / "facts.XLSX").write_bytes(
        excel([["CFQ7TTC0LF8R:0001:CFQ7TTC0KGNF", True]], ["offer", "discontinued"])
    )
    asked = ["contoso.json", *JP, *ASKED, "--format", "json"]
    assert main(["plan", *asked, "--facts", "facts.XLSX"]) == 0
    plan = csp.Plan.from_dict(json.loads(capsys.readouterr().out))
    assert {s.offer.id for s in plan.transfer.subscriptions if s.offer.discontinued} == {
        "CFQ7TTC0LF8R:0001:CFQ7TTC0KGNF"
    }
    (here / "export.xlsx").write_bytes(excel(ROWS))
    assert main(["frame", "export.xlsx", "--as-of", str(DAY)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("お客様,Subscription ID,Offer ID,数量,")
    assert lines[1].startswith("contoso,s1,CFQ7TTC0LH18:0001,25,2025-04-01,2026-03-31,On,")
    assert len(lines) == 4


@pytest.mark.parametrize("title", ["Report", ""])
def test_a_title_above_the_headers_of_a_workbook_is_said(capsys: Printed, here: Path, title: str) -> None:
    rows = [[str(cell) for cell in row] for row in (HEADER, *ROWS)]
    (here / "export.xlsx").write_bytes(excel(rows, [title]))
    said = refused(capsys, "export.xlsx")[-1]
    assert said == f"csp-transfer: 'export.xlsx': row 1: {title!r}; expected headers, one above each column"
    assert main(["frame", "export.xlsx", "--lang", "ja"]) == 2
    assert "の 1 行目: " in capsys.readouterr().err


def test_without_its_extra_a_workbook_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed, here: Path
) -> None:
    (here / "export.xlsx").write_bytes(excel(ROWS))
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    assert main(["portfolio", "export.xlsx", *ASKED, *JP]) == 2
    assert capsys.readouterr().err == (
        "csp-transfer: 'export.xlsx': reading an Excel workbook needs what the extra 'excel' installs: "
        "csp-transfer[excel]\n"
    )


def test_cells_of_a_workbook_are_read_as_their_texts(capsys: Printed, here: Path) -> None:
    """An instant keeps its time, half a licence its half: then it is refused, and not rounded."""
    row = ["contoso", "s1", "o", 2.5, date(2025, 4, 1), date(2026, 3, 31), "On", ""]
    (here / "export.xlsx").write_bytes(excel([row]))
    assert main(["portfolio", "export.xlsx", *ASKED, *JP, *CUSTOMER]) == 2
    assert "数量: '2.5'; expected a count of licences" in capsys.readouterr().err
    written = BytesIO()
    with Workbook(written) as book:
        sheet, moment = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["contoso", "s1", "o", 2])
        sheet.write_datetime(1, 4, datetime(2025, 4, 1, 12, 30), moment)  # noqa: DTZ001 - Excel knows no zone
        sheet.write_datetime(1, 5, datetime(2026, 3, 31), moment)  # noqa: DTZ001
        sheet.write_boolean(1, 6, True)
    (here / "export.xlsx").write_bytes(written.getvalue())
    assert main(["portfolio", "export.xlsx", *ASKED, *JP, *CUSTOMER]) == 2
    said = capsys.readouterr().err
    assert "Start date: '2025-04-01T12:30:00'; expected a day" in said
    assert "Term last day: " not in said


# ---- JSON ----------------------------------------------------------------------------------------------------------


def many(*customers: Any) -> str:
    return json.dumps({"customers": customers})


def test_json_of_many_customers_has_a_payload_for_each(capsys: Printed, here: Path) -> None:
    contoso = json.loads(CONTOSO)
    (here / "month.json").write_text(
        many(
            {"id": "contoso", "subscriptions": contoso},
            {"id": "hanbit", "country": "KR", "subscriptions": contoso["items"][:1]},
        )
    )
    portfolio, said = planned(capsys, "month.json", *JP, status=1)
    assert said == []
    assert {p.transfer.customer.id: p.transfer.customer.country for p in portfolio.plans} == {
        "contoso": "JP",
        "hanbit": "KR",
    }
    assert portfolio.plan_of("contoso").transfer.subscriptions == partner_center.read(CONTOSO)
    assert len(portfolio.plan_of("hanbit").transfer.subscriptions) == 1


def test_each_customer_of_json_is_read_by_itself(capsys: Printed, here: Path) -> None:
    contoso = json.loads(CONTOSO)
    bad = [contoso["items"][0] | {"quantity": -1}, *contoso["items"][1:]]
    (here / "month.json").write_text(
        many(
            {"id": "contoso", "subscriptions": contoso},
            {"id": "bad", "subscriptions": bad},
            {"id": "empty", "subscriptions": []},
            {"id": 3, "subscriptions": contoso},
            {"id": "Twice", "subscriptions": contoso},
            {"id": "twice", "subscriptions": contoso},
        )
    )
    portfolio, said = planned(capsys, "month.json", *JP, status=2)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["contoso"]
    item = f"items[0] (id {contoso['items'][0]['id']!r})"
    assert said == [
        "'month.json': customers[4] (id 'Twice'): the same customer as 'month.json': customers[5] (id 'twice'); "
        "expected each customer once",
        f"'month.json': customers[1] (id 'bad'): {item}: quantity: -1; expected a count of licences, 0 or more",
        "'month.json': customers[2] (id 'empty'): subscriptions: (); expected at least one subscription",
        "'month.json': customers[3] (id 3): id: 3; expected a text that is not blank",
    ]
    portfolio, said = planned(capsys, "month.json", *JP, "--tolerant", status=2)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["bad", "contoso"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (many(), "payload: customers: []; expected a list of objects, each with the id of a customer"),
        (many(3), "payload: customers: [3]; expected a list of objects, each with the id of a customer"),
        ('{"customers": {}}', "payload: customers: {}; expected a list of objects"),
        (
            many({"id": "a"}),
            "customers[0] (id 'a'): subscriptions: None; expected the payload of the customer",
        ),
        (
            many({"id": "a", "subscriptions": [], "name": "A"}),
            "customers[0] (id 'a'): name: 'A'; expected only the fields id, country, subscriptions",
        ),
        (
            '{"customers": [',
            "payload: text: '{\"customers\": ['; expected JSON (line 1, column 16: Expecting value)",
        ),
    ],
)
def test_json_of_many_that_is_none_is_refused(capsys: Printed, here: Path, content: str, said: str) -> None:
    (here / "month.json").write_text(content)
    assert main(["portfolio", "month.json", *ASKED, *JP]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    assert line.startswith(f"csp-transfer: 'month.json': {said}")


def test_a_customer_may_be_in_one_file_only(capsys: Printed, here: Path) -> None:
    (here / "contoso.json").write_bytes(CONTOSO)
    (here / "export.csv").write_text(csv(ROWS), "utf-8")
    portfolio, said = planned(capsys, "contoso.json", "export.csv", *JP, *CUSTOMER, status=2)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum"]
    assert said[-1] == (
        "'contoso.json': the same customer as 'export.csv': customer 'contoso'; expected each customer once"
    )


def test_a_payload_needs_the_country_that_only_tables_may_say(capsys: Printed, here: Path) -> None:
    (here / "contoso.json").write_bytes(CONTOSO)
    assert main(["portfolio", "contoso.json", *ASKED]) == 2
    assert capsys.readouterr().err == (
        "csp-transfer: 'contoso.json': no country of the customer; expected --customer-country, or one in the file\n"
    )


@pytest.mark.parametrize(("content", "is_of_contoso"), [("{", True), ('{"customers": {}}', False)])
def test_a_file_that_is_no_json_is_of_the_customer_that_it_is_named_after(
    capsys: Printed, here: Path, content: str, is_of_contoso: bool
) -> None:
    payload = json.loads(CONTOSO)
    (here / "month.json").write_text(
        many(*({"id": i, "subscriptions": payload} for i in ("contoso", "adatum")))
    )
    (here / "contoso.json").write_text(content)
    portfolio, said = planned(capsys, "month.json", "contoso.json", *JP, status=2)
    names = ["adatum"] if is_of_contoso else ["adatum", "contoso"]
    assert sorted(plan.transfer.customer.id for plan in portfolio.plans) == names
    assert any("the same customer as" in line for line in said) == is_of_contoso
