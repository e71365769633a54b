"""What a payload schedules for a subscription: for the end of its term, and for days of their own."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from .errors import InvalidValue
from .ids import same_id
from .model import TermEnd
from .payload import Item
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


def scheduled_of(item: Item, offer_id: str) -> Scheduled:
    """Return what is scheduled. Where there are `scheduledActions`, `scheduledNextTermInstructions` do not count.

    An action for the end of the term counts with its own `instructions`. One for another day (`CustomDate`, or a
    type that was added later) says nothing about the end of the term. Raises `Problem`.
    Source: part C of the rulebook.
    """
    actions = item.objects("scheduledActions")
    instructions = item.object("scheduledNextTermInstructions")
    if actions:
        at_end = [a for a in actions if a.text("scheduleType").lower() in _AT_TERM_END]
        ends = [_with_instructions(item, a, a.object("instructions"), offer_id) for a in at_end]
        apart = [(_dated(a), _action(a)) for a in actions if a not in at_end]
    else:
        ends = [_instructed(item, None, instructions, offer_id)]
        apart = []
    if len(set(ends)) > 1:
        raise item.problem("scheduledActions", "one action for the end of the term")
    end, duration = ends[0] if ends else (None, None)
    if not apart:
        return Scheduled(end, duration)
    # Of several, the first one decides; one without a day may be the first.
    day, action = min(apart, key=lambda dated: (dated[0] or date.min, dated[1].value))
    return Scheduled(end, duration, action, day)


def _action(action: Item) -> TermEnd:
    return _ACTIONS.get(action.required_text("actionType", "a text").lower(), TermEnd.UNKNOWN)


def _dated(action: Item) -> date | None:
    """Return the day of an action that is not for the end of the term; None: no fact tells it."""
    day = action.time("effectiveDate")
    return day.date() if day is not None and action.text("scheduleType").lower() == "customdate" else None


def _with_instructions(
    item: Item, action: Item, instructions: Item | None, offer_id: str
) -> tuple[TermEnd | None, str | None]:
    return _instructed(item, _action(action), instructions, offer_id)


def _instructed(
    item: Item, end: TermEnd | None, instructions: Item | None, offer_id: str
) -> tuple[TermEnd | None, str | None]:
    """Return what happens at the end of the term by an action and by instructions, and how long the next one is."""
    if instructions is None or instructions.is_blank():
        return end, None
    if end is TermEnd.CANCEL:  # what is to end has no next term: the facts contradict each other
        end = TermEnd.UNKNOWN
    product = instructions.object("product")
    changes = _changes(item, instructions, product, offer_id)
    if end in (None, TermEnd.RENEW):
        # A renewal that changes product or count is no renewal of what we know.
        end = TermEnd.CHANGE if changes else TermEnd.RENEW
    duration = duration_of(product, "termDuration") if product else None
    return end, duration if end in _GO_ON else None


def duration_of(item: Item, field: str) -> str | None:
    """Return a duration that licence terms have, None where it is missing; raises `Problem`."""
    value = item.text(field)
    if not value:
        return None
    try:
        duration_months(field, value)
    except InvalidValue as error:
        raise item.problem(field, error.accepted) from None
    return value


def _changes(item: Item, instructions: Item, product: Item | None, offer_id: str) -> bool:
    """Tell whether the next term is of another product, another count, or ends on a day of its own."""
    ends_apart = instructions.time("customTermEndDate") is not None
    quantity = instructions.count("quantity")
    ids = [] if product is None else [product.text(field) for field in ("productId", "skuId")]
    another = any(new and not same_id(new, old) for new, old in zip(ids, offer_id.split(":"), strict=False))
    return ends_apart or another or quantity not in (None, item.get("quantity"))
