"""The command: `csp-transfer demo`, and `csp-transfer plan FILE …`; also as `python -m csp_transfer`.

Exit status 0: a plan; 1: the move is blocked; 2: bad input, one line on standard error for each problem.
The only place that asks for the time: `--as-of` defaults to today, UTC.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from . import __version__, partner_center
from .catalogue import LANGUAGES
from .errors import CspTransferError, PayloadError
from .model import Partner, Role, Tenant
from .package_data import read_bytes
from .plan import Plan
from .planner import plan_transfer
from .texts import flat, in_json
from .transfer import Transfer

__all__ = ["main"]

FEASIBLE, BLOCKED, BAD_INPUT = 0, 1, 2

_NO_NAME: Final = "customer"
_DEMO: Final = "contoso-subscriptions.json"
_DEMO_DAY: Final = date(2026, 2, 15)


class _BadInput(Exception):
    """What is wrong with the input, on one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _BadInput(f"{message} (see {self.prog} --help)")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or str(day) != text:  # ISO 8601 has other spellings, too
        raise argparse.ArgumentTypeError(f"{text!r}; expected a day such as 2026-02-15")
    return day


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="csp-transfer", description="Plan a customer's move into the CSP program.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser(
        "demo", help="plan a bundled example: Contoso moves to Fabrikam, both in Japan"
    )
    plan = commands.add_parser(
        "plan", help="plan the CSP subscriptions of a Partner Center payload, like for like"
    )
    plan.add_argument("file", metavar="FILE", help="the payload, JSON; - for standard input")
    plan.add_argument(
        "--customer-country", required=True, metavar="CC", help="as set in the tenant, such as JP"
    )
    plan.add_argument(
        "--partner-country", required=True, metavar="CC", help="of the destination's CSP account"
    )
    plan.add_argument("--customer-id", default=_NO_NAME, metavar="ID", help="what to call the customer")
    plan.add_argument(
        "--partner-id", default="partner", metavar="ID", help="what to call the destination partner"
    )
    plan.add_argument("--as-of", type=_day, metavar="DAY", help="UTC day to plan from; today if left out")
    plan.add_argument(
        "--role",
        choices=[str(role) for role in Role],
        help="Partner Center role of the person who carries the move out",
    )
    plan.add_argument(
        "--delegated-admin",
        action=argparse.BooleanOptionalAction,
        help="the partner may act for the customer (DAP, today GDAP with a service-support role), or may not; "
        "left out: not known",
    )
    plan.add_argument(
        "--relationship-accepted",
        action="store_true",
        help="the customer has accepted the reseller relationship",
    )
    plan.add_argument(
        "--tolerant", action="store_true", help="plan what can be read; say on standard error what cannot"
    )
    for command in (demo, plan):
        command.add_argument(
            "--format",
            choices=("text", "markdown", "json", "ics"),
            default="text",
            help="ics: the deadlines as a calendar; needs the extra 'calendar'",
        )
        command.add_argument("--lang", choices=LANGUAGES, default="en", help="of all but JSON")
    return parser


def _payload(file: str) -> bytes:
    try:
        if file != "-":
            return Path(file).read_bytes()
        if sys.stdin is not None:
            return sys.stdin.buffer.read()
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        reason = getattr(error, "strerror", None) or error
        raise _BadInput(f"{file!r}: {reason}; expected a file that can be read") from None
    raise _BadInput("standard input: closed; expected a payload")


def _transfer(options: argparse.Namespace) -> Transfer:
    if options.command == "demo":
        return Transfer(
            customer=Tenant(id="contoso", country="JP"),
            destination=Partner(id="fabrikam", country="JP"),
            subscriptions=partner_center.read(read_bytes(_DEMO)),
        )
    if options.format == "ics" and options.customer_id == _NO_NAME:
        raise _BadInput("--customer-id: left out; expected the customer's id, which events are known by")
    reading = partner_center.read_tolerantly(_payload(options.file))
    if reading.problems and not (options.tolerant and reading.subscriptions):
        raise PayloadError(reading.problems)
    _complain(map(str, reading.problems))
    return Transfer(
        customer=_named(Tenant, "customer", options.customer_id, options.customer_country),
        destination=_named(Partner, "partner", options.partner_id, options.partner_country),
        subscriptions=reading.subscriptions,
        delegated_admin=options.delegated_admin,
        relationship_accepted=options.relationship_accepted,
        role=None if options.role is None else Role(options.role),
        unread=reading.unread,
    )


def _named(cls: type[Any], who: str, name: str, country: str) -> Any:
    try:
        return cls(id=name, country=country)
    except CspTransferError as error:
        raise _BadInput(f"--{who}-{error}") from None


def _written(plan: Plan, fmt: str, lang: str) -> str:
    if fmt == "ics":
        return _calendar(plan, lang)
    if fmt == "json":
        return in_json(json.dumps(plan.to_dict(), ensure_ascii=False, indent=1))
    return plan.to_markdown(lang) if fmt == "markdown" else plan.to_text(lang)


def _calendar(plan: Plan, lang: str) -> str:
    """Return the calendar; of a blocked move, which has none, say why it is blocked."""
    from .export import to_ics

    if not plan.feasible:
        _complain(map(str, plan.blockers))
        return ""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")  # its line ends are part of the format
    return to_ics(plan, lang=lang).decode("utf-8")


def _plan(arguments: Sequence[str] | None) -> tuple[Plan, str]:
    options = _parser().parse_args(arguments)
    transfer = _transfer(options)
    as_of = _DEMO_DAY if options.command == "demo" else options.as_of or datetime.now(UTC).date()
    plan = plan_transfer(transfer, as_of=as_of)
    return plan, _written(plan, options.format, options.lang)


def _complain(problems: Iterable[str]) -> None:
    if sys.stderr is not None:
        for problem in problems:
            print("csp-transfer:", flat(problem), file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # Japanese, and names from anywhere, must not fail on a terminal that is not UTF-8.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        plan, text = _plan(arguments)
    except PayloadError as error:
        _complain(map(str, error.problems))
        return BAD_INPUT
    except (_BadInput, CspTransferError) as error:
        _complain([str(error)])
        return BAD_INPUT
    status = FEASIBLE if plan.feasible else BLOCKED
    try:
        print(text, end="" if text.endswith("\r\n") or not text else "\n", flush=True)
    except BrokenPipeError:  # whoever read the output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _complain([f"standard output: {error.strerror}; expected a place to write to"])
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_INPUT
    return status


if __name__ == "__main__":
    sys.exit(main())
