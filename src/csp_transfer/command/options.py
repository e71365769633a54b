"""What can be asked of the command: its subcommands, their options and their help.

What it says on standard error is one line for each thing, in the language that is asked for.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from functools import cache, partial
from typing import Any, Final, NoReturn, cast

from .._version import __version__
from ..catalogue import LANGUAGES
from ..days import zone_of
from ..errors import InvalidValue, in_japanese
from ..extras import Needs
from ..model import Role
from ..outline import broken
from ..policy import GUIDE, IN_FORCE
from ..rules.refunds import Actor
from ..steps import Action
from ..texts import flat

__all__ = [
    "POLICIES",
    "SHELLS",
    "BadInput",
    "HelpIn",
    "complain",
    "completion",
    "language_of",
    "line_in",
    "parser",
]

# An argument of the library, as its errors name it.
_COLUMNS: Final = re.compile(r"(?:columns=)?\{'(\w+)': '([^']*)'\}")


class BadInput(Exception):
    """What is wrong with the input, each on one line, in English."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


def line_in(lang: str, line: str) -> str:
    """Return a line in a language; as it is, where it is in that language already. It names options of the command.

    >>> print(line_in("ja", "'a.csv': no rows; expected at least one"))
    'a.csv': 行がありません。1 行以上必要です
    """
    said = None if lang == "en" else in_japanese("line", line)
    return _COLUMNS.sub(r"--column '\1=\2'", line if said is None else said)


def complain(lines: Iterable[str], lang: str) -> None:
    """Write each line to standard error, where there is one."""
    if sys.stderr is not None:
        for line in lines:
            print("csp-transfer:", flat(line_in(lang, line)), file=sys.stderr)


class HelpIn(argparse.RawDescriptionHelpFormatter):
    """Help in a language; a text that has no other stays English."""

    def __init__(self, prog: str, *, lang: str = "en", **more: Any) -> None:
        super().__init__(prog, **more)
        self._lang = lang

    def _said(self, text: str) -> str:
        said = None if self._lang == "en" else in_japanese("help", text)
        return text if said is None else said

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add the line of usage, with its word in the language."""
        super().add_usage(usage, actions, groups, self._said("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """Begin a section, with its heading in the language."""
        super().start_section(None if heading is None else self._said(heading))

    def add_text(self, text: str | None) -> None:
        """Add a paragraph, each in the language."""
        super().add_text(None if text is None else "\n\n".join(map(self._said, text.split("\n\n"))))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return None if action.help is None else self._said(action.help)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return broken(" ".join(text.split()), width)


SHELLS: Final = ("bash", "zsh", "fish")
_FILES: Final = ("FILE", "TABLE")


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script of a shell. Raises `MissingExtra` without the extra `completion`."""
    with Needs("--print-completion", extra="completion"):
        import shtab
    _complete_names(parser, shtab.FILE, shtab.DIRECTORY)
    return shtab.complete(parser, shell=shell)


def _complete_names(parser: argparse.ArgumentParser, files: object, folders: object) -> None:
    """Have what names a file or a folder be completed as one: `complete` is where shtab looks for that."""
    for action in parser._actions:
        if action.metavar in _FILES:
            vars(action)["complete"] = files
        elif action.metavar == "DIR":
            vars(action)["complete"] = folders
        elif isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_names(command, files, folders)


POLICIES: Final = {"guide": GUIDE, "in-force": IN_FORCE}
_JAPAN: Final = "--customer-country JP --partner-country JP"


class _Parser(argparse.ArgumentParser):
    def __init__(self, *, lang: str, **more: Any) -> None:
        super().__init__(**more, formatter_class=partial(HelpIn, lang=lang), add_help=False)
        self.add_argument("-h", "--help", action="help", help="show this help message and exit")

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message} (see {self.prog} --help)")


class _PrintCompletion(argparse.Action):
    def __call__(
        self, parser: argparse.ArgumentParser, _options: object, shell: Any, _: object = None
    ) -> None:
        print(completion(parser, shell))
        parser.exit()


def language_of(arguments: Sequence[str] | None) -> str:
    """Return the language that `--lang` names anywhere on the line: of help and errors, too; else English.

    >>> language_of(["plan", "--lang", "ja", "--no-such-option"]), language_of(["demo", "--lang"])
    ('ja', 'en')
    """
    asked = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    asked.add_argument("--lang", choices=LANGUAGES, default="en")
    try:
        return str(asked.parse_known_args(arguments)[0].lang)
    except argparse.ArgumentError:  # which the parser of the whole command says
        return "en"


@cache  # who calls `main` again and again would wait for it more than for the answer
def parser(lang: str = "en") -> argparse.ArgumentParser:
    """Return the parser of the whole command; its help is in a language."""
    whole = _Parser(
        lang=lang,
        prog="csp-transfer",
        description="Plan a customer's move into the CSP program.",
        epilog=_shown(
            "demo",
            f"plan contoso.json {_JAPAN}",
            f"portfolio customers {_JAPAN} --policy in-force",
            "demo --lang ja",
        )
        + "\n\ncsp-transfer COMMAND --help has more of them.",
    )
    whole.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}", help="show the version"
    )
    whole.add_argument(
        "--lang",
        choices=LANGUAGES,
        default="en",
        help="language of help, errors and answers; may stand anywhere on the line",
    )
    whole.add_argument(
        "--print-completion",
        action=_PrintCompletion,
        choices=SHELLS,
        help="print a script with which a shell completes this command (Tab key); needs the extra 'completion'",
    )
    commands = whole.add_subparsers(
        title="commands",
        dest="command",
        metavar="COMMAND",
        required=True,
        parser_class=cast(type[_Parser], partial(_Parser, lang=lang)),
    )
    _demo(commands)
    _plan(commands)
    _routes(commands)
    _explain(commands)
    _portfolio(commands)
    _calendar(commands)
    _picture(commands)
    _frame(commands)
    return whole


def _demo(commands: Any) -> None:
    demo = _command(
        commands,
        "demo",
        "plan a bundled example by what is in force: Contoso moves to Fabrikam, both in Japan",
        "demo",
        "demo --lang ja --format markdown",
        "demo --policy guide --as-of 2026-02-15",
    )
    _as_of(demo, "UTC day to plan from, which the example's own dates move along with; today if left out")
    _policy_named(demo)
    _formats(demo, "text", "markdown", "json", "ics")
    _pages(demo)


def _plan(commands: Any) -> None:
    plan = _command(
        commands,
        "plan",
        "plan the CSP subscriptions of a Partner Center payload, like for like",
        f"plan contoso.json {_JAPAN}",
        f"plan contoso.json {_JAPAN} --policy in-force --lang ja",
        f"plan contoso.json {_JAPAN} --facts facts.csv",
        f"plan contoso.json {_JAPAN} --customer-id contoso --out plans/contoso",
        f"plan contoso.json {_JAPAN} --customer-id contoso --format ics --actor source_partner > theirs.ics",
    )
    _one_customer(plan)
    _policy(plan)
    _folder(plan, "plan", _formats(plan, "text", "markdown", "json", "ics"))
    _cut(plan)
    _pages(plan)


def _routes(commands: Any) -> None:
    routes = _command(
        commands,
        "routes",
        "compare every way that the move can go, best first",
        f"routes contoso.json {_JAPAN}",
        f"routes contoso.json {_JAPAN} --format markdown --lang ja",
    )
    _one_customer(routes)
    _policy_named(routes)
    _formats(routes, "text", "markdown", "json")
    _pages(routes)


def _explain(commands: Any) -> None:
    explain = _command(
        commands,
        "explain",
        "say where the answers about one subscription, or about the move as a whole, come from",
        f"explain contoso.json ac6289f7-e85a-4ee9-908d-be225edf44c0 {_JAPAN}",
        f"explain contoso.json {_JAPAN} --policy in-force",
    )
    _one_customer(explain)
    explain.add_argument(
        "subscription",
        nargs="?",
        metavar="ID",
        help="of a subscription in the payload; left out: the move as a whole",
    )
    _policy(explain)
    _formats(explain, "text", "markdown", "json")
    explain.add_argument(
        "--detail",
        action="store_true",
        help="print the facts that each rule used, too, and the rules that do not apply; JSON always has them",
    )


def _portfolio(commands: Any) -> None:
    portfolio = _command(
        commands,
        "portfolio",
        "plan many customers, and put all their deadlines into one calendar",
        f"portfolio customers {_JAPAN}",
        f"portfolio contoso.json adatum.json {_JAPAN} --format ics > deadlines.ics",
        f"portfolio export.xlsx {_JAPAN} --column customer=Company --out month",
        f"portfolio customers {_JAPAN} --out march --actor customer --from 2026-03-01 --until 2026-03-31",
    )
    portfolio.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a payload, JSON, of one customer, who is called as the file is without .json; a folder of such files; "
        "a table of many customers, CSV or Excel, with a row for each subscription; or JSON of many customers",
    )
    _move(portfolio, country_in_tables=True)
    _columns(portfolio)
    _policy(portfolio)
    _folder(portfolio, "portfolio", _formats(portfolio, "text", "markdown", "json", "ics"))
    _cut(portfolio)
    _pages(portfolio)


def _calendar(commands: Any) -> None:
    calendar = _command(
        commands,
        "calendar",
        "write the deadlines of the plan as a calendar (.ics); needs the extra 'calendar'",
        f"calendar contoso.json {_JAPAN} --customer-id contoso > contoso.ics",
        f"calendar contoso.json {_JAPAN} --customer-id contoso --actor customer --ungrouped > theirs.ics",
    )
    _one_customer(calendar, named=True)
    _policy(calendar)
    _cut(calendar)
    _language(calendar)


def _picture(commands: Any) -> None:
    picture = _command(
        commands,
        "picture",
        "draw the plan along the days, as PNG and SVG; needs the extra 'plots'",
        f"picture contoso.json {_JAPAN} --out plans/contoso",
        f"picture contoso.json {_JAPAN} --out plans/contoso --overwrite --lang ja",
    )
    _one_customer(picture)
    _policy(picture)
    _language(picture)
    picture.add_argument(
        "--out",
        metavar="DIR",
        required=True,
        help="write plan.png and plan.svg into a folder, which is made where it is not there; print their names; where "
        "one of them is there already, nothing is written",
    )
    picture.add_argument("--overwrite", action="store_true", help="replace the files that are there already")


def _frame(commands: Any) -> None:
    frame = _command(
        commands,
        "frame",
        "judge each row of a table, one subscription a row, and add the verdicts as columns; needs the extra 'frames'",
        "frame export.csv > judged.csv",
        "frame export.csv --column assigned='In use' --days day-first --policy guide > judged.csv",
    )
    frame.add_argument(
        "table",
        metavar="TABLE",
        help="CSV in UTF-8, or an Excel workbook (the extra 'excel'), of which the first sheet is read; - for standard "
        "input",
    )
    _as_of(frame, "UTC day to judge for; today if left out")
    _policy_named(frame)
    _columns(frame)
    _delegated_admin(frame)
    frame.add_argument(
        "--into-another-tenant", action="store_true", help="all rows are moved into another tenant"
    )
    frame.add_argument(
        "--prefix", default="csp_", metavar="TEXT", help="what the names of added columns begin with: csp_"
    )
    _language(frame)


def _columns(command: argparse.ArgumentParser) -> None:
    """Add how a table is read."""
    command.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar="FACT=HEADER",
        help="which column of a table a fact is read from, where its header does not say it; repeat it for several",
    )
    command.add_argument(
        "--days",
        choices=("day-first", "month-first"),
        help="the order of day and month in texts such as 03/04/2026; left out: told where one text of the column "
        "decides it",
    )


def _cut(command: argparse.ArgumentParser) -> None:
    """Add which part of the deadlines is asked for."""
    command.add_argument(
        "--actor",
        action="append",
        default=[],
        choices=[str(actor) for actor in Actor],
        help="only what this actor does goes into the calendar and the tables of steps and deadlines; repeat it for "
        "several",
    )
    command.add_argument(
        "--action",
        action="append",
        default=[],
        choices=[str(action) for action in Action],
        metavar="ACTION",
        help="likewise, only this action; repeat it for several: %(choices)s",
    )
    command.add_argument(
        "--from",
        dest="from_day",
        type=_day,
        metavar="DAY",
        help="likewise, only what is due on this UTC day or later",
    )
    command.add_argument(
        "--until",
        dest="until_day",
        type=_day,
        metavar="DAY",
        help="likewise, only what is due on this UTC day or earlier",
    )
    command.add_argument(
        "--ungrouped",
        action="store_true",
        help="in the calendar, an event for each deadline; left out: one for all that is alike on a day",
    )


def _command(commands: Any, name: str, what: str, *examples: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=what,
        epilog=_shown(*examples),
    )
    return made


def _shown(*examples: str) -> str:
    return "examples:" + "".join(f"\n  csp-transfer {example}" for example in examples)


def _one_customer(command: argparse.ArgumentParser, *, named: bool = False) -> None:
    command.add_argument("file", metavar="FILE", help="the payload, JSON; - for standard input")
    _move(command)
    command.add_argument("--customer-id", metavar="ID", required=named, help="what to call the customer")
    command.add_argument(
        "--target-tenant",
        metavar="ID",
        help="the new tenant, where the customer moves into one; with --target-country",
    )
    command.add_argument("--target-country", metavar="CC", help="as set in the new tenant")
    command.add_argument(
        "--tenant-subscriptions",
        type=_count,
        metavar="N",
        help="how many subscriptions the tenant that gets the licences holds today: active, suspended, or in an "
        "extended service term; left out: not known",
    )


def _move(command: argparse.ArgumentParser, *, country_in_tables: bool = False) -> None:
    more = "; left out: a column of the table has it" if country_in_tables else ""
    command.add_argument(
        "--customer-country",
        required=not country_in_tables,
        metavar="CC",
        help=f"as set in the tenant, such as JP{more}",
    )
    command.add_argument(
        "--partner-country", required=True, metavar="CC", help="of the destination's CSP account"
    )
    command.add_argument(
        "--partner-id", default="partner", metavar="ID", help="what to call the destination partner"
    )
    command.add_argument(
        "--source-partner", metavar="ID", help="the partner who sells today; with --source-country"
    )
    command.add_argument("--source-country", metavar="CC", help="of the source partner's CSP account")
    command.add_argument(
        "--facts",
        metavar="TABLE",
        help="facts that payloads lack, CSV, Excel or (named *.json) JSON: one row for a subscription (column id) or "
        "for an offer (column offer), other columns named as facts are: discontinued, equivalents, assigned, "
        "price_amount, new_offer and more",
    )
    _as_of(command, "UTC day to plan from; today if left out")
    command.add_argument(
        "--role",
        choices=[str(role) for role in Role],
        help="Partner Center role of the person who carries the move out",
    )
    _delegated_admin(command)
    command.add_argument(
        "--relationship-accepted",
        action="store_true",
        help="the customer has accepted the reseller relationship",
    )
    command.add_argument(
        "--tolerant", action="store_true", help="plan what can be read; say on standard error what cannot"
    )


def _delegated_admin(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--delegated-admin",
        action=argparse.BooleanOptionalAction,
        help="the partner may act for the customer (DAP, today GDAP with a service-support role), or may not; "
        "left out: not known",
    )


def _as_of(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--as-of", type=_day, metavar="DAY", help=what)


def _policy_named(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--policy",
        choices=tuple(POLICIES),
        default="in-force",
        help="guide: what Microsoft's guide says; left out: what is in force on each day",
    )


def _policy(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--policy",
        choices=tuple(POLICIES),
        help="guide: what Microsoft's guide says; in-force: what is in force on each day; left out: guide, and a "
        "line on standard error says how many dates are different under in-force",
    )


def _formats(command: argparse.ArgumentParser, *formats: str) -> Any:
    """Add in which form the answer is printed; return the group in which one excludes the other."""
    group = command.add_mutually_exclusive_group()
    group.add_argument(
        "--format",
        choices=formats,
        default="text",
        help="ics: the deadlines as a calendar; needs the extra 'calendar'" if "ics" in formats else None,
    )
    _language(command)
    return group


def _pages(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--detail", action="store_true", help="print the appendix, too: every step, reasons, sources"
    )
    command.add_argument(
        "--tz",
        metavar="ZONE",
        type=_zone,
        help="beside each last day, its last moment in a time zone, such as Asia/Tokyo; not in JSON or a calendar",
    )


def _language(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=argparse.SUPPRESS,  # what stands before the command is not undone
        help="of all but JSON; of help and errors, too",
    )


def _folder(command: argparse.ArgumentParser, name: str, group: Any) -> None:
    group.add_argument(
        "--out",
        metavar="DIR",
        help=f"write {name}.md, {name}-appendix.md, {name}.json, steps.csv and subscriptions.csv into a folder, which "
        f"is made where it is not there; with the extra 'excel' {name}.xlsx, with 'calendar' {name}.ics, with 'plots' "
        f"{name}.png and {name}.svg; print their names instead of the answer; where one of them is there already, "
        "nothing is written",
    )
    command.add_argument(
        "--overwrite", action="store_true", help="with --out: replace the files that are there already"
    )


def _zone(text: str) -> tzinfo | None:
    try:
        return zone_of(text)
    except InvalidValue:
        raise argparse.ArgumentTypeError(
            f"{text!r}; expected the name of a time zone, such as 'Asia/Tokyo'"
        ) from None


def _column(text: str) -> tuple[str, str]:
    fact, is_given, header = text.partition("=")
    if not is_given:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a fact and a header, such as assigned='In use'")
    return fact, header


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r}; expected a whole number, 0 or more")
    return int(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or str(day) != text:  # ISO 8601 has other spellings, too
        raise argparse.ArgumentTypeError(f"{text!r}; expected a day such as 2026-02-15")
    return day
