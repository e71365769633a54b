"""The Japanese pages keep in step with the English: the same structure, examples, facts, links and rules."""

from __future__ import annotations

import re
from pathlib import Path

from facts import day, subscription, transfer

import csp_transfer as csp
from csp_transfer.catalogue import rules
from csp_transfer.sources import PAGES, link_in, title_in

ROOT = Path(__file__).parent.parent


def read(place: str) -> str:
    return (ROOT / place).read_text(encoding="utf-8")


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
    parts = re.split(r"^\(ja-([A-Z]{3}-\d{3})\)=$", japanese, flags=re.MULTILINE)
    for rule_id, part in zip(parts[1::2], parts[2::2], strict=True):
        row = rules()[rule_id]
        assert len(re.findall(r"^\| (?:情報|要対応|注意|実行不可) \|", part, re.MULTILINE)) == len(
            row.messages
        )
        assert row.when["ja"] in part
        assert f"`{row.source.passage}`" in part
        assert f"]({link_in(row.source, 'ja')})" in part
        assert f"(../reference/rules/{rule_id}.md)" in part
        assert "{" not in part


def test_the_pages_of_rules_have_the_same_sections() -> None:
    english, japanese = (
        re.findall(r"^## ", read(p), re.MULTILINE) for p in ("docs/reference/rules.md", "docs/ja/rules.md")
    )
    assert len(english) == len(japanese)
