"""What the command keeps for spreadsheets: every subscription, step and deadline, one a row; CSV or a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from io import BytesIO
from typing import Any, Final, NamedTuple

from ..assessment import Assessment
from ..catalogue import label, ui
from ..days import last_moment, zone_of
from ..extras import Needs
from ..model import Way
from ..outline import width
from ..parts import RoutePart
from ..phrases import names_of, what, who
from ..plan import Plan
from ..portfolio import Portfolio
from ..steps import Action, Deadline, Selection, Step
from ..texts import flat
from .tables import csv_text, no_formula

__all__ = ["Cell", "Sheet", "as_csv", "sheets", "workbook"]

Cell = str | int | date | None
_STEPS: Final = (
    "customer",
    "step",
    "subscription",
    "subscription_id",
    "who",
    "earliest",
    "recommended",
    "latest",
    "latest!",
    "days_left",
    "rule",
    "cautions",
)
_DEADLINES: Final = (
    "latest",
    "latest!",
    "days_left",
    "customer",
    "step",
    "subscription",
    "subscription_id",
    "who",
    "recommended",
    "rule",
    "cautions",
)
_SUBSCRIPTIONS: Final = (
    "customer",
    "subscription",
    "subscription_id",
    "offer_id",
    "licences",
    "state",
    "last_day",
    "last_day!",
    "renew_off_by",
    "renew_off_by!",
    "grace_first_day",
    "grace_last_day",
    "grace_last_day!",
    "way",
    "provision_on",
    "provision_by",
    "provision_by!",
    "transfer_by",
    "new_offer_id",
    "new_licences",
    "paid_twice",
    "disruption",
    "data_loss",
    "cautions",
)
"""The names of their headers; with `!`, the day of the column before by the other reading."""
_LAST_DAYS: Final = ("latest", "renew_off_by", "provision_by", "transfer_by")


class Sheet(NamedTuple):
    """A table: its name, its headers in a language, and its rows, a fact a cell; None where nothing is known."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets(
    result: Plan | Portfolio, lang: str, select: Selection, tz: str | None = None
) -> tuple[Sheet, Sheet, Sheet]:
    """Return the subscriptions, the steps and the deadlines of a plan or a portfolio, as tables.

    Headers and words are in a language. Of two readings of a day, the safe one stands first, and the other in the next
    column. With a time zone, the last moment of each last day stands beside it. Steps and deadlines are those that are
    selected; subscriptions are all there.
    """
    plans = (result,) if isinstance(result, Plan) else result.plans
    zone = zone_of(tz)
    due = sorted(
        ((plan, one) for plan in plans for one in plan.deadlines if select.has(one)),
        key=lambda dated: dated[1].day,  # a stable sort, as in `Portfolio.deadlines`
    )
    steps = ((plan, one) for plan in plans for one in plan.steps if select.has(one))
    return (
        _sheet(
            "subscriptions", _SUBSCRIPTIONS, (r for p in plans for r in _subscriptions(p, lang)), lang, zone
        ),
        _sheet("steps", _STEPS, _to_do(steps, lang), lang, zone),
        _sheet("deadlines", _DEADLINES, _to_do(due, lang), lang, zone),
    )


def as_csv(sheet: Sheet) -> bytes:
    """Return a table as CSV, in UTF-8 with a mark, by which Excel knows it.

    A day is written as 2026-02-15, and what is not known as an empty cell. No cell is taken for a formula.
    """
    text = csv_text(sheet.header, (map(_text, row) for row in sheet.rows), end="\r\n")
    return f"{text}\r\n".encode("utf-8-sig")


def _sheet(
    name: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, Cell]], lang: str, zone: tzinfo | None
) -> Sheet:
    shown = [(header, key, read) for key in columns for header, read in _shown(key, lang, zone)]
    return Sheet(
        name,
        tuple(header for header, _, _ in shown),
        tuple(tuple(read(row.get(key)) for _, key, read in shown) for row in rows),
    )


def _shown(key: str, lang: str, zone: tzinfo | None) -> Iterator[tuple[str, Callable[[Cell], Cell]]]:
    """Yield the headers of a column and what stands below: a last day has its last moment in a zone beside it."""
    said, is_doubted, _ = key.partition("!")
    header = ui(said, lang)
    yield (ui("perhaps", lang, column=header) if is_doubted else header), lambda cell: cell
    if zone is not None and key in _LAST_DAYS:
        yield (
            ui("last_moment_in", lang, column=header, zone=zone),
            lambda cell: last_moment(cell, zone) if isinstance(cell, date) else None,
        )


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return no_formula(flat(cell))
    return "" if cell is None else str(cell)


def _to_do(found: Iterable[tuple[Plan, Step | Deadline]], lang: str) -> Iterator[Mapping[str, Cell]]:
    known: dict[str, Mapping[str, str]] = {}
    between = ui("separator", lang)
    for plan, one in found:
        customer = plan.transfer.customer.id
        names = known.get(customer) or known.setdefault(customer, names_of(plan.transfer, lang))
        whole = {customer, plan.transfer.receiving_tenant.id}
        of = one.subjects or (one.subject,)
        first_day = one.first_day if isinstance(one, Step) else None
        latest = one.last_day if isinstance(one, Step) else one.day
        yield {
            "customer": customer,
            "step": what(one, lang),
            "subscription": between.join(names[key] for key in of),
            "subscription_id": between.join(key for key in of if key not in whole),
            "who": who(one, lang),
            "earliest": first_day,
            "recommended": one.recommended or first_day,
            "latest": latest,
            "latest!": one.doubted_day,
            "days_left": None if latest is None else (latest - plan.as_of).days + 1,
            "rule": one.rule,
            "cautions": ", ".join(one.cautions),
        }


def _subscriptions(plan: Plan, lang: str) -> Iterator[Mapping[str, Cell]]:
    names = names_of(plan.transfer, lang)
    parts = {part.subscription: part for part in plan.parts}
    submitted = {
        key: step.last_day
        for step in plan.steps
        if step.action is Action.SUBMIT_TRANSFER
        for key in step.subjects or (step.subject,)
    }
    for a in plan.assessments:
        s = a.subscription
        yield {
            "customer": plan.transfer.customer.id,
            "subscription": names[s.id],
            "subscription_id": s.id,
            "offer_id": s.offer.id,
            "licences": s.quantity,
            "state": label(a.state, lang) if a.state else None,
            **_end_of(a),
            "renew_off_by": a.auto_renew_off_by,
            "renew_off_by!": a.auto_renew_doubted_day,
            **_grace_of(a),
            # What a blocked plan would do is neither safe nor unsafe.
            **(_move_of(a, parts.get(s.id), lang) if plan.feasible else {}),
            "transfer_by": submitted.get(s.id),
            "cautions": ", ".join(a.doubts),
        }


def _end_of(a: Assessment) -> dict[str, Cell]:
    return {} if a.last_days is None else dict(zip(("last_day", "last_day!"), a.last_days, strict=True))


def _grace_of(a: Assessment) -> dict[str, Cell]:
    if a.safe_window is None:
        return {}
    days, later = a.safe_window
    sure = {} if days is None else {"grace_first_day": days.first_day, "grace_last_day": days.last_day}
    return {**sure, "grace_last_day!": later}


def _move_of(a: Assessment, part: RoutePart | None, lang: str) -> dict[str, Cell]:
    said: dict[str, Cell] = {
        "paid_twice": a.paid_twice_days if a.moved and a.undated_by is None else None,
        "disruption": None if a.disruption is None else label(a.disruption, lang),
        "data_loss": None if a.data_loss is None else label(a.data_loss, lang),
    }
    if not a.moved:
        return {**said, "way": ui("not_moved", lang)}
    new, days = a.replacement, a.provisioning
    way = part.way if part else a.way or a.own_way
    said |= {
        "way": label(way, lang) if way else None,
        "provision_on": a.provision_on,
        "new_offer_id": new.offer.id if new else None,
        "new_licences": new.quantity if new else None,
    }
    if days is not None:
        said |= {"provision_by": days.latest, "provision_by!": days.doubted_day}
    if part is not None and part.way is Way.PARTNER_CENTER_TRANSFER:
        # The assessment is what is left without it.
        transferred = {
            "paid_twice": str(part.paid_twice_days),
            "disruption": label(part.disruption, lang),
            "data_loss": label(part.data_loss, lang),
        }
        for key, first in transferred.items():
            otherwise = ui("not_known", lang) if said[key] is None else str(said[key])
            if first != otherwise:
                said[key] = ui("otherwise", lang, first=first, otherwise=otherwise)
    return said


_LONGEST: Final = 32_767
"""Characters that Excel takes in a cell."""
_WIDEST: Final = 60
_NARROWEST: Final = 8
_A_DAY: Final = 11
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What each workbook says it was made on, so that the same tables give the same bytes."""


def workbook(tables: Iterable[Sheet], lang: str) -> bytes:
    """Return tables as the sheets of a workbook (.xlsx), each with a header that stays in sight and can be filtered.

    No cell is a formula or a link. A text that is longer than Excel takes ends with an ellipsis.
    Raises `MissingExtra` without the extra `excel`.
    """
    with Needs("an Excel workbook", extra="excel"):
        from xlsxwriter import Workbook
    written = BytesIO()
    book = Workbook(written, {"in_memory": True})
    book.set_properties({"created": _MADE.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
    other = book.add_format({"text_wrap": True, "valign": "top"})
    for table in tables:
        sheet = book.add_worksheet(ui(f"sheet_{table.name}", lang))
        for column, header in enumerate(table.header):
            sheet.write_string(0, column, header, bold)
            cells = [row[column] for row in table.rows]
            sheet.set_column(column, column, _width(header, cells))
            for n, cell in enumerate(cells, start=1):
                _write(sheet, n, column, cell, day if isinstance(cell, date) else other)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(table.rows), len(table.header) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)  # in print, all columns on a page
    book.close()
    return written.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, form: Any) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(row, column, cell, form)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, form)
    elif cell:
        text = flat(cell)
        sheet.write_string(row, column, text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", form)


def _width(header: str, cells: Iterable[Cell]) -> int:
    """Return how wide a column is, in digits; a long header is broken into lines."""
    widths = (_A_DAY if isinstance(cell, date) else width(str(cell)) for cell in cells if cell is not None)
    return min(max(_NARROWEST, min(width(header), 2 * _A_DAY), *widths) + 2, _WIDEST)
