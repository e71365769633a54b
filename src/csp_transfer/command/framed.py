"""A table in, and the same table with verdict columns out: `csp_transfer.frames` for a CSV file."""

from __future__ import annotations

import argparse
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from ..errors import CspTransferError
from ..facts import Kind
from ..policy import Policy
from .complaints import BadInput, complain
from .tables import csv_of_file, csv_text, no_formula

__all__ = ["Framed", "framed"]

_HINT: Final = (
    "--column FACT=HEADER says which column a fact is read from, --days in which order days are written"
)


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
    from ..frames.reading import frame_of
    from ..frames.recognising import recognise

    table = csv_of_file(options.table, content)
    if not table.rows:
        raise BadInput(f"{options.table!r}: no rows; expected at least one")
    cells = {
        name: [row[n] or None for row in table.rows.values()] for n, name in enumerate(table.header) if name
    }
    engine = "pyarrow" if find_spec("polars") is None else "polars"
    frame = frame_of(cells, dict.fromkeys(cells, Kind.NAME), engine)
    try:
        mapping = recognise(frame, columns=_given(options.column), days=_order(options.days))
    except CspTransferError as error:
        said = [one["message"] for one in error.to_list()]
        raise BadInput(*(f"{options.table!r}: {line}" for line in said), _HINT) from None
    complain(mapping.to_text(options.lang).splitlines())
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


def _written(verdict: Any) -> str:
    """Return a verdict as a cell has it; nothing where there is none."""
    if verdict is None:
        return ""
    if isinstance(verdict, bool):
        return "true" if verdict else "false"
    return no_formula(str(verdict))
