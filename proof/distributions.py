"""What a wheel and a source distribution must be: the same bytes each time, with all that belongs in them, no more.

python proof/distributions.py    builds both twice, at different times and places, and looks inside
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv*", ".demo", ".engines", "dist", "_build", "__pycache__", ".hypothesis", ".*_cache"),
    *("picture-*.png", "states-*.svg", "crash-*", "timeout-*", "oom-*"),
)
DAY = "1764201600"
"""The seconds since 1970 that the files in both are dated to (SOURCE_DATE_EPOCH)."""
ADDED = {"PKG-INFO", "pyproject.toml", ".gitignore"}
"""What a source distribution has besides what is listed."""


def built(place: Path) -> tuple[Path, Path]:
    """Build the wheel and the source distribution from a copy of the sources at a place."""
    shutil.copytree(ROOT, place / "source", ignore=LEFT_OUT, copy_function=shutil.copy)  # with new times
    command = [sys.executable, "-m", "build", "--outdir", str(place), str(place / "source")]
    made = subprocess.run(
        command, env=os.environ | {"SOURCE_DATE_EPOCH": DAY}, capture_output=True, text=True
    )
    if made.returncode:
        raise SystemExit(made.stdout + made.stderr)
    [wheel], [source] = place.glob("*.whl"), place.glob("*.tar.gz")
    return wheel, source


def in_wheel(wheel: Path) -> Iterator[str]:
    """Yield what is wrong with what a wheel has in it."""
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        [metadata] = [opened.read(name).decode() for name in names if name.endswith(".dist-info/METADATA")]
    inside = {name for name in names if ".dist-info/" not in name}
    source = ROOT / "src"
    wanted = {
        str(path.relative_to(source))
        for path in (source / "csp_transfer").rglob("*")
        if path.suffix in (".py", ".toml", ".csv", ".json") or path.name == "py.typed"
    }
    yield from _differ(inside, wanted, "wheel")
    for link in re.findall(r"\]\((?!https:)[^)]*\)", metadata):
        yield f"wheel: a link that leads nowhere on a package index: {link}"


def in_source(source: Path) -> Iterator[str]:
    """Yield what is wrong with what a source distribution has in it."""
    with tarfile.open(source) as opened:
        files = {member.name.partition("/")[2] for member in opened.getmembers() if member.isfile()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    include = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    # As hatchling does, without what git ignores, such as what a build of the site leaves.
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")
    listed = subprocess.run(
        (*command, *(name.lstrip("/") for name in include)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = set(filter(None, listed.stdout.split("\0")))
    yield from _differ(files, wanted | ADDED, "source distribution")


def _differ(inside: set[str], wanted: set[str], what: str) -> Iterator[str]:
    for name in sorted(inside ^ wanted):
        yield f"{what}: {'does not belong' if name in inside else 'is missing'}: {name}"


def problems() -> Iterator[str]:
    """Yield what is wrong with both; say what they are."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory(prefix="another-") as second:
        one, another = built(Path(first)), built(Path(second))
        for mine, again in zip(one, another, strict=True):
            digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (mine, again)}
            print(f"{mine.name}: two builds, {', '.join(sorted(digests))}")
            if len(digests) > 1:
                yield f"{mine.name}: not the same bytes"
        yield from in_wheel(one[0])
        yield from in_source(one[1])


if __name__ == "__main__":
    FOUND = list(problems())
    print(*FOUND, sep="\n")
    sys.exit(bool(FOUND))
