"""Prices and amounts: decimal, in one currency each, never mixed and never rounded but as said here."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import ClassVar, Final

from attrs import field, frozen

from . import checks
from .errors import InvalidType, InvalidValue
from .plain import Plain, Word, accepts
from .texts import decimal_text

__all__ = ["Cycle", "Money", "Price"]

# Currencies whose smallest unit is the whole, and a thousandth (ISO 4217); all others have hundredths.
_WHOLE: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})
_THOUSANDTHS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class Cycle(Word):
    """The time that a price is for."""

    MONTH = "month"
    YEAR = "year"
    THREE_YEARS = "three_years"


# How many cycles make a year, as a fraction.
_A_YEAR: Final = {Cycle.MONTH: (12, 1), Cycle.YEAR: (1, 1), Cycle.THREE_YEARS: (1, 3)}
_DAYS: Final = 365
_MILLIONTH: Final = Decimal("0.000001")
_TOO_LITTLE: Final = Decimal("-1E15")
_NOTHING: Final = Decimal(0)
_TOO_MUCH: Final = Decimal("1E15")
_OWN: Final = Context(
    prec=100,
    rounding=ROUND_HALF_UP,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation],
)
"""What amounts are reckoned in, whatever the context of the caller's thread: to a hundred digits."""


def _repr(amount: Decimal) -> str:
    return f"Decimal('{decimal_text(amount)}')"


def _amount(accepted: str, *, negative: bool) -> checks.Check:
    def check(name: str, value: object) -> None:
        if not isinstance(value, Decimal):
            raise InvalidType(name, value, f"{accepted}: a Decimal, never a float")
        if not (value.is_finite() and _TOO_LITTLE < value < _TOO_MUCH and (negative or value >= _NOTHING)):
            raise InvalidValue(name, value, accepted)

    return check


@accepts(pattern="^[A-Z]{3}$")
def _currency(name: str, value: object) -> None:
    checks.text(name, value)
    text = str(value)
    if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
        raise InvalidValue(name, value, "an ISO 4217 code in capitals, such as 'JPY'")


@frozen(kw_only=True)
class Money(Plain):
    """An amount in a currency; `str()` shows it rounded.

    Only amounts in one currency can be added; `InvalidValue` otherwise.

    >>> str(Money(amount=Decimal("1.50"), currency="EUR") + Money(amount=Decimal("2"), currency="EUR"))
    '3.50 EUR'
    """

    amount: Decimal = field(repr=_repr)
    currency: str

    _checks: ClassVar = {"amount": _amount("an amount of money", negative=True), "currency": _currency}

    def __attrs_post_init__(self) -> None:
        self._check_fields()

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InvalidValue("currency", other.currency, f"{self.currency}: amounts are never mixed")
        return Money(amount=_OWN.add(self.amount, other.amount), currency=self.currency)

    @property
    def rounded(self) -> Decimal:
        """The amount half up to the currency's smallest unit."""
        smallest = "1" if self.currency in _WHOLE else "0.001" if self.currency in _THOUSANDTHS else "0.01"
        return _OWN.quantize(self.amount, Decimal(smallest))

    def __str__(self) -> str:
        return f"{decimal_text(self.rounded)} {self.currency}"


@frozen(kw_only=True)
class Price(Plain):
    """What one licence costs for a month, a year, or three. Raises `InvalidType` for a float.

    >>> yearly = Price(amount=Decimal("73.00"), currency="EUR", cycle=Cycle.YEAR)
    >>> str(yearly.for_days(10, licences=25)), str(yearly.for_days(10, licences=25, percent=3))
    ('50.00 EUR', '51.50 EUR')
    """

    amount: Decimal = field(repr=_repr)
    currency: str
    cycle: Cycle

    _checks: ClassVar = {
        "amount": _amount("a price, 0 or more", negative=False),
        "currency": _currency,
        "cycle": Cycle.check,
    }

    def __attrs_post_init__(self) -> None:
        self._check_fields()

    def for_days(self, days: int, *, licences: int, percent: int = 0) -> Money:
        """Return what so many licences cost for so many days, at that many percent more: an estimate.

        A year has 365 days and twelve months. Kept for one licence to a millionth, half up, and then multiplied,
        so that it scales with the licences and adds up; `Money.rounded` is what one would pay. Raises `InvalidValue`
        for the price where all that is more than an amount may be.
        """
        cycles, years = _A_YEAR[self.cycle]
        one = _OWN.divide(_OWN.multiply(self.amount, cycles * days * (100 + percent)), years * _DAYS * 100)
        if not _TOO_LITTLE < _OWN.multiply(one, licences) < _TOO_MUCH:
            accepted = "a price at which all licences together cost less than 10 to the 15th power"
            raise InvalidValue("price.amount", self.amount, accepted)
        return Money(amount=_OWN.multiply(_OWN.quantize(one, _MILLIONTH), licences), currency=self.currency)
