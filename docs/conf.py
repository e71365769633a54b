"""How Sphinx builds the site; CONTRIBUTING.md names the command. It reaches for nothing outside this checkout."""

import re
import sys
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Any

from csp_transfer import GUIDE
from csp_transfer.reasons import Decided

project = "csp-transfer"
author = "The csp-transfer developers"
project_copyright = author
release = metadata.version("csp-transfer")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_copybutton"]
exclude_patterns = ["_build"]
default_role = "code"  # docstrings quote names with single backticks, as Markdown does
# The standard library has no pages here, and the build does not ask another site for them.
nitpick_ignore_regex = [
    ("py:class", r"matplotlib(\.\w+)+"),
    ("py:class", r"(collections\.abc|datetime|decimal|enum|hypothesis\.strategies)\.\w+|date(time)?"),
    (
        "py:(class|obj)",
        r"(csp_transfer\.(frozen_map|decision|later|frames\.assessing)\.)?[KTV]",
    ),  # type variables
]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 60
nb_render_markdown_format = "gfm"

add_module_names = False
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "member-order": "bysource",
    "show-inheritance": True,
}
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 72
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "csp-transfer"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False

FACTS = ("csp_transfer.model", "csp_transfer.transfer")
PRIVATE = (Decided,)  # what an assessment is made with, and nobody meets


def without_last_blank_line(app: Any, page: str, source: list[str]) -> None:
    """Show an example without the blank line that doctest needs after its last output."""
    source[0] = re.sub(r"(```pycon\n(?:(?!```).)*\n)\n( *```)", r"\1\2", source[0], flags=re.DOTALL)


def show_public_bases(app: Any, name: str, obj: type, options: Any, bases: list[type]) -> None:
    """Put what a private base class stands on in its place."""
    bases[:] = [
        shown
        for base in bases
        for shown in (base.__bases__ if base.__name__.startswith("_") or base in PRIVATE else (base,))
        if shown is not object
    ]


def shorten_signature(
    app: Any, kind: str, name: str, obj: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """Show how to make a fact, and not how the library makes results, words and errors; name the policy."""
    if not signature:
        return None
    if isinstance(obj, type) and (issubclass(obj, Enum) or obj.__module__ not in FACTS):
        return "", None
    return signature.replace(repr(GUIDE), "GUIDE").replace("NOTHING", "{}"), returns  # attrs: made anew


def draw_diagrams(app: Any) -> None:
    """Draw the diagrams anew, from tables and code, and the pictures, as the page that shows them does."""
    sys.path.insert(0, str(app.srcdir))
    from diagrams import draw
    from pictures import draw_pictures

    draw(Path(app.srcdir))
    draw_pictures(Path(app.srcdir))


def setup(app: Any) -> None:
    """Connect what is above to the build."""
    app.connect("builder-inited", draw_diagrams)
    app.connect("source-read", without_last_blank_line)
    app.connect("autodoc-process-bases", show_public_bases)
    app.connect("autodoc-process-signature", shorten_signature)
