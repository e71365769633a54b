"""Tables of PyArrow, with the extra `arrow` alone: in, judged, and out again."""

from __future__ import annotations

import pyarrow as pa
import pytest
from frame_rows import ASKED, NAMES, chunk, drawn

import csp_transfer as csp
from csp_transfer.texts import read_bytes

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_a_table_is_judged_as_its_rows_one_by_one(policy: csp.Policy) -> None:
    table, [answers] = chunk(7, 500, [policy])
    judged = csp.frames.assess(table, policy=policy, **ASKED)
    assert isinstance(judged, pa.Table)
    said = judged.select([f"csp_{name}" for name in NAMES]).to_pylist()
    refused = judged["csp_reason"].is_valid().to_pylist()
    for cells, answer, is_refused in zip(said, answers, refused, strict=True):
        assert (None if is_refused else tuple(cells.values())) == answer


def test_values_become_a_table_and_values_again() -> None:
    rows = drawn(7, 50)
    values = [row.subscription.evolve(id=f"{n}") for n, row in enumerate(rows)]
    table = csp.frames.of(values, backend="pyarrow")
    assert isinstance(table, pa.Table)
    assert list(csp.frames.values_of(table)[0]) == values


def test_a_payload_becomes_a_table() -> None:
    payload = read_bytes("contoso-subscriptions.json")
    table = csp.frames.read(payload, backend="pyarrow")
    assert isinstance(table, pa.Table)
    assert table["id"].to_pylist() == [s.id for s in csp.partner_center.read(payload)]
