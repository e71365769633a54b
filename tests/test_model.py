"""Bad facts are refused when they are made: the field, the value and what is accepted are named."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from facts import BASIC, YEAR, D, day, replacement, subscription, transfer

import csp_transfer as csp

NAIVE = datetime(2026, 3, 31)  # noqa: DTZ001

# what to make, the bad facts, the error, the field it names
BAD: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    (subscription, {"id": ""}, csp.InvalidValue, "id"),
    (subscription, {"id": " \t"}, csp.InvalidValue, "id"),
    (subscription, {"id": 7}, csp.InvalidType, "id"),
    (subscription, {"offer": "CFQ7TTC0LH18"}, csp.InvalidType, "offer"),
    (subscription, {"quantity": True}, csp.InvalidType, "quantity"),
    (subscription, {"quantity": 25.0}, csp.InvalidType, "quantity"),
    (subscription, {"quantity": "25"}, csp.InvalidType, "quantity"),
    (subscription, {"quantity": -1}, csp.InvalidValue, "quantity"),
    (subscription, {"assigned": True}, csp.InvalidType, "assigned"),
    (subscription, {"assigned": -1}, csp.InvalidValue, "assigned"),
    (subscription, {"term": (YEAR.first_day, YEAR.last_day)}, csp.InvalidType, "term"),
    (subscription, {"auto_renew": 1}, csp.InvalidType, "auto_renew"),
    (subscription, {"auto_renew": None}, csp.InvalidType, "auto_renew"),
    (subscription, {"channel": "csp"}, csp.InvalidType, "channel"),
    (subscription, {"status": "active"}, csp.InvalidType, "status"),
    (subscription, {"status": csp.State.ACTIVE}, csp.InvalidType, "status"),
    (subscription, {"name": None}, csp.InvalidType, "name"),
    (subscription, {"trial": "no"}, csp.InvalidType, "trial"),
    (subscription, {"legacy": 0}, csp.InvalidType, "legacy"),
    (subscription, {"parent": ""}, csp.InvalidValue, "parent"),
    (subscription, {"parent": "83ef9d05"}, csp.InvalidValue, "parent"),
    (subscription, {"anchor": NAIVE}, csp.InvalidType, "anchor"),
    (subscription, {"anchor": date(2025, 4, 2)}, csp.InvalidValue, "anchor"),
    (subscription, {"renewal_duration": "P2W"}, csp.InvalidValue, "renewal_duration"),
    (subscription, {"renewal_duration": 12}, csp.InvalidType, "renewal_duration"),
    (subscription, {"at_term_end": "renew"}, csp.InvalidType, "at_term_end"),
    (subscription, {"cancellation_allowed_until": D}, csp.InvalidType, "cancellation_allowed_until"),
    (subscription, {"cancellation_allowed_until": NAIVE}, csp.InvalidValue, "cancellation_allowed_until"),
    (
        subscription,
        {"cancellation_allowed_until": datetime(9999, 12, 31, tzinfo=UTC)},
        csp.InvalidValue,
        "cancellation_allowed_until",
    ),
    (subscription, {"canceled_on": D}, csp.InvalidValue, "canceled_on"),
    (subscription, {"canceled_on": day(1), "status": csp.Status.CANCELED}, csp.InvalidValue, "canceled_on"),
    (subscription, {"canceled_on": NAIVE, "status": csp.Status.CANCELED}, csp.InvalidType, "canceled_on"),
    (csp.Term, {"first_day": D, "last_day": date(2026, 3, 30)}, csp.InvalidValue, "last_day"),
    (csp.Term, {"first_day": NAIVE, "last_day": D}, csp.InvalidType, "first_day"),
    (csp.Term, {"first_day": "2025-04-01", "last_day": D}, csp.InvalidType, "first_day"),
    (csp.Term, {"first_day": D, "last_day": datetime(2026, 4, 1, tzinfo=UTC)}, csp.InvalidType, "last_day"),
    (csp.Term, {"first_day": D, "last_day": date(9999, 12, 31)}, csp.InvalidValue, "last_day"),
    (csp.Term, {"first_day": D, "last_day": date.max}, csp.InvalidValue, "last_day"),
    (csp.Term, {"first_day": D, "last_day": date(9000, 1, 1)}, csp.InvalidValue, "last_day"),
    (csp.Term, {"first_day": date.min, "last_day": D}, csp.InvalidValue, "first_day"),
    (csp.Term, {"first_day": date(1999, 12, 31), "last_day": D}, csp.InvalidValue, "first_day"),
    (csp.Tenant, {"id": "", "country": "JP"}, csp.InvalidValue, "id"),
    (csp.Tenant, {"id": "contoso", "country": "jp"}, csp.InvalidValue, "country"),
    (csp.Tenant, {"id": "contoso", "country": "JPN"}, csp.InvalidValue, "country"),
    (csp.Tenant, {"id": "contoso", "country": ""}, csp.InvalidValue, "country"),
    (csp.Tenant, {"id": "contoso", "country": "J1"}, csp.InvalidValue, "country"),
    (csp.Tenant, {"id": "contoso", "country": "ＪＰ"}, csp.InvalidValue, "country"),
    (csp.Tenant, {"id": "contoso", "country": None}, csp.InvalidType, "country"),
    (csp.Partner, {"id": "fabrikam", "country": "Japan"}, csp.InvalidValue, "country"),
    (csp.Partner, {"id": None, "country": "JP"}, csp.InvalidType, "id"),
    (csp.Offer, {"id": ""}, csp.InvalidValue, "id"),
    (csp.Offer, {"id": "A", "name": None}, csp.InvalidType, "name"),
    (csp.Offer, {"id": "A", "discontinued": 1}, csp.InvalidType, "discontinued"),
    (csp.Offer, {"id": "A", "equivalents": "BC"}, csp.InvalidType, "equivalents"),
    (csp.Offer, {"id": "A", "equivalents": {""}}, csp.InvalidValue, "equivalents"),
    (csp.Offer, {"id": "A", "equivalents": [["B"]]}, csp.InvalidType, "equivalents"),
    (csp.Offer, {"id": "A", "equivalents": frozenset({7})}, csp.InvalidType, "equivalents"),
    (csp.Offer, {"id": "A", "equivalents": [BASIC]}, csp.InvalidType, "equivalents"),
    (replacement, {"offer": None}, csp.InvalidType, "offer"),
    (replacement, {"quantity": True}, csp.InvalidType, "quantity"),
    (replacement, {"quantity": -5}, csp.InvalidValue, "quantity"),
    (replacement, {"provision_on": NAIVE}, csp.InvalidType, "provision_on"),
    (replacement, {"provision_on": date.max}, csp.InvalidValue, "provision_on"),
    (transfer, {"customer": "contoso"}, csp.InvalidType, "customer"),
    (transfer, {"destination": csp.Tenant(id="x", country="JP")}, csp.InvalidType, "destination"),
    (transfer, {"subscriptions": ()}, csp.InvalidValue, "subscriptions"),
    (transfer, {"subscriptions": subscription()}, csp.InvalidType, "subscriptions"),
    (transfer, {"subscriptions": ("83ef9d05",)}, csp.InvalidType, "subscriptions[0]"),
    (transfer, {"subscriptions": (subscription(),) * 2}, csp.InvalidValue, "subscriptions[1].id"),
    (transfer, {"subscriptions": (subscription(id="contoso"),)}, csp.InvalidValue, "subscriptions[0].id"),
    (
        transfer,
        {"subscriptions": (subscription(trial=True),), "replacements": {"83ef9d05": replacement()}},
        csp.InvalidValue,
        "replacements['83ef9d05']",
    ),
    (transfer, {"replacements": [("83ef9d05", replacement())]}, csp.InvalidType, "replacements"),
    (transfer, {"replacements": {"nobody": replacement()}}, csp.InvalidValue, "replacements"),
    (transfer, {"replacements": {"83ef9d05": None}}, csp.InvalidType, "replacements['83ef9d05']"),
    (transfer, {"target_tenant": "newco"}, csp.InvalidType, "target_tenant"),
    (
        transfer,
        {"target_tenant": csp.Tenant(id="contoso", country="JP")},
        csp.InvalidValue,
        "target_tenant",
    ),
    (transfer, {"source": "northwind"}, csp.InvalidType, "source"),
    (transfer, {"delegated_admin": "yes"}, csp.InvalidType, "delegated_admin"),
    (transfer, {"relationship_accepted": None}, csp.InvalidType, "relationship_accepted"),
    (transfer, {"keeps_source_partner": 1}, csp.InvalidType, "keeps_source_partner"),
    (transfer, {"role": "sales_agent"}, csp.InvalidType, "role"),
]


@pytest.mark.parametrize(("make", "facts", "error", "field"), BAD)
def test_a_bad_fact_is_refused_and_named(
    make: Any, facts: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as caught:
        make(**facts)
    refused: Any = caught.value
    assert refused.field == field
    assert str(refused).startswith(f"{field}: ")
    assert "; expected " in str(refused)
    assert issubclass(error, ValueError if error is csp.InvalidValue else TypeError)
    assert issubclass(error, csp.CspTransferError)


TODAY = date(2026, 3, 1)
CANCELED = subscription(status=csp.Status.CANCELED, canceled_on=date(2026, 2, 2))
# an `as_of` that no function takes
BAD_DAYS = [
    (NAIVE, csp.InvalidValue),
    ("2026-03-01", csp.InvalidType),
    (None, csp.InvalidType),
    (20260301, csp.InvalidType),
    (date.max, csp.InvalidValue),
    (date.min, csp.InvalidValue),
    (datetime.max.replace(tzinfo=UTC), csp.InvalidValue),
    (datetime(1, 1, 1, tzinfo=UTC), csp.InvalidValue),
]


@pytest.mark.parametrize(("when", "error"), BAD_DAYS)
def test_a_bad_day_is_refused_by_every_function(when: Any, error: type[Exception]) -> None:
    window = csp.grace_window(subscription())
    assert window is not None
    calls: list[Any] = [
        lambda: csp.assess(subscription(), as_of=when),
        lambda: csp.plan_transfer(transfer(), as_of=when),
        lambda: csp.refund_advice(subscription(), as_of=when),
        lambda: csp.current_term(subscription(), when),
        lambda: csp.state_at(subscription(), when),
        lambda: window.days_left(when),
        lambda: when in window,
    ]
    for call in calls:
        with pytest.raises(error):
            call()


def test_an_instant_that_leaves_the_calendar_when_read_as_utc_is_refused() -> None:
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-14))
    for instant in (datetime.min.replace(tzinfo=east), datetime.max.replace(tzinfo=west)):
        with pytest.raises(csp.InvalidValue, match="a date from 2000-01-01"):
            csp.state_at(subscription(), instant)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: csp.may_act("sales_agent"), "role"),  # type: ignore[arg-type]
        (lambda: csp.assess("83ef9d05", as_of=TODAY), "subscription"),  # type: ignore[arg-type]
        (lambda: csp.assess(subscription(), "x", as_of=TODAY), "replacement"),  # type: ignore[arg-type]
        (lambda: csp.assess(subscription(), as_of=TODAY, policy="GUIDE"), "policy"),  # type: ignore[arg-type]
        (lambda: csp.plan_transfer(subscription(), as_of=TODAY), "transfer"),  # type: ignore[arg-type]
        (lambda: csp.plan_transfer(transfer(), as_of=TODAY, policy=None), "policy"),  # type: ignore[arg-type]
        (lambda: csp.transition_risk(None, replacement()), "subscription"),  # type: ignore[arg-type]
        (lambda: csp.transition_risk(subscription(), "x"), "replacement"),  # type: ignore[arg-type]
        (
            lambda: csp.transition_risk(subscription(), replacement(), into_another_tenant=1),  # type: ignore[arg-type]
            "into_another_tenant",
        ),
        (lambda: csp.refund_advice(subscription(), as_of=TODAY, delegated_admin="no"), "delegated_admin"),  # type: ignore[arg-type]
        (lambda: csp.transfer_method([subscription(), None]), "subscriptions[1]"),  # type: ignore[list-item]
        (lambda: csp.Term.starting(NAIVE, "P1Y"), "first_day"),
        (lambda: csp.region_of(81), "country"),  # type: ignore[arg-type]
        (lambda: csp.same_region(None, csp.Tenant(id="x", country="JP")), "partner"),  # type: ignore[arg-type]
        (lambda: csp.transfer_method(None), "subscriptions"),  # type: ignore[arg-type]
        (lambda: csp.grace_window(subscription(), policy="GUIDE"), "policy"),  # type: ignore[arg-type]
        (lambda: csp.assess(subscription(trial=True), replacement(), as_of=TODAY), "replacement"),
        (lambda: csp.assess(CANCELED, as_of=date(2026, 2, 1)), "canceled_on"),
        (lambda: csp.grace_window("83ef9d05"), "subscription"),  # type: ignore[arg-type]
        (lambda: csp.lifecycle(None), "subscription"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_refused_by_every_function(call: Any, field: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue)) as caught:
        call()
    assert caught.value.field == field


@pytest.mark.parametrize("duration", ["P1W", "P12M", "p1y", "", " P1Y", "P1Y6M"])
def test_only_the_durations_of_licence_terms_are_read(duration: str) -> None:
    with pytest.raises(csp.InvalidValue, match="expected P1M, P1Y or P3Y"):
        csp.Term.starting(D, duration)


def test_errors_pickle_and_stay_short_whatever_the_value() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, "x" * 100_000, 10**4000, -(10**5000)):
        assert len(str(csp.InvalidValue("field", value, "less"))) < 300
    problem = csp.Problem("items[0]", "offerId", deep, "a text")
    assert len(repr(problem)) < 300
    assert str(pickle.loads(pickle.dumps(problem))) == str(problem)  # noqa: S301
    errors: tuple[csp.CspTransferError, ...] = (
        csp.InvalidValue("quantity", -1, "more"),
        csp.InvalidType("quantity", "x", "a count"),
        csp.UnknownMarket("RU"),
        csp.Problem("items[0]", "id", "", "a text"),
        csp.PayloadError(
            (csp.Problem("items[0]", "id", "", "a text"), csp.Problem("items[1]", "id", 3, "a text"))
        ),
    )
    for error in errors:
        assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grace_days": -1}, csp.InvalidValue),
        ({"grace_days": 3651}, csp.InvalidValue),
        ({"grace_days": True}, csp.InvalidType),
        ({"grace_days": 30.0}, csp.InvalidType),
        ({"grace": 30}, csp.InvalidValue),
    ],
)
def test_a_policy_takes_only_numbers_that_it_has(changes: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        csp.GUIDE.evolve(**changes)


def test_an_evolved_policy_says_what_it_changed() -> None:
    changed = csp.GUIDE.evolve(grace_days=45, backup_days=3)
    assert changed.name == "GUIDE with backup_days=3, grace_days=45"
    assert csp.GUIDE.evolve() == csp.GUIDE
    assert csp.plan_transfer(transfer(), as_of=TODAY, policy=changed).policy == changed


def test_goes_on_is_what_is_scheduled_and_else_auto_renew() -> None:
    assert subscription(auto_renew=True).goes_on
    assert not subscription(auto_renew=False).goes_on
    assert not subscription(auto_renew=True, at_term_end=csp.TermEnd.CANCEL).goes_on
    for end in (csp.TermEnd.RENEW, csp.TermEnd.EXTEND, csp.TermEnd.CHANGE, csp.TermEnd.UNKNOWN):
        assert subscription(auto_renew=False, at_term_end=end).goes_on


@pytest.mark.parametrize("anchor", [day(-363), day(-100), date(1999, 12, 31)], ids=str)
def test_of_what_is_given_as_payloads_give_it_the_anchor_is_checked_too(anchor: date) -> None:
    with pytest.raises(csp.InvalidValue, match="anchor"):
        subscription(anchor=anchor, renewal_duration="P1Y")
    assert subscription(anchor=day(-364), renewal_duration="P1Y").anchor == YEAR.first_day


@pytest.mark.parametrize("days", [0, -1, -30])
def test_another_reading_of_the_last_day_is_a_later_day(days: int) -> None:
    with pytest.raises(csp.InvalidValue, match="doubted_last_day"):
        subscription(doubted_last_day=day(days))
    assert subscription(doubted_last_day=day(1)).doubted_last_day == day(1)


def test_what_is_cancelled_today_is_cancelled() -> None:
    cancelled = subscription(status=csp.Status.CANCELED, canceled_on=D)
    assert csp.assess(cancelled, as_of=D).state is csp.State.DELETED
    with pytest.raises(csp.InvalidValue, match="canceled_on"):
        csp.assess(cancelled, as_of=day(-1))


def test_without_access_it_ended_on_the_day_before() -> None:
    assert csp.assess(subscription(status=csp.Status.DISABLED), as_of=day(40)).gives_access_until == day(39)
    none = csp.assess(subscription(quantity=0), as_of=D)
    assert (none.risk, none.evolve().paid_twice_days) == (None, 0)


def test_of_what_is_disabled_by_its_dates_users_have_no_access_since_yesterday() -> None:
    expired = csp.assess(subscription(status=csp.Status.EXPIRED), as_of=day(40))
    assert expired.state is csp.State.DISABLED
    assert expired.gives_access_until == day(39)
