"""Is everything ready for a release? Looks at each point of the list, and says what is left to do.

    python proof/release.py

It needs the group `dev`, changes nothing, and takes some minutes: the source distribution is unpacked, and a slice of
its tests is run there. The status is 0 where nothing is left. Then tag the commit, and build what is uploaded:
`python -m build`.
"""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import api
import distributions
import keep

import csp_transfer as csp
from csp_transfer.catalogue import rules

ROOT: Final = Path(__file__).resolve().parent.parent
CHANGELOG: Final = ROOT / "CHANGELOG.md"
SLICE: Final = (
    *("README.md", "docs/tutorial.md", "tests/test_contract.py", "tests/test_docs.py", "tests/test_house.py"),
    *("tests/test_kept.py", "tests/test_plain.py", "tests/test_rules.py", "tests/test_schema.py"),
)
"""The tests that know most of what a source distribution must have."""


def latest(changelog: str) -> tuple[str, str, str]:
    """Return the version, what stands beside it, and the text of the first section of a changelog."""
    _, heading, text = re.split(r"^## (.*)\n", changelog, maxsplit=2, flags=re.MULTILINE)[:3]
    version, _, beside = heading.partition(" ")
    return version, beside.strip("()"), text.partition("\n## ")[0]


def in_order(version: str) -> tuple[int, ...]:
    """Return what versions are sorted by."""
    return tuple(map(int, version.split(".")))


def version(changelog: str, now: str, kept: list[str]) -> Iterator[str]:
    """Yield what is wrong with the version: of the package, of the changelog, beside those before."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", now):
        yield f"{now} is no version of a release"
        return
    said, beside, _ = latest(changelog)
    if said != now:
        yield f"the package is {now}, the first section of the changelog is {said}: see src/csp_transfer/_version.py"
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", beside):
        yield f"the changelog says {beside or 'nothing'!r} beside {said}: its day, such as (2026-12-01)"
    later = [one for one in kept if in_order(one) > in_order(now)]
    if later:
        yield f"{', '.join(later)} is kept already, and later than {now}"


def changelog(text: str, names: set[str]) -> Iterator[str]:
    """Yield what a changelog leaves out: answers that change, rules that there are, names that are new."""
    _, _, section = latest(text)
    _, _, answers = section.partition("### Answers that change\n")
    if "\n- " not in answers:
        yield "no answers that change: say of each its rules and dates, or that there is none"
    unknown = set(re.findall(r"\b[A-Z]{3}-\d{3}\b", section)) - rules().keys()
    if unknown:
        yield f"no rule is called {', '.join(sorted(unknown))}"
    for name in sorted(names):
        if not re.search(rf"\b{name}\b", section):
            yield f"{name} is new, and not named"


def new_names(old: str, new: str) -> set[str]:
    """Return the classes and functions that one surface has and another has not, by their last name."""
    found = re.compile(r"^(?:class )?csp_transfer(?:\.[a-z_]+)*\.(\w+)[(:]", re.MULTILINE)
    return set(found.findall(new)) - set(found.findall(old))


def kept_files(now: str) -> Iterator[str]:
    """Yield what is not kept of this version: a file of each kind of data, and the public surface."""
    place = keep.KEPT / now
    wanted = {"api.txt"} | {f"{name}.{kind}" for name in keep.values() for kind in ("json", "pickle")}
    missing = wanted - {path.name for path in place.glob("*")}
    if missing:
        yield f"{place.relative_to(ROOT)} lacks {', '.join(sorted(missing))}: python proof/keep.py"


def surface(versions: list[str]) -> Iterator[str]:
    """Yield what has changed without being written down, and what worked with a kept version and does not now."""
    now = api.surface()
    if now != api.KEPT.read_text("utf-8"):
        yield "proof/api.txt is not the public surface: python proof/api.py"
    for one in versions:
        for broken in api.broken_since(one, (keep.KEPT / one / "api.txt").read_text("utf-8"), now):
            yield f"since {one}: {broken}"


def docs() -> Iterator[str]:
    """Yield the generated pages that are out of date, and what the site's build says."""
    for place, text in runpy.run_path(str(ROOT / "docs/generate.py"))["pages"]().items():
        if place.read_text("utf-8") != text:
            yield f"{place.relative_to(ROOT)} is out of date: python docs/generate.py"
    with tempfile.TemporaryDirectory() as site:
        command = (sys.executable, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", str(ROOT / "docs"), site)
        yield from _failing(command, ROOT, "the site")


def built_and_tested() -> Iterator[str]:
    """Yield what is wrong with the wheel and the source distribution, and with the tests that are in it."""
    yield from distributions.problems()
    with tempfile.TemporaryDirectory() as place:
        _, source = distributions.built(Path(place))
        with tarfile.open(source) as opened:
            opened.extractall(place, filter="data")
        inside = Path(place) / source.name.removesuffix(".tar.gz")
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SLICE)
        yield from _failing(command, inside, "the tests of the source distribution")


def committed() -> Iterator[str]:
    """Yield what is not committed."""
    asked = subprocess.run(("git", "status", "--porcelain"), cwd=ROOT, capture_output=True, text=True)
    if asked.returncode:
        yield "this is no checkout of a repository"
    yield from (f"not committed: {line}" for line in asked.stdout.splitlines())


def _failing(command: tuple[str, ...], place: Path, what: str) -> Iterator[str]:
    there = os.environ | {"PYTHONPATH": str(place / "src")}
    done = subprocess.run(command, cwd=place, env=there, capture_output=True, text=True)
    if done.returncode:
        yield "\n".join([f"{what}:", *(done.stdout + done.stderr).splitlines()[-20:]])


def checklist() -> dict[str, Callable[[], Iterator[str]]]:
    """Return every point of the list, what is quick first."""
    text, now = CHANGELOG.read_text("utf-8"), csp.__version__
    kept = sorted((path.name for path in keep.KEPT.glob("*")), key=in_order)
    before = [one for one in kept if one != now] or kept
    earlier = (keep.KEPT / before[-1] / "api.txt").read_text("utf-8")
    return {
        "version": lambda: version(text, now, kept),
        "changelog": lambda: changelog(text, new_names(earlier, api.surface())),
        "kept files": lambda: kept_files(now),
        "public surface": lambda: surface(kept),
        "everything committed": committed,
        "documentation": docs,
        "wheel and source distribution": built_and_tested,
    }


def main() -> int:
    """Look at every point; return how many are not done."""
    left = 0
    for name, check in checklist().items():
        found = list(check())
        left += bool(found)
        print(f"[{' ' if found else 'x'}] {name}", flush=True)
        print("".join(f"    {line}\n" for problem in found for line in problem.splitlines()), end="")
    print(f"{left} of {len(checklist())} points are left" if left else "Ready: tag the commit, and build")
    return left


if __name__ == "__main__":
    sys.exit(bool(main()))
