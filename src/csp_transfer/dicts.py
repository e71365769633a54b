"""Typed dictionaries: what `to_dict` writes, for type checkers. Written by docs/generate.py.

>>> import csp_transfer as csp
>>> from datetime import date
>>> term: csp.dicts.TermDict = csp.dicts.of(csp.Term.starting(date(2025, 4, 1), 'P1Y'))
>>> term["last_day"]
'2026-03-31'
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, overload

from .assessment import Assessment
from .explanation import Explanation
from .findings import Finding
from .model import Offer, Partner, Replacement, SeatWindow, Subscription, Tenant, Term
from .money import Money, Price
from .parts import Charge, RoutePart
from .plan import Plan
from .policy import Policy
from .portfolio import Portfolio
from .routes import Route, Routes
from .rules.eligibility import Eligibility
from .rules.ending import Provisioning
from .rules.lifecycle import GraceWindow, Phase
from .rules.refunds import RefundAdvice
from .rules.risk import TransitionRisk
from .rules.terms import CurrentTerm
from .steps import Deadline, Step
from .transfer import Transfer

__all__ = [
    "ActionWord",
    "ActorWord",
    "AssessmentDict",
    "BusyDayDict",
    "ChangedFactDict",
    "ChannelWord",
    "ChargeDict",
    "ContactWord",
    "CurrentTermDict",
    "CycleWord",
    "DeadlineDict",
    "DueDict",
    "EligibilityDict",
    "ExplainedVerdictDict",
    "ExplanationDict",
    "FactWord",
    "FindingAndFactsDict",
    "FindingDict",
    "FindingFactsDict",
    "FlippedDict",
    "GraceWindowDict",
    "HistoryDict",
    "MethodWord",
    "MoneyDict",
    "NotReplacedWord",
    "OfferDict",
    "OutcomeWord",
    "PageDict",
    "PartnerDict",
    "PhaseDict",
    "PlanDict",
    "PolicyDict",
    "PortfolioDict",
    "PriceDict",
    "ProvisioningDict",
    "PurposeWord",
    "RefundAdviceDict",
    "ReplacementDict",
    "RiskWord",
    "RoleWord",
    "RouteDict",
    "RoutePartDict",
    "RoutesDict",
    "SeatWindowDict",
    "SeverityWord",
    "SilentRuleDict",
    "SinceDict",
    "SourceDict",
    "StandingWord",
    "StateWord",
    "StatusWord",
    "StepDict",
    "SubscriptionDict",
    "TenantDict",
    "TenantRoomDict",
    "TermDict",
    "TermEndWord",
    "TextsDict",
    "TimingWord",
    "TransferDict",
    "TransitionRiskDict",
    "VerdictWord",
    "WayWord",
    "of",
]

ActionWord = Literal[
    "request_relationship",
    "accept_relationship",
    "find_out",
    "back_up",
    "turn_off_auto_renew",
    "undo_schedule",
    "choose_cancellation",
    "decide_trial",
    "choose_extension",
    "ask_for_credit",
    "decide_credit",
    "request_transfer",
    "submit_transfer",
    "keep_renewing",
    "provision",
    "reassign_licences",
    "migrate_data",
    "cancel",
    "end_extension",
]
ActorWord = Literal["destination_partner", "source_partner", "customer", "billing_support"]
ChannelWord = Literal["csp", "web_direct", "enterprise_agreement", "open", "other"]
ContactWord = Literal["partner_for_customer", "customer"]
CycleWord = Literal["month", "year", "three_years"]
FactWord = Literal[
    "replacement",
    "provision_on",
    "new_offer",
    "new_quantity",
    "auto_renew",
    "at_term_end",
    "mid_term",
    "another_tenant",
    "role",
    "source",
    "destination",
    "keeps_source_partner",
    "relationship_accepted",
    "agreement_accepted",
    "delegated_admin",
    "subscriptions",
    "unread",
    "unsure",
    "tenant_subscriptions",
    "new_discontinued",
    "discontinued",
    "monthly",
    "extended_service",
    "assigned",
    "renewal_duration",
    "canceled_on",
    "mid_term_on",
    "as_of",
    "status",
    "channel",
    "trial",
    "legacy",
    "cancellation_allowed_until",
    "extended",
    "window_known",
    "seat_windows",
    "quantity",
    "first_day",
    "last_day",
    "doubted_last_day",
    "anchor",
    "length_known",
    "customer",
    "target",
]
MethodWord = Literal["overlap", "expire_then_repurchase"]
NotReplacedWord = Literal["not_replaced"]
OutcomeWord = Literal["no_refund", "credit_possible", "prorated_refund"]
PurposeWord = Literal[
    "several_partners",
    "another_partner",
    "another_tenant",
    "bought_elsewhere",
    "another_channel",
]
RiskWord = Literal["none", "possible", "certain"]
RoleWord = Literal[
    "account_admin",
    "sales_agent",
    "billing_agent",
    "admin_agent",
    "helpdesk_agent",
    "global_admin",
    "other",
]
SeverityWord = Literal["info", "action", "caution", "blocker"]
StandingWord = Literal["stated", "confirmed", "secondary", "disputed"]
StateWord = Literal["active", "suspended", "expired", "disabled", "deleted", "extended"]
StatusWord = Literal[
    "none",
    "active",
    "pending",
    "suspended",
    "expired",
    "disabled",
    "deleted",
    "canceled",
    "unknown",
]
TermEndWord = Literal["renew", "cancel", "extend", "expire", "change", "unknown"]
TimingWord = Literal["in_time", "too_late", "gone", "not_sure"]
VerdictWord = Literal[
    "feasible",
    "method",
    "relationship",
    "term",
    "state",
    "auto_renew_off_by",
    "provisioning",
    "disruption",
    "data_loss",
    "reassign_licenses",
    "paid_twice_days",
    "refund",
]
WayWord = Literal[
    "partner_center_transfer",
    "provision_then_expire",
    "expire_then_rebuy",
    "extend_and_move",
    "cancel_and_rebuy",
    "renew_and_wait",
]


class AssessmentDict(TypedDict):
    findings: list[FindingDict]
    subscription: SubscriptionDict
    given: ReplacementDict | NotReplacedWord | None
    as_of: str
    delegated_admin: bool | None
    into_another_tenant: bool
    policy: PolicyDict
    moved: bool
    term: TermDict | None
    state: StateWord | None
    grace_window: GraceWindowDict | None
    auto_renew_off_by: str | None
    provisioning: ProvisioningDict | None
    replacement: ReplacementDict | None
    risk: TransitionRiskDict | None
    refund: RefundAdviceDict
    auto_renew_doubted_day: str | None
    chained_day: str | None
    way: WayWord | None
    asked_at: str | None


class BusyDayDict(TypedDict):
    day: str
    deadlines: int
    customers: int


class ChangedFactDict(TypedDict):
    fact: FactWord
    before: Any
    after: Any
    text: TextsDict


class ChargeDict(TypedDict):
    first_day: str
    last_day: str
    percent: int


class CurrentTermDict(TypedDict):
    findings: list[FindingDict]
    term: TermDict | None
    renewed: bool


class DeadlineDict(TypedDict):
    day: str
    action: ActionWord
    actor: ActorWord
    subject: str
    rule: str
    days_left: int
    cautions: list[str]
    unless_transferred: bool
    recommended: str | None
    doubted_day: str | None
    subjects: list[str]
    or_actor: ActorWord | None


class DueDict(TypedDict):
    day: str
    action: ActionWord
    actor: ActorWord
    subject: str
    rule: str
    days_left: int
    cautions: list[str]
    unless_transferred: bool
    recommended: str | None
    doubted_day: str | None
    subjects: list[str]
    or_actor: ActorWord | None
    customer: str


class EligibilityDict(TypedDict):
    findings: list[FindingDict]
    allowed: bool


class ExplainedVerdictDict(TypedDict):
    verdict: VerdictWord
    value: Any
    findings: list[FindingAndFactsDict]
    silent: list[SilentRuleDict]
    would_change: list[FlippedDict]


class ExplanationDict(TypedDict):
    schema: Literal[1]
    subject: str
    as_of: str
    policy: PolicyDict
    facts: dict[str, Any]
    verdicts: list[ExplainedVerdictDict]
    assessment: AssessmentDict | None
    plan: PlanDict | None


class FindingFactsDict(TypedDict, total=False):
    role: RoleWord
    status: StatusWord
    scheduled: TermEndWord
    way: WayWord
    purposes: list[PurposeWord]
    country: str
    new_offer: str
    offer: str
    parent: str
    partner: str
    partner_country: str
    partner_region: str
    region: str
    said_by: str
    tenant: str
    active: int
    assigned: int
    batches: int
    days: int
    days_left: int
    existing: int
    hours: int
    items: int
    most: int
    new_quantity: int
    percent: int
    percent_without_monthly: int
    quantity: int
    requests: int
    room: int
    stated: int
    unsure: int
    accepted_day: str
    backup_day: str
    best_last_day: str
    chained_day: str
    change_day: str
    deleted_day: str
    disabled_day: str
    doubted_day: str
    expired_day: str
    first_day: str
    last_day: str
    last_safe_day: str
    old_last_day: str
    parent_day: str
    provision_day: str
    renewal_day: str
    until_day: str
    until: str


class FindingDict(TypedDict):
    rule: str
    severity: SeverityWord
    subject: str
    facts: FindingFactsDict
    case: str
    message: str
    message_ja: str
    source: SourceDict


class FindingAndFactsDict(TypedDict):
    rule: str
    severity: SeverityWord
    subject: str
    facts: dict[str, Any]
    case: str
    message: str
    message_ja: str
    source: SourceDict
    read: dict[str, Any]


class FlippedDict(TypedDict):
    fact: FactWord
    before: Any
    after: Any
    text: TextsDict
    becomes: Any


class GraceWindowDict(TypedDict):
    first_day: str
    last_day: str
    findings: list[FindingDict]


class HistoryDict(TypedDict):
    name: str
    unit: str
    stated: int
    stated_by: str
    records: list[SinceDict]


class MoneyDict(TypedDict):
    amount: str
    currency: str


class OfferDict(TypedDict):
    id: str
    name: str
    discontinued: bool | None
    equivalents: list[str]
    monthly: bool | None
    extended_service: bool | None


class PageDict(TypedDict):
    title: str
    edition: str
    read_on: str
    link: str


class PartnerDict(TypedDict):
    id: str
    country: str


class PhaseDict(TypedDict):
    findings: list[FindingDict]
    state: StateWord
    first_day: str
    last_day: str | None
    users_have_access: bool
    admins_have_access: bool
    partner_billed: bool


class PlanDict(TypedDict):
    schema: Literal[1]
    findings: list[FindingDict]
    transfer: TransferDict
    as_of: str
    policy: PolicyDict
    feasible: bool
    method: MethodWord
    assessments: list[AssessmentDict]
    steps: list[StepDict]
    deadlines: list[DeadlineDict]
    batches: list[list[str]]
    named: dict[str, WayWord]
    parts: list[RoutePartDict]
    asked_at: str | None
    room_taken: int


class PolicyDict(TypedDict):
    name: str
    in_force: bool
    grace_days: int | None
    suspended_days: int | None
    disabled_days: int | None
    backup_days: int | None
    most_duplicates: int | None
    histories: list[HistoryDict]


class PortfolioDict(TypedDict):
    schema: Literal[1]
    plans: list[PlanDict]
    unplanned: list[str]
    as_of: str
    deadlines: list[DueDict]
    busiest_days: list[BusyDayDict]
    crowded_tenants: list[TenantRoomDict]
    too_late: dict[str, list[FindingDict]]


class PriceDict(TypedDict):
    amount: str
    currency: str
    cycle: CycleWord


class ProvisioningDict(TypedDict):
    findings: list[FindingDict]
    earliest: str
    recommended: str
    latest: str | None
    timing: TimingWord
    doubted_day: str | None


class RefundAdviceDict(TypedDict):
    findings: list[FindingDict]
    outcome: OutcomeWord
    handled_by: ActorWord | None
    contact: ContactWord | None
    best_last_day: str | None


class ReplacementDict(TypedDict):
    offer: OfferDict
    quantity: int
    provision_on: str | None


class RouteDict(TypedDict):
    findings: list[FindingDict]
    way: WayWord | None
    available: bool
    first_day: str | None
    last_day: str | None
    days_without_access: int
    paid_twice_days: int
    disruption: RiskWord
    data_loss: RiskWord
    cost: MoneyDict | None
    steps: list[StepDict]
    agree: list[ActorWord]
    parts: list[RoutePartDict]
    exceptions: list[str]


class RoutePartDict(TypedDict):
    findings: list[FindingDict]
    available: bool
    first_day: str | None
    last_day: str | None
    days_without_access: int
    paid_twice_days: int
    disruption: RiskWord
    data_loss: RiskWord
    cost: MoneyDict | None
    steps: list[StepDict]
    way: WayWord
    subscription: str
    moves_on: str | None
    reassign_licenses: bool
    grace_window: GraceWindowDict | None
    charges: list[ChargeDict]


class RoutesDict(TypedDict):
    schema: Literal[1]
    transfer: TransferDict
    as_of: str
    policy: PolicyDict
    routes: list[RouteDict]


class SeatWindowDict(TypedDict):
    quantity: int
    until: str


class SilentRuleDict(TypedDict):
    rule: str
    when: TextsDict
    unless: list[ChangedFactDict]
    source: SourceDict


class SinceDict(TypedDict):
    from_day: str
    value: int
    rule: str
    page: PageDict
    standing: StandingWord


class SourceDict(TypedDict):
    passage: str
    title: str
    edition: str
    read_on: str
    link: str
    standing: StandingWord


class StepDict(TypedDict):
    action: ActionWord
    actor: ActorWord
    subject: str
    first_day: str
    last_day: str | None
    rule: str
    cautions: list[str]
    unless_transferred: bool
    recommended: str | None
    doubted_day: str | None
    subjects: list[str]
    or_actor: ActorWord | None


class SubscriptionDict(TypedDict):
    id: str
    offer: OfferDict
    quantity: int
    term: TermDict
    auto_renew: bool
    channel: ChannelWord
    status: StatusWord
    assigned: int | None
    name: str
    trial: bool
    legacy: bool
    parent: str | None
    anchor: str | None
    renewal_duration: Literal["P1M", "P1Y", "P3Y"] | None
    length_known: bool
    at_term_end: TermEndWord | None
    cancellation_allowed_until: str | None
    canceled_on: str | None
    price: PriceDict | None
    extended: bool
    mid_term: TermEndWord | None
    mid_term_on: str | None
    doubted_last_day: str | None
    window_known: bool
    seat_windows: list[SeatWindowDict]


class TenantDict(TypedDict):
    id: str
    country: str


class TenantRoomDict(TypedDict):
    findings: list[FindingDict]
    tenant: str
    customers: list[str]
    existing: int | None
    at_least: int
    duplicates: int
    most: int


class TermDict(TypedDict):
    first_day: str
    last_day: str


class TextsDict(TypedDict):
    en: str
    ja: str


class TransferDict(TypedDict):
    customer: TenantDict
    destination: PartnerDict
    subscriptions: list[SubscriptionDict]
    replacements: dict[str, ReplacementDict | NotReplacedWord]
    target_tenant: TenantDict | None
    delegated_admin: bool | None
    relationship_accepted: bool
    source: PartnerDict | None
    role: RoleWord | None
    keeps_source_partner: bool
    unread: int
    tenant_subscriptions: int | None
    agreement_accepted: str | None


class TransitionRiskDict(TypedDict):
    findings: list[FindingDict]
    disruption: RiskWord
    data_loss: RiskWord
    reassign_licenses: bool
    paid_twice_days: int


@overload
def of(value: Assessment) -> AssessmentDict: ...
@overload
def of(value: Charge) -> ChargeDict: ...
@overload
def of(value: CurrentTerm) -> CurrentTermDict: ...
@overload
def of(value: Deadline) -> DeadlineDict: ...
@overload
def of(value: Eligibility) -> EligibilityDict: ...
@overload
def of(value: Explanation) -> ExplanationDict: ...
@overload
def of(value: Finding) -> FindingDict: ...
@overload
def of(value: GraceWindow) -> GraceWindowDict: ...
@overload
def of(value: Money) -> MoneyDict: ...
@overload
def of(value: Offer) -> OfferDict: ...
@overload
def of(value: Partner) -> PartnerDict: ...
@overload
def of(value: Phase) -> PhaseDict: ...
@overload
def of(value: Plan) -> PlanDict: ...
@overload
def of(value: Policy) -> PolicyDict: ...
@overload
def of(value: Portfolio) -> PortfolioDict: ...
@overload
def of(value: Price) -> PriceDict: ...
@overload
def of(value: Provisioning) -> ProvisioningDict: ...
@overload
def of(value: RefundAdvice) -> RefundAdviceDict: ...
@overload
def of(value: Replacement) -> ReplacementDict: ...
@overload
def of(value: Route) -> RouteDict: ...
@overload
def of(value: RoutePart) -> RoutePartDict: ...
@overload
def of(value: Routes) -> RoutesDict: ...
@overload
def of(value: SeatWindow) -> SeatWindowDict: ...
@overload
def of(value: Step) -> StepDict: ...
@overload
def of(value: Subscription) -> SubscriptionDict: ...
@overload
def of(value: Tenant) -> TenantDict: ...
@overload
def of(value: Term) -> TermDict: ...
@overload
def of(value: Transfer) -> TransferDict: ...
@overload
def of(value: TransitionRisk) -> TransitionRiskDict: ...
def of(value: Any) -> Any:
    """Return what `to_dict()` of a value writes, with its type."""
    return value.to_dict()
