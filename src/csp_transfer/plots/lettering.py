"""Words in a picture: on few lines, never taken for markup, and in fonts that have every character."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from typing import Any, Final, NamedTuple

from matplotlib import font_manager

from ..errors import MissingExtra
from ..outline import width
from ..texts import flat

__all__ = ["Lettering", "lettering", "wrapped"]

PLAIN: Final = {"parse_math": False, "usetex": False}
"""A name may have a `$` in it, which is not mathematics, whatever else is set."""

_JAPANESE: Final = "IPAexGothic"
_JAPANESE_IN: Final = "matplotlib-fontja"
"""The package that brings it. It is not imported: that would change the fonts of all other pictures, too."""
_BOXES: Final = "Last Resort"
"""A font that has a box for every character."""
_REGULAR: Final = 400


class Lettering(NamedTuple):
    """Families of fonts, in the order in which each character is looked for, and what none of them has."""

    families: list[str]
    lacking: frozenset[str]

    def text(self, size: float, **more: Any) -> dict[str, Any]:
        """Return what every text of a picture is drawn with."""
        return {"family": self.families, "fontsize": size, **PLAIN, **more}

    def shown(self, text: str) -> str:
        """Return a text on one line; a character that no font has is shown by its number, not as an empty box."""
        return "".join(f"<U+{ord(c):04X}>" if c in self.lacking else c for c in flat(text))


def lettering(labels: Iterable[str], names: Iterable[str]) -> Lettering:
    """Choose fonts for our own labels and for names from outside: the user's first, then others that are installed.

    Raises `MissingExtra` where the labels are in Japanese and no font is; warns of characters in names that no
    font has.
    """
    ours, theirs = ({c for text in texts for c in flat(text)} for texts in (labels, names))
    families: list[str] = []
    lacking = ours | theirs
    for family, path in _fonts():
        covers = lacking & set(map(chr, font_manager.get_font(path).get_charmap()))
        if covers or not families:
            families.append(family)
            lacking -= covers
        if not lacking:
            break
    if ours & lacking:
        raise MissingExtra("csp_transfer.plots in Japanese", "plots")
    if lacking:
        numbers = ", ".join(f"U+{ord(c):04X}" for c in sorted(lacking))
        warnings.warn(
            f"no font that is installed has {numbers}: shown by number. Install one that does, such as Noto Sans for "
            "the script in question",
            stacklevel=3,
        )
    return Lettering(families, frozenset(lacking))


def _fonts() -> Iterator[tuple[str, str]]:
    """Yield fonts with their paths: those that the user has set, the Japanese one, then all that are installed."""
    for family in font_manager.FontProperties().get_family():
        font = font_manager.FontProperties(family=[family])
        yield family, str(font_manager.findfont(font))
    every = font_manager.fontManager
    if _JAPANESE not in every.get_font_names() and (path := _path_of_japanese()):
        every.addfont(path)
    upright = {
        font.name: font.fname
        for font in every.ttflist
        if (font.style, font.weight) == ("normal", _REGULAR) and not font.name.startswith(_BOXES)
    }
    yield from sorted(upright.items(), key=lambda item: (item[0] != _JAPANESE, item[0]))


def _path_of_japanese() -> str | None:
    try:
        files: Sequence[metadata.PackagePath] = metadata.files(_JAPANESE_IN) or ()
    except metadata.PackageNotFoundError:
        return None
    return next((str(file.locate()) for file in files if file.suffix == ".ttf"), None)


def wrapped(text: str, columns: int) -> str:
    """Return a text on one line of so many columns, or on two; what is too long for that loses its middle.

    >>> print(wrapped("Microsoft 365 Business Premium (no Teams) for the branch in Osaka, first floor", 30))
    Microsoft 365 Business Premiu…
    branch in Osaka, first floor
    >>> print(wrapped("Microsoft 365 Business Premium for Osaka", 30))
    Microsoft 365 Business
    Premium for Osaka
    """
    if width(text) <= columns:
        return text
    if width(text) > 2 * columns:
        half = columns - 1
        return f"{_beginning(text, half).rstrip()}…\n{_beginning(text[::-1], half)[::-1].lstrip()}"
    middle = len(_beginning(text, width(text) // 2))
    spaces = [
        at for at, char in enumerate(text) if char == " " and width(text[at:]) <= columns >= width(text[:at])
    ]
    at = min(spaces, key=lambda place: abs(place - middle), default=middle)
    return f"{text[:at].rstrip()}\n{text[at:].lstrip()}"


def _beginning(text: str, columns: int) -> str:
    """Return as much of a text as takes so many columns."""
    while width(text) > columns:
        text = text[: -max(1, (width(text) - columns) // 2)]
    return text
