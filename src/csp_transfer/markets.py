"""Countries and CSP market regions, from the package's own table (source: sources.PAGES["markets"])."""

from __future__ import annotations

from functools import cache

from . import checks
from .errors import UnknownMarket
from .frozen_map import FrozenMap
from .model import Partner, Tenant
from .package_data import read_bytes

__all__ = ["region_of", "regions", "same_region"]


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
