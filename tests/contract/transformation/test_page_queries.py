"""The SQL that the documentation gives for other tools: DuckDB runs it, Snowflake would parse it, both mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from jinja2 import Environment
from scripts.page_queries import Query, figure, queries
from scripts.snowflake_text import PUBLISHED, snowflake
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from shopstack.project import Project
from shopstack.publish import open_published
from shopstack.publish.catalog import catalog_file
from shopstack.publish.metrics import Range, evaluate, load_metrics
from shopstack.transformation.sources import SOURCES_FILE
from tests.contract.transformation.raw_shop import SHOP
from tests.contract.transformation.snowflake_sql import problems, schema_of

pytestmark = pytest.mark.xdist_group("transformation")

MODELS = SOURCES_FILE.parents[1]

SPAN = Range(date(2026, 1, 1), date(2026, 6, 30))

VALUES: dict[str, Any] = {
    "shop": SHOP,
    "first_day": SPAN.first,
    "last_day": SPAN.last,
    "until": None,
    "previous_first": date(2025, 7, 1),
    "previous_last": date(2025, 12, 31),
    "previous_until": datetime.fromisoformat("2025-12-31T12:00:00"),
    "channel": None,
    "today": SPAN.last,
    "currency": "USD",
}
"""What a reader might have chosen."""

ALL = queries()
NAMES = [one.name for one in ALL]


@pytest.fixture(scope="module")
def catalog(published: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """What another tool opens."""
    with duckdb.connect(str(catalog_file(published)), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def one_schema(published: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published tables as the reporter role of Snowflake finds them: in one schema."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{catalog_file(published)}' as catalog (read_only)")
        connection.execute(
            "set lambda_syntax = 'ENABLE_SINGLE_ARROW'"
        )  # as sqlglot writes DuckDB's lambdas still
        connection.execute(f"create schema {PUBLISHED}")
        for schema, name in connection.execute(
            "select schema_name, view_name from duckdb_views() where database_name = 'catalog' and not internal"
        ).fetchall():
            connection.execute(f"create view {PUBLISHED}.{name} as select * from catalog.{schema}.{name}")
        yield connection


def _columns() -> MappingSchema:
    """Columns of every published table, as the YAML files of the models describe them, in the one schema."""
    found = {}
    for folder in ("serving", "reporting"):
        for path in (MODELS / folder).glob("*.yml"):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
                place = ("PROD", PUBLISHED, model["name"])
                assert place not in found, "two published tables of one name do not fit into one schema"
                found[place] = [column["name"] for column in model["columns"]]
    return schema_of(found)


SCHEMA = _columns()

ELSEWHERE = re.compile(r"is not known as a function|^an interval|^a cast to VARCHAR$|^Column ")
"""What is no fault in a text for Snowflake alone (`doubts` looks at its functions), or is looked at otherwise."""

FORMATS = {"yyyy": "%Y", "mmmm": "%B", "mon": "%b", "DY": "%a"}
"""How Snowflake calls what strftime() writes."""


def bound(sql: str) -> dict[str, Any]:
    """The parameters that a text of DuckDB's names."""
    return {name: VALUES[name] for name in set(re.findall(r"\$([a-z_]+)\b", sql))}


def as_hex_gives(value: Any) -> str:
    """A literal: of a cell for text an empty text where nothing is chosen."""
    return f"'{'' if value is None else value}'"


def pasted(sql: str) -> str:
    """A cell of Hex with its parameters filled in."""
    filled = {name: as_hex_gives(value) for name, value in VALUES.items()}
    return Environment(autoescape=False).from_string(sql).render(filled)  # noqa: S701 - SQL, not HTML


def refused(sql: str) -> list[str]:
    """Parts of a text that Snowflake takes only within `where`, or not at all.

    Raises:
        SqlglotError: a table or a column is none of those that are published.
    """
    tree = qualify(sqlglot.parse_one(sql, dialect="snowflake"), schema=SCHEMA, dialect="snowflake")
    found: list[exp.Expr] = [
        scope.expression for scope in traverse_scope(tree) if scope.is_correlated_subquery
    ]
    for listed in tree.find_all(exp.In, exp.Exists):
        place = listed.find_ancestor(exp.Where, exp.Select)
        if (isinstance(listed, exp.Exists) or listed.args.get("query")) and isinstance(place, exp.Select):
            found.append(listed)
    return [part.sql("snowflake") for part in found]


def translated_back(sql: str, *, day: str) -> str:
    """A text for Snowflake in DuckDB's SQL; sqlglot knows no formats of dates on the way back. Snowflake's days have two
    digits, and are compared as the page writes them (``day``)."""
    tree = sqlglot.parse_one(sql, dialect="snowflake")
    formats = FORMATS | {"DD": day, "dd": day}
    for written in list(tree.find_all(exp.ToChar)):
        form = re.sub("|".join(formats), lambda found: formats[found[0]], written.args["format"].name)
        written.replace(exp.func("strftime", written.this, exp.Literal.string(form)))
    return tree.sql("duckdb")


@pytest.mark.parametrize("one", ALL, ids=NAMES)
def test_duckdb_runs_it_over_the_catalogue(catalog: duckdb.DuckDBPyConnection, one: Query) -> None:
    assert catalog.execute(one.sql, bound(one.sql)).description


@pytest.mark.parametrize("one", ALL, ids=NAMES)
def test_snowflake_would_take_it(one: Query) -> None:
    sql = pasted(snowflake(one.sql)).replace(f" {PUBLISHED}.", f" PROD.{PUBLISHED}.")
    assert [found for found in problems(sql, SCHEMA) if not ELSEWHERE.search(found)] == []
    assert refused(sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        (
            "select (select max(o.order_date) from PROD.published.fct_orders as o where o.shop = s.shop) as d "
            "from PROD.published.dim_shops as s"
        ),
        "select s.shop in (select o.shop from PROD.published.fct_orders as o) as d from PROD.published.dim_shops as s",
    ],
)
def test_the_check_sees_what_snowflake_would_refuse(sql: str) -> None:
    assert len(refused(sql)) == 1
    with pytest.raises(SqlglotError):
        refused(sql.replace("s.shop", "s.shopp"))


@pytest.mark.parametrize("one", ALL, ids=NAMES)
def test_translated_back_it_says_what_the_page_says(
    one_schema: duckdb.DuckDBPyConnection, one: Query
) -> None:
    back = translated_back(pasted(snowflake(one.sql)), day="%-d" if "%-d" in one.sql else "%d")
    original = sqlglot.parse_one(one.sql, dialect="duckdb")
    for table in original.find_all(exp.Table):
        if table.db in {"serving", "reporting"}:
            table.set("db", exp.to_identifier(PUBLISHED))
    sql = original.sql("duckdb")
    expected = one_schema.execute(sql, bound(sql)).fetchall()
    assert sorted(map(repr, one_schema.execute(back).fetchall())) == sorted(map(repr, expected))


@pytest.mark.parametrize(
    ("name", "channel"),
    [(name, None) for name in load_metrics()]
    + [(name, f"{SHOP}|web") for name, one in load_metrics().items() if "channel_key" in one.dimensions],
)
def test_a_figure_is_the_one_of_the_dashboard(
    published: Project, catalog: duckdb.DuckDBPyConnection, name: str, channel: str | None
) -> None:
    one = load_metrics()[name]
    sql = figure(one)
    row = catalog.execute(sql, bound(sql) | ({"channel": channel} if "$channel" in sql else {})).fetchone()
    with open_published(published) as snapshot:
        (value,) = evaluate(snapshot, one, SHOP, [SPAN], only={"channel_key": channel} if channel else None)
    assert row
    if value.value is None:
        assert row == (None,)
    else:
        assert float(row[0]) == pytest.approx(float(value.value.quantize(Decimal("0.000001"))), abs=1e-6)
