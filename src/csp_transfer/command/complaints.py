"""What the command says on standard error, one line for each thing, in the language that is asked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Final

from ..accepted import in_japanese
from ..texts import flat

__all__ = ["BadInput", "complain", "line_in"]

# An argument of the library, as its errors name it.
_COLUMNS: Final = re.compile(r"(?:columns=)?\{'(\w+)': '([^']*)'\}")


class BadInput(Exception):
    """What is wrong with the input, each on one line, in English."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


def line_in(lang: str, line: str) -> str:
    """Return a line in a language; as it is, where it is in that language already. It names options of the command.

    >>> print(line_in("ja", "'a.csv': no rows; expected at least one"))
    'a.csv': 行がありません。1 行以上必要です
    """
    said = None if lang == "en" else in_japanese("line", line)
    return _COLUMNS.sub(r"--column '\1=\2'", line if said is None else said)


def complain(lines: Iterable[str], lang: str) -> None:
    """Write each line to standard error, where there is one."""
    if sys.stderr is not None:
        for line in lines:
            print("csp-transfer:", flat(line_in(lang, line)), file=sys.stderr)
