"""What must not drift: the public surface, and what released versions have written."""

from __future__ import annotations

import json
import pickle
import runpy
from pathlib import Path
from typing import Any

import pytest

import csp_transfer as csp

ROOT = Path(__file__).parent.parent
KEPT = sorted((Path(__file__).parent / "kept").glob("*/*.json"))


def test_the_public_surface_is_the_one_that_is_written_down() -> None:
    api = runpy.run_path(str(ROOT / "proof" / "api.py"))
    assert api["surface"]() == api["KEPT"].read_text("utf-8"), (
        "run: python proof/api.py, and say it in the changelog"
    )


def test_of_every_kind_of_data_something_is_kept() -> None:
    kept = {path.stem for path in KEPT if path.parent.name == csp.__version__}
    assert kept == set(runpy.run_path(str(ROOT / "proof" / "keep.py"))["values"]())


# Written for the reader, and computed anew when it is read.
REWORDED = {"message", "message_ja", "source"}


def lost(old: Any, new: Any, where: str = "") -> list[str]:
    """What later data lacks, or says otherwise; what it has besides is fine."""
    if isinstance(old, dict):
        return [
            line
            for key, value in old.items()
            if key not in REWORDED
            for line in (lost(value, new[key], f"{where}.{key}") if key in new else [f"{where}.{key}"])
        ]
    if isinstance(old, list) and len(old) == len(new):
        return [line for n, value in enumerate(old) for line in lost(value, new[n], f"{where}[{n}]")]
    return [] if old == new else [f"{where}: {old!r} became {new!r}"]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_a_release_has_written_is_read_back(path: Path) -> None:
    [(name, data)] = json.loads(path.read_text("utf-8")).items()
    value = getattr(csp, name).from_dict(data)
    assert lost(data, value.to_dict()) == []
    pickled = pickle.loads(path.with_suffix(".pickle").read_bytes())  # noqa: S301 - our own
    assert pickled == value


def test_what_is_lost_is_found() -> None:
    assert lost({"a": 1, "b": [{"c": 2}]}, {"a": 1, "b": [{"c": 3}], "d": 4}) == [".b[0].c: 2 became 3"]
    assert lost({"a": [1]}, {"a": [1, 2]}) == [".a: [1] became [1, 2]"]
    assert lost({"a": 1}, {}) == [".a"]
