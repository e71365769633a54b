"""How pictures look: states are told apart by lightness and pattern as well as by colour."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final, NamedTuple

from matplotlib.figure import Figure

from ..catalogue import label, ui
from ..rules.lifecycle import State

__all__ = ["INK", "LINE", "LOOKS", "PAPER", "Look", "Picture", "state_label"]

PAPER: Final = "#ffffff"
INK: Final = "#1a1a1a"
LINE: Final = "#d9d9d9"


class Picture(Figure):
    """A matplotlib figure that shows itself in a notebook, whether pyplot is there or not."""

    def _repr_png_(self) -> bytes:
        image = BytesIO()
        self.savefig(image, format="png")
        return image.getvalue()


class Look(NamedTuple):
    """A colour, and a pattern that is drawn on it in another."""

    colour: str
    pattern: str = ""
    border: str = "-"
    drawn_in: str = INK

    @property
    def patch(self) -> dict[str, Any]:
        """What a bar of it is drawn with."""
        return {
            "facecolor": self.colour,
            "edgecolor": INK,
            "hatch": self.pattern,
            "hatchcolor": self.drawn_in,
            "hatch_linewidth": 0.4 if self.drawn_in == INK else 0.9,
            "linewidth": 0.6,
            "linestyle": self.border,
        }


# From dark to light as access goes; the days that cost nothing and harm nobody stand out between the two.
LOOKS: Final[dict[State | None, Look]] = {
    State.ACTIVE: Look("#24598a"),
    State.SUSPENDED: Look("#6a4391", "\\\\\\", drawn_in=PAPER),
    State.EXTENDED: Look("#8fc3e8", "|||"),
    State.EXPIRED: Look("#b5e8c8", "///"),
    State.DISABLED: Look("#dd933f", "xxx"),
    State.DELETED: Look("#f7f7f7", "..."),
    None: Look(PAPER, border=":"),
}
"""The look of each state; None: which state it is in is not known."""


def state_label(state: State | None, lang: str) -> str:
    """Return what a state is called in a picture; Expired is the grace window."""
    if state is None:
        return ui("state_not_known", lang)
    return ui("state_with_window", lang) if state is State.EXPIRED else label(state, lang)
