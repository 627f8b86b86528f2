"""What is read from Shopify: each stream declared once.

The GraphQL selection, the typed tables, dbt's sources, the reference page and the check against
Shopify's official schema derive from these declarations; nothing about a stream is written elsewhere.
Target API version: 2026-07; the queries are valid on 2026-04 and 2026-10 too.
"""

from __future__ import annotations

from shopstack.errors import UsageError
from shopstack.shopify.streams.catalogue import PRODUCTS
from shopstack.shopify.streams.customers import CUSTOMERS
from shopstack.shopify.streams.orders import AGREEMENT_TYPES, ORDERS, SALE_TYPES
from shopstack.shopify.streams.shop import LOCATIONS, REPORT_METRICS, SALES_REPORT, SHOP
from shopstack.tables import Stream

__all__ = [
    "AGREEMENT_TYPES",
    "API_VERSION",
    "CUSTOMERS",
    "LOCATIONS",
    "ORDERS",
    "PRODUCTS",
    "REPORT_METRICS",
    "SALES_REPORT",
    "SALE_TYPES",
    "SHOP",
    "STREAMS",
    "needed_scopes",
    "stream",
]

API_VERSION = "2026-07"

STREAMS: tuple[Stream, ...] = (SHOP, LOCATIONS, PRODUCTS, CUSTOMERS, ORDERS, SALES_REPORT)
"""All streams in the order in which they are read; the report right after the orders that it is held against."""


def stream(name: str) -> Stream:
    """The stream of that name.

    Raises:
        UsageError: there is none.
    """
    for one in STREAMS:
        if one.name == name:
            return one
    raise UsageError(
        f"There is no stream called {name!r}.",
        why=f"The streams are {', '.join(s.name for s in STREAMS)}.",
        hint="shopstack status",
    )


def needed_scopes() -> tuple[str, ...]:
    """Every access scope that the app should ask for, in alphabetical order, `read_all_orders` included."""
    scopes = {"read_all_orders"}
    for one in STREAMS:
        scopes.update(one.scopes)
        scopes.update(column.scope for table in one.tables for column in table.columns if column.scope)
    return tuple(sorted(scopes))
