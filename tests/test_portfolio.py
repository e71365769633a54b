"""Portfolios: worked cases of a distributor's month-end, and the laws that many plans together keep."""

from __future__ import annotations

import json
import pickle
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from facts import BASIC, SAMPLES, D, day, replacement, subscription, transfer, year_to
from hypothesis import assume, given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import partner_center, strategies
from csp_transfer.catalogue import Bearing
from csp_transfer.outline import Table, width
from csp_transfer.texts import read_bytes

A = csp.Action
MONTH_END = day(0)


def move(customer: str, count: int = 1, country: str = "JP", **changes: Any) -> csp.Transfer:
    """A customer's move of so many subscriptions that renew at the end of March."""
    each = (subscription(id=f"{customer} {n}", auto_renew=True) for n in range(count))
    facts = {"customer": csp.Tenant(id=customer, country=country), "relationship_accepted": True}
    return transfer(*each, **facts | changes)


def planned(*moves: csp.Transfer, **asked: Any) -> csp.Portfolio:
    return csp.plan_portfolio(moves, **{"as_of": MONTH_END} | asked)


@st.composite
def books(draw: st.DrawFn) -> tuple[list[csp.Transfer], date]:
    """Moves of up to four customers, each once, and a day."""
    first, as_of = draw(strategies.questions())
    others = draw(st.lists(strategies.transfers(), max_size=3))
    moves = [first, *others]
    return [m.evolve(customer=m.customer.evolve(id=f"customer {n}")) for n, m in enumerate(moves)], as_of


# ---- month-end -----------------------------------------------------------------------------------------------------


def test_customers_that_are_all_blocked_have_nothing_to_do() -> None:
    text = str(planned(move("contoso", country="KR"), move("adatum", country="KR")))
    assert "The moves of 0 of 2 customers can go ahead.\nBlocked: adatum; contoso." in text
    assert "To do" not in text
    assert "due" not in text


def test_what_is_due_today_and_this_week() -> None:
    portfolio = planned(move("contoso"), move("adatum", 2), as_of=day(-2))
    assert portfolio.due_by(portfolio.as_of) == ()
    assert [(d.customer, d.subject, d.day, d.days_left, d.action) for d in portfolio.due_by(day(5))] == [
        ("adatum", "adatum 0", D, 3, A.TURN_OFF_AUTO_RENEW),
        ("adatum", "adatum 1", D, 3, A.TURN_OFF_AUTO_RENEW),
        ("contoso", "contoso 0", D, 3, A.TURN_OFF_AUTO_RENEW),
    ]
    assert len(portfolio.due_by(D)) == 3
    assert len(portfolio.due_by(day(-1))) == 0
    assert len(portfolio.due_by(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))) == 3
    assert [(d.customer, d.day, d.action) for d in portfolio.deadlines[3:]] == [
        ("adatum", day(30), A.PROVISION),
        ("adatum", day(30), A.PROVISION),
        ("contoso", day(30), A.PROVISION),
    ]


def test_a_page_of_many_customers_that_cannot_be_short_is_as_short_as_it_can_be() -> None:
    """A window too narrow for a page of 60 lines shows the shortest version, with nothing cut off in it."""
    name = "a customer with a long name, " * 8
    many = planned(*(move(f"{name}{n}", country="JP" if n % 2 else "KR") for n in range(60)))
    narrow, wide = many.to_text(columns=40), many.to_text(columns=200)
    assert len(narrow.splitlines()) > 60 >= len(wide.splitlines())
    assert max(map(len, narrow.splitlines())) <= 40


def test_the_busiest_day_comes_first_and_of_two_the_earlier() -> None:
    later = subscription(id="later", term=csp.Term(first_day=day(-300), last_day=day(31)))
    portfolio = planned(
        move("contoso"), move("adatum"), transfer(later, customer=csp.Tenant(id="x", country="JP"))
    )
    assert [(b.day, b.deadlines, b.customers) for b in portfolio.busiest_days] == [
        (D, 2, 2),
        (day(30), 2, 2),
        # The relationship is requested and accepted, and the licences are provisioned: each has a day of its own.
        (day(59), 1, 1),
        (day(60), 1, 1),
        (day(61), 1, 1),
    ]


def test_a_tenant_with_too_many_to_duplicate() -> None:
    portfolio = planned(move("within", 150), move("over", 151))
    (room,) = portfolio.crowded_tenants
    assert (room.tenant, room.customers, room.duplicates, room.most) == ("over", ("over",), 151, 300)
    assert (room.existing, room.at_least, room.near) == (None, 151, True)
    assert [(f.rule, f.case, f.subject) for f in room.findings] == [
        ("CAP-001", "over", "over"),
        ("CAP-003", "not-known", "over"),
    ]
    fewer = planned(move("within", 3), policy=csp.GUIDE.evolve(most_duplicates=2))
    assert [room.near for room in fewer.crowded_tenants] == [False]


def test_those_whose_status_nobody_knows_may_be_too_many() -> None:
    doubtful = move("contoso", 150)
    unclear = subscription(id="unclear", status=csp.Status.UNKNOWN)
    portfolio = planned(doubtful.evolve(subscriptions=(*doubtful.subscriptions, unclear)))
    assert [f.case for f in portfolio.crowded_tenants[0].findings] == ["not-sure", "not-known"]


@pytest.mark.parametrize(
    ("existing", "near", "case"),
    [(290, False, None), (291, True, "batches"), (299, True, "batches"), (300, True, "no-room")],
)
@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE])
def test_a_tenant_is_near_its_limit_when_its_duplicates_do_not_fit(
    existing: int, near: bool, case: str | None, policy: csp.Policy
) -> None:
    portfolio = planned(move("contoso", 10, tenant_subscriptions=existing), policy=policy)
    assert bool(portfolio.crowded_tenants) == near
    assert [f.case for room in portfolio.crowded_tenants for f in room.findings] == ([case] if case else [])


def test_customers_that_move_into_the_same_tenant_share_its_room() -> None:
    newco = csp.Tenant(id="newco", country="JP")
    into: dict[str, Any] = {"target_tenant": newco, "tenant_subscriptions": 285}
    assert planned(move("contoso", 10, **into)).crowded_tenants == ()
    portfolio = planned(move("contoso", 10, **into), move("adatum", 5, target_tenant=newco), move("newco", 1))
    (room,) = portfolio.crowded_tenants
    assert (room.tenant, room.customers) == ("newco", ("adatum", "contoso", "newco"))
    assert (room.existing, room.at_least, room.duplicates, room.near) == (285, 285, 16, True)
    assert [(f.rule, f.case, f.subject) for f in room.findings] == [("CAP-003", "not-all-move", "newco")]


def test_a_blocked_move_needs_no_room_and_has_no_deadline() -> None:
    portfolio = planned(move("contoso"), move("hanbit", 200, country="KR"))
    assert portfolio.crowded_tenants == ()
    assert [plan.transfer.customer.id for plan in portfolio.blocked] == ["hanbit"]
    assert {due.customer for due in portfolio.deadlines} == {"contoso"}


def test_what_is_too_late_is_said_of_each_customer() -> None:
    lost = subscription(term=csp.Term(first_day=day(-800), last_day=day(-60)), status=csp.Status.EXPIRED)
    portfolio = planned(move("contoso"), move("adatum").evolve(subscriptions=(lost,)))
    assert list(portfolio.too_late) == ["adatum"]
    assert portfolio.too_late["adatum"] == portfolio.plan_of("adatum").too_late
    assert {f.bearing for f in portfolio.too_late["adatum"]} == {Bearing.TOO_LATE}
    text = portfolio.to_text(detail=True)
    assert "Too late already" in text
    assert "adatum: Business Basic" in text


def test_what_only_the_chosen_way_makes_too_late_is_not_too_late_already() -> None:
    plan = csp.plan_transfer(move("contoso"), as_of=day(-5), policy=csp.IN_FORCE, way=csp.Way.RENEW_AND_WAIT)
    assert plan.too_late == ()


# ---- what cannot be planned ----------------------------------------------------------------------------------------


CANCELED = subscription(id="c", status=csp.Status.CANCELED, canceled_on=day(-1))
BAD = [
    move("contoso"),
    "adatum",
    move("northwind").evolve(subscriptions=(CANCELED,)),
    move("tailspin"),
    move("Contoso", 3),
]
AS_OF = day(-2)  # before the cancellation


def test_every_transfer_that_cannot_be_planned_is_named_by_position_and_customer() -> None:
    with pytest.raises(csp.PortfolioError) as caught:
        csp.plan_portfolio(BAD, as_of=AS_OF)  # type: ignore[arg-type]
    assert [(p.item, p.field) for p in caught.value.problems] == [
        ("transfers[1]", "transfer"),
        ("transfers[2] (customer 'northwind')", "canceled_on"),
        ("transfers[4] (customer 'Contoso')", "customer.id"),
    ]
    assert str(caught.value).startswith(
        "3 problems in the portfolio\n  transfers[1]: transfer: 'adatum'; expected a"
    )
    assert "transfers[0] is of the same one" in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert str(again) == str(caught.value)


def test_tolerant_plans_the_others_and_leaves_out_a_customer_that_comes_twice() -> None:
    portfolio = csp.plan_portfolio(BAD, as_of=AS_OF, tolerant=True)  # type: ignore[arg-type]
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["tailspin"]
    assert [line.split(":")[0] for line in portfolio.unplanned] == [
        "transfers[1]",
        "transfers[2] (customer 'northwind')",
        "transfers[4] (customer 'Contoso')",
    ]
    assert portfolio.unplanned[0] in str(portfolio)
    assert csp.Portfolio.from_dict(json.loads(json.dumps(portfolio.to_dict()))) == portfolio


def test_a_customer_is_left_out_also_where_only_the_second_or_third_can_be_planned() -> None:
    bad = move("contoso").evolve(subscriptions=(CANCELED,))
    moves = (bad, move("contoso"), move("tailspin"), move("CONTOSO"))
    portfolio = csp.plan_portfolio(moves, as_of=AS_OF, tolerant=True)
    assert [plan.transfer.customer.id for plan in portfolio.plans] == ["tailspin"]
    assert len(portfolio.unplanned) == 3


def test_where_nothing_can_be_planned_tolerance_ends() -> None:
    with pytest.raises(csp.PortfolioError, match="1 problem in the portfolio"):
        csp.plan_portfolio([None], as_of=D, tolerant=True)  # type: ignore[list-item]


def test_no_transfer_at_all_is_refused_as_an_iterable_that_is_used_up_looks_the_same() -> None:
    moves = iter([move("contoso")])
    assert len(csp.plan_portfolio(moves, as_of=D).plans) == 1
    for tolerant in (False, True):
        with pytest.raises(csp.InvalidValue, match=r"transfers: .*; expected at least one transfer"):
            csp.plan_portfolio(moves, as_of=D, tolerant=tolerant)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"transfers": move("contoso")}, "transfers: .*; expected an iterable of Transfer"),
        ({"as_of": "2026-03-31"}, "as_of: "),
        ({"as_of": datetime(2026, 3, 31)}, "as_of: .* a time zone"),  # noqa: DTZ001
        ({"policy": "GUIDE"}, "policy: 'GUIDE'; expected a Policy"),
        ({"tolerant": 1}, "tolerant: 1; expected True or False"),
        ({"progress": "yes"}, "progress: 'yes'; expected a function of done and total, True, or None"),
    ],
)
def test_what_is_wrong_for_all_is_said_once(asked: dict[str, Any], message: str) -> None:
    facts: dict[str, Any] = {"transfers": [move("contoso"), move("adatum")], "as_of": D} | asked
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=message):
        csp.plan_portfolio(**facts)


def test_a_generator_that_breaks_is_not_taken_for_its_end() -> None:
    def rows() -> Iterator[csp.Transfer]:
        yield move("contoso")
        raise OSError("the connection is lost")

    with pytest.raises(OSError, match="lost"):
        csp.plan_portfolio(rows(), as_of=D, tolerant=True)


PORTFOLIO = planned(move("adatum"), move("contoso"))
TWO = PORTFOLIO.plans


@pytest.mark.parametrize(
    ("plans", "message"),
    [
        ((), r"plans: \(\); expected at least one plan"),
        ([*TWO], "plans: .*; expected a tuple of Plan"),
        ((TWO[0], "x"), r"plans\[1\]: 'x'; expected a Plan"),
        (TWO[::-1], r"plans\[1\]: 'adatum'; expected plans sorted by"),
        ((TWO[0], TWO[0]), r"plans\[1\]: 'adatum'; expected each customer once"),
        (
            (TWO[0], csp.plan_transfer(move("b"), as_of=day(1))),
            r"plans\[1\]: \(2026-04-01, 'GUIDE'\); expected a plan as of 2026-03-31 under the policy GUIDE",
        ),
        ((TWO[0], csp.plan_transfer(move("b"), as_of=D, policy=csp.IN_FORCE)), "as of 2026-03-31 under"),
    ],
)
def test_plans_that_do_not_belong_together_make_no_portfolio(plans: Any, message: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=message):
        csp.Portfolio(plans=plans)


@pytest.mark.parametrize("unplanned", [["late"], (5,), ("",)])
def test_what_was_not_planned_is_said_in_texts(unplanned: Any) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match="unplanned"):
        csp.Portfolio(plans=TWO, unplanned=unplanned)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"schema": 2}, "Portfolio.schema: 2; expected 1"),
        ({"plans": {}}, "Portfolio.plans: {}; expected a list"),
        ({"plans": [None]}, r"Portfolio.plans\[0\]: None; expected an object"),
        ({"plans": [TWO[0].to_dict() | {"schema": 7}]}, r"Portfolio.plans\[0\].schema: 7; expected 1"),
        ({"plans": [TWO[0].to_dict() | {"colour": 7}]}, r"Portfolio.plans\[0\]: 'colour'; expected only the"),
        ({"colour": 7}, "Portfolio: 'colour'; expected only the fields"),
    ],
)
def test_what_is_no_portfolio_is_not_read_as_one(changed: dict[str, Any], message: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=message):
        csp.Portfolio.from_dict(PORTFOLIO.to_dict() | changed)


def test_a_customer_that_is_not_there_is_named() -> None:
    assert PORTFOLIO.plan_of("contoso") is TWO[1]
    with pytest.raises(
        csp.InvalidValue, match="customer_id: 'x'; expected the id of a customer in this portfolio"
    ):
        PORTFOLIO.plan_of("x")


# ---- progress ------------------------------------------------------------------------------------------------------


def test_progress_is_told_after_each_transfer() -> None:
    moves = [move("a"), move("b"), move("c")]
    told: list[tuple[int, int | None]] = []
    csp.plan_portfolio(moves, as_of=D, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    told.clear()
    csp.plan_portfolio(iter(moves), as_of=D, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, None), (2, None), (3, None)]


def test_progress_counts_what_cannot_be_planned_too() -> None:
    told: list[int] = []
    csp.plan_portfolio(BAD, as_of=AS_OF, tolerant=True, progress=lambda done, _: told.append(done))  # type: ignore[arg-type]
    assert told == [1, 2, 3, 4, 5]


def test_progress_as_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert csp.plan_portfolio([move("a"), move("b")], as_of=D, progress=True) == planned(move("a"), move("b"))
    assert "2/2" in capsys.readouterr().err
    csp.plan_portfolio([move("a")], as_of=D, progress=False)
    assert capsys.readouterr().err == ""


def test_importing_the_package_loads_no_bar_and_no_calendar() -> None:
    code = "import sys, csp_transfer; sys.exit(bool({'tqdm', 'icalendar'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


# ---- reports -------------------------------------------------------------------------------------------------------


def test_the_report_counts_alike_deadlines_together() -> None:
    text = planned(move("contoso", 2), move("adatum"), move("hanbit", country="KR"), as_of=D).to_text(
        detail=True
    )
    assert text.startswith("Transfers of 3 customers, 4 subscriptions\n")
    assert "Customers whose move is feasible: 2; blocked: 1; with cautions: 1. Deadlines: 6\n" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "2026-03-31 1 Turn auto-renew off source partner 3 2 END-003" in lines
    assert "2026-04-30 31 Buy the new subscription destination partner or customer 3 2 END-005" in lines
    assert "adatum feasible 1 2026-03-31 -" in lines
    assert "hanbit blocked 1 - ELG-003!" in lines
    assert "adatum Business Basic Turn auto-renew off source partner END-003" in lines  # due today
    assert "Due today" not in planned(move("contoso"), as_of=day(-1)).to_text(detail=True)


def test_the_report_marks_what_a_caution_puts_in_doubt() -> None:
    late = subscription(
        auto_renew=True, term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14))
    )
    doubted, sure = move("contoso").evolve(subscriptions=(late,)), move("adatum")
    text = planned(doubted, sure).to_text(detail=True)
    assert "- EST-001, No free grace window any more: customers 1" in text
    assert [line for line in text.splitlines() if line.startswith("2026-09-14")] != []
    assert all("EST-001!" in line for line in text.splitlines() if line.startswith("2026-09-14  168"))


def test_the_later_day_stands_beside_the_earlier_one() -> None:
    """EST-001: the guide's window ends on 2026-10-14, the term on 09-14, which is the day to act by."""
    late = subscription(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    portfolio = planned(move("contoso").evolve(subscriptions=(late,)))
    [due] = [due for due in portfolio.deadlines if due.action is csp.Action.PROVISION]
    assert (due.day, due.doubted_day) == (date(2026, 9, 14), date(2026, 10, 14))
    lines = [line for line in portfolio.to_text(detail=True).splitlines() if "Buy the new" in line]
    assert [line.split("  ")[0] for line in lines] == ["2026-09-14 (EST-001!: perhaps 2026-10-14)"]
    assert "2026-09-14 (EST-001!: perhaps 2026-10-14)" in portfolio.to_markdown()  # on the page, too


@given(
    moves=st.lists(
        strategies.transfers(), min_size=1, max_size=3, unique_by=lambda one: one.customer.id.lower()
    )
)
def test_a_deadline_loses_nothing_on_its_way_into_the_calendar_of_all(moves: list[csp.Transfer]) -> None:
    portfolio = csp.plan_portfolio(moves, as_of=D)
    for plan in portfolio.plans:
        own = [due for due in portfolio.deadlines if due.customer == plan.transfer.customer.id]
        assert [due.to_dict() for due in own] == [
            {**deadline.to_dict(), "customer": plan.transfer.customer.id} for deadline in plan.deadlines
        ]


def test_the_report_in_japanese_and_in_no_other_language() -> None:
    markdown = planned(move("contoso", 151), move("hanbit", country="KR")).to_markdown("ja", detail=True)
    assert markdown.startswith("# お客様 2 社、サブスクリプション 152 件の移行計画\n")
    assert "| contoso | 1 | 151 以上 | 151 | 300 |" in markdown
    with pytest.raises(csp.InvalidValue, match="lang"):
        PORTFOLIO.to_text("fr")


def test_the_repr_is_short() -> None:
    assert repr(planned(move("contoso", 500), move("hanbit", country="KR"))) == (
        "Portfolio(customers=2, as_of=2026-03-31, policy='GUIDE', subscriptions=501, blocked=1, deadlines=1000, "
        "unplanned=0)"
    )


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("customers", "as_of", "policy"),
    [
        (2, date(2026, 2, 15), csp.GUIDE),
        (2, date(2026, 2, 15), csp.IN_FORCE),
        (2, date(2026, 11, 26), csp.IN_FORCE),
        (10, date(2026, 2, 15), csp.IN_FORCE),
    ],
    ids=str,
)
def test_the_page_of_real_customers_fits_a_screen(customers: int, as_of: date, policy: csp.Policy) -> None:
    large = (SAMPLES / "large-customer-subscriptions.json").read_bytes()
    read = [partner_center.read(payload) for payload in (read_bytes("contoso-subscriptions.json"), large)]
    moves = [
        transfer(*read[n % 2], customer=csp.Tenant(id=f"customer-{n}", country="JP"))
        for n in range(customers)
    ]
    portfolio = csp.plan_portfolio(moves, as_of=as_of, policy=policy)
    for lang in ("en", "ja"):
        for columns in (80, 100, 120):
            lines = portfolio.to_text(lang, columns=columns).splitlines()
            assert len(lines) <= 60
            assert max(map(width, lines)) <= columns


def test_the_page_of_many_customers_fits_a_screen_and_names_what_is_first() -> None:
    moves = [move(f"customer {n:02}", 3) for n in range(30)]
    portfolio = planned(*moves, move("hanbit", country="KR"), as_of=day(-2))
    lines = portfolio.to_text().splitlines()
    assert len(lines) <= 60
    text = " ".join(" ".join(lines).split())
    assert "The moves of 30 of 31 customers can go ahead; 90 steps are due within seven days" in text
    assert "Blocked: hanbit." in text
    assert "customer 00; customer 01; customer 02 and 27 more: Auto-renew off 90" in text
    assert "25 more customers: see the appendix." in text


def test_the_page_counts_what_is_to_be_decided_and_asks_each_thing_once() -> None:
    term = csp.Term(first_day=date(2026, 2, 1), last_day=date(2027, 1, 31))
    offer = csp.Offer(id="X", name="Unknown")
    subs = tuple(subscription(id=f"s{n}", offer=offer, term=term, auto_renew=True) for n in range(2))
    trial = subscription(id="t", trial=True, auto_renew=True, term=term)
    ends = subscription(id="e", trial=True, term=term)
    moves = [move(name).evolve(subscriptions=(*subs, trial, ends)) for name in ("adatum", "contoso")]
    text = planned(*moves, as_of=date(2026, 11, 22), policy=csp.IN_FORCE).to_markdown()
    assert "- Transfer mid-term? 4 subscriptions of 2 customers, first by " in text
    assert "- Does the trial go on? 2 subscriptions of 2 customers, first by 2027-01-31." in text
    assert text.count("still sold") == 1
    assert "Unknown (4). 4 subscriptions of 2 customers, first by 2027-01-31." in text
    assert text.count("Microsoft Customer Agreement") == 1
    one = planned(moves[0].evolve(role=csp.Role.SALES_AGENT, subscriptions=(ends,)), as_of=date(2026, 11, 22))
    assert "Open questions" not in one.to_markdown()


def test_more_lines_and_offers_than_a_page_holds_are_counted() -> None:
    offers = [csp.Offer(id=f"o{n}", name=f"Offer {n}") for n in range(12)]
    each = tuple(subscription(id=f"s{n}", offer=offer) for n, offer in enumerate(offers))
    portfolio = planned(move("contoso").evolve(subscriptions=each), as_of=day(-30))
    assert " and 2 more. 12 subscriptions of one customer" in portfolio.to_markdown()
    lines = tuple(f"file {n}: not read" for n in range(7))
    page, appendix = portfolio.evolve(unplanned=lines).to_markdown(detail=True).split("# Appendix")
    assert "- 2 more customers: see the appendix." in page
    assert page.count("not read") == 5
    assert appendix.count("not read") == 7


def test_what_all_moves_cost_is_added_up_by_currency() -> None:
    """A term that ends on 14 September 2026 has no sure window: one day of 25 licences is paid twice."""
    year = csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14))

    def priced(customer: str, amount: str, currency: str) -> csp.Transfer:
        price = csp.Price(amount=Decimal(amount), currency=currency, cycle=csp.Cycle.YEAR)
        return move(customer).evolve(subscriptions=(subscription(price=price, term=year),))

    text = planned(priced("adatum", "365", "EUR"), priced("contoso", "730", "EUR"), priced("x", "365", "JPY"))
    said = [line for line in text.to_markdown().splitlines() if line.startswith("Estimated")]
    assert said == [
        "Estimated cost beyond going on as today: 75.00 EUR in all (contoso 50.00 EUR; adatum 25.00 EUR; "
        "without a price: 0).",
        "Estimated cost beyond going on as today: 25 JPY in all (x 25 JPY; without a price: 0).",
    ]


def test_what_must_be_read_again_is_in_the_first_sentence_of_a_portfolio() -> None:
    assert (
        "2 subscriptions must be read again first"
        in planned(
            *(move(name).evolve(subscriptions=(subscription(),)) for name in ("a", "b")), as_of=day(200)
        ).to_markdown()
    )


# ---- laws ----------------------------------------------------------------------------------------------------------


@given(books(), strategies.policies(), st.randoms(use_true_random=False))
def test_the_order_of_the_transfers_makes_no_difference(
    book: tuple[list[csp.Transfer], date], policy: csp.Policy, shuffled: random.Random
) -> None:
    moves, as_of = book
    portfolio = csp.plan_portfolio(moves, as_of=as_of, policy=policy)
    again = list(moves)
    shuffled.shuffle(again)
    assert csp.plan_portfolio(iter(again), as_of=as_of, policy=policy) == portfolio
    ids = [plan.transfer.customer.id for plan in portfolio.plans]
    assert ids == sorted(ids)


@given(books(), strategies.policies())
def test_each_plan_is_the_one_that_plan_transfer_makes_alone(
    book: tuple[list[csp.Transfer], date], policy: csp.Policy
) -> None:
    moves, as_of = book
    portfolio = csp.plan_portfolio(moves, as_of=as_of, policy=policy)
    assert len(portfolio.plans) == len(moves)
    for one in moves:
        plan = portfolio.plan_of(one.customer.id)
        alone = csp.plan_transfer(one, as_of=as_of, policy=policy)
        assert plan == alone or plan.room_taken > 0  # it shares a tenant with another
        assert plan.room_taken or plan == alone


@given(books(), strategies.policies(), st.integers(0, 4))
def test_two_calendars_merged_are_the_calendar_of_both(
    book: tuple[list[csp.Transfer], date], policy: csp.Policy, cut: int
) -> None:
    moves, as_of = book
    parts = [part for part in (moves[:cut], moves[cut:]) if part]
    into = [{move.receiving_tenant.id for move in part} for part in parts]
    assume(not set.intersection(*into) or len(parts) == 1)  # who move into one tenant share its places
    portfolios = [csp.plan_portfolio(part, as_of=as_of, policy=policy) for part in parts]
    both = csp.plan_portfolio(moves, as_of=as_of, policy=policy)
    every = [due for portfolio in portfolios for due in portfolio.deadlines]
    assert both.deadlines == tuple(sorted(every, key=lambda due: (due.day, due.customer)))
    late = {customer: found for portfolio in portfolios for customer, found in portfolio.too_late.items()}
    assert both.too_late == late


@given(strategies.portfolios())
def test_the_counts_add_up_and_nothing_is_due_before_the_day(portfolio: csp.Portfolio) -> None:
    deadlines = portfolio.deadlines
    assert len(deadlines) == sum(len(plan.deadlines) for plan in portfolio.plans)
    assert all(due.day >= portfolio.as_of for due in deadlines)
    assert all(due.days_left == (due.day - portfolio.as_of).days + 1 for due in deadlines)
    assert [due.day for due in deadlines] == sorted(due.day for due in deadlines)
    busy = portfolio.busiest_days
    assert {b.day: b.deadlines for b in busy} == Counter(due.day for due in deadlines)
    assert all(b.customers == len({d.customer for d in deadlines if d.day == b.day}) for b in busy)
    assert list(busy) == sorted(busy, key=lambda b: (-b.deadlines, b.day))
    due = {(d.customer, d.subject, d.action) for d in deadlines}
    assert len(due) == len(deadlines)  # so that each can have an id of its own
    assert not {plan.transfer.customer.id for plan in portfolio.blocked} & {d.customer for d in deadlines}


@given(strategies.portfolios(), st.integers(-10, 800))
def test_what_is_due_by_a_day_is_all_that_is_due_until_then(portfolio: csp.Portfolio, days: int) -> None:
    until = max(portfolio.as_of.replace(day=1), csp.policy.GRACE_DAYS.first_day)
    until = date.fromordinal(until.toordinal() + max(0, days))
    assert portfolio.due_by(until) == tuple(due for due in portfolio.deadlines if due.day <= until)


@given(strategies.portfolios())
def test_what_is_too_late_is_what_the_plans_say_is(portfolio: csp.Portfolio) -> None:
    assert portfolio.too_late == {
        plan.transfer.customer.id: plan.too_late for plan in portfolio.plans if plan.too_late
    }
    for plan in portfolio.plans:
        assert set(plan.too_late) <= {f for f in plan.findings if f.bearing is Bearing.TOO_LATE}
        along = {a.subscription.id for a in plan.assessments if a.way is not None}
        if not plan.parts:
            assert plan.too_late == tuple(
                f for f in plan.findings if f.bearing is Bearing.TOO_LATE and f.subject not in along
            )


@given(strategies.portfolios(), st.sampled_from(("en", "ja")))
def test_a_portfolio_comes_back_from_its_dictionary_and_can_be_read(
    portfolio: csp.Portfolio, lang: str
) -> None:
    assert csp.Portfolio.from_dict(json.loads(json.dumps(portfolio.to_dict()))) == portfolio
    text, markdown = portfolio.to_text(lang, detail=True), portfolio.to_markdown(lang, detail=True)
    assert "{" not in text
    for plan in portfolio.plans:
        assert plan.transfer.customer.id in text
        assert plan.transfer.customer.id in markdown


@given(strategies.portfolios())
def test_a_crowded_tenant_is_one_whose_plans_say_so_or_whose_duplicates_do_not_fit(
    portfolio: csp.Portfolio,
) -> None:
    rooms = {room.tenant: room for room in portfolio.crowded_tenants}
    for plan in portfolio.plans:
        said = {f.case for f in plan.findings if f.rule == "CAP-001" and f.case in ("over", "not-sure")}
        room = rooms.get(plan.transfer.receiving_tenant.id)
        if plan.feasible and said:
            assert room is not None
            assert said <= {f.case for f in room.findings}
        if room is not None and plan.feasible:
            assert plan.transfer.customer.id in room.customers


@given(st.sampled_from((BASIC.id, "other")), st.integers(0, 3))
def test_a_replacement_that_is_there_already_is_due_no_more(offer: str, days: int) -> None:
    chosen = {"s": replacement(offer=csp.Offer(id=offer, discontinued=False), provision_on=day(-days))}
    portfolio = planned(transfer(subscription(id="s"), replacements=chosen, relationship_accepted=True))
    provision = [due for due in portfolio.deadlines if due.action is A.PROVISION]
    assert len(provision) == (days == 0)


@given(strategies.portfolios(), st.sampled_from(("en", "ja")))
def test_every_step_of_the_next_seven_days_is_counted_on_the_page(
    portfolio: csp.Portfolio, lang: str
) -> None:
    week = date.fromordinal(portfolio.as_of.toordinal() + 6)
    due = len(portfolio.due_by(week))
    page = portfolio.to_markdown(lang)
    count = (
        f"7 日以内に期限が来る手順は {due} 件" if lang == "ja" else f"{due} steps are due within seven days"
    )
    one = f"7 日以内に期限が来る手順は {due} 件" if lang == "ja" else "one step is due within seven days"
    assert (count if due != 1 else one) in page or due == 0


def test_the_appendix_of_many_customers_says_all_in_its_order() -> None:
    gone = subscription(id="late 0", status=csp.Status.DELETED)
    late = transfer(gone, customer=csp.Tenant(id="late", country="JP"), relationship_accepted=True)
    portfolio = planned(move("adatum", country="KR"), move("contoso", 151), move("fabrikam", 2), late)
    text = portfolio.to_markdown(detail=True)
    appendix = text[text.index("\n# ") :].strip().splitlines()
    assert [line for line in appendix if line.startswith("#")] == [
        "# Appendix",
        "## Why it is blocked",
        "## Too late already",
        "## Cautions",
        "## Tenants over or near their limits",
        "## Room for duplicates",
        "## Due today",
        "## The days on which most is due",
        "## What is due, day by day",
        "## Customer by customer",
        "## Sources",
    ]

    def under(heading: str) -> list[str]:
        found = appendix[appendix.index(f"## {heading}") + 2 :]
        return found[: found.index("")] if "" in found else found

    assert [line.partition(": The")[0] for line in under("Why it is blocked")] == ["- ELG-003, adatum"]
    assert [line[:30] for line in under("Too late already")] == ["- END-005, late: Business Basi"]
    assert under("Cautions") == ["- LIF-001, Active, Expired, Disabled, Deleted: customers 1"]
    assert under("Room for duplicates")[2:] == ["| contoso | 1 | at least 151 | 151 | 300 |"]
    assert len(under("Due today")) == 2 + 151 + 2
    assert under("The days on which most is due")[2:] == [
        "| 2026-03-31 | 153 | 2 |",
        "| 2026-04-30 | 153 | 2 |",
    ]
    assert [line.count("|") and line.split(" | ")[0] for line in under("Customer by customer")[2:]] == [
        "| adatum",
        "| contoso",
        "| fabrikam",
        "| late",
    ]


def test_the_sources_of_an_appendix_name_what_warns_and_what_puts_a_day_in_doubt() -> None:
    portfolio = planned(move("contoso"), policy=csp.IN_FORCE)
    text = portfolio.to_markdown(detail=True)
    sources = text[text.index("\n## Sources") :]
    named = {rule for due in portfolio.deadlines for rule in (due.rule, *due.cautions)}
    warned = {f.rule for plan in portfolio.plans for f in plan.cautions}
    assert named - warned
    for rule_id in named | warned:
        assert rule_id in sources


def impossible(count: int) -> list[csp.Transfer]:
    """Moves that cannot be planned: something is there before the relationship is."""
    early = replacement(provision_on=date(2020, 1, 1))
    return [
        transfer(
            subscription(id=f"s{n}"),
            customer=csp.Tenant(id=f"b{n}", country="JP"),
            replacements={f"s{n}": early},
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (3, []),
        (5, []),
        (6, ["- One more customer: see the appendix."]),
        (7, ["- 2 more customers: see the appendix."]),
    ],
)
def test_a_page_names_five_that_cannot_be_planned_and_counts_the_others(count: int, more: list[str]) -> None:
    page = planned(move("adatum"), *impossible(count), tolerant=True, as_of=day(-60)).to_markdown()
    lines = page.splitlines()
    assert [line for line in lines if line.startswith("#")][:3] == [
        "# Transfers of one customer, one subscription",
        "## Not planned: what was handed in cannot be",
        "## To do next",
    ]
    said = lines[lines.index("## Not planned: what was handed in cannot be") + 2 :]
    said = said[: said.index("")]
    assert [line.partition(": ")[0] for line in said[:5]] == [
        f"- transfers\\[{n}\\] (customer 'b{n - 1}')" for n in range(1, min(count, 5) + 1)
    ]
    assert said[5:] == more


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("a", "a: Auto-renew off: Business Basic"),
        ("ab", "a; b: Auto-renew off"),
        ("abc", "a; b; c: Auto-renew off"),
        ("abcd", "a; b; c and 1 more: Auto-renew off"),
        ("abcde", "a; b; c and 2 more: Auto-renew off"),
    ],
)
def test_a_task_names_three_customers_and_of_one_what_it_is_about(names: str, said: str) -> None:
    page = planned(*map(move, names), as_of=day(-60)).to_markdown()
    assert f"| 2026-03-31 | 2026-01-30 | source partner | {said} |" in page


def test_of_two_things_for_one_customer_the_count_is_said() -> None:
    page = planned(move("a", 2), move("b"), as_of=day(-60)).to_markdown()
    assert "| source partner | a; b: Auto-renew off 3 |" in page


def test_what_comes_later_is_a_part_of_the_page() -> None:
    later = [
        transfer(
            subscription(id=f"l{n}", auto_renew=True, term=csp.Term.starting(date(2025, n, 1), "P1Y")),
            customer=csp.Tenant(id=f"later {n}", country="JP"),
            relationship_accepted=True,
        )
        for n in (6, 9, 12)
    ]
    page = planned(move("a"), *later, as_of=day(-2)).to_markdown()
    assert [line for line in page.splitlines() if line.startswith("#")] == [
        "# Transfers of 4 customers, 4 subscriptions",
        "## To do within seven days, by 2026-04-04",
        "## Open questions, those first that concern most",
        "## Later, by month",
        "## Customers, those first that act first",
    ]


def test_all_customers_go_ahead_or_some_of_them() -> None:
    assert "The moves of all 2 customers can go ahead" in str(planned(move("a"), move("b")))
    assert "The moves of 1 of 2 customers can go ahead" in str(planned(move("a"), move("b", country="KR")))


def test_the_customer_that_acts_first_stands_first_though_another_is_done_first() -> None:
    late = csp.Term.starting(date(2025, 12, 1), "P1Y")
    both = transfer(
        subscription(id="1", auto_renew=True),
        subscription(id="2", auto_renew=True, term=late),
        customer=csp.Tenant(id="z both", country="JP"),
        relationship_accepted=True,
    )
    june = transfer(
        subscription(id="3", auto_renew=True, term=csp.Term.starting(date(2025, 6, 1), "P1Y")),
        customer=csp.Tenant(id="june", country="JP"),
        relationship_accepted=True,
    )
    page = planned(june, both, as_of=day(-60)).to_markdown()
    table = page[page.index("## Customers, those first") :]
    assert [line.split(" | ")[0] for line in table.splitlines()[4:6]] == ["| z both", "| june"]


def test_what_concerns_most_is_asked_first() -> None:
    alpha, beta = csp.Offer(id="alpha", name="Alpha"), csp.Offer(id="beta", name="Beta")
    few = transfer(subscription(id="1", offer=alpha), customer=csp.Tenant(id="few", country="JP"))
    many = [
        transfer(subscription(id=f"{n}", offer=beta), customer=csp.Tenant(id=f"many {n}", country="JP"))
        for n in (2, 3)
    ]
    page = planned(few, *many, as_of=day(-60)).to_markdown()
    assert page.index("Beta") < page.index("Alpha")


def test_what_warns_of_most_customers_is_named_first() -> None:
    def of(customer: str, **changes: Any) -> csp.Transfer:
        sub = subscription(id=f"{customer} 0", **changes)
        return transfer(sub, customer=csp.Tenant(id=customer, country="JP"), relationship_accepted=True)

    def named(*moves: csp.Transfer) -> list[str]:
        page = planned(*moves, as_of=day(-60)).to_markdown()
        [line] = [line for line in page.splitlines() if line.startswith("Cautions: ")]
        return re.findall(r"[A-Z]{3}-\d{3}|\(\d\)", line)

    suspended, unclear = {"status": csp.Status.SUSPENDED}, {"status": csp.Status.UNKNOWN}
    two_suspended = [of("a", **suspended), of("b", **suspended), of("c", **unclear)]
    assert named(*two_suspended) == ["END-002", "(2)", "LIF-002", "(2)", "LIF-003", "(2)"]
    two_unclear = [of("a", **unclear), of("b", **unclear), of("c", **suspended)]
    assert named(*two_unclear)[:2] == ["LIF-001", "(2)"]


def test_of_rules_that_warn_of_as_many_the_first_by_its_id_is_first() -> None:
    def rules(*moves: csp.Transfer) -> list[str]:
        lines = planned(*moves, as_of=day(-60)).to_markdown().splitlines()
        [line] = [line for line in lines if line.startswith("Cautions: ")]
        return re.findall(r"[A-Z]{3}-\d{3}", line)

    def of(customer: str, status: csp.Status) -> csp.Transfer:
        sub = subscription(id=f"{customer} 0", status=status)
        return transfer(sub, customer=csp.Tenant(id=customer, country="JP"), relationship_accepted=True)

    suspended, unclear = of("a", csp.Status.SUSPENDED), of("b", csp.Status.UNKNOWN)
    # The first customer's are END-002, LIF-002 and LIF-003, the other's LIF-001 and RSK-001; three are shown.
    assert rules(suspended, unclear) == rules(unclear, suspended) == ["END-002", "LIF-001", "LIF-002"]


def test_a_task_names_its_one_subscription_whichever_id_comes_first() -> None:
    one = subscription(id="0", auto_renew=True)
    for name in ("z", "-"):
        alone = transfer(one, customer=csp.Tenant(id=name, country="JP"), relationship_accepted=True)
        assert f"| {name}: Auto-renew off: Business Basic |" in planned(alone, as_of=day(-60)).to_markdown()


def test_every_part_of_the_page_is_a_second_heading_and_the_shortest_leaves_users_out() -> None:
    trial = transfer(subscription(trial=True, auto_renew=True), customer=csp.Tenant(id="t", country="JP"))
    made = planned(move("a"), move("b", country="KR"), trial, *impossible(1), tolerant=True, as_of=day(-60))
    assert "## To decide" in made.to_markdown()
    headings = [line for line in made.to_markdown().splitlines() if line.startswith("#")]
    assert [line.partition(" ")[0] for line in headings] == ["#", *["##"] * (len(headings) - 1)]
    assert len(headings) > 3
    longest, *_, shortest = made._versions("en", None)
    for blocks, columns in ((longest, 5), (shortest, 4)):
        headers = [block.headers for block in blocks if isinstance(block, Table)]
        assert columns in map(len, headers)
        assert any("For users" in header for header in headers) == (columns == 5)


def test_the_question_about_most_subscriptions_stands_first() -> None:
    unsure = csp.Offer(id="unsure", name="Perhaps still sold")
    counted = [
        transfer(
            subscription(id=f"{n}", offer=unsure),
            customer=csp.Tenant(id=f"many {n}", country="JP"),
            tenant_subscriptions=1,
        )
        for n in (1, 2)
    ]
    uncounted = transfer(customer=csp.Tenant(id="few", country="JP"))
    lines = planned(uncounted, *counted, as_of=day(-60), policy=csp.IN_FORCE).to_markdown().splitlines()
    asked = lines[lines.index("## Open questions, those first that concern most") + 2 :][:2]
    assert ["Perhaps still sold" in line for line in asked] == [True, False]
    assert "How many subscriptions" in asked[1]


def test_of_a_customer_the_first_day_is_shown_without_the_doubts_of_later_ones() -> None:
    """Auto-renew is off by the end of its term; bought by then, or by another reading thirty days later (EST-001)."""
    renews = subscription(auto_renew=True, term=year_to(date(2026, 9, 14)))
    plans = csp.plan_portfolio([transfer(renews, relationship_accepted=True)], as_of=date(2026, 8, 1))
    [plan] = plans.plans
    assert [due.doubted_day for due in plan.deadlines] == [None, date(2026, 10, 14)]
    rows = [line for line in plans.to_markdown(detail=True).splitlines() if line.startswith("| contoso |")]
    [first] = {row.split(" | ")[3] for row in rows if row.split(" | ")[1] == "feasible"}
    assert first == "2026-09-14"
