"""What every declared stream keeps to, whoever adds one."""

from __future__ import annotations

import pytest

from shopstack.shopify.streams import STREAMS
from shopstack.tables import Column, Table

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


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_reference_to_a_customer_is_a_text(table: Table) -> None:
    assert all(one.type == "text" for one in table.columns if one.customer)
