"""The appendix of a portfolio: counts, what is wrong, what is due today and day by day, and every customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from .catalogue import Severity, check_language, rule, ui
from .citations import citations
from .findings import Finding
from .outline import Block, Bullets, Heading, Paragraph, Table
from .phrases import latest, section, subjects_of, what, who, with_cautions
from .plan import Plan
from .views import Due, TenantRoom, busiest_days, crowded_tenants, merged

__all__ = ["overview"]

_BUSIEST_SHOWN: Final = 5


def overview(
    plans: Sequence[Plan], unplanned: Sequence[str], lang: str, zone: tzinfo | None = None
) -> list[Block]:
    """Return the details of plans of one day and policy, in a language."""
    check_language(lang)
    deadlines, rooms = merged(plans), crowded_tenants(plans)
    said = [*(f for plan in plans for f in plan.cautions), *(f for room in rooms for f in room.findings)]
    return [
        *_heading(plans, len(deadlines), lang),
        *_bullets("unplanned", unplanned, lang),
        *section("blockers", (one for p in plans for one in _said(p, p.blockers, lang)), lang),
        *section("too_late", (one for p in plans for one in _said(p, p.too_late, lang)), lang),
        *_bullets("cautions", _cautions(plans, lang), lang),
        *section("crowded_tenants", ((room.tenant, f) for room in rooms for f in room.findings), lang),
        *_table("room", "tenant customers existing duplicates holds", _rooms(rooms, lang), lang),
        *_table("due_today", "customer subscription step who rule", _today(plans, deadlines, lang), lang),
        *_table("busiest_days", "day deadline_count customers", _busiest(plans), lang),
        *_table(
            "due_by_day",
            "day days_left step who deadline_count customers rule",
            _day_by_day(deadlines, lang, zone),
            lang,
        ),
        *_table(
            "by_customer",
            "customer move subscription_count first_deadline cautions",
            (_one_customer(plan, lang) for plan in plans),
            lang,
        ),
        Paragraph(ui("all_days_utc", lang)),
        *citations(
            {f.rule for f in said} | {named for due in deadlines for named in (due.rule, *due.cautions)}, lang
        ),
    ]


def _bullets(heading: str, items: Iterable[str], lang: str) -> list[Block]:
    shown = tuple(items)
    return [Heading(2, ui(heading, lang)), Bullets(shown)] if shown else []


def _table(heading: str, headers: str, rows: Iterable[tuple[str, ...]], lang: str) -> list[Block]:
    shown = tuple(rows)
    if not shown:
        return []
    return [Heading(2, ui(heading, lang)), Table(tuple(ui(h, lang) for h in headers.split()), shown)]


def _heading(plans: Sequence[Plan], deadlines: int, lang: str) -> list[Block]:
    feasible = sum(plan.feasible for plan in plans)
    counts = {
        "feasible": feasible,
        "blocked": len(plans) - feasible,
        "cautions": sum(1 for plan in plans if plan.cautions),
        "deadlines": deadlines,
    }
    return [
        Heading(1, ui("appendix", lang)),
        Paragraph(ui("portfolio_counts", lang, **counts)),
    ]


def _said(plan: Plan, findings: Iterable[Finding], lang: str) -> Iterator[tuple[str, Finding]]:
    customer, names = plan.transfer.customer.id, plan._names(lang)
    for f in findings:
        subject = names.get(f.subject, f.subject)
        who = ui("of_customer", lang, customer=customer, subject=subject)
        yield customer if f.subject == customer else who, f


def _cautions(plans: Iterable[Plan], lang: str) -> Iterator[str]:
    """Yield each rule that warns of something that is neither blocked nor too late, and how many customers."""
    warned: Counter[str] = Counter()
    for plan in plans:
        late = set(plan.too_late)
        warned.update({f.rule for f in plan.cautions if f.severity is Severity.CAUTION and f not in late})
    for rule_id, customers in sorted(warned.items()):
        yield ui("caution_of_many", lang, rule=rule_id, title=rule(rule_id).titles[lang], customers=customers)


def _rooms(rooms: Iterable[TenantRoom], lang: str) -> Iterator[tuple[str, ...]]:
    for room in rooms:
        existing = ui("at_least", lang, count=room.at_least) if room.existing is None else str(room.existing)
        yield room.tenant, str(len(room.customers)), existing, str(room.duplicates), str(room.most)


def _today(plans: Iterable[Plan], deadlines: Iterable[Due], lang: str) -> Iterator[tuple[str, ...]]:
    names = {plan.transfer.customer.id: plan._names(lang) for plan in plans}
    for due in deadlines:
        if due.days_left == 1:
            yield (
                due.customer,
                subjects_of(due, names[due.customer], lang),
                what(due, lang),
                who(due, lang),
                with_cautions(due.rule, due.cautions),
            )


def _busiest(plans: Sequence[Plan]) -> Iterator[tuple[str, ...]]:
    for busy in busiest_days(plans)[:_BUSIEST_SHOWN]:
        yield str(busy.day), str(busy.deadlines), str(busy.customers)


def _day_by_day(deadlines: Iterable[Due], lang: str, zone: tzinfo | None) -> Iterator[tuple[str, ...]]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for due in deadlines:
        said = (latest(due, due.day, lang, zone), str(due.days_left), what(due, lang), who(due, lang))
        alike.setdefault((*said, with_cautions(due.rule, due.cautions)), []).append(due.customer)
    for (*what_and_who, rules), customers in alike.items():
        yield *what_and_who, str(len(customers)), str(len(set(customers))), rules


def _one_customer(plan: Plan, lang: str) -> tuple[str, ...]:
    return (
        plan.transfer.customer.id,
        ui("allowed" if plan.feasible else "not_allowed", lang),
        str(len(plan.assessments)),
        latest(plan.deadlines[0], plan.deadlines[0].day, lang) if plan.deadlines else "-",
        ", ".join(dict.fromkeys(f"{f.rule}!" for f in plan.cautions)) or "-",
    )
