"""Tables and pictures at the command: a table with the verdicts that the library gives, and a plan as it draws it."""

from __future__ import annotations

import csv
import io
import sys
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import csp_transfer as csp
from csp_transfer import frames, partner_center
from csp_transfer.__main__ import main
from csp_transfer.texts import read_bytes

Printed = pytest.CaptureFixture[str]
CONTOSO = read_bytes("contoso-subscriptions.json")
DAY = date(2026, 2, 1)
ON = ["--as-of", str(DAY)]
TABLE = """\
,サブスクリプション ID,オファー ID,製品名,数量,契約期間の開始日,契約期間の最終日,自動更新,状態,担当
0,s1,CFQ7TTC0LH18:0001,Business Basic,25,01/04/2025,31/03/2026,オン,アクティブ,大阪
1,s2,CFQ7TTC0HD32:0002,"=Visio, 2",3,29/01/2026,27/02/2026,On,Active,

2,s3,CFQ7TTC0HDB1:0002,Project,5,10/02/2025,09/02/2026,no,有効,
"""
ASKED = ["picture", "contoso.json", "--customer-country", "JP", "--partner-country", "JP", *ON]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "export.csv").write_text(TABLE, "utf-8")
    (tmp_path / "contoso.json").write_bytes(CONTOSO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text: str, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def subscriptions() -> list[csp.Subscription]:
    def one(name: str, offer: str, quantity: int, first_day: date, last_day: date, renew: bool) -> Any:
        term = csp.Term(first_day=first_day, last_day=last_day)
        return csp.Subscription(
            id=name, offer=csp.Offer(id=offer), quantity=quantity, term=term, auto_renew=renew
        )

    return [
        one("s1", "CFQ7TTC0LH18:0001", 25, date(2025, 4, 1), date(2026, 3, 31), True),
        one("s2", "CFQ7TTC0HD32:0002", 3, date(2026, 1, 29), date(2026, 2, 27), True),
        one("s3", "CFQ7TTC0HDB1:0002", 5, date(2025, 2, 10), date(2026, 2, 9), False),
    ]


def test_a_table_comes_back_with_the_verdicts_of_the_library(capsys: Printed) -> None:
    for policy in (csp.IN_FORCE, csp.GUIDE):
        chosen = ["--policy", "guide"] if policy is csp.GUIDE else []
        assert main(["frame", "export.csv", *ON, *chosen]) == 0
        printed = capsys.readouterr()
        rows = read(printed.out)
        assert [row["製品名"] for row in rows] == ["Business Basic", "=Visio, 2", "Project"]
        assert [row[""] for row in rows] == ["0", "1", "2"]
        assert list(rows[0])[10:] == [f"csp_{output.name}" for output in frames.OUTPUTS]
        for row, s in zip(rows, subscriptions(), strict=True):
            assessed = csp.assess(s, as_of=DAY, policy=policy)
            assert row["csp_reason"] == ""
            assert row["csp_state"] == str(assessed.state)
            assert assessed.provisioning
            assert row["csp_provisioning_latest"] == str(assessed.provisioning.latest)
            assert row["csp_auto_renew_off_by"] == str(assessed.auto_renew_off_by or "")
            assert row["csp_moved"] == "true"
        said = printed.err.splitlines()
        assert (
            "csp-transfer: 契約期間の開始日       first_day   by its header; texts as day/month/year, "
            in said[5]
        )
        assert said[-1] == "csp-transfer: Not read: 担当"


def test_rows_that_cannot_be_judged_are_said_and_the_others_are_judged(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    bad = "\ufeff" + TABLE.replace(",3,", ",-3,").replace(",", ";").replace('"=Visio; 2"', "Visio")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bad.encode("utf-8"))))
    assert main(["frame", "-", *ON, "--lang", "ja", "--prefix", "now_"]) == 2
    printed = capsys.readouterr()
    assert printed.out.startswith("\ufeff;サブスクリプション ID;")
    rows = read(printed.out, ";")
    assert [bool(row["now_state"]) for row in rows] == [True, False, True]
    reason = "数量: expected a count of licences, 0 or more"
    assert [row["now_reason"] for row in rows] == ["", reason, ""]
    assert printed.err.endswith(
        "\ncsp-transfer: '-' の 3 行目: 数量: '-3' は無効です。正しい指定: 0 以上のライセンス数\n"
    )
    assert "読み取らない列: 担当" in printed.err
    (here / "export.csv").write_text(TABLE.replace("数量", "=Licences").replace(",3,", ",-3,"), "utf-8")
    assert main(["frame", "export.csv", *ON, "--column", "quantity==Licences"]) == 2
    assert read(capsys.readouterr().out)[1]["csp_reason"].startswith("'=Licences: expected a count")


def test_every_problem_of_a_row_says_its_cell_and_what_is_read_there(capsys: Printed, here: Path) -> None:
    (here / "own.csv").write_text(
        "id,offer,quantity,status,first_day,last_day,auto_renew\n"
        "a,B,25,active,2025-04-01,2026-03-31,on\n"
        "b,B,x,activ,2025-04-01,2026-03-31,perhaps\n"
        "A,B,25,active,2026-04-01,2026-03-31,no\n",
        "utf-8",
    )
    assert main(["frame", "own.csv", *ON]) == 2
    said = capsys.readouterr().err.splitlines()[-5:]
    assert [line.removeprefix("csp-transfer: 'own.csv': ") for line in said] == [
        "row 4: id 'A' is that of row 2, too: each is judged by itself",
        "row 3: quantity: 'x'; expected a count of licences, 0 or more",
        "row 3: auto_renew: 'perhaps'; expected true or false, yes or no, on or off",
        "row 3: status: 'activ'; expected one of none, active, pending, suspended, expired, disabled, deleted, "
        "canceled, unknown",
        "row 4: last_day: '2026-03-31'; expected a day not before the first",
    ]


def test_a_row_that_the_day_leaves_unjudged_is_said(capsys: Printed, here: Path) -> None:
    """No number of what is in force is known for 2020: that is about the day, which stands in no cell."""
    (here / "old.csv").write_text(
        "id,offer,quantity,first_day,last_day,auto_renew\na,B,25,2020-01-01,2022-12-31,on\n", "utf-8"
    )
    asked = ["frame", "old.csv", "--as-of", "2020-06-01", "--policy", "in-force"]
    for lang, said in (
        ("en", "'old.csv': row 2: as_of: expected a day from 2022-01-10 on"),
        ("ja", "'old.csv' の 2 行目: as_of: 正しい指定: 2022-01-10 以降の日付"),
    ):
        assert main([*asked, "--lang", lang]) == 2
        assert capsys.readouterr().err.splitlines()[-1] == f"csp-transfer: {said}"


def test_rows_without_an_id_are_not_the_same(capsys: Printed, here: Path) -> None:
    rows = "\n,B,25,2025-04-01,2026-03-31,on" * 2
    (here / "own.csv").write_text(f"id,offer,quantity,first_day,last_day,auto_renew{rows}\n", "utf-8")
    assert main(["frame", "own.csv", *ON]) == 2
    assert capsys.readouterr().err.splitlines()[-2:] == [
        f"csp-transfer: 'own.csv': row {n}: id: ''; expected a text that is not blank" for n in (2, 3)
    ]


def test_a_row_that_was_cut_is_not_read(capsys: Printed, here: Path) -> None:
    (here / "cut.csv").write_text("id,offer,quantity\na,B\n\nb\n", "utf-8")
    assert main(["frame", "cut.csv", *ON]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"csp-transfer: 'cut.csv': row {n}: {count} of 3 cells; expected one below each header"
        for n, count in ((2, 2), (4, 1))
    ]


def test_an_end_that_is_the_day_of_a_renewal_is_asked_about(capsys: Printed, here: Path) -> None:
    """UTC-001: an end that is exactly a month, a year or three years after the start may be a day too late."""
    (here / "ends.csv").write_text(
        "id,offer,quantity,first_day,last_day,auto_renew\n"
        "a,B,25,2025-04-01,2026-03-31,on\n"
        + "".join(f"b{n},B,25,2025-04-01,2026-04-01,on\n" for n in range(4))
        + "c,B,25,,2026-04-01,on\n",
        "utf-8",
    )
    assert main(["frame", "ends.csv", *ON]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "csp-transfer: 'ends.csv': columns: 'last_day'; expected which day it holds: --column 'last_day=last_day' for "
        "the last day of the term, --column 'renewal_day=last_day' for the day of the renewal, or another exclusive "
        "end; it lies whole terms after 'first_day' in the rows of 'b0', 'b1', 'b2' and 1 more",
        "csp-transfer: --column FACT=HEADER says which column a fact is read from, such as --column last_day=HEADER; "
        "--days says in which order days are written",
    ]
    assert main(["frame", "ends.csv", *ON, "--lang", "ja"]) == 2
    assert "次の行では 'first_day' からちょうど" in capsys.readouterr().err
    for fact, last_day in (("renewal_day", "2026-03-31"), ("last_day", "2026-04-01")):
        assert main(["frame", "ends.csv", *ON, "--column", f"{fact}=last_day"]) == 2  # row 7 has no first day
        assert read(capsys.readouterr().out)[1]["csp_term_last_day"] == last_day


HEADERS = "id,offer,quantity,auto_renew,first_day,last_day,顧客 ID,国"
ROW = "s1,B,5,オン,2025-04-01,2026-03-31,contoso,JP"
LINES = f"{HEADERS}\n{ROW}\n"
TWO_DOORS = (["frame", "own.csv"], ["portfolio", "own.csv", "--partner-country", "JP"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no rows; expected at least one"),
        (HEADERS.encode(), "no rows; expected at least one"),
        (b"Report\n\n" + LINES.encode(), "row 1: 'Report'; expected headers, one above each column"),
        (b"Report,,,,,,,\n" + LINES.encode(), "row 1: 'Report'; expected headers, one above each column"),
        (b"\n" + LINES.encode(), "row 1: ''; expected headers, one above each column"),
        (
            LINES.replace(",", "~").encode(),
            f"row 1: {HEADERS.replace(',', '~')!r}; expected headers, one above each column",
        ),
        (
            LINES.replace("contoso", "con\0toso").encode(),
            "line 2: a character NUL; expected CSV in UTF-8 (in Excel: CSV UTF-8)",
        ),
        (
            LINES.encode() + "s2,メモ".encode("cp932"),
            "line 3: invalid start byte; expected CSV in UTF-8 (in Excel: CSV UTF-8)",
        ),
        (
            LINES.encode("utf-16")[:-1],
            "line 2: truncated data; expected CSV in UTF-8 (in Excel: CSV UTF-8)",
        ),
        (
            b"\xff\xfe\x00\xd8a\x00",
            "line 1: illegal UTF-16 surrogate; expected CSV in UTF-8 (in Excel: CSV UTF-8)",
        ),
        (
            b"\xff\xfe\x00\xdca\x00",
            "line 1: illegal encoding; expected CSV in UTF-8 (in Excel: CSV UTF-8)",
        ),
        (b"\xff\xfe\x00\xd8", "line 1: unexpected end of data; expected CSV in UTF-8 (in Excel: CSV UTF-8)"),
    ],
)
def test_what_is_no_table_says_where_and_why(capsys: Printed, here: Path, content: bytes, said: str) -> None:
    (here / "own.csv").write_bytes(content)
    for asked in TWO_DOORS:
        assert main([*asked, *ON]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.splitlines()[0] == f"csp-transfer: 'own.csv': {said}"
        assert main([*asked, *ON, "--lang", "ja"]) == 2
        assert "expected" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode("utf-8-sig"),
        LINES.encode("utf-16"),
        b"\xfe\xff" + LINES.encode("utf-16-be"),
        LINES.replace(",", ";").encode(),
        LINES.replace(",", "\t").encode(),
        LINES.replace(",", "|").encode(),
        f"SEP=|\r\n{LINES.replace(',', '|')}".encode(),
        f"sep=;\n{LINES.replace(',', ';')}".encode(),
        LINES.replace("\n", "\r").encode(),
        LINES.replace("\n", "\r\n").encode() + b",,,,,,,\r\n\r\n",
        LINES.replace(",国", ';"国"').replace(",JP", ";JP").replace(",", ";").encode(),
        LINES.replace(",", ";")
        .replace("offer", '"offer,\nid, of the, product, or, service, or plan"')
        .encode(),
    ],
)
def test_a_table_in_any_dress_is_read(capsys: Printed, here: Path, content: bytes) -> None:
    (here / "own.csv").write_bytes(content)
    columns = (
        []
        if b"product" not in content
        else ["--column", "offer=offer,\nid, of the, product, or, service, or plan"]
    )
    for asked in TWO_DOORS:
        assert (
            main([*asked, *columns, *ON, "--format" if asked[0] == "portfolio" else "--prefix", "json"]) == 0
        )
        assert "contoso" in capsys.readouterr().out


def test_a_table_without_first_days_says_where_they_come_from(capsys: Printed, here: Path) -> None:
    (here / "ends.csv").write_text("id,offer,quantity,end date,auto_renew\na,B,25,2026-03-31,on\n", "utf-8")
    assert main(["frame", "ends.csv", *ON]) == 2
    said = capsys.readouterr().err
    assert (
        "--column 'last_day=end date' for the last day of the term, --column 'renewal_day=end date'" in said
    )
    assert "add it as a column first_day (Partner Center's effectiveStartDate)" in said
    assert "{" not in said


def test_columns_days_and_the_move_are_options(capsys: Printed, here: Path) -> None:
    table = TABLE.replace("数量", "人数").replace("29/01/2026", "02/01/2026").replace("/2026,On", "/2026,On")
    table = table.replace("31/03/2026", "12/03/2026").replace("27/02/2026", "03/02/2026")
    (here / "export.csv").write_text(table, "utf-8")
    asked = ["frame", "export.csv", *ON, "--column", "quantity=人数"]
    assert main(asked) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert "column '契約期間の開始日'" in said[0]
    assert said[2].startswith("csp-transfer: --column FACT=HEADER says which column")
    assert main([*asked, "--days", "month-first", "--into-another-tenant", "--no-delegated-admin"]) == 0
    rows = read(capsys.readouterr().out)
    assert [row["csp_term_first_day"] for row in rows] == ["2025-01-04", "2026-02-01", "2025-10-02"]
    s = subscriptions()[0].evolve(term=csp.Term(first_day=date(2025, 1, 4), last_day=date(2026, 12, 3)))
    assessed = csp.assess(s, as_of=DAY, delegated_admin=False, into_another_tenant=True, policy=csp.IN_FORCE)
    assert assessed.risk
    assert rows[0]["csp_data_loss"] == str(assessed.risk.data_loss) != "none"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing.csv"], ["'missing.csv': No such file"]),
        (["empty.csv"], ["'empty.csv': no rows"]),
        (["twice.csv"], ["column 'id': there twice"]),
        (["export.csv", "--column", "quantity"], ["'quantity'; expected a fact and a header"]),
        (["export.csv", *(f"--column={fact}=a" for fact in ("offer", "id", "id"))], ["--column: 'id' twice"]),
        (["export.csv", "--column", "seats=数量"], ["columns: 'seats'; expected one of id", "--column FACT"]),
        (["export.csv", "--as-of", "9999-12-31"], ["csp-transfer: as_of: 9999-12-31; expected a"]),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line_each(
    capsys: Printed, here: Path, arguments: list[str], expected: list[str]
) -> None:
    (here / "empty.csv").write_text("id,offer\n")
    (here / "twice.csv").write_text("id,offer,id\n1,2,3\n")
    assert main(["frame", *ON, *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    said = [line for line in printed.err.splitlines() if "by its header" not in line]
    assert len(said) >= len(expected)
    for part in expected:
        assert any(part in line for line in said)


def test_without_the_extra_there_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    assert main(["frame", "export.csv", *ON]) == 0  # by Arrow
    rows = read(capsys.readouterr().out)
    assert [row["csp_state"] for row in rows] == ["active"] * 3
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["frame", "export.csv", *ON]) == 2
    needed = "csp_transfer.frames with this engine needs what the extra 'arrow' installs: csp-transfer[arrow]"
    assert capsys.readouterr().err == f"csp-transfer: {needed}\n"
    for door, module in (("frames", "narwhals"), ("plots", "matplotlib")):
        for name in [name for name in sys.modules if name.startswith(f"csp_transfer.{door}")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, module, None)
        asked = ["frame", "export.csv", *ON] if door == "frames" else [*ASKED, "--out", "pictures"]
        assert main(asked) == 2
        needed = f"csp_transfer.{door} needs what the extra '{door}' installs: csp-transfer[{door}]"
        assert capsys.readouterr().err == f"csp-transfer: {needed}\n"
    assert not Path("pictures").exists()


@pytest.mark.untraced
def test_a_plan_is_drawn_into_a_folder_as_the_library_draws_it(capsys: Printed, here: Path) -> None:
    asked = [*ASKED, "--policy", "guide", "--out"]
    assert main([*asked, "one"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.splitlines() == [str(Path("one") / f"plan.{form}") for form in ("png", "svg")]
    png, svg = ((here / "one" / f"plan.{form}").read_bytes() for form in ("png", "svg"))
    assert png.startswith(b"\x89PNG\r\n")
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own
    assert main([*asked, "one"]) == 2
    assert capsys.readouterr().err.count("is there already; expected another folder, or --overwrite") == 2
    assert main([*asked, "one", "--overwrite"]) == 0
    again = [(here / "one" / f"plan.{form}").read_bytes() for form in ("png", "svg")]
    assert again == [png, svg]
    assert main([*asked, "one", "--overwrite", "--lang", "ja"]) == 0
    assert (here / "one" / "plan.png").read_bytes() != png
    assert main([*asked, "blocked", "--partner-country", "KR"]) == 1
    assert (here / "blocked" / "plan.png").exists()


def test_a_character_that_no_font_has_is_said(capsys: Printed, here: Path) -> None:
    payload = CONTOSO.decode("utf-8").replace("Visio Plan 2", "Visio \U00012000")
    (here / "contoso.json").write_text(payload, "utf-8")
    [visio] = [s for s in partner_center.read(payload) if "\U00012000" in s.name + s.offer.name]
    assert visio.quantity == 3
    assert main([*ASKED, "--policy", "guide", "--out", "one"]) == 0
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("csp-transfer: ")
    assert "\U00012000" in line or "12000" in line
