"""Right and wrong uses, for the type checkers: what is wrong must stay wrong.

mypy is strict about ignores that are not needed, and so is pyright here: if one of the wrong uses became right, or a
right one wrong, the check fails. Nothing runs this file.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, assert_type

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.export import to_ics

tenant = csp.Tenant(id="contoso", country="JP")
partner = csp.Partner(id="fabrikam", country="JP")
offer = csp.Offer(id="B", equivalents={"C"})
term = csp.Term.starting(date(2025, 4, 1), "P1Y")
sub = csp.Subscription(id="s", offer=offer, quantity=25, term=term, auto_renew=True)
move = csp.Transfer(customer=tenant, destination=partner, subscriptions=[sub])
today = date(2026, 3, 1)

# ---- right: what comes back -----------------------------------------------------------------------------------------

assert_type(csp.grace_window(sub), csp.GraceWindow | None)
assert_type(csp.state_at(sub, today), csp.State | None)
assert_type(csp.lifecycle(sub), tuple[csp.Phase, ...])
assert_type(csp.assess(sub, as_of=today), csp.Assessment)
assert_type(csp.plan_transfer(move, as_of=today, way={"s": csp.Way.RENEW_AND_WAIT}), csp.Plan)
assert_type(csp.compare_routes(move, as_of=today)[0].cost, csp.Money | None)
assert_type(csp.transition_risk(sub, csp.NOT_REPLACED).data_loss, csp.Risk)
assert_type(csp.refund_advice(sub, as_of=today).best_last_day, date | None)
assert_type(csp.transfer_method([sub]), csp.Method)
assert_type(csp.explain(csp.assess(sub, as_of=today)).of(csp.Verdict.STATE).findings, tuple[csp.Finding, ...])
assert_type(partner_center.read("[]"), tuple[csp.Subscription, ...])
assert_type(sub.evolve(quantity=3), csp.Subscription)
assert_type(csp.plan_portfolio(iter([move]), as_of=today, progress=print).deadlines[0].customer, str)
assert_type(to_ics(csp.plan_portfolio([move], as_of=today), alarms=[1]), bytes)
assert_type(csp.Plan.from_dict({}), csp.Plan)
assert_type(csp.Risk.NONE < csp.Risk.CERTAIN, bool)
assert_type(csp.json_schema(csp.Plan, reading=True), dict[str, Any])
assert_type(csp.PayloadError(()).to_list(), list[dict[str, Any]])
plan_dict = csp.dicts.of(csp.plan_transfer(move, as_of=today))
assert_type(plan_dict, csp.dicts.PlanDict)
assert_type(plan_dict["steps"][0]["last_day"], str | None)
assert_type(plan_dict["transfer"]["subscriptions"][0]["quantity"], int)
assert_type(csp.dicts.of(term)["first_day"], str)
assert_type(csp.Plan.from_dict(plan_dict), csp.Plan)
channel: csp.dicts.ChannelWord = plan_dict["transfer"]["subscriptions"][0]["channel"]
assert_type(csp.partner_center.read("[]"), tuple[csp.Subscription, ...])
assert_type(csp.export.to_ics(csp.plan_transfer(move, as_of=today)), bytes)
many: Sequence[csp.Subscription] = csp.plan_transfer(move, as_of=today).transfer.subscriptions

# ---- wrong ----------------------------------------------------------------------------------------------------------

csp.Tenant("contoso", "JP")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
csp.Tenant(id=1, country="JP")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.assess(sub)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
csp.assess(sub, as_of="2026-03-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.plan_transfer(sub, as_of=today)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.plan_transfer(move, as_of=today, policy="GUIDE")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.plan_transfer(move, as_of=today, way="renew")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.plan_portfolio(move, as_of=today)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.plan_portfolio([move], as_of=today, progress=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
to_ics(move)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.Price(amount=7.5, currency="EUR", cycle=csp.Cycle.YEAR)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.Money(amount=Decimal(1), currency="EUR") + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
sub.quantity = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
plan_dict["step"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
csp.dicts.of(plan_dict)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
csp.Risk.NONE < csp.Severity.INFO  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
csp.region_of(tenant)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
csp.explain(sub)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
