"""What a wheel must be: the same bytes each time it is built, with everything that belongs in it and nothing else.

python proof/wheel.py    builds it twice, at different times and places, and looks inside
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv*", ".demo", ".engines", "dist", "_build", "__pycache__", ".hypothesis", ".*_cache")
)


def built(place: Path) -> Path:
    """Build the wheel from a copy of the sources at a place."""
    shutil.copytree(ROOT, place / "source", ignore=LEFT_OUT, copy_function=shutil.copy)  # with new times
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(place), str(place / "source")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    [wheel] = place.glob("*.whl")
    return wheel


def main() -> int:
    """Build twice, and compare; look inside."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory(prefix="another-") as second:
        wheels = [built(Path(place)) for place in (first, second)]
        digests = {hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}
        inside = {
            name for name in zipfile.ZipFile(wheels[0]).namelist() if not re.search(r"\.dist-info/", name)
        }
    source = ROOT / "src"
    wanted = {
        str(path.relative_to(source))
        for path in (source / "csp_transfer").rglob("*")
        if path.suffix in (".py", ".toml", ".csv", ".json") or path.name == "py.typed"
    }
    for name in sorted(inside ^ wanted):
        print(f"{'does not belong' if name in inside else 'is missing'}: {name}")
    print(
        f"{len(inside)} files; two builds, {len(digests)} digest{'s' if len(digests) > 1 else ''}: {min(digests)}"
    )
    return int(inside != wanted or len(digests) > 1)


if __name__ == "__main__":
    sys.exit(main())
