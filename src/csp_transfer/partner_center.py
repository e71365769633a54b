"""The door in: subscriptions as Partner Center's REST API returns them (its `Subscription` resource, JSON).

Payloads vary in case, in time formats and in what they leave out; all of that is read. What cannot be read is
refused with the item, the field, the value and what is accepted; nothing is guessed and nothing half-read.
Source: resources#subscription, and part C of the rulebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from attrs import frozen

from .errors import InvalidType, InvalidValue, PayloadError, Problem
from .ids import id_key
from .model import Offer, Status, Subscription, Term
from .payload import WANTED_TIME, Item, Tried, is_list, items_of, joined, parsed
from .rules.terms import last_whole_day
from .scheduled import Scheduled, duration_of, scheduled_of
from .seats import SeatWindow
from .spans import EARLIEST, LATEST, after, duration_months, months_between, nth_term_start

__all__ = ["Reading", "join_pages", "read", "read_tolerantly"]

# In any spelling: one that passed for new commerce would end a day late.
_GUID: Final = re.compile(r"[{(]?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?", re.IGNORECASE)
_NEVER: Final = 9999
_STATUSES: Final = {str(status): status for status in Status} | {"cancelled": Status.CANCELED}
_EXTENDED: Final = re.compile(r"extended[\s-]+service[\s-]+term", re.IGNORECASE)
_NO_LICENCES: Final = re.compile("azure|software|reservation", re.IGNORECASE)
_OUT_OF_SCOPE: Final = "only licence-based subscriptions are in scope"


@frozen(kw_only=True)
class Reading:
    """What a tolerant reading gives: the subscriptions that can be read, beside every problem.

    `unread` counts the subscriptions that are known to exist but could not be read, as a `Transfer` takes it: bad
    items, and those of a longer listing that are not there (one, where their number is not known).
    """

    subscriptions: tuple[Subscription, ...]
    problems: tuple[Problem, ...]
    unread: int = 0


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
    >>> reading.subscriptions, [problem.field for problem in reading.problems], reading.unread
    ((), ['billingType'], 1)
    """
    problems: list[Problem] = []
    found: dict[str, Subscription] = {}
    try:
        items, missing = items_of(parsed(payload), problems)
    except Problem as problem:
        return Reading(subscriptions=(), problems=(problem,), unread=1)
    for label, raw in items:
        try:
            subscription = _subscription(Item(label, raw))
        except PayloadError as error:
            problems += error.problems
            continue
        except Problem as problem:
            problems.append(problem)
            continue
        key = id_key(subscription.id)
        if key in found:
            problems.append(Problem(label, "id", subscription.id, "each subscription once"))
        else:
            found[key] = subscription
    return Reading(
        subscriptions=tuple(found.values()),
        problems=tuple(problems),
        unread=len(items) - len(found) + missing,
    )


def join_pages(pages: Iterable[object]) -> dict[str, Any]:
    """Return the pages of one listing as one collection response, in their order; `read` takes it.

    Each page is a collection response, as JSON text or parsed. Every page must say as its `totalCount` how many
    items it has, or how many all of them have, if it says anything; no subscription may come twice; and the last
    page must not name another. Raises `PayloadError` that lists everything that is wrong.
    Source: resources#subscription.

    >>> first = {"totalCount": 2, "items": [{"id": "a"}], "links": {"next": {"uri": "/page/2"}}}
    >>> [item["id"] for item in join_pages([first, {"totalCount": 2, "items": [{"id": "b"}]}])["items"]]
    ['a', 'b']
    >>> join_pages([first])
    Traceback (most recent call last):
    ...
    csp_transfer.errors.PayloadError: 2 problems in the payload
      pages[0]: totalCount: 2; expected 1, as many as there are items in all pages
      pages[0] links: next: {'uri': '/page/2'}; expected no further page after the last one
    """
    problems: list[Problem] = []
    items = joined(pages, problems)
    if problems:
        raise PayloadError(tuple(problems))
    return {"totalCount": len(items), "items": items}


def _subscription(item: Item) -> Subscription:
    """Return the subscription, or raise what makes it out of scope, or else every problem that it has."""
    _refuse_out_of_scope(item)
    tried = Tried()
    offer_id = tried(item.required_text, "offerId", "the id of an offer") or ""
    legacy = _GUID.fullmatch(offer_id) is not None
    last_day = tried(_last_day, item, legacy=legacy)
    start = tried(_start, item)
    duration = tried(duration_of, item, "termDuration")
    renewal_duration = tried(duration_of, item, "renewalTermDuration")
    scheduled = tried(scheduled_of, item, offer_id) or Scheduled()
    created = tried(item.time, "creationDate")
    facts: dict[str, Any] = {
        "id": tried(item.required_text, "id", "the id of the subscription"),
        "quantity": tried(item.count, "quantity", required=True),
        "auto_renew": tried(item.required, "autoRenewEnabled", bool, "true or false"),
        "status": tried(_status, item),
        "name": tried(item.text, "friendlyName"),
        "trial": tried(item.optional, "isTrial", bool, "true or false") or False,
        "parent": tried(item.text, "parentSubscriptionId") or None,
        "cancellation_allowed_until": tried(_cancellation_allowed_until, item),
        "seat_windows": tried(_seat_windows, item),
    }
    name, others = tried(item.text, "offerName"), tried(_of_a_third_party, item)
    extended = tried(_extended, item)
    tried.stop()
    assert last_day is not None  # noqa: S101 - what has a problem has stopped
    assert start is not None  # noqa: S101
    try:
        term, doubted = _term(start, last_day, duration)
        return Subscription(
            offer=Offer(id=offer_id, name=name or "", extended_service=False if others else None),
            term=term,
            anchor=start,
            legacy=legacy,
            renewal_duration=scheduled.renewal_duration or renewal_duration or duration,
            length_known=duration is not None,
            at_term_end=scheduled.at_term_end,
            mid_term=scheduled.mid_term,
            mid_term_on=scheduled.mid_term_on,
            doubted_last_day=doubted,
            extended=bool(extended) and not legacy,
            window_known=not (others or _may_be_upgraded(term, start, created, duration)),
            **facts,
        )
    except (InvalidType, InvalidValue) as error:
        raise item.problem(_FIELDS.get(error.field, error.field), error.accepted) from None


# Where the model refuses what the payload says: the payload's own name for it.
_FIELDS: Final = {
    "first_day": "effectiveStartDate",
    "anchor": "effectiveStartDate",
    "last_day": "commitmentEndDate",
    "parent": "parentSubscriptionId",
    "cancellation_allowed_until": "cancellationAllowedUntilDate",
    "until": "allowedUntilDateTime",
    "mid_term_on": "scheduledActions",
}


def _refuse_out_of_scope(item: Item) -> None:
    billing, unit = item.text("billingType").lower(), item.text("unitType").lower()
    for field, value in (("billingType", billing), ("unitType", unit)):
        if value == "benefit":
            raise item.problem(field, f"'license': a benefit is not bought, so {_OUT_OF_SCOPE}")
    # Of `none`, the other fields say whether it is licence-based: a quantity, an end, the unit.
    if billing not in ("", "license", "none"):
        raise item.problem("billingType", f"'license': {_OUT_OF_SCOPE}")
    if item.text("contractType").lower() not in ("", "subscription"):
        raise item.problem("contractType", f"'subscription': {_OUT_OF_SCOPE}")
    if unit.startswith("usage"):
        raise item.problem("unitType", f"a unit of licences: {_OUT_OF_SCOPE}")
    product, field = item, "productType"
    if isinstance(item.get("productType"), Mapping):
        product, field = item.object("productType") or item, "id"
    if _NO_LICENCES.search(product.text(field)):
        raise product.problem(field, f"an online service: {_OUT_OF_SCOPE}")


def _of_a_third_party(item: Item) -> bool:
    """Tell whether another publisher than Microsoft sells it (EST-004); what is not said counts as Microsoft's."""
    publisher = item.text("publisherName").lower()
    own = item.optional("isMicrosoftProduct", bool, "true or false")
    return own is False or (publisher != "" and not publisher.startswith("microsoft"))


def _extended(item: Item) -> bool:
    """Tell whether it is in an extended service term: the name of its SKU says so (EST-005)."""
    return any(_EXTENDED.search(item.text(field)) for field in ("offerName", "skuName"))


def _seat_windows(item: Item) -> tuple[SeatWindow, ...]:
    given = item.get("refundableQuantity")
    groups = item.objects("refundableQuantity") if is_list(given) else [item.object("refundableQuantity")]
    found: list[SeatWindow] = []
    for group in groups:
        for detail in group.objects("details") if group is not None else ():
            quantity, until = detail.count("quantity"), detail.time("allowedUntilDateTime")
            if not quantity:
                continue
            if until is None:
                raise detail.problem("allowedUntilDateTime", WANTED_TIME)
            try:
                found.append(SeatWindow(quantity=quantity, until=until))
            except InvalidValue as error:
                raise detail.problem("allowedUntilDateTime", error.accepted) from None
    return tuple(sorted(found, key=lambda window: (window.until, window.quantity)))


def _may_be_upgraded(term: Term, start: date, created: datetime | None, duration: str | None) -> bool:
    """Tell whether it may have been split off by an upgrade, so that it has its parent's cancellation window.

    No field says so. In its first term, such a one ends with its parent and so before its own duration is over, or
    was created after the day on which its term began; a purchase that is aligned to another one looks the same.
    """
    if term.first_day != start:
        return False
    late = created is not None and created.date() > after(start)
    return late or (duration is not None and term.last_day < Term.starting(start, duration).last_day)


def _start(item: Item) -> date:
    start = item.time("effectiveStartDate")
    if start is None:
        raise item.problem("effectiveStartDate", WANTED_TIME)
    if not EARLIEST <= start.date() <= LATEST:
        raise item.problem("effectiveStartDate", f"a day from {EARLIEST} to {LATEST}")
    return start.date()


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


def _term(start: date, last_day: date, duration: str | None) -> tuple[Term, date | None]:
    """Return the term that ends on that day, and the day itself where it may be the first one of the next term.

    After renewals, the start given is that of the very first term. An end that lies whole terms after it is a day
    later than such terms end, though the service says that it is included: the earlier day is planned by.
    """
    if duration is None or start > last_day:
        return Term(first_day=start, last_day=last_day), None
    months = duration_months("termDuration", duration)
    elapsed, doubted = months_between(start, last_day), None
    if elapsed and elapsed % months == 0:
        last_day, doubted = after(last_day, -1), last_day
    else:
        elapsed = months_between(start, after(last_day))
    if elapsed is None:  # cut short, or moved, to end with another: at most as long as its duration
        first_day = max(start, nth_term_start(after(last_day), -months))
    else:
        first_day = nth_term_start(start, 1, max(0, elapsed - months))
    return Term(first_day=first_day, last_day=last_day), doubted


def _status(item: Item) -> Status:
    # Values added later are kept as unknown, lest one of them hide the rest of a listing.
    status = item.required_text("status", "the status of the subscription")
    return _STATUSES.get(status.lower(), Status.UNKNOWN)


def _cancellation_allowed_until(item: Item) -> datetime | None:
    until = item.time("cancellationAllowedUntilDate")
    expiries = [option.time("expiresAt") for option in item.objects("refundOptions")]
    return until or max((expiry for expiry in expiries if expiry is not None), default=None)
