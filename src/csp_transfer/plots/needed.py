"""What the pictures need: matplotlib, which the extra `plots` installs. Asked for before all that uses it."""

from __future__ import annotations

from ..errors import MissingExtra

__all__ = ["ask"]


def ask() -> None:
    """Raise `MissingExtra` where matplotlib is not installed."""
    try:
        __import__("matplotlib")
    except ImportError as missing:
        raise MissingExtra("csp_transfer.plots", "plots") from missing


ask()
