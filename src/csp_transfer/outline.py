"""Reports as blocks that know nothing of their subject: headings, prose, bullets, tables; as text, Markdown or HTML."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from functools import cache
from itertools import zip_longest
from typing import Final
from unicodedata import east_asian_width

from attrs import frozen

from .days import zone_of
from .errors import InvalidValue
from .texts import flat, in_attribute, in_html, in_markdown

__all__ = [
    "Block",
    "Bullets",
    "Heading",
    "Paged",
    "Paragraph",
    "Report",
    "Rich",
    "Table",
    "as_html",
    "as_markdown",
    "as_text",
    "width",
]


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


def width(text: str) -> int:
    """Return how many columns a text takes where every character has one width, or two."""
    if text.isascii():  # no such character is wide
        return len(text)
    return sum(2 if east_asian_width(char) in "FW" else 1 for char in text)


# A line may end after a space, and beside a character that is two wide, but not before what closes a phrase.
_WIDE: Final = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CLOSES: Final = r"[、。）」』】・):;,.]*"
_PIECES: Final = re.compile(rf"[({'「【'}]*[{_WIDE}]{_CLOSES}|[^\s{_WIDE}]+{_CLOSES}\s*|\s+")
_MOST_LINES: Final = 60
"""How many lines a page should have at most."""
_LEAST_COLUMNS: Final = 40
_LEAST_WIDTH: Final = 6
_GAP: Final = 2
"""How many columns of a page, at least; of a cell that is broken into lines; and between two cells."""


def broken(text: str, columns: int) -> list[str]:
    """Return a text in lines of at most so many columns; only a word that is longer is cut.

    >>> broken("Turn auto-renew off: Visio Plan 2", 20)
    ['Turn auto-renew off:', 'Visio Plan 2']
    """
    if width(text) <= columns:
        return [text]
    if text.isascii():
        return _in_words(text, columns)
    lines, line, taken = [], "", 0
    for piece in _PIECES.findall(text):
        own = width(piece)
        if taken + own > columns and taken + width(piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line, taken = "", 0
            piece = piece.lstrip()
            own = width(piece)
            while own > columns:
                cut = max(n for n in range(1, len(piece)) if width(piece[:n]) <= columns)
                lines.append(piece[:cut])
                piece = piece[cut:].lstrip()
                own = width(piece)
        line += piece
        taken += own
    return [one for one in (*lines, line.rstrip()) if one]


def _in_words(text: str, columns: int) -> list[str]:
    """Return a text without wide characters in lines: the same, and quicker."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) <= columns:
            line = f"{line} {word}"
            continue
        lines += [line] if line else []
        while len(word) > columns:
            lines.append(word[:columns])
            word = word[columns:]
        line = word
    return [*lines, line] if line else lines


def _fitted(rows: Sequence[Sequence[str]], widths: list[int], columns: int) -> list[int]:
    """Return how wide each column of a table is where all of it fits; the widest give way, and words as the last."""
    room = columns - _GAP * (len(widths) - 1)
    words = [max(map(_longest_word, column)) for column in zip(*rows, strict=True)]
    fitted = _capped(widths, words, room)
    return fitted if sum(fitted) <= room else _capped(widths, [_LEAST_WIDTH] * len(widths), room)


def _capped(widths: list[int], least: list[int], room: int) -> list[int]:
    """Return widths, none above the greatest cap with which all have room, unless that is below its least."""

    def under(cap: int) -> list[int]:
        return [max(min(wide, cap), min(wide, low)) for wide, low in zip(widths, least, strict=True)]

    # The first cap that is too great: the widest, at the latest, or all would have room as they are.
    too_great = bisect_right(range(max(widths)), room, key=lambda cap: sum(under(cap)))
    return under(too_great - 1)


def _longest_word(text: str) -> int:
    pieces = text.split() if text.isascii() else (piece.rstrip() for piece in _PIECES.findall(text))
    return max(map(width, pieces), default=0)


def _aligned(rows: Sequence[Sequence[str]], columns: int | None) -> list[list[str]]:
    """Return each row as lines, in which each column of the table begins at the same place."""
    taken = [list(map(width, row)) for row in rows]
    widths = list(map(max, zip(*taken, strict=True)))
    if columns is None or sum(widths) + _GAP * (len(widths) - 1) <= columns:
        return [[_line(row, owns, widths)] for row, owns in zip(rows, taken, strict=True)]
    widths = _fitted(rows, widths, columns)
    aligned: list[list[str]] = []
    for row in rows:
        cells = [broken(cell, wide) for cell, wide in zip(row, widths, strict=True)]
        lines = [list(line) for line in zip_longest(*cells, fillvalue="")]
        aligned.append([_line(line, list(map(width, line)), widths) for line in lines])
    return aligned


def _line(cells: Sequence[str], taken: Sequence[int], widths: Sequence[int]) -> str:
    filled = [cell + " " * (wide - own) for cell, own, wide in zip(cells, taken, widths, strict=True)]
    return (" " * _GAP).join(filled).rstrip()


def _text(block: Block, columns: int | None) -> list[str]:
    if isinstance(block, Heading):
        lines = broken(flat(block.text), columns) if columns else [flat(block.text)]
        ruler = ("=" if block.level == 1 else "-") * max(map(width, lines), default=0)
        return ["", *lines] if columns and block.level > 1 else ["", *lines, ruler]  # a page has little room
    if isinstance(block, Paragraph):
        return broken(flat(block.text), columns) if columns else [flat(block.text)]
    if isinstance(block, Bullets):
        if not columns:
            return [f"- {flat(item)}" for item in block.items]
        each = (broken(flat(item), columns - _GAP) for item in block.items)
        return [f"{' ' if n else '-'} {line}" for lines in each for n, line in enumerate(lines)]
    rows = _aligned([list(map(flat, row)) for row in (block.headers, *block.rows)], columns)
    lines = [line for row in rows for line in row]
    return [*rows[0], "-" * max(map(width, lines)), *lines[len(rows[0]) :]]


def as_text(blocks: Iterable[Block], columns: int | None = None) -> str:
    """Return the blocks as plain text, columns aligned also where characters are two wide.

    `columns`: how wide a line may be; None: as wide as it gets.

    >>> print(as_text([Heading(1, "Plan"), Table(("Day", "Who"), (("1", "お客様"), ("12", "partner")))]))
    Plan
    ====
    Day  Who
    ------------
    1    お客様
    12   partner
    """
    return "\n".join(line for block in blocks for line in _text(block, columns)).lstrip("\n")


def _markdown(block: Block, cell: Callable[[str], str]) -> list[str]:
    if isinstance(block, Heading):
        return [f"{'#' * block.level} {in_markdown(block.text)}", ""]
    if isinstance(block, Paragraph):
        return [in_markdown(block.text, begins=True), ""]
    if isinstance(block, Bullets):
        return [*(f"- {in_markdown(item, begins=True)}" for item in block.items), ""]
    lines = [" | ".join(map(cell, row)) for row in (block.headers, *block.rows)]
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
    cell = cache(in_markdown)  # in a report, most cells say what others say, too
    return "\n".join(line for block in blocks for line in _markdown(block, cell))


_STYLE: Final = """\
.csp-transfer{color:inherit;background:none;line-height:1.5;text-align:start}
.csp-transfer .table{overflow-x:auto;margin:.5em 0}
.csp-transfer .table table{border-collapse:collapse;table-layout:auto;font-size:.92em;margin:0;width:auto}
.csp-transfer .table table :is(th,td){padding:.25em .7em;text-align:start;vertical-align:top;border-bottom:1px solid;\
border-color:color-mix(in srgb,currentColor 35%,transparent);color:inherit;background:none}
.csp-transfer .table table td{min-width:3.5em;max-width:28em;overflow-wrap:break-word}
.csp-transfer .table table th{font-weight:600;border-bottom-color:currentColor}
.csp-transfer :is(td,li,p,h2,h3,h4){unicode-bidi:plaintext}
.csp-transfer time{white-space:nowrap}
.csp-transfer a{color:inherit;text-decoration:underline}"""
"""Only colours that are inherited, so that it is legible wherever the text around it is; nothing outside is touched.

What a table is asked of goes before what JupyterLab asks of every table in a result: cells at the right, for one."""


def _html(block: Block, about: str) -> str:
    if isinstance(block, Heading):
        level = block.level + 1  # the page around it has a title of its own
        return f"<h{level}>{in_html(block.text)}</h{level}>"
    if isinstance(block, Paragraph):
        return f"<p>{in_html(block.text)}</p>"
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{in_html(item)}</li>' for item in block.items)}</ul>"
    heads = "".join(f'<th scope="col">{in_html(cell)}</th>' for cell in block.headers)
    rows = "".join(f"<tr>{''.join(f'<td>{in_html(cell)}</td>' for cell in row)}</tr>" for row in block.rows)
    # What scrolls must be reachable with the keyboard, and then needs a name.
    named = f' aria-label="{in_attribute(about)}"' if about else ""
    return (
        f'<div class="table" role="region" tabindex="0"{named}><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def as_html(blocks: Iterable[Block], lang: str) -> str:
    """Return the blocks as a piece of HTML in a language: nothing to load, nothing that runs, all text escaped.

    >>> print(as_html([Table(("Who",), (("<i>a</i>",),))], "en").partition("</style>")[2])
    <div class="table" role="region" tabindex="0"><table><thead><tr><th scope="col">Who</th></tr></thead>\
<tbody><tr><td>&lt;i&gt;a&lt;/i&gt;</td></tr></tbody></table></div></div>
    """
    parts: list[str] = []
    about = ""
    for block in blocks:
        about = block.text if isinstance(block, Heading) else about
        parts.append(_html(block, about))
    # MathJax, in its versions 2 and 3, passes over what is of these classes.
    classes = "csp-transfer tex2jax_ignore mathjax_ignore"
    return f'<div class="{classes}" lang="{lang}"><style>{_STYLE}</style>{"".join(parts)}</div>'


class Rich:
    """Mixin for values that show themselves in a notebook: HTML where it can be shown, and else Markdown."""

    __slots__ = ()
    _blocks: Callable[[str], list[Block]]
    """What it says in a language; its class writes that."""

    def to_html(self, lang: str = "en") -> str:
        """Return it as a piece of HTML in a language, "en" or "ja"; `InvalidValue` for any other."""
        return as_html(self._blocks(lang), lang)

    def to_markdown(self, lang: str = "en") -> str:
        """Return it as GitHub-flavoured Markdown in a language, "en" or "ja"; `InvalidValue` for any other."""
        return as_markdown(self._blocks(lang))

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


class Report(Rich):
    """Mixin for values that are read: also as plain text (`str()`)."""

    __slots__ = ()

    def to_text(self, lang: str = "en") -> str:
        """Return it as plain text in a language, "en" or "ja"; `InvalidValue` for any other."""
        return as_text(self._blocks(lang))

    def __str__(self) -> str:
        return self.to_text()


class Paged(Report):
    """Mixin for reports that begin with one page; with `detail`, an appendix follows.

    `tz` is the name of a time zone, such as "Asia/Tokyo", or a `tzinfo`: the last moment of each last day is then
    shown in it, beside the UTC day. `columns` is how wide a line of the page may be: where a page of plain text would
    have more than 60 lines, it shows fewer of what can wait, and says how many are left out. Raises `InvalidValue` for
    another language, an unknown zone, or fewer columns than 40; `InvalidType` for what is no zone at all.
    """

    __slots__ = ()
    _page: Callable[[str, tzinfo | None], list[Block]]
    _appendix: Callable[[str, tzinfo | None], list[Block]]
    """What the page and the appendix say in a language; its class writes them."""

    def _blocks(self, lang: str, detail: bool = False, tz: str | tzinfo | None = None) -> list[Block]:
        zone = zone_of(tz)
        page = self._page(lang, zone)
        return [*page, *self._appendix(lang, zone)] if detail else page

    def _versions(self, lang: str, zone: tzinfo | None) -> Iterator[list[Block]]:
        """Yield the page, and then shorter ones, for where it does not fit."""
        yield self._page(lang, zone)

    def to_text(
        self, lang: str = "en", *, detail: bool = False, tz: str | tzinfo | None = None, columns: int = 100
    ) -> str:
        """Return the page as plain text in a language, "en" or "ja"; with `detail`, and the appendix."""
        if type(columns) is not int or columns < _LEAST_COLUMNS:
            raise InvalidValue("columns", columns, f"a whole number from {_LEAST_COLUMNS}")
        zone = zone_of(tz)
        page = ""
        for blocks in self._versions(lang, zone):
            page = as_text(blocks, columns)
            if page.count("\n") < _MOST_LINES:
                break
        return f"{page}\n\n{as_text(self._appendix(lang, zone))}" if detail else page

    def to_markdown(self, lang: str = "en", *, detail: bool = False, tz: str | tzinfo | None = None) -> str:
        """Return the page as GitHub-flavoured Markdown in a language; with `detail`, and the appendix."""
        return as_markdown(self._blocks(lang, detail, tz))

    def to_html(self, lang: str = "en", *, detail: bool = False, tz: str | tzinfo | None = None) -> str:
        """Return the page as a piece of HTML in a language; with `detail`, and the appendix."""
        return as_html(self._blocks(lang, detail, tz), lang)
