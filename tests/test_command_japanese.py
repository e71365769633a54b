"""The command in Japanese: all of its help, and every line about bad input; `--lang` says so anywhere on the line."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from said_in_japanese import JAPANESE

from csp_transfer.__main__ import main
from csp_transfer.command.answers import COMMANDS
from csp_transfer.command.options import language_of, parser
from csp_transfer.errors import in_japanese
from csp_transfer.texts import read_bytes

Printed = pytest.CaptureFixture[str]
CONTOSO = read_bytes("contoso-subscriptions.json")
JAPAN = ["--customer-country", "JP", "--partner-country", "JP"]
TABLES: dict[str, dict[str, str]] = tomllib.loads(read_bytes("errors.toml").decode("utf-8"))


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "contoso.json").write_bytes(CONTOSO)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def parsers() -> list[argparse.ArgumentParser]:
    whole = parser()
    [commands] = [one for one in whole._actions if isinstance(one, argparse._SubParsersAction)]
    assert set(commands.choices) == set(COMMANDS)
    return [whole, *commands.choices.values()]


def test_every_text_of_the_help_has_its_japanese() -> None:
    said = {"usage: ", "options", "positional arguments", "commands"}
    for one in parsers():
        said.add(one.description or "")
        said |= {action.help for action in one._actions if action.help}
        for action in one._actions:
            if isinstance(action, argparse._SubParsersAction):
                said |= {choice.help or "" for choice in action._choices_actions}
    for text in said:
        japanese = in_japanese("help", text)
        assert japanese is not None, text
        assert JAPANESE.search(japanese)
        assert set(re.findall(r"%\(\w+\)s", japanese)) == set(re.findall(r"%\(\w+\)s", text))
        assert set(re.findall(r"--[a-z-]+", japanese)) == set(re.findall(r"--[a-z-]+", text)), text


def test_every_row_of_help_is_of_a_text_that_is_there() -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        english = {action.help for one in parsers() for action in one._actions} | {
            one.description for one in parsers()
        }
    named = {"usage: ", "options", "positional arguments", "commands", "examples:{examples}"}
    rest = set(TABLES["help"]) - english - named - {"csp-transfer COMMAND --help has more of them."}
    assert all("{" in text for text in rest), rest
    # What is filled in has a row for each text with names in it.
    assert len(rest) == 2


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_japanese_and_examples_stay(capsys: Printed, command: str) -> None:
    for lang in ("en", "ja"):
        with pytest.raises(SystemExit) as stopped:
            main(["--lang", lang, *command.split(), "--help"])
        assert stopped.value.code == 0
    english, japanese = capsys.readouterr().out.split("使い方: ")
    assert english.startswith("usage: csp-transfer")
    assert english.partition("examples:\n")[2].partition("\n\n")[0].strip() == (
        japanese.partition("例:\n")[2].partition("\n\n")[0].strip()
    )
    prose = japanese.partition("例:\n")[0]
    assert not re.search(r"(?<![-\w])(the|of|and|which|where|left out)\b", prose), prose
    options = r"(?m)^  (?:-h, )?(--[a-z-]+)"
    assert re.findall(options, english) == re.findall(options, japanese)


@pytest.mark.parametrize(
    ("arguments", "lang"),
    [
        ([], "en"),
        (["demo"], "en"),
        (["--lang", "ja", "demo"], "ja"),
        (["demo", "--lang=ja"], "ja"),
        (["plan", "x", "--nonsense", "--lang", "ja"], "ja"),
        (["--lang", "fr"], "en"),
        (["--lang"], "en"),
        (["--lang", "ja", "demo", "--lang", "en"], "en"),
    ],
)
def test_the_language_is_named_anywhere_on_the_line(arguments: list[str], lang: str) -> None:
    assert language_of(arguments) == lang


def test_before_the_command_it_is_the_language_of_the_answer_too(capsys: Printed) -> None:
    assert main(["--lang", "ja", "demo"]) == 0
    before = capsys.readouterr().out
    assert main(["demo", "--lang", "ja"]) == 0
    assert capsys.readouterr().out == before
    assert JAPANESE.search(before)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["dance"], "引数 COMMAND: 'dance' は選べません。"),
        (
            ["plan"],
            "次の引数が必要です: FILE, --customer-country, --partner-country (使い方: csp-transfer plan --help)",
        ),
        (["plan", "x", *JAPAN, "--quick"], "認識できない引数です: --quick (使い方: csp-transfer"),
        (
            ["plan", "x", *JAPAN, "--as-of"],
            "引数 --as-of: 値を 1 つ指定してください (使い方: csp-transfer plan --help)",
        ),
        (
            ["plan", "x", *JAPAN, "--as-of", "soon"],
            "引数 --as-of: 'soon' は無効です。正しい指定: 2026-02-15 のような日付",
        ),
        (
            ["plan", "x", *JAPAN, "--tenant-subscriptions", "-"],
            "引数 --tenant-subscriptions: '-' は無効です。",
        ),
        (["plan", "x", *JAPAN, "--actor", "me"], "引数 --actor: 'me' は選べません。次から選んでください: "),
        (["plan", "x", *JAPAN, "--tolerant=1"], "引数 --tolerant に値 '1' は指定できません"),
        (
            ["plan", "x", *JAPAN, "--customer", "x"],
            "引数 --customer は 1 つに決まりません。候補: --customer-",
        ),
        (
            ["plan", "x", *JAPAN, "--format", "json", "--out", "y"],
            "引数 --out と --format は同時に指定できません",
        ),
        (["portfolio", *JAPAN], "次の引数が必要です: FILE (使い方: csp-transfer portfolio --help)"),
        (
            ["frame", "x", "--column", "y"],
            "引数 --column: 'y' は無効です。正しい指定: assigned='In use' のような、項目と列名",
        ),
        (
            ["plan", "no-such.json", *JAPAN],
            "'no-such.json' を読み取れません: ファイルまたはフォルダーがありません",
        ),
        (["plan", ".", *JAPAN], "'.' を読み取れません: フォルダーです"),
        (
            ["plan", "contoso.json", *JAPAN, "--customer-country", "jp"],
            "--customer-country: 'jp' は無効です。正しい指定: 'JP'",
        ),
        (
            ["plan", "contoso.json", *JAPAN, "--source-partner", "a"],
            "--source-partner と --source-country: 片方がありません。",
        ),
        (
            ["plan", "contoso.json", *JAPAN, "--out", "x"],
            "--customer-id がありません。お客様の ID を指定してください",
        ),
        (["plan", "contoso.json", *JAPAN, "--overwrite"], "--overwrite: 置き換えるものがありません。"),
        (
            ["plan", "contoso.json", *JAPAN, "--actor", "customer"],
            "--actor、--action、--from、--until、--ungrouped: カレンダーと",
        ),
        (["plan", "contoso.json", *JAPAN, "--facts", "-"], "--facts: '-' は使えません。"),
        (
            ["plan", "contoso.json", *JAPAN, "--tz", "Mars"],
            "引数 --tz: 'Mars' は無効です。正しい指定: 'Asia/Tokyo' のような",
        ),
        (["explain", "contoso.json", "x", *JAPAN], "ID: 'x' はデータにありません。"),
        (
            ["plan", "half.json", *JAPAN],
            "payload: text: '[{\"id\": ' は無効です。正しい指定: JSON (1 行目の 9 文字目: 値が必要です)",
        ),
        (
            ["plan", "minus.json", *JAPAN],
            "items[0] (id 'x'): quantity: -1 は無効です。正しい指定: 0 以上のライセンス数",
        ),
        (["portfolio", "-", *JAPAN], "'-' には名前がありません。"),
        (["portfolio", "empty", *JAPAN], "'empty': *.json がありません。"),
        (["portfolio", "contoso.json"], "次の引数が必要です: --partner-country"),
        (
            ["portfolio", "contoso.json", "--partner-country", "JP"],
            "'contoso.json': お客様の国がありません。",
        ),
        (
            ["frame", "bytes.csv"],
            "'bytes.csv' の 1 行目を CSV (UTF-8) として読み取れません: UTF-8 ではないバイトがあります",
        ),
        (["frame", "twice.csv"], "'twice.csv': 列 'id' が 2 つあります。"),
        (["frame", "header.csv"], "'header.csv': 行がありません。"),
        (
            ["frame", "bytes.xlsx"],
            "'bytes.xlsx' を Excel ブックとして読み取れません: ファイル形式を判別できません",
        ),
        (
            ["plan", "contoso.json", *JAPAN, "--facts", "facts.csv"],
            "'facts.csv' の 2 行目 (offer 'x'): offer: 'x' は無効です。",
        ),
        (
            ["calendar", "contoso.json", *JAPAN, "--customer-id", "c", "--until", "2026-01-01"],
            "--actor、--action、--from、--until: 該当する",
        ),
    ],
)
def test_bad_input_is_said_in_japanese(capsys: Printed, here: Path, arguments: list[str], line: str) -> None:
    (here / "half.json").write_text('[{"id": ')
    (here / "minus.json").write_text(
        json.dumps([{**json.loads(CONTOSO)["items"][0], "id": "x", "quantity": -1}])
    )
    (here / "empty").mkdir()
    for name in ("bytes.csv", "bytes.xlsx"):
        (here / name).write_bytes(b"\xff")
    (here / "twice.csv").write_text("id,id\n1,2\n")
    (here / "header.csv").write_text("id,offer\n")
    (here / "facts.csv").write_text("offer,discontinued\nx,yes\n")
    assert main(["--lang", "ja", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert lines[0].startswith(f"csp-transfer: {line}"), lines
    assert all("expected" not in one and "(see " not in one for one in lines)


def test_what_an_extra_is_missing_for_is_said_in_japanese(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    monkeypatch.delitem(sys.modules, "csp_transfer.export", raising=False)
    asked = [
        "calendar",
        "contoso.json",
        *JAPAN,
        "--customer-id",
        "c",
        "--as-of",
        "2026-02-15",
        "--policy",
        "guide",
    ]
    assert main([*asked, "--lang", "ja"]) == 2
    assert capsys.readouterr().err == (
        "csp-transfer: csp_transfer.export を使うには追加機能 'calendar' が必要です。"
        "インストールする名前: csp-transfer[calendar]\n"
    )


def test_a_customer_who_cannot_be_read_is_said_in_japanese_on_the_page(capsys: Printed, here: Path) -> None:
    (here / "adatum.json").write_text("[]")
    asked = ["portfolio", "contoso.json", "adatum.json", *JAPAN, "--as-of", "2026-02-15", "--policy", "guide"]
    assert main([*asked, "--lang", "ja", "--format", "json"]) == 2
    printed = capsys.readouterr()
    line = "'adatum.json': subscriptions: () は無効です。正しい指定: 1 件以上のサブスクリプション"
    assert json.loads(printed.out)["unplanned"] == [line]
    assert printed.err == f"csp-transfer: {line}\n"
