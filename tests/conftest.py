"""How many cases are drawn for each law, and in how many processes the tests run.

`--hypothesis-profile=NAME` chooses how many; a law that costs more or less than most takes its share (`laws.tried`):

    default    what a change is tried with
    ci         the same, and the same cases each time; chosen where `CI` is set
    few        the same cases each time, where another run has drawn more
    mutants    the cases of `ci`, without a search for the simplest that fails: for proof/mutation.py
    new-seed   more, and others each time; `--hypothesis-seed=N` draws them again. Of all tests together only laws are
               run, one in twelve: which ones, the seed says
    long       for `.ci/nightly`: many, and others each time

All tests together run in as many processes as there are cores, and chosen files in one; `-n` says otherwise.
"""

from __future__ import annotations

import gc
import os
import sys
import zlib
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

_DEFAULT = settings(settings.get_profile("default"), deadline=None, max_examples=10)
_AFRESH = settings(
    _DEFAULT, database=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)  # no case of an earlier run
_SAME = settings(_AFRESH, derandomize=True)

settings.register_profile("default", _DEFAULT)
settings.register_profile("ci", _SAME)
settings.register_profile("few", _SAME, max_examples=4)
settings.register_profile("mutants", _SAME, phases=[Phase.explicit, Phase.generate])
settings.register_profile("new-seed", _AFRESH, max_examples=40)
settings.register_profile("long", _AFRESH, max_examples=1000)
settings.load_profile("ci" if "CI" in os.environ else "default")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share all tests out, before pytest-xdist reads its option; never again in a process that has its share."""
    if "PYTEST_XDIST_WORKER" in os.environ or not config.pluginmanager.has_plugin("xdist"):
        return
    if _all_together(config) and config.option.numprocesses is None:
        config.option.numprocesses = "auto"
        config.option.dist = "worksteal"


@pytest.hookimpl(trylast=True)  # Hypothesis marks its laws before
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what the seed has chosen, where new cases are drawn for some of the laws."""
    seed = config.getoption("--hypothesis-seed")
    if config.getoption("--hypothesis-profile") != "new-seed" or seed is None or not _all_together(config):
        return
    left = [each for each in items if each.get_closest_marker("hypothesis") and not _hashed(seed, each) % 12]
    config.hook.pytest_deselected(items=[each for each in items if each not in left])
    items[:] = left


def pytest_collection_finish() -> None:
    """Look after garbage less often: all tests and what they are tried on stay until the end, and are not searched."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Measure coverage of worked cases only: what a drawn case reaches, another one may not, and measuring takes long.

    Tests of what draws are measured, and those marked `untraced` are not. (pytest-cov's own mark does nothing in the
    processes that pytest-xdist starts: there it measures twice, and stops one of the two.)
    """
    drawn = item.get_closest_marker("hypothesis") and item.path.stem != "test_strategies"
    tracer = sys.gettrace()
    stopped = (drawn or item.get_closest_marker("untraced")) and type(tracer).__module__.startswith(
        "coverage"
    )
    if stopped:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        if stopped:
            sys.settrace(tracer)


def _hashed(seed: str, item: pytest.Item) -> int:
    return zlib.crc32(f"{seed} {item.nodeid}".encode())


def _all_together(config: pytest.Config) -> bool:
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS


@pytest.fixture(scope="session", autouse=True)
def _every_error_has_its_japanese() -> Iterator[None]:
    """Whatever test raises it: branch coverage is whole, so all that the package can say is looked at."""
    from said_in_japanese import watched

    with watched() as missing:
        yield
    assert not missing, "errors.toml has no Japanese for this, raised there"


@pytest.fixture
def without_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `plots` is not installed: a folder has no pictures, which cost more than all else in it."""
    for name in [name for name in sys.modules if f"{name}.".startswith("csp_transfer.plots.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
