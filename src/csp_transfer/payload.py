"""JSON payloads from outside: text to items, items to fields, and every misfit a `Problem` that names it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from .checks import MOST, WANTED_COUNT, WANTED_FEWER
from .errors import PayloadError, Problem
from .ids import id_key
from .spans import EARLIEST, LATEST

__all__ = ["Item", "Tried", "items_of", "joined", "parsed"]

P = ParamSpec("P")
T = TypeVar("T")

WANTED_TIME: Final = "a UTC time such as '2026-03-31T00:00:00Z'"
# Blanks stray into real timestamps ("2015-11-25T06: 41: 12Z"); a missing zone means UTC, as everywhere there.
_TIMESTAMP: Final = re.compile(
    r"(\d{4}) ?- ?(\d\d) ?- ?(\d\d)"
    r"(?: ?[T ] ?(\d\d) ?: ?(\d\d)(?: ?: ?(\d\d)(?: ?\. ?(\d{1,9}))?)?(?: ?(?:Z|[+-]00:?00))?)?",
    re.ASCII | re.IGNORECASE,
)
# As the service nearly always writes it. Some versions of Python read 24:00 as the next day.
_USUAL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
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


class Page(NamedTuple):
    """A collection response: what it is called in errors, its items, and what it says of a longer listing."""

    whole: Item
    items: list[object]

    @property
    def missing(self) -> int:
        """How many items it lacks by its own count; 0 where it does not say."""
        total = self.whole.get("totalCount")
        return max(0, total - len(self.items)) if type(total) is int and total <= MOST else 0

    def miscounted(self, everything: int, accepted: str) -> Iterator[Problem]:
        """Yield the problem that it counts neither its own items nor those of all pages."""
        total = self.whole.get("totalCount")
        if self.whole.has("totalCount") and (
            type(total) is not int or total not in (len(self.items), everything)
        ):
            yield self.whole.problem("totalCount", f"{everything}, as many as there are items{accepted}")

    def unfinished(self, accepted: str) -> Iterator[Problem]:
        """Yield the problem that it names a page after it."""
        tried = Tried()
        links = tried.object(self.whole, "links")
        yield from tried.problems
        if links is not None and links.get("next") is not None:
            yield links.problem("next", f"no further page{accepted}")


def page_of(label: str, payload: object) -> Page:
    """Return a collection response; `Problem` for anything else."""
    whole = _whole(label, payload)
    items = whole.get("items")
    if not is_list(items):
        raise whole.problem("items", "a list of subscriptions")
    return Page(whole, list(items))


def _whole(label: str, payload: object) -> Item:
    """Return what must be a collection response; of one that has a key twice, nothing is read."""
    whole = Item(label, payload, _WANTED_PAYLOAD)
    for problem in whole.misnamed:
        raise problem
    return whole


def items_of(payload: object, problems: list[Problem]) -> tuple[list[tuple[str, object]], int]:
    """Return the items of a collection response, a list or one object, each with its label, and how many are missing.

    A listing that says that it is not complete adds to `problems`; `Problem` for anything else.
    """
    if is_list(payload):
        return _labelled(payload), 0
    whole = Item("payload", payload, _WANTED_PAYLOAD)
    if not whole.has("items"):
        if not (whole.has("id") or whole.has("offerId")):
            # Most often an error response: show it.
            raise Problem("payload", "items", payload, _WANTED_PAYLOAD)
        return [("subscription", payload)], 0
    page = page_of("payload", payload)
    join = "; join the pages of a listing first"
    wrong = [*page.miscounted(len(page.items), join), *page.unfinished(join)]
    problems += wrong
    return _labelled(page.items), max(page.missing, 1 if wrong else 0)


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
        problems += page.miscounted(len(everything), " in all pages")
    if found:
        problems += found[-1].unfinished(" after the last one")
    seen: set[str] = set()
    for page in found:
        for label, item in _labelled(page.items):
            try:
                known_id = Item(f"{page.whole.label} {label}", item).text("id")
            except Problem:  # whoever reads it names what is wrong with it
                continue
            if id_key(known_id) in seen:
                problems.append(
                    Problem(f"{page.whole.label} {label}", "id", known_id, "each subscription once")
                )
            seen.add(id_key(known_id))
    return everything


def _labelled(items: Any) -> list[tuple[str, object]]:
    return [(f"items[{n}]", item) for n, item in enumerate(items)]


class Tried:
    """Reads field after field of an item, and keeps the problem of each that cannot be read."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def __call__(self, reading: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what is read, or None where that is a problem, or several."""
        try:
            return reading(*args, **kwargs)
        except Problem as problem:
            self._problems.append(problem)
        except PayloadError as error:
            self._problems += error.problems
        return None

    def note(self, problem: Problem) -> None:
        """Keep a problem that is found beside what is read."""
        self._problems.append(problem)

    def item(self, label: str, raw: object) -> Item | None:
        """Return an object; keys that cannot be read are problems beside those of its fields."""
        item = self(Item, label, raw)
        if item is not None:
            self._problems += item.misnamed
        return item

    def object(self, item: Item, field: str) -> Item | None:
        """Return the object in a field, None where it is missing or null."""
        value = item.get(field)
        return None if value is None else self.item(f"{item.label} {field}", value)

    def objects(self, item: Item, field: str) -> list[Item]:
        """Return the objects in a list; each entry that is none is a problem of its own."""
        found = [self.item(*entry) for entry in self(item.entries, field) or ()]
        return [one for one in found if one is not None]

    def stop(self) -> None:
        """Raise every problem that there was."""
        if self._problems:
            raise PayloadError(self.problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem that there was, each field once."""
        by_field = {(problem.item, problem.field): problem for problem in reversed(self._problems)}
        return tuple(reversed(by_field.values()))


def _time_of(text: str) -> datetime:
    """Return the time that a text spells; `ValueError` for any other text, and for a day that there is not."""
    match = _TIMESTAMP.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(text)
    *parts, fraction = match.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    microsecond = int((fraction or "").ljust(6, "0")[:6])
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)


class Item:
    """One object of a payload, whose fields are asked for by name and type, whatever their case.

    `misnamed` are the problems of its keys. Of a field that is there twice, the first one is read.
    """

    def __init__(self, label: str, raw: object, accepted: str = "an object") -> None:
        self.label: str = label
        if type(raw) is not dict and not isinstance(raw, Mapping):  # the second question takes far longer
            raise Problem(label, "value", raw, accepted)
        self._fields: dict[str, Any] = {
            key.lower(): value for key, value in raw.items() if isinstance(key, str)
        }
        once = len(self._fields) == len(raw)
        if not once:
            self._fields = {key.lower(): raw[key] for key in reversed([*raw]) if isinstance(key, str)}
        known_id = self._fields.get("id")
        if isinstance(known_id, str):
            self.label = f"{label} (id {known_id[:40]!r})"
        self.misnamed: tuple[Problem, ...] = () if once else tuple(self._wrong_keys(raw))

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

    def has(self, field: str) -> bool:
        """Tell whether the field is there, be it null."""
        return field.lower() in self._fields

    def get(self, field: str) -> Any:
        """Return a field as it is, None where it is missing."""
        return self._fields.get(field.lower())

    def is_blank(self) -> bool:
        """Tell whether every field is null, empty, or an object of such fields; `Problem` for what is too deep."""
        left, seen = list(self._fields.values()), set[int]()
        while left:
            value = left.pop()
            if isinstance(value, Mapping):
                if id(value) not in seen:
                    seen.add(id(value))
                    left += value.values()
            elif isinstance(value, _TooDeep):
                raise Problem(self.label, "value", value, "an object that is not nested so deeply")
            elif value is not None and not (isinstance(value, str) and not value.strip()):
                return False
        return True

    def problem(self, field: str, accepted: str) -> Problem:
        """Return the problem that a field is not what is accepted."""
        return Problem(self.label, field, self.get(field), accepted)

    def optional(self, field: str, wanted: type[T], accepted: str) -> T | None:
        """Return a field, or None where it is missing or null."""
        value = self._fields.get(field.lower())
        if value is not None and not isinstance(value, wanted):
            raise self.problem(field, accepted)
        return value

    def required(self, field: str, wanted: type[T], accepted: str) -> T:
        """Return a field that must be there."""
        value = self.optional(field, wanted, accepted)
        if value is None:
            raise self.problem(field, accepted)
        return value

    def count(self, field: str, *, required: bool = False) -> int | None:
        """Return a whole number from 0, None where it is missing or null and need not be there."""
        value = self._fields.get(field.lower())
        if value is None and not required:
            return None
        if type(value) is not int or value < 0:
            raise self.problem(field, WANTED_COUNT)
        if value > MOST:
            raise self.problem(field, WANTED_FEWER)
        return value

    def text(self, field: str) -> str:
        """Return a text without blanks around it, empty where it is missing, null or blank."""
        return (self.optional(field, str, "a text") or "").strip()

    def required_text(self, field: str, accepted: str) -> str:
        """Return a text that must be there, and have something in it."""
        text = self.required(field, str, accepted).strip()
        if not text:
            raise self.problem(field, accepted)
        return text

    def time(self, field: str) -> datetime | None:
        """Return a time, UTC; None where it is missing, null, or spelled as the service spells no time."""
        text = self.optional(field, str, WANTED_TIME)
        if text is None:
            return None
        if len(text) > _LONGEST_TIMESTAMP:
            raise self.problem(field, WANTED_TIME)
        try:
            time = datetime.fromisoformat(text) if _USUAL_TIME.fullmatch(text) else _time_of(text)
        except ValueError:
            raise self.problem(field, WANTED_TIME) from None
        return None if time.year == _YEAR_OF_NONE else time

    def instant(self, field: str) -> datetime | None:
        """Return a time, UTC, of a day in the range that days have; None as for `time`."""
        time = self.time(field)
        if time is not None and not EARLIEST <= time.date() <= LATEST:
            raise self.problem(field, f"a day from {EARLIEST} to {LATEST}")
        return time

    def entries(self, field: str) -> list[tuple[str, object]]:
        """Return what is in a list, each with its label; empty where the list is missing or null."""
        values = self.get(field)
        if values is None:
            return []
        if not is_list(values):
            raise self.problem(field, "a list of objects")
        return [(f"{self.label} {field}[{n}]", value) for n, value in enumerate(values)]
