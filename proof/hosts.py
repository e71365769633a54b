"""The same questions on hosts that are set up otherwise: every answer is the same, to the byte.

    python proof/hosts.py [COUNT]

Each host is a process of its own: with another locale, time zone, hash seed, decimal context, recursion limit,
encoding, level of optimisation or number of threads, or with processes that are started in another way. It makes one
digest of what it answers to the same made-up questions: plans as data and as texts, comparisons of ways,
explanations, calendars and tables.
"""

from __future__ import annotations

import decimal
import hashlib
import json
import locale
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from made_up import Question, questions

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.export import to_ics

COUNT = 300
SEED = 7
SHARES = 16
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "as it is": {},
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 4242": {"PYTHONHASHSEED": "4242"},
    "zone Asia/Tokyo": {"TZ": "Asia/Tokyo"},
    "zone Pacific/Kiritimati": {"TZ": "Pacific/Kiritimati"},
    "zone America/Adak": {"TZ": "America/Adak"},
    "locale C without UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "locale as the machine has it": {"PROOF_LOCALE": "yes"},
    "python -OO": {"PYTHONOPTIMIZE": "2"},
    "decimals of five digits, rounded down": {"PROOF_DIGITS": "5"},
    "calls up to 400 deep": {"PROOF_DEPTH": "400"},
    "sixteen threads": {"PROOF_WORKERS": "threads"},
    **{f"processes by {how}": {"PROOF_WORKERS": how} for how in multiprocessing.get_all_start_methods()},
}


def said(question: Question) -> Iterator[str]:
    """Yield all that is answered to a question."""
    transfer = question.transfer()
    if transfer is None:
        return
    plan = csp.plan_transfer(transfer, as_of=question.as_of, policy=question.policy)
    yield json.dumps(plan.to_dict())
    for lang in ("en", "ja"):
        yield plan.to_text(lang, detail=True, tz="Asia/Tokyo")
    yield str(csp.compare_routes(transfer, as_of=question.as_of, policy=question.policy))
    yield str(csp.explain(plan.assessments[0]))
    if plan.deadlines:
        yield to_ics(plan).decode()
    table = frames.of(transfer.subscriptions, transfer.replacements)
    yield frames.assess(table, as_of=question.as_of, policy=question.policy).write_json()


def answered(question: Question) -> str:
    """Return all that is answered, or the error."""
    try:
        return "\n".join(said(question))
    except csp.CspTransferError as error:
        return repr(error)


def share(n: int, count: int) -> list[str]:
    """Return digests of the answers to one share of the questions."""
    asked = (question for m, question in enumerate(questions(count, SEED)) if m % SHARES == n)
    return [hashlib.sha256(answered(question).encode()).hexdigest() for question in asked]


def workers() -> Executor:
    """Return the threads or processes of this host."""
    how = os.environ.get("PROOF_WORKERS", "")
    if how == "threads":
        return ThreadPoolExecutor(16)
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(how))


def digest(count: int) -> str:
    """Return one digest of all answers of this host, set up as its environment says."""
    if "PROOF_LOCALE" in os.environ:
        locale.setlocale(locale.LC_ALL, "")
    if digits := os.environ.get("PROOF_DIGITS"):
        decimal.setcontext(decimal.Context(prec=int(digits), rounding=decimal.ROUND_DOWN))
    if depth := os.environ.get("PROOF_DEPTH"):
        sys.setrecursionlimit(int(depth))
    if "PROOF_WORKERS" in os.environ:
        with workers() as pool:
            each = list(pool.map(share, range(SHARES), [count] * SHARES))
    else:
        each = [share(n, count) for n in range(SHARES)]
    return hashlib.sha256(json.dumps(each).encode()).hexdigest()


def main() -> None:
    """Ask every host, and compare."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    found: dict[str, str] = {}
    for name, environment in ENVIRONMENTS.items():
        run = subprocess.run(
            [sys.executable, str(Path(__file__)), "--digest", str(count)],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        found[name] = run.stdout.strip()
        print(f"{found[name][:16]}  {name}", flush=True)
    sys.exit(len(set(found.values())) > 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--digest"]:
        print(digest(int(sys.argv[2])))
    else:
        main()
