"""Fills a store with a real shop's invoice lines: the mapping from a till roll to Shopify's order model.

The file is Parquet with the columns Invoice, StockCode, Description, Quantity, InvoiceDate (local time, text),
Price, `Customer ID` and Country, one row per invoice line. The whole mapping stands here:

* The shop trades in GBP and its days are those of Europe/London. Prices hold no separate tax.
* A price is rounded half up to pence before it is multiplied. Lines worth nothing stay.
* An order is one invoice without a leading C, placed at the earliest time of its rows (no invoice spans midnight),
  paid in full at once by one payment. An invoice with shipping alone is an order too.
* Rows of invoices that start with A (bad-debt bookings), and rows of negative or no quantity in invoices without
  a leading C (stock corrections), are left out and totalled in the report.
* POST, DOT and C2 are shipping: each such row is a shipping line of quantity times price.
* Stock codes are products of one variant, named after the code's longest description; customers are known by
  number alone; a row's country is the order's address, without city.
* A C row of a product refunds the latest earlier line (or of the same minute) of the same customer and stock code
  that has units left; it may use up several lines. Each refunded line goes back at the price at which it was sold; the difference
  to the C row's own price is an adjustment of the same refund.
* A guest (no customer number) is nobody in particular: a guest's C row matches no line.
* A C row of a shipping code gives back money of the latest earlier shipping lines of the same customer and code, as
  far as it was charged; shipping is refunded by amount, so there is no difference to adjust.
* What a C row could not match is refunded on the row's own date by one carry-over order, placed the day before the
  file begins: products as an adjustment, shipping from its shipping line. The carry-over order is worth exactly
  what it later gives back and was paid in full, so its ties hold and it ends at a net payment of nothing; a C row of
  positive quantity (a correction) is an adjustment in the shop's favour, and paid.
* C rows of one invoice that fall on one order make one refund, at the time of the invoice's first row.

So, per day: gross sales are the rows of products that are kept, sales reversals all C rows of products,
shipping is the rows of shipping codes net of their C rows, orders are the distinct invoices.
"""

from __future__ import annotations

import gc
from datetime import timedelta
from pathlib import Path

from shopstack.simulator.clock import Clock, VirtualClock
from shopstack.simulator.real_orders.importer import Importer
from shopstack.simulator.real_orders.rows import TIMEZONE, ImportReport, Total, read_rows
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.store import Store

__all__ = ["ImportReport", "Total", "load_real_orders"]


def load_real_orders(path: Path, *, clock: Clock | None = None) -> tuple[Store, ImportReport]:
    """A store filled from the file, and what became of its rows.

    Args:
        path: the Parquet file.
        clock: the store's clock; by default it stands a day after the last row.
    """
    report = ImportReport()
    rows = sorted(read_rows(path, report), key=lambda row: row.at)
    opened = rows[0].at - timedelta(days=30)
    shop = ShopSettings(
        domain="real-orders.myshopify.com",
        name="Real orders",
        currency="GBP",
        timezone=TIMEZONE,
        taxes_included=True,
        created_at=opened,
    )
    store = Store(shop, clock=clock or VirtualClock(rows[-1].at + timedelta(days=1)))
    events = Importer(rows, opened, report).events()
    del rows
    collecting = gc.isenabled()
    gc.disable()  # events hold no cycles; looking for them among millions of them doubles the time
    try:
        store.extend(events)
    finally:
        if collecting:
            gc.enable()
    return store, report
