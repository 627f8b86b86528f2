"""One simulated shop in two warehouses by the command line: what a Snowflake project publishes is what DuckDB's does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from shopstack.simulator.generator import generate
from shopstack.simulator.server import ServerSettings, serve
from tests.contract.warehouse.engines import pem
from tests.e2e.harness import LOAD_TIMES, TOKEN, Merchant, new_project
from tests.fakes.snowflake_server import SnowflakeServer, snowflake_server
from tests.fakes.transactions import offences

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("on snowflake")]

END = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[SnowflakeServer]:
    with snowflake_server() as running:
        yield running


def on_snowflake(folder: Path, address: str, server: SnowflakeServer) -> Merchant:
    merchant = new_project(folder, address)
    with (folder / "shopstack.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[warehouse]\ntype = "snowflake"\naccount = "simulated"\nuser = "SPOON_PIPELINE"\n'
            f'role = "SPOON_LOADER"\ndatabase_prefix = "SPOON"\nserver = "{server.address}"\n'
        )
    merchant.environment["SNOWFLAKE_PRIVATE_KEY"] = pem()
    return merchant


def published(merchant: Merchant) -> dict[str, list[str]]:
    """Rows of every published table, but for when they were loaded."""
    with duckdb.connect(str(merchant.folder / "data/published/catalog.duckdb"), read_only=True) as catalog:
        names = catalog.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('serving', 'reporting') and table_name <> 'completeness'"
        ).fetchall()
        found = {}
        for schema, table in names:
            columns = catalog.execute(
                "select column_name from information_schema.columns where table_schema = ? and table_name = ? "
                "and not list_contains(?, column_name) order by all",
                [schema, table, list(LOAD_TIMES)],
            ).fetchall()
            chosen = ", ".join(f'"{column}"' for (column,) in columns)
            rows = catalog.execute(f'select {chosen} from "{schema}"."{table}"').fetchall()
            found[f"{schema}.{table}"] = sorted(map(str, rows))
    return found


def test_two_runs_publish_what_duckdb_publishes(server: SnowflakeServer, tmp_path: Path) -> None:
    store = generate(orders=120, end=END, seed=11)
    with serve(store, settings=ServerSettings(static_tokens=frozenset({TOKEN}))) as shop:
        merchants = (
            new_project(tmp_path / "duckdb", shop.url),
            on_snowflake(tmp_path / "snow", shop.url, server),
        )
        for _ in range(2):
            reports = [merchant.ok("run", "--json").json() for merchant in merchants]
            assert [one["verify"]["reconciliation"]["state"] for one in reports] == ["agrees", "agrees"]
            here, there = map(published, merchants)
            assert here.keys() == there.keys()
            assert {name for name in here if here[name] != there[name]} == set()
    assert offences([one for one in server.statements if "__DBT_" not in one[1].upper()]) == []
    tags = {login["SESSION_PARAMETERS"].get("QUERY_TAG", "") for login in server.logins}
    assert {f"shopstack {reports[1]['run_id']}"} <= tags
    assert not (tmp_path / "snow/data/warehouse/raw.duckdb").exists()
    assert_removed(merchants[1], server)


def assert_removed(merchant: Merchant, server: SnowflakeServer) -> None:
    """A customer who bought something goes: the figures stay, for those too who ask Snowflake, and no statement names him."""
    bought = (
        "select customer_id from SPOON_RAW.SHOPIFY.ORDERS where customer_id is not null order by all limit 1"
    )
    ((him,),) = server.query(bought)
    number = him.rpartition("/")[2]
    sold = "select count(*), sum(net_sales) from SPOON_PROD.PUBLISHED.FCT_SALES"
    before, rows = server.query(sold), {name: len(found) for name, found in published(merchant).items()}
    server.statements.clear()
    merchant.ok("redact", number, "--yes")
    assert server.query(sold) == before
    assert {name: len(found) for name, found in published(merchant).items()} == rows
    assert [text for _, text in server.statements if number in text] == []
    his = (
        "select count(*) filter (customer_id = '{him}'), count(*) filter (customer_id like '%redacted-%') > 0"
    )
    assert server.query(f"{his.format(him=him)} from SPOON_RAW.SHOPIFY.ORDERS") == [(0, True)]
    redacted = "select count(*) from SPOON_PROD.PUBLISHED.DIM_CUSTOMERS where label = 'Redacted customer'"
    assert server.query(redacted) == [(1,)]
