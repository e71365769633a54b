"""Draw the pictures of a how-to page by running its own examples, whenever the site is built."""

from __future__ import annotations

from doctest import DocTestParser
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

PAGE = "how-to/pictures.md"
SHOWN = ("timeline", "japanese", "portfolio")
"""The names that the page gives to what it shows."""


def draw_pictures(docs: Path) -> None:
    """Write each picture beside the page that shows it."""
    page = docs / PAGE
    names: dict[str, Any] = {}
    for example in DocTestParser().get_examples(page.read_text(encoding="utf-8")):
        exec(compile(example.source, PAGE, "exec"), names)  # noqa: S102 - the page is ours
    for name in SHOWN:
        figure: Figure = names[name]
        figure.savefig(page.with_name(f"picture-{name}.png"), dpi=150)
