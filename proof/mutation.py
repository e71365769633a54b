"""Would the tests notice? Break the package in every small way there is, one at a time, and run the tests on each.

    python proof/mutation.py                     every mutant of every module, a night on two cores
    python proof/mutation.py --only rules.terms  those of some modules
    python proof/mutation.py --new               those that are neither in `killed.json` nor in `survivors.toml`
    python proof/mutation.py --new --seconds 3   a first pass: so many seconds of tests for each
    python proof/mutation.py --tests TEST ...    by some tests alone, as pytest names them
    python proof/mutation.py --out FILE          every result as a line of JSON as soon as it is known
    python proof/mutation.py --keep FILE         keep in `killed.json` what was killed in the results in FILE
    python proof/mutation.py --sample 20         so many of what decides, other ones for every commit: what CI runs
    python proof/mutation.py --sample 20 --reached FILE     the same, sooner: coverage data say which tests to ask first

A mutant that no test kills must stand in `proof/survivors.toml`, with the reason why it changes no answer. A run fails
if one does not, or if what stands there is no mutant any more; a whole run also if less than 97 % are killed of what
decides, or 90 % of all else; a sample, which has nothing to do with what its commit changed, only if less than 85 % are
killed (of those without a reason).

`killed.json` says which mutants the tests have killed, by module: each by a hash of its code before and after, so that
a line that changes has mutants that are not there. A whole run does not read it: tests change, too.

`mutants.py` makes the mutants. `trying.py` runs the tests on each: in a whole run those that reach the block of
statements that is broken, as `swapping.py` has seen before. In the end, each test that killed one must pass where
nothing is broken. A sample is to be quick: only its own mutants are made, what stands in `survivors.toml` is only
looked for in the code, and each has 60 seconds of a processor to be noticed. FILE is what all tests have left with
`--cov --cov-context=test`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Collection, Container, Iterable, Mapping, Sequence, Set
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from mutants import ROOT, Key, Mutant, every_module, mutants, mutants_at, places, source_of
from trying import SURVIVED, fail_unbroken, reached_by, try_all

DECIDES = (
    *(
        "rules.*",
        "assessment",
        "days",
        "money",
        "outlook",
        "policy",
        "reasons",
        "model",
    ),
    *("choice", "parts", "plan", "planner", "routes", "steps", "ways"),
)
KILLED = ROOT / "proof/killed.json"
LEAST_OF_DECISIONS, LEAST_OF_THE_REST = 97, 90  # percent
LEAST_OF_A_SAMPLE = 85  # 20 mutants cannot tell 97 from 90


def sampled(modules: Iterable[str], workers: int, known: Container[Key], count: int) -> list[Mutant]:
    """Return so many mutants without a reason, by a hash of each and of the commit: every commit tries others."""
    git = ["git", "rev-parse", "HEAD"]
    salt = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found = places(modules, workers)
    found.sort(key=lambda place: hashlib.sha256(f"{salt}{place}".encode()).digest())
    return list(islice((mutant for mutant in mutants_at(found) if mutant.key not in known), count))


def decides(module: str) -> bool:
    """Tell whether a module decides, or shows what others have decided."""
    return any(fnmatch(module, pattern) for pattern in DECIDES)


def excused() -> dict[Key, str]:
    """Return the survivors that are known to change no answer, and why."""
    rows = tomllib.loads((ROOT / "proof/survivors.toml").read_text(encoding="utf-8"))["survivor"]
    return {
        (row["module"], row["before"], after): row["why"]
        for row in rows
        for after in ([row["after"]] if isinstance(row["after"], str) else row["after"])
    }


def not_in_the_code(known: Iterable[Key]) -> set[Key]:
    """Return the survivors whose code, as it is without them, is not in their module any more."""
    return {
        (module, before, after)
        for module, before, after in known
        if before not in " ".join(line.strip() for line in source_of(module).splitlines())
    }


def hash_of(module: str, before: str, after: str) -> str:
    """Return what names a mutant in `killed.json`."""
    return hashlib.sha256("\n".join((module, before, after)).encode()).hexdigest()[:8]


def kept() -> dict[str, set[str]]:
    """Return which mutants the tests have killed, by module."""
    data = json.loads(KILLED.read_text(encoding="utf-8"))
    return {module: set(hashes.split()) for module, hashes in data.items()}


def keep(results: Path) -> int:
    """Add what was killed to `killed.json`, if the tests that killed it pass unbroken."""
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["by"] != SURVIVED]
    if fail_unbroken(row["by"] for row in rows):
        return 1
    killed = kept()
    for row in rows:
        key = row["module"], row["before"], row["after"]
        killed.setdefault(row["module"], set()).add(hash_of(*key))
    data = {module: " ".join(sorted(hashes)) for module, hashes in killed.items()}
    KILLED.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{sum(len(hashes.split()) for hashes in data.values())} mutants are known to be killed")
    return 0


def main() -> int:
    """Run, report, and judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", metavar="MODULE")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--reached", type=Path, metavar="FILE", help="coverage data with the tests' names")
    parser.add_argument("--seconds", type=int, help="of a processor for each, for a first pass")
    parser.add_argument("--new", action="store_true", help="only those of which nothing is known")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="the results of an earlier run")
    parser.add_argument("--tests", nargs="*", default=(), metavar="TEST")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, help="where to add every result, a line each")
    given = parser.parse_args()
    if given.keep:
        return keep(given.keep)
    known = excused()
    modules = given.only or [module for module in every_module() if not given.sample or decides(module)]
    if given.sample:  # what has its reason is neither killed nor missed
        tried, stale = sampled(modules, given.workers, known, given.sample), not_in_the_code(known)
    else:
        tried = mutants(modules, given.workers)
        stale = {key for key in known if key[0] in modules} - {mutant.key for mutant in tried}
    for key in sorted(stale):
        print("in survivors.toml, but there is no such mutant: {}\n  - {}\n  + {}".format(*key))
    if stale:
        return 1
    if given.new:
        killed = kept()
        tried = [m for m in tried if m.key not in known and hash_of(*m.key) not in killed.get(m.module, ())]
        print(f"{len(tried)} mutants to try", flush=True)
        if not tried:
            return 0
    reached = reached_by(given.reached, tried) if given.reached else {}
    results = run(
        tried,
        given.workers,
        given.out,
        reached,
        given.tests,
        sample=bool(given.sample),
        seconds=given.seconds,
    )
    if fail_unbroken(results.values()):
        return 1
    survivors = [mutant for mutant, said in results.items() if said == SURVIVED]
    unknown = [mutant for mutant in survivors if mutant.key not in known]
    for mutant in unknown:
        print(f"survived: {mutant.module} {mutant.operator}\n  - {mutant.before}\n  + {mutant.after}")
    for module in sorted({mutant.module for mutant in results}):
        print(f"{module}: {shares([m for m in results if m.module == module], survivors)}")
    print(f"{shares(results, survivors)}; {len(unknown)} that survive have no reason")
    if given.sample:
        return int(100 * len(unknown) > (100 - LEAST_OF_A_SAMPLE) * len(results))
    decide = [mutant for mutant in results if decides(mutant.module)]
    rest = [mutant for mutant in results if mutant not in decide]
    enough = True
    for what, some, least in (("decides", decide, LEAST_OF_DECISIONS), ("shows", rest, LEAST_OF_THE_REST)):
        if some:
            print(f"what {what}: {shares(some, survivors)}")
            enough &= killed_of(some, survivors) >= least
    return int(bool(unknown) or (not given.new and not enough))  # of a part, the share says little


def run(
    tried: Sequence[Mutant],
    workers: int,
    out: Path | None,
    reached: Mapping[Key, Set[str]],
    tests: Sequence[str],
    *,
    sample: bool,
    seconds: int | None,
) -> dict[Mutant, str]:
    """Return what killed each mutant; a result is kept as soon as it is known, so that no run is in vain."""
    results: dict[Mutant, str] = {}
    began = time.monotonic()
    for mutant, said in try_all(tried, workers, reached, sample=sample, seconds=seconds, tests=tests):
        results[mutant] = said
        if out:
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({**mutant._asdict(), "code": "", "by": said}) + "\n")
        if len(results) % 50 == 0:
            left = sum(1 for said in results.values() if said == SURVIVED)
            took = time.monotonic() - began
            print(f"{len(results)}/{len(tried)} in {took:.0f} s, {left} survive", flush=True)
    return results


def killed_of(tried: Collection[Mutant], survivors: Collection[Mutant]) -> float:
    """Return how many of some mutants were killed, in percent."""
    return 100 * (1 - sum(1 for mutant in survivors if mutant in tried) / len(tried))


def shares(tried: Collection[Mutant], survivors: Collection[Mutant]) -> str:
    """Say how many of some mutants were killed."""
    return f"{killed_of(tried, survivors):.1f} % of {len(tried)} mutants killed"


if __name__ == "__main__":
    sys.exit(main())
