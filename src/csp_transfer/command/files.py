"""What the command keeps in a folder: page, appendix, JSON and tables; with extras, calendar, workbook and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import MissingExtra
from ..outline import as_markdown
from ..plan import Plan
from ..portfolio import Portfolio
from ..selection import Selection
from ..texts import flat
from ..zones import zone_of
from .complaints import BadInput, complain
from .pictured import pictures
from .sheets import as_csv, sheets
from .workbook import workbook
from .writing import as_json, ics_of

__all__ = ["kept", "written"]

Contents = Mapping[str, bytes | str]
"""What is written, by the names of files; a text instead of bytes says why a file is not."""


def kept(
    result: Plan | Portfolio,
    folder: str,
    lang: str,
    *,
    tz: str | None,
    select: Selection,
    grouped: bool,
    overwrite: bool,
) -> str:
    """Write an answer into a folder, and return what was written, one file a line; nothing, where a file is there."""
    name = "plan" if isinstance(result, Plan) else "portfolio"
    tables = sheets(result, lang, select, tz)
    subscriptions, steps, _ = tables
    contents: dict[str, bytes | str] = {
        f"{name}.md": result.to_markdown(lang, tz=tz).encode("utf-8"),
        f"{name}-appendix.md": as_markdown(result._appendix(lang, zone_of(tz))).encode("utf-8"),
        f"{name}.json": f"{as_json(result.to_dict())}\n".encode(),
        "steps.csv": as_csv(steps),
        "subscriptions.csv": as_csv(subscriptions),
        **_if_there(f"{name}.xlsx", lambda: {f"{name}.xlsx": workbook(tables, lang)}),
    }
    if any(map(select.has, result.deadlines)):
        contents |= _if_there(
            f"{name}.ics", lambda: {f"{name}.ics": ics_of(result, lang, select, grouped=grouped)}
        )
    else:
        contents[f"{name}.ics"] = "there is no deadline" + ("" if select.takes_all else " that is selected")
    contents |= _if_there(
        f"{name}.png",
        lambda: {f"{name}.{form}": image for form, image in pictures(result, lang).items()},
    )
    return written(contents, folder, lang, overwrite=overwrite)


def _if_there(file: str, made: Callable[[], Contents]) -> Contents:
    """Return what is made where its extra is there; else why the file is not."""
    try:
        return made()
    except MissingExtra as error:
        return {
            file: f"it needs the extra '{error.extra}': python3 -m pip install 'csp-transfer[{error.extra}]'"
        }


def written(contents: Contents, folder: str, lang: str, *, overwrite: bool) -> str:
    """Write files into a folder, and return what was written, one file a line; nothing, where a file is there."""
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
                complain([f"{str(at)!r}: not written: {content}{older}"], lang)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{str(at)!r}: {reason}; expected a place to write to") from None
    return "\n".join(flat(str(path)) for path, content in paths.items() if isinstance(content, bytes))
