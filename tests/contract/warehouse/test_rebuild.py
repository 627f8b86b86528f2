"""The raw database made anew from what was landed: in each warehouse the same rows as before, all of them or none."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack import suppression
from shopstack.cli import main
from shopstack.errors import DataError, IncompleteError, UsageError
from shopstack.extract import raw_warehouse, rebuild
from shopstack.extract.extraction import PLACES
from shopstack.landing import LandedWindow
from shopstack.orchestration.lease import run_lease
from shopstack.project import Project
from shopstack.shopify.streams import INVENTORY_ITEMS, ORDERS, PRODUCTS, STREAMS
from shopstack.tables import Stream
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.base import StreamRecord
from shopstack.warehouse.exported import ExportedDay, ExportedReport
from shopstack.warehouse.raw_tables import of_engine, of_shopify
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, signed_in
from tests.contract.streams.killing import REBUILDING, Kill, run_to_kill
from tests.contract.warehouse.engines import DuckDBEngine, Engine, SnowflakeEngine
from tests.contract.warehouse.test_contract import CONCERNED, HIM, listed, refunded
from tests.fakes.snowflake_server import SnowflakeServer
from tests.landed_files import files_of
from tests.unit.warehouse import test_observations as observed
from tests.unit.warehouse.landed import SHOP, land, order, tree
from tests.unit.warehouse.test_deletions import sweep

pytestmark = pytest.mark.xdist_group("warehouse")

LOADED = (ORDERS, PRODUCTS, INVENTORY_ITEMS)
TABLES = (*of_shopify(LOADED), *of_engine())
FIRST, SECOND = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)

Held = dict[str, list[str]]


def history(project: Project) -> list[tuple[Stream, LandedWindow]]:
    """Windows as runs land them: an order loses its lines, one is deleted, a price comes and goes, stock is counted."""
    folder = project.storage
    placed = [line for number in (1, 2, 3) for line in tree(number)] + refunded(4, HIM, "his own words")
    prices = [
        observed.land(folder, observed.product(1, price) + observed.product(2, "5.00"), hours)
        for hours, price in ((0, "1.00"), (1, "1.50"), (2, "1.00"))
    ]
    counted = [
        observed.land(folder, observed.level(1, left), 24 * day, INVENTORY_ITEMS, date(2026, 3, 1 + day))
        for day, left in enumerate((7, 4))
    ]
    return [
        (ORDERS, land(folder, placed, end=FIRST)),
        (ORDERS, land(folder, [order(2), *tree(5)], end=SECOND)),
        (ORDERS, sweep(folder, [2, 3, 4, 5], deleted=[1])),
        *((PRODUCTS, one) for one in prices),
        *((INVENTORY_ITEMS, one) for one in counted),
    ]


@pytest.fixture(scope="module")
def drafts() -> dict[type[Engine], Project]:
    """What `filled` made, by engine."""
    return {}


@pytest.fixture
def project(
    engine: Engine,
    drafts: dict[type[Engine], Project],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Project:
    """A project that has landed and loaded all of the history; tests work on copies."""
    if type(engine) not in drafts:
        drafts[type(engine)] = filled(engine.project(tmp_path_factory.mktemp("draft") / "project"))
    return engine.copied(drafts[type(engine)], tmp_path / "project")


def filled(made: Project) -> Project:
    """Land and load all of the history, and note what no landed file tells."""
    warehouse = raw_warehouse(made)
    with warehouse.held():
        warehouse.prepare(STREAMS)
        warehouse.load_reference(PLACES)
        for stream, window in history(made):
            if window.manifest.holds_rows:
                warehouse.load(window, stream, loaded_at=window.manifest.created_at)
            else:
                warehouse.mark(window, stream)
        seen = StreamRecord(
            "orders", "loaded", visible_since=date(2026, 1, 3), asked=frozenset({"orders.id"})
        )
        unseen = StreamRecord("returns", "skipped", "no scope", "grant it", "read_returns")
        warehouse.record(SHOP, [seen, unseen], checked_at=SECOND)
        warehouse.note_shop(SHOP, SHOP, read_at=SECOND)
        days = (ExportedDay(date(2026, 3, 1), {"orders": Decimal(3)}),)
        warehouse.keep_exported(SHOP, ExportedReport("a.csv", FIRST, days), loaded_at=SECOND)
    return made


def held(engine: Engine, project: Project) -> Held:
    """Every row of every table, as texts in one order; a load by the window that it loaded, not by its number.

    (A mark bears the number that the next load of any stream has: which that is, is nothing to bring back.)
    """
    warehouse = raw_warehouse(project)
    loads = "select load_id, landing from _shopstack.loads"
    queries = [f"select {', '.join(table.columns)} from {table.full_name}" for table in TABLES]
    numbered, *answers = engine.answers(warehouse, [loads, *queries])
    landed = dict(numbered)
    found = {}
    for table, rows in zip(TABLES, answers, strict=True):
        named = [dict(zip(table.columns, row, strict=True)) for row in rows]
        for row in named:
            for number in row.keys() & {"load_id", "_load_id"}:
                row[number] = "marked" if row.get("_deleted_at") else landed[row[number]]
        found[table.full_name] = sorted(str(row) for row in named)
    return found


def left_here(project: Project) -> list[str]:
    """Names of what lies where databases of this machine do."""
    return [path.name for path in project.warehouse.glob("*") if path.name != "raw.duckdb"]


def test_every_row_is_as_it_was_and_a_second_time_too(engine: Engine, project: Project) -> None:
    before = held(engine, project)
    rows = {table: len(found) for table, found in before.items()}
    assert rows["shopify.product_variants_observed"] == 4, "what no API gives back"
    assert rows["shopify.inventory_levels_observed"] == 2
    assert rows["_shopstack.loads"] == 7
    assert [table.full_name for table in of_engine() if not rows[table.full_name]] == []
    for _ in range(2):
        report = rebuild(project)
        assert held(engine, project) == before
        assert (report.windows, report.shops, report.rows["orders"]) == (8, (SHOP,), 5)
        assert left_here(project) == []


def test_what_is_loaded_afterwards_goes_on_from_there(engine: Engine, project: Project) -> None:
    warehouse = raw_warehouse(project)
    numbers = "select min(load_id), max(load_id) from _shopstack.loads"
    ((_, before),) = engine.rows(warehouse, numbers)
    progress = warehouse.progress(SHOP)
    rebuild(project)
    assert warehouse.progress(SHOP) == progress
    assert progress["orders"].cursor_at == SECOND
    ((first, last),) = engine.rows(warehouse, numbers)
    assert first > before, "a build takes these rows for newer than those that it has seen"
    landed = land(project.storage, tree(6), end=SECOND + timedelta(days=1))
    assert warehouse.load(landed, ORDERS, loaded_at=SECOND).load_id == last + 1
    assert warehouse.count(SHOP, ORDERS)["orders"] == 6


def test_killed_in_the_middle_it_leaves_what_was_there_and_can_be_begun_again(
    engine: Engine, project: Project
) -> None:
    before = held(engine, project)
    reached = []
    for phase in REBUILDING:
        if run_to_kill(Kill(phase, 5), rebuild, project):
            reached.append(phase)
        assert held(engine, project) == before
    assert reached == (["loading"] if isinstance(engine, DuckDBEngine) else list(REBUILDING))
    if isinstance(engine, SnowflakeEngine):
        engine.server.end_abandoned()
    rebuild(project)
    assert held(engine, project) == before
    assert left_here(project) == []


def test_a_damaged_landed_file_stops_it_and_nothing_changes(engine: Engine, project: Project) -> None:
    before = held(engine, project)
    damaged = land(project.storage, tree(7), end=SECOND + timedelta(days=1))
    part = Path(files_of(damaged)[0])
    part.write_bytes(part.read_bytes()[:-4])
    with pytest.raises(IncompleteError, match="not the one that was written"):
        rebuild(project)
    assert held(engine, project) == before
    assert left_here(project) == []


def test_without_anything_landed_what_is_there_stays(engine: Engine, project: Project) -> None:
    before = held(engine, project)
    project.landing.rename(project.root / "elsewhere")
    with pytest.raises(UsageError, match="nothing landed"):
        rebuild(project)
    assert held(engine, project) == before


def test_prices_that_only_the_database_remembers_are_not_given_up(engine: Engine, project: Project) -> None:
    before = held(engine, project)
    lost = sorted(folder for folder in project.landing.glob("*/products/*") if folder.is_dir())
    assert len(lost) == 3
    shutil.move(lost[-1], project.root / "elsewhere")
    with pytest.raises(IncompleteError, match="remember less") as refused:
        rebuild(project)
    assert "product_variants_observed has 4 rows, of which 3 were landed" in refused.value.why
    assert held(engine, project) == before
    assert left_here(project) == []
    shutil.move(project.root / "elsewhere", lost[-1])
    rebuild(project)
    assert held(engine, project) == before


def test_whoever_is_to_be_removed_does_not_come_back(engine: Engine, project: Project) -> None:
    him = listed(HIM)
    warehouse = raw_warehouse(project)
    assert warehouse.personal_values(CONCERNED, him) == {"his own words"}
    suppression.write(project.stored("landing"), him)
    rebuild(project)
    assert warehouse.personal_values(CONCERNED, him) is None
    assert warehouse.personal_values(CONCERNED, listed(him.stand_in(HIM))) == set()
    assert warehouse.count(SHOP, ORDERS)["orders"] == 5


class TestOnSnowflake:
    """What only a database in use elsewhere must be asked."""

    @pytest.fixture
    def engine(self, snowflake: SnowflakeEngine, recorded: SnowflakeServer) -> SnowflakeEngine:
        return snowflake

    def test_all_is_replaced_in_one_transaction_after_everything_else(
        self, project: Project, recorded: SnowflakeServer
    ) -> None:
        recorded.statements.clear()
        rebuild(project)
        said = [text for _, text in recorded.statements]
        begun, ended = said.index("begin"), said.index("commit")
        assert said.count("begin") == said.count("commit") == 1
        changes = [text for text in said if text.startswith(("delete from", "copy into"))]
        assert changes == said[begun + 1 : ended]
        assert not [text for text in said if text.startswith(("drop", "alter", "create or replace"))]
        assert not [text for text in changes if "RUN_LOCK" in text.upper()]

    def test_what_a_removal_left_unfinished_is_seen_by_no_time_travel(
        self, project: Project, recorded: SnowflakeServer
    ) -> None:
        suppression.write(project.stored("landing"), listed(HIM))
        recorded.statements.clear()
        rebuild(project)
        said = [text for _, text in recorded.statements]
        begun, ended = said.index("begin"), said.index("commit")
        orders = f"alter table {sql.table_name('orders')} set data_retention_time_in_days = "
        assert [text for text in said[:begun] if text.startswith(orders)] == [f"{orders}0"]
        assert [text for text in said[ended:] if text.startswith(orders)] == [f"{orders}1"]

    def test_a_session_that_ends_in_the_middle_is_followed_by_another(
        self,
        engine: Engine,
        project: Project,
        recorded: SnowflakeServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        before = held(engine, project)
        ended = "Session no longer exists. New login required to access the service."
        recorded.fail('^copy into SHOPIFY."ORDER_SALES"', code="390111", message=ended)
        recorded.fail('^select .* from _SHOPSTACK."EXPORTED_REPORT"$', code="390111", message=ended)
        monkeypatch.setattr("shopstack.warehouse.snowflake_sessions.PAUSE", 0)
        rebuild(project)
        assert held(engine, project) == before

    def test_rows_that_do_not_arrive_leave_what_was_there(
        self, engine: Engine, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """COPY INTO is content with a file that is not there."""
        before = held(engine, project)
        copy_rows = sql.copy_rows

        def of_nothing(table: str, folder: str, *, schema: str, file: str) -> str:
            return copy_rows(table, folder, schema=schema, file="none" if table == "order_lines" else file)

        monkeypatch.setattr(sql, "copy_rows", of_nothing)
        with pytest.raises(DataError, match=r"not take in all of shopify\.order_lines") as caught:
            rebuild(project)
        assert "0 of 8 rows" in caught.value.why
        assert held(engine, project) == before

    def test_a_database_that_was_dropped_comes_back(self, engine: Engine, project: Project) -> None:
        before = held(engine, project)
        with signed_in(SnowflakeAccess.to_load(project)) as session:
            for schema in (sql.SHOPIFY, sql.STATE, sql.REFERENCE):
                session.execute(f"drop schema {schema} cascade")
        rebuild(project)
        after = held(engine, project)
        noted = {f"_shopstack.{table}" for table in ("streams", "asked", "shops", "exported_report")}
        assert {table for table in before if after[table] != before[table]} == noted
        assert raw_warehouse(project).progress(SHOP)["orders"].visible_since is None
        (places,) = engine.rows(raw_warehouse(project), "select count(*) from REFERENCE.places")[0]
        assert places > 0

    def test_the_command_holds_the_database_and_asks_no_shop(
        self,
        engine: Engine,
        project: Project,
        recorded: SnowflakeServer,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        before = held(engine, project)
        command = ["extract", "--from-landing", "--project", str(project.root)]
        with run_lease(SnowflakeAccess.to_load(project), "run"):
            recorded.statements.clear()
            assert main(command) == 4
            assert "shopstack run on " in " ".join(capsys.readouterr().err.split())
            assert not [text for _, text in recorded.statements if "SHOPIFY" in text]
        recorded.statements.clear()
        assert main(command) == 0
        said = [text for _, text in recorded.statements]
        taken = next(nth for nth, text in enumerate(said) if "run_lock set token = " in text)
        released = max(nth for nth, text in enumerate(said) if "set token = null" in text)
        copied = [nth for nth, text in enumerate(said) if text.startswith("copy into SHOPIFY")]
        assert taken < min(copied) <= max(copied) < released
        assert held(engine, project) == before
