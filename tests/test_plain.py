"""Every value pickles, hashes, and survives `to_dict` and back; bad data never comes back as a value."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from facts import days, replacement, subscription, subscriptions, transfer, transfers
from hypothesis import given

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.catalogue import rule
from csp_transfer.frozen_map import FrozenMap
from csp_transfer.plain import Plain


def assert_survives(value: Plain) -> None:
    written = value.to_dict()
    again = type(value).from_dict(json.loads(json.dumps(written)))
    assert again == value
    assert again.to_dict() == written
    copied = pickle.loads(pickle.dumps(value))  # noqa: S301
    assert copied == value
    assert hash(copied) == hash(again) == hash(value)


@given(transfers(), days)
def test_every_value_survives(move: csp.Transfer, as_of: date) -> None:
    plan = csp.plan_transfer(move, as_of=as_of)
    assert_survives(move)
    assert_survives(plan)
    values: list[Plain] = [*plan.findings, *plan.steps, *plan.deadlines, *plan.assessments, csp.GUIDE]
    for value in values:
        assert_survives(value)


@given(subscriptions(), days)
def test_every_verdict_survives(sub: csp.Subscription, as_of: date) -> None:
    window = csp.grace_window(sub)
    verdicts: list[Plain] = [
        csp.refund_advice(sub, as_of=as_of),
        csp.current_term(sub, as_of),
        csp.transition_risk(sub, replacement()),
        *csp.lifecycle(sub),
        *([window] if window else []),
    ]
    for verdict in verdicts:
        assert_survives(verdict)


@given(strategies.findings())
def test_a_finding_without_its_case_is_of_the_only_one_that_fits(found: csp.Finding) -> None:
    facts: dict[str, Any] = {
        "rule": found.rule,
        "severity": found.severity,
        "subject": found.subject,
        "facts": found.facts,
    }
    messages = rule(found.rule).messages.values()
    if [(set(m.facts), m.severity) for m in messages].count((set(found.facts), found.severity)) == 1:
        assert csp.Finding(**facts) == found
    else:
        with pytest.raises(csp.InvalidValue, match=f"{found.rule} case: ''; expected one of"):
            csp.Finding(**facts)


WRITTEN = transfer(replacements={"83ef9d05": replacement()}).to_dict()


def changed(path: tuple[Any, ...], value: Any) -> Any:
    data = json.loads(json.dumps(WRITTEN))
    at = data
    for key in path[:-1]:
        at = at[key]
    if value is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        (("customer",), None, r"Transfer\.customer: None"),
        (("customer",), KeyError, r"Transfer\.customer: None; expected a value"),
        (("customer", "country"), "jp", "country: 'jp'"),
        (("subscriptions", 0, "term", "last_day"), "20260331", r"last_day: '20260331'; expected it spelled"),
        (("customer", "nonsense"), 1, "'nonsense'; expected only the fields of Tenant"),
        (("subscriptions",), {}, r"Transfer\.subscriptions: \{\}; expected a list"),
        (("subscriptions", 0, "quantity"), True, r"Transfer\.subscriptions\[0\]\.quantity: True"),
        (("subscriptions", 0, "quantity"), "25", r"subscriptions\[0\]\.quantity: '25'; expected int"),
        (("subscriptions", 0, "auto_renew"), 1, r"auto_renew: 1; expected bool"),
        (("subscriptions", 0, "status"), "lapsed", r"status: 'lapsed'; expected one of none, active"),
        (("subscriptions", 0, "term"), "P1Y", r"term: 'P1Y'; expected an object"),
        (("subscriptions", 0, "term", "last_day"), "soon", r"last_day: 'soon'; expected ISO 8601 text"),
        *(
            (("subscriptions", 0, "cancellation_allowed_until"), instant, "until: .*; expected ISO 8601 text")
            for instant in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00")  # in UTC, no such year
        ),
        (("subscriptions", 0, "term", "last_day"), 20260331, r"last_day: 20260331; expected ISO 8601 text"),
        (("subscriptions", 0, "canceled_on"), {}, r"canceled_on: \{\}; expected ISO 8601 text"),
        (  # ISO 8601, but not as `to_dict` spells it: a space sorts before the T
            ("subscriptions", 0, "cancellation_allowed_until"),
            "2026-03-08 00:00:00+00:00",
            "until: '2026-03-08 00:00:00\\+00:00'; expected it spelled '2026-03-08T00:00:00Z'",
        ),
        (("subscriptions", 0, "offer", "equivalents"), "ABC", r"equivalents: 'ABC'; expected a list"),
        (("subscriptions", 0, "canceled_on"), "2026-03-31", "canceled_on"),
        (("replacements",), [], r"replacements: \[\]; expected an object"),
        (("replacements", "83ef9d05"), "never", r"'never'; expected one of not_replaced"),
        (("replacements", "83ef9d05"), None, "None"),
    ],
)
def test_bad_data_is_refused_with_the_place_where_it_stands(
    path: tuple[Any, ...], value: Any, match: str
) -> None:
    with pytest.raises(csp.CspTransferError, match=match):
        csp.Transfer.from_dict(changed(path, value))
    assert csp.Transfer.from_dict(WRITTEN).to_dict() == WRITTEN


def test_evolve_changes_a_field_and_checks_it() -> None:
    direct = subscription().evolve(channel=csp.Channel.WEB_DIRECT)
    assert direct.channel is csp.Channel.WEB_DIRECT
    assert direct.id == subscription().id
    with pytest.raises(csp.InvalidValue, match="quantity"):
        subscription().evolve(quantity=-1)


def test_a_word_among_replacements_is_read_back() -> None:
    move = transfer(replacements={"83ef9d05": csp.NOT_REPLACED})
    assert csp.Transfer.from_dict(move.to_dict()) == move


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ([], "an object"),
        ({"nonsense": 1}, "'nonsense'; expected only facts that a message may name"),
        ({"last_day": "soon"}, "ISO 8601 text"),
    ],
)
def test_bad_facts_of_a_finding_are_refused(facts: Any, match: str) -> None:
    found = csp.assess(subscription(auto_renew=True), as_of=date(2026, 3, 1)).findings[0]
    with pytest.raises(csp.CspTransferError, match=match):
        csp.Finding.from_dict(found.to_dict() | {"facts": facts})


def test_an_object_has_texts_as_keys() -> None:
    with pytest.raises(csp.InvalidType, match=r"Tenant: 1; expected a text as key"):
        csp.Tenant.from_dict({1: 2, "id": "x"})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"assessments": []}, "assessments: "),
        ({"steps": [{"subject": "nobody"}]}, "subject: 'nobody'"),
        ({"steps": [{"rule": "END-999"}]}, "rule: 'END-999'"),
        ({"deadlines": [{"cautions": ["EST-999"]}]}, "rule: 'EST-999'"),
        ({"deadlines": [{"subject": ""}]}, "subject: ''"),
    ],
)
def test_a_plan_that_speaks_of_what_it_does_not_have_is_refused(changes: dict[str, Any], match: str) -> None:
    data = csp.plan_transfer(transfer(), as_of=date(2026, 3, 1)).to_dict()
    for key, items in changes.items():
        data[key] = [data[key][0] | item for item in items]
    with pytest.raises(csp.InvalidValue, match=match):
        csp.Plan.from_dict(data)


@pytest.mark.parametrize("schema", [None, 0, 2, "1", True])
def test_a_plan_of_another_schema_is_refused(schema: Any) -> None:
    data = csp.plan_transfer(transfer(), as_of=date(2026, 3, 1)).to_dict()
    with pytest.raises(csp.InvalidValue, match=r"Plan\.schema"):
        csp.Plan.from_dict(data | {"schema": schema})


def test_a_plan_in_a_dictionary_explains_itself() -> None:
    data = csp.plan_transfer(transfer(), as_of=date(2026, 3, 1)).to_dict()
    assert next(iter(data)) == "schema"
    for found in data["findings"]:
        assert found["message"]
        assert found["message_ja"]
        assert found["source"]["link"].startswith("https://")


def test_a_finding_that_occurs_several_times_is_written_once() -> None:
    plan = csp.plan_transfer(transfer(), as_of=date(2026, 3, 1))
    data = plan.to_dict()
    written = {id(found): one for found, one in zip(plan.findings, data["findings"], strict=True)}
    found, one = plan.assessments[0].findings, data["assessments"][0]["findings"]
    assert len(found) > 1
    assert all(written[id(f)] is said for f, said in zip(found, one, strict=True))
    assert plan.to_dict()["findings"][0] is not data["findings"][0]  # whoever changes it changes no other


def test_a_frozen_map_is_a_mapping_that_cannot_change() -> None:
    items = {"a": 1, "b": 2}
    frozen: FrozenMap[str, int] = FrozenMap(items)
    assert isinstance(frozen, Mapping)
    assert frozen == items
    assert hash(frozen) == hash(FrozenMap({"b": 2, "a": 1}))
    assert repr(frozen) == "FrozenMap({'a': 1, 'b': 2})"
    assert pickle.loads(pickle.dumps(frozen)) == frozen  # noqa: S301
    assert FrozenMap() == {}
    with pytest.raises(AttributeError, match="_items"):
        frozen._items = {}
    with pytest.raises(TypeError):
        frozen["a"] = 3  # type: ignore[index]
