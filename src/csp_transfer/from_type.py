"""What Hypothesis calls by itself, by the entry point of this package, so that `from_type` knows every public type.

Hypothesis does so while it is being imported: the strategies, which need it, are only loaded when one is asked for.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import Any

__all__ = ["register"]


def register() -> None:
    """Tell Hypothesis' `from_type` of every public type but the words, which it knows by themselves."""
    from hypothesis.strategies import register_type_strategy

    package = sys.modules[__name__.rpartition(".")[0]]
    for name in package.__all__:
        public = getattr(package, name)
        if isinstance(public, type) and not issubclass(public, Enum):
            register_type_strategy(public, _resolved)


def _resolved(cls: type[Any]) -> Any:
    from .strategies.by_type import strategy_for

    return strategy_for(cls)
