"""The ways that a subscription can go, each asked whether it is open, and what it needs, risks and costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, Final, cast

from .assessment import out_of_extension
from .catalogue import Bearing, Severity
from .errors import InvalidValue
from .findings import Finding, finding, gather
from .model import Channel, Status, TermEnd, Way
from .parts import Asked, Charge, OpenWay, RoutePart
from .policy import EXTENDED_PERCENT, EXTENDED_PERCENT_WITHOUT_MONTHLY, GRACE_DAYS
from .rules.ending import (
    When,
    beside_the_original,
    lost_already,
    migrated_by,
    when_to_provision,
)
from .rules.lifecycle import ahead, deleted_day, grace_window, when_cancelled
from .rules.mid_term import mid_term_check, not_renewed, split, still_ends
from .rules.places import no_place, waits_for_place
from .rules.refunds import Actor, cancellation, closes_by_the_hour, refund_window
from .rules.relationship import no_time_to_migrate
from .rules.risk import offer_still_sold
from .rules.risk_table import Risk
from .rules.term_end import choice_needed, may_not_extend, no_end_to_wait_for, takes_part, term_end
from .rules.terms import current_term, renewal_not_known, running_term, with_term
from .spans import EARLIEST, LATEST, after
from .steps import ENDS_IT, Action, Step, credit_steps

__all__ = ["option_of", "part_of", "placed_until", "said_in_full"]

_IN_GUIDE: Final = (
    *(Way.PROVISION_THEN_EXPIRE, Way.EXPIRE_THEN_REBUY),
    *(Way.CANCEL_AND_REBUY, Way.RENEW_AND_WAIT),
)

# After the last of these, the original is gone, or its term over.
_MAKES_ROOM: Final = {Action.PROVISION, *ENDS_IT}

Answer = OpenWay | RoutePart | tuple[Finding, ...]
"""An open way, or what bars it."""


def _not_running(asked: Asked) -> tuple[Finding, ...]:
    return (finding("END-001", "term-over", asked.running.id, last_day=asked.last_day),)


def _no_room(asked: Asked, until: date = LATEST) -> tuple[Finding, ...]:
    """Return why no duplicate can stand beside the original on a day up to `until`; nothing where one can."""
    findings = asked.gate.findings
    if asked.gate.too_many:
        return tuple(f for f in findings if f.case == "over")
    if asked.place is not None and asked.place <= until:
        return ()
    return gather(*(f for f in findings if f.case in ("no-room", "batches", "at-least")), _no_place(asked))


def _batches(asked: Asked) -> tuple[Finding, ...]:
    return tuple(f for f in asked.gate.findings if f.case == "batches")


def _no_place(asked: Asked) -> Finding:
    if asked.place is None:
        return no_place(asked.running, asked.gate.most)
    return waits_for_place(asked.running, asked.place)


def _partner_center_transfer(asked: Asked) -> Answer:
    check = mid_term_check(asked.transfer, asked.running, asked.planned, asked.as_of, asked.policy)
    if not check.allowed:
        return check.findings
    last_day, doubted_day = asked.act_by  # it may take days to complete
    consents = (
        asked.step(Action.REQUEST_TRANSFER, Actor.DESTINATION_PARTNER, "PCT-001", asked.as_of, last_day),
        asked.step(Action.SUBMIT_TRANSFER, Actor.SOURCE_PARTNER, "PCT-001", asked.as_of, last_day),
    )
    gone = offer_still_sold(asked.running, asked.planned) is False
    stays = gather(still_ends(asked.running), not_renewed(asked.running) if gone else None)
    risk = Risk.POSSIBLE if stays else Risk.NONE
    keep = asked.end_step(Action.KEEP_RENEWING, Actor.DESTINATION_PARTNER, "PCT-002")
    return RoutePart(
        subscription=asked.running.id,
        way=Way.PARTNER_CENTER_TRANSFER,
        available=True,
        first_day=asked.as_of,
        last_day=last_day,
        moves_on=asked.as_of,
        cost=asked.cost(),
        disruption=risk,
        data_loss=risk,
        steps=(
            *(step.evolve(doubted_day=doubted_day) for step in consents),
            *((keep,) if still_ends(asked.running) else ()),
        ),
        findings=gather(*check.findings, split(asked.running, asked.as_of), *stays),
    )


def _provision_then_expire(asked: Asked) -> Answer:
    when = None
    if asked.runs:
        when = beside_the_original(
            asked.running,
            asked.as_of,
            asked.policy,
            chained_day=asked.a.chained_day,
            into_another_tenant=asked.transfer.target_tenant is not None,
        )
    if when is None:
        return _not_running(asked)
    chosen = asked.chosen if asked.chosen is not None and asked.chosen <= asked.last_day else None
    latest = min(when.latest or asked.last_day, asked.act_by[0])
    if barred := _no_room(asked, chosen or latest):
        return barred
    # Where another one has its place until then, it waits.
    days, day = (max(when.earliest, asked.placed_from), latest), max(when.recommended, asked.placed_from)
    doubted_day = when.doubted_day
    if chosen is not None:
        days, day, doubted_day = (chosen, chosen), chosen, None

    def steps() -> tuple[Step, ...]:
        return *asked.stop(), asked.provision(*days, recommended=day, doubted_day=doubted_day)

    return asked.option(
        Way.PROVISION_THEN_EXPIRE,
        asked.running,
        day,
        first_day=asked.as_of,
        last_day=days[1],
        steps=steps,
    )


def _expire_then_rebuy(asked: Asked) -> Answer:
    running, window = asked.running, grace_window(asked.running, policy=asked.policy)
    if window is None and asked.policy.in_force and running.status is Status.ACTIVE:
        running = running.evolve(at_term_end=TermEnd.CANCEL)  # so that it ends, and does not go on at a price
    deleted = deleted_day(running, asked.policy) or LATEST
    # What runs still leaves its own place to the new one.
    day = max(asked.as_of, after(asked.last_day)) if asked.runs else asked.placed_from
    if asked.chosen is not None:
        day = max(day, asked.chosen)
    in_time = window is not None and day <= window.last_day
    until = window.last_day if window is not None and in_time else after(deleted, -1)
    days = day, until if day <= until else None  # nothing is left to save
    if asked.chosen == day:
        days = day, day
    elif asked.runs and asked.transfer.target_tenant is not None and in_time:
        days = max(asked.as_of, asked.placed_from), until  # early, so that there is time to migrate
    elif not asked.runs and asked.a.provisioning is not None:
        if (asked.place or EARLIEST) > (asked.a.provisioning.latest or LATEST):
            return (_no_place(asked),)
        days = max(asked.a.provisioning.earliest, day), asked.a.provisioning.latest
    stop = asked.stop() if asked.runs else ()

    def steps() -> tuple[Step, ...]:
        return *stop, asked.provision(*days, recommended=day, late=not in_time)

    return asked.option(
        Way.EXPIRE_THEN_REBUY,
        running,
        day,
        first_day=asked.as_of if stop else day,
        last_day=asked.act_by[0] if stop else days[1],
        steps=steps,
    )


def _extend_and_move(asked: Asked) -> Answer:
    free = asked.policy.number(GRACE_DAYS, asked.last_day) > 0
    if not asked.runs or asked.running.status is not Status.ACTIVE:
        return _not_running(asked)
    if free or takes_part(asked.running) is False or asked.running.channel is not Channel.CSP:
        return (finding("EST-002", "not-open", asked.running.id, last_day=asked.last_day),)
    if barred := _no_room(asked):  # it goes on for as long as it takes
        return barred
    extended = asked.running.evolve(at_term_end=TermEnd.EXTEND)
    day = max(after(asked.last_day), asked.placed_from)
    if asked.chosen is not None:
        day = max(day, asked.chosen)
    until = day if asked.gate.shared else None  # others wait for its place
    # Into another tenant it goes on for as long as the migration may take.
    migrated = migrated_by(day, into_another_tenant=asked.transfer.target_tenant is not None)
    dearer = EXTENDED_PERCENT if asked.running.offer.monthly else EXTENDED_PERCENT_WITHOUT_MONTHLY
    # Under a policy changed for a what-if, it may be before the first record.
    since = max(after(asked.last_day), asked.policy.history(dearer).first_day)

    def steps() -> tuple[Step, ...]:
        choose = asked.end_step(Action.CHOOSE_EXTENSION, asked.seller, "EST-002")
        return (
            *(() if asked.running.at_term_end is TermEnd.EXTEND else (choose,)),
            asked.provision(day, day if day == asked.chosen else until, "EST-002"),
            asked.end_extension("EST-002", day, until, migrated),
        )

    return asked.option(
        Way.EXTEND_AND_MOVE,
        extended,
        day,
        first_day=asked.as_of,
        last_day=asked.act_by[0],
        paid_twice_days=(migrated - day).days + 1,
        charges=_bridged(asked, day, migrated, asked.policy.number(dearer, since)),
        steps=steps,
        findings=lambda: _batches(asked),
        doubt=may_not_extend(asked.running) if takes_part(asked.running) is None else None,
    )


def _bridged(asked: Asked, day: date, last_day: date, percent: int) -> tuple[Charge, ...]:
    """Return what an extension costs: its rate on top on the days that it bridges, and the days that are paid twice."""
    first_day = after(asked.last_day)
    twice = Charge(first_day=day, last_day=last_day, percent=100 + percent)
    if day == first_day:
        return (twice,)
    return Charge(first_day=first_day, last_day=after(day, -1), percent=percent), twice


def _cancel_and_rebuy(asked: Asked) -> Answer:
    """Answer what is bought anew, and then cancelled; the guide lets a customer cancel at any time, without a refund.

    Under a policy of what is in force, the partner can only cancel while that is refunded. What was bought from
    Microsoft the customer cancels itself: support is asked about a credit first, and none is counted on.
    """
    running, asking, when = asked.running, credit_steps(asked.a), asked.a.asked_at or asked.as_of
    window = refund_window(running, when, asked.policy)
    refunded = asked.policy.in_force and window is not None and window.is_open
    by_guide = not asked.policy.in_force and running.channel is Channel.CSP
    if not (asked.runs and (refunded or by_guide or asking)):
        said = cancellation(running, when, window, asked.policy)
        return said or (finding("CXL-001", "no-refund-window", running.id),)
    if asked.transfer.target_tenant is not None:
        return (no_time_to_migrate(running),)
    rule, (until, doubted_day) = "END-001", asked.act_by
    closes, cautions = None, asked.a.doubts
    if refunded and window is not None:
        rule, (until, doubted_day) = window.rule, window.act_by(asked.as_of)
        closes = closes_by_the_hour(running, window)
        if window.closing_day is not None:  # it is no whole day to act on
            cautions = rule, *cautions
    if barred := _no_room(asked, until):
        return barred
    day = asked.placed_from
    counted: dict[str, Any] = {}
    if refunded:  # from its day on, the original is refunded
        counted = {"paid_twice_days": 1, "charges": (Charge(first_day=day, last_day=day, percent=100),)}

    def steps() -> tuple[Step, ...]:
        buy, cancel = asked.provision(day, until), asked.step(Action.CANCEL, asked.seller, rule, day, until)
        return (
            *asking,
            *(step.evolve(cautions=cautions, doubted_day=doubted_day) for step in (buy, cancel)),
        )

    return asked.option(
        Way.CANCEL_AND_REBUY,
        running,
        day,
        first_day=day,
        last_day=until,
        steps=steps,
        findings=lambda: gather(*asked.a.refund.findings, closes, when_cancelled(running, asked.policy)),
        **counted,
    )


def _renew_and_wait(asked: Asked) -> Answer:
    if not asked.runs or asked.running.status is not Status.ACTIVE:
        return _not_running(asked)
    # An extended service term ends with it: the terms after a renewal are ordinary ones.
    renewing = asked.running.evolve(auto_renew=True, at_term_end=None, extended=False)
    following = None
    with suppress(InvalidValue):  # beyond the calendar
        following = current_term(renewing, after(asked.last_day))
    if following is None or following.term is None:
        return (renewal_not_known(asked.running),) if following else _not_running(asked)
    renewed = with_term(renewing, following.term).evolve(auto_renew=False)
    next_day, next_end = after(asked.last_day), following.term.last_day
    # From the term that was handed in, as the other reading counts from one to the next.
    own = asked.a.subscription
    if own is not asked.running:
        _, chained_day = running_term(own.evolve(auto_renew=True, at_term_end=None, extended=False), next_day)
    else:
        _, chained_day = running_term(renewing, next_day)
    maybe = when_to_provision(
        renewed,
        next_day,
        asked.policy,
        ahead(renewed, asked.policy),
        chained_day=chained_day,
        into_another_tenant=asked.transfer.target_tenant is not None,
    )
    when = cast(When, maybe)  # an active subscription before its end has days
    beside = when.earliest <= next_end
    if beside and (barred := _no_room(asked, when.latest or next_end)):
        return barred
    # While the renewal runs, nothing can be changed (RNW-001).
    end = (min(after(following.term.first_day), chained_day or next_end), chained_day or next_end)
    first_day = max(end[0], when.earliest, asked.placed_from if beside else when.earliest)
    moves_on = max(when.recommended, first_day)
    gone = asked.running.offer.discontinued is True
    renewal = following.findings

    def doubts() -> tuple[Finding, ...]:
        said = (*renewal, term_end(renewed, asked.policy))
        return gather(*(f for f in said if f is not None and f.bearing is Bearing.DOUBT))

    def steps() -> tuple[Step, ...]:
        stop, rule = Action.TURN_OFF_AUTO_RENEW, "END-003"
        if choice_needed(renewed, asked.policy):
            stop, rule = Action.CHOOSE_CANCELLATION, "EST-003"
        keeps = asked.running.goes_on and asked.running.at_term_end in (None, TermEnd.RENEW)
        keep = asked.end_step(Action.KEEP_RENEWING, asked.seller, "END-003")
        then = (
            asked.step(stop, asked.seller, rule, *end).evolve(
                doubted_day=next_end if chained_day is not None else None
            ),
            asked.provision(first_day, when.latest, recommended=moves_on, doubted_day=when.doubted_day),
        )
        marks = tuple(dict.fromkeys(f.rule for f in doubts()))
        return *(() if keeps else (keep,)), *(step.evolve(cautions=marks) for step in then)

    return asked.option(
        Way.RENEW_AND_WAIT,
        renewed,
        moves_on,
        first_day=asked.as_of,
        last_day=asked.act_by[0],
        chained_day=chained_day,
        steps=steps,
        findings=lambda: gather(*doubts(), not_renewed(asked.running) if gone else None),
        loses=gone,
    )


_WAYS: Final[dict[Way, Callable[[Asked], Answer]]] = {
    Way.PARTNER_CENTER_TRANSFER: _partner_center_transfer,
    Way.PROVISION_THEN_EXPIRE: _provision_then_expire,
    Way.EXPIRE_THEN_REBUY: _expire_then_rebuy,
    Way.EXTEND_AND_MOVE: _extend_and_move,
    Way.CANCEL_AND_REBUY: _cancel_and_rebuy,
    Way.RENEW_AND_WAIT: _renew_and_wait,
}


def _out_of_extension(asked: Asked, way: Way) -> Answer:
    """Return the one way out of an extended service term that has no end of its own: at once, and then it is ended."""
    if way is not out_of_extension(asked.policy):
        return (no_end_to_wait_for(asked.running),)
    if barred := _no_room(asked, asked.chosen or LATEST):  # it goes on for as long as it takes
        return barred
    day = asked.chosen or asked.placed_from
    until = day if asked.gate.shared else None  # others wait for its place
    migrated = migrated_by(day, into_another_tenant=asked.transfer.target_tenant is not None)

    def steps() -> tuple[Step, ...]:
        first_day = max(day, asked.as_of)
        return (
            asked.provision(day, asked.chosen or until),
            asked.end_extension("EST-005", first_day, until, max(first_day, migrated)),
        )

    return asked.option(
        way,
        asked.running,
        day,
        first_day=asked.as_of,
        last_day=asked.chosen,
        steps=steps,
        findings=lambda: _batches(asked),
    )


def part_of(asked: Asked, way: Way) -> RoutePart:
    """Ask whether a way is open to a subscription, and what it does."""
    return said_in_full(option_of(asked, way))


def said_in_full(option: OpenWay | RoutePart) -> RoutePart:
    """Return a way with its steps and reasons."""
    return option.part() if isinstance(option, OpenWay) else option


def option_of(asked: Asked, way: Way) -> OpenWay | RoutePart:
    """Ask whether a way is open to a subscription; what it needs and why is said later, unless it is closed."""
    subject = asked.running.id
    blockers = tuple(f for f in asked.gate.findings if f.severity is Severity.BLOCKER)
    undated = asked.a.undated_by
    answer: Answer
    if not asked.gate.feasible:
        answer = blockers
    elif undated is not None or asked.a.term is None:
        answer = gather(undated)
    elif (lost := lost_already(asked.running, asked.as_of, asked.policy)) is not None:
        answer = (lost,)  # no way is better for it than another
    elif asked.place is None and not (asked.runs and asked.transfer.target_tenant is None):
        answer = (_no_place(asked),)  # nothing makes room for it
    elif way not in _IN_GUIDE and not asked.policy.in_force:
        answer = (finding("END-001", "not-in-guide", subject),)
    elif asked.running.runs_on and way is not Way.PARTNER_CENTER_TRANSFER:
        answer = _out_of_extension(asked, way)
    else:
        answer = _WAYS[way](asked)
    if not isinstance(answer, tuple):
        return answer
    return RoutePart(subscription=subject, way=way, available=False, findings=answer)


def placed_until(asked: Asked, part: RoutePart) -> date | None:
    """Return through which day an open way takes a place of the tenant's; None: it takes none, `LATEST`: for good.

    What follows its original takes the place that the original leaves. What stands beside it takes one until the
    original is gone; in another tenant, and where the original is gone already, that never comes.
    """
    if part.way is Way.PARTNER_CENTER_TRANSFER:
        return None
    if asked.transfer.target_tenant is not None or not (asked.runs or asked.running.runs_on):
        return LATEST
    if asked.running.runs_on:
        return max(step.last_day or LATEST for step in part.steps if step.action in _MAKES_ROOM)
    if part.way is Way.PROVISION_THEN_EXPIRE:
        return asked.last_day
    if part.way is Way.EXPIRE_THEN_REBUY or (part.way is Way.RENEW_AND_WAIT and part.grace_window):
        return None
    return max(step.last_day or LATEST for step in part.steps if step.action in _MAKES_ROOM)
