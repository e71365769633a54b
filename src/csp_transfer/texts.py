"""Text from outside stays text: names and ids as each door shows them, and as nothing else to whatever reads them."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from typing import Final
from unicodedata import category

__all__ = ["LINK", "OWN_CONTEXT", "decimal_text", "flat", "in_attribute", "in_html", "in_json", "in_markdown"]

LINK: Final = r"https://learn\.microsoft\.com/[\w./?=#-]+"
"""Where the sources are: the only links that reports have."""

_SHOWN_AS: Final = {"Cc": " ", "Cf": " ", "Zl": " ", "Zp": " ", "Cs": "\N{REPLACEMENT CHARACTER}"}


OWN_CONTEXT: Final = Context(capitals=1, traps=[InvalidOperation])
"""So that a number is read and written in one way, whatever decimal context the caller's thread has."""


def decimal_text(number: Decimal) -> str:
    """Return a decimal number as text.

    >>> decimal_text(Decimal("1E+15"))
    '1E+15'
    """
    return OWN_CONTEXT.to_sci_string(number)


def flat(text: str) -> str:
    r"""Return the text on one line and without control characters, which names from outside may contain.

    Codes that change the direction of writing, or that nobody sees, are such characters, too. Half of a character,
    which nothing can write, becomes U+FFFD.

    >>> flat("Mail\nfor\x1b[2J Osaka")
    'Mail for [2J Osaka'
    """
    if text.isprintable():  # nearly always
        return text
    return "".join(_SHOWN_AS.get(category(char), char) for char in text)


# What Markdown takes for markup, and a dot within a name, by which some readers know a link: a backslash does.
_PUNCTUATION: Final = r"[`*_{}\[\]<>#|&~]|/(?=/)|(?<=/)/|:(?=//)|(?<=\w)\.(?=[^\W\d_])|(?<=www)\."
# What is looked for in the finished page, where no backslash is left: the text must be in pieces there.
_MARKS: Final = r"[@$\\]|\#(?=\d)|(?<=gh)-(?=\d)|:(?=[a-z_+-][\w+-]*:)"
_MARKUP: Final = re.compile(f"(?P<apart>{_MARKS})|{_PUNCTUATION}", re.IGNORECASE)
_MAY_BE_MARKUP: Final = re.compile(r"[`*_{}\[\]<>#|&~/:.@$\\-]")
"""Every character that either of them escapes: the others need not be looked at closely."""
_LINKS: Final = re.compile(f"({LINK})")
_LIST: Final = re.compile(r"[-+]|\d+[.)]")
"""What makes a list, at the beginning of a line."""


def in_markdown(text: str, *, begins: bool = False) -> str:
    r"""Return a text as GitHub-flavoured Markdown that says just that: no markup, link, mention or formula.

    Where it `begins` a line, it begins no list either. Links to the sources stay links.

    >>> print(in_markdown("1. a|b <i>, www.example.com", begins=True))
    1\. a\|b \<i\>, www\.example\.com
    >>> print(in_markdown("@you"))
    <span>\@</span>you
    """
    shown = flat(text).strip()
    pieces = _LINKS.split(shown)
    said = "".join(
        f"<{piece}>" if n % 2 else _MAY_BE_MARKUP.sub(_escaped, piece) for n, piece in enumerate(pieces)
    )
    listed = _LIST.match(shown) if begins else None
    if listed is None:
        return said
    at = listed.end() - 1  # digits stand before it at most, of which none is escaped
    return f"{said[:at]}\\{said[at:]}"


def _escaped(match: re.Match[str]) -> str:
    found = _MARKUP.match(match.string, match.start())
    if found is None:
        return match[0]
    return f"<span>\\{match[0]}</span>" if found["apart"] else f"\\{match[0]}"


_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def in_attribute(text: str) -> str:
    """Return a text as an attribute of HTML, between quotation marks.

    >>> in_attribute('"a" & b')
    '&quot;a&quot; &amp; b'
    """
    return flat(text).translate(_ENTITIES)


# The marks between which a formula lies must be in one piece of text.
_FORMULA: Final = re.compile(r"[$\\]")
_DAY: Final = re.compile(r"(?<![\w-])\d{4}-[01]\d-[0-3]\d(?![\w-])")


def in_html(text: str) -> str:
    r"""Return a text as HTML that says just that, and has no formula; links only to where sources are.

    A day is an element of its own, which a style can keep on one line.

    >>> in_html("<b> & $x$ on 2026-03-31")
    '&lt;b&gt; &amp; <span>$</span>x<span>$</span> on <time>2026-03-31</time>'
    """
    pieces = _LINKS.split(in_attribute(text))
    return "".join(
        f'<a href="{piece}" rel="noopener noreferrer">{piece}</a>'
        if n % 2
        else _DAY.sub(r"<time>\g<0></time>", _FORMULA.sub(r"<span>\g<0></span>", piece))
        for n, piece in enumerate(pieces)
    )


def in_json(text: str) -> str:
    r"""Return JSON text that is printed as it is: what `flat` takes away is written as an escape.

    >>> print(in_json('"\u202e"'))
    "\u202e"
    """
    return re.sub(r"[^ -~\n]", lambda match: _json_escaped(match[0]), text)


def _json_escaped(char: str) -> str:
    if category(char) not in _SHOWN_AS:
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
