"""The states of a subscription that is not renewed: who has what in each, and in which course they come (LIF, EST)."""

from __future__ import annotations

from typing import Final

from ..decision import DecisionTable, case
from ..model import Status, Subscription
from ..words import Word
from .term_end import AfterTerm
from .terms import UNCLEAR

__all__ = ["ACCESS", "COURSES", "Course", "Kind", "Lasts", "State", "access", "kind_of"]


class State(Word):
    """What a subscription is in on a day; *Expired* is the grace window."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"
    EXTENDED = "extended"
    """An extended service term, after the term itself (EST-002)."""


class Kind(Word):
    """What kind of subscription it is, as far as its course depends on that."""

    NEW_COMMERCE = "new_commerce"
    LEGACY = "legacy"
    EXTENDED = "extended"
    """In an extended service term, which has no end of its own (EST-005)."""


def kind_of(subscription: Subscription) -> Kind:
    """Tell of which kind a subscription is."""
    if subscription.runs_on:
        return Kind.EXTENDED
    return Kind.LEGACY if subscription.legacy else Kind.NEW_COMMERCE


class Lasts(Word):
    """How long a state lasts: as long as the term, or a number of days that the policy gives."""

    TERM = "term"
    UNTIL_CANCELED = "until_canceled"
    GRACE = "grace_days"
    SUSPENDED = "suspended_days"
    DISABLED = "disabled_days"
    BACKUP = "backup_days"


ACCESS: Final = {
    State.ACTIVE: (True, True, True),
    State.SUSPENDED: (False, True, True),
    State.EXPIRED: (True, True, False),
    State.DISABLED: (False, True, False),
    State.DELETED: (False, False, False),
    State.EXTENDED: (True, True, True),
}
"""State → users have access, admins have access, the partner is billed (lifecycle#active and following)."""


def access(state: State, *, ends: bool) -> tuple[bool, bool, bool]:
    """Return who has what in a state: users and admins access, the partner a bill; see `ACCESS`.

    Only a cancellation is followed by days of Deleted that end: those in which admins can still back data up.
    """
    users, admins, billed = ACCESS[state]
    return users, admins or (state is State.DELETED and ends), billed


Course = tuple[tuple[State, tuple[Lasts, ...]], ...]
"""The states from a term's first day on, each with how long it lasts, added up; nothing: without end."""

_WITH_AN_END: Final = {Kind.NEW_COMMERCE, Kind.LEGACY}
COURSES: Final[DecisionTable[Course]] = DecisionTable(
    "states",
    "What a subscription that is not renewed goes through, from its term's first day on.",
    {
        "status": Status,
        "trial": (False, True),
        "after_term": AfterTerm,
        "day_of_cancellation": ("known", "not known"),
        "kind": Kind,
    },
    (
        case(
            "it runs out",
            "LIF-001",
            (
                (State.ACTIVE, (Lasts.TERM,)),
                (State.EXPIRED, (Lasts.GRACE,)),
                (State.DISABLED, (Lasts.DISABLED,)),
                (State.DELETED, ()),
            ),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            after_term=AfterTerm.GRACE,
            kind=_WITH_AN_END,
        ),
        case(
            "it ends at once",
            "EST-001",
            ((State.ACTIVE, (Lasts.TERM,)), (State.DISABLED, (Lasts.DISABLED,)), (State.DELETED, ())),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            after_term=AfterTerm.AT_ONCE,
            kind=_WITH_AN_END,
        ),
        case(
            "it goes on as an extended service term",
            "EST-002",
            ((State.ACTIVE, (Lasts.TERM,)), (State.EXTENDED, ())),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            after_term=AfterTerm.EXTENDED,
            kind=_WITH_AN_END,
        ),
        case(
            "it is in an extended service term",
            "EST-005",
            ((State.EXTENDED, ()),),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            kind=Kind.EXTENDED,
        ),
        case(
            "a trial, it is not known what comes after it",
            "TRL-001",
            ((State.ACTIVE, (Lasts.TERM,)),),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=True,
        ),
        case(
            "suspended when the term ends",
            "LIF-002",
            (
                (State.SUSPENDED, (Lasts.TERM,)),
                (State.DISABLED, (Lasts.SUSPENDED,)),
                (State.DISABLED, (Lasts.DISABLED,)),
                (State.DELETED, ()),
            ),
            status=Status.SUSPENDED,
            kind=Kind.NEW_COMMERCE,
        ),
        case(
            "suspended, it is not known until when",
            "LIF-002",
            ((State.SUSPENDED, ()),),
            status=Status.SUSPENDED,
            kind={Kind.LEGACY, Kind.EXTENDED},
        ),
        case(
            "Disabled already, since when no payload says",
            "LIF-001",
            ((State.DISABLED, (Lasts.TERM, Lasts.GRACE, Lasts.DISABLED)), (State.DELETED, ())),
            status=Status.DISABLED,
        ),
        case(
            "cancelled on a known day",
            "LIF-004",
            ((State.ACTIVE, (Lasts.UNTIL_CANCELED,)), (State.DELETED, (Lasts.BACKUP,)), (State.DELETED, ())),
            status=Status.CANCELED,
            day_of_cancellation="known",
        ),
        case(
            "cancelled, on which day is not known",
            "LIF-004",
            ((State.DELETED, ()),),
            status=Status.CANCELED,
            day_of_cancellation="not known",
        ),
        case("Deleted already", "LIF-001", ((State.DELETED, ()),), status=Status.DELETED),
        case("a status that tells nothing", "LIF-001", (), status=UNCLEAR),
    ),
)
