"""The facts of a subscription, once: one row for each, read by whoever checks, tells, writes, draws or explains them.

A new fact is a field of the value that holds it, a row here, and the rule that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

from . import checks
from .days import DURATIONS, EARLIEST, LATEST, check_day, duration_months, utc_day
from .money import Cycle
from .plain import Word, accepts

__all__ = [
    "FACT_TABLE",
    "FLAG_WORDS",
    "STATUS_WORDS",
    "Channel",
    "FactRow",
    "Kind",
    "Status",
    "TermEnd",
    "rows_of",
]


class Channel(Word):
    """Where a subscription was bought."""

    CSP = "csp"
    WEB_DIRECT = "web_direct"
    ENTERPRISE_AGREEMENT = "enterprise_agreement"
    OPEN = "open"
    OTHER = "other"


class Status(Word):
    """What the service says a subscription's status is; `UNKNOWN` stands for any value added later."""

    NONE = "none"
    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


STATUS_WORDS: Final[Mapping[str, Status]] = {
    **{str(status): status for status in Status},
    "cancelled": Status.CANCELED,
}
"""Every spelling of a status, in small letters, in payloads and in tables."""


class TermEnd(Word):
    """What was scheduled for the end of a term; it wins over auto-renew."""

    RENEW = "renew"
    CANCEL = "cancel"
    EXTEND = "extend"
    """Go on as an extended service term, billed by the month."""
    EXPIRE = "expire"
    """Run out."""
    CHANGE = "change"
    """Become another product, or a term of another shape."""
    UNKNOWN = "unknown"


class Kind(Word):
    """What a fact may be, and so what a column of it holds."""

    COUNT = "count"
    DAY = "day"
    FLAG = "flag"
    INSTANT = "instant"
    NAME = "any text"
    TEXT = "text"
    TEXTS = "texts"
    WHEN = "day or instant"
    WORD = "word"


_SPELLED_DURATIONS: Final = (
    *((spelled, "P1M") for spelled in ("1 month", "monthly", "1 か月", "1か月")),
    *((spelled, "P1Y") for spelled in ("1 year", "annual", "yearly", "1 年", "1年")),
    *((spelled, "P3Y") for spelled in ("3 years", "3 年", "3年")),
)
_STATUSES: Final = (
    *((spelled, "active") for spelled in ("アクティブ", "有効")),
    ("保留中", "pending"),
    *(
        (spelled, "suspended")
        for spelled in ("中断", "中断中", "一時中断", "一時停止", "一時停止中", "一時停止済み")
    ),
    ("期限切れ", "expired"),
    ("無効", "disabled"),
    *((spelled, "deleted") for spelled in ("削除済み", "削除")),
    *((spelled, "canceled") for spelled in ("cancelled", "取り消し済み", "キャンセル済み")),
)
FLAG_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "on", "enabled", "active", "はい", "オン", "有効", "あり"), True),
    **dict.fromkeys(("false", "no", "off", "disabled", "inactive", "いいえ", "オフ", "無効", "なし"), False),
}
"""What a text says in a column of True and False, in small letters."""
_ACCEPTED: Final = {
    Kind.COUNT: checks.WANTED_COUNT,
    Kind.DAY: f"a day from {EARLIEST} to {LATEST}",
    Kind.FLAG: "True or False",
    Kind.INSTANT: f"an instant with a time zone, from {EARLIEST} to {LATEST}",
    Kind.NAME: "a text",
    Kind.TEXT: "a text that is not blank",
    Kind.TEXTS: "a list of texts that are not blank",
    Kind.WHEN: f"a day, or an instant with a time zone, from {EARLIEST} to {LATEST}",
}


def _check_instant(field: str, value: object) -> None:
    checks.instant(field, value)
    utc_day(field, value)


@accepts(enum=list(DURATIONS))
def _check_duration(field: str, value: object) -> None:
    duration_months(field, value)


_TYPES: Final[Mapping[Kind, type]] = {
    Kind.COUNT: int,
    Kind.DAY: date,
    Kind.FLAG: bool,
    Kind.INSTANT: datetime,
    Kind.NAME: str,
    Kind.TEXT: str,
    Kind.TEXTS: tuple,
    Kind.WHEN: date,
    Kind.WORD: str,
}
_CHECKS: Final[Mapping[Kind, checks.Check]] = {
    Kind.COUNT: checks.count,
    Kind.DAY: check_day,
    Kind.FLAG: checks.flag,
    Kind.INSTANT: _check_instant,
    Kind.NAME: checks.name,
    Kind.TEXT: checks.text,
}


class FactRow(NamedTuple):
    """One fact: what it is called, what it may be, who holds it, and what a payload and a table say of it.

    >>> [row] = [row for row in FACT_TABLE if row.name == "last_day"]
    >>> row.holder, row.attribute, row.payload
    ('subscription.term', 'last_day', ('commitmentEndDate', 'commitmentEndDateTime'))
    """

    name: str
    """What a column of a table is called, and mostly a rule calls it."""
    kind: Kind
    about: str
    held: str
    """Where it is: `subscription.term.last_day` is the `last_day` of a subscription's `term`; empty: worked out."""
    payload: tuple[str, ...] = ()
    """The fields of a Partner Center payload that it is read from; none: no payload has it."""
    vocabulary: type[Word] | tuple[str, ...] = ()
    """The words that it may be."""
    required: bool = False
    default: Any = None
    """What it is while nobody has told; None: not known."""
    null: Any = None
    """What a missing value in a column of it means, where that is not the same as no such column."""
    decides: bool = True
    """Whether a verdict about a row of a table depends on it."""
    or_none: bool = False
    """Whether None says that there is no such thing; else it says that nobody knows."""
    as_it_is: bool = False
    """Whether a subscription with another value would be another one: no remedy for this one."""
    presupposed: bool = False
    """Whether most rules presuppose something of it, so that it is tried first to make a rule speak."""
    called: str = ""
    """What rules and explanations call it, where that is not its name."""
    headers: tuple[str, ...] = ()
    """What exports call a column of it, beside its name, in English and Japanese."""
    unclear: tuple[str, ...] = ()
    """What exports call a column that holds this fact or another one: a reader asks which."""
    spelled: tuple[tuple[str, str], ...] = ()
    """Other spellings of its words in tables, in small letters, each with the word."""

    @property
    def fact(self) -> str:
        """What rules and explanations call it."""
        return self.called or self.name

    @property
    def holder(self) -> str:
        """Who holds it, such as `subscription.term`."""
        return self.held.rpartition(".")[0]

    @property
    def attribute(self) -> str:
        """What its holder calls it."""
        return self.held.rpartition(".")[2]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it may be, as texts."""
        return tuple(map(str, self.vocabulary))

    @property
    def accepted(self) -> str:
        """What it may be, as an error says it."""
        return f"one of {', '.join(self.words)}" if self.vocabulary else _ACCEPTED[self.kind]

    @property
    def holds(self) -> type:
        """What a value of it is, where it is known."""
        return self.vocabulary if isinstance(self.vocabulary, type) else _TYPES[self.kind]

    @property
    def check(self) -> checks.Check | None:
        """What refuses a wrong value of it; None: what holds it checks that itself."""
        check = _CHECKS.get(self.kind)
        if self.vocabulary:
            check = self.vocabulary.check if isinstance(self.vocabulary, type) else _check_duration
        if check is None or self.required or self.default is not None:
            return check
        return checks.optional(check)

    @property
    def reader(self) -> Callable[[Any], Any]:
        """What takes it from a subscription, or what else its place begins with; None where there is no such part."""
        first, *others = self.held.split(".")[1:]
        if not others:
            return attrgetter(first)
        part, fact = attrgetter(first), attrgetter(".".join(others))

        def read(value: Any) -> Any:
            held = part(value)
            return None if held is None else fact(held)

        return read


def _own(name: str, kind: Kind, about: str, **more: Any) -> FactRow:
    """Return the row of a fact that the subscription itself holds, under its name."""
    return FactRow(name, kind, about, f"subscription.{name}", **more)


FACT_TABLE: Final = (
    _own(
        "id",
        Kind.TEXT,
        "the subscription; text, or whole numbers",
        payload=("id",),
        required=True,
        headers=(
            "Subscription ID",
            "サブスクリプション ID",
        ),
    ),
    FactRow(
        "offer",
        Kind.TEXT,
        "id of the offer",
        "subscription.offer.id",
        payload=("offerId",),
        required=True,
        headers=(
            "Offer ID",
            "オファー ID",
        ),
    ),
    _own(
        "quantity",
        Kind.COUNT,
        "licences bought",
        payload=("quantity",),
        required=True,
        as_it_is=True,
        headers=(
            "Licenses",
            "Licences",
            "License count",
            "Licence count",
            "Total licenses",
            "Seats",
            "数量",
            "ライセンス数",
        ),
    ),
    FactRow(
        "first_day",
        Kind.DAY,
        "first day of the term",
        "subscription.term.first_day",
        payload=("effectiveStartDate", "termDuration"),
        required=True,
        as_it_is=True,
        headers=(
            "First day of term",
            "First day of the term",
            "Term start date",
            "Commitment start date",
            "契約期間の開始日",
            "契約期間の最初の日",
        ),
    ),
    FactRow(
        "last_day",
        Kind.DAY,
        "last day of the term, inclusive",
        "subscription.term.last_day",
        payload=("commitmentEndDate", "commitmentEndDateTime"),
        required=True,
        as_it_is=True,
        headers=(
            "Last day of term",
            "Last day of the term",
            "Term last day",
            "Valid through",
            "最終日",
            "契約期間の最終日",
        ),
        # Some exports have the last day in it, others the day on which it renews, or an end that is exclusive.
        unclear=(
            "End date",
            "Term end date",
            "Commitment end date",
            "Subscription end date",
            "Contract end date",
            "Expiry date",
            "Expiration date",
            "Expires on",
            "Valid until",
            "終了日",
            "契約終了日",
            "契約期間の終了日",
            "契約期間終了日",
            "サブスクリプションの終了日",
            "満了日",
            "契約満了日",
            "有効期限",
        ),
    ),
    _own(
        "auto_renew",
        Kind.FLAG,
        "whether it renews at the end of the term",
        payload=("autoRenewEnabled",),
        required=True,
        presupposed=True,
        headers=(
            "Auto renewal",
            "Automatic renewal",
            "Auto renew enabled",
            "自動更新",
        ),
    ),
    _own(
        "channel",
        Kind.WORD,
        "where it was bought",
        vocabulary=Channel,
        default=Channel.CSP,
        presupposed=True,
        headers=(
            "Purchase channel",
            "チャネル",
            "購入元のチャネル",
        ),
        spelled=(
            ("web direct", "web_direct"),
            ("web-direct", "web_direct"),
            ("enterprise agreement", "enterprise_agreement"),
        ),
    ),
    # A column that has statuses but not this one is not as good as none.
    _own(
        "status",
        Kind.WORD,
        "what the service says",
        payload=("status",),
        vocabulary=Status,
        default=Status.ACTIVE,
        null=Status.UNKNOWN,
        presupposed=True,
        headers=(
            "Subscription status",
            "状態",
            "ステータス",
            "サブスクリプションの状態",
        ),
        spelled=_STATUSES,
    ),
    _own(
        "trial",
        Kind.FLAG,
        "a trial",
        payload=("isTrial",),
        default=False,
        presupposed=True,
        headers=(
            "Is trial",
            "試用版",
        ),
    ),
    _own(
        "legacy",
        Kind.FLAG,
        "not a new-commerce subscription",
        payload=("offerId",),
        default=False,
        headers=("従来のサブスクリプション",),
    ),
    _own(
        "length_known",
        Kind.FLAG,
        "whether first to last day is one term",
        payload=("termDuration",),
        default=True,
        as_it_is=True,
    ),
    _own(
        "assigned",
        Kind.COUNT,
        "licences that users hold",
        headers=(
            "Assigned licenses",
            "Assigned licences",
            "Assigned seats",
            "割り当て済みライセンス数",
            "割り当て済みのライセンス数",
        ),
    ),
    _own(
        "anchor",
        Kind.DAY,
        "first day of the very first term, from which renewals step",
        payload=("effectiveStartDate",),
        or_none=True,
        as_it_is=True,
    ),
    _own(
        "renewal_duration",
        Kind.WORD,
        "how long the next terms are",
        payload=("scheduledActions", "scheduledNextTermInstructions", "renewalTermDuration", "termDuration"),
        vocabulary=tuple(DURATIONS),
        or_none=True,
        headers=(
            "Renewal term",
            "Renewal term duration",
            "更新後の契約期間",
        ),
        spelled=_SPELLED_DURATIONS,
    ),
    _own(
        "at_term_end",
        Kind.WORD,
        "what is scheduled for the end of the term",
        payload=("scheduledActions", "scheduledNextTermInstructions"),
        vocabulary=TermEnd,
        or_none=True,
    ),
    _own(
        "cancellation_allowed_until",
        Kind.INSTANT,
        "until when the service takes a cancellation",
        payload=("cancellationAllowedUntilDate", "refundOptions"),
        or_none=True,
        headers=(
            "Cancellation allowed until date",
            "取り消し期限",
        ),
    ),
    _own(
        "canceled_on",
        Kind.DAY,
        "day of the cancellation, for the status canceled",
        headers=(
            "Cancelled on",
            "Cancellation date",
            "取り消し日",
        ),
    ),
    _own(
        "extended",
        Kind.FLAG,
        "in an extended service term",
        payload=("offerName", "skuName"),
        default=False,
        as_it_is=True,
    ),
    _own(
        "mid_term",
        Kind.WORD,
        "what is scheduled for a day of its own",
        payload=("scheduledActions",),
        vocabulary=TermEnd,
        or_none=True,
    ),
    _own("mid_term_on", Kind.DAY, "that day; not given: not known", payload=("scheduledActions",)),
    _own(
        "doubted_last_day",
        Kind.DAY,
        "last day of the term by another, later reading",
        payload=("commitmentEndDate", "commitmentEndDateTime"),
        or_none=True,
        as_it_is=True,
    ),
    _own(
        "window_known",
        Kind.FLAG,
        "whether its cancellation days follow from the term",
        payload=("publisherName", "isMicrosoftProduct", "creationDate"),
        default=True,
        as_it_is=True,
    ),
    _own(
        "parent",
        Kind.TEXT,
        "id of the subscription that it is an add-on of",
        payload=("parentSubscriptionId",),
        or_none=True,
        headers=(
            "Parent subscription ID",
            "親サブスクリプション ID",
        ),
    ),
    _own(
        "name",
        Kind.NAME,
        "what the customer calls it",
        payload=("friendlyName",),
        default="",
        decides=False,
        headers=(
            "Friendly name",
            "Subscription name",
            "サブスクリプション名",
        ),
    ),
    FactRow(
        "offer_name",
        Kind.NAME,
        "name of the offer",
        "subscription.offer.name",
        payload=("offerName",),
        default="",
        decides=False,
        headers=(
            "Product",
            "Product name",
            "オファー名",
            "製品名",
        ),
    ),
    FactRow(
        "discontinued",
        Kind.FLAG,
        "whether the offer is no longer sold",
        "subscription.offer.discontinued",
        headers=(
            "Offer discontinued",
            "オファーの廃止",
        ),
    ),
    FactRow(
        "monthly",
        Kind.FLAG,
        "whether the offer is also sold in monthly terms",
        "subscription.offer.monthly",
        decides=False,
    ),
    FactRow(
        "extended_service",
        Kind.FLAG,
        "whether extended service terms are for the offer",
        "subscription.offer.extended_service",
        payload=("publisherName", "isMicrosoftProduct"),
    ),
    FactRow(
        "equivalents",
        Kind.TEXTS,
        "ids of offers that the offer declares equivalent",
        "subscription.offer.equivalents",
        default=(),
        decides=False,
    ),
    _own(
        "seat_windows",
        Kind.TEXTS,
        "licences that were added, and until when they can be taken back, such as '5 2026-02-08T00:00:00Z'",
        payload=("refundableQuantity",),
        default=(),
        decides=False,
        as_it_is=True,
    ),
    FactRow(
        "price_amount",
        Kind.TEXT,
        "what one licence costs, a decimal number as text",
        "subscription.price.amount",
        decides=False,
        headers=(
            "Price",
            "Unit price",
            "価格",
            "単価",
        ),
    ),
    FactRow(
        "price_currency",
        Kind.TEXT,
        "currency of the price, ISO 4217",
        "subscription.price.currency",
        decides=False,
        headers=(
            "Currency",
            "通貨",
        ),
    ),
    FactRow(
        "price_cycle",
        Kind.WORD,
        "time that the price is for",
        "subscription.price.cycle",
        vocabulary=Cycle,
        decides=False,
        headers=("価格の対象期間",),
    ),
    FactRow(
        "replaced",
        Kind.FLAG,
        "False: nothing replaces it",
        "",
        default=True,
        presupposed=True,
        called="replacement",
    ),
    FactRow(
        "new_offer",
        Kind.TEXT,
        "id of the replacement's offer; not given: the same offer",
        "replacement.offer.id",
        headers=(
            "New offer ID",
            "新しいオファー",
            "新しいオファー ID",
        ),
    ),
    FactRow(
        "new_quantity",
        Kind.COUNT,
        "licences of the replacement; not given: as many",
        "replacement.quantity",
        headers=(
            "New licenses",
            "New licences",
            "新しい数量",
            "新しいライセンス数",
        ),
    ),
    FactRow(
        "provision_on",
        Kind.DAY,
        "day of the replacement; not given: the recommended one",
        "replacement.provision_on",
        headers=(
            "Provisioning date",
            "プロビジョニング日",
        ),
    ),
    FactRow("equivalent", Kind.FLAG, "whether either offer declares the other equivalent", "", default=False),
    FactRow(
        "new_discontinued",
        Kind.FLAG,
        "whether the replacement's offer is no longer sold",
        "replacement.offer.discontinued",
    ),
    FactRow(
        "new_offer_name",
        Kind.NAME,
        "name of the replacement's offer",
        "replacement.offer.name",
        default="",
        decides=False,
    ),
    FactRow(
        "new_monthly",
        Kind.FLAG,
        "whether the replacement's offer is also sold in monthly terms",
        "replacement.offer.monthly",
        decides=False,
    ),
    FactRow(
        "new_extended_service",
        Kind.FLAG,
        "whether extended service terms are for the replacement's offer",
        "replacement.offer.extended_service",
        decides=False,
    ),
    FactRow(
        "new_equivalents",
        Kind.TEXTS,
        "ids of offers that the replacement's offer declares equivalent",
        "replacement.offer.equivalents",
        decides=False,
    ),
    FactRow("as_of", Kind.WHEN, "the day that is asked for", "question.as_of", required=True),
    FactRow(
        "delegated_admin",
        Kind.FLAG,
        "whether the partner has delegated admin; null: not known",
        "question.delegated_admin",
        presupposed=True,
    ),
    FactRow(
        "into_another_tenant",
        Kind.FLAG,
        "whether the move is into another tenant",
        "question.into_another_tenant",
        required=True,
        called="another_tenant",
    ),
)
"""Every fact of a subscription, of what replaces it, and of the question, in the order in which a table has them."""


def rows_of(holder: str) -> dict[str, FactRow]:
    """Return the facts of one holder by what it calls them.

    >>> [*rows_of("subscription.term")]
    ['first_day', 'last_day']
    """
    return {row.attribute: row for row in FACT_TABLE if row.holder == holder}
