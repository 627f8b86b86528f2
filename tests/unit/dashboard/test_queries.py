"""Named queries in a page's SQL file."""

from __future__ import annotations

import pytest

from shopstack.dashboard.pages import PAGES
from shopstack.dashboard.queries import parse_queries, stock_queries


def test_queries_are_found_by_name() -> None:
    text = "-- about the file\n\n-- name: one\n-- Grain: a row.\nselect 1;\n\n-- name: two\nselect 2\n"
    assert parse_queries(text) == {"one": "-- Grain: a row.\nselect 1", "two": "select 2"}


@pytest.mark.parametrize(
    "text", ["-- name: one\nselect 1;\n-- name: one\nselect 2;", "-- name: one\n\n-- name: two\nselect 1"]
)
def test_a_name_twice_or_without_a_query_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="query 'one'"):
        parse_queries(text)


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_stock_query_states_its_grain_and_keeps_to_one_shop(page: str) -> None:
    for name, sql in stock_queries(page).items():
        assert sql.startswith("-- Grain: "), name
        assert "$shop" in sql, name
