"""Owns what Shopify Payments keeps of a payment, told alike by the order's transactions and by the balance."""

from __future__ import annotations

from shopstack.simulator.events import Payment
from shopstack.simulator.money import PPM, half_up

FEE_RATE = 29_000
"""Share of a payment, in millionths, beside a flat fee in the currency's smallest unit."""
FLAT_FEE = 30


def fee_of(payment: Payment, *, test: bool) -> int:
    """The fee of a payment in the shop's currency; other gateways, refunds and tests cost nothing."""
    came_in = payment.kind in ("SALE", "CAPTURE") and payment.status == "SUCCESS"
    if payment.gateway != "shopify_payments" or not came_in or test:
        return 0
    return half_up(payment.amount.shop * FEE_RATE, PPM) + FLAT_FEE
