"""What must not drift: the public surface, and what released versions have written."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import api
import keep
import pytest

import csp_transfer as csp

ROOT = Path(__file__).parent.parent
KEPT = sorted((Path(__file__).parent / "kept").glob("*/*.json"))


def test_the_public_surface_is_the_one_that_is_written_down() -> None:
    assert api.surface() == api.KEPT.read_text("utf-8"), (
        "run: python proof/api.py, and say it in the changelog"
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/kept").glob("*/api.txt")), ids=lambda path: path.parent.name
)
def test_what_worked_with_a_release_works_still(path: Path) -> None:
    assert api.broken_since(path.parent.name, path.read_text("utf-8"), api.surface()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("f(a: 'int')", "f(a: 'int')", []),
        ("f(a: 'int')", "", ["f is gone"]),
        ("f(a: 'int')", "f(a: 'int | None', b: 'int' = 1, *, c: 'int' = 2) -> 'str'", []),
        ("f(a: 'int | None')", "f(a: 'int')", ["f: a: int | None became int"]),
        ("f(a: 'int')", "f(a: 'int', b: 'int')", ["f: b must be given"]),
        ("f(a: 'int')", "f(a: 'int', *, b: 'int')", ["f: b must be given"]),
        ("f(a: 'int' = 1)", "f(a: 'int')", ["f: a must be given"]),
        (
            "f(a: 'int')",
            "f(b: 'int')",
            ["f: another order of parameters", "f: a is gone", "f: b must be given"],
        ),
        ("f(a: 'int', b: 'int')", "f(b: 'int', a: 'int')", ["f: another order of parameters"]),
        ("f(self, a: 'int')", "f(self, *, a: 'int')", ["f: another order of parameters"]),
        ("f(*, a: 'int', b: 'int')", "f(*, b: 'int', a: 'int')", []),
        ("W.A = 'a'", "W.A = 'a'\nW.B = 'b'", []),
        ("W.A = 'a'", "W.A = 'b'", ["W.A = 'a' became  = 'b'"]),
        ("C.a: int", "C.a: int | None = ...", []),
        ("C.a: int = ...", "C.a: int", ["C.a: int = ... became : int"]),
        ("C.a: int | None", "C.a: int", ["C.a: int | None became : int"]),
        ("class C(Plain)", "class C(Rich, Plain)", []),
        ("class C(Rich, Plain)", "class C(Plain)", ["class C(Rich, Plain) became (Plain)"]),
    ],
)
def test_what_works_no_more_is_found(old: str, new: str, said: list[str]) -> None:
    assert api.broken(old, new) == said


def test_of_every_kind_of_data_something_is_kept() -> None:
    kept = {path.stem for path in KEPT if path.parent.name == csp.__version__}
    assert kept == set(keep.values())


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
