"""The door in: subscriptions as Partner Center's REST API returns them (its `Subscription` resource, JSON).

Payloads vary in case, in time formats and in what they leave out; all of that is read. What cannot be read is
refused with the item, the field, the value and what is accepted; nothing is guessed and nothing half-read.
Source: resources#subscription, and part C of the rulebook.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final

from attrs import frozen

from .errors import InvalidType, InvalidValue, PayloadError, Problem
from .ids import id_key, same_id
from .model import Offer, Status, Subscription, Term, TermEnd
from .payload import WANTED_TIME, Item, items_of, parsed
from .rules.terms import last_whole_day
from .spans import EARLIEST, LATEST, after, duration_months, months_between, nth_term_start

__all__ = ["Reading", "read", "read_tolerantly"]

# In any spelling: one that passed for new commerce would end a day late.
_GUID: Final = re.compile(r"[{(]?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?", re.IGNORECASE)
_NEVER: Final = 9999
_STATUSES: Final = {str(status): status for status in Status} | {"cancelled": Status.CANCELED}
_SCHEDULED: Final = {
    "cancel": TermEnd.CANCEL,
    "renewtonewterm": TermEnd.RENEW,
    "renewtoextendedserviceterm": TermEnd.EXTEND,
    "transition": TermEnd.CHANGE,
}
_OUT_OF_SCOPE: Final = "only licence-based subscriptions are in scope"


@frozen(kw_only=True)
class Reading:
    """What a tolerant reading gives: the subscriptions that can be read, beside every problem."""

    subscriptions: tuple[Subscription, ...]
    problems: tuple[Problem, ...]


def read(payload: object) -> tuple[Subscription, ...]:
    """Return every subscription of a payload, or raise one `PayloadError` that lists all bad items.

    The payload is JSON text (`str` or `bytes`), or what such text parses to: a collection response, a bare
    list, or one subscription. Ends are read as UTC-001 says: inclusive for new commerce, exclusive for legacy
    subscriptions (whose offer id is a bare GUID). Source: resources#subscription.

    >>> basic = {"id": "83ef9d05", "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971", "quantity": 25,
    ...          "effectiveStartDate": "2025-04-01T00:00:00Z", "commitmentEndDate": "2026-03-31T00:00:00Z",
    ...          "status": "active", "autoRenewEnabled": True, "termDuration": "P1Y"}
    >>> read({"totalCount": 1, "items": [basic]})[0].term.last_day
    datetime.date(2026, 3, 31)
    >>> read([basic | {"quantity": -1}])
    Traceback (most recent call last):
    ...
    csp_transfer.errors.PayloadError: 1 problem in the payload
      items[0] (id '83ef9d05'): quantity: -1; expected a count of licences, 0 or more
    """
    reading = read_tolerantly(payload)
    if reading.problems:
        raise PayloadError(reading.problems)
    return reading.subscriptions


def read_tolerantly(payload: object) -> Reading:
    """Return what can be read of a payload, and every problem beside it; see `read` for what is accepted.

    >>> reading = read_tolerantly('[{"id": "abc", "billingType": "usage"}]')
    >>> reading.subscriptions, [problem.field for problem in reading.problems]
    ((), ['billingType'])
    """
    problems: list[Problem] = []
    found: dict[str, Subscription] = {}
    try:
        items = items_of(parsed(payload), problems)
    except Problem as problem:
        return Reading(subscriptions=(), problems=(problem,))
    for label, raw in items:
        try:
            subscription = _subscription(Item(label, raw))
        except Problem as problem:
            problems.append(problem)
            continue
        key = id_key(subscription.id)
        if key in found:
            problems.append(Problem(label, "id", subscription.id, "each subscription once"))
        else:
            found[key] = subscription
    return Reading(subscriptions=tuple(found.values()), problems=tuple(problems))


def _subscription(item: Item) -> Subscription:
    _refuse_out_of_scope(item)
    offer_id = item.required_text("offerId", "the id of an offer")
    legacy = _GUID.fullmatch(offer_id) is not None
    last_day = _last_day(item, legacy=legacy)
    start = item.time("effectiveStartDate")
    if start is None:
        raise item.problem("effectiveStartDate", WANTED_TIME)
    duration = _duration(item, "termDuration")
    at_term_end, scheduled = _at_term_end(item, offer_id)
    try:
        return Subscription(
            id=item.required_text("id", "the id of the subscription"),
            offer=Offer(id=offer_id, name=item.text("offerName")),
            quantity=item.required("quantity", int, "a count of licences, 0 or more"),
            term=_term(start.date(), last_day, duration),
            anchor=start.date(),
            auto_renew=item.required("autoRenewEnabled", bool, "true or false"),
            status=_status(item),
            name=item.text("friendlyName"),
            trial=item.optional("isTrial", bool, "true or false") or False,
            legacy=legacy,
            parent=item.text("parentSubscriptionId") or None,
            renewal_duration=scheduled or _duration(item, "renewalTermDuration") or duration,
            length_known=duration is not None,
            at_term_end=at_term_end,
            cancellation_allowed_until=_cancellation_allowed_until(item),
        )
    except Problem:
        raise
    except (InvalidType, InvalidValue) as error:
        raise item.problem(_FIELDS.get(error.field, error.field), error.accepted) from None


# Where the model refuses what the payload says: the payload's own name for it.
_FIELDS: Final = {
    "first_day": "effectiveStartDate",
    "anchor": "effectiveStartDate",
    "last_day": "commitmentEndDate",
    "parent": "parentSubscriptionId",
    "cancellation_allowed_until": "cancellationAllowedUntilDate",
}


def _refuse_out_of_scope(item: Item) -> None:
    for field, in_scope in (("billingType", "license"), ("contractType", "subscription")):
        value = item.text(field)
        if value and value.lower() != in_scope:
            raise item.problem(field, f"'{in_scope}': {_OUT_OF_SCOPE}")
    if item.text("unitType").lower().startswith("usage"):
        raise item.problem("unitType", f"a unit of licences: {_OUT_OF_SCOPE}")
    product = item.object("productType") if isinstance(item.get("productType"), dict) else None
    if product is not None and re.search("azure|software|reservation", product.text("id"), re.IGNORECASE):
        raise product.problem("id", f"an online service: {_OUT_OF_SCOPE}")


def _last_day(item: Item, *, legacy: bool) -> date:
    """Return the last whole UTC day of the term; two fields may give it, and must not disagree."""
    days: dict[str, date] = {}
    for field in ("commitmentEndDate", "commitmentEndDateTime"):
        end = item.time(field)
        if end is None:
            continue
        if end.year >= _NEVER:
            raise item.problem(field, f"the end of a term: {_OUT_OF_SCOPE}, and those end")
        if not EARLIEST < end.date() <= LATEST:
            raise item.problem(field, f"a day after {EARLIEST}, up to {LATEST}")
        # As a date, midnight means the whole day; as an instant, that the day before was the last.
        exclusive = legacy or (field == "commitmentEndDateTime" and end.time() == time.min)
        days[field] = last_whole_day(end, legacy=exclusive)
    if not days:
        raise item.problem("commitmentEndDate", f"{WANTED_TIME}: no deadline can be told without it")
    if len(set(days.values())) > 1:
        day = days["commitmentEndDate"]
        raise item.problem("commitmentEndDateTime", f"the same last day as commitmentEndDate, {day}")
    return days.popitem()[1]


def _duration(item: Item, field: str) -> str | None:
    value = item.text(field)
    if not value:
        return None
    try:
        duration_months(field, value)
    except InvalidValue as error:
        raise item.problem(field, error.accepted) from None
    return value


def _term(start: date, last_day: date, duration: str | None) -> Term:
    """Return the term that ends on that day: after renewals, the start given is that of the very first."""
    if duration is None or not EARLIEST <= start <= last_day:
        return Term(first_day=start, last_day=last_day)
    months = duration_months("termDuration", duration)
    elapsed = months_between(start, after(last_day))
    if elapsed is None:  # cut short, or moved, to end with another: at most as long as its duration
        first_day = max(start, nth_term_start(after(last_day), -months))
    else:
        first_day = nth_term_start(start, 1, max(0, elapsed - months))
    return Term(first_day=first_day, last_day=last_day)


def _status(item: Item) -> Status:
    # Values added later are kept as unknown, lest one of them hide the rest of a listing.
    status = item.required_text("status", "the status of the subscription")
    return _STATUSES.get(status.lower(), Status.UNKNOWN)


def _at_term_end(item: Item, offer_id: str) -> tuple[TermEnd | None, str | None]:
    """Return what is scheduled for the end of the term, and the duration scheduled for the next."""
    actions = item.objects("scheduledActions")
    ends = {
        _SCHEDULED.get(action.required_text("actionType", "a text").lower(), TermEnd.UNKNOWN)
        for action in actions
    }
    if len(ends) > 1:
        raise item.problem("scheduledActions", "one action for the end of the term")
    end = ends.pop() if ends else None
    next_term = item.object("scheduledNextTermInstructions")
    if next_term is None or next_term.is_blank():
        return end, None
    if end is TermEnd.CANCEL:  # what is to end has no next term: the facts contradict each other
        end = TermEnd.UNKNOWN
    product = next_term.object("product")
    changes = _changes(item, next_term, product, offer_id)
    if end in (None, TermEnd.RENEW):
        # A renewal that changes product or count is no renewal of what we know.
        end = TermEnd.CHANGE if changes else TermEnd.RENEW
    return end, _duration(product, "termDuration") if product else None


def _changes(item: Item, next_term: Item, product: Item | None, offer_id: str) -> bool:
    """Whether the next term is of another product, another count, or ends on a day of its own."""
    if next_term.time("customTermEndDate") is not None:
        return True
    if next_term.count("quantity") not in (None, item.count("quantity")):
        return True
    if product is None:
        return False
    ids = [product.text(field) for field in ("productId", "skuId")]
    return any(new and not same_id(new, old) for new, old in zip(ids, offer_id.split(":"), strict=False))


def _cancellation_allowed_until(item: Item) -> datetime | None:
    until = item.time("cancellationAllowedUntilDate")
    expiries = [option.time("expiresAt") for option in item.objects("refundOptions")]
    return until or max((expiry for expiry in expiries if expiry is not None), default=None)
