"""A plan or a portfolio as pictures, for a folder: PNG and SVG, by `csp_transfer.plots`."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from ..plan import Plan
from ..portfolio import Portfolio
from .complaints import complain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["pictures"]


def pictures(result: Plan | Portfolio, lang: str) -> dict[str, bytes]:
    """Return pictures by the ends of the names of their files. Raises `MissingExtra` without the extra `plots`.

    The same plan gives the same bytes. Characters that no font has are said on standard error.
    """
    from ..plots.of_plan import timeline
    from ..plots.of_portfolio import portfolio

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure = timeline(result, lang=lang) if isinstance(result, Plan) else portfolio(result, lang=lang)
        found = {form: _drawn(figure, form) for form in ("png", "svg")}
    complain(dict.fromkeys(str(one.message) for one in said), lang)
    return found


def _drawn(figure: Figure, form: str) -> bytes:
    from matplotlib import rc_context

    image = BytesIO()
    with rc_context({"svg.hashsalt": "csp-transfer"}):  # what ids within the picture are made of
        figure.savefig(image, format=form, dpi=144, metadata={"Date": None} if form == "svg" else None)
    return image.getvalue()
