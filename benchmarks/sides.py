"""The ways to decide an ordinary subscription that `engines.py` compares: by hand, this package, and rule engines.

Each engine is asked as its documentation shows for many decisions, with its rules compiled and its facts made before.
Turning dates into what an engine knows, and its answers back into dates, is not counted: that is in its favour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from budgets import DISABLED, GRACE, ONE, Case, inlined, subscription, verdicts, words

import csp_transfer as csp

ANSWERS = (
    *("state", "first_safe", "last_safe", "auto_renew_off_by", "provision_on"),
    *("disruption", "data_loss", "reassign_licenses"),
    *("outcome", "contact", "best_last_day", "paid_twice_days"),
)
"""The verdicts in the reference's order."""
DAYS = {"first_safe", "last_safe", "auto_renew_off_by", "provision_on", "best_last_day"}


class Side(NamedTuple):
    """One way to decide. Only `decide` is timed."""

    package: str
    how: str
    feed: Callable[[Case], tuple[Any, ...]]
    """What `decide` is called with."""
    decide: Callable[..., Any]
    read: Callable[[Any], tuple[Any, ...]]
    """The answer, as the reference gives it."""


def dated(answers: Iterable[Any], day: Callable[[Any], date]) -> tuple[Any, ...]:
    """Return answers with those that are days turned into dates."""
    named = zip(ANSWERS, answers, strict=True)
    return tuple(day(answer) if name in DAYS and answer is not None else answer for name, answer in named)


def numbered(case: Case) -> tuple[dict[str, Any]]:
    """Return the facts for an engine that has no dates: with ordinal numbers."""
    facts = case._asdict().items()
    return ({name: fact.toordinal() if isinstance(fact, date) else fact for name, fact in facts},)


def from_numbers(answers: Iterable[Any]) -> tuple[Any, ...]:
    """Read answers whose days are ordinal numbers."""
    return dated(answers, lambda number: date.fromordinal(int(number)))


# ---- Without an engine ----


def by_hand() -> Side:
    """Return the side that the others are measured by."""
    return Side("python", "by hand, tuple to tuple", tuple, inlined, tuple)


def assess() -> Side:
    """Return this package: everything is decided, and not yet read, as with the engines."""
    return Side(
        "csp-transfer",
        "`assess`",
        lambda case: (subscription(case), case.today),
        lambda asked, today: csp.assess(asked, as_of=today),
        lambda answer: words(verdicts(answer)),
    )


def assess_and_read() -> Side:
    """Return this package, all its verdicts read, as values that carry findings."""

    def decide(asked: csp.Subscription, today: date) -> tuple[Any, ...]:
        return verdicts(csp.assess(asked, as_of=today))

    return assess()._replace(how="`assess`, verdicts read", decide=decide, read=words)


def assess_and_explain() -> Side:
    """Return this package, all its verdicts and its findings read."""

    def decide(asked: csp.Subscription, today: date) -> tuple[Any, ...]:
        answer = csp.assess(asked, as_of=today)
        return verdicts(answer), answer.findings

    return assess()._replace(
        how="`assess`, verdicts and findings read", decide=decide, read=lambda answer: words(answer[0])
    )


# ---- ZEN: a language of its own, in Rust ----

ZEN = {
    "first_safe": f"last_day + {ONE.days}",
    "last_safe": f"last_day + {GRACE.days}",
    "last_disabled": f"last_day + {DISABLED.days}",
    "provision_on": "max([today, @first_safe])",
    "late": "@provision_on > @last_safe",
    "gone": "@provision_on > @last_disabled",
    "short": "assigned != null and quantity < assigned",
    "state": (
        'today < first_day ? null : today <= last_day ? "active" : '
        'today <= @last_safe ? "expired" : today <= @last_disabled ? "disabled" : "deleted"'
    ),
    "auto_renew_off_by": "auto_renew ? last_day : null",
    "disruption": '@late or @short ? "certain" : "none"',
    "data_loss": '@gone ? "certain" : @late or @short ? "possible" : "none"',
    "reassign_licenses": "@gone or @short",
    "outcome": '"no_refund"',
    "contact": "null",
    "best_last_day": "last_day",
    "paid_twice_days": "0",
}
"""In order; `@` stands before what was said further up."""


def zen_expression() -> Side:
    """Return ZEN's language alone."""
    import zen

    steps = "; ".join(f"{name} = {said.replace('@', '')}" for name, said in ZEN.items())
    rule = zen.compile_expression(f"{steps}; [{', '.join(ANSWERS)}]")
    return Side("zen-engine", "one compiled expression; day numbers", numbered, rule.evaluate, from_numbers)


def zen_decision() -> Side:
    """Return ZEN's decision model, by its key: `create_decision` takes some fifteen times as long for each answer."""
    import zen

    rows = [{"id": name, "key": name, "value": said.replace("@", "$.")} for name, said in ZEN.items()]
    contents = {"input": {}, "expression": {"expressions": rows}, "output": {}}
    nodes = [
        {"id": kind, "name": kind, "type": f"{kind}Node", "position": {"x": 0, "y": 0}, "content": content}
        for kind, content in contents.items()
    ]
    edges = [
        {"id": f"to {target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in (("input", "expression"), ("expression", "output"))
    ]
    model = {"nodes": nodes, "edges": edges}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"ordinary": model}}})
    return Side(
        "zen-engine",
        "a loaded decision model with one expression node; day numbers",
        lambda case: ("ordinary", *numbered(case)),
        engine.evaluate,
        lambda said: from_numbers(said["result"].get(name) for name in ANSWERS),  # null is left out
    )


# ---- JsonLogic: one rule for two engines; it has no names for what is said twice ----


def json_rule() -> list[Any]:
    """Return the verdicts as JsonLogic."""
    last_day, today, assigned = {"var": "last_day"}, {"var": "today"}, {"var": "assigned"}
    first_safe, last_safe, last_disabled = ({"+": [last_day, span.days]} for span in (ONE, GRACE, DISABLED))
    provision_on = {"max": [today, first_safe]}
    late, gone = {">": [provision_on, last_safe]}, {">": [provision_on, last_disabled]}
    short = {"and": [{"!=": [assigned, None]}, {"<": [{"var": "quantity"}, assigned]}]}
    states = (
        *({"<": [today, {"var": "first_day"}]}, None),
        *({"<=": [today, last_day]}, "active"),
        *({"<=": [today, last_safe]}, "expired"),
        *({"<=": [today, last_disabled]}, "disabled"),
        "deleted",
    )
    return [
        *({"if": [*states]}, first_safe, last_safe),
        *({"if": [{"var": "auto_renew"}, last_day, None]}, provision_on),
        {"if": [{"or": [late, short]}, "certain", "none"]},
        {"if": [gone, "certain", {"or": [late, short]}, "possible", "none"]},
        {"or": [gone, short]},
        *("no_refund", None, last_day, 0),
    ]


def datalogic() -> Side:
    """Return datalogic, JsonLogic in Rust."""
    from datalogic_py import Engine

    engine = Engine()
    rule, session = engine.compile_checked(json_rule()), engine.session()
    return Side(
        "datalogic-py",
        "a compiled rule in a session; day numbers",
        lambda case: (rule, *numbered(case)),
        session.evaluate,
        from_numbers,
    )


def json_logic() -> Side:
    """Return json-logic-qubit, JsonLogic in Python, which compiles nothing."""
    from json_logic import jsonLogic

    rule = json_rule()
    return Side(
        "json-logic-qubit",
        "a rule, which it cannot compile; day numbers",
        lambda case: (rule, *numbered(case)),
        jsonLogic,
        from_numbers,
    )


# ---- rule-engine: a typed language of its own, in Python, with times and spans ----


def rule_engine() -> Side:
    """Return rule-engine, with one rule for the whole array: faster than a rule for each verdict."""
    from rule_engine import Context, DataType, Rule, type_resolver_from_dict

    days = ("first_day", "last_day", "today")
    types = dict.fromkeys(days, DataType.DATETIME)
    types |= {"quantity": DataType.FLOAT, "auto_renew": DataType.BOOLEAN}
    types |= {"assigned": DataType.UNDEFINED}  # may be null
    first_safe, last_safe, last_disabled = (
        f'(last_day + t"P{span.days}D")' for span in (ONE, GRACE, DISABLED)
    )
    provision_on = f"(today > {first_safe} ? today : {first_safe})"
    late, gone = f"{provision_on} > {last_safe}", f"{provision_on} > {last_disabled}"
    short = "assigned != null and quantity < assigned"
    said = (
        f'today < first_day ? null : (today <= last_day ? "active" : (today <= {last_safe} ? "expired" : '
        f'(today <= {last_disabled} ? "disabled" : "deleted")))',
        *(first_safe, last_safe, "auto_renew ? last_day : null", provision_on),
        f'{late} or {short} ? "certain" : "none"',
        f'{gone} ? "certain" : ({late} or {short} ? "possible" : "none")',
        f"{gone} or {short}",
        *('"no_refund"', "null", "last_day", "0"),
    )
    context = Context(type_resolver=type_resolver_from_dict(types), default_timezone="utc")
    rule = Rule(f"[{', '.join(f'({verdict})' for verdict in said)}]", context=context)

    def feed(case: Case) -> tuple[dict[str, Any]]:
        midnight = {day: datetime.combine(getattr(case, day), datetime.min.time(), UTC) for day in days}
        return (case._asdict() | midnight,)

    return Side(
        "rule-engine",
        "a compiled rule; times at midnight",
        feed,
        rule.evaluate,
        lambda answers: dated(answers, datetime.date),
    )


# ---- OpenFisca: formulas over columns, on a day; its rules are in country.py ----


def openfisca() -> Side:
    """Return OpenFisca, with a simulation for each case; `feed` and `read` take columns of many, too."""
    import numpy as np
    from country import country
    from openfisca_core.periods import period
    from openfisca_core.simulations import SimulationBuilder

    system = country()
    dtypes = dict.fromkeys(("first_day", "last_day"), "datetime64[D]") | {"auto_renew": "bool"}
    dtypes |= dict.fromkeys(("quantity", "assigned"), "int32")

    def feed(*rows: Case) -> tuple[Any, ...]:
        columns = {
            name: np.array([getattr(row, name) or 0 for row in rows], dtype=dtype)
            for name, dtype in dtypes.items()
        }
        return period(str(rows[0].today)), len(rows), columns

    def decide(day: Any, count: int, columns: dict[str, Any]) -> list[Any]:
        simulation = SimulationBuilder.build_default_simulation(system, count)
        for name, column in columns.items():
            simulation.set_input(name, "ETERNITY", column)
        return [simulation.calculate(name, day) for name in ANSWERS]

    def read(columns: list[Any]) -> tuple[Any, ...]:
        plain = [column.decode_to_str() if hasattr(column, "decode") else column for column in columns]
        rows = zip(*(column.tolist() for column in plain), strict=True)
        read = tuple(tuple(None if said == "nothing" else said for said in row) for row in rows)
        return read if len(read) > 1 else read[0]

    return Side("OpenFisca-Core", "a simulation of one row; dates", feed, decide, read)


SIDES = (
    *(by_hand, assess, assess_and_read, assess_and_explain, datalogic, zen_expression, zen_decision),
    *(rule_engine, json_logic, openfisca),
)
"""What makes each side; `ImportError` where its package is not installed."""
