"""The facts of a whole move: a customer, a destination, the subscriptions, and what is known of the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

from attrs import field, frozen

from . import checks
from .errors import InvalidValue
from .frozen_map import FrozenMap
from .model import NotReplaced, Partner, Replacement, Role, Status, Subscription, Tenant
from .plain import Plain

__all__ = ["Transfer"]


# A converter passes on what it cannot convert, for the check after it to refuse by name.
def _as_tuple(value: Sequence[Subscription]) -> tuple[Subscription, ...]:
    return tuple(value) if isinstance(value, list) else cast("tuple[Subscription, ...]", value)


def _as_frozen_map(
    value: Mapping[str, Replacement | NotReplaced],
) -> FrozenMap[str, Replacement | NotReplaced]:
    return FrozenMap(value) if isinstance(value, Mapping) else value


@frozen(kw_only=True)
class Transfer(Plain):
    """A customer's move: which subscriptions, to whom, and what is known about the people involved.

    `replacements` maps a subscription's id to a `Replacement`, or to `NOT_REPLACED`; an id that is left out
    is replaced like for like. `source` is the partner who sells today (None: not named), `target_tenant` the
    new tenant where the customer moves into one, `role` the role of the person who carries the move out
    (None: not known), `keeps_source_partner` whether the customer goes on buying from the source as well.
    `relationship_accepted` is about the tenant that gets the licences, the new one if there is one. `unread`
    counts subscriptions of the customer that are known to exist but could not be read, `tenant_subscriptions`
    all that the tenant has that gets the licences (None: not known). `agreement_accepted` is the day on which the
    customer accepted the Microsoft Customer Agreement (None: not known).

    Raises `InvalidType` or `InvalidValue`: no subscription, an id twice, a replacement for no subscription.

    >>> Transfer(customer=Tenant(id="contoso", country="JP"), destination=Partner(id="fabrikam", country="JP"),
    ...          subscriptions=())
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: subscriptions: (); expected at least one subscription
    """

    customer: Tenant
    destination: Partner
    subscriptions: tuple[Subscription, ...] = field(converter=_as_tuple)
    replacements: Mapping[str, Replacement | NotReplaced] = field(
        factory=FrozenMap[str, Replacement | NotReplaced], converter=_as_frozen_map
    )
    target_tenant: Tenant | None = None
    delegated_admin: bool = False
    relationship_accepted: bool = False
    source: Partner | None = None
    role: Role | None = None
    keeps_source_partner: bool = False
    unread: int = 0
    tenant_subscriptions: int | None = None
    agreement_accepted: date | None = None

    @property
    def receiving_tenant(self) -> Tenant:
        """The tenant that gets the new licences."""
        return self.target_tenant or self.customer

    def __attrs_post_init__(self) -> None:
        checks.instance("customer", self.customer, Tenant)
        checks.instance("destination", self.destination, Partner)
        for name, value, wanted in (
            ("target_tenant", self.target_tenant, Tenant),
            ("source", self.source, Partner),
        ):
            if value is not None:
                checks.instance(name, value, wanted)
        for name in ("delegated_admin", "relationship_accepted", "keeps_source_partner"):
            checks.flag(name, getattr(self, name))
        checks.count("unread", self.unread)
        if self.tenant_subscriptions is not None:
            checks.count("tenant_subscriptions", self.tenant_subscriptions)
            active = sum(s.status is Status.ACTIVE for s in self.subscriptions)
            if self.target_tenant is None and self.tenant_subscriptions < active:
                accepted = f"at least {active}, as many as are active here"
                raise InvalidValue("tenant_subscriptions", self.tenant_subscriptions, accepted)
        if self.agreement_accepted is not None:
            checks.day("agreement_accepted", self.agreement_accepted)
        if self.role is not None:
            Role.check("role", self.role)
        if self.target_tenant is not None and self.target_tenant.id == self.customer.id:
            raise InvalidValue("target_tenant", self.target_tenant.id, "another tenant than the customer's")
        self._check_subscriptions()

    def _check_subscriptions(self) -> None:
        checks.instance("subscriptions", self.subscriptions, tuple, "a tuple of Subscription")
        if not self.subscriptions:
            raise InvalidValue("subscriptions", self.subscriptions, "at least one subscription")
        seen: set[str] = set()
        for n, subscription in enumerate(self.subscriptions):
            checks.instance(f"subscriptions[{n}]", subscription, Subscription)
            if subscription.id in seen:
                raise InvalidValue(f"subscriptions[{n}].id", subscription.id, "each subscription once")
            if subscription.id == self.customer.id:
                raise InvalidValue(
                    f"subscriptions[{n}].id", subscription.id, "another id than the customer's"
                )
            seen.add(subscription.id)
        checks.instance("replacements", self.replacements, FrozenMap, "a mapping from subscription ids")
        trials = {s.id for s in self.subscriptions if s.trial}
        for key, replacement in self.replacements.items():
            if key in trials and isinstance(replacement, Replacement):
                raise InvalidValue(
                    f"replacements[{key!r}]", replacement, "none: a trial is not moved (TRL-001)"
                )
            if key not in seen:
                raise InvalidValue("replacements", key, "only ids of the subscriptions in this transfer")
            accepted = "a Replacement or NOT_REPLACED"
            checks.instance(f"replacements[{key!r}]", replacement, (Replacement, NotReplaced), accepted)
