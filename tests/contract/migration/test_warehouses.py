"""The raw database from DuckDB to Snowflake and back: the same rows, proved, and nothing lost on the way."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from shopstack.cli import main
from shopstack.errors import ConfigurationError, MigrationError, UnreachableError, UsageError
from shopstack.extract import raw_warehouse
from shopstack.migration.warehouses import MovedTable, account_of, to_duckdb, to_snowflake
from shopstack.orchestration.lease import run_lease
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.warehouse.raw_tables import of_engine, of_shopify
from shopstack.warehouse.snowflake_connection import SnowflakeAccess
from shopstack.warehouse.snowflake_sql import table_name
from tests.contract.migration.conftest import fill, project_in
from tests.contract.transformation.raw_shop import SHOP
from tests.fakes.snowflake_server import SnowflakeServer

FILLED = {
    "shopify.orders",
    "shopify.order_sales",
    "shopify.order_lines",
    "_shopstack.cursors",
    "_shopstack.asked",
}


def sql_name(table: str) -> str:
    """A table's name as statements to Snowflake have it."""
    schema, _, name = table.partition(".")
    return table_name(name, schema.upper())


def quiet(_moved: MovedTable) -> None:
    """Nobody listens."""


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a server that is gone up at once."""
    patient = SnowflakeAccess.to_load
    monkeypatch.setattr(SnowflakeAccess, "to_load", lambda project: patient(project).patient(1))


def contents(project: Project) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table of the raw file, in one order."""
    with duckdb.connect(str(project.database("raw")), read_only=True) as raw:
        found = {}
        for table in (*of_shopify(STREAMS), *of_engine()):
            name = f'{table.schema}."{table.name}"'
            columns = ", ".join(f'"{column}"' for column in table.columns)
            try:
                found[name] = raw.execute(f"select {columns} from {name} order by all").fetchall()
            except duckdb.CatalogException:
                found[name] = []
        return found


def test_there_and_back_every_row_is_the_same(tmp_path: Path, server: SnowflakeServer) -> None:
    project = fill(project_in(tmp_path / "shop", server))
    before = contents(project)
    content = project.database("raw").read_bytes()
    moved: list[MovedTable] = []
    report = to_snowflake(project, moved.append)
    assert report.tables == tuple(moved)
    rows = {table.table: table.rows for table in report.tables}
    assert {table for table, count in rows.items() if count} >= FILLED
    assert report.rows == sum(len(found) for found in before.values())
    asked = [text for _, text in server.statements if text.startswith("select") and "count(*)" not in text]
    read = {table for table in rows if any(text.endswith(f" from {sql_name(table)}") for text in asked)}
    assert {table for table, count in rows.items() if count} <= read
    assert not {table for table in read if not rows[table] and table.startswith("shopify.")}, (
        "nothing to read"
    )
    assert project.database("raw").read_bytes() == content
    config = project.config.warehouse.model_copy(update={"type": "snowflake"})
    grown = Project(project.root, project.config.model_copy(update={"warehouse": config}))
    progress = raw_warehouse(grown).progress(SHOP)["orders"]
    assert progress == raw_warehouse(project).progress(SHOP)["orders"]
    assert progress.asked == frozenset({"orders.id", "orders.name"})

    project.database("raw").unlink()
    back = to_duckdb(grown, quiet)
    assert {table.table: table.checksum for table in back.tables} == {
        table.table: table.checksum for table in report.tables
    }
    after = contents(project)
    assert after == before
    assert [path.name for path in project.warehouse.iterdir()] == ["raw.duckdb"]


@pytest.mark.parametrize("target", ["snowflake", "duckdb"])
def test_nothing_is_moved_while_another_machine_works_on_snowflake(
    tmp_path: Path, server: SnowflakeServer, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    project = fill(project_in(tmp_path / "shop", server))
    with run_lease(account_of(project), "run"):
        server.statements.clear()
        code = main(["migrate", "--to", target, "--project", str(project.root)])
        said = " ".join(capsys.readouterr().err.split())
        assert (code, "shopstack run on " in said, "shopstack migrate --wait" in said) == (4, True, True)
        assert not [text for _, text in server.statements if "SHOPIFY" in text]


def test_a_second_time_nothing_is_copied_and_a_changed_table_alone_is(
    tmp_path: Path, server: SnowflakeServer
) -> None:
    project = fill(project_in(tmp_path / "shop", server))
    to_snowflake(project, quiet)
    again = to_snowflake(project, quiet)
    assert not [table.table for table in again.tables if table.copied]
    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute(
            "update shopify.orders set name = name || '!' where id = (select min(id) from shopify.orders)"
        )
    changed = to_snowflake(project, quiet)
    assert [table.table for table in changed.tables if table.copied] == ["shopify.orders"]
    assert {table.rows for table in changed.tables} == {table.rows for table in again.tables}


def test_a_lost_connection_leaves_nothing_that_a_run_would_take_for_loaded(
    tmp_path: Path, server: SnowflakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    project = fill(project_in(tmp_path / "shop", server))
    server.lose(r"^copy into SHOPIFY.\"ORDER_SALES\"", times=1000)
    with pytest.raises(UnreachableError):
        to_snowflake(project, quiet)
    config = project.config.warehouse.model_copy(update={"type": "snowflake"})
    grown = Project(project.root, project.config.model_copy(update={"warehouse": config}))
    assert raw_warehouse(grown).progress(SHOP) == {}
    server.forget_faults()
    goes_on = to_snowflake(project, quiet)
    copied = {table.table for table in goes_on.tables if table.copied}
    assert "shopify.order_sales" in copied
    assert "shopify.orders" not in copied
    assert raw_warehouse(grown).progress(SHOP)["orders"].cursor_at


@pytest.mark.parametrize(
    "lost", ["delete from {} where id = (select min(id) from {})", "update {} set name = 'x'"]
)
def test_a_table_that_came_out_otherwise_is_named_and_no_cursor_moves(
    tmp_path: Path, server: SnowflakeServer, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Behind our back the copied rows are changed, as a faulty COPY INTO would."""
    project = fill(project_in(tmp_path / "shop", server))
    database = project.config.warehouse.database("raw")
    from shopstack.warehouse.snowflake_side import SnowflakeSide

    copy = SnowflakeSide.replace

    def faulty(side: SnowflakeSide, *given: object) -> None:
        copy(side, *given)  # type: ignore[arg-type]
        server.query(lost.format(*[f"{database}.SHOPIFY.ORDERS"] * 2))

    monkeypatch.setattr(SnowflakeSide, "replace", faulty)
    with pytest.raises(MigrationError, match=r"shopify\.orders is not the same") as told:
        to_snowflake(project, quiet)
    assert "checksum" in told.value.why
    assert server.query(f"select count(*) from {database}._SHOPSTACK.CURSORS") == [(0,)]


def test_what_the_other_side_has_loaded_since_is_never_overwritten(
    tmp_path: Path, server: SnowflakeServer
) -> None:
    project = fill(project_in(tmp_path / "shop", server))
    to_snowflake(project, quiet)
    database = project.config.warehouse.database("raw")
    server.query(f"insert into {database}._SHOPSTACK.LOADS (load_id, landing) values (8, 'elsewhere')")
    with pytest.raises(UsageError, match=r"has 1 loads that raw\.duckdb has not"):
        to_snowflake(project, quiet)
    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute("insert into _shopstack.loads (load_id, landing) values (9, 'here')")
    content = project.database("raw").read_bytes()
    with pytest.raises(UsageError, match=r"raw\.duckdb has 1 loads that .*_RAW has not"):
        to_duckdb(project, quiet)
    assert project.database("raw").read_bytes() == content
    assert [path.name for path in project.warehouse.iterdir()] == ["raw.duckdb"]


def test_without_an_account_or_without_data_it_says_what_is_missing(
    tmp_path: Path, server: SnowflakeServer
) -> None:
    with pytest.raises(ConfigurationError, match="not known which Snowflake account") as told:
        to_snowflake(project_in(tmp_path / "plain"), quiet)
    assert "account and user are missing" in told.value.why
    empty = project_in(tmp_path / "empty", server)
    with pytest.raises(UsageError, match="nothing to carry"):
        to_snowflake(empty, quiet)
    with pytest.raises(UsageError, match=r"nothing in .*_RAW to carry"):
        to_duckdb(empty, quiet)
    assert not empty.database("raw").exists()


def test_every_table_that_a_run_fills_is_carried() -> None:
    carried = {table.name for table in of_shopify(STREAMS)}
    assert carried == {table for stream in STREAMS for table in stream.raw_tables}
