"""Ordinary moves to draw: subscriptions whose terms run, near their ends, into tenants with room or without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from dateutil.relativedelta import relativedelta
from facts import BASIC, OTHER, TWIN, transfer
from hypothesis import strategies as st
from simulation import DAY, HOLDS, WINDOW_ENDED

import csp_transfer as csp
from csp_transfer import strategies

_OFFERS = st.builds(
    lambda offer, monthly, extended: offer.evolve(monthly=monthly, extended_service=extended),
    st.sampled_from((BASIC, BASIC, BASIC, OTHER, TWIN)),
    st.sampled_from((None, True, False)),
    st.sampled_from((None, True)),
)
_AS_OF = st.dates(date(2023, 6, 1), date(2027, 12, 31)) | st.dates(date(2025, 12, 1), date(2026, 8, 31))


@st.composite
def running(
    draw: st.DrawFn, as_of: date, n: int, shape: str = "", fixed: Mapping[str, Any] = MappingProxyType({})
) -> csp.Subscription:
    """An ordinary subscription whose term runs on a day, and ends before long."""
    left = draw(st.integers(0, 20) | st.integers(0, 400))
    last_day = as_of + left * DAY
    shape = shape or draw(st.sampled_from(("P1Y", "P1Y", "P3Y", "P1M")))
    months = {"P1M": 1, "P1Y": 12, "P3Y": 36}[shape]
    # From the day after that, so many months back; the term that begins there runs on the day, if it is not too short.
    first_day = max(last_day + DAY - relativedelta(months=months), date(2022, 1, 10))
    term = csp.Term.starting(min(first_day, as_of), shape)
    suspended = draw(st.sampled_from((False, False, False, True)))
    facts: dict[str, Any] = {
        "id": f"s{n}",
        "offer": draw(_OFFERS),
        "quantity": draw(st.integers(1, 50)),
        "term": term,
        "auto_renew": draw(st.booleans()) and not suspended,
        "channel": draw(st.sampled_from((csp.Channel.CSP, csp.Channel.CSP, csp.Channel.WEB_DIRECT))),
        "status": csp.Status.SUSPENDED if suspended else csp.Status.ACTIVE,
        "at_term_end": None
        if suspended
        else draw(st.sampled_from((None, None, None, csp.TermEnd.CANCEL, csp.TermEnd.EXTEND))),
        "trial": False,
    }
    return csp.Subscription(**facts | dict(fixed))


@st.composite
def moves(draw: st.DrawFn, *, most: int = 3) -> tuple[csp.Transfer, date]:
    """An ordinary move: subscriptions whose terms run, like for like, with or without a relationship."""
    as_of = draw(_AS_OF)
    count = draw(st.integers(1, most))
    subscriptions = [draw(running(as_of, n)) for n in range(count)]
    if count > 1 and draw(st.sampled_from((False, False, True))):  # the second is an add-on of the first
        subscriptions[1] = subscriptions[1].evolve(parent=subscriptions[0].id)
    move = transfer(
        *subscriptions,
        relationship_accepted=draw(st.booleans()),
        source=draw(st.sampled_from((None, csp.Partner(id="northwind", country="JP")))),
        target_tenant=draw(st.sampled_from((None, None, csp.Tenant(id="newco", country="JP")))),
    )
    return move, as_of


@st.composite
def crowded(draw: st.DrawFn) -> tuple[csp.Transfer, date]:
    """A move into a tenant that has little room, or none."""
    as_of = draw(_AS_OF)
    count = draw(st.integers(2, 6))
    subscriptions = [draw(running(as_of, n)) for n in range(count)]
    chosen = [draw(st.sampled_from((None, None, None, "stays", "trial"))) for _ in range(count)]
    subscriptions = [
        s.evolve(trial=True, at_term_end=None) if what == "trial" else s
        for s, what in zip(subscriptions, chosen, strict=True)
    ]
    stay = {f"s{n}": csp.NOT_REPLACED for n, what in enumerate(chosen) if what == "stays"}
    move = transfer(
        *subscriptions,
        replacements=stay,
        relationship_accepted=draw(st.booleans()),
        target_tenant=draw(st.sampled_from((None, csp.Tenant(id="newco", country="JP")))),
        tenant_subscriptions=HOLDS - draw(st.integers(0, 7)),
    )
    return move, as_of


_PRICES = st.builds(
    csp.Price,
    amount=st.decimals(1, 5000, places=2),
    currency=st.just("EUR"),
    cycle=st.sampled_from(csp.Cycle),
)


@st.composite
def priced(draw: st.DrawFn, way: csp.Way) -> tuple[csp.Transfer, date]:
    """One subscription with a price that goes on today, asked near the day on which a way is open."""
    as_of = draw(_AS_OF)
    facts = {"status": csp.Status.ACTIVE, "auto_renew": True, "at_term_end": None, "price": draw(_PRICES)}
    s = draw(running(as_of, 0, draw(st.sampled_from(("P1Y", "P1M"))), facts))
    chosen: dict[str, csp.Replacement] = {}
    if way is csp.Way.CANCEL_AND_REBUY:
        as_of = s.term.first_day + draw(st.integers(0, 6)) * DAY
    elif way is csp.Way.EXTEND_AND_MOVE and s.term.last_day >= WINDOW_ENDED:
        bridged = draw(st.none() | st.integers(0, 400))
        if bridged is not None:
            s = s.evolve(at_term_end=csp.TermEnd.EXTEND, channel=csp.Channel.CSP)
            day = s.term.last_day + (1 + bridged) * DAY
            chosen = {s.id: csp.Replacement(offer=s.offer, quantity=s.quantity, provision_on=day)}
    return transfer(s, relationship_accepted=True, replacements=chosen), as_of


@st.composite
def with_a_dead_one(draw: st.DrawFn) -> tuple[csp.Transfer, csp.Transfer, date]:
    """A move, and the same one with a subscription beside whose data is lost already; often where there is no room."""
    move, as_of = draw(strategies.questions() | moves() | crowded())
    facts: dict[str, Any] = {"status": csp.Status.DELETED}
    term = draw(strategies.terms())
    if draw(st.booleans()):  # so long ago that no day is left for a backup
        canceled_on = as_of - timedelta(days=draw(st.integers(7, 400)))
        term = csp.Term.starting(canceled_on - timedelta(days=draw(st.integers(0, 300))), "P1Y")
        facts = {"status": csp.Status.CANCELED, "canceled_on": canceled_on}
    dead = draw(
        strategies.subscriptions(
            id="is-dead", term=term, anchor=None, parent=None, trial=False, quantity=5, **facts
        )
    )
    given = draw(
        st.none()
        | strategies.replacements(
            quantity=3, provision_on=st.none() | st.dates(as_of, as_of + timedelta(days=90))
        )
    )
    chosen = {} if given is None else {dead.id: given}
    n = draw(st.integers(0, len(move.subscriptions)))
    subs = (*move.subscriptions[:n], dead, *move.subscriptions[n:])
    return move, move.evolve(subscriptions=subs, replacements=dict(move.replacements) | chosen), as_of
