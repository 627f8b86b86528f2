"""What a query asks for, read back from its text."""

from __future__ import annotations

import pytest

from shopstack.shopify import queries
from shopstack.shopify.query_text import paths_in
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import ORDERS, PRODUCTS, needed_scopes
from shopstack.tables import Stream

ALL = Access(frozenset(needed_scopes()))


def test_paths_are_told_without_arguments_aliases_fragments_and_wrappers() -> None:
    text = (
        'query Page($first: Int!, $s: String!) { orders(first: $first, query: "a { b }") { nodes { id '
        "first: tags lineItems(first: 3) { edges { node { ... on LineItem { id product { id } } } } } } pageInfo { x } } }"
    )
    assert paths_in(text) == {
        "orders",
        "orders.id",
        "orders.tags",
        "orders.lineItems",
        "orders.lineItems.id",
        "orders.lineItems.product",
        "orders.lineItems.product.id",
        "orders.pageInfo",
        "orders.pageInfo.x",
    }
    assert paths_in("") == frozenset()


@pytest.mark.parametrize("stream", [ORDERS, PRODUCTS])
@pytest.mark.parametrize("query", [queries.bulk_query, queries.page_query])
def test_every_column_that_a_query_asks_for_is_found_in_it(stream: Stream, query: object) -> None:
    assert callable(query)
    found = paths_in(query(stream, ALL))
    for column in stream.root.columns:
        if ALL.allows(column):
            assert f"{stream.root_field}.{column.path}" in found
