"""What `--help` looks like: examples as they are, and all texts in the language that is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from ..accepted import in_japanese
from ..outline import broken

__all__ = ["HelpIn"]


class HelpIn(argparse.RawDescriptionHelpFormatter):
    """Help in a language; a text that has no other stays English."""

    def __init__(self, prog: str, *, lang: str = "en", **more: Any) -> None:
        super().__init__(prog, **more)
        self._lang = lang

    def _said(self, text: str) -> str:
        said = None if self._lang == "en" else in_japanese("help", text)
        return text if said is None else said

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add the line of usage, with its word in the language."""
        super().add_usage(usage, actions, groups, self._said("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """Begin a section, with its heading in the language."""
        super().start_section(None if heading is None else self._said(heading))

    def add_text(self, text: str | None) -> None:
        """Add a paragraph, each in the language."""
        super().add_text(None if text is None else "\n\n".join(map(self._said, text.split("\n\n"))))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return None if action.help is None else self._said(action.help)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return broken(" ".join(text.split()), width)
