"""The columns: what is read of each row, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, Final

import narwhals as nw
from attrs import frozen

from ..facts import FACT_TABLE, FactRow, Kind, rows_of
from ..plain import Word
from ..rules.ending import Timing
from ..rules.lifecycle import State
from ..rules.refunds import Actor, Contact, Outcome
from ..rules.risk_table import Risk

__all__ = [
    "ARGUMENTS",
    "BLANKS",
    "INPUTS",
    "INSTEAD",
    "OF_THE_CUSTOMER",
    "OUTPUTS",
    "RENEWAL_DAY",
    "SHOWN",
    "START_DAY",
    "TEXTS",
    "Input",
    "Kind",
    "Output",
]


Input = FactRow
"""A column that is read."""
TEXTS: Final[tuple[Any, ...]] = (nw.String, nw.Categorical, nw.Enum)
"""Types of a column of texts."""
BLANKS: Final = "".join(letter for letter in map(chr, range(0x10000)) if letter.isspace())
"""What Python takes for blank; left to themselves, some engines take less."""


@frozen(kw_only=True)
class Output:
    """A column that is added, after a prefix."""

    name: str
    kind: Kind
    about: str
    words: tuple[str, ...] = ()


def _out(name: str, kind: Kind, about: str) -> Output:
    return Output(name=name, kind=kind, about=about)


def _word_out(name: str, words: tuple[str, ...], about: str) -> Output:
    return Output(name=name, kind=Kind.WORD, about=about, words=words)


def _words(vocabulary: type[Word]) -> tuple[str, ...]:
    return tuple(str(word) for word in vocabulary)


ARGUMENTS: Final = tuple(rows_of("question").values())
"""What may be one value for all rows, or a column."""

INPUTS: Final = tuple(row for row in FACT_TABLE if row.decides and row not in ARGUMENTS)
"""Every column that is read, in the order in which a row is checked."""

SHOWN: Final = tuple(row for row in FACT_TABLE if not row.decides)
"""What decides nothing about a row by itself: written by `of`, and read by `values_of` only."""

RENEWAL_DAY: Final = FactRow(
    "renewal_day",
    Kind.DAY,
    "day on which it renews, or an exclusive end: the day after last_day, and read for it",
    "",
    headers=(
        "Renewal date",
        "Next renewal date",
        "Auto-renewal date",
        "Renews on",
        "契約更新日",
        "次回更新日",
        "次回の更新日",
        "自動更新日",
    ),
)
"""What a column may hold instead of the last day."""

START_DAY: Final = FactRow(
    "start_day",
    Kind.DAY,
    "first day of this term, or of an earlier one: read for first_day, but no length is told from it",
    "",
    headers=("Start date", "Subscription start date", "開始日", "契約開始日", "サブスクリプションの開始日"),
)
"""What a column may hold instead of the first day. A subscription that began three years ago is not one of three years:
`length_known` is False."""

INSTEAD: Final[Mapping[str, Input]] = {"first_day": START_DAY, "last_day": RENEWAL_DAY}
"""What is read for a fact of which there is no column."""

OF_THE_CUSTOMER: Final = (
    FactRow(
        "customer",
        Kind.TEXT,
        "id of the customer's tenant",
        "",
        required=True,
        headers=("Customer ID", "Tenant ID", "Customer tenant ID", "顧客 ID", "テナント ID"),
    ),
    FactRow(
        "country",
        Kind.TEXT,
        "country set in the customer's tenant, ISO 3166-1 alpha-2",
        "",
        required=True,
        headers=("Country code", "Customer country", "国", "国コード"),
    ),
)
"""Whose the row is: read by `portfolio_of` only."""

_DOUBTING: Final = ("UTC-001", "RNW-001", "EST-001", "EST-004")

OUTPUTS: Final = (
    _out(
        "reason",
        Kind.TEXT,
        "why the row cannot be judged: every column with a problem and what is accepted there; all else is null",
    ),
    _out("term_first_day", Kind.DAY, "first day of the term that runs; null: not known"),
    _out("term_last_day", Kind.DAY, "last day of the term that runs; null: not known"),
    _out("renewed", Kind.FLAG, "whether the term handed in is over and went on"),
    _word_out("state", _words(State), "state on the day; null: not known"),
    _out("grace_first_day", Kind.DAY, "first day of the grace window; null: none, or not known"),
    _out("grace_last_day", Kind.DAY, "last day of the grace window, inclusive"),
    _out(
        "auto_renew_off_by",
        Kind.DAY,
        "last day to turn auto-renew off, safe by every reading; null: not needed, or not known",
    ),
    _out("auto_renew_doubted_day", Kind.DAY, "a later last day, by a reading in doubt; null: no doubt"),
    _out("provisioning_earliest", Kind.DAY, "first day to provision; null: not known, or a trial"),
    _out("provisioning_recommended", Kind.DAY, "best day to provision"),
    _out("provisioning_latest", Kind.DAY, "last day to act by, safe by every reading; null: none"),
    _out("provisioning_doubted_day", Kind.DAY, "a later last day, by a reading in doubt; null: no doubt"),
    _word_out("timing", _words(Timing), "whether a replacement still comes in time"),
    _out("moved", Kind.FLAG, "whether a replacement with licences is to be provisioned"),
    _out("provision_on", Kind.DAY, "the replacement's day; null: no replacement, or no day is known"),
    _word_out("disruption", _words(Risk), "risk for users; null: there are no licences at all"),
    _word_out("data_loss", _words(Risk), "risk for data; null: there are no licences at all"),
    _out("reassign_licenses", Kind.FLAG, "whether licences must be assigned anew"),
    _out("paid_twice_days", Kind.COUNT, "days paid twice"),
    _word_out("refund", _words(Outcome), "what an early end can bring back"),
    _word_out("handled_by", _words(Actor), "who decides on that; null: nobody"),
    _word_out("contact", _words(Contact), "who asks about it; null: nobody, or not known which"),
    _out("best_last_day", Kind.DAY, "until when it pays to keep it; null: not known"),
    _word_out(
        "doubts",
        tuple(
            ", ".join(rule for rule, doubted in zip(_DOUBTING, which, strict=True) if doubted)
            for which in product((False, True), repeat=len(_DOUBTING))
        ),
        "rules by which the days may be others",
    ),
    _word_out(
        "undated_by",
        ("TRL-001", "RNW-001", "END-004", "LIF-001"),
        "rule that leaves the days unknown; null: none",
    ),
)
"""Every column that is added, in this order."""
