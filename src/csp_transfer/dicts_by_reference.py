"""Typed dictionaries: what `to_dict(by_reference=True)` writes, for type checkers. Written by docs/generate.py.

>>> import csp_transfer as csp
>>> csp.dicts_by_reference.ReferredDict.__annotations__.keys()
dict_keys(['sources', 'findings'])
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, overload

from .dicts import (
    ActorWord,
    BusyDayDict,
    ChargeDict,
    ContactWord,
    DeadlineDict,
    DueDict,
    FindingFactsDict,
    MethodWord,
    MoneyDict,
    NotReplacedWord,
    OutcomeWord,
    PolicyDict,
    ReplacementDict,
    RiskWord,
    SeverityWord,
    SourceDict,
    StateWord,
    StepDict,
    SubscriptionDict,
    TermDict,
    TimingWord,
    TransferDict,
    WayWord,
)
from .plan import Plan
from .portfolio import Portfolio
from .routes import Routes

__all__ = [
    "AssessmentReferringDict",
    "FindingReferringDict",
    "GraceWindowReferringDict",
    "PlanByReferenceDict",
    "PlanReferringDict",
    "PortfolioByReferenceDict",
    "ProvisioningReferringDict",
    "ReferredDict",
    "RefundAdviceReferringDict",
    "RoutePartReferringDict",
    "RouteReferringDict",
    "RoutesByReferenceDict",
    "TenantRoomReferringDict",
    "TransitionRiskReferringDict",
    "of",
]


class AssessmentReferringDict(TypedDict):
    findings: list[int]
    subscription: SubscriptionDict
    given: ReplacementDict | NotReplacedWord | None
    as_of: str
    delegated_admin: bool | None
    into_another_tenant: bool
    policy: PolicyDict
    moved: bool
    term: TermDict | None
    state: StateWord | None
    grace_window: GraceWindowReferringDict | None
    auto_renew_off_by: str | None
    provisioning: ProvisioningReferringDict | None
    replacement: ReplacementDict | None
    risk: TransitionRiskReferringDict | None
    refund: RefundAdviceReferringDict
    auto_renew_doubted_day: str | None
    chained_day: str | None
    way: WayWord | None
    asked_at: str | None


class FindingReferringDict(TypedDict):
    rule: str
    severity: SeverityWord
    subject: str
    facts: FindingFactsDict
    case: str
    message: str
    message_ja: str
    source: int


class GraceWindowReferringDict(TypedDict):
    first_day: str
    last_day: str
    findings: list[int]


class PlanByReferenceDict(TypedDict):
    schema: Literal["1 by reference"]
    referred: ReferredDict
    findings: list[int]
    transfer: TransferDict
    as_of: str
    policy: PolicyDict
    feasible: bool
    method: MethodWord
    assessments: list[AssessmentReferringDict]
    steps: list[StepDict]
    deadlines: list[DeadlineDict]
    batches: list[list[str]]
    named: dict[str, WayWord]
    parts: list[RoutePartReferringDict]
    asked_at: str | None
    room_taken: int


class PlanReferringDict(TypedDict):
    schema: Literal["1 by reference"]
    findings: list[int]
    transfer: TransferDict
    as_of: str
    policy: PolicyDict
    feasible: bool
    method: MethodWord
    assessments: list[AssessmentReferringDict]
    steps: list[StepDict]
    deadlines: list[DeadlineDict]
    batches: list[list[str]]
    named: dict[str, WayWord]
    parts: list[RoutePartReferringDict]
    asked_at: str | None
    room_taken: int


class PortfolioByReferenceDict(TypedDict):
    schema: Literal["1 by reference"]
    referred: ReferredDict
    plans: list[PlanReferringDict]
    unplanned: list[str]
    as_of: str
    deadlines: list[DueDict]
    busiest_days: list[BusyDayDict]
    crowded_tenants: list[TenantRoomReferringDict]
    too_late: dict[str, list[int]]


class ProvisioningReferringDict(TypedDict):
    findings: list[int]
    earliest: str
    recommended: str
    latest: str | None
    timing: TimingWord
    doubted_day: str | None


class ReferredDict(TypedDict):
    sources: list[SourceDict]
    findings: list[FindingReferringDict]


class RefundAdviceReferringDict(TypedDict):
    findings: list[int]
    outcome: OutcomeWord
    handled_by: ActorWord | None
    contact: ContactWord | None
    best_last_day: str | None


class RoutePartReferringDict(TypedDict):
    findings: list[int]
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
    grace_window: GraceWindowReferringDict | None
    charges: list[ChargeDict]


class RouteReferringDict(TypedDict):
    findings: list[int]
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
    parts: list[RoutePartReferringDict]
    exceptions: list[str]


class RoutesByReferenceDict(TypedDict):
    schema: Literal["1 by reference"]
    referred: ReferredDict
    transfer: TransferDict
    as_of: str
    policy: PolicyDict
    routes: list[RouteReferringDict]


class TenantRoomReferringDict(TypedDict):
    findings: list[int]
    tenant: str
    customers: list[str]
    existing: int | None
    at_least: int
    duplicates: int
    most: int


class TransitionRiskReferringDict(TypedDict):
    findings: list[int]
    disruption: RiskWord
    data_loss: RiskWord
    reassign_licenses: bool
    paid_twice_days: int


@overload
def of(value: Plan) -> PlanByReferenceDict: ...
@overload
def of(value: Portfolio) -> PortfolioByReferenceDict: ...
@overload
def of(value: Routes) -> RoutesByReferenceDict: ...
def of(value: Any) -> Any:
    """Return what `to_dict(by_reference=True)` of a value writes, with its type."""
    return value.to_dict(by_reference=True)
