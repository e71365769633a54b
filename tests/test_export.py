"""Calendars: read back with the library that writes them, and line by line as RFC 5545 has it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from unicodedata import category
from uuid import UUID

import icalendar
import pytest
from facts import D, day, replacement, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st
from moves import crowded, moves

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.export import to_ics

MARCH = day(-30)
TOKYO, LOS_ANGELES = timezone(timedelta(hours=9)), timezone(timedelta(hours=-8))
HOSTILE = (
    'Contoso, "Ltd"; C:\\new\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\x00\x07\x1b[2J\u2028 👩\u200d💻 移行\ud800'
)


class Component:
    """A component as the lines have it: properties (name → parameters, value), and the components within."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.properties: dict[str, tuple[str, str]] = {}
        self.components: list[Component] = []

    def __getitem__(self, name: str) -> str:
        return self.properties[name][1]


def read(ics: bytes) -> Component:
    """Read a calendar by the letter of RFC 5545, 3.1 and 3.6: line ends, folding, names, nesting."""
    assert ics.endswith(b"\r\n")
    physical = ics[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in physical), "75 octets, without the line end"
    assert not any(set(line) & (set(range(32)) | {127}) for line in physical), "no control characters"
    assert all(line.decode("utf-8") for line in physical), "no empty line, and no character cut in two"
    stack: list[Component] = []
    unfolded = b"\r\n".join(physical).replace(b"\r\n ", b"").decode("utf-8")
    for line in unfolded.split("\r\n"):
        name, _, value = line.partition(":")
        name, _, parameters = name.partition(";")
        assert name == name.upper() != ""
        if name == "BEGIN":
            stack.append(Component(value))
            continue
        if name == "END":
            ended = stack.pop()
            assert ended.name == value
            if not stack:
                return ended
            stack[-1].components.append(ended)
            continue
        assert name not in stack[-1].properties, "each property once"
        stack[-1].properties[name] = parameters, value
    raise AssertionError("no end")


def text(value: str) -> str:
    """Undo the escapes of a text (3.3.11); any other use of the characters that need one is an error."""
    out, escaped = "", False
    for char in value:
        if escaped:
            assert char in "\\;,nN"
            out, escaped = out + ("\n" if char in "nN" else char), False
        elif char == "\\":
            escaped = True
        else:
            assert char not in ";,"
            out += char
    assert not escaped
    return out


def events(result: csp.Plan | csp.Portfolio, **asked: Any) -> list[Component]:
    return read(to_ics(result, **asked)).components


def mail(**changes: Any) -> csp.Subscription:
    return subscription(**{"id": "mail", "name": "Mail", "auto_renew": True} | changes)


def plan(*subscriptions: csp.Subscription, as_of: date = MARCH, **changes: Any) -> csp.Plan:
    move = transfer(*(subscriptions or (mail(),)), **{"relationship_accepted": True} | changes)
    return csp.plan_transfer(move, as_of=as_of)


# ---- worked by hand ------------------------------------------------------------------------------------------------


def test_a_whole_calendar_byte_for_byte() -> None:
    written = to_ics(plan(mail(auto_renew=False), as_of=day(28)), alarms=(1,), revision=2)
    assert written.decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//csp-transfer//csp-transfer//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Transfer plan for contoso",
        "X-WR-CALNAME:Transfer plan for contoso",
        "BEGIN:VEVENT",
        "SUMMARY:Buy the new subscription: Mail (contoso)",
        "DTSTART;VALUE=DATE:20260430",
        "DTEND;VALUE=DATE:20260501",
        "DTSTAMP:20260428T000000Z",
        "UID:ec7ebb14-c7c9-55fe-869a-044a4fafb774",
        "SEQUENCE:961402",
        "CATEGORIES:destination partner",
        "DESCRIPTION:To be done before 2026-05-01 00:00 UTC: by the end of 2026-04-",
        r" 30 in UTC\nPossible from 2026-04-28 (UTC) on\nWho: destination partner or ",
        r" customer\nCustomer: contoso\; id: mail\nAs of 2026-04-28 (UTC)\; policy: G",
        r" UIDE\nEND-005: Buy the new subscription from 2026-04-28 to 2026-04-30 (UTC",
        r" \, both included\; 3 of these days left)\; later\, data may be lost.\nhttp",
        " s://learn.microsoft.com/ja-jp/partner-center/customers/transition-seat-bas",
        " ed-services",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "URL:https://learn.microsoft.com/ja-jp/partner-center/customers/transition-",
        " seat-based-services",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Buy the new subscription: Mail (contoso)",
        "TRIGGER:-PT15H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_an_event_says_until_when_from_when_who_why_and_where_that_is_written() -> None:
    (off, _) = events(plan())
    assert text(off["DESCRIPTION"]).split("\n") == [
        "To be done before 2026-04-01 00:00 UTC: by the end of 2026-03-31 in UTC",
        "Possible from 2026-03-01 (UTC) on",
        "Who: source partner",
        "Customer: contoso; id: mail",
        "As of 2026-03-01 (UTC); policy: GUIDE",
        "END-003: Auto-renew must be off by the end of 2026-03-31 (UTC). Otherwise a whole new term starts the day "
        "after.",
        "https://learn.microsoft.com/ja-jp/partner-center/customers/transition-seat-based-services",
    ]


def test_what_a_caution_puts_in_doubt_says_so() -> None:
    doubted = mail(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    (off, _) = events(plan(doubted))
    assert text(off["SUMMARY"]) == "Turn auto-renew off: Mail (contoso) [EST-001!]"
    said = text(off["DESCRIPTION"])
    assert "\nEST-001!: There is no free grace window for terms that end from 2026-05-04 on, " in said
    assert said.endswith(
        "\nhttps://learn.microsoft.com/en-us/partner-center/customers/extended-service-terms"
    )


def test_the_later_day_stands_beside_the_earlier_one() -> None:
    """EST-001: the guide's window ends on 2026-10-14, the term on 09-14, which is the day to act by."""
    doubted = mail(term=csp.Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14)))
    (_, provision) = events(plan(doubted))
    assert provision["DTSTART"] == "20260914"
    said = text(provision["DESCRIPTION"]).split("\n")
    assert said[1:4] == [
        "The earlier of two days, as the later one is in doubt: 2026-09-14 (EST-001!: perhaps 2026-10-14)",
        "Possible from 2026-03-01 (UTC) on",
        "Recommended: 2026-09-14 (UTC)",
    ]
    assert not [
        line for event in events(plan()) for line in [text(event["DESCRIPTION"])] if "perhaps" in line
    ]


HALF_PAST = datetime(2026, 3, 8, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "as_of", "on", "said"),
    [
        # the last whole day before the hour at which it closes (CXL-002, and CXL-001 seven days after a purchase)
        (
            {"cancellation_allowed_until": HALF_PAST},
            date(2026, 3, 6),
            "20260307",
            "To be done before 2026-03-08 00:00 UTC: by the end of 2026-03-07 in UTC",
        ),
        (
            {},
            date(2026, 3, 6),
            "20260307",
            "To be done before 2026-03-08 00:00 UTC: by the end of 2026-03-07 in UTC",
        ),
        # on that day, before the hour
        (
            {"cancellation_allowed_until": HALF_PAST},
            HALF_PAST - timedelta(minutes=10),
            "20260308",
            "To be done before 2026-03-08 00:30 UTC: within 2026-03-08 in UTC",
        ),
        (
            {},
            date(2026, 3, 8),
            "20260308",
            "To be done on 2026-03-08 in UTC, as early as possible: it closes at an hour that is not known",
        ),
    ],
)
def test_what_closes_at_an_hour_is_due_by_the_day_before_or_before_that_hour(
    changes: dict[str, Any], as_of: date, on: str, said: str
) -> None:
    term = csp.Term.starting(date(2026, 3, 1), "P1Y")
    move = transfer(mail(term=term, **changes))
    made = csp.plan_transfer(move, as_of=as_of, policy=csp.IN_FORCE, way=csp.Way.CANCEL_AND_REBUY)
    found = {event["SUMMARY"].partition(":")[0]: event for event in events(made)}
    for step in ("Buy the new subscription", "Cancel the original"):
        assert found[step]["DTSTART"] == on
        assert text(found[step]["DESCRIPTION"]).split("\n")[0] == said
    # what comes before it for the whole customer is not later
    for step in ("Request the reseller relationship", "Accept the reseller relationship"):
        assert found[step]["DTSTART"] <= on
        if as_of.day == 8:
            assert text(found[step]["DESCRIPTION"]).split("\n")[0] == said


def test_another_subscription_that_is_due_on_that_day_has_all_of_it() -> None:
    closing = mail(term=csp.Term.starting(date(2026, 3, 1), "P1Y"), cancellation_allowed_until=HALF_PAST)
    other = mail(
        id="other", offer=csp.Offer(id="O"), term=csp.Term(first_day=MARCH, last_day=date(2026, 3, 8))
    )
    ways = {closing.id: csp.Way.CANCEL_AND_REBUY, other.id: csp.Way.PROVISION_THEN_EXPIRE}
    made = csp.plan_transfer(transfer(closing, other), as_of=date(2026, 3, 8), policy=csp.IN_FORCE, way=ways)
    found = {(e["SUMMARY"].partition(":")[0], "id: other" in text(e["DESCRIPTION"])): e for e in events(made)}
    assert "before 2026-03-09 00:00 UTC" in text(found["Buy the new subscription", True]["DESCRIPTION"])
    assert "before 2026-03-08 00:30 UTC" in text(found["Buy the new subscription", False]["DESCRIPTION"])


def test_a_request_names_all_that_it_is_for() -> None:
    term = csp.Term.starting(date(2026, 2, 1), "P1Y")
    move = transfer(mail(term=term), mail(id="other", term=term), relationship_accepted=True)
    in_force = csp.plan_transfer(move, as_of=date(2026, 11, 22), policy=csp.IN_FORCE)
    request = events(in_force)[0]
    assert text(request["SUMMARY"]).startswith("Request the transfer in Partner Center: ")
    assert text(request["SUMMARY"]).endswith(" and 1 more (contoso)")
    assert "Customer: contoso; id: mail; other\n" in text(request["DESCRIPTION"])


def test_what_is_only_to_be_done_without_a_transfer_says_so() -> None:
    later = mail(term=csp.Term.starting(date(2026, 2, 1), "P1Y"))
    move = transfer(later, relationship_accepted=True)
    in_force = csp.plan_transfer(move, as_of=date(2026, 11, 22), policy=csp.IN_FORCE)
    assert [text(event["SUMMARY"]) for event in events(in_force)] == [
        "Request the transfer in Partner Center: Mail (contoso)",
        "Select and submit the transfer: Mail (contoso)",
        "Turn auto-renew off, set it to cancel at the end (unless transferred): Mail (contoso)",
        "Buy the new subscription (unless transferred): Mail (contoso)",
    ]


def test_what_is_for_the_whole_customer_names_the_customer_or_the_new_tenant() -> None:
    asked = events(plan(relationship_accepted=False))
    assert text(asked[1]["SUMMARY"]) == "Request the reseller relationship: contoso"
    newco = events(plan(relationship_accepted=False, target_tenant=csp.Tenant(id="newco", country="JP")))
    assert "Request the reseller relationship: newco (contoso)" in [text(event["SUMMARY"]) for event in newco]


def test_of_a_deadline_whose_step_is_gone_nobody_says_from_when() -> None:
    off = events(plan().evolve(steps=()))[0]
    assert "Possible from" not in text(off["DESCRIPTION"])


def test_in_japanese() -> None:
    calendar = read(to_ics(plan(), lang="ja", zone=TOKYO))
    assert text(calendar["X-WR-CALNAME"]) == "contoso の移行計画"
    off = calendar.components[0]
    assert text(off["SUMMARY"]) == "自動更新をオフにする: Mail (contoso)"
    assert text(off["DESCRIPTION"]).startswith(
        "2026-04-01 09:00 UTC+09:00 より前に完了してください (期限は UTC の 2026-03-31 の終わり)\n"
    )
    assert text(off["CATEGORIES"]) == "移行元パートナー"


def test_a_portfolio_is_one_calendar_in_the_order_of_its_deadlines() -> None:
    moves = [
        transfer(mail(), customer=csp.Tenant(id=name, country="JP"), relationship_accepted=True)
        for name in ("contoso", "adatum")
    ]
    portfolio = csp.plan_portfolio(moves, as_of=day(-30))
    calendar = read(to_ics(portfolio))
    assert text(calendar["X-WR-CALNAME"]) == "Transfers of 2 customers, 2 subscriptions"
    assert [(e["DTSTART"], text(e["SUMMARY"])) for e in calendar.components] == [
        ("20260331", "Turn auto-renew off: Mail (adatum)"),
        ("20260331", "Turn auto-renew off: Mail (contoso)"),
        ("20260430", "Buy the new subscription: Mail (adatum)"),
        ("20260430", "Buy the new subscription: Mail (contoso)"),
    ]
    alone = {e["UID"] for one in portfolio.plans for e in events(one)}
    assert {e["UID"] for e in calendar.components} == alone


# ---- the day -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "start", "instant"),
    [
        (0, "20260331", "2026-04-01 00:00 UTC"),
        (9, "20260331", "2026-04-01 09:00 UTC+09:00"),
        (14, "20260331", "2026-04-01 14:00 UTC+14:00"),
        (-1, "20260330", "2026-03-31 23:00 UTC-01:00"),
        (-8, "20260330", "2026-03-31 16:00 UTC-08:00"),
        (-12, "20260330", "2026-03-31 12:00 UTC-12:00"),
    ],
)
def test_the_event_is_on_the_last_local_day_that_is_over_in_time(
    hours: int, start: str, instant: str
) -> None:
    off = events(plan(), zone=timezone(timedelta(hours=hours)))[0]
    assert off["DTSTART"] == start
    assert text(off["DESCRIPTION"]).startswith(
        f"To be done before {instant}: by the end of 2026-03-31 in UTC\n"
    )


def test_what_is_due_today_is_in_the_calendar_today_also_west_of_utc() -> None:
    assert events(plan(as_of=D), zone=LOS_ANGELES)[0]["DTSTART"] == "20260331"
    assert events(plan(as_of=day(-1)), zone=LOS_ANGELES)[0]["DTSTART"] == "20260330"


@pytest.mark.parametrize(
    ("as_of", "alarms", "triggers"),
    [
        (day(-30), (7, 1, 0), ["-P6DT15H", "-PT15H", "PT9H"]),
        (day(-7), (7, 1, 0), ["-P6DT15H", "-PT15H", "PT9H"]),
        (day(-6), (7, 1, 0), ["-PT15H", "PT9H"]),
        (D, (7, 1, 0), ["PT9H"]),
        (D, [1], []),
        (day(-30), iter([3, 14]), ["-P13DT15H", "-P2DT15H"]),
        (day(-30), (), []),
        (day(-30), (10**30,), []),
    ],
)
def test_alarms_ring_at_nine_so_many_days_before_and_not_before_the_plan(
    as_of: date, alarms: Any, triggers: list[str]
) -> None:
    off = events(plan(as_of=as_of), alarms=alarms)[0]
    assert [alarm["TRIGGER"] for alarm in off.components] == triggers
    assert {alarm["ACTION"] for alarm in off.components} <= {"DISPLAY"}
    assert {alarm["DESCRIPTION"] for alarm in off.components} <= {off["SUMMARY"]}


def test_the_default_alarms_are_a_week_and_a_day_before_and_on_the_day() -> None:
    assert to_ics(plan()) == to_ics(plan(), alarms=(7, 1, 0)) == to_ics(plan(), alarms=[0, 1, 7])


# ---- updates -------------------------------------------------------------------------------------------------------


def test_a_deadline_that_moved_updates_its_event() -> None:
    before = events(plan())
    longer = mail(term=csp.Term(first_day=day(-364), last_day=day(20)))
    after = events(plan(longer, as_of=day(-29)))
    assert [e["UID"] for e in after] == [e["UID"] for e in before]
    assert [e["DTSTART"] for e in before] != [e["DTSTART"] for e in after]
    assert int(after[0]["SEQUENCE"]) > int(before[0]["SEQUENCE"])
    assert after[0]["DTSTAMP"] > before[0]["DTSTAMP"]


def test_a_second_export_of_one_day_is_newer_than_the_first_and_older_than_that_of_the_next() -> None:
    numbers = [
        int(events(plan(as_of=as_of), revision=revision)[0]["SEQUENCE"])
        for as_of, revision in ((day(-30), 0), (day(-30), 1), (day(-30), 99), (day(-29), 0))
    ]
    assert numbers == sorted(set(numbers))
    furthest = csp.Term(first_day=date(8990, 1, 1), last_day=date(8998, 12, 31))
    assert int(events(plan(mail(term=furthest), as_of=date(8998, 1, 1)))[0]["SEQUENCE"]) < 2**31


def test_ids_are_kept_from_version_to_version() -> None:
    assert [(e["UID"], text(e["SUMMARY"])) for e in events(plan())] == [
        ("ccaa2e63-0996-53ad-a306-ae9f806477d7", "Turn auto-renew off: Mail (contoso)"),
        ("ec7ebb14-c7c9-55fe-869a-044a4fafb774", "Buy the new subscription: Mail (contoso)"),
    ]


def test_names_are_not_part_of_the_id_and_ids_do_not_run_together() -> None:
    renamed = events(plan(mail(name="Post")))
    assert [e["UID"] for e in renamed] == [e["UID"] for e in events(plan())]
    ids = {
        e["UID"]
        for customer, subject in (("a", "bc"), ("ab", "c"), ('a","b', "c"), ("a", 'b","c'))
        for e in events(plan(mail(id=subject), customer=csp.Tenant(id=customer, country="JP")))
    }
    assert len(ids) == 8


def ends_with_a_transfer_and_without() -> csp.Plan:
    """Three that end unless they are kept, in a tenant with one place: one waits for a renewal, or is transferred."""
    first, second = (csp.Term.starting(date(2025, 12, n), "P1Y") for n in (1, 2))
    move = transfer(
        mail(id="early", term=first, auto_renew=False),
        mail(id="w", term=second, auto_renew=False),
        mail(id="v", term=second, auto_renew=False),
        relationship_accepted=True,
        tenant_subscriptions=299,
    )
    way = csp.Way.PARTNER_CENTER_TRANSFER
    return csp.plan_transfer(move, as_of=date(2026, 8, 1), policy=csp.IN_FORCE, way=way)


def test_what_either_partner_does_is_an_event_for_each() -> None:
    made = ends_with_a_transfer_and_without()
    keeps = {
        (d.actor, d.unless_transferred): event
        for d, event in zip(made.deadlines, events(made), strict=True)
        if (d.subject, d.action) == ("w", csp.Action.KEEP_RENEWING)
    }
    by_destination = keeps[csp.Actor.DESTINATION_PARTNER, False]
    by_source = keeps[csp.Actor.SOURCE_PARTNER, True]
    assert len(keeps) == 2
    assert by_destination["UID"] != by_source["UID"]
    # Of the transfer alone, a plan had that event before, with the same id.
    alone = csp.plan_transfer(
        made.transfer.evolve(tenant_subscriptions=None),
        as_of=made.as_of,
        policy=csp.IN_FORCE,
        way=csp.Way.PARTNER_CENTER_TRANSFER,
    )
    [kept] = [
        event
        for d, event in zip(alone.deadlines, events(alone), strict=True)
        if (d.subject, d.action) == ("w", csp.Action.KEEP_RENEWING)
    ]
    assert kept["UID"] == by_destination["UID"] == "a70f5cec-2aa8-56df-8f94-af4a58d2f35b"


def test_from_when_on_is_that_of_the_same_event() -> None:
    made = ends_with_a_transfer_and_without()
    steps = tuple(
        s.evolve(first_day=date(2026, 8, 9)) if s.unless_transferred and s.subject == "w" else s
        for s in made.steps
    )
    said = [
        text(event["DESCRIPTION"])
        for d, event in zip(made.deadlines, events(made.evolve(steps=steps)), strict=True)
        if (d.subject, d.action) == ("w", csp.Action.KEEP_RENEWING)
    ]
    assert sorted("2026-08-09" in one for one in said) == [False, True]


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"lang": "fr"}, "lang: 'fr'; expected en or ja"),
        ({"zone": 9}, "zone: 9; expected a tzinfo"),
        ({"alarms": 7}, "alarms: 7; expected days before"),
        ({"alarms": (1, True)}, r"alarms\[1\]: True; expected days before, a whole number"),
        ({"alarms": (-1,)}, r"alarms\[0\]: -1; expected days before"),
        ({"alarms": (1, 2, 1)}, r"alarms\[2\]: 1; expected days before, a whole number from 0, each once"),
        ({"alarms": "71"}, r"alarms\[0\]: '7'; expected days before"),
        ({"revision": True}, "revision: True; expected a whole number from 0 to 99"),
        ({"revision": 100}, "revision: 100; expected a whole number from 0 to 99"),
        ({"revision": 101}, "revision: 101; expected a whole number from 0 to 99"),
        ({"revision": -1}, "revision: -1; expected"),
        ({"result": "plan"}, "result: 'plan'; expected a Plan or Portfolio"),
    ],
)
def test_what_cannot_be_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match=message):
        to_ics(**{"result": plan()} | asked)


def test_a_plan_without_deadlines_is_no_empty_calendar() -> None:
    blocked = plan(customer=csp.Tenant(id="hanbit", country="KR"))
    portfolio = csp.Portfolio(plans=(blocked,))
    for result in (blocked, portfolio):
        with pytest.raises(
            csp.InvalidValue, match=r"deadlines: \(\); expected at least one; why there is none"
        ):
            to_ics(result)


class Nowhere(tzinfo):
    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


def test_a_zone_must_know_how_far_it_is_from_utc() -> None:
    with pytest.raises(csp.InvalidValue, match=r"zone: .*; expected a zone that knows"):
        to_ics(plan(), zone=Nowhere())


def test_a_deadline_that_somebody_doubled_is_not_lost_in_silence() -> None:
    made = plan()
    with pytest.raises(csp.InvalidValue, match=r"deadlines: Deadline.*; expected each thing to do once"):
        to_ics(made.evolve(deadlines=(*made.deadlines, made.deadlines[0])))


# ---- laws ----------------------------------------------------------------------------------------------------------

NAMES = st.text(max_size=60) | st.sampled_from((HOSTILE, "😀" * 40, "あ" * 90, "a\\,;:\"'", "=\n \r\t"))
IDS = st.text(min_size=1, max_size=20).filter(str.strip) | st.just(HOSTILE)


FEASIBLE: dict[str, Any] = {"destination": csp.Partner(id="fabrikam", country="JP"), "role": None}


@st.composite
def hostile_plans(draw: st.DrawFn) -> csp.Plan:
    each = strategies.subscriptions(canceled_on=None, name=NAMES, id=IDS)
    several = st.lists(each, min_size=1, max_size=3, unique_by=lambda s: s.id)
    move, as_of = draw(strategies.questions(subscriptions=several, **FEASIBLE))
    taken = {"newco", *(s.id for s in move.subscriptions)}
    customer = csp.Tenant(id=draw(IDS.filter(lambda name: name not in taken)), country="JP")
    return csp.plan_transfer(move.evolve(customer=customer), as_of=as_of, policy=draw(strategies.policies()))


def nothing_to_write(result: csp.Plan | csp.Portfolio) -> bool:
    """Whether there is no deadline; then no calendar is written."""
    if result.deadlines:
        return False
    with pytest.raises(csp.InvalidValue, match="deadlines: "):
        to_ics(result)
    return True


@given(hostile_plans(), st.sampled_from(("en", "ja")), st.sampled_from((UTC, TOKYO, LOS_ANGELES)))
def test_every_calendar_is_one_by_the_letter(made: csp.Plan, lang: str, zone: tzinfo) -> None:
    if nothing_to_write(made):
        return
    written = to_ics(made, lang=lang, zone=zone)
    assert to_ics(made, lang=lang, zone=zone) == written
    calendar = read(written)
    assert (calendar.name, calendar["VERSION"], calendar["METHOD"]) == ("VCALENDAR", "2.0", "PUBLISH")
    assert calendar["PRODID"]
    assert text(calendar["NAME"]) == text(calendar["X-WR-CALNAME"])
    assert b"TZID" not in written
    assert {event.name for event in calendar.components} == {"VEVENT"}
    for event, deadline in zip(calendar.components, made.deadlines, strict=True):
        assert UUID(event["UID"])
        assert event["DTSTAMP"] == f"{made.as_of:%Y%m%d}T000000Z"
        assert event.properties["DTSTART"][0] == event.properties["DTEND"][0] == "VALUE=DATE"
        first, end = (datetime.strptime(event[name], "%Y%m%d").date() for name in ("DTSTART", "DTEND"))  # noqa: DTZ007
        assert end == first + timedelta(days=1)
        assert first in (deadline.day, max(made.as_of, deadline.day - timedelta(days=zone is LOS_ANGELES)))
        assert (event["TRANSP"], event["STATUS"]) == ("TRANSPARENT", "CONFIRMED")
        assert event["URL"].startswith("https://learn.microsoft.com/")
        said = text(event["DESCRIPTION"])
        assert f"{deadline.day}" in said
        assert all(f"\n{rule_id}!: " in said for rule_id in deadline.cautions)
        assert f"\n{deadline.rule}" in said
        assert text(event["CATEGORIES"])
        for shown in (text(event["SUMMARY"]), *said.split("\n")):
            assert not [char for char in shown if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        for alarm in event.components:
            assert (alarm.name, alarm["ACTION"], alarm["DESCRIPTION"]) == (
                "VALARM",
                "DISPLAY",
                event["SUMMARY"],
            )
            assert alarm["TRIGGER"].lstrip("-").startswith("P")


@given(hostile_plans())
def test_the_library_reads_what_it_wrote(made: csp.Plan) -> None:
    if nothing_to_write(made):
        return
    written = to_ics(made)
    calendar = icalendar.Calendar.from_ical(written)
    ours = read(written)
    theirs: list[Any] = calendar.walk("VEVENT")
    assert [(str(e["UID"]), str(e["SUMMARY"]), str(e["DESCRIPTION"]), e.start) for e in theirs] == [
        (e["UID"], text(e["SUMMARY"]), text(e["DESCRIPTION"]), deadline.day)
        for e, deadline in zip(ours.components, made.deadlines, strict=True)
    ]
    assert not calendar.errors
    assert not [event.errors for event in theirs if event.errors]


@given(strategies.portfolios())
def test_no_two_events_of_a_portfolio_share_an_id(portfolio: csp.Portfolio) -> None:
    if nothing_to_write(portfolio):
        return
    ids = [event["UID"] for event in events(portfolio)]
    assert len(set(ids)) == len(ids) == len(portfolio.deadlines)


@given(moves() | crowded(), st.none() | st.sampled_from(csp.Way), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_every_plan_can_be_exported_with_an_event_for_each_deadline(
    question: tuple[csp.Transfer, date], way: csp.Way | None, policy: csp.Policy
) -> None:
    move, as_of = question
    made = csp.plan_transfer(move, as_of=as_of, policy=policy, way=way)
    if nothing_to_write(made):
        return
    ids = [event["UID"] for event in events(made)]
    assert len(set(ids)) == len(ids) == len(made.deadlines)


@given(strategies.questions(**FEASIBLE), strategies.policies(), st.integers(1, 400))
def test_the_same_thing_to_do_has_the_same_id_on_a_later_day(
    question: tuple[csp.Transfer, date], policy: csp.Policy, days: int
) -> None:
    move, as_of = question
    ids = []
    for today in (as_of, as_of + timedelta(days=days)):
        made = csp.plan_transfer(move, as_of=today, policy=policy)
        written = [] if nothing_to_write(made) else events(made)
        count = Counter((d.subject, d.action) for d in made.deadlines)
        ids.append(
            {
                # What is to be done with a transfer as well as without it is two events.
                (d.subject, d.action, count[d.subject, d.action] > 1 and d.unless_transferred): e["UID"]
                for d, e in zip(made.deadlines, written, strict=True)
            }
        )
    earlier, later = ids
    assert all(later[key] == earlier[key] for key in earlier.keys() & later.keys())
    assert not {earlier[key] for key in earlier.keys() - later.keys()} & set(later.values())


@given(st.lists(st.integers(0, 500), unique=True, max_size=5))
def test_no_alarm_rings_before_the_day_of_the_plan(alarms: list[int]) -> None:
    made = plan(replacements={"mail": replacement(provision_on=day(3))})
    for event, deadline in zip(events(made, alarms=alarms), made.deadlines, strict=True):
        assert len(event.components) == sum(before <= (deadline.day - made.as_of).days for before in alarms)


def test_many_events_keep_the_order_of_the_calendar() -> None:
    moves = [transfer(mail(), customer=csp.Tenant(id=f"c{n}", country="JP")) for n in range(30)]
    portfolio = csp.plan_portfolio(moves, as_of=day(-30))
    made = events(portfolio)
    assert Counter(e["DTSTART"] for e in made) == Counter(f"{d.day:%Y%m%d}" for d in portfolio.deadlines)
    assert [e["DTSTART"] for e in made] == [f"{d.day:%Y%m%d}" for d in portfolio.deadlines]


def test_what_is_done_once_has_one_id_with_a_transfer_in_mid_term_or_without() -> None:
    """By the guide auto-renew is turned off anyway; by what is in force, only where nobody transfers it."""
    ids: dict[bool, str] = {}
    for policy in (csp.GUIDE, csp.IN_FORCE):
        move = transfer(subscription(auto_renew=True), relationship_accepted=True)
        planned = csp.plan_transfer(move, as_of=day(-60), policy=policy)
        [(due, event)] = [
            (due, event)
            for due, event in zip(planned.deadlines, events(planned), strict=True)
            if due.action is csp.Action.TURN_OFF_AUTO_RENEW
        ]
        ids[due.unless_transferred] = event["UID"]
    assert ids[False] == ids[True]
