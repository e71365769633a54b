"""Roles, purposes, regions: ELG-001 to ELG-003, MKT-001; and the relationship rules beside them."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import product
from typing import Any

import pytest
from facts import day, subscription, transfer

import csp_transfer as csp
from csp_transfer.catalogue import labels
from csp_transfer.rules.eligibility import market_check, purpose_check, regions, role_check
from csp_transfer.rules.partner_change import acceptance, data_migration, relationship_request
from csp_transfer.texts import read_bytes

P = csp.Purpose
DIRECT = subscription(channel=csp.Channel.WEB_DIRECT)
NEW_TENANT = csp.Tenant(id="newco", country="JP")
FABRIKAM = csp.Partner(id="fabrikam", country="JP")


def test_elg_001_every_role() -> None:
    allowed = {csp.Role.ACCOUNT_ADMIN, csp.Role.SALES_AGENT, csp.Role.BILLING_AGENT}
    for role in csp.Role:
        assert csp.may_act(role) == (role in allowed)
        check = role_check(role, "fabrikam")
        assert check.allowed
        assert bool(check.cautions) == (role not in {*allowed, csp.Role.ADMIN_AGENT})
    assert role_check(None, "fabrikam").findings[0].severity is csp.Severity.ACTION


@pytest.mark.parametrize(
    ("sub", "changes", "expected"),
    [
        (subscription(), {}, [P.ANOTHER_PARTNER]),
        (subscription(), {"keeps_source_partner": True}, [P.SEVERAL_PARTNERS, P.ANOTHER_PARTNER]),
        (subscription(), {"target_tenant": NEW_TENANT}, [P.ANOTHER_PARTNER, P.ANOTHER_TENANT]),
        (subscription(), {"target_tenant": NEW_TENANT, "source": FABRIKAM}, [P.ANOTHER_TENANT]),
        (subscription(), {"source": FABRIKAM}, []),
        (subscription(), {"source": FABRIKAM, "keeps_source_partner": True}, []),
        (DIRECT, {}, [P.BOUGHT_ELSEWHERE, P.ANOTHER_CHANNEL]),
        (DIRECT, {"source": FABRIKAM}, [P.BOUGHT_ELSEWHERE, P.ANOTHER_CHANNEL]),
    ],
)
def test_elg_002_each_move_is_classified_from_its_facts(
    sub: csp.Subscription, changes: dict[str, Any], expected: list[csp.Purpose]
) -> None:
    move = transfer(sub, **changes)
    assert list(csp.purposes(move)) == expected
    assert purpose_check(move).allowed == bool(expected)


def test_elg_003_every_listed_country_is_in_its_region_and_no_other_is_listed() -> None:
    rows = list(csv.DictReader(read_bytes("csp-markets.csv").decode().splitlines()))
    assert len(rows) == 242
    listed = Counter(csp.region_of(row["country"]) for row in rows)
    assert listed["Japan"] == listed["Korea, Republic of"] == listed["Brazil"] == listed["Canada"] - 1 == 1
    assert sum(listed.values()) == 242
    for country, region in (
        ("JP", "Japan"),
        ("PM", "Canada"),
        ("PR", "Latin America and the Caribbean"),
        ("GU", "United States"),
        ("GB", "Europe"),
        ("VU", "New Zealand"),
        ("EG", "Middle East, Central Europe, and Eastern Europe"),
        ("NG", "Africa"),
        ("XK", "Middle East, Central Europe, and Eastern Europe"),
    ):
        assert csp.region_of(country) == region
    one_of_each = {csp.region_of(row["country"]): row["country"] for row in rows}
    for one, other in product(one_of_each.values(), repeat=2):
        same = csp.same_region(csp.Partner(id="p", country=one), csp.Tenant(id="t", country=other))
        assert same == (one == other), (one, other)
    for country in ("BY", "CU", "EH", "IR", "KP", "RU", "SD", "SY"):
        with pytest.raises(csp.UnknownMarket):
            csp.region_of(country)


@pytest.mark.parametrize(
    ("partner", "customer", "allowed", "said"),
    [
        ("JP", "JP", True, {("ELG-003", "same-region")}),
        ("DE", "FR", True, {("ELG-003", "same-region"), ("MKT-001", "across-countries")}),
        ("US", "PR", False, {("ELG-003", "other-region")}),
        ("KR", "JP", False, {("ELG-003", "other-region")}),
        ("JP", "RU", False, {("ELG-003", "not-listed")}),
        ("RU", "JP", False, {("ELG-003", "not-listed")}),
        ("RU", "RU", False, {("ELG-003", "not-listed")}),
        ("SY", "IR", False, {("ELG-003", "not-listed")}),
    ],
)
def test_elg_003_and_mkt_001(partner: str, customer: str, allowed: bool, said: set[tuple[str, str]]) -> None:
    move = transfer(
        customer=csp.Tenant(id="contoso", country=customer),
        destination=csp.Partner(id="fabrikam", country=partner),
    )
    check = market_check(move)
    assert check.allowed is allowed
    assert {(f.rule, f.case) for f in check.findings} == said
    assert csp.region_check(move.destination, move.customer).allowed is allowed


@pytest.mark.parametrize(
    ("old", "new", "partner", "allowed", "old_is_elsewhere"),
    [
        ("JP", "JP", "JP", True, False),
        ("US", "JP", "JP", True, True),
        ("RU", "JP", "JP", True, True),
        ("JP", "US", "JP", False, False),
        ("JP", "JP", "RU", False, False),
    ],
)
def test_mkt_001_the_tenant_that_gets_the_licences_decides(
    old: str, new: str, partner: str, allowed: bool, old_is_elsewhere: bool
) -> None:
    check = market_check(
        transfer(
            customer=csp.Tenant(id="contoso", country=old),
            target_tenant=csp.Tenant(id="newco", country=new),
            destination=csp.Partner(id="fabrikam", country=partner),
        )
    )
    assert check.allowed is allowed
    assert ("MKT-001" in {f.rule for f in check.findings}) is old_is_elsewhere


def test_relationship_and_tenant_rules_fire_and_stay_silent() -> None:
    assert relationship_request(transfer()) is not None
    assert relationship_request(transfer(relationship_accepted=True)) is None
    assert acceptance(transfer()).severity is csp.Severity.ACTION
    assert acceptance(transfer(relationship_accepted=True)).severity is csp.Severity.INFO
    assert data_migration(transfer(target_tenant=NEW_TENANT)) is not None
    assert data_migration(transfer()) is None


def moved_by_fabrikam(*subs: csp.Subscription, **changes: Any) -> csp.Plan:
    source = csp.Partner(id="Fabrikam", country="JP")  # the case of ids means nothing
    return csp.plan_transfer(transfer(*subs, source=source, **changes), as_of=day(-30), **POLICY)


POLICY: dict[str, Any] = {"policy": csp.IN_FORCE}
OWN = subscription(id="own", auto_renew=True)


def test_elg_002_what_the_same_partner_sells_already_is_left_as_it_is() -> None:
    plan = moved_by_fabrikam(OWN, DIRECT.evolve(id="direct"))
    assert plan.feasible
    assert [(f.subject, f.severity) for f in plan.findings if f.case == "already-sold"] == [
        ("own", csp.Severity.CAUTION)
    ]
    own, direct = plan.assessments
    assert (own.moved, own.provision_on, own.risk and own.risk.disruption) == (False, None, csp.Risk.NONE)
    assert own.reassign_licenses is False
    assert direct.moved
    assert {step.subject for step in plan.steps} == {"contoso", "direct"}
    assert [part.subscription for part in plan.parts] == ["direct"]
    assert [f.facts["active"] for f in plan.findings if f.rule == "CAP-001"] == [1]
    routes = csp.compare_routes(plan.transfer, as_of=day(-30))
    assert {part.subscription for route in routes for part in route.parts} == {"direct"}


def test_elg_002_of_what_is_left_as_it_is_only_what_needs_no_move_is_said() -> None:
    plan = moved_by_fabrikam(OWN, DIRECT.evolve(id="direct"))
    said = {(f.rule, f.case) for f in plan.assessments[0].findings}
    assert said >= {("ELG-002", "already-sold"), ("END-002", "no-refund"), ("CXL-001", "refund-over")}
    assert "LIF-001" in {rule for rule, _ in said}
    assert not {"END-001", "END-003", "END-005", "RSK-001"} & {rule for rule, _ in said}


def test_elg_002_what_ends_is_not_safe_for_being_sold_by_the_same_partner() -> None:
    plan = moved_by_fabrikam(OWN.evolve(auto_renew=False), DIRECT.evolve(id="direct"))
    risk = plan.assessments[0].risk
    assert risk is not None
    assert (risk.disruption, risk.data_loss) == (csp.Risk.CERTAIN, csp.Risk.CERTAIN)


def test_elg_002_into_another_tenant_and_to_another_partner_it_is_moved() -> None:
    assert moved_by_fabrikam(OWN, DIRECT, target_tenant=NEW_TENANT).assessments[0].moved
    other = transfer(OWN, DIRECT, source=csp.Partner(id="northwind", country="JP"))
    assert csp.plan_transfer(other, as_of=day(-30)).assessments[0].moved


def test_elg_002_where_the_same_partner_sells_all_the_move_is_blocked() -> None:
    plan = moved_by_fabrikam(OWN)
    assert [f.case for f in plan.blockers] == ["serves-none"]
    assert plan.steps == ()


def test_elg_002_of_a_trial_and_of_what_stays_anyway_nothing_is_said() -> None:
    stays = {"own": csp.NOT_REPLACED}
    for own, replacements in ((OWN, stays), (OWN.evolve(trial=True), {})):
        plan = moved_by_fabrikam(own, DIRECT, replacements=replacements)
        assert "already-sold" not in {f.case for f in plan.findings}


def test_a_region_is_named_in_the_language_of_the_message() -> None:
    [found] = csp.region_check(
        csp.Partner(id="fabrikam", country="DE"), csp.Tenant(id="contoso", country="JP")
    ).findings
    assert "in the market region Europe, the tenant (JP) in Japan." in found.message
    assert "(DE) の地域はヨーロッパ、テナント (JP) の地域は日本です" in found.message_ja
    other = found.evolve(facts={**found.facts, "region": "Atlantis"})  # as somebody may have written it
    assert "地域はAtlantisです" in other.message_ja


def test_every_region_has_its_name_in_both_languages() -> None:
    names = labels()["Region"]
    assert set(names) == set(regions().values())
    assert all(said["en"] == name and said["ja"] != name for name, said in names.items())
