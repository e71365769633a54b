"""The ways to decide an ordinary subscription that `engines.py` compares: by hand, this package, and rule engines.

Each engine is asked as its documentation shows for many decisions, with its rules compiled and its facts made before.
Turning dates into what an engine knows, and its answers back into dates, is not counted: that is in its favour.
An engine that reckons faster with the numbers of days than with dates of its own is asked in both ways.
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
    days: str
    """What days are to it."""
    feed: Callable[[Case], tuple[Any, ...]]
    """What `decide` is called with."""
    decide: Callable[..., Any]
    read: Callable[[Any], tuple[Any, ...]]
    """The answer, as the reference gives it."""
    gives: str = "verdicts"
    """What is there when it has answered."""


NUMBERS, DATES = "numbers", "dates"


def dated(answers: Iterable[Any], day: Callable[[Any], date]) -> tuple[Any, ...]:
    """Return answers with those that are days turned into dates."""
    named = zip(ANSWERS, answers, strict=True)
    return tuple(day(answer) if name in DAYS and answer is not None else answer for name, answer in named)


def numbered(case: Case) -> tuple[dict[str, Any]]:
    """Return the facts for an engine that has no dates: with ordinal numbers."""
    facts = case._asdict().items()
    return ({name: fact.toordinal() if isinstance(fact, date) else fact for name, fact in facts},)


def timed(case: Case) -> dict[str, Any]:
    """Return the facts with each day as its first instant, UTC."""
    facts = case._asdict().items()
    return {
        name: datetime.combine(fact, datetime.min.time(), UTC) if isinstance(fact, date) else fact
        for name, fact in facts
    }


def spelled(case: Case) -> tuple[dict[str, Any]]:
    """Return the facts with each day as the text of its first instant, for an engine that reads JSON."""
    return ({n: fact.isoformat() if isinstance(fact, date) else fact for n, fact in timed(case).items()},)


def from_texts(answers: Iterable[Any]) -> tuple[Any, ...]:
    """Read answers whose days are texts of instants."""
    return dated(answers, lambda text: datetime.fromisoformat(text).date())


def from_numbers(answers: Iterable[Any]) -> tuple[Any, ...]:
    """Read answers whose days are ordinal numbers."""
    return dated(answers, lambda number: date.fromordinal(int(number)))


# ---- Without an engine ----


def by_hand() -> Side:
    """Return the side that the others are measured by."""
    return Side("python", "by hand, tuple to tuple", DATES, tuple, inlined, tuple)


def assess() -> Side:
    """Return this package: everything is decided, and not yet read, as with the engines."""
    return Side(
        "csp-transfer",
        "`assess`, as it is",
        DATES,
        lambda case: (subscription(case), case.today),
        lambda asked, today: csp.assess(asked, as_of=today),
        lambda answer: words(verdicts(answer)),
    )


def assess_and_read() -> Side:
    """Return this package, all its verdicts read, as values that carry findings."""

    def decide(asked: csp.Subscription, today: date) -> tuple[Any, ...]:
        return verdicts(csp.assess(asked, as_of=today))

    return assess()._replace(how="`assess`, all verdicts read", decide=decide, read=words)


def assess_and_explain() -> Side:
    """Return this package, all its verdicts and its findings read."""

    def decide(asked: csp.Subscription, today: date) -> tuple[Any, ...]:
        answer = csp.assess(asked, as_of=today)
        return verdicts(answer), answer.findings

    return assess()._replace(
        how="`assess`, all verdicts and all findings read",
        decide=decide,
        read=lambda answer: words(answer[0]),
        gives="verdicts and reasons",
    )


# ---- ZEN: a language of its own, in Rust ----


def zen_rules(after: Callable[[str, int], str]) -> dict[str, str]:
    """Return what ZEN is to say, in order; `@` stands before what was said further up."""
    return {
        "first_safe": after("last_day", ONE.days),
        "last_safe": after("last_day", GRACE.days),
        "last_disabled": after("last_day", DISABLED.days),
        "provision_on": "today > @first_safe ? today : @first_safe",
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


def in_numbers(day: str, days: int) -> str:
    """Return the day so many days later, where days are numbers."""
    return f"{day} + {days}"


def zen_expression(how: str = NUMBERS) -> Side:
    """Return ZEN's language alone."""
    import zen

    first = ""
    rules = zen_rules(in_numbers)
    if how == DATES:
        first = "first_day = d(first_day); last_day = d(last_day); today = d(today); "
        rules = zen_rules(lambda day, days: f'{day}.add("{days}d")')
    steps = "; ".join(f"{name} = {said.replace('@', '')}" for name, said in rules.items())
    rule = zen.compile_expression(f"{first}{steps}; [{', '.join(ANSWERS)}]")
    feed, read = (spelled, from_texts) if how == DATES else (numbered, from_numbers)
    return Side("zen-engine", "one compiled expression", how, feed, rule.evaluate, read)


def zen_dates() -> Side:
    """Return the same with its own dates."""
    return zen_expression(DATES)


def zen_decision() -> Side:
    """Return ZEN's decision model, by its key: `create_decision` takes some fifteen times as long for each answer."""
    import zen

    rows = [
        {"id": name, "key": name, "value": said.replace("@", "$.")}
        for name, said in zen_rules(in_numbers).items()
    ]
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
        "a loaded decision model with one expression node",
        NUMBERS,
        lambda case: ("ordinary", *numbered(case)),
        engine.evaluate,
        lambda said: from_numbers(said["result"].get(name) for name in ANSWERS),  # null is left out
    )


def zen_traced() -> Side:
    """Return the same with what ZEN can say of how it came to it: the value of each step."""
    side = zen_decision()

    def decide(key: str, facts: dict[str, Any]) -> Any:
        return side.decide(key, facts, {"trace": True})

    return side._replace(
        how="the same decision model, with its trace", decide=decide, gives="verdicts and a trace"
    )


# ---- JsonLogic: one rule for two engines; it has no names for what is said twice ----


def json_rule(day: Callable[[str], Any], after: Callable[[Any, int], Any]) -> list[Any]:
    """Return the verdicts as JsonLogic, by how a day is read, and how a later one is found."""
    last_day, today, assigned = day("last_day"), day("today"), {"var": "assigned"}
    first_safe, last_safe, last_disabled = (after(last_day, span.days) for span in (ONE, GRACE, DISABLED))
    provision_on = {"if": [{">": [today, first_safe]}, today, first_safe]}
    late, gone = {">": [provision_on, last_safe]}, {">": [provision_on, last_disabled]}
    short = {"and": [{"!=": [assigned, None]}, {"<": [{"var": "quantity"}, assigned]}]}
    states = (
        *({"<": [today, day("first_day")]}, None),
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


def json_numbers() -> list[Any]:
    """Return the rule where days are numbers."""
    return json_rule(lambda name: {"var": name}, lambda day, days: {"+": [day, days]})


def json_times() -> list[Any]:
    """Return the rule where days are times, as datalogic has them."""
    return json_rule(
        lambda name: {"datetime": [{"var": name}]}, lambda day, days: {"+": [day, {"timestamp": f"{days}d"}]}
    )


def datalogic() -> Side:
    """Return datalogic, JsonLogic in Rust."""
    from datalogic_py import Engine

    engine = Engine()
    rule, session = engine.compile_checked(json_numbers()), engine.session()
    return Side(
        "datalogic-py",
        "a compiled rule in a session",
        NUMBERS,
        lambda case: (rule, *numbered(case)),
        session.evaluate,
        from_numbers,
    )


def datalogic_dates() -> Side:
    """Return the same with its own times."""
    from datalogic_py import Engine

    engine = Engine()
    rule, session = engine.compile_checked(json_times()), engine.session()
    return Side(
        "datalogic-py",
        "a compiled rule in a session",
        DATES,
        lambda case: (rule, *spelled(case)),
        session.evaluate,
        from_texts,
    )


def datalogic_traced() -> Side:
    """Return what it can say of how it came to it: each step, as JSON text; it compiles the rule each time."""
    import json

    from datalogic_py import Engine

    engine, rule = Engine(), json.dumps(json_numbers())
    return Side(
        "datalogic-py",
        "a rule with its trace, for which it is not compiled before",
        NUMBERS,
        lambda case: (rule, json.dumps(*numbered(case))),
        engine.evaluate_with_trace,
        lambda said: from_numbers(json.loads(said)["result"]),
        "verdicts and a trace",
    )


def json_logic() -> Side:
    """Return json-logic-qubit, JsonLogic in Python, which compiles nothing."""
    from json_logic import jsonLogic

    rule = json_numbers()
    return Side(
        "json-logic-qubit",
        "a rule, which it cannot compile",
        NUMBERS,
        lambda case: (rule, *numbered(case)),
        jsonLogic,
        from_numbers,
    )


# ---- Languages with `? :` that are asked for all verdicts at once: what is said twice is written twice ----


def conditional(after: Callable[[str, int], str], both: str, either: str) -> list[str]:
    """Return each verdict, in a language that calls `and` and `or` so."""
    first_safe, last_safe, last_disabled = (after("last_day", span.days) for span in (ONE, GRACE, DISABLED))
    provision_on = f"(today > {first_safe} ? today : {first_safe})"
    late, gone = f"{provision_on} > {last_safe}", f"{provision_on} > {last_disabled}"
    short = f"(assigned != null {both} quantity < assigned)"
    return [
        f'today < first_day ? null : (today <= last_day ? "active" : (today <= {last_safe} ? "expired" : '
        f'(today <= {last_disabled} ? "disabled" : "deleted")))',
        *(first_safe, last_safe, "auto_renew ? last_day : null", provision_on),
        f'({late} {either} {short}) ? "certain" : "none"',
        f'{gone} ? "certain" : (({late} {either} {short}) ? "possible" : "none")',
        f"{gone} {either} {short}",
        *('"no_refund"', "null", "last_day", "0"),
    ]


def listed(verdicts: Iterable[str]) -> str:
    """Return one expression for all verdicts: faster than one for each."""
    return f"[{', '.join(f'({verdict})' for verdict in verdicts)}]"


def cel(how: str = NUMBERS) -> Side:
    """Return the Common Expression Language, in Rust, with the facts in a context made before."""
    from cel import Context, compile  # noqa: A004 - as it calls it

    def after(day: str, days: int) -> str:
        return f'({day} + duration("{days * 24}h"))' if how == DATES else f"({day} + {days})"

    program = compile(listed(conditional(after, "&&", "||")))
    return Side(
        "common-expression-language",
        "a compiled program of CEL",
        how,
        lambda case: (Context(timed(case) if how == DATES else numbered(case)[0]),),
        program.execute,
        (lambda answers: dated(answers, datetime.date)) if how == DATES else from_numbers,
    )


def cel_dates() -> Side:
    """Return the same with its own timestamps and durations."""
    return cel(DATES)


def rule_engine() -> Side:
    """Return rule-engine, a typed language in Python, with times and spans."""
    from rule_engine import Context, DataType, Rule, type_resolver_from_dict

    types = dict.fromkeys(("first_day", "last_day", "today"), DataType.DATETIME)
    types |= {"quantity": DataType.FLOAT, "auto_renew": DataType.BOOLEAN}
    types |= {"assigned": DataType.UNDEFINED}  # may be null
    context = Context(type_resolver=type_resolver_from_dict(types), default_timezone="utc")
    said = conditional(lambda day, days: f'({day} + t"P{days}D")', "and", "or")
    rule = Rule(listed(said), context=context)
    return Side(
        "rule-engine",
        "a compiled rule",
        DATES,
        lambda case: (timed(case),),
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

    return Side("OpenFisca-Core", "a simulation of one row", DATES, feed, decide, read)


SIDES = (
    *(by_hand, assess, assess_and_read, assess_and_explain),
    *(datalogic, datalogic_dates, datalogic_traced, cel, cel_dates),
    *(zen_expression, zen_dates, zen_decision, zen_traced),
    *(rule_engine, json_logic, openfisca),
)
"""What makes each side; `ImportError` where its package is not installed."""
