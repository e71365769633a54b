"""Frames that lie in parts, on several machines: Dask's and Spark's. Each part is judged where it lies, when asked for.

Spark could be asked in its own expressions, too, but takes minutes to plan as many as these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import narwhals as nw

from ..errors import InvalidType
from ..extras import Needs
from ..plain import each_of
from .columns import Kind, Output

__all__ = [
    "arrow_columns",
    "arrow_types",
    "in_parts",
    "judged_batches",
    "needs_arrow",
    "part_of",
    "schema_of",
    "some_columns",
    "whole",
]

Judging = Callable[[Any], tuple[Any, Any]]


def needs_arrow() -> Needs:
    """Return what names the extra where PyArrow is missing, for engines that are asked through Arrow."""
    return Needs("csp_transfer.frames with this engine", extra="arrow")


def arrow_columns(frame: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return columns of pandas as Arrow has them, where missing is nothing else; one without a value is of no type.

    Raises `InvalidType` for a column of values of several types, `InvalidData` for several such columns.
    """
    with needs_arrow():
        each = list(dict.fromkeys(names))
        return dict(zip(each, each_of(partial(_arrow, frame[name]) for name in each), strict=True))


def _arrow(column: Any) -> Any:
    try:
        values = column.to_arrow()
    except (TypeError, ValueError, NotImplementedError):
        raise InvalidType(f"column {column.name!r}", column.dtype, "values of one type") from None
    if values.null_count < len(values) or not len(values):
        return values
    return nw.Implementation.PYARROW.to_native_namespace().nulls(len(values))


def arrow_types(table: Any, frame: Any) -> Any:
    """Return a table of Arrow as pandas has it, in Arrow's types."""
    return table.to_pandas(types_mapper=nw.get_native_namespace(frame).ArrowDtype)


def schema_of(frame: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the types of columns: of pandas' columns, those that Arrow has for them."""
    if frame.implementation is nw.Implementation.PANDAS:
        return dict(nw.from_dict(arrow_columns(frame, names), backend="pyarrow").collect_schema())
    return dict(frame.collect_schema())


def part_of(frame: Any) -> Any:
    """Return a part without rows, of pandas or Arrow; the frame itself where it does not lie in parts."""
    if nw.dependencies.is_dask_dataframe(frame):
        return frame._meta
    return frame.limit(0).toArrow() if _is_spark(frame) else frame


def whole(frame: Any) -> Any:
    """Return the parts of a frame as one, of pandas or Arrow; the frame itself where it does not lie in parts."""
    if nw.dependencies.is_dask_dataframe(frame):
        parts: Any = frame
        return parts.compute()
    return frame.toArrow() if _is_spark(frame) else frame


def some_columns(frame: Any, names: list[str]) -> Any:
    """Return columns of a frame that lies in parts, as one; a frame that does not as it is."""
    return whole(frame[names] if nw.dependencies.is_dask_dataframe(frame) or _is_spark(frame) else frame)


def in_parts(frame: Any, judging: Judging, judged_part: Any, added: dict[str, Output]) -> Any:
    """Return a frame whose parts are judged, each when it is asked for; None for one that does not lie in parts."""
    if nw.dependencies.is_dask_dataframe(frame):
        parts: Any = frame
        return parts.map_partitions(partial(_judged_part, judging=judging), meta=judged_part)
    if not _is_spark(frame):
        return None
    from pyspark.sql import types  # pyright: ignore[reportMissingImports]

    kinds = {Kind.COUNT: types.LongType(), Kind.DAY: types.DateType(), Kind.FLAG: types.BooleanType()}
    fields = [
        types.StructField(name, kinds.get(output.kind, types.StringType())) for name, output in added.items()
    ]
    schema = types.StructType([*frame.schema.fields, *fields])
    return frame.mapInArrow(partial(judged_batches, judging=judging), schema)


def _is_spark(frame: Any) -> bool:
    return nw.dependencies.is_pyspark_dataframe(frame) or nw.dependencies.is_pyspark_connect_dataframe(frame)


def _judged_part(part: Any, judging: Judging) -> Any:
    return judging(nw.from_native(part))[0].to_native()


def judged_batches(batches: Iterable[Any], judging: Judging) -> Iterator[Any]:
    """Yield the Arrow batches of a part, judged."""
    for batch in batches:
        table = nw.from_dict(dict(zip(batch.schema.names, batch.columns, strict=True)), backend="pyarrow")
        yield from judging(table)[0].to_native().to_batches()
