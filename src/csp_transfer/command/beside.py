"""Facts that payloads lack, from a table beside them: one row for a subscription, or for an offer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from ..errors import InvalidData, InvalidType, InvalidValue, MissingExtra, Problem
from ..facts import FACT_TABLE, FLAG_WORDS, FactRow, Kind, rows_of
from ..model import NOT_REPLACED, NotReplaced, Offer, Replacement, Subscription
from ..money import Price
from ..plain import from_plain, problems_in
from ..texts import IdMap, id_key, same_id
from ..transfer import Transfer
from .options import BadInput
from .tables import Row, rows_of_file

__all__ = ["Facts", "facts_beside"]

_KEYS: Final = ("id", "offer")
_OF_THE_OFFER: Final = {
    row.name: row.attribute
    for row in rows_of("subscription.offer").values()
    if row.name in ("discontinued", "monthly", "extended_service", "equivalents")
}
_OF_ONE: Final = ("assigned", "new_quantity")
"""What is of one subscription, and not of an offer."""
_OWN: Final = ("assigned", "channel", "price")
_PRICE: Final = {row.name: row.attribute for row in rows_of("subscription.price").values()}
_REPLACED: Final = ("new_offer", "new_quantity", "provision_on")
_READ: Final = {
    row.name: row
    for row in FACT_TABLE
    if row.name in (*_KEYS, *_OF_THE_OFFER, "assigned", "channel", *_PRICE, "replaced", *_REPLACED)
}
_WANTED: Final = {
    "provision_on": "a day such as 2026-04-10",
    "price_amount": "a price, 0 or more, such as 12.50",
    "price_currency": "an ISO 4217 code in capitals, such as 'JPY'",
}
"""What is accepted, where that is told more plainly than by the row of the fact."""
_COUNT: Final = re.compile(r"\d{1,16}", re.ASCII)
_BETWEEN: Final = re.compile(r"[;,\s]+")


class _Said(NamedTuple):
    """What a row says: of what, and which facts; `sources` are the columns that they are from."""

    item: str
    facts: dict[str, Any]
    sources: Mapping[str, str]

    def problem(self, name: str, accepted: str) -> Problem:
        return Problem(self.item, self.sources.get(name, name), self.facts.get(name), accepted)


class Facts(NamedTuple):
    """What a file says of subscriptions and of offers, by their ids."""

    subscriptions: IdMap[_Said]
    offers: IdMap[_Said]

    def added_to(self, transfer: Transfer) -> Transfer:
        """Return the transfer with all facts that are about its subscriptions and their offers."""
        said = {s.id: self._about(s) for s in transfer.subscriptions}
        found = tuple(_told(s, said[s.id]) for s in transfer.subscriptions)
        offers = IdMap({s.offer.id: _offer_told(s.offer, self._of_the_offer(s.offer.id)) for s in found})
        replaced = {s.id: self._replacement(s, said[s.id], offers) for s in found}
        return transfer.evolve(
            subscriptions=found, replacements={key: new for key, new in replaced.items() if new is not None}
        )

    def wrong_for(self, transfers: Iterable[Transfer]) -> list[str]:
        """Return a line for each row that says what cannot be of its subscription."""
        return [
            str(problem)
            for transfer in transfers
            for s in transfer.subscriptions
            if s.id in self.subscriptions
            for problem in _misfits(s, self.subscriptions[s.id])
        ]

    def unknown_to(self, transfers: Sequence[Transfer]) -> list[str]:
        """Return a line for each row about what none of the transfers has."""
        every = [s for transfer in transfers for s in transfer.subscriptions]
        subscriptions = {id_key(s.id) for s in every}
        offers = {id_key(s.offer.id) for s in every}
        offers |= {
            id_key(row.facts["new_offer"])
            for row in (*self.subscriptions.values(), *self.offers.values())
            if "new_offer" in row.facts
        }
        lost = [
            row.problem("id", "the id of a subscription in the payload")
            for key, row in self.subscriptions.items()
            if id_key(key) not in subscriptions
        ]
        lost += [
            row.problem("offer", "the id of an offer in the payload, or of a new one")
            for key, row in self.offers.items()
            if id_key(key) not in offers
        ]
        return [*map(str, lost)]

    def _of_the_offer(self, offer_id: str) -> dict[str, Any]:
        return self.offers[offer_id].facts if offer_id in self.offers else {}

    def _about(self, s: Subscription) -> dict[str, Any]:
        """Return what is said of a subscription: of itself, or else of its offer."""
        own = self.subscriptions[s.id].facts if s.id in self.subscriptions else {}
        shared = self._of_the_offer(s.offer.id)
        if s.trial:  # which is not moved, whatever replaces others of its offer
            shared = {name: fact for name, fact in shared.items() if name not in _REPLACED}
        if "replaced" not in own and any(name in own for name in _REPLACED):
            own = {**own, "replaced": True}
        return {**shared, **own}

    def _replacement(
        self, s: Subscription, said: Mapping[str, Any], offers: Mapping[str, Offer]
    ) -> Replacement | NotReplaced | None:
        if not said.get("replaced", True):
            return NOT_REPLACED
        if not any(name in said for name in _REPLACED):
            return None
        offer = s.offer
        if "new_offer" in said and not same_id(said["new_offer"], offer.id):
            new = said["new_offer"]
            offer = offers.get(new) or _offer_told(Offer(id=new), self._of_the_offer(new))
        return Replacement(
            offer=offer,
            quantity=said.get("new_quantity", s.quantity),
            provision_on=said.get("provision_on"),
        )


def facts_beside(file: str, content: bytes) -> Facts:
    """Return what a file says. Raises `BadInput` with a line for everything in it that cannot be read."""
    table = rows_of_file(file, content)
    sources = _sources(file, table.columns)
    problems: list[Problem] = []
    found: dict[str, dict[str, _Said]] = {"id": {}, "offer": {}}
    for row in table.rows:
        said = _said(file, row, sources, problems)
        about = next((key for key in _KEYS if key in said.facts), None)
        if about is None:
            if not any(sources[key] in row.cells for key in _KEYS if key in sources):
                problems.append(said.problem("id", "the id of a subscription, or of an offer as 'offer'"))
            continue
        problems += _of_an_offer_alone(said) if about == "offer" else ()
        key = id_key(said.facts[about])
        if key in found[about]:
            problems.append(said.problem(about, f"each id once; {found[about][key].item} has it, too"))
        found[about].setdefault(key, said)
    if problems:
        raise BadInput(*map(str, problems))
    return Facts(
        *(IdMap({said.facts[about]: said for said in found[about].values()}) for about in _KEYS),
    )


def _sources(file: str, columns: Iterable[str]) -> dict[str, str]:
    """Return the column of each fact."""
    sources: dict[str, str] = {}
    wrong: list[str] = []
    others = ", ".join(_READ)
    named, hint = _recognising()
    for column in columns:
        name = column if column in _READ else named(column)
        if name is None:
            wrong.append(f"{file!r}: column {column!r}: no fact that is read here; expected {others}{hint}")
        elif name in sources:
            wrong.append(f"{file!r}: column {column!r}: {name} as {sources[name]!r} is; expected one of them")
        else:
            sources[name] = column
    if not wrong and not any(key in sources for key in _KEYS):
        wrong.append(f"{file!r}: no column id or offer; expected the ids that the rows are about")
    if wrong:
        raise BadInput(*wrong)
    return sources


def _recognising() -> tuple[Callable[[str], str | None], str]:
    """Return what tells a fact by a header, and what to say where only names of facts are known."""
    try:
        from ..frames.headers import header_key
    except MissingExtra:
        return (lambda _: None), " (exports' own headers are known with the extra 'frames')"
    keys = {header_key(header): name for name, row in _READ.items() for header in (name, *row.headers)}
    return (lambda column: keys.get(header_key(column))), ""


def _said(file: str, row: Row, sources: Mapping[str, str], problems: list[Problem]) -> _Said:
    """Return what a row says; what cannot be read adds to `problems`."""
    known = next(
        (f" ({key} {row.cells[sources[key]]!r})" for key in _KEYS if sources.get(key) in row.cells), ""
    )
    said = _Said(f"{file!r} {row.item}{known}", {}, sources)
    for name, column in sources.items():
        if column in row.cells:
            try:
                said.facts[name] = _fact(_READ[name], row.cells[column])
            except (InvalidType, InvalidValue):
                problems.append(Problem(said.item, column, row.cells[column], _wanted(_READ[name])))
    problems += _price(said, row)
    problems += _not_replaced(said)
    return said


def _wanted(row: FactRow) -> str:
    return _WANTED.get(row.name, row.accepted)


def _fact(row: FactRow, given: Any) -> Any:
    """Return what a cell stands for. Raises `InvalidType` or `InvalidValue`."""
    value = _from_text(row, given.strip()) if isinstance(given, str) else given
    if row.name == "price_amount" and type(value) in (int, float):
        value = str(value)  # as JSON has it
    if row.kind is Kind.TEXTS:
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise InvalidValue(row.name, given, row.accepted)
        return frozenset(value)
    if value is None:
        raise InvalidValue(row.name, given, row.accepted)
    assert row.check is not None  # noqa: S101 - of every fact that is read here but texts
    row.check(row.name, value)
    return value


def _from_text(row: FactRow, text: str) -> Any:
    """Return what a text stands for; itself where it is refused afterwards."""
    if row.kind is Kind.FLAG:
        return FLAG_WORDS.get(text.lower(), text)
    if row.kind is Kind.COUNT:
        return int(text) if _COUNT.fullmatch(text) else text
    if row.kind is Kind.WORD:
        words = {word: word for word in row.words} | dict(row.spelled)
        word = words.get(text.lower())
        return text if word is None else row.holds(word)
    if row.kind is Kind.TEXTS:
        return [part for part in _BETWEEN.split(text) if part] or text
    return _day(text) if row.kind is Kind.DAY else text


def _day(text: str) -> date | None:
    """Return the day that a text spells: as tables do where the extra is there, else as ISO 8601 does."""
    try:
        from ..frames.cells import READ, tidy
    except MissingExtra:
        day: date = from_plain(date, text, "day")
        return day
    found: date | None = READ[Kind.DAY].read(tidy(text), None)
    return found


def _price(said: _Said, row: Row) -> Iterator[Problem]:
    """Put a price beside its parts; yield what is wrong with them."""
    given = {part: said.facts[name] for name, part in _PRICE.items() if name in said.facts}
    if len(given) < len(_PRICE):
        told = any(said.sources.get(name) in row.cells for name in _PRICE)
        for name in _PRICE if told else ():
            if said.sources.get(name) not in row.cells:
                yield said.problem(name, "a value, where there is one of the other parts of a price")
        return
    try:
        said.facts["price"] = from_plain(Price, {part: str(value) for part, value in given.items()}, "price")
    except (InvalidData, InvalidType, InvalidValue) as error:
        names = {f"price.{part}": name for name, part in _PRICE.items()}
        for name in (names[one.field] for one in problems_in(error)):
            yield said.problem(name, _wanted(_READ[name]))


def _not_replaced(said: _Said) -> Iterator[Problem]:
    if not said.facts.get("replaced", True):
        for name in _REPLACED:
            if name in said.facts:
                yield said.problem(name, "nothing where it is not replaced")


def _of_an_offer_alone(said: _Said) -> Iterator[Problem]:
    for name in _OF_ONE:
        if name in said.facts:
            yield said.problem(name, "nothing in a row about an offer: it is of one subscription, by its id")


def _misfits(s: Subscription, said: _Said) -> Iterator[Problem]:
    """Yield what a row says that its subscription contradicts."""
    if not same_id(said.facts.get("offer", s.offer.id), s.offer.id):
        yield said.problem("offer", f"{s.offer.id!r}, as this subscription has in the payload")
    for name in _REPLACED if s.trial else ():
        if name in said.facts:
            yield said.problem(name, "nothing: a trial is not moved (TRL-001)")


def _told(s: Subscription, said: Mapping[str, Any]) -> Subscription:
    own = {name: said[name] for name in _OWN if name in said}
    return s.evolve(offer=_offer_told(s.offer, said), **own)


def _offer_told(offer: Offer, said: Mapping[str, Any]) -> Offer:
    return offer.evolve(**{held: said[name] for name, held in _OF_THE_OFFER.items() if name in said})
