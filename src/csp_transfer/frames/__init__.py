"""Whole tables at once: what `csp_transfer.assess` decides, as columns of a frame, at the speed of its engine.

Needs the extra `frames`, and the engine. The rules are those of the package: their decision tables become expressions.

>>> from datetime import date
>>> from csp_transfer import frames
>>> from csp_transfer.texts import read_bytes
>>> table = frames.read(read_bytes("contoso-subscriptions.json"))
>>> judged = frames.assess(table, as_of=date(2026, 2, 15))
>>> judged.height == table.height, judged["csp_reason"].null_count() == table.height
(True, True)
"""

from importlib import import_module

from ..extras import Needs

with Needs("csp_transfer.frames", extra="frames"):
    import_module("narwhals")  # before all that uses it

from .assessing import assess
from .cells import DayOrder
from .columns import INPUTS, OF_THE_CUSTOMER, OUTPUTS, SHOWN
from .customers import deadlines, portfolio_of
from .mapping import ColumnMapping, MappedColumn
from .reading import of, read
from .recognising import recognise
from .values import values_of

__all__ = [
    "INPUTS",
    "OF_THE_CUSTOMER",
    "OUTPUTS",
    "SHOWN",
    "ColumnMapping",
    "DayOrder",
    "MappedColumn",
    "assess",
    "deadlines",
    "of",
    "portfolio_of",
    "read",
    "recognise",
    "values_of",
]
