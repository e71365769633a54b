"""The customer that comes with the package, as if it were asked about on any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from .. import partner_center
from ..model import Partner, Subscription, Tenant, Term
from ..package_data import read_bytes
from ..spans import after, utc_day
from ..transfer import Transfer

__all__ = ["sample"]

_DAY: Final = date(2026, 2, 15)
"""The day that the sample's own dates are around."""


def sample(as_of: date) -> Transfer:
    """Return the customer with all its days as far from the day that is asked for as they are from the sample's own."""
    days = (utc_day("as_of", as_of) - _DAY).days
    subscriptions = partner_center.read(read_bytes("contoso-subscriptions.json"))
    return Transfer(
        customer=Tenant(id="contoso", country="JP"),
        destination=Partner(id="fabrikam", country="JP"),
        subscriptions=tuple(_later(subscription, days) for subscription in subscriptions),
    )


def _later(s: Subscription, days: int) -> Subscription:
    first_day = after(s.term.first_day, days)
    if s.length_known and s.renewal_duration is not None:  # the months that it lasts have other lengths there
        term = Term.starting(first_day, s.renewal_duration)
    else:
        term = Term(first_day=first_day, last_day=after(s.term.last_day, days))
    until = s.cancellation_allowed_until
    return s.evolve(
        term=term,
        anchor=s.anchor and after(s.anchor, days),
        cancellation_allowed_until=until and until + timedelta(days=days),
    )
