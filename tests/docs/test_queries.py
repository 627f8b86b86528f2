"""SQL in the documentation asks for tables and columns that the models have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb
import pytest
import yaml
from jinja2 import Environment

from tests.docs.pages import MODELS, Page, own_pages, page, shell_lines
from tests.docs.test_commands import calls

PASTED = "docs/reference/page-queries.md"
"""Written from the pages, with tests of its own that run what stands there."""


@cache
def model_columns() -> dict[str, set[str]]:
    """Columns of every model, as the YAML file beside its SQL describes them."""
    found = {}
    for path in MODELS.rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            found[f"{path.parent.name}.{model['name']}"] = {column["name"] for column in model["columns"]}
    return found


@cache
def source_columns() -> dict[str, set[str]]:
    """Columns of every raw table that a model may be made of."""
    sources = yaml.safe_load((MODELS / "staging" / "sources.yml").read_text(encoding="utf-8"))["sources"]
    return {
        f"{source['name']}.{table['name']}": {column["name"] for column in table["columns"]}
        for source in sources
        for table in source["tables"]
    }


def queries(one: Page) -> Iterator[str]:
    """Every query of a page: given to `shopstack sql`, to Python, or shown as a model."""
    for line in shell_lines(one):
        yield from (call[1] for call in calls(line) if call[:1] == ["sql"] and call[1] != "-")
    homes = {name.split(".")[1]: name for name in model_columns()}
    for block in one.blocks:
        if block.language == "python":
            yield from re.findall(r"\.sql\(\"([^\"]+)\"\)", block.text)
        elif block.language == "sql" and not block.text.startswith("create "):
            template = Environment(autoescape=False).from_string(block.text)  # noqa: S701 - SQL, not HTML
            yield template.render(ref=homes.__getitem__, source="{}.{}".format)


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of DuckDB's parse tree."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for below in tree:
            yield from nodes(below)


def unknown_names(sql: str) -> list[str]:
    """Tables and columns of a query that no model has."""
    (parsed,) = duckdb.connect().execute("select json_serialize_sql(?)", [sql]).fetchall()
    tree = json.loads(parsed[0])
    assert not tree["error"], tree
    known = model_columns() | source_columns()
    tables = [f"{node['schema_name']}.{node['table_name']}" for node in nodes(tree) if "table_name" in node]
    wrong = [table for table in tables if table not in known]
    columns = set().union(*(known.get(table, set()) for table in tables))
    named = [node["column_names"][-1] for node in nodes(tree) if node.get("class") == "COLUMN_REF"]
    return wrong + [name for name in named if name not in columns]


@pytest.mark.parametrize(
    ("one", "sql"),
    [(one, sql) for one in own_pages() if one.name != PASTED for sql in queries(one)],
    ids=lambda value: value.name if isinstance(value, Page) else value[:40],
)
def test_queries_name_what_the_models_have(one: Page, sql: str) -> None:
    assert unknown_names(sql) == [], f"{one.name}: {sql}"


def test_the_check_sees_misspelt_tables_and_columns() -> None:
    assert unknown_names("select net_sale from serving.fct_sales") == ["net_sale"]
    assert unknown_names("select 1 from serving.fct_sale") == ["serving.fct_sale"]


def test_the_check_reads_every_kind_of_query() -> None:
    assert list(queries(page("docs/guides/edit-sql.md")))
    assert len(list(queries(page("docs/guides/read-with-other-tools.md")))) == 4
