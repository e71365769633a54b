"""Tables beside payloads: the rows of a CSV file, or of a JSON file with a list of objects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from ..errors import Problem
from ..payload import parsed
from .complaints import BadInput

__all__ = ["Csv", "Row", "Rows", "csv_of_file", "csv_text", "no_formula", "rows_of_file"]

_SEPARATORS: Final = ",;\t"
_FORMULAS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
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
    """Return the rows of a file: JSON where its name ends so, else CSV in UTF-8. Raises `BadInput`."""
    found = _from_json(file, content) if file.endswith((".json", ".JSON")) else _from_csv(file, content)
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


def _from_csv(file: str, content: bytes) -> Rows:
    table = csv_of_file(file, content)
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


class Csv(NamedTuple):
    """A CSV file: what separates its cells, its header, and the rows that are not empty, each as long as the header.

    Rows are counted as a spreadsheet counts them: the header is row 1.
    """

    separator: str
    header: list[str]
    rows: dict[int, list[str]]


def csv_of_file(file: str, content: bytes) -> Csv:
    """Return what a CSV file in UTF-8 holds, without the blanks around cells. Raises `BadInput`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file!r}: {error.reason}; expected CSV in UTF-8") from None
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header, *lines = [[cell.strip() for cell in line] for line in reader] or [[]]
    except csv.Error as error:
        raise BadInput(f"{file!r}: line {reader.line_num}: {error}; expected CSV") from None
    twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    wrong = [f"{file!r}: column {name!r}: there twice; expected each column once" for name in twice]
    rows = {n: line for n, line in enumerate(lines, 2) if any(line)}
    for n, line in rows.items():
        beyond = [cell for cell in line[len(header) :] if cell]
        if beyond:
            wrong.append(
                f"{file!r}: row {n}: {beyond[0]!r} stands below no header; expected one above each cell"
            )
        rows[n] = [*line, *[""] * len(header)][: len(header)]
    if wrong:
        raise BadInput(*wrong)
    return Csv(separator, header, rows)


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
