"""Write the reference pages that come from the package's own tables; a test fails while one is out of date.

    python docs/generate.py

The pages are committed, so that a change of a rule, a message, a number or a table shows as what readers will see.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
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
from csp_transfer.catalogue import Fact, Rule, Severity, Verdict, label, labels, rules, ui
from csp_transfer.decision import DecisionTable
from csp_transfer.facts import FACT_TABLE, FLAG_WORDS, FactRow
from csp_transfer.findings import Referring, Saying
from csp_transfer.frames.columns import (
    ARGUMENTS,
    INPUTS,
    INSTEAD,
    OF_THE_CUSTOMER,
    OUTPUTS,
    SHOWN,
    Input,
    Kind,
)
from csp_transfer.policy import HISTORIES, History, Policy
from csp_transfer.rulebook import TABLES, entry
from csp_transfer.rules.lifecycle import ACCESS, COURSES, Lasts, State
from csp_transfer.schema import DIALECT, json_schema
from csp_transfer.sources import Page, Source, Standing, link_in, title_in
from csp_transfer.texts import read_bytes

HERE: Final = Path(__file__).parent
REFERENCE: Final = HERE / "reference"
TESTS: Final = HERE.parent / "tests" / "test_rules.py"
MADE: Final = (
    "<!-- Written by docs/generate.py from the package's tables: change those, and write it again. -->\n\n"
)

MADE_JA: Final = (
    "<!-- docs/generate.py が生成したページです。パッケージの表を修正し、再生成してください。 -->\n\n"
)

SEVERITIES_JA: Final = {
    Severity.INFO: "判断の根拠や参考情報です。対応は不要です。",
    Severity.ACTION: "対応または確認が必要です。多くは計画の手順になります。",
    Severity.CAUTION: "費用、サービスの中断、データ損失、または判断の不確かさに注意が必要です。",
    Severity.BLOCKER: "この条件では移行できません。",
}

BLANKS: Final = {
    "accepted_day": "同意日",
    "active": "件数",
    "assigned": "割り当て済みの数",
    "backup_day": "バックアップの最終日",
    "batches": "回数",
    "best_last_day": "契約期間の最終日",
    "chained_day": "順に数えた場合の最終日",
    "change_day": "変更日",
    "country": "テナントの国",
    "days": "日数",
    "days_left": "残り日数",
    "deleted_day": "削除済みになる日",
    "disabled_day": "無効になる日",
    "doubted_day": "サービスが示す終了日",
    "existing": "現在の総数",
    "expired_day": "期限切れになる日",
    "first_day": "最初の日",
    "hours": "時間",
    "items": "最大件数",
    "last_day": "最終日",
    "last_safe_day": "安全な最終日",
    "most": "上限",
    "new_offer": "新しいオファー",
    "new_quantity": "新しいライセンス数",
    "offer": "元のオファー",
    "old_last_day": "更新前の最終日",
    "parent": "基本サブスクリプション",
    "parent_day": "基本サブスクリプションの日",
    "partner": "移行先パートナー",
    "partner_country": "パートナーの国",
    "partner_region": "パートナーの地域",
    "percent": "割合",
    "percent_without_monthly": "月単位のプランがない場合の割合",
    "provision_day": "購入日",
    "purposes": "目的",
    "quantity": "数",
    "region": "地域",
    "renewal_day": "更新日",
    "requests": "要求の数",
    "role": "ロール",
    "room": "空き",
    "said_by": "根拠のルール",
    "scheduled": "予定されている処理",
    "stated": "ガイドの数値",
    "status": "状態",
    "tenant": "テナント",
    "unsure": "件数",
    "until": "日時",
    "until_day": "期限の日",
    "way": "移行方法",
}
"""What the Japanese page of rules puts where a message names a fact."""

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


def heading_ja(row: Rule) -> str:
    """Return the heading of a rule on the Japanese page."""
    return f"{row.id}: {row.titles['ja']}"


def anchor_ja(row: Rule) -> str:
    """Return where that heading is, as Markdown readers make it from its words."""
    return re.sub(r"[^\w-]", "", heading_ja(row).lower().replace(" ", "-"))


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
def functions_of_rules() -> tuple[tuple[Callable[..., Any], str], ...]:
    """Return the public functions of the rules, each with its source, in which no space follows a bracket."""
    found: list[tuple[Callable[..., Any], str]] = []
    for info in pkgutil.iter_modules(csp_transfer.rules.__path__, "csp_transfer.rules."):
        module = importlib.import_module(info.name)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value):
                found.append((value, re.sub(r"\(\s+", "(", inspect.getsource(value))))
    return tuple(found)


@cache
def sayers(rule_id: str) -> tuple[Callable[..., Any], ...]:
    """Return the public functions of the rules that make findings of a rule, as their source says."""
    return tuple(function for function, source in functions_of_rules() if f'finding("{rule_id}"' in source)


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
        f"({row.id})=\n# {row.id}: {row.titles['en']}\n\n{MADE}"
        f"[{row.titles['ja']}](../../ja/rules.md#{anchor_ja(row)})\n",
        f"**Speaks:** {row.when['en']}\n\n{row.when['ja']}\n",
        table(
            ("", ""),
            (
                ("passage", f"[`{source.passage}`]({source.link})"),
                ("page", f"{source.title}, edition {source.edition}, read on {source.read_on}"),
                *(("see also", f"[{page.title}]({page.link})") for page in row.further),
                ("standing", label(source.standing, "en")),
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
        f"# Rules\n\n{MADE}[日本語](../ja/rules.md)\n",
        "One row a rule. Its page has the source, every message, the code and the tests.\n",
        "```{toctree}\n:hidden:\n:glob:\n\nrules/*\n```\n",
    ]
    for topic in topics:
        page.append(f"## {labels()['Topic'][topic]['en']}\n")
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
    page.append(table(("standing", "meaning"), ((str(s), label(s, "en")) for s in Standing)))
    return "\n".join(page)


# ---- the rules, for a reader of Japanese ---------------------------------------------------------------------------


def cited_ja(page: Source | Page) -> str:
    """Return a page as the Japanese one cites it."""
    edition = ui("undated" if page.edition == "undated" else "edition", "ja", edition=page.edition)
    return f"[{title_in(page, 'ja')}]({link_in(page, 'ja')}) ({edition}、{page.read_on} 確認)"


def with_blanks(template: str) -> str:
    """Return a Japanese message with names of its facts in their places, set close as Japanese is."""
    said = template.format(**{name: f"〈{named}〉" for name, named in BLANKS.items()})
    return re.sub(r"(?<=[^ -~]) (?=〈)|(?<=〉) (?=[^ -~])", "", said)


def rule_ja(row: Rule) -> str:
    """Return what a reader of Japanese needs to know about a rule."""
    asked = "、".join(f"「{label(verdict, 'ja')}」" for verdict in Verdict if verdict in row.verdicts)
    facts = (
        f"出典: {cited_ja(row.source)}、`{row.source.passage}`",
        *(f"関連ページ: {cited_ja(page)}" for page in row.further),
        f"根拠: {label(row.source.standing, 'ja')}",
        *(["判断基準: 現行ルール (IN_FORCE) のみ"] if row.in_force else []),
        *([f"関わる判断: {asked}"] if asked else []),
        f"コードとテスト (英語): {linked(row.id, '../reference/rules/')}",
    )
    said = (
        (label(message.severity, "ja"), with_blanks(message.templates["ja"]))
        for message in row.messages.values()
    )
    return "\n".join(
        [
            f"### {heading_ja(row)}\n\n{row.when['ja']}\n",
            table(("重要度", "メッセージ"), said),
            "".join(f"- {fact}\n" for fact in facts),
        ]
    )


def rules_page_ja() -> str:
    """Return every rule on one page, in Japanese."""
    page = [
        f"# ルール\n\n{MADE_JA}[English](../reference/rules.md)\n",
        "このライブラリのすべてのルールです。ルールごとに、該当する場合、重要度別のメッセージ、出典を示します。"
        "〈 〉の部分には、サブスクリプションごとの日付や数が入ります。\n",
        table(
            ("重要度", "意味"), ((label(severity, "ja"), SEVERITIES_JA[severity]) for severity in Severity)
        ),
        "内容を確認したページは、ガイドは日本語版、そのほかは英語版です。リンク先は日本語版のページです。"
        "日本語版では、表現や版が異なる場合があります。公式の表題を確認できないページの表題は、独自の訳です。\n",
    ]
    for topic in dict.fromkeys(row.topic for row in rules().values()):
        page.append(f"## {labels()['Topic'][topic]['ja']}\n")
        page += [rule_ja(row) for row in rules().values() if row.topic == topic]
    page.append("## 根拠の種類\n")
    page.append(table(("種類", "意味"), ((str(s), label(s, "ja")) for s in Standing)))
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
    """Return what a fact is if it is not given."""
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
                ("fact", "about", "may be", "if not given", "fields of a payload", "column"),
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
            "\n## Read for another column\n",
            "Told by `columns`, or [recognised](#recognised): where a table has it instead of the other one.\n",
            table(
                ("column", "holds", "about"),
                ((f"`{spec.name}`", str(spec.kind), spec.about) for spec in INSTEAD.values()),
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
                    for spec in (*INPUTS, *INSTEAD.values(), *SHOWN, *OF_THE_CUSTOMER)
                    if spec.headers
                ),
            ),
            "\nThese may hold it or the day after it; `columns` says which:\n",
            table(
                ("column", "headers"),
                ((f"`{spec.name}`", ", ".join(spec.unclear)) for spec in INPUTS if spec.unclear),
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


# ---- schemas -------------------------------------------------------------------------------------------------------

WITH_TO_DICT: Final = tuple(
    value
    for name in csp_transfer.__all__
    if isinstance(value := getattr(csp_transfer, name), type) and hasattr(value, "to_dict")
)
DATA: Final = Path(csp_transfer.__file__).parent / "data"


@cache
def definitions(*, reading: bool) -> dict[str, Any]:
    """Return the schema of every class that writes or reads data, by name."""
    found: dict[str, Any] = {}
    for cls in WITH_TO_DICT:
        if not reading or hasattr(cls, "from_dict"):
            found |= json_schema(cls, reading=reading)["$defs"]
        if issubclass(cls, Referring):
            found |= json_schema(cls, reading=reading, by_reference=True)["$defs"]
    return dict(sorted(found.items()))


def schema_file(*, reading: bool) -> str:
    """Return the published schema, with every class under `$defs`."""
    about = "from_dict of csp-transfer reads" if reading else "to_dict of csp-transfer writes"
    schema = {"$schema": DIALECT, "title": f"What {about}", "$defs": definitions(reading=reading)}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def written_as(schema: dict[str, Any]) -> str:
    """Return what a page calls the type of some data."""
    if "anyOf" in schema:
        return " or ".join(written_as(one) for one in schema["anyOf"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return listed(tuple(schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {written_as(schema['items'])}"
    if schema.get("type") == "object" and "properties" not in schema:
        return f"object of {written_as(schema['additionalProperties'])}"
    return str(schema.get("format", schema.get("type", "anything")))


def schemas_page() -> str:
    """Return every class as it is written and read."""
    written, read = definitions(reading=False), definitions(reading=True)
    page = [
        f"# Data and its JSON Schema\n\n{MADE}What `to_dict` writes and `from_dict` reads, as",
        "[`json_schema`](#csp_transfer.json_schema) gives it for one class. All classes together are in two files,",
        "which are in the wheel as well, as `csp_transfer/data/*.schema.json`:",
        "{download}`written.schema.json <../../src/csp_transfer/data/written.schema.json>` and",
        "{download}`read.schema.json <../../src/csp_transfer/data/read.schema.json>`. They are JSON Schema 2020-12.\n",
        "A field for which nothing is said has to be given. A field that is *computed* is written, and not looked",
        "at when it is read. How to use all this is told in [the page on a portal](../how-to/portal.md).\n",
    ]
    for name, schema in written.items():
        page.append(f"## {name}\n\n{schema['description']}\n")
        if "enum" in schema:
            page.append(f"One of {listed(tuple(schema['enum']))}.\n")
            continue
        asked = read.get(name, schema)["properties"]
        rows = (
            (f"`{field}`", written_as(shape), left_out(asked[field]))
            for field, shape in schema["properties"].items()
        )
        page.append(table(("field", "written as", "read as, where left out"), rows))
    return "\n".join(page)


def left_out(schema: dict[str, Any]) -> str:
    """Return what a field is read as where it is left out."""
    if schema.get("readOnly"):
        return "computed"
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""


def typed(schema: dict[str, Any]) -> str:
    """Return the annotation of some data."""
    if "anyOf" in schema:
        return " | ".join(typed(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return type_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(map(json.dumps, values))}]"
    if schema.get("type") == "array":
        return f"list[{typed(schema['items'])}]"
    if schema.get("type") == "object":
        return f"dict[str, {typed(schema['additionalProperties'])}]"
    named = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
    return named[schema["type"]] if "type" in schema else "Any"


def word_alias(name: str, words: list[str]) -> str:
    """Return the type of a word, on one line where that is short enough."""
    line = f"{name} = Literal[{', '.join(map(json.dumps, words))}]\n"
    if len(line) <= 110:
        return line
    return f"{name} = Literal[\n" + "".join(f'    "{word}",\n' for word in words) + "]\n"


def type_name(name: str) -> str:
    """Return what a class is called as data."""
    return f"{name}{'Word' if 'enum' in definitions(reading=False)[name] else 'Dict'}"


def dict_class(name: str, properties: dict[str, Any], total: str = "") -> str:
    """Return a typed dictionary; what it has that is an object without a name comes before it."""
    before, lines = "", [f"class {name}(TypedDict{total}):"]
    for field, schema in properties.items():
        if "properties" in schema:  # the facts of a finding
            annotation = "FindingFactsDict"
            if name == "FindingDict":
                before = dict_class(annotation, schema["properties"], ", total=False")
        else:
            annotation = typed(schema)
        lines.append(f"    {field}: {annotation}")
    return before + "\n".join(lines) + "\n\n\n"


def of_this_form(name: str, *, by_reference: bool) -> bool:
    """Tell which of the two modules of typed dictionaries has one."""
    return name.endswith(("ByReference", "Referring", "Referred")) is by_reference


def dicts_module(*, by_reference: bool) -> str:
    """Return the module of typed dictionaries of one form, and of the function that gives them."""
    written = definitions(reading=False)
    classes = [cls for cls in WITH_TO_DICT if not by_reference or issubclass(cls, Referring)]
    homes: dict[str, list[str]] = {}
    for cls in classes:
        homes.setdefault(cls.__module__.removeprefix("csp_transfer"), []).append(cls.__name__)
    own = [name for name in written if of_this_form(name, by_reference=by_reference)]
    names = [*map(type_name, own), *([] if by_reference else ["FindingFactsDict"])]
    words = "".join(
        word_alias(type_name(name), written[name]["enum"]) for name in own if "enum" in written[name]
    )
    dicts = "".join(
        dict_class(type_name(name), written[name]["properties"])
        for name in own
        if "enum" not in written[name]
    )
    others = [type_name(name) for name in written if name not in own] + ["FindingFactsDict"]
    used = sorted(name for name in others if re.search(rf"\b{name}\b", dicts)) if by_reference else []
    if used:
        homes[".dicts"] = used
    form = "ByReference" if by_reference else ""
    overloads = "".join(
        f"@overload\ndef of(value: {cls.__name__}) -> {cls.__name__}{form}Dict: ...\n" for cls in classes
    )
    asked = "to_dict(by_reference=True)" if by_reference else "to_dict()"
    about, example = (
        (
            "what `to_dict(by_reference=True)` writes",
            ">>> csp.dicts_by_reference.ReferredDict.__annotations__.keys()\n"
            "dict_keys(['sources', 'findings'])\n",
        )
        if by_reference
        else (
            "what `to_dict` writes",
            ">>> from datetime import date\n"
            ">>> term: csp.dicts.TermDict = csp.dicts.of(csp.Term.starting(date(2025, 4, 1), 'P1Y'))\n"
            ">>> term[\"last_day\"]\n'2026-03-31'\n",
        )
    )
    return (
        f'"""Typed dictionaries: {about}, for type checkers. Written by docs/generate.py.\n\n'
        f">>> import csp_transfer as csp\n{example}"
        '"""\n\nfrom __future__ import annotations\n\n'
        f"from typing import Any, {'Literal, ' if 'Literal[' in words + dicts else ''}TypedDict, overload\n\n"
        + "".join(import_line(home, sorted(found)) for home, found in sorted(homes.items()))
        + "\n__all__ = [\n"
        + "".join(f'    "{name}",\n' for name in [*sorted(names, key=lambda n: (n.upper(), n)), "of"])
        + (f"]\n\n{words}\n\n" if words else "]\n\n\n")
        + f"{dicts}{overloads}"
        "def of(value: Any) -> Any:\n"
        f'    """Return what `{asked}` of a value writes, with its type."""\n'
        f"    return value.{asked}\n"
    )


def import_line(home: str, names: list[str]) -> str:
    """Return an import, on one line where that is short enough."""
    line = f"from {home} import {', '.join(names)}\n"
    if len(line) <= 110:
        return line
    return f"from {home} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"


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
        HERE / "ja" / "rules.md": rules_page_ja(),
        REFERENCE / "policy.md": policy_page(),
        REFERENCE / "policies.md": policies_page(),
        REFERENCE / "labels.md": labels_page(),
        REFERENCE / "decisions.md": decisions_page(),
        REFERENCE / "facts.md": facts_page(),
        REFERENCE / "frames.md": frames_page(),
        REFERENCE / "schemas.md": schemas_page(),
        DATA / "written.schema.json": schema_file(reading=False),
        DATA / "read.schema.json": schema_file(reading=True),
        DATA.parent / "dicts.py": dicts_module(by_reference=False),
        DATA.parent / "dicts_by_reference.py": dicts_module(by_reference=True),
        **{
            REFERENCE / "rules" / f"{rule_id}.md": rule_page(row, cases[rule_id])
            for rule_id, row in rules().items()
        },
    }


if __name__ == "__main__":
    for place, text in pages().items():
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
