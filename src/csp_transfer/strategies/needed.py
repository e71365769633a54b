"""What the strategies need: Hypothesis, which the extra `testing` installs. Asked for before all that uses it."""

from __future__ import annotations

from ..errors import MissingExtra

__all__ = ["ask"]


def ask() -> None:
    """Raise `MissingExtra` where Hypothesis is not installed."""
    try:
        __import__("hypothesis")
    except ImportError as missing:
        raise MissingExtra("csp_transfer.strategies", "testing") from missing


ask()
