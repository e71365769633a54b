"""Errors in Japanese: every text has its row, every row its text, and each kind of error is said whole.

While all tests run, `said_in_japanese` looks at every error that the package raises; here, at what the source says.
"""

from __future__ import annotations

import ast
import pickle
import re
import tomllib
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import polars as pl
import pytest
from said_in_japanese import watched

import csp_transfer as csp
from csp_transfer import checks, frames
from csp_transfer.errors import check_language, in_japanese, place_in_japanese, reasons_in_japanese
from csp_transfer.facts import FACT_TABLE
from csp_transfer.frames.columns import OF_THE_CUSTOMER
from csp_transfer.texts import read_bytes

PACKAGE = Path(csp.__file__).parent
TABLES: dict[str, dict[str, str]] = tomllib.loads(read_bytes("errors.toml").decode("utf-8"))
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def shape(text: str) -> str:
    """A text with the same mark for each name in it."""
    return "".join(f"{said}{'' if name is None else '{}'}" for said, name, _, _ in Formatter().parse(text))


MADE_BY = {"InvalidValue": 2, "InvalidType": 2, "Problem": 3, "note": 1, "problem": 1, "instance": 3}
"""Which argument says what is accepted."""


def written() -> tuple[set[str], set[str]]:
    """Every text in the source, with the same mark for all that is filled in; and those that errors are made with."""
    found, made_with = set[str](), set[str]()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
                found.add("".join(parts))
            elif isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                args = node.args[MADE_BY[name] :][:1] if name in MADE_BY else []
                said = {str(one.value) for one in args if isinstance(one, ast.Constant)}
                made_with |= {text for text in said if name != "note" or " " in text}  # a frame notes columns
    return found, made_with


SAID, MADE_WITH = written()


@pytest.mark.parametrize("text", sorted(MADE_WITH))
def test_what_the_source_says_is_accepted_has_its_japanese(text: str) -> None:
    assert in_japanese("accepted", text) is not None


@pytest.mark.parametrize("row", [*FACT_TABLE, *OF_THE_CUSTOMER], ids=lambda row: row.name)
def test_every_fact_has_its_japanese(row: Any) -> None:
    """What it may be, what a column of it is, and what is said where the column is missing."""
    for text in (row.accepted, row.about, f"a column of {row.accepted}", f"a column 'a; b': {row.about}"):
        said = in_japanese("accepted", text)
        assert said is not None
        assert JAPANESE.search(said), said
    near = f"a column 'x': {row.about}; 'y' comes near: if it is meant, columns={{'x': 'y'}}"
    assert in_japanese("accepted", near) is not None


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_used_and_keeps_its_names(table: str) -> None:
    for english, japanese in TABLES[table].items():
        if table != "error":
            names = {name for _, name, _, _ in Formatter().parse(english) if name is not None}
            used = {name for _, name, _, _ in Formatter().parse(japanese) if name is not None}
            assert used == names, english
        assert "。。" not in japanese
        if table == "accepted":
            ends = any(said.endswith(f"expected {english}") for said in SAID)
            assert ends or {english, shape(english)} & {*SAID, *WORKED_OUT}, english


WORKED_OUT = {
    *("{}", "a {}", "an {}", "<class {}>", "bool", "int", "str"),  # names of classes, and a number
    *map(str, csp.Severity),
    "en or ja",
    "{}; join the pages of a listing first",
    *("{}, as many as there are items", "{}, as many as there are items in all pages"),
    *("a day of the term, {} to {}", "a whole number from {} to {}", "a column of one kind, not {} and {}"),
    "a column {}: {}",
    "a column {}: {}; {} comes near: if it is meant, columns={}",
    "{}; it lies whole terms after {} in the rows of {}",
    "{}; it lies whole terms after {} in the rows of {} and {} more",
    "a column {}: {}; {} is read for it with columns=frames.recognise(frame)",
    "one column for {}: say which, as columns={}",
    "no further page after the last one",
    "one action for a day of its own; {} on {} is planned by, as the first one",
    "one action for a day of its own; {} on a day that is not known is planned by, as the first one",
}
"""What the source puts together of parts."""


COUNT = "a count of licences, 0 or more"
KINDS: list[tuple[csp.CspTransferError, str]] = [
    (csp.InvalidValue("quantity", -1, COUNT), "quantity: -1 は無効です。正しい指定: 0 以上のライセンス数"),
    (
        csp.InvalidType("column 'Seats'", True, COUNT),
        "列 'Seats': True は無効です。正しい指定: 0 以上のライセンス数",
    ),
    (
        csp.Problem("row 3 (id 'b')", "Seats", "x\ny", COUNT),
        r"行 3 (ID 'b'): Seats: 'x\ny' は無効です。正しい指定: 0 以上のライセンス数",
    ),
    (
        csp.UnknownMarket("RU"),
        "country: 'RU' は CSP の市場の一覧にありません。正しい指定: 'JP' のような、CSP の市場である国",
    ),
    (
        csp.MissingExtra("csp_transfer.export", "calendar"),
        "csp_transfer.export を使うには追加機能 'calendar' が必要です。インストールする名前: csp-transfer[calendar]",
    ),
    (csp.NotOneCase("t", (), "a=1"), "t: a=1 に当てはまるケースがありません。ちょうど 1 つ必要です"),
    (
        csp.NotOneCase("t", ("x", "y"), "a=1"),
        "t: a=1 に 'x' と 'y' の 2 つのケースが当てはまります。ちょうど 1 つである必要があります",
    ),
    (
        csp.NotOneCase("t", ("x", "y", "z"), "a=1"),
        "t: a=1 に 'x' と 'y' の 2 つのケースが当てはまります。ちょうど 1 つである必要があります",
    ),
    (
        csp.PayloadError((csp.Problem("items[0]", "id", "", "a text that is not blank"),)),
        "データの問題: 1 件\n  items[0]: id: '' は無効です。正しい指定: 空白以外の文字を含む文字列",
    ),
    (
        csp.PortfolioError((csp.Problem("transfers[0] (customer 'a')", "transfer", None, "a Transfer"),)),
        "ポートフォリオの問題: 1 件\n  transfers[0] (お客様 'a'): transfer: None は無効です。正しい指定: Transfer",
    ),
    (
        csp.InvalidData((csp.InvalidValue("a", -1, COUNT), csp.InvalidType("b", "1", COUNT))),
        "入力の問題: 2 件\n  a: -1 は無効です。正しい指定: 0 以上のライセンス数"
        "\n  b: '1' は無効です。正しい指定: 0 以上のライセンス数",
    ),
    (csp.CspTransferError("as it is"), "as it is"),
]


@pytest.mark.parametrize(("error", "said"), KINDS, ids=lambda one: type(one).__name__)
def test_each_kind_of_error_is_said_in_japanese(error: csp.CspTransferError, said: str) -> None:
    assert error.message_in("ja") == said
    assert error.message_in("en") == str(error)
    assert pickle.loads(pickle.dumps(error)).message_in("ja") == said  # noqa: S301
    rows, english = error.to_list("ja"), error.to_list()
    assert [row.keys() for row in rows] == [row.keys() for row in english]
    assert [(row["field"], row["path"], row["value"]) for row in rows] == [
        (row["field"], row["path"], row["value"]) for row in english
    ]
    assert all(row["message"] in said for row in rows)


def test_every_kind_of_error_is_tried() -> None:
    def below(kind: type) -> set[type]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    public = {kind for kind in below(csp.CspTransferError) if not kind.__name__.startswith("_")}
    assert {type(error) for error, _ in KINDS} == public


def test_a_form_has_what_is_accepted_in_japanese() -> None:
    with pytest.raises(csp.InvalidValue) as caught:
        csp.Tenant(id="contoso", country="jp")
    [row] = caught.value.to_list("ja")
    assert row["expected"] == "'JP' のような大文字の ISO 3166-1 alpha-2 コード"
    assert row["message"] == f"country: 'jp' は無効です。正しい指定: {row['expected']}"
    for ask in (caught.value.message_in, caught.value.to_list, check_language):
        with pytest.raises(csp.InvalidValue, match=r"^lang: 'fr'; expected en or ja$"):
            ask("fr")


def test_what_is_not_known_stays_english() -> None:
    assert csp.InvalidValue("a", 1, "what nobody says").message_in("ja") == (
        "a: 1 は無効です。正しい指定: what nobody says"
    )
    assert in_japanese("accepted", "a column 'x': what nobody says") is None
    assert in_japanese("accepted", "a horse") is None
    assert place_in_japanese("Transfer.subscriptions[3].quantity") == "Transfer.subscriptions[3].quantity"


def test_why_a_row_cannot_be_judged() -> None:
    rows = pl.DataFrame(
        {
            "id": ["b"],
            "offer": ["B"],
            "quantity": [-1],
            "auto_renew": pl.Series([None], dtype=pl.Boolean),
            "first_day": [date(2025, 4, 1)],
            "last_day": [date(2026, 3, 31)],
        }
    )
    [reason] = frames.assess(rows, as_of=date(2026, 3, 1))["csp_reason"]
    assert reasons_in_japanese(reason) == (
        "quantity: 正しい指定: 0 以上のライセンス数、auto_renew: 正しい指定: True または False"
    )


def test_the_watch_sees_what_the_package_raises_and_nothing_else() -> None:
    with watched() as missing:
        csp.InvalidValue("a", 1, "what only a test says")
        with pytest.raises(csp.InvalidType):
            checks.instance("a", 1, str, "what no row has")
    assert [*missing] == ["what no row has"]
    assert "checks.py" in missing["what no row has"]


TABLES = tomllib.loads(read_bytes("errors.toml").decode("utf-8"))
STANDS = {
    "as_of": "2026-03-01",
    "day": "2026-03-02",
    "last_day": "2026-03-31",
    "class": "Term",
    "classes": "date or Term",
    "most": "300",
    "name": "'this name'",
    "near": "'that name'",
    "number": "3",
}
"""What stands in place of a name, the same in both languages."""
IN_BOTH = {
    "phrase": ("True or False", "True または False"),
    "reason": ("Is a directory", "フォルダーです"),
    "reasons": ("Trial: expected True or False", "Trial: 正しい指定: True または False"),
    "place": ("row 3", "行 3"),
}
"""What is said in each."""


@pytest.mark.parametrize(
    ("table", "english"),
    [
        (table, english)
        for table in ("accepted", "place", "line")
        for english in TABLES[table]
        if "{" in english
    ],
)
def test_each_text_with_names_is_found_by_what_it_says(table: str, english: str) -> None:
    """No other text of the table comes before it; and what stands in it is in Japanese, too."""
    said = next((e, j) for e, j in TABLES["accepted" if table == "place" else table].items() if "{" not in e)
    names = [name for _, name, _, _ in Formatter().parse(english) if name]
    pairs = IN_BOTH | {"said": said}
    filled = {name: pairs.get(name) or (STANDS.get(name, f"<{name}>"),) * 2 for name in names}
    text = english.format(**{name: one for name, (one, _) in filled.items()})
    wanted = TABLES[table][english].format(**{name: other for name, (_, other) in filled.items()})
    assert in_japanese(table, text) == wanted
