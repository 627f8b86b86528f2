"""What is read from Shopify: each stream declared once.

The GraphQL selection, the typed tables, dbt's sources, the reference page and the check against
Shopify's official schema derive from these declarations; nothing about a stream is written elsewhere.
Target API version: 2026-07; the queries are valid on 2026-04 and 2026-10 too.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from shopstack.errors import ConfigurationError, UsageError
from shopstack.shopify.streams.abandoned_checkouts import ABANDONED_CHECKOUTS
from shopstack.shopify.streams.catalogue import COLLECTIONS, PRODUCTS
from shopstack.shopify.streams.customers import CUSTOMERS
from shopstack.shopify.streams.deletions import DELETIONS
from shopstack.shopify.streams.discounts import DISCOUNTS
from shopstack.shopify.streams.draft_orders import DRAFT_ORDERS
from shopstack.shopify.streams.gift_cards import GIFT_CARDS
from shopstack.shopify.streams.inventory import INVENTORY_ITEMS
from shopstack.shopify.streams.money_moved import BALANCE_TRANSACTIONS, PAYOUTS, TENDER_TRANSACTIONS
from shopstack.shopify.streams.orders import AGREEMENT_TYPES, ORDERS, SALE_TYPES
from shopstack.shopify.streams.shop import LOCATIONS, REPORT_METRICS, SALES_REPORT, SHOP
from shopstack.tables import Stream, Table

__all__ = [
    "ABANDONED_CHECKOUTS",
    "AGREEMENT_TYPES",
    "API_VERSION",
    "BALANCE_TRANSACTIONS",
    "COLLECTIONS",
    "CUSTOMERS",
    "DELETIONS",
    "DISCOUNTS",
    "DRAFT_ORDERS",
    "GIFT_CARDS",
    "INVENTORY_ITEMS",
    "LOCATIONS",
    "ORDERS",
    "PAYOUTS",
    "PRODUCTS",
    "REPORT_METRICS",
    "SALES_REPORT",
    "SALE_TYPES",
    "SHOP",
    "STREAMS",
    "TENDER_TRANSACTIONS",
    "chosen",
    "needed_scopes",
    "on_request",
    "stream",
]

API_VERSION = "2026-07"

STREAMS: tuple[Stream, ...] = (
    SHOP,
    LOCATIONS,
    PRODUCTS,
    COLLECTIONS,
    INVENTORY_ITEMS,
    CUSTOMERS,
    DISCOUNTS,
    GIFT_CARDS,
    DRAFT_ORDERS,
    ABANDONED_CHECKOUTS,
    ORDERS,
    TENDER_TRANSACTIONS,
    PAYOUTS,
    BALANCE_TRANSACTIONS,
    DELETIONS,
    SALES_REPORT,
)
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
        hint="shopstack streams",
    )


def on_request() -> tuple[str, ...]:
    """Names of the streams and tables that are read only when ``[extract] include`` names them."""
    named = [one.name for one in STREAMS if one.on_request]
    return (*named, *(table.name for one in STREAMS for table in one.tables if table.on_request))


def chosen(include: Iterable[str] = ()) -> tuple[Stream, ...]:
    """The streams that are read, in order: those that pages need, and those on request that are named.

    What is read anyway may be named too: it was on request once, and a file that names it is still right.

    Raises:
        ConfigurationError: a name is of no stream and no table.
    """
    wanted = set(include)
    known = {one.name for one in STREAMS} | {table.name for one in STREAMS for table in one.tables}
    for name in sorted(wanted - known):
        near = difflib.get_close_matches(name, on_request(), n=1)
        raise ConfigurationError(
            f"[extract] include names {name!r}, which is nothing that is read on request.",
            why=f"These can be named: {', '.join(on_request())}.",
            hint=f'include = ["{near[0]}"] in shopstack.toml' if near else "shopstack streams",
        )
    return tuple(one for one in STREAMS if not one.on_request or one.name in wanted)


def _named(one: Stream, table: Table, include: Collection[str]) -> bool:
    """Whether the table is read, as far as names decide: what hangs below another comes only with it."""
    if table.on_request and table.name not in include:
        return False
    return not table.parent or _named(one, one.table(table.parent), include)


def needed_scopes(include: Collection[str] = ()) -> tuple[str, ...]:
    """Every access scope that the app should ask for, in alphabetical order, `read_all_orders` included."""
    scopes = {"read_all_orders"}
    for one in chosen(include):
        scopes.update(one.scopes)
        scopes.update(column.scope for table in one.tables for column in table.columns if column.scope)
        scopes.update(table.scope for table in one.tables if table.scope and _named(one, table, include))
    return tuple(sorted(scopes))
