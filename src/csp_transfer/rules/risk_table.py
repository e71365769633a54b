"""The risk table, a decision table for each dimension (RSK-001 to RSK-003, END-005, LIF).

In each dimension exactly one case holds; the highest risk of each kind wins. `risk` applies them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ..decision import DecisionTable, case
from ..findings import Saying
from ..model import Status
from ..plain import Level, Word
from .lifecycle import State
from .terms import UNCLEAR

__all__ = [
    "COUNTS",
    "DOUBTS",
    "FACTS_MISSING",
    "MOMENTS",
    "OFFERS",
    "REPLACED",
    "SALE",
    "TENANTS",
    "Cancellation",
    "Change",
    "Effect",
    "Relation",
    "Risk",
]


class Risk(Level):
    """How likely something bad is: NONE < POSSIBLE < CERTAIN."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"

    def __bool__(self) -> bool:
        """Only NONE is false, so that `if risk.data_loss` means what it says."""
        return self is not Risk.NONE


class Relation(Word):
    """How the new offer stands to the old one."""

    SAME = "same"
    EQUIVALENT = "equivalent"
    DIFFERENT = "different"


class Change(Word):
    """How the new licence count stands to the old one."""

    FEWER = "fewer"
    SAME = "same"
    MORE = "more"


class Cancellation(Word):
    """What a cancellation of the original means for its replacement."""

    NONE = "none"
    """Not cancelled, or only after the replacement was there."""
    BACKUP_OPEN = "backup_open"
    """Cancelled before; for all that is known, admins can still back data up."""
    BACKUP_OVER = "backup_over"


class Effect(NamedTuple):
    """What a case does, and what is said of it: by a rule in one of its cases, or by one that picks the case itself."""

    disruption: Risk
    data_loss: Risk
    reassign_licenses: bool
    says: tuple[Saying | str, ...] = ()


_NONE, _POSSIBLE, _CERTAIN = Risk.NONE, Risk.POSSIBLE, Risk.CERTAIN
_NO_EFFECT: Final = Effect(_NONE, _NONE, False)
_ENDS: Final = Effect(_CERTAIN, _CERTAIN, False)
_DATA_AT_RISK: Final = Effect(_CERTAIN, _POSSIBLE, False)
_LOST: Final = Effect(_CERTAIN, _CERTAIN, True)
_UNSURE: Final = Effect(_POSSIBLE, _POSSIBLE, False)


def _saying(effect: Effect, *says: Saying | str) -> Effect:
    return effect._replace(says=says)


REPLACED: Final = DecisionTable(
    "replacement",
    "Whether there is a replacement at all; zero licences in place of some are none.",
    {"replaced": (False, True), "trial": (False, True)},
    (
        case(
            "a trial, which is not moved",
            "TRL-001",
            _saying(_ENDS, Saying("TRL-001", "not-moved")),
            trial=True,
        ),
        case(
            "nothing replaces it",
            "END-005",
            _saying(_ENDS, Saying("END-005", "not-replaced")),
            replaced=False,
            trial=False,
        ),
        case("it is replaced", "REL-002", _NO_EFFECT, replaced=True, trial=False),
    ),
)

OFFERS: Final = DecisionTable(
    "offers",
    "What another offer does.",
    {"new_offer": Relation, "old_discontinued": (False, None, True)},
    (
        case("the same offer", "RSK-001", _NO_EFFECT, new_offer=Relation.SAME),
        case(
            "another one, declared equivalent",
            "RSK-002",
            Effect(_POSSIBLE, _NONE, True, (Saying("RSK-002", "equivalent"),)),
            new_offer=Relation.EQUIVALENT,
        ),
        case(
            "another one, not declared equivalent",
            "RSK-002",
            Effect(_POSSIBLE, _POSSIBLE, True, (Saying("RSK-002", "not-equivalent"),)),
            new_offer=Relation.DIFFERENT,
            old_discontinued={False, None},
        ),
        case(
            "another one for a discontinued offer, not declared equivalent",
            "RSK-003",
            Effect(_POSSIBLE, _POSSIBLE, True, (Saying("RSK-003", "find-equivalent"),)),
            new_offer=Relation.DIFFERENT,
            old_discontinued=True,
        ),
    ),
)

SALE: Final = DecisionTable(
    "sale",
    "Whether the new offer can be bought at all; where that is not known, a finding asks to confirm it.",
    {"still_sold": (True, None, False)},
    (
        case(
            "it can be bought, or it is not known that it cannot",
            "RSK-001",
            _NO_EFFECT,
            still_sold={True, None},
        ),
        case(
            "it cannot be bought any more",
            "RSK-003",
            _saying(_UNSURE, Saying("RSK-003", "not-sold")),
            still_sold=False,
        ),
    ),
)

COUNTS: Final = DecisionTable(
    "licences",
    "What another licence count does.",
    {"count": Change, "below_assigned": (False, True)},
    (
        case(
            "fewer than users hold",
            "RSK-001",
            Effect(_CERTAIN, _POSSIBLE, True, (Saying("RSK-001", "below-assigned"),)),
            below_assigned=True,
        ),
        case("as many", "RSK-001", _NO_EFFECT, count=Change.SAME, below_assigned=False),
        case(
            "fewer",
            "RSK-001",
            _saying(_UNSURE, Saying("RSK-001", "fewer")),
            count=Change.FEWER,
            below_assigned=False,
        ),
        case(
            "more",
            "RSK-001",
            Effect(_POSSIBLE, _NONE, False, (Saying("RSK-001", "more"),)),
            count=Change.MORE,
            below_assigned=False,
        ),
    ),
)

_IN_USE: Final = {None, State.ACTIVE, State.SUSPENDED, State.EXPIRED, State.EXTENDED}
MOMENTS: Final = DecisionTable(
    "moment",
    "What the moment of provisioning does, by the state of the original on that day (None: not known).",
    {"cancellation": Cancellation, "state_on_the_day": (None, *State), "status": Status},
    (
        case(
            "cancelled, and the days for a backup are over",
            "LIF-004",
            _saying(_LOST, "LIF-004", Saying("END-005", "after-deletion")),
            cancellation=Cancellation.BACKUP_OVER,
        ),
        case(
            "cancelled before the replacement is there",
            "LIF-004",
            _saying(_DATA_AT_RISK, "LIF-004"),
            cancellation=Cancellation.BACKUP_OPEN,
        ),
        case(
            "Deleted on the day",
            "END-005",
            _saying(_LOST, Saying("END-005", "after-deletion")),
            cancellation=Cancellation.NONE,
            state_on_the_day=State.DELETED,
        ),
        case(
            "Disabled on the day",
            "END-005",
            _saying(_DATA_AT_RISK, Saying("END-005", "after-window")),
            cancellation=Cancellation.NONE,
            state_on_the_day=State.DISABLED,
        ),
        # What the service reports holds on every day that nothing else is known of.
        case(
            "Deleted already",
            "LIF-001",
            _saying(_LOST, "LIF-001"),
            cancellation=Cancellation.NONE,
            state_on_the_day=_IN_USE,
            status=Status.DELETED,
        ),
        case(
            "Disabled already",
            "LIF-001",
            _saying(_DATA_AT_RISK, "LIF-001"),
            cancellation=Cancellation.NONE,
            state_on_the_day=_IN_USE,
            status=Status.DISABLED,
        ),
        case(
            "suspended: users have no access already",
            "LIF-003",
            _saying(_DATA_AT_RISK, "LIF-003"),
            cancellation=Cancellation.NONE,
            state_on_the_day=_IN_USE,
            status=Status.SUSPENDED,
        ),
        case(
            "in use, or in the grace window",
            "RSK-001",
            _NO_EFFECT,
            cancellation=Cancellation.NONE,
            state_on_the_day=_IN_USE,
            status=UNCLEAR | {Status.ACTIVE, Status.EXPIRED, Status.CANCELED},
        ),
    ),
)

TENANTS: Final = DecisionTable(
    "tenants",
    "What another tenant does, until the customer has migrated its data.",
    {"into_another_tenant": (False, True)},
    (
        case("the same tenant", "RSK-001", _NO_EFFECT, into_another_tenant=False),
        case(
            "another tenant",
            "TEN-001",
            Effect(_POSSIBLE, _POSSIBLE, True, (Saying("TEN-001", "another-tenant"),)),
            into_another_tenant=True,
        ),
    ),
)

DOUBTS: Final = DecisionTable(
    "readings",
    "What it does if the day lies after the last one that is safe by every reading (EST-001, EST-004, RNW-001).",
    {"in_doubt": (False, True)},
    (
        case("safe by every reading, or by none", "RSK-001", _NO_EFFECT, in_doubt=False),
        case(
            "not safe by one of two readings",
            "END-005",
            _saying(_UNSURE, Saying("END-005", "in-doubt")),
            in_doubt=True,
        ),
    ),
)

FACTS_MISSING: Final = DecisionTable(
    "facts missing",
    "What is not known is never safe.",
    {"day_given": (True, False), "status_clear": (True, False)},
    (
        case("none", "RSK-001", _NO_EFFECT, day_given=True, status_clear=True),
        case(
            "the day",
            "RSK-001",
            _saying(_UNSURE, Saying("RSK-001", "day-not-given")),
            day_given=False,
            status_clear=True,
        ),
        case("the status", "LIF-001", _saying(_UNSURE, "LIF-001"), day_given=True, status_clear=False),
        case(
            "both",
            "LIF-001",
            _saying(_UNSURE, Saying("RSK-001", "day-not-given"), "LIF-001"),
            day_given=False,
            status_clear=False,
        ),
    ),
)
