"""Tables at the command: the rows of a CSV file, of the first sheet of an Excel workbook, or of a JSON file.

Which of their columns are which facts is recognised by `csp_transfer.frames`.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import zipfile
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib.util import find_spec
from itertools import zip_longest
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from xml.etree import ElementTree

from ..errors import InvalidData, InvalidType, InvalidValue, Problem
from ..extras import Needs
from ..facts import Kind
from ..payload import parsed
from ..plain import problems_in
from .options import BadInput, complain

if TYPE_CHECKING:
    from ..frames.mapping import ColumnMapping

__all__ = [
    "Cells",
    "Recognised",
    "Row",
    "Rows",
    "cells_of_file",
    "csv_text",
    "is_excel",
    "is_table",
    "no_formula",
    "recognised",
    "rows_of_file",
    "sheets_not_read",
    "without_value",
]

# The namespaces differ between a workbook of the usual kind and a strict one; the names in them do not.
_ANY: Final = "{*}"


def without_value(content: bytes) -> Iterator[str]:
    """Yield what is wrong with each cell of the first sheet that has no value of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as book, book.open(_first_sheet(book)) as sheet:
        # It is the caller's own file, which another reader has opened before.
        for _, cell in ElementTree.iterparse(sheet):  # noqa: S314
            if not cell.tag.endswith("}c"):
                continue
            value, kind = cell.findtext(f"{_ANY}v"), cell.get("t")
            if kind == "e":
                yield f"cell {cell.get('r')}: {value or ''!r}; expected a value, or an empty cell"
            # A formula that gives an empty text has one, which is a text ("str").
            elif cell.find(f"{_ANY}f") is not None and not value and (value is None or kind != "str"):
                yield (
                    f"cell {cell.get('r')}: a formula without a value; expected a workbook that was calculated "
                    "and saved"
                )
            cell.clear()


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Return where the first sheet stands in a workbook."""
    names = ElementTree.fromstring(book.read("xl/workbook.xml"))  # noqa: S314
    [first, *_] = names.iterfind(f"{_ANY}sheets/{_ANY}sheet")
    [wanted] = [value for name, value in first.items() if name.endswith("}id")]
    relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    [target] = [one.get("Target", "") for one in relations if one.get("Id") == wanted]
    return target.removeprefix("/") if target.startswith("/") else normpath(join("xl", target))


_SEPARATORS: Final = ",;\t|"
_SAID_SEPARATOR: Final = re.compile(rf"sep=([{_SEPARATORS}])\r?\n", re.IGNORECASE)
_SHOWN: Final = 80
_OLD: Final = (".xls", ".XLS")
_FORMULAS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_YEAR_LAST: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](\d{2}|\d{4})")
_WANTED_LIST: Final = "a list of objects, one for each row"


class Row(NamedTuple):
    """A row: what errors call it, and its cells by column; an empty cell is not there."""

    item: str
    cells: Mapping[str, Any]


class Rows(NamedTuple):
    """What a file holds: its columns, in their order, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def rows_of_file(file: str, content: bytes) -> Rows:
    """Return the rows of a file: JSON or Excel where its name ends so, else CSV. Raises `BadInput`."""
    is_json = file.endswith((".json", ".JSON"))
    found = _from_json(file, content) if is_json else _from_cells(file, content)
    if not found.rows:
        raise BadInput(f"{file!r}: no rows; expected at least one")
    return found


def _from_json(file: str, content: bytes) -> Rows:
    try:
        data = parsed(content)
    except Problem as problem:
        raise BadInput(str(Problem(repr(file), problem.field, problem.value, problem.accepted))) from None
    if not isinstance(data, list):
        raise BadInput(str(Problem(repr(file), "rows", data, _WANTED_LIST)))
    others = [(f"items[{n}]", one) for n, one in enumerate(data) if not isinstance(one, dict)]
    if others:
        raise BadInput(*(str(Problem(repr(file), item, one, _WANTED_LIST)) for item, one in others))
    rows = tuple(
        Row(f"items[{n}]", {name: cell for name, cell in one.items() if cell is not None})
        for n, one in enumerate(data)
    )
    return Rows(tuple(dict.fromkeys(name for one in data for name in one)), rows)


def _from_cells(file: str, content: bytes) -> Rows:
    table = cells_of_file(file, content)
    wrong = [
        f"{file!r}: row {n}: {cell!r} stands below no header; expected one above each cell"
        for n, cells in table.rows.items()
        for name, cell in zip(table.header, cells, strict=True)
        if cell and not name
    ]
    if wrong:
        raise BadInput(*wrong)
    rows = (
        Row(f"row {n}", {name: cell for name, cell in zip(table.header, cells, strict=True) if cell})
        for n, cells in table.rows.items()
    )
    return Rows(tuple(name for name in table.header if name), tuple(rows))


class Cells(NamedTuple):
    """A table of texts: what separates cells where it is CSV, its header, and the rows that are not empty.

    Each row is as long as the header. Rows are counted as a spreadsheet counts them: the header is row 1.
    """

    separator: str
    header: list[str]
    rows: dict[int, list[str]]


def is_excel(file: str) -> bool:
    """Return whether a file is read as a workbook, by its name."""
    return file.endswith((".xlsx", ".XLSX", ".xlsm", ".XLSM", *_OLD))


def is_table(file: str) -> bool:
    """Return whether a file is read as a table of many customers, by its name."""
    return file.endswith((".csv", ".CSV")) or is_excel(file)


def cells_of_file(file: str, content: bytes) -> Cells:
    """Return the cells of an Excel workbook's first sheet, or of a CSV file, without the blanks around them.

    CSV is in UTF-8, or in UTF-16 that begins with its mark. What separates its cells is what separates the headers, or
    what a line such as `sep=;` before them says: commas, semicolons, tabs or bars. Raises `BadInput`, and
    `MissingExtra` for a workbook without the extra `excel`.
    """
    separator, lines = (",", _of_a_sheet(file, content)) if is_excel(file) else _of_csv(file, content)
    header, *others = lines or [[]]
    named = [name for name in header if name]
    if len(named) < 2 and others:  # a title, or separated by something else
        raise BadInput(
            f"{file!r}: row 1: {''.join(named)[:_SHOWN]!r}; expected headers, one above each column"
        )
    return _checked(
        file, Cells(separator, header, {n: line for n, line in enumerate(others, 2) if any(line)})
    )


def _of_csv(file: str, content: bytes) -> tuple[str, list[list[str]]]:
    text = _text_of(file, content)
    said = _SAID_SEPARATOR.match(text)  # a line for Excel, which Excel does not count
    if said is not None:
        text = text[said.end() :]
    separator = max(_SEPARATORS, key=lambda one: len(_headers(text, one))) if said is None else said[1]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [[cell.strip() for cell in line] for line in reader]
    except csv.Error as error:
        raise BadInput(f"{file!r}: line {reader.line_num}: {error}; expected CSV") from None
    short = [
        f"{file!r}: row {n}: {len(line)} of {len(lines[0])} cells; expected one below each header"
        for n, line in enumerate(lines, 1)
        if len(line) < len(lines[0]) and any(line)
    ]
    if short:  # a cell that was lost may be any of them
        raise BadInput(*short)
    return separator, lines


def _headers(text: str, separator: str) -> list[str]:
    """Return the headers, if that is what separates them."""
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])


def _text_of(file: str, content: bytes) -> str:
    """Return CSV as text, from UTF-8, or from UTF-16 that says so itself. Raises `BadInput` for other encodings.

    They are not guessed: many bytes are letters in several of them.
    """
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line, reason = content.count(b"\n", 0, error.start) + 1, error.reason
    else:
        before, nul, _ = text.partition("\0")
        if not nul:
            return text
        line, reason = before.count("\n") + 1, "a character NUL"
    raise BadInput(f"{file!r}: line {line}: {reason}; expected CSV in UTF-8 (in Excel: CSV UTF-8)")


def _of_a_sheet(file: str, content: bytes) -> list[list[str]]:
    with Needs("reading an Excel workbook", extra="excel"):
        from python_calamine import CalamineError, CalamineWorkbook
    if file.endswith(_OLD):  # of which no reader tells an error from an empty cell
        raise BadInput(f"{file!r}: an old workbook; expected it saved as *.xlsx")
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        lines = sheet.to_python(skip_empty_area=False)
    except CalamineError as error:
        raise BadInput(f"{file!r}: {error}; expected an Excel workbook") from None
    wrong = [f"{file!r}: {line}" for line in (*without_value(content), *_two_kinds_of_days(lines))]
    if wrong:
        raise BadInput(*wrong)
    return [[_as_text(cell) for cell in line] for line in lines]


def sheets_not_read(file: str, content: bytes) -> Iterator[str]:
    """Yield a line where a workbook that can be read has other sheets with something in them, which are not read."""
    if not is_excel(file):
        return
    from python_calamine import CalamineWorkbook  # which has read the first one

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    first, *others = book.sheet_names
    filled = [name for name in others if any(map(any, book.get_sheet_by_name(name).to_python()))]
    if filled:
        names = ", ".join(map(repr, filled))
        yield f"{file!r}: sheets not read: {names}; only the first one is, {first!r}"


def _two_kinds_of_days(lines: list[list[Any]]) -> Iterator[str]:
    """Yield what is wrong with a column that has days, and texts of days whose year comes last.

    A day-first CSV file that was opened where months come first is so: 12/04/2026 became 4 December, and 13/04/2026
    stayed a text.
    """
    for column in zip_longest(*lines):
        days = (cell for cell in column if isinstance(cell, date))
        texts = (cell for cell in column if isinstance(cell, str) and _YEAR_LAST.fullmatch(cell.strip()))
        day, text = next(days, None), next(texts, None)
        if day is not None and text is not None:
            yield (
                f"column {column[0]!r}: {text!r} is a text, and {_as_text(day)} is a day; expected days, or texts "
                "only: day and month may have been exchanged"
            )


def _as_text(cell: object) -> str:
    """Return a cell as its text in CSV: a day as 2026-03-31, an instant with its time, a count without a point."""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _checked(file: str, table: Cells) -> Cells:
    """Return a table whose rows are as long as its header; refuse a header twice, and a cell below none."""
    header, rows = table.header, table.rows
    twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    wrong = [f"{file!r}: column {name!r}: there twice; expected each column once" for name in twice]
    for n, line in rows.items():
        beyond = [cell for cell in line[len(header) :] if cell]
        if beyond:
            wrong.append(
                f"{file!r}: row {n}: {beyond[0]!r} stands below no header; expected one above each cell"
            )
        rows[n] = [*line, *[""] * len(header)][: len(header)]
    if wrong:
        raise BadInput(*wrong)
    return table


def csv_text(
    header: Iterable[str], rows: Iterable[Iterable[str]], separator: str = ",", end: str = "\n"
) -> str:
    """Return rows of texts as CSV, each with its end but the last."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, lineterminator=end).writerows([header, *rows])
    return written.getvalue().removesuffix(end)


def no_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that may be one begins with an apostrophe.

    >>> no_formula("=1+1"), no_formula("Mail")
    ("'=1+1", 'Mail')
    """
    return f"'{text}" if text.lstrip().startswith(_FORMULAS) or text.startswith(("\t", "\r", "\n")) else text


_HINT: Final = (
    "--column FACT=HEADER says which column a fact is read from, such as --column last_day=HEADER; "
    "--days says in which order days are written"
)
_NO_START: Final = (
    "an export without the first day of each term: "
    "add it as a column first_day (Partner Center's effectiveStartDate)"
)


class Recognised(NamedTuple):
    """A frame of texts, what made it, and how it is read."""

    frame: Any
    engine: str
    mapping: ColumnMapping


def recognised(file: str, table: Cells, options: argparse.Namespace) -> Recognised:
    """Return a table as a frame; what was recognised in it goes to standard error. Raises `BadInput`.

    Raises `MissingExtra` without the extra `frames`, or where there is nothing to make a frame with.
    """
    from ..frames.reading import frame_of
    from ..frames.recognising import recognise

    if not table.rows:
        raise BadInput(f"{file!r}: no rows; expected at least one")
    cells = {
        name: [row[n] or None for row in table.rows.values()] for n, name in enumerate(table.header) if name
    }
    engine = "pyarrow" if find_spec("polars") is None else "polars"
    frame = frame_of(cells, dict.fromkeys(cells, Kind.NAME), engine)
    try:
        mapping = recognise(frame, columns=_given(options.column), days=_order(options.days))
    except (InvalidData, InvalidType, InvalidValue) as error:
        said = [one["message"] for one in error.to_list(options.lang)]
        lacks_start = any(one.accepted.startswith("a column 'first_day'") for one in problems_in(error))
        hints = [_NO_START, _HINT] if lacks_start else [_HINT]
        raise BadInput(*(f"{file!r}: {line}" for line in said), *hints) from None
    complain(mapping.to_text(options.lang).splitlines(), options.lang)
    return Recognised(frame, engine, mapping)


def _given(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    given = dict(pairs)
    if len(given) < len(pairs):
        facts = [fact for fact, _ in pairs]
        twice = next(fact for fact in facts if facts.count(fact) > 1)
        raise BadInput(f"--column: {twice!r} twice; expected one column for each fact")
    return given


def _order(days: str | None) -> Any:
    from ..frames.cells import DayOrder

    return {None: None, "day-first": DayOrder.DAY_FIRST, "month-first": DayOrder.MONTH_FIRST}[days]
