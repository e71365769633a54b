"""Sources at the end of a report: every rule that it names, under the page that the rule comes from."""

from __future__ import annotations

from collections.abc import Iterable

from .catalogue import rule, ui
from .outline import Block, Bullets, Heading

__all__ = ["citations"]


def citations(rule_ids: Iterable[str], lang: str) -> list[Block]:
    """Return the section on sources; nothing where no rule is named."""
    pages: dict[str, list[str]] = {}
    for rule_id in sorted(set(rule_ids)):
        source = rule(rule_id).source
        page = ui("page", lang, title=source.title, edition=source.edition, day=source.read_on)
        pages.setdefault(f"{page} {source.link}", []).append(f"{rule_id} {source.passage}")
    items = tuple(f"{page}: {', '.join(cited_there)}" for page, cited_there in pages.items())
    return [Heading(2, ui("sources", lang)), Bullets(items)] if items else []
