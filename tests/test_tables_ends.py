"""Ends and starts of tables as they come: a column that may hold two days is never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest
from dateutil.relativedelta import relativedelta
from facts import D
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

import csp_transfer as csp
from csp_transfer import frames, partner_center
from csp_transfer import strategies as drawn
from csp_transfer.days import EARLIEST
from csp_transfer.facts import FACT_TABLE, FLAG_WORDS
from csp_transfer.frames.cells import READ, tidy
from csp_transfer.frames.columns import RENEWAL_DAY, START_DAY, Kind

pytestmark = pytest.mark.untraced

ENGINES: dict[str, Any] = {
    "polars": pl.DataFrame,
    "lazy polars": lambda data: pl.DataFrame(data).lazy(),
    "pyarrow": pa.table,
}
[LAST_DAY] = [row for row in FACT_TABLE if row.name == "last_day"]
DAYS = ("auto_renew_off_by", "provisioning_latest", "grace_last_day", "term_last_day", "best_last_day")


def table(**columns: Any) -> dict[str, list[Any]]:
    required: dict[str, Any] = {
        "id": "s1",
        "offer": "A",
        "quantity": 25,
        "auto_renew": True,
        "first_day": date(2025, 4, 1),
    }
    return {name: [value] for name, value in (required | columns).items()}


def answers(frame: Any) -> list[tuple[Any, ...]]:
    judged = nw.from_native(frame)
    judged = judged.collect() if isinstance(judged, nw.LazyFrame) else judged
    return judged.select(*(f"csp_{output.name}" for output in frames.OUTPUTS)).rows()


# ---- the end ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", LAST_DAY.unclear)
def test_an_end_that_may_be_two_days_is_asked_for(header: str) -> None:
    frame = pl.DataFrame(table(**{header: date(2026, 4, 1)}))
    for ask in (frames.recognise, frames.values_of):
        with pytest.raises(csp.InvalidValue, match="expected which day it holds") as caught:
            ask(frame)
        assert caught.value.value == header
        for way in (f"columns={{'last_day': {header!r}}}", f"columns={{'renewal_day': {header!r}}}"):
            assert way in caught.value.accepted
    for fact, last_day in {"last_day": date(2026, 4, 1), "renewal_day": D}.items():
        for columns in ({fact: header}, frames.recognise(frame, columns={fact: header})):
            [read], _ = frames.values_of(frame, columns=columns)
            assert read.term.last_day == last_day
            judged = frames.assess(frame, as_of=date(2026, 3, 1), columns=columns)
            assert judged["csp_term_last_day"].to_list() == [last_day]


@pytest.mark.parametrize(
    "header", ["Expiration date", "Expires on", "End date", "有効期限", "満了日", "終了日"]
)
def test_what_is_asked_for_in_english_is_asked_for_in_japanese(header: str) -> None:
    with pytest.raises(csp.InvalidValue, match="expected which day it holds"):
        frames.recognise(pl.DataFrame(table(**{header: D})))


@pytest.mark.parametrize(
    ("header", "cell", "last_day"),
    [
        *((header, D, D) for header in ("last_day", *LAST_DAY.headers)),
        *((header, date(2026, 4, 1), D) for header in ("renewal_day", *RENEWAL_DAY.headers)),
    ],
)
def test_a_header_that_says_which_day_it_is_is_read_as_it_says(
    header: str, cell: date, last_day: date
) -> None:
    frame = pl.DataFrame(table(**{header: cell, "End date": cell}))
    mapping = frames.recognise(frame)
    assert mapping.unread == ("End date",)  # which does not say it
    assert frames.values_of(frame, columns=mapping)[0][0].term.last_day == last_day


def test_the_last_day_goes_before_the_day_of_the_renewal() -> None:
    frame = pl.DataFrame(table(**{"Last day of term": D, "Renewal date": date(2026, 4, 2)}))
    mapping = frames.recognise(frame)
    assert mapping.unread == ("Renewal date",)
    told = frames.recognise(frame, columns={"renewal_day": "Renewal date"})
    assert told.unread == ("Last day of term",)
    assert frames.values_of(frame, columns=told)[0][0].term.last_day == date(2026, 4, 1)


def test_one_of_the_two_is_told() -> None:
    frame = pl.DataFrame(table(ends=D))
    both = {"last_day": "ends", "renewal_day": "ends"}
    for ask in (frames.recognise, frames.values_of):
        with pytest.raises(csp.InvalidValue, match="one of the two, not both"):
            ask(frame, columns=both)
    misspelled = frame.rename({"ends": "End date"})
    for ask in (frames.recognise, frames.values_of):
        with pytest.raises(csp.InvalidValue, match="a column 'Ends': last day of the term"):
            ask(misspelled, columns={"last_day": "Ends"})
    with pytest.raises(csp.InvalidValue, match="'Renews on' is read for it with"):
        frames.values_of(frame.rename({"ends": "Renews on"}))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("written", [str, lambda day: day])
@tried(0.25)
@given(data=st.data())
def test_a_column_of_renewal_days_never_gives_a_later_deadline(engine: str, written: Any, data: Any) -> None:
    """Read as what it is, it gives what the true last days give; and no header reads it as another one."""
    subscriptions = data.draw(
        st.lists(drawn.subscriptions(), min_size=1, max_size=3, unique_by=lambda s: s.id)
    )
    header = data.draw(st.sampled_from([*RENEWAL_DAY.headers, *LAST_DAY.unclear]))
    as_of = data.draw(st.dates(date(2024, 1, 1), date(2028, 1, 1)))
    true = frames.of(subscriptions)
    renewals = [written(s.term.last_day + timedelta(days=1)) for s in subscriptions]
    if engine == "pyarrow":
        export = true.drop("last_day").to_arrow().append_column(header, pa.array(renewals))
    else:
        export = true.drop("last_day").with_columns(pl.Series(header, renewals))
        export = export.lazy() if engine == "lazy polars" else export
    try:
        mapping = frames.recognise(export)
    except csp.InvalidValue:
        assert header in LAST_DAY.unclear
        mapping = frames.recognise(export, columns={"renewal_day": header})
    assert frames.values_of(export, columns=mapping)[0] == tuple(subscriptions)
    said, wanted = (
        answers(frames.assess(export, as_of=as_of, columns=mapping)),
        answers(frames.assess(true, as_of=as_of)),
    )
    for row, right in zip(said, wanted, strict=True):
        for output, day, last in zip(frames.OUTPUTS, row, right, strict=True):
            if output.name in DAYS:
                assert day is None or day <= last, output.name
            if output.name != "reason":  # which names the column
                assert day == last, output.name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cell", [EARLIEST, date.min, None, "soon", "2026-04-01T12:00:00Z"])
def test_a_renewal_day_that_cannot_be_read_is_refused_with_its_row(engine: str, cell: Any) -> None:
    made = table(**{"Renewal date": cell})
    if cell is None:
        made["Renewal date"] = [""]
    frame = ENGINES[engine](made)
    mapping = frames.recognise(frame)
    [reason] = nw.from_native(
        frames.assess(frame, as_of=D, columns=mapping).lazy().collect()
        if engine != "pyarrow"
        else frames.assess(frame, as_of=D, columns=mapping)
    )["csp_reason"].to_list()
    assert str(reason) == "Renewal date: expected a day from 2000-01-01 to 8999-12-31"
    with pytest.raises(csp.PayloadError, match="Renewal date"):
        frames.values_of(frame, columns=mapping)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("header", ["last_day", "Last day of term", "契約期間の最終日"])
def test_a_last_day_that_lies_whole_terms_after_the_start_is_asked_for(engine: str, header: str) -> None:
    """Whatever the header says: UTC-001. The rows that show it are named, three of them."""
    last_days = [date(2026, 4, 1), D, date(2025, 5, 1), date(2028, 4, 1), date(2026, 4, 1), None]
    made: dict[str, Any] = {
        name: cells * len(last_days) for name, cells in table(**{header: D}).items() if name != header
    }
    made |= {"id": [f"s{n}" for n in range(len(last_days))], header: last_days}
    frame = ENGINES[engine](made)
    with pytest.raises(csp.InvalidValue, match="expected which day it holds") as caught:
        frames.recognise(frame)
    assert caught.value.value == header
    assert caught.value.accepted == (
        f"which day it holds: columns={{'last_day': {header!r}}} for the last day of the term, "
        f"columns={{'renewal_day': {header!r}}} for the day of the renewal, or another exclusive end; "
        "it lies whole terms after 'first_day' in the rows of 's0', 's2', 's3' and 1 more"
    )
    assert "次の行では 'first_day' から" in caught.value.message_in("ja")
    assert "'s0', 's2', 's3' (ほか 1 件)" in caught.value.message_in("ja")
    for fact in ("last_day", "renewal_day"):
        assert frames.recognise(frame, columns={fact: header}).sources[fact] == header


@pytest.mark.parametrize(
    ("start", "first_day", "last_day", "asked"),
    [
        ("Term start date", "2025-04-01", "2026-04-01", True),
        ("Term start date", "01/04/2025", "01/04/2026", True),
        ("Term start date", "2024-04-01", "2026-04-01", False),  # no term has that length
        ("Start date", "2024-04-01", "2026-04-01", True),  # it may be the second one
        ("Start date", "2025-04-01", "2025-08-01", False),
        ("Start date", "2025-04-01", "2025-05-01", True),
        ("Start date", "2025-04-01", "2025-04-01", False),
        ("Term start date", "2025-01-31", "2025-02-28", True),
        ("Term start date", "2025-01-31", "2025-02-27", False),
        ("Term start date", "soon", "2026-04-01", False),  # which is refused with its row
    ],
)
def test_worked_signs(start: str, first_day: str, last_day: str, asked: bool) -> None:
    made = table(**{start: first_day, "Last day of term": last_day})
    del made["first_day"]
    frame = pl.DataFrame(made)
    if asked:
        with pytest.raises(csp.InvalidValue, match=f"whole terms after '{start}' in the rows of 's1'$"):
            frames.recognise(frame, days=frames.DayOrder.DAY_FIRST)
    else:
        assert frames.recognise(frame, days=frames.DayOrder.DAY_FIRST)


@given(
    first_day=st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    months=st.sampled_from([1, 6, 12, 36]),
    off=st.integers(-1, 1),
)
def test_a_table_asks_where_a_payload_doubts(first_day: date, months: int, off: int) -> None:
    """Of a payload that says no length, as a table says none."""
    end = first_day + relativedelta(months=months) + timedelta(days=off)
    item = {
        "id": "s1",
        "offerId": "CFQ7TTC0LH18:0001",
        "quantity": 25,
        "status": "active",
        "autoRenewEnabled": True,
    }
    item |= {"effectiveStartDate": f"{first_day}T00:00:00Z", "commitmentEndDate": f"{end}T00:00:00Z"}
    [read] = partner_center.read([item])
    frame = pl.DataFrame(table(first_day=first_day, last_day=end))
    try:
        frames.recognise(frame)
    except csp.InvalidValue:
        assert read.doubted_last_day == end
        told = frames.recognise(frame, columns={"renewal_day": "last_day"})
        assert frames.values_of(frame, columns=told)[0][0].term == read.term
    else:
        assert read.doubted_last_day is None


# ---- the start -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", START_DAY.headers)
@pytest.mark.parametrize("engine", ENGINES)
def test_no_length_is_told_from_a_start_that_may_be_of_an_earlier_term(engine: str, header: str) -> None:
    """Bought three years ago and renewed by the year, it does not renew for three years."""
    made = table(**{header: date(2023, 4, 1), "last_day": D})
    del made["first_day"]
    frame = ENGINES[engine](made)
    day = date(2026, 5, 1)
    mapping = frames.recognise(frame)
    [open_] = answers(frames.assess(frame, columns=mapping, as_of=day))
    by_name = dict(zip((output.name for output in frames.OUTPUTS), open_, strict=True))
    assert by_name["undated_by"] == "RNW-001"
    assert by_name["provisioning_latest"] is by_name["auto_renew_off_by"] is None
    [read], _ = frames.values_of(frame, columns=mapping)
    assert not read.length_known
    assert csp.assess(read, as_of=day).provisioning is None
    told = frames.recognise(frame, columns={"first_day": header})
    assert frames.values_of(frame, columns=told)[0][0].length_known
    by_year = ENGINES[engine](made | {"Renewal term": ["1 year"]})
    columns = frames.recognise(by_year)
    [known] = answers(frames.assess(by_year, columns=columns, as_of=day))
    assert date(2027, 3, 31) in known
    own = ENGINES[engine](made | {"length_known": [True]})
    assert frames.values_of(own, columns=frames.recognise(own))[0][0].length_known


# ---- nothing else is guessed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.COUNT, "1,234"),
        (Kind.COUNT, "1.234"),
        (Kind.COUNT, "1 234"),
        (Kind.COUNT, "25.0"),
        (Kind.COUNT, "-1"),
        (Kind.COUNT, "25 licenses"),
        (Kind.DAY, "31/03/26"),
        (Kind.DAY, "26-03-31"),
        (Kind.DAY, "03/04/2026"),
        (Kind.DAY, "46112"),
        (Kind.DAY, "2026-03-31T00:00:00+09:00"),
        (Kind.DAY, "2026-03-31T23:59:59Z"),
        (Kind.DAY, "令和8年3月31日"),
        (Kind.INSTANT, "2026-03-31T10:00:00"),
        (Kind.INSTANT, "2026-03-31"),
    ],
)
def test_a_text_that_may_be_two_things_is_none_of_them(kind: Kind, text: str) -> None:
    assert READ[kind].read(tidy(text), None) is None


@pytest.mark.parametrize("text", ["1", "0", "y", "n", "○", "×", "x", "renew"])
def test_a_mark_is_no_flag(text: str) -> None:
    assert text not in FLAG_WORDS


@pytest.mark.parametrize(
    "text", ["Suspended", "中断", "中断中", "一時中断", "一時停止", "一時停止中", "一時停止済み"]
)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_spelling_of_suspended_is_read(engine: str, text: str) -> None:
    frame = ENGINES[engine](table(状態=text, last_day=D))
    mapping = frames.recognise(frame)
    assert frames.values_of(frame, columns=mapping)[0][0].status is csp.Status.SUSPENDED
    judged = answers(frames.assess(frame, as_of=date(2026, 2, 1), columns=mapping))
    assert "suspended" in judged[0]
