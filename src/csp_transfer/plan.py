"""A transfer plan: what is to be done by whom and when, why, and how it reads as text and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from functools import cached_property, partial
from typing import ClassVar

from attrs import field, frozen

from .assessment import Assessment
from .catalogue import Bearing, Severity, check_language, label, rule, ui
from .days import LATEST
from .errors import InvalidValue
from .findings import Finding, Reasoned, Referring, rules_and_severities
from .frozen_map import FrozenMap
from .model import Way
from .outline import Block, Heading, Paged, Paragraph, Table
from .page import MOST, Page, page_blocks
from .parts import RoutePart
from .phrases import citations, latest, names_of, section, subjects_of, what, who, with_cautions
from .policy import Policy
from .rules.capacity import Method
from .steps import Deadline, Step
from .texts import IdMap
from .transfer import Transfer

__all__ = ["Plan"]


@frozen(kw_only=True, repr=False)
class Plan(Paged, Referring, Reasoned):
    """What to do for a whole customer, as of one UTC day; a blocked plan has no steps and no deadlines.

    `str(plan)` is one page of plain text, `to_markdown()` the same as Markdown, and `to_html()` as HTML; with
    `detail=True`, an appendix follows. `to_dict()` is JSON-ready data with `"schema": 1`; with
    `by_reference=True`, each finding stands in it once.
    """

    transfer: Transfer
    as_of: date
    policy: Policy
    feasible: bool
    method: Method
    """What CAP-001 says that the tenant has room for; the way that each subscription goes may be another."""
    assessments: tuple[Assessment, ...]
    steps: tuple[Step, ...]
    deadlines: tuple[Deadline, ...]
    batches: tuple[tuple[str, ...], ...] = ()
    """Where duplicates do not fit at once: ids in batches that do, under a policy of what is in force."""
    named: Mapping[str, Way] = field(factory=FrozenMap[str, Way], converter=FrozenMap[str, Way])
    """The ways that the caller named, by the ids of the subscriptions."""
    parts: tuple[RoutePart, ...] = ()
    """The way that each subscription goes, where there was one to choose; the assessments go along. Where a way
    needs the source partner's consent, its assessment goes along what is to be done without."""
    asked_at: datetime | None = None
    """The instant that was asked for, UTC, where it was one: cancellations are decided to the hour."""
    room_taken: int = 0
    """The places that the moves of other customers into the same tenant take before this one (CAP-003)."""

    _schema: ClassVar = 1

    def __attrs_post_init__(self) -> None:
        # What `from_dict` reads may have been changed by hand: a plan speaks of what it has, or not at all.
        assessed = tuple(a.subscription for a in self.assessments)
        if assessed != self.transfer.subscriptions:
            ids = tuple(s.id for s in assessed)
            raise InvalidValue("assessments", ids, "one of each subscription of the transfer, in its order")
        subjects = {self.transfer.customer.id, self.transfer.receiving_tenant.id, *(s.id for s in assessed)}
        going = [part.subscription for part in self.parts if part.available]
        if len(set(going)) != len(self.parts):
            ways = tuple(str(part.way) for part in self.parts)
            raise InvalidValue("parts", ways, "one way of each subscription, and only ways that are open")
        said: list[tuple[str, ...]] = [(subject,) for subject in (*going, *self.named)]
        said += [(one, s.rule, *s.cautions) for s in self.steps for one in (s.subject, *s.subjects)]
        said += [(one, d.rule, *d.cautions) for d in self.deadlines for one in (d.subject, *d.subjects)]
        for subject, *rule_ids in said:
            if subject not in subjects:
                raise InvalidValue("subject", subject, "the id of the customer or of a subscription")
            for rule_id in rule_ids:
                rule(rule_id)

    def __repr__(self) -> str:
        return (
            f"Plan(customer={self.transfer.customer.id!r}, as_of={self.as_of}, policy={self.policy.name!r}, "
            f"feasible={self.feasible}, method={self.method}, subscriptions={len(self.assessments)}, "
            f"steps={len(self.steps)}, cautions={rules_and_severities(self.cautions)})"
        )

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """Why the plan is blocked; empty if it is feasible."""
        return tuple(f for f in self.findings if f.severity is Severity.BLOCKER)

    @property
    def too_late(self) -> tuple[Finding, ...]:
        """What is too late already, by the day until which something can still be saved; what is lost comes last.

        What only a way that was chosen makes too late is a caution.
        """
        others, by_transfer = self._by_another_way, self._by_transfer
        late = (f for f in self._lost if f.subject not in others and not _only_otherwise(f, by_transfer))
        saves_until = {
            a.subscription.id: a.provisioning.latest or LATEST for a in self.assessments if a.provisioning
        }
        return tuple(sorted(late, key=lambda f: saves_until.get(f.subject, LATEST)))

    def assessment_of(self, subscription_id: str) -> Assessment:
        """Return the assessment of one subscription; `InvalidValue` for an id that the plan does not have."""
        try:
            return self._by_id[subscription_id]
        except KeyError:
            accepted = "the id of a subscription in this plan"
            raise InvalidValue("subscription_id", subscription_id, accepted) from None

    @cached_property
    def _by_id(self) -> IdMap[Assessment]:
        return IdMap({a.subscription.id: a for a in self.assessments})

    @cached_property
    def _facts(self) -> Page:
        """What its page says: asked for when the page is, and then kept."""
        return Page.of(self)

    def _page(self, lang: str, zone: tzinfo | None) -> list[Block]:
        return page_blocks(self._facts, lang, zone)

    def _versions(self, lang: str, zone: tzinfo | None) -> Iterator[list[Block]]:
        for most in MOST:
            yield page_blocks(self._facts, lang, zone, most)

    def _appendix(self, lang: str, zone: tzinfo | None) -> list[Block]:
        check_language(lang)
        names = names_of(self.transfer, lang)
        covered = {(step.rule, step.subject) for step in self.steps}
        to_do = [
            f
            for f in self.findings
            if f.severity is Severity.ACTION
            and self.feasible
            and ((f.rule, f.subject) not in covered or f.bearing is Bearing.BEYOND_STEP)
        ]
        lost = self._lost
        cautions = [
            f for f in self.findings if f.severity is Severity.CAUTION and f.bearing is not Bearing.TOO_LATE
        ]
        credit = [f for f in self.findings if f.bearing is Bearing.CREDIT]
        only_otherwise = partial(_only_otherwise, by_transfer=self._by_transfer)
        otherwise = [f for f in (*lost, *cautions, *to_do) if only_otherwise(f)]
        others, late = self._by_another_way, self.too_late
        cautions += [f for f in lost if f.subject in others]
        cautions, to_do = ([f for f in found if not only_otherwise(f)] for found in (cautions, to_do))
        return [
            Heading(1, ui("appendix", lang)),
            *self._method(lang),
            *_section("blockers", self.blockers, names, lang),
            *_section("too_late", late, names, lang),
            *_section("cautions", cautions, names, lang),
            *self._steps_section(names, lang, zone),
            *_section("actions", to_do, names, lang),
            *_section("if_not_transferred", otherwise, names, lang),
            *_section("credits", credit, names, lang),
            Heading(2, ui("subscriptions", lang)),
            self._subscriptions_table(names, lang),
            *citations(
                _cited([*self.blockers, *late, *cautions, *to_do, *otherwise, *credit], self.steps),
                lang,
            ),
        ]

    def _method(self, lang: str) -> list[Block]:
        """Say how many subscriptions go which way; nothing where none goes any."""
        parts = {part.subscription: part.way for part in self.parts}
        going = Counter(
            parts.get(a.subscription.id) or a.way or a.own_way
            for a in self.assessments
            if a.moved and not a.already_provisioned and self.feasible
        )
        counts = [f"{label(way, lang)}: {going[way]}" for way in Way if going[way]]
        if going[None]:
            counts.append(f"{ui('not_known', lang)}: {going[None]}")
        said = ui("separator", lang).join(counts)
        return [Paragraph(ui("method", lang, method=said))] if counts else []

    @property
    def _lost(self) -> list[Finding]:
        return [f for f in self.findings if f.bearing is Bearing.TOO_LATE]

    @property
    def _by_another_way(self) -> set[str]:
        return {a.subscription.id for a in self.assessments if a.way is not None}

    @property
    def _by_transfer(self) -> set[str]:
        return {part.subscription for part in self.parts if part.way is Way.PARTNER_CENTER_TRANSFER}

    def _names(self, lang: str) -> dict[str, str]:
        """Return what to call each subject: see `names_of`."""
        return names_of(self.transfer, lang)

    def _steps_section(self, names: Mapping[str, str], lang: str, zone: tzinfo | None) -> list[Block]:
        if not self.steps:
            return []
        headers = ("step", "subscription", "who", "earliest", "recommended", "latest", "days_left", "rule")
        rows = tuple(
            (
                what(step, lang),
                subjects_of(step, names, lang),
                who(step, lang),
                str(step.first_day),
                str(step.recommended or step.first_day),
                latest(step, step.last_day, lang, zone),
                _days_left(step, self.as_of),
                with_cautions(step.rule, step.cautions),
            )
            for step in self.steps
        )
        return [Heading(2, ui("steps", lang)), Table(tuple(ui(h, lang) for h in headers), rows)]

    def _subscriptions_table(self, names: Mapping[str, str], lang: str) -> Table:
        headers: tuple[str, ...] = ("subscription", "state", "last_day", "renew_off_by", "grace_window")
        if self.feasible:  # what a blocked plan would do is neither safe nor unsafe
            headers += ("provision_on", "paid_twice", "disruption", "data_loss")
        if self.parts:
            headers += ("way",)
        ways = {part.subscription: part for part in self.parts}
        rows = tuple(
            (names[a.subscription.id], *_assessment_cells(a, ways.get(a.subscription.id), lang))[
                : len(headers)
            ]
            for a in self.assessments
        )
        return Table(tuple(ui(h, lang) for h in headers), rows)


def _only_otherwise(f: Finding, by_transfer: set[str]) -> bool:
    """Tell whether a finding is about what is to be done without a transfer in mid-term only."""
    of_the_many = f.bearing in (Bearing.EXPIRE_FIRST, Bearing.NO_WINDOW)
    return bool((f.of_the_way and f.subject in by_transfer) or (of_the_many and by_transfer))


def _days_left(step: Step, today: date) -> str:
    return "-" if step.last_day is None else str((step.last_day - today).days + 1)


def _otherwise(first: str, otherwise: str, lang: str) -> str:
    return first if first == otherwise else ui("otherwise", lang, first=first, otherwise=otherwise)


def _assessment_cells(a: Assessment, part: RoutePart | None, lang: str) -> tuple[str, ...]:
    state, last_day, off_by, window, *of_the_move = a._cells(lang)
    if part is not None and part.way is Way.PARTNER_CENTER_TRANSFER:
        # The assessment is what is left without it.
        transferred = (
            ui("by_transfer", lang),
            str(part.paid_twice_days),
            label(part.disruption, lang),
            label(part.data_loss, lang),
        )
        of_the_move = [_otherwise(*both, lang) for both in zip(transferred, of_the_move, strict=True)]
        off_by = _otherwise("-", off_by, lang)
    return state, last_day, off_by, window, *of_the_move, label(part.way, lang) if part else "-"


def _section(heading: str, findings: Iterable[Finding], names: Mapping[str, str], lang: str) -> list[Block]:
    return section(heading, ((names.get(f.subject, f.subject), f) for f in findings), lang)


def _cited(findings: Iterable[Finding], steps: Iterable[Step]) -> set[str]:
    """Every rule that the report names."""
    return {f.rule for f in findings} | {rule_id for s in steps for rule_id in (s.rule, *s.cautions)}
