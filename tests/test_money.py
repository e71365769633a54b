"""Money is the same in every decimal context that a caller may have set."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_UP,
    Context,
    Decimal,
    Inexact,
    Rounded,
    localcontext,
)
from typing import Any

import pytest
from facts import day, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import strategies

CONTEXTS = st.builds(
    Context,
    prec=st.integers(1, 40),
    rounding=st.sampled_from((ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_UP)),
    Emin=st.integers(-30, 0),
    Emax=st.integers(0, 30),
    capitals=st.integers(0, 1),
    clamp=st.integers(0, 1),
    flags=st.just([]),
    traps=st.sets(st.sampled_from((Inexact, Rounded))).map(list) | st.just([]),
)


def said(value: Callable[[], Any]) -> Any:
    try:
        return value()
    except csp.CspTransferError as error:
        return type(error), str(error)


@given(CONTEXTS, strategies.prices(), strategies.money(), st.integers(0, 2000), st.integers(0, 10**15))
def test_no_context_changes_an_amount(
    context: Context, price: csp.Price, money: csp.Money, days: int, licences: int
) -> None:
    def everything() -> list[Any]:
        data = {"amount": "1E+5", "currency": "EUR"}
        return [
            said(lambda: price.for_days(days, licences=licences, percent=23).to_dict()),
            said(lambda: str(price.for_days(days, licences=licences))),
            said(lambda: (money + money).to_dict()),
            str(money),
            repr((money, price)),
            money.rounded.as_tuple(),
            csp.Money.from_dict(data).to_dict(),
            said(lambda: csp.Money.from_dict(data | {"amount": "1,5"})),
            said(lambda: csp.Money(amount=Decimal("1E15"), currency="EUR")),
            said(lambda: csp.Money(amount=Decimal("NaN"), currency="EUR")),
            csp.Price.from_dict(price.to_dict()).to_dict(),
        ]

    usual = everything()
    with localcontext(context):
        assert everything() == usual


@given(CONTEXTS, strategies.prices(currency="EUR"))
def test_no_context_changes_what_ways_cost(context: Context, price: csp.Price) -> None:
    move = transfer(subscription(price=price, auto_renew=True), relationship_accepted=True)

    def routes() -> list[Any]:
        return [route.to_dict() for route in csp.compare_routes(move, as_of=day(-30), policy=csp.IN_FORCE)]

    usual = routes()
    with localcontext(context):
        assert routes() == usual


def test_many_digits_are_kept() -> None:
    """28 digits are what a thread has by itself."""
    long = csp.Money(amount=Decimal("999999999999999.000000000000000000000001"), currency="EUR")
    nothing = csp.Money(amount=Decimal(0), currency="EUR")
    assert (long + nothing).amount == long.amount
    assert str(long) == "999999999999999.00 EUR"


def test_half_a_millionth_is_rounded_up() -> None:
    """0.0001825 a year for one day: 0.0000005, exactly."""
    price = csp.Price(amount=Decimal("0.0001825"), currency="EUR", cycle=csp.Cycle.YEAR)
    assert price.for_days(1, licences=1).amount == Decimal("0.000001")


@pytest.mark.parametrize("licences", [10, 10**40])
def test_a_product_that_is_too_large_names_the_price(licences: int) -> None:
    price = csp.Price(amount=Decimal("1E14"), currency="EUR", cycle=csp.Cycle.YEAR)
    with pytest.raises(csp.InvalidValue, match="all licences together cost less") as caught:
        price.for_days(365, licences=licences)
    assert (caught.value.field, caught.value.value) == ("price.amount", Decimal("1E14"))
    assert price.for_days(364, licences=10).amount < Decimal("1E15")


@pytest.mark.parametrize("days", [3650, -3650, 36500, -36500])
def test_what_is_as_much_as_no_amount_may_be_is_refused_for_its_price(days: int) -> None:
    """Ten years at 10 to the 14th power a year."""
    price = csp.Price(amount=Decimal("1E14"), currency="EUR", cycle=csp.Cycle.YEAR)
    with pytest.raises(csp.InvalidValue, match=r"price\.amount: .*10 to the 15th power"):
        price.for_days(days, licences=1)
    assert abs(price.for_days(days % 3650 - 1, licences=1).amount) < 10**15
