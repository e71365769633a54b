"""The ways that a subscription can go, each asked whether it is open, and what it needs, risks and costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, Final, NamedTuple

from attrs import frozen

from .assess import Assessment
from .catalogue import Severity
from .errors import InvalidValue
from .findings import Finding, Reasoned, finding, gather
from .gate import Gate
from .model import Channel, Replacement, Status, Subscription, TermEnd
from .money import Money
from .policy import EXTENDED_PERCENT, EXTENDED_PERCENT_WITHOUT_MONTHLY, GRACE_DAYS, Policy
from .rules.capacity import Method
from .rules.lifecycle import deleted_day, grace_window, lifecycle
from .rules.mid_term import mid_term_check, split, still_ends
from .rules.refunds import Actor, refunded_until
from .rules.risk import TransitionRisk, transition_risk
from .rules.risk_table import Risk
from .rules.term_end import choice_needed, takes_part
from .rules.terms import current_term, with_term
from .spans import LATEST, after
from .steps import Action, Step, seller_of, stop_step
from .transfer import Transfer
from .words import Word

__all__ = ["Asked", "RoutePart", "Way", "part_of"]


class Way(Word):
    """A way that a subscription can go, in the order of its effort; waiting leaves all of it for later."""

    PARTNER_CENTER_TRANSFER = "partner_center_transfer"
    """The partners agree on a transfer in mid-term (PCT-001)."""
    PROVISION_THEN_EXPIRE = "provision_then_expire"
    """Provision beside the original, and let that expire."""
    EXPIRE_THEN_REBUY = "expire_then_rebuy"
    """Let the original expire, and buy again."""
    EXTEND_AND_MOVE = "extend_and_move"
    """Bridge with an extended service term, and provision in it (EST-002)."""
    CANCEL_AND_REBUY = "cancel_and_rebuy"
    """Cancel in the days in which that is refunded, and buy again (CXL-001)."""
    RENEW_AND_WAIT = "renew_and_wait"
    """Let it renew, and move at the next end."""


_IN_GUIDE: Final = (Way.PROVISION_THEN_EXPIRE, Way.EXPIRE_THEN_REBUY, Way.RENEW_AND_WAIT)


@frozen(kw_only=True)
class RoutePart(Reasoned):
    """One way for one subscription. Days are UTC, first and last inclusive; None where it is not available."""

    subscription: str
    way: Way
    available: bool
    first_day: date | None = None
    """From when on one can act."""
    last_day: date | None = None
    """Until when one has to have acted; None also where there is no limit."""
    moves_on: date | None = None
    """The day from which the destination's licences serve."""
    days_without_access: int = 0
    paid_twice_days: int = 0
    disruption: Risk = Risk.NONE
    data_loss: Risk = Risk.NONE
    reassign_licenses: bool = False
    cost: Money | None = None
    """What it costs beyond going on as today, an estimate; None where no price is given."""
    steps: tuple[Step, ...] = ()


class Asked(NamedTuple):
    """What every way is asked about one subscription."""

    transfer: Transfer
    a: Assessment
    gate: Gate
    policy: Policy

    @property
    def running(self) -> Subscription:
        """The subscription in the term that runs."""
        return self.a.running

    @property
    def as_of(self) -> date:
        """The UTC day that is asked for."""
        return self.a.as_of

    @property
    def last_day(self) -> date:
        """The last day of the term that runs."""
        return self.a.running.term.last_day

    @property
    def seller(self) -> Actor:
        """Who can change the original: who sold it, or the customer."""
        return seller_of(self.running)

    @property
    def planned(self) -> Replacement:
        """What is to replace it; the day is the way's own."""
        like_for_like = Replacement(offer=self.running.offer, quantity=self.running.quantity)
        return self.a.replacement or like_for_like

    def step(self, action: Action, actor: Actor, rule: str, first_day: date, last_day: date | None) -> Step:
        """Return a step about the subscription."""
        return Step(
            action=action,
            actor=actor,
            subject=self.running.id,
            rule=rule,
            first_day=first_day,
            last_day=last_day,
            cautions=self.a.doubts,
        )

    def risk(self, subscription: Subscription, day: date) -> TransitionRisk:
        """Judge the replacement on a day."""
        return transition_risk(
            subscription,
            self.planned.evolve(provision_on=day),
            into_another_tenant=self.transfer.target_tenant is not None,
            policy=self.policy,
        )

    def stop(self) -> tuple[Step, ...]:
        """Return the step that lets it end with its term, if one is needed."""
        step = stop_step(self.a, self.policy)
        return () if step is None else (step,)

    def provision(self, first_day: date, last_day: date | None, rule: str = "END-005") -> Step:
        """Return the step that provisions the replacement."""
        return self.step(Action.PROVISION, Actor.DESTINATION_PARTNER, rule, first_day, last_day)

    def cost(self, days: int, percent: int = 0) -> Money | None:
        """Estimate what so many days cost; None without a price."""
        price = self.running.price
        if price is None:
            return None
        return price.for_days(days, licences=self.running.quantity, percent=percent)

    def part(self, way: Way, subscription: Subscription, day: date, **changed: Any) -> RoutePart:
        """Return an open way: the way's own findings, what the rules say of a replacement on a day, and the steps."""
        risk = self.risk(subscription, day)
        steps: tuple[Step, ...] = changed.pop("steps")
        if risk.reassign_licenses:
            actor = Actor.DESTINATION_PARTNER if self.transfer.delegated_admin else Actor.CUSTOMER
            steps += (self.step(Action.REASSIGN_LICENCES, actor, "RSK-002", max(day, self.as_of), None),)
        findings: tuple[Finding, ...] = changed.pop("findings", ())
        says: dict[str, Any] = {
            "days_without_access": _without_access(subscription, self.as_of, day, self.policy),
            "paid_twice_days": risk.paid_twice_days,
            "cost": self.cost(risk.paid_twice_days),
        }
        return RoutePart(
            subscription=self.running.id,
            way=way,
            available=True,
            moves_on=day,
            disruption=risk.disruption,
            data_loss=risk.data_loss,
            reassign_licenses=risk.reassign_licenses,
            steps=steps,
            findings=gather(*findings, *risk.findings),
            **says | changed,
        )


def _without_access(subscription: Subscription, today: date, day: date, policy: Policy) -> int:
    """Return the days from today through the day of provisioning on which users have no access, that day included."""
    days = 0
    for phase in lifecycle(subscription, policy=policy):
        if not phase.users_have_access:
            last_day = min(day, phase.last_day or day)
            days += max(0, (last_day - max(today, phase.first_day)).days + 1)
    return days


Answer = RoutePart | tuple[Finding, ...]
"""An open way, or what bars it."""


def _runs(asked: Asked) -> bool:
    return asked.as_of <= asked.last_day and asked.running.status in (Status.ACTIVE, Status.SUSPENDED)


def _not_running(asked: Asked) -> tuple[Finding, ...]:
    return (finding("END-001", "term-over", asked.running.id, last_day=asked.last_day),)


def _no_room(asked: Asked) -> tuple[Finding, ...]:
    """Return why no duplicate can stand beside the original; nothing where one can."""
    known_to_fit = len(asked.gate.batches) == 1
    barred = {"no-room", "batches"}
    if asked.gate.method is not Method.OVERLAP and not known_to_fit:
        barred.add("over")
    return tuple(f for f in asked.gate.findings if f.rule in ("CAP-001", "CAP-003") and f.case in barred)


def _partner_center_transfer(asked: Asked) -> Answer:
    check = mid_term_check(asked.transfer, asked.running, asked.planned, asked.as_of)
    if not check.allowed:
        return check.findings
    days = asked.as_of, asked.last_day
    goes_on = still_ends(asked.running) is None
    return RoutePart(
        subscription=asked.running.id,
        way=Way.PARTNER_CENTER_TRANSFER,
        available=True,
        first_day=asked.as_of,
        last_day=asked.last_day,
        moves_on=asked.as_of,
        cost=asked.cost(0),
        disruption=Risk.NONE if goes_on else Risk.POSSIBLE,
        data_loss=Risk.NONE if goes_on else Risk.POSSIBLE,
        steps=(
            asked.step(Action.REQUEST_TRANSFER, Actor.DESTINATION_PARTNER, "PCT-001", *days),
            asked.step(Action.SUBMIT_TRANSFER, Actor.SOURCE_PARTNER, "PCT-001", *days),
        ),
        findings=gather(*check.findings, split(asked.running, asked.as_of), still_ends(asked.running)),
    )


def _provision_then_expire(asked: Asked) -> Answer:
    if not _runs(asked):
        return _not_running(asked)
    if barred := _no_room(asked):
        return barred
    chosen = asked.a.provision_on if asked.a.day_chosen else None
    # Users who have no access already should not wait for it to cost less.
    best = asked.as_of if asked.running.status is Status.SUSPENDED else asked.last_day
    day = chosen if chosen is not None and asked.as_of <= chosen <= asked.last_day else best
    return asked.part(
        Way.PROVISION_THEN_EXPIRE,
        asked.running,
        day,
        first_day=asked.as_of,
        last_day=asked.last_day,
        steps=(*asked.stop(), asked.provision(asked.as_of, asked.last_day)),
    )


def _expire_then_rebuy(asked: Asked) -> Answer:
    running = asked.running
    if asked.as_of <= asked.last_day and running.goes_on:
        running = running.evolve(at_term_end=None, auto_renew=False)
    window = grace_window(running, policy=asked.policy)
    if window is None and asked.policy.in_force and running.status is Status.ACTIVE:
        running = running.evolve(at_term_end=TermEnd.CANCEL)  # so that it ends, and does not go on at a price
    deleted = deleted_day(running, asked.policy) or LATEST
    day = max(asked.as_of, after(asked.last_day)) if _runs(asked) else asked.as_of
    until = window.last_day if window and day <= window.last_day else after(deleted, -1)
    last_day = until if day <= until else None  # nothing is left to save
    stop = asked.stop() if _runs(asked) else ()
    return asked.part(
        Way.EXPIRE_THEN_REBUY,
        running,
        day,
        first_day=asked.as_of if stop else day,
        last_day=last_day,
        steps=(*stop, asked.provision(day, last_day)),
    )


def _extend_and_move(asked: Asked) -> Answer:
    free = asked.policy.number(GRACE_DAYS, asked.last_day) > 0
    if not _runs(asked) or asked.running.status is not Status.ACTIVE:
        return _not_running(asked)
    if free or takes_part(asked.running) is False or asked.running.channel is not Channel.CSP:
        return (finding("EST-002", "not-open", asked.running.id, last_day=asked.last_day),)
    if barred := _no_room(asked):
        return barred
    extended = asked.running.evolve(at_term_end=TermEnd.EXTEND)
    day = after(asked.last_day)
    dearer = EXTENDED_PERCENT if asked.running.offer.monthly else EXTENDED_PERCENT_WITHOUT_MONTHLY
    chosen = asked.running.at_term_end is TermEnd.EXTEND
    choose = asked.step(Action.CHOOSE_EXTENSION, asked.seller, "EST-002", asked.as_of, asked.last_day)
    return asked.part(
        Way.EXTEND_AND_MOVE,
        extended,
        day,
        first_day=asked.as_of,
        last_day=asked.last_day,
        paid_twice_days=1,
        cost=asked.cost(1, asked.policy.number(dearer, day)),
        steps=(
            *(() if chosen else (choose,)),
            asked.provision(day, None, "EST-002"),
            asked.step(Action.END_EXTENSION, asked.seller, "EST-002", day, None),
        ),
    )


def _cancel_and_rebuy(asked: Asked) -> Answer:
    refunded = refunded_until(asked.running, asked.as_of)
    said = tuple(f for f in asked.a.refund.findings if f.rule.startswith("CXL"))
    if refunded is None or not asked.running.term.first_day <= asked.as_of <= refunded[1]:
        return said or (finding("CXL-001", "no-refund-window", asked.running.id),)
    if barred := _no_room(asked):
        return barred
    rule, until = refunded
    return asked.part(
        Way.CANCEL_AND_REBUY,
        asked.running,
        asked.as_of,
        first_day=asked.as_of,
        last_day=until,
        paid_twice_days=1,
        cost=asked.cost(1),
        steps=(
            asked.provision(asked.as_of, until),
            asked.step(Action.CANCEL, asked.seller, rule, asked.as_of, until),
        ),
        findings=said,
    )


def _renew_and_wait(asked: Asked) -> Answer:
    if not _runs(asked) or asked.running.status is not Status.ACTIVE:
        return _not_running(asked)
    renewing = asked.running.evolve(auto_renew=True, at_term_end=None)
    following = None
    with suppress(InvalidValue):  # beyond the calendar
        following = current_term(renewing, after(asked.last_day))
    if following is None or following.term is None:
        return following.findings if following else _not_running(asked)
    renewed = with_term(renewing, following.term).evolve(auto_renew=False)
    window = grace_window(renewed, policy=asked.policy)
    last_day = window.last_day if window else following.term.last_day
    if window is None and (barred := _no_room(asked)):
        return barred
    first_day = window.first_day if window else following.term.first_day
    stop = Action.TURN_OFF_AUTO_RENEW, "END-003"
    if choice_needed(renewed, asked.policy):
        stop = Action.CHOOSE_CANCELLATION, "EST-003"
    keeps = asked.running.goes_on and asked.running.at_term_end in (None, TermEnd.RENEW)
    keep = asked.step(Action.KEEP_RENEWING, asked.seller, "END-003", asked.as_of, asked.last_day)
    end = (following.term.first_day, following.term.last_day)
    return asked.part(
        Way.RENEW_AND_WAIT,
        renewed,
        first_day if window else last_day,
        first_day=asked.as_of,
        last_day=asked.last_day,
        steps=(
            *(() if keeps else (keep,)),
            asked.step(stop[0], asked.seller, stop[1], *end),
            asked.provision(first_day, last_day),
        ),
    )


_WAYS: Final[dict[Way, Callable[[Asked], Answer]]] = {
    Way.PARTNER_CENTER_TRANSFER: _partner_center_transfer,
    Way.PROVISION_THEN_EXPIRE: _provision_then_expire,
    Way.EXPIRE_THEN_REBUY: _expire_then_rebuy,
    Way.EXTEND_AND_MOVE: _extend_and_move,
    Way.CANCEL_AND_REBUY: _cancel_and_rebuy,
    Way.RENEW_AND_WAIT: _renew_and_wait,
}


def part_of(asked: Asked, way: Way) -> RoutePart:
    """Ask whether a way is open to a subscription, and what it does."""
    subject = asked.running.id
    blockers = tuple(f for f in asked.gate.findings if f.severity is Severity.BLOCKER)
    undated = asked.a.undated_by
    answer: Answer
    if not asked.gate.feasible:
        answer = blockers
    elif undated is not None or asked.a.term is None:
        answer = gather(undated)
    elif way not in _IN_GUIDE and not asked.policy.in_force:
        answer = (finding("END-001", "not-in-guide", subject),)
    else:
        answer = _WAYS[way](asked)
    if isinstance(answer, RoutePart):
        return answer
    return RoutePart(subscription=subject, way=way, available=False, findings=answer)
