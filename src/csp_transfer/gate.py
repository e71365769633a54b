"""What stands before every step of a move: whether it may happen, and which way its subscriptions go together."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from .errors import InvalidValue
from .findings import Reasoned, gather
from .model import Replacement
from .policy import Policy
from .rules.capacity import Method, duplicates_check
from .rules.eligibility import market_check, purpose_check, role_check, role_today
from .transfer import Transfer

__all__ = ["Gate", "gate_of"]


@frozen(kw_only=True)
class Gate(Reasoned):
    """Whether a move may happen, and which way its subscriptions go together: what no single one decides."""

    feasible: bool
    method: Method
    batches: tuple[tuple[str, ...], ...]


def gate_of(transfer: Transfer, today: date, policy: Policy) -> Gate:
    """Decide what stands before every step of a move: role, purpose, market region, and the tenant's room."""
    _refuse_unaccepted_past(transfer, today)
    customer = transfer.customer.id
    role = role_check(transfer.role, transfer.destination.id)
    purpose, market = purpose_check(transfer), market_check(transfer)
    capacity = duplicates_check(
        transfer.subscriptions,
        customer,
        unread=transfer.unread,
        existing=transfer.tenant_subscriptions,
        policy=policy,
    )
    return Gate(
        feasible=role.allowed and purpose.allowed and market.allowed,
        method=capacity.method,
        batches=capacity.batches,
        findings=gather(
            *role.findings,
            role_today(transfer.role, transfer.destination.id, policy),
            *purpose.findings,
            *market.findings,
            *capacity.findings,
        ),
    )


def _refuse_unaccepted_past(transfer: Transfer, today: date) -> None:
    if transfer.relationship_accepted:
        return
    for key, replacement in transfer.replacements.items():
        day = replacement.provision_on if isinstance(replacement, Replacement) else None
        if day is not None and day < today:
            accepted = f"True, as replacements[{key!r}] was provisioned on {day}, before {today}"
            raise InvalidValue("relationship_accepted", False, accepted)
