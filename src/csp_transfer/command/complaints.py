"""What the command says on standard error, one line for each thing."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ..texts import flat

__all__ = ["BadInput", "complain"]


class BadInput(Exception):
    """What is wrong with the input, each on one line."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


def complain(lines: Iterable[str]) -> None:
    """Write each line to standard error, where there is one."""
    if sys.stderr is not None:
        for line in lines:
            print("csp-transfer:", flat(line), file=sys.stderr)
