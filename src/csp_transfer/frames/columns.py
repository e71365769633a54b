"""The columns: what is read of each row, and what is said of it."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from attrs import frozen

from ..model import Channel, Status, TermEnd
from ..money import Cycle
from ..rules.ending import Timing
from ..rules.refunds import Actor, Contact, Outcome
from ..rules.risk_table import Risk
from ..rules.state_table import State
from ..spans import EARLIEST, LATEST
from ..words import Word

__all__ = ["ARGUMENTS", "INPUTS", "OUTPUTS", "SHOWN", "Input", "Kind", "Output"]


class Kind(Word):
    """What a column holds."""

    COUNT = "count"
    DAY = "day"
    FLAG = "flag"
    INSTANT = "instant"
    NAME = "any text"
    TEXT = "text"
    TEXTS = "texts"
    WHEN = "day or instant"
    WORD = "word"


_ACCEPTED: Final = {
    Kind.COUNT: "a count of licences, 0 or more",
    Kind.DAY: f"a day from {EARLIEST} to {LATEST}",
    Kind.FLAG: "True or False",
    Kind.INSTANT: f"an instant with a time zone, from {EARLIEST} to {LATEST}",
    Kind.NAME: "a text",
    Kind.TEXT: "a text that is not blank",
    Kind.TEXTS: "a list of texts that are not blank",
    Kind.WHEN: f"a day, or an instant with a time zone, from {EARLIEST} to {LATEST}",
}


@frozen(kw_only=True)
class Input:
    """A column that is read."""

    name: str
    kind: Kind
    about: str
    required: bool = False
    default: Any = None
    """What is taken where the column is missing, or a value in it; None: not known."""
    null: Any = None
    """What is taken for a value that is missing, where that is not what a missing column is taken for."""
    words: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        """What its values may be."""
        return f"one of {', '.join(self.words)}" if self.words else _ACCEPTED[self.kind]


@frozen(kw_only=True)
class Output:
    """A column that is added, after a prefix."""

    name: str
    kind: Kind
    about: str
    words: tuple[str, ...] = ()


def _in(name: str, kind: Kind, about: str, *, required: bool = False, default: Any = None) -> Input:
    return Input(name=name, kind=kind, about=about, required=required, default=default)


def _word_in(name: str, words: tuple[str, ...], about: str, default: Any = None, null: Any = None) -> Input:
    return Input(name=name, kind=Kind.WORD, about=about, default=default, null=null, words=words)


def _out(name: str, kind: Kind, about: str) -> Output:
    return Output(name=name, kind=kind, about=about)


def _word_out(name: str, words: tuple[str, ...], about: str) -> Output:
    return Output(name=name, kind=Kind.WORD, about=about, words=words)


def _words(vocabulary: type[Word]) -> tuple[str, ...]:
    return tuple(str(word) for word in vocabulary)


INPUTS: Final = (
    _in("id", Kind.TEXT, "the subscription; text, or whole numbers", required=True),
    _in("offer", Kind.TEXT, "id of the offer", required=True),
    _in("quantity", Kind.COUNT, "licences bought", required=True),
    _in("first_day", Kind.DAY, "first day of the term", required=True),
    _in("last_day", Kind.DAY, "last day of the term, inclusive", required=True),
    _in("auto_renew", Kind.FLAG, "whether it renews at the end of the term", required=True),
    _word_in("channel", _words(Channel), "where it was bought", Channel.CSP),
    # A column that has statuses but not this one is not as good as none.
    _word_in("status", _words(Status), "what the service says", Status.ACTIVE, null=Status.UNKNOWN),
    _in("trial", Kind.FLAG, "a trial", default=False),
    _in("legacy", Kind.FLAG, "not a new-commerce subscription", default=False),
    _in("length_known", Kind.FLAG, "whether first to last day is one term", default=True),
    _in("assigned", Kind.COUNT, "licences that users hold"),
    _in("anchor", Kind.DAY, "first day of the very first term, from which renewals step"),
    _word_in("renewal_duration", ("P1M", "P1Y", "P3Y"), "how long the next terms are"),
    _word_in("at_term_end", _words(TermEnd), "what is scheduled for the end of the term"),
    _in("cancellation_allowed_until", Kind.INSTANT, "until when the service takes a cancellation"),
    _in("canceled_on", Kind.DAY, "day of the cancellation, for the status canceled"),
    _in("extended", Kind.FLAG, "in an extended service term", default=False),
    _word_in("mid_term", _words(TermEnd), "what is scheduled for a day of its own"),
    _in("mid_term_on", Kind.DAY, "that day; not given: not known"),
    _in("doubted_last_day", Kind.DAY, "last day of the term by another, later reading"),
    _in("window_known", Kind.FLAG, "whether its cancellation days follow from the term", default=True),
    _in("parent", Kind.TEXT, "id of the subscription that it is an add-on of"),
    _in("discontinued", Kind.FLAG, "whether the offer is no longer sold"),
    _in("extended_service", Kind.FLAG, "whether extended service terms are for the offer"),
    _in("replaced", Kind.FLAG, "False: nothing replaces it", default=True),
    _in("new_offer", Kind.TEXT, "id of the replacement's offer; not given: the same offer"),
    _in("new_quantity", Kind.COUNT, "licences of the replacement; not given: as many"),
    _in("provision_on", Kind.DAY, "day of the replacement; not given: the recommended one"),
    _in("equivalent", Kind.FLAG, "whether either offer declares the other equivalent", default=False),
    _in("new_discontinued", Kind.FLAG, "whether the replacement's offer is no longer sold"),
)
"""Every column that is read, in the order in which a row is checked."""

SHOWN: Final = (
    _in("name", Kind.NAME, "what the customer calls it", default=""),
    _in("offer_name", Kind.NAME, "name of the offer", default=""),
    _in("monthly", Kind.FLAG, "whether the offer is also sold in monthly terms"),
    _in("equivalents", Kind.TEXTS, "ids of offers that the offer declares equivalent", default=()),
    _in(
        "seat_windows",
        Kind.TEXTS,
        "licences that were added, and until when they can be taken back, such as '5 2026-02-08T00:00:00Z'",
        default=(),
    ),
    _in("price_amount", Kind.TEXT, "what one licence costs, a decimal number as text"),
    _in("price_currency", Kind.TEXT, "currency of the price, ISO 4217"),
    _word_in("price_cycle", _words(Cycle), "time that the price is for"),
    _in("new_offer_name", Kind.NAME, "name of the replacement's offer", default=""),
    _in("new_monthly", Kind.FLAG, "whether the replacement's offer is also sold in monthly terms"),
    _in("new_extended_service", Kind.FLAG, "whether extended service terms are for the replacement's offer"),
    _in("new_equivalents", Kind.TEXTS, "ids of offers that the replacement's offer declares equivalent"),
)
"""What decides nothing about a row by itself: written by `of`, and read by `values_of` only."""

ARGUMENTS: Final = (
    _in("as_of", Kind.WHEN, "the day that is asked for", required=True),
    _in("delegated_admin", Kind.FLAG, "whether the partner has delegated admin; null: not known"),
    _in("into_another_tenant", Kind.FLAG, "whether the move is into another tenant", required=True),
)
"""What may be one value for all rows, or a column."""

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
