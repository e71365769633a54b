"""Which way each subscription of a plan goes: the one that is named for it, or else the best that is open to it.

Beside it go add-ons and what they are added on to: nothing is safe without its base, whichever way the two go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from attrs import evolve, frozen

from .assessment import Assessment, assess_each, staying
from .catalogue import Bearing, Verdict
from .days import LATEST
from .findings import Finding, finding, gather
from .model import Way
from .parts import Gate, OpenWay, RoutePart, Situation, best_first
from .policy import Policy
from .rules.capacity import (
    Places,
    no_place,
    waits_for_place,
)
from .rules.ending import Provisioning, Timing
from .rules.partner_change import (
    base_first,
    base_in_circle,
    base_in_doubt,
    base_transferred,
    base_unknown,
    no_base,
)
from .rules.risk import TransitionRisk, in_doubt
from .rules.risk_table import Risk
from .steps import Action
from .texts import id_key
from .transfer import Transfer
from .ways import option_of, placed_until, said_in_full

__all__ = ["ChosenWay", "choice_by", "choose_each", "chosen_ways", "with_bases"]


# The ways of which the day of provisioning alone decides.
_BY_DAY: Final = {Way.PROVISION_THEN_EXPIRE, Way.EXTEND_AND_MOVE, Way.EXPIRE_THEN_REBUY}
_DUE: Final = {Bearing.DUE, Bearing.TOO_LATE}
_STOPS: Final = {Action.TURN_OFF_AUTO_RENEW, Action.UNDO_SCHEDULE, Action.CHOOSE_CANCELLATION}


@frozen(kw_only=True)
class ChosenWay:
    """How one subscription of a plan goes."""

    a: Assessment
    """Along its way; where that needs the source partner's consent, along what is left without it."""
    part: RoutePart | None = None
    """The way that it goes; None where there is none to choose, and it goes as its assessment says."""
    otherwise: RoutePart | None = None
    """What is left without the source partner's consent, where the way needs it; None: as the assessment says."""
    findings: tuple[Finding, ...] = ()
    """What the way says beside the assessment."""

    @property
    def by_transfer(self) -> bool:
        """Whether its way needs the source partner's consent."""
        return self.part is not None and self.part.way is Way.PARTNER_CENTER_TRANSFER


def choose_each(
    transfer: Transfer,
    gate: Gate,
    assessments: Iterable[Assessment],
    named: Mapping[str, Way],
    *,
    always_a_way: bool = False,
    ask: Callable[[Situation, Way], OpenWay | RoutePart] = option_of,
) -> tuple[tuple[ChosenWay, ...], int]:
    """Choose the way of each subscription of a move, and return how many places of the tenant they take at most.

    They are asked in the order in which they get their places, and answered in the order of the move. With
    `always_a_way`, the best one is chosen under a policy of the guide's, too. `ask` is `option_of`, or remembers
    what that has answered.
    """
    assessed = {a.subscription.id: a for a in assessments}
    places, choices = Places(gate.free), dict[str, ChosenWay]()
    for key in dict.fromkeys((*gate.order, *assessed)):
        situation = Situation(transfer=transfer, a=assessed[key], gate=gate, place=places.first_day)
        choice = choose(situation, named.get(key), always_a_way=always_a_way, ask=ask)
        until = _placed_until(situation, choice)
        if until is not None and gate.feasible:
            day = choice.a.provision_on or choice.a.as_of
            without = choice.otherwise if choice.by_transfer else choice.part
            if without is None and (situation.place is None or situation.place > day):
                choice = _barred(situation, choice)
            else:
                places.take(until)
        choices[key] = choice
    return tuple(choices[key] for key in assessed), places.used


def _placed_until(situation: Situation, choice: ChosenWay) -> date | None:
    """Return through which day the new subscription takes a place of the tenant's: see `placed_until`."""
    part, day = choice.otherwise if choice.by_transfer else choice.part, choice.a.provision_on
    if part is not None:
        return placed_until(situation, part)
    if not choice.a.moved or choice.a.already_provisioned:
        return None
    if situation.transfer.target_tenant is not None:  # on whatever day it comes
        return LATEST
    if day is None:
        return None
    if not situation.runs or situation.running.runs_on:  # nothing leaves a place by itself
        return LATEST
    return situation.last_day if day <= situation.last_day else None


def _barred(situation: Situation, choice: ChosenWay) -> ChosenWay:
    """Return how a subscription goes for which there is no place: it stays as it is."""
    no = no_place(situation.running, situation.gate.most) if situation.place is None else None
    said = no or waits_for_place(situation.running, situation.place or situation.as_of)
    # By when it would have to be done is worth knowing where the term is over.
    due = () if situation.runs else (f for f in choice.a.findings if f.bearing in _DUE)
    barred = gather(said, *choice.findings, *due)
    part = choice.part if choice.by_transfer else None  # which takes no place
    return ChosenWay(a=staying(choice.a, *barred, stays_safe=False), part=part, findings=barred)


def choose(
    situation: Situation,
    named: Way | None,
    *,
    always_a_way: bool,
    ask: Callable[[Situation, Way], OpenWay | RoutePart],
) -> ChosenWay:
    """Choose the way of one subscription: the one that is named, if it is open, or else the best one that is.

    A policy of the guide's goes the guide's own way unless another is named. Where the caller chose the day, or the
    term does not run any more, nothing is left to choose. A transfer in mid-term, to which nobody has to agree,
    comes with what is to be done without it.
    """
    a = situation.a
    if not (a.moved and situation.gate.feasible) or a.already_provisioned:
        return ChosenWay(a=a)
    # More duplicates than fit (CAP-001): then the guide, too, has another way.
    too_many = situation.gate.too_many and a.own_way is Way.PROVISION_THEN_EXPIRE
    if named is None and not situation.policy.in_force and not always_a_way and not too_many:
        return ChosenWay(a=a)
    options = best_first(ask(situation, way) for way in Way)
    by_way = {option.way: option for option in options}
    open_ways = [option for option in options if option.available]
    if a.day_chosen or a.own_way is None or not situation.runs:
        open_ways = [one for one in open_ways if one.moves_on == a.provision_on and one.way in _BY_DAY]
    if not open_ways and a.own_way is not None and situation.runs and a.risk is not None:
        barred_by = said_in_full(
            by_way[a.own_way]
        ).findings  # nothing is safe without a way that is sure to be open
        a = a.evolve(risk=in_doubt(a.risk, *barred_by), findings=gather(*a.findings, *barred_by))
    best = next((one for one in open_ways if one.way is named), next(iter(open_ways), None))
    findings: tuple[Finding, ...] = ()
    if named is not None and (best is None or best.way is not named):
        barred = () if by_way[named].available else said_in_full(by_way[named]).findings
        findings = (finding("END-001", "not-this-way", a.subscription.id, way=named), *barred)
    if best is None:
        return ChosenWay(a=a, findings=findings)
    part = said_in_full(best)
    if part.way is not Way.PARTNER_CENTER_TRANSFER:
        return ChosenWay(a=_by_another_way(a, part), part=part, findings=findings)
    other = next((one for one in open_ways if one is not best), None)
    otherwise = None if other is None else said_in_full(other)
    return ChosenWay(
        a=_by_another_way(a, otherwise),
        part=part,
        otherwise=otherwise,
        findings=gather(*findings, *part.findings),
    )


def _by_another_way(a: Assessment, part: RoutePart | None) -> Assessment:
    """Return the assessment as it is when the subscription goes another way than its own."""
    if part is None:
        return a
    steps = {step.action: step for step in part.steps}
    provision, stop = steps[Action.PROVISION], next((steps[one] for one in _STOPS if one in steps), None)
    first_day = provision.first_day
    by_itself = part.way is a.own_way and part.way is not Way.EXTEND_AND_MOVE
    waits = not a.day_chosen and a.provisioning is not None and first_day > a.provisioning.earliest
    if by_itself and part.moves_on == a.provision_on and not waits:
        return a
    moves_on = part.moves_on or first_day
    kept = (
        f
        for f in a.findings
        if f.bearing is Bearing.DOUBT or Verdict.REFUND in f.verdicts or not f.of_the_way
    )
    return a.evolve(
        way=part.way,
        replacement=a.replacement and a.replacement.evolve(provision_on=moves_on),
        auto_renew_off_by=stop and stop.last_day,
        auto_renew_doubted_day=stop and stop.doubted_day,
        provisioning=Provisioning(
            earliest=first_day,
            recommended=moves_on,
            latest=provision.last_day,
            timing=Timing.TOO_LATE if provision.is_late else Timing.IN_TIME,
            doubted_day=provision.doubted_day,
            findings=part.findings,
        ),
        grace_window=part.grace_window,
        risk=TransitionRisk(
            disruption=part.disruption,
            data_loss=part.data_loss,
            reassign_licenses=part.reassign_licenses,
            paid_twice_days=part.paid_twice_days,
            findings=part.findings,
        ),
        findings=gather(*kept, *part.findings),
    )


def choice_by(choice: ChosenWay, a: Assessment, part: RoutePart) -> ChosenWay:
    """Return how a subscription goes one open way, which it may not have chosen; `a`: its assessment by itself.

    What is left without the source partner's consent stays what it was.
    """
    if part.way is Way.PARTNER_CENTER_TRANSFER:
        return evolve(choice, part=part)
    return ChosenWay(a=_by_another_way(a, part), part=part)


def chosen_ways(
    transfer: Transfer, gate: Gate, as_of: date, policy: Policy, named: Mapping[str, Way]
) -> tuple[tuple[ChosenWay, ...], int, tuple[Finding, ...]]:
    """Return how the subscriptions of a move go, each with what its base means for it, as a plan has them.

    With them, how many places of the tenant they take at most, and why add-ons may be without their base.
    """
    choices, places = choose_each(transfer, gate, assess_each(transfer, as_of, policy), named)
    choices, said = with_bases(choices) if gate.feasible else (choices, ())
    return choices, places, said


def with_bases(choices: Iterable[ChosenWay]) -> tuple[tuple[ChosenWay, ...], tuple[Finding, ...]]:
    """Return how subscriptions go, those in doubt that may be without their base, and the findings that say why.

    What is added on to something in doubt is in doubt itself, however far above that is.
    """
    choices = tuple(choices)
    if all(choice.a.subscription.parent is None for choice in choices):
        return choices, ()
    by_id = {_key(choice): choice for choice in choices}
    above = {key: _above(choice, by_id) for key, choice in by_id.items()}
    said: dict[str, tuple[Finding, ...]] = {}
    # A base before its add-ons; and a circle, in which each is above itself, before what is added on to it.
    for key in sorted(above, key=lambda key: 0 if key in above[key] else len(above[key])):
        found = _doubts(by_id[key], above[key], said)
        if found:
            said[key] = found
    said = {key: found for key, found in said.items() if _goes(by_id[key])}
    doubted = tuple(_in_doubt(choice, said.get(_key(choice), ())) for choice in choices)
    return doubted, tuple(f for found in said.values() for f in found)


def _key(choice: ChosenWay) -> str:
    return id_key(choice.a.subscription.id)


def _goes(choice: ChosenWay) -> bool:
    return choice.a.moved or choice.by_transfer


def _above(choice: ChosenWay, by_id: Mapping[str, ChosenWay]) -> dict[str, ChosenWay]:
    """Return what a subscription is added on to, by id, the nearest first; of a circle, each once."""
    bases: dict[str, ChosenWay] = {}
    parent = choice.a.subscription.parent
    while parent is not None and id_key(parent) in by_id and id_key(parent) not in bases:
        base = bases[id_key(parent)] = by_id[id_key(parent)]
        parent = base.a.subscription.parent
    return bases


def _doubts(
    choice: ChosenWay, above: Mapping[str, ChosenWay], said: Mapping[str, tuple[Finding, ...]]
) -> tuple[Finding, ...]:
    """Return why an add-on may be without its base; `said`: the same of what is above it."""
    parent = choice.a.subscription.parent
    if parent is None or not above:
        return ()
    if _key(choice) in above:
        return (base_in_circle(choice.a.subscription, parent),)
    base, *further = above.values()
    found = gather(*_without(choice, base, parent))
    if found:
        return found
    if _key(base) in said or any(gather(*_without(choice, one, parent)) for one in further):
        return (base_in_doubt(choice.a.subscription, parent),)
    return ()


def _without(choice: ChosenWay, base: ChosenWay, parent: str) -> Iterator[Finding | None]:
    """Yield what is wrong where an add-on goes another way than what it is added on to, or that does not go on."""
    a = choice.a
    apart = _goes(choice) and _goes(base) and choice.by_transfer != base.by_transfer
    if apart and not a.already_provisioned:
        yield base_transferred(a.subscription, parent)
    until = base.a.gives_access_until
    if until is None:
        if base.a.undated_by is not None and not base.a.already_provisioned:
            yield base_unknown(a.subscription, parent)
        return
    if base.by_transfer:
        return
    if not base.a.moved:  # it ends, and nothing replaces it
        yield no_base(a.subscription, parent)
    day = a.provision_on if a.moved else a.as_of
    if day is not None:
        yield base_first(a.subscription, parent, day=day, base_until=until)


def _in_doubt(choice: ChosenWay, said: tuple[Finding, ...]) -> ChosenWay:
    """Return how an add-on goes: its risk is possible, along its way and without the source partner's consent."""
    a, part = choice.a, choice.part
    if not said or a.risk is None:  # what goes has a risk
        return choice
    if part is not None:
        part = part.evolve(
            disruption=max(part.disruption, Risk.POSSIBLE),
            data_loss=max(part.data_loss, Risk.POSSIBLE),
            findings=gather(*part.findings, *said),
        )
    return evolve(choice, a=a.evolve(risk=in_doubt(a.risk, *said)), part=part)
