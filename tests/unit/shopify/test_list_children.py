"""Lines of refunds: read for the orders that have any, to their end, and never out of two versions of an order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import zstandard

from shopstack.landing_writer import WindowWriter
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.list_children import BATCH, read_list_children
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import CUSTOMERS, ORDERS, needed_scopes
from shopstack.storage import FolderStorage
from shopstack.tables import Stream
from tests.unit.shopify.fakes import answer, client, failure

WITHOUT_RETURNS = Access(frozenset(needed_scopes()) - {"read_returns"})
"""Of what is read by itself, the lines of refunds alone."""
EMPTY: dict[str, Any] = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def order_line(number: int, *, refunds: int = 1, version: str = "v1") -> bytes:
    """An order as a bulk result writes it."""
    held = [{"id": gid("Refund", number * 10 + n)} for n in range(refunds)]
    line = orjson.dumps({"id": gid("Order", number), "updatedAt": version, "refunds": held})
    return line.replace(b"/", b"\\/") + b"\n"


def numbers_in(variables: dict[str, Any]) -> list[int]:
    """The orders that were asked for, by their ids or by a search for them."""
    if "search" in variables:
        assert variables["first"] == len(variables["search"].split(" OR "))
        return [int(term.removeprefix("id:")) for term in variables["search"].split(" OR ")]
    return [int(one.rsplit("/", 1)[-1]) for one in variables["ids"]]


class Refunds:
    """Orders with one refund each: two refund lines come at first, two with each further request."""

    def __init__(
        self,
        lines: int = 1,
        *,
        versions: dict[int, str] | None = None,
        dearest: int = 1000,
        prices: tuple[float, float] = (1.0, 2.0),
    ) -> None:
        self.lines = lines
        self.versions = versions or {}
        self.dearest = dearest
        self.price_by_id, self.price_by_search = prices
        self.unindexed: set[int] = set()
        self.search_warning = False
        self.gone: set[int] = set()
        self.drained_version = "v1"
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        variables = body["variables"]
        self.asked.append(variables)
        if body["query"].startswith("query BelowDrain"):
            held = self._lines(int(variables["after"]))
            root = {"id": "any", "updatedAt": self.drained_version}
            return httpx.Response(200, json=answer({"node": {"root": root, "refundLineItems": held}}))
        by_search = "search" in variables
        asked = numbers_in(variables)
        if len(asked) > self.dearest:
            said = failure("MAX_COST_EXCEEDED", "Query cost is 1200, which exceeds the limit of 1000")
            return httpx.Response(200, json=said)
        nodes = [self._order(number) for number in asked]
        price = {"requestedQueryCost": len(asked) * (self.price_by_search if by_search else self.price_by_id)}
        if not by_search:
            return httpx.Response(200, json=answer({"nodes": nodes}, cost=price))
        shown = [
            node for node, number in zip(nodes, asked, strict=True) if node and number not in self.unindexed
        ]
        found = {"orders": {"nodes": shown}}
        ignored = [{"path": ["orders"], "warnings": [{"field": "id"}]}] if self.search_warning else []
        return httpx.Response(200, json=answer(found, cost=price, search=ignored))

    def _order(self, number: int) -> dict[str, Any] | None:
        if number in self.gone:
            return None
        refund = {
            "id": gid("Refund", number * 10),
            "refundLineItems": self._lines(0),
            "refundShippingLines": EMPTY,
            "orderAdjustments": EMPTY,
            "transactions": EMPTY,
        }
        version = self.versions.get(number, "v1")
        return {"id": gid("Order", number), "updatedAt": version, "refunds": [refund]}

    def _lines(self, after: int) -> dict[str, Any]:
        last = min(after + 2, self.lines)
        nodes = [
            {"__typename": "RefundLineItem", "id": None, "quantity": n} for n in range(after + 1, last + 1)
        ]
        return {"nodes": nodes, "pageInfo": {"hasNextPage": last < self.lines, "endCursor": str(last)}}


def added(
    shop: Refunds, tmp_path: Path, content: bytes, *, stream: Stream = ORDERS
) -> tuple[list[dict[str, Any]], WindowWriter]:
    """What is written behind the content."""

    async def work() -> tuple[list[dict[str, Any]], WindowWriter]:
        writer = WindowWriter(FolderStorage(tmp_path), "a-shop", stream)
        writer.write(content)
        async with client(shop) as shopify:
            await read_list_children(shopify, stream, WITHOUT_RETURNS, writer)
        packed = [Path(file).read_bytes() for file in writer.files()]
        lines = b"".join(zstandard.ZstdDecompressor().decompressobj().decompress(one) for one in packed)
        return [orjson.loads(line) for line in lines[len(content) :].splitlines()], writer

    return asyncio.run(work())


def test_only_orders_with_a_refund_are_asked_for(tmp_path: Path) -> None:
    shop = Refunds()
    content = order_line(1, refunds=0) + order_line(2) + order_line(3, refunds=0)
    lines, writer = added(shop, tmp_path, content)
    assert [numbers_in(asked) for asked in shop.asked] == [[2]]
    assert [(line["__parentId"], line["quantity"]) for line in lines] == [(gid("Refund", 20), 1)]
    assert (writer.roots, writer.objects) == (3, 4)


def test_nothing_is_asked_where_no_order_has_a_refund(tmp_path: Path) -> None:
    shop = Refunds()
    assert added(shop, tmp_path, order_line(1, refunds=0))[0] == []
    assert shop.asked == []


def test_a_stream_without_such_lists_costs_nothing(tmp_path: Path) -> None:
    shop = Refunds()
    added(shop, tmp_path, b'{"id":"gid://shopify/Customer/1","refunds":[{}]}\n', stream=CUSTOMERS)
    assert shop.asked == []


@pytest.mark.parametrize(
    "damaged",
    [
        order_line(2).replace(b"v1", b"v\x011"),
        order_line(2)[:-5] + b"\n",
        order_line(2).replace(b'"updatedAt"', b'"updatedaT"'),
        order_line(2).replace(b'"id":"gid:', b'"iD":"gid:', 1),
        b'["refunds":[{]\n',
    ],
)
def test_a_damaged_line_is_said_to_be_one(tmp_path: Path, damaged: bytes) -> None:
    with pytest.raises(BulkFailedError, match="cannot be read"):
        added(Refunds(), tmp_path, order_line(1) + damaged)


def test_a_long_refund_is_read_to_its_end(tmp_path: Path) -> None:
    lines, _ = added(Refunds(lines=7), tmp_path, order_line(1))
    assert [line["quantity"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]


def test_every_order_of_a_large_window_is_asked_once(tmp_path: Path) -> None:
    shop = Refunds()
    lines, _ = added(shop, tmp_path, b"".join(order_line(number) for number in range(1, 521)))
    assert sorted(one for asked in shop.asked for one in numbers_in(asked)) == list(range(1, 521))
    assert len(lines) == 520


def ways(shop: Refunds) -> str:
    """By search (s) or by ids (i), request by request."""
    return "".join("s" if "search" in asked else "i" for asked in shop.asked)


@pytest.mark.parametrize(("prices", "kept"), [((1.0, 2.0), "i"), ((2.0, 1.0), "s")])
def test_the_cheaper_way_to_ask_is_kept_to(
    tmp_path: Path, prices: tuple[float, float], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopstack.shopify.list_children.AT_ONCE", 1)
    shop = Refunds(prices=prices)
    lines, _ = added(shop, tmp_path, b"".join(order_line(number) for number in range(1, 6 * BATCH + 1)))
    assert len(lines) == 6 * BATCH
    assert ways(shop) == "si" + 4 * kept


def test_an_order_that_the_search_does_not_find_is_asked_for_by_its_id(tmp_path: Path) -> None:
    shop = Refunds(prices=(2.0, 1.0))
    shop.unindexed, shop.gone = {2}, {3}
    lines, _ = added(shop, tmp_path, order_line(1) + order_line(2) + order_line(3))
    assert [numbers_in(asked) for asked in shop.asked] == [[1, 2, 3], [2, 3]]
    assert ways(shop) == "si"
    of_orders = sorted(line["__parentId"] for line in lines)
    assert of_orders == [gid("Order", 3), gid("Refund", 10), gid("Refund", 20)]
    assert {"__typename": "Moved", "__parentId": gid("Order", 3)} in lines


def test_a_search_that_shopify_does_not_understand_is_given_up(tmp_path: Path) -> None:
    shop = Refunds(prices=(2.0, 1.0))
    shop.search_warning = True
    lines, _ = added(shop, tmp_path, b"".join(order_line(number) for number in range(1, 6 * BATCH + 1)))
    assert len(lines) == 6 * BATCH
    assert ways(shop).count("i") == 6


def test_too_costly_requests_are_halved(tmp_path: Path) -> None:
    shop = Refunds(dearest=3)
    lines, _ = added(shop, tmp_path, b"".join(order_line(number) for number in range(1, 11)))
    assert len(lines) == 10
    with pytest.raises(TooCostlyError):
        added(Refunds(dearest=0), tmp_path, order_line(1))


@pytest.mark.parametrize("how", ["changed", "gone", "changed while drained"])
def test_an_order_that_changed_is_marked_and_the_others_are_read(tmp_path: Path, how: str) -> None:
    shop = Refunds(versions={1: "v2"} if how == "changed" else {})
    if how == "gone":
        shop.gone = {1}
    if how == "changed while drained":
        shop.lines, shop.drained_version = 3, "v2"
    lines, _ = added(shop, tmp_path, order_line(1) + order_line(2))
    assert {"__typename": "Moved", "__parentId": gid("Order", 1)} in lines
    of_second = [line for line in lines if line["__parentId"] == gid("Refund", 20)]
    assert len(of_second) == (0 if how == "changed while drained" else 1)
