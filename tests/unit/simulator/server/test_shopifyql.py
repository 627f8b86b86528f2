"""ShopifyQL answers the daily sales report, and says why when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.server.conftest import Starter
from tests.unit.simulator.server.small_shop import Client

ASK = """query($query: String!) { shopifyqlQuery(query: $query) {
  parseErrors tableData { columns { name dataType displayName subType } rows } } }"""
WINDOW = "SINCE 2026-01-09 UNTIL 2026-01-16"


def table(client: Client, query: str) -> Any:
    answer = client.data(ASK, query=query)["shopifyqlQuery"]
    assert answer["parseErrors"] == []
    return answer["tableData"]


def refusal(client: Client, query: str) -> str:
    answer = client.data(ASK, query=query)["shopifyqlQuery"]
    assert answer["tableData"] is None
    message: str = answer["parseErrors"][0]
    return message


def test_a_daily_table_has_every_day_and_text_cells(client: Client) -> None:
    got = table(
        client,
        f"FROM sales SHOW orders, total_sales TIMESERIES day {WINDOW} WITH TIMEZONE 'America/New_York'",
    )
    assert got["columns"][0] == {
        "name": "day",
        "dataType": "DAY_TIMESTAMP",
        "displayName": "Day",
        "subType": None,
    }
    assert [each["dataType"] for each in got["columns"]] == ["DAY_TIMESTAMP", "INTEGER", "MONEY"]
    assert [row["day"] for row in got["rows"]] == [f"2026-01-{day:02}" for day in range(9, 17)]
    assert got["rows"][1] == {"day": "2026-01-10", "orders": "1", "total_sales": "70.38"}
    assert got["rows"][0] == {"day": "2026-01-09", "orders": "0", "total_sales": "0.00"}


@pytest.mark.parametrize(
    "query",
    [
        f"FROM sales SHOW orders {WINDOW} TIMESERIES day ORDER BY day ASC",
        f"from sales show orders timeseries day {WINDOW} order by day",
        f"FROM sales\n  SHOW orders\n  TIMESERIES day\n  {WINDOW}\n  ORDER BY day\n  LIMIT 1000",
        "FROM sales SHOW orders GROUP BY day SINCE 2026-01-09 UNTIL '2026-01-16'",
    ],
)
def test_the_same_question_in_other_words(client: Client, query: str) -> None:
    assert [row["orders"] for row in table(client, query)["rows"]] == ["0", "1", "0", "0", "0", "0", "1", "0"]


def test_order_and_limit(client: Client) -> None:
    rows = table(client, f"FROM sales SHOW orders TIMESERIES day {WINDOW} ORDER BY day DESC LIMIT 2")["rows"]
    assert [row["day"] for row in rows] == ["2026-01-16", "2026-01-15"]


def test_no_query_gives_more_than_a_thousand_rows(client: Client) -> None:
    rows = table(client, "FROM sales SHOW orders TIMESERIES day SINCE 2022-01-01 UNTIL 2026-01-16")["rows"]
    assert len(rows) == 1000


def test_relative_days_follow_the_clock_of_the_shop(client: Client) -> None:
    rows = table(client, "FROM sales SHOW orders TIMESERIES day SINCE -2d UNTIL today")["rows"]
    assert [row["day"] for row in rows] == ["2026-07-30", "2026-07-31", "2026-08-01"]


def test_without_days_there_is_one_row(client: Client) -> None:
    rows = table(client, f"FROM sales SHOW orders, total_sales {WINDOW}")["rows"]
    assert rows == [{"orders": "2", "total_sales": "140.76"}]


def test_the_timezone_of_the_query_decides_the_day(client: Client) -> None:
    query = "FROM sales SHOW orders TIMESERIES day SINCE 2026-01-10 UNTIL 2026-01-11 WITH TIMEZONE 'Pacific/Auckland'"
    assert [row["orders"] for row in table(client, query)["rows"]] == ["0", "1"]


def test_net_sales_are_the_sum_of_their_parts(client: Client) -> None:
    from decimal import Decimal

    columns = "gross_sales, discounts, sales_reversals, net_sales"
    rows = table(client, f"FROM sales SHOW {columns} TIMESERIES day SINCE 2026-01-01 UNTIL 2026-07-31")[
        "rows"
    ]
    assert any(Decimal(row["sales_reversals"]) for row in rows)
    for row in rows:
        parts = sum(Decimal(row[name]) for name in ("gross_sales", "discounts", "sales_reversals"))
        assert parts == Decimal(row["net_sales"])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SHOW orders", "Query must include FROM."),
        ("FROM sales TIMESERIES day", "Query must include SHOW."),
        ("FROM nothing SHOW orders", "Table not found: nothing."),
        (f"FROM sales SHOW orders, profit TIMESERIES day {WINDOW}", "Column not found: profit."),
        ("FROM sales SHOW orders TIMESERIES day SINCE soon", "Invalid date: soon."),
        ("FROM sales SHOW orders SINCE 2026-02-01 UNTIL 2026-01-01", "UNTIL cannot be before SINCE."),
        ("FROM sales SHOW orders WITH TIMEZONE 'Mars/Base'", "Unknown timezone: Mars/Base."),
        ("FROM sales SHOW orders LIMIT many", "Invalid limit: many."),
        ("FROM sales SHOW orders ORDER BY taxes", "Cannot order by taxes."),
        ("FROM sales SHOW orders SHOW taxes", "Duplicate clause: SHOW."),
        ("FROM sales SHOW orders LIMIT", "Missing parameter for LIMIT."),
        ("PLEASE FROM sales SHOW orders", "Unexpected input: PLEASE."),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(client: Client, query: str, message: str) -> None:
    assert refusal(client, query) == message


def test_the_old_name_of_reversals_ends_with_2026_04(client: Client) -> None:
    query = f"FROM sales SHOW returns {WINDOW}"
    assert table(Client(client.server, version="2026-04"), query)["rows"]
    assert refusal(client, query) == "Column not found: returns."


@pytest.mark.parametrize(
    "settings",
    [
        {"scopes": frozenset({"read_reports"})},
        {"scopes": frozenset({"read_customers"})},
        {"protected_data": False},
        {"shopifyql": False},
    ],
)
def test_reports_need_two_scopes_and_level_two(start: Starter, settings: dict[str, Any]) -> None:
    answer = start(**settings).ask(ASK, query=f"FROM sales SHOW orders {WINDOW}")
    assert answer["data"] == {"shopifyqlQuery": None}
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_reports_can_be_unavailable(start: Starter) -> None:
    client = start()
    client.control("faults", kind="report_unavailable")
    query = f"FROM sales SHOW orders {WINDOW}"
    assert client.ask(ASK, query=query)["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert table(client, query)["rows"]
