"""Cells of an Excel workbook that have no value: errors such as #N/A, and formulas that nobody has calculated.

The reader of workbooks hands both over as empty cells, and an empty cell says something: like for like, not known.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from typing import Final
from xml.etree import ElementTree

__all__ = ["without_value"]

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
