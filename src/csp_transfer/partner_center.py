"""The door in: subscriptions as Partner Center's REST API returns them (its `Subscription` resource, JSON).

Payloads vary in case, in time formats and in what they leave out; all of that is read. What cannot be read is
refused with the item, the field, the value and what is accepted; nothing is guessed and nothing half-read.
Source: resources#subscription, and part C of the rulebook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from attrs import frozen

from .errors import InvalidType, InvalidValue, PayloadError, Problem
from .model import Offer, Status, Subscription, Term, TermEnd
from .rules.terms import last_whole_day
from .spans import after, duration_months, months_between, nth_term_start

__all__ = ["Reading", "read", "read_tolerantly"]

T = TypeVar("T")

_GUID: Final = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
# Blanks stray into real timestamps ("2015-11-25T06: 41: 12Z"); a missing zone means UTC, as everywhere there.
_TIMESTAMP: Final = re.compile(
    r"\s*(\d{4})\s*-\s*(\d\d)\s*-\s*(\d\d)\s*"
    r"(?:[T\s]\s*(\d\d)\s*:\s*(\d\d)\s*(?::\s*(\d\d)\s*(?:\.\s*(\d{1,9})\s*)?)?(?:Z|[+-]00:?00)?\s*)?",
    re.ASCII | re.IGNORECASE,
)
_WANTED_TIME: Final = "a UTC time such as '2026-03-31T00:00:00Z'"
_NEVER: Final = 9999
_STATUSES: Final = {str(status): status for status in Status} | {"cancelled": Status.CANCELED}
_SCHEDULED: Final = {
    "cancel": TermEnd.CANCEL,
    "renewtonewterm": TermEnd.RENEW,
    "renewtoextendedserviceterm": TermEnd.EXTEND,
    "transition": TermEnd.CHANGE,
}


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
        items = _items(_parsed(payload), problems)
    except Problem as problem:
        return Reading(subscriptions=(), problems=(problem,))
    for n, raw in enumerate(items):
        try:
            subscription = _subscription(_Item(f"items[{n}]", raw))
        except Problem as problem:
            problems.append(problem)
            continue
        if subscription.id in found:
            problems.append(Problem(f"items[{n}]", "id", subscription.id, "each subscription once"))
        else:
            found[subscription.id] = subscription
    return Reading(subscriptions=tuple(found.values()), problems=tuple(problems))


def _parsed(payload: object) -> object:
    if isinstance(payload, (bytes, bytearray)):
        try:
            return _from_json(payload.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise Problem("payload", "text", bytes(payload[:40]), f"UTF-8 ({error.reason})") from None
    return _from_json(payload) if isinstance(payload, str) else payload


def _from_json(text: str) -> object:
    text = text.removeprefix("\ufeff")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise Problem("payload", "text", text[max(0, error.pos - 20) : error.pos + 20], where) from None
    except RecursionError:
        raise Problem("payload", "text", text[:40], "JSON that is not nested so deeply") from None
    except Problem:
        raise
    except ValueError as error:  # a number with more digits than Python converts
        raise Problem("payload", "text", text[:40], f"JSON ({error})") from None


def _no_constant(name: str) -> object:
    raise Problem("payload", "text", name, "JSON, which has no such number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Problem("payload", "text", twice, "each key once in an object")
    return fields


def _camel(item: str, raw: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields by their camelCase names, whichever case they came in."""
    fields: dict[str, Any] = {}
    for key, value in raw.items():
        if not isinstance(key, str):
            raise Problem(item, "key", key, "a text")
        name = key[:1].lower() + key[1:]
        if name in fields:
            raise Problem(item, name, value, "each field once, in camelCase or PascalCase")
        fields[name] = value
    return fields


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _items(payload: object, problems: list[Problem]) -> Sequence[object]:
    if isinstance(payload, Sequence) and _is_list(payload):
        return payload
    if not isinstance(payload, Mapping):
        raise Problem("payload", "type", payload, "a collection response, a list or one subscription")
    fields = _camel("payload", payload)
    if "items" not in fields:
        return [payload]
    items = fields["items"]
    if not _is_list(items):
        raise Problem("payload", "items", items, "a list of subscriptions")
    total = fields.get("totalCount", len(items))
    if type(total) is not int or total != len(items):
        accepted = f"{len(items)}, as many as there are items; a listing in pages must be joined first"
        problems.append(Problem("payload", "totalCount", total, accepted))
    links = fields.get("links")
    if isinstance(links, Mapping) and _camel("payload links", links).get("next") is not None:
        accepted = "no further page; a listing in pages must be joined first"
        problems.append(Problem("payload", "links.next", _camel("payload links", links)["next"], accepted))
    checked: Sequence[object] = items
    return checked


class _Item:
    """One item of a payload, whose fields are asked for by name and type; a wrong one is a `Problem`."""

    def __init__(self, label: str, raw: object) -> None:
        self.label = label
        if not isinstance(raw, Mapping):
            raise Problem(label, "item", raw, "an object")
        self._fields = _camel(label, raw)
        known_id = self._fields.get("id")
        if isinstance(known_id, str):
            self.label = f"{label} (id {known_id[:40]!r})"

    def problem(self, field: str, accepted: str, value: object = None) -> Problem:
        return Problem(self.label, field, self._fields.get(field) if value is None else value, accepted)

    def optional(self, field: str, wanted: type[T], accepted: str) -> T | None:
        """Return a field, or None where it is missing or null."""
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise self.problem(field, accepted)
        return value

    def required(self, field: str, wanted: type[T], accepted: str) -> T:
        value = self.optional(field, wanted, accepted)
        if value is None:
            raise self.problem(field, accepted)
        return value

    def text(self, field: str) -> str:
        """Return a text, empty where it is missing, null or blank."""
        return (self.optional(field, str, "a text") or "").strip()

    def time(self, field: str) -> datetime | None:
        text = self.optional(field, str, _WANTED_TIME)
        return None if text is None else self.as_time(field, text)

    def as_time(self, field: str, text: str) -> datetime:
        match = _TIMESTAMP.fullmatch(text)
        if match is None:
            raise self.problem(field, _WANTED_TIME, text)
        *parts, fraction = match.groups()
        numbers = [int(part or 0) for part in parts]
        microsecond = int((fraction or "").ljust(6, "0")[:6])
        try:
            return datetime(*numbers, microsecond, tzinfo=UTC)  # type: ignore[arg-type,misc]
        except ValueError:
            raise self.problem(field, _WANTED_TIME, text) from None

    def duration(self, field: str) -> str | None:
        """Return an ISO 8601 duration, None where it is missing, null or empty."""
        value = self.optional(field, str, "P1M, P1Y or P3Y")
        if not value:
            return None
        try:
            duration_months(field, value)
        except InvalidValue as error:
            raise self.problem(field, error.accepted) from None
        return value

    def objects(self, field: str) -> list[_Item]:
        """Return a list of objects, empty where it is missing or null."""
        values = self._fields.get(field)
        if values is None:
            return []
        if not _is_list(values):
            raise self.problem(field, "a list of objects")
        return [_Item(f"{self.label} {field}[{n}]", value) for n, value in enumerate(values)]

    def object(self, field: str) -> _Item | None:
        value = self._fields.get(field)
        return None if value is None else _Item(f"{self.label} {field}", value)


def _subscription(item: _Item) -> Subscription:
    _refuse_out_of_scope(item)
    offer_id = item.required("offerId", str, "the id of an offer")
    legacy = _GUID.fullmatch(offer_id.strip()) is not None
    end = _ended_by(item, legacy=legacy)
    duration = item.duration("termDuration")
    at_term_end, scheduled = _at_term_end(item, offer_id)
    start = item.time("effectiveStartDate")
    if start is None:
        raise item.problem("effectiveStartDate", _WANTED_TIME)
    try:
        return Subscription(
            id=item.required("id", str, "the id of the subscription"),
            offer=Offer(id=offer_id, name=item.text("offerName")),
            quantity=item.required("quantity", int, "a count of licences, 0 or more"),
            term=_term(start.date(), end, duration),
            anchor=start.date(),
            auto_renew=item.required("autoRenewEnabled", bool, "true or false"),
            status=_status(item),
            name=item.text("friendlyName"),
            trial=item.optional("isTrial", bool, "true or false") or False,
            legacy=legacy,
            parent=item.text("parentSubscriptionId") or None,
            renewal_duration=scheduled or item.duration("renewalTermDuration") or duration,
            at_term_end=at_term_end,
            cancellation_allowed_until=_cancellation_allowed_until(item),
        )
    except (InvalidType, InvalidValue) as error:
        if isinstance(error, Problem):
            raise
        raise item.problem(_FIELDS.get(error.field, error.field), error.accepted, error.value) from None


# Where the model refuses what the payload says: the payload's own name for it.
_FIELDS: Final = {
    "first_day": "effectiveStartDate",
    "anchor": "effectiveStartDate",
    "last_day": "commitmentEndDate",
    "parent": "parentSubscriptionId",
    "cancellation_allowed_until": "cancellationAllowedUntilDate",
}


def _refuse_out_of_scope(item: _Item) -> None:
    for field, in_scope in (("billingType", "license"), ("contractType", "subscription")):
        value = item.optional(field, str, f"'{in_scope}'")
        if value is not None and value.lower() != in_scope:
            raise item.problem(field, f"'{in_scope}': only licence-based subscriptions are in scope")


def _ended_by(item: _Item, *, legacy: bool) -> date:
    """Return the last whole UTC day of the term; two fields may give it, and must not disagree."""
    days: dict[str, date] = {}
    for field in ("commitmentEndDate", "commitmentEndDateTime"):
        end = item.time(field)
        if end is None:
            continue
        if end.year >= _NEVER:
            accepted = "the end of a term; without one (usage-based, perpetual) it is not in scope"
            raise item.problem(field, accepted)
        days[field] = last_whole_day(end, legacy=legacy)
    if not days:
        raise item.problem("commitmentEndDate", f"{_WANTED_TIME}: no deadline can be told without it")
    if len(set(days.values())) > 1:
        other = days["commitmentEndDate"]
        raise item.problem("commitmentEndDateTime", f"the same last day as commitmentEndDate, {other}")
    return days.popitem()[1]


def _term(start: date, last_day: date, duration: str | None) -> Term:
    """Return the term that ends on that day: after renewals, the start given is that of the very first."""
    first_day = start
    elapsed = months_between(start, after(last_day)) if start <= last_day else None
    if duration is not None and elapsed is not None:
        months = duration_months("termDuration", duration)
        first_day = nth_term_start(start, 1, max(0, elapsed - months))
    return Term(first_day=first_day, last_day=last_day)


def _status(item: _Item) -> Status:
    # Values added later are kept as unknown, lest one of them hide the rest of a listing.
    status = item.required("status", str, "the status of the subscription")
    return _STATUSES.get(status.strip().lower(), Status.UNKNOWN)


def _at_term_end(item: _Item, offer_id: str) -> tuple[TermEnd | None, str | None]:
    """Return what is scheduled for the end of the term, and the duration scheduled for the next."""
    ends = {
        _SCHEDULED.get(action.required("actionType", str, "a text").lower(), TermEnd.UNKNOWN)
        for action in item.objects("scheduledActions")
    }
    if len(ends) > 1:
        raise item.problem("scheduledActions", "one action for the end of the term")
    next_term = item.object("scheduledNextTermInstructions")
    duration = None
    instructed = None
    if next_term is not None:
        product = next_term.object("product")
        duration = product.duration("termDuration") if product else None
        instructed = TermEnd.CHANGE if _changes(item, next_term, product, offer_id) else TermEnd.RENEW
    return (ends.pop() if ends else instructed), duration


def _changes(item: _Item, next_term: _Item, product: _Item | None, offer_id: str) -> bool:
    """Whether the next term is of another product, another count, or ends on a day of its own."""
    quantity = next_term.optional("quantity", int, "a count of licences")
    if quantity is not None and quantity != item.optional("quantity", int, "a count of licences"):
        return True
    if next_term.time("customTermEndDate") is not None:
        return True
    if product is None:
        return False
    ids = [product.text(field) for field in ("productId", "skuId")]
    return any(ids) and ids != offer_id.split(":")[:2]


def _cancellation_allowed_until(item: _Item) -> datetime | None:
    until = item.time("cancellationAllowedUntilDate")
    expiries = [option.time("expiresAt") for option in item.objects("refundOptions")]
    return until or max((expiry for expiry in expiries if expiry is not None), default=None)
