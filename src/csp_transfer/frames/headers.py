"""Which fact the header of a column names: by its name, or by what exports call it, in English and Japanese."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize

from .columns import INPUTS, INSTEAD, OF_THE_CUSTOMER, SHOWN, Input

__all__ = ["header_key", "named_by", "resembling", "unclear_for"]

_NEAR: Final = 0.75
"""How much of two headers must be the same, so that one is named where the other is missing."""


def header_key(header: object) -> str:
    """Return what headers are compared by: their letters and digits, whatever their case, width and blanks.

    >>> header_key("Auto-renew"), header_key("サブスクリプション　ＩＤ")
    ('autorenew', 'サブスクリプションid')
    """
    return "".join(letter for letter in normalize("NFKC", str(header)).casefold() if letter.isalnum())


_KEYS: Final = {
    spec.name: tuple(dict.fromkeys(map(header_key, (spec.name, *spec.headers))))
    for spec in (*INPUTS, *INSTEAD.values(), *SHOWN, *OF_THE_CUSTOMER)
}
_UNCLEAR: Final = {spec.name: tuple(map(header_key, spec.unclear)) for spec in INPUTS}
_KNOWN: Final = frozenset(key for known in (_KEYS, _UNCLEAR) for keys in known.values() for key in keys)


def named_by(spec: Input, own: Iterable[str]) -> list[str]:
    """Return the headers that name a fact; its own name alone where that is one of them."""
    found = [header for header in own if header_key(header) in _KEYS.get(spec.name, ())]
    return [spec.name] if spec.name in found else found


def unclear_for(spec: Input, own: Iterable[str]) -> list[str]:
    """Return the headers of columns that hold a fact or another one, and do not say which."""
    return [header for header in own if header_key(header) in _UNCLEAR.get(spec.name, ())]


def resembling(wanted: Iterable[str], own: Iterable[str]) -> str | None:
    """Return the header that comes nearest to one that is wanted, of those that name no fact; None: none comes near."""
    others = {header_key(header): header for header in own}
    others = {key: header for key, header in others.items() if key and key not in _KNOWN}
    for key in map(header_key, wanted):
        near = get_close_matches(key, others, 1, _NEAR) or [one for one in others if key in one]
        if near:
            return others[near[0]]
    return None
