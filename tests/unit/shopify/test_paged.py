"""Paging: costly pages shrink, long connections are drained, and a root that changes is read again whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shopstack.errors import IncompleteError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.paged import run_paged
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import PRODUCTS, needed_scopes
from shopstack.storage import FolderStorage
from tests.unit.shopify.fakes import answer, client, failure

ALL = Access(frozenset(needed_scopes()))


def page_info(more: bool, cursor: int) -> dict[str, Any]:
    return {"hasNextPage": more, "endCursor": str(cursor)}


class Catalogue:
    """Products with variants: three come with the product, two with each further request."""

    def __init__(self, products: int, variants: int, *, changes: int = 0, dearest: int = 1000) -> None:
        self.products = products
        self.variants = variants
        self.changes = changes
        self.dearest = dearest
        self.version = 0
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        query, variables = body["query"], body["variables"]
        self.asked.append({"name": query.split("(")[0], **variables})
        if query.startswith("query Page"):
            return httpx.Response(200, json=self._page(variables))
        number = int(variables["id"].rsplit("/", 1)[-1])
        if query.startswith("query Root"):
            return httpx.Response(200, json=answer({"node": self._product(number)}))
        if self.changes:
            self.changes -= 1
            self.version += 1
        held = self._variants(number, int(variables["after"] or 0), 2)
        node = {"id": variables["id"], "updatedAt": self.changed(), "variants": held}
        return httpx.Response(200, json=answer({"node": node}))

    def changed(self) -> str:
        return f"v{self.version}"

    def _page(self, variables: dict[str, Any]) -> dict[str, Any]:
        first, after = variables["first"], int(variables["after"] or 0)
        if first > self.dearest:
            return failure("MAX_COST_EXCEEDED", "Query cost is 1200, which exceeds the limit of 1000")
        last = min(after + first, self.products)
        nodes = [self._product(number) for number in range(after + 1, last + 1)]
        return answer({"products": {"nodes": nodes, "pageInfo": page_info(last < self.products, last)}})

    def _product(self, number: int) -> dict[str, Any]:
        held = self._variants(number, 0, 3)
        return {"id": f"gid://shopify/Product/{number}", "updatedAt": self.changed(), "variants": held}

    def _variants(self, product: int, after: int, size: int) -> dict[str, Any]:
        last = min(after + size, self.variants)
        nodes = [
            {"id": f"gid://shopify/ProductVariant/{product * 100 + n}"} for n in range(after + 1, last + 1)
        ]
        return {"nodes": nodes, "pageInfo": page_info(last < self.variants, last)}


def read(tmp_path: Path, shop: Catalogue) -> list[dict[str, Any]]:
    lines: list[bytes] = []

    class Recorded(WindowWriter):
        def write(self, block: bytes) -> None:
            lines.extend(block.splitlines())
            super().write(block)

    async def work() -> None:
        with Recorded(FolderStorage(tmp_path), "a", PRODUCTS) as writer:
            async with client(shop) as one:
                await run_paged(one, PRODUCTS, ALL, "updated_at:<'x'", writer, counted=True)

    asyncio.run(work())
    return [orjson.loads(line) for line in lines]


@pytest.mark.parametrize("variants", [0, 1, 3, 4, 5, 8])
def test_every_variant_comes_once_below_its_product(tmp_path: Path, variants: int) -> None:
    found = read(tmp_path, Catalogue(2, variants))
    assert [(line["id"], line.get("__parentId")) for line in found] == [
        line
        for product in (1, 2)
        for line in [
            (f"gid://shopify/Product/{product}", None),
            *(
                (f"gid://shopify/ProductVariant/{product * 100 + n}", f"gid://shopify/Product/{product}")
                for n in range(1, variants + 1)
            ),
        ]
    ]


def test_a_page_that_is_too_costly_is_halved_until_it_passes(tmp_path: Path) -> None:
    shop = Catalogue(30, 0, dearest=13)
    assert len(read(tmp_path, shop)) == 30
    assert [asked["first"] for asked in shop.asked] == [50, 25, 12, 12, 12]


def test_a_single_root_that_is_too_costly_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TooCostlyError):
        read(tmp_path, Catalogue(1, 0, dearest=0))


def test_a_root_that_changes_while_its_parts_are_read_is_read_again_whole(tmp_path: Path) -> None:
    shop = Catalogue(1, 6, changes=1)
    found = read(tmp_path, shop)
    assert len(found) == 7
    assert found[0]["updatedAt"] == "v1"
    assert [asked["name"] for asked in shop.asked] == [
        "query Page",
        "query Drain",
        "query Root",
        "query Drain",
        "query Drain",
    ]


def test_a_root_that_never_stands_still_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(IncompleteError, match="kept changing"):
        read(tmp_path, Catalogue(1, 6, changes=99))


def test_no_internal_field_of_paging_reaches_the_lines(tmp_path: Path) -> None:
    assert {key for line in read(tmp_path, Catalogue(1, 4)) for key in line} == {
        "id",
        "updatedAt",
        "__parentId",
    }
