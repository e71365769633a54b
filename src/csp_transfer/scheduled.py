"""What a payload schedules for a subscription: for the end of its term, and for days of their own."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from .errors import InvalidValue, Problem
from .ids import same_id
from .model import TermEnd
from .payload import Item, is_list
from .spans import duration_months

__all__ = ["Scheduled", "duration_of", "scheduled_of"]

_ACTIONS: Final = {
    "cancel": TermEnd.CANCEL,
    "renewtonewterm": TermEnd.RENEW,
    "renewtoextendedserviceterm": TermEnd.EXTEND,
    "transition": TermEnd.CHANGE,
}
_GO_ON: Final = (TermEnd.RENEW, TermEnd.CHANGE)
# An action that does not say when is one for the end of the term: there were no others at first.
_AT_TERM_END: Final = ("", "termend")


class Scheduled(NamedTuple):
    """What is scheduled; None: nothing."""

    at_term_end: TermEnd | None = None
    renewal_duration: str | None = None
    """How long the next term is to be."""
    mid_term: TermEnd | None = None
    """What is scheduled for another day than the end of the term."""
    mid_term_on: date | None = None
    """That day; None: not known."""
    cautions: tuple[Problem, ...] = ()
    """What is scheduled for still other days, which no fact holds."""


class _AtEnd(NamedTuple):
    """What one action, or one set of instructions, says of the end of the term."""

    end: TermEnd | None
    duration: str | None


class _Apart(NamedTuple):
    """What one action says of a day of its own; None: no fact tells the day."""

    day: date | None
    action: TermEnd


def scheduled_of(item: Item, offer_id: str | None, quantity: int | None) -> Scheduled:
    """Return what is scheduled. Where there are `scheduledActions`, `scheduledNextTermInstructions` do not count.

    An action for the end of the term counts with its own `instructions`. One for another day (`CustomDate`, or a
    type that was added later) says nothing about the end of the term. `offer_id` and `quantity` are those of the
    subscription, None where they cannot be read. Raises `PayloadError` that lists everything that is wrong.
    Source: part C of the rulebook.
    """
    if item.get("scheduledActions") is None and item.get("scheduledNextTermInstructions") is None:
        return Scheduled()  # nearly always
    instructions = item.object("scheduledNextTermInstructions")
    actions = item.objects("scheduledActions")
    of_today = _OfToday(offer_id, quantity)
    found: list[_AtEnd | _Apart | None]
    given = item.get("scheduledActions")
    if given is None or (is_list(given) and len(given) == 0):
        found = [_instructed(None, instructions, of_today)]
    else:
        found = [_action(one, of_today) for one in actions]
    ends = [one for one in found if isinstance(one, _AtEnd)]
    if len(set(ends)) > 1:
        item.note("scheduledActions", "one action for the end of the term")
    end, duration = ends[0] if ends else (None, None)
    apart = [one for one in found if isinstance(one, _Apart)]
    if not apart:
        return Scheduled(end, duration)
    # Of several, the first one decides, after which nothing is known; one without a day may be the first.
    first, *others = sorted(set(apart), key=lambda dated: (dated.day or date.min, dated.action.value))
    accepted = f"one action for a day of its own; {_said(first)} is planned by, as the first one"
    also = tuple(Problem(item.label, "scheduledActions", _said(one), accepted) for one in others)
    return Scheduled(end, duration, first.action, first.day, also)


def _said(apart: _Apart) -> str:
    return f"{apart.action} on {apart.day or 'a day that is not known'}"


class _OfToday(NamedTuple):
    """What the next term is compared with; None: it cannot be read."""

    offer_id: str | None
    quantity: int | None


def _action(action: Item, of_today: _OfToday) -> _AtEnd | _Apart | None:
    """Return what an action says. Of one whose type cannot be read, all is looked at that could count."""
    before = len(action.problems)
    kind = action.text("scheduleType")
    text = action.required_text("actionType", "a text")
    does = None if text is None else _ACTIONS.get(text.lower(), TermEnd.UNKNOWN)
    at_end = kind is not None and kind.lower() in _AT_TERM_END
    dated = kind is not None and kind.lower() == "customdate"
    day = None if at_end else (action.instant if dated else action.time)("effectiveDate")
    instructions = action.object("instructions") if at_end or kind is None else None
    end = _instructed(does, instructions, of_today)
    if does is None or len(action.problems) > before:
        return None
    return end if at_end else _Apart(day.date() if day is not None and dated else None, does)


def _instructed(end: TermEnd | None, instructions: Item | None, of_today: _OfToday) -> _AtEnd | None:
    """Return what happens at the end of the term by an action and by instructions, and how long the next one is.

    None where that depends on what cannot be read.
    """
    blank = instructions is None or instructions.is_blank()
    if instructions is None or blank:
        return _AtEnd(end, None)
    if blank is None:
        return None
    before = len(instructions.problems)
    product = instructions.object("product")
    changes = _changes(instructions, product, of_today)
    duration = duration_of(product, "termDuration") if product else None
    if len(instructions.problems) > before:
        return None
    if end is TermEnd.CANCEL:  # what is to end has no next term: the facts contradict each other
        end = TermEnd.UNKNOWN
    if end in (None, TermEnd.RENEW):
        if changes is None:
            return None
        # A renewal that changes product or count is no renewal of what we know.
        end = TermEnd.CHANGE if changes else TermEnd.RENEW
    return _AtEnd(end, duration if end in _GO_ON else None)


def duration_of(item: Item, field: str) -> str | None:
    """Return a duration that licence terms have, None where it is missing; raises `Problem`."""
    value = item.text(field)
    if not value:
        return None
    try:
        duration_months(field, value)
    except InvalidValue as error:
        item.note(field, error.accepted)
        return None
    return value


def _changes(instructions: Item, product: Item | None, of_today: _OfToday) -> bool | None:
    """Tell whether the next term is of another product, another count, or ends on a day of its own.

    None where what it is compared with cannot be read.
    """
    ends_apart = instructions.time("customTermEndDate") is not None
    quantity = instructions.count("quantity")
    ids = [] if product is None else [product.text(field) for field in ("productId", "skuId")]
    if of_today.offer_id is None or of_today.quantity is None:
        return None
    today = of_today.offer_id.split(":")
    another = any(new and not same_id(new, old) for new, old in zip(ids, today, strict=False))
    return ends_apart or another or quantity not in (None, of_today.quantity)
