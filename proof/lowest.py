"""Lower bounds that are true: each extra with the oldest versions that it promises, tested by all that uses it.

    python proof/lowest.py                 makes an environment for each lock in proof/lowest, and runs its tests there
    python proof/lowest.py calendar        for some of them
    python proof/lowest.py --lock          makes the locks anew, with uv: after a change of pyproject.toml

In a lock, what the project names itself is as old as it may be, with what that asks for in its newest fitting version.
Only the extra is there, with what draws cases and runs tests: an extra that lives on what another one brings is found.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCKS: Final = Path(__file__).with_name("lowest")
USED_BY: Final[dict[str, tuple[str, ...]]] = {
    "calendar": ("tests/test_export.py", "docs/how-to/calendar.md"),
    "progress": ("tests/test_portfolio.py", "docs/how-to/portfolio.md"),
    "plots": ("tests/test_plots.py", "docs/how-to/pictures.md"),
    "testing": ("tests/test_strategies.py", "tests/test_plain.py", "docs/how-to/testing.md"),
    "frames": ("tests/test_frames.py", "tests/test_frames_values.py"),
    "arrow": ("tests/test_arrow.py",),
    "excel": ("tests/test_command_workbook.py",),
    "completion": ("tests/test_command_completion.py",),
    "all": (),
    "engines": ("tests/engines",),
}
"""What uses each extra; with all of them, every test; and the engines of frames, which are a group."""


def lock(extra: str) -> None:
    """Write the lock of an extra; it names versions, and no place to get them from."""
    command = (
        *(
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "pyproject.toml",
            "--quiet",
            "--no-header",
            "--no-annotate",
        ),
        *("--resolution", "lowest-direct", "--python-version", "3.11", "--no-emit-index-url"),
        *(
            ("--all-extras", "--group", extra)
            if extra == "engines"
            else ("--extra", extra, "--extra", "testing")
        ),
        *("--group", "test"),
    )
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    pins = [line for line in said.splitlines() if line]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ;.*)?", line) for line in pins), pins
    (LOCKS / f"{extra}.txt").write_text("\n".join([*pins, ""]), encoding="utf-8")


def passes(extra: str) -> bool:
    """Tell whether everything that uses an extra passes with its lock, in an environment of its own."""
    with tempfile.TemporaryDirectory() as place:
        python = f"{place}/bin/python"
        subprocess.run((sys.executable, "-m", "venv", place), check=True)
        install = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check")
        subprocess.run((*install, "-r", str(LOCKS / f"{extra}.txt")), check=True)
        subprocess.run((*install, "--no-deps", "-e", str(ROOT)), check=True)
        tests = subprocess.run((python, "-m", "pytest", "-q", *USED_BY[extra]), cwd=ROOT)
    return tests.returncode == 0


def main(asked: list[str]) -> int:
    """Make the locks, or run the tests with them; return how many of them fail."""
    if asked == ["--lock"]:
        LOCKS.mkdir(exist_ok=True)
        for extra in USED_BY:
            lock(extra)
        return 0
    failed = [extra for extra in asked or USED_BY if not passes(extra)]
    print("lower bounds:", f"not true of {', '.join(failed)}" if failed else "true")
    return len(failed)


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
