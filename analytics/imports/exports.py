"""Exports that are known by their heads: whose they are, and since when the heads are as said.

Dated facts: platforms rename columns. What no public page of the platform confirms says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.imports import ImportKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One tool's export."""

    name: str
    kind: ImportKind
    #: Plain heads that only this export has together.
    heads: frozenset[str]
    #: What its rows have in common: use → value.
    says: dict[str, str] = field(default_factory=dict)
    #: On which day these heads were looked up.
    looked_up: date
    #: Confirmed by the platform's own page; otherwise known from public samples only.
    confirmed: bool


_SEEN: Final = date(2026, 11, 22)

#: The surest first.
EXPORTS: Final = (
    Export(
        name="Meta Ads Manager",
        kind=ImportKind.ADS,
        heads=frozenset({"amount spent", "campaign name"}),
        says={"platform": "meta"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    Export(
        name="Meta Ads Manager",
        kind=ImportKind.ADS,
        heads=frozenset({"jumlah yang dibelanjakan"}),
        says={"platform": "meta"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    Export(
        name="LinkedIn Campaign Manager",
        kind=ImportKind.ADS,
        heads=frozenset({"total spent", "start date in utc"}),
        says={"platform": "linkedin"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    # business.x.com, "Export .CSV definitions": ID, Campaign, Campaign URL, Time, Spend, Impressions, Clicks.
    Export(
        name="X Ads",
        kind=ImportKind.ADS,
        heads=frozenset({"campaign", "campaign url", "time", "spend"}),
        says={"platform": "x"},
        looked_up=_SEEN,
        confirmed=True,
    ),
    Export(
        name="TikTok Ads Manager",
        kind=ImportKind.ADS,
        # The cost is called Cost or Spend; the day by this name is TikTok's alone.
        heads=frozenset({"campaign name", "by day"}),
        says={"platform": "tiktok"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    Export(
        name="TikTok Ads Manager",
        kind=ImportKind.ADS,
        heads=frozenset({"cost", "clicks destination"}),
        says={"platform": "tiktok"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    Export(
        name="Google Ads",
        kind=ImportKind.ADS,
        heads=frozenset({"campaign", "cost", "currency code"}),
        says={"platform": "google"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    Export(
        name="Google Ads",
        kind=ImportKind.ADS,
        heads=frozenset({"campaign", "cost", "impr"}),
        says={"platform": "google"},
        looked_up=_SEEN,
        confirmed=False,
    ),
    # Each further thing of an order is a row of its own, with the order's number and nothing else of it.
    Export(
        name="Shopify orders",
        kind=ImportKind.ORDERS,
        heads=frozenset({"name", "financial status", "lineitem name"}),
        looked_up=_SEEN,
        confirmed=False,
    ),
    # woocommerce/woocommerce, Orders report, get_export_columns: Date, Order #, N. Revenue (formatted),
    # Status, Customer, Customer type, Product(s), Items sold, Coupon(s), Net Sales. It names no currency.
    Export(
        name="WooCommerce orders",
        kind=ImportKind.ORDERS,
        heads=frozenset({"order", "net sales", "customer type"}),
        looked_up=_SEEN,
        confirmed=True,
    ),
    Export(
        name="Google Analytics",
        kind=ImportKind.SESSIONS,
        heads=frozenset({"sessions", "engaged sessions"}),
        says={"tool": "ga4"},
        looked_up=_SEEN,
        confirmed=False,
    ),
)


def export_of(kind: ImportKind, heads: Iterable[str]) -> Export | None:
    """Whose export has these plain heads; None: nobody's that is known."""
    there = set(heads)
    return next((one for one in EXPORTS if one.kind == kind and one.heads <= there), None)
