"""What the command writes: an answer as text, Markdown, JSON or a calendar; pictures; and a folder of them all."""

from __future__ import annotations

import io
import json
import sys
import warnings
from collections.abc import Mapping
from datetime import tzinfo
from io import BytesIO
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final

from ..catalogue import ui
from ..explanation import Explanation
from ..outline import Block, Heading, Paged, Paragraph
from ..phrases import citations, names_of, section
from ..plan import Plan
from ..portfolio import Portfolio
from ..routes import Routes, compare_routes
from ..steps import Selection
from ..texts import in_json
from .options import BadInput, complain

if TYPE_CHECKING:
    from matplotlib.figure import Figure
from collections.abc import Callable
from pathlib import Path

from ..days import zone_of
from ..errors import MissingExtra
from ..outline import as_markdown
from ..texts import flat
from .sheets import as_csv, sheets, workbook

__all__ = ["Comparison", "as_json", "calendar", "ics_of", "kept", "pictures", "shown", "written"]

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


class Comparison(Paged):
    """The ways of the move that a plan is for, best first; of a blocked one there are none, and the page says why."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._routes: Routes | None = None
        if plan.feasible:
            self._routes = compare_routes(plan.transfer, as_of=plan.as_of, policy=plan.policy)

    def to_dict(self) -> dict[str, Any]:
        """Return the ways, and the facts of the move, as JSON-ready data."""
        return {
            "schema": 1,
            "transfer": self._plan.transfer.to_dict(),
            "as_of": str(self._plan.as_of),
            "policy": self._plan.policy.to_dict(),
            "feasible": self._plan.feasible,
            "blockers": [blocker.to_dict() for blocker in self._plan.blockers],
            "routes": [route.to_dict() for route in self._routes or ()],
        }

    def _page(self, lang: str, zone: tzinfo | None) -> list[Block]:
        if self._routes is not None:
            return self._routes._page(lang, zone)
        plan, names = self._plan, names_of(self._plan.transfer, lang)
        move = {"partner": plan.transfer.destination.id, "as_of": plan.as_of, "policy": plan.policy.name}
        return [
            Heading(1, ui("ways_of", lang, customer=plan.transfer.customer.id)),
            Paragraph(ui("to_partner", lang, **move)),
            Paragraph(ui("blocked", lang)),
            *section("blockers", ((names.get(f.subject, f.subject), f) for f in plan.blockers), lang),
        ]

    def _appendix(self, lang: str, zone: tzinfo | None) -> list[Block]:
        if self._routes is not None:
            return self._routes._appendix(lang, zone)
        return [Heading(1, ui("appendix", lang)), *citations({f.rule for f in self._plan.blockers}, lang)]


def pictures(result: Plan | Portfolio, lang: str) -> dict[str, bytes]:
    """Return pictures by the ends of the names of their files. Raises `MissingExtra` without the extra `plots`.

    The same plan gives the same bytes. Characters that no font has are said on standard error.
    """
    from ..plots.of_plan import timeline
    from ..plots.of_portfolio import portfolio

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure = timeline(result, lang=lang) if isinstance(result, Plan) else portfolio(result, lang=lang)
        found = {form: _drawn(figure, form) for form in ("png", "svg")}
    complain(dict.fromkeys(str(one.message) for one in said), lang)
    return found


def _drawn(figure: Figure, form: str) -> bytes:
    from matplotlib import rc_context

    image = BytesIO()
    with rc_context({"svg.hashsalt": "csp-transfer"}):  # what ids within the picture are made of
        figure.savefig(image, format=form, dpi=144, metadata={"Date": None} if form == "svg" else None)
    return image.getvalue()


Contents = Mapping[str, bytes | str]
"""What is written, by the names of files; a text instead of bytes says why a file is not."""


def kept(
    result: Plan | Portfolio,
    folder: str,
    lang: str,
    *,
    tz: str | None,
    select: Selection,
    grouped: bool,
    overwrite: bool,
) -> str:
    """Write an answer into a folder, and return what was written, one file a line; nothing, where a file is there."""
    name = "plan" if isinstance(result, Plan) else "portfolio"
    tables = sheets(result, lang, select, tz)
    subscriptions, steps, _ = tables
    contents: dict[str, bytes | str] = {
        f"{name}.md": result.to_markdown(lang, tz=tz).encode("utf-8"),
        f"{name}-appendix.md": as_markdown(result._appendix(lang, zone_of(tz))).encode("utf-8"),
        f"{name}.json": f"{as_json(result.to_dict())}\n".encode(),
        "steps.csv": as_csv(steps),
        "subscriptions.csv": as_csv(subscriptions),
        **_if_there(f"{name}.xlsx", lambda: {f"{name}.xlsx": workbook(tables, lang)}),
    }
    if any(map(select.has, result.deadlines)):
        contents |= _if_there(
            f"{name}.ics", lambda: {f"{name}.ics": ics_of(result, lang, select, grouped=grouped)}
        )
    else:
        contents[f"{name}.ics"] = "there is no deadline" + ("" if select.takes_all else " that is selected")
    contents |= _if_there(
        f"{name}.png",
        lambda: {f"{name}.{form}": image for form, image in pictures(result, lang).items()},
    )
    return written(contents, folder, lang, overwrite=overwrite)


def _if_there(file: str, made: Callable[[], Contents]) -> Contents:
    """Return what is made where its extra is there; else why the file is not."""
    try:
        return made()
    except MissingExtra as error:
        return {
            file: f"it needs the extra '{error.extra}': python3 -m pip install 'csp-transfer[{error.extra}]'"
        }


def written(contents: Contents, folder: str, lang: str, *, overwrite: bool) -> str:
    """Write files into a folder, and return what was written, one file a line; nothing, where a file is there."""
    paths = {Path(folder) / file: content for file, content in contents.items()}
    at = Path(folder)
    try:
        there = [path for path in paths if path.exists()]
        if there and not overwrite:
            raise BadInput(
                *(
                    f"{str(path)!r}: is there already; expected another folder, or --overwrite"
                    for path in there
                )
            )
        at.mkdir(parents=True, exist_ok=True)
        for at, content in paths.items():
            if isinstance(content, bytes):
                at.write_bytes(content)
            else:
                older = "; the one that is there is an older one" if at in there else ""
                complain([f"{str(at)!r}: not written: {content}{older}"], lang)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{str(at)!r}: {reason}; expected a place to write to") from None
    return "\n".join(flat(str(path)) for path, content in paths.items() if isinstance(content, bytes))
