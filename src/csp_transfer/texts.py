"""Texts: those that come with the package, those from outside as each door shows them, and when two ids are one.

Ids of subscriptions and offers are GUIDs or product codes, those of tenants and partners GUIDs or domain names. In all
of them, capital and small letters mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Final, TypeVar
from unicodedata import category

from .frozen_map import FrozenMap

__all__ = [
    "LINK",
    "OWN_CONTEXT",
    "IdMap",
    "decimal_text",
    "flat",
    "id_key",
    "in_attribute",
    "in_html",
    "in_json",
    "in_markdown",
    "one_of_ids",
    "read_bytes",
    "same_id",
]

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


def read_bytes(name: str) -> bytes:
    """Return a file of the package's own data.

    >>> read_bytes("csp-markets.csv").splitlines()[0]
    b'country,region,listed_as,currency'
    """
    from importlib.resources import files  # on first use: most of what importing the package would cost

    return files("csp_transfer").joinpath("data", name).read_bytes()


V = TypeVar("V")


def id_key(text: str) -> str:
    """Return what an id is compared, counted and sorted by.

    >>> id_key("CFQ7TTC0LH18:0001")
    'cfq7ttc0lh18:0001'
    """
    return text.lower()


def same_id(one: str, other: str) -> bool:
    """Tell whether two ids are of one thing.

    >>> same_id("Contoso.example", "contoso.EXAMPLE"), same_id("contoso", "fabrikam")
    (True, False)
    """
    return one == other or id_key(one) == id_key(other)


def one_of_ids(wanted: str, ids: Iterable[str]) -> bool:
    """Tell whether an id is one of several.

    >>> one_of_ids("E3", frozenset({"e3", "e5"}))
    True
    """
    return any(same_id(wanted, one) for one in ids)


class IdMap(FrozenMap[str, V]):
    """An immutable mapping from ids, in which an id is found however it is spelled.

    >>> IdMap({"Contoso": 1})["contoso"]
    1
    """

    __slots__ = ("_spelled",)
    _spelled: dict[str, str]

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        super().__init__(items)
        object.__setattr__(
            self, "_spelled", {id_key(key): key for key in self._items if isinstance(key, str)}
        )

    def __getitem__(self, key: str) -> V:
        if key in self._items or not isinstance(key, str):
            return self._items[key]
        return self._items[self._spelled[id_key(key)]]
