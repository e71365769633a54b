"""A table in, and the same table with verdict columns out: `csp_transfer.frames` for a CSV file or a workbook."""

from __future__ import annotations

import argparse
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from ..accepted import reasons_of
from ..ids import id_key
from ..policy import Policy
from .complaints import complain
from .recognised import recognised
from .tables import Cells, cells_of_file, csv_text, no_formula, sheets_not_read

__all__ = ["Framed", "framed"]

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
