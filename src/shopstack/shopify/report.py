"""Shopify's own daily sales report, asked for in ShopifyQL and landed like any other stream.

The whole history every time, from the first order's day to today in the shop's timezone: late events move
figures of old days in Shopify's report as they do in ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from shopstack.errors import DataError, IncompleteError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.client import ShopifyClient
from shopstack.tables import Stream

REPORT_QUERY = """query Report($query: String!) {
  shopifyqlQuery(query: $query) { parseErrors tableData { columns { name dataType } rows } }
}"""
FIRST_ORDER_QUERY = """{
  placed: orders(first: 1, sortKey: PROCESSED_AT) { nodes { processedAt } }
  created: orders(first: 1, sortKey: CREATED_AT) { nodes { createdAt } }
}"""

DAYS_A_QUERY = 900
"""Shopify returns about 1,000 rows a query."""

ROW_LIMIT = 1000


def report_text(stream: Stream, since: date, until: date, timezone: str) -> str:
    """The ShopifyQL query for the days from ``since`` to ``until``, both included, as days of ``timezone``."""
    metrics = ", ".join(column.path for column in stream.root.columns if column.path != "day")
    return (
        f"FROM sales SHOW {metrics} SINCE {since.isoformat()} UNTIL {until.isoformat()} "
        f"TIMESERIES day ORDER BY day ASC LIMIT {ROW_LIMIT} WITH TIMEZONE '{timezone}'"
    )


def spans(since: date, until: date) -> Iterator[tuple[date, date]]:
    """The days cut into pieces that one query can answer."""
    while since <= until:
        end = min(until, since + timedelta(days=DAYS_A_QUERY - 1))
        yield since, end
        since = end + timedelta(days=1)


async def first_order_day(client: ShopifyClient, timezone: str) -> date | None:
    """The day of the first visible order, in the shop's timezone; None for a shop without orders."""
    answer = await client.execute(FIRST_ORDER_QUERY)
    found = [
        datetime.fromisoformat(node[field])
        for alias, field in (("placed", "processedAt"), ("created", "createdAt"))
        for node in answer.data[alias]["nodes"]
    ]
    return min(found).astimezone(ZoneInfo(timezone)).date() if found else None


async def run_report(
    client: ShopifyClient, stream: Stream, writer: WindowWriter, *, since: date, until: date, timezone: str
) -> None:
    """Write one line for each day.

    Raises:
        MissingScopeError: the app may not query reports. DataError: Shopify does not understand the query.
        IncompleteError: the answer holds a day twice, or one that was not asked for. A day that it lacks is taken for one
            without sales, and differs where there were some.
    """
    for start, end in spans(since, until):
        rows = await _rows(client, report_text(stream, start, end, timezone))
        days = [date.fromisoformat(str(row["day"])[:10]) for row in rows]
        if len(set(days)) != len(days) or any(not start <= day <= end for day in days):
            raise IncompleteError(
                "Shopify's sales report holds other days than those asked for, or one of them twice.",
                why=f"{len(days)} rows came for {start} to {end}.",
                hint="shopstack run (it is read again)",
            )
        for row in rows:
            line = {"__typename": stream.root.type_name, **row, "day": str(row["day"])[:10]}
            writer.write(orjson.dumps(line) + b"\n")
    writer.finish()


async def _rows(client: ShopifyClient, text: str) -> list[Mapping[str, Any]]:
    answer = await client.execute(REPORT_QUERY, {"query": text})
    found = answer.data["shopifyqlQuery"] or {}
    problems = found.get("parseErrors")
    table = found.get("tableData")
    if problems or table is None:
        raise DataError(
            "Shopify did not answer the query for its sales report.",
            why="; ".join(str(problem) for problem in problems or ["no table came back"]),
            hint="shopstack run (the comparison is left out meanwhile)",
        )
    names = [str(column["name"]) for column in table["columns"]]
    return [row if isinstance(row, dict) else dict(zip(names, row, strict=True)) for row in table["rows"]]
