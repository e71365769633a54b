"""Rows for frames, drawn by a seed, with many days on which something begins or ends; and what to say of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import narwhals as nw
from dateutil.relativedelta import relativedelta

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.policy import GRACE_DAYS, STATES

NAMES = [output.name for output in frames.OUTPUTS[1:]]
POLICIES = (
    csp.GUIDE,
    csp.IN_FORCE,
    csp.GUIDE.evolve(grace_days=0),
    csp.IN_FORCE.evolve(grace_days=0),
    csp.GUIDE.evolve(disabled_days=0, suspended_days=0, backup_days=0),
    csp.IN_FORCE.evolve(grace_days=45, backup_days=1),
)
ASKED: dict[str, Any] = {
    "as_of": "as_of",
    "delegated_admin": "delegated_admin",
    "into_another_tenant": "another_tenant",
}
"""How to ask a table about its own rows."""


class Row(NamedTuple):
    """One row of a frame, and what is asked of it."""

    subscription: csp.Subscription
    replacement: csp.Replacement | csp.NotReplaced | None
    as_of: date
    delegated_admin: bool | None
    another_tenant: bool


def said_of(a: csp.Assessment) -> dict[str, Any]:
    """What an assessment says, by the names of the columns that frames have for it, as a frame has it."""
    window, days, risk, refund = a.grace_window, a.provisioning, a.risk, a.refund
    said = {
        "term_first_day": a.term and a.term.first_day,
        "term_last_day": a.term and a.term.last_day,
        "renewed": csp.current_term(a.subscription, a.as_of).renewed,
        "state": a.state,
        "grace_first_day": window and window.first_day,
        "grace_last_day": window and window.last_day,
        "auto_renew_off_by": a.auto_renew_off_by,
        "auto_renew_doubted_day": a.auto_renew_doubted_day,
        "provisioning_earliest": days and days.earliest,
        "provisioning_recommended": days and days.recommended,
        "provisioning_latest": days and days.latest,
        "provisioning_doubted_day": days and days.doubted_day,
        "timing": days and days.timing,
        "moved": a.moved,
        "provision_on": a.provision_on,
        "disruption": None if risk is None else risk.disruption,
        "data_loss": None if risk is None else risk.data_loss,
        "reassign_licenses": None if risk is None else risk.reassign_licenses,
        "paid_twice_days": None if risk is None else risk.paid_twice_days,
        "refund": refund.outcome,
        "handled_by": refund.handled_by,
        "contact": refund.contact,
        "best_last_day": refund.best_last_day,
        "doubts": ", ".join(a.doubts),
        "undated_by": a.undated_by and a.undated_by.rule,
    }
    plain = (date, bool, int, str)
    return {name: v if v is None or isinstance(v, plain) else str(v) for name, v in said.items()}


def judged(row: Row, policy: csp.Policy) -> tuple[Any, ...] | None:
    """What is said of one row, in the order of `NAMES`; None where it is refused."""
    try:
        a = csp.assess(
            row.subscription,
            row.replacement,
            as_of=row.as_of,
            delegated_admin=row.delegated_admin,
            into_another_tenant=row.another_tenant,
            policy=policy,
        )
        said = said_of(a)
    except (csp.InvalidType, csp.InvalidValue):
        return None
    return tuple(said[name] for name in NAMES)


def _instant(when: date) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def table(rows: Sequence[Row], backend: str = "polars", first: int = 0) -> Any:
    """The rows as a frame, with what is asked of each; each has its number as its id."""
    named = [row.subscription.evolve(id=f"{n:06}") for n, row in enumerate(rows, first)]
    replacements = {s.id: row.replacement for s, row in zip(named, rows, strict=True) if row.replacement}
    frame = nw.from_native(frames.of(named, replacements, backend=backend), eager_only=True)
    asked: dict[str, list[Any]] = {
        "as_of": [row.as_of for row in rows],
        "delegated_admin": [row.delegated_admin for row in rows],
        "another_tenant": [row.another_tenant for row in rows],
    }
    if any(isinstance(row.as_of, datetime) for row in rows):  # midnight is as good as the day
        asked["as_of"] = [_instant(row.as_of) for row in rows]
        when: Any = nw.Datetime("us", "UTC")
    else:
        when = nw.Date()
    types = {"as_of": when, "delegated_admin": nw.Boolean(), "another_tenant": nw.Boolean()}
    added = [
        nw.new_series(name, values, types[name], backend=frame.implementation)
        for name, values in asked.items()
    ]
    return frame.with_columns(*added).to_native()


_EDGES = sorted(
    {days + n for days in (0, 60, *(h.stated for h in STATES)) for n in (-1, 0, 1)} | {119, 120, 121}
)
_OFFERS = ("A", "B", "C")
_FIRST_DAYS = (
    GRACE_DAYS.first_day,
    date(2023, 1, 31),
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2025, 3, 31),
    *GRACE_DAYS.changes,
)


class Dice:
    """Draws rows; every fact beside every other, as far as both can be true."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - to repeat them, not to guess them

    def of(self, *values: Any) -> Any:
        return self.random.choice(values)

    def near(self, day: date) -> date:
        """A day on which something may begin or end, counted from that one."""
        return max(day + timedelta(days=self.of(*_EDGES) * self.of(1, 1, -1)), GRACE_DAYS.first_day)

    def offer(self) -> csp.Offer:
        return csp.Offer(
            id=self.of(*_OFFERS),
            discontinued=self.of(None, True, False),
            equivalents=frozenset(self.random.sample(_OFFERS, self.of(0, 0, 1, 2))),
            extended_service=self.of(None, True, False),
        )

    def term(self) -> csp.Term:
        first_day = max(
            self.of(*_FIRST_DAYS) + timedelta(days=self.of(0, -1, 1, self.random.randint(0, 1500))),
            GRACE_DAYS.first_day,
        )
        if self.of(True, True, False):
            return csp.Term.starting(first_day, self.of("P1M", "P1Y", "P3Y"))
        return csp.Term(
            first_day=first_day, last_day=first_day + timedelta(days=self.random.randint(0, 1200))
        )

    def anchor(self, first_day: date) -> date | None:
        stepped = (
            first_day - relativedelta(months=self.of(1, 5, 12, 24, 36)) + timedelta(days=self.of(0, 0, 1, 2))
        )
        long_ago = first_day - timedelta(days=self.random.randint(0, 1500))
        found: date | None = self.of(None, None, min(stepped, first_day), long_ago)
        return found

    def subscription(self) -> csp.Subscription:
        term = self.term()
        within = term.first_day + timedelta(days=self.random.randrange(len(term)))
        status = self.of(*csp.Status, *[csp.Status.ACTIVE] * 6, csp.Status.EXPIRED, csp.Status.SUSPENDED)
        until = datetime.combine(
            self.of(within, term.first_day + timedelta(days=7)), time(self.of(0, 8, 23)), UTC
        )
        return csp.Subscription(
            id="s",
            offer=self.offer(),
            quantity=self.of(0, 1, 24, 25, 25, 26),
            term=term,
            auto_renew=self.of(True, False),
            channel=self.of(*[csp.Channel.CSP] * 3, *csp.Channel),
            status=status,
            assigned=self.of(None, 0, 1, 24, 25, 26),
            trial=self.of(True, *[False] * 7),
            legacy=self.of(True, *[False] * 5),
            anchor=self.anchor(term.first_day),
            renewal_duration=self.of(None, None, "P1M", "P1Y", "P3Y"),
            length_known=self.of(False, *[True] * 5),
            at_term_end=self.of(None, None, None, *csp.TermEnd),
            extended=self.of(True, *[False] * 5),
            **self.apart(),
            window_known=self.of(False, *[True] * 5),
            cancellation_allowed_until=self.of(None, None, until),
            canceled_on=self.of(None, within, term.first_day, term.last_day)
            if status is csp.Status.CANCELED
            else None,
        )

    def apart(self) -> dict[str, Any]:
        scheduled = self.of(*[None] * 8, *csp.TermEnd)
        day = None if scheduled is None else self.of(None, self.near(date(2025, 3, 31)))
        return {"mid_term": scheduled, "mid_term_on": day}

    def row(self) -> Row:
        s = self.subscription()
        as_of = max(
            self.of(
                self.near(s.term.last_day),
                self.near(s.term.first_day),
                s.term.last_day + timedelta(days=self.random.randint(-400, 1500)),
            ),
            GRACE_DAYS.first_day,
        )
        provision_on = self.of(None, self.near(self.of(s.term.last_day, as_of, s.canceled_on or as_of)))
        given = csp.Replacement(
            offer=self.of(s.offer, self.offer()),
            quantity=self.of(0, 1, 24, 25, 26),
            provision_on=provision_on,
        )
        replaced = None if s.trial else self.of(None, None, given, given, given, csp.NOT_REPLACED)
        return Row(s, replaced, as_of, self.of(True, False, None), self.of(True, *[False] * 4))


def drawn(seed: int, count: int) -> list[Row]:
    """That many rows, the same for the same seed."""
    dice = Dice(seed)
    return [dice.row() for _ in range(count)]


def chunk(
    seed: int, count: int, policies: Sequence[csp.Policy]
) -> tuple[Any, list[list[tuple[Any, ...] | None]]]:
    """Rows as an Arrow table, and what is to be said of them under each policy; for a process of its own."""
    rows = drawn(seed, count)
    answers = [[judged(row, policy) for row in rows] for policy in policies]
    return table(rows, "pyarrow", first=seed * count), answers
