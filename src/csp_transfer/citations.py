"""Sources at the end of a report: every rule that it names, under the page that the rule comes from."""

from __future__ import annotations

from collections.abc import Iterable

from .catalogue import rule, ui
from .outline import Block, Bullets, Heading
from .sources import Page, Source, link_in, title_in

__all__ = ["citations"]


def citations(rule_ids: Iterable[str], lang: str) -> list[Block]:
    """Return the section on sources; nothing where no rule is named."""
    pages: dict[str, list[str]] = {}
    for rule_id in sorted(set(rule_ids)):
        row = rule(rule_id)
        pages.setdefault(_page(row.source, lang), []).append(f"{rule_id} {row.source.passage}")
        for further in row.further:
            pages.setdefault(_page(further, lang), []).append(rule_id)
    items = tuple(f"{page}: {', '.join(cited_there)}" for page, cited_there in pages.items())
    return [Heading(2, ui("sources", lang)), Bullets(items)] if items else []


def _page(page: Source | Page, lang: str) -> str:
    edition = ui("undated" if page.edition == "undated" else "edition", lang, edition=page.edition)
    said = ui("page", lang, title=title_in(page, lang), edition=edition, day=page.read_on)
    return f"{said} {link_in(page, lang)}"
