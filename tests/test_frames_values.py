"""Rows back as values: what `of` writes is read, and what cannot be read is named."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import polars as pl
import pytest
from facts import D
from facts import subscription as made
from frame_rows import drawn
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import csp_transfer as csp
from csp_transfer import frames, strategies
from csp_transfer.model import seats_from_text

ORDINARY: dict[str, Any] = {
    "id": "b",
    "offer": "B",
    "quantity": 25,
    "auto_renew": True,
    "first_day": date(2025, 4, 1),
    "last_day": D,
}


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([ORDINARY | change for change in changes])


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_is_read_back(seed: int) -> None:
    """Cell by cell: facts that no column has, such as the name of an offer, are left out before."""
    found = drawn(seed, 400)
    subscriptions = [row.subscription.evolve(id=f"s{n}") for n, row in enumerate(found)]
    given = {f"s{n}": row.replacement for n, row in enumerate(found) if row.replacement is not None}
    table = frames.of(subscriptions, given)
    read, replacements = frames.values_of(table)
    assert len(read) == len(subscriptions)
    assert_frame_equal(frames.of(read, replacements), table)


def test_names_parents_and_other_columns() -> None:
    table = rows({"Product": "Mail", "parent": None}, {"id": "c", "Product": None, "parent": "b"}).lazy()
    mail, add_on = frames.values_of(
        table.rename({"last_day": "End"}), columns={"last_day": "End", "name": "Product"}
    )[0]
    assert (mail.name, mail.parent, mail.term.last_day) == ("Mail", None, D)
    assert (add_on.name, add_on.parent) == ("", "b")


@pytest.mark.parametrize(
    ("change", "fact", "value"),
    [
        ({"id": 7}, "id", "7"),
        ({"quantity": 25.0}, "quantity", 25),
        ({"last_day": datetime(2026, 3, 31)}, "term", csp.Term(first_day=date(2025, 4, 1), last_day=D)),  # noqa: DTZ001 - as pandas has days
        (
            {"last_day": datetime(2026, 3, 31, tzinfo=UTC)},
            "term",
            csp.Term(first_day=date(2025, 4, 1), last_day=D),
        ),
        ({"status": None}, "status", csp.Status.UNKNOWN),
        ({"status": "Active"}, "status", csp.Status.ACTIVE),
        ({"status": "cancelled"}, "status", csp.Status.CANCELED),
        ({"status": "Cancelled"}, "status", csp.Status.CANCELED),
        ({"quantity": 2**53}, "quantity", 2**53),
        ({"channel": "CSP"}, "channel", csp.Channel.CSP),
        ({"channel": "Web_Direct"}, "channel", csp.Channel.WEB_DIRECT),
        ({"renewal_duration": "p1y"}, "renewal_duration", "P1Y"),
        (
            {"price_amount": "1.50", "price_currency": "EUR", "price_cycle": "Month"},
            "price",
            csp.Price(amount=Decimal("1.50"), currency="EUR", cycle=csp.Cycle.MONTH),
        ),
        ({"channel": None}, "channel", csp.Channel.CSP),
        ({"at_term_end": "extend"}, "at_term_end", csp.TermEnd.EXTEND),
        ({"renewal_duration": "P1M"}, "renewal_duration", "P1M"),
    ],
)
def test_worked_cells(change: dict[str, Any], fact: str, value: object) -> None:
    [read], _ = frames.values_of(rows(change))
    assert getattr(read, fact) == value


B, C = csp.Offer(id="B"), csp.Offer(id="C")


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({}, None),
        ({"replaced": True}, None),
        ({"replaced": False}, csp.NOT_REPLACED),
        ({"provision_on": D}, csp.Replacement(offer=B, quantity=25, provision_on=D)),
        ({"new_quantity": 0}, csp.Replacement(offer=B, quantity=0)),
        ({"new_offer": "C"}, csp.Replacement(offer=C, quantity=25)),
        (
            {"new_offer": "C", "discontinued": True, "equivalent": True},
            csp.Replacement(offer=C.evolve(equivalents=frozenset({"B"})), quantity=25),
        ),
        (
            {"new_quantity": 3, "discontinued": True},
            csp.Replacement(offer=B.evolve(discontinued=True), quantity=3),
        ),
        ({"new_discontinued": False}, csp.Replacement(offer=B.evolve(discontinued=False), quantity=25)),
    ],
)
def test_what_replaces_it(change: dict[str, Any], given: csp.Replacement | csp.NotReplaced | None) -> None:
    _, replacements = frames.values_of(rows(change))
    assert replacements.get("b") == given


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": -1}, "quantity: -1; expected a count of licences, 0 or more"),
        ({"quantity": 2.5}, "quantity: 2.5; expected a count of licences, 0 or more"),
        ({"quantity": None}, "quantity: None; expected a count of licences, 0 or more"),
        ({"auto_renew": None}, "auto_renew: None; expected True or False"),
        ({"status": "live"}, "status: 'live'; expected one of none, active, "),
        # a payload's status that was added later is unknown; a table's word is refused
        ({"status": "migrating"}, "status: 'migrating'; expected one of none, active, "),
        (
            {"quantity": 2**53 + 1},
            "quantity: 9007199254740993; expected a count of licences, up to 9007199254740992",
        ),
        (
            {"last_day": date(2025, 3, 31)},
            "last_day: 2025-03-31; expected a day not before first_day",
        ),
        (
            {"last_day": datetime(2026, 3, 31, 9)},  # noqa: DTZ001 - a day with a time
            "last_day: 2026-03-31T09:00:00; expected a day from 2000-01-01 to 8999-12-31",
        ),
        (
            {"last_day": datetime(2026, 3, 31, 1, tzinfo=UTC)},
            "last_day: 2026-03-31T01:00:00+00:00; expected a day from 2000-01-01 to 8999-12-31",
        ),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(rows(change))
    assert f"row 0 (id 'b'): {said}" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantity": -1, "status": "live", "assigned": 1.5}, ["quantity", "status", "assigned"]),
        ({"trial": True, "new_offer": "C", "new_quantity": 3}, ["new_offer", "new_quantity"]),
        ({"replaced": False, "provision_on": D}, ["provision_on"]),
        ({"parent": "B", "anchor": date(2025, 4, 2), "canceled_on": D}, ["parent", "anchor", "canceled_on"]),
        ({"price_amount": "1,5", "price_currency": "EUR", "price_cycle": "month"}, ["price_amount"]),
        ({"price_amount": "1.5", "price_currency": "eur", "price_cycle": "month"}, ["price_currency"]),
        (
            {"price_amount": "-1", "price_currency": "eur", "price_cycle": "month"},
            ["price_amount", "price_currency"],
        ),
        ({"price_cycle": "month"}, ["price_amount", "price_currency"]),
        ({"equivalents": ["C", " "]}, ["equivalents"]),
        ({"name": None, "offer_name": None}, []),
    ],
)
def test_every_problem_of_a_row_is_named(changes: dict[str, Any], said: list[str]) -> None:
    table = rows(changes)
    if not said:
        assert frames.values_of(table)[0][0].offer.name == ""
        return
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table)
    assert [problem.field for problem in caught.value.problems] == said
    assert {problem.item for problem in caught.value.problems} == {"row 0 (id 'b')"}


def test_columns_are_named_as_the_table_names_them() -> None:
    table = rows({"canceled_on": D, "Amount": "-1", "price_currency": "EUR", "price_cycle": "month"})
    columns = {"last_day": "End", "canceled_on": "Cancelled", "price_amount": "Amount"}
    table = table.rename({"last_day": "End", "canceled_on": "Cancelled"})
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table, columns=columns)
    assert [problem.field for problem in caught.value.problems] == ["Amount"]


@given(st.lists(strategies.subscriptions(price=st.none() | strategies.prices()), max_size=5), st.data())
def test_values_that_become_a_frame_come_back_as_they_were(
    subscriptions: list[csp.Subscription], data: st.DataObject
) -> None:
    each = [s.evolve(id=f"s{n}") for n, s in enumerate(subscriptions)]
    moved = [s.id for s in each if not s.trial]
    chosen = st.dictionaries(st.sampled_from(moved), strategies.replacements() | st.just(csp.NOT_REPLACED))
    given_ = data.draw(chosen) if moved else {}
    table = frames.of(each, given_)
    assert frames.values_of(table) == (tuple(each), given_)


ODD: dict[str, list[Any]] = {
    "id": ["b", "", " ", None, "B"],
    "offer": ["B", " ", None],
    "quantity": [25, 0, -1, 2**53 + 1, None],
    "assigned": [25, -1, 2**60, None],
    "first_day": [date(2025, 4, 1), date(1999, 12, 31), None],
    "last_day": [D, date(2025, 3, 31), date(9000, 1, 1), None],
    "auto_renew": [True, False, None],
    "channel": ["csp", "CSP", "Open", "live", None],
    "status": ["active", "Canceled", "Cancelled", "LAPSED", None],
    "trial": [True, False, None],
    "parent": ["b", "C", " ", None],
    "anchor": [date(2025, 4, 1), date(2025, 4, 2), date(1999, 1, 1), None],
    "renewal_duration": ["P1M", "p3y", "P2Y", None],
    "at_term_end": ["renew", "Extend", "stop", None],
    "cancellation_allowed_until": [datetime(2025, 4, 8, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC), None],
    "canceled_on": [D, date(2025, 3, 31), date(1999, 1, 1), None],
    "replaced": [True, False, None],
    "new_offer": ["C", "b", "", None],
    "new_quantity": [3, -1, None],
    "provision_on": [D, date(9000, 1, 1), None],
    "equivalent": [True, False, None],
    "new_discontinued": [True, False, None],
}


@given(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in ODD.items()}))
def test_both_doors_accept_and_refuse_the_same_rows(cells: dict[str, Any]) -> None:
    """As of a day after every cancellation; what the day that is asked for refuses, only `assess` can know."""
    table = frames.of([]).select(*ODD).vstack(pl.DataFrame([cells], schema=frames.of([]).select(*ODD).schema))
    [reason] = frames.assess(table, as_of=date(2030, 1, 1))["csp_reason"].to_list()
    if reason is None:
        [read], given_ = frames.values_of(table)
        assert csp.assess(read, given_.get(read.id), as_of=date(2030, 1, 1))
        return
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table)
    assert columns_in(reason) == Counter(problem.field for problem in caught.value.problems)


def columns_in(reason: str | None) -> Counter[str]:
    """The columns that a reason names, and how often."""
    return Counter(one.partition(": expected ")[0] for one in reason.split("; ")) if reason else Counter()


DAYS: dict[str, list[Any]] = {
    "as_of": [date(2026, 3, 30), date(1999, 1, 1), None],
    "another_tenant": [None, True],
    "mid_term": ["Cancel", "stop"],
    "mid_term_on": [D, date(1999, 1, 1)],
    "doubted_last_day": [D, date(2026, 4, 1), date(9000, 1, 1)],
}
FINE: dict[str, Any] = {**ORDINARY, "as_of": D, "another_tenant": False}


def broken(seed: int, count: int) -> pl.DataFrame:
    """Rows of which up to six cells were changed."""
    dice = random.Random(seed)  # noqa: S311 - to repeat them, not to guess them
    odd = ODD | DAYS
    found: list[dict[str, Any]] = []
    for n in range(count):
        changed = dice.sample([*odd], dice.randrange(7))
        row = FINE | {name: dice.choice(odd[name]) for name in changed}
        for name in ("id", "parent"):  # "b" and "B" are the same: each row has an id of its own
            if row.get(name) in ("b", "B"):
                row[name] += str(n)
        found.append(row)
    schema = {**frames.of([]).schema, "as_of": pl.Date, "another_tenant": pl.Boolean}
    return pl.DataFrame(found, schema={name: schema[name] for name in FINE | odd})


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(4))
def test_the_reason_names_what_the_functions_for_one_subscription_name(seed: int) -> None:
    """Every problem once: those of the values, of what is asked, and where there are none, of `csp_transfer.assess`."""
    table = broken(seed, 1000)
    asked: dict[str, Any] = {"as_of": "as_of", "into_another_tenant": "another_tenant"}
    said = frames.assess(table, **asked)
    wanted: list[Counter[str]] = [Counter() for _ in range(table.height)]
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table)
    for problem in caught.value.problems:
        wanted[int(problem.item.split()[1])][problem.field] += 1
    fine = [not found for found in wanted]
    read, given_ = frames.values_of(table.filter(fine))
    for n, row in enumerate(table.iter_rows(named=True)):
        if row["another_tenant"] is None:
            wanted[n]["another_tenant"] += 1
        if row["as_of"] is None or row["as_of"].year < 2000:
            wanted[n]["as_of"] += 1
    for s, (n, row) in zip(
        read, ((n, row) for n, row in enumerate(table.iter_rows(named=True)) if fine[n]), strict=True
    ):
        if not wanted[n]:
            try:
                csp.assess(
                    s,
                    given_.get(s.id),
                    as_of=row["as_of"],
                    into_another_tenant=row["another_tenant"],
                )
            except csp.InvalidValue as error:
                wanted[n][error.field] += 1
    reasons = said["csp_reason"].to_list()
    for n, (reason, found) in enumerate(zip(reasons, wanted, strict=True)):
        assert columns_in(reason) == found, table.row(n, named=True)
    assert set(chain.from_iterable(wanted)) > {"last_day", "parent", "anchor", "canceled_on", "mid_term_on"}
    assert {len(found) for found in wanted} > {0, 1, 2, 3}
    others = said.filter(pl.col("csp_reason").is_not_null()).select(pl.col("^csp_.*$").exclude("csp_reason"))
    assert others.null_count().row(0) == (others.height,) * others.width


@pytest.mark.parametrize("ask", [{}, {"engine": "streaming"}], ids=str)
def test_a_lazy_frame_and_one_in_parts_have_the_same_reasons(ask: Any) -> None:
    table = broken(9, 300)
    parts = pl.concat([table[:100], table[100:]], rechunk=False).lazy()
    asked: dict[str, Any] = {"as_of": "as_of", "into_another_tenant": "another_tenant"}
    lazy = frames.assess(parts, **asked)
    eager = frames.assess(table, **asked)
    assert lazy.collect(**ask)["csp_reason"].equals(eager["csp_reason"])
    assert lazy.collect_schema() == eager.schema
    one_row = lazy.filter(pl.col("quantity") == -1)
    assert one_row.collect(**ask).equals(eager.filter(pl.col("quantity") == -1))


SMALL = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (2**53 + 1, "a count of licences, up to 9007199254740992"),
        (1e20, "a count of licences, up to 9007199254740992"),
        (-1, "a count of licences, 0 or more"),
        (2.5, "a count of licences, 0 or more"),
        (float("nan"), "a count of licences, 0 or more"),
    ],
)
@pytest.mark.parametrize("column", ["quantity", "assigned", "new_quantity"])
def test_what_is_accepted_of_a_count_is_said_at_both_doors(column: str, value: float, accepted: str) -> None:
    table = rows({column: value})
    assert frames.assess(table, as_of=D)["csp_reason"][0] == f"{column}: expected {accepted}"
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table)
    assert [(p.field, p.accepted) for p in caught.value.problems] == [(column, accepted)]


def test_a_table_says_cancelled_as_a_payload_does() -> None:
    table = rows(
        {"status": "Cancelled", "canceled_on": D}, {"id": "c", "status": "canceled", "canceled_on": D}
    )
    said = frames.assess(table, as_of=D).drop("id", "status").rows()
    assert said[0] == said[1]


def test_numbers_of_any_type_are_counts_at_both_doors() -> None:
    for values, fine in (
        (
            pl.Series([25.0, 2.5, float("nan"), 2.0**54, float("inf"), -float("inf")]),
            [True, False, False, False, False, False],
        ),
        (pl.Series([25, 2**53, 2**53 + 1], dtype=pl.UInt64), [True, True, False]),
        (pl.Series([25, 2**53, 2**53 + 1, 2**63 - 1], dtype=pl.Int64), [True, True, False, False]),
        (pl.Series([25, 2**100], dtype=pl.Int128), [True, False]),
        *((pl.Series([25, 0, 127], dtype=small), [True, True, True]) for small in SMALL),
        *((pl.Series([-1], dtype=small), [False]) for small in SMALL if small.is_signed_integer()),
        (pl.Series(["25", "2.5"]).cast(pl.Decimal(10, 1)), [True, False]),
    ):
        for value, accepted in zip(values, fine, strict=True):
            table = rows({}).with_columns(quantity=pl.lit(value, dtype=values.dtype))
            assert (frames.assess(table, as_of=D)["csp_reason"][0] is None) is accepted
            if accepted:
                assert frames.values_of(table)[0][0].quantity == int(value)
            else:
                with pytest.raises(csp.PayloadError, match="quantity: "):
                    frames.values_of(table)


def test_every_column_that_is_wrong_is_named_at_once() -> None:
    table = rows({"quantity": "25", "trial": 0})
    for door in (frames.values_of, lambda frame: frames.assess(frame, as_of=D)):
        with pytest.raises(csp.InvalidData) as caught:
            door(table)
        assert [problem.field for problem in caught.value.problems] == ["column 'quantity'", "column 'trial'"]
        with pytest.raises(csp.InvalidData) as caught:
            door(table.drop("id", "last_day"))
        assert [problem.accepted for problem in caught.value.problems] == [
            "a column 'id': the subscription; text, or whole numbers",
            "a column 'last_day': last day of the term, inclusive",
            "a column of a count of licences, 0 or more",
            "a column of True or False",
        ]


def test_strict_names_every_problem_of_the_first_rows() -> None:
    table = rows({"quantity": -1, "status": "live"}, {"id": "c"}, {"id": "d", "last_day": date(2025, 3, 31)})
    with pytest.raises(csp.InvalidValue) as caught:
        frames.assess(table, as_of=D, strict=True)
    assert caught.value.value == (
        ("b", "quantity", -1),
        ("b", "status", "live"),
        ("d", "last_day", date(2025, 3, 31)),
    )
    assert (
        "quantity: expected a count of licences, 0 or more; status: expected one of " in caught.value.accepted
    )


def test_strict_names_what_only_the_day_that_is_asked_for_refuses() -> None:
    table = rows({"status": "canceled", "canceled_on": D})
    assert frames.values_of(table)[0][0].canceled_on == D
    with pytest.raises(csp.InvalidValue, match="canceled_on: expected a day up to as_of") as caught:
        frames.assess(table, as_of=date(2026, 3, 30), strict=True)
    assert caught.value.value == (("b", "canceled_on", D),)


def test_every_row_that_cannot_be_read_is_named() -> None:
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(rows({"quantity": -1}, {"id": "c"}, {"id": "d", "offer": " "}))
    assert [problem.item for problem in caught.value.problems] == ["row 0 (id 'b')", "row 2 (id 'd')"]


def test_an_id_twice_is_no_two_subscriptions() -> None:
    """What replaces the one would replace the other, too; a verdict of each row by itself is another matter."""
    table = rows({"new_quantity": 3}, {"id": "c"}, {"id": "B", "new_quantity": 5}, {"id": "b"})
    with pytest.raises(csp.PayloadError) as caught:
        frames.values_of(table)
    assert [(p.item, p.field, p.accepted) for p in caught.value.problems] == [
        ("row 0 (id 'b')", "id", "each id once; row 2 (id 'B') has it, too"),
        ("row 2 (id 'B')", "id", "each id once; row 0 (id 'b') has it, too"),
        ("row 3 (id 'b')", "id", "each id once; row 0 (id 'b') has it, too"),
    ]
    assert frames.assess(table, as_of=D)["csp_reason"].to_list() == [None] * 4


def test_a_frame_that_cannot_be_asked() -> None:
    with pytest.raises(csp.InvalidType, match=r"^frame: "):
        frames.values_of([ORDINARY])
    with pytest.raises(csp.InvalidValue, match="a column 'last_day'"):
        frames.values_of(rows({}).drop("last_day"))
    with pytest.raises(
        csp.InvalidValue, match="a column 'base': id of the subscription that it is an add-on of"
    ):
        frames.values_of(rows({}), columns={"parent": "base"})
    with pytest.raises(csp.InvalidValue, match=r"^columns: 'lastday'"):
        frames.values_of(rows({}), columns={"lastday": "last_day"})


def test_a_seat_window_may_be_of_as_many_as_there_can_be() -> None:
    until = datetime(2026, 2, 8, tzinfo=UTC)
    most = csp.SeatWindow(quantity=2**53, until=until)
    assert seats_from_text(f"{2**53} 2026-02-08T00:00:00Z") == most
    with pytest.raises(csp.InvalidValue):
        seats_from_text(f"{2**53 + 1} 2026-02-08T00:00:00Z")


@pytest.mark.parametrize(
    "text", ["many 2026-02-08T00:00:00Z", "5 soon", "", "9" * 5000 + " 2026-02-08T00:00:00Z"]
)
def test_a_seat_window_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises((csp.InvalidData, csp.InvalidType, csp.InvalidValue)):
        seats_from_text(text)
    table = frames.of([made()]).with_columns(pl.Series("seat_windows", [[text]], dtype=pl.List(pl.String)))
    with pytest.raises(csp.CspTransferError, match="seat_windows"):
        frames.values_of(table)


def test_a_currency_is_a_text_and_an_amount_may_be_a_number() -> None:
    priced = {"price_amount": 1.5, "price_currency": "EUR", "price_cycle": "month"}
    [sub], _ = frames.values_of(rows(priced))
    assert sub.price == csp.Price(amount=Decimal("1.5"), currency="EUR", cycle=csp.Cycle.MONTH)
    with pytest.raises(csp.InvalidType, match="column 'price_currency': Int64; expected a column of a text"):
        frames.values_of(rows(priced | {"price_currency": 978}))
