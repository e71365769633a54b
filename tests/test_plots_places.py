"""Where things stand in a picture: in rows, whose height is 1, in days, in inches, and in points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from drawn import SEEN, marks, move, planned, renewing, texts, words
from facts import BASIC, D, day, subscription, year_to
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

import csp_transfer as csp
from csp_transfer import plots
from csp_transfer.plots import of_plan
from csp_transfer.plots.lettering import wrapped
from csp_transfer.plots.look import INK, LOOKS
from csp_transfer.plots.rows import Row, most_urgent, rows_of

pytestmark = pytest.mark.untraced  # what is drawn elsewhere, too

NOON = 0.5
A_DOT = 0.75
"""In points: what is rounded up to whole dots, of which there are a hundred in an inch."""


def doubted(**changes: Any) -> csp.Subscription:
    """EST-001: its term ends on 2026-09-14, the guide's window on 10-14."""
    return subscription(**{"term": year_to(date(2026, 9, 14))} | changes)


def drawn(plan: csp.Plan, **asked: Any) -> tuple[Figure, Axes]:
    figure = plots.timeline(plan, **asked)
    figure.draw_without_rendering()
    return figure, figure.axes[0]


def told(figure: Figure, beginning: str) -> Annotation:
    """The one text that begins so."""
    [found] = [
        text
        for text in texts(figure)
        if isinstance(text, Annotation) and text.get_text().startswith(beginning)
    ]
    return found


def in_points(figure: Figure, box: Bbox) -> Bbox:
    return Bbox(box.get_points() * 72 / figure.dpi)


def where(figure: Figure, text: Text) -> Bbox:
    return in_points(figure, text.get_window_extent())


def place_of(figure: Figure, ax: Axes, x: float, y: float) -> tuple[float, float]:
    """A place on the axes, in points."""
    across, up = ax.transData.transform((x, y)) * 72 / figure.dpi
    return float(across), float(up)


def within_rows(places: Iterable[float]) -> set[float]:
    """How far below the middle of its row each place is; -0.5 is where it meets the row above."""
    return {round((place + 0.5) % 1 - 0.5, 3) for place in places}


def last_marks(ax: Axes, marker: str) -> list[float]:
    return [
        float(y)
        for line in ax.get_lines()
        if line.get_marker() == marker
        for y in np.asarray(line.get_ydata(), float)
    ]


# ---- timelines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=str)
def test_in_a_row_words_stand_over_triangles_and_triangles_over_bars(policy: csp.Policy) -> None:
    plan = planned(renewing(), doubted(id="b", name="b"), renewing(id="c", name="c"), policy=policy)
    _, ax = drawn(plan)
    rectangles = [bar for container in ax.containers for bar in container]
    assert within_rows(bar.get_y() + bar.get_height() / 2 for bar in rectangles) == {0.18}
    assert {bar.get_height() for bar in rectangles} == {0.46}
    assert within_rows(ax.get_yticks()) == {0.18}
    assert within_rows([*last_marks(ax, "D"), *last_marks(ax, "*")]) == {0.18}
    assert within_rows([*last_marks(ax, "v"), *last_marks(ax, "1")]) == {-0.13}
    at_triangles = [
        text.xy[1]
        for text in ax.texts
        if isinstance(text, Annotation) and text.get_text().startswith(("Auto-renew off", "Buy", "Request"))
    ]
    assert len(at_triangles) >= 2
    assert within_rows(at_triangles) == {-0.3}
    assert len(marks(ax, "1")) == (policy is csp.GUIDE)


def test_words_begin_a_little_left_of_the_middle_of_their_triangle() -> None:
    figure, ax = drawn(planned(renewing()))
    for said, due in (("Auto-renew off", D), ("Buy", day(30))):
        x, y = place_of(figure, ax, float(date2num(due)) + NOON, -0.3)
        box = where(figure, told(figure, said))
        assert abs(box.x0 - (x - 2.2)) < A_DOT
        assert abs(box.y0 - y) < 2  # below its line, a letter may have a tail


def test_words_at_the_right_edge_end_where_the_axes_end() -> None:
    """In axes so narrow that the words have no room to the right of the triangle."""
    figure = Figure(figsize=(3.2, 6))
    ax = figure.add_axes((0.3, 0.1, 0.4, 0.4))
    plots.timeline(planned(renewing()), ax=ax)
    figure.draw_without_rendering()
    said = told(figure, "Auto-renew off; Buy")
    right = in_points(figure, ax.get_window_extent()).x1
    assert right - 7.5 < where(figure, said).x1 < right - 5  # 4.5 points beside them, and 2.2


def test_words_together_leave_those_before_alone() -> None:
    """Into another tenant, licences are assigned on the day of buying, a month after auto-renew is off."""
    figure, _ = drawn(planned(renewing(), target_tenant=csp.Tenant(id="newco", country="JP")))
    assert {"Auto-renew off", "Buy; Update licence assignments"} <= set(words(figure))


def test_each_row_makes_a_picture_higher_by_the_same() -> None:
    heights = [
        float(drawn(planned(*(renewing(id=f"{n}", name=f"{n}") for n in range(count))))[0].get_figheight())
        for count in (1, 2, 3, 5)
    ]
    assert np.allclose(np.diff(heights), (0.4, 0.4, 0.8))


def test_a_pattern_is_drawn_thin_where_it_is_dark_and_stronger_where_it_is_light() -> None:
    for look in LOOKS.values():
        low, high = (0.3, 0.6) if look.drawn_in == INK else (0.7, 1.2)
        assert low <= look.patch["hatch_linewidth"] <= high
        assert 0.3 <= look.patch["linewidth"] <= 1


@pytest.mark.parametrize("count", [1, 3])
def test_rows_are_ruled_off_between_each_other(count: int) -> None:
    _, ax = drawn(planned(*(renewing(id=f"{n}", name=f"{n}") for n in range(count))))
    ruled = [lines for lines in ax.collections if isinstance(lines, LineCollection)]
    seen = sorted(
        tuple(round(float(x), 2) for x in (path[0][0], path[1][0], path[0][1], path[1][1]))
        for lines in ruled
        for path in lines.get_segments()
    )
    assert seen == [(0, 1, n + 0.5, n + 0.5) for n in range(count - 1)]
    assert ax.get_ylim() == (count - 0.4, -0.7)


@pytest.mark.parametrize(
    ("last_day", "first_shown", "last_shown"),
    [
        # It is Deleted on 2026-07-30, the last day that matters.
        (D, date(2026, 2, 9), date(2026, 8, 19)),
        # It is Deleted on 2028-03-02, in 732 days, of which the twentieth part is 36.
        (date(2027, 11, 2), date(2026, 1, 24), date(2028, 4, 7)),
    ],
)
def test_twenty_days_are_left_at_both_sides_or_the_twentieth_part(
    last_day: date, first_shown: date, last_shown: date
) -> None:
    term = csp.Term(first_day=date(2024, 4, 1), last_day=last_day)
    assert last_day + timedelta(days=121) in {date(2026, 7, 30), date(2028, 3, 2)}
    _, ax = drawn(planned(renewing(term=term)))
    assert ax.get_xlim() == (date2num(first_shown), date2num(last_shown) + 1)


@pytest.mark.parametrize(("ahead", "pointed_at"), [(2 * 366, False), (2 * 366 + 1, True)])
def test_two_years_ahead_are_shown(ahead: int, pointed_at: bool) -> None:
    """What is due on the last of 732 days is shown; on the day after, an arrow points at it."""
    term = csp.Term(first_day=date(2025, 1, 1), last_day=SEEN + timedelta(days=ahead))
    figure, ax = drawn(planned(renewing(), renewing(id="b", name="b", term=term)))
    assert (f"{term.last_day} →" in words(figure)) is pointed_at
    assert (date2num(term.last_day) + NOON <= ax.get_xlim()[1]) is not pointed_at


def test_what_nobody_knows_is_said_right_of_the_day_that_is_asked_for() -> None:
    figure, ax = drawn(planned(renewing(length_known=False), as_of=day(10)))
    note = told(figure, "not known")
    x, y = place_of(figure, ax, float(date2num(day(10))) + NOON, 0.18)
    box = where(figure, note)
    assert abs(box.x0 - (x + 9)) < A_DOT
    assert abs((box.y0 + box.y1) / 2 - y) < A_DOT


def test_arrows_stand_just_inside_the_axes_at_the_bar_of_their_row() -> None:
    long = csp.Term(first_day=date(2024, 1, 1), last_day=date(2061, 12, 31))
    over = csp.Term.starting(date(2001, 1, 1), "P1Y")
    gone = subscription(
        id="d", name="over", term=over, status=csp.Status.CANCELED, canceled_on=date(2001, 3, 1)
    )
    plan = planned(
        renewing(),
        renewing(id="b", name="b", term=long),
        gone,
        replacements={"d": csp.NOT_REPLACED},
    )
    figure, ax = drawn(plan)
    inside = in_points(figure, ax.get_window_extent())
    row = {label.get_text().partition(" (")[0]: n for n, label in enumerate(ax.get_yticklabels())}
    after, before = told(figure, "2061-12-31 →"), told(figure, "← 2001-03-08")
    assert abs(where(figure, after).x1 - (inside.x1 - 4)) < A_DOT
    assert abs(where(figure, before).x0 - (inside.x0 + 4)) < A_DOT
    for text, name in ((after, "b"), (before, "over")):
        box = where(figure, text)
        _, y = place_of(figure, ax, 0, row[name] + 0.18)
        assert abs((box.y0 + box.y1) / 2 - y) < A_DOT


@pytest.mark.parametrize(("count", "above"), [(2, False), (20, False), (21, True)])
def test_above_more_than_20_rows_days_stand_on_top_too(count: int, above: bool) -> None:
    figure, ax = drawn(planned(*(renewing(id=f"{n}", name=f"{n}") for n in range(count))))
    on_top = [
        tick.label2.get_window_extent().y1 for tick in ax.xaxis.get_major_ticks() if tick.label2.get_visible()
    ]
    assert bool(on_top) is above
    legend = ax.get_legend()
    assert legend is not None
    key, inside = in_points(figure, legend.get_window_extent()), in_points(figure, ax.get_window_extent())
    assert key.y0 - inside.y1 == pytest.approx(18 if above else 5, abs=A_DOT)


def test_the_heading_stands_over_the_key_and_the_key_over_the_axes() -> None:
    figure, ax = drawn(planned(renewing(), renewing(id="b", name="b"), policy=csp.IN_FORCE))
    legend = ax.get_legend()
    assert legend is not None
    inside, key = in_points(figure, ax.get_window_extent()), in_points(figure, legend.get_window_extent())
    line, title = (where(figure, told(figure, said)) for said in ("Destination partner", "Transfer plan for"))
    lines_of_key = len({round(text.get_window_extent().y0) for text in legend.get_texts()})
    assert (len(legend.get_texts()), lines_of_key) == (9, 3)  # four on a line at most
    assert 4 <= line.y0 - key.y1 <= lines_of_key + 4  # each line of the key may be rounded up by a point
    assert title.y0 - line.y1 == pytest.approx(5, abs=A_DOT)
    assert abs(key.x0 - inside.x0) < A_DOT
    assert abs(line.x0 - inside.x0) < 1.5  # a letter has room beside it
    assert abs(title.x0 - inside.x0) < 1.5
    high = figure.get_size_inches()[1] * 72
    assert 0 <= high - title.y1 < 8
    heading = title.y1 - inside.y1 + 5
    # It is measured before the axes have their days.
    assert high == pytest.approx(72 * (0.8 + 0.4 * 2) + heading, abs=4)


def test_how_large_letters_are() -> None:
    plan = planned(renewing(length_known=False), renewing(id="b", name="b"), as_of=day(10))
    figure, ax = drawn(plan)
    legend = ax.get_legend()
    assert legend is not None
    size = {text.get_text(): text.get_fontsize() for text in texts(figure)}
    assert {size[label.get_text()] for label in (*ax.get_yticklabels(), *ax.get_xticklabels())} == {8}
    assert {text.get_fontsize() for text in legend.get_texts()} == {8}
    assert size["Transfer plan for contoso"] == 12
    assert next(points for said, points in size.items() if said.startswith("Destination")) == 9
    assert next(points for said, points in size.items() if said.startswith("not known")) == 7.5
    assert ax.xaxis.label.get_fontsize() == 8
    assert ax.xaxis.label.get_text().startswith("After")
    assert told(drawn(planned(renewing()))[0], "Auto-renew off").get_fontsize() == 6.5


def test_axes_as_high_as_they_must_be_are_high_enough() -> None:
    figure = Figure(figsize=(10, 10), dpi=100)
    plan = planned(*(renewing(id=f"{n}", name=f"{n}") for n in range(10)))
    assert plots.timeline(plan, ax=figure.add_axes((0.2, 0.1, 0.7, 0.3))) is figure
    with pytest.raises(csp.InvalidValue, match=r"ax: '2.9 inches high'; expected at least 3.0 inches for 10"):
        plots.timeline(plan, ax=figure.add_axes((0.2, 0.5, 0.7, 0.29)))


# ---- portfolios ----------------------------------------------------------------------------------------------------


def of_customers(
    *moves: csp.Transfer, as_of: date = SEEN, policy: csp.Policy = csp.GUIDE
) -> tuple[Figure, list[Axes]]:
    figure = plots.portfolio(csp.plan_portfolio(moves, as_of=as_of, policy=policy))
    figure.draw_without_rendering()
    return figure, figure.axes


def ending(on: date, **changes: Any) -> csp.Subscription:
    """Something to be bought alone: 30 days after its term at most, or on its last day, where that is in doubt."""
    return subscription(**{"term": year_to(on)} | changes)


def test_bars_of_a_kind_are_as_high_as_their_row_lets_them() -> None:
    first, second = ending(D), ending(D - timedelta(days=2), id="b")
    figure, (total, kinds) = of_customers(
        move("contoso", first, second), move("adatum", ending(D), ending(D, id="b"), renewing(id="c"))
    )
    assert total.get_ylim() == pytest.approx((0, 1.15 * 4))
    assert sorted(bar.get_height() for bars in total.containers for bar in bars) == [1, 1, 4]
    assert kinds.get_ylim() == pytest.approx((-0.1, 2 + 0.15))
    assert kinds.get_yticks().tolist() == pytest.approx([0.31, 1.31])
    # From below: what is bought, of which 4 is the most, and what is turned off.
    assert sorted((bar.get_y(), bar.get_height()) for bars in kinds.containers for bar in bars) == [
        (0, pytest.approx(0.62 / 4)),
        (0, pytest.approx(0.62)),
        (1, pytest.approx(0.62)),
    ]
    for axes, said in ((total, ["1", "1", "4"]), (kinds, ["1", "4"])):
        numbers = [text for text in axes.texts if text.get_text().isdigit()]
        assert sorted(text.get_text() for text in numbers) == said
        for text in numbers:
            assert isinstance(text, Annotation)
            most = next(
                bar
                for bars in axes.containers
                for bar in bars
                if (bar.get_x() + 0.5, bar.get_y() + bar.get_height()) == pytest.approx(text.xy)
            )
            x, y = place_of(figure, axes, most.get_x() + 0.5, most.get_y() + most.get_height())
            box = where(figure, text)
            assert abs((box.x0 + box.x1) / 2 - x) < A_DOT
            # 1.5 points above it, less the room for tails that digits do not have.
            assert -0.7 < box.y0 - y < 0.4
            assert text.get_fontsize() == 7


@pytest.mark.parametrize(
    ("due_in", "each", "title"),
    [(100, 1, "Deadlines a day"), (101, 7, "Deadlines a week (from Monday)")],
)
def test_a_hundred_days_are_counted_one_by_one(due_in: int, each: int, title: str) -> None:
    _, (total, kinds) = of_customers(move("contoso", ending(SEEN + timedelta(days=due_in))))
    assert total.yaxis.label.get_text() == title
    assert total.yaxis.label.get_fontsize() == 8
    assert {bar.get_width() for bars in total.containers for bar in bars} == {each}
    days = (date2num(SEEN) - 3 * each, date2num(SEEN) + due_in + 3 * each + 1)
    assert total.get_xlim() == kinds.get_xlim() == days


@pytest.mark.parametrize(("due_in", "shown"), [(2 * 366, True), (2 * 366 + 1, False)])
def test_what_is_due_after_two_years_is_said_in_the_corner(due_in: int, shown: bool) -> None:
    figure, (total, *_) = of_customers(
        move(
            "contoso",
            ending(D),
            renewing(id="b", term=csp.Term(first_day=D, last_day=SEEN + timedelta(due_in))),
        )
    )
    said = [text for text in total.texts if text.get_text().endswith(" →")]
    # To be turned off, and to be bought.
    assert [text.get_text() for text in said] == ([] if shown else ["2 →"])
    if shown:
        return
    inside, box = in_points(figure, total.get_window_extent()), where(figure, said[0])
    assert abs(box.x1 - (inside.x1 - 4)) < A_DOT
    assert abs(box.y1 - (inside.y1 - 4)) < A_DOT + 0.5
    assert said[0].get_fontsize() == 8


def test_tenants_are_drawn_with_what_they_have_what_they_need_and_what_they_hold() -> None:
    """The fullest on top: 200 duplicates beside 200, then 50 beside 300, then 150 beside 160."""
    full = move("full", *(renewing(id=f"{n}") for n in range(200)))
    near = move("near", *(renewing(id=f"{n}") for n in range(150)), tenant_subscriptions=160)
    over = move("over", *(renewing(id=f"{n}") for n in range(50)), tenant_subscriptions=300)
    figure, axes = of_customers(near, over, full)
    panel = axes[-1]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["near", "over", "full"]
    assert panel.get_yticks().tolist() == pytest.approx([0.31, 1.31, 2.31])
    have, need = (
        [(bar.get_x(), bar.get_width(), bar.get_y(), bar.get_height()) for bar in bars]
        for bars in panel.containers
    )
    assert have == [pytest.approx((0, width, n + 0.155, 0.31)) for n, width in enumerate((160, 300, 200))]
    assert need == [
        pytest.approx((have, width, n + 0.155, 0.31))
        for n, (have, width) in enumerate(((160, 150), (300, 50), (200, 200)))
    ]
    [limits] = [line for line in panel.get_lines() if line.get_marker() == "|"]
    assert np.asarray(limits.get_ydata(), float).tolist() == pytest.approx([0.31, 1.31, 2.31])
    assert set(np.asarray(limits.get_xdata(), float).tolist()) == {300}
    assert panel.get_xlim()[0] == 0
    assert 1.2 * 400 <= panel.get_xlim()[1] <= 1.3 * 400
    for text, end, n in zip(panel.texts, (310, 350, 400), range(3), strict=True):
        x, y = place_of(figure, panel, end, n + 0.31)
        box = where(figure, text)
        assert abs(box.x0 - (x + 6)) < A_DOT + 0.5
        assert abs((box.y0 + box.y1) / 2 - y) < A_DOT + 0.5
    legend = panel.get_legend()
    assert legend is not None
    inside, key = in_points(figure, panel.get_window_extent()), in_points(figure, legend.get_window_extent())
    assert abs(key.x1 - inside.x1) < A_DOT
    assert key.y0 - inside.y1 == pytest.approx(3, abs=A_DOT)
    assert len({round(text.get_window_extent().y0) for text in legend.get_texts()}) == 1
    [title] = [text for text in texts(figure) if text.get_text() == panel.get_title(loc="left")]
    assert title.get_fontsize() == 9
    key, inside = (
        in_points(figure, axes[0].get_legend().get_window_extent()),  # type: ignore[union-attr]
        in_points(figure, axes[0].get_window_extent()),
    )
    assert key.y0 - inside.y1 == pytest.approx(5, abs=A_DOT)


def test_of_what_is_too_late_the_number_stands_beside_the_bar() -> None:
    lost = subscription(status=csp.Status.DISABLED), subscription(id="b", status=csp.Status.DISABLED)
    figure, axes = of_customers(move("two", *lost), move("one", lost[0]), as_of=day(200))
    panel = axes[-1]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["one", "two"]
    [bars] = panel.containers
    assert [(bar.get_y(), bar.get_height(), bar.get_width()) for bar in bars] == [
        pytest.approx((n + 0.155, 0.31, n + 1)) for n in range(2)
    ]
    for text, bar in zip(panel.texts, bars, strict=True):
        x, _ = place_of(figure, panel, bar.get_width(), 0)
        assert abs(where(figure, text).x0 - (x + 3)) < A_DOT + 0.5
        assert text.get_fontsize() == 7
    assert {label.get_fontsize() for label in (*panel.get_yticklabels(), *panel.get_xticklabels())} == {8}
    assert all(float(tick).is_integer() for tick in panel.get_xticks())


# ---- words on two lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns", "written"),
    [
        ("abcde fghij", 11, "abcde fghij"),
        ("abcde fghij", 10, "abcde\nfghij"),
        ("abc defghij", 8, "abc\ndefghij"),
        ("ab cdefgh ij", 9, "ab cdefgh\nij"),
        ("abcdefghij", 5, "abcde\nfghij"),
        ("abcdefghijk", 5, "abcd…\nhijk"),
        ("abcdefghijklmnopqrstuvwxyz", 5, "abcd…\nwxyz"),
        ("大" * 5, 6, "大大\n大大大"),
        ("a" + "大" * 9 + "b", 6, "a大大…\n大大b"),
    ],
)
def test_a_name_is_on_one_line_or_on_two_and_loses_its_middle(text: str, columns: int, written: str) -> None:
    assert wrapped(text, columns) == written


def test_what_is_due_first_is_drawn_first_then_what_comes_first() -> None:
    """What nothing is to be done for comes last; of a blocked move, all stay in their order."""
    far, near = year_to(day(200)), year_to(day(20))
    subs = (
        renewing(id="stays", term=near),
        renewing(id="far", term=far),
        renewing(id="near", term=near),
    )
    stays = {"stays": csp.NOT_REPLACED}
    assert most_urgent(planned(*subs, replacements=stays)) == ["near", "far", "stays"]
    partner = csp.Partner(id="fabrikam", country="KR")
    blocked = planned(*subs, replacements=stays, destination=partner)
    assert not blocked.feasible
    assert most_urgent(blocked) == ["stays", "far", "near"]
    at_once = csp.Replacement(offer=BASIC, quantity=25, provision_on=day(-40))
    done = planned(*subs, replacements=stays | {"far": at_once})
    assert most_urgent(done) == ["near", "far", "stays"]


def row_of(s: csp.Subscription, **asked: Any) -> tuple[Row, csp.Plan]:
    plan = planned(s, **asked)
    [row] = rows_of(plan, "en", [s.id])
    return row, plan


@pytest.mark.parametrize(("as_of", "begins"), [(-1, True), (0, False), (1, False)])
def test_the_days_that_matter_of_a_row(as_of: int, begins: bool) -> None:
    """Auto-renew off, buying; then Expired, Disabled and Deleted, each from its first day; Active only if to come."""
    first_day = date(2025, 4, 1)
    row, plan = row_of(renewing(), as_of=first_day + timedelta(days=as_of))
    states = [day(1), day(31), day(121)]
    assert row.days(plan.as_of) == [D, day(30), day(1), *([first_day] * begins), *states]


def test_the_day_after_its_end_matters_where_nothing_follows() -> None:
    row, plan = row_of(renewing(), replacements={renewing().id: csp.NOT_REPLACED})
    assert row.days(plan.as_of) == [day(1)]


@pytest.mark.parametrize(("since", "ends"), [(40, True), (120, True), (121, False), (300, False)])
def test_what_the_service_says_is_disabled_is_not_drawn_as_deleted(since: int, ends: bool) -> None:
    """By its dates it would be Deleted from the 121st day on."""
    row, _ = row_of(subscription(status=csp.Status.DISABLED, auto_renew=False), as_of=day(since))
    assert [run.state for run in row.runs] == [csp.State.DISABLED, csp.State.DELETED][: 1 + ends]
    assert row.runs[0].last_day == (day(120) if ends else None)


def arrows(figure: Figure) -> list[str]:
    return sorted(word for word in words(figure) if "→" in word or "←" in word)


def test_nothing_points_beyond_the_picture_where_all_of_it_is_seen() -> None:
    figure, _ = drawn(planned(renewing()))
    assert arrows(figure) == []


def test_where_something_is_seen_only_what_is_marked_beyond_is_pointed_at() -> None:
    """It is due within two years; that it is Deleted comes after what is shown, and is no mark."""
    term = csp.Term(first_day=date(2025, 2, 1), last_day=date(2028, 1, 31))
    figure, ax = drawn(planned(renewing(term=term)))
    assert {due for _, due, _ in marks(ax, "v")} == {date(2028, 1, 31)}
    assert ax.get_xlim()[1] < float(date2num(date(2028, 5, 31)))
    assert arrows(figure) == []


@pytest.mark.parametrize(("days_ago", "seen"), [(366, True), (367, False)])
def test_what_was_provisioned_more_than_a_year_ago_is_only_pointed_at(days_ago: int, seen: bool) -> None:
    term = csp.Term(first_day=date(2024, 7, 1), last_day=date(2027, 6, 30))
    provisioned = SEEN - timedelta(days=days_ago)
    chosen = csp.Replacement(offer=BASIC, quantity=25, provision_on=provisioned)
    figure, ax = drawn(planned(renewing(term=term), replacements={renewing().id: chosen}))
    assert bool(ax.get_xlim()[0] < float(date2num(provisioned))) is seen
    assert arrows(figure) == ([] if seen else [f"← {provisioned}"])


def test_panels_stand_below_each_other_and_their_rows_have_room() -> None:
    """What there is to do, what is too late, and which tenants are full: each row a third of an inch high, or more."""
    gone = subscription(status=csp.Status.DISABLED, auto_renew=False, term=year_to(day(-300)))
    near = move("near", renewing(), renewing(id="b"), tenant_subscriptions=300)
    figure, axes = of_customers(*(move(f"late {n}", gone) for n in range(8)), near)
    assert [ax.get_title(loc="left") for ax in axes[2:]] == [
        "Too late already: subscriptions of each customer",
        "Tenants over or near their limits",
    ]
    tops = [in_points(figure, ax.get_window_extent()).y1 for ax in axes]
    assert tops == sorted(tops, reverse=True)
    for ax in axes[1:]:
        high = in_points(figure, ax.get_window_extent()).height / 72
        assert 0.3 <= high / len(ax.get_yticks()) <= 1


def test_what_is_due_only_if_not_transferred_stands_on_what_is_due_anyway() -> None:
    """Auto-renew is turned off for one customer anyway, for the other only without a transfer in mid-term."""
    elsewhere = csp.Tenant(id="newco", country="JP")
    _, (total, kinds) = of_customers(
        move("contoso", renewing()), move("adatum", renewing(), target_tenant=elsewhere), policy=csp.IN_FORCE
    )
    row = [label.get_text() for label in kinds.get_yticklabels()][::-1].index("Turn auto-renew off: 2")
    base = len(kinds.get_yticks()) - 1 - row
    at = float(date2num(D))
    stacked = sorted(
        (bar.get_y() - base, bar.get_height())
        for bars in kinds.containers
        for bar in bars
        if bar.get_x() == at and base <= bar.get_y() < base + 1
    )
    assert stacked == [(0, pytest.approx(0.31)), (pytest.approx(0.31), pytest.approx(0.31))]
    for ax in (total, kinds):
        assert not any(tick.label2.get_visible() for tick in ax.xaxis.get_major_ticks())


def test_no_word_is_taken_for_mathematics() -> None:
    _, ax = drawn(planned(renewing(name="$x$")))
    legend = ax.get_legend()
    assert legend is not None
    for text in (*legend.get_texts(), *ax.texts, *ax.get_yticklabels()):
        assert not text.get_parse_math()


def test_axes_may_be_in_a_part_of_a_figure() -> None:
    figure = Figure(figsize=(12, 6))
    parts: Any = figure.subfigures(1, 2)
    assert plots.timeline(planned(renewing()), ax=parts[0].add_subplot()) is figure
    figure.draw_without_rendering()


def test_a_warning_points_to_where_the_picture_was_asked_for() -> None:
    asked = compile("plots.timeline(plan)", "asked.py", "exec")
    with pytest.warns(UserWarning, match="no font that is installed has") as said:
        exec(asked, {"plots": plots, "plan": planned(renewing(name="\U000f1234"))})  # noqa: S102 - our own
    assert {warning.filename for warning in said} == {"asked.py"}


def test_as_many_rows_as_can_be_read_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_plan, "MOST_ROWS", 2)
    plan = planned(*(renewing(id=f"{n}", name=f"{n}") for n in range(3)))
    assert len(plots.timeline(plan, only=["0", "2"]).axes[0].get_yticks()) == 2
    with pytest.raises(csp.InvalidValue, match="the ids of at most 2 to draw"):
        plots.timeline(plan, only=["0", "1", "2"])
