"""The ways that a subscription can go, each asked whether it is open, and what it needs, risks and costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from .catalogue import Bearing, Severity
from .errors import InvalidValue
from .findings import Finding, finding, gather
from .model import Channel, Status, TermEnd, Way
from .parts import Asked, RoutePart
from .policy import EXTENDED_PERCENT, EXTENDED_PERCENT_WITHOUT_MONTHLY, GRACE_DAYS
from .rules.capacity import Method
from .rules.lifecycle import deleted_day, grace_window
from .rules.mid_term import mid_term_check, not_renewed, split, still_ends
from .rules.refunds import Actor, refunded_until
from .rules.relationship import no_time_to_migrate
from .rules.risk import in_doubt, offer_still_sold
from .rules.risk_table import Risk
from .rules.term_end import choice_needed, may_not_extend, takes_part, term_end
from .rules.terms import current_term, renewal_not_known, with_term
from .spans import LATEST, after
from .steps import Action

__all__ = ["part_of"]

_IN_GUIDE: Final = (Way.PROVISION_THEN_EXPIRE, Way.EXPIRE_THEN_REBUY, Way.RENEW_AND_WAIT)

Answer = RoutePart | tuple[Finding, ...]
"""An open way, or what bars it."""


def _not_running(asked: Asked) -> tuple[Finding, ...]:
    return (finding("END-001", "term-over", asked.running.id, last_day=asked.last_day),)


def _no_room(asked: Asked, *, later: bool = False) -> tuple[Finding, ...]:
    """Return why no duplicate can stand beside the original; nothing where one can.

    What can wait until `later` need not be in the first batch.
    """
    barred = {"no-room"}
    if not later and asked.batch:
        barred.add("batches")
    if not asked.gate.batches and asked.gate.method is not Method.OVERLAP:
        barred.add("over")
    return tuple(f for f in asked.gate.findings if f.rule in ("CAP-001", "CAP-003") and f.case in barred)


def _partner_center_transfer(asked: Asked) -> Answer:
    check = mid_term_check(asked.transfer, asked.running, asked.planned, asked.as_of, asked.policy)
    if not check.allowed:
        return check.findings
    days = asked.as_of, asked.last_day
    gone = offer_still_sold(asked.running, asked.planned) is False
    stays = gather(still_ends(asked.running), not_renewed(asked.running) if gone else None)
    risk = Risk.POSSIBLE if stays else Risk.NONE
    changeable = asked.a.changeable_from, asked.last_day
    keep = asked.step(Action.KEEP_RENEWING, Actor.DESTINATION_PARTNER, "PCT-002", *changeable)
    return RoutePart(
        subscription=asked.running.id,
        way=Way.PARTNER_CENTER_TRANSFER,
        available=True,
        first_day=asked.as_of,
        last_day=asked.last_day,
        moves_on=asked.as_of,
        cost=asked.cost(0),
        disruption=risk,
        data_loss=risk,
        steps=(
            asked.step(Action.REQUEST_TRANSFER, Actor.DESTINATION_PARTNER, "PCT-001", *days),
            asked.step(Action.SUBMIT_TRANSFER, Actor.SOURCE_PARTNER, "PCT-001", *days),
            *((keep,) if still_ends(asked.running) else ()),
        ),
        findings=gather(*check.findings, split(asked.running, asked.as_of), *stays),
    )


def _provision_then_expire(asked: Asked) -> Answer:
    if not asked.runs:
        return _not_running(asked)
    if barred := _no_room(asked):
        return barred
    # Users who have no access already should not wait for it to cost less.
    best = asked.as_of if asked.running.status is Status.SUSPENDED else asked.last_day
    days, day = (asked.as_of, asked.last_day), best
    if asked.chosen is not None and asked.chosen <= asked.last_day:
        days, day = (asked.chosen, asked.chosen), asked.chosen
    return asked.part(
        Way.PROVISION_THEN_EXPIRE,
        asked.running,
        day,
        first_day=asked.as_of,
        last_day=days[1],
        steps=(*asked.stop(), asked.provision(*days)),
    )


def _expire_then_rebuy(asked: Asked) -> Answer:
    running, window = asked.running, grace_window(asked.running, policy=asked.policy)
    if window is None and asked.policy.in_force and running.status is Status.ACTIVE:
        running = running.evolve(at_term_end=TermEnd.CANCEL)  # so that it ends, and does not go on at a price
    deleted = deleted_day(running, asked.policy) or LATEST
    day = max(asked.as_of, after(asked.last_day)) if asked.runs else asked.as_of
    if asked.chosen is not None:
        day = max(day, asked.chosen)
    in_time = window is not None and day <= window.last_day
    until = window.last_day if window and in_time else after(deleted, -1)
    days = day, until if day <= until else None  # nothing is left to save
    if asked.chosen == day:
        days = day, day
    elif not asked.runs and asked.a.provisioning is not None:
        days = asked.a.provisioning.earliest, asked.a.provisioning.latest
    stop = asked.stop() if asked.runs else ()
    provision = asked.provision(*days)
    if not in_time:  # it saves what can be saved
        provision = provision.evolve(cautions=("END-005", *provision.cautions))
    return asked.part(
        Way.EXPIRE_THEN_REBUY,
        running,
        day,
        first_day=asked.as_of if stop else day,
        last_day=asked.last_day if stop else days[1],
        steps=(*stop, provision),
    )


def _extend_and_move(asked: Asked) -> Answer:
    free = asked.policy.number(GRACE_DAYS, asked.last_day) > 0
    if not asked.runs or asked.running.status is not Status.ACTIVE:
        return _not_running(asked)
    if free or takes_part(asked.running) is False or asked.running.channel is not Channel.CSP:
        return (finding("EST-002", "not-open", asked.running.id, last_day=asked.last_day),)
    if barred := _no_room(asked, later=True):  # it goes on for as long as it takes
        return barred
    extended = asked.running.evolve(at_term_end=TermEnd.EXTEND)
    day = after(asked.last_day, 1 + asked.batch)  # a later batch waits until the one before it is gone
    if asked.chosen is not None:
        day = max(day, asked.chosen)
    risk = asked.risk(extended, day)
    if takes_part(asked.running) is None:
        risk = in_doubt(risk, may_not_extend(asked.running))
    dearer = EXTENDED_PERCENT if asked.running.offer.monthly else EXTENDED_PERCENT_WITHOUT_MONTHLY
    chosen = asked.running.at_term_end is TermEnd.EXTEND
    choose = asked.step(
        Action.CHOOSE_EXTENSION, asked.seller, "EST-002", asked.a.changeable_from, asked.last_day
    )
    return asked.part(
        Way.EXTEND_AND_MOVE,
        extended,
        day,
        first_day=asked.as_of,
        last_day=asked.last_day,
        paid_twice_days=1,
        # Under a policy changed for a what-if, it may be before the first record.
        cost=asked.cost(1, asked.policy.number(dearer, max(day, asked.policy.history(dearer).first_day))),
        steps=(
            *(() if chosen else (choose,)),
            asked.provision(day, None, "EST-002"),
            asked.step(Action.END_EXTENSION, asked.seller, "EST-002", day, None),
        ),
        findings=tuple(f for f in asked.gate.findings if f.case == "batches"),
        risk=risk,
    )


def _cancel_and_rebuy(asked: Asked) -> Answer:
    refunded = refunded_until(asked.running, asked.as_of, asked.policy)
    said = tuple(f for f in asked.a.refund.findings if f.rule.startswith("CXL"))
    if refunded is None or not asked.running.term.first_day <= asked.as_of <= refunded[1]:
        return said or (finding("CXL-001", "no-refund-window", asked.running.id),)
    if asked.transfer.target_tenant is not None:
        return (no_time_to_migrate(asked.running),)
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
    if not asked.runs or asked.running.status is not Status.ACTIVE:
        return _not_running(asked)
    renewing = asked.running.evolve(auto_renew=True, at_term_end=None)
    following = None
    with suppress(InvalidValue):  # beyond the calendar
        following = current_term(renewing, after(asked.last_day))
    if following is None or following.term is None:
        return (renewal_not_known(asked.running),) if following else _not_running(asked)
    renewed = with_term(renewing, following.term).evolve(auto_renew=False)
    window = grace_window(renewed, policy=asked.policy)
    last_day = window.last_day if window else following.term.last_day
    if window is None and (barred := _no_room(asked)):
        return barred
    stop = Action.TURN_OFF_AUTO_RENEW, "END-003"
    if choice_needed(renewed, asked.policy):
        stop = Action.CHOOSE_CANCELLATION, "EST-003"
    keeps = asked.running.goes_on and asked.running.at_term_end in (None, TermEnd.RENEW)
    keep = asked.step(Action.KEEP_RENEWING, asked.seller, "END-003", asked.a.changeable_from, asked.last_day)
    # While the renewal runs, nothing can be changed (RNW-001).
    end = (min(after(following.term.first_day), following.term.last_day), following.term.last_day)
    first_day = window.first_day if window else end[0]
    later = (*following.findings, term_end(renewed, asked.policy))
    doubts = gather(*(f for f in later if f is not None and f.bearing is Bearing.DOUBT))
    gone = asked.running.offer.discontinued is True
    marks = tuple(dict.fromkeys(f.rule for f in doubts))
    then = (asked.step(stop[0], asked.seller, stop[1], *end), asked.provision(first_day, last_day))
    moves_on = first_day if window else last_day
    risk = asked.risk(renewed, moves_on)
    return asked.part(
        Way.RENEW_AND_WAIT,
        renewed,
        moves_on,
        first_day=asked.as_of,
        last_day=asked.last_day,
        steps=(
            *(() if keeps else (keep,)),
            *(step.evolve(cautions=marks) for step in then),
        ),
        findings=gather(*doubts, not_renewed(asked.running) if gone else None),
        data_loss=max(risk.data_loss, Risk.POSSIBLE) if gone else risk.data_loss,
        risk=risk,
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
