"""Where every rule and every number comes from: the pages, their edition, and the day we last read them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final

from attrs import frozen

from .plain import Plain, Word

__all__ = ["PAGES", "Page", "Source", "Standing", "link_in", "title_in"]

_LEARN: Final = "https://learn.microsoft.com/en-us/partner-center/"


class Standing(Word):
    """How well a rule stands: where it is said, and whether it is contested."""

    STATED = "stated"
    """The guide itself states it."""
    CONFIRMED = "confirmed"
    """A page of Microsoft's beside the guide states it."""
    SECONDARY = "secondary"
    """Only vendors or distributors state it."""
    DISPUTED = "disputed"
    """Sources, or passages of one source, disagree; we follow the reading that warns more."""


@frozen(kw_only=True)
class Page(Plain):
    """A page that rules come from; `edition` as precisely as it is known (year, month or day)."""

    title: str
    edition: str
    read_on: date
    link: str


@frozen(kw_only=True)
class Source(Plain):
    """A passage on a page, and how well what it says stands."""

    passage: str
    title: str
    edition: str
    read_on: date
    link: str
    standing: Standing

    _written_once: ClassVar = "sources"


_READ: Final = date(2026, 11, 22)

PAGES: Final[dict[str, Page]] = {
    "guide": Page(
        title=(
            "Move license-based customers from other channels, tenants, and partners to the CSP program "
            "(Japanese edition)"
        ),
        edition="2023-01-11",
        read_on=_READ,
        link="https://learn.microsoft.com/ja-jp/partner-center/customers/transition-seat-based-services",
    ),
    "guide-newer": Page(
        title=(
            "Move license-based customers from other channels, tenants, and partners to the CSP program "
            "(newer English edition)"
        ),
        edition="undated",
        read_on=_READ,
        link=_LEARN + "customers/transition-seat-based-services",
    ),
    "request": Page(
        title="How to request a reseller relationship from a customer in Partner Center",
        edition="undated",
        read_on=_READ,
        link=_LEARN + "customers/request-a-relationship-with-a-customer",
    ),
    "migration": Page(
        title="Microsoft 365 tenant-to-tenant migrations",
        edition="undated",
        read_on=_READ,
        link="https://learn.microsoft.com/en-us/microsoft-365/enterprise/microsoft-365-tenant-to-tenant-migrations",
    ),
    "business": Page(
        title="Microsoft Business subscriptions overview",
        edition="undated",
        read_on=_READ,
        link="https://learn.microsoft.com/en-us/microsoft-365/commerce/subscriptions/",
    ),
    "transfer-api": Page(
        title="Create a transfer for new commerce using Partner Center REST APIs",
        edition="undated",
        read_on=_READ,
        link=_LEARN + "developer/create-a-transfer",
    ),
    "announcement-2023": Page(
        title="Partner Center announcements of July 2023: legacy renewals into new commerce",
        edition="2023-07-12",
        read_on=_READ,
        link=_LEARN + "announcements/2023-july",
    ),
    "announcement-2025": Page(
        title="Partner Center announcements of March 2025: price of terms billed monthly",
        edition="2025-03",
        read_on=_READ,
        link=_LEARN + "announcements/2025-march",
    ),
    "agreement": Page(
        title="Confirm customer acceptance of the Microsoft Customer Agreement using Partner Center APIs",
        edition="undated",
        read_on=_READ,
        link=_LEARN + "developer/confirm-customer-consent-customer-agreement",
    ),
    "lifecycle": Page(
        title="Subscription lifecycle states",
        edition="2023-08",
        read_on=_READ,
        link=_LEARN + "customers/subscription-lifecycle",
    ),
    "manage": Page(
        title="Manage customer subscriptions",
        edition="2023-10",
        read_on=_READ,
        link=_LEARN + "customers/create-a-new-subscription",
    ),
    "resources": Page(
        title="Subscription resources",
        edition="2023-04-10",
        read_on=_READ,
        link=_LEARN + "developer/subscription-resources",
    ),
    "markets": Page(
        title=(
            "Cloud Solution Provider program regional markets and currencies where you can sell CSP offers"
        ),
        edition="2023-08-17",
        read_on=_READ,
        link=_LEARN + "regional-authorization-overview",
    ),
    "cancellation": Page(
        title="New commerce experience cancellation policy",
        edition="2023-07",
        read_on=_READ,
        link=_LEARN + "customers/new-commerce-cancellation-policy",
    ),
    "consolidation": Page(
        title="CSP regional authorization: tenant consolidation",
        edition="2022-10",
        read_on=_READ,
        link=_LEARN + "regional-authorization-tenant-consolidation",
    ),
    "transfer": Page(
        title="Transfer new commerce license-based subscriptions",
        edition="2024",
        read_on=_READ,
        link=_LEARN + "customers/transfer-subscriptions",
    ),
    "gdap": Page(
        title="GDAP frequently asked questions",
        edition="2023-09-25",
        read_on=_READ,
        link=_LEARN + "customers/gdap-faq",
    ),
    "direct": Page(
        title="Message MC1216259 of the Microsoft 365 message center",
        edition="2026-01-09",
        read_on=_READ,
        link="https://admin.microsoft.com/",
    ),
    "extended": Page(
        title="Extended service terms",
        edition="2026-03",
        read_on=_READ,
        link=_LEARN + "customers/extended-service-terms",
    ),
}

_JAPANESE_TITLES: Final = {
    # Microsoft's own titles, where they could be read; otherwise ours.
    "guide": (
        "ライセンスベースの顧客を他のチャネル、テナント、またはパートナーから、"
        "クラウド ソリューション プロバイダー (CSP) プログラムに移行する"
    ),
    "guide-newer": "ライセンスベースの顧客の CSP プログラムへの移行 (ガイドの新しい英語版)",
    "request": "パートナー センターで顧客にリセラー関係を要求する方法",
    "migration": "Microsoft 365 のテナント間の移行",
    "business": "Microsoft Business サブスクリプションの概要",
    "transfer-api": "パートナー センター REST API を使用して新しいコマースの転送を作成する",
    "announcement-2023": "パートナー センターのお知らせ 2023 年 7 月: 従来のサブスクリプションの新しいコマースへの更新",
    "announcement-2025": "パートナー センターのお知らせ 2025 年 3 月: 月払いの契約期間の価格",
    "agreement": "パートナー センター API を使用して Microsoft 顧客契約への顧客の同意を確認する",
    "lifecycle": "サブスクリプション ライフサイクルの状態",
    "manage": "顧客サブスクリプションを管理する",
    "resources": "サブスクリプション リソース",
    "markets": "CSP のオファーを販売できる地域の市場と通貨",
    "cancellation": "新しいコマース エクスペリエンスの取り消しポリシー",
    "consolidation": "CSP の地域承認: テナントの統合",
    "transfer": "新しいコマースのライセンスベースのサブスクリプションの譲渡",
    "gdap": "GDAP に関してよく寄せられる質問",
    "direct": "Microsoft 365 メッセージ センターのメッセージ MC1216259",
    "extended": "延長サービス期間",
}

_JAPANESE: Final = {page.link: _JAPANESE_TITLES[name] for name, page in PAGES.items()}


def title_in(page: Page | Source, lang: str) -> str:
    """Return what a page is called for readers of a language; a page that is not one of `PAGES` has one title.

    >>> title_in(PAGES["extended"], "ja")
    '延長サービス期間'
    """
    return _JAPANESE.get(page.link, page.title) if lang == "ja" else page.title


def link_in(page: Page | Source, lang: str) -> str:
    """Return where readers of a language find a page: Microsoft has each under one path in every language.

    What was read is the page of `link`. The guide and its newer edition lead to different texts, so their links stay.

    >>> link_in(PAGES["extended"], "ja")
    'https://learn.microsoft.com/ja-jp/partner-center/customers/extended-service-terms'
    >>> link_in(PAGES["guide-newer"], "ja") == PAGES["guide-newer"].link
    True
    """
    link = page.link.replace("/en-us/", "/ja-jp/") if lang == "ja" else page.link
    return page.link if link in _JAPANESE else link
