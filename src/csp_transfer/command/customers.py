"""One file of many customers: a table with a row for each subscription, or JSON with a payload for each customer."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..errors import PayloadError, Problem
from ..ids import id_key
from ..model import Partner
from ..payload import parsed
from ..transfer import Transfer
from .complaints import BadInput
from .recognised import recognised
from .tables import Cells, cells_of_file

__all__ = ["Customer", "customers_of_json", "moves_of_table"]

_CUSTOMERS: Final = "a list of objects, each with the id of a customer and its subscriptions"
_A_ROW: Final = re.compile(r"row (\d+)")
_NAMES: Final = ("id", "country", "subscriptions")


class Customer(NamedTuple):
    """A customer in a file of many: where it stands there, and what is said of it."""

    item: str
    id: object
    country: object
    """None: not said."""
    payload: object


def customers_of_json(content: bytes) -> list[Customer] | None:
    """Return the customers of a JSON file of many; None: it is not one, but the payload of one customer.

    Raises `Problem`.
    """
    data = parsed(content)
    if not isinstance(data, dict) or [*data] != ["customers"]:
        return None
    found = data["customers"]
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise Problem("payload", "customers", found, _CUSTOMERS)
    return [_customer(n, one) for n, one in enumerate(found)]


def _customer(n: int, said: Mapping[str, Any]) -> Customer:
    item = f"customers[{n}] (id {said.get('id')!r})"
    for name in said:
        if name not in _NAMES:
            raise Problem(item, name, said[name], f"only the fields {', '.join(_NAMES)}")
    if "subscriptions" not in said:
        raise Problem(item, "subscriptions", None, "the payload of the customer")
    return Customer(item, said.get("id"), said.get("country"), said["subscriptions"])


def moves_of_table(
    file: str, content: bytes, destination: Partner, options: argparse.Namespace
) -> tuple[list[Transfer], list[str]]:
    """Return the moves of the customers in a table, and a line for each problem of those that cannot be read.

    A customer of whom one row cannot be read is left out as a whole: what one tenant holds is shared.
    Raises `BadInput`.
    """
    from ..frames.customers import portfolio_of

    table = cells_of_file(file, content)
    frame, _, mapping = recognised(file, table, options)
    sources = mapping.sources
    if "customer" not in sources:
        raise BadInput(f"{file!r}: no column for the customer; expected one, or --column customer=HEADER")
    country = None if "country" in sources else options.customer_country
    if country is None and "country" not in sources:
        raise BadInput("--customer-country: left out; expected it, or a column of the customers' countries")

    def read(some: object) -> tuple[Transfer, ...]:
        return portfolio_of(some, destination=destination, country=country, columns=mapping)

    try:
        return [*read(frame)], []
    except PayloadError as error:
        lines = [f"{file!r}: {_as_counted(str(problem), table)}" for problem in error.problems]
        good = _readable(frame, sources["customer"], read)
        return [*good], lines


def _readable(
    frame: Any, customer: str, read: Callable[[object], tuple[Transfer, ...]]
) -> Iterator[Transfer]:
    """Yield the moves of the customers of whom all rows can be read."""
    import narwhals as nw

    rows: Any = nw.from_native(frame)
    texts = [text or "" for text in rows[customer].to_list()]
    places: dict[str, list[int]] = {}
    for n, text in enumerate(texts):
        places.setdefault(id_key(text), []).append(n)
    for of_one in places.values():
        try:
            yield from read(rows[of_one].to_native())
        except PayloadError:
            continue  # which has been said


def _as_counted(said: str, table: Cells) -> str:
    """Return a line with its rows counted as a spreadsheet counts them."""
    numbers = list(table.rows)
    return _A_ROW.sub(lambda found: f"row {numbers[int(found[1])]}", said)
