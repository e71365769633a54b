"""What the command writes: an answer as text, Markdown, JSON or a calendar."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any, Protocol

from ..plan import Plan
from ..texts import in_json
from .complaints import complain

__all__ = ["as_json", "calendar", "shown"]


class Page(Protocol):
    """What can be shown: a plan, an explanation, a comparison."""

    def to_text(self, lang: str) -> str:
        """Return it as plain text in a language."""

    def to_markdown(self, lang: str) -> str:
        """Return it as Markdown in a language."""

    def to_dict(self) -> Mapping[str, Any]:
        """Return it as JSON-ready data."""


def shown(page: Page, form: str, lang: str) -> str:
    """Return an answer in one of the formats; only a plan can be a calendar."""
    if form == "ics" and isinstance(page, Plan):
        return calendar(page, lang)
    if form == "json":
        return as_json(page.to_dict())
    return page.to_markdown(lang) if form == "markdown" else page.to_text(lang)


def as_json(data: Mapping[str, Any]) -> str:
    """Return data as JSON text that can be printed as it is."""
    return in_json(json.dumps(data, ensure_ascii=False, indent=1))


def calendar(plan: Plan, lang: str) -> str:
    """Return the calendar; of a blocked move, which has none, say why it is blocked."""
    from ..export import to_ics

    if not plan.feasible:
        complain(map(str, plan.blockers))
        return ""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")  # its line ends are part of the format
    return to_ics(plan, lang=lang).decode("utf-8")
