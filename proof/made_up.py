"""Payloads and moves that nobody has sent, drawn by a seed: for `soak.py` and `hosts.py`.

Most can be planned; some have one thing wrong, and some many. The same seed draws the same ones on every machine.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import csp_transfer as csp
from csp_transfer import partner_center

POLICIES = (csp.GUIDE, csp.IN_FORCE)
OFFERS = ("CFQ7TTC0LH18:0001:CFQ7TTC0K971", "CFQ7TTC0LCHC:0002", "CFQ7TTC0HD32:0002", "EXCHANGE")
ENDS = (
    date(2024, 2, 29),
    date(2025, 12, 31),
    date(2026, 3, 31),
    date(2026, 5, 3),
    date(2026, 5, 4),
    date(2026, 9, 14),
)
DURATIONS = {"P1M": 31, "P1Y": 365, "P3Y": 1096}
STATUSES = (*("active",) * 8, "suspended", "expired", "disabled", "deleted", "canceled", "Active", "pending")
WRONG: tuple[Any, ...] = (None, "", -1, 1e400, "soon", [], {}, "9999-99-99", True, "x" * 500, 10**30)


class Question(NamedTuple):
    """A payload, and what is asked about it."""

    payload: bytes
    as_of: date
    facts: dict[str, Any]
    policy: csp.Policy

    def transfer(self) -> csp.Transfer | None:
        """Return the move of what can be read of the payload; None where nothing can."""
        reading = partner_center.read_tolerantly(self.payload)
        if not reading.subscriptions:
            return None
        subscriptions = {s.id: s for s in reading.subscriptions}  # an id counts once
        facts = {"unread": reading.unread} | self.facts
        replacements = {key: new for key, new in facts.pop("replacements").items() if key in subscriptions}
        trials = {s.id for s in reading.subscriptions if s.trial}
        return csp.Transfer(
            customer=csp.Tenant(id="contoso", country="JP"),
            destination=csp.Partner(id="fabrikam", country="JP"),
            subscriptions=tuple(subscriptions.values()),
            replacements={key: new for key, new in replacements.items() if key not in trials},
            **facts,
        )


def questions(count: int, seed: int) -> Iterator[Question]:
    """Yield so many questions."""
    draw = random.Random(seed)
    for _ in range(count):
        items = [_item(draw, f"s{n}") for n in range(draw.choice((1, 1, 2, 3)))]
        as_of = draw.choice(ENDS) + timedelta(days=draw.choice((0, 1, 30, 31, 120, draw.randint(-400, 400))))
        payload: Any = {"totalCount": len(items), "items": items} if draw.random() < 0.8 else items
        yield Question(json.dumps(payload).encode(), as_of, _facts(draw, items, as_of), draw.choice(POLICIES))


def _item(draw: random.Random, key: str) -> dict[str, Any]:
    last_day = draw.choice(ENDS) + timedelta(days=draw.choice((0, 0, draw.randint(-40, 40))))
    duration = draw.choice(tuple(DURATIONS))
    first_day = last_day - timedelta(days=DURATIONS[duration] - 1)
    item: dict[str, Any] = {
        "id": key,
        "offerId": draw.choice(OFFERS),
        "offerName": draw.choice(("Basic", "メール", "", "<b>E3</b>")),
        "quantity": draw.choice((0, 1, 25)),
        "status": draw.choice(STATUSES),
        "effectiveStartDate": f"{first_day}T00:00:00Z",
        "commitmentEndDate": f"{last_day}T23:59:59Z",
        "autoRenewEnabled": draw.random() < 0.5,
        "isTrial": draw.random() < 0.05,
        "termDuration": duration,
        "billingType": "license",
    }
    if draw.random() < 0.1:
        item["creationDate"] = f"{first_day - timedelta(days=draw.randint(0, 800))}T09:12:44Z"
    if draw.random() < 0.1:
        until = datetime(first_day.year, first_day.month, first_day.day, draw.randint(0, 23), tzinfo=UTC)
        item["cancellationAllowedUntilDate"] = (until + timedelta(days=7)).isoformat()
    if draw.random() < 0.1:
        item["parentSubscriptionId"] = draw.choice(("s0", "s1", "elsewhere"))
    if draw.random() < 0.15:
        item[draw.choice(tuple(item))] = draw.choice(WRONG)
    return item


def _facts(draw: random.Random, items: list[dict[str, Any]], as_of: date) -> dict[str, Any]:
    replacements: dict[str, csp.Replacement | csp.NotReplaced] = {}
    for item in items:
        if draw.random() < 0.2:
            replacements[item["id"] if isinstance(item["id"], str) else ""] = draw.choice(
                (
                    csp.NOT_REPLACED,
                    csp.Replacement(
                        offer=csp.Offer(
                            id=draw.choice(OFFERS), discontinued=draw.choice((None, False, True))
                        ),
                        quantity=draw.choice((1, 20, 30)),
                        provision_on=draw.choice((None, as_of + timedelta(days=draw.randint(0, 200)))),
                    ),
                )
            )
    return {
        "replacements": replacements,
        "relationship_accepted": True,
        "delegated_admin": draw.choice((None, False, True)),
        "role": draw.choice((None, *csp.Role)),
        "source": draw.choice((None, csp.Partner(id="northwind", country="JP"))),
        "target_tenant": draw.choice((None, None, None, csp.Tenant(id="newco", country="JP"))),
        "tenant_subscriptions": draw.choice((None, None, 10, 299)),
    }
