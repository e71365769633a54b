"""The Japanese pages keep in step with the English: the same structure, examples, facts, links and rules."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest
from facts import day, subscription, transfer

import csp_transfer as csp
from csp_transfer.catalogue import rules
from csp_transfer.sources import PAGES, link_in, title_in

ROOT = Path(__file__).parent.parent

PAIRS = {
    "README.md": "README.ja.md",
    "docs/how-to/plan.md": "docs/ja/plan.md",
    "docs/how-to/command.md": "docs/ja/command.md",
    "docs/how-to/cautions.md": "docs/ja/cautions.md",
    "docs/explanation/in-force.md": "docs/ja/in-force.md",
}
"""The pages that are written in both languages, the English first."""
CONTENTS = "docs/ja/index.md"
RULES = ("docs/reference/rules.md", "docs/ja/rules.md")
"""The pages that are made in both languages."""


def read(place: str) -> str:
    return (ROOT / place).read_text(encoding="utf-8")


pairs = pytest.mark.parametrize(("english", "japanese"), PAIRS.items(), ids=lambda place: Path(place).stem)


# ---- the same structure --------------------------------------------------------------------------------------------


def as_english(code: str) -> str:
    """What an example would be in English: without its comments, and with nothing asked for in Japanese."""
    code = re.sub(r"  +# .*", "", code)
    code = re.sub(r'print\((\w+)\.to_text\("ja"\)\)', r"print(\1)", code)
    code = re.sub(r'(\w+)\.to_text\("ja"\)', r"str(\1)", code)
    code = code.replace('.text_in("ja")', "").replace("message_ja", "message")
    code = code.replace(' + ["--lang", "ja"]', "")
    return code.replace('to_text("ja", ', "to_text(").replace(" --lang ja", "")


def code_of(lines: list[str]) -> str:
    """What is typed of an example: all of it, or what stands after a prompt."""
    typed = [line for line in lines if line.startswith((">>> ", "... "))]
    return "\n".join(typed or lines)


def shape(text: str) -> list[tuple[object, ...]]:
    """Headings, paragraphs, lists, tables and examples of a page, in their order."""
    found: list[tuple[object, ...]] = []
    lines = iter(text.splitlines())
    for line in lines:
        said = line.strip()
        if said.startswith("```"):
            code = list(takewhile(lambda inner: inner.strip() != "```", lines))
            found.append(("example", said, as_english(code_of([inner.strip() for inner in code]))))
        elif not said:
            found.append(("blank",))
        elif line.startswith(" ") and found[-1][0] == "item":
            continue  # the item goes on
        elif said.startswith("#"):
            found.append(("heading", said.index(" ")))
        elif said.startswith("|"):
            found.append(("row", said.count("|")))
        elif re.match(r"- |\d+\. ", said):
            found.append(("item",))
        elif found[-1] != ("paragraph",):
            found.append(("paragraph",))
    return [part for part in found if part != ("blank",)]


def prose(text: str) -> list[str]:
    """The sections of a page, without examples."""
    return re.split(r"^#+ .*$", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S), flags=re.M)


@pairs
def test_a_page_has_the_same_structure_and_examples_in_both_languages(english: str, japanese: str) -> None:
    assert shape(read(japanese)) == shape(read(english))


@pairs
def test_each_section_names_the_same_days_rules_and_code(english: str, japanese: str) -> None:
    def named(section: str) -> set[str]:
        return set(re.findall(r"\d{4}-\d\d-\d\d|[A-Z]{2,3}-?\d{3,}|`[^`]+`", section))

    assert [named(section) for section in prose(read(japanese))] == [named(s) for s in prose(read(english))]


def links(place: str) -> set[str]:
    """Where a page leads: addresses, and paths from the root; of a pair the English page."""
    english = {ours: theirs for theirs, ours in (*PAIRS.items(), RULES)}
    found = set()
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)[^)]*\)", read(place)):
        if "://" in target:
            found.add(target)
            continue
        path = (ROOT / place).parent.joinpath(target).resolve().relative_to(ROOT.resolve()).as_posix()
        assert (ROOT / path).exists(), f"{place} leads to {target}"
        found.add(
            "docs/reference/rules.md" if path.startswith("docs/reference/rules/") else english.get(path, path)
        )
    return found


@pairs
def test_a_page_leads_to_the_same_places_in_both_languages_and_to_its_counterpart(
    english: str, japanese: str
) -> None:
    assert links(japanese) - {CONTENTS} == links(english)
    assert english in links(english) & links(japanese)


@pairs
def test_a_page_has_its_pictures_in_its_own_language(english: str, japanese: str) -> None:
    shown = [re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", read(place)) for place in (english, japanese)]
    for (about, path), (own, ours) in zip(*shown, strict=True):
        assert about.isascii()
        assert not own.isascii()
        assert path != ours
        assert all(
            (ROOT / place).parent.joinpath(p).exists() for place, p in ((english, path), (japanese, ours))
        )


def test_the_contents_name_every_japanese_page() -> None:
    ours = {f"docs/ja/{path.name}" for path in (ROOT / "docs/ja").glob("*.md")} - {CONTENTS}
    assert ours == {place for place in (*PAIRS.values(), RULES[1]) if place.startswith("docs/")}
    assert {*PAIRS, RULES[0]} - {"README.md"} <= links(CONTENTS)
    assert CONTENTS in links("docs/index.md")


@pytest.mark.parametrize("place", [*PAIRS.values(), CONTENTS, RULES[1]], ids=lambda place: Path(place).stem)
def test_japanese_is_set_as_it_is_shown(place: str) -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", read(place), flags=re.M | re.S)
    # A line that is broken within a paragraph is shown with a space, which Japanese does not have.
    assert not re.findall(r"[^\x00-\x7f]\n(?![-#|(\d])[^\n]", text)
    for before, bold, after in re.findall(r"(.?)\*\*([^*]+)\*\*(.?)", text):
        # Between a letter and a mark, Markdown takes no asterisks for bold.
        assert not (re.match(r"\w", before) and re.match(r"\W", bold)), bold
        assert not (re.match(r"\w", after) and re.search(r"\W$", bold)), bold


# ---- sources -------------------------------------------------------------------------------------------------------


def test_every_page_has_a_japanese_title_and_a_link_of_its_own() -> None:
    for pages in zip(
        *((page, title_in(page, "ja"), link_in(page, "ja")) for page in PAGES.values()), strict=True
    ):
        assert len(set(pages)) == len(PAGES)
    for page in PAGES.values():
        assert re.search("[ぁ-んァ-ヶ一-龠]", title_in(page, "ja"))
        assert (title_in(page, "en"), link_in(page, "en")) == (page.title, page.link)


def test_only_what_is_read_in_one_language_keeps_its_link() -> None:
    kept = {name for name, page in PAGES.items() if link_in(page, "ja") == page.link}
    assert kept == {
        "guide",
        "guide-newer",
        "direct",
    }  # the Japanese edition, the English one, and no page of its own


def test_a_report_cites_the_pages_of_its_language() -> None:
    plan = csp.plan_transfer(transfer(subscription(status=csp.Status.SUSPENDED)), as_of=day(-30))
    said = {lang: plan.to_markdown(lang, detail=True) for lang in ("en", "ja")}
    lifecycle = "learn.microsoft.com/{}/partner-center/customers/subscription-lifecycle"
    assert "サブスクリプション ライフサイクルの状態 (2023-08 版、" in said["ja"]
    assert "版の日付なし" in said["ja"]
    assert "(edition undated, read " in said["en"]
    assert lifecycle.format("ja-jp") in said["ja"]
    assert lifecycle.format("en-us") in said["en"]
    assert "Japanese edition" not in said["ja"]


# ---- the rules -----------------------------------------------------------------------------------------------------


def test_every_rule_is_on_the_japanese_page_once_with_all_that_it_says() -> None:
    english, japanese = read("docs/reference/rules.md"), read("docs/ja/rules.md")
    shown = re.findall(r"^### ([A-Z]{3}-\d{3}): (.+)$", japanese, re.MULTILINE)
    assert [rule_id for rule_id, _ in shown] == re.findall(r"^\| \[([A-Z]{3}-\d{3})\]", english, re.MULTILINE)
    assert dict(shown) == {rule_id: row.titles["ja"] for rule_id, row in rules().items()}
    parts = re.split(r"^### ([A-Z]{3}-\d{3}): ", japanese, flags=re.MULTILINE)
    for rule_id, part in zip(parts[1::2], parts[2::2], strict=True):
        row = rules()[rule_id]
        assert len(re.findall(r"^\| (?:情報|要対応|注意|実行不可) \|", part, re.MULTILINE)) == len(
            row.messages
        )
        assert row.when["ja"] in part.split("\n")
        assert f"`{row.source.passage}`" in part
        assert f"]({link_in(row.source, 'ja')})" in part
        assert f"(../reference/rules/{rule_id}.md)" in part
        assert "{" not in part


def test_the_pages_of_rules_have_the_same_sections() -> None:
    english, japanese = (
        re.findall(r"^## ", read(p), re.MULTILINE) for p in ("docs/reference/rules.md", "docs/ja/rules.md")
    )
    assert len(english) == len(japanese)
