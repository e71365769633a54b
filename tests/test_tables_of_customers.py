"""A table of many customers becomes transfers, and their deadlines become a table again."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from facts import D, subscription, transfer

import csp_transfer as csp
from csp_transfer import frames

FABRIKAM = csp.Partner(id="fabrikam", country="JP")
BOOK: dict[str, list[Any]] = {
    "顧客 ID": ["contoso", "adatum", "Contoso", "wingtip"],
    "Country": ["JP", "KR", "JP", "JP"],
    "Subscription ID": ["s1", "s2", "s3", "s4"],
    "Offer ID": ["A", "B", "C", "D"],
    "Friendly name": ["Mail", "Visio", "Project", "Teams"],
    "Licenses": [25, 3, 5, 7],
    "Term start date": ["2025-04-01"] * 4,
    "Last day of term": ["2026-03-31", "2026-04-30", "2026-03-31", "2026-05-31"],
    "Auto-renew": ["On", "Off", "Yes", "On"],
    "New offer ID": [None, None, "E", None],
}


def book(**changes: Any) -> dict[str, list[Any]]:
    return BOOK | changes


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table, lambda data: pl.DataFrame(data).lazy()])
def test_every_customer_has_one_transfer(make: Any) -> None:
    table = make(BOOK)
    mapping = frames.recognise(table)
    assert (mapping.sources["customer"], mapping.sources["country"]) == ("顧客 ID", "Country")
    moves = frames.portfolio_of(table, destination=FABRIKAM, columns=mapping)
    assert [(move.customer.id, move.customer.country) for move in moves] == [
        ("contoso", "JP"),
        ("adatum", "KR"),
        ("wingtip", "JP"),
    ]
    assert [[s.name for s in move.subscriptions] for move in moves] == [
        ["Mail", "Project"],
        ["Visio"],
        ["Teams"],
    ]
    assert dict(moves[0].replacements) == {"s3": csp.Replacement(offer=csp.Offer(id="E"), quantity=5)}
    assert {move.destination for move in moves} == {FABRIKAM}
    # The same mapping serves those that do not ask whose a row is.
    assert frames.values_of(table, columns=mapping)[0][1].name == "Visio"
    portfolio = csp.plan_portfolio(moves, as_of=date(2026, 3, 1))
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["adatum", "contoso", "wingtip"]


def test_whose_a_row_is_may_be_told() -> None:
    table = pl.DataFrame(BOOK).rename({"顧客 ID": "Whose", "Country": "Land"})
    mapping = frames.recognise(table)
    for columns in (mapping, {column.fact: column.source for column in mapping.columns}):
        days = table.with_columns(pl.col("Term start date", "Last day of term").str.to_date())
        asked: dict[str, Any] = {"destination": FABRIKAM, "columns": columns, "customer": "Whose"}
        by_column = frames.portfolio_of(days, country="Land", **asked)
        assert [move.customer.country for move in by_column] == ["JP", "KR", "JP"]
        for_all = frames.portfolio_of(days, country="DE", **asked)
        assert {move.customer.country for move in for_all} == {"DE"}
    own = table.rename({"Land": "JP"})
    told = frames.portfolio_of(own, destination=FABRIKAM, customer="Whose", country="JP", columns=mapping)
    assert [move.customer.country for move in told] == ["JP", "KR", "JP"]
    again = frames.portfolio_of(
        table,
        destination=FABRIKAM,
        columns=frames.recognise(table, columns={"customer": "Whose", "country": "Land"}),
    )
    assert again == by_column


def test_every_problem_of_every_row_and_customer_is_said_at_once() -> None:
    table = pl.DataFrame(
        book(
            Country=["JP", "Korea", "KR", "JP"],
            Licenses=[25, 3, 5, -1],
            **{"顧客 ID": ["contoso", "adatum", "Contoso", None]},
        )
    )
    table = pl.concat([table, table[2:3].with_columns(pl.lit("S3").alias("顧客 ID"))])
    with pytest.raises(csp.PayloadError) as caught:
        frames.portfolio_of(table, destination=FABRIKAM, columns=frames.recognise(table))
    assert [(p.item, p.field, p.value) for p in caught.value.problems] == [
        ("row 3 (id 's4')", "Licenses", -1),
        ("row 3 (id 's4')", "顧客 ID", None),
        ("row 2 (id 's3')", "Country", "KR"),
        ("row 1 (id 's2')", "Country", "Korea"),
        ("customer 'S3'", "subscriptions[0].id", "s3"),
    ]
    assert caught.value.problems[2].accepted == "'JP', as row 0 (id 's1') of the same customer has"


def test_an_id_that_a_customer_has_twice_is_refused_with_both_rows() -> None:
    """Nothing says which of the two is right; what another customer has is another subscription."""
    table = pl.DataFrame(BOOK).rename({"顧客 ID": "customer"})
    table = pl.concat([table, table[:1], table[:1].with_columns(customer=pl.lit("litware"))])
    mapping = frames.recognise(table)
    with pytest.raises(csp.PayloadError) as caught:
        frames.portfolio_of(table, destination=FABRIKAM, columns=mapping)
    last = table.height - 2
    wanted = [
        ("row 0 (id 's1')", f"each id once; row {last} (id 's1') has it, too"),
        (f"row {last} (id 's1')", "each id once; row 0 (id 's1') has it, too"),
    ]
    assert [(p.item, p.accepted) for p in caught.value.problems] == wanted
    assert {(p.field, p.value) for p in caught.value.problems} == {(mapping.sources["id"], "s1")}
    of_two = pl.concat([table[:last], table[-1:]])
    moves = frames.portfolio_of(of_two, destination=FABRIKAM, columns=mapping)
    assert [move.customer.id for move in moves if move.subscriptions[0].id == "s1"] == ["contoso", "litware"]


def test_columns_that_are_missing_are_said_at_once() -> None:
    table = pl.DataFrame(BOOK).rename({"顧客 ID": "Client", "Licenses": "Anzahl"})
    with pytest.raises(csp.InvalidData) as caught:
        frames.portfolio_of(table, destination=FABRIKAM, customer="Customer", country="Land")
    said = [problem.accepted.partition(":")[0] for problem in caught.value.problems]
    assert {"a column 'Customer'", "a column 'Land'", "a column 'quantity'"} <= set(said)
    typed = frames.of([subscription()]).with_columns(customer=pl.lit("contoso"))
    with pytest.raises(csp.InvalidValue, match="expected a column 'country': country set in"):
        frames.portfolio_of(typed, destination=FABRIKAM)
    with pytest.raises(csp.InvalidType, match="destination: 'fabrikam'"):
        frames.portfolio_of(table, destination="fabrikam")  # type: ignore[arg-type]


# ---- deadlines -------------------------------------------------------------------------------------------------------


def portfolio() -> csp.Portfolio:
    moves = frames.portfolio_of(
        pl.DataFrame(BOOK), destination=FABRIKAM, columns=frames.recognise(pl.DataFrame(BOOK))
    )
    return csp.plan_portfolio(moves, as_of=date(2026, 3, 1))


def test_deadlines_are_a_row_each() -> None:
    every = portfolio()
    table = frames.deadlines(every)
    assert table.height == len(every.deadlines) > 3
    for row, due in zip(table.rows(named=True), every.deadlines, strict=True):
        for name in (
            "day",
            "days_left",
            "customer",
            "recommended",
            "doubted_day",
            "unless_transferred",
            "rule",
        ):
            assert row[name] == getattr(due, name)
        assert row["id"] == ", ".join(due.subjects or (due.subject,))
        assert row["cautions"] == ", ".join(due.cautions)
    first = table.filter(pl.col("id") == "s1", pl.col("action") == "Turn auto-renew off").row(0, named=True)
    assert (first["day"], first["name"], first["actor"]) == (D, "Mail", "source partner")


def test_deadlines_are_in_words_of_either_language() -> None:
    plan = portfolio().plan_of("contoso")
    english, japanese = frames.deadlines(plan), frames.deadlines(plan, lang="ja")
    words = ["name", "action", "actor"]
    assert english.drop(words).equals(japanese.drop(words))
    assert set(japanese["actor"]) >= {"移行元パートナー", "移行先パートナー"}
    assert "自動更新をオフにする" in set(japanese["action"])
    assert set(english["customer"]) == {"contoso"}


def test_deadlines_in_another_engine() -> None:
    plan = portfolio().plan_of("contoso")
    made = frames.deadlines(plan, backend="pyarrow")
    assert made.to_pylist() == frames.deadlines(plan).to_dicts()


def test_a_plan_without_deadlines_is_a_table_without_rows() -> None:
    blocked = csp.plan_transfer(transfer(destination=csp.Partner(id="f", country="KR")), as_of=D)
    assert not blocked.feasible
    table = frames.deadlines(blocked)
    assert table.height == 0
    assert table.schema == frames.deadlines(portfolio()).schema


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"lang": "fr"}, "lang"), ({"backend": "excel"}, "backend: 'excel'"), ({"result": "plan"}, "result")],
)
def test_a_wrong_question_is_refused(asked: dict[str, Any], says: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=says):
        frames.deadlines(**({"result": portfolio()} | asked))
