"""The core's tests under Pythons that this machine does not have: CPython as WebAssembly, in Node.

    python proof/newer.py         3.12 to 3.15, from the package `pyodide` of npm
    python proof/newer.py 3.13    one of them

What needs compiled packages or processes of its own cannot run there: frames of Polars, pictures, the command.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHONS: Final = {"3.12": "0.27.7", "3.13": "0.29.5", "3.14": "314.0.7", "3.15": "315.0.0-alpha.2"}
"""Versions of Python, and the version of Pyodide that is one."""
PURE: Final = (
    *(
        "attrs",
        "hypothesis",
        "icalendar",
        "iniconfig",
        "narwhals",
        "packaging",
        "pluggy",
        "pygments",
        "pytest",
    ),
    *("python-dateutil", "six", "sortedcontainers", "typing_extensions", "tzdata"),
)
"""What the tests need, as pure Python."""
TESTS: Final = (
    "assessed",
    "boundaries",
    "capacity",
    "choice",
    "compared",
    "contract",
    "decision",
    "eligibility",
    "exhaustive",
    "explain",
    "export",
    "extended",
    "ids",
    "in_force",
    "lifecycle",
    "model",
    "money",
    "page",
    "partner_center",
    "places",
    "plain",
    "plan",
    "refunds",
    "rich",
    "risk",
    "routes",
    "rules",
    "selection",
    "simulation",
    "spans",
    "terms",
)
CHOSEN: Final = "not ({})".format(
    " or ".join(
        (
            "how_an_id_is_spelled",
            "asked_for_in_another_case",
            "every_door_counts",
            "a_selection_is_of",
            "(too and deep)",
        )
    )
)
"""All but the last need Polars. And the stack is deeper there than any machine's: nothing is too deep to be read."""
RUN: Final = """
import { loadPyodide } from "pyodide";
const [project, site, ...asked] = process.argv.slice(2);
const python = await loadPyodide();
for (const [at, root] of [["/project", project], ["/site", site]]) {
    python.FS.mkdirTree(at);
    python.FS.mount(python.FS.filesystems.NODEFS, { root }, at);
}
python.globals.set("asked", asked);
process.exit(await python.runPythonAsync(`
import os, sys
sys.path[:0] = ["/project/src", "/site"]
sys.dont_write_bytecode = True
os.chdir("/project")
print("Python", sys.version.split()[0], flush=True)
import pytest
int(pytest.main(["-q", "-p", "no:cacheprovider", "--capture=sys", *asked]))
`));
"""


def passes(version: str) -> bool:
    """Tell whether the tests pass under one version of Python."""
    files = [f"tests/test_{name}.py" for name in TESTS]
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "package.json").write_text(json.dumps({"type": "module"}), encoding="utf-8")
        (Path(place) / "run.js").write_text(RUN, encoding="utf-8")
        subprocess.run(("npm", "install", "--silent", f"pyodide@{PYTHONS[version]}"), cwd=place, check=True)
        pure = ("--only-binary=:all:", "--implementation", "py", "--abi", "none", "--platform", "any")
        install = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", f"{place}/site")
        subprocess.run((*install, *pure, "--python-version", version, *PURE), check=True)
        # Python's own stack is Node's: it needs much of it.
        node = (
            "bash",
            "-c",
            'ulimit -s unlimited; exec node --stack-size=60000 "$@"',
            "node",
            f"{place}/run.js",
        )
        ran = subprocess.run((*node, str(ROOT), f"{place}/site", "-k", CHOSEN, *files), cwd=place)
    return ran.returncode == 0


if __name__ == "__main__":
    FAILED = [version for version in sys.argv[1:] or PYTHONS if not passes(version)]
    print("under newer Pythons:", f"failures with {', '.join(FAILED)}" if FAILED else "all passed")
    sys.exit(bool(FAILED))
