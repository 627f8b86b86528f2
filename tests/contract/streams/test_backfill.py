"""A column that is declared later appears with its values: from what was landed where that holds them, else from Shopify."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from shopstack.extract import plan, sweep
from shopstack.extract.reports import PlannedStream
from shopstack.simulator.generator import generate
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS, Shop, Tables, served

LATER = ("orders", "cancel_reason")
BELOW = ("order_lines", "title")


@pytest.fixture
def shop(tiny_store: Store, tmp_path: Path) -> Iterator[Shop]:
    """A shop that was read, whose warehouse is then made to look as if two columns had not been declared."""
    with served(tiny_store, tmp_path, more="[extract]\ntimeout_seconds = 5\n") as shop:
        shop.extract()
        yield shop


def forget(shop: Shop, *columns: tuple[str, str]) -> None:
    with duckdb.connect(str(shop.project.database("raw"))) as connection:
        for table, column in columns:
            connection.execute(f"alter table shopify.{table} drop column {column}")
            connection.execute(
                "update _shopstack.asked set columns = list_filter(columns, lambda one: one <> ?) where stream = 'orders'",
                [f"{table}.{column}"],
            )


def cursor(shop: Shop) -> datetime:
    ((at,),) = shop.rows("select cursor_at from _shopstack.cursors where stream = 'orders'")
    assert isinstance(at, datetime)
    return at


def planned(shop: Shop) -> PlannedStream:
    return next(one for one in plan(shop.project, CREDENTIALS).streams if one.stream == "orders")


def manifests(shop: Shop) -> list[Path]:
    return sorted(shop.project.landing.glob("*/orders/*/manifest.json"))


def in_order(found: Tables) -> Tables:
    """Without the order of columns, which a later one ends."""
    return {name: sorted(tuple(sorted(map(repr, row))) for row in rows) for name, rows in found.items()}


def test_columns_are_filled_from_what_was_landed(shop: Shop) -> None:
    whole, before = shop.tables(), cursor(shop)
    forget(shop, LATER, BELOW)
    assert planned(shop).window_from is not None
    report = shop.extract()
    assert in_order(shop.tables()) == in_order(whole)
    assert next(one for one in report.streams if one.stream == "orders").method == "paged"
    assert cursor(shop) >= before
    landed = len(manifests(shop))
    shop.extract()
    assert len(manifests(shop)) <= landed + 2  # what a run without news lands, and nothing is filled again


def test_a_deleted_order_stays_marked(tmp_path: Path) -> None:
    store = generate(orders=30, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=12)
    with served(store, tmp_path, more="[extract]\ntimeout_seconds = 5\n") as shop:
        shop.extract()
        let_happen(store, "delete", store.ids("Order")[3])
        sweep(shop.project, CREDENTIALS)
        marked = shop.rows("select id from shopify.orders where _deleted_at is not null")
        assert len(marked) == 1
        forget(shop, LATER)
        shop.extract()
        assert shop.rows("select id from shopify.orders where _deleted_at is not null") == marked


def test_a_field_that_was_not_asked_for_is_read_from_shopify(shop: Shop) -> None:
    whole = shop.tables()
    forget(shop, LATER)
    for path in manifests(shop):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["query"] = manifest["query"].replace("cancelReason", "")
        path.write_text(json.dumps(manifest), encoding="utf-8")
    assert planned(shop).window_from is None
    shop.extract()
    assert in_order(shop.tables()) == in_order(whole)


@pytest.mark.parametrize("how", ["damaged", "emptied", "removed"])
def test_without_what_was_landed_shopify_is_asked(shop: Shop, how: str) -> None:
    whole = shop.tables()
    forget(shop, LATER)
    for path in manifests(shop):
        for part in path.parent.glob("*.zst"):
            part.write_bytes(b"no such frame")
        if how == "removed":
            path.unlink()
        if how == "emptied":  # as a power failure may leave it
            path.write_bytes(b"")
    assert (planned(shop).window_from is None) == (how != "damaged")
    shop.extract()
    assert in_order(shop.tables()) == in_order(whole)
