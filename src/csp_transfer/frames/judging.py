"""`assess` for a frame: every row's verdicts as columns, by the tables that decide for one subscription."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

import narwhals as nw

from ..model import Status
from ..policy import Policy
from ..rules.lifecycle import State
from ..rules.refunds import CREDITS
from ..rules.risk_table import Risk
from .columns import ARGUMENTS, INPUTS, OUTPUTS, Kind, Output
from .course import note_after_term, note_course, note_provisioning
from .facts import Refusal, check_arguments, read_facts
from .move import note_doubts, note_refund, note_replacement, note_risk
from .refusals import contradictions, still_to_come, without_record
from .rows import Rows, mark_of
from .tables import Condition, all_of, any_of, negated, one_of
from .term import note_term

__all__ = ["Reason", "judge"]

_KEPT: Final = 32
"""How many such questions are kept."""
_WORDS: Final = {output.name: output.words for output in OUTPUTS}


def judge(
    frame: Any,
    *,
    policy: Policy,
    sources: Mapping[str, str],
    prefix: str,
    arguments: Mapping[str, date | bool | str | None],
) -> tuple[Any, list[Reason]]:
    """Return a narwhals frame with the verdict columns added, and every reason that a row may have."""
    schema = frame.collect_schema()
    judging = _judging(
        frame.implementation,
        mark_of(schema.names()),
        tuple((name, source, schema[source]) for name, source in sources.items()),
        tuple(check_arguments(sources, arguments).items()),
        policy,
        prefix,
    )
    return judging.on(frame), list(judging.reasons)


class _Judging(NamedTuple):
    """What is asked of a frame, written down: it can be asked of any other with the same columns."""

    steps: tuple[dict[str, Any], ...]
    added: dict[str, Any]
    reasons: tuple[Reason, ...]

    def on(self, frame: Any) -> Any:
        """Return a narwhals frame with what is added, and without what was noted on the way to it."""
        polars = frame.implementation is nw.Implementation.POLARS
        asked = frame.to_native() if polars else frame
        for step in self.steps:
            asked = asked.with_columns(**step)
        noted = [name for step in self.steps for name in step]
        return nw.from_native(asked.with_columns(**self.added).drop(noted))


@lru_cache(maxsize=_KEPT)
def _judging(
    engine: nw.Implementation,
    mark: str,
    columns: tuple[tuple[str, str, Any], ...],
    arguments: tuple[tuple[str, Any], ...],
    policy: Policy,
    prefix: str,
) -> _Judging:
    """Write down what is asked of a frame: once for its columns, the day and the policy, however often it is asked.

    Of a small frame, and of each part of one that lies in parts, that would take as long as all else.
    """
    rows = Rows(engine, {source: dtype for _, source, dtype in columns}, mark)
    sources = {name: source for name, source, _ in columns}
    names = {spec.name: sources.get(spec.name, spec.name) for spec in (*INPUTS, *ARGUMENTS)}
    refusals = read_facts(rows, sources, dict(arguments))
    refusals += _noted(rows, "contradicting", contradictions(rows, names))
    rows.note(sound=all_of(rows.read, rows.asked, negated(any_of(*rows.contradicting.values()))))
    refusals += _noted(rows, "to_come", [still_to_come(rows, names)])
    rows.note(ok=all_of(rows.sound, negated(any_of(*rows.to_come.values()))))
    note_term(rows)
    note_after_term(rows, policy)
    note_course(rows, policy)
    note_provisioning(rows, policy)
    note_replacement(rows, policy)
    note_risk(rows, policy)
    note_refund(rows, policy)
    note_doubts(rows, policy)
    refusals += _noted(rows, "unrecorded", without_record(rows, policy, names))
    rows.note(recorded=negated(any_of(*rows.unrecorded.values())))
    verdicts = _verdicts(rows)
    problems = _by_reason(refusals)
    said = {str(reason): condition for reason, condition in problems.items()}
    verdicts["reason"] = rows.said(said)
    added = {prefix + output.name: _typed(output, verdicts[output.name], rows) for output in OUTPUTS}
    return _Judging(tuple(rows.steps), added, tuple(problems))


class Reason(NamedTuple):
    """A problem of a row: a column, and what is accepted there."""

    source: str
    accepted: str

    def __str__(self) -> str:
        return f"{self.source}: expected {self.accepted}"


def _noted(rows: Rows, name: str, refusals: Iterable[Refusal]) -> list[Refusal]:
    """Note in which rows something is refused, and return what is."""
    each = list(refusals)
    rows.note(**{name: {n: condition for n, (_, _, condition) in enumerate(each)}})
    noted = getattr(rows, name).values()
    return [
        (source, accepted, condition) for (source, accepted, _), condition in zip(each, noted, strict=True)
    ]


def _by_reason(refusals: Iterable[Refusal]) -> dict[Reason, Condition]:
    """Return in which rows there is which problem; what two facts of one column have alike is one."""
    found: dict[Reason, Condition] = {}
    for source, accepted, condition in refusals:
        if condition is not False:
            reason = Reason(source, accepted)
            found[reason] = any_of(found.get(reason, False), condition)
    return found


def _typed(output: Output, value: Any, rows: Rows) -> Any:
    if output.kind is Kind.DAY:
        return rows.day_of(value)
    types = {Kind.COUNT: rows.lib.Int64, Kind.FLAG: rows.lib.Boolean, Kind.TEXT: rows.lib.String}
    return value.cast(types.get(output.kind) or rows.words(output.words))


def _verdicts(rows: Rows) -> dict[str, Any]:
    """Return every verdict by the name of its column, from what has been noted."""
    judged = all_of(rows.ok, rows.recorded)

    def where(condition: Condition, value: Any) -> Any:
        return rows.pick((all_of(rows.recorded, condition), value))

    def word(name: str, said: Mapping[Any, Condition]) -> Any:
        words = _WORDS[name]
        return rows.pick(
            *(
                (all_of(rows.recorded, condition), rows.word(value, words))
                for value, condition in said.items()
            )
        )

    def risk(name: str, levels: Mapping[Risk, Condition]) -> Any:
        return word(name, {**levels, Risk.NONE: rows.risk_known})

    def credit(name: str, part: str) -> Any:
        return rows.pick(
            (negated(judged), None),
            otherwise=rows.choose(
                CREDITS, rows.refund, attrgetter(part), lambda value: rows.word(value, _WORDS[name])
            ),
        )

    running = rows.term_known, rows.running_last_day
    sure = all_of(rows.dated, negated(rows.outdated))
    states = {state: all_of(sure, condition) for state, condition in rows.state.items()}
    disabled = all_of(rows.outdated, one_of(rows.status, {Status.DISABLED}))
    contradicted = any_of(rows.contradicted, all_of(rows.outdated, negated(disabled)))
    doubted_by = {
        "UTC-001": rows.doubted_last_day_known,
        "RNW-001": rows.disputed,
        "EST-001": rows.free_window_ended,
        "EST-004": rows.exempt,
    }
    return {
        "term_first_day": where(rows.term_known, rows.running_first_day),
        "term_last_day": where(*running),
        "renewed": where(rows.ok, any_of(rows.later, negated(rows.term_known))),
        "state": word("state", {**states, State.DISABLED: any_of(states[State.DISABLED], disabled)}),
        "grace_first_day": where(rows.window, rows.running_last_day + 1),
        "grace_last_day": where(rows.window, rows.grace_last_day),
        "auto_renew_off_by": where(rows.auto_renew_off, rows.off_by),
        "auto_renew_doubted_day": where(rows.off_doubted, rows.off_by_later),
        "provisioning_earliest": where(rows.provisioned, rows.earliest),
        "provisioning_recommended": where(rows.provisioned, rows.recommended),
        "provisioning_latest": where(rows.provisioned, rows.latest),
        "provisioning_doubted_day": where(rows.provisioning_doubted, rows.later_day),
        "timing": word("timing", rows.timing),
        "moved": where(rows.ok, rows.moved),
        "provision_on": where(rows.day_known, rows.day),
        "disruption": risk("disruption", rows.disruption),
        "data_loss": risk("data_loss", rows.data_loss),
        "reassign_licenses": where(rows.risk_known, rows.reassign_licenses),
        "paid_twice_days": where(rows.risk_known, rows.pick((rows.twice, rows.days_twice), otherwise=0)),
        "refund": credit("refund", "outcome"),
        "handled_by": credit("handled_by", "handled_by"),
        "contact": credit("contact", "contact"),
        "best_last_day": where(all_of(rows.term_known, negated(rows.runs_on)), rows.running_last_day),
        "doubts": word(
            "doubts",
            {
                # The most first: the first that holds is the one.
                doubts: all_of(rows.ok, *(doubted_by[rule] for rule in doubts.split(", ") if rule))
                for doubts in sorted(_WORDS["doubts"], key=len, reverse=True)
            },
        ),
        "undated_by": word(
            "undated_by",
            {
                "TRL-001": all_of(rows.ok, rows.turned_paid),
                "RNW-001": all_of(rows.ok, any_of(negated(rows.term_known), rows.interrupted)),
                "END-004": all_of(rows.ok, contradicted),
                "LIF-001": all_of(rows.ok, rows.unclear),
            },
        ),
    }
