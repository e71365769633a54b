"""JSON payloads from outside: text to items, items to fields, and every misfit a `Problem` that names it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from .errors import Problem

__all__ = ["Item", "items_of", "parsed"]

T = TypeVar("T")

WANTED_TIME: Final = "a UTC time such as '2026-03-31T00:00:00Z'"
# Blanks stray into real timestamps ("2015-11-25T06: 41: 12Z"); a missing zone means UTC, as everywhere there.
_TIMESTAMP: Final = re.compile(
    r"(\d{4}) ?- ?(\d\d) ?- ?(\d\d)"
    r"(?: ?[T ] ?(\d\d) ?: ?(\d\d)(?: ?: ?(\d\d)(?: ?\. ?(\d{1,9}))?)?(?: ?(?:Z|[+-]00:?00))?)?",
    re.ASCII | re.IGNORECASE,
)
_WANTED_PAYLOAD: Final = (
    "a collection response, a list or one subscription, as JSON text or parsed "
    "(neither an error response nor a path)"
)
_LONGEST_TIMESTAMP: Final = 80
_YEAR_OF_NONE: Final = 1  # the service spells "no time" as the first instant of year 1


def parsed(payload: object) -> object:
    """Return what JSON text (`str` or `bytes`, UTF-8) says; anything else as it is. Raises `Problem`."""
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
    fields: dict[str, Any] = {}
    for key, value in pairs:
        if key in fields:
            raise Problem("payload", "text", key, "each key once in an object")
        fields[key] = value
    return fields


def is_list(value: object) -> bool:
    """Tell whether a value is a JSON array, or the like of one."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def items_of(payload: object, problems: list[Problem]) -> list[tuple[str, object]]:
    """Return the items of a collection response, a list or one object, each with its label.

    A listing that says that it is not complete adds to `problems`; `Problem` for anything else.
    """
    if is_list(payload):
        return _labelled(payload)
    whole = Item("payload", payload, _WANTED_PAYLOAD)
    if not whole.has("items"):
        if not (whole.has("id") or whole.has("offerId")):
            # Most often an error response: show it.
            raise Problem("payload", "items", payload, _WANTED_PAYLOAD)
        return [("subscription", payload)]
    items = whole.get("items")
    if not is_list(items):
        raise whole.problem("items", "a list of subscriptions")
    labelled = _labelled(items)
    if whole.has("totalCount"):
        total = whole.get("totalCount")
        if type(total) is not int or total != len(labelled):
            accepted = f"{len(labelled)}, as many as there are items; join the pages of a listing first"
            problems.append(whole.problem("totalCount", accepted))
    try:
        links = whole.object("links")
        if links is not None and links.get("next") is not None:
            problems.append(links.problem("next", "no further page; join the pages of a listing first"))
    except Problem as problem:
        problems.append(problem)
    return labelled


def _labelled(items: Any) -> list[tuple[str, object]]:
    return [(f"items[{n}]", item) for n, item in enumerate(items)]


class Item:
    """One object of a payload, whose fields are asked for by name and type, whatever their case."""

    def __init__(self, label: str, raw: object, accepted: str = "an object") -> None:
        self.label: str = label
        if not isinstance(raw, Mapping):
            raise Problem(label, "value", raw, accepted)
        self._fields: dict[str, Any] = {}
        for key, value in raw.items():
            if not isinstance(key, str):
                raise Problem(label, "key", key, "a text")
            if key.lower() in self._fields:
                raise Problem(label, key, value, "each field once, whatever its case; it is there already")
            self._fields[key.lower()] = value
        known_id = self._fields.get("id")
        if isinstance(known_id, str):
            self.label = f"{label} (id {known_id[:40]!r})"

    def has(self, field: str) -> bool:
        """Tell whether the field is there, be it null."""
        return field.lower() in self._fields

    def get(self, field: str) -> Any:
        """Return a field as it is, None where it is missing."""
        return self._fields.get(field.lower())

    def is_blank(self) -> bool:
        """Tell whether every field is null, empty, or an object of such fields."""
        return all(
            value is None
            or value == ""
            or (isinstance(value, Mapping) and Item(self.label, value).is_blank())
            for value in self._fields.values()
        )

    def problem(self, field: str, accepted: str) -> Problem:
        """Return the problem that a field is not what is accepted."""
        return Problem(self.label, field, self.get(field), accepted)

    def optional(self, field: str, wanted: type[T], accepted: str) -> T | None:
        """Return a field, or None where it is missing or null."""
        value = self.get(field)
        if value is None:
            return None
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise self.problem(field, accepted)
        return value

    def required(self, field: str, wanted: type[T], accepted: str) -> T:
        """Return a field that must be there."""
        value = self.optional(field, wanted, accepted)
        if value is None:
            raise self.problem(field, accepted)
        return value

    def count(self, field: str) -> int | None:
        """Return a whole number from 0, None where it is missing or null."""
        value = self.optional(field, int, "a count of licences, 0 or more")
        if value is not None and value < 0:
            raise self.problem(field, "a count of licences, 0 or more")
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
        match = _TIMESTAMP.fullmatch(" ".join(text.split()))
        if match is None:
            raise self.problem(field, WANTED_TIME)
        *parts, fraction = match.groups()
        year, month, day, hour, minute, second = (int(part or 0) for part in parts)
        try:
            microsecond = int((fraction or "").ljust(6, "0")[:6])
            time = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
        except ValueError:
            raise self.problem(field, WANTED_TIME) from None
        return None if year == _YEAR_OF_NONE else time

    def objects(self, field: str) -> list[Item]:
        """Return a list of objects, empty where it is missing or null."""
        values = self.get(field)
        if values is None:
            return []
        if not is_list(values):
            raise self.problem(field, "a list of objects")
        return [Item(f"{self.label} {field}[{n}]", value) for n, value in enumerate(values)]

    def object(self, field: str) -> Item | None:
        """Return an object, None where it is missing or null."""
        value = self.get(field)
        return None if value is None else Item(f"{self.label} {field}", value)
