"""The page of a plan: worked cases of an account manager's Monday, and the laws that every page keeps."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from attrs import evolve
from facts import BASIC, OTHER, SAMPLES, D, day, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st
from moves import crowded, moves

import csp_transfer as csp
from csp_transfer import partner_center, strategies
from csp_transfer.outline import Block, Bullets, Heading, Paragraph, Table, as_text, broken, width
from csp_transfer.page import MOST, Most, Page, calendar, page_blocks
from csp_transfer.policy import GRACE_DAYS
from csp_transfer.questions import Ask, Choice, Counts, Decision, OpenQuestion, Reason, reason
from csp_transfer.questions import Option as Way_out
from csp_transfer.texts import read_bytes

CONTOSO = partner_center.read(read_bytes("contoso-subscriptions.json"))
LARGE = partner_center.read((SAMPLES / "large-customer-subscriptions.json").read_bytes())
WINTER, AUTUMN = date(2026, 2, 15), date(2026, 11, 26)
TOKYO = timezone(timedelta(hours=9))


def planned(
    subscriptions: tuple[csp.Subscription, ...], as_of: date, policy: csp.Policy, **facts: Any
) -> csp.Plan:
    if facts:
        return csp.plan_transfer(transfer(*subscriptions, **facts), as_of=as_of, policy=policy)
    return of_the_facts_alone(subscriptions, as_of, policy)


@cache  # many tests look at the plans of the samples
def of_the_facts_alone(
    subscriptions: tuple[csp.Subscription, ...], as_of: date, policy: csp.Policy
) -> csp.Plan:
    return csp.plan_transfer(transfer(*subscriptions), as_of=as_of, policy=policy)


def section(plan: csp.Plan, heading: str, lang: str = "en", **asked: Any) -> list[Block]:
    """What stands under a heading of the page, up to the next one."""
    found: list[Block] = []
    inside = False
    for block in plan._blocks(lang, **asked):
        if isinstance(block, Heading):
            inside = block.text.startswith(heading)
        elif inside:
            found.append(block)
    return found


def rows(plan: csp.Plan, heading: str, **asked: Any) -> list[tuple[str, ...]]:
    return [
        row for block in section(plan, heading, **asked) if isinstance(block, Table) for row in block.rows
    ]


# ---- a Monday ------------------------------------------------------------------------------------------------------


def test_nine_subscriptions_and_what_is_due_this_week() -> None:
    plan = planned(CONTOSO, WINTER, csp.IN_FORCE)
    assert rows(plan, "To do within seven days, by 2026-02-21") == [
        ("2026-02-16", "2026-02-15", "destination partner", "Request the reseller relationship"),
        ("2026-02-17", "2026-02-15", "customer", "Accept the reseller relationship"),
        ("2026-02-18", "2026-02-15", "destination partner", "Buy: Exchange Online (Plan 1)"),
    ]
    text = " ".join(str(plan).split())
    assert "go ahead with 8 of 9 subscriptions; 3 steps are due within seven days, the first by" in text
    japanese = plan.to_text("ja")
    assert "移行できます (9 件中 8 件)。7 日以内に期限が来る手順は 3 件です" in japanese


def test_each_decision_has_its_consequences_side_by_side() -> None:
    plan = planned(CONTOSO, WINTER, csp.IN_FORCE)
    decided = rows(plan, "To decide")
    assert [(row[0], row[1]) for row in decided] == [
        ("2026-02-25", "Microsoft 365 Business Basic and Visio Plan 2: transfer mid-term?"),
        ("2026-02-25", "Microsoft 365 Business Premium and Audio Conferencing add-on: transfer mid-term?"),
        ("2026-03-11", "Microsoft Teams Premium (trial): does the trial go on?"),
        ("2026-05-31", "Office 365 E3: users have no access. Buy now?"),
    ]
    # 15 February to 31 May are 106 days; on 31 May, one.
    assert decided[3][2:] == (
        "Recommended (access sooner): buy today: users have access again; 106 days paid twice.",
        "Buy on 2026-05-31: up to 105 days without access; one day paid twice.",
    )
    assert decided[1][2].startswith("Recommended (fewer days paid twice): ask the source partner")
    assert decided[1][3] == "buy, then let expire by 2026-09-14: no interruption; 2 days paid twice."


def test_each_confirmation_is_said_once_for_an_offer() -> None:
    plan = planned(LARGE, WINTER, csp.IN_FORCE)
    bullets = [block for block in section(plan, "Open questions") if isinstance(block, Bullets)]
    [sold] = [item for block in bullets for item in block.items if "sold" in item]
    for offer, count in Counter(s.offer.title for s in LARGE).items():
        assert sold.count(f"{offer} ({count})") == 1
    assert str(plan).count("still sold") == 1


@pytest.mark.untraced
def test_that_the_tenant_has_room_changes_most() -> None:
    """More than may be duplicated, unless the tenant holds no others: then those that end without a window need not."""
    question = next(
        q for q in Page.of(planned(LARGE, WINTER, csp.IN_FORCE)).questions if q.ask is Ask.TENANT_HAS_ROOM
    )
    counted = planned(LARGE, WINTER, csp.IN_FORCE, tenant_subscriptions=160)
    assert question.planned is not None
    assert question.otherwise is not None
    assert question.otherwise == Page.of(counted).counts
    assert question.planned == Page.of(planned(LARGE, WINTER, csp.IN_FORCE)).counts
    assert question.otherwise.perhaps_interrupted < question.planned.perhaps_interrupted


@pytest.mark.untraced
@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=str)
@pytest.mark.parametrize("as_of", [WINTER, AUTUMN], ids=str)
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("subscriptions", [CONTOSO, LARGE], ids=["9", "160"])
def test_the_page_fits_a_screen(
    subscriptions: tuple[csp.Subscription, ...], columns: int, lang: str, as_of: date, policy: csp.Policy
) -> None:
    plan = planned(subscriptions, as_of, policy)
    lines = plan.to_text(lang, columns=columns).splitlines()
    assert len(lines) <= 60
    assert max(map(width, lines)) <= columns
    beginning = "\n".join(lines[:24])
    urgent = sorted(s.last_day for s in plan.steps if s.last_day is not None)[:3]
    for last_day in urgent:
        assert str(last_day) in beginning
    text = "\n".join(lines)
    for decision in Page.of(plan).decisions:  # users without access, and the many, are never cut
        if decision.choice is Choice.NOW_OR_LATER or len(decision.subscriptions) > 2:
            assert str(decision.by) in text


def test_what_does_not_fit_is_counted() -> None:
    plan = planned(CONTOSO, WINTER, csp.IN_FORCE)
    full, short = (" ".join(plan.to_text(columns=columns).split()) for columns in (200, 80))
    assert "see the appendix" not in full
    page = Page.of(plan)
    assert [len(d.subscriptions) for d in page.decisions] == [2, 2, 1, 1]
    assert "2026-05-31 Office 365 E3: users" in short
    assert "2026-03-11 Microsoft Teams" not in short
    assert "One more decision: see the appendix." in short
    listed = re.search(r"(\d+) more steps come later: see the appendix\.", short)
    assert listed
    assert len(page.later) - int(listed[1]) == len(
        [step for step in page.later if step.last_day and step.last_day <= date(2026, 3, 29)]
    )
    assert "The appendix (option detail) has every step" in short
    assert "see the appendix" not in plan.to_markdown()


@pytest.mark.parametrize("as_of", [WINTER, AUTUMN], ids=str)
def test_the_page_of_nine_subscriptions_names_what_is_due_first_without_scrolling(as_of: date) -> None:
    for policy in (csp.GUIDE, csp.IN_FORCE):
        plan = planned(CONTOSO, as_of, policy)
        for columns in (80, 100, 120):
            lines = plan.to_text(columns=columns).splitlines()
            assert max(map(width, lines)) <= columns
            for last_day in sorted(s.last_day for s in plan.steps if s.last_day is not None)[:3]:
                assert str(last_day) in "\n".join(lines[:24])


def test_a_blocked_plan_says_why_and_nothing_else() -> None:
    blocked = csp.plan_transfer(transfer(customer=csp.Tenant(id="contoso", country="KR")), as_of=D)
    page = Page.of(blocked)
    assert (page.first, page.later, page.decisions, page.questions, page.moved) == ((), (), (), (), 0)
    headings = [block.text for block in blocked._blocks("en") if isinstance(block, Heading)]
    assert headings == ["Transfer plan for contoso", "Why it is blocked"]


def test_where_nothing_is_moved_the_page_says_so() -> None:
    plan = csp.plan_transfer(transfer(replacements={"83ef9d05": csp.NOT_REPLACED}), as_of=D)
    assert "Nothing is moved: the one subscription is not to be replaced" in " ".join(str(plan).split())


def test_what_is_lost_and_what_must_be_read_again_is_in_the_first_sentence() -> None:
    lost = csp.plan_transfer(transfer(subscription(status=csp.Status.DELETED)), as_of=day(300))
    assert "data of one subscription must be taken as lost" in " ".join(str(lost).split())
    old = csp.plan_transfer(transfer(subscription()), as_of=day(200), policy=csp.IN_FORCE)
    assert "one subscription must be read again first" in " ".join(str(old).split())
    assert rows(old, "To do")[-1][3] == "Read it again: Business Basic"


def test_what_comes_too_late_is_among_the_first_things_whatever_its_last_day() -> None:
    late = csp.plan_transfer(transfer(subscription(status=csp.Status.EXPIRED)), as_of=day(31))
    assert rows(late, "To do") == [
        # Which has to stand before anything can be bought.
        ("2026-07-27", "2026-05-01", "destination partner", "Request the reseller relationship"),
        ("2026-07-28", "2026-05-01", "customer", "Accept the reseller relationship"),
        (
            "at once: 2026-07-29",
            "2026-05-01",
            "destination partner",
            "Buy to save the data: Business Basic",
        ),
    ]


def test_what_must_be_done_at_once_keeps_its_last_days_and_those_in_doubt() -> None:
    """Of three that expired on three days; the first data is lost after 30 days of grace and 90 of Disabled."""
    expired = [
        subscription(
            id=f"s{n}", status=csp.Status.EXPIRED, term=csp.Term(first_day=day(n - 365), last_day=day(n))
        )
        for n in range(3)
    ]
    plan = csp.plan_transfer(transfer(*expired, relationship_accepted=True), as_of=day(40))
    [row] = [row for row in rows(plan, "To do") if row[3].startswith("Buy")]
    assert row[0] == f"at once: {day(120)} to {day(122)}"
    doubted = subscription(
        status=csp.Status.EXPIRED, term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14))
    )
    plan = csp.plan_transfer(transfer(doubted, relationship_accepted=True), as_of=date(2026, 9, 16))
    [row] = [row for row in rows(plan, "To do") if row[3].startswith("Buy")]
    # Without grace, Disabled lasts for 90 days after the term; with it, 30 days longer.
    assert row[0] == "at once: 2026-12-13 (EST-001!: perhaps 2027-01-12)"


# ---- days ----------------------------------------------------------------------------------------------------------


def test_a_day_in_doubt_is_the_safe_one_with_the_other_beside_it() -> None:
    """EST-001: the guide's window ends on 14 October, the term on 14 September, which is the day to act by."""
    plan = csp.plan_transfer(
        transfer(subscription(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))),
        as_of=D,
    )
    [row] = [row for row in rows(plan, "To do") if row[3].startswith("Buy")]
    assert row[0] == "2026-09-14 (EST-001!: perhaps 2026-10-14)"
    assert "! by the earlier, safe day, as sources disagree" in " ".join(str(plan).split())
    [japanese] = [row for row in rows(plan, "次にすること", lang="ja") if row[3].startswith("購入")]
    assert japanese[0] == "2026-09-14 (EST-001!: 2026-10-14 の可能性あり)"


@pytest.mark.parametrize("tz", ["Asia/Tokyo", TOKYO])
def test_the_last_moment_in_the_readers_zone_stands_beside_the_utc_day(tz: str | tzinfo) -> None:
    plan = planned(CONTOSO, WINTER, csp.IN_FORCE)
    assert [row[0] for row in rows(plan, "To do within", tz=tz)] == [
        "2026-02-16 (until 2026-02-17 09:00)",
        "2026-02-17 (until 2026-02-18 09:00)",
        "2026-02-18 (until 2026-02-19 09:00)",
    ]
    assert "2026-02-18 (2026-02-19 09:00 まで)" in plan.to_markdown("ja", tz=tz)
    html = plan.to_html(tz=tz)
    assert "<time>2026-02-18</time> (until <time>2026-02-19</time> 09:00)" in html
    detailed = plan.to_text(tz=tz, detail=True)
    assert "2026-02-18 (until 2026-02-19 09:00)" in detailed[detailed.index("Appendix") :]


class NoOffset(tzinfo):
    """A zone that does not know how far it is from UTC."""

    def utcoffset(self, _: object) -> None:
        return None

    tzname = dst = utcoffset


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"tz": "Asia/Tokio"}, "tz: 'Asia/Tokio'; expected the name of a time zone"),
        ({"tz": "../Asia/Tokyo"}, "tz: '../Asia/Tokyo'; expected the name of a time zone"),
        ({"tz": 9}, "tz: 9; expected the name of a time zone"),
        ({"tz": NoOffset()}, "tz: .*; expected a zone that knows how far it is from UTC"),
        ({"columns": 39}, "columns: 39; expected a whole number from 40"),
        ({"columns": True}, "columns: True; expected a whole number from 40"),
        ({"lang": "fr"}, "lang: 'fr'; expected en or ja"),
    ],
)
def test_what_is_no_zone_no_width_and_no_language_is_refused(asked: dict[str, Any], message: str) -> None:
    plan = csp.plan_transfer(transfer(), as_of=D)
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=message):
        plan.to_text(**asked)


@pytest.mark.parametrize(
    ("days", "safe"),
    [(15, "2026-04-01 to 2026-04-15"), (1, "2026-04-01 to 2026-04-01"), (0, "none")],
)
def test_the_appendix_shows_a_window_in_doubt_as_far_as_it_is_safe(days: int, safe: str) -> None:
    """As if so short a window were announced for the end of March: what it has is safe, 30 April is in doubt."""
    announced = csp.GUIDE.with_record(GRACE_DAYS, GRACE_DAYS.in_force(D).evolve(from_day=D, value=days))
    plan = csp.plan_transfer(transfer(), as_of=day(-30), policy=announced)
    appendix = plan.to_markdown(detail=True).partition("# Appendix")[2]
    assert f"| {safe} (EST-001!: perhaps 2026-04-30) |" in appendix


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        (None, "2026-09-14 (EST-001!: perhaps 2026-10-14)"),
        (date(2026, 9, 14), "2026-09-14 (EST-001!: perhaps 2026-10-14)"),
        (date(2026, 9, 10), "2026-09-10"),
        (date(2026, 9, 20), "2026-09-20"),
    ],
)
def test_the_appendix_shows_a_later_day_beside_the_last_safe_one(chosen: date | None, shown: str) -> None:
    """The term ends on 14 September 2026, and the guide's window of 30 days is in doubt."""
    mail = subscription(name="Mail", term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    given = {mail.id: csp.Replacement(offer=BASIC, quantity=25, provision_on=chosen)}
    plan = csp.plan_transfer(transfer(mail, replacements=given), as_of=date(2026, 9, 1))
    [row] = [r for r in rows(plan, "Subscriptions", detail=True) if r[0] == "Mail"]
    assert row[5] == shown


def test_the_appendix_shows_when_a_step_is_best_beside_when_it_can_be_done() -> None:
    mail = subscription(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    plan = csp.plan_transfer(transfer(mail), as_of=date(2026, 9, 1))
    [buy] = [r for r in rows(plan, "Steps", detail=True) if r[0] == "Buy the new subscription"]
    assert buy[3:5] == ("2026-09-01", "2026-09-14")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (csp.GUIDE, "How they go: let expire, then buy again: 1"),
        (csp.IN_FORCE, "How they go: transfer in Partner Center: 1"),
    ],
    ids=str,
)
def test_the_appendix_counts_how_those_go_that_are_still_to_be_moved(policy: csp.Policy, said: str) -> None:
    """One of three is to be moved; one stays, and one has its replacement."""
    subs = [subscription(id=key, auto_renew=True) for key in ("moved", "stays", "done")]
    bought = csp.Replacement(offer=BASIC, quantity=25, provision_on=day(-40))
    move = transfer(
        *subs, replacements={"stays": csp.NOT_REPLACED, "done": bought}, relationship_accepted=True
    )
    plan = csp.plan_transfer(move, as_of=day(-30), policy=policy)
    assert said in plan.to_text(detail=True).splitlines()
    elsewhere = move.evolve(destination=csp.Partner(id="fabrikam", country="KR"))
    blocked = csp.plan_transfer(elsewhere, as_of=day(-30), policy=policy)
    assert not blocked.feasible
    assert "How they go" not in blocked.to_text(detail=True)


def test_the_appendix_shows_the_safe_end_of_a_term_first() -> None:
    """RNW-001: from the 29th, by one reading the end is two days earlier."""
    plan = planned(CONTOSO, AUTUMN, csp.IN_FORCE)
    [row] = [r for r in rows(plan, "Subscriptions", detail=True) if r[0] == "Visio Plan 2"]
    assert row[2] == "2026-11-27 (RNW-001!: perhaps 2026-11-29)"


# ---- money ---------------------------------------------------------------------------------------------------------


def priced(amount: str, currency: str = "JPY", **facts: Any) -> csp.Subscription:
    price = csp.Price(amount=Decimal(amount), currency=currency, cycle=csp.Cycle.MONTH)
    return subscription(price=price, **facts)


def test_what_the_plan_costs_beyond_going_on_as_today() -> None:
    """A term that ends on 14 September 2026 has no sure window: one day of 25 licences is paid twice."""
    year = csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14))
    subs = (
        priced("3650", id="a", name="Mail", term=year),
        priced("365", id="b", name="Desks", term=year, offer=OTHER),
        priced("1", "EUR", id="c", name="Phones"),
        subscription(id="d", name="Free"),
    )
    plan = csp.plan_transfer(transfer(*subs), as_of=D)
    # 3,650 a month are 43,800 a year of 365 days: 120 a day; 12 a day for the other.
    said = [
        block.text for block in plan._blocks("en") if isinstance(block, Paragraph) and "cost" in block.text
    ]
    assert said == [
        "Estimated cost beyond going on as today: 3300 JPY in all (Mail 3000 JPY; Desks 300 JPY; without a price: 1).",
        "Estimated cost beyond going on as today: 0.00 EUR in all (none; without a price: 1).",
    ]


def test_days_that_nobody_pays_for_cost_less() -> None:
    """Provisioned ten days after the first day of the window: ten days of 25 licences at 120 are not paid."""
    later = {"83ef9d05": csp.Replacement(offer=BASIC, quantity=25, provision_on=day(11))}
    plan = csp.plan_transfer(transfer(priced("3650"), replacements=later), as_of=day(-30))
    assert [str(cost.total) for cost in Page.of(plan).costs] == ["-30000 JPY"]


def test_an_option_says_what_it_costs() -> None:
    suspended = priced("3650", status=csp.Status.SUSPENDED, id="b")
    [row] = rows(csp.plan_transfer(transfer(suspended), as_of=day(-9), policy=csp.IN_FORCE), "To decide")
    assert row[2].endswith("10 days paid twice; it costs 30000 JPY more than today.")
    assert row[3].endswith("one day paid twice; it costs 3000 JPY more than today.")


def test_suspended_ones_that_end_on_different_days_are_one_decision() -> None:
    one = subscription(id="a", status=csp.Status.SUSPENDED)
    other = subscription(
        id="b", status=csp.Status.SUSPENDED, term=csp.Term(first_day=day(-300), last_day=day(20)), offer=OTHER
    )
    [row] = rows(csp.plan_transfer(transfer(one, other), as_of=day(-9), policy=csp.IN_FORCE), "To decide")
    assert row[0] == str(D)
    # Through 31 March ten days, and through 20 April thirty.
    assert row[2].endswith("users have access again; 40 days paid twice.")
    assert row[3] == "Buy on the last day of each term: up to 29 days without access; 2 days paid twice."


def option(**facts: Any) -> Way_out:
    return Way_out(way=csp.Way.PROVISION_THEN_EXPIRE, **facts)


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ({}, {"data_at_risk": 1}, Reason.DATA),
        ({"perhaps_interrupted": 3}, {"interrupted": 1}, Reason.INTERRUPTION),
        ({}, {"perhaps_interrupted": 1}, Reason.INTERRUPTION),
        ({}, {"days_without_access": 1}, Reason.ACCESS),
        ({"paid_twice_days": 1}, {"paid_twice_days": 2}, Reason.PAID_TWICE),
        ({"cost": 1, "paid_twice_days": 9}, {"cost": 2}, Reason.MONEY),
        ({"cost": 2}, {"cost": 2, "paid_twice_days": 9}, Reason.EFFORT),
        ({}, {}, Reason.EFFORT),
    ],
)
def test_why_one_is_recommended(better: dict[str, int], worse: dict[str, int], why: Reason) -> None:
    def made(facts: dict[str, Any]) -> Way_out:
        if "cost" in facts:
            facts = facts | {"cost": csp.Money(amount=Decimal(facts["cost"]), currency="EUR")}
        return option(**facts)

    assert reason(made(better), made(worse)) is why


# ---- questions -----------------------------------------------------------------------------------------------------


def asked(plan: csp.Plan) -> dict[tuple[Ask, str], Any]:
    return {(q.ask, q.about): q for q in Page.of(plan).questions}


def test_what_is_sold_is_asked_of_the_new_offer_and_measured() -> None:
    unknown = csp.Offer(id="NEW", name="New")
    plan = csp.plan_transfer(
        transfer(replacements={"83ef9d05": csp.Replacement(offer=unknown, quantity=25)}), as_of=day(-30)
    )
    question = asked(plan)[Ask.STILL_SOLD, "New"]
    told = csp.plan_transfer(
        transfer(
            replacements={"83ef9d05": csp.Replacement(offer=unknown.evolve(discontinued=True), quantity=25)}
        ),
        as_of=day(-30),
    )
    assert question.otherwise == Page.of(told).counts
    assert (question.subscriptions, question.by) == (1, plan.assessments[0].provision_on)


def test_offers_of_one_name_are_told_apart() -> None:
    one, other = (
        csp.Offer(id="CFQ7TTC0LH18:0001", name="Mail"),
        csp.Offer(id="CFQ7TTC0LH18:0002", name="Mail"),
    )
    plan = csp.plan_transfer(
        transfer(subscription(id="a", offer=one), subscription(id="b", offer=other)), as_of=D
    )
    assert {about for ask, about in asked(plan) if ask is Ask.STILL_SOLD} == {"Mail […0001]", "Mail […0002]"}


def test_more_offers_than_a_line_holds_are_counted() -> None:
    offers = [csp.Offer(id=f"offer {n}", name=f"Offer {n}") for n in range(13)]
    plan = csp.plan_transfer(
        transfer(*(subscription(id=f"s{n}", offer=offer) for n, offer in enumerate(offers))), as_of=day(-30)
    )
    [[sold]] = [block.items for block in section(plan, "Open questions") if isinstance(block, Bullets)]
    assert "Offer 6 and 3 more" in sold  # by name: 0, 1, 10, 11, 12, 2 …
    more = [*plan.transfer.subscriptions, subscription(id="s13", offer=offers[12])]
    plan = csp.plan_transfer(transfer(*more), as_of=day(-30))
    [[sold]] = [block.items for block in section(plan, "Open questions") if isinstance(block, Bullets)]
    assert "Offer 12 (2); Offer 0; Offer 1; Offer 10;" in sold


def test_whether_an_extension_is_possible_is_asked_where_the_way_needs_it() -> None:
    term = csp.Term(first_day=date(2026, 2, 1), last_day=date(2027, 1, 31))
    offer = BASIC.evolve(extended_service=None)
    mail = subscription(offer=offer, term=term, auto_renew=True)
    move = transfer(mail, relationship_accepted=True)
    plan = csp.plan_transfer(move, as_of=date(2026, 11, 22), policy=csp.IN_FORCE, way=csp.Way.EXTEND_AND_MOVE)
    question = asked(plan)[Ask.EXTENDED_SERVICE, offer.title]
    assert question.changed == 1


def test_a_tenant_that_is_crowded_is_asked_about_again_and_one_with_room_is_only_counted() -> None:
    many = tuple(subscription(id=f"s{n}", auto_renew=True) for n in range(150))
    held = tuple(subscription(id=f"h{n}", auto_renew=True) for n in range(20))
    stay = {s.id: csp.NOT_REPLACED for s in held}
    plan = planned((*many, *held), day(-30), csp.IN_FORCE, replacements=stay)
    assert asked(plan)[Ask.TENANT_IS_CROWDED, ""].most == 300
    few = asked(planned(many[:3], day(-30), csp.IN_FORCE))[Ask.TENANT_IS_FULL, ""]
    assert (few.subscriptions, few.most, few.changed) == (3, 300, None)


def test_too_many_are_not_planned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csp_transfer.questions._MOST_ASKED", 1)
    unknown = csp.Offer(id="X", name="X")
    twice = transfer(subscription(id="a", offer=unknown), subscription(id="b", offer=unknown))
    plan = csp.plan_transfer(twice, as_of=D)
    assert asked(plan)[Ask.STILL_SOLD, "X"].changed is None
    assert "2 subscriptions depend on it (not measured)" in " ".join(str(plan).split())
    other = subscription(id="c", offer=csp.Offer(id="Y", name="Y"))
    plan = csp.plan_transfer(transfer(*twice.subscriptions, other), as_of=D)
    assert "3 subscriptions depend on it (not measured)" in " ".join(str(plan).split())


def test_what_has_no_licences_is_no_question_and_no_harm() -> None:
    empty = subscription(id="empty", quantity=0, offer=csp.Offer(id="X", name="X"))
    unknown = subscription(id="a", offer=csp.Offer(id="Y", name="Y"))
    plan = csp.plan_transfer(transfer(empty, unknown, role=csp.Role.SALES_AGENT), as_of=day(-30))
    assert [about for _, about in asked(plan)] == ["Y"]
    assert not [block for block in section(plan, "Open questions") if isinstance(block, Paragraph)][:-1]


def test_where_only_what_changes_no_day_is_open_there_is_no_list() -> None:
    plan = csp.plan_transfer(transfer(), as_of=day(-30))
    assert not [block for block in section(plan, "Open questions") if isinstance(block, Bullets)]


# ---- laws ----------------------------------------------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn) -> csp.Plan:
    move, as_of = draw(moves(most=4) | crowded() | strategies.questions())
    return csp.plan_transfer(move, as_of=as_of, policy=draw(st.sampled_from((csp.GUIDE, csp.IN_FORCE))))


@given(plans(), st.sampled_from(MOST), st.sampled_from(("en", "ja")))
def test_a_shorter_page_says_first_what_the_longer_one_says(plan: csp.Plan, most: Most, lang: str) -> None:
    page = Page.of(plan, measured=False)
    longest, shorter = (page_blocks(page, lang, None, one) for one in (MOST[0], most))
    first = len(page.first) > 0
    tables = [[block for block in blocks if isinstance(block, Table)] for blocks in (longest, shorter)]
    assert not first or tables[0][0] == tables[1][0]
    assert len(shorter) <= len(longest) + 2  # what says how much is left out
    decided = next((t.rows for t in tables[1][first:] if page.decisions), ())
    assert len(decided) == min(len(page.decisions), most.decisions)


@given(plans())
def test_every_step_is_on_the_page_once(plan: csp.Plan) -> None:
    page = Page.of(plan)
    shown = [step for task in page.first for step in task.steps]
    assert Counter(map(id, (*shown, *page.later))) == Counter(map(id, plan.steps))
    week = plan.as_of + timedelta(days=6)
    due = [step for step in plan.steps if step.last_day is not None and step.last_day <= week]
    assert page.due == len(due)
    assert {id(step) for step in due} <= {id(step) for step in shown}
    assert len(page.first) >= min(3, len({(s.action, s.actor, s.unless_transferred) for s in plan.steps}))


@given(plans(), st.sampled_from(("en", "ja")))
def test_every_last_day_on_the_page_is_the_safe_one(plan: csp.Plan, lang: str) -> None:
    safe = {str(step.last_day) for step in plan.steps}
    for block in plan._blocks(lang):
        if isinstance(block, Table) and block.headers[0] in ("Last day", "期限"):
            for row in block.rows:
                days = re.findall(r"\d{4}-\d\d-\d\d", re.sub(r"\(.*\)", "", row[0]))
                assert set(days) <= safe | {str(one.by) for one in Page.of(plan).decisions}
    for step in plan.steps:
        assert step.doubted_day is None or step.last_day is None or step.last_day < step.doubted_day


@given(plans())
def test_what_is_counted_is_what_the_plan_says(plan: csp.Plan) -> None:
    page, going = Page.of(plan), {part.subscription: part for part in plan.parts}
    moved = [a for a in plan.assessments if plan.feasible and (a.moved or a.subscription.id in going)]
    by_transfer = {key for key, part in going.items() if part.way is csp.Way.PARTNER_CENTER_TRANSFER}
    alone = [a for a in plan.assessments if a.subscription.id in page.unreplaced]
    assert not {a.subscription.id for a in moved} & set(page.unreplaced)
    risks = [going[a.subscription.id] if a.subscription.id in by_transfer else a.risk for a in moved]
    risks += [a.risk for a in alone]
    assert page.moved == len(moved)
    assert page.counts.interrupted == sum(
        risk is not None and risk.disruption is csp.Risk.CERTAIN for risk in risks
    )
    assert page.counts.data_at_risk == sum(
        risk is not None and risk.data_loss is not csp.Risk.NONE for risk in risks
    )
    assert sum(count for _, count in page.cautions) == len({(f.rule, f.subject) for f in plan.cautions})


@given(plans())
def test_no_page_says_no_interruption_where_an_assessment_does_not(plan: csp.Plan) -> None:
    """Only what goes on by itself, and is not to be replaced, is left out of what the page counts."""
    first = " ".join(str(plan).split("\n\n")[0].split())
    by_transfer = {part.subscription for part in plan.parts}
    for a in plan.assessments:
        stays = a.running.status is csp.Status.ACTIVE and (a.running.goes_on or a.running.runs_on)
        certain = a.risk is not None and a.risk.disruption is csp.Risk.CERTAIN
        if plan.feasible and certain and not stays and a.subscription.id not in by_transfer:
            assert "no interruption." not in first


def test_what_nothing_replaces_and_ends_is_named_first() -> None:
    """With the last day on which users surely have access: that of the grace window, which follows in March 2026."""
    left = {"83ef9d05": csp.NOT_REPLACED}

    def page(*subs: csp.Subscription, policy: csp.Policy = csp.GUIDE, lang: str = "en") -> str:
        none = left if len(subs) == 1 else {s.id: csp.NOT_REPLACED for s in subs}
        plan = csp.plan_transfer(transfer(*subs, replacements=none), as_of=D, policy=policy)
        return " ".join(plan.to_text(lang, columns=200).split())

    ends = subscription(name="mail")
    for policy in (csp.GUIDE, csp.IN_FORCE):
        said = page(ends, policy=policy)
        assert "Nothing replaces mail: users lose access after 2026-04-30, or may lose it" in said
        assert "service is interrupted for mail; data is at risk for mail." in said
    assert "mail を置き換えるサブスクリプションはありません。2026-04-30 を過ぎると" in page(ends, lang="ja")
    last = ends.evolve(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    on_it = csp.plan_transfer(
        transfer(last, replacements=left), as_of=date(2026, 9, 14), policy=csp.IN_FORCE
    ).to_text(columns=200)
    assert "Nothing replaces mail: users lose access after 2026-09-14" in " ".join(on_it.split())
    over = ends.evolve(status=csp.Status.DISABLED)
    assert "Nothing replaces mail: users are without access, or may be" in page(over)
    goes_on = page(ends.evolve(auto_renew=True))
    assert "no interruption." in goes_on
    assert "Nothing replaces" not in goes_on
    assert "Nothing replaces m0; m1 and 3 more:" in page(
        *(ends.evolve(id=f"s{n}", name=f"m{n}") for n in range(5))
    )


@pytest.mark.parametrize(
    ("unread", "sentence"),
    [
        (1, "One subscription could not be read: this plan does not have it."),
        (4, "4 subscriptions could not be read: this plan does not have them."),
    ],
)
def test_what_could_not_be_read_is_said_on_the_page(unread: int, sentence: str) -> None:
    plan = csp.plan_transfer(transfer(unread=unread), as_of=D)
    assert sentence in " ".join(str(plan).split())
    assert "could not be read:" not in str(csp.plan_transfer(transfer(), as_of=D))


def test_what_has_no_place_in_the_tenant_is_not_safe() -> None:
    """A full tenant leaves it as it is, and it ends (CAP-003)."""
    move = transfer(
        subscription(name="mail"),
        target_tenant=csp.Tenant(id="new", country="JP"),
        tenant_subscriptions=300,
        relationship_accepted=True,
    )
    text = " ".join(str(csp.plan_transfer(move, as_of=D, policy=csp.IN_FORCE)).split())
    assert "Nothing is moved" in text
    assert "no interruption" not in text
    assert "Nothing replaces mail" in text


@given(plans())
def test_a_question_is_measured_as_if_it_were_asked(plan: csp.Plan) -> None:
    for question in Page.of(plan).questions:
        if question.changed is not None and question.planned is not None:
            assert 0 <= question.changed <= question.subscriptions
            assert question.changed > 0 or question.planned == question.otherwise


@st.composite
def with_prices(draw: st.DrawFn) -> csp.Plan:
    move, as_of = draw(moves(most=4))
    price = st.none() | st.builds(
        csp.Price,
        amount=st.decimals(1, 5000, places=2),
        currency=st.sampled_from(("EUR", "JPY")),
        cycle=st.sampled_from(csp.Cycle),
    )
    subs = tuple(s.evolve(price=draw(price)) for s in move.subscriptions)
    return csp.plan_transfer(
        move.evolve(subscriptions=subs), as_of=as_of, policy=draw(st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
    )


@given(with_prices())
def test_the_total_is_that_of_the_ways_of_the_plan(plan: csp.Plan) -> None:
    page = Page.of(plan)
    for cost in page.costs:
        assert cost.total.amount == sum(money.amount for _, money in cost.each)
    known = {key: money for cost in page.costs for key, money in cost.each}
    for part in plan.parts:
        assert known.get(part.subscription) == part.cost
    assert len(known) + page.unpriced == page.moved


@given(plans(), st.sampled_from(("en", "ja")), st.sampled_from((40, 80, 100)))
def test_no_line_of_a_page_is_too_wide(plan: csp.Plan, lang: str, columns: int) -> None:
    text = plan.to_text(lang, columns=columns)
    assert all(width(line) <= columns for line in text.splitlines() if not line.startswith(("=", "#")))
    assert text.split() == plan.to_text(lang, columns=columns).split()


@given(
    st.lists(st.lists(st.text("ab あ、。( )c-", max_size=40), min_size=3, max_size=3), min_size=1, max_size=3)
)
def test_cells_that_are_broken_lose_nothing(cells: list[list[str]]) -> None:
    table = Table(("x", "y", "z"), tuple(map(tuple, cells)))
    written = as_text([table], 40)
    assert all(width(line) <= 40 for line in written.splitlines())
    letters = Counter("".join("".join(row) for row in cells).replace(" ", ""))
    letters.update("xyz")
    assert Counter(re.sub(r"[-\s]", "", written)) == Counter({k: n for k, n in letters.items() if k != "-"})


def test_a_page_too_narrow_for_a_screen_is_shown_all_the_same() -> None:
    text = planned(LARGE, WINTER, csp.IN_FORCE).to_text("ja", columns=40)
    assert len(text.splitlines()) > 60
    assert "2026-02-16" in text


def test_a_word_without_blanks_is_cut_where_it_must_be() -> None:
    assert broken("ab " + "あ" * 9, 8) == ["ab ああ", "ああああ", "あああ"]


def test_a_question_is_asked_without_a_day_where_no_day_is_known() -> None:
    undated = subscription(mid_term=csp.TermEnd.RENEW, auto_renew=False)
    plan = csp.plan_transfer(
        transfer(undated).evolve(tenant_subscriptions=None), as_of=day(0), policy=csp.IN_FORCE
    )
    [question] = [q for q in Page.of(plan).questions if q.ask is Ask.TENANT_IS_FULL]
    assert question.by is None
    text = " ".join(str(plan).split())
    assert "- How many subscriptions does the tenant have in all? It matters only if" in text


@pytest.mark.parametrize(
    ("as_of", "said"), [(29, "Answer by 2026-07-30."), (30, "Answer today."), (31, "Answer today.")]
)
def test_a_question_is_to_be_answered_on_the_day_before_it_changes_something(as_of: int, said: str) -> None:
    ends = subscription(term=csp.Term.starting(date(2025, 8, 1), "P1Y"))  # ends with 2026-07-31
    plan = csp.plan_transfer(transfer(ends), as_of=date(2026, 7, as_of), policy=csp.IN_FORCE)
    [asked] = [block.items for block in section(plan, "Open questions") if isinstance(block, Bullets)]
    assert all(said in item for item in asked), asked


def test_what_is_in_doubt_in_a_month_to_come_is_marked() -> None:
    weekly = [day(15) + timedelta(7 * n) for n in range(40)]
    moves = transfer(
        *(
            subscription(id=f"s{n}", term=csp.Term(first_day=date(2025, 4, 1), last_day=end))
            for n, end in enumerate(weekly)
        )
    )
    for policy, cell in ((csp.GUIDE, "Buy 4!"), (csp.IN_FORCE, "Buy 4")):
        plan = csp.plan_transfer(moves, as_of=day(-30), policy=policy)
        table = calendar(plan.steps, plan.as_of, "en")
        bought = {row[0]: row[table.headers.index("destination partner")] for row in table.rows}
        assert bought["2026-06"] == bought["2026-08"] == cell
    months = [row[0] for row in calendar(plan.steps, plan.as_of, "en", 3).rows]
    assert months == ["2026-05", "2026-06", "2026-07", "later, 2026", "later, 2027"]


def test_each_part_of_a_page_has_a_heading_of_the_same_level() -> None:
    page = planned(CONTOSO, WINTER, csp.IN_FORCE).to_markdown()
    for heading in ("To do", "To decide", "Open questions", "Later"):
        assert f"\n## {heading}" in page


def test_what_costs_most_is_named_first() -> None:
    late = csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14))  # no window: a day is paid twice
    subs = [priced(f"{365 * n}", id=f"{n}", term=late) for n in (1, 3, 2)]
    [cost] = Page.of(csp.plan_transfer(transfer(*subs), as_of=D)).costs
    assert [key for key, _ in cost.each] == ["3", "2", "1"]


# ---- what comes first ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "due"), [(5, 1), (6, 1), (7, 0)])
def test_what_is_due_on_the_seventh_day_is_due_within_seven_days(days: int, due: int) -> None:
    one = subscription(auto_renew=True, term=csp.Term(first_day=date(2025, 4, 1), last_day=day(days)))
    plan = csp.plan_transfer(transfer(one, relationship_accepted=True), as_of=D)
    assert plan.steps[0].last_day == day(days)
    assert Page.of(plan).due == due


def asking(ask: Ask, about: str, planned: int, otherwise: int) -> OpenQuestion:
    """A question about three subscriptions, of which so many are interrupted."""
    before, after = (
        Counts(interrupted=n, perhaps_interrupted=0, data_at_risk=0, paid_twice=0)
        for n in (planned, otherwise)
    )
    changed = abs(planned - otherwise)
    return OpenQuestion(
        ask=ask, about=about, subscriptions=3, changed=changed, planned=before, otherwise=after
    )


def asked_on_the_page(*questions: OpenQuestion) -> tuple[str, ...]:
    page = evolve(Page.of(csp.plan_transfer(transfer(), as_of=D)), questions=questions)
    blocks = page_blocks(page, "en", None)
    [n] = [
        n
        for n, block in enumerate(blocks)
        if isinstance(block, Heading) and block.text.startswith("Open questions")
    ]
    bullets = blocks[n + 1]
    assert isinstance(bullets, Bullets)
    return tuple(str(item) for item in bullets.items)


def test_the_question_whose_answer_changes_most_is_asked_first() -> None:
    said = asked_on_the_page(
        asking(Ask.EXTENDED_SERVICE, "Desks", 0, 1), asking(Ask.STILL_SOLD, "Mail", 0, 2)
    )
    assert ["Desks" in one for one in said] == [False, True]


def test_what_an_answer_betters_is_said_as_what_it_makes_worse() -> None:
    [better] = asked_on_the_page(asking(Ask.STILL_SOLD, "Mail", 2, 0))
    [worse] = asked_on_the_page(asking(Ask.STILL_SOLD, "Mail", 0, 2))
    assert better.endswith("interrupted 2 → 0.")
    assert worse.endswith("interrupted 0 → 2.")


def test_of_more_decisions_than_are_shown_those_about_the_most_are() -> None:
    subs = [subscription(id=letter, name=letter, auto_renew=False) for letter in "abcdef"]
    each = [
        Decision(choice=Choice.TRIAL, subscriptions=tuple(ids), by=day(n))
        for n, ids in enumerate(("a", "bcd", "ef"))
    ]
    page = evolve(Page.of(csp.plan_transfer(transfer(*subs), as_of=D)), decisions=tuple(each))
    blocks = page_blocks(page, "en", None, MOST[-1])
    [shown] = [block.rows for block in blocks if isinstance(block, Table) and block.rows[0][0] == str(day(1))]
    assert [row[0] for row in shown] == [str(day(1)), str(day(2))]
