"""What errors say in Japanese, found by what they say in English: the table is `data/errors.toml`.

An error is raised with English text, and most are never read in Japanese: so only who asks for it pays for it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from .package_data import read_bytes

__all__ = [
    "LANGUAGES",
    "accepted_in_japanese",
    "error_in_japanese",
    "in_japanese",
    "place_in_japanese",
    "reasons_in_japanese",
]

LANGUAGES: Final = ("en", "ja")
"""The languages that all texts exist in."""

_DAY: Final = r"\d{4}-\d\d-\d\d"
_WRITTEN: Final = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
"""A text as Python writes it."""
_SLOTS: Final = {
    "as_of": _DAY,
    "class": r"\w+",
    "classes": r"(?:[A-Z]\w*|bool|date|datetime|dict|float|int|list|str|tuple|tzinfo)(?: or [A-Z]\w*)*",
    "day": _DAY,
    "last_day": _DAY,
    "most": r"\d+",
    "name": _WRITTEN,
    "near": _WRITTEN,
    "number": r"\d+(?:\.\d+)?",
}
"""What may stand in place of a name in a text; anything in place of others."""
_REASON: Final = re.compile(r"(.+?): expected (.+?)(?:; (?=[^;]+: expected )|$)", re.DOTALL)


@cache
def _tables() -> dict[str, dict[str, str]]:
    import tomllib  # on first use, as the texts themselves

    tables: dict[str, dict[str, str]] = tomllib.loads(read_bytes("errors.toml").decode("utf-8"))
    return tables


@cache
def _patterns(table: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the texts that have names in them, those first that say most beside them."""
    from string import Formatter  # few ask

    found: list[tuple[tuple[bool, int], re.Pattern[str], str]] = []
    for english, japanese in _tables()[table].items():
        parts = list(Formatter().parse(english))
        if any(name is not None for _, name, _, _ in parts):
            pattern = "".join(
                re.escape(text) + ("" if name is None else f"(?P<{name}>{_SLOTS.get(name, '.+?')})")
                for text, name, _, _ in parts
            )
            said = sum(len(text) for text, _, _, _ in parts)
            # What is put behind another text is taken off before all else.
            is_outside = english.startswith("{said}")
            found.append(((is_outside, said), re.compile(pattern, re.DOTALL), japanese))
    found.sort(key=lambda one: one[0], reverse=True)
    return tuple((pattern, japanese) for _, pattern, japanese in found)


def in_japanese(table: str, english: str) -> str | None:
    """Return a text of a table in Japanese; None: the table does not have it.

    >>> in_japanese("accepted", "a day not before first_day, 2026-04-01")
    'first_day (2026-04-01) 以降の日付'
    """
    exactly = _tables()[table].get(english)
    if exactly is not None:
        return exactly
    for pattern, japanese in _patterns(table):
        found = pattern.fullmatch(english)
        parts = None if found is None else _parts_in_japanese(table, found.groupdict())
        if parts is not None:
            return japanese.format_map(parts)
    return None


def _parts_in_japanese(table: str, parts: dict[str, str]) -> dict[str, str] | None:
    """Return what stands in place of names; None: a phrase among it has no Japanese."""
    found: dict[str, str] = {}
    for name, said in parts.items():
        part: str | None = said
        if name == "phrase":
            part = in_japanese("accepted", said)
        elif name == "said":
            part = in_japanese(table, said)
        elif name == "reasons":
            part = reasons_in_japanese(said) if _REASON.search(said) else None
        elif name == "reason":
            part = in_japanese("reason", said) or said
        elif name == "place":
            part = place_in_japanese(said)
        if part is None:
            return None
        found[name] = part
    return found


def accepted_in_japanese(english: str) -> str:
    """Return what a field accepts; as it is, where the table does not have it."""
    said = in_japanese("accepted", english)
    return english if said is None else said


def place_in_japanese(english: str) -> str:
    """Return where something stands; names of fields are the same in both languages.

    >>> place_in_japanese("row 3 (id 'b')"), place_in_japanese("quantity")
    ("行 3 (ID 'b')", 'quantity')
    """
    said = in_japanese("place", english)
    return english if said is None else said


def reasons_of(english: str) -> list[tuple[str, str]]:
    """Return each problem that the column of reasons names: the column or argument, and what is accepted there.

    >>> reasons_of("Seats: expected a count of licences, 0 or more; as_of: expected a day from 2022-01-10 on")
    [('Seats', 'a count of licences, 0 or more'), ('as_of', 'a day from 2022-01-10 on')]
    """
    return _REASON.findall(english)


def reasons_in_japanese(english: str) -> str:
    """Return why a row of a table cannot be judged, as the column of reasons says it.

    >>> reasons_in_japanese("Seats: expected a count of licences, 0 or more; Trial: expected True or False")
    'Seats: 正しい指定: 0 以上のライセンス数、Trial: 正しい指定: True または False'
    """
    return "、".join(
        error_in_japanese("one_row", source=source, accepted=accepted_in_japanese(accepted))
        for source, accepted in reasons_of(english)
    )


def error_in_japanese(kind: str, **facts: Any) -> str:
    """Return a whole error of a kind."""
    return _tables()["error"][kind].format(**facts)
