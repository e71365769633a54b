"""What stands around a picture's bars: its axis of days, its heading, and the key to what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Any, Final

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from ..errors import InvalidValue
from .lettering import Lettering, wrapped
from .look import INK, LINE, PAPER

__all__ = [
    "AS_OF",
    "axis_of_days",
    "figure_of",
    "heading",
    "key_of",
    "lay_out",
    "midnight",
    "noon",
    "paper",
    "points_wide",
]

AS_OF: Final[dict[str, Any]] = {"color": INK, "linestyle": (0, (4, 2)), "linewidth": 1.2}
"""The line at the day that is asked for."""

_POINTS: Final = 72.0  # in an inch
_TITLE, _TEXT, _SMALL = 12.0, 9.0, 8.0
_COLUMNS, _FEWEST, _DAY = 110, 20, 66.0
"""How many letters of the heading stand on one line, at most and at least; how many points a day on the axis takes."""


def figure_of(ax: Axes) -> Figure:
    """Return the figure that axes are in; `InvalidValue` for axes that are in none, as they were removed from it."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise InvalidValue("ax", ax, "axes that are in a figure")
    return figure


def midnight(day: date) -> float:
    """Return where a UTC day begins on the axis."""
    return float(date2num(day))


def noon(day: date) -> float:
    """Return where the middle of a UTC day is on the axis."""
    return midnight(day) + 0.5


def paper(ax: Axes) -> None:
    """Let bars stand on white without lines behind them, whatever style the user has set for what is around."""
    ax.set_facecolor(PAPER)
    ax.grid(visible=False, which="both")


def axis_of_days(
    ax: Axes, first_day: date, last_day: date, letters: Lettering, *, above: bool = False
) -> None:
    """Let an axis reach from one UTC day to another, marked with days in ISO 8601; `above` as well as below."""
    ax.set_xlim(midnight(first_day), midnight(last_day) + 1)
    most = max(2, int(points_wide(ax) / _DAY))
    ax.xaxis.set_major_locator(AutoDateLocator(tz=UTC, minticks=min(4, most), maxticks=most))
    ax.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d", tz=UTC, usetex=False))
    ax.tick_params(axis="x", labeltop=above, labelsize=_SMALL, labelfontfamily=letters.families)
    paper(ax)
    ax.grid(axis="x", color=LINE, linewidth=0.8)
    ax.set_axisbelow(True)


def points_wide(ax: Axes) -> float:
    """Return how wide axes are, in points."""
    return float(ax.get_window_extent().width / figure_of(ax).dpi * _POINTS)


def lay_out(figure: Figure) -> None:
    """Lay a figure out as it is so far, where it does that by itself."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def key_of(
    ax: Axes, letters: Lettering, key: Sequence[Artist], *, columns: int, lift: float, side: str = "left"
) -> Legend:
    """Write the key to what is drawn above the axes, `lift` points away, at one side."""
    figure = figure_of(ax)
    legend: Legend = ax.legend(
        handles=key,
        loc="lower right" if side == "right" else "lower left",
        bbox_to_anchor=(side == "right", 1),
        bbox_transform=ax.transAxes + ScaledTranslation(0, lift / _POINTS, figure.dpi_scale_trans),
        ncols=columns,
        borderaxespad=0,
        facecolor=PAPER,
        edgecolor="none",
        framealpha=1,
        labelcolor=INK,
        prop={"family": letters.families, "size": _SMALL},
    )
    for text in legend.get_texts():
        text.set(parse_math=False, usetex=False)
    for drawn, meant in zip(legend.legend_handles, key, strict=True):
        if isinstance(drawn, Patch) and isinstance(meant, Patch):  # which the legend does not copy
            drawn.set_hatch_linewidth(meant.get_hatch_linewidth())
    return legend


def heading(
    ax: Axes, letters: Lettering, *, title: str, lines: Sequence[str], key: Sequence[Artist], lift: float
) -> float:
    """Write a title, lines of text, and the key above the axes, and return how high all that is, in inches.

    `lift` points are left free for what is there.
    """
    figure = figure_of(ax)
    wide = ax.get_window_extent().width
    columns = 4
    legend = key_of(ax, letters, key, columns=columns, lift=lift)
    while columns > 1 and legend.get_window_extent().width > wide:
        columns -= 1
        legend = key_of(ax, letters, key, columns=columns, lift=lift)
    # With fewer dots, letters are rounded up to whole ones: each line of the key takes up to a point more.
    lines_of_key = -(-len(key) // columns)
    lift += legend.get_window_extent().height / figure.dpi * _POINTS + lines_of_key + 4
    for size, line in [*((_TEXT, line) for line in reversed(lines)), (_TITLE, title)]:
        shown = letters.shown(line)
        place: dict[str, Any] = {
            "xycoords": "axes fraction",
            "xytext": (0, lift),
            "textcoords": "offset points",
        }
        columns = _COLUMNS
        written = ax.annotate(wrapped(shown, columns), (0, 1), **place, **letters.text(size))
        while columns > _FEWEST and written.get_window_extent().width > wide:
            columns -= 5
            written.set_text(wrapped(shown, columns))
        lift += written.get_window_extent().height / figure.dpi * _POINTS + 5
    return lift / _POINTS
