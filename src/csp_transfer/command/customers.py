"""One file of many customers: a table with a row for each subscription, or JSON with a payload for each customer."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ..errors import PayloadError, Problem
from ..ids import id_key
from ..model import Partner
from ..payload import parsed
from ..transfer import Transfer
from .complaints import BadInput, complain
from .recognised import recognised
from .tables import Cells, cells_of_file, sheets_not_read

__all__ = ["Customer", "customers_of_json", "moves_of_table"]

_CUSTOMERS: Final = "a list of objects, each with the id of a customer and its subscriptions"
_A_ROW: Final = re.compile(r"row (\d+) \(id")
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


class InTable(NamedTuple):
    """The moves of the customers in a table, and a line for each problem."""

    moves: tuple[Transfer, ...]
    left_out: tuple[str, ...] = ()
    """Of customers who have no move."""
    in_part: tuple[str, ...] = ()
    """Of rows that the move of their customer lacks."""
    without: tuple[str, ...] = ()
    """The customers who have no move."""


def moves_of_table(file: str, content: bytes, destination: Partner, options: argparse.Namespace) -> InTable:
    """Return the moves of the customers in a table.

    A customer of whom one row cannot be read is left out as a whole, as what one tenant holds is shared; with
    `--tolerant`, the move has the other rows, and says how many it lacks. Raises `BadInput`.
    """
    from ..frames.customers import portfolio_of

    table = cells_of_file(file, content)
    complain(sheets_not_read(file, content), options.lang)
    frame, _, mapping = recognised(file, table, options)
    sources = mapping.sources
    if "customer" not in sources:
        raise BadInput(f"{file!r}: no column for the customer; expected one, or --column customer=HEADER")
    country = None if "country" in sources else options.customer_country
    if country is None and "country" not in sources:
        raise BadInput(
            "--customer-country: left out; expected a country, or a table with a column of countries"
        )

    def read(some: object) -> tuple[Transfer, ...]:
        return portfolio_of(some, destination=destination, country=country, columns=mapping)

    try:
        return InTable(read(frame))
    except PayloadError:
        return _customer_by_customer(
            file, table, (frame, sources["customer"]), read, tolerant=options.tolerant
        )


_Reader = Callable[[object], tuple[Transfer, ...]]


def _customer_by_customer(
    file: str, table: Cells, column: tuple[Any, str], read: _Reader, *, tolerant: bool
) -> InTable:
    """Return what can be read of each customer alone, and every problem, by its row."""
    import narwhals as nw

    frame, customer = column
    rows: Any = nw.from_native(frame)
    places: dict[str, list[int]] = {}
    for n, text in enumerate(rows[customer].to_list()):
        places.setdefault(id_key(text or ""), []).append(n)
    numbers = list(table.rows)
    moves: list[Transfer] = []
    said: tuple[list[tuple[int, str]], list[tuple[int, str]]] = [], []
    without: list[str] = []
    for name, at in places.items():
        found, problems = _of_one(rows, at, numbers, read, tolerant=tolerant)
        moves += found
        if name and not found:
            without.append(name)
        said[bool(found)].extend((number, f"{file!r}: {problem}") for number, problem in problems)
    left_out, in_part = (tuple(dict.fromkeys(line for _, line in sorted(lines))) for lines in said)
    return InTable(tuple(moves), left_out, in_part, tuple(without))


def _of_one(
    rows: Any, at: list[int], numbers: list[int], read: _Reader, *, tolerant: bool
) -> tuple[tuple[Transfer, ...], list[tuple[int, Problem]]]:
    """Return the move of the customer who has these rows, if there is one, and each problem with a row's number."""
    try:
        return read(rows[at].to_native()), []
    except PayloadError as error:
        found = [(_A_ROW.match(problem.item), problem) for problem in error.problems]
    own = [numbers[n] for n in at]  # as a spreadsheet counts them
    problems = [(own[int(row[1])] if row else own[0], _as_counted(problem, own)) for row, problem in found]
    bad = {int(row[1]) for row, _ in found if row}
    good = [n for place, n in enumerate(at) if place not in bad]
    if not (tolerant and bad and good):
        return (), problems
    moves, more = _of_one(rows, good, numbers, read, tolerant=False)
    return tuple(move.evolve(unread=len(bad)) for move in moves), [*problems, *more]


def _as_counted(problem: Problem, own: list[int]) -> Problem:
    """Return a problem that names rows by their numbers in the file."""
    item, accepted = (
        _A_ROW.sub(lambda row: f"row {own[int(row[1])]} (id", text)
        for text in (problem.item, problem.accepted)
    )
    return Problem(item, problem.field, problem.value, accepted)
