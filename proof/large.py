"""How large a payload may be: read it, plan it, and say what that took.

    python proof/large.py [SUBSCRIPTIONS]

Also what is not large but meant to look so: nesting, numbers and texts without end.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date

import csp_transfer as csp
from csp_transfer import partner_center
from csp_transfer.texts import read_bytes

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
MEBIBYTE = 1024


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEBIBYTE


def said(what: str, began: float) -> None:
    """Say what was done, how long it took, and the most memory so far."""
    print(f"{what}: {time.monotonic() - began:.1f} s, peak memory {_peak()} MiB", flush=True)


def main() -> None:
    """Read and plan, each time the most memory so far."""
    for name, bad in (
        ("a million brackets", b"[" * 1_000_000),
        ("a number of a million digits", b'[{"quantity": ' + b"9" * 1_000_000 + b"}]"),
        (
            "a text of ten million letters as a status",
            json.dumps([{"id": "a", "status": "x" * 10_000_000}]).encode(),
        ),
        ("a million unknown fields", json.dumps([{f"f{n}": n for n in range(1_000_000)}]).encode()),
    ):
        began = time.monotonic()
        problems = partner_center.read_tolerantly(bad).problems
        assert problems
        assert len(str(problems[0])) < 1_000
        said(name, began)
    item = json.loads(read_bytes("contoso-subscriptions.json"))["items"][0]
    payload = json.dumps({"items": [{**item, "id": f"s{n}"} for n in range(COUNT)]}).encode()
    began = time.monotonic()
    found = partner_center.read(payload)
    said(f"read {len(found):,} subscriptions, {len(payload) / 2**20:.0f} MiB", began)
    began = time.monotonic()
    plan = csp.plan_transfer(
        csp.Transfer(
            customer=csp.Tenant(id="contoso", country="JP"),
            destination=csp.Partner(id="fabrikam", country="JP"),
            subscriptions=found,
        ),
        as_of=date(2026, 2, 15),
    )
    said(f"planned them, {len(plan.steps):,} steps", began)


if __name__ == "__main__":
    main()
