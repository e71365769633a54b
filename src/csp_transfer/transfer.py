"""The facts of a whole move: a customer, a destination, the subscriptions, and what is known of the people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar, cast

from attrs import field, frozen

from . import checks
from .errors import InvalidType, InvalidValue
from .model import NotReplaced, Partner, Replacement, Role, Status, Subscription, Tenant
from .plain import Plain, accepts
from .texts import IdMap, id_key, same_id

__all__ = ["Transfer"]


# A converter passes on what it cannot convert, for the check after it to refuse by name.
def _as_tuple(value: Sequence[Subscription]) -> tuple[Subscription, ...]:
    return tuple(value) if isinstance(value, list) else cast("tuple[Subscription, ...]", value)


def _as_frozen_map(
    value: Mapping[str, Replacement | NotReplaced],
) -> IdMap[Replacement | NotReplaced]:
    return IdMap(value) if isinstance(value, Mapping) else value


@accepts(minItems=1)
def _check_subscriptions(field: str, value: object) -> None:
    checks.instance(field, value, tuple, "a tuple of Subscription")
    given = cast("tuple[object, ...]", value)
    if not given:
        raise InvalidValue(field, given, "at least one subscription")
    for n, subscription in enumerate(given):
        checks.instance(f"{field}[{n}]", subscription, Subscription)


@frozen(kw_only=True)
class Transfer(Plain):
    """A customer's move: which subscriptions, to whom, and what is known about the people involved.

    `replacements` maps a subscription's id to a `Replacement`, or to `NOT_REPLACED`; an id that is left out
    is replaced like for like. In ids, capital and small letters mean the same; the keys are kept as the
    subscriptions spell them. `source` is the partner who sells today (None: not named), `target_tenant` the
    new tenant where the customer moves into one, `role` the role of the person who carries the move out
    (None: not known), `keeps_source_partner` whether the customer goes on buying from the source as well.
    `relationship_accepted` is about the tenant that gets the licences, the new one if there is one. `unread`
    counts subscriptions of the customer that are known to exist but could not be read, `tenant_subscriptions`
    all that the tenant that gets the licences holds today: what is active, suspended, or in an extended service
    term there, replacements that are provisioned already among them (None: not known). `agreement_accepted` is the
    day on which the customer accepted the Microsoft Customer Agreement (None: not known).

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
        factory=IdMap["Replacement | NotReplaced"], converter=_as_frozen_map
    )
    target_tenant: Tenant | None = None
    delegated_admin: bool | None = None
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

    _checks: ClassVar = {
        "customer": checks.one_of(Tenant),
        "destination": checks.one_of(Partner),
        "subscriptions": _check_subscriptions,
        "target_tenant": checks.optional(checks.one_of(Tenant)),
        "delegated_admin": checks.tri_state,
        "relationship_accepted": checks.flag,
        "source": checks.optional(checks.one_of(Partner)),
        "role": checks.optional(Role.check),
        "keeps_source_partner": checks.flag,
        "unread": checks.count,
        "tenant_subscriptions": checks.optional(checks.count),
        "agreement_accepted": checks.optional(checks.day),
    }

    def __attrs_post_init__(self) -> None:
        self._check_fields()
        checks.instance("replacements", self.replacements, IdMap, "a mapping from subscription ids")
        checks.refuse((*self._contradictions(), *self._wrong_replacements()))
        # Each key as the subscription spells its id.
        ids = IdMap({s.id: s.id for s in self.subscriptions})
        object.__setattr__(self, "replacements", IdMap({ids[key]: r for key, r in self.replacements.items()}))

    def _contradictions(self) -> Iterator[InvalidValue]:
        """Yield what cannot be true together."""
        if self.tenant_subscriptions is not None and self.target_tenant is None:
            active = sum(s.status is Status.ACTIVE for s in self.subscriptions)
            if self.tenant_subscriptions < active:
                accepted = f"at least {active}, as many as are active here"
                yield InvalidValue("tenant_subscriptions", self.tenant_subscriptions, accepted)
        if self.target_tenant is not None and same_id(self.target_tenant.id, self.customer.id):
            yield InvalidValue("target_tenant", self.target_tenant.id, "another tenant than the customer's")
        seen: set[str] = set()
        for n, subscription in enumerate(self.subscriptions):
            where, key = f"subscriptions[{n}].id", id_key(subscription.id)
            if key in seen:
                yield InvalidValue(where, subscription.id, "each subscription once")
            if same_id(subscription.id, self.customer.id):
                yield InvalidValue(where, subscription.id, "another id than the customer's")
            seen.add(key)

    def _wrong_replacements(self) -> Iterator[InvalidType | InvalidValue]:
        of = IdMap({s.id: s for s in self.subscriptions})
        seen: set[str] = set()
        given: Mapping[str, object] = self.replacements
        for key, replacement in given.items():
            if key not in of:
                yield InvalidValue("replacements", key, "only ids of the subscriptions in this transfer")
                continue
            if id_key(key) in seen:
                yield InvalidValue("replacements", key, "each id once, however it is spelled")
            seen.add(id_key(key))
            if not isinstance(replacement, (Replacement, NotReplaced)):
                yield InvalidType(f"replacements[{key!r}]", replacement, "a Replacement or NOT_REPLACED")
            elif of[key].trial and isinstance(replacement, Replacement):
                yield InvalidValue(
                    f"replacements[{key!r}]", replacement, "none: a trial is not moved (TRL-001)"
                )
