"""What the move does: the replacement and its day, the risk table, what comes back; `rules.risk` and `refunds`."""

from __future__ import annotations

from typing import Any

from ..model import Channel, Status
from ..policy import BACKUP_DAYS, CANCELLATION_DAYS, GRACE_DAYS, Policy
from ..rules.ending import MIGRATION
from ..rules.extension import RUNS_OUT, AfterTerm
from ..rules.lifecycle import State
from ..rules.risk import BILLED
from ..rules.risk_table import (
    COUNTS,
    DOUBTS,
    FACTS_MISSING,
    MOMENTS,
    OFFERS,
    REPLACED,
    SALE,
    TENANTS,
    Cancellation,
    Change,
    Relation,
    Risk,
)
from ..rules.terms import MAY_RENEW
from .course import courses, ends_of, grace_contradicted, records, states_on, the_earlier, value_in
from .rows import Rows
from .tables import Condition, Fact, all_of, any_of, flag, holds, negated, one_of

__all__ = ["note_doubts", "note_refund", "note_replacement", "note_risk"]


def note_replacement(rows: Rows, policy: Policy) -> None:
    """Note what replaces the subscription and when, as `assess` plans it; the day that is judged is known or not."""
    same_offer = any_of(negated(rows.new_offer_known), rows.id_key(rows.new_offer) == rows.id_key(rows.offer))
    rows.note(
        planned=all_of(rows.ok, one_of(rows.replaced, {True}), one_of(rows.trial, {False})),
        same_offer=same_offer,
        quantity_then=rows.pick((rows.new_quantity_known, rows.new_quantity), otherwise=rows.quantity),
    )
    rows.note(
        chosen=all_of(rows.planned, rows.provision_on_known),
        moved=all_of(rows.planned, rows.quantity_then > 0),
        licences=all_of(rows.planned, any_of(rows.quantity_then > 0, rows.quantity == 0)),
        recommended_known=all_of(rows.planned, rows.provisioned),
        day=rows.pick((rows.provision_on_known, rows.provision_on), otherwise=rows.recommended),
    )
    rows.note(
        day_known=any_of(rows.chosen, rows.recommended_known),
        # Without dates, a chosen day cannot be judged either: it must not look safe.
        day_given=all_of(rows.dated, negated(rows.outdated), any_of(rows.chosen, rows.recommended_known)),
        risk_known=all_of(
            rows.ok,
            any_of(rows.quantity > 0, all_of(rows.assigned_known, rows.assigned > 0), rows.moved),
        ),
        day_after_term=rows.day > rows.running_last_day,
    )
    extends = all_of(
        policy.in_force,
        negated(rows.runs_on),
        rows.after_term.get(AfterTerm.EXTENDED, False),
        rows.day_after_term,
    )
    rows.note(
        bridges=all_of(extends, rows.can_bridge),
        bridged=all_of(extends, rows.can_bridge, rows.moved, rows.chosen),
    )
    rows.note(
        auto_renew_off=all_of(
            rows.term_known,
            negated(rows.bridged),
            negated(rows.runs_on),
            one_of(rows.status, MAY_RENEW),
            negated(rows.running_ended),
            rows.running_goes_on,
        )
    )
    rows.note(off_by=_turned_off_by(rows))
    rows.note(off_by_later=rows.running_last_day + rows.longer)
    rows.note(off_doubted=all_of(rows.auto_renew_off, rows.off_by < rows.off_by_later))


def _turned_off_by(rows: Rows) -> Any:
    """Return the day by which auto-renew must be off: the earlier of two readings, until it has passed."""
    return rows.pick(
        (rows.disputed, the_earlier(rows, rows.chained_last_day, rows.running_last_day)),
        otherwise=rows.running_last_day,
    )


def note_risk(rows: Rows, policy: Policy) -> None:
    """Note each risk: in the dimensions of its table the highest wins."""
    facts = _risk_facts(rows, policy)
    tables = (SALE, OFFERS, COUNTS, FACTS_MISSING, MOMENTS, TENANTS, DOUBTS)

    def when(wanted: Any) -> Condition:
        effects = any_of(*(holds(table, facts, wanted) for table in tables))
        return all_of(rows.risk_known, any_of(holds(REPLACED, facts, wanted), all_of(rows.licences, effects)))

    in_doubt = all_of(
        rows.risk_known, rows.bridges, rows.day_given, rows.licences, rows.takes_part.get(None, False)
    )
    rows.note(
        disruption={
            Risk.CERTAIN: when(lambda effect: effect.disruption is Risk.CERTAIN),
            Risk.POSSIBLE: any_of(in_doubt, when(lambda effect: effect.disruption is Risk.POSSIBLE)),
        },
        data_loss={
            Risk.CERTAIN: when(lambda effect: effect.data_loss is Risk.CERTAIN),
            Risk.POSSIBLE: any_of(in_doubt, when(lambda effect: effect.data_loss is Risk.POSSIBLE)),
        },
        reassign_licenses=when(lambda effect: effect.reassign_licenses),
        billed_from=rows.pick((rows.day > rows.origin, rows.day), otherwise=rows.origin),
    )
    billed = all_of(rows.licences, rows.day_given, one_of(rows.status, BILLED))
    beside = any_of(rows.runs_on, rows.bridged)
    rows.note(
        twice=all_of(billed, any_of(beside, rows.billed_from <= rows.running_last_day)),
        # An extended service term is ended when the new one serves, or when the data is migrated.
        days_twice=rows.pick(
            (all_of(beside, negated(rows.into_another)), 1),
            (beside, MIGRATION.days + 1),
            otherwise=rows.running_last_day - rows.billed_from + 1,
        ),
    )


def _risk_facts(rows: Rows, policy: Policy) -> dict[str, Fact]:
    state = _states_on_the_day(rows, policy)
    sold = one_of(rows.new_discontinued, {False}), all_of(rows.same_offer, one_of(rows.discontinued, {False}))
    gone = one_of(rows.new_discontinued, {True}), all_of(rows.same_offer, one_of(rows.discontinued, {True}))
    equivalent = all_of(negated(rows.same_offer), one_of(rows.equivalent, {True}))
    return {
        "replaced": {False: negated(rows.licences), True: rows.licences},
        "trial": rows.trial,
        "still_sold": {
            False: any_of(*gone),
            True: all_of(negated(any_of(*gone)), any_of(*sold)),
            None: negated(any_of(*gone, *sold)),
        },
        "new_offer": {
            Relation.SAME: rows.same_offer,
            Relation.EQUIVALENT: equivalent,
            Relation.DIFFERENT: negated(any_of(rows.same_offer, equivalent)),
        },
        "old_discontinued": rows.discontinued,
        "count": {
            Change.FEWER: rows.quantity_then < rows.quantity,
            Change.SAME: rows.quantity_then == rows.quantity,
            Change.MORE: rows.quantity_then > rows.quantity,
        },
        "below_assigned": flag(all_of(rows.assigned_known, rows.quantity_then < rows.assigned)),
        "cancellation": _cancellation(rows, policy),
        "state_on_the_day": {**state, None: negated(any_of(*state.values()))},
        "status": rows.status,
        "into_another_tenant": rows.into_another_tenant,
        "in_doubt": flag(
            all_of(rows.day_given, rows.safe_day < rows.grace_last_day, rows.day > rows.safe_day)
        ),
        "day_given": flag(rows.day_given),
        "status_clear": flag(all_of(negated(rows.unclear), negated(rows.interrupted))),
    }


def _cancellation(rows: Rows, policy: Policy) -> Fact:
    """Return what a cancellation of the original means, as `risk` tells."""
    canceled = one_of(rows.status, {Status.CANCELED})
    compared = all_of(canceled, rows.day_given, rows.canceled_on_known)
    backed_up = rows.canceled_on + value_in(rows, records(BACKUP_DAYS, policy, rows.running_last_day))
    replaced_first = all_of(compared, rows.day < rows.canceled_on)
    over = all_of(compared, negated(replaced_first), rows.day >= backed_up)
    return {
        Cancellation.NONE: any_of(negated(canceled), replaced_first),
        Cancellation.BACKUP_OVER: over,
        Cancellation.BACKUP_OPEN: all_of(canceled, negated(replaced_first), negated(over)),
    }


def _states_on_the_day(rows: Rows, policy: Policy) -> dict[State, Condition]:
    after_term, ends = rows.after_term, rows.ends
    if policy.in_force:  # what cannot be bridged is kept from going on
        kept = all_of(after_term[AfterTerm.EXTENDED], negated(rows.can_bridge))
        after_term = {
            **after_term,
            AfterTerm.EXTENDED: all_of(after_term[AfterTerm.EXTENDED], rows.can_bridge),
            AfterTerm.AT_ONCE: any_of(after_term[AfterTerm.AT_ONCE], kept),
        }
        rows.note(after_term_then=after_term)
        after_term = rows.after_term_then
        rows.note(ends_then=ends_of(rows, courses(rows, after_term), policy))
        ends = rows.ends_then
    states = states_on(rows.day, rows, courses(rows, after_term), ends)
    rows.note(state_then={state: all_of(rows.day_given, then) for state, then in states.items()})
    return dict(rows.state_then)


def note_refund(rows: Rows, policy: Policy) -> None:
    """Note what comes back when the subscription ends early, as `refund_advice` tells."""
    facts = {
        "channel": rows.channel,
        "trial": rows.trial,
        "delegated_admin": rows.delegated_admin,
        "cancellation_refunded": flag(_refunded(rows, policy) if policy.in_force else False),
    }
    rows.note(refund=facts)


def _refunded(rows: Rows, policy: Policy) -> Condition:
    """Return when a cancellation on the day is refunded, as `refund_window` tells."""
    cancellable = all_of(
        one_of(rows.status, {Status.ACTIVE, Status.SUSPENDED}),
        negated(rows.running_ended),
        one_of(rows.channel, {Channel.CSP}),
        one_of(rows.trial, {False}),
        any_of(rows.later, one_of(rows.extended, {False})),
    )
    # What the service gives holds for the term that it was given in.
    given = all_of(rows.cancellation_allowed_until_known, negated(rows.later))
    first_day = rows.running_first_day
    days = value_in(rows, records(CANCELLATION_DAYS, policy, first_day))
    on_that_day = rows.as_of == rows.cancellation_allowed_until
    still = any_of(
        rows.as_of < rows.cancellation_allowed_until,
        all_of(on_that_day, rows.as_of_time < rows.cancellation_allowed_until_time),
    )
    rows.note(
        cancellable=cancellable,
        open_by_service=all_of(given, still),
        open_by_rule=all_of(
            negated(given),
            one_of(rows.legacy, {False}),
            # A renewal has a window of its own, unless it is of a third party's offer.
            any_of(
                one_of(rows.window_known, {True}),
                all_of(rows.later, negated(one_of(rows.extended_service, {False}))),
            ),
            # On the day after the sure ones, it closes at some hour.
            rows.as_of <= first_day + days,
        ),
    )
    return all_of(cancellable, rows.as_of >= first_day, any_of(rows.open_by_service, rows.open_by_rule))


def note_doubts(rows: Rows, policy: Policy) -> None:
    """Note by which rules the days may be others, or are not known."""
    too_late = all_of(rows.said_too_late, rows.moved, negated(rows.chosen))
    after_term = all_of(rows.risk_known, rows.licences, rows.day_given, rows.day_after_term)
    stated = policy.number(GRACE_DAYS, policy.notes.known_from)
    shorter = [condition for condition, days in grace_contradicted(rows, policy) if days < stated]
    rows.note(
        free_window_ended=all_of(
            any_of(*shorter),
            one_of(rows.trial, {False}),
            one_of(rows.status, RUNS_OUT),
            negated(rows.runs_on),
            any_of(rows.window, too_late, after_term),
        ),
        turned_paid=all_of(
            one_of(rows.trial, {True}), one_of(rows.status, {Status.ACTIVE}), rows.goes_on, rows.ended
        ),
    )
