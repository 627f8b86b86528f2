"""The whole dbt project on a simulated Snowflake: the figures of DuckDB, table by table, built whole and built on.

fakesnow answers in DuckDB's arithmetic, so that this shows that dbt's adapter, the profile and the macros' Snowflake side
work together; what Snowflake itself answers, only an account can show (`make test-snowflake`).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from shopstack.project import Project
from shopstack.publish import Published, publish_version
from shopstack.shopify.streams import ORDERS
from shopstack.transformation import built_from
from shopstack.transformation.judgement import BuildReport
from shopstack.transformation.runner import build, target_folder
from shopstack.transformation.snowflake import snowflake_environment
from shopstack.warehouse import snowflake_sessions
from shopstack.warehouse.snowflake_sql import PROBE
from tests.contract.transformation.conftest import TODAY, Built
from tests.contract.transformation.test_plain_dbt import run
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_server import SnowflakeServer, snowflake_server

pytestmark = pytest.mark.xdist_group("dbt on snowflake")

SOME = ["+daily_sales", "+sales_by_geo", "dim_shops"]
"""A mart of the ledger and one of addresses, with all that they are made from: facts built by order, seeds, contracts."""

CONFIGURED = """
[warehouse]
type = "snowflake"
account = "simulated"
user = "SPOON_PIPELINE"
role = "SPOON_LOADER"
transformer_role = "SPOON_TRANSFORMER"
warehouse = "SPOON_PIPELINE"
database_prefix = "{prefix}"
server = "{server}"
"""


@dataclass(frozen=True)
class Both:
    """One shop in two warehouses."""

    duckdb: Project
    snowflake: Project
    server: SnowflakeServer

    def take_over(self) -> None:
        """What is raw in DuckDB is raw in Snowflake."""
        raw = self.snowflake.config.warehouse.database("raw")
        self.server.import_database(self.duckdb.database("raw"), raw)

    def tables(self) -> dict[str, tuple[list[str], list[str]]]:
        """Rows of every table that dbt makes, in DuckDB and in Snowflake, as sorted texts."""
        prod = self.snowflake.config.warehouse.database("prod")
        found = {}
        with self.server.instance.duck_conn.cursor() as there, duckdb.connect() as here:
            here.execute(f"attach '{self.duckdb.database('prod')}' as prod (read_only)")
            here.execute(f"attach '{self.duckdb.database('raw')}' as raw (read_only)")
            names = there.execute(
                "select table_schema, table_name from information_schema.tables where table_catalog = ? "
                "and table_schema in ('INTERMEDIATE', 'SERVING', 'REPORTING', 'SEEDS') and table_type = 'BASE TABLE' "
                "and table_name not like '%__DBT_TMP'",
                [prod],
            ).fetchall()
            for schema, table in names:
                own = here.execute(f"select * from prod.{schema.lower()}.{table.lower()}")
                columns = [one[0] for one in own.description or ()]
                theirs = there.execute(
                    f"select {', '.join(f'{name.upper()}' for name in columns)} from {prod}.{schema}.{table}"
                )
                found[f"{schema}.{table}".lower()] = (_texts(own), _texts(theirs))
        return found


def _texts(found: duckdb.DuckDBPyConnection) -> list[str]:
    return sorted(str(tuple(map(_plain, row))) for row in found.fetchall())


def _plain(value: Any) -> Any:
    """Amounts without trailing zeros: how many digits a sum keeps is the engine's own."""
    return value if isinstance(value, (str, bool)) or not hasattr(value, "normalize") else value.normalize()


@pytest.fixture(scope="module")
def server() -> Iterator[SnowflakeServer]:
    with snowflake_server() as running:
        yield running


@pytest.fixture
def both(built: Built, server: SnowflakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Both:
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY", pem("a passphrase"))
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "a passphrase")
    folders = [tmp_path / "duckdb", tmp_path / "snowflake"]
    shutil.copytree(built.project.root, folders[0])
    shutil.copytree(built.project.root, folders[1], ignore=shutil.ignore_patterns("data"))
    with (folders[1] / "shopstack.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIGURED.format(prefix=server.new_prefix(), server=server.address))
    made = Both(Project.open(folders[0]), Project.open(folders[1]), server)
    made.take_over()
    return made


def differing(both: Both) -> dict[str, tuple[list[str], list[str]]]:
    """Rows that only one of the two has, by table."""
    return {
        name: (sorted(set(ours) - set(theirs))[:3], sorted(set(theirs) - set(ours))[:3])
        for name, (ours, theirs) in both.tables().items()
        if ours != theirs
    }


def build_on(project: Project, select: list[str] | None) -> BuildReport:
    return build(project, today=TODAY, select=select)


def load_again(both: Both, orders: int) -> None:
    """Some orders come again, by a later load; one of them with another note of its channel."""
    with duckdb.connect(str(both.duckdb.database("raw"))) as raw:
        chosen = f"select id from shopify.orders order by id limit {orders}"
        (newest,) = raw.execute("select max(_load_id) + 1 from shopify.orders").fetchall()[0]
        for table in ORDERS.tables:
            own = "_root_id" if table.parent else "id"
            raw.execute(f"update shopify.{table.name} set _load_id = {newest} where {own} in ({chosen})")
    both.take_over()


def assert_published_alike(both: Both) -> None:
    """The published files have the same columns, types and rows; what is personal left Snowflake in neither."""
    ours, theirs = publish_version(both.duckdb), publish_version(both.snowflake)
    assert theirs.pointer.shops == ours.pointer.shops
    for name, table in theirs.pointer.tables.items():
        assert table.columns == ours.pointer.tables[name].columns
        files = [one.folder / f"{name.replace('.', '/')}.parquet" for one in (ours, theirs)]
        with duckdb.connect() as connection:
            types, there = (
                connection.execute(
                    "select column_name, column_type from (describe from read_parquet(?))", [str(file)]
                ).fetchall()
                for file in files
            )
            assert (name, there) == (name, types)
            rows = [connection.execute("from read_parquet(?)", [str(file)]).fetchall() for file in files]
        assert sorted(map(str, rows[0])) == sorted(map(str, rows[1])), name
    assert_reporters_see(both, theirs)


def assert_reporters_see(both: Both, published: Published) -> None:
    """PUBLISHED has the tables and columns of the version, and its rows."""
    prod = both.snowflake.config.warehouse.database("prod")
    found = both.server.query(
        f"select table_name, list(column_name order by column_name) from information_schema.columns "
        f"where table_catalog = '{prod}' and table_schema = 'PUBLISHED' group by table_name"
    )
    tables = {name.partition(".")[2].upper(): (name, one) for name, one in published.pointer.tables.items()}
    assert {name: sorted(columns) for name, columns in found} == {
        name: sorted(column.upper() for column in one.columns) for name, (_, one) in tables.items()
    }
    counted = {name: both.server.query(f"select count(*) from {prod}.PUBLISHED.{name}") for name in tables}
    assert counted == {name: [(one.rows,)] for name, (_, one) in tables.items()}


def test_some_marts_have_duckdbs_figures_built_whole_and_built_on(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = build_on(both.snowflake, SOME)
    assert report.models > 10
    assert {"serving.fct_sales", "reporting.daily_sales", "reporting.sales_by_geo"} <= both.tables().keys()
    assert differing(both) == {}
    load_again(both, 3)
    build_on(both.duckdb, SOME)
    # Of a selection nothing is noted, so that the next build would make all of it anew.
    built_from.note(target_folder(both.snowflake), built_from.checksum(both.snowflake))
    both.server.statements.clear()
    build_on(both.snowflake, SOME)
    assert [text for _, text in both.server.statements if "delete from" in text and "fct_sales" in text]
    assert differing(both) == {}
    prod = both.snowflake.config.warehouse.database("prod")
    tried = f"{PROBE}1_TABLE"
    both.server.query(f"create table {prod}.SERVING.{tried} as select 1 as id")
    assert_published_alike(both)
    both.server.query(f"create table {prod}.PUBLISHED.{tried} as select 1 as id")
    publish_version(both.snowflake)
    both.server.query(f"drop table {prod}.PUBLISHED.{tried}")
    both.server.query(f"create table {prod}.PUBLISHED.MADE_NO_MORE as select 1 as x")
    held_back = ["reporting.daily_sales"]
    assert_reporters_see(both, publish_version(both.snowflake, held_back=held_back))
    both.server.query(f"alter table {prod}.PUBLISHED.DAILY_SALES add column personal_by_now varchar")
    monkeypatch.setattr(snowflake_sessions, "PAUSE", 0.0)
    both.server.fail("^create or replace transient table", code="390111", message="Session no longer exists.")
    kept = publish_version(both.snowflake, held_back=held_back)
    assert kept.kept == (*held_back,)
    assert_reporters_see(both, kept)


def test_an_analyst_builds_into_a_database_of_his_own_and_never_into_prod(both: Both) -> None:
    build_on(both.snowflake, ["+dim_shops"])
    prod = both.snowflake.config.warehouse.database("prod")
    own = f"{both.snowflake.config.warehouse.database_prefix}_DEV_ANN_B"
    before = both.server.query(f"from {prod}.SERVING.DIM_SHOPS")
    mart = both.snowflake.transformation / "models" / "marts" / "where_it_sells.sql"
    mart.write_text("select shop, timezone from {{ ref('dim_shops') }}\n", encoding="utf-8")
    both.server.statements.clear()
    his = snowflake_environment(both.snowflake) | {"SHOPSTACK_TARGET": "snowflake_dev"}
    for typed in (
        ["run-operation", "make_own_database"],
        ["build", "--select", "where_it_sells", "--defer", "--state", str(target_folder(both.snowflake))],
    ):
        done = run("dbt", *typed, folder=both.snowflake.transformation, **his)
        assert done.returncode == 0, done.stdout
    assert both.server.query(f"from {own}.REPORTING.WHERE_IT_SELLS") == [
        (row[0], row[1]) for row in both.server.query(f"select shop, timezone from {prod}.SERVING.DIM_SHOPS")
    ]
    assert both.server.query(f"from {prod}.SERVING.DIM_SHOPS") == before
    what = re.compile(
        r"^[\s\w/*.-]*?\b(?:create|alter|drop|insert|delete|update|merge)\b[^(;]*", re.IGNORECASE
    )
    changed = [found[0] for _, text in both.server.statements if (found := what.match(text))]
    assert [own in one and prod not in one for one in changed] == [True] * 3, changed


@pytest.mark.soak
def test_the_whole_project_has_duckdbs_figures_built_whole_and_built_on(both: Both) -> None:
    build_on(both.snowflake, None)
    assert len(both.tables()) > 40
    assert differing(both) == {}
    load_again(both, 5)
    build_on(both.duckdb, None)
    build_on(both.snowflake, None)
    assert differing(both) == {}
    assert_published_alike(both)
