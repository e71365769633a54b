"""Add-ons and what they are added on to: nothing is safe without its base, whichever way the two go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from .choice import Going
from .findings import Finding, gather
from .ids import id_key
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

__all__ = ["with_bases"]


def with_bases(goings: Iterable[Going]) -> tuple[tuple[Going, ...], tuple[Finding, ...]]:
    """Return how subscriptions go, those in doubt that may be without their base, and the findings that say why.

    What is added on to something in doubt is in doubt itself, however far above that is.
    """
    goings = tuple(goings)
    if all(going.a.subscription.parent is None for going in goings):
        return goings, ()
    by_id = {_key(going): going for going in goings}
    above = {key: _above(going, by_id) for key, going in by_id.items()}
    said: dict[str, tuple[Finding, ...]] = {}
    # A base before its add-ons; and a circle, in which each is above itself, before what is added on to it.
    for key in sorted(above, key=lambda key: 0 if key in above[key] else len(above[key])):
        found = _doubts(by_id[key], above[key], said)
        if found:
            said[key] = found
    said = {key: found for key, found in said.items() if _goes(by_id[key])}
    doubted = tuple(_in_doubt(going, said.get(_key(going), ())) for going in goings)
    return doubted, tuple(f for found in said.values() for f in found)


def _key(going: Going) -> str:
    return id_key(going.a.subscription.id)


def _goes(going: Going) -> bool:
    return going.a.moved or going.by_transfer


def _above(going: Going, by_id: Mapping[str, Going]) -> dict[str, Going]:
    """Return what a subscription is added on to, by id, the nearest first; of a circle, each once."""
    bases: dict[str, Going] = {}
    parent = going.a.subscription.parent
    while parent is not None and id_key(parent) in by_id and id_key(parent) not in bases:
        base = bases[id_key(parent)] = by_id[id_key(parent)]
        parent = base.a.subscription.parent
    return bases


def _doubts(
    going: Going, above: Mapping[str, Going], said: Mapping[str, tuple[Finding, ...]]
) -> tuple[Finding, ...]:
    """Return why an add-on may be without its base; `said`: the same of what is above it."""
    parent = going.a.subscription.parent
    if parent is None or not above:
        return ()
    if _key(going) in above:
        return (base_in_circle(going.a.subscription, parent),)
    base, *further = above.values()
    found = gather(*_without(going, base, parent))
    if found:
        return found
    if _key(base) in said or any(gather(*_without(going, one, parent)) for one in further):
        return (base_in_doubt(going.a.subscription, parent),)
    return ()


def _without(going: Going, base: Going, parent: str) -> Iterator[Finding | None]:
    """Yield what is wrong where an add-on goes another way than what it is added on to, or that does not go on."""
    a = going.a
    apart = _goes(going) and _goes(base) and going.by_transfer != base.by_transfer
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


def _in_doubt(going: Going, said: tuple[Finding, ...]) -> Going:
    """Return how an add-on goes: its risk is possible, along its way and without the source partner's consent."""
    a, part = going.a, going.part
    if not said or a.risk is None:  # what goes has a risk
        return going
    if part is not None:
        part = part.evolve(
            disruption=max(part.disruption, Risk.POSSIBLE),
            data_loss=max(part.data_loss, Risk.POSSIBLE),
            findings=gather(*part.findings, *said),
        )
    return evolve(going, a=a.evolve(risk=in_doubt(a.risk, *said)), part=part)
