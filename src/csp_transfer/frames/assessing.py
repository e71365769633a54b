"""The door for frames: which engine a frame is of, how it is asked, and rows that cannot be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar, cast

import narwhals as nw

from .. import checks
from ..errors import InvalidType, InvalidValue
from ..plain import raise_all
from ..policy import GUIDE, Policy
from .columns import OUTPUTS
from .facts import find_columns, wrong_types
from .judging import Reason, judge
from .mapping import ColumnMapping, judged_as_read
from .parts import arrow_columns, arrow_types, in_parts, needs_arrow, part_of

__all__ = ["as_frame", "assess"]

T = TypeVar("T")
_ENGINES: Final = (
    nw.Implementation.PANDAS,
    nw.Implementation.POLARS,
    nw.Implementation.PYARROW,
    nw.Implementation.DUCKDB,
)
_WANTED: Final = "a pandas, Polars, PyArrow, DuckDB, Dask or PySpark frame"
_OFFENDERS: Final = 3


def assess(
    frame: T,
    *,
    as_of: date | str,
    policy: Policy = GUIDE,
    delegated_admin: bool | str | None = None,
    into_another_tenant: bool | str = False,
    columns: Mapping[str, str] | ColumnMapping | None = None,
    prefix: str = "csp_",
    strict: bool = False,
) -> T:
    """Return the frame with what `csp_transfer.assess` decides about each row, one subscription a row, added.

    Takes pandas, Polars (eager and lazy), PyArrow, DuckDB, Dask and PySpark frames, and returns the same kind, not yet
    computed where the engine is lazy. `as_of` is a day (or an aware instant), or the name of a column of them; the two
    flags, True or False, or the name of a column; `delegated_admin` may be None, too: not known. `columns` says which
    column a fact is read from, where it has not the fact's own name: the names are those of `INPUTS`; `recognise` finds
    that out for a table as it comes, and says how its texts are read. The columns that are added are named as those of
    `OUTPUTS`, after a prefix.
    Null means what None means for one subscription. Days are UTC, first and last inclusive.

    A row that cannot be judged has a reason, which names every problem of the row, and no verdicts; the others do not
    mind. With `strict`, it is an `InvalidValue` that shows the first ones, for which a lazy frame is computed. Raises
    `InvalidType` or `InvalidValue` for a column that is missing or of a type that cannot be used, and for one that has
    the name of one to be added.
    Source: each rule cites its own; ask `csp_transfer.assess` about a row, and its findings say why.

    >>> import polars as pl
    >>> frame = pl.DataFrame({"id": ["b"], "offer": ["B"], "quantity": [25], "auto_renew": [True],
    ...                       "first_day": [date(2025, 4, 1)], "EndDate": [date(2026, 3, 31)]})
    >>> judged = assess(frame, as_of=date(2026, 3, 1), columns={"last_day": "EndDate"})
    >>> judged.select("csp_auto_renew_off_by", "csp_grace_last_day", "csp_data_loss").rows()
    [(datetime.date(2026, 3, 31), datetime.date(2026, 4, 30), 'none')]
    """
    checks.instance("policy", policy, Policy)
    checks.instance("prefix", prefix, str, "a text")
    arguments = {
        "as_of": as_of,
        "delegated_admin": delegated_admin,
        "into_another_tenant": into_another_tenant,
    }
    native: Any = nw.to_native(frame, pass_through=True)
    asked = as_frame(part_of(native))
    own = list(asked.collect_schema().names())
    taken = {str(name).casefold() for name in own}
    added = {prefix + output.name: output for output in OUTPUTS}
    for name in added:
        if name.casefold() in taken:
            raise InvalidValue("prefix", prefix, f"one by which no column is {name!r} already")
    sources = find_columns(asked, columns, arguments)
    judging: Any = partial(_judged, policy=policy, sources=sources, prefix=prefix, arguments=arguments)
    if isinstance(columns, ColumnMapping):
        judging = partial(judged_as_read, judging=judging, mapping=columns)
    assessed, reasons = judging(asked)
    judged = in_parts(native, judging, assessed.to_native(), added)
    if judged is None:
        judged = assessed.to_native()
    if strict:
        _refuse_offenders(judged, reasons, sources, prefix + OUTPUTS[0].name)
    return cast("T", judged if native is frame else nw.from_native(judged))


def as_frame(frame: object) -> Any:
    """Return a frame as narwhals knows it; `InvalidType` or `InvalidValue` for one that cannot be asked."""
    asked: Any = None
    try:
        asked = nw.from_native(cast("Any", frame))
    except TypeError:
        pass
    except nw.exceptions.DuplicateError as error:
        raise InvalidValue("columns", str(error), "each name once") from None
    if asked is None or asked.implementation not in _ENGINES:
        raise InvalidType("frame", frame, _WANTED)
    return asked


def _judged(frame: Any, **asked: Any) -> tuple[Any, list[Reason]]:
    """Return the frame, judged by its own engine; what pandas has is told to Arrow: there, missing is nothing else."""
    engine = frame.implementation
    if engine is nw.Implementation.POLARS and isinstance(frame, nw.DataFrame):
        assessed, reasons = judge(frame.lazy(), **asked)
        return assessed.collect(), reasons
    if engine is not nw.Implementation.PANDAS:
        return judge(frame, **asked)
    native = frame.to_native()
    with needs_arrow():
        used = arrow_columns(frame, asked["sources"].values())
        table = nw.from_dict(used, backend="pyarrow")
    said, reasons = _said_of(table, asked)
    added = arrow_types(said, frame)
    return nw.from_native(native.assign(**{name: added[name].array for name in added.columns})), reasons


def _said_of(table: Any, asked: Mapping[str, Any]) -> tuple[Any, list[Reason]]:
    """Return what is said of a table of Arrow, as another one. Polars says it where it is there, in far less time."""
    raise_all(wrong_types(table.collect_schema(), asked["sources"]))
    own = table.columns
    try:
        import polars
    except ImportError:
        judged, reasons = judge(table, **asked)
        return judged.drop(own).to_native(), reasons
    judged, reasons = judge(nw.from_native(polars.DataFrame(table.to_native()).lazy()), **asked)
    said = judged.drop(own).collect().to_arrow()
    arrow = nw.get_native_namespace(table)
    types = {arrow.int64(), arrow.date32(), arrow.bool_()}
    plain = [one if one.type in types else arrow.field(one.name, arrow.string()) for one in said.schema]
    return said.cast(arrow.schema(plain)), reasons


def _refuse_offenders(judged: Any, reasons: list[Reason], sources: Mapping[str, str], reason: str) -> None:
    """Raise `InvalidValue` with the first rows that cannot be judged, if there are any, and all problems of each."""
    wanted = [*dict.fromkeys(sources.values()), reason]
    if nw.dependencies.is_dask_dataframe(judged):
        judged = judged.loc[judged[reason].notnull(), wanted].compute()
    offending = nw.from_native(judged).filter(~nw.col(reason).is_null()).select(*wanted).head(_OFFENDERS)
    found = offending.collect() if isinstance(offending, nw.LazyFrame) else offending
    if found.implementation is nw.Implementation.PANDAS:
        found = nw.from_native(found.to_arrow())
    shown: list[tuple[Any, str, Any]] = []
    said: list[str] = []
    for row in found.rows(named=True):
        for why in _named(row[reason], reasons):
            shown.append((row[sources["id"]], why.source, row.get(why.source)))
            said.append(str(why))
    if shown:
        accepted = f"rows that can be judged ({'; '.join(dict.fromkeys(said))})"
        raise InvalidValue("frame", tuple(shown), accepted)


def _named(said: str, reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Yield the problems that the column of reasons names, which has them in their order."""
    for why in reasons:
        if said == str(why) or said.startswith(f"{why}; "):
            said = said[len(f"{why}; ") :]
            yield why
