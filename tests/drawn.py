"""What is drawn, and what is to be seen of it: bars, marks, words, and pixels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from facts import day, subscription, transfer
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import csp_transfer as csp

SEEN = day(-30)


def planned(*subscriptions: csp.Subscription, as_of: date = SEEN, **facts: Any) -> csp.Plan:
    asked = {name: facts.pop(name) for name in ("policy", "way") if name in facts}
    return csp.plan_transfer(
        transfer(*subscriptions, **{"relationship_accepted": True} | facts), as_of=as_of, **asked
    )


def renewing(**changes: Any) -> csp.Subscription:
    return subscription(**{"auto_renew": True} | changes)


def move(customer: str, *subscriptions: csp.Subscription, **facts: Any) -> csp.Transfer:
    tenant = csp.Tenant(id=customer, country="JP")
    return transfer(*subscriptions, **{"customer": tenant, "relationship_accepted": True} | facts)


class Bar(NamedTuple):
    """A bar: in which row, of which kind, from its first day to its last."""

    row: str
    kind: str
    first_day: date
    last_day: date


def day_at(x: float) -> date:
    day: date = num2date(x).date()
    return day


def rows(ax: Axes) -> list[str]:
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def _row(ax: Axes, y: float) -> str:
    return rows(ax)[int(y + 0.5)]


def bars(ax: Axes) -> list[Bar]:
    """Every bar, row by row, in the order of their days."""
    found = [
        Bar(
            _row(ax, bar.get_y() + bar.get_height() / 2),
            str(container.get_label()),
            day_at(bar.get_x()),
            day_at(bar.get_x() + bar.get_width()) - timedelta(days=1),
        )
        for container in ax.containers
        for bar in container
    ]
    return sorted(found, key=lambda bar: (rows(ax).index(bar.row), bar.first_day))


def marks(ax: Axes, marker: str) -> list[tuple[str, date, bool]]:
    """Every mark of a shape: its row, its day, and whether it is hollow; each stands in the middle of its day."""
    found: list[tuple[str, date, bool]] = []
    for line in ax.get_lines():
        if line.get_marker() == marker and line.get_linestyle() == "None":
            hollow = line.get_markerfacecolor() == "#ffffff"
            for x, y in zip(*(np.asarray(xy, float) for xy in line.get_data()), strict=True):
                assert x % 1 == 0.5
                found.append((_row(ax, y), day_at(x), hollow))
    return found


def texts(figure: Figure) -> list[Text]:
    """Every text that says something."""
    if figure.stale:
        figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def pixels(figure: Figure) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The picture as it is rendered: rows from the top, each pixel red, green, blue and opacity."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def seen(image: np.ndarray[Any, np.dtype[np.uint8]], box: Bbox) -> Iterator[tuple[int, int, int]]:
    """Each pixel inside a box."""
    left, bottom, right, top = (round(edge) for edge in box.extents)
    for row in image[image.shape[0] - top : image.shape[0] - bottom, left:right]:
        for red, green, blue, _ in row:
            yield int(red), int(green), int(blue)
