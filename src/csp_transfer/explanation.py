"""Why: each verdict of a result, with the rules that apply, those that do not, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal, Self, TypedDict

from attrs import field, frozen

from .assessment import Assessment
from .catalogue import (
    LANGUAGES,
    Fact,
    Rule,
    Severity,
    Verdict,
    check_language,
    label,
    labels,
    policy_words,
    rule,
    rules,
    ui,
)
from .errors import InvalidType, InvalidValue
from .findings import Finding
from .frozen_map import FrozenMap
from .model import Channel, SeatWindow, Status
from .outline import Block, Bullets, Heading, Paragraph, Report, as_html, as_markdown, as_text
from .phrases import citations, counted
from .plain import Word, from_plain, plain_object, to_plain
from .plan import Plan
from .policy import Policy
from .rules.risk_table import Relation
from .sources import Source
from .why import ROWS, Change, CouldBe, MoveQuestion, Question, SubscriptionQuestion, facts_of

__all__ = ["Explanation", "Flip", "Silence", "Why", "explain"]


_CAN_BE_CHANGED: Final = frozenset(Fact) - {fact for fact, row in ROWS.items() if row.as_it_is}
# Of these, None says that there is no such thing; of all others, that nobody knows.
_OR_NONE: Final = frozenset({Fact.SOURCE, Fact.TARGET} | {fact for fact, row in ROWS.items() if row.or_none})
# Where one change is not enough to make a rule speak, these come first: what most rules presuppose.
_PRESUPPOSED: Final = frozenset(fact for fact, row in ROWS.items() if row.presupposed)
_ORDINARY: Final = (Status.ACTIVE, Channel.CSP, Channel.WEB_DIRECT)
_NONE: Final = {Verdict.STATE: "none_state", Verdict.PROVISIONING: "none_provisioning"}


@frozen(kw_only=True)
class Flip:
    """One fact that, were it otherwise, would change a verdict: the nearest change of its kind."""

    change: Change
    becomes: Any

    @property
    def result(self) -> Assessment | Plan:
        """The result under the change."""
        answer: Assessment | Plan = self.change.question.answer
        return answer


@frozen(kw_only=True)
class Silence:
    """A rule that was considered and did not speak, and what would make it."""

    rule: Rule
    verdict: Verdict
    could_be: CouldBe = field(repr=False, eq=False)

    @cached_property
    def unless(self) -> tuple[Change, ...]:
        """One fact, or two together; empty where none was found, as more than that would have to be otherwise.

        Looked for when it is asked for, which takes longer than all else in an explanation.
        """
        if self.rule.in_force and not self.could_be.question.policy.in_force:
            return ()
        return _unless(self.rule, self.verdict, self.could_be)


@frozen(kw_only=True)
class Why:
    """One verdict: what was decided, by which findings, with which rules silent, and what would change it."""

    verdict: Verdict
    value: Any
    findings: tuple[Finding, ...]
    silent: tuple[Silence, ...]
    flips: tuple[Flip, ...]


@frozen(kw_only=True)
class Explanation(Report):
    """The chain from the facts of a question to every verdict of its answer; see `explain`.

    `str()` is plain text, `to_markdown()` Markdown, and `to_html()` HTML: each verdict with the findings it rests on,
    and what would change it. With `detail=True`, the facts that each rule used and the rules that do not apply are
    there, too. `to_dict()` is all of it as JSON-ready data, with the texts in both languages.
    """

    subject: str
    as_of: date
    policy: Policy
    facts: FrozenMap[Fact, Any]
    """Every fact that a rule may have read; None: not known, or there is no such thing."""
    whys: tuple[Why, ...]
    result: Assessment | Plan | None = field(default=None, repr=False, eq=False)
    """What is explained; `to_dict` writes it, so that `from_dict` can explain it again."""

    def of(self, verdict: Verdict) -> Why:
        """Return why one thing was decided; `InvalidValue` for a verdict that the result does not have.

        >>> from datetime import date
        >>> from csp_transfer import Offer, Subscription, Term, assess
        >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=False,
        ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
        >>> why = explain(assess(basic, as_of=date(2026, 4, 1))).of(Verdict.DATA_LOSS)
        >>> for flip in why.flips[:2]:
        ...     print(flip.change.fact, flip.change.after, flip.becomes)
        replacement False certain
        provision_on 2026-05-01 possible
        """
        for why in self.whys:
            if why.verdict is verdict:
                return why
        raise InvalidValue("verdict", verdict, f"one of {', '.join(str(why.verdict) for why in self.whys)}")

    def read_by(self, rule_id: str) -> dict[Fact, Any]:
        """Return the facts that a rule reads, with their values here."""
        reads = rule(rule_id).reads
        return {fact: value for fact, value in self.facts.items() if fact in reads}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready data; messages, conditions and changes in both languages."""
        return {
            "schema": 1,
            "subject": self.subject,
            "as_of": to_plain(self.as_of),
            "policy": self.policy.to_dict(),
            "facts": {str(fact): to_plain(value) for fact, value in self.facts.items()},
            "verdicts": [self._why_to_dict(why) for why in self.whys],
            "assessment": self.result.to_dict() if isinstance(self.result, Assessment) else None,
            "plan": self.result.to_dict() if isinstance(self.result, Plan) else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the explanation that `to_dict` wrote: what it explains is read, and explained anew.

        Everything but `assessment` and `plan` is not looked at. Raises `InvalidType` or `InvalidValue` for a field
        that there is not, another schema, none of the two or both, and for what they themselves refuse.
        """
        where, given = cls.__name__, plain_object(data, cls.__name__)
        for name in given.keys() - WrittenExplanation.__annotations__.keys():
            raise InvalidValue(
                where, name, f"only the fields of {where}: {', '.join(WrittenExplanation.__annotations__)}"
            )
        if type(given.get("schema")) is not int or given["schema"] != 1:
            raise InvalidValue(f"{where}.schema", given.get("schema"), "1")
        assessment = from_plain(Assessment | None, given.get("assessment"), f"{where}.assessment")
        plan = from_plain(Plan | None, given.get("plan"), f"{where}.plan")
        if (assessment is None) is (plan is None):
            raise InvalidValue(f"{where}.assessment", None, f"a value, or {where}.plan: one of the two")
        made = explain(assessment or plan)
        assert isinstance(made, cls)  # noqa: S101 - nobody makes another one
        return made

    def to_text(self, lang: str = "en", *, detail: bool = False) -> str:
        """Return it as plain text in a language, "en" or "ja"; with `detail`, all of it."""
        return as_text(self._blocks(lang, detail))

    def to_markdown(self, lang: str = "en", *, detail: bool = False) -> str:
        """Return it as GitHub-flavoured Markdown in a language; with `detail`, all of it."""
        return as_markdown(self._blocks(lang, detail))

    def to_html(self, lang: str = "en", *, detail: bool = False) -> str:
        """Return it as a piece of HTML in a language; with `detail`, all of it."""
        return as_html(self._blocks(lang, detail), lang)

    def _why_to_dict(self, why: Why) -> dict[str, Any]:
        return {
            "verdict": to_plain(why.verdict),
            "value": to_plain(why.value),
            "findings": [
                f.to_dict() | {"read": {str(k): to_plain(v) for k, v in self.read_by(f.rule).items()}}
                for f in why.findings
            ],
            "silent": [
                {
                    "rule": silence.rule.id,
                    "when": dict(silence.rule.when),
                    "unless": [_change_to_dict(change) for change in silence.unless],
                    "source": silence.rule.source.to_dict(),
                }
                for silence in why.silent
            ],
            "would_change": [
                _change_to_dict(flip.change) | {"becomes": to_plain(flip.becomes)} for flip in why.flips
            ],
        }

    def _blocks(self, lang: str, detail: bool = False) -> list[Block]:
        check_language(lang)
        named = {"subject": self.subject, "as_of": self.as_of, "policy": policy_words(self.policy.name, lang)}
        blocks: list[Block] = [Heading(1, ui("why", lang, **named))]
        blocks += _list(
            "facts_in_short", [_fact(k, v, lang) for k, v in self.facts.items() if _unusual(k, v)], lang
        )
        told: set[Finding] = set()
        for why in self.whys:
            blocks.append(Heading(2, f"{label(why.verdict, lang)} {_decided(why.verdict, why.value, lang)}"))
            reasons = [self._because(f, told, detail, lang) for f in why.findings]
            blocks += _list("because", reasons or [ui("nothing_speaks", lang)], lang)
            blocks += _list("would_change", list(_flips(why, lang)), lang)
            if detail:
                blocks += _list("silent", [_silence(silence, lang) for silence in why.silent], lang)
            told.update(why.findings)
        applied = {f.rule for why in self.whys for f in why.findings}
        silent = {s.rule.id for why in self.whys for s in why.silent} - applied
        if silent and not detail:
            blocks.append(Paragraph(counted("silent_rules", len(silent), lang)))
        return blocks + citations(applied | silent if detail else applied, lang)

    def _because(self, f: Finding, told: set[Finding], detail: bool, lang: str) -> str:
        """Say a finding and, in detail, which facts it used; only where it comes first."""
        if f in told and not detail:
            return ui(
                "said_above",
                lang,
                severity=label(f.severity, lang),
                rule=f.rule,
                title=rule(f.rule).titles[lang],
            )
        reason = ui("reason", lang, finding=f.text_in(lang), passage=f.source.passage)
        facts = {fact: value for fact, value in self.read_by(f.rule).items() if value is not None}
        if f in told or not detail or not facts:
            return reason
        read = ui("separator", lang).join(_fact(fact, value, lang) for fact, value in facts.items())
        return ui("read", lang, reason=reason, facts=read)


class Texts(TypedDict):
    """The same in both languages."""

    en: str
    ja: str


class ChangedFact(TypedDict):
    """A fact, and another value that it could have."""

    fact: Fact
    before: Any
    after: Any
    text: Texts


class Flipped(ChangedFact):
    """A fact that, were it otherwise, would change a verdict, and what that would become."""

    becomes: Any


class SilentRule(TypedDict):
    """A rule that did not speak, when it speaks, and what would make it."""

    rule: str
    when: Texts
    unless: list[ChangedFact]
    source: Source


class FindingAndFacts(TypedDict):
    """A finding, and the facts that its rule read."""

    rule: str
    severity: Severity
    subject: str
    facts: dict[str, Any]
    case: str
    message: str
    message_ja: str
    source: Source
    read: dict[str, Any]


class ExplainedVerdict(TypedDict):
    """What was decided, by which findings, and what would change it."""

    verdict: Verdict
    value: Any
    findings: list[FindingAndFacts]
    silent: list[SilentRule]
    would_change: list[Flipped]


class WrittenExplanation(TypedDict):
    """What `Explanation.to_dict` writes, with a type in the place of the data that it is written as."""

    schema: Literal[1]
    subject: str
    as_of: date
    policy: Policy
    facts: dict[str, Any]
    verdicts: list[ExplainedVerdict]
    assessment: Assessment | None
    plan: Plan | None


def explain(result: Assessment | Plan) -> Explanation:
    """Explain an assessment, or the verdicts of a plan about the move as a whole.

    For every verdict: the findings that bear on it and the facts that their rules read; the rules that were
    considered and did not speak, each with what would make it; and the nearest change of each kind of fact
    that would change the verdict, found by asking the same question again with that fact changed. All days are
    UTC days. One subscription of a plan is explained by `explain(plan.assessment_of(id))`. Raises `InvalidType`
    for anything else. Source: each finding and each silent rule cites its own.

    >>> from datetime import date
    >>> from csp_transfer import Offer, Subscription, Term, assess
    >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=False,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> why = explain(assess(basic, as_of=date(2026, 3, 1)))
    >>> [f.rule for f in why.of(Verdict.STATE).findings]
    ['LIF-001', 'END-004']
    """
    if isinstance(result, Assessment):
        s = result.subscription
        if result.way is not None:
            raise InvalidValue(
                "way", result.way, "an assessment of the guide's way; of others, read the findings"
            )
        return _explained(SubscriptionQuestion.of(result), s.name or s.offer.title, result)
    if isinstance(result, Plan):
        return _explained(MoveQuestion.of(result), result.transfer.customer.id, result)
    raise InvalidType("result", result, "an Assessment or a Plan; what else there is, is a part of one")


def _explained(q: Question, subject: str, result: Assessment | Plan) -> Explanation:
    could_be = CouldBe(q)
    return Explanation(
        subject=subject,
        as_of=q.as_of,
        policy=q.policy,
        facts=FrozenMap(facts_of(q)),
        whys=tuple(_why(q, verdict, value, could_be) for verdict, value in q.verdicts.items()),
        result=result,
    )


def _why(q: Question, verdict: Verdict, value: Any, could_be: CouldBe) -> Why:
    findings = tuple(f for f in q.answer.findings if verdict in f.verdicts)
    spoke = {f.rule for f in findings}
    return Why(
        verdict=verdict,
        value=value,
        findings=findings,
        silent=tuple(
            Silence(rule=row, verdict=verdict, could_be=could_be)
            for row in rules().values()
            if verdict in row.verdicts and row.id not in spoke
        ),
        flips=tuple(_nearest(verdict, value, could_be)),
    )


def _nearest(verdict: Verdict, value: Any, could_be: CouldBe) -> Iterator[Flip]:
    seen: set[Any] = set()
    for change in could_be.among(_CAN_BE_CHANGED):
        becomes = change.question.verdicts[verdict]
        if becomes == value or change.kind in seen:
            continue
        seen.add(change.kind)
        yield Flip(change=change, becomes=becomes)


def _unless(row: Rule, verdict: Verdict, could_be: CouldBe) -> tuple[Change, ...]:
    def speaks(change: Change) -> bool:
        return change.question.speaks(row.id, verdict)

    for change in could_be.among(row.reads):
        if speaks(change):
            return (change,)
    for first in could_be.among(row.reads & _PRESUPPOSED):
        if first.after in (True, False, *_ORDINARY):
            for second in first.further.among(row.reads - {first.fact}):
                if speaks(second):
                    return first, second
    return ()


def _unusual(fact: Fact, value: Any) -> Any:
    """Tell whether a fact is known, and is not what it is of most subscriptions."""
    if value is None or value is Relation.SAME or fact is Fact.AS_OF:  # which the title says
        return False
    return value if fact is Fact.ANOTHER_TENANT else fact not in ROWS or value != ROWS[fact].default


def _fact(fact: Fact, value: Any, lang: str) -> str:
    return ui("fact_in_short", lang, fact=label(fact, lang), value=_said(value, lang, fact))


def _said(value: Any, lang: str, fact: Fact | None = None) -> str:
    if value is None:
        return ui("fact_none" if fact in _OR_NONE else "fact_not_known", lang)
    if isinstance(value, tuple):
        return ui("separator", lang).join(_said(part, lang) for part in value)
    if isinstance(value, SeatWindow):
        return ui("until_there", lang, what=value.quantity, moment=_said(value.until, lang))
    if isinstance(value, bool):
        word = "yes" if value else "no"
        return ui(word, lang) if fact is None else str(labels()["FactIs"][f"{fact}_{word}"][lang])
    return label(value, lang) if isinstance(value, Word) else str(to_plain(value))


def _decided(verdict: Verdict, value: Any, lang: str) -> str:
    return ui(_NONE.get(verdict, "none_risk"), lang) if value is None else _said(value, lang)


def _list(heading: str, items: list[str], lang: str) -> list[Block]:
    return [Paragraph(ui(heading, lang)), Bullets(tuple(items))] if items else []


def _change(change: Change, lang: str, *more: Change) -> str:
    """Say a change, or several that differ only in the value that the fact would have."""
    values = ui("or", lang).join(_said(c.after, lang, c.fact) for c in (change, *more))
    how_far = ""
    if change.distance:
        unit = "days" if isinstance(change.after, date) else "count"
        way = "later" if change.distance > 0 else "earlier"
        how_far = counted(f"{unit}_{way}", abs(change.distance), lang)
    fact, before = label(change.fact, lang), _said(change.before, lang, change.fact)
    return ui("change", lang, fact=fact, before=before, after=values, how_far=how_far)


def _flips(why: Why, lang: str) -> Iterator[str]:
    alike: dict[Any, list[Flip]] = {}
    for flip in why.flips:
        alike.setdefault((flip.change.fact, flip.becomes, flip.change.distance), []).append(flip)
    for (_, becomes, _), flips in alike.items():
        text = _change(flips[0].change, lang, *(flip.change for flip in flips[1:]))
        yield ui("flip", lang, change=text, becomes=_decided(why.verdict, becomes, lang))


def _silence(silence: Silence, lang: str) -> str:
    row = silence.rule
    text = f"{row.id}, {row.titles[lang]}: {row.when[lang]}"
    if not silence.unless:
        return text
    together = ui("and", lang).join(_change(change, lang) for change in silence.unless)
    return ui("unless", lang, silence=text, change=together)


def _change_to_dict(change: Change) -> dict[str, Any]:
    return {
        "fact": to_plain(change.fact),
        "before": to_plain(change.before),
        "after": to_plain(change.after),
        "text": {lang: _change(change, lang) for lang in LANGUAGES},
    }
