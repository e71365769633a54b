"""What this commit costs, beside an earlier one: both in this process, in turn; the best of several rounds counts.

    git worktree add ../before COMMIT
    python benchmarks/before.py ../before

The budgets are for the commit that the core was made anew from. A ratio is meaningful, a time is not.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from budgets import TODAY, seconds
from reading import SAMPLE, items

import csp_transfer as csp

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


def works(side: Any) -> Iterator[tuple[str, Callable[[], Any], str]]:
    """Yield what is measured of a side, by what it is called, and which part of its time before it may take."""
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
        asked = {"as_of": TODAY, "policy": policy}
        for size, transfer in (("9", move), (f"{len(many)}", move.evolve(subscriptions=many))):
            plan = side.plan_transfer(transfer, **asked)
            of = f"of {size}, {policy.name}"
            yield f"plan {of}", partial(side.plan_transfer, transfer, **asked), "0.4"
            yield f"plan, then to_dict {of}", partial(planned, side, transfer, policy), "none"
            yield f"to_dict of a plan {of}", plan.to_dict, "0.6"
            yield f"str of a plan {of}", partial(str, plan), "0.25"
            yield f"Markdown of a plan {of}", plan.to_markdown, "0.6"
            yield f"each assessment_of a plan {of}", partial(each, plan), "none"
        yield f"compare_routes, {policy.name}", partial(side.compare_routes, move, **asked), "0.5"
        explaining = partial(explained, side, subscriptions[0], policy)
        yield f"assess, then explain, {policy.name}", explaining, "0.25"
        yield (
            f"explain(plan), {policy.name}",
            partial(side.explain, side.plan_transfer(move, **asked)),
            "none",
        )
    yield "partner_center.read", partial(read, items()), "none"


def planned(side: Any, transfer: Any, policy: Any) -> Any:
    """Plan, and write the plan for the first time."""
    return side.plan_transfer(transfer, as_of=TODAY, policy=policy).to_dict()


def explained(side: Any, subscription: Any, policy: Any) -> Any:
    """Assess, and explain that."""
    return side.explain(side.assess(subscription, as_of=TODAY, policy=policy))


def each(plan: Any) -> list[Any]:
    """Look up every subscription of a plan."""
    return [plan.assessment_of(s.id) for s in plan.transfer.subscriptions]


def main() -> None:
    """Print how many times of what it took before each work takes, and the budget."""
    before = earlier(Path(sys.argv[1]))
    for (what, now, budget), (_, then, _) in zip(works(csp), works(before), strict=True):
        ours, its = seconds([now, then])
        print(f"{what:48} {ours / its:6.2f}  budget {budget}")


if __name__ == "__main__":
    main()
