"""JSON payloads from outside: text to items, items to fields, and every misfit a `Problem` that names it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple, TypeGuard

from .checks import MOST, WANTED_COUNT, WANTED_FEWER
from .days import EARLIEST, LATEST, duration_months
from .errors import InvalidValue, Problem
from .model import TermEnd
from .texts import id_key, same_id

__all__ = [
    "Item",
    "Scheduled",
    "duration_of",
    "item_of",
    "items_of",
    "joined",
    "once",
    "parsed",
    "scheduled_of",
]

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


WANTED_TIME: Final = "a UTC time such as '2026-03-31T00:00:00Z'"
# Blanks stray into real timestamps ("2015-11-25T06: 41: 12Z"); a missing zone means UTC, as everywhere there.
_TIMESTAMP: Final = re.compile(
    r"(\d{4}) ?- ?(\d\d) ?- ?(\d\d)"
    r"(?: ?[T ] ?(\d\d) ?: ?(\d\d)(?: ?: ?(\d\d)(?: ?\. ?(\d{1,9}))?)?(?: ?(?:Z|[+-]00:?00))?)?",
    re.ASCII | re.IGNORECASE,
)
# As the service nearly always writes it. Some versions of Python read 24:00 as the next day.
_USUAL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
FIELDS: Final = frozenset(
    (
        # Those that are read.
        *("actionType", "allowedUntilDateTime", "autoRenewEnabled", "billingType"),
        *("cancellationAllowedUntilDate", "commitmentEndDate", "commitmentEndDateTime", "contractType"),
        *("creationDate", "customTermEndDate", "details", "effectiveDate", "effectiveStartDate"),
        *("expiresAt", "friendlyName", "id", "instructions", "isMicrosoftProduct", "isTrial", "items"),
        *("links", "next", "offerId", "offerName", "parentSubscriptionId", "product", "productId"),
        *("productType", "publisherName", "quantity", "refundOptions", "refundableQuantity"),
        *("renewalTermDuration", "scheduleType", "scheduledActions", "scheduledNextTermInstructions"),
        *("skuId", "skuName", "status", "termDuration", "totalCount", "unitType"),
        # Those that come beside them.
        *("actionTaken", "attentionNeeded", "attributes", "billingCycle", "billingCycleEndDate"),
        *("displayName", "entitlementId", "hasPurchasableAddons", "orderId", "partnerId", "promotionId"),
        *("self", "suspensionReasons", "totalQuantity", "type"),
    )
)
"""The names of fields, as the service nearly always spells them. Others are read, too, and take longer."""
_WANTED_PAYLOAD: Final = (
    "a collection response, a list or one subscription, as JSON text or parsed "
    "(neither an error response nor a path)"
)
_LONGEST_TIMESTAMP: Final = 80
_DEEPEST: Final = 40
"""Levels of lists and objects; a listing of subscriptions has fewer than ten."""
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)
_YEAR_OF_NONE: Final = 1  # the service spells "no time" as the first instant of year 1


def parsed(payload: object) -> object:
    """Return what JSON text (`str` or `bytes`, UTF-8) says; anything else as it is. Raises `Problem`."""
    if isinstance(payload, (bytes, bytearray)):
        try:
            return _from_json(payload.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise Problem("payload", "text", bytes(payload[:40]), f"UTF-8 ({error.reason})") from None
    return _from_json(payload) if isinstance(payload, str) else payload


class _TooDeep:
    """What stands for a value that is nested more deeply than any real one; of the type of no field."""


def _from_json(text: str) -> object:
    text = text.removeprefix("\ufeff")
    try:
        return _loaded(text, _object)
    except RecursionError:
        # Of a listing with one such value, the rest can be read all the same.
        return _without_the_deep(text)


def _without_the_deep(text: str) -> object:
    mark = "deep"
    while mark in text:
        mark += "!"
    pieces, depth, began, last = list[str](), 0, 0, 0
    for found in _BRACKET.finditer(text):
        token = found[0]
        if token in ("[", "{"):
            depth += 1
            if depth == _DEEPEST:
                began = found.start()
        elif token in ("]", "}"):
            if depth == _DEEPEST:
                pieces += text[last:began], f'{{"{mark}": null}}'
                last = found.end()
            depth -= 1
    if depth > 0:
        raise Problem("payload", "text", text[:40], "JSON that is not nested so deeply")

    def made(pairs: list[tuple[str, Any]]) -> object:
        return _TooDeep() if pairs == [(mark, None)] else _object(pairs)

    return _loaded("".join((*pieces, text[last:])), made)


def _loaded(text: str, made: Callable[[list[tuple[str, Any]]], object]) -> object:
    try:
        return json.loads(text, object_pairs_hook=made, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise Problem("payload", "text", text[max(0, error.pos - 20) : error.pos + 20], where) from None
    except Problem:
        raise
    except ValueError as error:  # a number with more digits than Python converts
        raise Problem("payload", "text", text[:40], f"JSON ({error})") from None


def _no_constant(name: str) -> object:
    raise Problem("payload", "text", name, "JSON, which has no such number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in pairs:
        if key in fields:
            raise Problem("payload", "text", key, "each key once in an object")
        fields[key] = value
    return fields


def is_list(value: object) -> bool:
    """Tell whether a value is a JSON array, or the like of one."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def is_object(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Tell whether a value is a JSON object, or the like of one."""
    return type(value) is dict or isinstance(value, Mapping)  # the second question takes far longer


class Page(NamedTuple):
    """A collection response: what it is called in errors, its items, and what it says of a longer listing."""

    whole: Item
    items: list[object]

    @property
    def missing(self) -> int:
        """How many items it lacks by its own count; 0 where it does not say."""
        total = self.whole.get("totalCount")
        return max(0, total - len(self.items)) if type(total) is int and total <= MOST else 0

    def check_count(self, everything: int, accepted: str) -> None:
        """Note that it counts neither its own items nor those of all pages."""
        total = self.whole.get("totalCount")
        if self.whole.has("totalCount") and (
            type(total) is not int or total not in (len(self.items), everything)
        ):
            self.whole.note("totalCount", f"{everything}, as many as there are items{accepted}")

    def check_last(self, accepted: str) -> None:
        """Note that it names a page after it."""
        links = self.whole.object("links")
        if links is not None and links.get("next") is not None:
            links.note("next", f"no further page{accepted}")


def page_of(label: str, payload: object) -> Page:
    """Return a collection response; `Problem` for anything else."""
    whole = _whole(label, payload)
    for problem in whole.problems:  # of one that has a key twice, nothing is read
        raise problem
    items = whole.get("items")
    if not is_list(items):
        raise whole.problem("items", "a list of subscriptions")
    return Page(whole, list(items))


def _whole(label: str, payload: object) -> Item:
    """Return what must be an object; `Problem` for anything else."""
    problems: list[Problem] = []
    whole = item_of(label, payload, problems, _WANTED_PAYLOAD)
    if whole is None:
        raise problems[0]
    return whole


def items_of(payload: object, problems: list[Problem]) -> tuple[list[tuple[str, object]], int]:
    """Return the items of a collection response, a list or one object, each with its label, and how many are missing.

    A listing that says that it is not complete adds to `problems`; `Problem` for anything else.
    """
    if is_list(payload):
        return _labelled(payload), 0
    whole = _whole("payload", payload)
    if not whole.has("items"):
        if not (whole.has("id") or whole.has("offerId")):
            # Most often an error response: show it.
            raise Problem("payload", "items", payload, _WANTED_PAYLOAD)
        return [("subscription", payload)], 0
    page = page_of("payload", payload)
    join = "; join the pages of a listing first"
    page.check_count(len(page.items), join)
    page.check_last(join)
    problems += page.whole.problems
    return _labelled(page.items), max(page.missing, 1 if page.whole.problems else 0)


def joined(pages: Iterable[object], problems: list[Problem]) -> list[object]:
    """Return the items of all pages of a listing; what does not fit together adds to `problems`."""
    found: list[Page] = []
    for n, page in enumerate(pages):
        try:
            found.append(page_of(f"pages[{n}]", parsed(page)))
        except Problem as problem:
            problems.append(Problem(f"pages[{n}]", problem.field, problem.value, problem.accepted))
    everything = [item for page in found for item in page.items]
    for page in found:
        page.check_count(len(everything), " in all pages")
    if found:
        found[-1].check_last(" after the last one")
    for page in found:
        problems += page.whole.problems
    seen: set[str] = set()
    for page in found:
        for label, raw in _labelled(page.items):
            item = item_of(f"{page.whole.label} {label}", raw, [])
            known_id = None if item is None else item.text("id")
            if known_id is None:  # whoever reads it names what is wrong with it
                continue
            if id_key(known_id) in seen:
                problems.append(
                    Problem(f"{page.whole.label} {label}", "id", known_id, "each subscription once")
                )
            seen.add(id_key(known_id))
    return everything


def _labelled(items: Any) -> list[tuple[str, object]]:
    return [(f"items[{n}]", item) for n, item in enumerate(items)]


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems with each field once: the first that was found, in the place of the last."""
    by_field = {(problem.item, problem.field): problem for problem in reversed([*problems])}
    return tuple(reversed(by_field.values()))


def _time_of(text: str) -> datetime | None:
    """Return the time that a text spells; None for any other text, and for a day that there is not."""
    if len(text) > _LONGEST_TIMESTAMP:
        return None
    try:
        if _USUAL_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
        match = _TIMESTAMP.fullmatch(" ".join(text.split()))
        if match is None:
            return None
        *parts, fraction = match.groups()
        year, month, day, hour, minute, second = (int(part or 0) for part in parts)
        microsecond = int((fraction or "").ljust(6, "0")[:6])
        return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
    except ValueError:
        return None


def item_of(
    label: str,
    raw: object,
    problems: list[Problem],
    accepted: str = "an object",
    inside: Item | None = None,
) -> Item | None:
    """Return an object of a payload, None for anything else: then that is a problem."""
    if is_object(raw):
        return Item(label, raw, problems, inside)
    problems.append(Problem(_place(label, inside), "value", raw, accepted))
    return None


def _place(label: str, inside: Item | None) -> str:
    return label if inside is None else f"{inside.label} {label}"


class _AnyCase(dict[str, Any]):
    """Fields that are found however their names are spelled: they are kept in small letters."""

    __slots__ = ()

    def get(self, field: str, default: Any = None) -> Any:
        return super().get(field.lower(), default)


class Item:
    """One object of a payload, whose fields are asked for by name and type, whatever their case.

    Nothing here raises: what cannot be read is None, and one of the `problems`, which are those of the whole item
    that an object is in. So are its keys that cannot be read; of a field that is there twice, the first one is read.
    """

    __slots__ = ("_fields", "_inside", "_label", "problems")

    def __init__(
        self, label: str, raw: Mapping[Any, Any], problems: list[Problem], inside: Item | None = None
    ) -> None:
        self._label = label
        self._inside = inside
        self.problems: list[Problem] = problems
        self._fields: Mapping[str, Any] = raw
        if type(raw) is dict and raw.keys() <= FIELDS:
            return
        keys = [key for key in raw if isinstance(key, str)]
        self._fields = _AnyCase((key.lower(), raw[key]) for key in keys)
        if len(self._fields) != len(raw):
            self._fields = _AnyCase((key.lower(), raw[key]) for key in reversed(keys))
            problems += self._wrong_keys(raw)

    def _wrong_keys(self, raw: Mapping[Any, Any]) -> Iterator[Problem]:
        seen = set[str]()
        for key, value in raw.items():
            if not isinstance(key, str):
                yield Problem(self.label, "key", key, "a text")
            elif key.lower() in seen:
                accepted = "each field once, whatever its case; it is there already"
                yield Problem(self.label, key, value, accepted)
            else:
                seen.add(key.lower())

    @property
    def label(self) -> str:
        """What it is called in errors: where it is, and its id if it has one."""
        label = _place(self._label, self._inside)
        known_id = self._fields.get("id")
        return f"{label} (id {known_id[:40]!r})" if isinstance(known_id, str) else label

    def has(self, field: str) -> bool:
        """Tell whether the field is there, be it null."""
        return self._fields.get(field, self) is not self

    def get(self, field: str) -> Any:
        """Return a field as it is, None where it is missing."""
        return self._fields.get(field)

    def is_blank(self) -> bool | None:
        """Tell whether every field is null, empty, or an object of such fields; None for what is too deep."""
        left, seen = list(self._fields.values()), set[int]()
        while left:
            value = left.pop()
            if isinstance(value, Mapping):
                if id(value) not in seen:
                    seen.add(id(value))
                    left += value.values()
            elif isinstance(value, _TooDeep):
                accepted = "an object that is not nested so deeply"
                self.problems.append(Problem(self.label, "value", value, accepted))
                return None
            elif value is not None and not (isinstance(value, str) and not value.strip()):
                return False
        return True

    def problem(self, field: str, accepted: str) -> Problem:
        """Return the problem that a field is not what is accepted."""
        return Problem(self.label, field, self.get(field), accepted)

    def note(self, field: str, accepted: str) -> None:
        """Keep the problem that a field is not what is accepted."""
        self.problems.append(self.problem(field, accepted))

    def flag(self, field: str, *, required: bool = False) -> bool | None:
        """Return True or False; None where it is missing or null and need not be there."""
        value = self._fields.get(field)
        if value is True or value is False or (value is None and not required):
            return value
        self.note(field, "true or false")
        return None

    def count(self, field: str, *, required: bool = False) -> int | None:
        """Return a whole number from 0, None where it is missing or null and need not be there."""
        value = self._fields.get(field)
        if value is None and not required:
            return None
        if type(value) is not int or value < 0:
            self.note(field, WANTED_COUNT)
            return None
        if value > MOST:
            self.note(field, WANTED_FEWER)
            return None
        return value

    def text(self, field: str) -> str | None:
        """Return a text without blanks around it, empty where it is missing, null or blank."""
        value = self._fields.get(field)
        if isinstance(value, str):
            return value.strip()
        if value is not None:
            self.note(field, "a text")
            return None
        return ""

    def required_text(self, field: str, accepted: str) -> str | None:
        """Return a text that must be there, and have something in it."""
        value = self._fields.get(field)
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            self.note(field, accepted)
        return text or None

    def time(self, field: str, *, required: bool = False) -> datetime | None:
        """Return a time, UTC; None where it is missing, null, or spelled as the service spells no time."""
        text = self._fields.get(field)
        if text is None and not required:
            return None
        time = _time_of(text) if isinstance(text, str) else None
        none = time is not None and time.year == _YEAR_OF_NONE
        if time is None or (none and required):
            self.note(field, WANTED_TIME)
        return None if none else time

    def instant(self, field: str, *, required: bool = False) -> datetime | None:
        """Return a time, UTC, of a day in the range that days have; None as for `time`."""
        time = self.time(field, required=required)
        if time is not None and not EARLIEST <= time.date() <= LATEST:
            self.note(field, f"a day from {EARLIEST} to {LATEST}")
            return None
        return time

    def object(self, field: str) -> Item | None:
        """Return the object in a field, None where it is missing or null."""
        value = self._fields.get(field)
        return None if value is None else self._inner(field, value)

    def objects(self, field: str) -> list[Item]:
        """Return the objects in a list, empty where it is missing or null; each entry that is none is a problem."""
        values = self._fields.get(field)
        if values is None:
            return []
        if not is_list(values):
            self.note(field, "a list of objects")
            return []
        found = [self._inner(f"{field}[{n}]", value) for n, value in enumerate(values)]
        return [one for one in found if one is not None]

    def _inner(self, where: str, value: Any) -> Item | None:
        return item_of(where, value, self.problems, inside=self)
