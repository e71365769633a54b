"""What frames need: narwhals, which the extra `frames` installs. Asked for before all that uses it."""

from __future__ import annotations

from ..errors import MissingExtra

__all__ = ["ask"]


def ask() -> None:
    """Raise `MissingExtra` where narwhals is not installed."""
    try:
        __import__("narwhals")
    except ImportError as missing:
        raise MissingExtra("csp_transfer.frames", "frames") from missing


ask()
