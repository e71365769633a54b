"""What a verdict says: findings, each of which cites its rule, and whose words are made when asked for.

Results that repeat their findings can be written with each finding once, in a table, and referred to by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar, Final, NamedTuple, Protocol, Self, get_args, get_origin

from attrs import field, frozen

from .catalogue import (
    Bearing,
    Fact,
    Message,
    Rule,
    Severity,
    Verdict,
    check_language,
    label,
    labels,
    message_of,
    rule,
)
from .checks import one_of_type
from .errors import InvalidType, InvalidValue
from .frozen_map import FrozenMap
from .model import Role, Status, TermEnd, Way
from .outline import Block, Bullets
from .plain import (
    BY_REFERENCE,
    READ_ONCE,
    REFERRED,
    Plain,
    Word,
    from_plain,
    plain_object,
    raise_all,
    read_all,
    to_plain,
    write_by_reference,
)
from .sources import Source
from .texts import flat

__all__ = [
    "FACTS",
    "TABLES",
    "Cautious",
    "Finding",
    "Purpose",
    "Reasoned",
    "Referring",
    "Saying",
    "finding",
    "gather",
    "noted",
    "reasons",
    "rules_and_severities",
]


class Purpose(Word):
    """What a manual move serves (guide#purposes)."""

    SEVERAL_PARTNERS = "several_partners"
    ANOTHER_PARTNER = "another_partner"
    ANOTHER_TENANT = "another_tenant"
    BOUGHT_ELSEWHERE = "bought_elsewhere"
    ANOTHER_CHANNEL = "another_channel"


FACTS: Final[dict[str, Any]] = {
    "role": Role,
    "status": Status,
    "scheduled": TermEnd,
    "way": Way,
    "purposes": tuple[Purpose, ...],
    **dict.fromkeys(
        (
            *("country", "new_offer", "offer", "parent", "partner"),
            *("partner_country", "partner_region", "region", "said_by", "tenant"),
        ),
        str,
    ),
    **dict.fromkeys(
        (
            *("active", "assigned", "batches", "days", "days_left", "existing", "hours", "items", "most"),
            *("new_quantity", "percent", "percent_without_monthly", "quantity", "requests", "room", "stated"),
            "unsure",
        ),
        int,
    ),
    **dict.fromkeys(
        (
            *(
                "accepted_day",
                "backup_day",
                "best_last_day",
                "chained_day",
                "change_day",
                "deleted_day",
                "disabled_day",
                "doubted_day",
            ),
            *("expired_day", "first_day", "last_day", "last_safe_day", "old_last_day", "parent_day"),
            *("provision_day", "renewal_day", "until_day"),
        ),
        date,
    ),
    "until": datetime,
}
"""Every fact that a message may name, and its type."""


_REGIONS: Final = {"region", "partner_region"}


def _facts_from_plain(data: Any, where: str) -> dict[str, Any]:
    facts = plain_object(data, where)
    for name in facts:
        if name not in FACTS:
            raise InvalidValue(where, name, "only facts that a message may name")
    return {name: from_plain(FACTS[name], value, f"{where}[{name!r}]") for name, value in facts.items()}


def _is_typed(value: object, wanted: Any) -> bool:
    if type(value) is wanted:
        return True
    if not isinstance(value, tuple) or get_origin(wanted) is not tuple:
        return False
    return all(type(item) is get_args(wanted)[0] for item in value)


def _typed_as(wanted: Any) -> str:
    """Return what an error calls a type of facts."""
    of_several = get_args(wanted)
    return f"a tuple of {of_several[0].__name__}" if of_several else one_of_type(wanted)


_SHOWN_AS_THEY_ARE: Final = {date, int}


def _shown(name: str, value: object, lang: str) -> object:
    if isinstance(value, tuple):
        return {"en": ", ", "ja": "、"}[lang].join(str(_shown(name, item, lang)) for item in value)
    if name in _REGIONS:
        return labels()["Region"][value][lang] if value in labels()["Region"] else flat(str(value))
    if isinstance(value, datetime):
        return to_plain(value)
    if isinstance(value, Word):
        return label(value, lang)
    return flat(str(value))


@frozen(kw_only=True)
class Finding(Plain):
    """One thing that a rule has to say about one subject (a subscription, a tenant, a partner: its id).

    It cannot be made with an unknown rule or case, nor with facts other than those that the message names;
    the severity is the case's own. Raises `InvalidValue` otherwise.

    >>> f = Finding(rule="END-003", severity=Severity.ACTION, subject="83ef9d05", case="turn-off",
    ...             facts={"last_day": date(2026, 3, 31)})
    >>> print(f)
    Action END-003: Auto-renew must be off by the end of 2026-03-31 (UTC). Otherwise a whole new term starts the \
day after.
    >>> f.source.passage
    'guide#autorenew-off'
    """

    rule: str
    severity: Severity
    subject: str
    facts: Mapping[str, Any] = field(converter=FrozenMap[str, Any])
    case: str = ""
    """Which of the rule's messages it is; left out, the one that names these facts at this severity."""

    _computed: ClassVar = ("message", "message_ja", "source")
    _written_once: ClassVar = "findings"
    _decoders: ClassVar = {"facts": _facts_from_plain}

    def __attrs_post_init__(self) -> None:
        if not self.case:
            object.__setattr__(self, "case", self._only_case())
        message = self._message
        if frozenset(self.facts) != message.facts:
            raise InvalidValue(
                f"{self.rule} {self.case} facts", sorted(self.facts), f"exactly {sorted(message.facts)}"
            )
        for name, value in self.facts.items():
            if not _is_typed(value, FACTS[name]):
                raise InvalidType(f"{self.rule} {self.case} {name}", value, _typed_as(FACTS[name]))
        if self.severity is not message.severity:
            raise InvalidValue(f"{self.rule} {self.case} severity", self.severity, str(message.severity))

    def __hash__(self) -> int:
        # Of what says one thing about one subject there are hardly two: facts need not be looked at.
        return hash((self.rule, self.case, self.subject))

    def _only_case(self) -> str:
        messages = self._row.messages.items()
        cases = [c for c, m in messages if (m.facts, m.severity) == (frozenset(self.facts), self.severity)]
        if len(cases) != 1:
            raise InvalidValue(f"{self.rule} case", self.case, f"one of {', '.join(self._row.messages)}")
        return cases[0]

    @property
    def _row(self) -> Rule:
        return rule(self.rule)

    @property
    def _message(self) -> Message:
        return message_of(self.rule, self.case)

    @property
    def bearing(self) -> Bearing | None:
        """What it means for an assessment or a plan, beside what it says."""
        return self._message.bearing

    @property
    def verdicts(self) -> frozenset[Verdict]:
        """What it bears on."""
        return self._message.verdicts

    @property
    def of_the_way(self) -> bool:
        """Whether each way says it for itself: see `catalogue.Message`."""
        return self._message.of_the_way

    @property
    def asks(self) -> Fact | None:
        """The fact that somebody should find out, where it asks for one."""
        return self._message.asks

    @property
    def source(self) -> Source:
        """The passage that the rule rests on, with its page's title, edition and link."""
        return self._row.source

    @property
    def message(self) -> str:
        """What it says, in English."""
        return self.message_in("en")

    @property
    def message_ja(self) -> str:
        """What it says, in Japanese."""
        return self.message_in("ja")

    def message_in(self, lang: str) -> str:
        """Return what it says in a language, "en" or "ja"; `InvalidValue` for any other."""
        check_language(lang)
        template = self._message.templates[lang]
        shown = {
            name: value if value.__class__ in _SHOWN_AS_THEY_ARE else _shown(name, value, lang)
            for name, value in self.facts.items()
        }
        return template.format_map(shown)

    def text_in(self, lang: str) -> str:
        """Return severity, rule and message as one line."""
        return f"{label(self.severity, lang)} {self.rule}: {self.message_in(lang)}"

    def __str__(self) -> str:
        return self.text_in("en")


def finding(
    rule_id: str, case: str, subject: str, **facts: date | int | str | Enum | tuple[Enum, ...]
) -> Finding:
    """Return the finding that a rule makes about a subject in one of its cases.

    The rules name their facts right, and a test holds them to that: only the names are looked at again, as a rule
    that says too little is easily written.
    """
    message = message_of(rule_id, case)
    if facts.keys() != message.facts:  # which is refused, with its reason
        return Finding(rule=rule_id, severity=message.severity, subject=subject, facts=facts, case=case)
    made = _new(Finding)
    _set(made, "rule", rule_id)
    _set(made, "severity", message.severity)
    _set(made, "subject", subject)
    _set(made, "facts", FrozenMap.of(facts))
    _set(made, "case", case)
    return made


# What attrs does for a frozen class, but for the checks.
_new, _set = object.__new__, object.__setattr__


class Saying(NamedTuple):
    """What a case of a table says: a rule, and its case."""

    rule: str
    case: str


def rules_and_severities(findings: tuple[Finding, ...]) -> str:
    """Return what a repr shows of findings: each severity and rule once."""
    return "(" + ", ".join(dict.fromkeys(f"{f.severity} {f.rule}" for f in findings)) + ")"


def noted(findings: Iterable[Finding], lang: str, *, all_of_them: bool = False) -> list[Block]:
    """Return a list of what is to be done and what warns, or of all findings, gravest first; nothing for none."""
    said = (f for f in findings if all_of_them or f.severity > Severity.INFO)
    items = tuple(f.text_in(lang) for f in sorted(said, key=lambda f: -f.severity.rank))
    return [Bullets(items)] if items else []


class _HasFindings(Protocol):
    @property
    def findings(self) -> tuple[Finding, ...]: ...


class Cautious:
    """Mixin for values with `findings`: which of them warn."""

    __slots__ = ()

    @property
    def cautions(self: _HasFindings) -> tuple[Finding, ...]:
        """The findings that warn: CAUTION or BLOCKER."""
        return tuple(f for f in self.findings if f.severity >= Severity.CAUTION)


def reasons() -> Any:
    """Return the attrs field `findings`: none unless given, shown in a repr by severity and rule."""
    return field(default=(), repr=rules_and_severities)


@frozen(kw_only=True)
class Reasoned(Cautious, Plain):
    """A verdict that says why: base of results that carry findings; its repr names their rules."""

    findings: tuple[Finding, ...] = reasons()


def gather(*findings: Finding | None) -> tuple[Finding, ...]:
    """Return the findings that fired, in this order, each once."""
    found = [f for f in findings if f is not None]
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


TABLES: Final[Mapping[str, type[Plain]]] = {"sources": Source, "findings": Finding}
"""What is written once, by the name of its table; one has those in it that come before."""


class Referring(Plain):
    """Mixin for results that repeat their findings: `to_dict(by_reference=True)` writes each of them once."""

    __slots__ = ()

    def to_dict(self, *, by_reference: bool = False) -> dict[str, Any]:
        """Return this value as JSON-ready data: days as ISO 8601 text, words as text, sets sorted.

        A finding that occurs several times has the same dict in each place. With `by_reference`, `"referred"` has
        every finding, and every source, once, in two lists, and all else has numbers instead: places in those
        lists, from 0. Such data has another `"schema"`; `from_dict` reads both.
        """
        if not by_reference:
            return super().to_dict()
        data, tables = write_by_reference(self)
        return {
            "schema": data.pop("schema"),
            REFERRED: {name: tables.get(name, []) for name in TABLES},
            **data,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the value that `to_dict` wrote, in either form; an unknown, missing or ill-typed field is an error.

        Raises `InvalidType` or `InvalidValue` whose `field` is the path to what is wrong, such as
        `Plan.transfer.customer.country`; for more than one thing, `InvalidData` with all of them.
        """
        if not isinstance(data, Mapping) or data.get("schema") != BY_REFERENCE:
            return super().from_dict(data)
        rest = {name: item for name, item in data.items() if name != REFERRED}
        where = f"{cls.__name__}.{REFERRED}"
        tables = plain_object(data.get(REFERRED), where)
        raise_all(
            InvalidValue(where, name, f"only {', '.join(TABLES)}") for name in tables.keys() - TABLES.keys()
        )
        read: dict[type, tuple[Any, ...]] = {}
        asked = READ_ONCE.set(read)
        try:
            for name, once in TABLES.items():
                read[once] = read_all(once, tables.get(name), f"{where}.{name}")
            return super().from_dict(rest)
        finally:
            READ_ONCE.reset(asked)
