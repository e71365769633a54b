"""Keep what this version writes, as data and as pickles, and its public surface, for later versions to keep to.

    python proof/keep.py    once a release: writes tests/kept/<version>/

What has been released is never written anew.
"""

from __future__ import annotations

import json
import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from api import surface

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.texts import read_bytes

KEPT = Path(__file__).resolve().parent.parent / "tests/kept"


def values() -> dict[str, Any]:
    """Return a value of every type that is written as data, by the name of its file."""
    move = csp.Transfer(
        customer=csp.Tenant(id="contoso", country="JP"),
        destination=csp.Partner(id="fabrikam", country="JP"),
        subscriptions=[
            s.evolve(price=csp.Price(amount=Decimal("73.00"), currency="EUR", cycle=csp.Cycle.YEAR))
            for s in partner_center.read(read_bytes("contoso-subscriptions.json"))
        ],
        role=csp.Role.SALES_AGENT,
    )
    few = move.evolve(subscriptions=move.subscriptions[:2])
    on = date(2026, 11, 22)
    return {
        "transfer": move,
        "plan-guide": csp.plan_transfer(move, as_of=date(2026, 2, 15)),
        "plan-in-force": csp.plan_transfer(move, as_of=on, policy=csp.IN_FORCE),
        "portfolio": csp.plan_portfolio(
            [few, few.evolve(customer=csp.Tenant(id="hanbit", country="KR")), None],  # type: ignore[list-item]
            as_of=date(2026, 2, 15),
            tolerant=True,
        ),
        "assessment": csp.assess(move.subscriptions[0], as_of=on),
        "route": csp.compare_routes(move.evolve(subscriptions=move.subscriptions[:1]), as_of=on)[0],
        "policy": csp.IN_FORCE.evolve(grace_days=10),
    }


def main() -> None:
    """Write them."""
    place = KEPT / csp.__version__
    place.mkdir(parents=True)  # which refuses what is there already
    (place / "api.txt").write_text(surface(), encoding="utf-8")
    for name, value in values().items():
        text = json.dumps({type(value).__name__: value.to_dict()}, ensure_ascii=False, indent=1)
        (place / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        (place / f"{name}.pickle").write_bytes(pickle.dumps(value, protocol=4))


if __name__ == "__main__":
    main()
