"""Pictures: what their artists say, and what is to be seen when they are rendered."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import warnings
from collections import Counter
from datetime import date, timedelta
from importlib import metadata
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from drawn import SEEN, Bar, bars, marks, move, pixels, planned, renewing, rows, seen, texts, words
from facts import BASIC, D, day, subscription, transfer
from hypothesis import HealthCheck, given
from laws import tried
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import csp_transfer as csp
from csp_transfer import plots, strategies
from csp_transfer.catalogue import label
from csp_transfer.plots.look import LOOKS, Look
from csp_transfer.plots.rows import Run, runs_of
from csp_transfer.texts import read_bytes

S = csp.State
DUE, PROVISION, TRANSFER = "v", "D", "*"


LABELS = read_bytes("labels.toml").decode()

CONTOSO = transfer(*csp.partner_center.read(read_bytes("contoso-subscriptions.json")))


def drawn(plan: csp.Plan, **asked: Any) -> Figure:
    return plots.timeline(plan, **asked)


# ---- worked cases --------------------------------------------------------------------------------------------------


def test_an_ordinary_subscription() -> None:
    figure = drawn(planned(renewing()))
    (ax,) = figure.axes
    shown_until = max(bar.last_day for bar in bars(ax))
    assert bars(ax) == [
        Bar("Business Basic", "Active", date(2025, 4, 1), date(2026, 3, 31)),
        Bar("Business Basic", "Expired (grace window)", date(2026, 4, 1), date(2026, 4, 30)),
        Bar("Business Basic", "Disabled", date(2026, 5, 1), date(2026, 7, 29)),
        Bar("Business Basic", "Deleted", date(2026, 7, 30), shown_until),
    ]
    assert shown_until > date(2026, 8, 10)  # Deleted is without end
    assert marks(ax, DUE) == [
        ("Business Basic", date(2026, 3, 31), False),
        ("Business Basic", date(2026, 4, 30), False),
    ]
    assert marks(ax, PROVISION) == [("Business Basic", date(2026, 4, 1), False)]
    assert marks(ax, TRANSFER) == []
    said = words(figure)
    assert {"Transfer plan for contoso", "As of 2026-03-01 (UTC)", "Buy on"} <= set(said)
    assert {"Last day", "Auto-renew off", "Buy"} <= set(said)
    assert "Destination partner: fabrikam; as of 2026-03-01 (UTC); policy: GUIDE" in said


def test_the_later_day_stands_beside_the_earlier_one() -> None:
    """EST-001: the guide's window ends on 2026-10-14, the term on 09-14, which is the day to act by."""
    doubted = subscription(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    for lang, said in (("en", "perhaps until then (!)"), ("ja", "この日までの可能性あり (!)")):
        figure = drawn(planned(doubted), lang=lang)
        (ax,) = figure.axes
        [(row, due, _)], [(beside, later, _)] = marks(ax, DUE), marks(ax, "1")
        assert (due, later) == (date(2026, 9, 14), date(2026, 10, 14))
        assert row == beside
        assert said in words(figure)
    (sure,) = drawn(planned(subscription())).axes
    assert marks(sure, "1") == []


def test_words_in_japanese() -> None:
    said = words(drawn(planned(renewing()), lang="ja"))
    assert {
        "contoso の移行計画",
        "期限切れ (Expired、猶予期間)",
        "購入予定日",
        "自動更新をオフ",
        "購入",
    } <= set(said)
    assert not {"Buy on", "Expired (grace window)"} & set(said)
    with pytest.raises(csp.InvalidValue, match="lang: 'fr'; expected en or ja"):
        drawn(planned(), lang="fr")


def test_a_transfer_in_mid_term_and_what_is_left_without_it() -> None:
    figure = drawn(planned(renewing(), policy=csp.IN_FORCE))
    (ax,) = figure.axes
    assert marks(ax, TRANSFER) == [("Business Basic", SEEN, False)]
    assert marks(ax, PROVISION) == [("Business Basic", day(1), True)]
    # To be asked for and submitted a day before the other way is due.
    assert sorted(marks(ax, DUE)) == [
        ("Business Basic", day(-2), False),
        ("Business Basic", day(-1), False),
        ("Business Basic", D, True),
        ("Business Basic", day(30), True),
    ]
    assert "Buy on (unless transferred)" in words(figure)
    assert {"Last day", "Last day* (unless transferred)"} <= set(words(figure))
    assert {"Request transfer; Submit transfer; Auto-renew off*; Buy*"} <= set(words(figure))


LATER = csp.Term(first_day=date(2026, 6, 1), last_day=date(2027, 5, 31))
BOUGHT = date(2026, 6, 3)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (
            csp.Way.PROVISION_THEN_EXPIRE,
            [
                Run(S.ACTIVE, LATER.first_day, LATER.last_day),
                Run(S.DISABLED, date(2027, 6, 1), date(2027, 8, 29)),
                Run(S.DELETED, date(2027, 8, 30), None),
            ],
        ),
        (
            csp.Way.EXPIRE_THEN_REBUY,
            [
                Run(S.ACTIVE, LATER.first_day, LATER.last_day),
                Run(S.DISABLED, date(2027, 6, 1), date(2027, 8, 29)),
                Run(S.DELETED, date(2027, 8, 30), None),
            ],
        ),
        (
            csp.Way.EXTEND_AND_MOVE,
            [Run(S.ACTIVE, LATER.first_day, LATER.last_day), Run(S.EXTENDED, date(2027, 6, 1), None)],
        ),
        (
            csp.Way.CANCEL_AND_REBUY,
            [
                Run(S.ACTIVE, LATER.first_day, date(2026, 6, 2)),
                Run(S.DELETED, BOUGHT, date(2026, 6, 9)),  # admins can still back up
                Run(S.DELETED, date(2026, 6, 10), None),
            ],
        ),
        (
            csp.Way.RENEW_AND_WAIT,
            [
                Run(S.ACTIVE, LATER.first_day, LATER.last_day),
                Run(S.ACTIVE, date(2027, 6, 1), date(2028, 5, 31)),
                Run(S.DISABLED, date(2028, 6, 1), date(2028, 8, 29)),
                Run(S.DELETED, date(2028, 8, 30), None),
            ],
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, csp.Way) else "",
)
def test_bars_go_along_the_way_that_is_planned(way: csp.Way, expected: list[Run]) -> None:
    # An extended service term is scheduled: what is named wins over it.
    offer = BASIC.evolve(extended_service=True)
    for scheduled in (None, csp.TermEnd.RENEW):
        original = renewing(term=LATER, offer=offer, at_term_end=scheduled)
        plan = planned(original, as_of=BOUGHT, policy=csp.IN_FORCE, way=way)
        assert plan.parts[0].way is way
        assert list(runs_of(plan.assessments[0])) == expected


def test_a_way_that_is_not_open_is_refused() -> None:
    a = csp.assess(renewing(length_known=False), as_of=SEEN)
    with pytest.raises(csp.InvalidValue, match=r"way: .*; expected a way that is open to the subscription"):
        runs_of(a.evolve(way=csp.Way.RENEW_AND_WAIT))


def test_what_nothing_replaces_goes_on_or_ends() -> None:
    nothing = {"83ef9d05": csp.NOT_REPLACED}
    on, off = (planned(subscription(auto_renew=on), replacements=nothing) for on in (True, False))
    assert [run.state for run in runs_of(on.assessments[0])] == [S.ACTIVE]
    assert [run.state for run in runs_of(off.assessments[0])] == [
        *(S.ACTIVE, S.EXPIRED, S.DISABLED, S.DELETED),
    ]
    assert marks(drawn(on).axes[0], PROVISION) == []


def test_suspended_days_and_disabled_days_are_one_bar() -> None:
    (ax,) = drawn(planned(subscription(status=csp.Status.SUSPENDED))).axes
    assert [(bar.kind, bar.first_day, bar.last_day) for bar in bars(ax)][1] == (
        *("Disabled", day(1), day(120)),
    )


def test_disabled_says_the_service_however_long_ago_it_should_have_been_deleted() -> None:
    plan = planned(subscription(status=csp.Status.DISABLED), as_of=day(400))
    assert plan.assessments[0].state is S.DISABLED
    assert [run.state for run in runs_of(plan.assessments[0])] == [S.DISABLED]
    ahead = planned(subscription(status=csp.Status.DISABLED))
    assert [run.state for run in runs_of(ahead.assessments[0])] == [S.DISABLED, S.DELETED]


def test_a_blocked_plan_shows_what_follows_the_term_and_nothing_to_do() -> None:
    figure = drawn(planned(renewing(), destination=csp.Partner(id="fabrikam", country="KR")))
    (ax,) = figure.axes
    assert [bar.kind for bar in bars(ax)] == ["Active", "Expired (grace window)", "Disabled", "Deleted"]
    assert marks(ax, DUE) == marks(ax, PROVISION) == marks(ax, TRANSFER) == []
    assert "Blocked: the move must not be carried out (ELG-003)" in words(figure)


def test_days_that_are_not_known() -> None:
    figure = drawn(
        planned(
            subscription(id="a", name="pending", status=csp.Status.PENDING),
            subscription(id="b", name="renewed", auto_renew=True, length_known=False),
            as_of=day(10),
        )
    )
    (ax,) = figure.axes
    assert bars(ax) == [Bar("pending", "Term; state not known", date(2025, 4, 1), D)]
    assert [word for word in words(figure) if word.startswith("not known")] == [
        "not known (LIF-001)",
        "not known (RNW-001)",
    ]


def test_what_is_too_late_already() -> None:
    figure = drawn(planned(subscription(status=csp.Status.DISABLED), as_of=day(200)))
    assert "too late already (END-005)" in words(figure)
    outdated = drawn(planned(subscription(), as_of=day(200)))
    assert "not known (END-004)" in words(outdated)


def test_what_is_due_for_the_whole_customer_has_a_row() -> None:
    (ax,) = drawn(planned(renewing(), relationship_accepted=False)).axes
    assert rows(ax) == ["Business Basic", "(whole customer)"] or rows(ax) == [
        *("(whole customer)", "Business Basic"),
    ]
    assert Counter(row for row, _, _ in marks(ax, DUE)) == {"(whole customer)": 2, "Business Basic": 2}


def test_what_is_due_first_is_on_top() -> None:
    later = csp.Term.starting(date(2025, 9, 1), "P1Y")
    plan = planned(
        subscription(id="c", name="later", term=later),
        subscription(id="a", name="soon"),
        subscription(id="b", name="unknown", status=csp.Status.UNKNOWN, auto_renew=False),
        subscription(id="d", name="lost", status=csp.Status.DELETED),
    )
    assert rows(drawn(plan).axes[0])[:1] + rows(drawn(plan).axes[0])[-3:] == [
        *("lost", "soon", "later (EST-001!)", "unknown"),
    ]


def test_what_is_decades_away_is_pointed_at() -> None:
    long = csp.Term(first_day=date(2024, 1, 1), last_day=date(2061, 12, 31))
    figure = drawn(
        planned(
            renewing(id="a", name="soon"),
            renewing(id="b", name="long", term=long),
            renewing(id="c", name="to come", term=csp.Term.starting(date(2054, 1, 1), "P1Y")),
            subscription(
                id="d",
                name="over",
                term=csp.Term.starting(date(2001, 1, 1), "P1Y"),
                status=csp.Status.CANCELED,
                canceled_on=date(2001, 3, 1),
            ),
            replacements={"d": csp.NOT_REPLACED},
        )
    )
    (ax,) = figure.axes
    first, last = ax.get_xlim()
    assert last - first < 3 * 366 + 120
    assert {"2061-12-31 →", "2054-01-01 →", "← 2001-03-08"} <= set(words(figure))


def written_at_triangles(figure: Figure) -> list[tuple[str, Bbox]]:
    """What is written at triangles, with where it stands, from above."""
    names = {
        action.get("en") for key, action in tomllib.loads(LABELS)["ui"].items() if key.startswith("short_")
    }
    found = [
        (text.get_text(), text.get_window_extent())
        for text in texts(figure)
        if set(text.get_text().replace("*", "").split("; ")) <= names
    ]
    return sorted(found, key=lambda one: -one[1].y0)


def test_words_stand_at_their_triangles_and_together_where_they_would_touch() -> None:
    """Deadlines 28 days apart stand alone where the days are few, and together where they are many."""
    near = drawn(planned(renewing(), as_of=D))
    (ax,) = near.axes
    (off, _), (buy, at) = (text for text in written_at_triangles(near))
    assert (off, buy) == ("Auto-renew off", "Buy")
    x, _ = ax.transData.transform((date2num(day(30)) + 0.5, 0))
    assert abs(at.x0 - x) < 6
    far = csp.Term(first_day=date(2025, 1, 1), last_day=date(2027, 12, 31))
    both = drawn(planned(renewing(), renewing(id="far", name="far", term=far), as_of=D))
    assert next(said for said, _ in written_at_triangles(both)) == "Auto-renew off; Buy"


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("count", "policy"), [(9, csp.GUIDE), (9, csp.IN_FORCE), (60, csp.IN_FORCE)], ids=str
)
def test_words_at_triangles_are_inside_and_do_not_touch(count: int, policy: csp.Policy) -> None:
    ends = [csp.Term(first_day=date(2025, 1, 1), last_day=day(7 * n)) for n in range(count)]
    plan = planned(
        *(renewing(id=f"{n:03}", name=f"Mail {n}", term=term) for n, term in enumerate(ends)),
        relationship_accepted=False,
        policy=policy,
    )
    figure = drawn(plan)
    assert not any("most urgent" in text.get_text() for text in figure.findobj(Text))
    written = written_at_triangles(figure)
    (ax,) = figure.axes
    assert len(rows(ax)) == count + 1  # and one of the customer as a whole
    assert len(written) >= count + 1
    for (said, one), (also, other) in combinations(written, 2):
        assert not one.overlaps(other), (said, also)
    for said, box in written:
        assert ax.bbox.x0 - 3 <= box.x0, said
        assert box.x1 <= ax.bbox.x1, said


# ---- refused -------------------------------------------------------------------------------------------------------


def many(count: int) -> csp.Plan:
    return planned(*(renewing(id=f"{n:03}", name=f"Mail {n}") for n in range(count)))


def test_more_than_can_be_read_are_not_drawn() -> None:
    with pytest.raises(csp.InvalidValue, match=r"only: '401 subscriptions'; expected the ids of at most 400"):
        drawn(many(401), only=[f"{n:03}" for n in range(401)])
    few = drawn(many(401), only=["007", "400"])
    assert sorted(rows(few.axes[0])) == ["Mail 400", "Mail 7"]
    assert "2 of 401 subscriptions" in words(few)


def test_of_300_the_most_urgent_are_drawn_and_that_is_said() -> None:
    """The last ones end first; one has nothing that is due, and one only a day to provision on."""
    ends = [csp.Term(first_day=date(2025, 1, 1), last_day=day(300 - n)) for n in range(298)]
    plan = planned(
        subscription(
            id="left",
            name="left",
            auto_renew=True,
            term=csp.Term(first_day=date(2025, 1, 1), last_day=day(1)),
        ),
        subscription(id="lost", name="lost", status=csp.Status.DELETED),
        *(renewing(id=f"{n:03}", name=f"Mail {n}", term=term) for n, term in enumerate(ends)),
        replacements={"left": csp.NOT_REPLACED},
    )
    figure = drawn(plan)
    assert "The 60 most urgent of 300 subscriptions" in words(figure)
    shown = [row.partition(" (")[0] for row in rows(figure.axes[0])]
    assert shown == ["lost", *(f"Mail {n}" for n in range(297, 238, -1))]
    assert "全 300 件のうち、期限の近い 60 件のサブスクリプション" in words(drawn(plan, lang="ja"))


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (["no such"], r"only: \['no such'\]; expected ids of subscriptions in this plan"),
        ([], r"only: \[\]; expected ids of subscriptions in this plan"),
        ("000", "only: '000'; expected a collection of the ids of subscriptions"),
        ([["000"]], r"only: \[\['000'\]\]; expected a collection of the ids of subscriptions"),
        (1, "only: 1; expected a collection of the ids of subscriptions"),
    ],
)
def test_ids_that_cannot_be_chosen(only: Any, message: str) -> None:
    with pytest.raises((csp.InvalidValue, csp.InvalidType), match=message):
        drawn(many(2), only=only)


def test_narrow_axes_of_ones_own_have_their_heading_in_narrow_lines() -> None:
    figure = Figure(figsize=(4, 6))
    ax = figure.add_axes((0.35, 0.1, 0.6, 0.3))
    plots.timeline(planned(renewing(), customer=csp.Tenant(id="contoso " * 9, country="JP")), ax=ax)
    figure.draw_without_rendering()
    legend = ax.get_legend()
    assert legend is not None
    columns = {text.get_window_extent().x0 for text in legend.get_texts()}
    assert len(columns) == 1
    title = next(text for text in ax.texts if text.get_text().startswith("Transfer plan"))
    assert "…" in title.get_text()
    assert len(ax.get_xticks()) < 6


def test_wrong_types() -> None:
    with pytest.raises(csp.InvalidType, match=r"plan: .*; expected a Plan"):
        plots.timeline("contoso")  # type: ignore[arg-type]
    with pytest.raises(csp.InvalidType, match=r"portfolio: .*; expected a Portfolio"):
        plots.portfolio(planned())  # type: ignore[arg-type]
    with pytest.raises(csp.InvalidType, match=r"ax: .*; expected an Axes"):
        plots.timeline(planned(), ax="left")  # type: ignore[arg-type]


def test_axes_of_ones_own() -> None:
    figure = Figure(figsize=(10, 8))
    ax, other = figure.subplots(2)
    assert plots.timeline(many(9), ax=ax) is figure
    assert figure.get_size_inches().tolist() == [10, 8]
    assert len(rows(ax)) == 9
    assert not other.containers
    with pytest.raises(
        csp.InvalidValue, match=r"ax: '2.8 inches high'; expected at least 12.0 inches for 40"
    ):
        plots.timeline(many(40), ax=other)
    assert not other.containers
    other.remove()
    with pytest.raises(csp.InvalidValue, match="expected axes that are in a figure"):
        plots.timeline(many(1), ax=other)


# ---- names ---------------------------------------------------------------------------------------------------------

HOSTILE = {
    "mathematics": ("costs $\\frac$ 5 and $x_1^2$", "costs $\\frac$ 5 and $x_1^2$"),
    "control characters": ("a\nb\x1b[2J\x00c", "a b [2J c"),
    "a reversed ending": ("invoice\u202efdp.exe", "invoice fdp.exe"),
    "right to left": ("דואר Visio", "דואר Visio"),
    "Japanese": ("大阪支店のメール", "大阪支店のメール"),
    "half a character": ("a\ud800b", "a\ufffdb"),
    "in no font": ("a\U000f1234b", "a<U+F1234>b"),
}


@pytest.mark.parametrize(("name", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_names_are_shown_as_they_are_and_never_as_boxes(name: str, shown: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        customer = csp.Tenant(id=name, country="JP")
        figure = drawn(planned(renewing(name=name), customer=customer))
        pixels(figure)
    assert rows(figure.axes[0]) == [shown]
    assert f"Transfer plan for {shown}" in words(figure)
    assert {warning.filename for warning in said} <= {__file__}  # where the picture was asked for
    lacking = [number for number in ("U+F1234",) if number in shown]
    assert [str(warning.message) for warning in said] == [
        f"no font that is installed has {number}: shown by number. Install one that does, such as Noto Sans for "
        "the script in question"
        for number in lacking
    ]


def test_long_ids_are_shortened_as_on_the_page() -> None:
    guids = ("83ef9d05-4169-4ef9-9657-0e86b1eab1de", "c7a1f0de-4169-4ef9-9657-0e86b1ea90be")
    assert rows(drawn(planned(*(renewing(id=one, name="Mail") for one in guids))).axes[0]) == [
        "Mail […b1de]",
        "Mail […90be]",
    ]


@pytest.mark.parametrize("dpi", [72, 96, 150, 300])
def test_title_and_key_do_not_meet_whatever_the_number_of_dots(dpi: int) -> None:
    figure = drawn(csp.plan_transfer(CONTOSO, as_of=date(2026, 2, 15), policy=csp.IN_FORCE))
    figure.set_dpi(dpi)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    key = ax.get_legend()
    assert key is not None
    above = [text.get_window_extent() for text in ax.texts if text.get_window_extent().y0 > ax.bbox.y1]
    assert len(above) == 2
    assert not any(one.overlaps(key.get_window_extent()) for one in above)
    assert not above[0].overlaps(above[1])
    assert all(one.y1 <= figure.bbox.y1 for one in above)


def test_numbers_above_the_highest_weeks_do_not_touch() -> None:
    terms = [csp.Term.starting(D - timedelta(days=364 - 7 * n), "P1Y") for n in (*range(6), 45)]
    weeks = [subscription(id=f"{n}", term=terms[n % 6 if n else -1]) for n in range(780)]
    figure = plots.portfolio(of_customers(move("contoso", *weeks), as_of=SEEN))
    figure.draw_without_rendering()
    numbers = [text for text in figure.axes[0].texts if text.get_text().isdigit()]
    assert len(numbers) > 1
    assert all(int(text.get_text()) >= 100 for text in numbers)
    boxes = [text.get_window_extent() for text in numbers]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_names_are_told_apart() -> None:
    long = ("A" * 60 + middle + "B" * 60 for middle in "xy")
    twins = (renewing(id=id_, name="Twin") for id_ in ("1", "2"))
    plan = planned(*(renewing(id=f"long {n}", name=name) for n, name in enumerate(long)), *twins)
    named = rows(drawn(plan).axes[0])
    assert len(set(named)) == 4
    assert {"Twin [1]", "Twin [2]"} <= set(named)
    assert sum(name.endswith("(2)") for name in named) == 1


def test_without_a_font_for_japanese_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    latin = [font for font in font_manager.fontManager.ttflist if font.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    monkeypatch.setattr(metadata, "files", missing)
    with pytest.raises(csp.MissingExtra, match=r"in Japanese needs .*csp-transfer\[plots\]"):
        drawn(planned(), lang="ja")
    with pytest.warns(UserWarning, match="no font that is installed has U\\+5927, U\\+962A: shown by number"):
        drawn(planned(renewing(name="大阪")))


def test_nothing_of_pyplots_is_touched() -> None:
    program = (
        "import sys, matplotlib; before = dict(dict.items(matplotlib.rcParams))  # as they are: to ask loads pyplot\n"
        "import csp_transfer as csp; from csp_transfer import plots\n"
        "from facts import transfer; from datetime import date\n"
        "plan = csp.plan_transfer(transfer(), as_of=date(2026, 3, 1))\n"
        "plots.timeline(plan, lang='ja')._repr_png_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules and 'matplotlib_fontja' not in sys.modules\n"
        "assert dict(dict.items(matplotlib.rcParams)) == before\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, cwd=Path(__file__).parent)  # noqa: S603


def test_the_core_does_not_load_matplotlib() -> None:
    program = "import sys, csp_transfer; assert not {'matplotlib', 'csp_transfer.plots'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603


def test_a_picture_shows_itself_in_a_notebook() -> None:
    image = drawn(planned())._repr_png_()  # type: ignore[attr-defined]
    assert image.startswith(b"\x89PNG")


# ---- how it looks --------------------------------------------------------------------------------------------------

NEIGHBOURS = [
    *((S.ACTIVE, S.EXPIRED), (S.ACTIVE, S.EXTENDED), (S.ACTIVE, S.DISABLED), (S.ACTIVE, S.DELETED)),
    *((S.EXPIRED, S.DISABLED), (S.DISABLED, S.DELETED), (S.SUSPENDED, S.DISABLED)),
]
"""The states that can follow each other."""
LEAST_APART = 15
"""In steps of lightness, of which there are 100 from black to white; two are just seen."""
# What people see who lack one kind of cones (Machado and others 2009, severity 1), in linear light.
SIGHT = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "no green": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "no blue": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def lightness(colour: Any, sight: str = "all cones") -> float:
    """CIE L*, from 0 for black to 100 for white."""
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    red, green, blue = (sum(a * b for a, b in zip(row, light, strict=True)) for row in SIGHT[sight])
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def test_lightness_is_what_it_is_said_to_be() -> None:
    assert lightness("black") == 0
    assert round(lightness("white")) == 100
    assert round(lightness("#777777")) == 50


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("one", "next_one"), NEIGHBOURS)
def test_states_that_follow_each_other_differ_in_lightness(
    one: csp.State, next_one: csp.State, sight: str
) -> None:
    apart = lightness(LOOKS[one].colour, sight) - lightness(LOOKS[next_one].colour, sight)
    assert abs(apart) >= LEAST_APART


def test_every_state_has_a_pattern_of_its_own() -> None:
    assert set(LOOKS) == {*S, None}
    for one, other in combinations(LOOKS.values(), 2):
        assert (one.pattern, one.border) != (other.pattern, other.border)


@pytest.mark.parametrize(
    "look", [look for look in LOOKS.values() if look.pattern], ids=lambda look: look.pattern
)
def test_patterns_are_seen(look: Look) -> None:
    for sight in SIGHT:
        assert abs(lightness(look.colour, sight) - lightness(look.drawn_in, sight)) >= 3 * LEAST_APART


def test_neighbours_that_can_be_are_those_that_are_tried() -> None:
    found: set[tuple[Any, ...]] = set()

    @tried(1, suppress_health_check=list(HealthCheck))
    @given(strategies.plans())
    def one(plan: csp.Plan) -> None:
        for a in plan.assessments:
            found.update((first.state, then.state) for first, then in pairwise(runs_of(a)))

    one()
    assert found - {(S.ACTIVE, S.ACTIVE), (S.DELETED, S.DELETED)} <= set(NEIGHBOURS)


def every_kind(lang: str = "en") -> Figure:
    """A picture with each kind of bar and mark, and names of every length."""
    year = csp.Term.starting(date(2025, 9, 1), "P1Y")
    return drawn(
        planned(
            renewing(id="a", name="Mail"),
            renewing(id="b", name="Microsoft 365 Business Premium for the branch in Osaka, first floor"),
            subscription(id="c", status=csp.Status.SUSPENDED, name="W" * 100),
            renewing(
                id="d", term=year, at_term_end=csp.TermEnd.EXTEND, offer=BASIC.evolve(extended_service=True)
            ),
            subscription(id="e", name="大" * 60, status=csp.Status.PENDING),
            subscription(id="f", status=csp.Status.DELETED),
            policy=csp.IN_FORCE,
            relationship_accepted=False,
            customer=csp.Tenant(id="contoso " * 40, country="JP"),
        ),
        lang=lang,
    )


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_nothing_is_cut_off_and_no_words_stand_on_each_other(lang: str) -> None:
    figure = every_kind(lang)
    figure.draw_without_rendering()
    around = figure.get_tightbbox()
    assert around.x0 >= 0
    assert around.y0 >= 0
    assert around.x1 <= figure.get_size_inches()[0]
    assert around.y1 <= figure.get_size_inches()[1]
    (ax,) = figure.axes
    legend = ax.get_legend()
    assert legend is not None
    heading = [
        text for text in ax.texts if text.get_text().startswith(("Transfer", "Dest", "contoso", "移行先"))
    ]
    assert len(heading) == 2
    stacked = [
        ax.get_window_extent(),
        legend.get_window_extent(),
        *(text.get_window_extent() for text in heading),
    ]
    for below, above in pairwise(stacked):
        assert below.y1 <= above.y0
    first, last = ax.get_xlim()
    days = [
        label.get_window_extent()
        for label, x in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)
        if first <= x <= last
    ]
    assert len(days) > 2
    for left, right in pairwise(days):
        assert left.x1 < right.x0
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    for upper, lower in pairwise(names):
        assert upper.y0 > lower.y1


def test_each_bar_is_seen_where_it_should_be() -> None:
    figure = every_kind()
    image = pixels(figure)
    (ax,) = figure.axes
    colours = {
        str(container.get_label()): to_rgb(container[0].get_facecolor()) for container in ax.containers
    }
    assert len(colours) == len(LOOKS)
    looked_at: set[str] = set()
    for container in ax.containers:
        for bar in container:
            assert isinstance(bar, Rectangle)
            box = Bbox.intersection(bar.get_window_extent(), ax.get_window_extent())
            if box is None or box.width < 12:
                continue  # beyond what is shown
            looked_at.add(str(container.get_label()))
            most, _ = Counter(seen(image, box.padded(-3))).most_common(1)[0]
            wanted = tuple(round(255 * part) for part in colours[str(container.get_label())])
            assert max(abs(a - b) for a, b in zip(most, wanted, strict=True)) <= 2
    assert looked_at == set(colours)


def test_the_day_that_is_asked_for_and_marks_are_seen() -> None:
    figure = drawn(planned(renewing()))
    image = pixels(figure)
    (ax,) = figure.axes
    x, _ = ax.transData.transform((date2num(SEEN) + 0.5, 0))
    inside = ax.get_window_extent()
    line = Bbox.from_extents(x - 1, inside.y0, x + 1, inside.y1)
    assert any(max(pixel) < 90 for pixel in seen(image, line))
    beside = Bbox.from_extents(x + 3, inside.y1 - 8, x + 6, inside.y1 - 2)
    assert set(seen(image, beside)) == {(255, 255, 255)}


STYLE: Any = {
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor"), "white"
    ),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor"), "black"),
    "font.size": 20,
    "hatch.linewidth": 8,
    "axes.grid": True,
    "timezone": "Asia/Tokyo",
    "legend.fontsize": 25,
}


@pytest.mark.parametrize("picture", ["timeline", "portfolio"])
def test_it_is_legible_in_a_style_of_the_users(picture: str) -> None:
    plan = planned(renewing(), subscription(id="b", status=csp.Status.SUSPENDED))
    with mpl.rc_context(STYLE):
        figure = drawn(plan) if picture == "timeline" else plots.portfolio(of_customers(plan.transfer))
        figure.draw_without_rendering()
    (ax, *_) = figure.axes
    assert to_rgb(ax.get_facecolor()) == (1, 1, 1)
    areas = [one.get_window_extent() for one in figure.axes]
    keys = [key for one in figure.axes if (key := one.get_legend()) is not None]
    on_white = [text for key in keys for text in key.get_texts()]
    for text in texts(figure):
        box = text.get_window_extent()
        within = any(
            area.containsx(box.x0) and area.contains(box.x1, box.y0) and area.containsy(box.y1)
            for area in areas
        )
        assert (lightness(text.get_color()) < 30) == (within or text in on_white), text
    assert not any(line.get_visible() for line in ax.get_ygridlines())
    days = {label.get_text() for label in ax.get_xticklabels()}
    assert "2026-04-01" in days  # and not as a day begins in Tokyo
    assert all(patch.get_hatch_linewidth() < 1 for key in keys for patch in key.get_patches())


# ---- laws ----------------------------------------------------------------------------------------------------------


@tried(0.25, suppress_health_check=list(HealthCheck))
@given(strategies.plans())
def test_bars_and_marks_say_what_the_plan_says(plan: csp.Plan) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "no font that is installed")
        figure = drawn(plan)
        figure.draw_without_rendering()
    (ax,) = figure.axes
    hollow = Counter((d.day, d.unless_transferred) for d in plan.deadlines)
    assert Counter((day, hollow) for _, day, hollow in marks(ax, DUE)) == hollow
    provisioned = [a.provision_on for a in plan.assessments if plan.feasible and a.moved and a.provision_on]
    assert sorted(day for _, day, _ in marks(ax, PROVISION)) == sorted(provisioned)
    assert len(marks(ax, TRANSFER)) == sum(part.way is csp.Way.PARTNER_CENTER_TRANSFER for part in plan.parts)
    kinds = Counter(bar.kind for bar in bars(ax))
    assert kinds == Counter(
        label(run.state, "en").replace("Expired", "Expired (grace window)")
        if run.state
        else "Term; state not known"
        for a in plan.assessments
        for run in runs_of(a)
    )


@tried(2, suppress_health_check=list(HealthCheck))
@given(strategies.assessments())
def test_runs_say_what_the_assessment_says(a: csp.Assessment) -> None:
    runs = runs_of(a)
    for run, following in pairwise(runs):
        assert run.last_day is not None
        assert following.first_day - run.last_day == timedelta(days=1)
    # `None` as a last day: without end.
    on_the_day = [
        run for run in runs if run.first_day <= a.as_of and (not run.last_day or a.as_of <= run.last_day)
    ]
    goes_on = not a.moved and not a.subscription.trial and a.auto_renew_off_by is not None
    if a.state is None:
        assert {run.state for run in on_the_day} <= {None}
    elif a.way is not csp.Way.CANCEL_AND_REBUY:  # which ends it on that very day
        assert [run.state for run in on_the_day] == [a.state]
    windows = [(run.first_day, run.last_day) for run in runs if run.state is S.EXPIRED]
    if a.grace_window is None or goes_on or a.undated_by:
        assert windows == [] or a.way is csp.Way.CANCEL_AND_REBUY
    elif a.way is not csp.Way.CANCEL_AND_REBUY:
        assert windows == [(a.grace_window.first_day, a.grace_window.last_day)]


# ---- portfolios ----------------------------------------------------------------------------------------------------


def of_customers(*moves: csp.Transfer, as_of: date = SEEN, **asked: Any) -> csp.Portfolio:
    return csp.plan_portfolio(moves, as_of=as_of, **asked)


def counted(figure: Figure, ax: int = 0) -> dict[date, float]:
    """How high the bars of a panel are, one on the other, by the day on which they begin."""
    found: Counter[date] = Counter()
    for container in figure.axes[ax].containers:
        for bar in container:
            found[num2date(bar.get_x()).date()] += bar.get_height()
    return dict(found)


def test_a_few_deadlines_are_counted_by_the_day() -> None:
    figure = plots.portfolio(
        of_customers(move("contoso", renewing()), move("adatum", renewing(), renewing(id="b")))
    )
    total, kinds = figure.axes
    assert counted(figure) == {D: 3, day(30): 3}
    assert rows(kinds) == ["Buy the new subscription: 3", "Turn auto-renew off: 3"]  # from below
    assert {bar.get_width() for container in total.containers for bar in container} == {1}
    said = words(figure)
    assert {"Transfers of 2 customers, 3 subscriptions", "Deadlines a day", "As of 2026-03-01 (UTC)"} <= set(
        said
    )
    assert "Deadlines (unless transferred)" not in said
    assert said.count("3") == 5  # on the bars of all, on the highest of each kind, and on the axis


def test_many_are_counted_by_the_week_from_monday() -> None:
    later = csp.Term.starting(date(2025, 9, 1), "P1Y")
    figure = plots.portfolio(
        of_customers(move("contoso", renewing(), renewing(id="b", term=later))), lang="ja"
    )
    assert counted(figure) == {
        date(2026, 3, 30): 1,  # D is a Tuesday
        date(2026, 4, 27): 1,
        date(2026, 8, 31): 2,  # the window after that term is in doubt (EST-001)
    }
    assert {"1 週間あたりの期限の数 (月曜日から)", "自動更新をオフにする: 2"} <= set(words(figure))


def test_what_is_only_unless_transferred_is_hollow_and_on_top() -> None:
    figure = plots.portfolio(of_customers(move("contoso", renewing()), policy=csp.IN_FORCE))
    sure, unless = figure.axes[0].containers
    assert {num2date(bar.get_x()).date(): bar.get_height() for bar in sure} == {day(-2): 1, day(-1): 1}
    assert {num2date(bar.get_x()).date(): bar.get_height() for bar in unless} == {D: 1, day(30): 1}
    assert to_rgb(unless[0].get_facecolor()) == (1, 1, 1)
    assert "Deadlines (unless transferred)" in words(figure)
    # On one day: what is sure in any case below, what is not above it.
    other = renewing(id="b", legacy=True)  # which is not transferred
    both = plots.portfolio(of_customers(move("contoso", renewing(), other), policy=csp.IN_FORCE))
    sure, unless = both.axes[0].containers
    stacked = {num2date(bar.get_x()).date(): (bar.get_y(), bar.get_height()) for bar in unless}
    assert {num2date(bar.get_x()).date(): bar.get_height() for bar in sure} == {
        day(-2): 1,
        day(-1): 1,
        D: 1,
        day(30): 1,
    }
    assert (stacked[D], stacked[day(30)]) == ((1, 1), (1, 1))


def test_what_is_due_in_many_years_is_counted_at_the_edge() -> None:
    far = renewing(id="b", term=csp.Term(first_day=date(2025, 1, 1), last_day=date(2061, 12, 31)))
    figure = plots.portfolio(of_customers(move("contoso", renewing(), far)))
    assert sum(counted(figure).values()) == 2
    assert "2 →" in words(figure)


def test_what_is_too_late_and_which_tenants_get_full() -> None:
    over = move("over", *(renewing(id=f"{n}") for n in range(151)))
    near = move("near", renewing(), tenant_subscriptions=300)
    late = [move(f"late {n:02}", *(subscription(id=f"{n} {k}") for k in range(n % 3 + 1))) for n in range(22)]
    portfolio = of_customers(over, near, *late, as_of=day(0))
    figure = plots.portfolio(portfolio)
    assert [ax.get_title(loc="left") for ax in figure.axes[2:]] == ["Tenants over or near their limits"]
    assert rows(figure.axes[2]) == ["near", "over"]  # from below
    assert {"151 + 151 (CAP-001, CAP-003)", "300 + 1 (CAP-003)", "It holds"} <= set(words(figure))
    disabled = [
        transfer(
            *(s.evolve(status=csp.Status.DISABLED) for s in one.subscriptions),
            customer=one.customer,
            relationship_accepted=True,
        )
        for one in late
    ]
    figure = plots.portfolio(of_customers(over, near, *disabled, as_of=day(200)))
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert "Too late already: subscriptions of each customer: 20 of 22" in titles
    panel = figure.axes[titles.index("Too late already: subscriptions of each customer: 20 of 22")]
    assert len(rows(panel)) == 20
    assert [bar.get_width() for bar in panel.containers[0]][-7:] == [3] * 7


def test_what_is_blocked_or_could_not_be_planned_is_said() -> None:
    blocked = move("blocked", renewing(), destination=csp.Partner(id="fabrikam", country="KR"))
    twice = [move("twice", renewing()), move("TWICE", renewing())]
    figure = plots.portfolio(of_customers(blocked, *twice, tolerant=True))
    assert {"blocked: 1", "Not planned: 1"} <= set(words(figure))
    assert len(figure.axes) == 1  # nothing is due
    pixels(figure)


@tried(0.2, suppress_health_check=list(HealthCheck))
@given(strategies.portfolios())
def test_every_deadline_is_counted(portfolio: csp.Portfolio) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "no font that is installed")
        figure = plots.portfolio(portfolio)
        figure.draw_without_rendering()
    later = [word for word in words(figure) if word.endswith(" →")]
    assert sum(counted(figure).values()) + sum(int(word[:-2]) for word in later) == len(portfolio.deadlines)
    around, (wide, high) = figure.get_tightbbox(), figure.get_size_inches()
    assert around.x0 >= 0
    assert around.y0 >= 0
    assert around.x1 <= wide
    assert around.y1 <= high
