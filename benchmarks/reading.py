"""The fields that `partner_center.read` reads, as classes that cattrs structures: what reading is set beside.

cattrs finds a field by its name, in one spelling, and checks no more than its type.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import attrs

import csp_transfer as csp

SAMPLE = Path(csp.__file__).parent / "data" / "contoso-subscriptions.json"
ITEMS = 200


def items() -> list[dict[str, Any]]:
    """Return an ordinary item of the sample, many times."""
    ordinary = json.loads(SAMPLE.read_text("utf-8"))["items"][0]
    return [ordinary | {"id": f"{n}"} for n in range(ITEMS)]


class Status(Enum):
    """The statuses that ordinary items have."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


@attrs.frozen(kw_only=True)
class Product:
    """What is sold."""

    id: str = ""
    productId: str = ""  # noqa: N815 - as the payload calls it
    skuId: str = ""  # noqa: N815
    termDuration: str = ""  # noqa: N815


@attrs.frozen(kw_only=True)
class Instructions:
    """What the next term is to be."""

    product: Product | None = None
    quantity: int | None = None
    customTermEndDate: datetime | None = None  # noqa: N815


@attrs.frozen(kw_only=True)
class Scheduled:
    """What is scheduled."""

    actionType: str  # noqa: N815
    scheduleType: str = ""  # noqa: N815
    effectiveDate: datetime | None = None  # noqa: N815
    instructions: Instructions | None = None


@attrs.frozen(kw_only=True)
class Refundable:
    """Licences that can be taken back, or an option to cancel."""

    quantity: int = 0
    allowedUntilDateTime: datetime | None = None  # noqa: N815
    expiresAt: datetime | None = None  # noqa: N815


@attrs.frozen(kw_only=True)
class Raw:
    """The fields of an item that `read` reads."""

    id: str
    offerId: str  # noqa: N815
    quantity: int
    status: Status
    autoRenewEnabled: bool  # noqa: N815
    effectiveStartDate: datetime  # noqa: N815
    commitmentEndDate: datetime | None = None  # noqa: N815
    commitmentEndDateTime: datetime | None = None  # noqa: N815
    creationDate: datetime | None = None  # noqa: N815
    cancellationAllowedUntilDate: datetime | None = None  # noqa: N815
    offerName: str = ""  # noqa: N815
    skuName: str = ""  # noqa: N815
    friendlyName: str = ""  # noqa: N815
    publisherName: str = ""  # noqa: N815
    billingType: str = ""  # noqa: N815
    unitType: str = ""  # noqa: N815
    contractType: str = ""  # noqa: N815
    termDuration: str = ""  # noqa: N815
    renewalTermDuration: str = ""  # noqa: N815
    parentSubscriptionId: str = ""  # noqa: N815
    isTrial: bool = False  # noqa: N815
    isMicrosoftProduct: bool = True  # noqa: N815
    productType: Product | None = None  # noqa: N815
    refundOptions: tuple[Refundable, ...] = ()  # noqa: N815
    refundableQuantity: tuple[Refundable, ...] = ()  # noqa: N815
    scheduledActions: tuple[Scheduled, ...] = ()  # noqa: N815
    scheduledNextTermInstructions: Instructions | None = None  # noqa: N815


def structured() -> Callable[[], Any]:
    """Return the work of structuring the same items by cattrs, which checks no more than the types."""
    import cattrs

    converter = cattrs.Converter()
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    return partial(converter.structure, items(), list[Raw])
