"""Many made-up payloads through every door in one process: nothing but our own errors, and no memory that grows.

    python proof/soak.py 200000 [SEED]

Each payload is read, and planned if it can be. Each plan also goes through one of the other doors, in turn. What an
answer may not be, tests say; here only what is left behind counts. At the end it fails where the process holds more
than it did after the first tenth, by a tenth of that and 16 MiB.
"""

from __future__ import annotations

import gc
import io
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from itertools import cycle
from pathlib import Path

from made_up import Question, questions

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.__main__ import main as command
from csp_transfer.export import to_ics
from csp_transfer.plan import Plan

MEBIBYTE = 1 << 20
COMMAND = ("plan", "-", "--customer-country", "JP", "--partner-country", "JP", "--tolerant", "--as-of")


def held() -> int:
    """Return how much memory the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def _texts(_: Question, plan: Plan) -> None:
    for lang in ("en", "ja"):
        plan.to_text(lang, detail=True)
        plan.to_markdown(lang)
        plan.to_html(lang)


def _again(_: Question, plan: Plan) -> None:
    assert Plan.from_dict(plan.to_dict()) == plan
    plan.to_dict(by_reference=True)


def _routes(question: Question, plan: Plan) -> None:
    str(csp.compare_routes(plan.transfer, as_of=question.as_of, policy=question.policy))


def _explained(_: Question, plan: Plan) -> None:
    str(csp.explain(plan.assessments[0]))


def _calendar(_: Question, plan: Plan) -> None:
    if plan.deadlines:
        to_ics(plan)


def _frame(question: Question, plan: Plan) -> None:
    table = frames.of(plan.transfer.subscriptions, plan.transfer.replacements)
    frames.assess(table, as_of=question.as_of, policy=question.policy)


def _portfolio(question: Question, plan: Plan) -> None:
    other = plan.transfer.evolve(customer=csp.Tenant(id="hanbit", country="JP"))
    str(csp.plan_portfolio([plan.transfer, other], as_of=question.as_of, policy=question.policy))


def _command(question: Question, _: Plan) -> None:
    sys.stdin = io.TextIOWrapper(io.BytesIO(question.payload), encoding="utf-8")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert command([*COMMAND, str(question.as_of)]) in (0, 1, 2)


DOORS: tuple[Callable[[Question, Plan], None], ...] = (
    _texts,
    _again,
    _routes,
    _explained,
    _calendar,
    _frame,
    _portfolio,
    _command,
)


def main() -> None:
    """Ask, and look at the memory after the first tenth and at the end."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    doors, asked, began, first = cycle(DOORS), Counter[str](), time.monotonic(), 0
    for n, question in enumerate(questions(count, seed)):
        if n == count // 10:
            gc.collect()
            first = held()
        try:
            transfer = question.transfer()
            if transfer is None:
                asked["nothing to read"] += 1
                continue
            plan = csp.plan_transfer(transfer, as_of=question.as_of, policy=question.policy)
            door = next(doors)
            asked[door.__name__.strip("_")] += 1
            door(question, plan)
        except csp.CspTransferError as error:
            asked[f"refused: {type(error).__name__}"] += 1
            str(error)
    gc.collect()
    last = held()
    for what, times in sorted(asked.items()):
        print(f"{times:9,} {what}")
    print(f"{count:,} payloads (seed {seed}) in {time.monotonic() - began:.0f} s")
    print(f"memory: {first / MEBIBYTE:.0f} MiB after a tenth, {last / MEBIBYTE:.0f} MiB at the end")
    sys.exit(last > first * 1.1 + 16 * MEBIBYTE)


if __name__ == "__main__":
    main()
