"""Every combination of the finite facts, on every day from 200 before the end of a term to 200 after it.

    python proof/model.py

Each answer of the package is compared with `tests/second_statement.py`, which shares no code with it. What a verdict
reads is combined in full; that it reads nothing else is tried on a sample of the product of all facts. Prints how many
cases there were; fails at the first that differs. Uses every core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import facts
import second_statement as second
from facts import LEVELS, OFFERS

import csp_transfer as csp

DAYS = range(-200, 201)
SAMPLE = 90_000
FREE = facts.YEAR  # ends with 2026-03-31, before the free window was discontinued
LATE = csp.Term.starting(date(2025, 9, 15), "P1Y")  # ends with 2026-09-14, after it
KNOWN = facts.BASIC.evolve(extended_service=True)


def subscription(status: str, **changes: object) -> csp.Subscription:
    """Return the ordinary subscription with a status, and other facts."""
    return facts.subscription(status=csp.Status(status), **changes)


def differ(what: object, ours: object, theirs: object) -> None:
    """Stop if two answers differ."""
    if ours != theirs:
        sys.exit(f"{what}\n  the package: {ours}\n  the second statement: {theirs}")


def states(status: str) -> int:
    """States and windows, under the guide and in what is in force."""
    kinds = [kind for kind in second.KINDS if kind != "legacy"]  # whose end is another question: see EST-004
    for (term, policy, free), kind, day in product(
        (
            (FREE, csp.GUIDE, True),
            (FREE, csp.IN_FORCE, True),
            (LATE, csp.GUIDE, True),
            (LATE, csp.IN_FORCE, False),
        ),
        kinds,
        DAYS,
    ):
        sub = subscription(status, term=term, offer=KNOWN, extended=kind == "extended")
        on = term.last_day + timedelta(days=day)
        ours = csp.state_at(sub, on, policy=policy)
        differ(
            (status, kind, term.last_day, policy.name, day),
            ours and ours.value,
            second.state(status, day, free=free, kind=kind),
        )
    return 4 * len(kinds) * len(DAYS)


def risks(status: str) -> int:
    """Risks and days paid twice: every relation of offers, counts and tenants, on every day of provisioning."""
    cases = 0
    for (policy, term, free), offers, counts, elsewhere in product(
        ((csp.GUIDE, FREE, True), (csp.GUIDE, LATE, True), (csp.IN_FORCE, LATE, False)),
        OFFERS,
        second.COUNTS,
        (False, True),
    ):
        assigned, count, _ = second.COUNTS[counts]
        old, new = (offer.evolve(extended_service=True) for offer in OFFERS[offers])
        sub = subscription(status, offer=old, assigned=assigned, term=term)
        for day in DAYS:
            planned = csp.Replacement(
                offer=new, quantity=count, provision_on=term.last_day + timedelta(days=day)
            )
            found = csp.transition_risk(sub, planned, into_another_tenant=elsewhere, policy=policy)
            ours = (
                LEVELS.index(found.disruption),
                LEVELS.index(found.data_loss),
                found.reassign_licenses,
                found.paid_twice_days,
            )
            theirs = second.risk(
                status,
                offers,
                counts,
                day,
                elsewhere=elsewhere,
                free=free,
                doubted=policy is csp.GUIDE and term is LATE,
            )
            differ((status, policy.name, offers, counts, elsewhere, day), ours, theirs)
            cases += 1
    return cases


def _offset(day: date | None) -> int | None:
    return None if day is None else (day - FREE.last_day).days


def _answers(a: csp.Assessment) -> tuple[object, ...]:
    refund, window = a.refund, a.grace_window
    return (
        _offset(a.term.last_day) if a.term else None,
        _offset(a.auto_renew_off_by),
        (_offset(window.first_day), _offset(window.last_day)) if window else None,
        _offset(a.provision_on),
        (
            refund.outcome.value,
            refund.handled_by and refund.handled_by.value,
            refund.contact and refund.contact.value,
            _offset(refund.best_last_day),
        ),
    )


def _expected(
    status: str,
    channel: str,
    day: int,
    *,
    admin: bool | None,
    auto_renew: bool,
    elsewhere: bool = False,
) -> tuple[object, ...]:
    return (
        second.term_end(status, day, auto_renew=auto_renew),
        second.off_by(status, day, auto_renew=auto_renew),
        second.window(status, day, auto_renew=auto_renew),
        second.provision(status, day, auto_renew=auto_renew, elsewhere=elsewhere, channel=channel),
        second.refund(channel, status, day, admin=admin, auto_renew=auto_renew),
    )


def assessments(status: str) -> int:
    """Terms, deadlines, windows, days of provisioning and refunds: every channel, admin, auto-renew, on every day."""
    cases = 0
    for channel, admin, auto_renew in product(second.CHANNELS, (None, False, True), (False, True)):
        sub = subscription(status, channel=csp.Channel(channel), auto_renew=auto_renew)
        for day in DAYS:
            on = FREE.last_day + timedelta(days=day)
            ours = _answers(csp.assess(sub, as_of=on, delegated_admin=admin))
            theirs = _expected(status, channel, day, admin=admin, auto_renew=auto_renew)
            differ((status, channel, admin, auto_renew, day), ours, theirs)
            cases += 1
    return cases


def sampled(status: str) -> int:
    """Plans of the product of all facts, drawn at random: no verdict reads what it should not."""
    random = Random(status)
    count = SAMPLE // len(second.STATUSES)
    for _ in range(count):
        channel, role = random.choice(second.CHANNELS), random.choice((None, *second.ROLES))
        admin = random.choice((None, False, True))
        auto_renew, accepted, elsewhere, near = (random.random() < 0.5 for _ in range(4))
        offers, counts = random.choice(list(OFFERS)), random.choice(list(second.COUNTS))
        day = random.choice(DAYS)
        on = FREE.last_day + timedelta(days=day)
        assigned, quantity, _ = second.COUNTS[counts]
        old, new = OFFERS[offers]
        sub = subscription(
            status, channel=csp.Channel(channel), auto_renew=auto_renew, offer=old, assigned=assigned
        )
        plan = csp.plan_transfer(
            csp.Transfer(
                customer=csp.Tenant(id="contoso", country="JP"),
                destination=csp.Partner(id="fabrikam", country="JP" if near else "KR"),
                subscriptions=(sub,),
                replacements={sub.id: csp.Replacement(offer=new, quantity=quantity)},
                target_tenant=csp.Tenant(id="newco", country="JP") if elsewhere else None,
                delegated_admin=admin,
                relationship_accepted=accepted,
                role=None if role is None else csp.Role(role),
            ),
            as_of=on,
        )
        case = (status, channel, role, admin, auto_renew, accepted, elsewhere, near, offers, counts, day)
        differ(case, plan.feasible, second.may_move(role, same_region=near))
        differ(case, bool(plan.steps), plan.feasible)
        asked = {str(step.action) for step in plan.steps} & {"request_relationship", "accept_relationship"}
        differ(case, len(asked), 0 if accepted or not plan.feasible else 2)
        [a] = plan.assessments
        expected = _expected(status, channel, day, admin=admin, auto_renew=auto_renew, elsewhere=elsewhere)
        differ(case, _answers(a), expected)
        end = second.term_end(status, day, auto_renew=auto_renew)
        planned = second.provision(status, day, auto_renew=auto_renew, elsewhere=elsewhere, channel=channel)
        if (
            planned is not None
            and end is not None
            and a.risk is not None
            and a.state not in (csp.State.DISABLED, None)
        ):
            ours = LEVELS.index(a.risk.disruption), LEVELS.index(a.risk.data_loss), a.risk.reassign_licenses
            theirs = second.risk(
                status,
                offers,
                counts,
                planned - end,
                elsewhere=elsewhere,
                doubted=second.doubted(channel, end),
            )
            differ(case, ours, theirs[:3])
    return count


PARTS: tuple[Callable[[str], int], ...] = (risks, assessments, sampled, states)


def _run(part: Callable[[str], int], status: str) -> int:
    return part(status)


def main() -> None:
    """Run every part for every status, on every core."""
    began = time.monotonic()
    total = 0
    with ProcessPoolExecutor() as pool:
        for part in PARTS:
            cases = sum(pool.map(partial(_run, part), second.STATUSES))
            total += cases
            print(f"{part.__name__}: {cases:,} cases", flush=True)
    print(f"{total:,} cases, none differs; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
