"""Who may move what to whom: market regions, roles, purposes (ELG-001 to ELG-004, MKT-001)."""

from __future__ import annotations

from functools import cache
from typing import Final

from attrs import frozen

from .. import checks
from ..catalogue import check_language, ui
from ..errors import UnknownMarket
from ..findings import Finding, Purpose, Reasoned, finding, gather, noted
from ..frozen_map import FrozenMap
from ..model import NOT_REPLACED, Channel, Partner, Role, Subscription, Tenant
from ..outline import Block, Rich, Table
from ..policy import Policy
from ..texts import read_bytes, same_id
from ..transfer import Transfer

__all__ = [
    "Eligibility",
    "already_sold",
    "market_check",
    "may_act",
    "purpose_check",
    "purposes",
    "region_check",
    "region_of",
    "regions",
    "role_check",
    "role_today",
    "same_region",
]


@cache
def regions() -> FrozenMap[str, str]:
    """Return the region of every listed country, in the order of the table."""
    import csv  # on first use, as the table itself

    text = read_bytes("csp-markets.csv").decode("utf-8")
    return FrozenMap({row["country"]: row["region"] for row in csv.DictReader(text.splitlines())})


def region_of(country: str) -> str:
    """Return the CSP market region that lists a country (ISO 3166-1 alpha-2, in capitals).

    Raises `UnknownMarket` for a country that no region lists: such a country is never assumed to be fine.
    Source: markets#regions (rules ELG-003, MKT-001).

    >>> region_of("JP"), region_of("FR")
    ('Japan', 'Europe')
    >>> region_of("RU")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.UnknownMarket: country: no CSP market region lists 'RU'; expected the country of a CSP \
market, such as 'JP'
    """
    checks.country("country", country)
    try:
        return regions()[country]
    except KeyError:
        raise UnknownMarket(country) from None


def same_region(partner: Partner, tenant: Tenant) -> bool:
    """Tell whether the partner's company and the customer's tenant are in one CSP market region.

    Raises `UnknownMarket` where no region lists one of the two countries. Source: guide#region (ELG-003).

    >>> same_region(Partner(id="fabrikam", country="DE"), Tenant(id="contoso", country="FR"))
    True
    """
    checks.instance("partner", partner, Partner)
    checks.instance("tenant", tenant, Tenant)
    return region_of(partner.country) == region_of(tenant.country)


_MAY_ACT: Final = frozenset({Role.ACCOUNT_ADMIN, Role.SALES_AGENT, Role.BILLING_AGENT})


@frozen(kw_only=True)
class Eligibility(Rich, Reasoned):
    """Whether something may happen, and why (not)."""

    allowed: bool

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        allowed = ui("allowed" if self.allowed else "not_allowed", lang)
        return [Table((ui("move", lang),), ((allowed,),)), *noted(self.findings, lang)]


def may_act(role: Role) -> bool:
    """Tell whether the guide is written for a person in that Partner Center role.

    It bars nobody else: see `role_check`. Raises `InvalidType` for anything but a `Role`.
    Source: guide#roles (ELG-001).

    >>> may_act(Role.SALES_AGENT), may_act(Role.HELPDESK_AGENT)
    (True, False)
    """
    Role.check("role", role)
    return role in _MAY_ACT


def role_check(role: Role | None, subject: str) -> Eligibility:
    """Decide ELG-001 for a person at the partner `subject`: no role bars a move; None, not known, is named.

    A role for which the guide is not written is a caution, but for the admin agent, whom Microsoft's own pages for
    the single steps name. Source: guide#roles.

    >>> check = role_check(Role.HELPDESK_AGENT, "fabrikam")
    >>> check.allowed, check.findings[0].case
    (True, 'other-role')
    """
    if role is None:
        found = finding("ELG-001", "not-known", subject)
    elif may_act(role):
        found = finding("ELG-001", "may", subject, role=role)
    else:
        said_case = "admin-agent" if role is Role.ADMIN_AGENT else "other-role"
        found = finding("ELG-001", said_case, subject, role=role)
    return Eligibility(allowed=True, findings=(found,))


def role_today(role: Role | None, subject: str, policy: Policy) -> Finding | None:
    """Decide ELG-004, under a policy of what is in force: the guide's newer edition leaves the billing agent out.

    Source: guide-newer#roles.
    """
    if not policy.in_force or role is not Role.BILLING_AGENT:
        return None
    return finding("ELG-004", "billing-agent", subject, role=role)


def purposes(transfer: Transfer) -> tuple[Purpose, ...]:
    """Classify a move from its facts: every purpose of the guide that it serves, in the guide's order.

    A subscription bought through CSP moves to another partner, unless the destination is the partner that
    already sells it (the case of ids means nothing); one bought in any other channel moves in from there, and was
    bought elsewhere.
    Raises `InvalidType` for anything but a `Transfer`. Source: guide#purposes (ELG-002).

    >>> from datetime import date
    >>> from csp_transfer import Offer, Subscription, Term
    >>> portal = Subscription(id="p", offer=Offer(id="B"), quantity=5, auto_renew=True,
    ...                       channel=Channel.WEB_DIRECT, term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(portal,),
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> print(*purposes(move))
    bought_elsewhere another_channel
    """
    checks.instance("transfer", transfer, Transfer)
    bought_in_csp = any(s.channel is Channel.CSP for s in transfer.subscriptions)
    bought_elsewhere = any(s.channel is not Channel.CSP for s in transfer.subscriptions)
    another_partner = bought_in_csp and not _same_partner(transfer)
    served = {
        Purpose.SEVERAL_PARTNERS: another_partner and transfer.keeps_source_partner,
        Purpose.ANOTHER_PARTNER: another_partner,
        Purpose.ANOTHER_TENANT: transfer.target_tenant is not None,
        Purpose.BOUGHT_ELSEWHERE: bought_elsewhere,
        Purpose.ANOTHER_CHANNEL: bought_elsewhere,
    }
    return tuple(purpose for purpose, serves in served.items() if serves)


def purpose_check(transfer: Transfer) -> Eligibility:
    """Decide ELG-002: a manual move must serve at least one of the guide's purposes. Source: guide#purposes."""
    served = purposes(transfer)
    customer = transfer.customer.id
    found = (
        finding("ELG-002", "serves", customer, purposes=served)
        if served
        else finding("ELG-002", "serves-none", customer)
    )
    return Eligibility(allowed=bool(served), findings=(found,))


def _same_partner(transfer: Transfer) -> bool:
    return transfer.source is not None and same_id(transfer.source.id, transfer.destination.id)


def already_sold(transfer: Transfer, subscription: Subscription) -> Finding | None:
    """Say under ELG-002 that the destination sells a subscription to the same tenant already, through CSP.

    To move it serves no purpose, whatever else is moved with it. Source: guide#purposes.
    """
    if transfer.target_tenant is not None or subscription.channel is not Channel.CSP or subscription.trial:
        return None
    if not _same_partner(transfer) or transfer.replacements.get(subscription.id) is NOT_REPLACED:
        return None
    return finding("ELG-002", "already-sold", subscription.id)


def _listed_region(country: str) -> str | None:
    try:
        return region_of(country)
    except UnknownMarket:
        return None


def region_check(partner: Partner, tenant: Tenant) -> Eligibility:
    """Decide ELG-003: partner's company and tenant must be in one CSP market region.

    A country that no region lists blocks as well, with that reason. Raises `InvalidType` for anything but a
    partner and a tenant. Source: guide#region.

    >>> check = region_check(Partner(id="fabrikam", country="KR"), Tenant(id="contoso", country="JP"))
    >>> check.allowed, check.findings[0].case
    (False, 'other-region')
    """
    checks.instance("partner", partner, Partner)
    checks.instance("tenant", tenant, Tenant)
    partner_region, region = _listed_region(partner.country), _listed_region(tenant.country)
    if partner_region is None or region is None:
        unlisted = [who for who, listed in ((tenant, region), (partner, partner_region)) if listed is None]
        return Eligibility(
            allowed=False,
            findings=gather(
                *(finding("ELG-003", "not-listed", who.id, country=who.country) for who in unlisted)
            ),
        )
    if partner_region == region:
        return Eligibility(
            allowed=True, findings=(finding("ELG-003", "same-region", tenant.id, region=region),)
        )
    found = finding(
        "ELG-003",
        "other-region",
        tenant.id,
        country=tenant.country,
        region=region,
        partner_country=partner.country,
        partner_region=partner_region,
    )
    return Eligibility(allowed=False, findings=(found,))


def market_check(transfer: Transfer) -> Eligibility:
    """Decide MKT-001 and ELG-003 for a move: the country of the tenant that gets the licences decides.

    Moving into another tenant, the present one may be in another region; that is said, and blocks nothing.
    Source: markets#regions, guide#region.
    """
    partner = transfer.destination
    selling_to = transfer.receiving_tenant
    check = region_check(partner, selling_to)
    return Eligibility(
        allowed=check.allowed,
        findings=gather(*check.findings, _across_countries(partner, selling_to), _old_tenant(transfer)),
    )


def _across_countries(partner: Partner, tenant: Tenant) -> Finding | None:
    region = _listed_region(tenant.country)
    if region is None or partner.country == tenant.country or _listed_region(partner.country) != region:
        return None
    return finding(
        "MKT-001",
        "across-countries",
        tenant.id,
        partner_country=partner.country,
        country=tenant.country,
        region=region,
    )


def _old_tenant(transfer: Transfer) -> Finding | None:
    partner_region = _listed_region(transfer.destination.country)
    old = transfer.customer
    if transfer.target_tenant is None or partner_region is None:
        return None
    if _listed_region(old.country) == partner_region:
        return None
    return finding(
        "MKT-001", "old-tenant-elsewhere", old.id, country=old.country, partner_region=partner_region
    )
