"""Tables beside payloads: the rows of a CSV file, or of a JSON file with a list of objects."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..errors import Problem
from ..payload import parsed
from .complaints import BadInput

__all__ = ["Row", "Rows", "rows_of_file"]

_SEPARATORS: Final = ",;\t"
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
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file!r}: {error.reason}; expected CSV in UTF-8") from None
    first_line = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=first_line.count), strict=True
    )
    try:
        header, *lines = [*reader] or [[]]
    except csv.Error as error:
        raise BadInput(f"{file!r}: line {reader.line_num}: {error}; expected CSV") from None
    columns = [name.strip() for name in header]
    twice = [name for name in dict.fromkeys(columns) if name and columns.count(name) > 1]
    wrong = [f"{file!r}: column {name!r}: there twice; expected each column once" for name in twice]
    rows: list[Row] = []
    for n, line in enumerate(lines, 2):  # as a spreadsheet counts: the header is row 1
        cells = [cell.strip() for cell in line]
        beyond = [cell for at, cell in enumerate(cells) if cell and (at >= len(columns) or not columns[at])]
        if beyond:
            wrong.append(
                f"{file!r}: row {n}: {beyond[0]!r} stands below no header; expected one above each cell"
            )
        elif any(cells):
            rows.append(
                Row(f"row {n}", {name: cell for name, cell in zip(columns, cells, strict=False) if cell})
            )
    if wrong:
        raise BadInput(*wrong)
    return Rows(tuple(name for name in columns if name), tuple(rows))
