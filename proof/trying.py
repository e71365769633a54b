"""The tests on each mutant: most in a fork of a process that has all of them collected (see swapping.py).

What a mutant changes while its module is imported needs a process that imports the package anew. So does one that
survives though its function has run before the tests did.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from itertools import chain, zip_longest
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO, TypeVar

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # our own would import the package, before it is broken

import attrs  # noqa: F401 - imported once, before the forks
import dateutil.relativedelta  # noqa: F401
import hypothesis.strategies  # noqa: F401
import pytest
from coverage import CoverageData

del os.environ["HYPOTHESIS_NO_PLUGINS"]  # not in processes that a test starts

from mutants import ROOT, Key, Mutant, path_of
from swapping import Functions, Name, block_of, changed, in_a_function, loaded, mark, name_of, swap

for name in ("matplotlib.pyplot", "pandas", "polars", "pyarrow", "rich"):  # what takes long to import
    with suppress(ImportError):
        import_module(name)

SURVIVED = "survived"
AT_IMPORT = "changes what runs at import"
LATE = "took too long"
STARTS_PROCESSES = "tests/test_concurrency.py::test_processes_that_share_nothing_give_the_same_answers"
FIRST_ASKED = 2  # files of tests, those that have found most of what runs at import
# Of the processor, so that it does not matter what else the machine does.
SECONDS = 900  # for all tests, in one process; a mutant that takes longer loops
SECONDS_OF_A_TEST = 60
SECONDS_TO_IMPORT = 10  # and to collect tests, where that is done for each mutant
SECONDS_IN_A_SAMPLE = 60  # what is not noticed by then counts as missed there

# For a mutant of what runs at import: the tests that see most, first, and what is slow, or hardly ever sees a mutant of
# a decision, last.
LAST = (
    *("test_arrow", "test_by_reference", "test_command*", "test_concurrency", "test_doc*"),
    *("test_errors_in_japanese", "test_explain", "test_export", "test_extras", "test_facts", "test_frames*"),
    *(
        "test_house",
        "test_kept",
        "test_outline",
        "test_plots",
        "test_portfolio",
        "test_release",
        "test_rich",
        "test_schema",
        "test_strategies",
    ),
    *("test_tables*", "test_texts"),
)
# What tells most of each module, by its name.
FIRST = (
    ("rules.extension", "test_in_force"),
    ("rules.lifecycle", "test_lifecycle"),
    ("rules.partner_change", "test_routes"),
    ("rules.ending", "test_exhaustive"),
    ("rules.risk_table", "test_exhaustive"),
    ("policy", "test_in_force"),
    ("outlook", "test_exhaustive"),
    ("reasons", "test_exhaustive"),
    ("assessment", "test_exhaustive"),
    ("decision", "test_decisions"),
    ("planner", "test_plan"),
    ("steps", "test_plan"),
    ("ways", "test_routes"),
    ("parts", "test_routes"),
    ("catalogue", "test_rules"),
    ("findings", "test_rules"),
    ("sources", "test_rules"),
    ("rulebook", "test_rules"),
    ("checks", "test_model"),
    ("errors", "test_model"),
    ("facts", "test_facts"),
    ("transfer", "test_model"),
    ("plain", "test_kept"),
    ("dicts*", "test_by_reference"),
    ("from_type", "test_strategies"),
    ("strategies.*", "test_strategies"),
    ("why", "test_explain"),
    ("explanation", "test_explain"),
    ("portfolio_page", "test_portfolio"),
    ("payload", "test_partner_center"),
    ("outline", "test_rich"),
    ("frames.*", "test_frames"),
    ("plots.*", "test_plots"),
    ("command.tables", "test_command_tables"),
    ("command.sheets", "test_command_sheets"),
    ("command.beside", "test_tables_of_customers"),
    ("command.options", "test_command_completion"),
    ("command.*", "test_command"),
)


T = TypeVar("T")


def try_all(
    tried: Sequence[Mutant],
    workers: int,
    reached: Mapping[Key, Set[str]],
    *,
    sample: bool,
    seconds: int | None = None,
    tests: Sequence[str] = (),
) -> Iterator[tuple[Mutant, str]]:
    """Yield each mutant with the test that failed first, or that it survived.

    `reached`: the tests that a sample asks first, see `reached_by`. `tests`: only these, as pytest names them.
    """
    if any(name.partition(".")[0] == "csp_transfer" for name in sys.modules):
        sys.exit("the package is imported already: every mutant would survive")
    with tempfile.TemporaryDirectory() as scratch:
        places = [_place(Path(scratch, str(n))) for n in range(workers)]
        again: list[Mutant] = []
        for mutant, said in _collected(tried, places, reached, tests, sample=sample, seconds=seconds):
            if said == AT_IMPORT:
                again.append(mutant)
            else:
                yield mutant, said

        killers = Counter({"tests/test_house.py": 1})  # most are about how values are made

        def ask(mutant: Mutant, place: Path) -> str:
            first = [file for file, _ in killers.most_common(FIRST_ASKED)]
            own, *others = _stages(mutant.module)
            with _written(mutant, place):
                return _anew(place, [tests] if tests else (own, first, *others))

        if sample:
            seconds, late = SECONDS_IN_A_SAMPLE, SURVIVED
        elif seconds is not None:
            seconds, late = seconds + SECONDS_TO_IMPORT, SURVIVED
        else:
            seconds, late = SECONDS, LATE
        for mutant, said in _in_forks(again, places, ask, seconds=seconds, late=late):
            if said.startswith("tests/"):
                killers[said.removesuffix(" (import)").partition("::")[0]] += 1
            yield mutant, said


def fail_unbroken(tests: Iterable[str]) -> bool:
    """Tell whether some of the tests fail while nothing is broken: then what they killed says nothing."""
    # Of a test with parameters all its cases, as what they are called may have changed since.
    named = sorted(
        {
            test.partition(" (import)")[0].partition("[")[0]
            for test in tests
            if test.startswith(("tests/", "docs/", "README"))
        }
    )
    if not named:
        return False
    with tempfile.TemporaryDirectory() as scratch:
        place = _place(Path(scratch, "unbroken"))
        jobs = _in_forks([named], [place], lambda names, _: _anew(place, [names]), seconds=SECONDS, late=LATE)
        [(_, said)] = jobs
    if said != SURVIVED:
        print(f"{said} fails while nothing is broken")
    return said != SURVIVED


def reached_by(file: Path, tried: Iterable[Mutant]) -> dict[Key, set[str]]:
    """Return the tests that have reached the line of each mutant, by coverage data with a context for each test.

    Of a statement of several lines, that may be an earlier line. What a drawn case reaches is not measured.
    """
    data = CoverageData(str(file))
    data.read()
    measured = {name.rpartition("csp_transfer/")[2]: name for name in data.measured_files()}
    reached: dict[Key, set[str]] = {}
    for mutant in tried:
        name = measured.get(path_of(mutant.module).rpartition("csp_transfer/")[2], "")
        by_line = data.contexts_by_lineno(name)  # kept by nobody: a sample has few of a module
        line = max((line for line in by_line if line <= mutant.line), default=0)
        reached[mutant.key] = {
            context.rpartition("|")[0].partition("[")[0] for context in by_line.get(line, ())
        }
    return reached


# ---- processes ------------------------------------------------------------------------------------------------------


def _place(path: Path) -> Path:
    """Copy what the tests need to a place where one mutant at a time can be written."""
    for name in ("src", "tests", "docs", "proof", "benchmarks"):
        shutil.copytree(ROOT / name, path / name, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    for page in (*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "pyproject.toml"):
        shutil.copy2(page, path / page.name)
    (path / "tmp").mkdir()
    return path


@contextmanager
def _written(mutant: Mutant, place: Path) -> Generator[None]:
    """Write a mutant in place of its module, for a while."""
    name = path_of(mutant.module)
    (place / name).write_text(mutant.code, encoding="utf-8")
    try:
        yield
    finally:
        shutil.copy2(ROOT / name, place / name)


def _in_forks(
    jobs: Iterable[T], places: Sequence[Path], work: Callable[[T, Path], str], *, seconds: int, late: str
) -> Iterator[tuple[T, str]]:
    """Yield what each job has said that was done in a fork of this process; beside each other, each in a place."""
    waiting, free = iter(jobs), list(places)
    busy: dict[int, tuple[T, Path]] = {}
    while True:
        while free and (job := next(waiting, None)) is not None:
            place = free.pop()
            pid = os.fork()
            if not pid:
                _child(partial(work, job, place), place, seconds)
            busy[pid] = job, place
        if not busy:
            return
        pid, status = os.wait()
        job, place = busy.pop(pid)
        free.append(place)
        said = (place / "said").read_text(encoding="utf-8")
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF):
            said = late
        elif os.WIFSIGNALED(status):
            said = f"ended by signal {os.WTERMSIG(status)}"
        elif status:  # never count what broke down here as killed by a test
            raise RuntimeError(f"{job} could not be tried:\n{said}")
        yield job, said


def _child(work: Callable[[], str], place: Path, seconds: int) -> NoReturn:
    """Do the work of one fork, and end it."""
    said = place / "said"
    said.write_text("")
    _limit(seconds)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    # Processes that a test starts see the mutant that is written there.
    os.environ.update(PYTHONPATH=str(place / "src"), PYTEST_DEBUG_TEMPROOT=str(place / "tmp"))
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    try:
        said.write_text(work(), encoding="utf-8")
    except BaseException:
        said.write_text(traceback.format_exc(), encoding="utf-8")
        os._exit(1)
    os._exit(0)


def _limit(seconds: int) -> None:
    """End this process after so many seconds of the processor from now, or where it waits for ever."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(SECONDS)


class _Witness:
    """The test that failed first."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"{report.nodeid} (import)"


OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # what is imported before the forks
    f"--deselect={STARTS_PROCESSES}",
)


# ---- with the package imported anew ---------------------------------------------------------------------------------


class _Alone(_Witness):
    """The same, in a process whose Hypothesis has no plugins: ours is called when the package is imported."""

    def pytest_collection_finish(self) -> None:
        from csp_transfer.from_type import register

        register()


def _anew(place: Path, stages: Iterable[Sequence[str]]) -> str:
    """Run tests in this process, on the sources in a place, stage by stage; return the first that failed."""
    os.chdir(place)
    sys.path.insert(0, str(place / "src"))
    for stage in filter(None, stages):
        witness = _Alone()
        code = pytest.main(["-x", *OPTIONS, *stage], plugins=[witness])
        if code != 0:
            return witness.failed or f"pytest {code}"
    return SURVIVED


def _stages(module: str) -> list[list[str]]:
    """Return the files of tests in the order in which they are asked."""
    files = sorted(path.stem for path in (ROOT / "tests").glob("test_*.py"))
    own = f"test_{module.rpartition('.')[2]}"
    first = next((test for pattern, test in FIRST if fnmatch.fnmatch(module, pattern)), own)
    last = [name for name in files if name != first and any(fnmatch.fnmatch(name, p) for p in LAST)]
    rest = [name for name in files if name not in (first, *last)]
    wanted = [[first] if first in files else [], rest, last]
    return [[f"tests/{name}.py" for name in stage] for stage in wanted if stage]


# ---- with all tests collected ---------------------------------------------------------------------------------------


def _collected(
    tried: Sequence[Mutant],
    places: Sequence[Path],
    reached: Mapping[Key, Set[str]],
    tests: Sequence[str],
    *,
    sample: bool,
    seconds: int | None,
) -> Iterator[tuple[Mutant, str]]:
    """Yield what a process says that has all tests collected, and forks for each mutant."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        os.dup2(2, 1)  # what pytest complains of
        sys.path.insert(0, str(ROOT / "src"))
        with os.fdopen(writing, "w", encoding="utf-8") as lines:
            plugin = _Collected(tried, places, lines, reached, sample=sample, seconds=seconds)
            try:
                sys.settrace(plugin.see_what_runs_at_import)
                pytest.main([*OPTIONS, "--capture=sys", *tests], plugins=[plugin])
            except BaseException:
                traceback.print_exc()
        os._exit(not plugin.ended)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        for line in lines:
            n, said = json.loads(line)
            yield tried[n], said
    if os.waitpid(pid, 0)[1]:
        sys.exit("the tests could not be collected, or fail while nothing is broken")


class _Collected(_Witness):
    """Instead of running the tests that pytest has collected, run those that reach a mutant, for each of some."""

    def __init__(
        self,
        tried: Sequence[Mutant],
        places: Sequence[Path],
        lines: TextIO,
        reached: Mapping[Key, Set[str]],
        *,
        sample: bool,
        seconds: int | None,
    ) -> None:
        self.tried, self.places, self.lines, self.sample = tried, places, lines, sample
        self.asked_first = reached
        self.seconds = SECONDS_IN_A_SAMPLE if sample else seconds
        self.ended = False
        self.groups: dict[str, list[pytest.Item]] = {}
        """The cases of each test, by its name."""
        self.reached: dict[str, dict[str, float]] = {}
        """For each block the tests that reach it, and how long each takes."""
        self.killers: Counter[tuple[str, str]] = Counter()
        self.at_import: set[Name] = set()

    def see_what_runs_at_import(self, frame: FrameType, *_: object) -> None:
        """Keep which functions run while the package is imported, and the tests are collected."""
        self.at_import.add(name_of(frame.f_code))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Say of each mutant which test failed first."""
        sys.settrace(None)
        if self.failed:
            raise AssertionError(f"{self.failed} could not be collected")
        from csp_transfer.from_type import register

        register()  # as Hypothesis does where its plugins are on
        for item in session.items:
            self.groups.setdefault(item.nodeid.partition("[")[0], []).append(item)
        functions = loaded()
        if not self.sample:
            self._look_who_reaches_what(functions)
        codes = [changed(mutant, functions) if in_a_function(mutant) else None for mutant in self.tried]
        for n, code in enumerate(codes):
            if code is None:
                self._say(n, AT_IMPORT)

        def work(n: int, place: Path) -> str:
            with _written(self.tried[n], place):
                swap(functions, codes[n] or {})
                return self._run(self._in_order(self.tried[n]), self.seconds)

        swapped = (n for n, code in enumerate(codes) if code is not None)
        late = SURVIVED if self.sample else LATE
        for n, said in _in_forks(swapped, self.places, work, seconds=SECONDS, late=late):
            self.killers[self.tried[n].module, said.partition("[")[0]] += 1
            ran_before = said == SURVIVED and self.at_import.intersection(codes[n] or ())
            self._say(n, AT_IMPORT if ran_before else said)
        self.ended = True
        return True

    def _say(self, n: int, said: str) -> None:
        self.lines.write(json.dumps([n, said]) + "\n")
        self.lines.flush()

    def _look_who_reaches_what(self, functions: Functions) -> None:
        """Run each test while nothing is broken, and see how long it takes and what it reaches."""
        unbroken = {key: same[0].__code__ for key, same in functions.items()}
        reached = mark(functions)

        def work(group: str, _: Path) -> str:
            reached.clear()
            began = time.perf_counter()
            if (failed := self._run([group])) != SURVIVED:
                raise AssertionError(f"{failed} fails while nothing is broken")
            return json.dumps([time.perf_counter() - began, sorted(reached)])

        for group, said in _in_forks(self.groups, self.places, work, seconds=SECONDS, late=LATE):
            seconds, blocks = json.loads(said)
            for block in blocks:
                self.reached.setdefault(block, {})[group] = seconds
        swap(functions, unbroken)

    def _in_order(self, mutant: Mutant) -> list[str]:
        """Return the tests to ask: first those that have found others in this module, then the quick ones."""
        if self.sample:
            rank = {file: n for n, file in enumerate(chain.from_iterable(_stages(mutant.module)))}
            reached = self.asked_first.get(mutant.key, frozenset())

            def order(group: str) -> tuple[bool, int]:
                place = rank.get(group.partition("::")[0], len(rank))
                # What an answer that is kept has spared a test of the module itself, it reaches where it is alone.
                return place > 0 and group not in reached, place

            return sorted(self.groups, key=order)
        seconds = self.reached.get(block_of(mutant), {})
        return sorted(seconds, key=lambda group: (-self.killers[mutant.module, group], seconds[group]))

    def _run(self, groups: Iterable[str], seconds: int | None = None) -> str:
        """Run some tests up to the first that fails, for so many seconds at most, and return it."""
        items = [item for group in groups for item in self.groups[group]]
        began = time.process_time()
        for item, following in zip_longest(items, items[1:]):
            _limit(SECONDS_OF_A_TEST)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return self.failed
            if seconds and time.process_time() - began > seconds:
                break
        return SURVIVED
