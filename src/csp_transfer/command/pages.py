"""Pages that no value of the library writes by itself: every way that a move can go, compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..catalogue import Severity, label, ui
from ..citations import citations
from ..findings import Finding
from ..outline import Block, Heading, Paragraph, Table, as_markdown, as_text
from ..plan import Plan, section
from ..routes import Route, compare_routes

__all__ = ["Comparison"]


class Comparison:
    """The ways of the move that a plan is for, best first; of a blocked one there are none, and the page says why."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._routes: tuple[Route, ...] = ()
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
            "routes": [route.to_dict() for route in self._routes],
        }

    def to_text(self, lang: str) -> str:
        """Return the page as plain text."""
        return as_text(self._blocks(lang))

    def to_markdown(self, lang: str) -> str:
        """Return the page as Markdown."""
        return as_markdown(self._blocks(lang))

    def _blocks(self, lang: str) -> Iterator[Block]:
        plan, names = self._plan, self._plan._names(lang)
        move = {"partner": plan.transfer.destination.id, "as_of": plan.as_of, "policy": plan.policy.name}
        yield Heading(1, ui("ways_of", lang, customer=plan.transfer.customer.id))
        yield Paragraph(ui("to_partner", lang, **move))
        said = list(plan.blockers)
        if not plan.feasible:
            yield Paragraph(ui("blocked", lang))
            yield from section("blockers", ((names.get(f.subject, f.subject), f) for f in said), lang)
        else:
            yield _side_by_side(self._routes, lang)
        for route in self._routes:
            told = _told(route)
            said += told
            yield Heading(2, _way(route, lang))
            if route.available and route.exceptions:
                excepted = ui("separator", lang).join(names[one] for one in route.exceptions)
                yield Paragraph(ui("not_for", lang, ids=excepted))
            # The way's own heading stands in the place of the section's.
            yield from section("cautions", ((names.get(f.subject, f.subject), f) for f in told), lang)[1:]
        yield Paragraph(ui("all_days_utc", lang))
        yield from citations({f.rule for f in said}, lang)


def _way(route: Route, lang: str) -> str:
    return label(route.way, lang) if route.way else ui("best_of_each", lang)


def _told(route: Route) -> list[Finding]:
    """Return what a way asks to do and what warns, gravest first; where it is not open to all, also why."""
    told = (f for f in route.findings if route.exceptions or f.severity > Severity.INFO)
    return sorted(told, key=lambda f: -f.severity.rank)


def _side_by_side(routes: Sequence[Route], lang: str) -> Table:
    """Return the tables that the ways show, of one row each, as one table; of a way that is not open it has no more."""
    tables = [block for route in routes for block in route._blocks(lang) if isinstance(block, Table)]
    headers = max((table.headers for table in tables), key=len)
    rows = (
        (_way(route, lang), *table.rows[0], *("-" for _ in headers[len(table.rows[0]) :]))
        for route, table in zip(routes, tables, strict=True)
    )
    return Table((ui("way", lang), *headers), tuple(rows))
