"""Findings once, by reference: the compact form of a result says what the other one says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from facts import SAMPLES, D, days, transfer, transfers
from hypothesis import given
from jsonschema import Draft202012Validator
from laws import tried

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.texts import read_bytes

CONTOSO = partner_center.read(read_bytes("contoso-subscriptions.json"))
LARGE = partner_center.read((SAMPLES / "large-customer-subscriptions.json").read_bytes())
WINTER = date(2026, 2, 15)
RESULTS: dict[str, Callable[..., Any]] = {
    "Plan": csp.plan_transfer,
    "Portfolio": lambda move, **asked: csp.plan_portfolio([move], **asked),
    "Routes": csp.compare_routes,
}


def same(full: Any, short: Any, tables: dict[str, list[Any]]) -> int:
    """Walk both forms side by side; return how many places of tables there were."""
    if isinstance(full, dict) and "passage" in full:
        assert full == tables["sources"][short]
        return 1
    if isinstance(full, dict) and "message_ja" in full:
        return 1 + sum(same(item, tables["findings"][short][name], tables) for name, item in full.items())
    if isinstance(full, dict):
        assert full.keys() == short.keys() - {"referred"}
        return sum(same(item, short[name], tables) for name, item in full.items() if name != "schema")
    if isinstance(full, list):
        assert len(full) == len(short)
        return sum(same(one, other, tables) for one, other in zip(full, short, strict=True))
    assert full == short
    return 0


@pytest.mark.parametrize("name", RESULTS)
@tried(0.4)
@given(move=transfers(), as_of=days)
def test_both_forms_say_the_same_and_give_the_value_back(name: str, move: csp.Transfer, as_of: date) -> None:
    value = RESULTS[name](move, as_of=as_of, policy=csp.IN_FORCE)
    full, short = (
        json.loads(json.dumps(data)) for data in (value.to_dict(), value.to_dict(by_reference=True))
    )
    assert (full["schema"], short["schema"]) == (1, "1 by reference")
    tables = short["referred"]
    assert same(full, short, tables) >= len(tables["findings"])
    for table in tables.values():
        each = [json.dumps(one, sort_keys=True) for one in table]
        assert len(each) == len(set(each))
    cls = type(value)
    assert cls.from_dict(full) == cls.from_dict(short) == value
    for reading in (False, True):
        schema = csp.json_schema(cls, reading=reading, by_reference=True)
        assert schema["$ref"] == f"#/$defs/{name}ByReference"
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(short)
        assert not Draft202012Validator(schema).is_valid(full)
        assert not Draft202012Validator(csp.json_schema(cls, reading=reading)).is_valid(short)


@pytest.mark.untraced
@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=str)
@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("subscriptions", [CONTOSO, LARGE], ids=["9", "160"])
def test_the_samples_take_less_than_half(
    subscriptions: tuple[csp.Subscription, ...], name: str, policy: csp.Policy
) -> None:
    value = RESULTS[name](transfer(*subscriptions), as_of=WINTER, policy=policy)
    full, short = value.to_dict(), value.to_dict(by_reference=True)
    assert len(json.dumps(short)) < len(json.dumps(full)) / 2
    assert type(value).from_dict(short) == value


def test_typed_dictionaries_have_both_forms() -> None:
    plan = csp.plan_transfer(transfer(), as_of=D)
    data: csp.dicts_by_reference.PlanByReferenceDict = csp.dicts_by_reference.of(plan)
    place = data["findings"][0]
    assert data["referred"]["findings"][place]["rule"] == plan.findings[0].rule
    assert data == plan.to_dict(by_reference=True)


PLAN = json.dumps(csp.plan_transfer(transfer(), as_of=D).to_dict(by_reference=True))


@pytest.mark.parametrize(
    ("path", "value", "field", "accepted"),
    [
        ("findings.0", 10**6, "Plan.findings[0]", "a place in referred.findings, which has"),
        (
            "findings.0",
            len(json.loads(PLAN)["referred"]["findings"]),
            "Plan.findings[0]",
            "a place in referred.find",
        ),
        ("findings.0", -1, "Plan.findings[0]", "a place in referred.findings, which has"),
        ("findings.0", True, "Plan.findings[0]", "a place in referred.findings"),
        ("findings.0", "0", "Plan.findings[0]", "a place in referred.findings"),
        ("findings.0", {}, "Plan.findings[0]", "a place in referred.findings"),
        ("referred", None, "Plan.referred", "an object"),
        ("referred.findings", None, "Plan.referred.findings", "a list"),
        ("referred.sources", {}, "Plan.referred.sources", "a list"),
        ("referred.more", [], "Plan.referred", "only sources, findings"),
        ("referred.findings.0.rule", "XYZ-001", "Plan.referred.findings[0]", ""),
        ("referred.findings.0", 0, "Plan.referred.findings[0]", "an object"),
        ("schema", 1, "Plan", "only the fields of Plan"),
        ("nonsense", 1, "Plan", "only the fields of Plan"),
    ],
)
def test_what_is_no_place_of_a_table_is_refused(path: str, value: Any, field: str, accepted: str) -> None:
    data = json.loads(PLAN)
    at, *_ = [data]
    *parts, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parts:
        at = at[part]
    at[last] = value
    with pytest.raises(csp.CspTransferError) as caught:
        csp.Plan.from_dict(data)
    said = caught.value.to_list()
    assert any(one["field"].startswith(field) and accepted in one["expected"] for one in said)
    # What was wrong leaves nothing behind.
    plan = csp.Plan.from_dict(json.loads(PLAN))
    assert csp.Plan.from_dict(plan.to_dict()) == plan


def test_a_plan_in_a_portfolio_is_in_the_form_of_the_portfolio() -> None:
    portfolio = csp.plan_portfolio([transfer()], as_of=D)
    for by_reference, other in ((False, "1 by reference"), (True, 1)):
        data = portfolio.to_dict(by_reference=by_reference)
        data["plans"][0]["schema"] = other
        with pytest.raises(csp.InvalidValue, match=r"Portfolio\.plans\[0\]\.schema"):
            csp.Portfolio.from_dict(data)


def test_only_what_repeats_its_findings_has_that_form() -> None:
    for cls in (csp.Term, csp.Assessment, csp.Explanation):
        with pytest.raises(csp.InvalidType, match="a class whose to_dict writes by reference"):
            csp.json_schema(cls, by_reference=True)


def test_a_comparison_is_changed_as_every_value_is() -> None:
    routes = csp.compare_routes(transfer(), as_of=D)
    assert routes.evolve() == routes == routes.routes
    other = routes.evolve(routes=routes[:1], as_of=date(2026, 1, 1))
    assert isinstance(other, csp.Routes)
    assert (tuple(other), other.as_of, other.transfer) == (routes[:1], date(2026, 1, 1), routes.transfer)
