"""A table in, and the same table with verdict columns out: `csp_transfer.frames` for a CSV file or a workbook."""

from __future__ import annotations

import argparse
from codecs import BOM_UTF8
from datetime import date
from typing import Any, NamedTuple

from ..policy import Policy
from .recognised import recognised
from .tables import cells_of_file, csv_text, no_formula

__all__ = ["Framed", "framed"]


class Framed(NamedTuple):
    """The table with verdicts, as CSV, and a line for each row that cannot be judged."""

    text: str
    unjudged: tuple[str, ...]


def framed(content: bytes, options: argparse.Namespace, as_of: date, policy: Policy) -> Framed:
    """Return a table with verdicts; what was recognised in it goes to standard error. Raises `BadInput`.

    Raises `MissingExtra` without the extra `frames`, or where there is nothing to make a frame with.
    """
    from ..frames.assessing import assess
    from ..frames.columns import OUTPUTS

    table = cells_of_file(options.table, content)
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
        f"{options.table!r}: row {n}: {reason}"
        for n, reason in zip(table.rows, verdicts[0], strict=True)
        if reason is not None
    )
    mark = "\ufeff" if content.startswith(BOM_UTF8) else ""  # by which some programs know UTF-8
    return Framed(mark + csv_text([*table.header, *added], rows, table.separator), unjudged)


def _written(verdict: Any) -> str:
    """Return a verdict as a cell has it; nothing where there is none."""
    if verdict is None:
        return ""
    if isinstance(verdict, bool):
        return "true" if verdict else "false"
    return no_formula(str(verdict))
