"""The door in: subscriptions as Partner Center's REST API returns them (its `Subscription` resource, JSON).

Payloads vary in case, in time formats and in what they leave out; all of that is read. What cannot be read is
refused with the item, the field, the value and what is accepted; nothing is guessed and nothing half-read.
Source: resources#subscription, and part C of the rulebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, Final

from attrs import frozen

from .days import EARLIEST, LATEST, after, duration_months, months_between, nth_term_start
from .errors import PayloadError, Problem
from .model import STATUS_WORDS, Offer, SeatWindow, Status, Subscription, Term
from .payload import (
    WANTED_TIME,
    Item,
    duration_of,
    is_list,
    is_object,
    item_of,
    items_of,
    joined,
    once,
    parsed,
    scheduled_of,
)
from .rules.terms import TERM_MONTHS, last_whole_day
from .texts import id_key, same_id

__all__ = ["Reading", "join_pages", "read", "read_tolerantly"]

# In any spelling: one that passed for new commerce would end a day late.
_GUID: Final = re.compile(r"[{(]?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?", re.IGNORECASE)
_NEVER: Final = 9999
_EXTENDED: Final = re.compile(r"extended[\s-]+service[\s-]+term", re.IGNORECASE)
_NO_LICENCES: Final = re.compile("azure|software|reservation", re.IGNORECASE)
_OUT_OF_SCOPE: Final = "only licence-based subscriptions are in scope"


@frozen(kw_only=True)
class Reading:
    """What a tolerant reading gives: the subscriptions that can be read, beside every problem.

    `unread` counts the subscriptions that are known to exist but could not be read, as a `Transfer` takes it: bad
    items, and those of a longer listing that are not there (one, where their number is not known). `cautions` are
    about subscriptions that could be read: what a payload says of them that no fact holds, such as a second action
    for a day of its own.
    """

    subscriptions: tuple[Subscription, ...]
    problems: tuple[Problem, ...]
    unread: int = 0
    cautions: tuple[Problem, ...] = ()


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
    cautions: list[Problem] = []
    try:
        items, missing = items_of(parsed(payload), problems)
    except Problem as problem:
        return Reading(subscriptions=(), problems=(problem,), unread=1)
    for label, raw in items:
        own: list[Problem] = []
        subscription = _subscription(label, raw, own, cautions)
        if subscription is None:
            problems += once(own)
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
        cautions=tuple(cautions),
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


def _subscription(
    label: str, raw: object, problems: list[Problem], cautions: list[Problem]
) -> Subscription | None:
    """Return the subscription; None adds to `problems` what puts it out of scope, or else all that is wrong with it."""
    item = item_of(label, raw, problems)
    if item is None:
        return None
    misfit = _out_of_scope(item)
    if misfit is not None:
        problems[:] = [misfit]
        return None
    known_id = item.required_text("id", "the id of the subscription")
    offer_id = item.required_text("offerId", "the id of an offer")
    legacy = None if offer_id is None else _GUID.fullmatch(offer_id) is not None
    started = item.instant("effectiveStartDate", required=True)
    start = None if started is None else started.date()
    last_day = _last_day(item, start, legacy=legacy)
    duration = duration_of(item, "termDuration")
    renewal_duration = duration_of(item, "renewalTermDuration")
    quantity = item.count("quantity", required=True)
    scheduled = scheduled_of(item, offer_id, quantity)
    created = item.time("creationDate")
    facts: dict[str, Any] = {
        "id": known_id,
        "quantity": quantity,
        "auto_renew": item.flag("autoRenewEnabled", required=True),
        "status": _status(item),
        "name": item.text("friendlyName"),
        "trial": bool(item.flag("isTrial")),
        "parent": _parent(item, known_id),
        "cancellation_allowed_until": _cancellation_allowed_until(item),
        "seat_windows": _seat_windows(item),
    }
    name, sku = item.text("offerName") or "", item.text("skuName") or ""
    others = _is_of_a_third_party(item.text("publisherName") or "", item.flag("isMicrosoftProduct"))
    if problems:
        return None
    assert offer_id is not None  # noqa: S101 - otherwise there is a problem
    assert last_day is not None  # noqa: S101
    assert start is not None  # noqa: S101
    cautions += scheduled.cautions
    term, doubted = _term(start, last_day, duration)
    return Subscription(
        offer=Offer(id=offer_id, name=name, extended_service=False if others else None),
        term=term,
        anchor=start,
        legacy=bool(legacy),
        renewal_duration=scheduled.renewal_duration or renewal_duration or duration,
        length_known=duration is not None,
        at_term_end=scheduled.at_term_end,
        mid_term=scheduled.mid_term,
        mid_term_on=scheduled.mid_term_on,
        doubted_last_day=doubted,
        # The name of its SKU says so (EST-005).
        extended=not legacy and any(map(_EXTENDED.search, (name, sku))),
        window_known=not (others or _may_be_upgraded(term, start, created, duration)),
        **facts,
    )


def _out_of_scope(item: Item) -> Problem | None:
    """Return what puts it out of scope. What cannot be read does not: that is a problem beside the others."""
    billing, unit = (item.text("billingType") or "").lower(), (item.text("unitType") or "").lower()
    if "benefit" in (billing, unit):
        field = "billingType" if billing == "benefit" else "unitType"
        return item.problem(field, f"'license': a benefit is not bought, so {_OUT_OF_SCOPE}")
    # Of `none`, the other fields say whether it is licence-based: a quantity, an end, the unit.
    if billing not in ("", "license", "none"):
        return item.problem("billingType", f"'license': {_OUT_OF_SCOPE}")
    if (item.text("contractType") or "").lower() not in ("", "subscription"):
        return item.problem("contractType", f"'subscription': {_OUT_OF_SCOPE}")
    if unit.startswith("usage"):
        return item.problem("unitType", f"a unit of licences: {_OUT_OF_SCOPE}")
    product, field = item, "productType"
    if is_object(item.get("productType")):
        product, field = item.object("productType") or item, "id"
    if _NO_LICENCES.search(product.text(field) or ""):
        return product.problem(field, f"an online service: {_OUT_OF_SCOPE}")
    return None


def _is_of_a_third_party(publisher: str, own: bool | None) -> bool:
    """Tell whether another publisher than Microsoft sells it (EST-004); what is not said counts as Microsoft's."""
    return own is False or (publisher != "" and not publisher.lower().startswith("microsoft"))


def _seat_windows(item: Item) -> tuple[SeatWindow, ...]:
    given = item.get("refundableQuantity")
    if given is None:
        return ()
    if is_list(given):
        groups = item.objects("refundableQuantity")
    else:
        group = item.object("refundableQuantity")
        groups = [] if group is None else [group]
    details = [detail for group in groups for detail in group.objects("details")]
    windows = [_seat_window(detail) for detail in details]
    found = [window for window in windows if window is not None]
    return tuple(sorted(found, key=lambda window: (window.until, window.quantity)))


def _seat_window(detail: Item) -> SeatWindow | None:
    """Return licences and until when they can be taken back; None: there are no licences, or a problem."""
    quantity = detail.count("quantity")
    if quantity == 0 or detail.get("quantity") is None:
        detail.time("allowedUntilDateTime")
        return None
    until = detail.instant("allowedUntilDateTime", required=quantity is not None)
    return None if quantity is None or until is None else SeatWindow(quantity=quantity, until=until)


def _parent(item: Item, known_id: str | None) -> str | None:
    parent = item.text("parentSubscriptionId")
    if parent and known_id is not None and same_id(parent, known_id):
        item.note("parentSubscriptionId", "the id of another subscription")
    return parent or None


def _may_be_upgraded(term: Term, start: date, created: datetime | None, duration: str | None) -> bool:
    """Tell whether it may have been split off by an upgrade, so that it has its parent's cancellation window.

    No field says so. In its first term, such a one ends with its parent and so before its own duration is over, or
    was created after the day on which its term began; a purchase that is aligned to another one looks the same.
    """
    if term.first_day != start:
        return False
    if created is not None and (created.date() - start).days > 1:
        return True
    return duration is not None and after(term.last_day) < nth_term_start(
        start, duration_months("termDuration", duration)
    )


def _last_day(item: Item, start: date | None, *, legacy: bool | None) -> date | None:
    """Return the last whole UTC day of the term; two fields may give it, and must not disagree.

    `start` and `legacy` are None where they cannot be read: what depends on them is no problem then.
    """
    before, days = len(item.problems), dict[str, date]()
    for field in ("commitmentEndDate", "commitmentEndDateTime"):
        end = _end(item, field)
        if end is None:
            continue
        # As a date, midnight means the whole day; as an instant, that the day before was the last.
        exclusive = legacy or (field == "commitmentEndDateTime" and end.time() == time.min)
        days[field] = last_whole_day(end, legacy=True) if exclusive else end.date()
    if start is not None:
        early = [field for field, day in days.items() if day < start]
        if early:
            item.note(early[0], f"an end whose last day is not before effectiveStartDate, {start}")
    if legacy is not None and len(set(days.values())) > 1:
        accepted = f"the same last day as commitmentEndDate, {days['commitmentEndDate']}"
        item.note("commitmentEndDateTime", accepted)
    if len(item.problems) > before:
        return None
    if not days:
        item.note("commitmentEndDate", f"{WANTED_TIME}: no deadline can be told without it")
        return None
    return days.popitem()[1]


def _end(item: Item, field: str) -> datetime | None:
    end = item.time(field)
    if end is None:
        return None
    if end.year >= _NEVER:
        item.note(field, f"the end of a term: {_OUT_OF_SCOPE}, and those end")
        return None
    if not EARLIEST < end.date() <= LATEST:
        item.note(field, f"a day after {EARLIEST}, up to {LATEST}")
        return None
    return end


def _term(start: date, last_day: date, duration: str | None) -> tuple[Term, date | None]:
    """Return the term that ends on that day, and the day itself where it may be the first one of the next term.

    After renewals, the start given is that of the very first term. An end that lies whole terms after it is a day
    later than such terms end, though the service says that it is included: the earlier day is planned by.
    """
    if duration is None:
        # The length that the days have, if terms have such a length, is the same sign.
        if months_between(start, last_day) in TERM_MONTHS:
            return Term(first_day=start, last_day=after(last_day, -1)), last_day
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
        first_day = start if elapsed <= months else nth_term_start(start, 1, elapsed - months)
    return Term(first_day=first_day, last_day=last_day), doubted


def _status(item: Item) -> Status | None:
    # Values added later are kept as unknown, lest one of them hide the rest of a listing.
    status = item.required_text("status", "the status of the subscription")
    return None if status is None else STATUS_WORDS.get(status.lower(), Status.UNKNOWN)


def _cancellation_allowed_until(item: Item) -> datetime | None:
    until = item.instant("cancellationAllowedUntilDate")
    options = item.objects("refundOptions")
    if not options:
        return until
    # Where the other field is there, these do not count: it is enough that they can be read.
    expiries = [(one.instant if until is None else one.time)("expiresAt") for one in options]
    return until or max((expiry for expiry in expiries if expiry is not None), default=None)
