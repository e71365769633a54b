"""The questions behind results, asked again with a fact changed: what could be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property, partial
from itertools import chain, count, islice
from threading import RLock
from typing import Any, Final, NamedTuple, Protocol

import attrs
from attrs import field, frozen

from .assessment import Assessment, assess, assess_each
from .catalogue import Fact, Verdict
from .days import EARLIEST, LATEST, after, starts_at, utc_day
from .errors import InvalidValue
from .facts import FACT_TABLE, FactRow, Kind
from .frozen_map import FrozenMap
from .model import (
    NOT_REPLACED,
    Channel,
    NotReplaced,
    Offer,
    Partner,
    Replacement,
    Role,
    Status,
    Subscription,
    Tenant,
    Term,
    Way,
)
from .parts import Gate, gate_of
from .plan import Plan
from .planner import findings_of_the_whole, plan_with_places
from .policy import (
    AGREEMENT_COUNTS,
    BACKUP_DAYS,
    CANCELLATION_DAYS,
    MOST_DUPLICATES,
    TENANT_SUBSCRIPTIONS,
    Policy,
)
from .rules.capacity import is_long_over, is_moved
from .rules.eligibility import regions
from .rules.ending import Timing, when_to_provision
from .rules.extension import grace_history
from .rules.lifecycle import last_backup_day, lifecycle
from .rules.risk import relation
from .rules.risk_table import Relation
from .rules.terms import Which, current_term, with_term
from .texts import id_key, same_id
from .transfer import Transfer

__all__ = [
    "RANK",
    "ROWS",
    "Change",
    "CouldBe",
    "MoveQuestion",
    "Question",
    "SubscriptionQuestion",
    "Variable",
    "facts_of",
]

_NAMES: Final = frozenset(map(str, Fact))
ROWS: Final[Mapping[Fact, FactRow]] = {Fact(row.fact): row for row in FACT_TABLE if row.fact in _NAMES}
"""The rows of the facts that a rule may read of a subscription, of what replaces it, and of the question."""
RANK: Final = {fact: rank for rank, fact in enumerate(Fact)}
"""What somebody can do something about comes first."""


class Variable(NamedTuple):
    """A fact: how to read it from a question and its answer, and what else to try for it.

    A day or a count is tried where something begins or ends, and one before that: verdicts change nowhere else
    (a test tries everything in between).
    """

    read: Callable[[Any, Any], Any]
    others: Callable[[Any, Any], Iterable[tuple[Any, Callable[[], Any]]]]
    """Yields other values, each with a call that gives the question with it, or refuses it."""


class Question(Protocol):
    """What was asked, as one value that can be asked again."""

    @property
    def as_of(self) -> date:
        """The UTC day that it was asked for."""
        ...

    @property
    def policy(self) -> Policy:
        """The policy that it was asked under."""
        ...

    @property
    def answer(self) -> Any:
        """The result: an assessment or a plan."""
        ...

    @property
    def verdicts(self) -> dict[Verdict, Any]:
        """What the result decides."""
        ...

    def speaks(self, rule_id: str, verdict: Verdict) -> bool:
        """Tell whether a rule has something to say about a verdict."""
        ...

    @property
    def variables(self) -> Mapping[Fact, Variable]:
        """The facts that it has."""
        ...


@frozen(kw_only=True)
class Change:
    """One fact with another value, and the question that this makes."""

    fact: Fact
    before: Any
    after: Any
    question: Question

    @property
    def distance(self) -> int:
        """How far the value moves, in days or in counts; 0 where it has no such measure."""
        return _distance(self.before, self.after)

    @property
    def kind(self) -> tuple[Fact, Any]:
        """The fact and the direction of the change; without a direction, every value is a kind of its own."""
        return self.fact, (self.distance > 0) if self.distance else self.after

    @cached_property
    def further(self) -> CouldBe:
        """What could be otherwise beside it."""
        return CouldBe(self.question)


class CouldBe:
    """What could be otherwise in a question: a change is asked when somebody first looks at it, and then kept."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._kept: dict[Fact, tuple[list[Change], Iterator[Change]]] = {}
        self._asking = RLock()  # several threads may read one explanation

    def __reduce__(self) -> tuple[type[CouldBe], tuple[Question]]:
        """Leave out of a pickle what was asked: it can be asked again."""
        return CouldBe, (self.question,)

    def among(self, facts: frozenset[Fact]) -> Iterator[Change]:
        """Yield the changes of one of these facts that could make a difference, nearest first within each fact."""
        for fact in sorted(facts & self.question.variables.keys(), key=RANK.__getitem__):
            yield from self._of(fact)

    def _of(self, fact: Fact) -> Iterator[Change]:
        n = 0
        while True:
            with self._asking:
                if fact not in self._kept:
                    self._kept[fact] = [], _changes(self.question, fact)
                found, left = self._kept[fact]
                if n == len(found):
                    found += islice(left, 1)
            if n == len(found):
                return
            yield found[n]
            n += 1


def facts_of(q: Question) -> dict[Fact, Any]:
    """Return every fact of a question by name; None: not known, or there is no such thing."""
    return {fact: variable.read(q, q.answer) for fact, variable in q.variables.items()}


def _changes(q: Question, fact: Fact) -> Iterator[Change]:
    before = q.variables[fact].read(q, q.answer)
    others = [
        (other, ask)
        for other, ask in q.variables[fact].others(q, q.answer)
        if (type(other), other) != (type(before), before)
    ]
    found: set[Any] = set()
    for other, ask in sorted(others, key=lambda one: abs(_distance(before, one[0]))):
        if other in found:
            continue
        try:
            asked = ask()
            _ = asked.verdicts
        except InvalidValue:  # facts that contradict each other are nothing that could be
            continue
        found.add(other)
        yield Change(fact=fact, before=before, after=other, question=asked)


def _distance(before: Any, after: Any) -> int:
    if isinstance(before, date) and isinstance(after, date):
        return (after - before).days
    return after - before if type(before) is int and type(after) is int else 0


@frozen(kw_only=True)
class SubscriptionQuestion:
    """What `assess` was asked about one subscription."""

    subscription: Subscription
    given: Replacement | NotReplaced | None
    as_of: date
    delegated_admin: bool | None
    into_another_tenant: bool
    policy: Policy
    asked_at: datetime | None = None
    """The instant of that day that was asked for; None: the day."""

    @classmethod
    def of(cls, a: Assessment) -> SubscriptionQuestion:
        """Return the question that an assessment answers."""
        return cls(**{f.name: getattr(a, f.name) for f in attrs.fields(cls)})

    def speaks(self, rule_id: str, verdict: Verdict) -> bool:
        """Tell whether a rule has something to say about a verdict."""
        return (rule_id, verdict) in self._spoken

    @cached_property
    def _spoken(self) -> frozenset[tuple[str, Verdict]]:
        return frozenset((f.rule, verdict) for f in self.answer.findings for verdict in f.verdicts)

    @cached_property
    def answer(self) -> Assessment:
        """What it is answered."""
        return assess(
            self.subscription,
            self.given,
            as_of=self.asked_at or self.as_of,
            delegated_admin=self.delegated_admin,
            into_another_tenant=self.into_another_tenant,
            policy=self.policy,
        )

    @property
    def verdicts(self) -> dict[Verdict, Any]:
        """What the answer decides."""
        return self._decided

    @cached_property
    def _decided(self) -> dict[Verdict, Any]:
        return _verdicts_of(self.answer)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """What to try for a day: see `_days`."""
        return tuple(_days(self, self.answer))

    @property
    def variables(self) -> Mapping[Fact, Variable]:
        """The facts that it has."""
        return _OF_A_SUBSCRIPTION


def _verdicts_of(a: Assessment) -> dict[Verdict, Any]:
    """Return what an assessment decides; None: not known, or nothing to decide."""
    own = Which.OWN if a.term == a.subscription.term else Which.LATER
    return {
        Verdict.TERM: own if a.term else Which.NOT_KNOWN,
        Verdict.STATE: a.state,
        Verdict.AUTO_RENEW_OFF_BY: a.auto_renew_off_by is not None,
        Verdict.PROVISIONING: _timing(a),
        Verdict.DISRUPTION: a.disruption,
        Verdict.DATA_LOSS: a.data_loss,
        Verdict.REASSIGN_LICENSES: a.reassign_licenses,
        Verdict.PAID_TWICE_DAYS: None if a.disruption is None else a.paid_twice_days > 0,
        Verdict.REFUND: a.credit.contact or a.credit.outcome,
    }


def _timing(a: Assessment) -> Timing | None:
    """Tell whether the replacement comes in time on its own day, whenever that is asked."""
    what = a.stage.what
    if what is None or a.stage.timing is None or a.provision_on is None or not a.moved:
        return None
    when = when_to_provision(
        a.running, a.provision_on, a.policy, what, chained_day=a.chained_day, into_another_tenant=False
    )
    return None if when is None else when.timing


_Others = Iterator[tuple[Any, Callable[[], SubscriptionQuestion]]]


def _with(q: SubscriptionQuestion, **changed: Any) -> SubscriptionQuestion:
    """Ask about a subscription with some facts changed, and with what follows from them."""
    s = q.subscription
    if changed.get("status", Status.CANCELED) is not Status.CANCELED:
        changed["canceled_on"] = None
    if changed.get("mid_term", s.mid_term) is None:
        changed["mid_term_on"] = None
    if s.doubted_last_day is not None and changed.get("term", s.term).last_day >= s.doubted_last_day:
        changed["doubted_last_day"] = None
    trial = changed.get("trial") and isinstance(q.given, Replacement)
    return attrs.evolve(q, subscription=s.evolve(**changed), given=None if trial else q.given)


def _replacing(q: SubscriptionQuestion, a: Assessment, **changed: Any) -> SubscriptionQuestion:
    """Ask about the replacement, said in full, with some facts changed."""
    new = q.given if isinstance(q.given, Replacement) else a.replacement
    if new is None:
        raise InvalidValue("replacement", None, "a replacement to change")
    as_asked = new if a.day_chosen else new.evolve(provision_on=None)
    return attrs.evolve(q, given=as_asked.evolve(**changed))


def _selling(q: SubscriptionQuestion, a: Assessment, old: Offer, new: Offer) -> SubscriptionQuestion:
    """Ask with these offers."""
    replaced = _replacing(q, a, offer=new)
    return attrs.evolve(replaced, subscription=q.subscription.evolve(offer=old))


def _telling(q: SubscriptionQuestion, row: FactRow, value: Any) -> SubscriptionQuestion:
    """Ask with another value of a fact that the subscription, or its offer, has by itself."""
    told = {row.attribute: value}
    if row.holder == "subscription":
        return _with(q, **told)
    return _with(q, offer=q.subscription.offer.evolve(**told))


def _may_be(row: FactRow, q: SubscriptionQuestion, _: Assessment) -> _Others:
    """Yield all that a fact may be, if that is only a few values; else what it is while nobody has told."""
    values: tuple[Any, ...] = (row.default,)
    if row.kind is Kind.FLAG:
        values = (False, True)
    elif row.vocabulary:
        values = (*values, *row.vocabulary) if row.default is None else tuple(row.vocabulary)
    for value in values:
        yield value, partial(_telling, q, row, value)


def _of_row(fact: Fact, row: FactRow) -> Variable:
    """Return a fact that the subscription holds."""
    read = row.reader
    return Variable(lambda q, _: read(q.subscription), _OTHERS.get(fact, partial(_may_be, row)))


def _asked(name: str) -> Variable:
    """Return a fact of the question itself that is true or false."""
    return Variable(
        lambda q, _: getattr(q, name),
        lambda q, _: ((value, partial(attrs.evolve, q, **{name: value})) for value in (False, True)),
    )


def _days(q: SubscriptionQuestion, a: Assessment) -> list[date]:
    """Every day on which something begins, and the day before it: in the term, and in the one it may renew into."""
    s = q.subscription
    begins = {q.as_of}
    for running in {s, a.running, *_renewed(q, a)}:
        first_day, last_day = running.term.first_day, running.term.last_day
        begins |= {first_day, after(last_day), after(last_day, 2), running.anchor or q.as_of}
        begins |= {phase.first_day for phase in lifecycle(running, policy=q.policy)}
        # On the first day after the sure ones, it closes at some hour.
        days = q.policy.history(CANCELLATION_DAYS).records
        begins |= {after(first_day, record.value + n) for record in days for n in (0, 1)}
        if running.cancellation_allowed_until is not None:
            until = utc_day("cancellation_allowed_until", running.cancellation_allowed_until)
            begins |= {until, after(until)}
    backup_day = last_backup_day(s, q.policy)
    if s.canceled_on is not None and backup_day is not None:
        begins |= {s.canceled_on, after(backup_day)}
    return sorted(day for day in begins | {after(day, -1) for day in begins} if EARLIEST <= day <= LATEST)


def _renewed(q: SubscriptionQuestion, a: Assessment) -> Iterator[Subscription]:
    """Yield the subscription in the next term, and in those by whose end the day of provisioning may be judged."""
    s = q.subscription
    days = {max(after(s.term.last_day), q.as_of)}
    if a.provision_on is not None:
        end = a.running.term.last_day
        phases = lifecycle(a.running, policy=q.policy)
        days |= {a.provision_on, *(after(a.provision_on, (end - p.first_day).days + 1) for p in phases)}
    for day in days:
        with suppress(InvalidValue):  # beyond the calendar
            term = current_term(s, day).term
            if term is not None:
                yield with_term(s, term)


def _other_last_day(q: SubscriptionQuestion, last_day: date) -> SubscriptionQuestion:
    term = q.subscription.term
    moved = (last_day - term.last_day).days if last_day < term.first_day else 0
    first_day = after(term.first_day, moved)
    anchor = q.subscription.anchor
    kept = anchor if anchor is not None and anchor <= first_day else None
    return _with(q, term=Term(first_day=first_day, last_day=last_day), anchor=kept)


def _other_last_days(q: SubscriptionQuestion, _: Assessment) -> _Others:
    begins = q.policy.history(grace_history(q.subscription)).changes
    for day in (q.as_of, after(q.as_of, -1), after(q.as_of, -2), *begins, *(after(b, -1) for b in begins)):
        yield day, partial(_other_last_day, q, day)


def _other_first_days(q: SubscriptionQuestion, _: Assessment) -> _Others:
    term, anchor = q.subscription.term, q.subscription.anchor
    for day in (after(term.first_day, -31), after(term.first_day, -1), after(term.first_day), q.as_of):
        if day <= term.last_day:
            kept = anchor if anchor is not None and anchor <= day else None
            yield day, partial(_with_term, q, day, kept)


def _with_term(q: SubscriptionQuestion, first_day: date, anchor: date | None) -> SubscriptionQuestion:
    term = Term(first_day=first_day, last_day=q.subscription.term.last_day)
    return _with(q, term=term, anchor=anchor)


def _other_anchors(q: SubscriptionQuestion, _: Assessment) -> _Others:
    first_day = q.subscription.term.first_day
    for day in (None, after(first_day, -1), after(first_day, -31), after(first_day, -365)):
        yield day, partial(_with, q, anchor=day)


def _other_days_of_cancellation(q: SubscriptionQuestion, a: Assessment) -> _Others:
    backup = q.policy.number(BACKUP_DAYS, q.subscription.term.last_day)
    known = {q.as_of, after(q.as_of, -backup), after(q.as_of, 1 - backup)}
    if a.provision_on is not None:
        p = a.provision_on
        known |= {p, after(p), after(p, -backup), after(p, 1 - backup)}
    if q.subscription.status is Status.CANCELED:
        for day in sorted(known):
            yield day, partial(_with, q, canceled_on=day)


def _near(*counts: int | None) -> list[int]:
    known = [count for count in counts if count is not None]
    return sorted({n for count in known for n in (count - 1, count, count + 1) if n >= 0})


def _new_quantity(_: SubscriptionQuestion, a: Assessment) -> int | None:
    return a.replacement.quantity if a.replacement else None


def _other_new_quantities(q: SubscriptionQuestion, a: Assessment) -> _Others:
    s = q.subscription
    for n in _near(0, s.quantity, s.assigned):
        yield n, partial(_replacing, q, a, quantity=n)


def _other_quantities(q: SubscriptionQuestion, a: Assessment) -> _Others:
    for n in _near(0, _new_quantity(q, a), q.subscription.assigned):
        yield n, partial(_with, q, quantity=n)


def _other_assigned(q: SubscriptionQuestion, a: Assessment) -> _Others:
    for n in _near(0, _new_quantity(q, a)):
        yield n, partial(_with, q, assigned=n)


def _other_days(q: SubscriptionQuestion, a: Assessment) -> _Others:
    for day in q.days:
        yield day, partial(_replacing, q, a, provision_on=day)


def _relation(q: SubscriptionQuestion, a: Assessment) -> Relation | None:
    return None if a.replacement is None else relation(q.subscription.offer, a.replacement.offer)


def _other_offers(q: SubscriptionQuestion, a: Assessment) -> _Others:
    """Yield the same offer, and the one that is given, or else some other, declared equivalent or not."""
    old, given = q.subscription.offer, q.given.offer if isinstance(q.given, Replacement) else None
    new = _ANOTHER if given is None or same_id(given.id, old.id) else given
    apart = old.evolve(equivalents={one for one in old.equivalents if not same_id(one, new.id)})
    twin, stranger = old.evolve(equivalents=old.equivalents | {new.id}), new.evolve(equivalents=frozenset())
    yield Relation.SAME, partial(_replacing, q, a, offer=old)
    yield Relation.EQUIVALENT, partial(_selling, q, a, twin, new)
    yield Relation.DIFFERENT, partial(_selling, q, a, apart, stranger)


def _other_sales(q: SubscriptionQuestion, _: Assessment) -> _Others:
    old, new = q.subscription.offer, q.given.offer if isinstance(q.given, Replacement) else None
    for known in (False, True):
        told = attrs.evolve(q, subscription=q.subscription.evolve(offer=old.evolve(discontinued=known)))
        if new is not None and same_id(new.id, old.id):  # they are one, and stay one
            told = _replacing(told, _, offer=new.evolve(discontinued=known))
        yield known, partial(attrs.evolve, told)


def _other_new_sales(q: SubscriptionQuestion, a: Assessment) -> _Others:
    if isinstance(q.given, Replacement) and _relation(q, a) is not Relation.SAME:
        for known in (False, True):
            yield known, partial(_replacing, q, a, offer=q.given.offer.evolve(discontinued=known))


def _new_sale(q: SubscriptionQuestion, a: Assessment) -> bool | None:
    return a.replacement.offer.discontinued if a.replacement else None


def _allowed_until(q: SubscriptionQuestion, _: Assessment) -> _Others:
    for until in (None, starts_at(after(q.as_of))):
        yield until, partial(_with, q, cancellation_allowed_until=until)


def _other_days_apart(q: SubscriptionQuestion, _: Assessment) -> _Others:
    if q.subscription.mid_term is not None:
        for day in (None, q.as_of, after(q.as_of)):
            yield day, partial(_with, q, mid_term_on=day)


_ANOTHER: Final = Offer(id="another offer", discontinued=False)

# What else to try for a fact of the subscription, where that is not all that it may be.
_OTHERS: Final[Mapping[Fact, Callable[[SubscriptionQuestion, Assessment], _Others]]] = {
    Fact.QUANTITY: _other_quantities,
    Fact.FIRST_DAY: _other_first_days,
    Fact.LAST_DAY: _other_last_days,
    Fact.ASSIGNED: _other_assigned,
    Fact.ANCHOR: _other_anchors,
    Fact.CANCELLATION_ALLOWED_UNTIL: _allowed_until,
    Fact.CANCELED_ON: _other_days_of_cancellation,
    Fact.MID_TERM_ON: _other_days_apart,
    Fact.DISCONTINUED: _other_sales,
}
_OF_THE_QUESTION: Final = {
    Fact.REPLACEMENT: Variable(
        lambda q, a: a.replacement is not None,
        lambda q, _: (
            (bool(given is None), partial(attrs.evolve, q, given=given)) for given in (None, NOT_REPLACED)
        ),
    ),
    Fact.PROVISION_ON: Variable(lambda q, a: a.provision_on, _other_days),
    Fact.NEW_OFFER: Variable(_relation, _other_offers),
    Fact.NEW_QUANTITY: Variable(_new_quantity, _other_new_quantities),
    Fact.ANOTHER_TENANT: _asked("into_another_tenant"),
    Fact.DELEGATED_ADMIN: _asked("delegated_admin"),
    Fact.NEW_DISCONTINUED: Variable(_new_sale, _other_new_sales),
    Fact.AS_OF: Variable(
        lambda q, _: q.as_of,
        lambda q, a: ((day, partial(attrs.evolve, q, as_of=day, asked_at=None)) for day in q.days),
    ),
}
_OF_THE_SUBSCRIPTION: Final = {
    fact: _of_row(fact, row) for fact, row in ROWS.items() if row.held.startswith("subscription.")
}
_AFTER_MID_TERM: Final = (
    Fact.MID_TERM_ON,
    Fact.EXTENDED,
    Fact.WINDOW_KNOWN,
    Fact.SEAT_WINDOWS,
    Fact.DOUBTED_LAST_DAY,
)


def _place(fact: Fact) -> tuple[int, int]:
    """Return where an explanation has a fact: as `Fact` has it, but these after `MID_TERM`, and the last day last."""
    if fact in _AFTER_MID_TERM:
        return RANK[Fact.MID_TERM], 1 + _AFTER_MID_TERM.index(fact)
    return (len(RANK) if fact is Fact.LAST_DAY else RANK[fact]), 0


_OF_A_SUBSCRIPTION: Final[Mapping[Fact, Variable]] = dict(
    sorted((_OF_THE_QUESTION | _OF_THE_SUBSCRIPTION).items(), key=lambda one: _place(one[0]))
)


@frozen(kw_only=True)
class MoveQuestion:
    """What `plan_transfer` was asked about a customer's whole move."""

    transfer: Transfer
    as_of: date
    policy: Policy
    named: Mapping[str, Way] = field(factory=dict)
    asked_at: datetime | None = None
    """The instant of that day that was asked for; None: the day."""
    room_taken: int = 0

    @classmethod
    def of(cls, plan: Plan) -> MoveQuestion:
        """Return the question that a plan answers."""
        q = cls(
            transfer=plan.transfer,
            as_of=plan.as_of,
            policy=plan.policy,
            named=plan.named,
            asked_at=plan.asked_at,
            room_taken=plan.room_taken,
        )
        object.__setattr__(q, "answer", plan)  # it need not be made again
        return q

    @cached_property
    def answer(self) -> Plan:
        """What it is answered."""
        ids = {s.id for s in self.transfer.subscriptions}
        named = {key: way for key, way in self.named.items() if key in ids}
        as_of = self.asked_at or self.as_of
        return plan_with_places(self.transfer, as_of, self.policy, FrozenMap(named), self.room_taken)[0]

    @property
    def verdicts(self) -> dict[Verdict, Any]:
        """What the answer decides for the move as a whole, without assessing every subscription."""
        gate = self._gate
        return {
            Verdict.FEASIBLE: gate.feasible,
            Verdict.METHOD: gate.method,
            Verdict.RELATIONSHIP: gate.feasible and self.transfer.relationship_accepted and self._moves(),
        }

    @cached_property
    def _gate(self) -> Gate:
        return gate_of(self.transfer, self.as_of, self.policy, self.room_taken)

    def _assessments(self) -> Iterator[Assessment]:
        return assess_each(self.transfer, self.as_of, self.policy)

    def _moves(self) -> bool:
        return any(a.moved for a in self._assessments())

    def speaks(self, rule_id: str, verdict: Verdict) -> bool:
        """Tell whether a rule has something to say about a verdict of the whole move."""
        return (rule_id, verdict) in self._spoken

    @cached_property
    def _spoken(self) -> frozenset[tuple[str, Verdict]]:
        gate = self._gate
        said = iter(gate.findings)
        if gate.feasible:
            of_the_whole = findings_of_the_whole(
                self.transfer, self._examples(), gate, self.as_of, self.policy
            )
            said = chain(said, filter(None, of_the_whole))
        return frozenset((f.rule, verdict) for f in said for verdict in f.verdicts)

    def _examples(self) -> list[Assessment]:
        """Return one of each kind of subscription that is moved: rules about the whole read no more of it than this.

        What they say of it takes much longer than to assess it, and many are alike.
        """
        at_once = frozenset(self._gate.batches[0] if self._gate.batches else ())
        kinds: dict[Any, Assessment] = {}
        for a in self._assessments():
            if a.moved:
                s = a.running
                kind = a.stage, s.term, s.doubted_last_day, a.provision_on, s.id in at_once
                kinds.setdefault(kind, a)
        return list(kinds.values())

    @property
    def variables(self) -> Mapping[Fact, Variable]:
        """The facts that it has."""
        return _OF_A_MOVE


_Moves = Iterator[tuple[Any, Callable[[], MoveQuestion]]]


def _moving(q: MoveQuestion, **changed: Any) -> MoveQuestion:
    return attrs.evolve(q, transfer=q.transfer.evolve(**changed))


def _moves(name: str, *values: Any) -> Variable:
    return Variable(
        lambda q, _: getattr(q.transfer, name),
        lambda q, _: ((value, partial(_moving, q, **{name: value})) for value in values),
    )


def _active(q: MoveQuestion) -> list[Subscription]:
    """Return those that CAP-001 counts."""
    if q.transfer.target_tenant is not None:
        return []
    moved = (s for s in q.transfer.subscriptions if s.status is Status.ACTIVE and s.quantity)
    return [s for s in moved if is_moved(q.transfer, s) and not is_long_over(s, q.as_of)]


def _other_counts(q: MoveQuestion, _: Any) -> _Moves:
    active = _active(q)
    most = q.policy.number(MOST_DUPLICATES, max(s.term.last_day for s in q.transfer.subscriptions))
    for wanted in (1, most, most + 1):  # something is to be moved at all; all at once; not all at once
        yield wanted, partial(_with_active, q, active, wanted)


def _with_active(q: MoveQuestion, active: list[Subscription], wanted: int) -> MoveQuestion:
    transfer = q.transfer
    fewer = {s.id for s in active[wanted:]}
    kept = [s for s in transfer.subscriptions if s.id not in fewer]
    ordinary = {"status": Status.ACTIVE, "canceled_on": None, "trial": False}
    like = next(iter(active), transfer.subscriptions[0].evolve(**ordinary))
    taken = {id_key(s.id) for s in transfer.subscriptions}
    free = (name for n in count(2) if id_key(name := f"{like.id} ({n})") not in taken)
    more = [like.evolve(id=name) for name in islice(free, max(0, wanted - len(active)))]
    chosen = {key: value for key, value in transfer.replacements.items() if key not in fewer}
    return _moving(q, subscriptions=(*kept, *more), replacements=chosen)


def _other_tenant_counts(q: MoveQuestion, _: Any) -> _Moves:
    most = q.policy.number(TENANT_SUBSCRIPTIONS, max(s.term.last_day for s in q.transfer.subscriptions))
    needed = len(q._gate.order)
    for n in (0, max(0, most - needed), max(0, most - needed) + 1, most):
        yield n, partial(_moving, q, tenant_subscriptions=n)


def _other_countries(who: str, other: Callable[[MoveQuestion], Tenant | Partner]) -> Any:
    """Yield the country of the other side, one beside it in its region, and one in another region."""

    def others(q: MoveQuestion, _: Any) -> _Moves:
        there = other(q).country
        region = regions().get(there)
        beside = next((c for c, r in regions().items() if r == region and c != there), there)
        elsewhere = next(c for c, r in regions().items() if r != region)
        for country in (there, beside, elsewhere):
            named = getattr(q.transfer, who).evolve(country=country)
            yield country, partial(_moving, q, **{who: named})

    return others


def _other_sources(q: MoveQuestion, _: Any) -> _Moves:
    same = q.transfer.destination
    yield same.id, partial(_moving, q, source=same)
    other = same.evolve(id=f"{same.id} (another partner)")
    yield other.id, partial(_moving, q, source=other)


def _other_tenants(q: MoveQuestion, _: Any) -> _Moves:
    yield False, partial(_moving, q, target_tenant=None)
    customer = q.transfer.customer
    yield True, partial(_moving, q, target_tenant=customer.evolve(id=f"{customer.id} (another tenant)"))


def _other_channels(q: MoveQuestion, _: Any) -> _Moves:
    for channel in Channel:
        bought = tuple(s.evolve(channel=channel) for s in q.transfer.subscriptions)
        yield channel, partial(_moving, q, subscriptions=bought)


def _channels(q: MoveQuestion, _: Any) -> Channel | tuple[Channel, ...]:
    channels = tuple(dict.fromkeys(s.channel for s in q.transfer.subscriptions))
    return channels[0] if len(channels) == 1 else channels


def _unsure(q: MoveQuestion, _: Any) -> int:
    return sum(s.status is Status.UNKNOWN for s in q.transfer.subscriptions)


def _other_unsure(q: MoveQuestion, _: Any) -> _Moves:
    """Yield that all are active, or were."""
    unsure = {s.id for s in q.transfer.subscriptions if s.status is Status.UNKNOWN}
    for status in (Status.DELETED, Status.ACTIVE):
        told = tuple(s.evolve(status=status) if s.id in unsure else s for s in q.transfer.subscriptions)
        yield 0, partial(_moving, q, subscriptions=told)


def _target_country(q: MoveQuestion, _: Any) -> str | None:
    return q.transfer.target_tenant.country if q.transfer.target_tenant else None


def _other_targets(q: MoveQuestion, a: Any) -> _Moves:
    if q.transfer.target_tenant is not None:
        yield from _other_countries("target_tenant", lambda q: q.transfer.destination)(q, a)


def _other_agreements(q: MoveQuestion, _: Any) -> _Moves:
    for day in q.policy.history(AGREEMENT_COUNTS).changes:
        for accepted in (after(day, -1), day):
            yield accepted, partial(_moving, q, agreement_accepted=accepted)


_OF_A_MOVE: Final[dict[Fact, Variable]] = {
    Fact.ANOTHER_TENANT: Variable(lambda q, _: q.transfer.target_tenant is not None, _other_tenants),
    Fact.ROLE: _moves("role", *Role),
    Fact.SOURCE: Variable(lambda q, _: q.transfer.source and q.transfer.source.id, _other_sources),
    Fact.DESTINATION: Variable(
        lambda q, _: q.transfer.destination.country,
        _other_countries("destination", lambda q: q.transfer.receiving_tenant),
    ),
    Fact.KEEPS_SOURCE_PARTNER: _moves("keeps_source_partner", False, True),
    Fact.RELATIONSHIP_ACCEPTED: _moves("relationship_accepted", False, True),
    Fact.AGREEMENT_ACCEPTED: Variable(lambda q, _: q.transfer.agreement_accepted, _other_agreements),
    Fact.SUBSCRIPTIONS: Variable(lambda q, _: len(_active(q)), _other_counts),
    Fact.UNREAD: _moves("unread", 0, 1),
    Fact.UNSURE: Variable(_unsure, _other_unsure),
    Fact.TARGET: Variable(_target_country, _other_targets),
    Fact.TENANT_SUBSCRIPTIONS: Variable(lambda q, _: q.transfer.tenant_subscriptions, _other_tenant_counts),
    Fact.CHANNEL: Variable(_channels, _other_channels),
    Fact.CUSTOMER: Variable(
        lambda q, _: q.transfer.customer.country,
        _other_countries("customer", lambda q: q.transfer.destination),
    ),
}
