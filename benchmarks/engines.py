"""The rule engines that one might pick instead, on the decisions that `assess` makes for an ordinary subscription.

    python benchmarks/engines.py 2026-11-26     needs the extra `bench`; the day is only printed

First every side must give the answers of the reference, `budgets.inlined`, for every case, verdict by verdict; a
difference ends it. Then all sides decide all cases, in this process and in turn; the best of several rounds counts, by
the processor's time.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from budgets import TODAY, Case, cases, inlined, seconds
from sides import SIDES, Side, by_hand

ROWS = 10_000
"""The rows of the batch that OpenFisca is made for."""


def made() -> Iterator[Side | str]:
    """Yield each side, or for one that is not installed what is missing."""
    for make in SIDES:
        try:
            yield make()
        except ImportError as missing:
            yield f"{make.__name__}: {missing}"


def check(side: Side, rows: Sequence[Case]) -> None:
    """End the benchmark where a side does not answer as the reference does."""
    for case in rows:
        said, expected = side.read(side.decide(*side.feed(case))), inlined(*case)
        if said != expected:
            sys.exit(f"{side.package}, {side.how}: {case}\n  {said}\n  by hand {expected}")


def each(side: Side, fed: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    """Return the work of deciding what was fed, one after the other."""
    decide = side.decide

    def work() -> None:
        for facts in fed:
            decide(*facts)

    return work


def batch(fisca: Side) -> float:
    """Return how long OpenFisca takes for many rows on one day at once, as a part of the time by hand."""

    def on_one_day() -> Iterator[Case]:
        for case in cases():
            ago = case.today - TODAY
            yield case._replace(first_day=case.first_day - ago, last_day=case.last_day - ago, today=TODAY)

    rows = [*islice(cycle(on_one_day()), ROWS)]
    facts = fisca.feed(*rows)
    if fisca.read(fisca.decide(*facts)) != tuple(inlined(*row) for row in rows):
        sys.exit(f"{fisca.package}: a batch is not decided as by hand")
    reference, theirs = seconds([each(by_hand(), [tuple(row) for row in rows]), each(fisca, [facts])])
    return theirs / reference


def machine() -> str:
    """Return the processor, the number of cores, and the Python that all sides share."""
    info = Path("/proc/cpuinfo")  # elsewhere than on Linux, Python itself knows the name
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def main(day: str) -> None:
    """Print what each side takes, as Markdown."""
    rows = [*cases()]
    sides, missing = [], []
    for side in made():
        if isinstance(side, Side):
            check(side, rows)
            sides.append(side)
        else:
            missing.append(side)
    times = seconds([each(side, [side.feed(case) for case in rows]) for side in sides])
    print(f"{day}; {machine()}. {len(rows)} cases, which all decide alike.\n")
    print("| what decides | version | how it is asked | days are | it gives | time, by hand = 1 |")
    print("| --- | --- | --- | --- | --- | ---: |")
    for time, side in sorted(zip(times, sides, strict=True), key=lambda pair: pair[0]):
        version = platform.python_version() if side.package == "python" else metadata.version(side.package)
        what = f"| {side.package} | {version} |"
        print(f"{what} {side.how} | {side.days} | {side.gives} | {time / times[0]:,.1f} |")
        if side.package == "OpenFisca-Core":
            per_row = f"{ROWS:,} rows at once, per row | {side.days} | {side.gives} | {batch(side):,.2f}"
            print(f"{what} {per_row} |")
    for name in missing:
        print(f"\nNot installed: {name}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__))
