"""The budgets, as ratios: both sides run in this process, in turn, and the best of several rounds counts.

    python benchmarks/budgets.py

A ratio is meaningful, a time is not: it depends on the machine and on what else it does.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import attrs

import csp_transfer as csp

ROUNDS = 7
TODAY = date(2026, 3, 1)
OFFER = csp.Offer(id="CFQ7TTC0LH18:0001", name="Business Basic", discontinued=False)
TERM = csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
FACTS: dict[str, Any] = {"id": "83ef9d05", "offer": OFFER, "quantity": 25, "term": TERM, "auto_renew": True}
SUBSCRIPTION = csp.Subscription(**FACTS)

GRACE, DISABLED, ONE = timedelta(days=30), timedelta(days=120), timedelta(days=1)


def inlined(
    last_day: date, quantity: int, assigned: int | None, offer: str, auto_renew: bool, today: date
) -> tuple[Any, ...]:
    """Decide the same by hand for the plain case, like for like: dates, state, risk, refund; tuple to tuple."""
    first_safe, last_safe = last_day + ONE, last_day + GRACE
    if today <= last_day:
        state = "active"
    elif today <= last_safe:
        state = "expired"
    else:
        state = "disabled" if today <= last_day + DISABLED else "deleted"
    provision_on = max(today, first_safe)
    in_time = provision_on <= last_safe
    short = assigned is not None and quantity < assigned
    return (
        *(state, first_safe, last_safe, last_day if auto_renew else None, provision_on),
        *("none" if in_time and not short else "certain", "none" if in_time else "possible", short),
        *("no_refund", None, last_day, 0, offer),
    )


def by_hand() -> tuple[Any, ...]:
    """Decide the ordinary subscription by hand."""
    return inlined(TERM.last_day, 25, None, OFFER.id, True, TODAY)


def assess() -> csp.Assessment:
    """Decide the ordinary subscription with everything that an assessment says."""
    return csp.assess(SUBSCRIPTION, as_of=TODAY)


Unchecked = attrs.make_class(
    "Unchecked",
    {f.name: attrs.field(default=f.default) for f in attrs.fields(csp.Subscription)},
    frozen=True,
    slots=True,
    kw_only=True,
)


def plan(count: int) -> Callable[[], Any]:
    """Return the work of planning that many subscriptions, which are made before."""
    subscriptions = tuple(SUBSCRIPTION.evolve(id=f"s{n}") for n in range(count))
    move = csp.Transfer(
        customer=csp.Tenant(id="contoso", country="JP"),
        destination=csp.Partner(id="fabrikam", country="JP"),
        subscriptions=subscriptions,
    )
    return lambda: csp.plan_transfer(move, as_of=TODAY)


def portfolio(count: int) -> Callable[[], Any]:
    """Return the work of planning that many customers of three subscriptions, read one by one, and of every view."""
    three = tuple(SUBSCRIPTION.evolve(id=f"s{n}") for n in range(3))
    moves = [
        csp.Transfer(
            customer=csp.Tenant(id=f"c{n}", country="JP"),
            destination=csp.Partner(id="fabrikam", country="JP"),
            subscriptions=three,
        )
        for n in range(count)
    ]

    def work() -> Any:
        planned = csp.plan_portfolio(iter(moves), as_of=TODAY)
        return planned.deadlines, planned.busiest_days, planned.crowded_tenants, planned.too_late

    return work


def a_new_process(code: str) -> Callable[[], Any]:
    """Return the work of running code in a Python process of its own."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def compare(ours: Callable[[], Any], reference: Callable[[], Any], times: int, of: int = 1) -> float:
    """Return how many times the reference's time ours takes, each run `times` times a round, in turn."""
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for side, work in enumerate((ours, reference)):
            start = perf_counter()
            for _ in range(times):
                work()
            best[side] = min(best[side], perf_counter() - start)
    return best[0] / best[1] / of


def main() -> None:
    """Print each budget beside what was measured."""
    imports = "import attrs; from dateutil.relativedelta import relativedelta"
    rows = (
        ("assess one subscription / by hand", compare(assess, by_hand, 300), "5 to 8"),
        (
            "build a Subscription / without validators",
            compare(lambda: csp.Subscription(**FACTS), lambda: Unchecked(**FACTS), 3000),
            "2",
        ),
        (
            "a process that imports csp_transfer / attrs and relativedelta",
            compare(a_new_process("import csp_transfer"), a_new_process(imports), 1),
            "1.2",
        ),
        ("a plan per subscription, 10,000 / 1,000", compare(plan(10_000), plan(1_000), 1, of=10), "1.3"),
        (
            "a portfolio per subscription, 10,000 customers / 1,000",
            compare(portfolio(10_000), portfolio(1_000), 1, of=10),
            "1.3",
        ),
    )
    for what, ratio, budget in rows:
        print(f"{what:64} {ratio:8.2f}  budget {budget}")


if __name__ == "__main__":
    main()
