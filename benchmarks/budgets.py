"""The budgets, as ratios: both sides run in this process, in turn, and the best of several rounds counts.

    python benchmarks/budgets.py

A ratio is meaningful, a time is not: it depends on the machine and on what else it does. What is timed is the time of
the processor, so that what else it does counts little; that of new processes, too, from their start to their end.
Two rows need the extra `bench`. `before.py` has the budgets beside an earlier commit, `frames.py` those of tables.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from functools import cache
from time import process_time
from typing import Any, NamedTuple

import attrs

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.export import to_ics
from csp_transfer.findings import finding

ROUNDS = 15
TURN = 0.02
"""Seconds that a side works in a round, at least: the shorter, the luckier."""
MANY = 100_000
TODAY = date(2026, 3, 1)
OFFER = csp.Offer(id="CFQ7TTC0LH18:0001", name="Business Basic", discontinued=False)
TERM = csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
FACTS: dict[str, Any] = {"id": "83ef9d05", "offer": OFFER, "quantity": 25, "term": TERM, "auto_renew": True}
SUBSCRIPTION = csp.Subscription(**FACTS)
RENEWED = SUBSCRIPTION.evolve(
    term=csp.Term(first_day=date(2024, 4, 1), last_day=date(2025, 3, 31)), anchor=date(2023, 4, 1)
)
"""The same, as facts from before its last renewal tell of it."""
ON_A_CHOSEN_DAY = csp.Replacement(offer=OFFER, quantity=25, provision_on=date(2026, 4, 1))
"""The same replacement, on the day that is recommended."""
IMPORTS = "import attrs; from dateutil.relativedelta import relativedelta"

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
    return (
        *(answer.state, answer.grace_first_day, answer.grace_last_day),
        *(answer.auto_renew_off_by, answer.provision_on),
        *(answer.disruption, answer.data_loss, answer.reassign_licenses),
        *(answer.credit.outcome, answer.credit.contact, answer.best_last_day, answer.paid_twice_days),
    )


def rules(answer: csp.Assessment) -> frozenset[str]:
    """Return which rules speak."""
    return frozenset(finding.rule for finding in answer.findings)


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


def assess_renewed() -> csp.Assessment:
    """Decide the same from facts of the term before."""
    return csp.assess(RENEWED, as_of=TODAY)


def assess_on_a_chosen_day() -> csp.Assessment:
    """Decide the same with the day chosen."""
    return csp.assess(SUBSCRIPTION, ON_A_CHOSEN_DAY, as_of=TODAY)


def assess_in_force() -> csp.Assessment:
    """Decide the same by what is in force."""
    return csp.assess(SUBSCRIPTION, as_of=TODAY, policy=csp.IN_FORCE)


QUESTIONS: tuple[tuple[str, Callable[[], csp.Assessment], str], ...] = (
    ("ordinary", assess, "3"),
    ("renewed", assess_renewed, "15"),
    ("a chosen day", assess_on_a_chosen_day, "5"),
    ("IN_FORCE", assess_in_force, "10"),
)
"""Questions with the same answers by hand: what each is called, how it is asked, its budget."""


def kept() -> csp.Assessment:
    """Return an assessment whose verdicts have been read."""
    answer = assess()
    verdicts(answer)
    return answer


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


def calendar(count: int, times: int = 1) -> Callable[[], Any]:
    """Return the work of writing the calendar of a plan of that many subscriptions, which is made before."""
    [made] = plan(count)()
    return lambda: [to_ics(made) for _ in range(times)]


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


@cache
def compiled() -> str:
    """Return a folder for compiled modules, which goes when this process does."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return folder


def a_new_process(code: str) -> Callable[[], Any]:
    """Return the work of running code in a Python process of its own, where all modules are compiled already."""
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    settings["PYTHONPYCACHEPREFIX"] = compiled()
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, env=settings)


def processes_time() -> float:
    """Return the time of the processor that processes of our own have taken, all together."""
    import resource  # which Unix has

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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


Row = tuple[str, float, str]
"""What is measured and against what, how many times that it takes, the budget."""


def of_assess() -> Iterator[Row]:
    """Yield what it costs to decide, to read, and to say why."""
    yield "assess, nothing read / by hand", compare(assess, by_hand), "none"
    for what, ask, budget in QUESTIONS:
        ratio = compare(lambda ask=ask: verdicts(ask()), by_hand)  # type: ignore[misc]
        yield f"assess and read every verdict, {what} / by hand", ratio, budget
    try:
        from sides import datalogic

        engine = datalogic()
    except ImportError as missing:
        print(f"not asked: {missing}")
    else:
        asked = engine.feed(Case(TERM.first_day, TERM.last_day, 25, None, auto_renew=True, today=TODAY))
        ratio = compare(lambda: verdicts(assess()), lambda: engine.decide(*asked))
        yield "... ordinary / datalogic-py, days as numbers", ratio, "1"

    def with_reasons() -> Any:
        answer = assess()
        return verdicts(answer), answer.findings

    yield "... and every finding, ordinary / by hand", compare(with_reasons, by_hand), "15"
    told = [((f.rule, f.case, f.subject), dict(f.facts)) for f in assess().findings]

    def only_made() -> Any:
        return [finding(*what, **facts) for what, facts in told]

    yield "... to make these findings, all of it known / by hand", compare(only_made, by_hand), "none"
    yield "assess and read which rules speak / by hand", compare(lambda: rules(assess()), by_hand), "4"


def of_values() -> Iterator[Row]:
    """Yield what it costs to make a value of facts, and to read a payload."""
    made = compare(lambda: csp.Subscription(**FACTS), lambda: Unchecked(**FACTS))
    yield "build a Subscription / without validators", made, "2"
    try:
        from reading import items, structured

        structure = structured()
    except ImportError as missing:
        print(f"not asked: {missing}")
        return
    payload = items()
    ratio = compare(lambda: partner_center.read(payload), structure)
    yield "partner_center.read / cattrs, the same fields", ratio, "4"


def of_memory() -> Iterator[Row]:
    """Yield what it takes to keep what was made."""
    memory = weight(lambda: csp.Subscription(**FACTS)) / weight(lambda: tuple(FIELDS))
    yield "memory of a Subscription / of a tuple of its fields", memory, "1.2"
    yield "bytes of a kept assessment, verdicts read", weight(kept) / MANY, "400"


def of_processes() -> Iterator[Row]:
    """Yield what a new process costs that imports the package, and that asks it for the first time."""
    bare = a_new_process(IMPORTS)
    importing = compare(a_new_process("import csp_transfer"), bare, processes_time)
    yield "a process that imports csp_transfer / attrs and relativedelta", importing, "1.2"
    first = compare(a_new_process(FIRST_USE), bare, processes_time)
    yield "... and assesses for the first time / attrs and relativedelta", first, "2"


def of_many() -> Iterator[Row]:
    """Yield how what one costs grows with how many there are; this takes about a minute."""
    plans = apart(lambda: plan(MANY), lambda: plan(1_000, times=10), of=10, rounds=2)
    yield "a plan per subscription, 100,000 / 1,000", plans, "1.3"
    calendars = apart(lambda: calendar(2_000), lambda: calendar(200, times=10), of=1, rounds=3)
    yield "a calendar per subscription, 2,000 / 200", calendars, "1.3"
    portfolios = apart(lambda: portfolio(10_000), lambda: portfolio(1_000), of=10, rounds=3)
    yield "a portfolio per subscription, 10,000 customers / 1,000", portfolios, "none"


def main() -> None:
    """Print each budget beside what was measured."""
    for rows in (of_assess, of_values, of_processes, of_memory, of_many):
        for what, measured, budget in rows():
            print(f"{what:64} {measured:8.2f}  budget {budget}", flush=True)


if __name__ == "__main__":
    main()
