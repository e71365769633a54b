"""What each subcommand answers: the text for standard output, and whether the move is blocked."""

from __future__ import annotations

import argparse
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from os.path import isfile
from typing import Any, Final, NamedTuple

from ..assessment import Assessment, assess_each
from ..catalogue import label, ui
from ..errors import CspTransferError, InvalidValue, MissingExtra, reasons_of
from ..explanation import explain
from ..extras import Progress
from ..phrases import counted
from ..plan import Plan
from ..planner import plan_transfer
from ..policy import GUIDE, IN_FORCE, Policy
from ..portfolio import Portfolio, plan_portfolio
from ..routes import DayPair, day_pairs
from ..rules.refunds import Actor
from ..steps import ALL, Action, Selection
from ..texts import id_key, same_id
from ..transfer import Transfer
from .options import POLICIES, BadInput, complain, line_in
from .reading import content_of, sample, transfer_of, transfers_of
from .tables import Cells, cells_of_file, csv_text, no_formula, recognised, sheets_not_read
from .writing import Comparison, calendar, kept, pictures, shown, written

__all__ = ["BAD_INPUT", "BLOCKED", "COMMANDS", "FEASIBLE", "Answer", "Framed", "framed"]

# A column of a frame has True and False, a cell of a file their words.
_AS_TEXTS: Final = {"True or False": "true or false, yes or no, on or off"}


class Framed(NamedTuple):
    """The table with verdicts, as CSV, and a line for each thing that is wrong with a row, which is not judged then."""

    text: str
    unjudged: tuple[str, ...]


def framed(content: bytes, options: argparse.Namespace, as_of: date, policy: Policy) -> Framed:
    """Return a table with verdicts; what was recognised in it goes to standard error. Raises `BadInput`.

    Raises `MissingExtra` without the extra `frames`, or where there is nothing to make a frame with.
    """
    from ..frames.assessing import assess
    from ..frames.columns import OUTPUTS

    table = cells_of_file(options.table, content)
    complain(sheets_not_read(options.table, content), options.lang)
    frame, engine, mapping = recognised(options.table, table, options)
    judged = assess(
        frame,
        as_of=as_of,
        policy=policy,
        delegated_admin=options.delegated_admin,
        into_another_tenant=options.into_another_tenant,
        columns=mapping,
        prefix=options.prefix,
    )
    added = [options.prefix + output.name for output in OUTPUTS]
    verdicts = [judged[name].to_list() if engine == "polars" else judged[name].to_pylist() for name in added]
    rows = [
        [*row, *map(_written, row_verdicts)]
        for row, row_verdicts in zip(table.rows.values(), zip(*verdicts, strict=True), strict=True)
    ]
    unjudged = tuple(
        f"{options.table!r}: row {n}: {problem}"
        for n, reason in zip(table.rows, verdicts[0], strict=True)
        if reason is not None
        for problem in _problems(reason, dict(zip(table.header, table.rows[n], strict=True)))
    )
    complain(_told_again(options.table, table, mapping.sources["id"]), options.lang)
    mark = "\ufeff" if content.startswith(BOM_UTF8) else ""  # by which some programs know UTF-8
    return Framed(mark + csv_text([*table.header, *added], rows, table.separator), unjudged)


def _problems(reason: str, cells: Mapping[str, str]) -> Iterator[str]:
    """Yield each problem of a row, with the text of its cell, where it is about one and not about an option."""
    for name, accepted in reasons_of(reason):
        if name in cells:
            yield f"{name}: {cells[name]!r}; expected {_AS_TEXTS.get(accepted, accepted)}"
        else:
            yield f"{name}: expected {accepted}"


def _told_again(file: str, table: Cells, header: str) -> Iterator[str]:
    """Yield the rows whose id an earlier row has, too."""
    first: dict[str, int] = {}
    at = table.header.index(header)
    for n, cells in table.rows.items():
        earlier = first.setdefault(id_key(cells[at]), n)
        if cells[at] and earlier != n:
            yield f"{file!r}: row {n}: id {cells[at]!r} is that of row {earlier}, too: each is judged by itself"


def _written(verdict: Any) -> str:
    """Return a verdict as a cell has it; nothing where there is none."""
    if verdict is None:
        return ""
    if isinstance(verdict, bool):
        return "true" if verdict else "false"
    return no_formula(str(verdict))


FEASIBLE, BLOCKED, BAD_INPUT = 0, 1, 2


class Answer(NamedTuple):
    """What is printed, and the exit status."""

    text: str
    status: int


def _demo(options: argparse.Namespace) -> Answer:
    as_of = _as_of(options)
    plan = plan_transfer(sample(as_of), as_of=as_of, policy=POLICIES[options.policy])
    if options.format == "ics":
        return Answer(calendar(plan, options.lang, ALL, grouped=True), FEASIBLE)
    return Answer(_shown(plan, options), FEASIBLE)


def _plan(options: argparse.Namespace) -> Answer:
    if options.customer_id is None and (options.format == "ics" or options.out is not None):
        raise BadInput("--customer-id: left out; expected the customer's id, which events are known by")
    _check_together(options)
    plan = _planned(options)
    return _answered(_printed_or_kept(plan, options), [plan], options)


def _check_together(options: argparse.Namespace) -> None:
    """Refuse options that would do nothing."""
    if options.overwrite and options.out is None:
        raise BadInput("--overwrite: nothing to replace; expected --out beside it")
    cut = options.ungrouped or not _selected(options).takes_all
    if cut and options.out is None and options.format != "ics":
        raise BadInput(
            "--actor, --action, --from, --until, --ungrouped: only for calendars and tables; expected --out or "
            "--format ics beside it"
        )


def _selected(options: argparse.Namespace) -> Selection:
    try:
        return Selection(
            actors=[Actor(word) for word in options.actor],
            actions=[Action(word) for word in options.action],
            first_day=options.from_day,
            last_day=options.until_day,
        )
    except InvalidValue:
        raise BadInput(
            f"--until: {options.until_day}; expected a day not before --from, {options.from_day}"
        ) from None


def _printed_or_kept(result: Plan | Portfolio, options: argparse.Namespace) -> str:
    select, grouped = _selected(options), not options.ungrouped
    if options.out is not None:
        return kept(
            result,
            options.out,
            options.lang,
            tz=options.tz,
            select=select,
            grouped=grouped,
            overwrite=options.overwrite,
        )
    if options.format == "ics":
        return calendar(result, options.lang, select, grouped=grouped)
    return _shown(result, options)


def _shown(page: Plan | Portfolio | Comparison, options: argparse.Namespace) -> str:
    return shown(page, options.format, options.lang, detail=options.detail, tz=options.tz)


def _calendar(options: argparse.Namespace) -> Answer:
    plan = _planned(options)
    text = calendar(plan, options.lang, _selected(options), grouped=not options.ungrouped)
    return _answered(text, [plan], options)


def _routes(options: argparse.Namespace) -> Answer:
    plan = _planned(options)
    return _answered(_shown(Comparison(plan), options), [plan], options)


def _explain(options: argparse.Namespace) -> Answer:
    if options.subscription is not None and _is_file(options.subscription) and not _is_file(options.file):
        options.subscription, options.file = options.file, options.subscription  # in either order
    plan = _planned(options)
    result = plan if options.subscription is None else _assessment(plan, options.subscription, options.lang)
    text = shown(explain(result), options.format, options.lang, detail=options.detail)
    return _answered(text, [plan], options)


def _is_file(name: str) -> bool:
    return name == "-" or isfile(name)  # noqa: PTH113 - of Path, a text that is too long is an error


def _assessment(plan: Plan, subscription: str, lang: str) -> Assessment:
    """Return the assessment of one subscription as it goes by itself; say so where the plan has it go another way."""
    ids = [a.subscription.id for a in plan.assessments]
    if not any(same_id(one, subscription) for one in ids):
        raise BadInput(f"ID: {subscription!r}; expected the id of a subscription in the payload")
    a = plan.assessment_of(subscription)
    if a.way is not None:  # it goes along a way that was chosen among several
        each = assess_each(plan.transfer, plan.as_of, plan.policy)
        a = next(one for one in each if same_id(one.subscription.id, subscription))
    chosen = {part.subscription: part.way for part in plan.parts}.get(a.subscription.id, a.own_way)
    if chosen is not None and chosen is not a.own_way:
        complain([ui("explained_by_itself", lang, way=label(chosen, lang))], lang)
    return a


def _portfolio(options: argparse.Namespace) -> Answer:
    _check_together(options)
    moves = transfers_of(options)
    if not moves.transfers:
        raise BadInput(*moves.left_out)
    complain((*moves.left_out, *moves.in_part), options.lang)
    policy = POLICIES.get(options.policy, GUIDE)
    planned = _planned_with_a_bar(moves.transfers, _as_of(options), policy)
    complain(planned.unplanned, options.lang)
    unplanned = (line_in(options.lang, line) for line in (*moves.left_out, *planned.unplanned))
    portfolio = planned.evolve(unplanned=tuple(unplanned))
    answer = _answered(_printed_or_kept(portfolio, options), portfolio.plans, options)
    return answer._replace(status=BAD_INPUT) if portfolio.unplanned else answer


def _planned_with_a_bar(transfers: Sequence[Transfer], as_of: date, policy: Policy) -> Portfolio:
    """Return the portfolio; a bar shows how far it has come, where somebody watches and its extra is there."""

    def planned(progress: Progress) -> Portfolio:
        return plan_portfolio(transfers, as_of=as_of, policy=policy, progress=progress, tolerant=True)

    if sys.stderr is None or not sys.stderr.isatty():
        return planned(None)
    try:
        return planned(True)
    except MissingExtra:  # which is found out before anything is planned
        return planned(None)


def _picture(options: argparse.Namespace) -> Answer:
    plan = _planned(options)
    found = {f"plan.{form}": image for form, image in pictures(plan, options.lang).items()}
    text = written(found, options.out, options.lang, overwrite=options.overwrite)
    return _answered(text, [plan], options)


def _frame(options: argparse.Namespace) -> Answer:
    found = framed(content_of(options.table), options, _as_of(options), POLICIES[options.policy])
    complain(found.unjudged, options.lang)
    return Answer(found.text, BAD_INPUT if found.unjudged else FEASIBLE)


def _planned(options: argparse.Namespace) -> Plan:
    transfer = transfer_of(options)
    return plan_transfer(transfer, as_of=_as_of(options), policy=POLICIES.get(options.policy, GUIDE))


def _as_of(options: argparse.Namespace) -> date:
    return options.as_of or datetime.now(UTC).date()


def _answered(text: str, plans: Sequence[Plan], options: argparse.Namespace) -> Answer:
    """Return the answer; where no policy was named, say how many dates and steps are others under what is in force."""
    if options.policy is None:
        _say_what_differs(plans, options.lang)
    return Answer(text, FEASIBLE if all(plan.feasible for plan in plans) else BLOCKED)


def _say_what_differs(plans: Iterable[Plan], lang: str) -> None:
    pairs, steps = list[DayPair](), 0
    for plan in plans:
        if not plan.feasible:  # it has no dates
            continue
        try:
            in_force = plan_transfer(plan.transfer, as_of=plan.as_of, policy=IN_FORCE)
        except CspTransferError as error:  # such as a day before the first record
            complain([f"--policy in-force: customer {plan.transfer.customer.id!r}: {error}"], lang)
        else:
            pairs += day_pairs(plan, in_force)
            steps += len(_done(plan) ^ _done(in_force))
    if pairs or steps:
        count = sum(pair.differs for pair in pairs)
        beside = counted("and_steps", steps, lang) if steps else ""
        complain([ui("differs_today", lang, count=count, total=len(pairs), steps=beside)], lang)


def _done(plan: Plan) -> set[tuple[Action, str]]:
    """Return what is to be done for what, whatever the days."""
    return {(step.action, key) for step in plan.steps for key in step.subjects or (step.subject,)}


COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], Answer]]] = {
    "demo": _demo,
    "plan": _plan,
    "routes": _routes,
    "explain": _explain,
    "portfolio": _portfolio,
    "calendar": _calendar,
    "picture": _picture,
    "frame": _frame,
}
