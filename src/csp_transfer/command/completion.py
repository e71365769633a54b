"""What makes a shell complete the command with the Tab key."""

from __future__ import annotations

import argparse
from typing import Final

from ..extras import Needs

__all__ = ["SHELLS", "completion"]

SHELLS: Final = ("bash", "zsh", "fish")
_FILES: Final = ("FILE", "TABLE")


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script of a shell. Raises `MissingExtra` without the extra `completion`."""
    with Needs("--print-completion", extra="completion"):
        import shtab
    _complete_names(parser, shtab.FILE, shtab.DIRECTORY)
    return shtab.complete(parser, shell=shell)


def _complete_names(parser: argparse.ArgumentParser, files: object, folders: object) -> None:
    """Have what names a file or a folder be completed as one: `complete` is where shtab looks for that."""
    for action in parser._actions:
        if action.metavar in _FILES:
            vars(action)["complete"] = files
        elif action.metavar == "DIR":
            vars(action)["complete"] = folders
        elif isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_names(command, files, folders)
