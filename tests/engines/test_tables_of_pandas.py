"""Tables as they come, of pandas: the same answers as of the other engines, which need less to be installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import test_tables
import test_tables_of_customers
from facts import D
from test_tables import DAY_FIRST, EXPORT, SOURCES

import csp_transfer as csp
from csp_transfer import frames

EACH: tuple[Callable[[str], None], ...] = (
    test_tables.test_a_table_as_it_comes_is_judged_as_the_values_that_it_stands_for,
    test_tables.test_a_cell_that_cannot_be_read_is_refused_with_its_row,
    test_tables.test_a_column_of_blanks_is_not_known,
    test_tables.test_one_cell_decides_the_order_and_that_is_said,
    test_tables.test_an_order_that_nothing_decides_is_refused,
    test_tables.test_flags_are_read_in_any_case,
    test_tables.test_a_text_that_is_no_flag_is_refused,
)


@pytest.mark.parametrize("check", EACH, ids=lambda check: check.__name__)
def test_what_holds_for_each_engine_holds_for_pandas(
    check: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(test_tables.ENGINES, "pandas", pd.DataFrame)
    check("pandas")


def test_prices_and_names_are_columns_of_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(test_tables.ENGINES, "pandas", pd.DataFrame)
    test_tables.test_prices_and_names_are_columns()


def test_every_customer_of_a_table_of_pandas_has_one_transfer() -> None:
    test_tables_of_customers.test_every_customer_has_one_transfer(pd.DataFrame)


def test_deadlines_as_a_table_of_pandas() -> None:
    plan = test_tables_of_customers.portfolio().plan_of("contoso")
    made: Any = frames.deadlines(plan, backend="pandas")
    assert pa.Table.from_pandas(made).to_pylist() == frames.deadlines(plan).to_dicts()


def test_pandas_has_blanks_as_numbers() -> None:
    """As `read_csv` gives a column that is empty in the whole file."""
    table = pd.DataFrame(EXPORT).assign(**{"Cancelled on": [float("nan")] * 3})
    mapping = frames.recognise(table, days=DAY_FIRST)
    assert mapping.sources["canceled_on"] == "Cancelled on"
    assert {s.canceled_on for s in frames.values_of(table, columns=mapping)[0]} == {None}
    assert frames.assess(table, as_of=D, columns=mapping)["csp_reason"].isna().all()


def test_pandas_columns_of_several_types_are_named_beside_the_rest() -> None:
    mixed = (
        pd.DataFrame(EXPORT)
        .assign(LICENSES=[1, "2", 3.5], Status=["a", 1, 2])
        .drop(columns="契約期間の最終日")
    )
    with pytest.raises(csp.InvalidData) as caught:
        frames.recognise(mixed, days=DAY_FIRST)
    columns = {problem.field for problem in caught.value.problems}
    assert columns == {"columns", "column 'LICENSES'", "column 'Status'"}
    renamed = mixed.rename(columns={old: new for new, old in SOURCES.items()})
    with pytest.raises(csp.InvalidData) as caught:
        frames.assess(renamed, as_of=D)
    assert {problem.field for problem in caught.value.problems} == {
        "columns",
        "column 'quantity'",
        "column 'status'",
    }
