"""Owns the settings of a simulated shop: the frame that every projection reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What is fixed for a shop: its names, its currency, its day and its tax convention."""

    domain: str = "biscuit-and-bramble.myshopify.com"
    name: str = "Biscuit & Bramble"
    currency: str = "USD"
    timezone: str = "America/New_York"
    taxes_included: bool = False
    plan: str = "Basic"
    card_gateway: str = "shopify_payments"
    """What cards are taken by; a shop that has no Shopify Payments takes them by another gateway."""
    presentment_currencies: tuple[str, ...] = ()
    """Further currencies in which customers may pay."""
    created_at: datetime = datetime(2022, 1, 3, 15, 0, tzinfo=UTC)
