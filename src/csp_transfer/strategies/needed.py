"""What the strategies need: Hypothesis, which the extra `testing` installs."""

from __future__ import annotations

from ..errors import MissingExtra

try:
    from hypothesis import strategies as st
except ImportError as missing:
    raise MissingExtra("csp_transfer.strategies", "testing") from missing

__all__ = ["st"]
