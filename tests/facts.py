"""Facts that tests share: one ordinary subscription to vary, and the strategies that they draw from."""

from __future__ import annotations

from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import strategies

SAMPLES = Path(__file__).parent / "samples"

BASIC = csp.Offer(id="CFQ7TTC0LH18:0001", name="Business Basic", discontinued=False)
OTHER = csp.Offer(id="CFQ7TTC0LCHC:0002", name="Business Premium", discontinued=False)
TWIN = csp.Offer(id="TWIN", name="Twin", discontinued=False, equivalents=frozenset({BASIC.id}))
GONE = csp.Offer(id=BASIC.id, discontinued=True)
OFFERS = {
    "same": (BASIC, BASIC),
    "equivalent": (BASIC, TWIN),
    "different": (BASIC, OTHER),
    "discontinued, different": (GONE, OTHER),
    "discontinued, that same": (GONE, GONE),
}
"""Two offers for each relation that `second_statement` knows."""
LEVELS = (csp.Risk.NONE, csp.Risk.POSSIBLE, csp.Risk.CERTAIN)
"""The risks by the number that `second_statement` gives them."""
D = date(2026, 3, 31)
"""The last day of the ordinary subscription's term."""
YEAR = csp.Term(first_day=date(2025, 4, 1), last_day=D)


def day(offset: int) -> date:
    """The day that many days after `D`."""
    return D + timedelta(days=offset)


def year_to(last_day: date) -> csp.Term:
    """A year that ends on that day."""
    first_day = last_day.replace(year=last_day.year - 1) + timedelta(days=1)
    return csp.Term(first_day=first_day, last_day=last_day)


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


days = strategies.days()
statuses = st.sampled_from(csp.Status)
offers = st.sampled_from((BASIC, OTHER, TWIN)) | strategies.offers()
terms = strategies.terms()
durations = st.sampled_from(("P1M", "P1Y", "P3Y"))
zones = st.builds(timezone, st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)))
replacements = strategies.replacements(offer=offers)
transfers = strategies.transfers
questions = strategies.questions


def subscriptions(**fixed: Any) -> st.SearchStrategy[csp.Subscription]:
    """Any subscription, with some facts fixed; often of the offer that others have."""
    return strategies.subscriptions(**{"offer": offers} | fixed)
