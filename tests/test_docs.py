"""The documentation keeps in step with the code; its examples run as doctests, and the site is built in .ci/run."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from test_house import LAYERS

import csp_transfer
from csp_transfer.__main__ import main
from csp_transfer.catalogue import rules
from csp_transfer.command.answers import COMMANDS

DOCS = Path(__file__).parent.parent / "docs"


def words(text: str) -> list[str]:
    return text.split()


def cells() -> list[dict[str, Any]]:
    return list(json.loads((DOCS / "notebook.ipynb").read_text(encoding="utf-8"))["cells"])


def test_the_command_page_shows_the_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = (DOCS / "reference/command.md").read_text("utf-8")
    blocks = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    shown = {words(block)[2]: words(block) for block in blocks}
    assert shown.keys() == COMMANDS.keys()
    for name, said in shown.items():
        with pytest.raises(SystemExit):
            main([name, "--help"])
        assert said == words(capsys.readouterr().out)


def test_the_api_page_has_every_public_name_once() -> None:
    text = (DOCS / "reference/api.md").read_text("utf-8")
    shown = re.findall(r"^\.\. auto(?:function|class|data|exception):: (\w+)$", text, re.MULTILINE)
    assert sorted(shown) == sorted(set(csp_transfer.__all__) - {"__version__"})


def test_the_notebook_is_kept_without_outputs() -> None:
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_the_notebook_runs(capsys: pytest.CaptureFixture[str]) -> None:
    # All but what needs a notebook around it; the site's build executes all of it.
    sources = ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code"]
    here = [source for source in sources if "IPython" not in source]
    assert len(here) >= len(sources) - 1
    names: dict[str, Any] = {}
    for source in here:
        exec(compile(source, "notebook", "exec"), names)  # noqa: S102
    assert "EST-001" in capsys.readouterr().out


GENERATE = runpy.run_path(str(DOCS / "generate.py"))


@pytest.mark.parametrize(
    ("place", "text"), GENERATE["pages"]().items(), ids=lambda value: getattr(value, "stem", "")
)
def test_a_generated_page_is_what_the_tables_say(place: Path, text: str) -> None:
    assert place.read_text("utf-8") == text, "run: python docs/generate.py"


def test_there_is_no_page_of_a_rule_that_is_gone() -> None:
    kept = {path.stem for path in (DOCS / "reference" / "rules").glob("*.md")}
    assert kept == set(rules())


def test_the_design_page_places_every_module() -> None:
    text = (DOCS / "explanation" / "design.md").read_text("utf-8")
    placed = set(re.findall(r"`([\w.]+)`", text[text.index("| ground") : text.index("How a payload")]))
    assert placed == {name for row in LAYERS for name in row} - {"_version"}


def test_each_readme_shows_the_picture_of_today(tmp_path: Path) -> None:
    pictures = runpy.run_path(str(DOCS / "pictures.py"))
    (tmp_path / "ja").mkdir()
    pictures["draw_readmes"](tmp_path)
    for lang, readme in (("en", "README.md"), ("ja", "README.ja.md")):
        name = pictures["OF_READMES"][lang]
        today, kept = (
            np.asarray(Image.open(place / name).convert("RGB"), dtype=int) for place in (tmp_path, DOCS)
        )
        assert today.shape == kept.shape
        assert abs(today - kept).mean() < 2  # of 255: letters may be drawn a little otherwise elsewhere
        assert (DOCS / name).stat().st_size < 60_000
        assert f"](docs/{name})" in (DOCS.parent / readme).read_text("utf-8")[:4000]


def test_what_a_package_index_shows_leads_nowhere_into_this_checkout() -> None:
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))
    text = (DOCS.parent / "README.md").read_text("utf-8")
    for one in project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(one["pattern"], one["replacement"], text)
    assert not [target for target in re.findall(r"\]\(([^)]*)\)", text) if not target.startswith("https:")]
    assert "picture" not in text.partition("## ")[0]
    assert "![" not in text
    assert "\n!" not in text
