"""Lines and tables of reports at a width: nothing is lost, nothing sticks out, and no word is cut that has room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_transfer.outline import Block, Bullets, Paged, Paragraph, Table, as_markdown, as_text, broken, width

WORDS = st.text("abcd-", min_size=1, max_size=16)
# Kana, an opening and a closing bracket, a full stop; and words between them.
JAPANESE = st.lists(st.sampled_from("あいカ「」。、 ") | WORDS, max_size=12).map("".join)


def spaced(words: list[str], gaps: list[int]) -> str:
    return "".join(word + " " * gap for word, gap in zip(words, gaps, strict=False)).strip()


@given(st.lists(WORDS, max_size=8), st.lists(st.integers(1, 3), min_size=8, max_size=8), st.integers(1, 24))
def test_words_are_broken_into_lines_that_take_what_they_can(
    words: list[str], gaps: list[int], columns: int
) -> None:
    text = spaced(words, gaps)
    lines = broken(text, columns)
    if len(text) <= columns:
        assert lines == [text]
        return
    assert all(0 < len(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    whole = [word for word in words if len(word) <= columns]
    assert [word for word in re.split(r"\s+", " ".join(lines)) if word in whole] or not whole
    for line, after in pairwise(lines):
        first = after.split()[0]
        cut = len(line) == columns  # where a word was cut, the line is full
        assert cut or len(line) + 1 + len(first) > columns, (line, after)


@given(JAPANESE, st.integers(6, 24))
def test_text_without_spaces_is_broken_between_its_characters(text: str, columns: int) -> None:
    lines = broken(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns for line in lines) or width(text) <= columns
    if width(text) <= columns:
        assert lines == [text]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("あいうえお", 6, ["あいう", "えお"]),
        ("あいう。えお", 6, ["あい", "う。え", "お"]),  # what closes a phrase begins no line
        ("購入 abcdefgh い", 8, ["購入", "abcdefgh", "い"]),  # a word as long as a line is whole
        ("購入 abcdefghij", 8, ["購入", "abcdefgh", "ij"]),
        ("ab  あ", 4, ["ab", "あ"]),
        ("ab  あ", 6, ["ab  あ"]),
        ("あ。。。", 6, ["あ。。", "。"]),  # 8 columns in one piece
        ("あ。。。", 7, ["あ。。", "。"]),  # the cut is before what would stick out by half
        ("abc abcd", 8, ["abc abcd"]),
        ("abc abcd", 7, ["abc", "abcd"]),
        ("abcdefgh i", 4, ["abcd", "efgh", "i"]),
    ],
)
def test_where_lines_end(text: str, columns: int, lines: list[str]) -> None:
    assert broken(text, columns) == lines


def longest(texts: tuple[str, ...]) -> int:
    return max((len(word) for text in texts for word in text.split()), default=0)


@given(st.lists(st.tuples(*[st.lists(WORDS, max_size=4).map(" ".join)] * 3), min_size=1, max_size=4))
def test_no_word_of_a_table_is_cut_where_all_words_have_room(rows: list[tuple[str, str, str]]) -> None:
    headers = ("a", "b", "c")
    columns = list(zip(headers, *rows, strict=True))
    least = sum(map(longest, columns)) + 2 * 2  # two columns between two cells
    for room in (least, least + 1, least + 7):
        said = as_text([Table(headers, tuple(rows))], room)
        assert all(len(line) <= room for line in said.splitlines())
        for column in columns:
            for word in " ".join(column).split():
                assert word in said.split(), room


def test_a_table_has_all_the_room_that_there_is() -> None:
    """Of two wide columns both give way alike, and a narrow one does not."""
    table = Table(("a", "b", "c"), (("one two three four", "x", "five six seven eight"),))
    assert as_text([table], 27).splitlines()[-2:] == [
        "one two      x  five six",
        "three four      seven eight",
    ]
    assert as_text([table], 26).splitlines()[-2:] == ["three four     seven", "               eight"]


def test_words_give_way_only_where_there_is_no_room_for_them() -> None:
    table = Table(("a", "b"), (("abcdefghijkl", "one two three"),))
    assert as_text([table], 19).splitlines()[-3:] == [
        "abcdefghijkl  one",
        "              two",
        "              three",
    ]
    assert all(len(line) <= 16 for line in as_text([table], 16).splitlines())
    assert "abcdefghijkl" not in as_text([table], 16)


def test_a_text_without_spaces_gives_way_to_words() -> None:
    table = Table(("a", "b"), (("abcdefghijkl", "あいうえおかきくけこ"),))
    assert as_text([table], 24).splitlines()[-2:] == ["abcdefghijkl  あいうえお", "              かきくけこ"]


@pytest.mark.parametrize("lacking", [1, 2, 3])
def test_the_widest_column_gives_way_by_what_is_lacking_and_no_more(lacking: int) -> None:
    table = Table(("name", "day"), (("one two three four five six", "2026-03-31"),))
    whole = max(map(len, as_text([table], 200).splitlines()))
    lines = as_text([table], whole - lacking).splitlines()
    assert [line.find("2026-03-31") for line in lines if "2026" in line] == [
        whole - lacking - len("2026-03-31")
    ]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("利用 abcdefghij", 10, ["利用", "abcdefghij"]),
        ("利用 abcdefghijk", 10, ["利用", "abcdefghij", "k"]),
        ("あ ab  か", 6, ["あ ab", "か"]),
        ("あ ab  か", 5, ["あ ab", "か"]),
        ("あ ab  か", 4, ["あ", "ab", "か"]),
    ],
)
def test_a_word_that_fits_exactly_is_not_cut(text: str, columns: int, lines: list[str]) -> None:
    assert broken(text, columns) == lines


def test_what_begins_a_line_of_markdown_begins_no_list_in_it() -> None:
    assert as_markdown([Paragraph("1. of two"), Bullets(("- a dash", "2) two"))]).splitlines() == [
        *("1\\. of two", ""),
        *("- \\- a dash", "- 2\\) two"),
    ]


class Lines(Paged):
    """A page of so many lines, and a shorter one."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count

    def _versions(self, lang: str, zone: tzinfo | None) -> Iterator[list[Block]]:
        yield [Bullets(tuple(str(n) for n in range(self.count)))]
        yield [Paragraph("shorter")]


@pytest.mark.parametrize(("count", "shorter"), [(59, False), (60, False), (61, True), (62, True)])
def test_a_page_has_sixty_lines_at_most(count: int, shorter: bool) -> None:
    assert (Lines(count).to_text() == "shorter") is shorter
