"""Ids are the same in capital and small letters: at every door, in every comparison."""

from __future__ import annotations

import json
import pickle
from datetime import date
from typing import Any

import pytest
from facts import BASIC, D, day, replacement, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import frames, strategies
from csp_transfer.export import to_ics
from csp_transfer.questions import Ask, open_questions
from csp_transfer.texts import IdMap, id_key, same_id


@st.composite
def recased(draw: st.DrawFn, move: csp.Transfer) -> csp.Transfer:
    """The same move, with every id spelled anew wherever it stands."""

    def spelled(name: str) -> str:
        upper = draw(st.lists(st.booleans(), min_size=4, max_size=4))
        return "".join(c.upper() if upper[n % 4] else c.lower() for n, c in enumerate(name))

    def offer(one: csp.Offer) -> csp.Offer:
        return one.evolve(id=spelled(one.id), equivalents={spelled(other) for other in one.equivalents})

    def who(one: Any) -> Any:
        return one and one.evolve(id=spelled(one.id))

    return move.evolve(
        customer=who(move.customer),
        destination=who(move.destination),
        source=who(move.source),
        target_tenant=who(move.target_tenant),
        subscriptions=tuple(
            s.evolve(id=spelled(s.id), parent=s.parent and spelled(s.parent), offer=offer(s.offer))
            for s in move.subscriptions
        ),
        replacements={
            spelled(key): given
            if isinstance(given, csp.NotReplaced)
            else given.evolve(offer=offer(given.offer))
            for key, given in move.replacements.items()
        },
    )


def small(data: Any) -> Any:
    """Data without what only spelling decides: letters, and the order of a set."""
    if isinstance(data, dict):
        return {
            key.lower(): sorted({one.lower() for one in value}) if key == "equivalents" else small(value)
            for key, value in data.items()
        }
    return [small(one) for one in data] if isinstance(data, list) else json.loads(json.dumps(data).lower())


def small_values(values: Any) -> Any:
    return small([value.to_dict() for value in values])


@pytest.mark.parametrize("one", ["f7", "F7"])
def test_steps_of_the_same_urgency_are_in_the_order_of_their_ids_however_those_are_spelled(one: str) -> None:
    """Both are to be found out first; "eb" comes before "f7" and "F7"."""
    term = csp.Term(first_day=date(2022, 1, 10), last_day=date(2022, 2, 9))
    subs = [subscription(id=key, term=term, quantity=0) for key in (one, "eb")]
    plan = csp.plan_transfer(transfer(*subs, relationship_accepted=True), as_of=date(2039, 5, 29))
    assert [(str(s.action), s.subject) for s in plan.steps][:2] == [("find_out", "eb"), ("find_out", one)]


@pytest.mark.parametrize("one", ["offer-b", "Offer-B", "OFFER-B"])
def test_questions_about_offers_do_not_go_by_how_their_ids_are_spelled(one: str) -> None:
    """Both change as much; "offer-a" comes before "offer-b" and "OFFER-B"."""
    subs = [subscription(id=key, offer=csp.Offer(id=key)) for key in (one, "offer-a")]
    plan = csp.plan_transfer(transfer(*subs), as_of=day(-30))
    asked = [question.about for question in open_questions(plan) if question.ask is Ask.STILL_SOLD]
    assert asked == ["offer-a", one]


@given(
    st.data(),
    strategies.questions(source=st.none() | strategies.partners(id="Fabrikam", country="JP")),
    strategies.policies(),
)
def test_how_an_id_is_spelled_changes_no_answer(
    data: st.DataObject, question: tuple[csp.Transfer, date], policy: csp.Policy
) -> None:
    move, as_of = question
    other = data.draw(recased(move))
    one, two = (csp.plan_transfer(m, as_of=as_of, policy=policy) for m in (move, other))
    assert small(one.to_dict()) == small(two.to_dict())
    assert str(one).lower() == str(two).lower()
    routes = [csp.compare_routes(m, as_of=as_of, policy=policy) for m in (move, other)]
    assert small_values(routes[0]) == small_values(routes[1])
    if one.deadlines:
        calendars = [
            [line for line in to_ics(plan).splitlines() if line.startswith(b"UID")] for plan in (one, two)
        ]
        assert calendars[0] == calendars[1]
    cells = [
        frames.assess(frames.of(m.subscriptions, m.replacements), as_of=as_of, policy=policy)
        for m in (move, other)
    ]
    names = [f"csp_{output.name}" for output in frames.OUTPUTS]
    assert cells[0].select(names).rows() == cells[1].select(names).rows()


def test_what_is_asked_for_in_another_case_is_found() -> None:
    move = transfer(subscription(id="Mail"), replacements={"MAIL": csp.NOT_REPLACED})
    assert move.replacements == {"Mail": csp.NOT_REPLACED}
    assert move.replacements["mail"] is csp.NOT_REPLACED
    plan = csp.plan_transfer(move, as_of=D, way={"mAIL": csp.Way.PROVISION_THEN_EXPIRE})
    assert plan.named == {"Mail": csp.Way.PROVISION_THEN_EXPIRE}
    assert plan.assessment_of("MAIL") == plan.assessments[0]
    portfolio = csp.plan_portfolio([transfer(subscription(status=csp.Status.DISABLED))], as_of=day(400))
    assert portfolio.plan_of("CONTOSO") == portfolio.plans[0]
    for other in ("Mail ", "", 5):
        with pytest.raises(csp.InvalidValue, match=r"^subscription_id: .*; expected the id of a sub"):
            plan.assessment_of(other)  # type: ignore[arg-type]
        with pytest.raises(csp.InvalidValue, match=r"^customer_id: .*; expected the id of a customer"):
            portfolio.plan_of(other)  # type: ignore[arg-type]
    assert portfolio.too_late["Contoso"] == portfolio.plans[0].too_late
    table = frames.of([subscription(id="Mail")], {"mail": csp.NOT_REPLACED})
    assert table["replaced"].to_list() == [False]


def test_equality_stays_exact() -> None:
    assert csp.Tenant(id="contoso", country="JP") != csp.Tenant(id="Contoso", country="JP")
    assert BASIC.evolve(id=BASIC.id.lower()) != BASIC


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target_tenant": csp.Tenant(id="CONTOSO", country="JP")}, "another tenant than the customer's"),
        ({"subscriptions": (subscription(), subscription(id="83EF9D05"))}, "each subscription once"),
        ({"subscriptions": (subscription(id="Contoso"),)}, "another id than the customer's"),
        ({"replacements": {"83EF9D05": replacement(), "83ef9d05": replacement()}}, "each id once"),
    ],
)
def test_the_same_id_twice_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(csp.InvalidValue, match=said):
        transfer(**changes)


def test_a_subscription_is_no_add_on_of_itself() -> None:
    with pytest.raises(csp.InvalidValue, match="the id of another subscription"):
        subscription(parent="83EF9D05")


def test_a_way_named_twice_is_refused() -> None:
    ways = dict.fromkeys(("83ef9d05", "83EF9D05"), csp.Way.PROVISION_THEN_EXPIRE)
    with pytest.raises(csp.InvalidValue, match="way: '83EF9D05'; expected each id once"):
        csp.plan_transfer(transfer(), as_of=D, way=ways)


def test_moves_into_one_tenant_are_counted_together() -> None:
    moves = [
        transfer(
            subscription(id=f"s{n}"),
            customer=csp.Tenant(id=f"c{n}", country="JP"),
            target_tenant=csp.Tenant(id=name, country="JP"),
            tenant_subscriptions=299,
        )
        for n, name in enumerate(("newco", "NewCo"))
    ]
    [room] = csp.plan_portfolio(moves, as_of=day(-30)).crowded_tenants
    assert (id_key(room.tenant), room.customers, room.duplicates) == ("newco", ("c0", "c1"), 2)


def test_a_map_of_ids() -> None:
    found: IdMap[int] = IdMap({"A": 1, "b": 2})
    assert (found["a"], found["A"], found["B"], found.get("c")) == (1, 1, 2, None)
    key: Any = 5
    assert key not in found
    assert repr(found) == "IdMap({'A': 1, 'b': 2})"
    copied = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert copied == found == {"A": 1, "b": 2}
    assert copied["a"] == 1
    assert hash(copied) == hash(found)
    assert same_id("É", "é")
