"""Every example in a docstring runs, in whichever copy of the package is imported."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
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
