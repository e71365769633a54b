"""The budgets, as ratios: both sides run in this process, in turn, and the best of several rounds counts.

    python benchmarks/budgets.py

A ratio is meaningful, a time is not: it depends on the machine and on what else it does. What is timed is the time of
the processor, so that what else it does counts little; only new processes are timed by the clock.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from time import perf_counter, process_time
from typing import Any, NamedTuple

import attrs

import csp_transfer as csp

ROUNDS = 15
TURN = 0.02
"""Seconds that a side works in a round, at least: the shorter, the luckier."""
MANY = 100_000
TODAY = date(2026, 3, 1)
OFFER = csp.Offer(id="CFQ7TTC0LH18:0001", name="Business Basic", discontinued=False)
TERM = csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
FACTS: dict[str, Any] = {"id": "83ef9d05", "offer": OFFER, "quantity": 25, "term": TERM, "auto_renew": True}
SUBSCRIPTION = csp.Subscription(**FACTS)

FIRST_USE = """
from datetime import date
import csp_transfer as csp
facts = {"id": "b", "offer": csp.Offer(id="B"), "quantity": 25, "auto_renew": True}
term = csp.Term.starting(date(2025, 4, 1), "P1Y")
csp.assess(csp.Subscription(term=term, **facts), as_of=term.last_day)
"""

GRACE, DISABLED, ONE = timedelta(days=30), timedelta(days=120), timedelta(days=1)


class Case(NamedTuple):
    """An ordinary subscription on a day: active, CSP, moved like for like, in the last term that it has."""

    first_day: date
    last_day: date
    quantity: int
    assigned: int | None
    auto_renew: bool
    today: date


def cases() -> Iterator[Case]:
    """Yield ordinary subscriptions on the days around which an answer changes.

    Auto-renew is on only while the term runs: after that it has renewed, and which term runs then is a question of
    months, to which the reference and most engines have no answer.
    """
    for last_day in (date(2024, 2, 29), date(2025, 12, 31), date(2026, 3, 31), date(2026, 5, 3)):
        for days in (-365, -364, -363, -1, 0, 1, 2, 29, 30, 31, 32, 119, 120):
            for auto_renew in (False, True) if days <= 0 else (False,):
                for quantity, assigned in ((25, None), (25, 24), (25, 25), (25, 26), (1, 300)):
                    yield Case(
                        first_day=last_day - 364 * ONE,
                        last_day=last_day,
                        quantity=quantity,
                        assigned=assigned,
                        auto_renew=auto_renew,
                        today=last_day + days * ONE,
                    )


def subscription(case: Case) -> csp.Subscription:
    """Return the subscription of a case."""
    return csp.Subscription(
        id="83ef9d05",
        offer=OFFER,
        quantity=case.quantity,
        assigned=case.assigned,
        term=csp.Term(first_day=case.first_day, last_day=case.last_day),
        auto_renew=case.auto_renew,
        status=csp.Status.ACTIVE if case.today <= case.last_day else csp.Status.EXPIRED,
    )


def verdicts(answer: csp.Assessment) -> tuple[Any, ...]:
    """Return what `inlined` decides, as an assessment of such a subscription says it."""
    window, risk, refund = answer.grace_window, answer.risk, answer.refund
    assert window is not None
    assert risk is not None
    return (
        *(answer.state, window.first_day, window.last_day, answer.auto_renew_off_by, answer.provision_on),
        *(risk.disruption, risk.data_loss, risk.reassign_licenses),
        *(refund.outcome, refund.contact, refund.best_last_day, risk.paid_twice_days),
    )


def words(answers: Iterable[Any]) -> tuple[Any, ...]:
    """Return verdicts with the plain word for each member of a vocabulary."""
    return tuple(answer.value if isinstance(answer, Enum) else answer for answer in answers)


def inlined(
    first_day: date, last_day: date, quantity: int, assigned: int | None, auto_renew: bool, today: date
) -> tuple[Any, ...]:
    """Decide a case by hand: state, days, risk, refund; tuple to tuple, the words of `verdicts`."""
    first_safe, last_safe, last_disabled = last_day + ONE, last_day + GRACE, last_day + DISABLED
    if today <= last_day:
        state = None if today < first_day else "active"
    elif today <= last_safe:
        state = "expired"
    else:
        state = "disabled" if today <= last_disabled else "deleted"
    provision_on = max(today, first_safe)
    late, gone = provision_on > last_safe, provision_on > last_disabled
    short = assigned is not None and quantity < assigned
    return (
        *(state, first_safe, last_safe, last_day if auto_renew else None, provision_on),
        "certain" if late or short else "none",
        "certain" if gone else "possible" if late or short else "none",
        gone or short,
        *("no_refund", None, last_day, 0),
    )


def by_hand() -> tuple[Any, ...]:
    """Decide the ordinary subscription by hand."""
    return inlined(TERM.first_day, TERM.last_day, 25, None, True, TODAY)


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
FIELDS: list[Any] = [getattr(SUBSCRIPTION, f.name) for f in attrs.fields(csp.Subscription)]


def weight(make: Callable[[], Any]) -> int:
    """Return the memory of many such values, in bytes, without that of what they share."""
    tracemalloc.start()
    kept = [make() for _ in range(MANY)]
    total, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == MANY
    return total


def plan(count: int, times: int = 1) -> Callable[[], Any]:
    """Return the work of planning that many subscriptions, which are made before, so many times."""
    subscriptions = tuple(SUBSCRIPTION.evolve(id=f"s{n}") for n in range(count))
    move = csp.Transfer(
        customer=csp.Tenant(id="contoso", country="JP"),
        destination=csp.Partner(id="fabrikam", country="JP"),
        subscriptions=subscriptions,
    )
    return lambda: [csp.plan_transfer(move, as_of=TODAY) for _ in range(times)]


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


def seconds(
    works: Sequence[Callable[[], Any]], rounds: int = ROUNDS, clock: Callable[[], float] = process_time
) -> list[float]:
    """Return how long each of them takes at best; in a round all have their turn, each for `TURN` at least."""
    best = [float("inf")] * len(works)
    times = [1] * len(works)
    for _ in range(rounds):
        for n, work in enumerate(works):
            start = clock()
            for _ in range(times[n]):
                work()
            best[n] = min(best[n], (clock() - start) / times[n])
            times[n] = max(1, round(TURN / best[n]))
    return best


def compare(
    ours: Callable[[], Any], reference: Callable[[], Any], clock: Callable[[], float] = process_time
) -> float:
    """Return how many times the reference's time ours takes."""
    our_time, its_time = seconds([ours, reference], clock=clock)
    return our_time / its_time


def apart(
    ours: Callable[[], Callable[[], Any]], reference: Callable[[], Callable[[], Any]], of: int, rounds: int
) -> float:
    """Return the same, with each side made, timed and dropped before the next, some rounds of that.

    What one side keeps alive would make the collector of garbage look at it, or spare it, in the other's turn.
    """
    best = [min(seconds([make()], rounds=1)[0] for _ in range(rounds)) for make in (reference, ours)]
    return best[1] / best[0] / of


def main() -> None:
    """Print each budget beside what was measured."""
    imports = "import attrs; from dateutil.relativedelta import relativedelta"
    rows = (
        ("assess one subscription / by hand", compare(assess, by_hand), "5 to 8"),
        ("... and read every verdict / by hand", compare(lambda: verdicts(assess()), by_hand), "none"),
        ("... and every finding / by hand", compare(lambda: assess().findings, by_hand), "none"),
        (
            "build a Subscription / without validators",
            compare(lambda: csp.Subscription(**FACTS), lambda: Unchecked(**FACTS)),
            "2",
        ),
        (
            "a process that imports csp_transfer / attrs and relativedelta",
            compare(a_new_process("import csp_transfer"), a_new_process(imports), perf_counter),
            "1.2",
        ),
        (
            "... and assesses for the first time / attrs and relativedelta",
            compare(a_new_process(FIRST_USE), a_new_process(imports), perf_counter),
            "none",
        ),
        (
            "memory of a Subscription / of a tuple of its fields",
            weight(lambda: csp.Subscription(**FACTS)) / weight(lambda: tuple(FIELDS)),
            "1.2",
        ),
        (
            "a plan per subscription, 100,000 / 1,000",
            apart(lambda: plan(MANY), lambda: plan(1_000, times=10), of=10, rounds=2),  # about a minute
            "1.3",
        ),
        (
            "a portfolio per subscription, 10,000 customers / 1,000",
            apart(lambda: portfolio(10_000), lambda: portfolio(1_000), of=10, rounds=3),
            "none",
        ),
    )
    for what, ratio, budget in rows:
        print(f"{what:64} {ratio:8.2f}  budget {budget}")


if __name__ == "__main__":
    main()
