"""Draw, whenever the site is built: the courses of states from their table, and from the code how a plan is made."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemdraw
from generate import lasting
from schemdraw import flow

from csp_transfer import partner_center, plan_transfer
from csp_transfer.assessment import assess_each
from csp_transfer.catalogue import label
from csp_transfer.choice import choose_each, with_bases
from csp_transfer.parts import gate_of
from csp_transfer.planner import deadlines_of, steps_of
from csp_transfer.rules.lifecycle import COURSES, State, access

WHO = ("users", "admins", "billed")
SHADES = {
    State.ACTIVE: "#ffffff",
    State.SUSPENDED: "#e8e8e8",
    State.EXPIRED: "#f4f4f4",
    State.DISABLED: "#d4d4d4",
    State.DELETED: "#bcbcbc",
    State.EXTENDED: "#f4f4f4",
}


FLOW: tuple[tuple[Callable[..., Any], str], ...] = (
    (partner_center.read, "reads a payload"),
    (gate_of, "may it happen, which way together"),
    (assess_each, "each subscription by itself"),
    (choose_each, "the way of each"),
    (with_bases, "nothing is safe without its base"),
    (steps_of, "what is to be done"),
    (deadlines_of, "by when"),
    (plan_transfer, "all of it in one value"),
)
"""The functions through which a payload becomes a plan, in the order in which they are called."""


def draw(docs: Path) -> None:
    """Write the pictures into the folders of the pages that show them."""
    schemdraw.use("svg")
    draw_states(docs / "reference")
    draw_flow(docs / "explanation")


def draw_flow(folder: Path) -> None:
    """Write how a payload becomes a plan: each function, where it is, what it is for and what it gives."""
    drawing = schemdraw.Drawing(show=False, fontsize=12, transparent=False)
    drawing.config(bgcolor="white")
    with drawing:
        for n, (function, about) in enumerate(FLOW):
            if n:
                flow.Arrow().down(0.6)
            gives = str(inspect.signature(function).return_annotation)
            values = dict.fromkeys(re.findall(r"[A-Z]\w+", gives.removeprefix("Iterator")))
            module = function.__module__.removeprefix("csp_transfer.")
            text = f"{module}.{function.__name__}: {about}\ngives {', '.join(values)}"
            flow.Box(w=9.5, h=1.3, fill="#f4f4f4").anchor("N").drop("S").label(text)
    drawing.save(str(folder / "flow.svg"))


def draw_states(folder: Path) -> None:
    """Write one picture for each course of states: what each state is called, how long it lasts, who has access."""
    for number, row in enumerate(COURSES.cases):
        if not row.then:
            continue
        drawing = schemdraw.Drawing(show=False, fontsize=12, transparent=False)
        drawing.config(bgcolor="white")
        with drawing:
            for n, (state, lasts) in enumerate(row.then):
                if n:
                    flow.Arrow().right(1)
                text = f"{label(state, 'en')}\n{lasting(lasts)}\n{who(state, ends=bool(lasts))}"
                width = max(4.4, 0.22 * max(map(len, text.splitlines())))
                flow.Box(w=width, h=2.2, fill=SHADES[state]).label(text)
        drawing.save(str(folder / f"states-{number}.svg"))


def who(state: State, *, ends: bool) -> str:
    """Return who has what in a state."""
    return ", ".join(name for name, has in zip(WHO, access(state, ends=ends), strict=True) if has) or "nobody"
