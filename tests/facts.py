"""Facts that tests share: one ordinary subscription to vary, and Hypothesis strategies for all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import csp_transfer as csp

SAMPLES = Path(__file__).parent / "samples"

BASIC = csp.Offer(id="CFQ7TTC0LH18:0001", name="Business Basic", discontinued=False)
OTHER = csp.Offer(id="CFQ7TTC0LCHC:0002", name="Business Premium", discontinued=False)
TWIN = csp.Offer(id="TWIN", name="Twin", discontinued=False, equivalents=frozenset({BASIC.id}))
D = date(2026, 3, 31)
"""The last day of the ordinary subscription's term."""
YEAR = csp.Term(first_day=date(2025, 4, 1), last_day=D)


def day(offset: int) -> date:
    """The day that many days after `D`."""
    return D + timedelta(days=offset)


def subscription(**changes: Any) -> csp.Subscription:
    """The ordinary subscription, with some facts changed."""
    facts: dict[str, Any] = {
        "id": "83ef9d05",
        "offer": BASIC,
        "quantity": 25,
        "term": YEAR,
        "auto_renew": False,
    }
    return csp.Subscription(**facts | changes)


def replacement(**changes: Any) -> csp.Replacement:
    """Its like-for-like replacement on the first day of the grace window, with some facts changed."""
    facts: dict[str, Any] = {"offer": BASIC, "quantity": 25, "provision_on": day(1)}
    return csp.Replacement(**facts | changes)


def transfer(*subscriptions: csp.Subscription, **changes: Any) -> csp.Transfer:
    """Contoso's move to Fabrikam, both in Japan."""
    facts: dict[str, Any] = {
        "customer": csp.Tenant(id="contoso", country="JP"),
        "destination": csp.Partner(id="fabrikam", country="JP"),
        "subscriptions": subscriptions or (subscription(),),
    }
    return csp.Transfer(**facts | changes)


days = st.dates(date(2022, 1, 10), date(2040, 12, 31))
statuses = st.sampled_from(csp.Status)
offers = st.sampled_from((BASIC, OTHER, TWIN)) | st.builds(
    csp.Offer,
    id=st.sampled_from(("A", "B", "C")),
    name=st.sampled_from(("", "Alpha")),
    discontinued=st.none() | st.booleans(),
    monthly=st.none() | st.booleans(),
    extended_service=st.none() | st.booleans(),
    equivalents=st.frozensets(st.sampled_from(("A", "B", BASIC.id)), max_size=2),
)
durations = st.sampled_from(("P1M", "P1Y", "P3Y"))
terms = st.builds(csp.Term.starting, days, durations) | st.builds(
    lambda first_day, length: csp.Term(first_day=first_day, last_day=first_day + timedelta(days=length)),
    days,
    st.integers(0, 1200),
)
zones = st.builds(timezone, st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)))


@st.composite
def subscriptions(draw: st.DrawFn, /, **fixed: Any) -> csp.Subscription:
    """Any subscription, with some facts fixed."""
    term = fixed.get("term") or draw(terms)
    status = fixed.get("status") or draw(statuses)
    facts: dict[str, Any] = {
        "id": draw(st.uuids().map(str)),
        "offer": draw(offers),
        "quantity": draw(st.integers(0, 500)),
        "term": term,
        "auto_renew": draw(st.booleans()),
        "channel": draw(st.sampled_from(csp.Channel)),
        "status": status,
        "assigned": draw(st.none() | st.integers(0, 500)),
        "name": draw(st.sampled_from(("", "Mail | for\nOsaka"))),
        "trial": draw(st.booleans()),
        "legacy": draw(st.booleans()),
        "parent": draw(st.none() | st.just("parent")),
        "anchor": draw(st.none() | st.dates(term.first_day - timedelta(days=1500), term.first_day)),
        "renewal_duration": draw(st.none() | durations),
        "length_known": draw(st.booleans()),
        "at_term_end": draw(st.none() | st.sampled_from(csp.TermEnd)),
        "cancellation_allowed_until": draw(
            st.none() | st.datetimes(datetime(2022, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
        ),
        "canceled_on": draw(st.none() | st.dates(term.first_day, term.last_day))
        if status is csp.Status.CANCELED
        else None,
    }
    return csp.Subscription(**facts | fixed)


replacements = st.builds(
    csp.Replacement, offer=offers, quantity=st.integers(0, 500), provision_on=st.none() | days
)


@st.composite
def transfers(draw: st.DrawFn) -> csp.Transfer:
    """Any transfer that can be made."""
    # without a day of cancellation, which must not lie after the day that a plan is made for
    subs = draw(st.lists(subscriptions(canceled_on=None), min_size=1, max_size=4, unique_by=lambda s: s.id))
    if draw(st.booleans()):  # each an add-on of the one before it
        subs = [subs[0], *(s.evolve(parent=base.id.upper()) for base, s in pairwise(subs))]
    chosen = draw(st.lists(st.none() | replacements | st.just(csp.NOT_REPLACED), max_size=len(subs)))
    countries = st.sampled_from(("JP", "KR", "DE", "FR", "RU"))
    return csp.Transfer(
        customer=csp.Tenant(id="contoso", country=draw(countries)),
        destination=csp.Partner(id="fabrikam", country=draw(countries)),
        subscriptions=tuple(subs),
        replacements={
            s.id: r
            for s, r in zip(subs, chosen, strict=False)
            if r is not None and not (s.trial and isinstance(r, csp.Replacement))
        },
        target_tenant=draw(st.none() | st.just(csp.Tenant(id="newco", country="JP"))),
        delegated_admin=draw(st.booleans()),
        relationship_accepted=True,
        source=draw(st.none() | st.just(csp.Partner(id="northwind", country="JP"))),
        role=draw(st.none() | st.sampled_from(csp.Role)),
        keeps_source_partner=draw(st.booleans()),
        unread=draw(st.sampled_from((0, 0, 1, 5))),
        tenant_subscriptions=draw(st.none() | st.integers(4, 400)),
    )
