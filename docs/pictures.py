"""Draw the pictures of a how-to page by running its examples when the site is built; run by itself, the READMEs'."""

from __future__ import annotations

from datetime import date
from doctest import DocTestParser
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure
from PIL import Image

from csp_transfer import IN_FORCE, Partner, Tenant, Transfer, partner_center, plan_transfer, plots
from csp_transfer.texts import read_bytes

PAGE = "how-to/pictures.md"
SHOWN = ("timeline", "japanese", "portfolio")
"""The names that the page gives to what it shows."""
OF_READMES: Final = {"en": "picture.png", "ja": "ja/picture.png"}
"""What the READMEs show, kept in the repository: they are read where no site is built."""
DOTS_PER_INCH: Final = 80
COLOURS: Final = 64


def draw_pictures(docs: Path) -> None:
    """Write each picture beside the page that shows it."""
    page = docs / PAGE
    names: dict[str, Any] = {}
    for example in DocTestParser().get_examples(page.read_text(encoding="utf-8")):
        exec(compile(example.source, PAGE, "exec"), names)  # noqa: S102 - the page is ours
    for name in SHOWN:
        figure: Figure = names[name]
        figure.savefig(page.with_name(f"picture-{name}.png"), dpi=150)


def of_readme(lang: str) -> Figure:
    """Return the picture of the bundled customer's plan, as a README shows it."""
    move = Transfer(
        customer=Tenant(id="contoso", country="JP"),
        destination=Partner(id="fabrikam", country="JP"),
        subscriptions=partner_center.read(read_bytes("contoso-subscriptions.json")),
    )
    plan = plan_transfer(move, as_of=date(2026, 2, 15), policy=IN_FORCE)
    return plots.timeline(plan, lang=lang)


def draw_readmes(docs: Path) -> None:
    """Write the pictures of the READMEs."""
    for lang, name in OF_READMES.items():
        drawn = BytesIO()
        of_readme(lang).savefig(drawn, dpi=DOTS_PER_INCH)
        Image.open(drawn).convert("RGB").quantize(COLOURS).save(docs / name, optimize=True)


if __name__ == "__main__":
    draw_readmes(Path(__file__).parent)
