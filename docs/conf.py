"""How Sphinx builds the site; CONTRIBUTING.md names the command. It reaches for nothing outside this checkout."""

from importlib import metadata
from typing import Any

project = "csp-transfer"
author = "The csp-transfer developers"
project_copyright = author
release = metadata.version("csp-transfer")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_copybutton"]
exclude_patterns = ["_build"]
default_role = "code"  # docstrings quote names with single backticks, as Markdown does
# The standard library has no pages here, and the build does not ask another site for them.
nitpick_ignore_regex = [
    ("py:class", r"(collections\.abc|datetime|enum)\.\w+"),
    ("py:(class|obj)", r"csp_transfer\.frozen_map\.[KV]"),  # type variables
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


def show_public_bases(app: Any, name: str, obj: type, options: Any, bases: list[type]) -> None:
    """Put what a private base class stands on in its place."""
    bases[:] = [
        shown for base in bases for shown in (base.__bases__ if base.__name__.startswith("_") else (base,))
    ]


def setup(app: Any) -> None:
    """Connect what is above to autodoc."""
    app.connect("autodoc-process-bases", show_public_bases)
