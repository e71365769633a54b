"""Would the tests notice? Break the rules in every small way there is, one at a time, and run the tests on each.

    python proof/mutation.py                     every mutant of every module below, about an hour on two cores
    python proof/mutation.py --only rules.terms  those of some modules
    python proof/mutation.py --out FILE          the same, and every result as a line of JSON as soon as it is known
    python proof/mutation.py --again FILE        what survived in the results in FILE, and what is new since
    python proof/mutation.py --sample 40         so many of all, other ones for every commit: what CI runs

A mutant that no test kills must stand in `proof/survivors.toml`, with the reason why it changes no answer. A run fails
if one does not, or if what stands there is no mutant any more; a whole run also if less than 95 % are killed; a sample,
which has nothing to do with what its commit changed, only if less than 85 % are killed (of those without a reason). The
mutants are made by cosmic-ray; this file only decides which, and runs the tests of each in a fork of one process that
has everything imported but the package. In the end, each test that killed one must pass where nothing is broken.

A sample is to be quick: only its own mutants are made, what stands in `survivors.toml` is only looked for in the code,
and laws have as few cases as where all tests are run. A whole run tries with more.
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # our own would import the package, before it is broken

import attrs  # noqa: F401 - imported once, before the forks
import dateutil.relativedelta  # noqa: F401
import hypothesis.strategies  # noqa: F401
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

if any(name.partition(".")[0] == "csp_transfer" for name in sys.modules):
    sys.exit("the package is imported already: every mutant would survive")

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    *(f"rules.{path.stem}" for path in sorted((ROOT / "src/csp_transfer/rules").glob("[!_]*.py"))),
    *("policy", "spans", "outlook", "decided", "reasons", "assessment"),
    *("choice", "plan", "planner", "schedule", "steps"),
)
LEAST = 95  # percent
LEAST_OF_A_SAMPLE = 85  # 20 mutants cannot tell 95 from 90
SURVIVED = "survived"
SECONDS = 900  # for all tests, in one process; a mutant that takes longer loops

# All that cosmic-ray has, but what only makes a type error of a comparison or of arithmetic on days.
LEFT_OUT = (
    *(
        "*BinaryOperator_*_*",
        "*Comparison*_Is_*",
        "*Comparison*_IsNot_*",
        "*Comparison*_Is",
        "*Comparison*_IsNot",
    ),
    *("*Variable*", "*Exception*"),
)
KEPT = (
    *(
        "*_Add_Sub",
        "*_Sub_Add",
        "*_Mul_Div",
        "*_FloorDiv_Mul",
        "*_Mod_Mul",
        "*_BitOr_BitAnd",
        "*_BitAnd_BitOr",
    ),
    *("*_Is_IsNot", "*_IsNot_Is"),
)
# The tests that see most, first; what is slow, or hardly ever sees a mutant of a decision, only sees what the others
# have missed. The laws of `explain` ask thousands of questions for each mutant, and others start processes: they are
# left out, and what only they would notice counts as missed.
LAST = (
    *("test_arrow", "test_by_reference", "test_command*", "test_doc*", "test_errors_in_japanese"),
    *("test_extras", "test_house", "test_kept", "test_release", "test_rich", "test_schema"),
    *("test_tables*", "test_texts"),
)
LEFT_OUT_TESTS = (
    *("test_explain", "test_strategies", "test_concurrency", "test_facts"),
    *("test_export", "test_frames", "test_frames_values", "test_plots"),
)
FIRST = {
    "rules.term_end": "test_in_force",
    "rules.state_table": "test_lifecycle",
    "rules.mid_term": "test_routes",
    "rules.relationship": "test_rules",
    "rules.ending": "test_exhaustive",
    "rules.risk_table": "test_exhaustive",
    "policy": "test_in_force",
    "outlook": "test_exhaustive",
    "decided": "test_assessed",
    "reasons": "test_exhaustive",
    "assessment": "test_exhaustive",
    "planner": "test_plan",
    "schedule": "test_plan",
    "steps": "test_plan",
    # Not among the modules above; for whoever asks for one of them with `--only`.
    "catalogue": "test_rules",
    "checks": "test_model",
    "errors": "test_model",
    "findings": "test_rules",
    "gate": "test_plan",
    "markets": "test_eligibility",
    "money": "test_routes",
    "outline": "test_rich",
    "overview": "test_portfolio",
    "parts": "test_routes",
    "payload": "test_partner_center",
    "progress": "test_portfolio",
    "transfer": "test_model",
    "views": "test_portfolio",
    "ways": "test_routes",
    "words": "test_model",
}


_ANNOTATION = re.compile(r"(self, )?(\w+: )|(def )|(.*\) -> )")


class Mutant(NamedTuple):
    """One small change of one module."""

    module: str
    operator: str
    occurrence: int
    code: str
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it while other lines come and go."""
        return self.module, self.before, self.after


def path_of(module: str) -> str:
    """Return where a module is, below the root."""
    return f"src/csp_transfer/{module.replace('.', '/')}.py"


@cache
def source_of(module: str) -> str:
    """Return the code of a module."""
    return (ROOT / path_of(module)).read_text(encoding="utf-8")


def operators() -> list[str]:
    """Return the names of the operators that are used."""
    left_out = {name for name in operator_names() if any(fnmatch.fnmatch(name, p) for p in LEFT_OUT)}
    kept = {name for name in operator_names() if any(fnmatch.fnmatch(name, p) for p in KEPT)}
    return sorted(set(operator_names()) - left_out | kept)


class Place(NamedTuple):
    """Where an operator can change a module."""

    module: str
    operator: str
    occurrence: int


def places_in(module: str) -> list[Place]:
    """Return where each operator can change a module."""
    nodes = list(ast_nodes(get_ast(source_of(module))))
    return [
        Place(module, name, occurrence)
        for name in operators()
        for occurrence in range(
            sum(1 for node in nodes for _ in get_operator(name)().mutation_positions(node))
        )
    ]


def mutants_at(places: Iterable[Place]) -> Iterator[Mutant]:
    """Yield the mutants of some places: none for a place whose code does not change, or changes like another's."""
    seen: set[str | None] = {None}
    for module, name, occurrence in places:
        source = source_of(module)
        code = mutate_code(source, get_operator(name)(), occurrence)
        if code == source or code in seen:
            continue
        seen.add(code)
        changed = list(unified_diff(source.splitlines(), code.splitlines(), n=0, lineterm=""))[3:]
        before = " ".join(line[1:].strip() for line in changed if line.startswith("-"))
        after = " ".join(line[1:].strip() for line in changed if line.startswith("+"))
        # Annotations are for type checkers, which see a `|` that became a `&`.
        if not (_ANNOTATION.match(before) and "_Bit" in name):
            yield Mutant(module, name, occurrence, code, before, after)


def mutants(modules: Iterable[str], workers: int) -> list[Mutant]:
    """Return every mutant of some modules, found by so many processes."""
    with ProcessPoolExecutor(workers) as processes:
        return [mutant for found in processes.map(_listed, modules) for mutant in found]


def _listed(module: str) -> list[Mutant]:
    return list(mutants_at(places_in(module)))


def profile(*, sample: bool) -> str:
    """Return the option that says how many cases each law has."""
    return f"--hypothesis-profile={'ci' if sample else 'mutants'}"


class _Witness:
    """The test that failed first."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"{report.nodeid} (import)"


def stages(module: str) -> list[list[str]]:
    """Return the files of tests in the order in which they are asked."""
    files = sorted(path.stem for path in (ROOT / "tests").glob("test_*.py"))
    first = FIRST.get(module, f"test_{module.rsplit('.', maxsplit=1)[-1]}")
    others = [name for name in files if name not in (first, *LEFT_OUT_TESTS)]
    last = [name for name in others if any(fnmatch.fnmatch(name, p) for p in LAST)]
    rest = [name for name in others if name not in last]
    wanted = [[first] if first in files else [], rest, last]
    return [[f"tests/{name}.py" for name in stage] for stage in wanted if stage]


def ask(module: str, place: Path, *, sample: bool) -> str:
    """Run the tests in this process, on the sources below a place; return the first that failed, or nothing."""
    os.chdir(place)
    sys.path.insert(0, str(place / "src"))
    os.environ.update(PYTHONPATH=str(place / "src"), PYTHONDONTWRITEBYTECODE="1")
    sys.dont_write_bytecode = True
    for stage in stages(module):
        witness = _Witness()
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", profile(sample=sample)]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # what is imported before the forks
        code = pytest.main([*options, *stage], plugins=[witness])
        if code != 0:
            return witness.failed or f"pytest {code}"
    return ""


class Worker:
    """A copy of the sources, and the fork that runs the tests on one mutant in it."""

    def __init__(self, n: int, scratch: Path, *, sample: bool) -> None:
        self.sample = sample
        self.place = scratch / str(n)
        for name in ("src", "tests", "docs", "proof", "benchmarks"):
            shutil.copytree(
                ROOT / name, self.place / name, ignore=shutil.ignore_patterns("_build", "__pycache__")
            )
        for page in (*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "pyproject.toml"):
            shutil.copy2(page, self.place / page.name)
        self.mutant: Mutant | None = None
        self.pid = 0
        self.stamp = 0
        self.said = self.place / "said"

    def warm(self) -> None:
        """Compile everything once."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        command += ["--collect-only", "tests"]
        environment = {**os.environ, "PYTHONPATH": str(self.place / "src")}
        subprocess.run(command, cwd=self.place, env=environment, stdout=subprocess.DEVNULL, check=True)

    def start(self, mutant: Mutant) -> None:
        """Write the mutant in place of its module, and fork."""
        self.mutant = mutant
        path = self.place / path_of(mutant.module)
        path.write_text(mutant.code, encoding="utf-8")
        self.stamp += 1
        os.utime(path, (self.stamp, self.stamp))  # never the time of what was compiled
        self.said.unlink(missing_ok=True)
        self.pid = os.fork()
        if not self.pid:
            signal.alarm(SECONDS)
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            try:
                self.said.write_text(
                    ask(mutant.module, self.place, sample=self.sample) or SURVIVED, encoding="utf-8"
                )
            except BaseException:
                self.said.write_text(traceback.format_exc(), encoding="utf-8")
                os._exit(1)
            os._exit(0)

    def finish(self, status: int) -> str:
        """Put the module back; return the test that failed, or that it survived."""
        assert self.mutant is not None
        name = path_of(self.mutant.module)
        shutil.copy2(ROOT / name, self.place / name)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            return f"took more than {SECONDS} s"
        said = self.said.read_text(encoding="utf-8") if self.said.exists() else "crashed"
        if status:  # never count what broke down here as killed by a test
            sys.exit(f"the tests of {self.mutant.key} could not be run:\n{said}")
        return said


def run(tried: list[Mutant], workers: int, out: Path | None, *, sample: bool) -> dict[Mutant, str]:
    """Return what killed each mutant; a result is kept as soon as it is known, so that no run is in vain."""
    results: dict[Mutant, str] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        free = [Worker(n, Path(scratch), sample=sample) for n in range(workers)]
        for worker in free:
            worker.warm()
        busy: dict[int, Worker] = {}
        waiting = tried[::-1]
        while waiting or busy:
            while free and waiting:
                worker = free.pop()
                worker.start(waiting.pop())
                busy[worker.pid] = worker
            pid, status = os.wait()
            worker = busy.pop(pid)
            assert worker.mutant is not None
            said = worker.finish(status)
            free.append(worker)
            results[worker.mutant] = said
            if out:
                row = {**worker.mutant._asdict(), "code": "", "by": said}
                with out.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(row) + "\n")
            if len(results) % 50 == 0:
                left = sum(1 for said in results.values() if said == SURVIVED)
                seconds = time.monotonic() - began
                print(f"{len(results)}/{len(tried)} in {seconds:.0f} s, {left} survive", flush=True)
    return results


def fail_unbroken(tests: Iterable[str], *, sample: bool) -> bool:
    """Tell whether some of the tests fail while nothing is broken: then what they killed says nothing."""
    named = sorted({test.removesuffix(" (import)") for test in tests if test.startswith("tests/")})
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", profile(sample=sample)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "pytest", *options, *named]
    return bool(named) and subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0


def sampled(
    modules: Iterable[str], workers: int, known: Container[tuple[str, str, str]], count: int
) -> list[Mutant]:
    """Return so many mutants without a reason, by a hash of each and of the commit: every commit tries others."""
    git = ["git", "rev-parse", "HEAD"]
    salt = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    with ProcessPoolExecutor(workers) as processes:
        places = [place for found in processes.map(places_in, modules) for place in found]
    places.sort(key=lambda place: hashlib.sha256(f"{salt}{place}".encode()).digest())
    return list(islice((mutant for mutant in mutants_at(places) if mutant.key not in known), count))


def excused() -> dict[tuple[str, str, str], str]:
    """Return the survivors that are known to change no answer, and why."""
    rows = tomllib.loads((ROOT / "proof/survivors.toml").read_text(encoding="utf-8"))["survivor"]
    return {(row["module"], row["before"], row["after"]): row["why"] for row in rows}


def not_in_the_code(known: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Return the survivors whose code, as it is without them, is not in their module any more."""
    return {
        (module, before, after)
        for module, before, after in known
        if before not in " ".join(line.strip() for line in source_of(module).splitlines())
    }


def main() -> int:
    """Run, report, and judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=MODULES, metavar="MODULE")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--again", type=Path, metavar="FILE", help="the results of an earlier run")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, help="where to add every result, a line each")
    given = parser.parse_args()
    known = excused()
    if given.sample:  # what has its reason is neither killed nor missed
        tried, stale = sampled(given.only, given.workers, known, given.sample), not_in_the_code(known)
    else:
        # Reasons are kept of modules, too, that are only tried when they are asked for: a whole run looks at all.
        looked_at = (
            given.only if given.only is not MODULES else dict.fromkeys((*MODULES, *(k[0] for k in known)))
        )
        found = mutants(looked_at, given.workers)
        tried = [mutant for mutant in found if mutant.module in given.only]
        stale = {key for key in known if key[0] in looked_at} - {mutant.key for mutant in found}
    for key in sorted(stale):
        print("in survivors.toml, but there is no such mutant: {}\n  - {}\n  + {}".format(*key))
    if stale:
        return 1
    if given.again:
        rows = map(json.loads, given.again.read_text(encoding="utf-8").splitlines())
        killed = {(row["module"], row["before"], row["after"]) for row in rows if row["by"] != SURVIVED}
        tried = [mutant for mutant in tried if mutant.key not in killed]
    if not tried:
        print("nothing has changed since: no mutant to try")
        return 0
    is_sample = given.sample is not None
    results = run(tried, given.workers, given.out, sample=is_sample)
    if fail_unbroken(results.values(), sample=is_sample):
        sys.exit("the tests fail while nothing is broken")
    survivors = [mutant for mutant, said in results.items() if said == SURVIVED]
    unknown = [mutant for mutant in survivors if mutant.key not in known]
    for mutant in unknown:
        print(f"survived: {mutant.module} {mutant.operator}\n  - {mutant.before}\n  + {mutant.after}")
    for module, count in Counter(m.module for m in results).items():
        alive = sum(1 for m in survivors if m.module == module)
        print(f"{module}: {count - alive} of {count} killed")
    score = 100 * (len(results) - len(survivors)) / len(results)
    print(
        f"{len(results)} mutants, {score:.1f} % killed, {len(survivors)} survive, {len(unknown)} unexplained"
    )
    if given.sample:
        return int(100 * (len(results) - len(unknown)) / len(results) < LEAST_OF_A_SAMPLE)
    return int(bool(unknown) or (not given.again and score < LEAST))  # of a part, the share says little


if __name__ == "__main__":
    sys.exit(main())
