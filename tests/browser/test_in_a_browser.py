"""HTML as a browser shows it, on a light page and on a dark one. Needs Chromium; a step of its own in .ci/run."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facts import D, day, subscription, transfer
from matplotlib.image import imread

import csp_transfer as csp
from csp_transfer.outline import Rich

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--run-all-compositor-stages-before-draw",  # a picture of a page that is drawn to its end, on a busy machine too
)
THEMES = {"light": ("#ffffff", "#000000"), "dark": ("#111111", "#e0e0e0")}
"""Of each page: what is behind, and the letters."""
JUPYTER = (
    "<style>:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon :is(td,th,tr){text-align:right}"
    ".jp-RenderedHTMLCommon table{table-layout:fixed}</style>"
)
"""What JupyterLab asks of every table in a result, before it is shown."""
WIDE, HIGH = 640, 900
LEAST_CONTRAST = 4.5
"""Of letters with what is behind them: what WCAG 2 asks for (AA)."""

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\"'&"
LOOK = """
const colour = text => text.match(/[\\d.]+/g).map(Number);
const behind = element => {
    for (; element; element = element.parentElement) {
        const [r, g, b, a = 1] = colour(getComputedStyle(element).backgroundColor);
        if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
};
const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
const contrasts = [...document.querySelectorAll('.csp-transfer *:not(style)')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()))
    .map(e => [light(colour(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a))
    .map(([most, least]) => (most + 0.05) / (least + 0.05));
const root = document.documentElement;
const seen = {
    contrasts,
    title: document.title,
    scripts: document.querySelectorAll('.csp-transfer script, .csp-transfer img').length,
    loaded: performance.getEntriesByType('resource').length,
    page_scrolls: root.scrollWidth > root.clientWidth,
    tables_scroll: [...document.querySelectorAll('.csp-transfer .table')].some(e => e.scrollWidth > e.clientWidth),
    sides: [...new Set([...document.querySelectorAll('.csp-transfer :is(td, th)')]
        .map(e => getComputedStyle(e).textAlign))],
    broken_days: [...document.querySelectorAll('.csp-transfer time')].filter(e => e.getClientRects().length > 1).length,
    languages: [...document.querySelectorAll('.csp-transfer')].map(e => e.lang),
};
const beside = () => [...document.querySelectorAll('#beside, #beside *')]
    .map(e => [...getComputedStyle(e)].map(name => getComputedStyle(e).getPropertyValue(name)).join());
seen.beside = beside();
document.querySelectorAll('.csp-transfer').forEach(e => e.remove());
seen.alone = beside();
document.querySelector('#seen').textContent = JSON.stringify(seen);
"""


def shown() -> str:
    """Values as a notebook shows them, with names that would like to be more than names."""
    named = subscription(id="hostile", name=HOSTILE, auto_renew=True)
    move = transfer(named, customer=csp.Tenant(id=HOSTILE, country="JP"))
    plan = csp.plan_transfer(move, as_of=day(-30), policy=csp.IN_FORCE)
    a = csp.assess(named, as_of=day(-30))
    window = csp.grace_window(named)
    assert window is not None
    routes = csp.compare_routes(move, as_of=D)
    rich: tuple[Rich, ...] = (plan, a, window, a.refund, *routes)
    return plan.to_html("ja", detail=True) + "".join(value._repr_html_() for value in rich)


def page(theme: str, script: str = "") -> str:
    background, letters = THEMES[theme]
    beside = "<div id=beside><h2>Beside</h2><table><tr><th>it<td>stand</table><a href=#>others</a></div>"
    return (
        f"<!doctype html><meta charset=utf-8><title>safe</title><body style='background:{background};"
        f"color:{letters};margin:16px;font:14px sans-serif'>{JUPYTER}<div class=jp-RenderedHTMLCommon>{shown()}</div>"
        f"{beside}"
        f"<pre id=seen hidden></pre><script>{script}</script>"
    )


def chromium(folder: Path, *asked: str) -> str:
    run = subprocess.run(  # noqa: S603
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDE},{HIGH}", *asked],
        check=True,
        capture_output=True,
        text=True,
    )
    return run.stdout


@pytest.mark.parametrize("theme", THEMES)
def test_it_is_legible_and_only_said(theme: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(theme, LOOK), encoding="utf-8")
    found = re.search(
        r'<pre id="seen" hidden="">(.*?)</pre>', chromium(tmp_path, "--dump-dom", file.as_uri())
    )
    assert found
    seen: dict[str, Any] = json.loads(html.unescape(found[1]))
    assert len(seen["contrasts"]) > 100
    assert min(seen["contrasts"]) >= LEAST_CONTRAST
    assert seen["title"] == "safe"
    assert seen["scripts"] == seen["loaded"] == 0
    assert not seen["page_scrolls"]
    assert seen["tables_scroll"]
    assert seen["sides"] == ["start"]  # whatever JupyterLab asks of tables
    assert seen["broken_days"] == 0
    assert seen["languages"] == ["ja", *["en"] * (len(seen["languages"]) - 1)]
    assert seen["beside"] == seen["alone"]
    assert len(seen["beside"][0]) > 1000


@pytest.mark.parametrize("theme", THEMES)
def test_it_is_seen(theme: str, tmp_path: Path) -> None:
    file, picture = tmp_path / "page.html", tmp_path / "page.png"
    file.write_text(page(theme), encoding="utf-8")
    chromium(tmp_path, f"--screenshot={picture}", file.as_uri())
    pixels = np.round(imread(picture)[:, :, :3] * 255).astype(int)
    assert pixels.shape[:2] == (HIGH, WIDE)
    (background, most), *others = Counter(map(tuple, pixels.reshape(-1, 3).tolist())).most_common()
    behind, letters = (tuple(bytes.fromhex(colour[1:])) for colour in THEMES[theme])
    assert background == behind
    assert most < 0.98 * HIGH * WIDE  # something is written
    assert letters in dict(others)
    # Letters in each tenth of the height, and rules under rows of a table. Small letters may have no pixel that is all
    # theirs: how they are smoothed depends on the fonts of the machine.
    for tenth in np.array_split(pixels, 10):
        assert (abs(tenth - letters) < abs(tenth - behind)).all(axis=2).any()
    ruled = [row for row in pixels if (row != behind).any(axis=1).sum() > WIDE / 2]
    assert len(ruled) > 5
