"""Watches, while tests run, that all that errors and the command say has its Japanese in `errors.toml`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import csp_transfer
from csp_transfer.command.options import BadInput
from csp_transfer.errors import _Refused, in_japanese

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PACKAGE = str(Path(csp_transfer.__file__).parent)


def place(frame: FrameType | None) -> str:
    """Where an error is made: the first place outside the module of errors."""
    while frame is not None and frame.f_code.co_filename.endswith("errors.py"):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


@contextmanager
def watched() -> Iterator[dict[str, str]]:
    """Yield what has no Japanese, with the place where it was raised first; what tests make up is not looked at."""
    missing: dict[str, str] = {}
    made, complained = _Refused.__init__, BadInput.__init__
    known: set[str] = set()

    def heard(self: Any, *lines: str) -> None:
        raised = place(sys._getframe(1))
        for line in lines:
            if not JAPANESE.search(line) and in_japanese("line", line) is None:
                missing[line] = raised
        complained(self, *lines)

    def seen(self: Any, field: str, value: object, accepted: str) -> None:
        if isinstance(accepted, str) and accepted not in known:
            raised = place(sys._getframe(1))
            if raised.startswith(PACKAGE):
                known.add(accepted)
                if in_japanese("accepted", accepted) is None:
                    missing[accepted] = raised
        made(self, field, value, accepted)

    _Refused.__init__ = seen  # type: ignore[method-assign]
    BadInput.__init__ = heard  # type: ignore[method-assign]
    try:
        yield missing
    finally:
        _Refused.__init__ = made  # type: ignore[method-assign]
        BadInput.__init__ = complained  # type: ignore[method-assign]
