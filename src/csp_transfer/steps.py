"""What is to be done, by whom and when: steps, the deadlines that they make, and which of them are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import partial
from typing import Any, Final

from attrs import field, frozen

from . import checks
from .assessment import Assessment
from .days import LATEST
from .errors import InvalidValue
from .model import Channel, Subscription
from .plain import Plain, Word
from .policy import TRANSFER_ITEMS, Policy
from .rules.extension import choice_needed
from .rules.refunds import Actor, Contact, Outcome
from .texts import id_key

__all__ = [
    "ENDS_IT",
    "Action",
    "Deadline",
    "Selection",
    "Step",
    "assign_step",
    "by_request",
    "credit_steps",
    "end_extension_step",
    "end_step",
    "later_of",
    "provision_step",
    "seller_of",
    "stop_step",
]


class Action(Word):
    """What a step does. The first four come first among all that can be done from the same day on."""

    REQUEST_RELATIONSHIP = "request_relationship"
    ACCEPT_RELATIONSHIP = "accept_relationship"
    FIND_OUT = "find_out"
    BACK_UP = "back_up"
    TURN_OFF_AUTO_RENEW = "turn_off_auto_renew"
    UNDO_SCHEDULE = "undo_schedule"
    """Undo what is scheduled for the end of the term, and turn auto-renew off."""
    CHOOSE_CANCELLATION = "choose_cancellation"
    """Turn auto-renew off, and choose a cancellation at the end of the term."""
    DECIDE_TRIAL = "decide_trial"
    """Decide whether a trial ends, or goes on as a paid subscription."""
    CHOOSE_EXTENSION = "choose_extension"
    """Choose an extended service term for the end of the term."""
    ASK_FOR_CREDIT = "ask_for_credit"
    """Ask support about a credit, before anything is cancelled."""
    DECIDE_CREDIT = "decide_credit"
    REQUEST_TRANSFER = "request_transfer"
    """Create the request for a transfer in mid-term."""
    SUBMIT_TRANSFER = "submit_transfer"
    """Select what is to be transferred, and submit."""
    KEEP_RENEWING = "keep_renewing"
    PROVISION = "provision"
    REASSIGN_LICENCES = "reassign_licences"
    MIGRATE_DATA = "migrate_data"
    CANCEL = "cancel"
    """Cancel the original, which deletes it: after all that needs it."""
    END_EXTENSION = "end_extension"
    """End the extended service term of the original: after all that needs it."""


_BY_REQUEST: Final = (Action.REQUEST_TRANSFER, Action.SUBMIT_TRANSFER)
ENDS_IT: Final = frozenset({Action.CANCEL, Action.END_EXTENSION})
"""What is only done when all else of the same day is."""
_TOO_LATE: Final = "END-005"
"""The mark of a step that comes too late to keep users at work."""


@frozen(kw_only=True)
class Step(Plain):
    """One thing to do, by whom, from which UTC day to which (inclusive; None: no limit known), and why.

    `subject` is the id of a subscription, or of the tenant where the step is for the whole move.
    """

    action: Action
    actor: Actor
    subject: str
    first_day: date
    last_day: date | None
    rule: str
    cautions: tuple[str, ...] = ()
    """Rules that contradict the policy for this step's days, such as EST-001."""
    unless_transferred: bool = False
    """Only for the case that the transfer in mid-term, which needs the source partner's consent, is not done."""
    recommended: date | None = None
    """The best day for it; None in what version 0.1.0 has written."""
    doubted_day: date | None = None
    """A later last day, by a reading that the cautions contradict; None where there is no doubt."""
    subjects: tuple[str, ...] = ()
    """Every subscription that it is for, where it is for several at once, as one transfer request is."""
    or_actor: Actor | None = None
    """Who may do it as well."""

    @property
    def is_late(self) -> bool:
        """Whether it saves only what can be saved: users have lost access by the day on which it can be done."""
        return self.action is Action.PROVISION and _TOO_LATE in self.cautions


@frozen(kw_only=True)
class Deadline(Plain):
    """The last UTC day of a step, and how many days are left on the plan's day, that day included."""

    day: date
    action: Action
    actor: Actor
    subject: str
    rule: str
    days_left: int
    cautions: tuple[str, ...] = ()
    unless_transferred: bool = False
    recommended: date | None = None
    doubted_day: date | None = None
    subjects: tuple[str, ...] = ()
    or_actor: Actor | None = None


def seller_of(subscription: Subscription) -> Actor:
    """Return who can change a subscription: the partner who sold it, or the customer."""
    return Actor.SOURCE_PARTNER if subscription.channel is Channel.CSP else Actor.CUSTOMER


def provision_step(
    running: Subscription,
    first_day: date,
    last_day: date | None,
    *,
    recommended: date,
    cautions: tuple[str, ...],
    late: bool,
    doubted_day: date | None = None,
    rule: str = "END-005",
) -> Step:
    """Return the step that provisions what replaces a subscription; `late`: it saves only what can be saved."""
    return Step(
        action=Action.PROVISION,
        actor=Actor.DESTINATION_PARTNER,
        # What has expired, the customer may buy again itself.
        or_actor=Actor.CUSTOMER if first_day > running.term.last_day else None,
        subject=running.id,
        rule=rule,
        first_day=first_day,
        last_day=last_day,
        cautions=(_TOO_LATE, *cautions) if late else cautions,
        recommended=recommended,
        doubted_day=doubted_day,
    )


def assign_step(provision: Step, *, delegated_admin: bool | None) -> Step:
    """Return the step that assigns the licences which another one provisions, in the same days."""
    return provision.evolve(
        action=Action.REASSIGN_LICENCES,
        actor=Actor.DESTINATION_PARTNER if delegated_admin else Actor.CUSTOMER,
        or_actor=None,
        rule="RSK-002",
    )


def end_extension_step(
    running: Subscription,
    first_day: date,
    last_day: date | None,
    *,
    recommended: date,
    cautions: tuple[str, ...],
    rule: str = "EST-005",
) -> Step:
    """Return the step that ends the extended service term of the original, once the new one serves."""
    return Step(
        action=Action.END_EXTENSION,
        actor=seller_of(running),
        subject=running.id,
        rule=rule,
        first_day=first_day,
        last_day=last_day,
        cautions=cautions,
        recommended=recommended,
    )


def by_request(steps: Iterable[Step], today: date, policy: Policy) -> list[Step]:
    """Return the steps, those of transfers in mid-term once for each request, with what is due first in the first.

    A request takes so many subscriptions (PCT-003); `subjects` are all that it is for.
    """
    others = [s for s in steps if s.action not in _BY_REQUEST]
    requested: list[Step] = []
    for action in _BY_REQUEST:
        each = sorted(
            (s for s in steps if s.action is action), key=lambda s: (s.last_day or LATEST, id_key(s.subject))
        )
        items = policy.number(TRANSFER_ITEMS, today) if each else 1
        for n in range(0, len(each), items):
            together = each[n : n + items]
            cautions = dict.fromkeys(rule_id for s in together for rule_id in s.cautions)
            requested.append(
                together[0].evolve(
                    subjects=tuple(s.subject for s in together),
                    cautions=tuple(cautions),
                    doubted_day=later_of(together),
                )
            )
    return [*requested, *others]


def later_of(together: Iterable[Step]) -> date | None:
    """Return the later day in doubt by which all of some steps are due; None where the first of them is sure."""
    steps = tuple(together)
    first = min(s.last_day or LATEST for s in steps)
    later = min(s.doubted_day or s.last_day or LATEST for s in steps)
    return later if later > first else None


def end_step(a: Assessment, action: Action, actor: Actor, rule: str) -> Step:
    """Return a step that changes what comes at the end of the term."""
    last_day, doubted_day = a.act_by
    first_day = min(a.changeable_from, last_day)
    return Step(
        action=action,
        actor=actor,
        subject=a.subscription.id,
        rule=rule,
        first_day=first_day,
        last_day=last_day,
        cautions=a.doubts,
        recommended=first_day,
        doubted_day=doubted_day,
    )


def stop_step(a: Assessment) -> Step | None:
    """Return the step that lets a subscription end with its term; None where none is needed, or it is too late."""
    last_day = a.running.term.last_day
    actor = seller_of(a.subscription)
    if a.moved and a.as_of <= last_day and choice_needed(a.running, a.policy):
        action, rule = Action.CHOOSE_CANCELLATION, "EST-003"
    elif a.auto_renew_off_by is None:
        return None
    elif a.subscription.trial:
        action, rule, actor = Action.DECIDE_TRIAL, "TRL-001", Actor.CUSTOMER
    else:
        action = Action.TURN_OFF_AUTO_RENEW if a.running.at_term_end is None else Action.UNDO_SCHEDULE
        rule = "END-003"
    return end_step(a, action, actor, rule)


def credit_steps(a: Assessment) -> tuple[Step, ...]:
    """Return the steps of asking about a credit; none where none is possible, or the term is over.

    After the term's last day nothing is left that could be credited. While it is not known whether the partner has
    delegated admin, the customer asks, who surely can.
    """
    last_day, doubted_day = (None, None) if a.term is None else a.act_by
    if a.refund.outcome is not Outcome.CREDIT_POSSIBLE or (last_day is not None and last_day < a.as_of):
        return ()
    partner_asks = a.refund.contact is Contact.PARTNER_FOR_CUSTOMER
    step = partial(
        Step,
        subject=a.subscription.id,
        first_day=a.as_of,
        last_day=last_day,
        cautions=() if doubted_day is None else a.doubts,
        doubted_day=doubted_day,
        recommended=a.as_of,
    )
    asks = Actor.DESTINATION_PARTNER if partner_asks else Actor.CUSTOMER
    return (
        step(action=Action.ASK_FOR_CREDIT, actor=asks, rule="CRD-003" if partner_asks else "CRD-004"),
        step(action=Action.DECIDE_CREDIT, actor=Actor.BILLING_SUPPORT, rule="CRD-002"),
    )


def _frozen(given: Any) -> Any:
    return frozenset(given) if isinstance(given, Collection) and not isinstance(given, str) else given


@frozen(kw_only=True)
class Selection:
    """A part of the deadlines and steps of a plan: for `export.to_ics` and `frames.deadlines`.

    `actors` and `actions`: only what one of these does, and only these things; none of them: all. `first_day` and
    `last_day`: only what is due on these UTC days, both inclusive; None: no limit. Of two readings of a day the earlier
    one counts, as in tables and calendars; a step without a last day counts on its recommended day. Who may do it as
    well as another is an actor, too.

    Raises `InvalidType` or `InvalidValue`: what is no `Actor` or `Action`, a last day before the first. Source: none.

    >>> from csp_transfer import Offer, Partner, Subscription, Tenant, Term, Transfer, plan_transfer
    >>> mail = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                     term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(mail,), relationship_accepted=True,
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> plan = plan_transfer(move, as_of=date(2026, 3, 1))
    >>> april = Selection(actors=[Actor.DESTINATION_PARTNER], first_day=date(2026, 4, 1), last_day=date(2026, 4, 30))
    >>> [str(deadline.action) for deadline in plan.deadlines if april.has(deadline)]
    ['provision']
    """

    actors: frozenset[Actor] = field(default=frozenset(), converter=_frozen)
    actions: frozenset[Action] = field(default=frozenset(), converter=_frozen)
    first_day: date | None = None
    last_day: date | None = None

    def __attrs_post_init__(self) -> None:
        for name, word in (("actors", Actor), ("actions", Action)):
            given = getattr(self, name)
            checks.instance(name, given, frozenset, f"a collection of {word.__name__}")
            for one in given:
                word.check(name, one)
        for name in ("first_day", "last_day"):
            _A_DAY(name, getattr(self, name))
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise InvalidValue("last_day", self.last_day, f"a day not before first_day, {self.first_day}")

    @property
    def takes_all(self) -> bool:
        """Whether it leaves nothing out."""
        return self == ALL

    def has(self, one: Step | Deadline) -> bool:
        """Return whether a step or a deadline is in it."""
        if self.actors and self.actors.isdisjoint((one.actor, one.or_actor)):
            return False
        if self.actions and one.action not in self.actions:
            return False
        day = _day_of(one)
        return (self.first_day or day) <= day <= (self.last_day or day)


_A_DAY: Final = checks.optional(checks.day)
ALL: Final = Selection()
"""What leaves nothing out."""


def _day_of(one: Step | Deadline) -> date:
    """Return the day by which it is selected."""
    if isinstance(one, Deadline):
        return one.day
    return one.last_day or one.recommended or one.first_day
