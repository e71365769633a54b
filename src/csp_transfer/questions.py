"""What is not known about a move, ordered by how much an answer would change the plan: found by asking again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from attrs import frozen

from .bases import chosen_ways
from .findings import Finding
from .gate import gate_of
from .ids import id_key
from .model import Offer, Replacement, Subscription, Way
from .phrases import short_id
from .planned import Outcome, Planned, outcome
from .rules.places import least_in_tenant
from .rules.risk_table import Risk
from .transfer import Transfer
from .words import Word

__all__ = ["HARMS", "Ask", "Counts", "OpenQuestion", "open_questions"]

_MOST_ASKED: Final = 1_000
"""A move of more subscriptions is not planned again: how much an answer would change is then not measured."""


class Ask(Word):
    """What is asked."""

    TENANT_HAS_ROOM = "tenant_has_room"
    """How many subscriptions the tenant has, where the plan reckons that too many are moved."""
    TENANT_IS_CROWDED = "tenant_is_crowded"
    """The same, where the plan reckons that some have to wait for a place."""
    TENANT_IS_FULL = "tenant_is_full"
    """The same, where the plan reckons that there is room: it is not asked again, as the places needed are counted."""
    STILL_SOLD = "still_sold"
    EXTENDED_SERVICE = "extended_service"
    AGREEMENT = "agreement"
    ROLE = "role"


HARMS: Final[Mapping[str, Callable[[Outcome], bool]]] = {
    "interrupted": lambda one: one.disruption is Risk.CERTAIN,
    "perhaps_interrupted": lambda one: one.disruption is Risk.POSSIBLE,
    "data_at_risk": lambda one: one.data_loss is not Risk.NONE,
}
"""What users have to expect, as `Counts` and labels call it, and of which outcomes that is true."""


@frozen(kw_only=True)
class Counts:
    """Of how many subscriptions something is true."""

    interrupted: int
    """Users are certain to be interrupted."""
    perhaps_interrupted: int
    data_at_risk: int
    paid_twice: int
    """Some day of theirs is paid twice."""

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Counts:
        """Count what becomes of subscriptions."""
        each = tuple(outcomes)
        harmed = {name: sum(map(is_harmed, each)) for name, is_harmed in HARMS.items()}
        return cls(**harmed, paid_twice=sum(one.paid_twice_days > 0 for one in each))

    def harmed(self) -> dict[str, int]:
        """Return of how many users have each of `HARMS` to expect, where any have."""
        return {name: count for name in HARMS if (count := getattr(self, name))}

    def __add__(self, other: Counts) -> Counts:
        """Count other subscriptions as well."""
        return Counts(
            interrupted=self.interrupted + other.interrupted,
            perhaps_interrupted=self.perhaps_interrupted + other.perhaps_interrupted,
            data_at_risk=self.data_at_risk + other.data_at_risk,
            paid_twice=self.paid_twice + other.paid_twice,
        )


@frozen(kw_only=True)
class OpenQuestion:
    """What somebody should find out, and what the answer that the plan does not reckon with would change."""

    ask: Ask
    about: str = ""
    """The title of an offer; empty where the question is about the whole move."""
    subscriptions: int
    """How many it is about."""
    by: date | None = None
    """The day before which it should be answered: the first one on which something depends on it."""
    changed: int | None = None
    """Of how many subscriptions the outcome would be another; None: not measured."""
    most: int | None = None
    """How many subscriptions the tenant can hold, where it is about that."""
    planned: Counts | None = None
    otherwise: Counts | None = None
    """What is counted in the plan, and what would be counted; of the subscriptions that it is about."""


def open_questions(plan: Planned, *, measured: bool = True) -> tuple[OpenQuestion, ...]:
    """Return the open questions of a plan, those first whose answers would change the outcome of most subscriptions.

    Each kind is asked again once at most: with the answer that the plan does not reckon with, for all offers at a
    time, each of which concerns its own subscriptions only. Without `measured`, nothing is asked again. A blocked plan
    has no questions.
    """
    if not plan.feasible:
        return ()
    said: dict[tuple[str, str], list[Finding]] = {}
    for f in plan.findings:
        said.setdefault((f.rule, f.case), []).append(f)
    asked = _Asked(plan, measured=measured)
    found = (
        *_tenant(plan, said, asked),
        *_sold(plan, said, asked),
        *_extended(plan, said, asked),
        *_whole(plan, said),
    )
    return tuple(
        sorted(
            found,
            key=lambda q: (-(q.changed or 0), -q.subscriptions, list(Ask).index(q.ask), id_key(q.about)),
        )
    )


_Said = Mapping[tuple[str, str], list[Finding]]


class _Asked:
    """A plan's outcomes, and those that it would have with other facts."""

    def __init__(self, plan: Planned, *, measured: bool) -> None:
        self._plan, self._measured = plan, measured and len(plan.assessments) <= _MOST_ASKED
        parts = {part.subscription: part for part in plan.parts}
        self.planned: dict[str, Outcome] = {
            a.subscription.id: outcome(a, parts.get(a.subscription.id)) for a in plan.assessments
        }

    def again(self, **changed: Any) -> dict[str, Outcome] | None:
        """Return the outcomes with some facts of the move changed; None where that is not to be measured."""
        plan = self._plan
        if not self._measured:
            return None
        transfer = plan.transfer.evolve(**changed)
        gate = gate_of(transfer, plan.as_of, plan.policy, plan.room_taken)
        choices, _, _ = chosen_ways(transfer, gate, plan.asked_at or plan.as_of, plan.policy, plan.named)
        return {choice.a.subscription.id: outcome(choice.a, choice.part) for choice in choices}

    def question(
        self, ask: Ask, ids: Iterable[str], then: Mapping[str, Outcome] | None, **more: Any
    ) -> OpenQuestion:
        """Return a question about some subscriptions, with what an answer would change."""
        ids = tuple(ids)
        if then is None:
            return OpenQuestion(ask=ask, subscriptions=len(ids), **more)
        return OpenQuestion(
            ask=ask,
            subscriptions=len(ids),
            changed=sum(self.planned[key] != then[key] for key in ids),
            planned=Counts.of(self.planned[key] for key in ids),
            otherwise=Counts.of(then[key] for key in ids),
            **more,
        )


def _tenant(plan: Planned, said: _Said, asked: _Asked) -> Iterator[OpenQuestion]:
    for f in said.get(("CAP-003", "not-known"), ()):
        moved = [a.subscription.id for a in plan.assessments if a.moved and not a.already_provisioned]
        by, most, least = _first_day(plan, moved), f.facts["most"], least_in_tenant(plan.transfer, plan.as_of)
        if ("CAP-001", "over") in said:
            then = asked.again(tenant_subscriptions=least)
            yield asked.question(Ask.TENANT_HAS_ROOM, moved, then, by=by, most=most)
        elif ("CAP-003", "at-least") in said:
            then = asked.again(tenant_subscriptions=max(most, least))
            yield asked.question(Ask.TENANT_IS_CROWDED, moved, then, by=by, most=most)
        elif f.facts["quantity"]:
            yield OpenQuestion(ask=Ask.TENANT_IS_FULL, subscriptions=f.facts["quantity"], by=by, most=most)


def _first_day(plan: Planned, ids: Iterable[str]) -> date | None:
    these = set(ids)
    days = (a.provision_on for a in plan.assessments if a.subscription.id in these and a.provision_on)
    return min(days, default=None)


def _sold(plan: Planned, said: _Said, asked: _Asked) -> Iterator[OpenQuestion]:
    subjects = {
        f.subject for case in ("confirm-sold", "confirm-sold-first") for f in said.get(("RSK-003", case), ())
    }
    yield from _about_offers(plan, asked, Ask.STILL_SOLD, subjects, discontinued=True)


def _extended(plan: Planned, said: _Said, asked: _Asked) -> Iterator[OpenQuestion]:
    # Where no way that is taken needs one, it makes no difference.
    extended = {part.subscription for part in plan.parts if part.way is Way.EXTEND_AND_MOVE}
    subjects = extended & {f.subject for f in said.get(("EST-004", "may-not-extend"), ())}
    yield from _about_offers(plan, asked, Ask.EXTENDED_SERVICE, subjects, extended_service=False)


def _about_offers(
    plan: Planned, asked: _Asked, ask: Ask, subjects: set[str], **told: bool
) -> Iterator[OpenQuestion]:
    """Yield a question about each offer that these subscriptions are to have; each offer once."""
    if not subjects:
        return
    replacements = {
        key: new.evolve(offer=new.offer.evolve(**told))
        if isinstance(new, Replacement) and key in subjects
        else new
        for key, new in plan.transfer.replacements.items()
    }
    subscriptions = tuple(
        s.evolve(offer=s.offer.evolve(**told)) if s.id in subjects and s.id not in replacements else s
        for s in plan.transfer.subscriptions
    )
    then = asked.again(subscriptions=subscriptions, replacements=replacements)
    by_offer: dict[str, list[Subscription]] = {}
    offers: dict[str, Offer] = {}
    for s in plan.transfer.subscriptions:
        if s.id in subjects:
            offer = _new_offer(plan.transfer, s)
            by_offer.setdefault(id_key(offer.id), []).append(s)
            offers.setdefault(id_key(offer.id), offer)
    titles = Counter(offer.title for offer in offers.values())
    for key, each in by_offer.items():
        ids = [s.id for s in each]
        title = offers[key].title
        if titles[title] > 1:
            title = f"{title} [{short_id(offers[key].id, [offer.id for offer in offers.values()])}]"
        yield asked.question(ask, ids, then, about=title, by=_first_day(plan, ids))


def _new_offer(transfer: Transfer, s: Subscription) -> Offer:
    new = transfer.replacements.get(s.id)
    return new.offer if isinstance(new, Replacement) else s.offer


def _whole(plan: Planned, said: _Said) -> Iterator[OpenQuestion]:
    """Yield what has to be confirmed before anything is bought, and changes no day."""
    moved = sum(a.moved for a in plan.assessments)
    for ask, rule_id in ((Ask.AGREEMENT, "MCA-001"), (Ask.ROLE, "ELG-001")):
        if (rule_id, "not-known") in said:
            yield OpenQuestion(ask=ask, subscriptions=moved, changed=0)
