"""Every example in a docstring runs, in whichever copy of the package is imported."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

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


@pytest.mark.parametrize("name", csp_transfer.__all__)
def test_every_public_name_says_what_it_is(name: str) -> None:
    if not name.startswith("__") and name not in ("GUIDE", "NOT_REPLACED"):
        assert getattr(csp_transfer, name).__doc__
