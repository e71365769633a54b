"""What the command reads: payloads, from files or from standard input, as moves."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from .. import partner_center
from ..errors import CspTransferError, InvalidValue, PayloadError
from ..ids import id_key
from ..model import Partner, Role, Tenant
from ..transfer import Transfer
from .beside import facts_beside
from .complaints import BadInput, complain

__all__ = ["Moves", "content_of", "transfer_of", "transfers_of"]

_NO_NAME: Final = "customer"


def transfer_of(options: argparse.Namespace) -> Transfer:
    """Return the move of the one customer that is asked about."""
    reading = _read(content_of(options.file), tolerant=options.tolerant)
    complain(map(str, reading.problems))
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
    """Return the moves of all customers whose files can be read; each is called as its file is."""
    _named(Tenant, "customer", _NO_NAME, options.customer_country)  # what is wrong for all is said once
    _named(Partner, "partner", options.partner_id, options.partner_country)
    _other(options, Partner, "source_partner", "source_country")
    found, left_out, in_part = [], [], []
    files, lines = _files(options.files)
    left_out += lines
    for file in files:
        try:
            reading = _read(content_of(str(file)), tolerant=options.tolerant)
            customer = Tenant(id=file.stem, country=options.customer_country)
            found.append(_move(options, reading, customer))
        except PayloadError as error:
            left_out.append(_first_of(file, error.problems))
        except BadInput as error:
            left_out += error.lines
        except CspTransferError as error:
            left_out.append(f"{str(file)!r}: {error}")
        else:
            in_part += [_first_of(file, reading.problems)] if reading.problems else []
    complete = not left_out and not in_part
    return Moves(tuple(_with_facts(found, options, complete=complete)), tuple(left_out), tuple(in_part))


def _with_facts(moves: Sequence[Transfer], options: argparse.Namespace, *, complete: bool) -> list[Transfer]:
    """Return the moves with what the file beside the payloads says, if there is one.

    Where not all of the payloads could be read, a row may be about what is missing: then it is only said.
    """
    if options.facts is None or not moves:
        return [*moves]
    if options.facts == "-":
        raise BadInput("--facts: '-'; expected a file: standard input is for the payload")
    facts = facts_beside(options.facts, content_of(options.facts))
    wrong, unknown = facts.wrong_for(moves), facts.unknown_to(moves)
    if wrong or (unknown and complete):
        raise BadInput(*wrong, *unknown)
    complain(unknown)
    return [facts.added_to(move) for move in moves]


def _files(given: Iterable[str]) -> tuple[list[Path], list[str]]:
    """Return the files, those of a folder by name, and a line for each name that gives no customer of its own."""
    found: dict[str, list[Path]] = {}
    lines: list[str] = []
    for name in given:
        files = sorted(Path(name).glob("*.json")) if _is_folder(name) else [Path(name)]
        if name == "-":
            lines.append("'-': has no name; expected a file, which its customer is called by")
            continue
        if not files:
            lines.append(f"{name!r}: no *.json; expected a folder of payloads, one for each customer")
        for file in files:
            same = found.setdefault(id_key(file.stem), [])
            same += [] if file in same else [file]
    for first, *others in found.values():
        if others:  # two plans of one tenant that do not know of each other would both be wrong
            named = ", ".join(repr(str(file)) for file in others)
            lines.append(f"{str(first)!r}: the same customer as {named}; expected one file for each customer")
    return [same[0] for same in found.values() if len(same) == 1], lines


def _is_folder(name: str) -> bool:
    return os.path.isdir(name)  # noqa: PTH112 - which is False, and no error, for what cannot be the name of one


def _first_of(file: Path, problems: Sequence[Exception]) -> str:
    more = f" (and {len(problems) - 1} more: see csp-transfer plan)" if len(problems) > 1 else ""
    return f"{str(file)!r}: {problems[0]}{more}"


def _read(payload: bytes, *, tolerant: bool) -> partner_center.Reading:
    reading = partner_center.read_tolerantly(payload)
    if reading.problems and not (tolerant and reading.subscriptions):
        raise PayloadError(reading.problems)
    return reading


def _move(options: argparse.Namespace, reading: partner_center.Reading, customer: Tenant) -> Transfer:
    return Transfer(
        customer=customer,
        destination=_named(Partner, "partner", options.partner_id, options.partner_country),
        subscriptions=reading.subscriptions,
        source=_other(options, Partner, "source_partner", "source_country"),
        delegated_admin=options.delegated_admin,
        relationship_accepted=options.relationship_accepted,
        role=None if options.role is None else Role(options.role),
        unread=reading.unread,
    )


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
