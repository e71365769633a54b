"""How many drawn cases a law is tried on: its share of what the profile in `conftest.py` says."""

from __future__ import annotations

from typing import Any

from hypothesis import settings


def cases(share: float) -> int:
    """Return so many times as many cases as the profile says, for a law that draws its own; at least one."""
    return max(1, round(share * settings().max_examples))


def tried(share: float, **others: Any) -> settings:
    """Return the settings of a law that costs more, or less, than most: so many times as many cases."""
    return settings(max_examples=cases(share), **others)
