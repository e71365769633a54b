"""Reports as blocks that know nothing of their subject: headings, paragraphs, bullets, tables; text or Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from unicodedata import category, east_asian_width

from attrs import frozen

__all__ = ["Block", "Bullets", "Heading", "Paragraph", "Report", "Table", "as_markdown", "as_text"]


@frozen
class Heading:
    """A heading, level 1 for the title."""

    level: int
    text: str


@frozen
class Paragraph:
    """A line of prose."""

    text: str


@frozen
class Bullets:
    """A list."""

    items: tuple[str, ...]


@frozen
class Table:
    """A table; every row has as many cells as there are headers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Bullets | Table


def flat(text: str) -> str:
    r"""Return the text on one line and without control characters, which names from outside may contain.

    >>> flat("Mail\nfor\x1b[2J Osaka")
    'Mail for [2J Osaka'
    """
    return "".join(" " if category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "FW" else 1 for char in text)


def _row(cells: Iterable[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _text(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return ["", flat(block.text), ("=" if block.level == 1 else "-") * _width(flat(block.text))]
    if isinstance(block, Paragraph):
        return [flat(block.text)]
    if isinstance(block, Bullets):
        return [f"- {flat(item)}" for item in block.items]
    cells = [tuple(map(flat, row)) for row in (block.headers, *block.rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = [_row(row, widths) for row in cells]
    return [lines[0], "-" * max(map(_width, lines)), *lines[1:]]


def as_text(blocks: Iterable[Block]) -> str:
    """Return the blocks as plain text, columns aligned also where characters are two wide.

    >>> print(as_text([Heading(1, "Plan"), Table(("Day", "Who"), (("1", "お客様"), ("12", "partner")))]))
    Plan
    ====
    Day  Who
    ------------
    1    お客様
    12   partner
    """
    return "\n".join(line for block in blocks for line in _text(block)).lstrip("\n")


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|&~])", r"\\\1", flat(text))


def _markdown(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [f"{'#' * block.level} {_escaped(block.text)}", ""]
    if isinstance(block, Paragraph):
        return [_escaped(block.text), ""]
    if isinstance(block, Bullets):
        return [*(f"- {_escaped(item)}" for item in block.items), ""]
    lines = [" | ".join(map(_escaped, row)) for row in (block.headers, *block.rows)]
    ruler = " | ".join("---" for _ in block.headers)
    return [*(f"| {line} |" for line in (lines[0], ruler, *lines[1:])), ""]


def as_markdown(blocks: Iterable[Block]) -> str:
    r"""Return the blocks as GitHub-flavoured Markdown; nothing from outside is taken for markup.

    >>> print(as_markdown([Heading(2, "Steps"), Table(("Who",), (("a|b <i>",),))]))
    ## Steps
    <BLANKLINE>
    | Who |
    | --- |
    | a\|b \<i\> |
    <BLANKLINE>
    """
    return "\n".join(line for block in blocks for line in _markdown(block))


class Report:
    """Mixin for values that are read: as plain text (`str()`), as Markdown, and rich in a notebook."""

    __slots__ = ()
    _blocks: Callable[[str], list[Block]]
    """What it says in a language; its class writes that."""

    def to_text(self, lang: str = "en") -> str:
        """Return it as plain text in a language, "en" or "ja"; `InvalidValue` for any other."""
        return as_text(self._blocks(lang))

    def to_markdown(self, lang: str = "en") -> str:
        """Return it as GitHub-flavoured Markdown in a language, "en" or "ja"; `InvalidValue` for any other."""
        return as_markdown(self._blocks(lang))

    def __str__(self) -> str:
        return self.to_text()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()
