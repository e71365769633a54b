"""A second statement of the rulebook, written from its text, in plain numbers: it shares no code with the package.

Days are counted from the last day of the term, which is 0. Words are those of the service and of the rulebook. Risks
are 0 (none), 1 (possible), 2 (certain). `FREE` says whether the free grace window follows the term: always under the
guide, and for terms that end before 2026-05-04 in what is in force; after that, nothing is chosen, so the end counts
as one at once (EST-003).
"""

from __future__ import annotations

STATUSES = ("active", "suspended", "expired", "disabled", "deleted", "canceled", "none", "pending", "unknown")
CHANNELS = ("csp", "web_direct", "enterprise_agreement", "open", "other")
ROLES = (
    "account_admin",
    "sales_agent",
    "billing_agent",
    "admin_agent",
    "helpdesk_agent",
    "global_admin",
    "other",
)
UNCLEAR = ("none", "pending", "unknown")
KINDS = ("new commerce", "legacy", "extended")  # extended: in an extended service term (EST-005)
# relation of the offers → disruption, data loss, reassign
OFFERS = {
    "same": (0, 0, False),
    "equivalent": (1, 0, True),
    "different": (1, 1, True),
    "discontinued, different": (1, 1, True),
    "discontinued, that same": (1, 1, False),
}
# relation of the counts (25 bought) → assigned, new count, and the same three
COUNTS = {
    "same": (None, 25, (0, 0, False)),
    "same, all assigned": (25, 25, (0, 0, False)),
    "more": (None, 26, (1, 0, False)),
    "fewer": (None, 24, (1, 1, False)),
    "fewer, but enough": (20, 20, (1, 1, False)),
    "below assigned": (20, 19, (2, 1, True)),
}
YEAR = 365  # the term after the one that ends on day 0 ends on this day, as there is no 29 February in it


def state(status: str, day: int, *, free: bool = True, kind: str = "new commerce") -> str | None:
    """The state on a day (LIF-001, LIF-002, LIF-004, EST-001, EST-005)."""
    if status in UNCLEAR:
        return None
    if status == "suspended" and kind != "new commerce":
        return "suspended"  # nobody says since when, or it has no end
    if status == "active" and kind == "extended":
        return "extended"
    if status in ("deleted", "canceled"):
        return "deleted"
    window = 30 if free or status == "suspended" else 0  # a suspended one is Disabled for these days, too
    if status == "disabled":
        return "disabled" if day <= window + 90 else "deleted"
    if day <= 0:
        return "suspended" if status == "suspended" else "active"
    if day > window + 90:
        return "deleted"
    return "expired" if day <= window and status != "suspended" else "disabled"


def moment(status: str, day: int, *, free: bool = True, kind: str = "new commerce") -> tuple[int, int, bool]:
    """What the table says of the moment of provisioning; what is not known is never safe."""
    if status == "canceled":
        return 2, 1, False
    if status in UNCLEAR:
        at_best = moment("active", day, free=free, kind=kind)
        return max(1, at_best[0]), max(1, at_best[1]), at_best[2]
    by_state = {
        "active": (0, 0, False),
        "expired": (0, 0, False),
        "extended": (0, 0, False),
        "suspended": (2, 1, False),
        "disabled": (2, 1, False),
        "deleted": (2, 2, True),
    }
    return by_state[state(status, day, free=free, kind=kind) or ""]


def risk(
    status: str,
    offers: str,
    counts: str,
    day: int,
    *,
    elsewhere: bool,
    free: bool = True,
    doubted: bool = False,
    kind: str = "new commerce",
) -> tuple[int, int, bool, int]:
    """Disruption, data loss, reassign licences, and days paid twice, of a replacement on a day.

    `doubted`: the guide's window is contradicted by what is in force, so that only the term itself is safe (EST-001).
    """
    rows = (
        OFFERS[offers],
        COUNTS[counts][2],
        (1, 1, True) if elsewhere else (0, 0, False),
        moment(status, day, free=free, kind=kind),
        (1, 1, False) if doubted and day > 0 and status in ("active", "expired") else (0, 0, False),
    )
    billed = status in ("active", "suspended", *UNCLEAR)
    # an extended service term is ended on the day on which the new one serves, or when the data is migrated: the
    # guide's 30 days, that day among them
    until = 0
    if kind == "extended" and status in ("active", "suspended"):
        until = day + 29 if elsewhere else day
    return (
        max(row[0] for row in rows),
        max(row[1] for row in rows),
        any(row[2] for row in rows),
        max(0, 1 + until - day) if billed else 0,
    )


def term_end(status: str, day: int, *, auto_renew: bool) -> int | None:
    """The last day of the term that counts on a day; None where a renewal is neither shown nor excluded (RNW-001)."""
    if day <= 0 or not auto_renew or status in ("expired", "disabled", "deleted", "canceled"):
        return 0
    return YEAR if status == "active" else None


def off_by(status: str, day: int, *, auto_renew: bool) -> int | None:
    """The day by whose end auto-renew must be off (END-003)."""
    end = term_end(status, day, auto_renew=auto_renew)
    runs = status in ("active", "suspended", *UNCLEAR)
    return end if auto_renew and runs and end is not None and day <= end else None


def window(status: str, day: int, *, auto_renew: bool) -> tuple[int, int] | None:
    """First and last day of the grace window; none where the status neither runs out nor has (LIF-001, LIF-002)."""
    end = term_end(status, day, auto_renew=auto_renew)
    if end is None or status not in ("active", "expired") or (status == "expired" and day <= 0):
        return None  # expired before its end: the facts contradict each other
    return end + 1, end + 30


def doubted(channel: str, end: int) -> bool:
    """Whether a window follows that end in the guide's reading only (EST-001).

    Day 0 is 2026-03-31: before 2026-05-04, and after 2026-02-09, from which on Microsoft's own sales have none.
    """
    return end > 0 or channel == "web_direct"


def provision(
    status: str, day: int, *, auto_renew: bool, elsewhere: bool = False, channel: str = "csp"
) -> int | None:
    """The recommended day for a replacement like for like, END-005; None where no fact tells it.

    Where one reading has no window, the earlier of the two days counts.
    """
    end = term_end(status, day, auto_renew=auto_renew)
    if end is None or status in UNCLEAR or (status == "expired" and day <= 0):
        return None
    if status in ("active", "expired", "suspended") and day > end + 120:
        return None  # by the dates it is Deleted, which its status contradicts: read it again
    if status not in ("active", "expired"):
        return day  # nobody has access, and nothing is gained by waiting
    if not doubted(channel, end):
        return max(day, 1)  # the first day that is not paid twice
    return max(day, end - 29 if elsewhere else end)  # never earlier than needed, but with 30 days to migrate


def refund(
    channel: str, status: str, day: int, *, admin: bool | None, auto_renew: bool
) -> tuple[str, str | None, str | None, int | None]:
    """Outcome, who decides, who asks, and the best last day (END-002, CRD-001 to CRD-004)."""
    best = term_end(status, day, auto_renew=auto_renew)
    if channel != "web_direct":
        return "no_refund", None, None, best
    contact = {True: "partner_for_customer", False: "customer", None: None}[admin]  # None: not known who asks
    return "credit_possible", "billing_support", contact, best


def may_move(role: str | None, *, same_region: bool) -> bool:
    """Whether anything may be done at all (ELG-003); no role bars it (ELG-001), only some are those of the guide."""
    return same_region and (role is None or role in ROLES)
