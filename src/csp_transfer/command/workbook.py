"""Tables as an Excel workbook: days are days, and a text is a text, whatever it begins with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

from ..catalogue import ui
from ..extras import Needs
from ..outline import width
from ..texts import flat
from .sheets import Cell, Sheet

__all__ = ["workbook"]

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
    return min(max(_NARROWEST, min(width(header), 2 * _A_DAY), *widths, 0) + 2, _WIDEST)
