"""No shared state: many threads, and processes that share nothing, give the same answers."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta

import pytest

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.explanation import Why
from csp_transfer.texts import read_bytes

pytestmark = pytest.mark.untraced

MOVE = csp.Transfer(
    customer=csp.Tenant(id="contoso", country="JP"),
    destination=csp.Partner(id="fabrikam", country="JP"),
    subscriptions=partner_center.read(read_bytes("contoso-subscriptions.json")),
)
DAYS = [date(2026, 2, 15) + timedelta(days=9 * n) for n in range(4)]
THREADS = 16


def answer(on: date) -> tuple[str, str, str]:
    """Everything that is read lazily: rules, messages in both languages, markets, decision tables, explanations."""
    plan = csp.plan_transfer(MOVE, as_of=on, policy=csp.IN_FORCE)
    explained = csp.explain(plan.assessments[1])
    return str(plan), plan.to_markdown("ja"), str(explained)


def test_many_threads_that_start_together_give_one_answer() -> None:
    start = threading.Barrier(THREADS)

    def together(n: int) -> tuple[str, str, str]:
        start.wait(timeout=60)
        return answer(DAYS[n % 4])

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(together, range(THREADS)))
    alone = [answer(on) for on in DAYS]
    assert answers == alone * 4


@pytest.mark.untraced
def test_many_threads_may_read_one_explanation() -> None:
    """What would make a silent rule speak is looked for when it is read."""
    asked = [csp.assess(s, as_of=DAYS[0], policy=csp.IN_FORCE) for s in MOVE.subscriptions]
    alone = [list(map(silent, csp.explain(a).whys)) for a in asked]
    shared, start = [csp.explain(a) for a in asked], threading.Barrier(THREADS)
    switches = sys.getswitchinterval()

    def together(_: int) -> list[list[list[str]]]:
        start.wait(timeout=60)
        return [list(map(silent, one.whys)) for one in shared]

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            said = list(pool.map(together, range(THREADS)))
    finally:
        sys.setswitchinterval(switches)
    assert said == [alone] * THREADS


def silent(why: Why) -> list[str]:
    """Which rules do not speak, and which facts would make them."""
    return [f"{s.rule.id} {[(c.fact, c.after) for c in s.unless]}" for s in why.silent]


RACE = """
import sys, threading
sys.path[:0] = sys.argv[1].split("|")
import test_concurrency as t
sys.setswitchinterval(1e-6)
start, found = threading.Barrier(16), []
def first():
    start.wait(60)
    found.append(t.answer(t.DAYS[0]))
threads = [threading.Thread(target=first) for _ in range(16)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(len(found), len(set(found)))
"""


def test_the_first_answers_of_a_process_may_race() -> None:
    """What is read on first use (rules, words, markets, tables) is read by many threads at once."""
    run = subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-c", RACE, "|".join(sys.path)], capture_output=True, text=True, check=False
    )
    assert run.stdout == "16 1\n", run.stderr


def test_processes_that_share_nothing_give_the_same_answers() -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(csp_answer, DAYS)) == [csp_answer(on) for on in DAYS]


def csp_answer(on: date) -> str:
    return str(csp.plan_transfer(MOVE, as_of=on))


SEEDS = """
import json, sys
sys.path[:0] = sys.argv[1].split("|")
from datetime import date
from facts import D, GONE, TWIN, day, replacement, subscription, transfer
import csp_transfer as csp
twin = TWIN.evolve(equivalents=frozenset("abcdefgh"))
move = transfer(
    subscription(assigned=20), subscription(id="2", offer=GONE), subscription(id="3", trial=True),
    replacements={"83ef9d05": replacement(offer=twin, quantity=10), "2": replacement(offer=twin, quantity=30)},
    target_tenant=csp.Tenant(id="newco", country="JP"),
)
for policy in (csp.GUIDE, csp.IN_FORCE):
    plan = csp.plan_transfer(move, as_of=D, policy=policy)
    routes = [route.to_dict() for route in csp.compare_routes(move, as_of=D, policy=policy)]
    print(json.dumps([move.to_dict(), plan.to_dict(), routes]))
    for a in plan.assessments:
        print(csp.explain(a))
"""


def test_no_hash_seed_changes_what_is_written() -> None:
    written = {
        subprocess.run(  # noqa: S603 - our own tests
            [sys.executable, "-c", SEEDS, "|".join(sys.path)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "0123"
    }
    assert len(written) == 1
    assert b"below-assigned" in written.pop()
