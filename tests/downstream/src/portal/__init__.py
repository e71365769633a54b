"""What a portal shows beside a subscription."""

from __future__ import annotations

from datetime import date

import csp_transfer as csp


def badge(subscription: csp.Subscription, on: date) -> str:
    """Return "urgent" in the last week of a grace window, "open" in the rest of it, and else nothing."""
    window = csp.grace_window(subscription)
    if window is None or on not in window:
        return ""
    return "urgent" if window.days_left(on) <= 7 else "open"


def due(plan: csp.Plan) -> list[str]:
    """Return the lines of a calendar."""
    return [f"{deadline.day}: {deadline.action} {deadline.subject}" for deadline in plan.deadlines]
