"""Landed windows made by hand: the lines that Shopify would send, without Shopify."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from shopstack.landing import LandedWindow, Method, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.streams import STREAMS
from shopstack.shopify.streams import stream as declared
from shopstack.storage import FolderStorage
from shopstack.warehouse.duckdb import DuckDBWarehouse

SHOP = "a-shop.myshopify.com"
LOADED_AT = datetime(2026, 3, 1, tzinfo=UTC)

Line = dict[str, Any]


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def money(amount: str) -> Line:
    return {"shopMoney": {"amount": amount}, "presentmentMoney": {"amount": amount}}


def order(number: int, **fields: Any) -> Line:
    return {
        "id": gid("Order", number),
        "name": f"#{number}",
        "updatedAt": "2026-01-31T12:34:56Z",
        "originalTotalPriceSet": money("10.0"),
        "transactions": [],
        "refunds": [],
        **fields,
    }


def line_item(number: int, parent: int, **fields: Any) -> Line:
    return {
        "id": gid("LineItem", number),
        "title": "Biscuits",
        "quantity": 2,
        "discountAllocations": [],
        **fields,
        "__parentId": gid("Order", parent),
    }


def agreement(number: int, parent: int) -> Line:
    return {
        "__typename": "OrderAgreement",
        "id": gid("SalesAgreement", number),
        "reason": "ORDER",
        "__parentId": gid("Order", parent),
    }


def sale(number: int, parent: int, amount: str = "10.0", typename: str = "ProductSale") -> Line:
    return {
        "__typename": typename,
        "id": gid("Sale", number),
        "quantity": 2,
        "totalAmount": money(amount),
        "__parentId": gid("SalesAgreement", parent),
    }


def shipping_line(parent: int, identifier: str | None = None) -> Line:
    return {
        "__typename": "ShippingLine",
        "id": identifier,
        "title": "Standard",
        "__parentId": gid("Order", parent),
    }


def refund_line(number: int, refund: int, **fields: Any) -> Line:
    return {
        "__typename": "RefundLineItem",
        "id": gid("RefundLineItem", number),
        "quantity": 1,
        **fields,
        "__parentId": gid("Refund", refund),
    }


def adjustment(number: int, refund: int, amount: str = "-1.0") -> Line:
    return {
        "id": gid("OrderAdjustment", number),
        "amountSet": money(amount),
        "__parentId": gid("Refund", refund),
    }


def moved(parent: int) -> Line:
    return {"__typename": "Moved", "__parentId": gid("Order", parent)}


def tree(number: int) -> list[Line]:
    """One order with everything below it."""
    return [
        order(number),
        line_item(number * 10, number),
        line_item(number * 10 + 1, number),
        agreement(number, number),
        sale(number * 10, number),
        shipping_line(number),
    ]


def land(
    folder: Path,
    lines: Iterable[Mapping[str, Any]] | bytes,
    *,
    stream: str = "orders",
    end: datetime = datetime(2026, 2, 1, tzinfo=UTC),
    method: Method = "bulk",
) -> LandedWindow:
    """The lines as a landed window."""
    content = lines if isinstance(lines, bytes) else b"".join(orjson.dumps(line) + b"\n" for line in lines)
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, declared(stream)) as writer:
        writer.write(content)
        return writer.commit(
            Window(None, end),
            method=method,
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=end,
        )


def warehouse(folder: Path) -> DuckDBWarehouse:
    """An empty warehouse with every table."""
    made = DuckDBWarehouse(folder / "raw.duckdb", memory_limit="500MB")
    made.prepare(STREAMS)
    return made


def rows(made: DuckDBWarehouse, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the raw database."""
    with duckdb.connect(str(made.file), read_only=True) as connection:
        return connection.execute(query).fetchall()
