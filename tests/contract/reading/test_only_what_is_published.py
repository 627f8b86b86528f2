"""A query of a page reads what is published and nothing else, and writes nothing, however it is put."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopstack.errors import UsageError
from shopstack.project import Project
from shopstack.publish import open_published
from tests.unit.dashboard.published_fixture import make_published

SECRET = "shpat_never_shown"

READS = (
    "select * from read_text('{root}/.env')",
    "select * from read_blob('{root}/.env')",
    "select * from read_csv('{root}/.env')",
    "select * from read_csv_auto('{root}/.env')",
    "select * from sniff_csv('{root}/.env')",
    "select * from read_json('{root}/secret.json')",
    "select * from read_ndjson_objects('{root}/secret.json')",
    "select * from read_text('{folder}/../../../.env')",
    "select * from read_text('.env')",
    "select * from read_parquet('{root}/other.parquet')",
    "select * from parquet_schema('{root}/other.parquet')",
    "select * from parquet_metadata('{root}/other.parquet')",
    "select * from parquet_kv_metadata('{root}/other.parquet')",
    "from '{root}/other.parquet'",
    "from '{root}/.env'",
    "select * from query_table('{root}/other.parquet')",
    "select * from query('from ''{root}/other.parquet''')",
    "select * from glob('{root}/*')",
    "select * from glob('{folder}/../*')",
    "select * from read_text('{root}/data/published/current.json')",
    "select * from read_duckdb('{root}/data/warehouse/prod.duckdb')",
    "select * from read_duckdb('{root}/data/published/catalog.duckdb')",
    "select * from read_parquet('https://example.com/x.parquet')",
    "from 'https://example.com/x.csv'",
    "from 's3://bucket/x.parquet'",
    "select getenv('HOME')",
    "select * from duckdb_secrets()",
    "select * from which_secret('s3://bucket', 's3')",
    "select * from read_text('/proc/self/environ')",
)
WRITES = (
    "copy (select 1) to '{root}/written.csv'",
    "copy (select 1) to '{folder}/written.parquet'",
    "copy serving.fct_orders to '{root}/written.csv'",
    "explain analyze copy (select 1) to '{root}/written.csv'",
    "export database '{root}/written'",
    "import database '{root}/written'",
    "attach '{root}/written.duckdb'",
    "attach '{root}/data/warehouse/prod.duckdb' as other (read_only)",
    "create table mine as select 1",
    "create view serving.fct_orders as select 1",
    "create or replace view serving.fct_orders as select 1",
    "create macro serving.mine() as 1",
    "create secret (type s3)",
    "insert into serving.fct_orders select * from serving.fct_orders",
    "update serving.fct_orders set shop = ''",
    "delete from serving.fct_orders",
    "drop view serving.fct_orders",
    "alter view serving.fct_orders rename to mine",
    "install httpfs",
    "load httpfs",
    "load '{root}/written.duckdb_extension'",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "set lock_configuration = false",
    "reset enable_external_access",
    "set variable mine = 1",
    "pragma enable_external_access",
    "pragma enable_profiling = 'json'",
    "call enable_logging(storage = 'file', storage_path = '{root}/written')",
    "select * from enable_logging(storage = 'file', storage_path = '{root}/written')",
    "select * from enable_profiling(save_location = '{root}/written.json')",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "use memory",
    "detach prod",
    "begin",
    "prepare mine as select 1",
    "execute mine",
    "select * from query('copy (select 1) to ''{root}/written.csv''')",
    "select 1; copy (select 1) to '{root}/written.csv'",
    "with mine as (copy (select 1) to '{root}/written.csv') select 1",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A published project with things beside it that are nobody's business."""
    project = make_published(tmp_path_factory.mktemp("reading") / "shop", orders=40)[0]
    (project.root / ".env").write_text(f"SHOPIFY_TOKEN={SECRET}\n", encoding="utf-8")
    (project.root / "secret.json").write_text(f'{{"token": "{SECRET}"}}\n', encoding="utf-8")
    published = next(project.published.glob("v-*/serving/dim_shops.parquet"))
    (project.root / "other.parquet").write_bytes(published.read_bytes())
    return project


@pytest.fixture
def untouched(shop: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test runs in the project's folder, and leaves every file there as it was."""
    monkeypatch.chdir(shop.root)
    before = files_of(shop.root)
    yield
    assert files_of(shop.root) == before


def files_of(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file below a folder."""
    found = (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in found}


def put(statement: str, shop: Project) -> str:
    """The statement with the folders of the project in it."""
    folder = next(shop.published.glob("v-*"))
    return statement.replace("{root}", shop.root.as_posix()).replace("{folder}", folder.as_posix())


@pytest.mark.parametrize("statement", [*READS, *WRITES])
@pytest.mark.usefixtures("untouched")
def test_it_is_refused_and_changes_nothing(shop: Project, statement: str) -> None:
    with open_published(shop) as snapshot:
        with pytest.raises(UsageError) as refused:
            snapshot.execute(put(statement, shop))
        assert SECRET not in f"{refused.value.message} {refused.value.why}"
        orders = snapshot.rows("select count(*) as n from serving.fct_orders")
    assert orders == [{"n": 40}]


def test_a_variable_of_the_program_is_no_table(shop: Project) -> None:
    import pyarrow as pa

    sql = pa.table({"token": [SECRET]})
    with open_published(shop) as snapshot, pytest.raises(UsageError, match="did not run"):
        snapshot.execute("select * from sql")
    assert sql.num_rows == 1


def test_duckdb_may_use_the_version_and_the_projects_own_folder_and_no_other(
    shop: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "other.csv").write_text("a\n1\n", encoding="utf-8")
    with open_published(shop) as snapshot:
        allowed = snapshot.rows("select current_setting('allowed_directories') as found")[0]["found"]
        with pytest.raises(UsageError, match="did not run"):
            snapshot.execute("from '.tmp/other.csv'")
    folder = snapshot.pointer.version
    assert len(allowed) == 2
    assert all(str(one).startswith(shop.root.as_posix()) for one in allowed)
    assert any(f"/{folder}/" in one for one in allowed)
