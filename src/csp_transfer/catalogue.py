"""The rules as rows of data: source, standing, messages. Read from package data on first use, then kept."""

from __future__ import annotations

from functools import cache
from string import Formatter
from typing import Any, Final

from attrs import frozen

from .errors import LANGUAGES, InvalidValue, check_language
from .frozen_map import FrozenMap
from .plain import Level, Word
from .sources import PAGES, Page, Source, Standing
from .texts import read_bytes

__all__ = [
    "LANGUAGES",
    "OTHER_DAY",
    "Bearing",
    "Fact",
    "Message",
    "Rule",
    "Severity",
    "Verdict",
    "check_language",
    "facts_named",
    "label",
    "labels",
    "message_of",
    "policy_words",
    "rule",
    "rules",
    "ui",
]


class Severity(Level):
    """How much a finding matters: INFO < ACTION < CAUTION < BLOCKER."""

    INFO = "info"
    ACTION = "action"
    CAUTION = "caution"
    BLOCKER = "blocker"


class Bearing(Word):
    """What a message means for an assessment or a plan, beside what it says."""

    UNDATED = "undated"
    """No deadline of its subject is known before somebody finds out more."""
    DOUBT = "doubt"
    """The days of its subject rest on a reading that another rule or source contradicts."""
    LATER = "later"
    """By another reading, the days of its subject are later."""
    CLOSING = "closing"
    """It closes at an hour of a day, so that this day is not a whole one to act on."""
    RENEWING = "renewing"
    """The renewal runs today."""
    TOO_LATE = "too_late"
    """Something is lost already."""
    BEYOND_STEP = "beyond_step"
    """It says more than the step that follows from it."""
    BEFORE_PROVISIONING = "before_provisioning"
    """It is pointless once the replacement is there."""
    NOT_SOLD = "not_sold"
    """An offer is not sold any more."""
    CREDIT = "credit"
    """What a credit is, which others ask for."""
    DUE = "due"
    """By when its subject has to be provisioned."""
    PAID_TWICE = "paid_twice"
    """Which days are paid twice."""
    EXPIRE_FIRST = "expire_first"
    """More are moved than may be duplicated: the originals expire first."""
    PERHAPS_EXPIRE_FIRST = "perhaps_expire_first"
    """The same, where that is not certain."""
    NO_WINDOW = "no_window"
    """Of those that expire first, some may have no grace window."""
    NO_ROOM = "no_room"
    """The tenant has no place for what is moved, or not for all of it."""
    BATCHES = "batches"
    """What is moved goes in batches."""


OTHER_DAY: Final = frozenset({Bearing.DOUBT, Bearing.LATER, Bearing.CLOSING})
"""What says that a day is another one by another reading, or not a whole one."""


class Verdict(Word):
    """What an assessment or a plan decides, each for reasons of its own."""

    FEASIBLE = "feasible"
    METHOD = "method"
    RELATIONSHIP = "relationship"
    TERM = "term"
    STATE = "state"
    AUTO_RENEW_OFF_BY = "auto_renew_off_by"
    PROVISIONING = "provisioning"
    DISRUPTION = "disruption"
    DATA_LOSS = "data_loss"
    REASSIGN_LICENSES = "reassign_licenses"
    PAID_TWICE_DAYS = "paid_twice_days"
    REFUND = "refund"


class Fact(Word):
    """What a rule may read: facts of a subscription, of its replacement, of the move, and the day that is asked for.

    In the order in which somebody can do something about them: what is decided, what can be found out, what is
    only a matter of time, what is as it is. All but those of the move have a row in `facts.FACT_TABLE`.
    """

    REPLACEMENT = "replacement"
    PROVISION_ON = "provision_on"
    NEW_OFFER = "new_offer"
    NEW_QUANTITY = "new_quantity"
    AUTO_RENEW = "auto_renew"
    AT_TERM_END = "at_term_end"
    MID_TERM = "mid_term"
    ANOTHER_TENANT = "another_tenant"
    ROLE = "role"
    SOURCE = "source"
    DESTINATION = "destination"
    KEEPS_SOURCE_PARTNER = "keeps_source_partner"
    RELATIONSHIP_ACCEPTED = "relationship_accepted"
    AGREEMENT_ACCEPTED = "agreement_accepted"
    DELEGATED_ADMIN = "delegated_admin"
    SUBSCRIPTIONS = "subscriptions"
    UNREAD = "unread"
    UNSURE = "unsure"
    TENANT_SUBSCRIPTIONS = "tenant_subscriptions"
    NEW_DISCONTINUED = "new_discontinued"
    DISCONTINUED = "discontinued"
    MONTHLY = "monthly"
    EXTENDED_SERVICE = "extended_service"
    ASSIGNED = "assigned"
    RENEWAL_DURATION = "renewal_duration"
    CANCELED_ON = "canceled_on"
    MID_TERM_ON = "mid_term_on"
    AS_OF = "as_of"
    STATUS = "status"
    CHANNEL = "channel"
    TRIAL = "trial"
    LEGACY = "legacy"
    CANCELLATION_ALLOWED_UNTIL = "cancellation_allowed_until"
    EXTENDED = "extended"
    WINDOW_KNOWN = "window_known"
    SEAT_WINDOWS = "seat_windows"
    QUANTITY = "quantity"
    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    DOUBTED_LAST_DAY = "doubted_last_day"
    ANCHOR = "anchor"
    LENGTH_KNOWN = "length_known"
    CUSTOMER = "customer"
    TARGET = "target"


@frozen(kw_only=True)
class Message:
    """What a rule says in one case: how much it matters, and a template in each language."""

    severity: Severity
    bearing: Bearing | None
    asks: Fact | None
    """The fact that somebody should find out, where the message asks for one."""
    of_the_way: bool
    """Whether each way says it for itself: as its rule has it, unless its row says otherwise."""
    verdicts: frozenset[Verdict]
    """What it bears on: all that its rule does, unless its row says otherwise."""
    templates: FrozenMap[str, str]
    facts: frozenset[str]
    """The names of the facts that the templates ask for: a finding has these, no more and no fewer."""


@frozen(kw_only=True)
class Rule:
    """One row of the rulebook: what it is called, where it is said, and all that it can say.

    >>> rule("END-005").source.passage
    'guide#provision-within-30-days'
    """

    id: str
    topic: str
    titles: FrozenMap[str, str]
    when: FrozenMap[str, str]
    """In which cases it speaks, in each language."""
    source: Source
    further: tuple[Page, ...]
    """Other pages that its passage points at, or that say the same."""
    since: str
    in_force: bool
    """Whether it speaks about a subscription or a move under a policy of what is in force only."""
    of_the_way: bool
    """Whether each way says for itself what it says of a replacement, and of the end that makes room for it."""
    function: str
    """The function that applies it, as `module.name` below `csp_transfer.rules`; `rulebook.entry` has it."""
    verdicts: frozenset[Verdict]
    """What it bears on."""
    reads: frozenset[Fact]
    """Every fact that can change what it says; a test holds it to that."""
    messages: FrozenMap[str, Message]

    @property
    def gives_another_day(self) -> bool:
        """Whether it can say that a day is another one by another reading, or not a whole one."""
        return any(m.bearing in OTHER_DAY for m in self.messages.values())

    def message(self, case: str) -> Message:
        """Return what the rule says in that case; `InvalidValue` for a case that it does not have."""
        try:
            return self.messages[case]
        except KeyError:
            raise InvalidValue(f"{self.id} case", case, f"one of {', '.join(self.messages)}") from None


def _load(name: str) -> dict[str, Any]:
    import tomllib  # on first use, as the texts themselves

    return tomllib.loads(read_bytes(name).decode("utf-8"))


def fields_of(template: str) -> frozenset[str]:
    """Return the names of the facts that a template asks for.

    >>> sorted(fields_of("{days} days from {first_day}"))
    ['days', 'first_day']
    """
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def facts_named(name: str, templates: dict[str, str]) -> frozenset[str]:
    """Return the facts that a message's templates ask for; `InvalidValue` unless all ask for the same."""
    named = {fields_of(template) for template in templates.values()}
    if len(named) != 1:
        raise InvalidValue(name, templates, "the same facts in every language")
    return named.pop()


def _rule(rule_id: str, row: dict[str, Any]) -> Rule:
    page = PAGES[row["page"]]
    passage = row["passage"]
    return Rule(
        id=rule_id,
        topic=row["topic"],
        titles=FrozenMap(row["title"]),
        when=FrozenMap(row["when"]),
        function=row["function"],
        verdicts=frozenset(map(Verdict, row["verdicts"])),
        reads=frozenset(map(Fact, row["reads"])),
        source=Source(
            # A passage of the guide is named alone; the rulebook prefixes it with the page's own name.
            passage=passage if "#" in passage else f"{row['page']}#{passage}",
            title=page.title,
            edition=page.edition,
            read_on=page.read_on,
            link=page.link,
            standing=Standing(row["standing"]),
        ),
        further=tuple(PAGES[name] for name in row.get("further", ())),
        since=row["since"],
        in_force=row.get("in_force", False),
        of_the_way=row.get("of_the_way", False),
        messages=FrozenMap(
            {
                case: Message(
                    severity=Severity(texts["severity"]),
                    bearing=Bearing(texts["bearing"]) if "bearing" in texts else None,
                    asks=Fact(texts["asks"]) if "asks" in texts else None,
                    of_the_way=texts.get("of_the_way", row.get("of_the_way", False)),
                    verdicts=frozenset(map(Verdict, texts.get("verdicts", row["verdicts"]))),
                    templates=FrozenMap({lang: texts[lang] for lang in LANGUAGES}),
                    facts=facts_named(f"{rule_id} {case}", {lang: texts[lang] for lang in LANGUAGES}),
                )
                for case, texts in row["messages"].items()
            }
        ),
    )


@cache
def rules() -> FrozenMap[str, Rule]:
    """Return every rule by its id, in the order of the table.

    >>> list(rules())[:2]
    ['ELG-001', 'ELG-002']
    """
    return FrozenMap({rule_id: _rule(rule_id, row) for rule_id, row in _load("rules.toml").items()})


@cache
def rule(rule_id: str) -> Rule:
    """Return the rule with that id; `InvalidValue` for an id that no row has.

    >>> rule("ELG-999")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: rule: 'ELG-999'; expected the id of a rule, such as 'ELG-001'
    """
    try:
        return rules()[rule_id]
    except KeyError:
        raise InvalidValue("rule", rule_id, "the id of a rule, such as 'ELG-001'") from None


@cache  # of finitely many: what no row has is refused, and not kept
def message_of(rule_id: str, case: str) -> Message:
    """Return what a rule says in a case; `InvalidValue` for a rule or a case that no row has.

    >>> message_of("END-003", "turn-off").severity
    <Severity.ACTION: 'action'>
    """
    return rule(rule_id).message(case)


@cache
def labels() -> dict[str, Any]:
    """Return every word and phrase of reports, by vocabulary and word, in each language."""
    return _load("labels.toml")


@cache
def label(word: Word, lang: str) -> str:
    """Return what a word of a closed vocabulary is called in a language.

    >>> label(Severity.CAUTION, "ja")
    '注意'
    """
    return str(labels()[type(word).__name__][word.value][lang])


def policy_words(name: str, lang: str) -> str:
    """Return what a policy of that name is called in a language; what was changed in it stands behind, as it is.

    >>> policy_words("GUIDE with grace_days=45", "ja")
    'ガイド (GUIDE) with grace_days=45'
    """
    known, blank, changed = name.partition(" ")
    words = labels()["Policy"]
    return f"{words[known][lang]}{blank}{changed}" if known in words else name


def ui(key: str, lang: str, **facts: object) -> str:
    """Return a heading or a phrase of the reports in a language, with its facts filled in.

    >>> ui("method", "ja", method="並行")
    '移行方法: 並行'
    """
    return str(labels()["ui"][key][lang]).format(**facts)
