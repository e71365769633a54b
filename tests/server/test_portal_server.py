"""The portal of docs/how-to/portal.md as a process. Needs FastAPI and uvicorn; a step of its own in .ci/run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from facts import transfer
from jsonschema import Draft202012Validator

import csp_transfer as csp

PAGE = (Path(__file__).parents[2] / "docs/how-to/portal.md").read_text("utf-8")
_, PAGE = PAGE.split("## With FastAPI and pydantic\n")
PAGE, _ = PAGE.split("## Which policy answered\n")
[CODE] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
[SENT] = [json.loads(sent) for sent in re.findall(r"-d '(\{.*?\})'\n", PAGE, re.DOTALL)]
[REFUSED] = [json.loads(said) for said in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
OPEN = build_opener(ProxyHandler({})).open


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the portal of the page listens, on a port that was free."""
    place = tmp_path_factory.mktemp("portal")
    (place / "portal.py").write_text(CODE, encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "portal:app", "--port", "0", "--no-use-colors"]
    with subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own words
        assert server.stderr is not None
        said = ""
        for line in server.stderr:
            said += line
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                break
        else:
            pytest.fail(f"the server has ended: {said}")
        yield found[1]
        server.terminate()


def ask(url: str, body: Any = None) -> tuple[int, Any]:
    """Return the status and the body of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"content-type": "application/json"})  # noqa: S310 - to this machine
    try:
        with OPEN(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def changed(**facts: Any) -> dict[str, Any]:
    """What the page sends, with other facts about the move."""
    return {**SENT, "transfer": {**SENT["transfer"], **facts}}


def test_a_form_is_planned(portal: str) -> None:
    status, plan = ask(f"{portal}/plans", SENT)
    assert status == 200
    Draft202012Validator(csp.json_schema(csp.Plan)).validate(plan)
    read = csp.Plan.from_dict(plan)
    assert read.transfer == csp.Transfer.from_dict(SENT["transfer"])
    assert [str(step.action) for step in read.steps] == [step["action"] for step in plan["steps"]]
    assert read.feasible
    assert str(read.policy.name) == "GUIDE"


def test_what_was_written_is_taken_again(portal: str) -> None:
    move = transfer()
    status, plan = ask(
        f"{portal}/plans", {"as_of": "2026-03-01", "policy": "in-force", "transfer": move.to_dict()}
    )
    assert (status, csp.Plan.from_dict(plan).transfer) == (200, move)
    assert plan["policy"]["name"] == "IN_FORCE"


def test_each_field_that_is_wrong_is_named_as_the_page_says(portal: str) -> None:
    wrong = [SENT["transfer"]["subscriptions"][0] | {"quantity": -1}]
    asked = changed(customer={"id": "contoso", "country": "jp"}, subscriptions=wrong)
    assert ask(f"{portal}/plans", asked) == (422, REFUSED)


def test_errors_of_the_form_itself_stand_beside_those_of_the_transfer(portal: str) -> None:
    status, said = ask(f"{portal}/plans", changed(nonsense=1) | {"as_of": "soon", "policy": "other"})
    assert status == 422
    assert [one["loc"] for one in said["detail"]] == [
        ["body", "transfer"],
        ["body", "as_of"],
        ["body", "policy"],
    ]


def test_what_only_planning_refuses_is_refused_too(portal: str) -> None:
    early = [
        SENT["transfer"]["subscriptions"][0] | {"term": {"first_day": "2020-04-01", "last_day": "2021-03-31"}}
    ]
    asked = changed(subscriptions=early) | {"policy": "in-force", "as_of": "2021-01-01"}
    status, said = ask(f"{portal}/plans", asked)
    assert status == 422
    assert {"field", "path", "value", "expected", "message"} == said["detail"][0].keys()


def test_its_openapi_describes_both_bodies(portal: str) -> None:
    status, spec = ask(f"{portal}/openapi.json")
    assert status == 200
    named = spec["components"]["schemas"]
    refs = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(spec)))
    assert refs <= named.keys()
    assert {"Plan", "ReadTransfer", "Question"} <= refs
    assert named["ReadTransfer"]["required"] == ["customer", "destination", "subscriptions"]
    assert named["Transfer"]["required"] == list(named["Transfer"]["properties"])
    question = Draft202012Validator({**spec, "$ref": "#/components/schemas/Question"})
    question.validate(SENT)
    assert not question.is_valid(changed(customer={"id": "contoso", "country": "jp"}))
