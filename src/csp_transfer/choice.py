"""Which way each subscription of a plan goes: the one that is named for it, or else the best that is open to it."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from .assessment import Assessment
from .catalogue import Bearing, Verdict
from .findings import Finding, finding, gather
from .model import Way
from .parts import SAID_BY_THE_WAY, Asked, RoutePart, best_first
from .rules.ending import Provisioning, Timing
from .rules.risk import TransitionRisk, in_doubt
from .steps import Action
from .ways import part_of

__all__ = ["Going", "go"]

# The ways of which the day of provisioning alone decides.
_BY_DAY: Final = {Way.PROVISION_THEN_EXPIRE, Way.EXTEND_AND_MOVE, Way.EXPIRE_THEN_REBUY}
_STOPS: Final = {Action.TURN_OFF_AUTO_RENEW, Action.UNDO_SCHEDULE, Action.CHOOSE_CANCELLATION}


@frozen(kw_only=True)
class Going:
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


def go(asked: Asked, named: Way | None) -> Going:
    """Choose the way of one subscription: the one that is named, if it is open, or else the best one that is.

    A policy of the guide's goes the guide's own way unless another is named. Where the caller chose the day, or the
    term does not run any more, nothing is left to choose. A transfer in mid-term, to which nobody has to agree,
    comes with what is to be done without it.
    """
    a = asked.a
    if not (a.moved and asked.gate.feasible) or a.already_provisioned:
        return Going(a=a)
    if named is None and not asked.policy.in_force:
        return Going(a=a)
    parts = best_first(part_of(asked, way) for way in Way)
    by_way = {part.way: part for part in parts}
    open_ways = [part for part in parts if part.available]
    if a.day_chosen or a.own_way is None or not asked.runs:
        open_ways = [part for part in open_ways if part.moves_on == a.provision_on and part.way in _BY_DAY]
        open_ways.sort(key=lambda part: part.way is not a.own_way)
    barred_way = by_way.get(a.own_way) if a.own_way and asked.runs else None
    if not open_ways and barred_way is not None and a.risk is not None:
        barred_by = barred_way.findings  # nothing is safe without a way that is sure to be open
        a = a.evolve(risk=in_doubt(a.risk, *barred_by), findings=gather(*a.findings, *barred_by))
    best = next((part for part in open_ways if part.way is named), next(iter(open_ways), None))
    findings: tuple[Finding, ...] = ()
    if named is not None and (best is None or best.way is not named):
        barred = () if by_way[named].available else by_way[named].findings
        findings = (finding("END-001", "not-this-way", a.subscription.id, way=named), *barred)
    if best is None or best.way is not Way.PARTNER_CENTER_TRANSFER:
        return Going(a=_along(a, best), part=best, findings=findings)
    otherwise = next((part for part in open_ways if part is not best), None)
    return Going(
        a=_along(a, otherwise), part=best, otherwise=otherwise, findings=gather(*findings, *best.findings)
    )


def _along(a: Assessment, part: RoutePart | None) -> Assessment:
    """Return the assessment along another way than its own."""
    by_itself = part is not None and part.way is a.own_way and part.way is not Way.EXTEND_AND_MOVE
    if part is None or (by_itself and part.moves_on == a.provision_on):
        return a
    days = {step.action: (step.first_day, step.last_day) for step in part.steps}
    first_day, last_day = days[Action.PROVISION]
    moves_on = part.moves_on or first_day
    late = any(step.action is Action.PROVISION and "END-005" in step.cautions for step in part.steps)
    kept = (
        f
        for f in a.findings
        if f.bearing is Bearing.DOUBT
        or Verdict.REFUND in f.verdicts
        or not f.rule.startswith(SAID_BY_THE_WAY)
    )
    return a.evolve(
        way=part.way,
        replacement=a.replacement and a.replacement.evolve(provision_on=moves_on),
        auto_renew_off_by=next((days[stop][1] for stop in _STOPS if stop in days), None),
        provisioning=Provisioning(
            earliest=first_day,
            recommended=moves_on,
            latest=last_day,
            timing=Timing.TOO_LATE if late else Timing.IN_TIME,
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
