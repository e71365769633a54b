"""The ways that a subscription can go, each asked whether it is open, and what it needs, risks and costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, Final, cast

from .assessment import out_of_extension
from .catalogue import Bearing, Severity
from .days import EARLIEST, LATEST, after
from .errors import InvalidValue
from .findings import Finding, finding, gather
from .model import Channel, Status, TermEnd, Way
from .parts import Charge, OpenWay, RoutePart, Situation
from .policy import EXTENDED_PERCENT, EXTENDED_PERCENT_WITHOUT_MONTHLY, GRACE_DAYS
from .rules.capacity import no_place, waits_for_place
from .rules.ending import (
    When,
    beside_the_original,
    lost_already,
    migrated_by,
    when_to_provision,
)
from .rules.extension import choice_needed, may_not_extend, no_end_to_wait_for, takes_part, term_end
from .rules.lifecycle import ahead, deleted_day, grace_window, when_cancelled
from .rules.partner_change import mid_term_check, no_time_to_migrate, not_renewed, split, still_ends
from .rules.refunds import Actor, cancellation, closes_by_the_hour, refund_window
from .rules.risk import offer_still_sold
from .rules.risk_table import Risk
from .rules.terms import current_term, renewal_not_known, running_term, with_term
from .steps import ENDS_IT, Action, Step, credit_steps

__all__ = ["option_of", "part_of", "placed_until", "said_in_full"]

_IN_GUIDE: Final = (
    *(Way.PROVISION_THEN_EXPIRE, Way.EXPIRE_THEN_REBUY),
    *(Way.CANCEL_AND_REBUY, Way.RENEW_AND_WAIT),
)

# After the last of these, the original is gone, or its term over.
_MAKES_ROOM: Final = {Action.PROVISION, *ENDS_IT}

_NO_ROOM: Final = {Bearing.NO_ROOM, Bearing.BATCHES}

Answer = OpenWay | RoutePart | tuple[Finding, ...]
"""An open way, or what bars it."""


def _not_running(situation: Situation) -> tuple[Finding, ...]:
    return (finding("END-001", "term-over", situation.running.id, last_day=situation.last_day),)


def _no_room(situation: Situation, until: date = LATEST) -> tuple[Finding, ...]:
    """Return why no duplicate can stand beside the original on a day up to `until`; nothing where one can."""
    findings = situation.gate.findings
    if situation.gate.too_many:
        return tuple(f for f in findings if f.bearing is Bearing.EXPIRE_FIRST)
    if situation.place is not None and situation.place <= until:
        return ()
    return gather(*(f for f in findings if f.bearing in _NO_ROOM), _no_place(situation))


def _batches(situation: Situation) -> tuple[Finding, ...]:
    return tuple(f for f in situation.gate.findings if f.bearing is Bearing.BATCHES)


def _no_place(situation: Situation) -> Finding:
    if situation.place is None:
        return no_place(situation.running, situation.gate.most)
    return waits_for_place(situation.running, situation.place)


def _partner_center_transfer(situation: Situation) -> Answer:
    check = mid_term_check(
        situation.transfer, situation.running, situation.planned, situation.as_of, situation.policy
    )
    if not check.allowed:
        return check.findings
    last_day, doubted_day = situation.a.act_by  # it may take days to complete
    consents = (
        situation.step(
            Action.REQUEST_TRANSFER, Actor.DESTINATION_PARTNER, "PCT-001", situation.as_of, last_day
        ),
        situation.step(Action.SUBMIT_TRANSFER, Actor.SOURCE_PARTNER, "PCT-001", situation.as_of, last_day),
    )
    gone = offer_still_sold(situation.running, situation.planned) is False
    stays = gather(still_ends(situation.running), not_renewed(situation.running) if gone else None)
    risk = Risk.POSSIBLE if stays else Risk.NONE
    keep = situation.end_step(Action.KEEP_RENEWING, Actor.DESTINATION_PARTNER, "PCT-002")
    return RoutePart(
        subscription=situation.running.id,
        way=Way.PARTNER_CENTER_TRANSFER,
        available=True,
        first_day=situation.as_of,
        last_day=last_day,
        moves_on=situation.as_of,
        cost=situation.cost(),
        disruption=risk,
        data_loss=risk,
        steps=(
            *(step.evolve(doubted_day=doubted_day) for step in consents),
            *((keep,) if still_ends(situation.running) else ()),
        ),
        findings=gather(*check.findings, split(situation.running, situation.as_of), *stays),
    )


def _provision_then_expire(situation: Situation) -> Answer:
    when = None
    if situation.runs:
        when = beside_the_original(
            situation.running,
            situation.as_of,
            situation.policy,
            chained_day=situation.a.chained_day,
            into_another_tenant=situation.transfer.target_tenant is not None,
        )
    if when is None:
        return _not_running(situation)
    chosen = (
        situation.chosen if situation.chosen is not None and situation.chosen <= situation.last_day else None
    )
    latest = min(when.latest or situation.last_day, situation.a.act_by[0])
    if barred := _no_room(situation, chosen or latest):
        return barred
    # Where another one has its place until then, it waits.
    days, day = (
        (max(when.earliest, situation.placed_from), latest),
        max(when.recommended, situation.placed_from),
    )
    doubted_day = when.doubted_day
    if chosen is not None:
        days, day, doubted_day = (chosen, chosen), chosen, None

    def steps() -> tuple[Step, ...]:
        return *situation.stop(), situation.provision(*days, recommended=day, doubted_day=doubted_day)

    return situation.option(
        Way.PROVISION_THEN_EXPIRE,
        situation.running,
        day,
        first_day=situation.as_of,
        last_day=days[1],
        steps=steps,
    )


def _expire_then_rebuy(situation: Situation) -> Answer:
    running, window = situation.running, grace_window(situation.running, policy=situation.policy)
    if window is None and situation.policy.in_force and running.status is Status.ACTIVE:
        running = running.evolve(at_term_end=TermEnd.CANCEL)  # so that it ends, and does not go on at a price
    deleted = deleted_day(running, situation.policy) or LATEST
    # What runs still leaves its own place to the new one.
    day = max(situation.as_of, after(situation.last_day)) if situation.runs else situation.placed_from
    if situation.chosen is not None:
        day = max(day, situation.chosen)
    in_time = window is not None and day <= window.last_day
    until = window.last_day if window is not None and in_time else after(deleted, -1)
    days = day, until if day <= until else None  # nothing is left to save
    if situation.chosen == day:
        days = day, day
    elif situation.runs and situation.transfer.target_tenant is not None and in_time:
        days = max(situation.as_of, situation.placed_from), until  # early, so that there is time to migrate
    elif not situation.runs and situation.a.provisioning is not None:
        if (situation.place or EARLIEST) > (situation.a.provisioning.latest or LATEST):
            return (_no_place(situation),)
        days = max(situation.a.provisioning.earliest, day), situation.a.provisioning.latest
    stop = situation.stop() if situation.runs else ()

    def steps() -> tuple[Step, ...]:
        return *stop, situation.provision(*days, recommended=day, late=not in_time)

    return situation.option(
        Way.EXPIRE_THEN_REBUY,
        running,
        day,
        first_day=situation.as_of if stop else day,
        last_day=situation.a.act_by[0] if stop else days[1],
        steps=steps,
    )


def _extend_and_move(situation: Situation) -> Answer:
    free = situation.policy.number(GRACE_DAYS, situation.last_day) > 0
    if not situation.runs or situation.running.status is not Status.ACTIVE:
        return _not_running(situation)
    if free or takes_part(situation.running) is False or situation.running.channel is not Channel.CSP:
        return (finding("EST-002", "not-open", situation.running.id, last_day=situation.last_day),)
    if barred := _no_room(situation):  # it goes on for as long as it takes
        return barred
    extended = situation.running.evolve(at_term_end=TermEnd.EXTEND)
    day = max(after(situation.last_day), situation.placed_from)
    if situation.chosen is not None:
        day = max(day, situation.chosen)
    until = day if situation.gate.shared else None  # others wait for its place
    # Into another tenant it goes on for as long as the migration may take.
    migrated = migrated_by(day, into_another_tenant=situation.transfer.target_tenant is not None)
    dearer = EXTENDED_PERCENT if situation.running.offer.monthly else EXTENDED_PERCENT_WITHOUT_MONTHLY
    # Under a policy changed for a what-if, it may be before the first record.
    since = max(after(situation.last_day), situation.policy.history(dearer).first_day)

    def steps() -> tuple[Step, ...]:
        choose = situation.end_step(Action.CHOOSE_EXTENSION, situation.seller, "EST-002")
        return (
            *(() if situation.running.at_term_end is TermEnd.EXTEND else (choose,)),
            situation.provision(day, day if day == situation.chosen else until, "EST-002"),
            situation.end_extension("EST-002", day, until, migrated),
        )

    return situation.option(
        Way.EXTEND_AND_MOVE,
        extended,
        day,
        first_day=situation.as_of,
        last_day=situation.a.act_by[0],
        paid_twice_days=(migrated - day).days + 1,
        charges=_bridged(situation, day, migrated, situation.policy.number(dearer, since)),
        steps=steps,
        findings=lambda: _batches(situation),
        doubt=may_not_extend(situation.running) if takes_part(situation.running) is None else None,
    )


def _bridged(situation: Situation, day: date, last_day: date, percent: int) -> tuple[Charge, ...]:
    """Return what an extension costs: its rate on top on the days that it bridges, and the days that are paid twice."""
    first_day = after(situation.last_day)
    twice = Charge(first_day=day, last_day=last_day, percent=100 + percent)
    if day == first_day:
        return (twice,)
    return Charge(first_day=first_day, last_day=after(day, -1), percent=percent), twice


def _cancel_and_rebuy(situation: Situation) -> Answer:
    """Answer what is bought anew, and then cancelled; the guide lets a customer cancel at any time, without a refund.

    Under a policy of what is in force, the partner can only cancel while that is refunded. What was bought from
    Microsoft the customer cancels itself: support is asked about a credit first, and none is counted on.
    """
    running, asking, when = (
        situation.running,
        credit_steps(situation.a),
        situation.a.asked_at or situation.as_of,
    )
    window = refund_window(running, when, situation.policy)
    refunded = situation.policy.in_force and window is not None and window.is_open
    by_guide = not situation.policy.in_force and running.channel is Channel.CSP
    if not (situation.runs and (refunded or by_guide or asking)):
        said = cancellation(running, when, window, situation.policy)
        return said or (finding("CXL-001", "no-refund-window", running.id),)
    if situation.transfer.target_tenant is not None:
        return (no_time_to_migrate(running),)
    rule, (until, doubted_day) = "END-001", situation.a.act_by
    closes, cautions = None, situation.a.doubts
    if refunded and window is not None:
        rule, (until, doubted_day) = window.rule, window.act_by(situation.as_of)
        closes = closes_by_the_hour(running, window)
        if window.closing_day is not None:  # it is no whole day to act on
            cautions = rule, *cautions
    if barred := _no_room(situation, until):
        return barred
    day = situation.placed_from
    counted: dict[str, Any] = {}
    if refunded:  # from its day on, the original is refunded
        counted = {"paid_twice_days": 1, "charges": (Charge(first_day=day, last_day=day, percent=100),)}

    def steps() -> tuple[Step, ...]:
        buy, cancel = (
            situation.provision(day, until),
            situation.step(Action.CANCEL, situation.seller, rule, day, until),
        )
        return (
            *asking,
            *(step.evolve(cautions=cautions, doubted_day=doubted_day) for step in (buy, cancel)),
        )

    return situation.option(
        Way.CANCEL_AND_REBUY,
        running,
        day,
        first_day=day,
        last_day=until,
        steps=steps,
        findings=lambda: gather(
            *situation.a.refund.findings, closes, when_cancelled(running, situation.policy)
        ),
        **counted,
    )


def _renew_and_wait(situation: Situation) -> Answer:
    if not situation.runs or situation.running.status is not Status.ACTIVE:
        return _not_running(situation)
    # An extended service term ends with it: the terms after a renewal are ordinary ones.
    renewing = situation.running.evolve(auto_renew=True, at_term_end=None, extended=False)
    following = None
    with suppress(InvalidValue):  # beyond the calendar
        following = current_term(renewing, after(situation.last_day))
    if following is None or following.term is None:
        return (renewal_not_known(situation.running),) if following else _not_running(situation)
    renewed = with_term(renewing, following.term)
    next_day, next_end = after(situation.last_day), following.term.last_day
    # From the term that was handed in, as the other reading counts from one to the next.
    own = situation.a.subscription
    if own is not situation.running:
        _, chained_day = running_term(own.evolve(auto_renew=True, at_term_end=None, extended=False), next_day)
    else:
        _, chained_day = running_term(renewing, next_day)
    maybe = when_to_provision(
        renewed,
        next_day,
        situation.policy,
        ahead(renewed, situation.policy),
        chained_day=chained_day,
        into_another_tenant=situation.transfer.target_tenant is not None,
    )
    when = cast(When, maybe)  # an active subscription before its end has days
    beside = when.earliest <= next_end
    if beside and (barred := _no_room(situation, when.latest or next_end)):
        return barred
    # While the renewal runs, nothing can be changed (RNW-001).
    end = (min(after(following.term.first_day), chained_day or next_end), chained_day or next_end)
    first_day = max(end[0], when.earliest, situation.placed_from if beside else when.earliest)
    moves_on = max(when.recommended, first_day)
    gone = situation.running.offer.discontinued is True
    renewal = following.findings

    def doubts() -> tuple[Finding, ...]:
        said = (*renewal, term_end(renewed, situation.policy))
        return gather(*(f for f in said if f is not None and f.bearing is Bearing.DOUBT))

    def steps() -> tuple[Step, ...]:
        stop, rule = Action.TURN_OFF_AUTO_RENEW, "END-003"
        if choice_needed(renewed, situation.policy):
            stop, rule = Action.CHOOSE_CANCELLATION, "EST-003"
        keeps = situation.running.goes_on and situation.running.at_term_end in (None, TermEnd.RENEW)
        keep = situation.end_step(Action.KEEP_RENEWING, situation.seller, "END-003")
        then = (
            situation.step(stop, situation.seller, rule, *end).evolve(
                doubted_day=next_end if chained_day is not None else None
            ),
            situation.provision(first_day, when.latest, recommended=moves_on, doubted_day=when.doubted_day),
        )
        marks = tuple(dict.fromkeys(f.rule for f in doubts()))
        return *(() if keeps else (keep,)), *(step.evolve(cautions=marks) for step in then)

    return situation.option(
        Way.RENEW_AND_WAIT,
        renewed,
        moves_on,
        first_day=situation.as_of,
        last_day=situation.a.act_by[0],
        chained_day=chained_day,
        steps=steps,
        findings=lambda: gather(*doubts(), not_renewed(situation.running) if gone else None),
        loses=gone,
    )


_WAYS: Final[dict[Way, Callable[[Situation], Answer]]] = {
    Way.PARTNER_CENTER_TRANSFER: _partner_center_transfer,
    Way.PROVISION_THEN_EXPIRE: _provision_then_expire,
    Way.EXPIRE_THEN_REBUY: _expire_then_rebuy,
    Way.EXTEND_AND_MOVE: _extend_and_move,
    Way.CANCEL_AND_REBUY: _cancel_and_rebuy,
    Way.RENEW_AND_WAIT: _renew_and_wait,
}


def _out_of_extension(situation: Situation, way: Way) -> Answer:
    """Return the one way out of an extended service term that has no end of its own: at once, and then it is ended."""
    if way is not out_of_extension(situation.policy):
        return (no_end_to_wait_for(situation.running),)
    if barred := _no_room(situation, situation.chosen or LATEST):  # it goes on for as long as it takes
        return barred
    day = situation.chosen or situation.placed_from
    until = day if situation.gate.shared else None  # others wait for its place
    migrated = migrated_by(day, into_another_tenant=situation.transfer.target_tenant is not None)

    def steps() -> tuple[Step, ...]:
        first_day = max(day, situation.as_of)
        return (
            situation.provision(day, situation.chosen or until),
            situation.end_extension("EST-005", first_day, until, max(first_day, migrated)),
        )

    return situation.option(
        way,
        situation.running,
        day,
        first_day=situation.as_of,
        last_day=situation.chosen,
        steps=steps,
        findings=lambda: _batches(situation),
    )


def part_of(situation: Situation, way: Way) -> RoutePart:
    """Ask whether a way is open to a subscription, and what it does."""
    return said_in_full(option_of(situation, way))


def said_in_full(option: OpenWay | RoutePart) -> RoutePart:
    """Return a way with its steps and reasons."""
    return option.part() if isinstance(option, OpenWay) else option


def option_of(situation: Situation, way: Way) -> OpenWay | RoutePart:
    """Ask whether a way is open to a subscription; what it needs and why is said later, unless it is closed."""
    subject = situation.running.id
    undated = situation.a.undated_by
    answer: Answer
    if not situation.gate.feasible:
        answer = tuple(f for f in situation.gate.findings if f.severity is Severity.BLOCKER)
    elif undated is not None or situation.a.term is None:
        answer = gather(undated)
    elif (lost := lost_already(situation.running, situation.as_of, situation.policy)) is not None:
        answer = (lost,)  # no way is better for it than another
    elif situation.place is None and not (situation.runs and situation.transfer.target_tenant is None):
        answer = (_no_place(situation),)  # nothing makes room for it
    elif way not in _IN_GUIDE and not situation.policy.in_force:
        answer = (finding("END-001", "not-in-guide", subject),)
    elif situation.running.runs_on and way is not Way.PARTNER_CENTER_TRANSFER:
        answer = _out_of_extension(situation, way)
    else:
        answer = _WAYS[way](situation)
    if not isinstance(answer, tuple):
        return answer
    return RoutePart(subscription=subject, way=way, available=False, findings=answer)


def placed_until(situation: Situation, part: RoutePart) -> date | None:
    """Return through which day an open way takes a place of the tenant's; None: it takes none, `LATEST`: for good.

    What follows its original takes the place that the original leaves. What stands beside it takes one until the
    original is gone; in another tenant, and where the original is gone already, that never comes.
    """
    if part.way is Way.PARTNER_CENTER_TRANSFER:
        return None
    if situation.transfer.target_tenant is not None or not (situation.runs or situation.running.runs_on):
        return LATEST
    if situation.running.runs_on:
        return max(step.last_day or LATEST for step in part.steps if step.action in _MAKES_ROOM)
    if part.way is Way.PROVISION_THEN_EXPIRE:
        return situation.last_day
    if part.way is Way.EXPIRE_THEN_REBUY or (part.way is Way.RENEW_AND_WAIT and part.grace_window):
        return None
    return max(step.last_day or LATEST for step in part.steps if step.action in _MAKES_ROOM)
