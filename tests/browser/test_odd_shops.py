"""Every page for shops that are not like the usual one: empty, tiny, old, abroad, with names that hardly fit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from shopstack.dashboard.library import stock_pages
from shopstack.project import Project
from shopstack.publish import publish_version
from tests.browser.conftest import Look
from tests.browser.test_every_page import assert_whole
from tests.browser.whole_shop import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

YEARS_BEFORE = 8
LONG = "Handgemachte Donaudampfschifffahrtsgesellschaftskapitänsmützen " * 4
RIGHT_TO_LEFT = "שמן זית כתית מעולה מכבישה קרה 750 מ״ל"

Change = Callable[[duckdb.DuckDBPyConnection], None]


def tables(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    """The tables of readers that have a column."""
    found = connection.execute(
        "select table_schema || '.' || table_name from information_schema.columns"
        " where table_schema in ('serving', 'reporting') and column_name = ? order by all",
        [column],
    ).fetchall()
    return [name for (name,) in found]


def hold_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables in place of views, so that each can be changed by itself."""
    views = connection.execute(
        "select schema_name, view_name from duckdb_views() where schema_name in ('serving', 'reporting')"
    ).fetchall()
    for schema, name in views:
        connection.execute(f"create table {schema}.held_{name} as from {schema}.{name}")
    for schema, name in views:
        connection.execute(f"drop view {schema}.{name}")
        connection.execute(f"alter table {schema}.held_{name} rename to {name}")


def nothing_sold(connection: duckdb.DuckDBPyConnection) -> None:
    for table in tables(connection, "shop"):
        if not table.endswith(("dim_shops", "dim_products", "dim_variants")):
            connection.execute(f"delete from {table}")


def one_order(connection: duckdb.DuckDBPyConnection) -> None:
    (only,) = connection.execute("select max_by(order_key, placed_at) from serving.fct_orders").fetchall()[0]
    for table in tables(connection, "order_key"):
        connection.execute(f"delete from {table} where order_key is distinct from ?", [only])
    for table in tables(connection, "shop"):
        if table.startswith("reporting.") and table != "reporting.order_ties":
            connection.execute(f"delete from {table}")


def ten_years(connection: duckdb.DuckDBPyConnection) -> None:
    """What it sold it also sold years before."""
    for table in tables(connection, "order_key"):
        kinds = connection.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_schema || '.' || table_name = ?",
            [table],
        ).fetchall()
        moved = [
            f"{name} - interval {YEARS_BEFORE} year as {name}"
            for name, kind in kinds
            if kind in {"DATE", "TIMESTAMP"}
        ]
        keys = [
            f"{name} || '-old' as {name}"
            for name, _ in kinds
            if name in {"order_key", "sale_key", "line_key"}
        ]
        replaced = ", ".join(moved + keys)
        connection.execute(f"insert into {table} by name select * replace ({replaced}) from {table}")


def in_yen(connection: duckdb.DuckDBPyConnection) -> None:
    for table in tables(connection, "currency_code"):
        connection.execute(f"update {table} set currency_code = 'JPY'")
    connection.execute("update serving.dim_shops set timezone = 'Asia/Tokyo'")
    for table in ("fct_sales", "fct_sale_costs"):
        connection.execute(f"update serving.{table} set net_sales = round(net_sales * 15000)")


def names_that_hardly_fit(connection: duckdb.DuckDBPyConnection) -> None:
    for table in tables(connection, "title"):
        connection.execute(
            f"update {table} set title = case when hash(title) % 2 = 0 then '{LONG}' || title else '{RIGHT_TO_LEFT}' end"
        )
    connection.execute(
        f"update serving.dim_locations set city = '{RIGHT_TO_LEFT}' || city where city like 'S%'"
    )
    connection.execute(f"update serving.dim_shops set shop_name = '{LONG}'")


def one_city(connection: duckdb.DuckDBPyConnection) -> None:
    (city,) = connection.execute(
        "select location_key from serving.dim_locations where placed_at = 'city' and country_code = 'US' order by 1"
    ).fetchall()[0]
    for table in tables(connection, "location_key"):
        if not table.endswith("dim_locations"):
            connection.execute(f"update {table} set location_key = ?", [city])


def nowhere(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "update serving.dim_locations set placed_at = 'none', city = null, province_code = null, province = null,"
        " country_code = null, country = null, latitude = null, longitude = null"
    )


@pytest.mark.parametrize(
    "change",
    [nothing_sold, one_order, ten_years, in_yen, names_that_hardly_fit, one_city, nowhere],
    ids=lambda change: change.__name__,
)
def test_every_page_stands_and_fits_a_phone(
    change: Change, *, demo: Demo, tmp_path: Path, serve_project: Callable[..., str], look: Look
) -> None:
    project = changed(demo.project, tmp_path / "shop", change)
    address = serve_project(project)
    page = look(address, width=390).page
    for name in stock_pages():
        for period in ("30d", "all"):
            page.goto(f"{address}/{name}?period={period}")
            assert_whole(page)


def changed(demo: Project, folder: Path, change: Change) -> Project:
    """The demo's project with other tables, published."""
    shutil.copytree(
        demo.root, folder, ignore=shutil.ignore_patterns("published", "landing", "runs", "status.json")
    )
    project = Project.open(folder)
    with duckdb.connect(str(project.database("prod"))) as connection:
        hold_rows(connection)
        change(connection)
    publish_version(project, now=datetime.now(UTC))
    return project
