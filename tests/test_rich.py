"""Values as HTML: all that they say, escaped, in its language, with nothing to load and nothing that runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from facts import D, day, subscription, transfer
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from laws import tried

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.outline import Block, Bullets, Heading, Paragraph, Rich, Table, as_html
from csp_transfer.strategies.by_type import strategy_for
from csp_transfer.texts import flat

VOID = {"br", "hr", "img", "input", "link", "meta"}
RICH = [
    value
    for value in (getattr(csp, name) for name in csp.__all__)
    if isinstance(value, type) and issubclass(value, Rich)
]


class Page(HTMLParser):
    """A piece of HTML as elements with what they say; refuses one that is not well formed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, list[str]]] = []
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in VOID
        said: list[str] = []
        self.open.append((tag, said))
        self.elements.append((tag, dict(attrs), said))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        for _, said in self.open:
            said.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def all(self, *tags: str) -> list[str]:
        """What each element of a kind says."""
        return ["".join(said) for tag, _, said in self.elements if tag in tags]


def said_by(blocks: list[Block]) -> list[str]:
    """What the blocks say, piece by piece."""
    pieces: list[str] = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            pieces.append(block.text)
        elif isinstance(block, Bullets):
            pieces += block.items
        else:
            pieces += [*block.headers, *(cell for row in block.rows for cell in row)]
    return [flat(piece) for piece in pieces]


def check(html: str, lang: str) -> Page:
    """Refuse what has something to load or to run, or would change the page around it."""
    page = Page(html)
    tags = {tag for tag, _, _ in page.elements}
    assert tags <= {
        "div",
        "style",
        "h2",
        "h3",
        "p",
        "ul",
        "li",
        "a",
        "span",
        *("table", "thead", "tbody", "tr", "th", "td", "time"),
    }
    outer, attributes, _ = page.elements[0]
    assert (outer, attributes) == (
        "div",
        {"class": "csp-transfer tex2jax_ignore mathjax_ignore", "lang": lang},
    )
    for tag, attributes, _ in page.elements[1:]:
        allowed = {
            "a": {"href", "rel"},
            "th": {"scope"},
            "div": {"class", "role", "tabindex", "aria-label"},
        }
        assert set(attributes) <= allowed.get(tag, set())
        assert tag != "th" or attributes["scope"] == "col"
        assert tag != "a" or str(attributes["href"]).startswith("https://learn.microsoft.com/")
    (style,) = page.all("style")
    assert "url(" not in style
    assert "@" not in style
    for selectors in re.findall(r"(?m)^([^{}]+)\{", style):
        assert selectors.startswith(".csp-transfer")
    assert "#" not in style  # every colour is inherited
    return page


@pytest.mark.parametrize("cls", RICH, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_html_says_what_there_is_to_say(cls: type[Any], lang: str) -> None:
    @tried(0.2, suppress_health_check=list(HealthCheck))
    @given(strategy_for(cls))
    def one(value: Any) -> None:
        page = check(value.to_html(lang), lang)
        pieces = page.all("h2", "h3", "p", "li", "th", "td")
        assert pieces == said_by(value._blocks(lang))
        assert value._repr_html_() == value.to_html("en")
        assert value._repr_markdown_() == value.to_markdown("en")

    one()
    assert cls.__name__ in EXPECTED


EXPECTED = {
    "Assessment",
    "Eligibility",
    "Explanation",
    "GraceWindow",
    "Plan",
    "Portfolio",
    "RefundAdvice",
    "Route",
    "Routes",
}


def test_what_people_meet_in_notebooks_shows_itself() -> None:
    assert {cls.__name__ for cls in RICH} == EXPECTED


@given(st.text(), st.text())
def test_whatever_is_said_is_only_said(one: str, other: str) -> None:
    blocks: list[Block] = [Heading(1, one), Paragraph(other), Bullets((one,)), Table((one,), ((other,),))]
    page = check(as_html(blocks, "en"), "en")
    assert page.all("h2", "p", "li", "th", "td") == said_by(blocks)


def test_half_a_character_can_still_be_sent_and_printed() -> None:
    plan = csp.plan_transfer(transfer(subscription(name="a\ud800b")), as_of=D)
    for text in (plan.to_html(), plan.to_markdown(), plan.to_text()):
        assert "a\ufffdb" in text
        assert text.encode()


def test_only_links_to_the_sources_are_links() -> None:
    text = "See https://learn.microsoft.com/a/b#c, https://example.com and javascript:alert(1)."
    page = check(as_html([Paragraph(text)], "en"), "en")
    assert page.all("a") == ["https://learn.microsoft.com/a/b#c"]
    assert page.all("p") == [text]


@pytest.mark.parametrize(
    "value", ["Plan", "Assessment", "GraceWindow", "RefundAdvice", "Eligibility", "Route"]
)
def test_only_languages_that_there_are(value: str) -> None:
    plan = csp.plan_transfer(transfer(), as_of=D)
    values: dict[str, Any] = {
        "Plan": plan,
        "Assessment": plan.assessments[0],
        "GraceWindow": plan.assessments[0].grace_window,
        "RefundAdvice": plan.assessments[0].refund,
        "Eligibility": csp.region_check(plan.transfer.destination, plan.transfer.customer),
        "Route": csp.compare_routes(transfer(), as_of=D)[0],
    }
    with pytest.raises(csp.InvalidValue, match="lang: 'fr'; expected en or ja"):
        values[value].to_html("fr")


# ---- single values -------------------------------------------------------------------------------------------------


def shown(value: Rich, lang: str = "en") -> list[str]:
    return check(value.to_html(lang), lang).all("h2", "h3", "p", "li", "th", "td")


def test_a_grace_window() -> None:
    window = csp.grace_window(subscription())
    assert window is not None
    assert shown(window) == ["Grace window", "Days", "2026-04-01 to 2026-04-30", "30"]
    assert shown(window, "ja") == ["猶予期間", "日数", "2026-04-01 ～ 2026-04-30", "30"]
    later = csp.grace_window(subscription(term=csp.Term(first_day=day(0), last_day=day(364))))
    assert later is not None
    assert [piece[:16] for piece in shown(later)[4:]] == ["Caution EST-001:"]


def test_what_comes_back() -> None:
    def advice(**facts: Any) -> csp.RefundAdvice:
        return csp.refund_advice(subscription(**facts), as_of=day(-30))

    assert shown(advice())[:4] == ["What comes back?", "Last day", "no refund", "2026-03-31"]
    portal = advice(channel=csp.Channel.WEB_DIRECT)
    assert shown(portal)[2:4] == ["a credit is possible", "2026-03-31"], "not known who asks"
    unknown = advice(
        auto_renew=True, length_known=False, term=csp.Term(first_day=day(-400), last_day=day(-40))
    )
    assert shown(unknown)[3] == "not known"


def test_whether_it_may_happen() -> None:
    here, there = csp.Partner(id="fabrikam", country="JP"), csp.Tenant(id="contoso", country="KR")
    assert shown(csp.region_check(here, there))[:2] == ["Move", "blocked"]
    assert shown(csp.region_check(here, there.evolve(country="JP"))) == ["Move", "feasible"]


def test_an_assessment() -> None:
    a = csp.assess(subscription(auto_renew=True), as_of=day(-30))
    assert shown(a)[:2] == ["Business Basic", "As of 2026-03-01 (UTC); policy: GUIDE"]
    assert shown(a)[2:18] == [
        *("State", "Last day", "Auto-renew off by", "Grace window"),
        *("Buy on", "Days paid twice", "Disruption", "Data loss"),
        *("Active", "2026-03-31", "2026-03-31", "2026-04-01 to 2026-04-30"),
        *("2026-04-01", "0", "none", "none"),
    ]
    assert [piece[:15] for piece in shown(a)[18:]] == ["Action END-003:", "Action END-005:"]


def test_gravest_first() -> None:
    a = csp.assess(subscription(status=csp.Status.SUSPENDED, assigned=30), as_of=day(-30))
    severities = [piece.split()[0] for piece in shown(a)[18:]]
    assert severities == sorted(severities, key=["Caution", "Action"].index)
    assert len(set(severities)) == 2


def test_a_way() -> None:
    routes = csp.compare_routes(transfer(subscription(auto_renew=True)), as_of=day(-30))
    open_way = next(route for route in routes if route.way is csp.Way.EXPIRE_THEN_REBUY)
    assert shown(open_way)[:17] == [
        "let expire, then buy again",
        *("Open", "Earliest", "Latest", "Days without access"),
        *("Days paid twice", "Disruption", "Data loss", "Estimated extra cost"),
        *("yes", "2026-03-01", "2026-03-31", "0", "0", "none", "none", "-"),
    ]
    closed = next(route for route in routes if not route.available)
    assert shown(closed)[1:3] == ["Open", "no"]
    assert len(closed.findings) == len(shown(closed)[3:])


@tried(0.2, suppress_health_check=list(HealthCheck))
@given(strategies.plans())
def test_an_assessment_says_what_its_row_in_the_plan_says(plan: csp.Plan) -> None:
    transferred = {part.subscription for part in plan.parts if part.way is csp.Way.PARTNER_CENTER_TRANSFER}
    table = next(block for block in reversed(plan._blocks("en", detail=True)) if isinstance(block, Table))
    for a, row in zip(plan.assessments, table.rows, strict=True):
        if a.subscription.id not in transferred:
            wide = len(table.headers) - 1 - bool(plan.parts)
            said, cells = row[1 : 1 + wide], a._cells("en")[:wide]
            assert (said[0], said[2], *said[4:]) == (cells[0], cells[2], *cells[4:])
            # The end of the term and the grace window: where they are in doubt, the plan has the safe day first.
            assert a.doubts or said == cells
