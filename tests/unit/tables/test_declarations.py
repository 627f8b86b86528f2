"""What every declared stream keeps to, whoever adds one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shopstack.shopify.streams import PRODUCTS, STREAMS
from shopstack.tables import Column, Stream, Table
from shopstack.warehouse import layout

TABLES = [table for stream in STREAMS for table in stream.tables]


def looks_like_a_customer(table: Table, column: Column) -> bool:
    """Whether name or path say that the value is a customer's id."""
    return (
        column.name == "customer_id"
        or column.name.endswith("_customer_id")
        or column.path == "customer.id"
        or column.path.endswith(".customer.id")
        or (table.type_name == "Customer" and column.path == "id")
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_reference_to_a_customer_is_declared_as_one(table: Table) -> None:
    """Else a customer who is removed would still be named there."""
    forgotten = [one.name for one in table.columns if looks_like_a_customer(table, one) and not one.customer]
    assert forgotten == []


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_line_belongs_to_one_table(stream: Stream) -> None:
    """By its own type, or by its parent's; and no place of a line is both a value and an object."""
    for tables in stream.line_tables.values():
        above = [kind for table in tables for kind in stream.holder_kinds(table)]
        assert len(above) == len(set(above))
    assert layout.line_columns(stream)


def test_two_tables_whose_lines_nothing_tells_apart_are_refused() -> None:
    (twin,) = [table for table in PRODUCTS.tables if table.name == "product_metafields"]
    twice = replace(PRODUCTS, tables=(*PRODUCTS.tables, replace(twin, name="twin")))
    with pytest.raises(ValueError, match="Metafield would belong to product_metafields and to twin"):
        twice.line_tables  # noqa: B018 - it is what raises


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_reference_to_a_customer_is_a_text(table: Table) -> None:
    assert all(one.type == "text" for one in table.columns if one.customer)
