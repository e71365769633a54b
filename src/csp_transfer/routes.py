"""Every way that a customer's move can go, compared, best first; and the dates of one plan beside those of another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, tzinfo
from functools import reduce
from operator import add
from typing import Any, ClassVar, Final, Self

from attrs import evolve, frozen

from . import checks
from .assessment import Assessment, assess_each
from .catalogue import Severity, Verdict, check_language, label, policy_words, ui
from .choice import ChosenWay, choice_by, choose_each, with_bases
from .days import LATEST, utc_day
from .errors import InvalidValue
from .findings import Finding, Referring, finding, gather, noted
from .model import Way
from .outline import Block, Heading, Paged, Paragraph, Rich, Table
from .parts import Consequences, RoutePart, Situation, are_priced, best_first, gate_of, money_among
from .phrases import citations, last_day_of, latest, names_of, section
from .plain import Plain, fields_of
from .plan import Plan
from .policy import IN_FORCE, Policy
from .questions import Measures, Reason, better_in
from .rules.capacity import Places
from .rules.eligibility import already_sold
from .rules.partner_change import billed_monthly, nothing_to_provision, requests
from .rules.refunds import Actor
from .rules.risk import unreplaced
from .rules.risk_table import Risk
from .steps import ENDS_IT, by_request, later_of
from .texts import id_key
from .transfer import Transfer
from .ways import part_of, placed_until

__all__ = ["DayPair", "Route", "Routes", "compare_routes", "day_pairs"]


@frozen(kw_only=True)
class DayPair(Plain):
    """The last UTC day to do something for a subscription, by one plan and by another; None: there is no such day."""

    subscription: str
    verdict: Verdict
    """AUTO_RENEW_OFF_BY, or PROVISIONING: the last day on which to provision."""
    day: date | None
    other: date | None

    @property
    def differs(self) -> bool:
        """Whether the two plans do not say the same."""
        return self.day != self.other


def day_pairs(plan: Plan, other: Plan) -> tuple[DayPair, ...]:
    """Return the last days of every subscription by two plans of one move, where at least one of them has a day.

    >>> from csp_transfer import GUIDE, IN_FORCE, Offer, Partner, Subscription, Tenant, Term, Transfer, plan_transfer
    >>> mail = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                     term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(mail,),
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> guide, today = (plan_transfer(move, as_of=date(2026, 3, 1), policy=p) for p in (GUIDE, IN_FORCE))
    >>> for pair in day_pairs(guide, today):
    ...     print(pair.verdict, pair.day, pair.other, pair.differs)
    auto_renew_off_by 2026-03-31 2026-03-31 False
    provisioning 2026-04-30 2026-04-30 False
    """
    checks.instance("plan", plan, Plan)
    checks.instance("other", other, Plan)
    if other.transfer != plan.transfer:
        raise InvalidValue("other", other, "a plan of the same move")
    pairs = (
        DayPair(subscription=a.subscription.id, verdict=verdict, day=day, other=_last_days(b)[verdict])
        for a, b in zip(plan.assessments, other.assessments, strict=True)
        for verdict, day in _last_days(a).items()
    )
    return tuple(pair for pair in pairs if pair.day or pair.other)


def _last_days(a: Assessment) -> dict[Verdict, date | None]:
    return {
        Verdict.AUTO_RENEW_OFF_BY: a.auto_renew_off_by,
        Verdict.PROVISIONING: a.provisioning.latest if a.provisioning else None,
    }


@frozen(kw_only=True)
class Route(Rich, Consequences):
    """One way for all subscriptions that can move, or the best one of each; available if it is for one of them.

    `way` is None for the best of each, which is what a plan does. `exceptions` are the ids of those that are to be
    moved and cannot go this way; the findings say why, and nothing else here counts them. What is lost already is one
    of every route: no way saves it. The findings name what is not to be moved at all, unless the caller said so: a
    trial, what has no licences, and what the destination partner sells already.
    `first_day` is the first on which one can act for any of them, `last_day` the one by which one has to have acted
    for the first that is due; `days_without_access` are those of the subscription that is without for longest,
    `paid_twice_days` those of all together.
    """

    agree: tuple[Actor, ...]
    """Who must agree, or act: the customer and the destination partner, and whoever has a step."""
    parts: tuple[RoutePart, ...]
    exceptions: tuple[str, ...] = ()

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        excepted = ui("separator", lang).join(self.exceptions)
        cells = self._cells(lang, None)
        return [
            Heading(2, self._title(lang)),
            Table(tuple(ui(column, lang) for column in cells), (tuple(cells.values()),)),
            *([Paragraph(ui("not_for", lang, ids=excepted))] if excepted and self.available else []),
            *noted(self.findings, lang, all_of_them=bool(self.exceptions)),
        ]

    def _title(self, lang: str) -> str:
        return label(self.way, lang) if self.way else ui("best_of_each", lang)

    def _cells(self, lang: str, zone: tzinfo | None) -> dict[str, str]:
        """Return what a table shows of it, by the names of the columns."""
        cells = {"open": ui("yes" if self.available else "no", lang)}
        if self.available:  # what cannot be done costs and harms nobody
            cells |= {
                "earliest": str(self.first_day or "-"),
                "latest": self._latest(lang, zone),
                "without_access": str(self.days_without_access),
                "paid_twice": str(self.paid_twice_days),
                "disruption": label(self.disruption, lang),
                "data_loss": label(self.data_loss, lang),
                "estimate": str(self.cost or "-"),
            }
        return cells

    def _latest(self, lang: str, zone: tzinfo | None) -> str:
        """Return the last day to act; beside it a later one, where it is in doubt and nothing is surely due before."""
        if self.last_day is None:
            return "-"
        each = [
            [s for s in part.steps if s.last_day == part.last_day] for part in self.parts if part.last_day
        ]
        due = [step for steps in each for step in steps]
        if not due or not all(each):  # what renews by itself asks for nothing on its last day
            return last_day_of(self.last_day, lang, zone)
        first = min(due, key=lambda step: step.last_day or LATEST)
        return latest(first.evolve(doubted_day=later_of(due)), self.last_day, lang, zone)

    def _told(self) -> list[Finding]:
        """Return what it asks to do and what warns, gravest first; where it is not open to all, also why."""
        told = (f for f in self.findings if self.exceptions or f.severity > Severity.INFO)
        return sorted(told, key=lambda f: -f.severity.rank)


_COMPARED: Final = ("latest", "without_access", "paid_twice", "disruption", "data_loss", "estimate")
"""What the comparison shows of each way; what it costs, only where a price is given."""


@frozen(kw_only=True)
class RoutesForm:
    """How a comparison is written as data."""

    transfer: Transfer
    as_of: date
    policy: Policy
    routes: tuple[Route, ...]


class Routes(Paged, Referring, tuple[Route, ...]):
    """The ways of one move, best first: a tuple that shows itself as one comparison, with the recommended way first.

    `str(routes)` is one page of plain text, `to_markdown()` the same as Markdown, and `to_html()` as HTML; with
    `detail=True`, what each way asks to do and warns of follows. It equals a plain tuple of the same routes.
    `to_dict()` is JSON-ready data with `"schema": 1`; with `by_reference=True`, each finding stands in it once.
    """

    _written_as: ClassVar = RoutesForm
    _schema: ClassVar = 1

    transfer: Transfer
    as_of: date
    policy: Policy

    def __new__(cls, routes: Iterable[Route], transfer: Transfer, as_of: date, policy: Policy) -> Self:
        """Return the routes of a move as of a UTC day, under a policy, as they are given."""
        made = super().__new__(cls, routes)
        made.__dict__.update(transfer=transfer, as_of=as_of, policy=policy)
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self), self.transfer, self.as_of, self.policy

    @property
    def routes(self) -> tuple[Route, ...]:
        """The same as a plain tuple."""
        return tuple(self)

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with some of `routes`, `transfer`, `as_of` and `policy` changed."""
        own = {name: getattr(self, name) for name in fields_of(Routes)}
        return type(self)(**own | changes)

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"Routes has no attribute {name!r} to set")

    def _page(self, lang: str, zone: tzinfo | None) -> list[Block]:
        check_language(lang)
        move = {
            "partner": self.transfer.destination.id,
            "as_of": self.as_of,
            "policy": policy_words(self.policy.name, lang),
        }
        return [
            Heading(1, ui("ways_of", lang, customer=self.transfer.customer.id)),
            Paragraph(ui("to_partner", lang, **move)),
            Paragraph(self._recommended(lang)),
            self._side_by_side(lang, zone),
            Paragraph(ui("ways_days", lang)),
        ]

    def _recommended(self, lang: str) -> str:
        """Say which way is recommended, and why before the next one that is open."""
        open_ways = [route for route in self if route.available]
        if not open_ways:
            return ui("no_way_open", lang)
        first, others = open_ways[0], [route for route in open_ways[1:] if route.way is not None]
        if not others:
            return ui("way_only", lang, way=first._title(lang))
        why = label(_reason(first, others[0], open_ways), lang)
        return ui("way_recommended", lang, way=first._title(lang), reason=why)

    def _side_by_side(self, lang: str, zone: tzinfo | None) -> Table:
        """Return one row for each way; of a way that is not open it says only that it is open for none."""
        columns = [c for c in _COMPARED if c != "estimate" or any(route.cost for route in self)]
        each = [route._cells(lang, zone) for route in self]
        rows = (
            (route._title(lang), _open_for(route, lang), *(cells.get(column, "-") for column in columns))
            for route, cells in zip(self, each, strict=True)
        )
        return Table((ui("way", lang), ui("open_for", lang), *(ui(c, lang) for c in columns)), tuple(rows))

    def _appendix(self, lang: str, _zone: tzinfo | None) -> list[Block]:
        names = names_of(self.transfer, lang)
        blocks: list[Block] = [Heading(1, ui("appendix", lang))]
        said: list[Finding] = []
        for route in self:
            told = route._told()
            said += told
            blocks.append(Heading(2, route._title(lang)))
            if route.available and route.exceptions:
                excepted = ui("separator", lang).join(names[one] for one in route.exceptions)
                blocks.append(Paragraph(ui("not_for", lang, ids=excepted)))
            # The way's own heading stands in the place of the section's.
            blocks += section("cautions", ((names.get(f.subject, f.subject), f) for f in told), lang)[1:]
        return [*blocks, *citations({f.rule for f in said}, lang)]


def _open_for(route: Route, lang: str) -> str:
    """Return for how many of those that are to be moved a way is open."""
    everything = len({part.subscription for part in route.parts} | set(route.exceptions))
    return ui("of_all", lang, count=everything - len(route.exceptions), all=everything)


def _reason(first: Route, second: Route, compared: Collection[Route]) -> Reason:
    """Return the first thing in which one way is better than another, in the order in which all are compared."""
    if len(first.exceptions) < len(second.exceptions):
        return Reason.FOR_MORE
    money = money_among(compared)
    one, other = (
        Measures(route.data_loss, route.disruption, route.days_without_access, money(route))
        for route in (first, second)
    )
    return better_in(one, other, priced=are_priced(compared))


_BOTH_AGREE: Final = {Actor.CUSTOMER, Actor.DESTINATION_PARTNER}


def compare_routes(transfer: Transfer, *, as_of: date, policy: Policy = IN_FORCE) -> Routes:
    """Compare every way that a customer's move can go as of a UTC day, or as of an aware instant, best first.

    All ways are in the answer, a tuple that shows itself as one comparison: see `Routes`.

    A way is compared over the subscriptions that can go it; those that are to be moved and cannot are its
    `exceptions`, and its findings say why. It is available if at least one can go it. What is lost already (Deleted,
    or cancelled with no day left for a backup) is an exception of every way, as it is lost whichever is taken; a plan
    has its licences bought anew. One more route, whose `way` is None, is the best way of each: what a plan under the
    same policy of what is in force does.

    The order is total: what is available; then the fewest exceptions; then nobody's data lost; then the least
    interruption (risk, then days without access); then money (the estimated cost, or the days paid twice where a
    price is missing); then effort, in the order of `Way`, and the best of each last. Costs are estimates beyond
    going on as today, rounded as `Price.for_days` says. Days are UTC, first and last inclusive. Under a policy of
    the guide's only the guide's ways are open. Raises `InvalidType` or `InvalidValue`, also where prices are in
    more than one currency.
    Source: END-005, PCT-001 to PCT-003, EST-001 to EST-004, CXL-001, CXL-002, CAP-001, CAP-003, DBL-001.

    >>> from csp_transfer import Offer, Partner, Subscription, Tenant, Term
    >>> mail = Subscription(id="m", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                     term=Term.starting(date(2026, 2, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(mail,),
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> for route in compare_routes(move, as_of=date(2026, 11, 22)):
    ...     print(route.way, route.available, route.disruption, route.paid_twice_days)
    partner_center_transfer True none 0
    None True none 0
    provision_then_expire True none 1
    renew_and_wait True none 1
    extend_and_move True possible 1
    expire_then_rebuy True certain 0
    cancel_and_rebuy False none 0
    """
    checks.instance("transfer", transfer, Transfer)
    checks.instance("policy", policy, Policy)
    today = utc_day("as_of", as_of)
    gate = gate_of(transfer, today, policy)
    # Of what is provisioned already, there is nothing left to choose.
    assessed = {a.subscription.id: a for a in assess_each(transfer, as_of, policy)}
    moved = {key: a for key, a in assessed.items() if a.moved and not a.already_provisioned}
    situations = [
        Situation(transfer=transfer, a=moved[key], gate=gate)
        for key in dict.fromkeys((*gate.order, *moved))
        if key in moved
    ]
    ask = _kept()  # the best way of each is, as long as there is room, among those that are asked one by one
    parts = {way: _parts_of(situations, way, gate.free, ask) for way in Way}
    chosen, _ = choose_each(transfer, gate, assessed.values(), {}, always_a_way=True, ask=ask)
    choices, _ = with_bases(chosen)
    if any(s.parent is not None for s in transfer.subscriptions):
        related = _related(transfer, chosen)
        parts = {way: _with_bases(parts[way], related, assessed) for way in Way}
    best = {g.a.subscription.id: g.part for g in choices if g.part is not None}
    by_way = {way: [parts[way][key] for key in moved] for way in Way}
    no_way = [part for closed in by_way.values() for part in closed if part.subscription not in best]
    left = gather(*_not_moved(transfer, assessed.values()))
    routes = [_route(transfer, way, by_way[way], (), left, today, policy) for way in Way]
    routes.append(_route(transfer, None, list(best.values()), no_way, left, today, policy))
    ordered = best_first(routes, before=lambda route: (not route.available, len(route.exceptions)))
    return Routes(ordered, transfer, today, policy)


def _not_moved(transfer: Transfer, assessments: Iterable[Assessment]) -> Iterator[Finding | None]:
    """Yield what is in no route although the caller did not say that nothing replaces it, and why."""
    for a in assessments:
        if a.subscription.trial:
            yield from unreplaced(a.subscription).findings
        elif not a.moved:
            yield already_sold(transfer, a.subscription)
            yield nothing_to_provision(a.subscription, a.replacement)


def _kept() -> Callable[[Situation, Way], RoutePart]:
    """Return `part_of` for the subscriptions of one move, which keeps its answers."""
    answers: dict[tuple[str, Way, date | None], RoutePart] = {}

    def ask(situation: Situation, way: Way) -> RoutePart:
        key = situation.a.subscription.id, way, situation.place
        if key not in answers:
            answers[key] = part_of(situation, way)
        return answers[key]

    return ask


def _parts_of(
    situations: Iterable[Situation], way: Way, free: int | None, ask: Callable[[Situation, Way], RoutePart]
) -> dict[str, RoutePart]:
    """Ask each subscription, in the order in which they get their places, whether it can go a way."""
    parts: dict[str, RoutePart] = {}
    places = Places(free)
    for one in situations:
        if one.place != places.first_day:
            one = evolve(one, place=places.first_day)
        part = ask(one, way)
        until = placed_until(one, part) if part.available else None
        if until is not None:
            places.take(until)
        parts[part.subscription] = part
    return parts


def _related(transfer: Transfer, chosen: Iterable[ChosenWay]) -> list[ChosenWay]:
    """Return how add-ons and what they are added on to go."""
    added = {s.id: s.parent for s in transfer.subscriptions if s.parent is not None}
    ids = {id_key(one) for one in (*added, *added.values())}
    return [choice for choice in chosen if id_key(choice.a.subscription.id) in ids]


def _with_bases(
    parts: Mapping[str, RoutePart], related: Iterable[ChosenWay], assessed: Mapping[str, Assessment]
) -> dict[str, RoutePart]:
    """Return the parts of a way, add-ons in doubt that may be without their base.

    What cannot go this way goes its best one, as in a plan for which the way is named.
    """
    this_way: list[ChosenWay] = []
    for choice in related:
        key = choice.a.subscription.id
        part = parts.get(key)
        if part is not None and part.available:
            this_way.append(choice_by(choice, assessed[key], part))
        else:
            this_way.append(choice)
    choices, _ = with_bases(this_way)
    doubted = {g.part.subscription: g.part for g in choices if g.part is not None}
    return {key: doubted.get(key, part) if part.available else part for key, part in parts.items()}


def _route(
    transfer: Transfer,
    way: Way | None,
    parts: list[RoutePart],
    beside: Iterable[RoutePart],
    left: tuple[Finding, ...],
    today: date,
    policy: Policy,
) -> Route:
    """Return a route of its parts; what is `beside` goes no way at all, and why some are not moved, `left` says."""
    closed = [part for part in (*parts, *beside) if not part.available]
    shown = [part for part in parts if part.available]
    costs = [part.cost for part in shown if part.cost is not None]
    transferred = sum(part.way is Way.PARTNER_CENTER_TRANSFER for part in shown)
    return Route(
        way=way,
        available=bool(shown),
        agree=tuple(sorted(_BOTH_AGREE | {s.actor for part in shown for s in part.steps}, key=str)),
        first_day=min((part.first_day for part in shown if part.first_day), default=None),
        last_day=min((part.last_day for part in shown if part.last_day), default=None),
        days_without_access=max((part.days_without_access for part in shown), default=0),
        paid_twice_days=sum(part.paid_twice_days for part in shown),
        disruption=max((part.disruption for part in shown), default=Risk.NONE),
        data_loss=max((part.data_loss for part in shown), default=Risk.NONE),
        cost=reduce(add, costs) if costs and len(costs) == len(shown) else None,
        steps=tuple(
            sorted(
                by_request([step for part in shown for step in part.steps], today, policy),
                key=lambda step: (step.first_day, step.action in ENDS_IT, step.last_day or LATEST),
            )
        ),
        parts=tuple(parts),
        exceptions=tuple(dict.fromkeys(part.subscription for part in closed)),
        findings=gather(
            None if parts or closed else finding("END-001", "nothing-moved", transfer.customer.id),
            requests(transfer.customer.id, transferred, today, policy) if transferred else None,
            billed_monthly(transfer, today, policy) if shown else None,
            *(f for part in (*shown, *closed) for f in part.findings),
            *left,
        ),
    )
