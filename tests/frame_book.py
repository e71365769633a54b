"""One book of rows for all engines, with the answers of the functions for one subscription."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
from frame_rows import NAMES, chunk

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.frames.columns import Kind

POLICIES = (csp.GUIDE, csp.IN_FORCE)
CHUNKS, ROWS = 20, 5000
_TYPES = {Kind.COUNT: pa.int64(), Kind.DAY: pa.date32(), Kind.FLAG: pa.bool_(), Kind.WORD: pa.string()}
SCHEMA = pa.schema(
    [("id", pa.string()), ("refused", pa.bool_())]
    + [(f"csp_{output.name}", _TYPES[output.kind]) for output in frames.OUTPUTS[1:]]
)


class Book(NamedTuple):
    """The rows, and by policy what is to be said of them."""

    table: pa.Table
    answers: dict[csp.Policy, pa.Table]


def _answers(ids: list[str], said: list[tuple[Any, ...] | None]) -> pa.Table:
    nothing = (None,) * len(NAMES)
    columns = zip(*(answer or nothing for answer in said), strict=True)
    refused = [answer is None for answer in said]
    return pa.table([ids, refused, *map(list, columns)], schema=SCHEMA)


def make() -> Book:
    """Make 100,000 rows, in two processes."""
    work = partial(chunk, count=ROWS, policies=POLICIES)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        chunks = list(processes.map(work, range(CHUNKS)))
    table = pa.concat_tables([rows for rows, _ in chunks])
    ids = table["id"].to_pylist()
    answers = {
        policy: _answers(ids, [answer for _, said in chunks for answer in said[n]])
        for n, policy in enumerate(POLICIES)
    }
    return Book(table, answers)
