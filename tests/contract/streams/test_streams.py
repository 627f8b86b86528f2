"""Every stream against the simulated shop: all that the store holds arrives, once, both ways alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shopstack.extract import plan
from shopstack.landing import Window, landed_windows
from shopstack.shopify import queries
from shopstack.shopify.client import ClientSettings, ShopifyClient
from shopstack.shopify.planning import StreamPlan, SyncSettings
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import CUSTOMERS, ORDERS, PRODUCTS, STREAMS, needed_scopes, on_request
from shopstack.shopify.sync import Sync
from shopstack.simulator.server import Fault
from shopstack.simulator.store import Store
from shopstack.storage import FolderStorage
from shopstack.tables import Stream
from shopstack.warehouse.duckdb import DuckDBWarehouse
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, Tables, differing, make_project, served

ROOTS = {
    "orders": "Order",
    "customers": "Customer",
    "products": "Product",
    "locations": "Location",
    "collections": "Collection",
    "discounts": "DiscountNode",
    "gift_cards": "GiftCard",
    "draft_orders": "DraftOrder",
    "abandoned_checkouts": "AbandonedCheckout",
    "inventory_items": "InventoryItem",
}


def entries(document: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
    yield from document[field]


def test_every_stream_is_loaded(clean: Shop) -> None:
    found = dict(clean.rows("select stream, state from _shopstack.streams"))
    assert found == {stream.name: "loaded" for stream in STREAMS}


@pytest.mark.parametrize(("table", "typename"), ROOTS.items())
def test_every_root_of_the_store_arrives_once(
    clean: Shop, tiny_store: Store, table: str, typename: str
) -> None:
    assert [gid for (gid,) in clean.rows(f"select id from shopify.{table} order by id")] == sorted(
        tiny_store.ids(typename)
    )


def test_every_child_of_an_order_arrives_once_under_its_order(clean: Shop, tiny_store: Store) -> None:
    wanted: dict[str, Counter[str]] = {}
    for document in tiny_store.documents("Order"):
        for table, field in (
            ("order_lines", "lineItems"),
            ("order_agreements", "agreements"),
            ("order_shipping_lines", "shippingLines"),
            ("order_transactions", "transactions"),
            ("order_refunds", "refunds"),
            ("order_fulfillments", "fulfillments"),
            ("order_taxes", "taxLines"),
        ):
            wanted.setdefault(table, Counter())[document["id"]] += len(document[field])
        for agreement in document["agreements"]:
            wanted.setdefault("order_sales", Counter())[document["id"]] += len(agreement["sales"])
        for table, holder, field in (
            ("order_line_taxes", "lineItems", "taxLines"),
            ("order_line_discounts", "lineItems", "discountAllocations"),
            ("order_shipping_taxes", "shippingLines", "taxLines"),
            ("order_shipping_discounts", "shippingLines", "discountAllocations"),
            ("order_transaction_fees", "transactions", "fees"),
            ("order_refund_lines", "refunds", "refundLineItems"),
            ("order_adjustments", "refunds", "orderAdjustments"),
            ("order_refund_transactions", "refunds", "transactions"),
            ("order_fulfillment_lines", "fulfillments", "fulfillmentLineItems"),
        ):
            for held in document[holder]:
                wanted.setdefault(table, Counter())[document["id"]] += len(held[field])
    assert all(sum(counts.values()) for counts in wanted.values())
    for table, counts in wanted.items():
        found = clean.rows(f"select _root_id, count(*) from shopify.{table} group by all")
        assert dict(found) == {root: n for root, n in counts.items() if n}


def test_the_ledger_is_the_stores_to_the_cent(clean: Shop, tiny_store: Store) -> None:
    total = sum(
        Decimal(sale["totalAmount"]["shopMoney"]["amount"])
        for document in tiny_store.documents("Order")
        for agreement in document["agreements"]
        for sale in agreement["sales"]
    )
    assert clean.rows("select sum(total_amount) from shopify.order_sales") == [(total,)]


def test_every_product_of_a_collection_arrives_under_it(clean: Shop, tiny_store: Store) -> None:
    found = clean.rows("select _parent_id, id from shopify.collection_products order by all")
    assert found == sorted(
        (collection, product)
        for collection in tiny_store.ids("Collection")
        for product in tiny_store.related(collection, "products")
    )
    assert len({collection for collection, _ in found}) > 1


def test_variants_know_their_cost_and_products_their_tags(clean: Shop, tiny_store: Store) -> None:
    costs = [
        Decimal(one["unitCost"]["amount"]) for one in tiny_store.documents("InventoryItem") if one["unitCost"]
    ]
    assert clean.rows("select count(unit_cost), sum(unit_cost) from shopify.product_variants") == [
        (len(costs), sum(costs))
    ]
    tagged = sum(1 for one in tiny_store.documents("Product") if one["tags"])
    assert clean.rows("select count(*) from shopify.products where json_array_length(tags) > 0") == [
        (tagged,)
    ]


def test_refunds_come_with_the_money_of_their_parts(clean: Shop, tiny_store: Store) -> None:
    def wanted(field: str, amount: str) -> Decimal:
        return sum(
            (
                Decimal(part[amount]["shopMoney"]["amount"])
                for document in tiny_store.documents("Order")
                for refund in document["refunds"]
                for part in refund[field]
            ),
            Decimal(0),
        )

    assert clean.rows(
        "select (select sum(subtotal) from shopify.order_refund_lines), "
        "(select sum(amount) from shopify.order_adjustments), "
        "(select sum(amount) from shopify.order_refund_transactions)"
    ) == [
        (
            wanted("refundLineItems", "subtotalSet"),
            wanted("orderAdjustments", "amountSet"),
            wanted("transactions", "amountSet"),
        )
    ]


def test_a_refund_line_stands_under_its_refund_and_its_order(clean: Shop) -> None:
    assert clean.rows(
        "select count(*) from shopify.order_refund_lines as l left join shopify.order_refunds as r "
        "on r.id = l._parent_id and r._root_id = l._root_id left join shopify.order_lines as o "
        "on o.id = l.line_item_id and o._root_id = l._root_id where r.id is null or o.id is null"
    ) == [(0,)]


def test_addresses_of_visits_come_without_what_follows_the_question_mark(
    clean: Shop, tiny_store: Store
) -> None:
    ((visited, queried, tagged),) = clean.rows(
        "select count(first_visit_landing_page), count(*) filter (contains(first_visit_landing_page, '?') "
        "or contains(last_visit_referrer, '?')), count(first_visit_utm_campaign) from shopify.orders"
    )
    journeys = [one["customerJourneySummary"] or {} for one in tiny_store.documents("Order")]
    assert visited == sum(1 for one in journeys if one.get("firstVisit")) > 0
    assert queried == 0
    assert tagged > 0


def test_the_report_has_every_day_of_the_history(clean: Shop) -> None:
    ((days, first, last),) = clean.rows("select count(*), min(day), max(day) from shopify.sales_report_daily")
    assert days == (last - first).days + 1
    assert days > 60


def test_the_first_run_reads_orders_in_bulk_and_the_rest_meanwhile_and_is_proved(clean: Shop) -> None:
    for stream, wanted in ((ORDERS, "bulk"), (PRODUCTS, "paged"), (CUSTOMERS, "paged")):
        ((method, before, landed, after),) = clean.rows(
            "select method, count_before, landed_roots, count_after from _shopstack.loads "
            f"where stream = '{stream.name}'"
        )
        assert method == wanted
        assert before == landed == after > 0


def test_the_shops_own_address_keys_everything_whatever_address_was_asked(clean: Shop) -> None:
    for stream in STREAMS:
        for table in stream.tables:
            domains = {shop for (shop,) in clean.rows(f"select distinct _shop from shopify.{table.name}")}
            assert len(domains) <= 1
            assert all(domain.endswith(".myshopify.com") for domain in domains)


def test_personal_columns_exist_and_are_empty(clean: Shop) -> None:
    assert clean.rows("select count(first_name), count(last_name), count(email) from shopify.customers") == [
        (0, 0, 0)
    ]


def test_what_is_on_request_is_left_alone_unless_it_is_named(tiny_store: Store, folder: Path) -> None:
    with served(tiny_store, folder, more="[extract]\ntimeout_seconds = 5\n") as shop:
        read = {one.stream for one in shop.extract().streams}
        assert read == {stream.name for stream in STREAMS if not stream.on_request}
        assert shop.rows("select count(*) from shopify.order_fulfillment_lines") == [(0,)]
        assert shop.rows("select count(*) > 0 from shopify.order_fulfillments") == [(True,)]


def test_what_is_asked_for_later_is_read_for_the_rows_of_before_too(
    tiny_store: Store, folder: Path, clean_tables: Tables
) -> None:
    with served(tiny_store, folder, more="[extract]\ntimeout_seconds = 5\n") as shop:
        shop.extract()
        more = Shop(shop.server, make_project(folder, shop.server.url))
        planned = {one.stream: one for one in plan(more.project, CREDENTIALS).streams}
        assert (planned["orders"].window_from, planned["orders"].expected) == (None, 60)
        assert (planned["products"].method, planned["products"].expected) == ("paged", 0)
        more.extract()
        assert more.tables() == clean_tables
        assert {one.stream: one.total_rows for one in more.extract().streams}["orders"] == 0


def test_a_scope_granted_later_fills_its_column(tiny_store: Store, folder: Path) -> None:
    without = replace(DEFAULTS, scopes=DEFAULTS.scopes - {"read_customers", "read_reports"})
    with served(tiny_store, folder, without) as shop:
        shop.extract()
        assert shop.rows("select count(customer_id) from shopify.orders") == [(0,)]
    with served(tiny_store, folder) as shop:
        shop.extract()
        assert shop.rows("select count(customer_id) > 0 from shopify.orders") == [(True,)]


@pytest.mark.parametrize("report", ["answers", "is out of order"])
def test_protected_data_granted_later_fills_what_was_null(
    tiny_store: Store, folder: Path, report: str
) -> None:
    personal = "[privacy]\npersonal_data = true\n"
    with served(tiny_store, folder, replace(DEFAULTS, protected_data=False), personal) as shop:
        shop.extract()
        assert shop.rows("select count(first_name) from shopify.customers") == [(0,)]
        assert shop.rows("select count(*) > 0 from shopify.customers") == [(True,)]
    faults = (Fault("report_unavailable", times=None),) if report == "is out of order" else ()
    with served(tiny_store, folder, replace(DEFAULTS, faults=faults), personal) as shop:
        shop.extract()
        ((named,),) = shop.rows("select count(first_name) from shopify.customers")
        assert (named > 0) == (not faults)  # while nobody says that it was granted, nothing is read again
        shop.server.api.faults.clear()
        shop.extract()
        assert shop.rows("select count(first_name) > 0 from shopify.customers") == [(True,)]
        assert {one.stream: one.total_rows for one in shop.extract().streams}["customers"] == 0


def test_personal_data_arrives_when_asked_for(tiny_store: Store, folder: Path) -> None:
    with served(tiny_store, folder, more="[privacy]\npersonal_data = true\n") as shop:
        shop.extract()
        ((named,),) = shop.rows("select count(first_name) from shopify.customers")
        assert named > 0


def test_a_second_run_pages_and_changes_nothing(
    tiny_store: Store, folder: Path, clean_tables: Tables
) -> None:
    with served(tiny_store, folder) as shop:
        shop.extract()
        planned = {one.stream: one for one in plan(shop.project, CREDENTIALS).streams}
        assert (planned["orders"].method, planned["orders"].expected) == ("paged", 0)
        second = {one.stream: one for one in shop.extract().streams}
        counted = {"before": 0, "landed": 0, "after": 0, "proved": True}
        assert second["orders"].as_dict()["counts"] == counted
        assert second["orders"].method == "paged"
        assert second["orders"].total_rows == 0
        assert shop.tables() == clean_tables


def test_a_dry_run_changes_no_file(tiny_store: Store, folder: Path) -> None:
    with served(tiny_store, folder) as shop:
        lines = list(plan(shop.project, CREDENTIALS).lines())
    assert any(line.startswith("orders: everything, bulk, 60 expected") for line in lines)
    assert any(line.startswith("customers: everything, paged") for line in lines)
    assert [path.name for path in folder.iterdir()] == ["shopstack.toml"]


EVERYTHING = Access(frozenset(needed_scopes(on_request())), included=frozenset(on_request()))


async def read_whole(
    shop: Shop, stream: Stream, method: str, project_name: str, access: Access = EVERYTHING
) -> DuckDBWarehouse:
    """The whole stream by one method, loaded into a warehouse of its own."""
    project = make_project(shop.project.root.parent / project_name, shop.server.url)
    made = DuckDBWarehouse(project.database("raw"), memory_limit="500MB")
    made.prepare(STREAMS)
    async with ShopifyClient(ClientSettings(shop.server.url, CREDENTIALS)) as client:
        sync = Sync(client, FolderStorage(project.landing), access, SyncSettings(timedelta(minutes=10), 1000))
        window = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC))
        wanted = StreamPlan(stream, window, method, None)  # type: ignore[arg-type]
        async for landed in sync.read(wanted, domain="a", timezone="UTC"):
            made.load(landed, stream, loaded_at=datetime.now(UTC))
    return made


@pytest.mark.parametrize(
    ("stream", "size"),
    [(ORDERS, 1), (ORDERS, 50), (PRODUCTS, 1)],
    ids=["orders by ones", "orders by fifties", "products by ones"],
)
def test_bulk_and_paging_give_the_same_rows_however_small_the_pages(
    clean: Shop, stream: Stream, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = asyncio.run(read_whole(clean, stream, "bulk", f"bulk-{stream.name}-{size}"))
    monkeypatch.setattr(queries, "CONNECTION_PAGE", {})
    monkeypatch.setattr(queries, "NESTED_PAGE", size)
    monkeypatch.setattr(queries, "DRAIN_PAGE", size + 1)
    paged = asyncio.run(read_whole(clean, stream, "paged", f"paged-{stream.name}-{size}"))
    assert (
        Shop(clean.server, make_project(bulk.file.parents[2], clean.server.url)).tables()
        == Shop(clean.server, make_project(paged.file.parents[2], clean.server.url)).tables()
    )


@pytest.mark.parametrize(
    "stream", [one for one in STREAMS if one.kind == "connection"], ids=lambda stream: stream.name
)
def test_every_stream_is_read_alike_in_bulk_and_by_pages(clean: Shop, stream: Stream) -> None:
    bulk = asyncio.run(read_whole(clean, stream, "bulk", f"bulk-{stream.name}"))
    paged = asyncio.run(read_whole(clean, stream, "paged", f"paged-{stream.name}"))
    found, wanted = (
        Shop(clean.server, make_project(made.file.parents[2], clean.server.url)).tables()
        for made in (paged, bulk)
    )
    assert differing(found, wanted) == {}
    assert found[stream.root.name]


def test_what_was_landed_can_be_loaded_again_without_shopify(
    clean: Shop, clean_tables: Tables, tmp_path: Path
) -> None:
    made = DuckDBWarehouse(tmp_path / "data/warehouse/raw.duckdb", memory_limit="500MB")
    made.prepare(STREAMS)
    storage = FolderStorage(clean.project.landing)
    (domain,) = storage.names("")
    for stream in STREAMS:
        for landed in landed_windows(storage, domain, stream.name):
            made.load(landed, stream, loaded_at=datetime.now(UTC))
    again = Shop(clean.server, make_project(tmp_path, clean.server.url))
    assert again.tables() == clean_tables
