"""Stock by day and periods of price and cost, of readings drawn at random, beside the same worked out reading by reading.

The statements are those that the shared build compiled, over staging tables of our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pytest

from shopstack.transformation.runner import target_folder
from tests.contract.transformation.conftest import Built

pytestmark = pytest.mark.xdist_group("transformation")

SEEDS = 150
FIRST = datetime.fromisoformat("2026-01-01T00:00:00")
TABLES = """
attach ':memory:' as prod; use prod; create schema staging; create schema serving;
create table staging.stg_product_variants_observed (variant_key varchar, shop varchar, product_key varchar,
    inventory_item_key varchar, price decimal(20, 4), compare_at_price decimal(20, 4), unit_cost decimal(20, 4),
    observed_on date, observed_at timestamp);
create table staging.stg_inventory_items_observed (inventory_item_key varchar, unit_cost decimal(20, 4),
    observed_on date, observed_at timestamp);
create table staging.stg_inventory_levels_observed (inventory_level_key varchar, shop varchar, inventory_item_key varchar,
    shop_location_key varchar, available bigint, on_hand bigint, committed bigint, reserved bigint, incoming bigint,
    damaged bigint, quality_control bigint, safety_stock bigint, observed_on date, observed_at timestamp);
create table staging.stg_inventory_items (inventory_item_key varchar, shop varchar, is_tracked boolean,
    deleted_at timestamp);
create table staging.stg_shop_locations (shop_location_key varchar, shop varchar, deleted_at timestamp);
create table staging.stg_shops (shop varchar, timezone varchar);
create table serving.dim_variants (variant_key varchar, product_key varchar, inventory_item_key varchar,
    is_deleted boolean, updated_at timestamp);
create table serving.dim_dates as
    select cast(range as date) as date_day from range(date '2025-12-01', date '2026-03-01', interval 1 day);
"""
Row = tuple[Any, ...]


@pytest.fixture
def made() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def rows(built: Built, made: duckdb.DuckDBPyConnection, model: str, columns: str) -> list[Row]:
    compiled = target_folder(built.project) / "compiled" / "shopstack" / "models" / "serving" / f"{model}.sql"
    return made.execute(f"select {columns} from ({compiled.read_text()}) order by all").fetchall()


def insert(made: duckdb.DuckDBPyConnection, table: str, columns: str, found: list[Row]) -> None:
    marks = ", ".join("?" for _ in columns.split(","))
    if found:
        made.executemany(f"insert into {table} ({columns}) values ({marks})", found)


def a_variant(name: str, chance: Random) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """What was noted of a variant, of its item's cost and of its stock; and the periods that follow from it."""
    price, compare_at, cost = Decimal(10), None, chance.choice((None, Decimal(1)))
    noted: dict[str, Row] = {}
    variants: list[Row] = []
    items: list[Row] = []
    levels: list[Row] = []
    states: dict[datetime, Row] = {}
    at = FIRST
    for _ in range(chance.randint(1, 14)):
        at += timedelta(hours=chance.randint(1, 9))
        for _ in range(chance.randint(0, 2)):
            what = chance.random()
            cost = chance.choice((None, Decimal(1), Decimal(2), Decimal(3))) if what < 0.5 else cost
            price = Decimal(chance.choice((10, 11))) if what > 0.7 else price
            compare_at = chance.choice((None, Decimal(15))) if what > 0.9 else compare_at
        if chance.random() < 0.5:
            seen = (price, compare_at, cost)
            if noted.get("variant") == seen:
                continue
            noted["variant"] = seen
            variants.append((name, "s", "p", f"item of {name}", *seen, at.date(), at))
        else:
            levels.append((f"item of {name}", at.date(), at))
            if noted.get("item") != (cost,):
                noted["item"] = (cost,)
                items.append((f"item of {name}", cost, at.date(), at))
        if "variant" in noted:
            states[at] = (*noted["variant"][:2], cost)
    changes: list[Row] = []
    for moment, state in states.items():
        if not changes or changes[-1][1:] != state:
            changes.append((moment, *state))
    ends = [one[0] for one in changes[1:]]
    periods = (
        [(name, one[0], end, *one[1:]) for one, end in zip(changes, [*ends, None], strict=True)]
        if changes
        else []
    )
    return variants, items, levels, periods


def test_periods_are_what_the_newest_reading_of_either_said(
    built: Built, made: duckdb.DuckDBPyConnection
) -> None:
    drawn = [a_variant(f"{seed:03}", Random(seed)) for seed in range(SEEDS)]
    variants, items, levels, periods = ([row for one in drawn for row in one[at]] for at in range(4))
    insert(
        made,
        "staging.stg_product_variants_observed",
        "variant_key, shop, product_key, inventory_item_key, price, compare_at_price, unit_cost, observed_on, observed_at",
        variants,
    )
    insert(
        made,
        "staging.stg_inventory_items_observed",
        "inventory_item_key, unit_cost, observed_on, observed_at",
        items,
    )
    insert(
        made, "staging.stg_inventory_levels_observed", "inventory_item_key, observed_on, observed_at", levels
    )
    columns = "variant_key, valid_from, valid_to, price, compare_at_price, unit_cost"
    assert len(periods) > 3 * SEEDS
    assert rows(built, made, "dim_variant_history", columns) == periods


def a_shop(name: str, chance: Random) -> tuple[list[Row], dict[str, datetime], list[Row]]:
    """What was noted of the stock of a shop, what was deleted there and when, and the days that follow from it."""
    places = [(f"{name} {item}", f"{name} {place}") for item in "ab" for place in "xy"]
    deleted = {
        one: FIRST + timedelta(days=chance.randint(1, 20), hours=chance.randint(0, 23))
        for one in (f"{name} a", f"{name} x")
        if chance.random() < 0.5
    }
    noted: list[Row] = []
    there: dict[tuple[date, Row], int | None] = {}
    for day in sorted(chance.sample(range(20), chance.randint(1, 9))):
        for hour in (10, 15) if chance.random() < 0.2 else (10,):
            at = FIRST + timedelta(days=day, hours=hour)
            for level in places:
                gone = any(at >= deleted.get(one, at + timedelta(1)) for one in level)
                available = chance.choice((None, *range(5)))
                known = there.get((at.date(), level), "nothing")
                if gone or chance.random() < 0.2 or (hour == 15 and known in ("nothing", available)):
                    continue
                there[at.date(), level] = available
                noted.append(("@".join(level), name, *level, available, at.date(), at))
    # A reading that finds no stock at all leaves nothing to tell it by.
    readings = sorted({day for day, _ in there})
    wanted: list[Row] = []
    for day in range((readings[-1] - readings[0]).days + 1 if readings else 0):
        today = readings[0] + timedelta(days=day)
        last = max(one for one in readings if one <= today)
        for level in places:
            ended = any(one in deleted and deleted[one].date() <= today for one in level)
            if (last, level) in there and (last == today or not ended):
                wanted.append((*level, today, last == today, there[last, level]))
    return noted, deleted, wanted


def test_stock_of_a_day_is_what_was_read_last_until_it_is_read_again_or_gone(
    built: Built, made: duckdb.DuckDBPyConnection
) -> None:
    drawn = [a_shop(f"{seed:03}", Random(seed)) for seed in range(SEEDS)]
    columns = "inventory_level_key, shop, inventory_item_key, shop_location_key, available, observed_on, observed_at"
    insert(made, "staging.stg_inventory_levels_observed", columns, [row for one in drawn for row in one[0]])
    shops = sorted({row[1] for noted, *_ in drawn for row in noted})
    insert(made, "staging.stg_shops", "shop, timezone", [(shop, "UTC") for shop in shops])
    gone = [(name, name[:3], at) for _, deleted, _ in drawn for name, at in deleted.items()]
    for kind, table, key in (
        ("a", "stg_inventory_items", "inventory_item_key"),
        ("x", "stg_shop_locations", "shop_location_key"),
    ):
        insert(
            made, f"staging.{table}", f"{key}, shop, deleted_at", [one for one in gone if one[0][-1] == kind]
        )
    wanted = [row for *_, days in drawn for row in days]
    shown = "inventory_item_key, shop_location_key, date_day, is_observed, available"
    assert len(wanted) > 10 * SEEDS
    assert sorted(rows(built, made, "fct_inventory_daily", shown), key=str) == sorted(wanted, key=str)
