"""What goes up, and that readers never see half of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from shopstack.errors import BuildError, ConfigurationError, LockedError, UsageError
from shopstack.project import Project
from shopstack.publish import open_published, publish_version, read_pointer, versions
from tests.unit.dashboard.published_fixture import NOW, SHOP, make_project

MORNING = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
TOTAL = "select sum(net_sales) from serving.fct_sales"


def total(project: Project) -> Decimal:
    with open_published(project) as snapshot:
        value: Decimal = snapshot.execute(TOTAL).rows[0][0]
        return value


def change_warehouse(project: Project) -> None:
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute("update serving.fct_sales set net_sales = net_sales * 2")


def test_what_is_published_is_what_the_warehouse_holds(built: Project) -> None:
    published = publish_version(built, run_id="r1")

    with (
        duckdb.connect(str(built.database("prod")), read_only=True) as warehouse,
        open_published(built) as snapshot,
    ):
        for name, table in published.pointer.tables.items():
            columns = ", ".join(table.columns)
            rows = f"select {columns} from {name} order by all"
            assert snapshot.execute(rows).rows == warehouse.execute(rows).fetchall(), name
    assert published.rows > 100


def test_of_a_table_that_was_not_renewed_the_last_good_rows_stay_up_and_say_since_when(
    built: Project,
) -> None:
    publish_version(built, now=MORNING)
    before = total(built)
    change_warehouse(built)

    for hours in (1, 2):
        published = publish_version(
            built, now=MORNING + timedelta(hours=hours), held_back={"serving.fct_sales", "reporting.never_up"}
        )
        assert published.kept == ("serving.fct_sales",)
        assert total(built) == before
        assert published.pointer.tables["serving.fct_sales"].since == MORNING
        assert "reporting.never_up" not in published.pointer.tables
    assert published.pointer.tables["serving.fct_orders"].since is None

    assert (
        "serving.fct_sales"
        not in publish_version(built, held_back={"serving.fct_sales"}, keep=False).pointer.tables
    )
    publish_version(built)
    assert total(built) == 2 * before


def test_a_column_that_is_personal_by_now_is_not_put_up_again(built: Project) -> None:
    publish_version(built)
    mark = {"label": {"meta": {"personal": True}}}
    node = {"schema": "serving", "name": "dim_customers", "columns": mark}
    manifest = built.storage / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"nodes": {"model.shopstack.dim_customers": node}}), encoding="utf-8")

    kept = publish_version(built, held_back={"serving.dim_customers"}).pointer.tables["serving.dim_customers"]

    assert "label" not in kept.columns
    assert "customer_key" in kept.columns


def test_only_serving_and_reporting_are_published(built: Project) -> None:
    tables = publish_version(built).pointer.tables

    assert {name.split(".")[0] for name in tables} == {"serving", "reporting"}


def test_money_stays_exact_in_the_files(built: Project) -> None:
    publish_version(built)

    with open_published(built) as snapshot:
        kind = snapshot.execute("select typeof(net_sales) from serving.fct_sales limit 1").rows[0][0]
    assert kind.startswith("DECIMAL")


def test_the_pointer_says_what_is_up_and_how_fresh_it_is(built: Project) -> None:
    publish_version(built, run_id="r1", now=MORNING)

    pointer = read_pointer(built)
    assert pointer is not None
    assert pointer.version == "v-20261116T060000Z"
    assert pointer.published_at == MORNING
    assert pointer.run_id == "r1"
    shop = pointer.shops[0]
    assert (shop.shop, shop.name, shop.currency_code) == (SHOP, "Cedar & Co", "USD")
    raw = json.loads((built.published / "current.json").read_text(encoding="utf-8"))
    assert raw["tables"]["serving.fct_orders"]["rows"] == 60


def test_data_is_as_fresh_as_the_stalest_required_stream(built: Project) -> None:
    behind = NOW.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=2)
    with duckdb.connect(str(built.database("raw"))) as raw:
        raw.execute("update _shopstack.cursors set cursor_at = ? where stream = 'products'", [behind])

    pointer = publish_version(built).pointer

    assert pointer.data_up_to == behind.replace(
        tzinfo=UTC
    )  # customers, an optional stream, lies further behind


def test_a_shop_on_this_machine_is_a_simulated_one(built: Project, tmp_path: Path) -> None:
    assert publish_version(built).pointer.simulated
    real = Project(built.root, built.config.model_validate({"shop": {"address": "my-shop.myshopify.com"}}))
    assert not publish_version(real).pointer.simulated


def test_columns_that_the_streams_declare_personal_are_left_out(built: Project) -> None:
    published = publish_version(built)

    assert "serving.dim_customers.first_name" in published.excluded
    assert "first_name" not in published.pointer.tables["serving.dim_customers"].columns
    with open_published(built) as snapshot, pytest.raises(UsageError):
        snapshot.execute("select first_name from serving.dim_customers")


@pytest.mark.parametrize("place", ["meta", "config"])
def test_columns_that_a_model_marks_personal_are_left_out(built: Project, place: str) -> None:
    mark: dict[str, Any] = {"meta": {"personal": True}}
    column = mark if place == "meta" else {"config": mark}
    node = {"schema": "serving", "name": "dim_customers", "columns": {"birthday_note": column, "label": {}}}
    manifest = built.storage / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"nodes": {"model.shopstack.dim_customers": node}}), encoding="utf-8")

    columns = publish_version(built).pointer.tables["serving.dim_customers"].columns

    assert "birthday_note" not in columns
    assert "label" in columns


def mark_personal(built: Project, column: str) -> None:
    """Mark a column of a model of the merchant's own, as dbt's manifest has it."""
    node = {
        "package_name": "my_shop",
        "patch_path": "my_shop://models/marts/customers.yml",
        "schema": "serving",
        "name": "dim_customers",
        "columns": {column: {"meta": {"personal": True}}},
    }
    manifest = built.storage / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"nodes": {"model.my_shop.dim_customers": node}}), encoding="utf-8")


def test_a_mark_counts_in_whichever_case_the_column_is_written(built: Project) -> None:
    mark_personal(built, "Birthday_Note")
    assert "birthday_note" not in publish_version(built).pointer.tables["serving.dim_customers"].columns


def test_a_mark_on_a_column_that_there_is_not_publishes_nothing(built: Project) -> None:
    mark_personal(built, "birthday_notes")
    with pytest.raises(ConfigurationError, match=r"dim_customers has no column 'birthday_notes'") as caught:
        publish_version(built)
    assert "transformation/models/marts/customers.yml" in caught.value.hint
    assert read_pointer(built) is None


def test_a_mark_on_a_column_of_a_table_that_was_not_renewed_may_be_ahead_of_it(built: Project) -> None:
    mark_personal(built, "birthday_notes")
    published = publish_version(built, held_back={"serving.dim_customers"})
    assert "serving.dim_customers" not in published.pointer.tables


def test_columns_that_only_the_next_build_needs_are_left_out(built: Project) -> None:
    before = publish_version(built).pointer.tables["serving.fct_orders"].columns
    assert "order_id" in before
    mark = {"config": {"meta": {"engine": True}}}
    node = {"schema": "serving", "name": "fct_orders", "columns": {"order_id": mark}}
    manifest = built.storage / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"nodes": {"model.shopstack.fct_orders": node}}), encoding="utf-8")
    expected = tuple(name for name in before if name != "order_id")

    kept = publish_version(built, held_back={"serving.fct_orders"})
    assert kept.pointer.tables["serving.fct_orders"].columns == expected
    renewed = publish_version(built)
    assert renewed.pointer.tables["serving.fct_orders"].columns == expected
    assert "serving.fct_orders.order_id" not in renewed.excluded


def test_what_is_personal_in_a_raw_table_is_left_out_of_all_that_is_made_of_it(built: Project) -> None:
    between = {
        "unique_id": "model.mine.stg_addresses",
        "schema": "staging",
        "name": "stg_addresses",
        "depends_on": {"nodes": ["source.shopstack.shopify.customer_addresses"]},
    }
    of_people = {
        "unique_id": "model.mine.dim_locations",
        "schema": "serving",
        "name": "dim_locations",
        "depends_on": {"nodes": ["model.mine.stg_addresses"]},
    }
    manifest = built.storage / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"nodes": {"a": between, "b": of_people}}), encoding="utf-8")

    published = publish_version(built)

    columns = published.pointer.tables["serving.dim_locations"].columns
    assert "serving.dim_locations.city" in published.excluded
    assert "city" not in columns
    assert columns


def test_what_no_model_makes_any_more_is_not_published(built: Project) -> None:
    assert "reporting.daily_sales" in publish_version(built, now=MORNING).pointer.tables
    node = {"schema": "serving", "name": "dim_customers_v2", "alias": "dim_customers"}
    manifest = built.storage / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"nodes": {"model.my_shop.dim_customers_v2": node}}), encoding="utf-8")

    assert list(publish_version(built).pointer.tables) == ["serving.dim_customers"]


def test_every_handle_on_the_warehouse_is_closed(built: Project) -> None:
    publish_version(built)

    with duckdb.connect(str(built.database("prod"))) as writer:  # refused while a read-only handle is open
        writer.execute("create table serving.after as select 1 as one")


def test_versions_published_within_one_second_are_two(built: Project) -> None:
    first = publish_version(built, now=MORNING).pointer.version
    second = publish_version(built, now=MORNING).pointer.version

    assert first != second
    pointer = read_pointer(built)
    assert pointer is not None
    assert pointer.version == second


def test_the_last_three_versions_are_kept_and_the_current_one_always(built: Project) -> None:
    names = [publish_version(built, now=MORNING + timedelta(days=day)).pointer.version for day in range(5)]
    assert sorted(folder.name for folder in built.published.glob("v-*")) == names[-3:]

    backwards = publish_version(built, now=MORNING - timedelta(days=9))  # a clock that was set back

    assert backwards.folder.is_dir()
    assert total(built)


def test_a_reader_goes_on_with_the_version_it_began_with(built: Project) -> None:
    publish_version(built, now=MORNING)
    with open_published(built) as old:
        before = old.execute(TOTAL).rows
        change_warehouse(built)
        publish_version(built, now=MORNING + timedelta(hours=1))
        assert old.execute(TOTAL).rows == before
    assert total(built) == before[0][0] * 2


STEPS = (
    "_new_draft",
    "_export",
    "_copy",
    "_shops",
    "_read_up_to",
    "_finish",
    "write_pointer",
    "write_catalog",
    "prune",
)
AFTER_THE_SWAP = {"write_catalog", "prune"}


@pytest.mark.parametrize("step", STEPS)
def test_a_failure_at_any_step_leaves_a_whole_version_up(
    built: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    publish_version(built, now=MORNING)
    before = total(built)
    change_warehouse(built)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(versions, step, fail)
        with pytest.raises(OSError, match="No space left"):
            publish_version(built, now=MORNING + timedelta(hours=1))

    assert total(built) == (before * 2 if step in AFTER_THE_SWAP else before)
    with duckdb.connect(str(built.published / "catalog.duckdb"), read_only=True) as catalog:
        assert catalog.execute(TOTAL).fetchall()[0][0] in {before, before * 2}
    publish_version(built, now=MORNING + timedelta(hours=2))
    assert total(built) == before * 2
    assert not [path for path in built.published.iterdir() if path.name.startswith(".")]


KILLED = """
import os, sys
from pathlib import Path
from typing import Any
from shopstack.project import Project
from shopstack.publish import publish_version, versions
original = getattr(versions, sys.argv[2])
def die(*args, **kwargs):
    original(*args, **kwargs) if sys.argv[3] == "after" else None
    os._exit(9)
setattr(versions, sys.argv[2], die)
publish_version(Project.open(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("step", "when", "is_new"),
    [
        ("_copy", "after", False),
        ("_finish", "after", False),
        ("write_pointer", "before", False),
        ("write_pointer", "after", True),
    ],
)
def test_a_killed_publish_leaves_a_whole_version_up(
    built: Project, step: str, when: str, is_new: bool
) -> None:
    publish_version(built, now=MORNING)
    before = total(built)
    change_warehouse(built)

    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(built.root), step, when], check=False, timeout=60
    )

    assert child.returncode == 9
    assert total(built) == (before * 2 if is_new else before)
    publish_version(built)
    assert total(built) == before * 2
    assert not [path for path in built.published.iterdir() if path.name.startswith(".v-")]


def test_nothing_to_publish_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to publish"):
        publish_version(make_project(tmp_path / "shop"))


def test_a_warehouse_without_its_shops_is_not_published(built: Project) -> None:
    with duckdb.connect(str(built.database("prod"))) as connection:
        connection.execute("drop table serving.dim_shops")
    with pytest.raises(BuildError):
        publish_version(built)
    assert read_pointer(built) is None


@contextmanager
def writer_elsewhere(file: Path) -> Iterator[None]:
    """Another process that holds the file open for writing."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        yield
        child.communicate("")


def test_a_warehouse_in_use_is_said_to_be(built: Project) -> None:
    with writer_elsewhere(built.database("prod")), pytest.raises(LockedError):
        publish_version(built)


def test_a_damaged_warehouse_is_not_said_to_be_in_use(built: Project) -> None:
    built.database("prod").write_bytes(b"garbage" * 1000)
    with pytest.raises(BuildError, match="cannot be opened") as caught:
        publish_version(built)
    assert "not a valid DuckDB database" in caught.value.why


def test_a_warehouse_that_turns_out_damaged_while_it_is_read_is_no_defect(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def met(*_: object, **__: object) -> None:
        raise duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2")

    monkeypatch.setattr("shopstack.publish.versions._export", met)
    with pytest.raises(BuildError, match="cannot be opened") as caught:
        publish_version(built)
    assert caught.value.hint.startswith("shopstack build")


def test_rows_are_sorted_by_day_so_that_ranges_are_cheap(built: Project) -> None:
    published = publish_version(built)
    file = published.folder / "serving" / "fct_sales.parquet"
    days: list[date] = [
        row[0] for row in duckdb.execute(f"select sale_date from read_parquet('{file}')").fetchall()
    ]
    assert days == sorted(days)
