"""What the command reads: payloads and tables of many customers, from files or from standard input, as moves."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from .. import partner_center
from ..days import after, utc_day
from ..errors import CspTransferError, InvalidValue, PayloadError, Problem
from ..model import Partner, Role, Subscription, Tenant, Term
from ..payload import parsed
from ..texts import id_key, read_bytes
from ..transfer import Transfer
from .beside import facts_beside
from .options import BadInput, complain
from .tables import Cells, cells_of_file, is_table, recognised, sheets_not_read

__all__ = [
    "Customer",
    "Moves",
    "content_of",
    "customers_of_json",
    "moves_of_table",
    "sample",
    "transfer_of",
    "transfers_of",
]

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


_DAY: Final = date(2026, 2, 15)
"""The day that the sample's own dates are around."""


def sample(as_of: date) -> Transfer:
    """Return the customer with all its days as far from the day that is asked for as they are from the sample's own."""
    days = (utc_day("as_of", as_of) - _DAY).days
    subscriptions = partner_center.read(read_bytes("contoso-subscriptions.json"))
    return Transfer(
        customer=Tenant(id="contoso", country="JP"),
        destination=Partner(id="fabrikam", country="JP"),
        subscriptions=tuple(_later(subscription, days) for subscription in subscriptions),
    )


def _later(s: Subscription, days: int) -> Subscription:
    first_day = after(s.term.first_day, days)
    if s.length_known and s.renewal_duration is not None:  # the months that it lasts have other lengths there
        term = Term.starting(first_day, s.renewal_duration)
    else:
        term = Term(first_day=first_day, last_day=after(s.term.last_day, days))
    until = s.cancellation_allowed_until
    return s.evolve(
        term=term,
        anchor=s.anchor and after(s.anchor, days),
        cancellation_allowed_until=until and until + timedelta(days=days),
    )


_NO_NAME: Final = "customer"


def transfer_of(options: argparse.Namespace) -> Transfer:
    """Return the move of the one customer that is asked about."""
    reading = _read(content_of(options.file), tolerant=options.tolerant)
    complain(map(str, (*reading.problems, *reading.cautions)), options.lang)
    name = _NO_NAME if options.customer_id is None else options.customer_id
    move = _move(options, reading, _named(Tenant, "customer", name, options.customer_country))
    move = move.evolve(
        target_tenant=_other(options, Tenant, "target_tenant", "target_country"),
        tenant_subscriptions=options.tenant_subscriptions,
    )
    return _with_facts([move], options, complete=not reading.problems)[0]


class Moves(NamedTuple):
    """The moves of many customers, and what is wrong with their files: one line for each file."""

    transfers: tuple[Transfer, ...]
    left_out: tuple[str, ...]
    """Of files that are not planned at all."""
    in_part: tuple[str, ...]
    """Of files of which only what can be read is planned."""


def transfers_of(options: argparse.Namespace) -> Moves:
    """Return the moves of all customers who can be read; of a payload alone in its file, each is called as the file is.

    Two plans of one tenant that do not know of each other would both be wrong: a customer who is there twice has none.
    """
    if options.customer_country is not None:  # what is wrong for all is said once
        _named(Tenant, "customer", _NO_NAME, options.customer_country)
    _named(Partner, "partner", options.partner_id, options.partner_country)
    _other(options, Partner, "source_partner", "source_country")
    files, left_out, beside = _files(options.files)
    facts = None if options.facts is None else Path(options.facts)
    complain((_not_read(file) for file in beside if file != facts), options.lang)
    read = [one for file in files for one in _read_of(file, options)]
    places: dict[str, list[str]] = {}
    for one in read:
        if one.customer is not None:
            places.setdefault(id_key(one.customer), []).append(one.place)
    for first, *others in places.values():
        if others:
            left_out.append(f"{first}: the same customer as {', '.join(others)}; expected each customer once")
    for one in read:
        left_out += one.left_out
    found = [one for one in read if one.customer is None or len(places[id_key(one.customer)]) == 1]
    in_part = [line for one in found for line in one.in_part]
    moves = [one.move for one in found if one.move is not None]
    complete = not left_out and not in_part
    return Moves(tuple(_with_facts(moves, options, complete=complete)), tuple(left_out), tuple(in_part))


class _Read(NamedTuple):
    """What was read of one customer, or of a file of whom nobody can be read: then it has no customer."""

    place: str
    customer: str | None
    move: Transfer | None = None
    left_out: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()


def _read_of(file: Path, options: argparse.Namespace) -> Iterator[_Read]:
    """Yield what was read of each customer in a file."""
    place = repr(str(file))
    if is_table(str(file)):
        yield from _of_a_table(file, options)
        return
    try:
        content = content_of(str(file))
    except BadInput as error:
        yield _Read(place, file.stem, left_out=error.lines)
        return
    try:
        customers = customers_of_json(content)
    except Problem as problem:
        if problem.field in ("text", "key"):  # it is no JSON
            yield _Read(place, file.stem, left_out=(f"{place}: {problem}",))
        else:
            yield _Read(place, None, left_out=(f"{place}: {problem}",))
        return
    if customers is None:
        yield _of_a_payload(place, file.stem, options.customer_country, content, options)
    for one in customers or ():
        country = options.customer_country if one.country is None else one.country
        yield _of_a_payload(f"{place}: {one.item}", one.id, country, one.payload, options)


def _of_a_payload(place: str, name: Any, country: Any, payload: object, options: argparse.Namespace) -> _Read:
    customer = name if isinstance(name, str) else None
    if country is None:
        line = f"{place}: no country of the customer; expected --customer-country, or one in the file"
        return _Read(place, customer, left_out=(line,))
    try:
        reading = _read(payload, tolerant=options.tolerant)
        move = _move(options, reading, Tenant(id=name, country=country))
    except PayloadError as error:
        return _Read(place, customer, left_out=(_first_of(place, error.problems),))
    except CspTransferError as error:
        return _Read(place, customer, left_out=(f"{place}: {error}",))
    complain((f"{place}: {caution}" for caution in reading.cautions), options.lang)
    in_part = (_first_of(place, reading.problems),) if reading.problems else ()
    return _Read(place, customer, move, in_part=in_part)


def _of_a_table(file: Path, options: argparse.Namespace) -> Iterator[_Read]:
    place = repr(str(file))
    partner = _named(Partner, "partner", options.partner_id, options.partner_country)
    try:
        found = moves_of_table(str(file), content_of(str(file)), partner, options)
    except BadInput as error:
        yield _Read(place, None, left_out=error.lines)
        return
    except CspTransferError as error:
        yield _Read(place, None, left_out=tuple(f"{place}: {row['message']}" for row in error.to_list()))
        return
    for move in found.moves:
        customer = move.customer.id
        yield _Read(f"{place}: customer {customer!r}", customer, move.evolve(**_of_the_partners(options)))
    for customer in found.without:  # nor is one who is left out here planned from another file
        yield _Read(f"{place}: customer {customer!r}", customer)
    yield _Read(place, None, left_out=found.left_out, in_part=found.in_part)


def _with_facts(moves: Sequence[Transfer], options: argparse.Namespace, *, complete: bool) -> list[Transfer]:
    """Return the moves with what the file beside the payloads says, if there is one.

    Where not all of the payloads could be read, a row may be about what is missing: then it is only said.
    """
    if options.facts is None or not moves:
        return [*moves]
    if options.facts == "-":
        raise BadInput("--facts: '-'; expected a file: standard input is for the payload")
    content = content_of(options.facts)
    facts = facts_beside(options.facts, content)
    complain(sheets_not_read(options.facts, content), options.lang)
    wrong, unknown = facts.wrong_for(moves), facts.unknown_to(moves)
    if wrong or (unknown and complete):
        raise BadInput(*wrong, *unknown)
    complain(unknown, options.lang)
    return [facts.added_to(move) for move in moves]


def _not_read(file: Path) -> str:
    return f"{str(file)!r}: not read; expected its own name on the line, as of a folder only *.json is read"


def _files(given: Iterable[str]) -> tuple[list[Path], list[str], list[Path]]:
    """Return the files, each once and those of a folder by name, and a line for each name that gives none.

    And the tables that lie in a folder, which are only read where they are named themselves.
    """
    found: list[Path] = []
    lines: list[str] = []
    beside: list[Path] = []
    for name in given:
        files = [Path(name)]
        if _is_folder(name):
            inside = sorted(Path(name).iterdir())
            files = [file for file in inside if file.suffix in (".json", ".JSON")]
            beside += [file for file in inside if is_table(str(file))]
        if name == "-":
            lines.append("'-': has no name; expected a file, which its customer is called by")
            continue
        if not files:
            lines.append(f"{name!r}: no *.json; expected a folder of payloads, one for each customer")
        found += files
    return list(dict.fromkeys(found)), lines, [file for file in beside if file not in found]


def _is_folder(name: str) -> bool:
    return os.path.isdir(name)  # noqa: PTH112 - which is False, and no error, for what cannot be the name of one


def _first_of(place: str, problems: Sequence[Exception]) -> str:
    more = f" (and {len(problems) - 1} more: see csp-transfer plan)" if len(problems) > 1 else ""
    return f"{place}: {problems[0]}{more}"


def _read(payload: object, *, tolerant: bool) -> partner_center.Reading:
    reading = partner_center.read_tolerantly(payload)
    if reading.problems and not (tolerant and reading.subscriptions):
        raise PayloadError(reading.problems)
    return reading


def _move(options: argparse.Namespace, reading: partner_center.Reading, customer: Tenant) -> Transfer:
    return Transfer(
        customer=customer,
        destination=_named(Partner, "partner", options.partner_id, options.partner_country),
        subscriptions=reading.subscriptions,
        unread=reading.unread,
        **_of_the_partners(options),
    )


def _of_the_partners(options: argparse.Namespace) -> dict[str, Any]:
    """Return what is said of the partners and their relationship with the customer, beside the destination."""
    return {
        "source": _other(options, Partner, "source_partner", "source_country"),
        "delegated_admin": options.delegated_admin,
        "relationship_accepted": options.relationship_accepted,
        "role": None if options.role is None else Role(options.role),
    }


def content_of(file: str) -> bytes:
    """Return what a file holds; of `-`, standard input. Raises `BadInput`."""
    try:
        if file != "-":
            return Path(file).read_bytes()
        if sys.stdin is not None:
            return sys.stdin.buffer.read()
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{file!r}: {reason}; expected a file that can be read") from None
    raise BadInput("standard input: closed; expected a payload")


def _other(options: argparse.Namespace, cls: type[Any], named: str, country: str) -> Any:
    """Return who is told by two options, of which none stands alone; None: nobody."""
    given = {one: getattr(options, one) for one in (named, country)}
    left_out = [one for one, value in given.items() if value is None]
    if len(left_out) == len(given):
        return None
    spelled = {"id": f"--{named.replace('_', '-')}", "country": f"--{country.replace('_', '-')}"}
    if left_out:
        raise BadInput(f"{spelled['id']} and {spelled['country']}: one is left out; expected both")
    try:
        return cls(id=given[named], country=given[country])
    except InvalidValue as error:
        raise BadInput(str(InvalidValue(spelled[error.field], error.value, error.accepted))) from None


def _named(cls: type[Any], who: str, name: str, country: str) -> Any:
    try:
        return cls(id=name, country=country)
    except CspTransferError as error:
        raise BadInput(f"--{who}-{error}") from None
