"""A large shop's raw database to Snowflake and back (`make soak`)."""

from __future__ import annotations

import pytest

from benchmarks.extract import shop_of
from shopstack.migration.warehouses import MovedTable, to_duckdb, to_snowflake
from shopstack.project import Project
from tests.contract.migration.conftest import WAREHOUSE
from tests.fakes.snowflake_server import SnowflakeServer

ORDERS = 200_000


@pytest.mark.soak
def test_two_hundred_thousand_orders_go_there_and_back(server: SnowflakeServer) -> None:
    with shop_of(ORDERS) as shop:
        shop.first()
        plain = Project.open(shop.folder)
        known = {**WAREHOUSE, "database_prefix": server.new_prefix(), "server": server.address}
        config = plain.config.warehouse.model_copy(update=known)
        project = Project(plain.root, plain.config.model_copy(update={"warehouse": config}))
        moved: list[MovedTable] = []
        there = to_snowflake(project, moved.append)
        rows = {table.table: table.rows for table in there.tables}
        assert rows["shopify.orders"] >= ORDERS
        project.database("raw").unlink()
        back = to_duckdb(project, moved.append)
        assert {table.table: (table.rows, table.checksum) for table in back.tables} == {
            table.table: (table.rows, table.checksum) for table in there.tables
        }
        print(f"\n{there.rows:,} rows: there {there.seconds:.0f} s, back {back.seconds:.0f} s")  # noqa: T201 - a figure to record
