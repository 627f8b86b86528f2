"""What the doctor asks is valid on every API version that we speak."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from graphql import parse, validate

from shopstack.doctor.shop import OLDEST_ORDER_QUERY, PLACES_QUERY, SHOP_QUERY, report_query
from shopstack.simulator.schema import VERSIONS, load_schema

QUERIES = {
    "shop": SHOP_QUERY,
    "oldest order": OLDEST_ORDER_QUERY,
    "places": PLACES_QUERY,
    "report": report_query(datetime(2026, 1, 31, tzinfo=UTC)),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_query_is_valid(version: str, query: str) -> None:
    assert validate(load_schema(version).graphql, parse(query)) == []
