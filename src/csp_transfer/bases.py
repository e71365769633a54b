"""Add-ons and what they are added on to: nothing is safe without its base, whichever way the two go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from attrs import evolve

from .assessment import assess_each
from .choice import ChosenWay, choose_each
from .findings import Finding, gather
from .gate import Gate
from .ids import id_key
from .model import Way
from .policy import Policy
from .rules.relationship import (
    base_first,
    base_in_circle,
    base_in_doubt,
    base_transferred,
    base_unknown,
    no_base,
)
from .rules.risk import in_doubt
from .rules.risk_table import Risk
from .transfer import Transfer

__all__ = ["chosen_ways", "with_bases"]


def chosen_ways(
    transfer: Transfer, gate: Gate, as_of: date, policy: Policy, named: Mapping[str, Way]
) -> tuple[tuple[ChosenWay, ...], int, tuple[Finding, ...]]:
    """Return how the subscriptions of a move go, each with what its base means for it, as a plan has them.

    With them, how many places of the tenant they take at most, and why add-ons may be without their base.
    """
    choices, places = choose_each(transfer, gate, assess_each(transfer, as_of, policy), named)
    choices, said = with_bases(choices) if gate.feasible else (choices, ())
    return choices, places, said


def with_bases(choices: Iterable[ChosenWay]) -> tuple[tuple[ChosenWay, ...], tuple[Finding, ...]]:
    """Return how subscriptions go, those in doubt that may be without their base, and the findings that say why.

    What is added on to something in doubt is in doubt itself, however far above that is.
    """
    choices = tuple(choices)
    if all(choice.a.subscription.parent is None for choice in choices):
        return choices, ()
    by_id = {_key(choice): choice for choice in choices}
    above = {key: _above(choice, by_id) for key, choice in by_id.items()}
    said: dict[str, tuple[Finding, ...]] = {}
    # A base before its add-ons; and a circle, in which each is above itself, before what is added on to it.
    for key in sorted(above, key=lambda key: 0 if key in above[key] else len(above[key])):
        found = _doubts(by_id[key], above[key], said)
        if found:
            said[key] = found
    said = {key: found for key, found in said.items() if _goes(by_id[key])}
    doubted = tuple(_in_doubt(choice, said.get(_key(choice), ())) for choice in choices)
    return doubted, tuple(f for found in said.values() for f in found)


def _key(choice: ChosenWay) -> str:
    return id_key(choice.a.subscription.id)


def _goes(choice: ChosenWay) -> bool:
    return choice.a.moved or choice.by_transfer


def _above(choice: ChosenWay, by_id: Mapping[str, ChosenWay]) -> dict[str, ChosenWay]:
    """Return what a subscription is added on to, by id, the nearest first; of a circle, each once."""
    bases: dict[str, ChosenWay] = {}
    parent = choice.a.subscription.parent
    while parent is not None and id_key(parent) in by_id and id_key(parent) not in bases:
        base = bases[id_key(parent)] = by_id[id_key(parent)]
        parent = base.a.subscription.parent
    return bases


def _doubts(
    choice: ChosenWay, above: Mapping[str, ChosenWay], said: Mapping[str, tuple[Finding, ...]]
) -> tuple[Finding, ...]:
    """Return why an add-on may be without its base; `said`: the same of what is above it."""
    parent = choice.a.subscription.parent
    if parent is None or not above:
        return ()
    if _key(choice) in above:
        return (base_in_circle(choice.a.subscription, parent),)
    base, *further = above.values()
    found = gather(*_without(choice, base, parent))
    if found:
        return found
    if _key(base) in said or any(gather(*_without(choice, one, parent)) for one in further):
        return (base_in_doubt(choice.a.subscription, parent),)
    return ()


def _without(choice: ChosenWay, base: ChosenWay, parent: str) -> Iterator[Finding | None]:
    """Yield what is wrong where an add-on goes another way than what it is added on to, or that does not go on."""
    a = choice.a
    apart = _goes(choice) and _goes(base) and choice.by_transfer != base.by_transfer
    if apart and not a.already_provisioned:
        yield base_transferred(a.subscription, parent)
    until = base.a.gives_access_until
    if until is None:
        if base.a.undated_by is not None and not base.a.already_provisioned:
            yield base_unknown(a.subscription, parent)
        return
    if base.by_transfer:
        return
    if not base.a.moved:  # it ends, and nothing replaces it
        yield no_base(a.subscription, parent)
    day = a.provision_on if a.moved else a.as_of
    if day is not None:
        yield base_first(a.subscription, parent, day=day, base_until=until)


def _in_doubt(choice: ChosenWay, said: tuple[Finding, ...]) -> ChosenWay:
    """Return how an add-on goes: its risk is possible, along its way and without the source partner's consent."""
    a, part = choice.a, choice.part
    if not said or a.risk is None:  # what goes has a risk
        return choice
    if part is not None:
        part = part.evolve(
            disruption=max(part.disruption, Risk.POSSIBLE),
            data_loss=max(part.data_loss, Risk.POSSIBLE),
            findings=gather(*part.findings, *said),
        )
    return evolve(choice, a=a.evolve(risk=in_doubt(a.risk, *said)), part=part)
