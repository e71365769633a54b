"""Which rows cannot be judged: what the value types, `assess` and the policy refuse of one subscription."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..model import Status
from ..policy import CANCELLATION_DAYS, STATES, Policy
from .calendar import number
from .facts import Refusal
from .rows import Rows
from .tables import all_of, any_of, negated, one_of

__all__ = ["contradictions", "still_to_come", "without_record"]


def contradictions(rows: Rows, names: Mapping[str, str]) -> Iterator[Refusal]:
    """Yield facts that cannot be true together; `names` are those of the columns.

    As the value types do: what facts say together is asked where all of them can be read, and what a subscription's
    say where it has a term.
    """
    yield names["last_day"], "a day not before the first", all_of(rows.read, rows.last_day < rows.first_day)
    rows.note(termed=all_of(rows.read, rows.last_day >= rows.first_day))
    anchored_late = all_of(rows.termed, rows.anchor_known, rows.anchor > rows.first_day)
    yield names["anchor"], "a day up to the first day of the term", anchored_late
    canceled_on, canceled = names["canceled_on"], all_of(rows.termed, rows.canceled_on_known)
    is_canceled = one_of(rows.status, {Status.CANCELED})
    yield canceled_on, "no day unless the status is canceled", all_of(canceled, negated(is_canceled))
    outside = any_of(rows.canceled_on < rows.first_day, rows.canceled_on > rows.last_day)
    yield canceled_on, "a day of the term", all_of(canceled, is_canceled, outside)
    apart = all_of(rows.termed, rows.mid_term_on_known, rows.mid_term.get(None, False))
    yield names["mid_term_on"], "no day unless mid_term says what happens", apart
    doubted = all_of(rows.termed, rows.doubted_last_day_known, rows.doubted_last_day <= rows.last_day)
    yield names["doubted_last_day"], "a day after the last day", doubted
    own = all_of(rows.termed, rows.parent_known, rows.id_key(rows.parent) == rows.id_key(rows.id))
    yield names["parent"], "the id of another subscription", own
    trial, left = one_of(rows.trial, {True}), one_of(rows.replaced, {False})
    for name in ("new_offer", "new_quantity", "provision_on"):
        given = all_of(rows.read, getattr(rows, f"{name}_known"))
        yield names[name], "nothing: a trial is not moved (TRL-001)", all_of(given, trial)
        yield names[name], "nothing where it is not replaced", all_of(given, negated(trial), left)


def still_to_come(rows: Rows, names: Mapping[str, str]) -> Refusal:
    """Return what the day that is asked for refuses of a subscription that is one."""
    later = all_of(rows.sound, rows.canceled_on_known, rows.canceled_on > rows.as_of)
    return names["canceled_on"], "a day up to as_of", later


def without_record(rows: Rows, policy: Policy, names: Mapping[str, str]) -> Iterator[Refusal]:
    """Yield what a policy of what is in force cannot tell: what comes before the first record of a number.

    Only of a row of which nothing else is refused. Of a row without dates, the scalar functions may not need the
    number; here, such a row is refused all the same.
    """
    if not policy.in_force:
        return
    for history in STATES:
        if policy.own(history) is None:
            first_day = policy.history(history).first_day
            early = rows.running_last_day < number(first_day)
            yield names["last_day"], f"a term that ends from {first_day} on", all_of(rows.ok, early)
    first_day = policy.history(CANCELLATION_DAYS).first_day
    early = all_of(rows.as_of < number(first_day), rows.running_first_day < number(first_day))
    yield (
        names["as_of"],
        f"a day from {first_day} on",
        all_of(rows.ok, rows.cancellable, one_of(rows.legacy, {False}), early),
    )
