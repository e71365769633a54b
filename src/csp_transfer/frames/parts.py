"""Frames that lie in parts, on several machines: Dask's and Spark's. Each part is judged where it lies, when asked for.

Spark could be asked in its own expressions, too, but takes minutes to plan as many as these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import narwhals as nw

from ..extras import Needs
from .columns import Kind, Output

__all__ = ["in_parts", "judged_batches", "needs_arrow", "part_of", "whole"]

Judging = Callable[[Any], tuple[Any, Any]]


def needs_arrow() -> Needs:
    """Return what names the extra where PyArrow is missing, for engines that are asked through Arrow."""
    return Needs("csp_transfer.frames with this engine", extra="arrow")


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
