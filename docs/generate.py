"""Write the reference pages that come from the package's own tables; a test fails while one is out of date.

    python docs/generate.py

The pages are committed, so that a change of a rule, a message, a number or a table shows as what readers will see.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import Enum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import csp_transfer.rules
from csp_transfer import (
    GUIDE,
    IN_FORCE,
    Assessment,
    Partner,
    Subscription,
    Tenant,
    Transfer,
    compare_routes,
    partner_center,
    plan_transfer,
)
from csp_transfer.catalogue import Fact, Rule, Verdict, label, labels, rules
from csp_transfer.decision import DecisionTable
from csp_transfer.facts import FACT_TABLE, FLAG_WORDS, FactRow
from csp_transfer.findings import Saying
from csp_transfer.frames.columns import ARGUMENTS, INPUTS, OF_THE_CUSTOMER, OUTPUTS, SHOWN, Input, Kind
from csp_transfer.package_data import read_bytes
from csp_transfer.policy import HISTORIES, History, Policy
from csp_transfer.rulebook import TABLES, entry
from csp_transfer.rules.state_table import ACCESS, COURSES, Lasts, State
from csp_transfer.sources import Standing

HERE: Final = Path(__file__).parent
REFERENCE: Final = HERE / "reference"
TESTS: Final = HERE.parent / "tests" / "test_rules.py"
MADE: Final = (
    "<!-- Written by docs/generate.py from the package's tables: change those, and write it again. -->\n\n"
)

STANDINGS: Final = {
    Standing.STATED: "stated by the guide",
    Standing.CONFIRMED: "confirmed: another page of Microsoft's says so",
    Standing.SECONDARY: "secondary: only vendors or distributors say so",
    Standing.DISPUTED: "disputed: sources disagree; we follow the reading that warns more",
}
YES_NO: Final = {True: "yes", False: "no", None: "not known, or none"}


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; its cells are Markdown already."""
    lines = [tuple(headers), *map(tuple, rows)]
    ruler = ("---",) * len(lines[0])
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], ruler, *lines[1:]))


def named(value: object) -> str:
    """Return a value as the pages call it."""
    if isinstance(value, (bool, type(None))):
        return YES_NO[value]
    return str(value).replace("_", " ") if isinstance(value, Enum) else str(value)


def linked(rule_id: str, folder: str = "rules/") -> str:
    """Return a link to a rule's page."""
    return f"[{rule_id}]({folder}{rule_id}.md)"


# ---- a rule's page -------------------------------------------------------------------------------------------------


def worked_cases() -> dict[str, list[tuple[str, str]]]:
    """Return, for each rule, the cases that its tests make fire and stay silent, with the test's own source."""
    source = TESTS.read_text(encoding="utf-8")
    fires = next(
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "FIRES"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    assert isinstance(fires, ast.List)  # noqa: S101 - the file is ours
    for row in fires.elts:
        rule_id, case = (part.value for part in ast.iter_child_nodes(row) if isinstance(part, ast.Constant))
        lines = source.splitlines()[row.lineno - 1 : row.end_lineno]
        found.setdefault(str(rule_id), []).append((str(case), textwrap.dedent("\n".join(lines))))
    return found


@cache
def sayers(rule_id: str) -> tuple[Callable[..., Any], ...]:
    """Return the public functions of the rules that make findings of a rule, as their source says."""
    found: list[Callable[..., Any]] = []
    for info in pkgutil.iter_modules(csp_transfer.rules.__path__, "csp_transfer.rules."):
        module = importlib.import_module(info.name)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value) and f'finding("{rule_id}"' in re.sub(
                r"\(\s+", "(", inspect.getsource(value)
            ):
                found.append(value)
    return tuple(found)


def code_of(function: Callable[..., object], rule_id: str) -> str:
    """Return what shows a function's text; it is indexed on one page only: of the first rule that it applies."""
    applied = (row.id for row in rules().values() if entry(row.id).applied_by is function)
    said = (row.id for row in rules().values() if function in sayers(row.id))
    index = "" if next(chain(applied, said)) == rule_id else "   :no-index:\n"
    return f"```{{eval-rst}}\n.. autofunction:: {function.__module__}.{function.__name__}\n{index}```\n\n"


def rule_page(row: Rule, cases: list[tuple[str, str]]) -> str:
    """Return all that there is to know about a rule."""
    applied = entry(row.id).applied_by
    source = row.source
    facts = [fact for fact in Fact if fact in row.reads]
    verdicts = [verdict for verdict in Verdict if verdict in row.verdicts]
    page = [
        f"({row.id})=\n# {row.id}: {row.titles['en']}\n\n{MADE}{row.titles['ja']}\n",
        f"**Speaks:** {row.when['en']}\n\n{row.when['ja']}\n",
        table(
            ("", ""),
            (
                ("passage", f"[`{source.passage}`]({source.link})"),
                ("page", f"{source.title}, edition {source.edition}, read on {source.read_on}"),
                *(("see also", f"[{page.title}]({page.link})") for page in row.further),
                ("standing", STANDINGS[source.standing]),
                ("topic", row.topic),
                ("since", row.since),
                *([("policy", "only one of what is in force")] if row.in_force else []),
                ("bears on", "; ".join(label(verdict, "en") for verdict in verdicts)),
                ("reads", ", ".join(label(fact, "en") for fact in facts)),
                ("code", f"[`rules.{row.function}`](#csp_transfer.rules.{row.function}), below"),
                ("tests", f"[{len(cases)} {'case' if len(cases) == 1 else 'cases'}](#tests), below"),
            ),
        ),
        "## Messages\n",
        *(
            f"### `{case}`: {message.severity}\n\n{message.templates['en']}\n\n{message.templates['ja']}\n"
            for case, message in row.messages.items()
        ),
        "## Code\n",
        "".join(code_of(function, row.id) for function in dict.fromkeys((applied, *sayers(row.id)))),
        "## Tests\n",
        "Of each case: its name, a plan in which it fires, and one in which it stays silent.\n",
        "```python\n" + "\n".join(code for _, code in cases) + "\n```\n",
        f'```sh\n.venv/bin/python -m pytest tests/test_rules.py -k "{row.id}"\n```\n',
    ]
    return "\n".join(page)


def rules_page() -> str:
    """Return the list of all rules."""
    topics = dict.fromkeys(row.topic for row in rules().values())
    page = [
        f"# Rules\n\n{MADE}One row a rule. Its page has the source, every message, the code and the tests.\n",
        "```{toctree}\n:hidden:\n:glob:\n\nrules/*\n```\n",
    ]
    for topic in topics:
        page.append(f"## {topic.capitalize()}\n")
        page.append(
            table(
                ("rule", "title", "表題", "passage", "standing"),
                (
                    (
                        linked(row.id),
                        row.titles["en"],
                        row.titles["ja"],
                        f"[`{row.source.passage}`]({row.source.link})",
                        str(row.source.standing),
                    )
                    for row in rules().values()
                    if row.topic == topic
                ),
            )
        )
    page.append("## How well a rule stands\n")
    page.append(table(("standing", "meaning"), ((str(s), meaning) for s, meaning in STANDINGS.items())))
    return "\n".join(page)


# ---- numbers -------------------------------------------------------------------------------------------------------


def policy_page(policy: Policy = GUIDE) -> str:
    """Return the history of every number, and what `GUIDE` reads from it; a policy may know of further records."""
    numbers = GUIDE.to_dict()

    def rows(history: History) -> Iterator[tuple[str, ...]]:
        source = entry(history.stated_by).rule.source
        yield (
            "stated",
            str(history.stated),
            linked(history.stated_by),
            f"[{source.title}]({source.link}), edition {source.edition}",
            str(source.standing),
            str(source.read_on),
        )
        for record in history.records:
            yield (
                str(record.from_day),
                str(record.value),
                linked(record.rule),
                f"[{record.page.title}]({record.page.link}), edition {record.page.edition}",
                str(record.standing),
                str(record.page.read_on),
            )

    page = [
        f"# Policy history\n\n{MADE}Every number that a rule uses, once, with all that it has been. The policy",
        "[`GUIDE`](#csp_transfer.policy.GUIDE) reads what is stated by the guide, or by the page that it points at,",
        "for any date. Where the record in force on the dates at hand has another value, the answer carries a",
        "[caution](../how-to/cautions.md). [`IN_FORCE`](#csp_transfer.policy.IN_FORCE) reads the record",
        "in force on the date of the event; before the first one it raises.\n",
    ]
    for history in map(policy.history, HISTORIES):
        reads = numbers.get(history.name)
        page.append(f"## `{history.name}`\n\n{history.unit[0].upper()}{history.unit[1:]}.\n")
        page.append(
            f"`GUIDE.{history.name}` is {reads}.\n"
            if reads is not None
            else "No policy changes this number.\n"
        )
        headers = ("from", "value", "rule", "page", "standing", "read on")
        page.append(table(headers, rows(history)))
    return "\n".join(page)


# ---- decision tables -----------------------------------------------------------------------------------------------


def accepted(decisions: DecisionTable[Any], fact: str, values: frozenset[Any] | None) -> str:
    """Return which values of a fact a case takes."""
    if values is None:
        return "any"
    return " or ".join(named(value) for value in decisions.facts[fact] if value in values)


def lasting(lasts: tuple[Lasts, ...]) -> str:
    """Return how long a state lasts."""
    days = GUIDE.to_dict()
    parts = {Lasts.TERM: "the term", Lasts.UNTIL_CANCELED: "until it is cancelled"}
    said = " + ".join(parts.get(part) or f"{days[part.value]} days" for part in lasts)
    return said or "for good"


def consequences(then: Any) -> list[tuple[str, str]]:
    """Return what follows from a case, by name."""
    if then and isinstance(then, tuple) and isinstance(then[0], tuple):  # a course of states
        states = (f"{label(state, 'en')} ({lasting(lasts)})" for state, lasts in then)
        return [("states", " → ".join(states))]
    if hasattr(then, "_asdict"):
        return [(name.replace("_", " "), shown(value)) for name, value in then._asdict().items()]
    if isinstance(then, tuple) and len(then) == 2:  # what follows, and the case of the rule that says so
        return [("then", shown(then[0])), ("says", f"`{then[1]}`" if then[1] else "nothing")]
    return [("then", shown(then) if then != () else "nothing")]


def shown(value: Any) -> str:
    """Return a consequence, one or several."""
    if isinstance(value, Saying):
        return " ".join(value)
    if isinstance(value, tuple):
        return ", ".join(shown(part) for part in value if part is not None) or "nothing"
    return "none" if value is None else named(value)


def decision(decisions: DecisionTable[Any]) -> str:
    """Return a decision table as a page shows it."""
    combinations = sum(1 for _ in decisions.combinations())
    headers = ("case", *(fact.replace("_", " ") for fact in decisions.facts))
    follows = [name for name, _ in max((consequences(row.then) for row in decisions.cases), key=len)]
    rows = [
        (
            row.name,
            *(accepted(decisions, fact, row.when.get(fact)) for fact in decisions.facts),
            *(f"**{value}**" for _, value in consequences(row.then)),
            linked(row.rule),
        )
        for row in decisions.cases
    ]
    return (
        f"## {decisions.name[0].upper()}{decisions.name[1:]}\n\n{decisions.about}\n\n"
        f"{combinations} combinations of facts; exactly one case holds for each.\n\n"
        + table((*headers, *follows, "rule"), rows)
    )


def courses() -> str:
    """Return the states as diagrams, which docs/diagrams.py draws from the same table."""
    page = ["## States, drawn\n", "The numbers of days are those of `GUIDE`.\n"]
    for number, row in enumerate(COURSES.cases):
        if row.then:
            path = ", then ".join(f"{label(state, 'en')} {lasting(lasts)}" for state, lasts in row.then)
            page.append(f"{row.name[0].upper()}{row.name[1:]} ({linked(row.rule)}):\n")
            page.append(f"```{{image}} states-{number}.svg\n:alt: {path}\n```\n")
    page.append("Who has what in each state:\n")
    page.append(
        table(
            ("state", "users have access", "admins have access", "the partner is billed"),
            ((label(state, "en"), *map(named, ACCESS[state])) for state in State),
        )
    )
    page.append(
        "\nAfter a cancellation, admins still have access in the days of Deleted that end (LIF-004).\n"
    )
    return "\n".join(page)


def decisions_page() -> str:
    """Return every decision table."""
    return "\n".join(
        [
            f"# Decision tables\n\n{MADE}Verdicts that exclude each other are tables, and the code decides by these",
            "very tables. For any facts exactly one case holds; a gap or an overlap is an error, and a test looks at",
            "all combinations. A day takes part as where it lies: before, within, after.\n",
            courses(),
            *map(decision, TABLES),
        ]
    )


# ---- the two policies ----------------------------------------------------------------------------------------------

DAYS: Final = (date(2026, 2, 15), date(2026, 11, 22))


def answers(a: Assessment) -> dict[str, str]:
    """Return what is said of one subscription, by name."""
    window, risk = a.grace_window, a.risk
    return {
        "grace window": f"{window.first_day} to {window.last_day}" if window else "none",
        "provision on": str(a.provision_on or "not known"),
        "days paid twice": str(risk.paid_twice_days if risk else 0),
        "disruption": label(risk.disruption, "en") if risk else "none",
        "data loss": label(risk.data_loss, "en") if risk else "none",
    }


def best_way(move: Transfer, subscription: Subscription, day: date) -> str:
    """Return the best way that is open to one subscription, and the rule of it."""
    best = compare_routes(move.evolve(subscriptions=(subscription,)), as_of=day)[0]
    rules_of_it = sorted({f.rule for f in best.findings if f.rule[:3] in ("PCT", "CXL", "EST")})
    cited = f" ({', '.join(map(linked, rules_of_it))})" if rules_of_it else ""
    return f"{label(best.way, 'en')}{cited}" if best.available and best.way else "none is open"


def compared(day: date) -> str:
    """Return what changes for the sample's subscriptions from one policy to the other, and by which rules."""
    transfer = Transfer(
        customer=Tenant(id="contoso", country="JP"),
        destination=Partner(id="fabrikam", country="JP"),
        subscriptions=partner_center.read(read_bytes("contoso-subscriptions.json")),
    )
    guide, now = (plan_transfer(transfer, as_of=day, policy=policy) for policy in (GUIDE, IN_FORCE))
    rows: list[tuple[str, ...]] = []
    for before, after in zip(guide.assessments, now.assessments, strict=True):
        name, old, new = before.subscription.name, answers(before), answers(after)
        changed = [what for what in old if old[what] != new[what]]
        why = sorted({f.rule for f in after.findings if f.rule.startswith("EST")} | {"EST-001"})
        way = best_way(transfer, before.subscription, day) if after.moved else "not moved"
        shown = ("; ".join(f"{what}: {says[what]}" for what in changed) for says in (old, new))
        rows.append(
            (
                name,
                *(shown if changed else ("", "nothing changes")),
                ", ".join(map(linked, why)) if changed else "",
                way,
            )
        )
    headers = ("subscription", "GUIDE", "IN_FORCE", "by which rules", "best way now")
    return f"## As of {day}\n\n{table(headers, rows)}"


def policies_page() -> str:
    """Return the same payload under both policies."""
    return "\n".join(
        [
            f"# The two policies, compared\n\n{MADE}The sample customer, the same payload, on two days: what changes",
            "from [`GUIDE`](#csp_transfer.policy.GUIDE) to [`IN_FORCE`](#csp_transfer.policy.IN_FORCE),",
            "and by which rules.\n",
            *map(compared, DAYS),
        ]
    )


def read_as(spec: Input) -> str:
    """Return what a column that is missing, or a value that is null, is taken for."""
    if spec.required:
        return "**required**"
    read = "not known" if spec.default is None else f"`{spec.default}`"
    return read if spec.null is None else f"{read}; null: `{spec.null}`"


def listed(words: tuple[str, ...]) -> str:
    """Return words that a column may hold."""
    return ", ".join(f"`{word}`" for word in words if word)


def untold(row: FactRow) -> str:
    """Return what a fact is while nobody has told."""
    if row.required:
        return "**required**"
    if row.default in ("", ()):
        return "empty"
    return ("none" if row.or_none else "not known") if row.default is None else f"`{row.default}`"


def facts_page() -> str:
    """Return every fact of a subscription and of what replaces it: where it is, what it may be, where it comes from."""

    def held_by(holder: str) -> Iterator[tuple[FactRow, tuple[str, ...]]]:
        for row in FACT_TABLE:
            if row.held.startswith(f"{holder}."):
                held = row.held.removeprefix(f"{holder}.")
                yield row, (f"`{held}`", row.about, listed(row.words) or str(row.kind))

    def fields(row: FactRow) -> str:
        return ", ".join(f"`{field}`" for field in row.payload) or "no field"

    return "\n".join(
        [
            f"# Facts\n\n{MADE}All that a `Subscription` holds: itself, or in its `offer`, `term` and `price`. The",
            "fields are those of a Partner Center payload ([how each one is read](payloads.md)), the columns",
            "those of [frames](frames.md).\n",
            table(
                ("fact", "about", "may be", "while nobody has told", "fields of a payload", "column"),
                ((*told, untold(row), fields(row), f"`{row.name}`") for row, told in held_by("subscription")),
            ),
            "\n## What replaces it\n\nThe same of a `Replacement`. No payload has it.\n",
            table(
                ("fact", "about", "may be", "column"),
                ((*told, f"`{row.name}`") for row, told in held_by("replacement")),
            ),
        ]
    )


def frames_page() -> str:
    """Return every column that `frames.assess` reads and adds."""
    return "\n".join(
        [
            f"# The columns of frames\n\n{MADE}What [`frames.assess`](../how-to/frames.md) reads of each row,",
            "and what it adds.\n",
            "## Read\n",
            "A column of another name is told by `columns`; a column that is not there is taken as its nulls are.\n",
            table(
                ("column", "holds", "about", "missing, or null"),
                (
                    (f"`{spec.name}`", listed(spec.words) or str(spec.kind), spec.about, read_as(spec))
                    for spec in INPUTS
                ),
            ),
            "\n## Read into values only\n",
            "`frames.of` writes these too, and `frames.values_of` reads them. They decide nothing about a row.\n",
            table(
                ("column", "holds", "about"),
                ((f"`{spec.name}`", listed(spec.words) or str(spec.kind), spec.about) for spec in SHOWN),
            ),
            "\n## Recognised\n",
            "What `frames.recognise` knows a column by, beside its name above, whatever the case, blanks and marks,",
            "and what a text may say in it, beside the words above. A column of flags may say "
            f"{listed(tuple(FLAG_WORDS))}.\n",
            table(
                ("column", "headers", "other words"),
                (
                    (
                        f"`{spec.name}`",
                        ", ".join(spec.headers),
                        ", ".join(f"{spelling}: `{word}`" for spelling, word in spec.spelled),
                    )
                    for spec in (*INPUTS, *SHOWN, *OF_THE_CUSTOMER)
                    if spec.headers
                ),
            ),
            "\n## Whose the row is\n",
            "Read by `frames.portfolio_of` only.\n",
            table(("column", "about"), ((f"`{spec.name}`", spec.about) for spec in OF_THE_CUSTOMER)),
            "\n## Given for all rows, or as a column\n",
            table(("argument", "about"), ((f"`{spec.name}`", spec.about) for spec in ARGUMENTS)),
            "\n## Added\n",
            "After a prefix, `csp_` unless said otherwise. Days are UTC, first and last inclusive.\n",
            table(
                ("column", "holds", "about"),
                (
                    (
                        f"`{output.name}`",
                        listed(output.words) or ("text" if output.kind is Kind.WORD else str(output.kind)),
                        output.about,
                    )
                    for output in OUTPUTS
                ),
            ),
        ]
    )


def labels_page() -> str:
    """Return every word and phrase of reports, in both languages."""
    page = [f"# Words in both languages\n\n{MADE}What reports call things, and their headings and phrases.\n"]
    for vocabulary, words in labels().items():
        page.append(f"## {vocabulary}\n")
        page.append(
            table(
                ("word", "English", "Japanese"),
                ((f"`{word}`", texts["en"].strip(), texts["ja"].strip()) for word, texts in words.items()),
            )
        )
    return "\n".join(page)


def pages() -> dict[Path, str]:
    """Return every generated page by its place."""
    cases = worked_cases()
    return {
        REFERENCE / "rules.md": rules_page(),
        REFERENCE / "policy.md": policy_page(),
        REFERENCE / "policies.md": policies_page(),
        REFERENCE / "labels.md": labels_page(),
        REFERENCE / "decisions.md": decisions_page(),
        REFERENCE / "facts.md": facts_page(),
        REFERENCE / "frames.md": frames_page(),
        **{
            REFERENCE / "rules" / f"{rule_id}.md": rule_page(row, cases[rule_id])
            for rule_id, row in rules().items()
        },
    }


if __name__ == "__main__":
    for place, text in pages().items():
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
