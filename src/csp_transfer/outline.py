"""Reports as blocks that know nothing of their subject: headings, prose, bullets, tables; as text, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final
from unicodedata import east_asian_width

from attrs import frozen

from .texts import flat, in_attribute, in_html, in_markdown

__all__ = [
    "Block",
    "Bullets",
    "Heading",
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


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, in which each column begins at the same place."""
    taken = [list(map(width, row)) for row in rows]
    widths = list(map(max, zip(*taken, strict=True)))
    return [
        "  ".join(
            [cell + " " * (wide - own) for cell, own, wide in zip(row, owns, widths, strict=True)]
        ).rstrip()
        for row, owns in zip(rows, taken, strict=True)
    ]


def _text(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return ["", flat(block.text), ("=" if block.level == 1 else "-") * width(flat(block.text))]
    if isinstance(block, Paragraph):
        return [flat(block.text)]
    if isinstance(block, Bullets):
        return [f"- {flat(item)}" for item in block.items]
    lines = _aligned([list(map(flat, row)) for row in (block.headers, *block.rows)])
    return [lines[0], "-" * max(map(width, lines)), *lines[1:]]


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
.csp-transfer table{border-collapse:collapse;font-size:.92em;margin:0;width:max-content}
.csp-transfer :is(th,td){padding:.25em .7em;text-align:start;vertical-align:top;border-bottom:1px solid;\
border-color:color-mix(in srgb,currentColor 35%,transparent);color:inherit;background:none}
.csp-transfer td{max-width:28em;overflow-wrap:anywhere}
.csp-transfer th{font-weight:600;border-bottom-color:currentColor}
.csp-transfer :is(td,li,p,h2,h3,h4){unicode-bidi:plaintext}
.csp-transfer a{color:inherit;text-decoration:underline}"""
"""Only colours that are inherited, so that it is legible wherever the text around it is; nothing outside is touched."""


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
