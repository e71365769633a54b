"""What the command reads: payloads, from files or from standard input, as moves."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

from .. import partner_center
from ..errors import CspTransferError, PayloadError
from ..model import Partner, Role, Tenant
from ..package_data import read_bytes
from ..transfer import Transfer
from .complaints import BadInput, complain

__all__ = ["SAMPLE_DAY", "sample", "transfer_of"]

SAMPLE_DAY: Final = date(2026, 2, 15)
"""The day that the sample's own dates are around."""
_NO_NAME: Final = "customer"


def sample() -> Transfer:
    """Return the customer that comes with the package."""
    return Transfer(
        customer=Tenant(id="contoso", country="JP"),
        destination=Partner(id="fabrikam", country="JP"),
        subscriptions=partner_center.read(read_bytes("contoso-subscriptions.json")),
    )


def transfer_of(options: argparse.Namespace) -> Transfer:
    """Return the move of the one customer that is asked about."""
    reading = partner_center.read_tolerantly(_payload(options.file))
    if reading.problems and not (options.tolerant and reading.subscriptions):
        raise PayloadError(reading.problems)
    complain(map(str, reading.problems))
    name = _NO_NAME if options.customer_id is None else options.customer_id
    return _move(options, reading, _named(Tenant, "customer", name, options.customer_country))


def _move(options: argparse.Namespace, reading: partner_center.Reading, customer: Tenant) -> Transfer:
    return Transfer(
        customer=customer,
        destination=_named(Partner, "partner", options.partner_id, options.partner_country),
        subscriptions=reading.subscriptions,
        delegated_admin=options.delegated_admin,
        relationship_accepted=options.relationship_accepted,
        role=None if options.role is None else Role(options.role),
        unread=reading.unread,
    )


def _payload(file: str) -> bytes:
    try:
        if file != "-":
            return Path(file).read_bytes()
        if sys.stdin is not None:
            return sys.stdin.buffer.read()
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{file!r}: {reason}; expected a file that can be read") from None
    raise BadInput("standard input: closed; expected a payload")


def _named(cls: type[Any], who: str, name: str, country: str) -> Any:
    try:
        return cls(id=name, country=country)
    except CspTransferError as error:
        raise BadInput(f"--{who}-{error}") from None
