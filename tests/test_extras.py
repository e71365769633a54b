"""Without what an extra installs, a door says which extra that is; all else works."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest
from facts import D, subscription, transfer

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.extras import Needs

DOORS = [
    ("csp_transfer.export", "icalendar", "calendar"),
    ("csp_transfer.frames", "narwhals", "frames"),
    ("csp_transfer.plots", "matplotlib", "plots"),
    ("csp_transfer.strategies", "hypothesis", "testing"),
]


@pytest.mark.parametrize(("door", "module", "extra"), DOORS)
def test_a_door_without_its_extra_names_it(
    monkeypatch: pytest.MonkeyPatch, door: str, module: str, extra: str
) -> None:
    for name in [name for name in sys.modules if name == door or name.startswith(f"{door}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(csp.MissingExtra) as caught:
        importlib.import_module(door)
    assert str(caught.value) == f"{door} needs what the extra '{extra}' installs: csp-transfer[{extra}]"
    assert module in str(caught.value.__cause__)


def test_a_bar_without_its_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    moves = [transfer()]
    assert csp.plan_portfolio(moves, as_of=D).plans
    with pytest.raises(csp.MissingExtra, match=r"progress=True needs .* csp-transfer\[progress\]"):
        csp.plan_portfolio(moves, as_of=D, progress=True)


@pytest.mark.parametrize("backend", ["pyarrow", "duckdb", "pandas"])
def test_a_frame_without_arrow_names_its_extra(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert frames.of([subscription()]).height == 1
    with pytest.raises(csp.MissingExtra, match=r"with this engine needs .* csp-transfer\[arrow\]"):
        frames.of([subscription()], backend=backend)


def test_any_other_error_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), Needs("a door", extra="extra"):
        _ = 1 / 0


ROOT = Path(__file__).parent.parent


def test_extras_are_for_users_and_all_is_all_of_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert {extra for _, _, extra in DOORS} | {
        "arrow",
        "completion",
        "excel",
        "progress",
        "all",
    } == extras.keys()
    named = re.fullmatch(r"csp-transfer\[(.*)\]", *extras["all"])
    assert named is not None
    assert sorted(named[1].split(",")) == sorted(extras.keys() - {"all"})
