"""Every engine gives the same answers as the functions for one subscription: cell by cell, null by null."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import duckdb
import frame_book
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from frame_book import SCHEMA, Book
from frame_rows import ASKED

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.frames.parts import judged_batches

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    # Up to 4.1, PySpark leaves its sockets open until they are collected.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture(scope="session")
def book() -> Book:
    """The rows that every engine is asked about."""
    return frame_book.make()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Spark on this machine alone, as two workers."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"  # whatever this machine calls itself
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "Asia/Tokyo")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


_CONNECTIONS: list[Any] = []
"""Kept: with DuckDB 1.4.1, a relation does not keep the connection that it is of."""


def _duckdb(table: pa.Table) -> Any:
    connection = duckdb.connect()
    _CONNECTIONS.append(connection)
    connection.execute("SET TimeZone = 'UTC'")
    return connection.from_arrow(table)


def _dask(table: pa.Table, parts: int = 4) -> Any:
    from_pandas: Any = dd.from_pandas
    return from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=parts)


ENGINES: dict[str, tuple[Callable[[pa.Table], Any], Callable[[Any], pa.Table]]] = {
    "pandas": (
        lambda table: table.to_pandas(),
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    ),
    "pandas, Arrow's types": (
        lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    ),
    "Polars, eager": (pl.from_arrow, lambda frame: frame.to_arrow()),
    "Polars, lazy": (lambda table: pl.DataFrame(table).lazy(), lambda frame: frame.collect().to_arrow()),
    "PyArrow": (lambda table: table, lambda frame: frame),
    "DuckDB": (_duckdb, lambda frame: frame.to_arrow_table()),
    "Dask": (
        _dask,
        lambda frame: pa.Table.from_pandas(frame.compute(), preserve_index=False),
    ),
}


def compare(assessed: pa.Table, wanted: pa.Table) -> None:
    """Fail with the first row that differs."""
    assessed = assessed.sort_by("id").append_column(
        "refused", assessed.sort_by("id")["csp_reason"].is_valid()
    )
    said = assessed.select(SCHEMA.names).cast(SCHEMA)
    for name in SCHEMA.names:
        if not said[name].equals(wanted[name]):
            rows = zip(said.to_pylist(), wanted.to_pylist(), strict=True)
            assert next((one, other) for one, other in rows if one != other) is None, name
    assert said.num_rows == wanted.num_rows


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
@pytest.mark.parametrize("engine", ENGINES)
def test_100000_rows_are_judged_as_one_by_one(engine: str, policy: csp.Policy, book: Book) -> None:
    into, out_of = ENGINES[engine]
    frame = into(book.table)
    assessed = frames.assess(frame, policy=policy, **ASKED)
    assert type(assessed) is type(frame)
    compare(out_of(assessed), book.answers[policy])


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_pandas_says_the_same_where_there_is_no_polars(
    policy: csp.Policy, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = book.table.to_pandas()
    assessed = frames.assess(frame, policy=policy, **ASKED)
    monkeypatch.setitem(sys.modules, "polars", None)
    pd.testing.assert_frame_equal(frames.assess(frame, policy=policy, **ASKED), assessed)


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_100000_rows_in_six_parts_on_spark(policy: csp.Policy, book: Book, spark: Any) -> None:
    frame = spark.createDataFrame(book.table).repartition(6)
    assessed = frames.assess(frame, policy=policy, **ASKED)
    assert type(assessed) is type(frame)
    assert assessed.rdd.getNumPartitions() == 6
    compare(assessed.toArrow(), book.answers[policy])


# ---- what differs from engine to engine ------------------------------------------------------------------------------

D = date(2026, 3, 31)
FIRST = date(2025, 4, 1)
FACTS: dict[str, Any] = {
    "id": ["a", "b"],
    "offer": ["B", "B"],
    "quantity": [25, -1],
    "first_day": [FIRST] * 2,
    "last_day": [D, D],
    "auto_renew": [True, True],
}
REASON = "quantity: expected a count of licences, 0 or more"


def small() -> pa.Table:
    return pa.table(FACTS)


@pytest.mark.parametrize("engine", ENGINES)
def test_strict_shows_offenders_whatever_the_engine(engine: str) -> None:
    with pytest.raises(csp.InvalidValue) as refused:
        frames.assess(ENGINES[engine][0](small()), as_of=D, strict=True)
    assert refused.value.value == (("b", "quantity", -1),)


def test_strict_shows_offenders_on_spark(spark: Any) -> None:
    with pytest.raises(csp.InvalidValue) as refused:
        frames.assess(spark.createDataFrame(small()), as_of=D, strict=True)
    assert refused.value.value == (("b", "quantity", -1),)


WRONG: dict[str, Any] = {
    "id": ["a", "b", "c", " "],
    "offer": ["B", " ", "B", "B"],
    "quantity": [25, -1, 25, 25],
    "first_day": [FIRST] * 4,
    "last_day": [D, D, D, date(1999, 1, 1)],
    "auto_renew": [True, None, True, True],
    "parent": [None, "B", "C", "B"],
    "anchor": [None, D, D, D],
}
REASONS = [
    None,
    f"offer: expected a text that is not blank; {REASON}; auto_renew: expected True or False",
    "anchor: expected a day up to the first day of the term; parent: expected the id of another subscription",
    "id: expected a text that is not blank; last_day: expected a day from 2000-01-01 to 8999-12-31",
]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_problem_of_a_row_is_named_whatever_the_engine(engine: str) -> None:
    into, out_of = ENGINES[engine]
    assert out_of(frames.assess(into(pa.table(WRONG)), as_of=D))["csp_reason"].to_pylist() == REASONS


def test_every_problem_of_a_row_is_named_on_spark(spark: Any) -> None:
    assessed = frames.assess(spark.createDataFrame(pa.table(WRONG)), as_of=D)
    assert assessed.toArrow()["csp_reason"].to_pylist() == REASONS


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_column_is_an_error_at_once_whatever_the_engine(engine: str) -> None:
    with pytest.raises(csp.InvalidValue, match="a column 'quantity'"):
        frames.assess(ENGINES[engine][0](small().drop(["quantity"])), as_of=D)


def test_a_missing_column_is_an_error_at_once_on_spark(spark: Any) -> None:
    with pytest.raises(csp.InvalidValue, match="a column 'quantity'"):
        frames.assess(spark.createDataFrame(small().drop(["quantity"])), as_of=D)


def test_pandas_keeps_its_index_and_its_columns() -> None:
    frame = small().to_pandas().set_index(pd.Index(["x", "x"], name="mine"))
    assessed = frames.assess(frame, as_of=D)
    pd.testing.assert_frame_equal(assessed[list(frame.columns)], frame)
    assert assessed["csp_reason"].tolist()[1] == REASON
    assert "csp_reason" not in frame.columns


def test_pandas_says_missing_in_many_ways() -> None:
    frame = pd.DataFrame(
        FACTS
        | {
            "quantity": [25.0, 3.0],
            "first_day": pd.to_datetime(FACTS["first_day"]),
            "assigned": [float("nan"), 4.0],
            "trial": [None, False],
            "discontinued": [False, None],
            "canceled_on": [pd.NaT, pd.NaT],
            "at_term_end": [None, "cancel"],
            "status": pd.Categorical(["active", None]),
            "new_offer": [None, None],
        }
    )
    assessed = frames.assess(frame, as_of=D)
    assert assessed["csp_reason"].isna().all()
    assert assessed["csp_disruption"].tolist() == ["none", "certain"]
    assert assessed["csp_auto_renew_off_by"].tolist()[0] == D
    assert pd.isna(assessed["csp_auto_renew_off_by"].tolist()[1])


def test_pandas_values_of_several_types_are_refused_at_once() -> None:
    with pytest.raises(csp.InvalidType, match="column 'quantity': Object; expected values of one type"):
        frames.assess(pd.DataFrame(FACTS | {"quantity": [25, "many"]}), as_of=D)


@pytest.mark.parametrize("there", [True, False], ids=["Polars", "Arrow"])
def test_pandas_columns_that_cannot_be_used_are_refused_whoever_reckons(
    there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not there:
        monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(csp.InvalidType, match="column 'last_day': Int64; expected a column of a day"):
        frames.assess(pd.DataFrame(FACTS | {"last_day": [1, 2]}), as_of=D)
    with pytest.raises(
        csp.InvalidType, match="column 'auto_renew': Float64; expected a column of True or False"
    ):
        frames.assess(pd.DataFrame(FACTS | {"auto_renew": [1.0, 0.0]}), as_of=D)


def test_pandas_columns_of_one_name_are_refused() -> None:
    frame = small().to_pandas()
    with pytest.raises(csp.InvalidValue, match="expected each name once"):
        frames.assess(pd.concat([frame, frame[["id"]]], axis=1), as_of=D)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_is_a_blank_whatever_the_engine(engine: str) -> None:
    into, out_of = ENGINES[engine]
    assessed = frames.assess(
        into(pa.table(FACTS | {"id": ["\u3000\x1c\t", "\u3000x"], "quantity": [1, 1]})), as_of=D
    )
    assert out_of(assessed)["csp_reason"].is_null().to_pylist() == [False, True]


def test_dask_has_types_before_it_has_rows() -> None:
    parts = _dask(small(), 2)
    assessed = frames.assess(parts, as_of=D)
    assert (assessed.dtypes == assessed.compute().dtypes).all()


def test_duckdb_takes_instants_in_utc_only() -> None:
    table = small().append_column("cancellation_allowed_until", [[datetime(2026, 4, 8, tzinfo=UTC)] * 2])
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")
    with pytest.raises(csp.InvalidType, match="SET TimeZone = 'UTC'"):
        frames.assess(connection.from_arrow(table), as_of=D)


def test_a_batch_of_spark_is_judged_by_itself() -> None:
    def judging(part: Any) -> tuple[Any, Any]:
        return nw.from_native(frames.assess(part.to_native(), as_of=D)), None

    batches = small().to_batches(max_chunksize=1)
    assert [batch["csp_reason"].to_pylist() for batch in judged_batches(batches, judging)] == [
        [None],
        [REASON],
    ]


@pytest.mark.parametrize("backend", ["duckdb", "pandas", "polars", "pyarrow"])
def test_values_become_a_frame_of_any_backend(backend: str) -> None:
    basic = csp.Subscription(
        id="b",
        offer=csp.Offer(id="B"),
        quantity=25,
        auto_renew=True,
        term=csp.Term.starting(date(2025, 4, 1), "P1Y"),
    )
    frame = frames.of([basic], backend=backend)
    assert type(frame).__module__.split(".")[0].strip("_") == backend
    assessed: Any = nw.from_native(frames.assess(frame, as_of=D))
    found = assessed.collect() if isinstance(assessed, nw.LazyFrame) else assessed
    assert found.to_arrow()["csp_grace_last_day"].to_pylist() == [date(2026, 4, 30)]


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_become_values_whatever_the_engine(engine: str) -> None:
    """Also what pandas makes of whole numbers and days beside which one is missing."""
    table = pa.table(
        FACTS
        | {"quantity": [25, 3], "assigned": [20, None], "status": ["active", None], "anchor": [None, FIRST]}
    )
    read, replacements = frames.values_of(ENGINES[engine][0](table))
    offer, term = csp.Offer(id="B"), csp.Term(first_day=FIRST, last_day=D)
    ordinary = csp.Subscription(id="a", offer=offer, quantity=25, term=term, auto_renew=True, assigned=20)
    unknown = csp.Subscription(
        id="b", offer=offer, quantity=3, term=term, auto_renew=True, status=csp.Status.UNKNOWN, anchor=FIRST
    )
    assert read == (ordinary, unknown)
    assert replacements == {}


def test_rows_of_spark_become_values(spark: Any) -> None:
    read, _ = frames.values_of(spark.createDataFrame(small()).where("quantity > 0"))
    assert [(one.id, one.quantity, one.term.last_day) for one in read] == [("a", 25, D)]


HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def test_the_ten_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a newcomer would: in a folder with a CSV file, and nothing else imported."""
    text = (HOW_TO / "ten-lines.md").read_text("utf-8")
    [table] = re.findall(r"```text\n(id,.*?)```", text, re.DOTALL)
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert (
        len([line for line in code.splitlines() if line and not line.startswith(("from ", "import "))]) <= 10
    )
    (tmp_path / "subscriptions.csv").write_text(table, "utf-8")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102 - our own page
    deadlines = [
        (str(row["csp_auto_renew_off_by"]), str(row["csp_provisioning_latest"]))
        for _, row in found["judged"].iterrows()
    ]
    assert deadlines == [("2026-03-31", "2026-04-30"), ("2026-02-27", "2026-03-29"), ("<NA>", "2026-03-11")]
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "plan.ics").read_bytes().count(b"BEGIN:VEVENT") == len(found["plan"].deadlines) == 7


PAGE = HOW_TO / "frames.md"


def test_the_code_for_several_machines_on_the_page_runs(
    spark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PAGE.read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {"spark": spark}
    for code, shown in blocks:
        exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102
        assert capsys.readouterr().out == shown


AS_IT_COMES = pa.table(
    {
        "Subscription ID": ["s1", "s2", "s3"],
        "オファー ID": ["A", " B ", "C"],
        "Licenses": ["25", " 3", "many"],
        "Auto-renew": ["On", " yes ", "オフ"],
        "Term start date": ["01/04/2025", "13/03/2025", "2025-04-01"],
        "契約期間の最終日": ["31/03/2026", "12/03/2026", "2026年3月31日"],
    }
)


def recognised_and_read(table: Any, back: Callable[[Any], pa.Table]) -> None:
    mapping = frames.recognise(table)
    assert {column.decided_by for column in mapping.columns} == {None, "13/03/2025", "31/03/2026"}
    said = back(frames.assess(table, as_of=date(2026, 2, 15), columns=mapping))
    said = said.sort_by("Subscription ID").to_pydict()
    assert said["csp_reason"] == [None, None, "Licenses: expected a count of licences, 0 or more"]
    assert said["csp_auto_renew_off_by"] == [date(2026, 3, 31), date(2026, 3, 12), None]
    assert said["オファー ID"] == ["A", " B ", "C"]
    with pytest.raises(csp.PayloadError, match="'many'"):
        frames.values_of(table, columns=mapping)


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "DuckDB"])
def test_a_table_as_it_comes_is_recognised_and_read_by_every_engine(engine: str) -> None:
    make, back = ENGINES[engine]
    recognised_and_read(make(AS_IT_COMES), back)


def test_a_table_as_it_comes_is_recognised_and_read_on_spark(spark: Any) -> None:
    recognised_and_read(spark.createDataFrame(AS_IT_COMES).repartition(2), lambda frame: frame.toArrow())


def test_duckdb_is_told_to_read_days_itself() -> None:
    texts = pa.table(
        {"id": ["s1"], "offer": ["A"], "quantity": [25], "auto_renew": ["On"], "first_day": ["2025-04-01"]}
    )
    table = _duckdb(texts.append_column("last_day", pa.array(["2026-03-31"])))
    with pytest.raises(csp.InvalidData, match="column 'last_day': String; expected a column of a day"):
        frames.recognise(table)
    read = table.select("* replace (first_day::date as first_day, last_day::date as last_day)")
    said = frames.assess(read, as_of=date(2026, 2, 15), columns=frames.recognise(read))
    assert said.to_arrow_table()["csp_auto_renew_off_by"].to_pylist() == [date(2026, 3, 31)]
