"""Every example in a docstring runs, in whichever copy of the package is imported."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import csp_transfer

MODULES = ["csp_transfer"] + [
    module.name
    for module in pkgutil.walk_packages(csp_transfer.__path__, "csp_transfer.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


PUBLIC = [getattr(csp_transfer, name) for name in csp_transfer.__all__]


@pytest.mark.parametrize("value", [value for value in PUBLIC if callable(value)], ids=lambda v: v.__name__)
def test_every_public_name_says_what_it_is(value: Any) -> None:
    assert len(inspect.getdoc(value) or "") > 20


@pytest.mark.parametrize("function", [v for v in PUBLIC if inspect.isfunction(v)], ids=lambda f: f.__name__)
def test_a_public_function_says_what_it_raises_where_it_comes_from_and_shows_it(function: Any) -> None:
    says = inspect.getdoc(function) or ""
    assert "Raises" in says
    assert "Source:" in says
    assert ">>>" in says


# What the API page says to paste first; and where whatever stands under the heading of a module comes from.
FIRST = (
    "from datetime import *; from decimal import Decimal; from csp_transfer import *; from {door} import *"
)
DOORS = ["csp_transfer"] + [f"csp_transfer.{name}" for name in (*csp_transfer._DOORS, "policy")]
EXAMPLES = [
    (door, example)
    for door in DOORS
    for name in getattr(importlib.import_module(door), "__all__", ())
    if callable(value := getattr(importlib.import_module(door), name))
    for example in doctest.DocTestFinder().find(value, name)
    if example.examples
]


@pytest.mark.parametrize(("door", "example"), EXAMPLES, ids=lambda value: getattr(value, "name", ""))
def test_an_example_of_the_api_page_can_be_pasted(door: str, example: doctest.DocTest) -> None:
    """Into a session in which nothing else is: no relative imports, no names of the module that it stands in."""
    page = (Path(__file__).parent.parent / "docs/reference/api.md").read_text("utf-8")
    lines = FIRST.format(door=door).split("; ")
    assert lines[:3] == re.findall(r"^from [\w.]+ import .*$", page, re.MULTILINE)
    example.globs = {"__name__": "__main__"}
    for line in lines:
        exec(line, example.globs)  # noqa: S102 - our own words
    assert doctest.DocTestRunner().run(example).failed == 0
