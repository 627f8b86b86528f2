"""What days of the simulated stories must show, worked out by hand with taxes on top of prices and inside them.

Amounts are in the smallest unit of the currency: yen have no cents, so that a shop in yen shows the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from shopstack.simulator.scenarios import EARLIER

Figures = dict[str, int]


@dataclass(frozen=True)
class Day:
    """What a day of a story must show, in the smallest unit, with taxes on top of prices and inside them."""

    case: str
    story: str
    day: str
    on_top: Figures
    inside: Figures

    @property
    def when(self) -> date:
        """The day on which the story happens in a shop of all stories."""
        return date.fromisoformat(self.day) - timedelta(days=EARLIER[self.story])


DAYS = (
    Day("refund in a later month", "refund in a later month", "2026-01-15",
        {"gross_sales": 4333, "sales_reversals": 0, "shipping": 500, "taxes": 384, "total_sales": 5217, "orders": 1, "units": 4},
        {"gross_sales": 3611, "sales_reversals": 0, "shipping": 500, "taxes": 722, "total_sales": 4833, "orders": 1, "units": 4}),
    Day("refund in a later month", "refund in a later month", "2026-03-04",
        {"gross_sales": 0, "sales_reversals": -1000, "orders": 0, "units": -1},
        {"gross_sales": 0, "sales_reversals": -833, "total_sales": -1000, "orders": 0, "units": -1}),
    Day("midnight and clock changes", "midnight and clock changes", "2026-03-07",
        {"gross_sales": 1000, "orders": 1}, {"gross_sales": 833, "orders": 1}),
    Day("midnight and clock changes", "midnight and clock changes", "2026-03-08",
        {"gross_sales": 3000, "orders": 3}, {"gross_sales": 2499, "orders": 3}),
    Day("midnight and clock changes", "midnight and clock changes", "2025-11-02",
        {"gross_sales": 3000, "orders": 3}, {"gross_sales": 2499, "orders": 3}),
    Day("midnight and clock changes", "midnight and clock changes", "2026-03-29",
        {"gross_sales": 2000, "orders": 2}, {"gross_sales": 1666, "orders": 2}),
    Day("midnight and clock changes", "midnight and clock changes", "2025-10-26",
        {"gross_sales": 2000, "orders": 2}, {"gross_sales": 1666, "orders": 2}),
    # 3 x 10.00, 7 x 13.33 of which a third is off, 18.99; 10.00 off it all falls as 2.70, 5.60 and 1.70.
    Day("uneven discount", "uneven discount", "2026-01-10",
        {"gross_sales": 14230, "discounts": -4110, "net_sales": 10120, "shipping": 595, "taxes": 897, "total_sales": 11612, "units": 11},
        {"gross_sales": 11858, "discounts": -3425, "net_sales": 8433, "shipping": 595, "taxes": 1687, "total_sales": 10715, "units": 11}),
    Day("tax conventions", "people and places", "2026-01-05",
        {"gross_sales": 1000, "net_sales": 1000, "taxes": 89, "total_sales": 1089},
        {"gross_sales": 833, "net_sales": 833, "taxes": 167, "total_sales": 1000}),
    Day("cancelled, test and deleted", "cancelled, test and deleted", "2026-02-01",
        {"gross_sales": 2000, "shipping": 500, "taxes": 178, "total_sales": 2678, "orders": 1},
        {"gross_sales": 1667, "shipping": 500, "taxes": 333, "total_sales": 2500, "orders": 1}),
    Day("cancelled, test and deleted", "cancelled, test and deleted", "2026-02-02",
        {"gross_sales": 2666, "sales_reversals": -2666, "shipping": 0, "taxes": 0, "total_sales": 0, "orders": 1, "units": 0},
        {"gross_sales": 2222, "sales_reversals": -2222, "shipping": 0, "taxes": 0, "total_sales": 0, "orders": 1, "units": 0}),
    Day("cancelled, test and deleted", "cancelled, test and deleted", "2026-02-03",
        {"gross_sales": 0, "sales_reversals": -2000, "shipping": -500, "total_sales": -2678, "orders": 0, "units": -2},
        {"gross_sales": 0, "sales_reversals": -1667, "shipping": -500, "total_sales": -2500, "orders": 0, "units": -2}),
    Day("cancelled, test and deleted", "cancelled, test and deleted", "2026-02-04",
        {"gross_sales": 0, "total_sales": 0, "orders": 0, "units": 0},
        {"gross_sales": 0, "total_sales": 0, "orders": 0, "units": 0}),
    Day("edited next day", "edited next day", "2026-01-12",
        {"gross_sales": 5666, "sales_reversals": 0, "discounts": 0, "orders": 1, "shopify_orders": 1, "units": 5},
        {"gross_sales": 4722, "sales_reversals": 0, "discounts": 0, "orders": 1, "shopify_orders": 1, "units": 5}),
    Day("edited next day", "edited next day", "2026-01-13",
        {"gross_sales": 3798, "sales_reversals": -1000, "discounts": -333, "orders": 0, "shopify_orders": 1, "units": 1},
        {"gross_sales": 3165, "sales_reversals": -833, "orders": 0, "shopify_orders": 1, "units": 1}),
    Day("exchange with fee", "exchange with fee", "2026-01-20",
        {"gross_sales": 0, "sales_reversals": 0, "total_sales": 0, "units": 0},
        {"gross_sales": 0, "sales_reversals": 0, "total_sales": 0, "units": 0}),
    Day("exchange with fee", "exchange with fee", "2026-01-27",
        {"gross_sales": 1333, "sales_reversals": -2000, "return_fees": 395, "orders": 0, "units": -1},
        {"gross_sales": 1111, "sales_reversals": -1667, "return_fees": 395, "orders": 0, "units": -1}),
    Day("exchange with fee", "exchange with fee", "2026-02-01",
        {"gross_sales": 0, "sales_reversals": 0, "total_sales": 0, "units": 0},
        {"gross_sales": 0, "sales_reversals": 0, "total_sales": 0, "units": 0}),
    Day("odd refunds", "odd refunds", "2026-01-09",
        {"sales_reversals": -500, "net_sales": -500, "taxes": 0, "total_sales": -500, "units": 0},
        {"sales_reversals": -500, "net_sales": -500, "taxes": 0, "total_sales": -500, "units": 0}),
    Day("odd refunds", "odd refunds", "2026-01-10",
        {"sales_reversals": 0, "shipping": -595, "taxes": -53, "total_sales": -648, "units": 0},
        {"sales_reversals": 0, "shipping": -496, "taxes": -99, "total_sales": -595, "units": 0}),
    Day("odd refunds", "odd refunds", "2026-01-12",
        {"total_sales": 0, "taxes": -89, "sales_reversals": 89, "units": -1},
        {"total_sales": 0, "taxes": -167, "sales_reversals": 167, "units": -1}),
    Day("odd refunds", "odd refunds", "2026-01-15",
        {"total_sales": -1089, "taxes": 0, "sales_reversals": -1089, "units": 0},
        {"total_sales": -1000, "taxes": 0, "sales_reversals": -1000, "units": 0}),
    Day("gift cards and tenders", "gift cards and tenders", "2026-01-05",
        {"gross_sales": 1000, "gift_cards_sold": 2500, "total_sales": 1089, "orders": 1, "average_order_value": 1000},
        {"gross_sales": 833, "gift_cards_sold": 2500, "total_sales": 1000, "orders": 1, "average_order_value": 833}),
    Day("gift cards and tenders", "gift cards and tenders", "2026-01-06",
        {"gross_sales": 4000, "taxes": 355, "total_sales": 4355, "orders": 1, "units": 4},
        {"gross_sales": 3333, "taxes": 667, "total_sales": 4000, "orders": 1, "units": 4}),
    Day("gift cards and tenders", "gift cards and tenders", "2026-01-07",
        {"total_sales": 0, "orders": 0}, {"total_sales": 0, "orders": 0}),
    Day("gift cards and tenders", "gift cards and tenders", "2026-01-08",
        {"gross_sales": 1000, "tips": 300, "total_sales": 1089, "orders": 1},
        {"gross_sales": 833, "tips": 300, "total_sales": 1000, "orders": 1}),
    Day("people and places", "people and places", "2026-01-09",
        {"gross_sales": 4333, "shipping": 1295, "duties": 133, "taxes": 0, "total_sales": 5761},
        {"gross_sales": 4333, "shipping": 1295, "duties": 133, "taxes": 0, "total_sales": 5761}),
    Day("people and places", "people and places", "2026-01-10",
        {"gross_sales": 1000, "additional_fees": 29, "shipping": 500, "taxes": 89, "total_sales": 1618},
        {"gross_sales": 833, "additional_fees": 29, "shipping": 500, "taxes": 167, "total_sales": 1529}),
    Day("unknown line type", "unknown line type", "2026-01-05",
        {"gross_sales": 2000, "unclassified": 150, "taxes": 178, "total_sales": 2328},
        {"gross_sales": 1667, "unclassified": 150, "taxes": 333, "total_sales": 2150}),
)  # fmt: skip

WORKED_EXAMPLE = {
    "gross_sales": "3997.23",
    "discounts": "-210.48",
    "sales_reversals": "459.51",
    "net_sales": "4246.26",
    "shipping": "92.51",
    "taxes": "169.33",
    "total_sales": "4508.10",
}
"""Reversals of 3032.29 and an adjustment of 3491.80 the other way: a refund that is still on its way."""
