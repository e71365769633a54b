"""The command: `csp-transfer demo`, `csp-transfer plan FILE …`, and more; also as `python -m csp_transfer`.

`--lang ja` anywhere on the line puts all that it says into Japanese, help and errors too.
Exit status 0: an answer; 1: the move is blocked; 2: bad input, one line on standard error for each problem.
The only place that asks for the time (`command.answers`): `--as-of` defaults to today, UTC.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from .command.answers import BAD_INPUT, COMMANDS
from .command.options import BadInput, complain, language_of, parser
from .errors import CspTransferError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # Japanese, and names from anywhere, must not fail on a terminal that is not UTF-8.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    lang = language_of(arguments)
    try:
        options = parser(lang).parse_args(arguments)
        text, status = COMMANDS[options.command](options)
    except BadInput as error:
        complain(error.lines, lang)
        return BAD_INPUT
    except CspTransferError as error:
        complain((one["message"] for one in error.to_list(lang)), lang)
        return BAD_INPUT
    try:
        print(text, end="" if text.endswith("\r\n") or not text else "\n", flush=True)
    except BrokenPipeError:  # whoever read the output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        complain([f"standard output: {error.strerror}; expected a place to write to"], lang)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_INPUT
    return status


if __name__ == "__main__":
    sys.exit(main())
