"""Many plans as one picture: on which days how much must be done, what is too late, and which tenants get full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from .. import checks
from ..catalogue import check_language, label, labels, policy_words, ui
from ..days import after
from ..phrases import of_many
from ..portfolio import Portfolio
from ..portfolio_page import Due, TenantRoom
from ..steps import Action
from .frame import AS_OF, axis_of_days, heading, key_of, lay_out, midnight, noon, paper
from .lettering import Lettering, lettering, wrapped
from .look import INK, PAPER, Look, Picture

__all__ = ["portfolio"]

_WIDE, _TOTAL, _PANEL, _ROW = 10.5, 2.4, 0.7, 0.36
"""In inches: the picture; the panel of all deadlines; any other panel, and each row in it."""
_WEEK: Final = timedelta(weeks=1).days
_MOST_DAYS, _AHEAD, _MARGIN = 100, 2 * 366, 3
"""How many days are counted one by one, and not in weeks; how many are shown at all, and beside what there is."""
_MOST_ROWS, _PEAKS, _NAME, _BAR = 20, 5, 40, 0.62
"""How many customers or tenants are shown; how many bars have their number on them; how many columns a name has on
each of its two lines; how high the highest bar is in a row."""

_DIGITS: Final = 7.0  # points
_WIDE_NUMBER: Final = 100
"""From which number on it has no room beside another one, above the bars of two weeks."""

_SURE, _UNLESS = Look("#24598a"), Look(PAPER)
_ADDED, _LATE = Look("#dd933f", "xxx"), Look("#6a4391", "\\\\\\", drawn_in=PAPER)
_LIMIT: Final[dict[str, Any]] = {
    "marker": "|",
    "markersize": 14,
    "markeredgewidth": 2.5,
    "color": INK,
    "linestyle": "none",
}
_WORDS: Final = (
    *("deadlines", "deadlines_a_day", "deadlines_a_week", "unless_transferred", "some_of_all"),
    *("too_late_subscriptions", "crowded_tenants", "existing", "duplicates", "holds"),
)


def portfolio(portfolio: Portfolio, *, lang: str = "en") -> Figure:
    """Draw what is due for many customers: how many deadlines on each day, or in each week, in all and of each kind.

    Each kind is drawn to a scale of its own, with the number of its highest bar.
    Hollow is what is only for the case that a transfer in mid-term is not done. Below, where there are any: the
    customers for whom something is too late already, with the number of subscriptions; and the tenants over or near
    a limit, with what they have, what duplicates they need, and how many they hold. Two years ahead are shown, and
    how much is due after them is said; of customers and tenants the 20 most concerned are, and how many there are.

    Words are in "en" or "ja". Weeks begin on Monday; days are UTC. pyplot is not touched. Returns the figure, which
    saves itself (`savefig`) and shows itself in a notebook. Raises `InvalidType` or `InvalidValue`; `MissingExtra`
    where no font for Japanese is installed. Warns of characters that no font has.
    Source: what the plans say; their findings cite theirs.

    >>> import csp_transfer as csp
    >>> mail = csp.Subscription(id="m", offer=csp.Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                         term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = csp.Transfer(customer=csp.Tenant(id="contoso", country="JP"), subscriptions=(mail,),
    ...                     destination=csp.Partner(id="fabrikam", country="JP"))
    >>> figure = portfolio(csp.plan_portfolio([move], as_of=date(2026, 3, 1)))
    >>> [round(bar.get_height()) for bars in figure.axes[0].containers for bar in bars]
    [1, 1, 1, 1]
    """
    checks.instance("portfolio", portfolio, Portfolio)
    check_language(lang)
    near = [due for due in portfolio.deadlines if (due.day - portfolio.as_of).days <= _AHEAD]
    kinds = {action: [due for due in near if due.action is action] for action in Action}
    by_kind = {label(action, lang): found for action, found in kinds.items() if found}
    late = {customer: len({f.subject for f in found}) for customer, found in portfolio.too_late.items()}
    rooms = portfolio.crowded_tenants
    title, lines = _said(portfolio, lang)
    as_of_day = ui("as_of_day", lang, as_of=portfolio.as_of)
    letters = lettering(
        (*(labels()["ui"][word][lang] for word in _WORDS), *by_kind, as_of_day, "0123456789→:"),
        (title, *lines, *late, *(room.tenant for room in rooms)),
    )
    shown = [len(rows) for rows in (by_kind, late, rooms) if rows]
    heights = [_TOTAL, *(_PANEL + _ROW * min(rows, _MOST_ROWS) for rows in shown)]
    figure = Picture(figsize=(_WIDE, sum(heights)), layout="constrained")
    places = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    total, *panels = (figure.add_subplot(places[n]) for n in range(len(heights)))
    calendar = [total, *panels[: bool(by_kind)]]
    if by_kind:
        _rows(panels.pop(0), [f"{kind}: {len(found)}" for kind, found in by_kind.items()], letters)
    if late:
        _late(panels.pop(0), late, letters, lang)
    if rooms:
        _rooms(panels.pop(0), rooms, letters, lang)
    lay_out(figure)  # the names are there: so wide are the axes
    each = _calendar(calendar, portfolio.as_of, near, by_kind, letters)
    total.set_ylabel(ui("deadlines_a_day" if each == 1 else "deadlines_a_week", lang), **letters.text(8))
    if later := len(portfolio.deadlines) - len(near):
        at: dict[str, Any] = {
            "xycoords": "axes fraction",
            "textcoords": "offset points",
            "ha": "right",
            "va": "top",
        }
        total.annotate(f"{later} →", (1, 1), (-4, -4), **at, **letters.text(8, color=INK))
    key: list[Artist] = [Patch(label=ui("deadlines", lang), **_SURE.patch)]
    if any(due.unless_transferred for due in near):
        unless = ui("unless_transferred", lang, step=ui("deadlines", lang))
        key.append(Patch(label=unless, **_UNLESS.patch))
    key.append(Line2D([], [], label=as_of_day, **AS_OF))
    high = heading(total, letters, title=title, lines=lines, key=key, lift=5)
    figure.set_size_inches(_WIDE, sum(heights) + high)
    return figure


def _said(portfolio: Portfolio, lang: str) -> tuple[str, list[str]]:
    """Return the title, and what stands under it."""
    plans = portfolio.plans
    subscriptions = sum(len(plan.assessments) for plan in plans)
    lines = [
        ui("portfolio_as_of", lang, as_of=portfolio.as_of, policy=policy_words(portfolio.policy.name, lang))
    ]
    if portfolio.blocked:
        lines.append(f"{ui('not_allowed', lang)}: {len(portfolio.blocked)}")
    if portfolio.unplanned:
        lines.append(ui("not_planned", lang, count=len(portfolio.unplanned)))
    return of_many(len(plans), subscriptions, lang), lines


def _calendar(
    calendar: list[Axes], as_of: date, near: list[Due], by_kind: dict[str, list[Due]], letters: Lettering
) -> int:
    """Draw all deadlines, and those of each kind in rows below, and return how many days a bar stands for."""
    last_day = max((due.day for due in near), default=as_of)
    each = 1 if (last_day - as_of).days <= _MOST_DAYS else _WEEK
    for ax in calendar:
        axis_of_days(ax, after(as_of, -_MARGIN * each), after(last_day, _MARGIN * each), letters)
        ax.axvline(noon(as_of), **AS_OF)
    total = calendar[0]
    _stacked(total, near, each, letters, peaks=_PEAKS)
    total.set_ylim(0, 1.15 * max(_counted(near, each).values(), default=1))
    total.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    total.tick_params(axis="y", labelsize=8)
    for base, found in enumerate(reversed(by_kind.values())):
        highest = max(_counted(found, each).values())
        _stacked(calendar[1], found, each, letters, base=base, scale=_BAR / highest)
    return each


def _counted(found: Iterable[Due], each: int) -> Counter[date]:
    """Count deadlines by their day, or by the Monday of their week."""
    return Counter(due.day if each == 1 else after(due.day, -due.day.weekday()) for due in found)


def _stacked(
    ax: Axes,
    found: list[Due],
    each: int,
    letters: Lettering,
    *,
    base: float = 0,
    scale: float = 1,
    peaks: int = 1,
) -> None:
    """Draw how many deadlines there are, the certain ones below, and write the number on the highest bars."""
    below: Counter[date] = Counter()
    for unless, look in ((False, _SURE), (True, _UNLESS)):
        counted = _counted((due for due in found if due.unless_transferred is unless), each)
        ax.bar(
            [midnight(day) for day in counted],
            [n * scale for n in counted.values()],
            each,
            [base + below[day] * scale for day in counted],
            align="edge",
            **look.patch,
        )
        below += counted
    numbered: list[date] = []
    for day, n in below.most_common(peaks):
        beside = (abs((day - other).days) <= each and below[other] >= _WIDE_NUMBER for other in numbered)
        if any(beside):
            continue
        numbered.append(day)
        place = (midnight(day) + each / 2, base + n * scale)
        ax.annotate(
            str(n),
            place,
            (0, 1.5),
            textcoords="offset points",
            ha="center",
            **letters.text(_DIGITS, color=INK),
        )


def _rows(ax: Axes, names: list[str], letters: Lettering) -> None:
    """Name rows, the first on top."""
    ax.set_yticks(
        [n + _BAR / 2 for n in range(len(names))],
        [wrapped(letters.shown(name), _NAME) for name in reversed(names)],
        **letters.text(8),
    )
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.1, len(names) + 0.15)
    paper(ax)


def _panel(ax: Axes, heading: str, names: list[str], of: int, letters: Lettering, lang: str) -> None:
    """Name the rows of a panel, and say what it is about, and of how many it shows only some."""
    _rows(ax, names, letters)
    some = ui("some_of_all", lang, what=heading, shown=len(names), all=of)
    ax.set_title(heading if len(names) == of else some, loc="left", **letters.text(9))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.tick_params(axis="x", labelsize=8)


def _late(ax: Axes, late: dict[str, int], letters: Lettering, lang: str) -> None:
    """Draw for how many subscriptions of each customer something is too late."""
    worst = sorted(late, key=lambda customer: -late[customer])[:_MOST_ROWS]
    _panel(ax, ui("too_late_subscriptions", lang), worst, len(late), letters, lang)
    places = [n + _BAR / 2 for n in range(len(worst))]
    bars = ax.barh(places, [late[customer] for customer in reversed(worst)], _BAR / 2, **_LATE.patch)
    ax.bar_label(bars, padding=3, **letters.text(_DIGITS, color=INK))


def _rooms(ax: Axes, rooms: Sequence[TenantRoom], letters: Lettering, lang: str) -> None:
    """Draw what tenants have and need, beside what they hold."""
    fullest = sorted(rooms, key=lambda room: room.most - room.at_least - room.duplicates)[:_MOST_ROWS]
    _panel(ax, ui("crowded_tenants", lang), [room.tenant for room in fullest], len(rooms), letters, lang)
    fullest.reverse()
    places = [n + _BAR / 2 for n in range(len(fullest))]
    there, needed = [room.at_least for room in fullest], [room.duplicates for room in fullest]
    said = [
        f"{room.at_least} + {room.duplicates} ({', '.join(dict.fromkeys(f.rule for f in room.findings))})"
        for room in fullest
    ]
    ax.barh(places, there, _BAR / 2, **_SURE.patch)
    ax.bar_label(
        ax.barh(places, needed, _BAR / 2, there, **_ADDED.patch),
        said,
        padding=6,
        **letters.text(_DIGITS, color=INK),
    )
    ax.plot([room.most for room in fullest], places, **_LIMIT)
    ax.margins(x=0.25)
    ax.set_xlim(left=0)
    key: list[Artist] = [
        Patch(label=ui("existing", lang), **_SURE.patch),
        Patch(label=ui("duplicates", lang), **_ADDED.patch),
        Line2D([], [], label=ui("holds", lang), **_LIMIT),
    ]
    key_of(ax, letters, key, columns=len(key), lift=3, side="right")
