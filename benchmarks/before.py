"""What this commit costs, beside an earlier one: both in this process, in turn; the best of several rounds counts.

    git worktree add ../before COMMIT
    python benchmarks/before.py ../before

The last row measures reading a payload by cattrs instead (extra `bench`). A ratio is meaningful, a time is not.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
from budgets import TODAY, seconds

import csp_transfer as csp

SAMPLE = Path(csp.__file__).parent / "data" / "contoso-subscriptions.json"
TIMES = 10
"""How often the subscriptions of the sample are in a plan of many."""


def earlier(checkout: Path) -> ModuleType:
    """Return the package of another checkout, under a name of its own."""
    package = checkout / "src" / "csp_transfer"
    spec = importlib.util.spec_from_file_location(
        "before", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    assert spec.loader is not None
    before = importlib.util.module_from_spec(spec)
    sys.modules["before"] = before
    spec.loader.exec_module(before)
    for name in ("package_data", "catalogue", "markets"):  # it looks for its data by its usual name
        vars(importlib.import_module(f"before.{name}"))["read_bytes"] = lambda file: (
            package / "data" / file
        ).read_bytes()
    return before


def works(side: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is measured of a side, by what it is called."""
    read = importlib.import_module(f"{side.__name__}.partner_center").read
    payload = SAMPLE.read_text("utf-8")
    subscriptions = read(payload)
    many = tuple(s.evolve(id=f"{s.id}-{n}") for n in range(TIMES) for s in subscriptions)
    move = side.Transfer(
        customer=side.Tenant(id="contoso", country="JP"),
        destination=side.Partner(id="fabrikam", country="JP"),
        subscriptions=subscriptions,
    )
    for policy in (side.GUIDE, side.IN_FORCE):
        for size, transfer in (("9", move), (f"{len(many)}", move.evolve(subscriptions=many))):
            plan = side.plan_transfer(transfer, as_of=TODAY, policy=policy)
            of = f"of a plan of {size}, {policy.name}"
            yield f"plan, then to_dict {of}", partial(planned, side, transfer, policy)
            yield f"to_dict {of}", plan.to_dict
            yield f"str {of}", partial(str, plan)
            yield f"Markdown {of}", plan.to_markdown
            yield f"each assessment_of {of}", partial(each, plan)
        yield f"compare_routes, {policy.name}", partial(side.compare_routes, move, as_of=TODAY, policy=policy)
        yield f"explain(assessment), {policy.name}", partial(explained, side, subscriptions[0], policy)
        yield (
            f"explain(plan), {policy.name}",
            partial(side.explain, side.plan_transfer(move, as_of=TODAY, policy=policy)),
        )
    yield "partner_center.read", partial(read, items())


def planned(side: Any, transfer: Any, policy: Any) -> Any:
    """Plan, and write the plan for the first time."""
    return side.plan_transfer(transfer, as_of=TODAY, policy=policy).to_dict()


def explained(side: Any, subscription: Any, policy: Any) -> Any:
    """Assess, and explain that."""
    return side.explain(side.assess(subscription, as_of=TODAY, policy=policy))


def each(plan: Any) -> list[Any]:
    """Look up every subscription of a plan."""
    return [plan.assessment_of(s.id) for s in plan.transfer.subscriptions]


def items() -> list[dict[str, Any]]:
    """Return an ordinary item of the sample, many times."""
    ordinary = json.loads(SAMPLE.read_text("utf-8"))["items"][0]
    return [ordinary | {"id": f"{n}"} for n in range(200)]


# ---- The fields that are read, for cattrs ----


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


def main() -> None:
    """Print how many times of what it took before each work takes."""
    before = earlier(Path(sys.argv[1]))
    for (what, now), (_, then) in zip(works(csp), works(before), strict=True):
        ours, its = seconds([now, then])
        print(f"{what:48} {ours / its:6.2f}")
    try:
        reference = structured()
    except ImportError:
        return
    for what, side in (("partner_center.read / cattrs", csp), ("... before", before)):
        read = importlib.import_module(f"{side.__name__}.partner_center").read
        ours, its = seconds([partial(read, items()), reference])
        print(f"{what:48} {ours / its:6.2f}")


if __name__ == "__main__":
    main()
