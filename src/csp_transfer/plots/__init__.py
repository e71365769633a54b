"""Pictures of plans. Needs the extra `plots`: matplotlib, and a font for Japanese.

Every picture is a figure of matplotlib's, drawn without pyplot: `savefig` writes it to a file, and in a notebook it
shows itself.
"""

from importlib import import_module

from ..extras import Needs

with Needs("csp_transfer.plots", extra="plots"):
    import_module("matplotlib")  # before all that uses it

from .of_plan import timeline
from .of_portfolio import portfolio

__all__ = ["portfolio", "timeline"]
