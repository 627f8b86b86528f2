"""The same SQL on DuckDB and Snowflake: compiled for Snowflake without one, each statement looked through.

That DuckDB runs it is shown by every build. Snowflake is not there to be asked, so these tests parse; they say nothing of
what it answers.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlglot.schema import MappingSchema

from tests.contract.transformation.conftest import make_project
from tests.contract.transformation.snowflake_sql import problems, schema_of

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Compiled:
    """Every statement of the project as dbt would send it to Snowflake, by the name of its node."""

    statements: dict[str, str]
    schema: MappingSchema
    models: dict[str, Any]


def _run(*command: str, folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "SHOPSTACK_TARGET": target, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


of_compiled = pytest.mark.xdist_group("dialects")
"""They share what takes seconds to compile."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Compiled by plain dbt, which needs no account for it."""
    folder = make_project(tmp_path_factory.mktemp("snowflake")).transformation
    dbt = str(Path(sys.executable).with_name("dbt"))
    done = _run(
        dbt, "compile", "--no-introspect", "--no-populate-cache", folder=folder, target="snowflake_dev"
    )
    assert done.returncode == 0, done.stdout
    manifest = orjson.loads((folder / "target" / "manifest.json").read_bytes())
    nodes = [
        node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed", "test")
    ]
    tables = [node for node in nodes if node["resource_type"] != "test"] + list(manifest["sources"].values())
    columns = {
        (table["database"], table["schema"], table.get("identifier") or table["name"]): list(table["columns"])
        for table in tables
    }
    statements = {
        node["name"]: (folder / node["compiled_path"]).read_text(encoding="utf-8")
        for node in nodes
        if node["resource_type"] != "seed"
    }
    models = {node["name"]: node for node in nodes if node["resource_type"] == "model"}
    return Compiled(statements, schema_of(columns), models)


@of_compiled
def test_every_model_and_test_means_on_snowflake_what_it_means_on_duckdb(compiled: Compiled) -> None:
    assert {"fct_sales", "dim_dates", "reconciliation", "one_currency_a_shop"} <= compiled.statements.keys()
    found = {name: problems(sql, compiled.schema) for name, sql in compiled.statements.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@of_compiled
def test_a_model_that_is_compiled_for_snowflake_has_nothing_of_duckdbs_own(compiled: Compiled) -> None:
    accents = compiled.statements["int_order_addresses"]
    assert "strip_accents" not in accents
    assert "convert_timezone('UTC', " in compiled.statements["fct_sales"]


SCHEMA = schema_of({("PROD", "serving", "orders"): ["order_key", "shop", "total", "is_test", "placed_at"]})


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("select order_key from", "does not parse"),
        ("select strip_accents(shop) as plain from orders", "strip_accents() is not known"),
        ("select list_sum(total) as total from orders", "list_sum() is not known"),
        ("select epoch_ms(placed_at) as moment from orders", "epoch_ms() is not known"),
        ("select sum(total) filter (where is_test) as total from orders", "filter (where"),
        ("select placed_at at time zone 'UTC' as placed_at from orders", "at time zone"),
        ("select total::varchar as total from orders", "::, write it as a cast"),
        ("select cast(total as hugeint) as total from orders", "a cast to"),
        ("select cast(total as decimal) as total from orders", "a decimal without its digits"),
        ("select [total, total] as totals from orders", "a list"),
        ("select shop, count(*) as orders from orders group by all", "group by all"),
        ("select placed_at - interval '1 day' as before from orders", "an interval"),
        ("select shop from orders qualify row_number() over (order by shop) = 1", "qualify"),
        ("select row_number() over (order by total desc) as place from orders", "unknown values come first"),
        ("select total / count_of_orders as mean from orders", "a division by zero is an error"),
        (
            "select extract(week from placed_at) as week_number from orders",
            "depends on the account's settings",
        ),
        ("select max(is_test) as any_test from orders", "an aggregate of a truth value"),
        ("select greatest(total, 0) as total from orders", "greatest() is not known"),
        ("select concat(shop, order_key) as both_keys from orders", "concat() is not known"),
        ("select count(*) as rows from orders", "rows is a reserved word"),
        ("select total + 1 as more, more * 2 as double_more from orders", "MORE"),
        ("select order_name from orders", "ORDER_NAME"),
        ('select "shop" from orders', "shop"),
    ],
)
def test_what_only_duckdb_takes_so_is_found(sql: str, wrong: str) -> None:
    found = problems(sql.replace("from orders", "from PROD.serving.orders"), SCHEMA)
    assert any(wrong in one for one in found), found


@pytest.mark.parametrize(
    "sql",
    [
        "select shop, sum(total) / nullif(count(*), 0) as mean from orders group by shop",
        "select row_number() over (partition by shop order by total desc nulls last) as place from orders",
        "select cast(convert_timezone('UTC', 'Asia/Tokyo', placed_at) as date) as day from orders",
        "select max(case when is_test then 1 else 0 end) = 1 as any_test from orders",
        "with paid as (select * from orders where total > 0) select paid.shop from paid where not paid.is_test",
    ],
)
def test_what_both_take_alike_passes(sql: str) -> None:
    assert problems(sql.replace("from orders", "from PROD.serving.orders"), SCHEMA) == []


def test_accents_are_replaced_one_by_one() -> None:
    macro = (ROOT / "src/shopstack/blueprint/transformation/packages/shopstack/macros/places.sql").read_text(
        "utf-8"
    )
    _, after = macro.split("translate(")
    accented, plain = (line.strip(" ',") for line in after.splitlines()[2:4])
    assert len(accented) == len(plain)
    assert plain.isascii()


@pytest.mark.parametrize(
    ("dialect", "target", "without"),
    [
        pytest.param("duckdb", "dev", "", marks=pytest.mark.xdist_group("sqlfluff-duckdb")),
        # Where a line breaks is no matter of dialect, and takes most of the time.
        pytest.param(
            "snowflake", "snowflake_dev", "layout", marks=pytest.mark.xdist_group("sqlfluff-snowflake")
        ),
    ],
)
def test_the_engines_sql_is_clean_in_both_dialects(
    tmp_path: Path, dialect: str, target: str, without: str
) -> None:
    project = make_project(tmp_path)
    project.warehouse.mkdir(parents=True)
    package = project.transformation / "packages" / "shopstack"
    module = "tests.contract.transformation.linting"
    done = _run(sys.executable, "-m", module, dialect, without, folder=package, target=target)
    *found, files = done.stdout.splitlines()
    assert found == [], done.stderr
    skipped = [line for line in done.stderr.splitlines() if "Skipped file" in line]
    assert [line for line in skipped if "because it is a macro" not in line] == []
    assert int(files.split()[0]) >= len(list((package / "models").rglob("*.sql")))


TYPES = {
    "varchar",
    "bigint",
    "integer",
    "boolean",
    "date",
    "timestamp",
    "double",
    "decimal(20, 4)",
    "decimal(20, 8)",
}
"""Names of types that mean the same on both: money has four digits after the point, shares and rates eight."""


@of_compiled
def test_every_table_that_is_read_by_others_keeps_a_contract_in_types_of_both(compiled: Compiled) -> None:
    read = {
        name: node for name, node in compiled.models.items() if node["schema"] in ("serving", "reporting")
    }
    assert {"fct_sales", "daily_sales"} <= read.keys()
    for name, node in read.items():
        assert node["config"]["contract"]["enforced"], name
        assert {column["data_type"] for column in node["columns"].values()} <= TYPES, name
