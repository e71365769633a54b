"""The dates of a plan beside those of another plan of the same move, such as the one under another policy."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from . import checks
from .assessment import Assessment
from .catalogue import Verdict
from .errors import InvalidValue
from .plain import Plain
from .plan import Plan

__all__ = ["DayPair", "day_pairs"]


@frozen(kw_only=True)
class DayPair(Plain):
    """The last UTC day to do something for a subscription, by one plan and by another; None: there is no such day."""

    subscription: str
    verdict: Verdict
    """AUTO_RENEW_OFF_BY, or PROVISIONING: the last day on which to provision."""
    day: date | None
    other: date | None

    @property
    def differs(self) -> bool:
        """Whether the two plans do not say the same."""
        return self.day != self.other


def day_pairs(plan: Plan, other: Plan) -> tuple[DayPair, ...]:
    """Return the last days of every subscription by two plans of one move, where at least one of them has a day.

    >>> from csp_transfer import GUIDE, IN_FORCE, Offer, Partner, Subscription, Tenant, Term, Transfer, plan_transfer
    >>> mail = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                     term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(mail,),
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> guide, today = (plan_transfer(move, as_of=date(2026, 3, 1), policy=p) for p in (GUIDE, IN_FORCE))
    >>> for pair in day_pairs(guide, today):
    ...     print(pair.verdict, pair.day, pair.other, pair.differs)
    auto_renew_off_by 2026-03-31 2026-03-31 False
    provisioning 2026-04-30 2026-04-30 False
    """
    checks.instance("plan", plan, Plan)
    checks.instance("other", other, Plan)
    if other.transfer != plan.transfer:
        raise InvalidValue("other", other, "a plan of the same move")
    pairs = (
        DayPair(subscription=a.subscription.id, verdict=verdict, day=day, other=_last_days(b)[verdict])
        for a, b in zip(plan.assessments, other.assessments, strict=True)
        for verdict, day in _last_days(a).items()
    )
    return tuple(pair for pair in pairs if pair.day or pair.other)


def _last_days(a: Assessment) -> dict[Verdict, date | None]:
    return {
        Verdict.AUTO_RENEW_OFF_BY: a.auto_renew_off_by,
        Verdict.PROVISIONING: a.provisioning.latest if a.provisioning else None,
    }
