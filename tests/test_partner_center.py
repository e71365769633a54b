"""The door in: every quirk of part C of the rulebook, and every misfit named, with nothing lost beside it."""

from __future__ import annotations

import ast
import json
import pickle
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from facts import SAMPLES
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import partner_center, payload
from csp_transfer.texts import read_bytes

CONTOSO = json.loads(read_bytes("contoso-subscriptions.json"))
NCE: dict[str, Any] = CONTOSO["items"][0]
LEGACY: dict[str, Any] = CONTOSO["items"][8]
E = csp.TermEnd


def one(**changes: Any) -> csp.Subscription:
    """The first sample item, changed, and read; a field set to `...` is taken out."""
    item = {key: value for key, value in (NCE | changes).items() if value is not ...}
    (subscription,) = partner_center.read([item])
    return subscription


def renewing(**instructions: Any) -> dict[str, Any]:
    """A renewal that is scheduled with instructions of its own."""
    action = {"scheduleType": "TermEnd", "actionType": "RenewToNewTerm", "instructions": instructions}
    return {"scheduledActions": [action], "autoRenewEnabled": False}


def test_the_sample_is_read_whole() -> None:
    read = partner_center.read(json.dumps(CONTOSO))
    assert len(read) == 9
    basic, premium, *_, trial, add_on, legacy = read
    assert basic == csp.Subscription(
        id="ac6289f7-e85a-4ee9-908d-be225edf44c0",
        offer=csp.Offer(id="CFQ7TTC0LH18:0001:CFQ7TTC0K971", name="Microsoft 365 Business Basic"),
        quantity=25,
        term=csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31)),
        auto_renew=True,
        name="Microsoft 365 Business Basic",
        anchor=date(2025, 4, 1),
        renewal_duration="P1Y",
    )
    assert premium.cancellation_allowed_until == datetime(2025, 9, 22, tzinfo=UTC)
    assert trial.trial
    assert add_on.parent == premium.id
    assert legacy.legacy
    assert legacy.name == "Mail for the Osaka branch"
    assert legacy.term == csp.Term(first_day=date(2025, 3, 24), last_day=date(2026, 3, 23))
    assert [str(s.status) for s in read][4:6] == ["expired", "suspended"]


def test_what_payloads_do_not_say_stays_unknown() -> None:
    for subscription in partner_center.read(CONTOSO):
        assert subscription.offer.discontinued is None
        assert subscription.assigned is None
        assert subscription.channel is csp.Channel.CSP


def test_the_large_sample() -> None:
    large = partner_center.read((SAMPLES / "large-customer-subscriptions.json").read_bytes())
    assert len(large) == 160
    assert sum(s.status is csp.Status.ACTIVE for s in large) == 151


@pytest.mark.parametrize(
    "payload",
    [
        [NCE],
        (NCE,),
        NCE,
        {"totalCount": 1, "items": [NCE]},
        {"TotalCount": 1, "Items": [{k[0].upper() + k[1:]: v for k, v in NCE.items()}]},
        {"items": [NCE]},
        {"totalCount": 1, "items": [NCE], "links": {"self": {"uri": "/"}}},
        {"totalCount": 1, "items": [NCE], "links": None},
        json.dumps([NCE]),
        json.dumps([NCE]).encode(),
        ("\ufeff" + json.dumps([NCE])).encode(),
        bytearray(json.dumps(NCE).encode()),
    ],
)
def test_collections_lists_and_single_objects_in_any_case(payload: object) -> None:
    assert partner_center.read(payload) == (one(),)


RICH: dict[str, Any] = NCE | {
    "scheduledActions": [
        {"scheduleType": "CustomDate", "actionType": "Transition", "effectiveDate": "2026-02-01T00:00:00Z"},
        {
            "scheduleType": "TermEnd",
            "actionType": "RenewToNewTerm",
            "instructions": {
                "quantity": 25,
                "product": {"productId": "CFQ7TTC0LH18", "skuId": "0001", "termDuration": "P1M"},
            },
        },
    ],
    "refundOptions": [{"type": "Full", "expiresAt": "2025-04-08T00:00:00Z"}],
    "refundableQuantity": {"details": [{"quantity": 5, "allowedUntilDateTime": "2026-02-08T00:00:00Z"}]},
    "parentSubscriptionId": "p",
    "skuName": "Extended Service Term",
}


def spelled(value: Any, spell: Callable[[str], str]) -> Any:
    """The same with each key spelled in another way."""
    if isinstance(value, dict):
        return {spell(key): spelled(inner, spell) for key, inner in value.items()}
    return [spelled(inner, spell) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("spell", [str.lower, str.upper, lambda key: key[0].upper() + key[1:]])
@pytest.mark.parametrize("item", [RICH, *CONTOSO["items"]])
def test_a_key_is_a_key_however_it_is_spelled(item: dict[str, Any], spell: Callable[[str], str]) -> None:
    assert partner_center.read(spelled(item, spell)) == partner_center.read(item)
    rich = partner_center.read(RICH)[0]
    assert (rich.mid_term, rich.mid_term_on) == (E.CHANGE, date(2026, 2, 1))
    assert (rich.at_term_end, rich.renewal_duration, rich.extended, rich.parent) == (
        E.RENEW,
        "P1M",
        True,
        "p",
    )
    assert rich.cancellation_allowed_until == datetime(2025, 4, 8, tzinfo=UTC)
    assert rich.seat_windows == (csp.SeatWindow(quantity=5, until=datetime(2026, 2, 8, tzinfo=UTC)),)


def test_each_field_is_spelled_in_one_way() -> None:
    """What the table spells is found without looking for other spellings: so there must be none beside it."""
    assert len({name.lower() for name in payload.FIELDS}) == len(payload.FIELDS)
    asked = set[str]()
    for module in (partner_center, payload):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch("[a-z]+([A-Z][a-z]+)+", str(node.value)):
                asked.add(str(node.value))
    assert asked >= {"commitmentEndDate", "scheduledActions", "totalCount", "expiresAt", "skuId"}
    assert asked <= payload.FIELDS


def test_an_empty_collection_is_a_customer_without_subscriptions() -> None:
    assert partner_center.read({"totalCount": 0, "items": []}) == ()
    assert partner_center.read("[]") == ()


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31T00:00:00Z",
        "2026-03-31T00:00:00",
        "2026-03-31T00:00:00+00:00",
        "2026-03-31T00:00:00.0000000Z",
        "2026-03-31T00:00:00.000000Z",
        "2026-03-31T23:59:59.9999999Z",
        "2026-03-31T06: 41: 12Z",
        " 2026-03-31T06:41:12Z ",
        "2026-03-31t06:41:12z",
        "2026-03-31 06:41:12",
        "2026-03-31",
    ],
)
def test_times_in_every_shape(text: str) -> None:
    assert one(commitmentEndDate=text, commitmentEndDateTime=...).term.last_day == date(2026, 3, 31)
    legacy = partner_center.read([LEGACY | {"CommitmentEndDate": text}])[0]
    assert legacy.term.last_day == date(2026, 3, 30)


@pytest.mark.parametrize(
    "offer_id",
    [
        "195416C1-3447-423A-B37B-EE59A99A19C4",
        "195416c1-3447-423a-b37b-ee59a99a19c4",
        "{195416C1-3447-423A-B37B-EE59A99A19C4}",
        "195416C13447423AB37BEE59A99A19C4",
    ],
)
def test_a_bare_guid_is_a_legacy_offer_however_it_is_spelled(offer_id: str) -> None:
    legacy = one(offerId=offer_id, commitmentEndDateTime=...)
    assert legacy.legacy
    assert legacy.term.last_day == date(2026, 3, 30)
    assert not one(offerId=f"{offer_id}:0001").legacy


def test_either_end_field_is_enough_and_both_must_agree() -> None:
    assert one(commitmentEndDate=...).term.last_day == date(2026, 3, 31)
    assert one(commitmentEndDate=None).term.last_day == date(2026, 3, 31)
    assert one(commitmentEndDate="0001-01-01T00:00:00Z").term.last_day == date(2026, 3, 31)
    assert one(commitmentEndDateTime=...).term.last_day == date(2026, 3, 31)
    # the instant at which the term is over: midnight after the last day
    assert one(commitmentEndDateTime="2026-04-01T00:00:00Z").term.last_day == date(2026, 3, 31)
    midnight = one(commitmentEndDate=None, commitmentEndDateTime="2026-04-01T00:00:00Z")
    assert midnight.term.last_day == date(2026, 3, 31)
    for as_a_day in ("2026-04-01", "2026-04-01T00:00", "2026-04-01T00:00:00.0Z"):
        read = one(commitmentEndDate=..., commitmentEndDateTime=as_a_day)
        assert read.term.last_day == date(2026, 3, 31)
    for later in (
        "2026-04-01T00:00:00.000001Z",
        "2026-04-01T00:00:01Z",
        "2026-04-01T00:01",
        "2026-04-01T01:00",
    ):
        read = one(commitmentEndDate=..., commitmentEndDateTime=later)
        # a whole year after the first day, which is a day later than a year ends: the earlier day is planned by,
        # whether the payload says that it is a year or not
        for unsaid in (read, one(commitmentEndDate=..., commitmentEndDateTime=later, termDuration=...)):
            assert unsaid.term == csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
            assert unsaid.doubted_last_day == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("end", "accepted"),
    [
        ("1999-12-31", "a day after 2000-01-01, up to 8999-12-31"),
        ("2000-01-01", "a day after 2000-01-01, up to 8999-12-31"),
        ("8999-12-31", ""),
        ("9000-01-01", "a day after 2000-01-01, up to 8999-12-31"),
        ("9998-12-31", "a day after 2000-01-01, up to 8999-12-31"),
        ("9999-01-01", "the end of a term: only licence-based subscriptions are in scope, and those end"),
    ],
)
def test_how_early_and_how_late_a_term_may_end(end: str, accepted: str) -> None:
    problems = partner_center.read_tolerantly(NCE | {"commitmentEndDate": end, "commitmentEndDateTime": None})
    assert [problem.accepted for problem in problems.problems] == ([accepted] if accepted else [])


def test_the_first_day_of_the_calendar_is_an_anchor_as_any_other() -> None:
    first = one(
        effectiveStartDate="2000-01-01T00:00:00Z", commitmentEndDate="2003-12-31", commitmentEndDateTime=...
    )
    assert first.term == csp.Term(first_day=date(2003, 1, 1), last_day=date(2003, 12, 31))


def test_a_time_may_have_blanks_but_not_without_end() -> None:
    blanks = "2026-03-31".ljust(80)
    assert one(commitmentEndDate=blanks, commitmentEndDateTime=...).term.last_day == date(2026, 3, 31)
    (problem,) = partner_center.read_tolerantly(NCE | {"commitmentEndDate": f"{blanks} "}).problems
    assert problem.field == "commitmentEndDate"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("active", csp.Status.ACTIVE),
        ("Active", csp.Status.ACTIVE),
        ("none", csp.Status.NONE),
        ("pending", csp.Status.PENDING),
        ("suspended", csp.Status.SUSPENDED),
        ("expired", csp.Status.EXPIRED),
        ("disabled", csp.Status.DISABLED),
        ("deleted", csp.Status.DELETED),
        ("canceled", csp.Status.CANCELED),
        ("cancelled", csp.Status.CANCELED),
        ("hibernating", csp.Status.UNKNOWN),
    ],
)
def test_statuses_with_values_added_later(text: str, status: csp.Status) -> None:
    assert one(status=text).status is status


@pytest.mark.parametrize(
    ("start", "duration", "end", "first_day"),
    [
        ("2025-04-01", "P1Y", "2026-03-31", date(2025, 4, 1)),
        ("2022-04-01", "P1Y", "2026-03-31", date(2025, 4, 1)),
        ("2023-04-01", "P3Y", "2026-03-31", date(2023, 4, 1)),
        ("2025-04-01", "P3Y", "2026-03-31", date(2025, 4, 1)),
        ("2025-10-31", "P1M", "2026-03-30", date(2026, 2, 28)),
        ("2025-11-15", "P1Y", "2026-03-31", date(2025, 11, 15)),  # cut short to end with another
        ("2020-01-15", "P1Y", "2026-03-31", date(2025, 4, 1)),
    ],
)
def test_the_term_is_the_last_one_and_its_anchor_the_first_day_of_all(
    start: str, duration: str, end: str, first_day: date
) -> None:
    sub = one(
        effectiveStartDate=start, termDuration=duration, commitmentEndDate=end, commitmentEndDateTime=...
    )
    assert sub.term == csp.Term(first_day=first_day, last_day=date.fromisoformat(end))
    assert sub.anchor == date.fromisoformat(start)
    assert sub.renewal_duration == duration


def test_a_length_that_is_not_given_is_not_guessed() -> None:
    sub = one(termDuration=..., effectiveStartDate="2023-04-01")
    assert not sub.length_known
    assert csp.current_term(sub, date(2026, 4, 2)).term is None
    assert one(termDuration="").renewal_duration is None
    assert one(termDuration=None, renewalTermDuration="P1M").renewal_duration == "P1M"


@pytest.mark.parametrize(
    ("changes", "at_term_end", "renewal_duration", "goes_on"),
    [
        ({}, None, "P1Y", True),
        ({"autoRenewEnabled": False}, None, "P1Y", False),
        ({"renewalTermDuration": "P3Y"}, None, "P3Y", True),
        ({"scheduledActions": []}, None, "P1Y", True),
        (
            {"scheduledActions": [{"scheduleType": " termEND ", "actionType": "Cancel"}]},
            E.CANCEL,
            "P1Y",
            False,
        ),
        ({"scheduledActions": [{"actionType": " cancel "}]}, E.CANCEL, "P1Y", False),
        ({"scheduledactions": [{"actiontype": "Cancel"}]}, E.CANCEL, "P1Y", False),
        (
            {"scheduledActions": [{"actionType": "RenewToNewTerm"}], "autoRenewEnabled": False},
            E.RENEW,
            "P1Y",
            True,
        ),
        ({"scheduledActions": [{"actionType": "RenewToExtendedServiceTerm"}]}, E.EXTEND, "P1Y", True),
        ({"scheduledActions": [{"actionType": "Transition"}]}, E.CHANGE, "P1Y", True),
        ({"scheduledActions": [{"actionType": "Hibernate"}]}, E.UNKNOWN, "P1Y", True),
        ({"scheduledNextTermInstructions": None}, None, "P1Y", True),
        ({"scheduledNextTermInstructions": {}}, None, "P1Y", True),
        (
            {
                "scheduledNextTermInstructions": {
                    "product": {"productId": "", "skuId": None},
                    "quantity": None,
                },
                "autoRenewEnabled": False,
            },
            None,
            "P1Y",
            False,
        ),
        (
            {"scheduledNextTermInstructions": {"product": {"termDuration": "P3Y"}, "quantity": 25}},
            E.RENEW,
            "P3Y",
            True,
        ),
        (
            {"scheduledNextTermInstructions": {"product": {"productId": "cfq7ttc0lh18", "skuId": "0001"}}},
            E.RENEW,
            "P1Y",
            True,
        ),
        (
            {"scheduledNextTermInstructions": {"product": {"productId": "CFQ7TTC0LCHC"}}},
            E.CHANGE,
            "P1Y",
            True,
        ),
        ({"scheduledNextTermInstructions": {"quantity": 25}}, E.RENEW, "P1Y", True),
        ({"scheduledNextTermInstructions": {"quantity": 20}}, E.CHANGE, "P1Y", True),
        (
            {"scheduledNextTermInstructions": {"quantity": 25, "customTermEndDate": "2026-12-31"}},
            E.CHANGE,
            "P1Y",
            True,
        ),
        # where there are actions, the older field does not count
        (
            {
                "scheduledActions": [{"actionType": "RenewToNewTerm"}],
                "scheduledNextTermInstructions": {"quantity": 3, "product": {"termDuration": "P3Y"}},
            },
            E.RENEW,
            "P1Y",
            True,
        ),
        (
            {
                "scheduledActions": [{"actionType": "Cancel"}],
                "scheduledNextTermInstructions": {"quantity": 3},
            },
            E.CANCEL,
            "P1Y",
            False,
        ),
        ({"scheduledActions": [], "scheduledNextTermInstructions": {"quantity": 3}}, E.CHANGE, "P1Y", True),
        # what an action says of its own next term
        (renewing(quantity=25), E.RENEW, "P1Y", True),
        (renewing(quantity=24), E.CHANGE, "P1Y", True),
        (renewing(product={"productId": "CFQ7TTC0LCHC"}), E.CHANGE, "P1Y", True),
        (renewing(product={"productId": "CFQ7TTC0LH18", "skuId": "0002"}), E.CHANGE, "P1Y", True),
        (renewing(product={"termDuration": "P1M"}), E.RENEW, "P1M", True),
        (renewing(customTermEndDate="2026-12-31T00:00:00Z"), E.CHANGE, "P1Y", True),
        (renewing(), E.RENEW, "P1Y", True),
        (
            {"scheduledActions": [{"actionType": "Transition", "instructions": {"quantity": 25}}]},
            E.CHANGE,
            "P1Y",
            True,
        ),
        # the SKU of extended service terms is monthly; that is no duration of a renewal
        (
            {
                "scheduledActions": [
                    {
                        "actionType": "RenewToExtendedServiceTerm",
                        "instructions": {"product": {"skuId": "0009", "termDuration": "P1M"}},
                    }
                ]
            },
            E.EXTEND,
            "P1Y",
            True,
        ),
        # instructions for a term that is not to come
        (
            {"scheduledActions": [{"actionType": "Cancel", "instructions": {"quantity": 3}}]},
            E.UNKNOWN,
            "P1Y",
            True,
        ),
    ],
)
def test_what_is_scheduled_wins_over_auto_renew(
    changes: dict[str, Any], at_term_end: csp.TermEnd | None, renewal_duration: str, goes_on: bool
) -> None:
    sub = one(**changes)
    assert (sub.at_term_end, sub.renewal_duration, sub.goes_on) == (at_term_end, renewal_duration, goes_on)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cancellationAllowedUntilDate": "2025-04-08T00:00:00Z"}, datetime(2025, 4, 8, tzinfo=UTC)),
        ({"cancellationAllowedUntilDate": None}, None),
        ({"cancellationAllowedUntilDate": "0001-01-01T00:00:00Z"}, None),
        ({"refundOptions": []}, None),
        (
            {
                "refundOptions": [
                    {"type": "Full", "expiresAt": "2025-04-02T10:00:00Z"},
                    {"type": "Partial", "expiresAt": "2025-04-08T10:00:00Z"},
                    {"type": "None", "expiresAt": None},
                ]
            },
            datetime(2025, 4, 8, 10, tzinfo=UTC),
        ),
        (
            {
                "cancellationAllowedUntilDate": "2025-04-05T00:00:00Z",
                "refundOptions": [{"expiresAt": "2025-04-08T10:00:00Z"}],
            },
            datetime(2025, 4, 5, tzinfo=UTC),
        ),
    ],
)
def test_until_when_a_cancellation_is_allowed(changes: dict[str, Any], expected: datetime | None) -> None:
    assert one(**changes).cancellation_allowed_until == expected


@pytest.mark.parametrize(
    ("fraction", "microsecond"), [("5", 500_000), ("000001", 1), ("1234567", 123_456), ("123456789", 123_456)]
)
def test_until_when_to_the_fraction_of_a_second(fraction: str, microsecond: int) -> None:
    until = one(cancellationAllowedUntilDate=f"2025-04-08T10:00:00.{fraction}Z").cancellation_allowed_until
    assert until == datetime(2025, 4, 8, 10, 0, 0, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(("now", "then", "end"), [(25, 0, E.CHANGE), (0, 0, E.RENEW), (0, 1, E.CHANGE)])
def test_to_none_is_a_change_like_any_other(now: int, then: int, end: csp.TermEnd) -> None:
    assert one(quantity=now, scheduledNextTermInstructions={"quantity": then}).at_term_end is end


def apart(*actions: dict[str, Any], **changes: Any) -> csp.Subscription:
    return one(scheduledActions=list(actions), **changes)


def test_an_action_for_still_another_day_is_said() -> None:
    """One fact holds the first one; the others are not dropped in silence, in whatever order they come."""
    undated = {"scheduleType": "SomethingNew", "actionType": "RenewToNewTerm"}
    same = CANCEL_IN_JUNE | {"scheduleType": "customdate"}
    begin = "one action for a day of its own;"
    for actions, said in (
        ([CANCEL_IN_JUNE], []),
        ([CANCEL_IN_JUNE, same], []),
        ([CANCEL_IN_JUNE, CHANGE_IN_MAY], [("cancel on 2025-06-15", f"{begin} change on 2025-05-02")]),
        ([CHANGE_IN_MAY, CANCEL_IN_JUNE], [("cancel on 2025-06-15", f"{begin} change on 2025-05-02")]),
        (
            [CHANGE_IN_MAY, CANCEL_IN_JUNE, undated],
            [
                ("change on 2025-05-02", f"{begin} renew on a day that is not known"),
                ("cancel on 2025-06-15", f"{begin} renew on a day that is not known"),
            ],
        ),
    ):
        reading = partner_center.read_tolerantly([NCE | {"scheduledActions": actions}])
        assert not reading.problems
        assert len(reading.subscriptions) == 1
        assert [
            (c.value, c.accepted.removesuffix(" is planned by, as the first one")) for c in reading.cautions
        ] == said
        for caution in reading.cautions:
            assert caution.item == f"items[0] (id {NCE['id']!r})"
            assert "特定の日の動作を 1 つだけ" in caution.message_in("ja")


CANCEL_IN_JUNE = {
    "scheduleType": "CustomDate",
    "actionType": "Cancel",
    "effectiveDate": "2025-06-15T00:00:00Z",
}
CHANGE_IN_MAY = {"scheduleType": "customdate", "actionType": "Transition", "effectiveDate": "2025-05-02"}


@pytest.mark.parametrize(
    ("actions", "mid_term", "mid_term_on", "at_term_end"),
    [
        ([CANCEL_IN_JUNE], E.CANCEL, date(2025, 6, 15), None),
        ([CHANGE_IN_MAY], E.CHANGE, date(2025, 5, 2), None),
        # of several the first one decides, whatever their order
        ([CANCEL_IN_JUNE, CHANGE_IN_MAY], E.CHANGE, date(2025, 5, 2), None),
        ([CHANGE_IN_MAY, CANCEL_IN_JUNE], E.CHANGE, date(2025, 5, 2), None),
        # beside one for the end of the term
        (
            [{"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}, CANCEL_IN_JUNE],
            E.CANCEL,
            date(2025, 6, 15),
            E.RENEW,
        ),
        # on which day is not known
        ([CANCEL_IN_JUNE | {"effectiveDate": None}], E.CANCEL, None, None),
        ([CANCEL_IN_JUNE | {"effectiveDate": "0001-01-01T00:00:00"}], E.CANCEL, None, None),
        ([CANCEL_IN_JUNE, CHANGE_IN_MAY | {"effectiveDate": None}], E.CHANGE, None, None),
        # a type that was added later is not for the end of the term, and its day may mean anything
        ([CANCEL_IN_JUNE | {"scheduleType": "Anniversary"}], E.CANCEL, None, None),
        ([CANCEL_IN_JUNE | {"scheduleType": "Weekly"}], E.CANCEL, None, None),
        ([CANCEL_IN_JUNE | {"actionType": "Hibernate"}], E.UNKNOWN, date(2025, 6, 15), None),
    ],
)
def test_an_action_for_a_day_of_its_own_is_none_for_the_end_of_the_term(
    actions: list[dict[str, Any]],
    mid_term: csp.TermEnd,
    mid_term_on: date | None,
    at_term_end: csp.TermEnd | None,
) -> None:
    sub = apart(*actions)
    assert (sub.mid_term, sub.mid_term_on, sub.at_term_end) == (mid_term, mid_term_on, at_term_end)
    assert sub.goes_on  # auto-renew is on, or a renewal is scheduled


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ({}, []),
        ({"totalQuantity": 0, "details": None}, []),
        (
            {
                "totalQuantity": 5,
                "details": [{"quantity": 5, "allowedUntilDateTime": "2026-02-08T10:30:00Z"}],
            },
            [(5, datetime(2026, 2, 8, 10, 30, tzinfo=UTC))],
        ),
        # peers find it in a list, too; the first to close is the first; none is no window
        (
            [
                {
                    "details": [
                        {"quantity": 2, "allowedUntilDateTime": "2026-02-09T00:00:00Z"},
                        {"quantity": 0, "allowedUntilDateTime": None},
                        {"Quantity": 1, "AllowedUntilDateTime": "2026-02-08"},
                    ]
                }
            ],
            [(1, datetime(2026, 2, 8, tzinfo=UTC)), (2, datetime(2026, 2, 9, tzinfo=UTC))],
        ),
    ],
)
def test_seats_that_were_added_have_windows_of_their_own(
    given: object, expected: list[tuple[int, datetime]]
) -> None:
    sub = one(refundableQuantity=given)
    assert [(window.quantity, window.until) for window in sub.seat_windows] == expected
    assert sub.cancellation_allowed_until is None


@pytest.mark.parametrize(
    ("changes", "extended"),
    [
        ({}, False),
        ({"offerName": "Microsoft 365 E3 (Extended Service Term)"}, True),
        ({"offerName": "MICROSOFT 365 E3 EXTENDED SERVICE TERM"}, True),
        ({"skuName": "Extended Service Terms"}, True),
        ({"offerName": "Extended-Service-Term"}, True),
        ({"friendlyName": "Extended Service Term"}, False),  # what somebody called it
        ({"offerName": "Extended Service Plan"}, False),
        (
            {
                "offerName": "Extended Service Term",
                "offerId": "195416C1-3447-423A-B37B-EE59A99A19C4",
                "commitmentEndDateTime": None,
            },
            False,
        ),
    ],
)
def test_an_extended_service_term_is_told_by_the_name_of_its_sku(
    changes: dict[str, Any], extended: bool
) -> None:
    assert one(**changes).extended is extended


@pytest.mark.parametrize(
    ("changes", "extended_service", "window_known"),
    [
        ({"isMicrosoftProduct": True, "publisherName": "Microsoft"}, None, True),
        ({"publisherName": "Microsoft Corporation"}, None, True),
        ({"publisherName": " "}, None, True),
        ({"isMicrosoftProduct": ..., "publisherName": ...}, None, True),
        ({"isMicrosoftProduct": False}, False, False),
        ({"isMicrosoftProduct": False, "publisherName": None}, False, False),
        ({"publisherName": "Northwind Traders"}, False, False),
    ],
)
def test_what_another_publisher_sells(
    changes: dict[str, Any], extended_service: bool | None, window_known: bool
) -> None:
    sub = one(**changes)
    assert (sub.offer.extended_service, sub.window_known) == (extended_service, window_known)


@pytest.mark.parametrize(
    ("changes", "window_known"),
    [
        ({}, True),
        # cut short to end with another: aligned, or split off by an upgrade
        ({"effectiveStartDate": "2025-11-15", "creationDate": "2025-11-15T08:00:00Z"}, False),
        # created after its term began
        ({"creationDate": "2025-04-02T23:59:59Z"}, True),
        ({"creationDate": "2025-04-03T00:00:00Z"}, False),
        ({"creationDate": None}, True),
        # a renewal opens a window of its own
        ({"effectiveStartDate": "2024-04-01", "creationDate": "2024-06-15"}, True),
        ({"effectiveStartDate": "2024-11-15", "creationDate": "2024-11-15"}, True),
        ({"termDuration": None, "effectiveStartDate": "2025-11-15", "creationDate": "2025-11-15"}, True),
    ],
)
def test_what_may_have_been_split_off_by_an_upgrade(changes: dict[str, Any], window_known: bool) -> None:
    assert one(**changes).window_known is window_known


@pytest.mark.parametrize(
    ("start", "duration", "end", "term", "doubted"),
    [
        ("2025-04-01", "P1Y", "2026-04-01", (date(2025, 4, 1), date(2026, 3, 31)), date(2026, 4, 1)),
        ("2022-04-01", "P1Y", "2026-04-01", (date(2025, 4, 1), date(2026, 3, 31)), date(2026, 4, 1)),
        ("2023-04-01", "P3Y", "2026-04-01", (date(2023, 4, 1), date(2026, 3, 31)), date(2026, 4, 1)),
        ("2026-01-15", "P1M", "2026-02-15", (date(2026, 1, 15), date(2026, 2, 14)), date(2026, 2, 15)),
        ("2025-08-31", "P1M", "2025-09-30", (date(2025, 8, 31), date(2025, 9, 29)), date(2025, 9, 30)),
        # no whole terms after the start: the service's day is all there is
        ("2025-04-15", "P1Y", "2025-10-15", (date(2025, 4, 15), date(2025, 10, 15)), None),
        ("2025-04-01", "P1Y", "2026-04-02", (date(2025, 4, 3), date(2026, 4, 2)), None),
        ("2025-04-01", "P1Y", "2025-04-01", (date(2025, 4, 1), date(2025, 4, 1)), None),
        # where the duration is not said, the days tell the same if they are as long as a term can be
        ("2025-04-01", None, "2026-04-01", (date(2025, 4, 1), date(2026, 3, 31)), date(2026, 4, 1)),
        ("2026-01-15", None, "2026-02-15", (date(2026, 1, 15), date(2026, 2, 14)), date(2026, 2, 15)),
        ("2023-04-01", None, "2026-04-01", (date(2023, 4, 1), date(2026, 3, 31)), date(2026, 4, 1)),
        ("2025-08-31", None, "2025-09-30", (date(2025, 8, 31), date(2025, 9, 29)), date(2025, 9, 30)),
        ("2024-04-01", None, "2026-04-01", (date(2024, 4, 1), date(2026, 4, 1)), None),
        ("2025-04-01", None, "2026-03-31", (date(2025, 4, 1), date(2026, 3, 31)), None),
        ("2025-04-01", None, "2026-04-02", (date(2025, 4, 1), date(2026, 4, 2)), None),
        ("2025-04-01", None, "2025-04-01", (date(2025, 4, 1), date(2025, 4, 1)), None),
    ],
)
def test_a_start_that_is_given_stays_and_an_end_that_is_a_day_late_is_in_doubt(
    start: str, duration: str | None, end: str, term: tuple[date, date], doubted: date | None
) -> None:
    sub = one(
        effectiveStartDate=start, termDuration=duration, commitmentEndDate=end, commitmentEndDateTime=...
    )
    assert (sub.term.first_day, sub.term.last_day) == term
    assert sub.doubted_last_day == doubted


def test_until_when_it_can_be_cancelled_is_kept_to_the_second() -> None:
    for text, until in (
        ("2025-04-08T23:59:00Z", datetime(2025, 4, 8, 23, 59, tzinfo=UTC)),
        ("2025-04-08T18:00:00Z", datetime(2025, 4, 8, 18, tzinfo=UTC)),
    ):
        assert one(cancellationAllowedUntilDate=text).cancellation_allowed_until == until


def test_the_reasons_why_something_is_out_of_scope() -> None:
    for billing, reason in (
        ("usage", "'license': only licence-based subscriptions are in scope"),
        (
            "Benefit",
            "'license': a benefit is not bought, so only licence-based subscriptions are in scope",
        ),
    ):
        # of what is out of scope, nothing else is said
        (problem,) = partner_center.read_tolerantly([{"id": "x", "billingType": billing}]).problems
        assert problem.accepted == reason
    assert one(billingType="none").quantity == 25
    assert one(billingType="None", unitType="none").quantity == 25


def test_small_things_that_vary() -> None:
    assert one(isTrial=None).trial is False
    assert one(isTrial=...).trial is False
    assert one(quantity=0).quantity == 0
    assert one(parentSubscriptionId="").parent is None
    assert one(parentSubscriptionId=" P ").parent == "P"
    assert one(id=" abc ").id == "abc"
    assert (
        one(billingType=..., contractType=None, friendlyName=None, offerName=...).offer.title
        == NCE["offerId"]
    )
    assert one(billingType="License").quantity == 25
    assert one(productType="OnlineServicesNCE").quantity == 25
    assert one(links=17, somethingNew={"a": [1]}).quantity == 25


DEEP: Any = []
for _ in range(5000):
    DEEP = [DEEP]

# the first sample item, changed; the field that is named
BAD_ITEMS: list[tuple[Any, str]] = [
    (None, "value"),
    ("text", "value"),
    ([NCE], "value"),
    (NCE | {7: "x"}, "key"),
    (NCE | {"ID": "x"}, "ID"),
    *((NCE | {"id": value}, "id") for value in (None, "", " ", 7, True, ["x"], DEEP)),
    *((NCE | {"offerId": value}, "offerId") for value in (None, "", " ", 7)),
    *((NCE | {"offerName": value}, "offerName") for value in (7, True)),
    (NCE | {"offerName": ["x"]}, "offerName"),
    *((NCE | {"friendlyName": value}, "friendlyName") for value in (7, 1.5)),
    *(
        (NCE | {"quantity": value}, "quantity")
        for value in (None, True, -1, 25.0, "25", float("nan"), float("inf"), -(10**5000))
    ),
    *((NCE | {"quantity": value}, "quantity") for value in (2**53 + 1, 10**5000)),
    *(
        (NCE | {"effectiveStartDate": value}, "effectiveStartDate")
        for value in (
            None,
            "",
            "soon",
            20250401,
            "2025-02-30",
            "0001-01-01",
            "1999-12-31",
            DEEP,
        )
    ),
    (NCE | {"effectiveStartDate": "2027-01-01"}, "commitmentEndDate"),
    *(
        (NCE | {"commitmentEndDate": value, "commitmentEndDateTime": None}, "commitmentEndDate")
        for value in (
            *(None, "", "soon", 20260331, True, "2026-02-29", "2026-13-01", "2026-03-31T24:00:00Z"),
            *("2026-03-31T00:00:60Z", "2026-03-31T00:00:00+09:00", "2026-03-31T00:00:00.1234567890Z"),
            *(
                "9999-12-31T00:00:00Z",
                "9999-12-31T23:59:59.9999999Z",
                "9000-01-01",
                "9500-06-30",
                "0001-01-01T00:00:00Z",
            ),
            *("0002-01-01", "2000-01-01", "20260331", "٢٠٢٦-03-31", "2026-03-31" + " " * 200_000 + "x"),
        )
    ),
    (NCE | {"commitmentEndDateTime": "2026-04-02T00:00:00Z"}, "commitmentEndDateTime"),
    (NCE | {"commitmentEndDateTime": "2026-04-01T00:00:01Z"}, "commitmentEndDateTime"),
    (NCE | {"commitmentEndDateTime": "9999-12-31T23:59:59Z"}, "commitmentEndDateTime"),
    *((NCE | {"status": value}, "status") for value in (None, "", " ", 3, ["active"])),
    *((NCE | {"autoRenewEnabled": value}, "autoRenewEnabled") for value in (None, 1, "true")),
    *((NCE | {"isTrial": value}, "isTrial") for value in (0, "false")),
    *((NCE | {"billingType": value}, "billingType") for value in ("usage", "benefit", "Azure", 1)),
    (NCE | {"billingType": "none", "quantity": None}, "quantity"),
    (NCE | {"billingType": "none", "unitType": "Usage-based"}, "unitType"),
    (
        NCE | {"billingType": "none", "commitmentEndDate": "9999-12-31", "commitmentEndDateTime": None},
        "commitmentEndDate",
    ),
    (NCE | {"unitType": "Benefit"}, "unitType"),
    (NCE | {"creationDate": "soon"}, "creationDate"),
    (NCE | {"productType": "Azure"}, "productType"),
    (NCE | {"productType": 7}, "productType"),
    (NCE | {"isMicrosoftProduct": "no"}, "isMicrosoftProduct"),
    (NCE | {"publisherName": 7}, "publisherName"),
    (NCE | {"skuName": 7}, "skuName"),
    (NCE | {"refundableQuantity": 7}, "value"),
    (NCE | {"refundableQuantity": {"details": 7}}, "details"),
    (NCE | {"refundableQuantity": {"details": [{"quantity": -1}]}}, "quantity"),
    (NCE | {"refundableQuantity": {"details": [{"quantity": 1}]}}, "allowedUntilDateTime"),
    (
        NCE | {"refundableQuantity": {"details": [{"quantity": 1, "allowedUntilDateTime": "9999-12-31"}]}},
        "allowedUntilDateTime",
    ),
    (NCE | {"scheduledActions": [{"actionType": "Cancel", "instructions": 7}]}, "value"),
    (NCE | {"scheduledActions": [{"actionType": "Cancel", "scheduleType": 7}]}, "scheduleType"),
    (
        NCE
        | {
            "scheduledActions": [
                {"actionType": "Cancel", "scheduleType": "CustomDate", "effectiveDate": "soon"}
            ]
        },
        "effectiveDate",
    ),
    (
        NCE
        | {
            "scheduledActions": [
                {"actionType": "Cancel", "scheduleType": "CustomDate", "effectiveDate": "9999-12-31"}
            ]
        },
        "effectiveDate",
    ),
    *((NCE | {"contractType": value}, "contractType") for value in ("productKey", "redemptionCode")),
    (NCE | {"unitType": "Usage-based"}, "unitType"),
    *(
        (NCE | {"productType": {"id": value}}, "id")
        for value in ("Azure", "SoftwarePerpetual", "AzureReservation")
    ),
    *((NCE | {"termDuration": value}, "termDuration") for value in ("P1W", "p1y", "1 year", 12, ["P1Y"])),
    *((NCE | {"renewalTermDuration": value}, "renewalTermDuration") for value in ("P5Y", 1)),
    *((NCE | {"parentSubscriptionId": value}, "parentSubscriptionId") for value in (7, NCE["id"])),
    *(
        (NCE | {"scheduledActions": value}, "scheduledActions")
        for value in ("Cancel", {"actionType": "Cancel"}, 1)
    ),
    (
        NCE | {"scheduledActions": [{"actionType": "Cancel"}, {"actionType": "RenewToNewTerm"}]},
        "scheduledActions",
    ),
    *(
        (NCE | {"scheduledActions": [{"actionType": value}]}, "actionType")
        for value in (None, "", 1, ["Cancel"])
    ),
    (NCE | {"scheduledActions": ["Cancel"]}, "value"),
    (NCE | {"scheduledNextTermInstructions": "renew"}, "value"),
    (NCE | {"scheduledNextTermInstructions": {"product": "x"}}, "value"),
    (NCE | {"scheduledNextTermInstructions": {"quantity": "25"}}, "quantity"),
    (NCE | {"scheduledNextTermInstructions": {"quantity": -25}}, "quantity"),
    (NCE | {"scheduledNextTermInstructions": {"quantity": -1}}, "quantity"),
    (NCE | {"scheduledNextTermInstructions": {"customTermEndDate": "x"}}, "customTermEndDate"),
    (NCE | {"scheduledNextTermInstructions": {"product": {"termDuration": "P1W"}}}, "termDuration"),
    (NCE | {"scheduledNextTermInstructions": {"product": {"productId": 1}}}, "productId"),
    (NCE | {"refundOptions": "none"}, "refundOptions"),
    (NCE | {"refundOptions": [None]}, "value"),
    (NCE | {"refundOptions": [{"expiresAt": "x"}]}, "expiresAt"),
    *(
        (NCE | {"cancellationAllowedUntilDate": value}, "cancellationAllowedUntilDate")
        for value in ("x", 1, "9999-12-31T00:00:00Z")
    ),
    (LEGACY | {"CommitmentEndDate": "0001-01-01T00:00:00Z"}, "commitmentEndDate"),
    (LEGACY | {"CommitmentEndDate": "9999-12-31T00:00:00Z"}, "commitmentEndDate"),
]


@pytest.mark.parametrize(("bad", "field"), BAD_ITEMS)
def test_a_bad_item_is_named_and_loses_no_other(bad: Any, field: str) -> None:
    payload = [LEGACY | {"Id": "first"}, bad, LEGACY | {"Id": "last"}]
    reading = partner_center.read_tolerantly(payload)
    assert [s.id for s in reading.subscriptions] == ["first", "last"]
    (problem,) = reading.problems
    assert problem.field == field
    assert problem.item.startswith("items[1]")
    assert len(str(problem)) < 500
    assert "; expected " in str(problem)
    with pytest.raises(csp.PayloadError) as caught:
        partner_center.read(payload)
    assert [str(p) for p in caught.value.problems] == [str(problem)]


def test_a_strict_reading_lists_every_bad_item() -> None:
    with pytest.raises(csp.PayloadError) as caught:
        partner_center.read([NCE | {"quantity": -1}, NCE, NCE | {"id": None}, None])
    assert [p.item for p in caught.value.problems] == [f"items[0] (id {NCE['id']!r})", "items[2]", "items[3]"]
    assert str(caught.value).startswith("3 problems in the payload\n")


def test_each_subscription_once_whatever_the_case_of_its_id() -> None:
    reading = partner_center.read_tolerantly([NCE, NCE | {"id": f" {NCE['id'].upper()}"}])
    assert len(reading.subscriptions) == 1
    assert [p.field for p in reading.problems] == ["id"]


NEEDED = ["effectiveStartDate", "commitmentEndDate", "quantity", "autoRenewEnabled", "status"]
PAGE = {"totalCount": 1, "items": [NCE]}


@pytest.mark.parametrize(
    ("payload", "field", "kept"),
    [
        ("", "text", 0),
        (b"", "text", 0),
        (b"\xff\xfe[]", "text", 0),
        ("[", "text", 0),
        (json.dumps(CONTOSO)[:-40], "text", 0),
        ("[NaN]", "text", 0),
        ('[{"quantity": Infinity}]', "text", 0),
        ('[{"quantity": -Infinity}]', "text", 0),
        ('{"id": "a", "id": "b"}', "text", 0),
        ("[" * 200_000, "text", 0),
        ("[" + "9" * 5000 + "]", "text", 0),
        ("null", "value", 0),
        ("17", "value", 0),
        ('"text"', "value", 0),
        (None, "value", 0),
        (17, "value", 0),
        ({1, 2}, "value", 0),
        ({}, "items", 0),
        ({"code": 2000, "description": "Unauthorized"}, "items", 0),
        ({"totalCount": 0}, "items", 0),
        ({"value": [NCE]}, "items", 0),
        ({"items": None}, "items", 0),
        ({"items": {"0": NCE}}, "items", 0),
        ({"items": "none"}, "items", 0),
        (PAGE | {"totalCount": 2}, "totalCount", 1),
        (PAGE | {"totalCount": 0}, "totalCount", 1),
        (PAGE | {"totalCount": None}, "totalCount", 1),
        (PAGE | {"totalCount": True}, "totalCount", 1),
        (PAGE | {"totalCount": 1.0}, "totalCount", 1),
        (PAGE | {"links": {"next": {"uri": "/page/2"}}}, "next", 1),
        (PAGE | {"links": 17}, "value", 1),
    ],
)
def test_a_payload_that_is_none_or_not_whole(payload: object, field: str, kept: int) -> None:
    reading = partner_center.read_tolerantly(payload)
    assert [p.field for p in reading.problems] == [field]
    assert len(reading.subscriptions) == kept
    assert len(str(reading.problems[0])) < 500
    with pytest.raises(csp.PayloadError):
        partner_center.read(payload)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[!", "[!"),
        ("[" + "1," * 30 + "!" + ",2" * 30, "1," * 10 + "!" + ",2" * 9 + ","),
        ("[" * 200_000, "[" * 40),
        ("[" + "9" * 5000 + "]", "[" + "9" * 39),
        (b"\xff" * 50, b"\xff" * 40),
    ],
    ids=["at the beginning", "amidst", "too deep", "too long a number", "no UTF-8"],
)
def test_of_text_that_is_no_json_some_is_shown(text: str | bytes, shown: str | bytes) -> None:
    (problem,) = partner_center.read_tolerantly(text).problems
    assert problem.value == shown


def test_of_a_long_id_the_beginning_is_shown() -> None:
    problem = partner_center.read_tolerantly([{"id": "x" * 50}]).problems[0]
    assert problem.item == f"items[0] (id '{'x' * 40}')"


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"id": "a"}, ["offerId", *NEEDED]),
        ({"offerId": "a"}, ["id", *NEEDED]),
        ({}, ["items"]),
    ],
)
def test_a_single_subscription_may_lack_anything_but_all(payload: object, fields: list[str]) -> None:
    problems = partner_center.read_tolerantly(payload).problems
    assert [problem.field for problem in problems] == fields


def test_an_error_response_is_shown() -> None:
    (problem,) = partner_center.read_tolerantly({"code": 2000, "description": "Unauthorized"}).problems
    assert "Unauthorized" in str(problem)


def nested(levels: int, value: Any = None) -> Any:
    for _ in range(levels):
        value = {"product": value}
    return value


DEEP_FIELDS = ("scheduledNextTermInstructions", "offerName", "quantity", "refundableQuantity")


@pytest.mark.untraced
@pytest.mark.parametrize("field", DEEP_FIELDS)
@pytest.mark.parametrize("value", [DEEP, nested(100_000, 1)], ids=["lists", "objects"])
def test_one_deep_item_takes_no_reading_down(field: str, value: Any) -> None:
    payload = {"totalCount": 2, "items": [NCE | {field: value}, LEGACY]}
    for reading in (
        partner_center.read_tolerantly(payload),
        partner_center.read_tolerantly(deep_json(field)),
    ):
        assert [s.legacy for s in reading.subscriptions][-1]
        assert len(reading.subscriptions) + len(reading.problems) == 2
        assert pickle.loads(pickle.dumps(reading)).subscriptions == reading.subscriptions  # noqa: S301
        assert hash(reading)
        for problem in reading.problems:
            assert len(str(problem)) < 500


def deep_json(field: str, levels: int = 50_000) -> str:
    """A listing whose first item is nested so deeply that no recursive parser reads it."""
    items = [NCE | {field: "DEEP", "friendlyName": 'A "name" with [ and { and \\'}, LEGACY]
    return json.dumps({"items": items}).replace('"DEEP"', '{"a": [' * levels + "1" + "]}" * levels)


def test_deep_json_is_a_problem_of_its_item_alone() -> None:
    reading = partner_center.read_tolerantly(deep_json("offerName"))
    assert [(p.item, p.field) for p in reading.problems] == [(f"items[0] (id {NCE['id']!r})", "offerName")]
    assert reading.unread == 1
    # where nobody looks, it does not matter
    aside = partner_center.read(deep_json("somethingNew"))
    assert aside[0].name == 'A "name" with [ and { and \\'
    # an item that is nothing else; and a payload
    whole = "[" + "[" * 50_000 + "]" * 50_000 + "," + json.dumps(LEGACY) + "]"
    reading = partner_center.read_tolerantly(whole)
    assert [(p.item, p.field) for p in reading.problems] == [("items[0]", "value")]
    assert len(reading.subscriptions) == 1
    # the words that stand for it may be in the text
    marked = deep_json("offerName").replace('A \\"name', 'deep deep! \\"name')
    assert len(partner_center.read_tolerantly(marked).problems) == 1


@pytest.mark.parametrize(("cut", "added", "deeply"), [(1, "", True), (2, "", True), (0, "]", False)])
def test_deep_json_whose_brackets_do_not_match_is_a_problem(cut: int, added: str, deeply: bool) -> None:
    text = deep_json("somethingNew")
    with pytest.raises(csp.PayloadError) as caught:
        partner_center.read(text[: len(text) - cut] + added)
    [problem] = caught.value.problems
    assert (problem.accepted == "JSON that is not nested so deeply") is deeply


def test_blank_instructions_that_are_too_deep_are_a_problem_beside_the_others() -> None:
    items = json.dumps([NCE | {"scheduledNextTermInstructions": "DEEP", "quantity": -1}])
    deep = '{"product": ' * 50_000 + "null" + "}" * 50_000
    problems = partner_center.read_tolerantly(items.replace('"DEEP"', deep)).problems
    assert [problem.field for problem in problems] == ["quantity", "value"]


def test_what_is_nested_in_itself_is_blank_all_the_same() -> None:
    itself: dict[str, Any] = {}
    itself["product"] = itself
    assert one(scheduledNextTermInstructions=itself).at_term_end is None
    assert one(scheduledNextTermInstructions=nested(100_000)).at_term_end is None


def test_every_problem_of_an_item_is_named_at_once_each_field_once() -> None:
    bad = NCE | {
        "quantity": -1,
        "status": "",
        "offerName": 7,
        "scheduledActions": [{"actionType": "Cancel", "instructions": {"quantity": "x"}}],
    }
    problems = partner_center.read_tolerantly([LEGACY, bad]).problems
    name = f"items[1] (id {NCE['id']!r})"
    assert [(p.item, p.field) for p in problems] == [
        (name, "quantity"),
        (f"{name} scheduledActions[0] instructions", "quantity"),
        (name, "status"),
        (name, "offerName"),
    ]


CUSTOM = {"scheduleType": "CustomDate", "actionType": "Cancel"}
LATE = "9999-12-31T00:00:00Z"
GUID = "195416C1-3447-423A-B37B-EE59A99A19C4"


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        (
            {"commitmentEndDate": "x", "commitmentEndDateTime": "y"},
            ["commitmentEndDate", "commitmentEndDateTime"],
        ),
        (
            {"commitmentEndDate": LATE, "commitmentEndDateTime": "1999-01-01"},
            ["commitmentEndDate", "commitmentEndDateTime"],
        ),
        # the end before the start, once where both fields say it, and what is wrong beside it
        (
            {"effectiveStartDate": "2027-01-01", "parentSubscriptionId": NCE["id"].upper()},
            ["commitmentEndDate", "parentSubscriptionId"],
        ),
        (
            {
                "effectiveStartDate": "2027-01-01",
                "commitmentEndDate": None,
                "commitmentEndDateTime": "2026-12-01",
            },
            ["commitmentEndDateTime"],
        ),
        (
            {
                "effectiveStartDate": "2027-01-01",
                "commitmentEndDate": "x",
                "commitmentEndDateTime": "2026-12-01",
            },
            ["commitmentEndDate", "commitmentEndDateTime"],
        ),
        (
            {
                "effectiveStartDate": "2027-01-01",
                "commitmentEndDate": "2026-12-31",
                "commitmentEndDateTime": "2028-01-01",
            },
            ["commitmentEndDate", "commitmentEndDateTime"],
        ),
        (
            {"effectiveStartDate": "x", "commitmentEndDate": "1999-01-01"},
            ["effectiveStartDate", "commitmentEndDate"],
        ),
        # which end is meant depends on the offer
        ({"offerId": None, "commitmentEndDateTime": "2026-03-31"}, ["offerId"]),
        ({"offerId": GUID, "commitmentEndDateTime": "2026-03-31"}, []),
        # actions
        (
            {"scheduledActions": [CUSTOM | {"effectiveDate": "x"}, CUSTOM | {"effectiveDate": LATE}]},
            ["scheduledActions[0].effectiveDate", "scheduledActions[1].effectiveDate"],
        ),
        (
            {"scheduledActions": [7, {"scheduleType": 7, "actionType": 7, "effectiveDate": "x"}, "Cancel"]},
            [
                "scheduledActions[0].value",
                "scheduledActions[2].value",
                "scheduledActions[1].scheduleType",
                "scheduledActions[1].actionType",
                "scheduledActions[1].effectiveDate",
            ],
        ),
        (
            {"scheduledActions": [{"scheduleType": 7, "actionType": "Cancel", "instructions": 7}]},
            ["scheduledActions[0].scheduleType", "scheduledActions[0] instructions.value"],
        ),
        (
            renewing(
                quantity=-1, customTermEndDate="x", product={"productId": 1, "skuId": 2, "termDuration": 3}
            ),
            [
                "scheduledActions[0] instructions.customTermEndDate",
                "scheduledActions[0] instructions.quantity",
                "scheduledActions[0] instructions product.productId",
                "scheduledActions[0] instructions product.skuId",
                "scheduledActions[0] instructions product.termDuration",
            ],
        ),
        (
            {"scheduledActions": 7, "scheduledNextTermInstructions": 7},
            ["scheduledNextTermInstructions.value", "scheduledActions"],
        ),
        # two that disagree, beside one that is broken; and two of which only one can be read
        (
            {
                "scheduledActions": [
                    {"actionType": "Cancel"},
                    {"actionType": "RenewToNewTerm"},
                    CUSTOM | {"effectiveDate": 1},
                ]
            },
            ["scheduledActions[2].effectiveDate", "scheduledActions"],
        ),
        (
            {"scheduledActions": [{"actionType": "Cancel"}, {"actionType": 7}]},
            ["scheduledActions[1].actionType"],
        ),
        # whether they disagree depends on what cannot be read
        (
            {
                "offerId": None,
                "scheduledActions": [
                    {"actionType": "RenewToNewTerm"},
                    {
                        "actionType": "RenewToNewTerm",
                        "instructions": {"product": {"productId": "CFQ7TTC0LH18"}},
                    },
                ],
            },
            ["offerId"],
        ),
        (
            {
                "quantity": "25",
                "scheduledActions": [
                    {"actionType": "RenewToNewTerm"},
                    {"actionType": "RenewToNewTerm", "instructions": {"quantity": 25}},
                ],
            },
            ["quantity"],
        ),
        ({"quantity": None, "scheduledNextTermInstructions": {"quantity": 25}}, ["quantity"]),
        # licences that were added
        (
            {
                "refundableQuantity": {
                    "details": [
                        {"quantity": -1, "allowedUntilDateTime": "x"},
                        None,
                        {"quantity": 1},
                        {"quantity": "1", "allowedUntilDateTime": LATE},
                        {"quantity": "1"},
                        {"quantity": 0, "allowedUntilDateTime": "x"},
                        {"quantity": 0, "allowedUntilDateTime": LATE},
                    ]
                }
            },
            [
                "refundableQuantity details[1].value",
                "refundableQuantity details[0].quantity",
                "refundableQuantity details[0].allowedUntilDateTime",
                "refundableQuantity details[2].allowedUntilDateTime",
                "refundableQuantity details[3].quantity",
                "refundableQuantity details[3].allowedUntilDateTime",
                "refundableQuantity details[4].quantity",
                "refundableQuantity details[5].allowedUntilDateTime",
            ],
        ),
        (
            {"refundableQuantity": [7, {"details": 7}, {"details": [{"quantity": 2**53 + 1}]}]},
            [
                "refundableQuantity[0].value",
                "refundableQuantity[1].details",
                "refundableQuantity[2] details[0].quantity",
            ],
        ),
        # until when it can be cancelled
        (
            {
                "cancellationAllowedUntilDate": "x",
                "refundOptions": [{"expiresAt": 7}, {"expiresAt": LATE}, 7],
            },
            [
                "cancellationAllowedUntilDate",
                "refundOptions[2].value",
                "refundOptions[0].expiresAt",
                "refundOptions[1].expiresAt",
            ],
        ),
        ({"cancellationAllowedUntilDate": "2025-04-08", "refundOptions": [{"expiresAt": LATE}]}, []),
        # the rest
        ({"publisherName": 7, "isMicrosoftProduct": "no"}, ["publisherName", "isMicrosoftProduct"]),
        ({"offerName": 7, "skuName": 7}, ["offerName", "skuName"]),
        (
            {"billingType": 7, "unitType": 7, "contractType": 7, "productType": {"id": 7}, "quantity": -1},
            ["billingType", "unitType", "contractType", "productType.id", "quantity"],
        ),
        (
            {"ID": "x", "Quantity": 1, 7: 7, "status": None, "productType": {"id": "x", "ID": "y"}},
            ["ID", "Quantity", "key", "productType (id 'x').ID", "status"],
        ),
    ],
)
def test_every_problem_of_an_item_with_its_path(changes: dict[Any, Any], paths: list[str]) -> None:
    name = f"items[1] (id {NCE['id']!r})"
    problems = partner_center.read_tolerantly([LEGACY, NCE | changes]).problems
    found = [f"{p.item}.{p.field}".replace(f"{name} ", "").replace(f"{name}.", "") for p in problems]
    assert found == paths
    for problem in problems:
        assert len(str(problem)) < 300


def test_a_parent_is_not_compared_with_an_id_that_cannot_be_read() -> None:
    (problem,) = partner_center.read_tolerantly(NCE | {"id": "", "parentSubscriptionId": " "}).problems
    assert problem.field == "id"


def test_a_term_at_the_end_of_the_calendar_is_read_too() -> None:
    last = one(
        effectiveStartDate="8999-06-01T00:00:00Z",
        commitmentEndDate="8999-12-31T00:00:00Z",
        commitmentEndDateTime=...,
    )
    assert last.term == csp.Term(first_day=date(8999, 6, 1), last_day=date(8999, 12, 31))
    assert not last.window_known


def test_an_end_before_the_start_is_said_in_the_words_of_the_payload() -> None:
    (problem,) = partner_center.read_tolerantly(NCE | {"effectiveStartDate": "2026-04-01"}).problems
    assert (problem.field, problem.accepted) == (
        "commitmentEndDate",
        "an end whose last day is not before effectiveStartDate, 2026-04-01",
    )


def test_of_a_key_that_is_there_twice_the_first_is_read() -> None:
    for first, second in ((25, -1), (-1, 25)):
        item = {**NCE, "quantity": first, "Quantity": second}
        fields = [p.field for p in partner_center.read_tolerantly(item).problems]
        assert fields == (["Quantity"] if first == 25 else ["Quantity", "quantity"])
    (problem,) = partner_center.read_tolerantly({"items": [NCE], "Items": []}).problems
    assert (problem.item, problem.field) == ("payload", "Items")
    (problem,) = partner_center.read_tolerantly(PAGE | {"links": {"self": 1, "Self": 2}}).problems
    assert (problem.item, problem.field) == ("payload links", "Self")


@given(
    st.dictionaries(
        st.sampled_from(
            ("quantity", "status", "autoRenewEnabled", "isTrial", "friendlyName", "creationDate", "skuName")
        ),
        st.sampled_from((-1, 10**5000, 1.5, ["x"])),
    ),
    st.lists(st.sampled_from(("scheduleType", "actionType", "effectiveDate")), unique=True, max_size=3),
    st.sets(st.sampled_from(("expiresAt", "allowedUntilDateTime", "commitmentEndDate"))),
)
def test_as_many_problems_as_there_are_bad_fields(
    bad: dict[str, Any], of_an_action: list[str], times: set[str]
) -> None:
    item = NCE | bad | ({"commitmentEndDate": "x"} if "commitmentEndDate" in times else {})
    item["scheduledActions"] = [CUSTOM | {"effectiveDate": "2026-01-01"} | dict.fromkeys(of_an_action, 7)]
    item["refundOptions"] = [{"expiresAt": "x" if "expiresAt" in times else None}]
    until = "x" if "allowedUntilDateTime" in times else "2026-02-08"
    item["refundableQuantity"] = {"details": [{"quantity": 1, "allowedUntilDateTime": until}]}
    problems = partner_center.read_tolerantly([item]).problems
    assert sorted(p.field for p in problems) == sorted([*bad, *of_an_action, *times])


@pytest.mark.parametrize(
    ("payload", "unread"),
    [
        ([NCE], 0),
        (NCE, 0),
        ([NCE, NCE], 1),
        ([NCE, NCE | {"quantity": -1, "status": None}], 1),
        ({"totalCount": 1, "items": [NCE]}, 0),
        ({"totalCount": 151, "items": [NCE]}, 150),
        ({"totalCount": 151, "items": [NCE, None]}, 150),
        ({"totalCount": 151, "items": [NCE], "links": {"next": {"uri": "/2"}}}, 150),
        ({"items": [NCE], "links": {"next": {"uri": "/2"}}}, 1),
        ({"totalCount": "many", "items": [NCE]}, 1),
        ({"totalCount": 2**53 + 1, "items": [NCE]}, 1),  # no number of subscriptions that anybody has
        ({"totalCount": 10**5000, "items": [NCE]}, 1),
        ("{", 1),
    ],
)
def test_how_many_could_not_be_read(payload: object, unread: int) -> None:
    assert partner_center.read_tolerantly(payload).unread == unread


SECOND = LEGACY | {"Id": "second"}
FIRST_PAGE = {"totalCount": 2, "items": [NCE], "links": {"next": {"uri": "/page/2"}}}
LAST_PAGE = {"totalCount": 2, "items": [SECOND], "links": {"self": {"uri": "/page/2"}}}


@pytest.mark.parametrize(
    "pages",
    [
        [FIRST_PAGE, LAST_PAGE],
        [json.dumps(FIRST_PAGE), json.dumps(LAST_PAGE).encode()],
        (page for page in (FIRST_PAGE, LAST_PAGE)),
        [FIRST_PAGE | {"totalCount": 1}, LAST_PAGE | {"totalCount": 1}],
        [{"items": [NCE]}, {"Items": [SECOND]}],
        [{"items": [NCE, SECOND]}],
        [{"items": [NCE, SECOND]}, {"items": []}],
    ],
)
def test_pages_of_a_listing_are_joined(pages: Any) -> None:
    joined = partner_center.join_pages(pages)
    assert joined == {"totalCount": 2, "items": [NCE, SECOND]}
    assert [s.legacy for s in partner_center.read(joined)] == [False, True]


def test_no_pages_are_an_empty_listing() -> None:
    assert partner_center.join_pages([]) == {"totalCount": 0, "items": []}


@pytest.mark.parametrize(
    ("pages", "problems"),
    [
        ([FIRST_PAGE], [("pages[0]", "totalCount"), ("pages[0] links", "next")]),
        ([LAST_PAGE, FIRST_PAGE], [("pages[1] links", "next")]),
        ([FIRST_PAGE, LAST_PAGE | {"totalCount": 3}], [("pages[1]", "totalCount")]),
        ([FIRST_PAGE, LAST_PAGE | {"totalCount": True}], [("pages[1]", "totalCount")]),
        ([FIRST_PAGE, LAST_PAGE | {"links": 7}], [("pages[1] links", "value")]),
        (
            [FIRST_PAGE, LAST_PAGE | {"items": [NCE | {"id": NCE["id"].upper()}]}],
            [("pages[1] items[0]", "id")],
        ),
        ([{"items": [None, {"id": 7}, NCE, NCE]}], [("pages[0] items[3]", "id")]),
        ([None, LAST_PAGE | {"totalCount": 1}], [("pages[0]", "value")]),
        (["{", LAST_PAGE | {"totalCount": 1}], [("pages[0]", "text")]),
        ([[NCE], LAST_PAGE | {"totalCount": 1}], [("pages[0]", "value")]),
        ([{"items": 7}, {"items": []}], [("pages[0]", "items")]),
    ],
)
def test_pages_that_do_not_fit_together(pages: list[Any], problems: list[tuple[str, str]]) -> None:
    with pytest.raises(csp.PayloadError) as caught:
        partner_center.join_pages(pages)
    assert [(p.item.split(" (")[0], p.field) for p in caught.value.problems] == problems


def test_items_that_are_none_are_for_the_reading_to_name() -> None:
    joined = partner_center.join_pages([{"items": [None, {"id": 7}, NCE]}])
    assert len(partner_center.read_tolerantly(joined).subscriptions) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(NCE)), json_values)
def test_any_value_in_any_field_is_read_or_named(field: str, value: object) -> None:
    reading = partner_center.read_tolerantly([NCE | {field: value}, LEGACY])
    assert len(reading.subscriptions) + reading.unread == 2
    assert reading.unread == len({problem.item.split()[0] for problem in reading.problems})
    assert reading.subscriptions[-1].legacy


@given(json_values)
def test_any_json_is_read_or_named(payload: object) -> None:
    reading = partner_center.read_tolerantly(payload)
    assert reading.problems or payload in ([], {"items": []}) or reading.subscriptions


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_text_is_read_or_named(payload: bytes | str) -> None:
    reading = partner_center.read_tolerantly(payload)
    assert reading.problems or not reading.subscriptions
