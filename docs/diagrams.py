"""Draw the courses of states from the table that decides them, whenever the site is built."""

from __future__ import annotations

from pathlib import Path

import schemdraw
from generate import lasting
from schemdraw import flow

from csp_transfer.catalogue import label
from csp_transfer.rules.state_table import COURSES, State, access

WHO = ("users", "admins", "billed")
SHADES = {
    State.ACTIVE: "#ffffff",
    State.SUSPENDED: "#e8e8e8",
    State.EXPIRED: "#f4f4f4",
    State.DISABLED: "#d4d4d4",
    State.DELETED: "#bcbcbc",
    State.EXTENDED: "#f4f4f4",
}


def draw(folder: Path) -> None:
    """Write one picture for each course of states: what each state is called, how long it lasts, who has access."""
    schemdraw.use("svg")
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
