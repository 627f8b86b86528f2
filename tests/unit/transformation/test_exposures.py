"""Each page of the dashboard is an exposure of exactly the models that it reads, told from its SQL and its figures."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

from shopstack.dashboard.page import Page
from shopstack.dashboard.pages import PAGES
from shopstack.dashboard.queries import stock_queries
from shopstack.publish.metrics import Sum, load_metrics
from shopstack.transformation.sources import SOURCES_FILE

MODELS = SOURCES_FILE.parents[1]
DECLARED: dict[str, dict[str, Any]] = {
    one["name"]: one
    for one in yaml.safe_load((MODELS / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
}


def read_by(sql: str) -> set[str]:
    """Published tables that a query names."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    return {table.name for table in tree.find_all(exp.Table) if table.db in ("serving", "reporting")}


def read_by_sum(part: Sum | None) -> set[str]:
    return set() if part is None else read_by(f"select {part.value} from {part.relation}")


def read_by_page(page: Page) -> set[str]:
    module = importlib.import_module(f"shopstack.dashboard.pages.{page.name}")
    figures = [load_metrics()[name] for name in getattr(module, "FIGURES", ())]
    found = set().union(*(read_by(sql) for sql in stock_queries(page.name).values()))
    return found.union(*(read_by_sum(one.of) | read_by_sum(one.per) for one in figures))


def test_every_page_is_an_exposure_and_nothing_else_is() -> None:
    assert set(DECLARED) == {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_depends_on_exactly_the_models_that_it_reads(page: Page) -> None:
    exposure = DECLARED[page.name]
    assert exposure["label"] == page.title
    assert exposure["description"].endswith(".")
    assert set(exposure["depends_on"]) == {f"ref('{name}')" for name in read_by_page(page)}


def test_a_table_in_a_part_of_a_query_is_read_too() -> None:
    sql = "with a as (select * from serving.x) select * from a where k in (select k from reporting.y)"
    assert read_by(sql) == {"x", "y"}
