"""What the rows of a timeline show, taken from a plan as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from datetime import date
from itertools import groupby
from typing import NamedTuple

from ..assessment import Assessment
from ..catalogue import ui
from ..days import LATEST, after
from ..errors import InvalidValue
from ..model import Status, TermEnd, Way
from ..phrases import short_names_of
from ..plan import Plan
from ..rules.lifecycle import Phase, State, lifecycle
from ..rules.terms import current_term, with_term
from ..steps import Deadline

__all__ = ["Row", "Run", "most_urgent", "rows_of"]


class Run(NamedTuple):
    """A bar: a run of days in one state, first and last inclusive (None: without end)."""

    state: State | None
    """None where it is not known."""
    first_day: date
    last_day: date | None


class Row(NamedTuple):
    """A row: what it is called, its bars, and the days that are marked on them."""

    subject: str
    name: str
    runs: tuple[Run, ...]
    provision_on: date | None
    transfer_on: date | None
    deadlines: tuple[Deadline, ...]
    note: str
    """Why there is nothing to mark, or what is lost already."""

    @property
    def marked(self) -> list[date]:
        """The days that are marked: of what is due, in their order; then when a replacement or a transfer comes.

        Last come the later days of what is due, where they are in doubt.
        """
        doubted = (d.doubted_day for d in self.deadlines)
        others = (day for day in (self.provision_on, self.transfer_on, *doubted) if day is not None)
        return [*(d.day for d in self.deadlines), *others]

    def days(self, as_of: date) -> list[date]:
        """Return all days that matter: those that are marked; those on which a state begins, or the last is over.

        When the first one began, only where that is still to come.
        """
        begins = [run.first_day for n, run in enumerate(self.runs) if n or run.first_day > as_of]
        ends = [after(run.last_day) for run in self.runs[-1:] if run.last_day is not None]
        return [*self.marked, *begins, *ends]


def rows_of(plan: Plan, lang: str, only: Container[str]) -> list[Row]:
    """Return the rows of a plan, what is due first on top; of the subscriptions with these ids."""
    names = short_names_of(plan.transfer, lang)
    due: dict[str, list[Deadline]] = defaultdict(list)
    for deadline in plan.deadlines:
        for one in deadline.subjects or (deadline.subject,):
            due[one].append(deadline)
    transferred = {
        part.subscription: part.moves_on for part in plan.parts if part.way is Way.PARTNER_CENTER_TRANSFER
    }
    too_late: dict[str, list[str]] = defaultdict(list)
    for f in plan.too_late:
        too_late[f.subject].append(f.rule)
    shown = [a for a in plan.assessments if a.subscription.id in only]
    ids = {a.subscription.id for a in plan.assessments}
    rows = [
        Row(subject, names[subject], (), None, None, tuple(deadlines), "")
        for subject, deadlines in due.items()
        if subject not in ids
    ]
    for a in shown:
        subject = a.subscription.id
        doubts = f" ({', '.join(a.doubts)}!)" if a.doubts else ""
        rows.append(
            Row(
                subject,
                names[subject] + doubts,
                runs_of(a),
                a.provision_on if a.moved and plan.feasible else None,
                transferred.get(subject),
                tuple(due[subject]),
                _note(a, too_late[subject], lang),
            )
        )
    return sorted(rows, key=lambda row: next(iter(row.marked), LATEST))


def most_urgent(plan: Plan) -> list[str]:
    """Return the ids of the subscriptions, those first on which something is due first; as the rows are ordered."""
    first: dict[str, date] = {}
    for deadline in plan.deadlines:  # in the order of their days
        for one in deadline.subjects or (deadline.subject,):
            first.setdefault(one, deadline.day)
    for a in plan.assessments:
        if a.moved and plan.feasible and a.provision_on is not None:
            first.setdefault(a.subscription.id, a.provision_on)
    ids = (s.id for s in plan.transfer.subscriptions)
    return sorted(ids, key=lambda one: first.get(one, LATEST))


def _note(a: Assessment, too_late: list[str], lang: str) -> str:
    if a.undated_by is not None:
        return ui("not_known_by", lang, rule=a.undated_by.rule)
    return ui("too_late_by", lang, rules=", ".join(dict.fromkeys(too_late))) if too_late else ""


def runs_of(a: Assessment) -> tuple[Run, ...]:
    """Return what becomes of a subscription from the first day of its running term, along the way that it goes."""
    running, last_day = a.running, a.running.term.last_day
    if a.undated_by is not None or a.term is None:
        return (Run(None, a.term.first_day, last_day),) if a.term else ()
    before: tuple[Run, ...] = ()
    if a.way is Way.CANCEL_AND_REBUY:
        running = running.evolve(status=Status.CANCELED, canceled_on=a.provision_on)
    elif a.way is Way.EXTEND_AND_MOVE:
        running = running.evolve(at_term_end=TermEnd.EXTEND)
    elif a.way is Way.EXPIRE_THEN_REBUY:
        running = running.evolve(at_term_end=TermEnd.CANCEL)
    elif a.way is Way.RENEW_AND_WAIT:
        renewing = running.evolve(auto_renew=True, at_term_end=None)
        following = current_term(renewing, after(last_day)).term
        if following is None:  # which no plan of ours has, but one that was changed by hand may have
            raise InvalidValue("way", a.way, "a way that is open to the subscription")
        before = (Run(State.ACTIVE, running.term.first_day, last_day),)
        running = with_term(renewing, following)
    # Phases that differ in nothing that is shown are one bar.
    alike = groupby(
        lifecycle(running, policy=a.policy), key=lambda phase: (phase.state, phase.admins_have_access)
    )
    runs = [_run(state, tuple(phases)) for (state, _), phases in alike]
    if a.state is State.DISABLED:  # as the service says, however long ago it should have been Deleted
        runs = [run for run in runs if run.state is not State.DELETED or run.first_day > a.as_of]
        if runs[-1].state is State.DISABLED:
            runs[-1] = runs[-1]._replace(last_day=None)
    if not a.moved and not a.subscription.trial and a.auto_renew_off_by is not None:
        runs = runs[:1]  # it goes on
    return (*before, *runs)


def _run(state: State, phases: tuple[Phase, ...]) -> Run:
    return Run(state, phases[0].first_day, phases[-1].last_day)
