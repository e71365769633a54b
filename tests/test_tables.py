"""Tables as they come: headers, styles of days, flags and blanks are recognised, and nothing is guessed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest
from facts import D
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.days import EARLIEST, LATEST
from csp_transfer.frames.cells import READ, order_of, tidy
from csp_transfer.frames.columns import OF_THE_CUSTOMER
from csp_transfer.frames.facts import spellings
from csp_transfer.frames.headers import header_key, named_by
from csp_transfer.frames.mapping import type_read
from csp_transfer.frames.one_row import READ as FACTS

DAY_FIRST, MONTH_FIRST = frames.DayOrder.DAY_FIRST, frames.DayOrder.MONTH_FIRST

EXPORT: dict[str, list[Any]] = {
    "Subscription ID": ["s1", "s2", "s3"],
    "オファー ID": ["A", " B ", "C"],
    "LICENSES": ["25", " 3", "0"],
    "Auto-renew": ["On", " yes ", "オフ"],
    "Term_start_date": ["01/04/2025", "03/03/2025", "2025-04-01"],
    "契約期間の最終日": ["31/03/2026", "02/03/2026", "2026年3月31日"],
    "Status": ["Active", " ACTIVE", "アクティブ"],
    "New offer ID": ["", None, "D"],
    "Region": ["Kansai", "Kanto", None],
}
SOURCES = {
    "id": "Subscription ID",
    "offer": "オファー ID",
    "quantity": "LICENSES",
    "first_day": "Term_start_date",
    "last_day": "契約期間の最終日",
    "auto_renew": "Auto-renew",
    "status": "Status",
    "new_offer": "New offer ID",
}
ENGINES: dict[str, Any] = {
    "polars": pl.DataFrame,
    "lazy polars": lambda data: pl.DataFrame(data).lazy(),
    "pyarrow": pa.table,
}


_NOTHING = ("None", "nan", "<NA>", "NaT")  # as engines spell it


def cells(frame: Any, name: str) -> list[Any]:
    """A column as a list, None where nothing is."""
    table = nw.from_native(frame)
    table = table.collect() if isinstance(table, nw.LazyFrame) else table
    return [None if str(value) in _NOTHING else value for value in table[name].to_list()]


def export(**changes: Any) -> dict[str, list[Any]]:
    return EXPORT | changes


# ---- one mapping, every door, every engine ---------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_as_it_comes_is_judged_as_the_values_that_it_stands_for(engine: str) -> None:
    table = ENGINES[engine](EXPORT)
    mapping = frames.recognise(table, days=DAY_FIRST)
    assert mapping.sources == SOURCES
    assert mapping.unread == ("Region",)
    terms = [(date(2025, 4, 1), D), (date(2025, 3, 3), date(2026, 3, 2)), (date(2025, 4, 1), D)]
    wanted = tuple(
        csp.Subscription(
            id=f"s{n}",
            offer=csp.Offer(id="ABC"[n - 1]),
            quantity=(25, 3, 0)[n - 1],
            auto_renew=n < 3,
            term=csp.Term(first_day=first, last_day=last),
        )
        for n, (first, last) in enumerate(terms, 1)
    )
    given_ = {"s3": csp.Replacement(offer=csp.Offer(id="D"), quantity=0)}
    assert frames.values_of(table, columns=mapping) == (wanted, given_)
    said = frames.assess(table, as_of=date(2026, 2, 15), columns=mapping)
    typed = frames.assess(frames.of(wanted, given_), as_of=date(2026, 2, 15))
    for output in frames.OUTPUTS:
        assert cells(said, f"csp_{output.name}") == cells(typed, f"csp_{output.name}"), output.name
    for name, column in EXPORT.items():  # which are as they were
        assert cells(said, name) == column


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cell_that_cannot_be_read_is_refused_with_its_row(engine: str) -> None:
    bad = export(
        LICENSES=["25", "many", None],
        **{"Auto-renew": ["On", "perhaps", "on"], "契約期間の最終日": ["31/03/2026", "soon", "31/03/2026"]},
    )
    table = ENGINES[engine](bad)
    mapping = frames.recognise(table, days=DAY_FIRST)
    first, second, third = cells(frames.assess(table, as_of=D, columns=mapping), "csp_reason")
    count, day = "expected a count of licences, 0 or more", "expected a day from 2000-01-01 to 8999-12-31"
    assert first is None
    assert second == f"LICENSES: {count}; 契約期間の最終日: {day}; Auto-renew: expected True or False"
    assert third == f"LICENSES: {count}"
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table, columns=mapping)
    assert [(p.field, p.value) for p in caught.value.problems] == [
        ("LICENSES", "many"),
        ("契約期間の最終日", "soon"),
        ("Auto-renew", "perhaps"),
        ("LICENSES", None),
    ]
    with pytest.raises(csp.InvalidValue, match="'soon'"):
        frames.assess(table, as_of=D, columns=mapping, strict=True)


def test_a_column_is_read_in_one_way() -> None:
    table = pl.DataFrame(EXPORT)
    with pytest.raises(csp.InvalidData, match="expected a column of one kind, not last_day and name"):
        frames.recognise(
            table, columns={"last_day": "契約期間の最終日", "name": "契約期間の最終日"}, days=DAY_FIRST
        )
    alike = {
        "anchor": "Term_start_date",
        "first_day": "Term_start_date",
        "name": "Status",
        "status": "Status",
    }
    mapping = frames.recognise(table, columns=alike, days=DAY_FIRST)
    assert frames.assess(table, as_of=D, columns=mapping)["csp_reason"].to_list() == [None] * 3
    [first, *_], _ = frames.values_of(table, columns=mapping)
    assert (first.anchor, first.name, first.status) == (date(2025, 4, 1), "Active", csp.Status.ACTIVE)


def test_columns_of_texts_that_are_typed_already_are_left_alone() -> None:
    typed = pl.DataFrame(
        {
            "id": [7],
            "offer": ["B"],
            "quantity": [25],
            "auto_renew": [True],
            "Term start date": [date(2025, 4, 1)],
        }
        | {"Last day of term": [D], "own offer": [" "]}
    )
    mapping = frames.recognise(typed.drop("own offer"))
    assert "Not read" not in str(mapping)
    mapping = frames.recognise(typed)
    assert {column.days for column in mapping.columns} == {None}
    assert frames.assess(typed, as_of=D, columns=mapping)["csp_reason"].to_list() == [None]
    marked = typed.with_columns(pl.lit("mine").alias("own own"), offer=pl.lit(" B "))
    said = frames.assess(marked, as_of=D, columns=frames.recognise(marked))
    assert said.select(marked.columns).equals(marked)


def test_a_mapping_is_kept_for_the_next_export() -> None:
    mapping = frames.recognise(pl.DataFrame(EXPORT), days=DAY_FIRST)
    again = frames.ColumnMapping.from_dict(mapping.to_dict())
    assert again == mapping
    open_ = pl.DataFrame(export(契約期間の最終日=["04/05/2026"] * 3))
    [first, *_], _ = frames.values_of(open_, columns=again)
    assert first.term.last_day == date(2026, 5, 4)
    with pytest.raises(csp.InvalidValue, match="expected a column 'LICENSES': licences bought"):
        frames.assess(open_.drop("LICENSES"), as_of=D, columns=again)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_blanks_is_not_known(engine: str) -> None:
    table = ENGINES[engine](
        export(**{"Assigned licenses": [None, None, None], "取り消し期限": ["", None, " "]})
    )
    mapping = frames.recognise(table, days=DAY_FIRST)
    read, _ = frames.values_of(table, columns=mapping)
    assert {s.assigned for s in read} == {None}
    assert {s.cancellation_allowed_until for s in read} == {None}
    assert cells(frames.assess(table, as_of=D, columns=mapping), "csp_reason") == [None] * 3


def test_prices_and_names_are_columns() -> None:
    data = export(
        **{"Unit price": [6.5, 1200, 0], "Currency": ["EUR", "JPY", "EUR"], "Price cycle": ["Month"] * 3}
    )
    data |= {"Product name": ["Basic", "Visio", None], "Friendly name": ["Mail", "", None]}
    for make in ENGINES.values():
        table = make(data)
        read, _ = frames.values_of(table, columns=frames.recognise(table, days=DAY_FIRST))
        prices = [s.price for s in read if s.price]
        assert [(str(p.amount), p.currency, str(p.cycle)) for p in prices] == [
            ("6.5", "EUR", "month"),
            ("1200.0", "JPY", "month"),
            ("0.0", "EUR", "month"),
        ]
        assert [(s.name, s.offer.name) for s in read] == [("Mail", "Basic"), ("", "Visio"), ("", "")]
    without = pl.DataFrame(data).drop("Price cycle")
    assert frames.recognise(without, days=DAY_FIRST).unread == ("Region", "Unit price", "Currency")
    table = pl.DataFrame(data).with_columns(pl.lit(float("nan")).alias("Unit price"))
    with pytest.raises(csp.PayloadError, match="Unit price: "):
        frames.values_of(table, columns=frames.recognise(table, days=DAY_FIRST))


# ---- days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-03-31", None, D),
        (" 2026/3/31 ", None, D),
        ("2026.03.31", None, D),
        ("2026年3月31日", None, D),
        ("２０２６／０３／３１", None, D),
        ("31 Mar 2026", None, D),
        ("31-MAR-2026", None, D),
        ("March 31, 2026", None, D),
        ("Sept 1 2026", None, date(2026, 9, 1)),
        ("3 Mars 2026", None, None),
        ("31 Mar 26", None, None),
        ("2026-03-31T00:00:00Z", None, D),
        ("2026-03-31T00:00:00.000+00:00", None, D),
        ("2026-03-31 00:00", None, D),
        ("2026-03-31T09:00:00+09:00", None, D),
        ("2026-03-31T01:00:00Z", None, None),
        ("2026-03-31T24:00:00Z", None, None),
        ("0001-01-01T00:00:00+09:00", None, None),
        ("3/31/2026 12:00:00 AM", MONTH_FIRST, D),
        ("3/31/2026 12:00:00 PM", MONTH_FIRST, None),
        ("3/31/2026 0:00 AM", MONTH_FIRST, None),
        ("1/1/2026 0:00", None, date(2026, 1, 1)),
        ("1/1/2026 1:00", None, None),
        ("3/4/2026", None, None),
        ("4/3/2026", None, None),
        ("3/3/2026", None, date(2026, 3, 3)),
        ("3/4/2026", DAY_FIRST, date(2026, 4, 3)),
        ("3/4/2026", MONTH_FIRST, date(2026, 3, 4)),
        ("31.03.2026", DAY_FIRST, D),
        ("31/03/2026", MONTH_FIRST, None),
        ("31/03-2026", DAY_FIRST, None),
        ("2026-02-30", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_worked_days(text: str, order: frames.DayOrder | None, day: date | None) -> None:
    assert READ[frames.columns.Kind.DAY].read(tidy(text), order) == day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-02-08T13:05:00.5Z", datetime(2026, 2, 8, 13, 5, 0, 500000, UTC)),
        ("2026-02-08T13:05:00.1234567Z", datetime(2026, 2, 8, 13, 5, 0, 123456, UTC)),
        ("2026-02-08 1:05 PM UTC", datetime(2026, 2, 8, 13, 5, tzinfo=UTC)),
        ("2026-02-08T22:05:00+0900", datetime(2026, 2, 8, 13, 5, tzinfo=UTC)),
        ("2026-02-08T13:05:00", None),
        ("2026-02-08", None),
    ],
)
def test_worked_instants(text: str, instant: datetime | None) -> None:
    assert READ[frames.columns.Kind.INSTANT].read(tidy(text), None) == instant


@pytest.mark.parametrize("more", [0, 1, 2, 10**30])
def test_worked_counts(more: int) -> None:
    """What is more than any count may be stays more, whatever its size."""
    read = READ[frames.columns.Kind.COUNT].read(str(2**53 + more), None)
    assert read == 2**53 + min(more, 1)


@given(st.dates(EARLIEST, LATEST), st.sampled_from([*frames.DayOrder]))
def test_every_day_is_read_as_it_was_written(day: date, order: frames.DayOrder) -> None:
    year_last = f"{day:%d/%m/%Y}" if order is DAY_FIRST else f"{day:%m/%d/%Y}"
    read = READ[frames.columns.Kind.DAY].read
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", year_last):
        assert read(tidy(text), order) == day
    said = order_of([year_last])
    assert said.order in (None, order)
    assert (said.order is None) == (day.day <= 12)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_cell_decides_the_order_and_that_is_said(engine: str) -> None:
    decided = export(Term_start_date=["01/04/2025", "13/03/2025", "01/04/2025"])
    mapping = frames.recognise(ENGINES[engine](decided))
    said = {column.fact: (column.days, column.decided_by) for column in mapping.columns}
    assert said["first_day"] == (DAY_FIRST, "13/03/2025")
    assert said["last_day"][0] is DAY_FIRST
    assert "by its header; texts as day/month/year, decided by 13/03/2025" in str(mapping)
    assert "見出しから、文字列を day/month/year の順に読み取り (13/03/2025 から判断)" in mapping.to_text("ja")
    american = frames.recognise(
        ENGINES[engine](export(Term_start_date=["04/13/2025"] * 3, 契約期間の最終日=["4/30/2026"] * 3))
    )
    assert {c.days for c in american.columns if c.decided_by} == {MONTH_FIRST}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_order_that_nothing_decides_is_refused(engine: str) -> None:
    table = ENGINES[engine](
        export(
            Term_start_date=["01/04/2025", "02/05/2025", None],
            契約期間の最終日=["31/03/2026", "03/31/2026", ""],
        )
    )
    with pytest.raises(csp.InvalidData) as caught:
        frames.recognise(table)
    first, last = caught.value.problems
    assert first.field == "column 'Term_start_date'"
    assert first.value in ("01/04/2025", "02/05/2025")
    assert "days=frames.DayOrder.DAY_FIRST or MONTH_FIRST, or write them as 2026-03-31" in first.accepted
    assert (last.field, last.value) == ("column '契約期間の最終日'", ("31/03/2026", "03/31/2026"))


# ---- headers ---------------------------------------------------------------------------------------------------------


def test_no_header_names_two_facts() -> None:
    keys = Counter(
        key
        for spec in (*FACTS, *OF_THE_CUSTOMER)
        for key in {header_key(header) for header in (spec.name, *spec.headers)}
    )
    assert {key for key, count in keys.items() if count > 1} == set()


def test_no_spelling_stands_for_two_words() -> None:
    for spec in FACTS:
        said = [*(str(word).lower() for word in spec.vocabulary), *(spelling for spelling, _ in spec.spelled)]
        assert len(said) == len(set(said)) == len(spellings(spec))
        assert all(spelling == spelling.strip().lower() for spelling in said)


def test_its_own_name_goes_first() -> None:
    [quantity] = [spec for spec in FACTS if spec.name == "quantity"]
    assert named_by(quantity, ["Licenses", "Seats"]) == ["Licenses", "Seats"]
    assert named_by(quantity, ["Licenses", "quantity"]) == ["quantity"]


def test_every_bad_header_is_said_at_once() -> None:
    table = pl.DataFrame(EXPORT).rename({"契約期間の最終日": "Commitment end", "オファー ID": "品番"})
    table = table.with_columns(Seats=pl.lit(1), Trial=pl.lit(0))
    with pytest.raises(csp.InvalidData) as caught:
        frames.recognise(table, columns={"colour": "Region", "status": "Statuses"}, days=DAY_FIRST)
    assert [problem.accepted.partition(", quantity")[0] for problem in caught.value.problems] == [
        "one of id, offer",
        "a column 'offer': id of the offer",
        "one column for quantity: say which, as columns={'quantity': 'LICENSES'}",
        "a column 'last_day': last day of the term, inclusive; "
        "'Commitment end' comes near: if it is meant, columns={'last_day': 'Commitment end'}, "
        "or {'renewal_day': 'Commitment end'} if it holds the day after",
        "a column 'Statuses': what the service says",
        "a column of True or False",
    ]
    assert caught.value.problems[2].value == ("LICENSES", "Seats")


def test_what_the_caller_says_goes_first() -> None:
    table = pl.DataFrame(export(Began=["2025-04-01"] * 3))
    mapping = frames.recognise(
        table, columns={"first_day": "Began", "anchor": "Term_start_date"}, days=DAY_FIRST
    )
    assert (mapping.sources["first_day"], mapping.sources["anchor"]) == ("Began", "Term_start_date")
    assert {column.fact for column in mapping.columns if column.given} == {"first_day", "anchor"}
    assert "as you said; texts as day/month/year" in str(mapping)
    # A column that the caller has given to one fact is not another one as well.
    with pytest.raises(csp.InvalidValue, match="a column 'first_day'"):
        frames.recognise(table, columns={"anchor": "Term_start_date"}, days=DAY_FIRST)


def test_the_doors_say_what_would_be_recognised_and_what_comes_near() -> None:
    table = pl.DataFrame(EXPORT).rename({"契約期間の最終日": "Commitment end"})
    for door in (frames.values_of, lambda frame: frames.assess(frame, as_of=D)):
        with pytest.raises(csp.InvalidData) as caught:
            door(table)
        said = {problem.accepted for problem in caught.value.problems}
        assert (
            "a column 'quantity': licences bought; 'LICENSES' is read for it with columns=frames.recognise(frame)"
            in said
        )
        assert any("'Commitment end' comes near" in one for one in said)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: frames.ColumnMapping(columns=()), "each fact once, at least one"),
        (
            lambda: frames.ColumnMapping(columns=(frames.MappedColumn(fact="id", source="a"),) * 2),
            "each fact once",
        ),
        (lambda: frames.ColumnMapping(columns=("id",)), r"columns\[0\]"),  # type: ignore[arg-type]
        (lambda: frames.MappedColumn(fact="colour", source="a"), "fact: 'colour'; expected one of id, offer"),
        (lambda: frames.recognise(pl.DataFrame(EXPORT), days="d/m/y"), "days: 'd/m/y'"),  # type: ignore[arg-type]
        (lambda: frames.recognise(None), "frame: None"),
    ],
)
def test_a_wrong_mapping_is_refused(made: Any, says: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=says):
        made()


# ---- words and flags, with a mapping or without ----------------------------------------------------------------------


FLAGS = {"On": True, "YES": True, "Active": True, " true ": True, "有効": True, "Off": False, "no\t": False}


@pytest.mark.parametrize("engine", ENGINES)
def test_flags_are_read_in_any_case(engine: str) -> None:
    many = len(FLAGS)
    typed = {"id": [f"s{n}" for n in range(many)], "offer": ["B"] * many, "quantity": [25] * many}
    typed |= {"first_day": [date(2025, 4, 1)] * many, "last_day": [D] * many}
    table = ENGINES[engine](
        typed | {"auto_renew": [*FLAGS], "trial": [""] * many, "status": [" ACTIVE\t"] * many}
    )
    read, _ = frames.values_of(table)
    assert [(s.auto_renew, s.trial, s.status) for s in read] == [
        (flag, False, csp.Status.ACTIVE) for flag in FLAGS.values()
    ]
    said = frames.assess(table, as_of=D)
    plain = frames.assess(pl.DataFrame(typed | {"auto_renew": [*FLAGS.values()]}), as_of=D)
    for output in frames.OUTPUTS:
        assert cells(said, f"csp_{output.name}") == cells(plain, f"csp_{output.name}")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_text_that_is_no_flag_is_refused(engine: str) -> None:
    typed = {"id": ["b"], "offer": ["B"], "quantity": [25], "first_day": [date(2025, 4, 1)], "last_day": [D]}
    table = ENGINES[engine](typed | {"auto_renew": [" "], "trial": ["perhaps"], "legacy": ["no"]})
    assert cells(frames.assess(table, as_of=D), "csp_reason") == [
        "auto_renew: expected True or False; trial: expected True or False"
    ]
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table)
    assert [(p.field, p.value) for p in caught.value.problems] == [("auto_renew", " "), ("trial", "perhaps")]


def test_duckdb_reads_no_texts_here() -> None:
    [day] = [spec for spec in FACTS if spec.name == "last_day"]
    assert type_read(day, nw.String(), nw.Implementation.DUCKDB) == nw.String
    assert type_read(day, nw.String(), nw.Implementation.POLARS) == nw.Date
