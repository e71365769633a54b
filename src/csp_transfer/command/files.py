"""What the command keeps in a folder: page, appendix, JSON, tables, and the calendar where its extra is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import MissingExtra
from ..outline import as_markdown
from ..plan import Plan
from ..portfolio import Portfolio
from ..texts import flat
from ..zones import zone_of
from .complaints import BadInput, complain
from .sheets import sheets
from .writing import as_json

__all__ = ["kept", "written"]


def kept(result: Plan | Portfolio, folder: str, lang: str, *, tz: str | None, overwrite: bool) -> str:
    """Write an answer into a folder, and return what was written, one file a line; nothing, where a file is there."""
    name = "plan" if isinstance(result, Plan) else "portfolio"
    contents = {
        f"{name}.md": result.to_markdown(lang, tz=tz).encode("utf-8"),
        f"{name}-appendix.md": as_markdown(result._appendix(lang, zone_of(tz))).encode("utf-8"),
        f"{name}.json": f"{as_json(result.to_dict())}\n".encode(),
        f"{name}.ics": _calendar(result, lang),
        **sheets(result, lang, tz),
    }
    return written(contents, folder, overwrite=overwrite)


def written(contents: Mapping[str, bytes | str], folder: str, *, overwrite: bool) -> str:
    """Write files into a folder, and return what was written, one file a line; nothing, where a file is there.

    A text instead of bytes says why a file is not written.
    """
    paths = {Path(folder) / file: content for file, content in contents.items()}
    at = Path(folder)
    try:
        there = [path for path in paths if path.exists()]
        if there and not overwrite:
            raise BadInput(
                *(
                    f"{str(path)!r}: is there already; expected another folder, or --overwrite"
                    for path in there
                )
            )
        at.mkdir(parents=True, exist_ok=True)
        for at, content in paths.items():
            if isinstance(content, bytes):
                at.write_bytes(content)
            else:
                older = "; the one that is there is an older one" if at in there else ""
                complain([f"{str(at)!r}: not written: {content}{older}"])
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{str(at)!r}: {reason}; expected a place to write to") from None
    return "\n".join(flat(str(path)) for path, content in paths.items() if isinstance(content, bytes))


def _calendar(result: Plan | Portfolio, lang: str) -> bytes | str:
    """Return the calendar, or why there is none."""
    if not result.deadlines:
        return "there is no deadline"
    try:
        from ..export import to_ics
    except MissingExtra as error:
        return str(error)
    return to_ics(result, lang=lang)
