"""Addresses of customers, and metafields by namespace: all that was asked for arrives, both ways alike, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopstack.extract import plan, rebuild
from shopstack.shopify import queries
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.streams import CUSTOMERS, ORDERS, PRODUCTS
from shopstack.simulator.attached_events import (
    AddressRemoved,
    AddressSaved,
    MetafieldDeleted,
    MetafieldSet,
    Owner,
)
from shopstack.simulator.events import OrderFulfilled
from shopstack.simulator.scenarios import HOME, Bench, treats
from shopstack.simulator.store import Store
from shopstack.tables import Stream
from tests.contract.streams.shop import (
    CREDENTIALS,
    DEFAULTS,
    FAST,
    Shop,
    Tables,
    differing,
    make_project,
    served,
)
from tests.contract.streams.test_streams import EVERYTHING, read_whole

pytestmark = pytest.mark.xdist_group("metafields")

ONE, MANY = ("custom",), ("custom", "reviews", "unused", "specs")
PERSONAL = "[privacy]\npersonal_data = true\n"
OWNERS = {
    "order_metafields": "Order",
    "customer_metafields": "Customer",
    "product_metafields": "Product",
    "product_variant_metafields": "ProductVariant",
}


def named(*namespaces: str) -> str:
    """The configuration that reads everything, with metafields of these namespaces."""
    return f"{FAST}metafields = {list(namespaces)}\n{PERSONAL}"


@pytest.fixture(scope="module")
def full(tiny_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The tiny shop with everything of it read; tests only look."""
    with served(tiny_store, tmp_path_factory.mktemp("full"), more=named(*MANY)) as shop:
        shop.extract()
        yield shop


def test_every_address_of_every_customer_arrives_with_personal_data(full: Shop, tiny_store: Store) -> None:
    wanted = sorted(
        (document["id"], one["id"], one["address1"], one["company"], one["phone"], one["countryCodeV2"])
        for document in tiny_store.documents("Customer")
        for one in document["addressesV2"]
    )
    found = full.rows(
        "select _parent_id, id, address1, company, phone, country_code from shopify.customer_addresses "
        "order by _parent_id, id"
    )
    assert sorted(found) == wanted
    assert all(one[1].endswith("?model_name=CustomerAddress") for one in found)
    assert max(Counter(row[0] for row in found).values()) > queries.DRAIN_PAGE
    assert full.rows(
        "select count(*) > 0, count(*) filter (a.id is null) from shopify.customers as c "
        "left join shopify.customer_addresses as a on a.id = c.default_address_id and a._parent_id = c.id"
    ) == [(True, 0)]


@pytest.mark.parametrize(("table", "kind"), OWNERS.items())
def test_every_metafield_of_the_named_namespaces_arrives_under_its_owner(
    full: Shop, tiny_store: Store, table: str, kind: str
) -> None:
    wanted = sorted(
        (owner, one["id"], one["namespace"], one["key"], one["type"], one["value"])
        for owner in tiny_store.ids(kind)
        for one in tiny_store.documents("Metafield", tiny_store.related(owner, "metafields"))
    )
    found = full.rows(
        f"select _parent_id, id, namespace, key, type, value from shopify.{table} order by _parent_id, id"
    )
    assert found == wanted
    assert max(Counter(row[0] for row in found).values()) > queries.DRAIN_PAGE
    assert {row[2] for row in found} <= set(MANY)


def test_of_other_namespaces_nothing_arrives(tiny_store: Store, folder: Path) -> None:
    with served(tiny_store, folder, more=named("reviews")) as shop:
        shop.extract()
        for table in ("order_metafields", "customer_metafields", "product_metafields"):
            assert shop.rows(f"select distinct namespace from shopify.{table}") == [("reviews",)]


def test_a_project_that_asks_for_neither_sends_no_query_that_mentions_them(
    tiny_store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    execute = ShopifyClient.execute

    async def noted(self: ShopifyClient, query: str, variables: dict[str, Any] | None = None) -> Any:
        sent.append(f"{query} {variables}")
        return await execute(self, query, variables)

    monkeypatch.setattr(ShopifyClient, "execute", noted)
    with served(tiny_store, folder) as shop:
        shop.extract()
        asked = sent.copy()
        for table in ("customer_addresses", *OWNERS):
            assert shop.rows(f"select count(*) from shopify.{table}") == [(0,)]
    with served(tiny_store, folder, more=named(*ONE)) as shop:
        shop.extract()
    for word in ("addresses", "metafields"):
        assert not any(word in one for one in asked)
        assert any(word in one for one in sent), "what is looked for is found where it is asked for"


WAYS = [
    pytest.param(
        stream,
        namespaces,
        size,
        id=f"{stream.name}, {len(namespaces)} namespaces by {size}",
        marks=[]
        if (namespaces, size) == (MANY, 50) or (stream, size) == (CUSTOMERS, 2)
        else [pytest.mark.soak],
    )
    for stream in (ORDERS, CUSTOMERS, PRODUCTS)
    for namespaces in (ONE, MANY)
    for size in (2, 50)
]
"""Small pages and large ones; in `make test` the largest selection of each stream, and small pages of the smallest stream."""


@pytest.mark.parametrize(("stream", "namespaces", "size"), WAYS)
def test_both_ways_give_the_same_rows(
    full: Shop, stream: Stream, namespaces: tuple[str, ...], size: int, tmp_path: Path
) -> None:
    access = replace(EVERYTHING, personal_data=True, namespaces=namespaces)

    def tables(method: str) -> Tables:
        shop = Shop(full.server, make_project(tmp_path / method, full.server.url))
        asyncio.run(read_whole(shop, stream, method, method, access))
        return shop.tables()

    bulk = tables("bulk")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queries, "CONNECTION_PAGE", {})
        patched.setattr(queries, "NESTED_PAGE", size)
        patched.setattr(queries, "DRAIN_PAGE", size + 30)
        patched.setattr(queries, "LONG_PAGE", size + 10)
        paged = tables("paged")
    assert differing(paged, bulk) == {}
    everything = full.tables()
    for table in (one for one in stream.tables if one.by_namespace or one.personal):
        place = [one.name for one in table.columns].index("namespace" if table.by_namespace else "id")
        wanted = [row for row in everything[table.name] if row[place] in namespaces or table.personal]
        keyed_otherwise = [row[:-2] for row in bulk[table.name]]
        assert [row[:-2] for row in wanted] == keyed_otherwise, table.name
        assert wanted


def test_a_namespace_that_is_named_later_is_read_for_the_objects_of_before(
    tiny_store: Store, folder: Path, full: Shop
) -> None:
    with served(tiny_store, folder, more=named(*ONE)) as shop:
        shop.extract()
        more = Shop(shop.server, make_project(folder, shop.server.url, named(*MANY)))
        planned = {one.stream: one.window_from for one in plan(more.project, CREDENTIALS).streams}
        assert planned["orders"] is planned["customers"] is planned["products"] is None
        assert planned["draft_orders"] is not None
        more.extract()
        assert differing(more.tables(), full.tables()) == {}
        rebuild(more.project)
        assert differing(more.tables(), full.tables()) == {}


def test_addresses_are_read_for_the_customers_of_before_when_personal_data_is_wanted(
    tiny_store: Store, folder: Path, full: Shop
) -> None:
    addresses = "select * exclude (_load_id, _loaded_at) from shopify.customer_addresses order by all"
    with served(tiny_store, folder) as shop:
        shop.extract()
        assert shop.rows(addresses) == []
        more = Shop(shop.server, make_project(folder, shop.server.url, FAST + PERSONAL))
        more.extract()
        assert more.rows(addresses) == full.rows(addresses)


ORDER, CUSTOMER = ("Order", 1), ("Customer", 1)


def moment(ago: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=ago)


def note(owner: Owner, value: str, *, ago: int, moves: bool = True) -> MetafieldSet:
    return MetafieldSet(
        at=moment(ago),
        owner=owner,
        namespace="custom",
        key="note",
        type="single_line_text_field",
        value=value,
        moves_owner=moves,
    )


@pytest.fixture
def small(folder: Path) -> Iterator[tuple[Shop, Store]]:
    """One order of one customer, each with a note, read once."""
    bench = Bench()
    bench.place("2026-01-05 10:00", [treats(3)], customer=1)
    store = bench.built()
    store.extend([note(ORDER, "old", ago=3000), note(CUSTOMER, "old", ago=3000)])
    with served(store, folder, replace(DEFAULTS, throttling=False), more=named(*ONE)) as shop:
        shop.extract()
        yield shop, store


VALUES = (
    "select (select list(value) from shopify.order_metafields), "
    "(select list(value) from shopify.customer_metafields)"
)


def test_a_change_that_moves_its_owner_arrives_with_the_next_run(small: tuple[Shop, Store]) -> None:
    shop, store = small
    assert shop.rows(VALUES) == [(["old"], ["old"])]
    store.extend([note(ORDER, "new", ago=5), note(CUSTOMER, "new", ago=5)])
    shop.extract()
    assert shop.rows(VALUES) == [(["new"], ["new"])]
    store.append(MetafieldDeleted(at=moment(4), owner=ORDER, namespace="custom", key="note"))
    shop.extract()
    assert shop.rows(VALUES) == [(None, ["new"])]


def test_a_change_that_does_not_move_its_owner_arrives_with_the_owners_next_change(
    small: tuple[Shop, Store],
) -> None:
    shop, store = small
    store.append(note(ORDER, "new", ago=5, moves=False))
    shop.extract()
    assert shop.rows(VALUES) == [(["old"], ["old"])]
    store.append(OrderFulfilled(at=moment(4), order=1))
    shop.extract()
    assert shop.rows(VALUES) == [(["new"], ["old"])]


def test_a_book_of_addresses_is_replaced_whole(small: tuple[Shop, Store]) -> None:
    shop, store = small
    shown = "select address1 from shopify.customer_addresses order by id"
    assert shop.rows(shown) == [(HOME.address1,)]
    second = replace(HOME, address1="9 Ferry Road")
    store.append(AddressSaved(at=moment(6), customer=1, address=second))
    shop.extract()
    assert shop.rows(shown) == [(HOME.address1,), ("9 Ferry Road",)]
    store.append(AddressRemoved(at=moment(5), customer=1, place=0))
    shop.extract()
    assert shop.rows(shown) == [("9 Ferry Road",)]
