"""Text from outside stays text: one list of hostile names, against every door."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from unicodedata import category

import pytest
from drawn import texts as texts_of
from facts import D, day, replacement, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import plots
from csp_transfer.__main__ import main
from csp_transfer.export import to_ics
from csp_transfer.texts import flat, in_html, in_json, in_markdown

pytestmark = pytest.mark.untraced

HOSTILE = (
    "a\u202eb",  # from right to left
    "a\u2066b\u2069",
    "a\u200bb\ufeff",  # without width
    "a\x1b[2Jb\x07\x9b31m",  # codes of a terminal
    "a\r\nb\u2028c\u2029d\x85e\x00",
    "a\ud800b",  # half of a character
    "a\U000e0041b",  # a tag, which nobody sees
    "see http://evil.example/?q=1",
    "ftp://evil.example",
    "www.evil.example",
    "WWW.1evil.example",
    "mail@evil.example",
    "cc @everyone",
    "fixes #12, GH-34 and owner/repo#56",
    "costs $x^2$ or $$y$$",
    r"\(x\) \[y\] \begin{z}\end{z}",
    "<script>alert(1)</script><!--",
    "[a](javascript:alert(1)) ![b](http://evil.example/b.png)",
    "a|b`c`*d*_e_~f~",
    "# a",
    "- a",
    "+ a",
    "1. a",
    "2) a",
    "---",
    "> a",
    "    a",
    ":tada: :+1:",
    "&lt;b&gt; &amp;",
    "{x} {0} %s",
    "=HYPERLINK('http://evil.example')",
    "{{x}} {% x %}",
    "https://learn.microsoft.com/x@evil.example/$x$",
    "https://learn.microsoft.com.evil.example/x",
)
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def unseen(text: str) -> list[str]:
    return [char for char in set(text) if category(char) in UNSEEN and char != "\n"]


def moves(name: str) -> csp.Transfer:
    """A move in which everything that has a name has that one, with something to say of each."""
    offer = csp.Offer(id=f"{name} offer", name=name)
    base = subscription(id=f"{name} id", name=name, offer=offer, auto_renew=True, quantity=25)
    add_on = subscription(id=f"{name} 2", offer=offer, parent=f"{name} parent", assigned=30)
    return transfer(
        base,
        add_on,
        customer=csp.Tenant(id=f"{name} customer", country="JP"),
        destination=csp.Partner(id=name, country="JP"),
        source=csp.Partner(id=f"{name} source", country="KR"),
        replacements={
            base.id: replacement(offer=csp.Offer(id=f"{name} new", name=f"{name} new"), quantity=3)
        },
    )


@pytest.fixture(params=HOSTILE, ids=ascii)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.untraced
def test_messages_and_reprs(name: str) -> None:
    for policy in (csp.GUIDE, csp.IN_FORCE):
        plan = csp.plan_transfer(moves(name), as_of=day(-30), policy=policy)
        named = [f for f in plan.findings if flat(name) in f.message]
        assert {f.rule for f in named} >= {"REL-001", "RSK-003"}
        for f in plan.findings:
            assert unseen(f.message + f.message_ja + str(f) + repr(f)) == []
            assert "\n" not in f.message + str(f)
        portfolio = csp.plan_portfolio([moves(name)], as_of=day(-30), policy=policy)
        explained = csp.explain(plan)
        for value in (
            plan,
            portfolio,
            explained,
            *plan.assessments,
            *csp.compare_routes(moves(name), as_of=D),
        ):
            assert unseen(str(value) + repr(value)) == []


def test_errors(name: str) -> None:
    wrong: tuple[Callable[[], object], ...] = (
        lambda: csp.plan_transfer(moves(name), as_of=D).assessment_of(name),
        lambda: transfer(replacements={name: replacement()}),
        lambda: transfer(replacements={"83ef9d05": name}),
        lambda: csp.Tenant(id="a", country=name),
        lambda: csp.Tenant.from_dict({"id": "a", "country": "JP", name: 1}),
        lambda: csp.region_of(name),
    )
    for refused in wrong:
        with pytest.raises(csp.CspTransferError) as caught:
            refused()
        assert unseen(str(caught.value)) == []
        assert "\n" not in str(caught.value)


def test_every_part_of_an_error_is_on_one_line(name: str) -> None:
    error = csp.InvalidValue(name, object, name)
    problem = csp.Problem(name, name, None, name)
    for text in (str(error), str(problem)):
        assert unseen(text) == []
        assert "\n" not in text


class Loud:
    """A value from elsewhere whose repr is not fit to be shown."""

    def __repr__(self) -> str:
        return "\x1b[2J\n"


def test_how_a_value_shows_itself_is_not_trusted() -> None:
    with pytest.raises(csp.InvalidType) as caught:
        csp.Tenant(id=Loud(), country="JP")  # type: ignore[arg-type]
    assert unseen(str(caught.value)) == []
    assert "\n" not in str(caught.value)


def unescaped(markdown: str) -> str:
    """What Markdown says, where each mark is escaped or in an element of its own."""
    said = re.sub(r"</?span>", "", markdown)
    return re.sub(r"<(https://learn\.microsoft\.com/[^>]*)>|\\(.)", lambda m: m[1] or m[2], said)


def test_markdown(name: str) -> None:
    plan = csp.plan_transfer(moves(name), as_of=day(-30))
    explanation = csp.explain(csp.assess(moves(name).subscriptions[0], as_of=D))
    for lang in ("en", "ja"):
        for value in (plan, explanation):
            written = value.to_markdown(lang)
            assert unseen(written) == []
            lines = written.split("\n")
            rows = [re.sub(r"\\.", "", line) for line in lines if line.startswith("| ")]
            assert {row.count("|") for row in rows} <= {4, 5, 9, 10, 11}
            told = re.sub(r"<https://learn\.microsoft\.com/[\w./?=#-]+>", "", written)
            # No mark of a link, a mention, a formula or an element stands as it was.
            assert not re.search(
                r"(?i):/|//|www\.|@(?!</)|\$(?!</)|(?<![\\])[*_`\[\]~]", told.replace("\\_", "")
            )
            assert not re.search(r"(?i)#\d|gh-\d|:[a-z+]\w*:", told)
            assert set(re.findall(r"(?<!\\)<[^>]*>", told)) <= {"<span>", "</span>"}
    assert unescaped(in_markdown(name)) == flat(name).strip()


def test_what_begins_a_line_begins_no_list(name: str) -> None:
    written = in_markdown(name, begins=True)
    assert not re.match(r"[-+*>#]|\d+[.)]|\s", written)
    assert unescaped(written) == flat(name).strip()


def test_html(name: str) -> None:
    for value in (
        csp.plan_transfer(moves(name), as_of=day(-30)),
        csp.assess(moves(name).subscriptions[0], as_of=D),
    ):
        written = value.to_html("ja")
        assert unseen(written) == []
        body = written.partition("</style>")[2]
        assert '="csp-transfer tex2jax_ignore mathjax_ignore"' in written
        shown = re.sub(r'aria-label="[^"]*"', "", body)
        # A formula lies between marks in one piece of text; no piece has more than a mark alone.
        assert not [
            piece for piece in re.split(r"<[^>]*>", shown) if re.search(r"[$\\]", piece) and len(piece) > 1
        ]
        assert not re.search(r"<(?!/?(div|h[23]|p|ul|li|a|span|table|thead|tbody|tr|th|td|time)\b)", body)
    assert html.unescape(re.sub(r"<[^>]*>", "", in_html(name))) == flat(name)


def test_a_calendar(name: str) -> None:
    written = to_ics(csp.plan_transfer(moves(name), as_of=day(-30))).decode("utf-8")
    assert unseen(written.replace("\r\n", "")) == []
    assert re.findall("(?m)^BEGIN:(?!VCALENDAR|VEVENT|VALARM)", written) == []


def test_pictures() -> None:
    named = tuple(subscription(id=f"{n}", name=name) for n, name in enumerate(HOSTILE))
    each = [
        transfer(
            s,
            customer=csp.Tenant(id=f"{s.name} customer", country="JP"),
            destination=moves(s.name).destination,
        )
        for s in named
    ]
    late = csp.plan_portfolio(each, as_of=day(200))
    for figure in (plots.timeline(csp.plan_transfer(transfer(*named), as_of=D)), plots.portfolio(late)):
        for text in texts_of(figure):
            assert unseen(text.get_text()) == []
            assert not text.get_parse_math() or "$" not in text.get_text()


@pytest.mark.parametrize("form", ["text", "markdown", "json", "ics"])
def test_the_command(name: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    item = {
        "id": f"{name} id",
        "offerId": "CFQ7TTC0LH18:0001",
        "offerName": name,
        "friendlyName": name,
        "quantity": 25,
        "status": "active",
        "effectiveStartDate": "2025-04-01T00:00:00Z",
        "commitmentEndDate": "2026-03-31T00:00:00Z",
        "autoRenewEnabled": True,
        "termDuration": "P1Y",
    }
    file = tmp_path / "payload.json"
    file.write_text(json.dumps([item, item | {"id": name, "quantity": name}]), encoding="utf-8")
    options = [
        "--customer-country=JP",
        "--partner-country=JP",
        f"--customer-id=c {name}",
        f"--partner-id=p {name}",
    ]
    assert (
        main(
            [
                "plan",
                str(file),
                *options,
                "--as-of=2026-03-01",
                "--policy=guide",
                "--tolerant",
                f"--format={form}",
            ]
        )
        == 0
    )
    out, err = capsys.readouterr()
    assert unseen(out.replace("\r\n", "\n")) == []
    assert unseen(err) == []
    assert err.count("\n") == 1
    if form == "json":
        read = csp.Plan.from_dict(json.loads(out))
        assert read.transfer.customer.id == f"c {name}"


@given(st.text())
def test_nothing_but_what_cannot_be_shown_is_lost(text: str) -> None:
    assert len(flat(text)) == len(text)
    assert unseen(flat(text)) == []
    assert unescaped(in_markdown(text)) == flat(text).strip()
    assert html.unescape(re.sub(r"<[^>]*>", "", in_html(text))) == flat(text)
    written = json.dumps(text, ensure_ascii=False)
    assert unseen(in_json(written)) == []
    assert json.loads(in_json(written)) == text
