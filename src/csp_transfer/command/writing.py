"""What the command writes: an answer as text, Markdown, JSON or a calendar."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import Any, Final

from ..explanation import Explanation
from ..plan import Plan
from ..portfolio import Portfolio
from ..selection import Selection
from ..texts import in_json
from .complaints import BadInput, complain
from .pages import Comparison

__all__ = ["as_json", "calendar", "ics_of", "shown"]

_LEAST, _WIDE, _MOST = 60, 100, 120
"""How many columns a line of the page has in a terminal, at least and at most, and where there is none."""
_NO_DEADLINE: Final = (
    "the plan has no deadline; expected at least one: csp-transfer plan --detail says why there is none"
)
_NONE_LEFT: Final = "--actor, --action, --from, --until: no deadline is left; expected at least one"


def shown(
    page: Plan | Portfolio | Explanation | Comparison,
    form: str,
    lang: str,
    *,
    detail: bool = False,
    tz: str | None = None,
) -> str:
    """Return an answer in one of the formats; the days of an explanation are UTC, whatever `tz` is."""
    if form == "json":
        return as_json(page.to_dict())
    if isinstance(page, Explanation):
        return (page.to_markdown if form == "markdown" else page.to_text)(lang, detail=detail)
    if form == "markdown":
        return page.to_markdown(lang, detail=detail, tz=tz)
    return page.to_text(lang, detail=detail, tz=tz, columns=_columns())


def _columns() -> int:
    """Return how wide a line of the page may be: as wide as the terminal, if one shows it and it is not extreme."""
    if sys.stdout is None or not sys.stdout.isatty():
        return _WIDE
    return min(max(get_terminal_size((_WIDE, 0)).columns, _LEAST), _MOST)


def as_json(data: Mapping[str, Any]) -> str:
    """Return data as JSON text that can be printed as it is."""
    return in_json(json.dumps(data, ensure_ascii=False, indent=1))


def calendar(result: Plan | Portfolio, lang: str, select: Selection, *, grouped: bool) -> str:
    """Return the calendar; where all moves are blocked there is none, and standard error says why."""
    plans = (result,) if isinstance(result, Plan) else result.plans
    if not any(plan.feasible for plan in plans):
        complain((blocker.text_in(lang) for plan in plans for blocker in plan.blockers), lang)
        return ""
    if not any(map(select.has, result.deadlines)):
        raise BadInput(_NO_DEADLINE if select.takes_all else _NONE_LEFT)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")  # its line ends are part of the format
    return ics_of(result, lang, select, grouped=grouped).decode("utf-8")


def ics_of(result: Plan | Portfolio, lang: str, select: Selection, *, grouped: bool) -> bytes:
    """Return the calendar as it is written to a file. Raises `MissingExtra` without the extra `calendar`."""
    from ..export import to_ics

    return to_ics(result, lang=lang, select=select, grouped=grouped)
