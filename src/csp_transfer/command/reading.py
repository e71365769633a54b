"""What the command reads: payloads and tables of many customers, from files or from standard input, as moves."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from .. import partner_center
from ..errors import CspTransferError, InvalidValue, PayloadError, Problem
from ..ids import id_key
from ..model import Partner, Role, Tenant
from ..transfer import Transfer
from .beside import facts_beside
from .complaints import BadInput, complain
from .customers import customers_of_json, moves_of_table
from .tables import is_table, sheets_not_read

__all__ = ["Moves", "content_of", "transfer_of", "transfers_of"]

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
