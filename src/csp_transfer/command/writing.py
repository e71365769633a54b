"""What the command writes: an answer as text, Markdown, JSON or a calendar."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

from ..plan import Plan
from ..texts import in_json
from .complaints import complain

__all__ = ["as_json", "calendar", "shown"]


def shown(plan: Plan, form: str, lang: str) -> str:
    """Return a plan in one of the formats."""
    if form == "ics":
        return calendar(plan, lang)
    if form == "json":
        return as_json(plan.to_dict())
    return plan.to_markdown(lang) if form == "markdown" else plan.to_text(lang)


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
