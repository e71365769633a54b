"""What the command shows beside values of the library: every way that a move can go, or why it cannot go at all."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from ..catalogue import ui
from ..citations import citations
from ..outline import Block, Heading, Paged, Paragraph
from ..phrases import names_of, section
from ..plan import Plan
from ..routes import Routes, compare_routes

__all__ = ["Comparison"]


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
