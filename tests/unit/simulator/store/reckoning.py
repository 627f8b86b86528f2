"""Reads amounts out of documents and holds an order against the identities that METRICS calls ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shopstack.simulator.projections.report import METRICS

Document = dict[str, Any]
SIDES = ("shopMoney", "presentmentMoney")


def money(bag: Document, side: str = "shopMoney") -> Decimal:
    """The amount of a MoneyBag."""
    return Decimal(bag[side]["amount"])


def sales(order: Document, *reasons: str) -> Iterator[Document]:
    """The sales of an order's agreements, of those with the given reasons if any."""
    for agreement in order["agreements"]:
        if not reasons or agreement["reason"] in reasons:
            yield from agreement["sales"]


def ties(order: Document, side: str = "shopMoney") -> dict[str, Decimal]:
    """The differences that must all be zero, by name."""
    adjusted = sum(
        (money(s["totalAmount"], side) for s in sales(order) if s["lineType"] == "ADJUSTMENT"), Decimal(0)
    )
    settled = [t for t in order["transactions"] if t["status"] == "SUCCESS"]
    received = sum(
        (money(t["amountSet"], side) for t in settled if t["kind"] in ("SALE", "CAPTURE")), Decimal(0)
    )
    back = sum((money(t["amountSet"], side) for t in settled if t["kind"] == "REFUND"), Decimal(0))
    placed = sum((money(s["totalAmount"], side) for s in sales(order, "ORDER")), Decimal(0))
    total = sum((money(s["totalAmount"], side) for s in sales(order)), Decimal(0))
    tax = sum((money(s["totalTaxAmount"], side) for s in sales(order)), Decimal(0))
    return {
        "original": placed - money(order["originalTotalPriceSet"], side),
        "current": total - adjusted - money(order["currentTotalPriceSet"], side),
        "net payment": received - back - money(order["netPaymentSet"], side),
        "discrepancy": adjusted - money(order["refundDiscrepancySet"], side),
        "tax": tax - money(order["currentTotalTaxSet"], side),
    }


def untied(order: Document) -> dict[str, Decimal]:
    """The ties of an order that do not hold, in either currency."""
    return {f"{name} ({side})": gap for side in SIDES for name, gap in ties(order, side).items() if gap}


def report_from_ledger(orders: Iterator[Document], timezone: str) -> dict[date, dict[str, Decimal]]:
    """The daily report worked out from the ledger, as METRICS defines it; days on which nothing moved are absent."""
    zone = ZoneInfo(timezone)
    days: dict[date, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(METRICS, Decimal(0)))
    bucket = {
        "SHIPPING": "shipping_charges",
        "DUTY": "duties",
        "ADDITIONAL_FEE": "additional_fees",
        "FEE": "return_fees",
    }
    for order in orders:
        if order["test"]:
            continue
        counted: set[date] = set()
        for agreement in order["agreements"]:
            day = datetime.fromisoformat(agreement["happenedAt"]).astimezone(zone).date()
            row = days[day]
            if agreement["reason"] in ("ORDER", "ORDER_EDIT") and day not in counted:
                counted.add(day)
                row["orders"] += 1
            for sale in agreement["sales"]:
                if sale["lineType"] in ("TIP", "GIFT_CARD"):
                    continue
                total, tax = money(sale["totalAmount"]), money(sale["totalTaxAmount"])
                discount = money(sale["totalDiscountAmountBeforeTaxes"])
                net = total - tax
                row["taxes"] += tax
                row["total_sales"] += total
                if sale["lineType"] == "ADJUSTMENT" or (
                    sale["lineType"] == "PRODUCT" and sale["actionType"] == "RETURN"
                ):
                    row["sales_reversals"] += net
                    row["net_sales"] += net
                elif sale["lineType"] == "PRODUCT":
                    row["gross_sales"] += net + discount
                    row["discounts"] -= discount
                    row["net_sales"] += net
                elif sale["lineType"] in bucket:
                    row[bucket[sale["lineType"]]] += net
    return dict(days)
