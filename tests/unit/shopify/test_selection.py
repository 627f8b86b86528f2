"""The GraphQL text that is asked for: what is in it, what is left out, and Shopify's rules for bulk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphql import FieldNode, InlineFragmentNode, SelectionSetNode, parse
from graphql.language.ast import OperationDefinitionNode

from shopstack.shopify import queries, selection
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import (
    CUSTOMERS,
    LOCATIONS,
    ORDERS,
    PRODUCTS,
    SHOP,
    STREAMS,
    needed_scopes,
    on_request,
)
from shopstack.tables import Stream

ALL = Access(frozenset(needed_scopes()))
PERSONAL = Access(frozenset(needed_scopes()), personal_data=True)
INCLUDED = frozenset(on_request())
ONE, MANY = ("custom",), ("custom", "reviews", "specs", "$app:loyalty")
EVERYTHING = Access(frozenset(needed_scopes(INCLUDED)), personal_data=True, included=INCLUDED, namespaces=ONE)
CONNECTIONS = [stream for stream in STREAMS if stream.kind == "connection"]


def top(query: str) -> SelectionSetNode:
    operation = parse(query).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation.selection_set


def fields(selections: SelectionSetNode | None) -> Iterator[FieldNode]:
    """Fields of a selection set, those of its inline fragments included."""
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from fields(node.selection_set)


def paths(selections: SelectionSetNode | None, prefix: str = "") -> Iterator[str]:
    for node in fields(selections):
        here = f"{prefix}.{node.name.value}" if prefix else node.name.value
        yield here
        yield from paths(node.selection_set, here)


def connection_depths(selections: SelectionSetNode | None, depth: int = 0) -> Iterator[tuple[int, bool]]:
    """For each connection of a bulk query: how deep it hangs, and whether its node has a plain id."""
    for node in fields(selections):
        inside = {one.name.value: one for one in fields(node.selection_set)}
        if "edges" in inside:
            item = next(fields(inside["edges"].selection_set))
            yield depth, any(f.name.value == "id" and f.alias is None for f in fields(item.selection_set))
            yield from connection_depths(item.selection_set, depth + 1)
        else:
            yield from connection_depths(node.selection_set, depth)


def within_lists(stream: Stream, access: Access) -> str:
    return queries.after_query(stream, selection.lists_with_connections(stream, access), access)


def read_apart(stream: Stream, access: Access) -> list[str]:
    """Tables of which something is read after the roots, once for each connection; lists left out."""
    return [
        table.name
        for together in selection.apart(stream, access)
        for held in together
        for table in ([one.table for one in held.below] if held.known else [held.branch.table])
    ]


@pytest.mark.parametrize("namespaces", [(), ONE, MANY[:2], MANY], ids=len)
@pytest.mark.parametrize("stream", CONNECTIONS, ids=lambda s: s.name)
def test_bulk_queries_keep_shopifys_rules(stream: Stream, namespaces: tuple[str, ...]) -> None:
    access = replace(EVERYTHING, namespaces=namespaces)
    query = queries.bulk_query(stream, access, "updated_at:>='2026-01-01T00:00:00Z'")
    found = list(connection_depths(top(query)))
    assert 1 <= len(found) <= 5
    assert max(depth for depth, _ in found) <= 2
    assert all(has_id for _, has_id in found)
    assert "nodes" not in {path.rsplit(".", 1)[-1] for path in paths(top(query))}
    assert len(query.encode()) < 65_535


@pytest.mark.parametrize("stream", CONNECTIONS, ids=lambda s: s.name)
def test_every_declared_column_is_asked_for_both_ways(stream: Stream) -> None:
    bulk = set(paths(top(queries.bulk_query(stream, EVERYTHING))))
    paged = set(paths(top(queries.page_query(stream, EVERYTHING))))
    where = {stream.root.name: (f"{stream.root_field}.edges.node", f"{stream.root_field}.nodes")}
    for table in stream.tables:
        if table.parent and (stream.below_list(table) or stream.is_apart(table)):
            continue  # asked for by themselves, see below
        if table.parent:
            up_bulk, up_paged = where[table.parent]
            steps = (".edges.node", ".nodes") if table.nesting == "connection" else ("", "")
            where[table.name] = (f"{up_bulk}.{table.path}{steps[0]}", f"{up_paged}.{table.path}{steps[1]}")
        for column in table.columns:
            assert f"{where[table.name][0]}.{column.in_shopify}" in bulk
            assert f"{where[table.name][1]}.{column.in_shopify}" in paged


def test_every_declared_column_within_a_list_is_asked_for_by_itself() -> None:
    lists = selection.lists_with_connections(ORDERS, EVERYTHING)
    found = set(paths(top(queries.after_query(ORDERS, lists, EVERYTHING))))
    tables = [table for table in ORDERS.tables if table.parent and ORDERS.below_list(table)]
    assert {"order_refund_lines", "order_adjustments", "order_fulfillment_lines"} <= {t.name for t in tables}
    for table in tables:
        place = f"nodes.{ORDERS.table(table.parent).path}.{table.path}.nodes"
        assert {f"{place}.{column.path}" for column in table.columns} <= found


def test_every_declared_column_of_what_is_read_apart_is_asked_for_by_itself() -> None:
    tables = [table for table in ORDERS.tables if table.parent and ORDERS.is_apart(table)]
    assert {"order_returns", "order_return_lines", "order_exchange_lines"} <= {table.name for table in tables}
    places = {ORDERS.root.name: "nodes"}
    found: set[str] = set()
    for together in selection.apart(ORDERS, EVERYTHING):
        found |= set(paths(top(queries.after_query(ORDERS, together, EVERYTHING))))
    for table in tables:
        steps = ".nodes" if table.nesting == "connection" else ""
        places[table.name] = f"{places[table.parent]}.{table.path}{steps}"
        assert {f"{places[table.name]}.{column.in_shopify}" for column in table.columns} <= found


def test_what_tells_that_there_is_nothing_apart_is_asked_of_every_root() -> None:
    for stream in STREAMS:
        for table in stream.tables:
            if table.none_where:
                (column,) = [one for one in stream.root.columns if one.path == table.none_where[0]]
                assert (column.scope, column.personal) == ("", False)


def test_a_table_whose_scope_was_not_granted_is_left_out_with_all_below_it() -> None:
    without = Access(EVERYTHING.scopes - {"read_returns"}, included=EVERYTHING.included)
    assert "order_returns" not in read_apart(ORDERS, without)
    asked = selection.asked(ORDERS, without)
    assert not any(one.startswith(("order_return", "order_exchange")) for one in asked)
    assert "order_exchange_line_items.id" in selection.asked(ORDERS, EVERYTHING)


def test_tables_on_request_are_asked_for_only_when_included() -> None:
    assert "duties" not in queries.bulk_query(ORDERS, PERSONAL)
    assert read_apart(ORDERS, PERSONAL) == ["order_returns"]
    assert "fulfillmentLineItems" not in within_lists(ORDERS, PERSONAL)
    wanted = Access(ALL.scopes, included=frozenset({"order_fulfillment_lines"}))
    assert "fulfillmentLineItems" in within_lists(ORDERS, wanted)


def test_connections_within_lists_are_in_no_bulk_query() -> None:
    query = queries.bulk_query(ORDERS, Access(ALL.scopes, included=frozenset({"order_fulfillment_lines"})))
    for path in ("refundLineItems", "orderAdjustments", "fulfillmentLineItems"):
        assert path not in query
    assert "refunds {" in query


def test_personal_fields_are_not_asked_for_unless_wanted() -> None:
    personal = [column.path.split(".")[0] for column in CUSTOMERS.root.columns if column.personal]
    assert personal
    for path in personal:
        assert path not in queries.bulk_query(CUSTOMERS, ALL)
        assert path not in queries.page_query(CUSTOMERS, ALL)
        assert path in queries.bulk_query(CUSTOMERS, PERSONAL)


def test_a_field_whose_scope_was_not_granted_is_left_out() -> None:
    without = Access(frozenset({"read_orders", "read_locations"}))
    assert "customer {" not in queries.bulk_query(ORDERS, without)
    assert "retailLocation {" in queries.bulk_query(ORDERS, without)


def test_the_type_is_asked_for_where_the_id_does_not_tell_it() -> None:
    found = set(paths(top(queries.bulk_query(ORDERS, ALL))))
    for place in (
        "agreements.edges.node",
        "agreements.edges.node.sales.edges.node",
        "shippingLines.edges.node",
    ):
        assert f"orders.edges.node.{place}.__typename" in found


def test_quotes_of_a_filter_survive_in_a_bulk_query() -> None:
    node = next(fields(top(queries.bulk_query(PRODUCTS, ALL, "title:\"a \\ b\" AND updated_at:<'x'"))))
    assert (node.arguments or ())[0].value.to_dict()["value"] == "title:\"a \\ b\" AND updated_at:<'x'"


def test_pages_are_sorted_by_id_so_that_no_root_moves_between_them() -> None:
    for stream in CONNECTIONS:
        assert ("sortKey: ID" in queries.page_query(stream, ALL)) is stream.sorts_by_id
    assert [stream.name for stream in CONNECTIONS if not stream.sorts_by_id] == [
        "inventory_items",
        "tender_transactions",
    ]


def test_inactive_locations_are_asked_for_too() -> None:
    for query in (queries.page_query(LOCATIONS, ALL), queries.bulk_query(LOCATIONS, ALL)):
        assert "includeInactive: true" in query


def test_the_count_has_no_ceiling() -> None:
    assert "ordersCount(limit: null, query: $search)" in queries.check_query(ORDERS)


def test_an_object_is_asked_for_without_a_connection() -> None:
    assert set(paths(top(queries.object_query(SHOP, ALL)))) >= {"shop.id", "shop.ianaTimezone", "shop.plan"}


METAFIELDS = ("order_metafields", "customer_metafields", "product_metafields", "product_variant_metafields")


def every_text(stream: Stream, access: Access) -> str:
    texts = [queries.bulk_query(stream, access), queries.page_query(stream, access)]
    texts += [queries.after_query(stream, held, access) for held in selection.apart(stream, access)]
    return " ".join([*texts, within_lists(stream, access)])


@pytest.mark.parametrize("stream", CONNECTIONS, ids=lambda s: s.name)
def test_neither_addresses_nor_metafields_are_asked_for_unless_they_are_named(stream: Stream) -> None:
    everything_else = Access(EVERYTHING.scopes, included=INCLUDED)
    assert "addresses" not in every_text(stream, everything_else)
    assert "metafields" not in every_text(stream, everything_else)
    asked = selection.asked(stream, everything_else)
    assert not any(one.startswith(("customer_addresses", *METAFIELDS)) for one in asked)


def test_addresses_come_with_personal_data() -> None:
    assert "addressesV2" in queries.bulk_query(CUSTOMERS, PERSONAL)
    assert "customer_addresses.city" in selection.asked(CUSTOMERS, PERSONAL)


@pytest.mark.parametrize(
    ("stream", "namespaces", "apart"),
    [
        (ORDERS, ONE, ["order_returns", "order_metafields"]),
        (ORDERS, MANY[:2], ["order_returns", *["order_metafields"] * 2]),
        (CUSTOMERS, MANY[:3], []),
        (CUSTOMERS, MANY, ["customer_metafields"] * 4),
        (PRODUCTS, ONE, []),
        (PRODUCTS, MANY[:2], ["product_variant_metafields"] * 2 + ["product_metafields"] * 2),
    ],
    ids=lambda one: one.name if isinstance(one, Stream) else len(one),
)
def test_metafields_come_with_their_owners_while_a_bulk_operation_has_room_for_them(
    stream: Stream, namespaces: tuple[str, ...], apart: list[str]
) -> None:
    access = replace(PERSONAL, namespaces=namespaces)
    assert read_apart(stream, access) == apart
    bulk = queries.bulk_query(stream, access)
    for namespace in namespaces:
        assert f'namespace: "{namespace}"' in every_text(stream, access)
        assert (f'namespace: "{namespace}"' in bulk) is (apart == [])


def test_a_namespace_that_is_named_later_is_more_than_was_asked_for() -> None:
    one, two = (replace(ALL, namespaces=names) for names in (ONE, MANY[:2]))
    assert selection.asked(ORDERS, ALL) < selection.asked(ORDERS, one) < selection.asked(ORDERS, two)
