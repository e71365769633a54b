"""Which number says how long a state lasts, and where what is in force says otherwise than the guide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..findings import Finding, finding
from ..model import Subscription
from ..policy import STATES, History, Policy
from .state_table import COURSES, Lasts, kind_of
from .term_end import after_term

__all__ = ["LASTING", "other_lengths"]

LASTING: Final[dict[Lasts, History]] = dict(
    zip((Lasts.GRACE, Lasts.SUSPENDED, Lasts.DISABLED, Lasts.BACKUP), STATES, strict=True)
)
# Of the grace window, EST-001 speaks.
_SAY_SO: Final = {Lasts.SUSPENDED: "LIF-002", Lasts.DISABLED: "LIF-001", Lasts.BACKUP: "LIF-004"}


def other_lengths(subscription: Subscription, policy: Policy) -> Iterator[Finding]:
    """Yield, under a policy of the guide's, which states after the term last otherwise by what is in force.

    Source: lifecycle#disabled, lifecycle#canceled (LIF-001, LIF-002, LIF-004).
    """
    if policy.in_force:
        return
    last_day = subscription.term.last_day
    said = {part: policy.contradicted_by(LASTING[part], last_day) for part in _SAY_SO}
    if not any(said.values()):
        return
    # Also where the day of a cancellation is not known, the days to back data up are named.
    then, kind = after_term(subscription, policy), kind_of(subscription)
    course = COURSES.outcomes[subscription.status, subscription.trial, then, "known", kind]
    counted = {part for _, lasts in course for part in lasts}
    for part, rule_id in _SAY_SO.items():
        record = said[part]
        if record is not None and part in counted:
            yield finding(
                rule_id,
                "other-days",
                subscription.id,
                stated=policy.number(LASTING[part], last_day),
                days=record.value,
                change_day=record.from_day,
                said_by=record.rule,
            )
