"""Tables as they come, at the command: a frame of texts, and which of its columns are which facts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import InvalidData, InvalidType, InvalidValue
from ..facts import Kind
from ..plain import problems_in
from .complaints import BadInput, complain
from .tables import Cells

if TYPE_CHECKING:
    from ..frames.mapping import ColumnMapping

__all__ = ["Recognised", "recognised"]

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
