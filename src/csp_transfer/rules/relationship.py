"""What must stand before anything is provisioned (REL-001, REL-002), and who migrates data (TEN-001)."""

from __future__ import annotations

from ..findings import Finding, finding
from ..transfer import Transfer

__all__ = ["acceptance", "data_migration", "relationship_request"]


def relationship_request(transfer: Transfer) -> Finding | None:
    """Decide REL-001: unless it is accepted already, the destination first requests a relationship.

    Source: guide#steps-1.
    """
    if transfer.relationship_accepted:
        return None
    tenant = transfer.receiving_tenant.id
    return finding("REL-001", "request", tenant, partner=transfer.destination.id, tenant=tenant)


def acceptance(transfer: Transfer) -> Finding:
    """Decide REL-002: only after the customer accepts can anything be provisioned. Source: guide#steps-2."""
    case = "accepted" if transfer.relationship_accepted else "wait"
    return finding("REL-002", case, transfer.receiving_tenant.id, partner=transfer.destination.id)


def data_migration(transfer: Transfer) -> Finding | None:
    """Decide TEN-001: into another tenant, the customer itself migrates its data.

    Source: guide#tenant-to-tenant.
    """
    if transfer.target_tenant is None:
        return None
    return finding("TEN-001", "migrate", transfer.target_tenant.id, tenant=transfer.target_tenant.id)
