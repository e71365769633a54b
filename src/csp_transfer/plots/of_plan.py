"""A plan as a picture: a bar for each subscription, and the days on which something is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, Final

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from .. import checks
from ..catalogue import check_language, label, policy_words, ui
from ..days import after
from ..errors import InvalidType, InvalidValue
from ..model import Way
from ..phrases import in_short
from ..plan import Plan
from ..texts import IdMap
from .frame import AS_OF, axis_of_days, figure_of, heading, lay_out, midnight, noon, points_wide
from .lettering import Lettering, lettering, wrapped
from .look import INK, LINE, LOOKS, PAPER, Picture, state_label
from .rows import Row, most_urgent, rows_of

__all__ = ["MOST_ROWS", "timeline"]

MOST_ROWS: Final = 400
"""More subscriptions than these are not drawn at once."""
_MOST_URGENT: Final = 60
"""So many are drawn of a plan that has more, unless the caller chooses."""

_ROW, _LEAST_ROW = 0.4, 0.3
"""How high a row is, in inches, and how low it may be in axes that are given: letters would meet the next row's."""
_WIDE, _FOOT = 10.5, 0.8
_POINTS: Final = 72.0  # in an inch
_BACK, _AHEAD = 366, 2 * 366
"""How many days are shown at most before and after the plan's day; what lies beyond is pointed at."""

# In a row, whose height is 1: its bar's middle and height, where triangles are, and where their words stand.
_BAR, _BAR_HIGH, _TRIANGLE, _WORDS = 0.18, 0.46, -0.13, -0.3
_NAME, _LETTERS, _BESIDE, _TALL = 40, 6.5, 4.5, 20
"""How many columns a name has on each of its two lines; how high the letters at triangles are, and how far from them
they stand, in points; from how many rows on days are written above them, too."""

_FULL: Final[dict[str, Any]] = {
    "linestyle": "none",
    "markerfacecolor": INK,
    "markeredgecolor": PAPER,
    "zorder": 4,
}
_HOLLOW: Final[dict[str, Any]] = _FULL | {"markerfacecolor": PAPER, "markeredgecolor": INK}
"""What is only for the case that a transfer in mid-term is not done is hollow."""
_DUE: Final[dict[str, Any]] = {"marker": "v", "markersize": 6.0}
_DOUBTED: Final[dict[str, Any]] = {"marker": "1", "markersize": 7.5, "markeredgewidth": 1.0}
_PROVISION: Final[dict[str, Any]] = {"marker": "D", "markersize": 7.0}
_TRANSFER: Final[dict[str, Any]] = {"marker": "*", "markersize": 12.0}
_HALO: Final[dict[str, Any]] = {
    "color": INK,
    "zorder": 5,
    "path_effects": [withStroke(linewidth=2, foreground=PAPER)],
}
_BLANK: Final[dict[str, Any]] = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}


def timeline(
    plan: Plan, *, lang: str = "en", only: Collection[str] | None = None, ax: Axes | None = None
) -> Figure:
    """Draw a plan along the days: of each subscription its term, what follows it under the policy, and what is due.

    What is due first is on top. A bar reaches from the first day of a state to the end of its last (UTC). A
    triangle is a deadline, and the words at it say of what; it is hollow where that is only for the case that a
    transfer in mid-term is not done. A diamond is the day on which the replacement is best provisioned, or the one
    that was chosen; a star that of a transfer in mid-term. A blocked plan has none of these. At most a year back
    and two years ahead are shown; an arrow points at what lies beyond, with its day.

    Of more than 60 subscriptions, the 60 on which something is due first are drawn, and the picture says so; `only`
    names others, by their ids: up to 400 at once. Words are in "en" or "ja". It draws into `ax` if that is given, and
    else into a figure of its own; pyplot is not touched. Returns the figure, as that is what is saved (`savefig`) and
    what a notebook shows. Raises `InvalidType` or `InvalidValue`, also for more subscriptions, or axes that are too low
    for them; `MissingExtra` where no font for Japanese is installed. Warns of characters that no font has.
    Source: what the plan says; its findings cite theirs.

    >>> import csp_transfer as csp
    >>> mail = csp.Subscription(id="m", offer=csp.Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                         term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = csp.Transfer(customer=csp.Tenant(id="contoso", country="JP"), subscriptions=(mail,),
    ...                     destination=csp.Partner(id="fabrikam", country="JP"))
    >>> figure = timeline(csp.plan_transfer(move, as_of=date(2026, 3, 1)))
    >>> [bars.get_label() for bars in figure.axes[0].containers]
    ['Active', 'Expired (grace window)', 'Disabled', 'Deleted']
    """
    checks.instance("plan", plan, Plan)
    check_language(lang)
    chosen = _chosen(plan, only)
    rows = rows_of(plan, lang, chosen)
    title, lines = (
        ui("title", lang, customer=plan.transfer.customer.id),
        _lines(plan, len(chosen), lang, chosen=only is not None),
    )
    ours = (
        *(ui(key, lang, as_of=plan.as_of) for key in ("as_of_day", "after_terms", "provision_on")),
        *(state_label(state, lang) for state in LOOKS),
        *(in_short(d, lang) for row in rows for d in row.deadlines),
        label(Way.PARTNER_CENTER_TRANSFER, lang),
        ui("unless_transferred", lang, step=ui("do_by", lang)),
        ui("doubted_until", lang),
        "0123456789*, ←→",
    )
    letters = lettering(ours, (title, *lines, *(row.name + row.note for row in rows)))
    own = ax is None
    if ax is None:
        figure: Figure = Picture(figsize=(_WIDE, _FOOT + _ROW * len(rows)), layout="constrained")
        ax = figure.add_subplot()
    else:
        figure = _with_room(ax, len(rows))
    tall = len(rows) > _TALL
    first_day, last_day = _shown(plan.as_of, rows)
    _grid(ax, rows, letters)
    lay_out(figure)  # the names are there: so wide are the axes
    axis_of_days(ax, first_day, last_day, letters, above=tall)
    key = [
        *_bars(ax, rows, last_day, lang),
        *_days(ax, rows, lang),
        *_deadlines(ax, rows, letters, lang),
    ]
    key.append(ax.axvline(noon(plan.as_of), label=ui("as_of_day", lang, as_of=plan.as_of), **AS_OF))
    _notes(ax, rows, plan.as_of, letters)
    ax.set_xlabel(ui("after_terms", lang), **letters.text(8))
    high = heading(ax, letters, title=title, lines=lines, key=key, lift=18 if tall else 5)
    if own:
        figure.set_size_inches(_WIDE, _FOOT + _ROW * len(rows) + high)
    return figure


def _with_room(ax: Axes, rows: int) -> Figure:
    checks.instance("ax", ax, Axes)
    figure = figure_of(ax)
    high, needed = ax.get_window_extent().height / figure.dpi, rows * _LEAST_ROW
    if high < needed:
        raise InvalidValue("ax", f"{high:.1f} inches high", f"at least {needed:.1f} inches for {rows} rows")
    return figure


def _chosen(plan: Plan, only: Collection[str] | None) -> frozenset[str]:
    if only is None:
        return frozenset(most_urgent(plan)[:_MOST_URGENT])
    if isinstance(only, str) or not isinstance(only, Collection) or not all(isinstance(i, str) for i in only):
        raise InvalidType("only", only, "a collection of the ids of subscriptions")
    spelled = IdMap({s.id: s.id for s in plan.transfer.subscriptions})
    unknown = sorted(one for one in set(only) if one not in spelled)
    if unknown or not only:
        raise InvalidValue("only", unknown, "ids of subscriptions in this plan, at least one")
    ids = frozenset(spelled[one] for one in only)
    if len(ids) > MOST_ROWS:
        raise InvalidValue("only", f"{len(ids)} subscriptions", f"the ids of at most {MOST_ROWS} to draw")
    return ids


def _lines(plan: Plan, shown: int, lang: str, *, chosen: bool) -> list[str]:
    """Return what stands under the title."""
    to = {
        "partner": plan.transfer.destination.id,
        "as_of": plan.as_of,
        "policy": policy_words(plan.policy.name, lang),
    }
    lines = [ui("to_partner", lang, **to)]
    if not plan.feasible:
        rules = ", ".join(dict.fromkeys(f.rule for f in plan.blockers))
        lines.append(f"{ui('blocked', lang)} ({rules})")
    if shown < len(plan.assessments):
        some = "some_of" if chosen else "most_urgent_of"
        lines.append(ui(some, lang, shown=shown, all=len(plan.assessments)))
    return lines


def _shown(as_of: date, rows: list[Row]) -> tuple[date, date]:
    """Return the first and the last day to show: all on which something begins or is due, but not too far away."""
    days = [as_of, *(day for row in rows for day in row.days(as_of))]
    near = [day for day in days if -_BACK <= (day - as_of).days <= _AHEAD]
    margin = max(20, (max(near) - min(near)).days // 20)
    return after(min(near), -margin), after(max(near), margin)


def _grid(ax: Axes, rows: list[Row], letters: Lettering) -> None:
    """Name the rows, and rule lines between them."""
    names = [wrapped(letters.shown(row.name), _NAME) for row in rows]
    seen: Counter[str] = Counter()
    for n, name in enumerate(names):  # long names may be alike but for their middle
        seen[name] += 1
        names[n] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    ax.set_yticks([n + _BAR for n in range(len(rows))], names, **letters.text(8))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(rows) - 0.4, -0.7)
    ax.hlines(
        [n + 0.5 for n in range(len(rows) - 1)], 0, 1, LINE, linewidth=0.6, transform=ax.get_yaxis_transform()
    )


def _bars(ax: Axes, rows: list[Row], until: date, lang: str) -> Iterator[Artist]:
    """Draw each state's bars, and yield what the key says of them."""
    for state, look in LOOKS.items():
        bars = [(n, run) for n, row in enumerate(rows) for run in row.runs if run.state is state]
        if not bars:
            continue
        # What has no end goes on beyond what is shown.
        ends = [after(run.last_day or max(until, run.first_day)) for _, run in bars]
        starts = [run.first_day for _, run in bars]
        ax.barh(
            [n + _BAR for n, _ in bars],
            [(end - start).days for start, end in zip(starts, ends, strict=True)],
            _BAR_HIGH,
            [midnight(start) for start in starts],
            label=state_label(state, lang),
            **look.patch,
        )
        yield Patch(label=state_label(state, lang), **look.patch)


def _days(ax: Axes, rows: list[Row], lang: str) -> Iterator[Artist]:
    """Mark the days on which a replacement or a transfer comes, and yield what the key says of them."""
    provision, transfer = ui("provision_on", lang), label(Way.PARTNER_CENTER_TRANSFER, lang)
    otherwise = ui("unless_transferred", lang, step=provision)
    places = [(n + _BAR, row.provision_on, row.transfer_on) for n, row in enumerate(rows)]
    for said, look, found in (
        (
            provision,
            _FULL | _PROVISION,
            [(y, day) for y, day, by_transfer in places if day and not by_transfer],
        ),
        (transfer, _FULL | _TRANSFER, [(y, by_transfer) for y, _, by_transfer in places if by_transfer]),
        (
            otherwise,
            _HOLLOW | _PROVISION,
            [(y, day) for y, day, by_transfer in places if day and by_transfer],
        ),
    ):
        if found:
            ax.plot([noon(day) for _, day in found], [y for y, _ in found], label=said, **look)
            yield Line2D([], [], label=said, **look)


def _deadlines(ax: Axes, rows: list[Row], letters: Lettering, lang: str) -> Iterator[Artist]:
    """Mark the deadlines, each with words for what is due, and yield what the key says of them."""
    due = [(n, d) for n, row in enumerate(rows) for d in row.deadlines]
    said = ui("do_by", lang)
    for unless, look, meant in (
        (False, _FULL | _DUE, said),
        (True, _HOLLOW | _DUE, ui("unless_transferred", lang, step=ui("marked", lang, step=said, mark="*"))),
    ):
        points = [(noon(d.day), n + _TRIANGLE) for n, d in due if d.unless_transferred is unless]
        if points:
            ax.plot([x for x, _ in points], [y for _, y in points], label=meant, **look)
            yield Line2D([], [], label=meant, **look)
    probe = ax.text(0, 0, "", **letters.text(_LETTERS))
    for n, row in enumerate(rows):
        _words(ax, n, row, letters, lang, probe)
    probe.remove()
    later = [(noon(d.doubted_day), n + _TRIANGLE) for n, d in due if d.doubted_day is not None]
    if later:
        look, said = _HOLLOW | _DOUBTED, ui("doubted_until", lang)
        ax.plot([x for x, _ in later], [y for _, y in later], label=said, **look)
        yield Line2D([], [], label=said, **look)


def _words(ax: Axes, n: int, row: Row, letters: Lettering, lang: str, probe: Text) -> None:
    """Write at a row's triangles what is due: to the right of each, or further left where there is no room.

    Words that would touch those of the triangle before stand together with them, in the order of their days. On
    `probe` they are measured: each text sets up a canvas of its own to be measured on, which takes long.
    """
    first, last = ax.get_xlim()
    room = points_wide(ax)

    def measured(words: list[str]) -> tuple[str, float]:
        said = ui("separator", lang).join(dict.fromkeys(words))
        probe.set_text(said)
        return said, float(probe.get_window_extent().width / figure_of(ax).dpi * _POINTS) + _BESIDE

    groups: list[tuple[float, list[str]]] = []
    for d in row.deadlines:  # in the order of their days
        x = (noon(d.day) - first) / (last - first) * room
        if not 0 <= x <= room:
            continue
        groups.append((x, [in_short(d, lang)]))
        while len(groups) > 1:
            (before, earlier), (x, words) = groups[-2:]
            if before + measured(earlier)[1] <= min(x, room - measured(words)[1]):
                break
            groups[-2:] = [(before, [*earlier, *words])]
    for x, words in groups:
        said, wide = measured(words)
        place = first + max(0, min(x, room - wide)) / room * (last - first)
        ax.annotate(
            said,
            (place, n + _WORDS),
            (-2.2, 0),
            textcoords="offset points",
            **letters.text(_LETTERS, **_HALO),
        )


def _notes(ax: Axes, rows: list[Row], as_of: date, letters: Lettering) -> None:
    """Say where nothing is known, or something is lost; and point at what lies beyond what is shown."""
    first, last = ax.get_xlim()
    at_edge = ax.get_yaxis_transform()
    said: dict[str, Any] = letters.text(7.5) | {
        "va": "center",
        "color": INK,
        "bbox": _BLANK,
        "textcoords": "offset points",
    }
    for n, row in enumerate(rows):
        y = n + _BAR
        if row.note:
            ax.annotate(letters.shown(row.note), (noon(as_of), y), xytext=(9, 0), **said)
        days = row.days(as_of)
        inside = any(first <= noon(day) <= last for day in days)
        later = [day for day in (row.marked if inside else days) if noon(day) > last]
        earlier = [day for day in (row.marked if inside else days) if noon(day) < first]
        pointers = (
            *((0, 4, "left", f"← {max(earlier)}") for _ in earlier[:1]),
            *((1, -4, "right", f"{min(later)} →") for _ in later[:1]),
        )
        for edge, away, side, text in pointers:
            ax.annotate(text, (edge, y), xycoords=at_edge, xytext=(away, 0), ha=side, **said)
