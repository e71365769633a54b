"""The published JSON Schema says what `to_dict` writes and what `from_dict` reads: no more, and no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from facts import D, days, replacement, subscription, transfer, transfers
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from laws import tried

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.findings import FACTS
from csp_transfer.plain import Plain, defaults_of
from csp_transfer.strategies.by_type import strategy_for
from csp_transfer.texts import read_bytes

WITH_TO_DICT = [
    value
    for name in csp.__all__
    if isinstance(value := getattr(csp, name), type) and hasattr(value, "to_dict")
]
WITH_FROM_DICT = [cls for cls in WITH_TO_DICT if hasattr(cls, "from_dict")]


@cache
def published(which: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(read_bytes(f"{which}.schema.json"))
    return schema


@cache
def validator(cls: Any, which: str) -> Any:
    """A class by the published file, as somebody has it who does not use Python."""
    schema = published(which) | {"$ref": f"#/$defs/{cls.__name__}"}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value.to_dict()))


def least(data: Any, value: Any) -> Any:
    """What was written, without all that need not be there to be read."""
    if not isinstance(value, Plain):
        return data
    kept = {name: item for name, item in data.items() if name not in value._computed}
    cls: Any = type(value)
    for name, default in defaults_of(cls).items():
        if getattr(value, name) == default:
            del kept[name]
    return {name: least(item, getattr(value, name, None)) for name, item in kept.items()}


def written_and_read(value: Any) -> int:
    """Look at a value as written and as read; return how many outputs that was."""
    cls: Any = type(value)
    data = as_json(value)
    validator(cls, "written").validate(data)
    if isinstance(value, csp.Explanation):  # it is made again from one of the two
        short = {name: data[name] for name in ("schema", "assessment", "plan") if data[name] is not None}
        for readable in (data, short):
            validator(cls, "read").validate(readable)
            assert as_json(cls.from_dict(readable)) == data
        return 3
    short = least(data, value)
    for readable in (data, short):
        validator(cls, "read").validate(readable)
        assert cls.from_dict(readable) == value
    return 3


def test_both_files_are_json_schemas() -> None:
    for which in ("written", "read"):
        Draft202012Validator.check_schema(published(which))
    assert {cls.__name__ for cls in WITH_TO_DICT} < published("written")["$defs"].keys()
    assert {cls.__name__ for cls in WITH_FROM_DICT} < published("read")["$defs"].keys()
    assert WITH_TO_DICT == WITH_FROM_DICT
    assert csp.Explanation in WITH_TO_DICT


@given(transfers(), days)
def test_a_plan_and_all_in_it_are_as_the_schema_says(move: csp.Transfer, as_of: date) -> None:
    """Twelve outputs at least for each case: more than 10,000 where a law is tried a thousand times."""
    plan = csp.plan_transfer(move, as_of=as_of)
    values: list[Any] = [move, plan, plan.policy, plan.assessments[0], plan.findings[0]]
    values += [*plan.steps[:1], *plan.deadlines[:1], *csp.lifecycle(move.subscriptions[0])[:1]]
    assert sum(map(written_and_read, values)) >= 12


@pytest.mark.parametrize("cls", WITH_TO_DICT, ids=lambda cls: cls.__name__)
@given(data=st.data())
@tried(
    0.2, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)  # few ways have charges
def test_every_class_is_as_its_schema_says(cls: type, data: st.DataObject) -> None:
    written_and_read(data.draw(strategy_for(cls)))


# ---- wrong data ------------------------------------------------------------------------------------------------------

_NO_TEXTS: list[Any] = [None, True, -1, 0, 1, 30, 1.5, [], ["x"], {}, {"id": "x"}]
_TEXTS = [
    "",
    " ",
    "JP",
    "jp",
    "EUR",
    "2026-03-31",
    "20260331",
    "2026-03-31T00:00:00Z",
    "active",
    "3.50",
    "P1Y",
]
OTHERS = st.sampled_from([*_NO_TEXTS, *_TEXTS]).map(deepcopy)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in some data."""
    yield path
    for key, item in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield from places(item, (*path, key))


def broken(draw: st.DrawFn, data: Any) -> Any:
    """Some data with one thing otherwise: another value, one more field, or one fewer."""
    root: Any = {"": data}
    at, key = root, ""
    for part in draw(st.sampled_from(sorted(places(data), key=repr))):
        at, key = at[key], part
    if isinstance(at[key], dict) and draw(st.booleans()):
        at[key][draw(st.sampled_from(["nonsense", *at[key]]))] = draw(OTHERS)
    elif isinstance(at, dict) and at is not root and draw(st.booleans()):
        del at[key]
    else:
        at[key] = draw(OTHERS)
    return root[""]


@st.composite
def broken_data(draw: st.DrawFn, cls: type) -> Any:
    value = draw(strategies.transfers() if cls is csp.Transfer else strategy_for(cls))
    return broken(draw, as_json(value))


def reads(cls: Any, data: Any) -> bool:
    try:
        cls.from_dict(data)
    except csp.CspTransferError:
        return False
    return True


@pytest.mark.parametrize(
    "cls", [csp.Transfer, csp.Plan, csp.Subscription, csp.Policy, csp.Finding, csp.Price]
)
@given(data=st.data())
@tried(1, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_what_is_read_is_as_the_schema_says_and_what_it_refuses_is_refused(
    cls: type, data: st.DataObject
) -> None:
    found = data.draw(broken_data(cls))
    if not validator(cls, "read").is_valid(found):
        assert not reads(cls, found)


WRITTEN = transfer(replacements={"83ef9d05": replacement()}).to_dict()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customer", None),
        ("customer.country", "jp"),
        ("customer.id", " "),
        ("customer.nonsense", 1),
        ("subscriptions", {}),
        ("subscriptions", []),
        ("subscriptions.0.quantity", True),
        ("subscriptions.0.quantity", -1),
        ("subscriptions.0.quantity", 2**53 + 1),
        ("subscriptions.0.quantity", "25"),
        ("subscriptions.0.auto_renew", 1),
        ("subscriptions.0.status", "lapsed"),
        ("subscriptions.0.term", "P1Y"),
        ("subscriptions.0.term.last_day", "20260331"),
        ("subscriptions.0.term.last_day", "2026-02-30"),
        ("subscriptions.0.term.last_day", "9999-12-31"),
        ("subscriptions.0.cancellation_allowed_until", "2026-03-31T00:00:00"),
        ("subscriptions.0.renewal_duration", "P2Y"),
        ("subscriptions.0.price", {"amount": 7.5, "currency": "EUR", "cycle": "year"}),
        ("subscriptions.0.price", {"amount": "7.5", "currency": "eur", "cycle": "year"}),
        ("subscriptions.0.seat_windows", [{"quantity": 0, "until": "2026-03-31T00:00:00Z"}]),
        ("subscriptions.0.offer.equivalents", "ABC"),
        ("replacements", []),
        ("replacements.83ef9d05", "never"),
        ("replacements.83ef9d05", None),
        ("tenant_subscriptions", -1),
    ],
)
def test_both_refuse_what_one_field_has_wrong(path: str, value: Any) -> None:
    """And say that it is the same field; of a value that may be null, the schema says no more than that."""
    data = json.loads(json.dumps(WRITTEN))
    at, parts = data, [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parts[:-1]:
        at = at[part]
    at[parts[-1]] = value
    with pytest.raises(csp.CspTransferError) as caught:
        csp.Transfer.from_dict(data)
    [said] = caught.value.to_list()
    [place] = {tuple(error.absolute_path) for error in validator(csp.Transfer, "read").iter_errors(data)}
    assert said["path"] in (list(place), [*place, said["path"][-1]])
    validator(csp.Transfer, "read").validate(WRITTEN)


def test_a_plan_of_another_schema_is_refused() -> None:
    data = csp.plan_transfer(transfer(), as_of=D).to_dict()
    assert validator(csp.Plan, "read").is_valid(data)
    assert not validator(csp.Plan, "read").is_valid(data | {"schema": 2})
    del data["schema"]
    assert not validator(csp.Plan, "read").is_valid(data)


# ---- the door --------------------------------------------------------------------------------------------------------


@pytest.mark.untraced
@pytest.mark.parametrize("cls", WITH_TO_DICT, ids=lambda cls: cls.__name__)
def test_a_class_alone_has_what_the_file_has_of_it_and_no_more(cls: type) -> None:
    for which in ("written", "read")[: 1 + hasattr(cls, "from_dict")]:
        schema = csp.json_schema(cls, reading=which == "read")
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == published(which)["$schema"]
        assert schema["$ref"] == f"#/$defs/{cls.__name__}"
        named = {part.partition('"')[0] for part in json.dumps(schema).split('"#/$defs/')[1:]}
        assert schema["$defs"].keys() == named
        assert schema["$defs"] == {name: published(which)["$defs"][name] for name in named}


def test_a_document_may_keep_its_definitions_in_another_place() -> None:
    schema = csp.json_schema(csp.Replacement, refs="#/components/schemas/")
    assert schema["$ref"] == "#/components/schemas/Replacement"
    assert schema["$defs"]["Replacement"]["properties"]["offer"] == {"$ref": "#/components/schemas/Offer"}


@pytest.mark.parametrize("cls", [csp.Channel, csp.InvalidValue, dict, Plain, csp.GUIDE, "Plan", None])
def test_only_a_class_with_to_dict_has_a_schema(cls: Any) -> None:
    with pytest.raises(csp.InvalidType, match=r"cls: .* expected a class that has to_dict"):
        csp.json_schema(cls)


def test_a_typed_dictionary_has_the_fields_that_are_written() -> None:
    for name, schema in published("written")["$defs"].items():
        if "properties" in schema:
            module = csp.dicts if hasattr(csp.dicts, f"{name}Dict") else csp.dicts_by_reference
            typed = getattr(module, f"{name}Dict")
            assert list(get_type_hints(typed)) == list(schema["properties"])
            assert typed.__required_keys__ == schema["properties"].keys()
        else:
            assert list(getattr(csp.dicts, f"{name}Word").__args__) == schema["enum"]
    assert csp.dicts.FindingFactsDict.__optional_keys__ == FACTS.keys()
    assert csp.dicts.of(subscription()) == subscription().to_dict()


def test_the_files_belong_to_the_package() -> None:
    assert {path.name for path in (Path(csp.__file__).parent / "data").glob("*.schema.json")} == {
        "read.schema.json",
        "written.schema.json",
    }
