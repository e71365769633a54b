"""Every problem of a record at once, each with its full path; and what stands for "missing" elsewhere is refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
import pytest
from facts import BASIC, YEAR, D, day, replacement, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.export import to_ics

COUNT = "a count of licences, 0 or more"


def data(**changes: Any) -> dict[str, Any]:
    """A move of four subscriptions as data, with some facts of the last one changed."""
    four = tuple(subscription(id=f"s{n}") for n in range(4))
    written: dict[str, Any] = json.loads(json.dumps(transfer(*four).to_dict()))
    written["subscriptions"][3] |= changes
    return written


def problems(cls: type[Any], written: Any) -> list[str]:
    with pytest.raises(csp.CspTransferError) as caught:
        cls.from_dict(written)
    error = caught.value
    if isinstance(error, csp.InvalidData):
        assert isinstance(error, ValueError)
        assert isinstance(error, TypeError)
        assert str(error) == f"{len(error.problems)} problems in the data\n  " + "\n  ".join(
            map(str, error.problems)
        )
        return [str(problem) for problem in error.problems]
    assert isinstance(error, csp.InvalidType | csp.InvalidValue)
    return [str(error)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantity": -1}, [f"Transfer.subscriptions[3].quantity: -1; expected {COUNT}"]),
        (
            {"quantity": -1, "assigned": -2, "id": " "},
            [
                "Transfer.subscriptions[3].id: ' '; expected a text that is not blank",
                f"Transfer.subscriptions[3].quantity: -1; expected {COUNT}",
                f"Transfer.subscriptions[3].assigned: -2; expected {COUNT}",
            ],
        ),
        (
            {"term": {"first_day": "2026-04-01", "last_day": "2026-03-31"}, "trial": "no"},
            [
                "Transfer.subscriptions[3].term.last_day: 2026-03-31; "
                "expected a day not before first_day, 2026-04-01",
                "Transfer.subscriptions[3].trial: 'no'; expected bool",
            ],
        ),
        (
            {"anchor": "2026-01-01", "canceled_on": "2026-01-01", "parent": "S3"},
            [
                "Transfer.subscriptions[3].parent: 'S3'; expected the id of another subscription",
                "Transfer.subscriptions[3].anchor: 2026-01-01; expected a day up to 2025-04-01, the first day",
                "Transfer.subscriptions[3].canceled_on: 2026-01-01; expected no day unless the status is canceled",
            ],
        ),
        (
            {"price": {"amount": "-1", "currency": "eur", "cycle": "week"}},
            [
                "Transfer.subscriptions[3].price.amount: Decimal('-1'); expected a price, 0 or more",
                "Transfer.subscriptions[3].price.currency: 'eur'; "
                "expected an ISO 4217 code in capitals, such as 'JPY'",
                "Transfer.subscriptions[3].price.cycle: 'week'; expected one of month, year, three_years",
            ],
        ),
        (
            {"colour": 1, "size": 2, "offer": {"id": "", "equivalents": ["", 3]}},
            [
                "Transfer.subscriptions[3]: 'colour'; expected only the fields of Subscription: ",
                "Transfer.subscriptions[3]: 'size'; expected only the fields of Subscription: ",
                "Transfer.subscriptions[3].offer.id: ''; expected a text that is not blank",
                "Transfer.subscriptions[3].offer.equivalents[1]: 3; expected str",
            ],
        ),
    ],
)
def test_every_problem_of_a_subscription(changes: dict[str, Any], said: list[str]) -> None:
    found = problems(csp.Transfer, data(**changes))
    assert len(found) == len(said)
    for one, wanted in zip(found, said, strict=True):
        assert one.startswith(wanted)


def test_problems_of_several_records_are_said_together() -> None:
    written = data(quantity="25")
    written["customer"]["country"] = "jp"
    written["subscriptions"][0]["status"] = "lapsed"
    del written["destination"]
    written["replacements"] = {"s1": {"offer": {"id": "B"}, "quantity": -1}, "s2": "never"}
    assert [one.partition(": ")[0] for one in problems(csp.Transfer, written)] == [
        "Transfer.destination",
        "Transfer.customer.country",
        "Transfer.subscriptions[0].status",
        "Transfer.subscriptions[3].quantity",
        "Transfer.replacements['s1'].quantity",
        "Transfer.replacements['s2']",
    ]


def test_what_facts_say_together_is_said_together() -> None:
    written = data(id="S0")
    written["target_tenant"] = {"id": "CONTOSO", "country": "JP"}
    written["replacements"] = {"z": "not_replaced"}
    assert [one.partition(";")[0] for one in problems(csp.Transfer, written)] == [
        "Transfer.target_tenant: 'CONTOSO'",
        "Transfer.subscriptions[3].id: 'S0'",
        "Transfer.replacements: 'z'",
    ]


def test_of_a_portfolio_every_plan_is_read() -> None:
    plan = csp.plan_transfer(transfer(), as_of=day(-30)).to_dict()
    other = csp.plan_transfer(transfer(customer=csp.Tenant(id="z", country="JP")), as_of=day(-30)).to_dict()
    written = json.loads(
        json.dumps({"schema": 1, "plans": [plan | {"feasible": 1}, other | {"as_of": "soon"}]})
    )
    assert [one.partition(":")[0] for one in problems(csp.Portfolio, written)] == [
        "Portfolio.plans[0].feasible",
        "Portfolio.plans[1].as_of",
    ]


def test_a_constructor_raises_the_first_problem_as_before() -> None:
    with pytest.raises(csp.InvalidValue, match=r"^parent: ") as caught:
        subscription(parent="83ef9d05", anchor=day(0))
    assert [problem.field for problem in caught.value.also] == ["anchor"]
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert str(copied) == str(caught.value)


# ---- counts that no customer has ------------------------------------------------------------------------------------

MOST = 9007199254740992
COUNTS: list[tuple[Callable[..., Any], str]] = [
    (subscription, "quantity"),
    (subscription, "assigned"),
    (replacement, "quantity"),
    (transfer, "unread"),
    (transfer, "tenant_subscriptions"),
    (lambda **given: csp.SeatWindow(until=datetime(2026, 2, 8, tzinfo=UTC), **given), "quantity"),
]


@pytest.mark.parametrize("value", [MOST + 1, 10**5000], ids=["one more", "more digits than Python writes"])
@pytest.mark.parametrize(("make", "name"), COUNTS)
def test_a_count_that_no_customer_has_is_refused(make: Callable[..., Any], name: str, value: int) -> None:
    made = make(**{name: MOST})
    assert getattr(made, name) == MOST
    assert str(MOST) in str(made)
    with pytest.raises(csp.InvalidValue) as caught:
        make(**{name: value})
    with pytest.raises(csp.InvalidValue) as read:
        type(made).from_dict(made.to_dict() | {name: value})
    for error, path in ((caught.value, name), (read.value, f"{type(made).__name__}.{name}")):
        shown = str(MOST + 1) if value == MOST + 1 else "<a number of 16610 bits>"
        assert str(error) == f"{path}: {shown}; expected a count of licences, up to {MOST}"
        assert repr(error) == f"InvalidValue('{path}', {shown}, 'a count of licences, up to {MOST}')"
        assert pickle.loads(pickle.dumps(error)).value == value  # noqa: S301


def test_a_plan_of_as_many_as_can_be_can_be_written() -> None:
    many = transfer(
        subscription(quantity=MOST, assigned=MOST), unread=MOST, tenant_subscriptions=MOST, replacements={}
    )
    plan = csp.plan_transfer(many, as_of=day(-30))
    assert f"{MOST}" in plan.to_text(detail=True)


# ---- what stands for "missing" elsewhere ---------------------------------------------------------------------------


class NoTime(datetime):
    """A datetime that has no zone to ask for, as `pandas.NaT`; tests/engines asks with that itself."""

    def utcoffset(self) -> None:
        raise ValueError("NaTType does not support utcoffset")

    def __repr__(self) -> str:
        return "NaT"


class NotAvailable:
    """What is neither true nor false, and equal to nothing, as `pandas.NA`."""

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __eq__(self, _other: object) -> Any:
        return self

    def __repr__(self) -> str:
        return "<NA>"


NO_TIME, NOT_AVAILABLE = NoTime(2026, 3, 31), NotAvailable()
MISSING = (
    *(NO_TIME, NOT_AVAILABLE, np.datetime64("2026-03-31"), np.datetime64("NaT")),
    *(float("nan"), np.float64("nan"), np.int64(25)),
)
STAMPS = (datetime(2026, 3, 31), np.bool_(1), np.str_(""), Decimal("NaN"))  # noqa: DTZ001 - as pandas has days
VALUES = {
    csp.Tenant: csp.Tenant(id="contoso", country="JP"),
    csp.Partner: csp.Partner(id="fabrikam", country="JP"),
    csp.Offer: BASIC,
    csp.Term: YEAR,
    csp.Subscription: subscription(),
    csp.Replacement: replacement(),
    csp.Transfer: transfer(),
    csp.Price: csp.Price(amount=Decimal(1), currency="EUR", cycle=csp.Cycle.YEAR),
    csp.Money: csp.Money(amount=Decimal(1), currency="EUR"),
    csp.Policy: csp.GUIDE,
}
FIELDS = [(cls, field.name) for cls in VALUES for field in attrs.fields(cls)]


@pytest.mark.untraced
@pytest.mark.parametrize(("cls", "name"), FIELDS, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("value", [*MISSING, *STAMPS], ids=lambda value: f"{type(value).__name__} {value}")
def test_what_is_missing_elsewhere_is_refused_as_our_error(cls: Any, name: str, value: Any) -> None:
    if isinstance(value, str) and name == "name":
        return  # text from numpy is text
    facts = {field.name: getattr(VALUES[cls], field.name) for field in attrs.fields(cls)}
    with pytest.raises((csp.InvalidType, csp.InvalidValue)) as caught:
        cls(**facts | {name: value})
    assert caught.value.field.startswith(name)


@pytest.mark.parametrize("value", [*MISSING, STAMPS[0], None, "2026-03-31"], ids=repr)
def test_a_day_that_is_none_is_refused_wherever_one_is_asked_for(value: Any) -> None:
    plan = csp.plan_transfer(transfer(), as_of=day(-30))
    portfolio = csp.plan_portfolio([transfer()], as_of=day(-30))
    window = csp.grace_window(subscription())
    assert window is not None
    for ask in (
        lambda: csp.assess(subscription(), as_of=value),
        lambda: csp.plan_transfer(transfer(), as_of=value),
        lambda: csp.plan_portfolio([transfer()], as_of=value),
        lambda: csp.compare_routes(transfer(), as_of=value),
        lambda: csp.refund_advice(subscription(), as_of=value),
        lambda: csp.state_at(subscription(), value),
        lambda: csp.current_term(subscription(), value),
        lambda: portfolio.due_by(value),
        lambda: window.days_left(value),
        lambda: value in window,
        lambda: to_ics(plan, revision=value),
    ):
        with pytest.raises((csp.InvalidType, csp.InvalidValue)):
            ask()


# ---- the constructor of a subscription, and the table that `from_dict` goes by -------------------------------------

ODD: st.SearchStrategy[Any] = st.sampled_from(
    (
        *(None, True, 0, -1, 1.5, "", " ", "P1Y", "P2Y", "contoso", (), frozenset(), object()),
        *(D, date(1999, 1, 1), datetime(2026, 3, 31, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)),
        *(datetime(2026, 3, 31), NO_TIME),  # noqa: DTZ001 - which has no zone
        *(csp.Channel.OPEN, csp.Status.ACTIVE, csp.TermEnd.CANCEL, BASIC, YEAR),
        VALUES[csp.Price],
    )
)


@given(
    st.sampled_from([field.name for field in attrs.fields(csp.Subscription)]), ODD, strategies.subscriptions()
)
def test_a_subscription_is_checked_in_one_way(name: str, value: Any, sub: csp.Subscription) -> None:
    facts = {field.name: getattr(sub, field.name) for field in attrs.fields(csp.Subscription)} | {name: value}
    alone = refusal(lambda: csp.Subscription._checks[name](name, value))
    together = refusal(lambda: csp.Subscription(**facts))
    if alone is not None:
        assert (type(together), str(together)) == (type(alone), str(alone))
    elif together is not None:  # by itself it is fine, beside the others it is not
        assert together.field in ("parent", "anchor", "canceled_on", "mid_term_on", "doubted_last_day")


def refusal(make: Callable[[], object]) -> Any:
    try:
        make()
    except (csp.InvalidType, csp.InvalidValue) as error:
        return error
    return None


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("country", ["country"]),
        ("Tenant", []),
        ("", []),
        ("Transfer.subscriptions[3].quantity", ["subscriptions", 3, "quantity"]),
        ("Transfer.replacements['a].b\\'c'].quantity", ["replacements", "a].b'c", "quantity"]),
        ('Transfer.replacements["it\'s"]', ["replacements", "it's"]),
        ("Plan.findings[0].facts['days']", ["findings", 0, "facts", "days"]),
        ("Plan.findings[0].END-003 turn-off facts", ["findings", 0, "END-003 turn-off facts"]),
        ("transfer_items on", ["transfer_items on"]),
    ],
)
def test_a_field_is_a_path_in_parts(field: str, path: list[str | int]) -> None:
    [row] = csp.InvalidValue(field, 1, "2").to_list()
    assert row == {
        "field": field,
        "path": path,
        "value": 1,
        "expected": "2",
        "message": f"{field}: 1; expected 2",
    }


@given(st.text(), st.text())
def test_any_key_is_a_part_of_the_path(key: str, text: str) -> None:
    assert csp.InvalidType(f"Transfer.replacements[{key!r}]", None, text).to_list()[0]["path"] == [
        "replacements",
        key,
    ]
    assert csp.InvalidType(text, None, text).to_list()[0]["field"] == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("soon", "soon"),
        (True, True),
        (None, None),
        (-1.5, -1.5),
        (2**53, 2**53),
        pytest.param(10**5000, "<a number of 16610 bits>", id="of 5,000 digits"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (date(2026, 3, 31), "2026-03-31"),
        ({"a": [1]}, "{'a': [1]}"),
    ],
)
def test_a_value_is_shown_as_json_has_it(value: object, shown: object) -> None:
    [row] = csp.InvalidValue("field", value, "another").to_list()
    assert row["value"] == shown
    assert json.loads(json.dumps(row, allow_nan=False)) == row


def test_a_long_text_is_not_echoed_in_full() -> None:
    [row] = csp.InvalidValue("name", "x" * 201, "less").to_list()
    assert len(row["value"]) < 100
    assert csp.InvalidValue("name", "x" * 200, "less").to_list()[0]["value"] == "x" * 200


def test_every_problem_is_one_object_of_a_list() -> None:
    """Whether one thing is wrong or several; each with the same keys."""
    tenant = {"id": "", "country": "jp"}
    with pytest.raises(csp.InvalidData) as several:
        csp.Tenant.from_dict(tenant)
    assert [row["path"] for row in several.value.to_list()] == [["id"], ["country"]]
    year = csp.Term.starting(date(2025, 4, 1), "P1Y")
    with pytest.raises(csp.InvalidValue) as also:
        csp.Subscription(
            id="s", offer=csp.Offer(id="B"), quantity=1, term=year, auto_renew=True, parent="s", anchor=D
        )
    assert [row["field"] for row in also.value.to_list()] == ["parent", "anchor"]
    problem = csp.Problem("items[0]", "id", "", "a text")
    assert csp.PayloadError((problem,)).to_list() == problem.to_list()
    assert problem.to_list()[0]["item"] == "items[0]"
    assert csp.UnknownMarket("RU").to_list() == [
        {
            "field": "country",
            "path": ["country"],
            "value": "RU",
            "expected": "the country of a CSP market, such as 'JP'",
            "message": str(csp.UnknownMarket("RU")),
        }
    ]
    [row] = csp.MissingExtra("a door", "extra").to_list()
    assert (row["field"], row["path"], row["message"]) == ("", [], str(csp.MissingExtra("a door", "extra")))
