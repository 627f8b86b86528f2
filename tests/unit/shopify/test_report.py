"""Shopify's own report: the query's text, its pieces, and rows that must be the days asked for."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shopstack.errors import DataError, IncompleteError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.report import first_order_day, report_text, run_report, spans
from shopstack.shopify.streams import REPORT_METRICS, SALES_REPORT
from shopstack.storage import FolderStorage
from tests.unit.shopify.fakes import Script, answer, client

COLUMNS = [{"name": "day", "dataType": "DAY_TIMESTAMP"}, {"name": "net_sales", "dataType": "MONEY"}]


def table(rows: list[Any], problems: list[str] | None = None) -> dict[str, Any]:
    found = {
        "parseErrors": problems or [],
        "tableData": None if problems else {"columns": COLUMNS, "rows": rows},
    }
    return answer({"shopifyqlQuery": found})


class Recorded(WindowWriter):
    """A writer that also keeps what it is given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(FolderStorage(folder), "s", SALES_REPORT)
        self.written: list[bytes] = []

    def write(self, block: bytes) -> None:
        self.written.append(block)
        super().write(block)


def read(tmp_path: Path, script: Script, since: date, until: date) -> list[bytes]:
    async def work() -> list[bytes]:
        with Recorded(tmp_path) as writer:
            async with client(script) as one:
                await run_report(
                    one, SALES_REPORT, writer, since=since, until=until, timezone="America/New_York"
                )
            return writer.written

    return asyncio.run(work())


DAY = date(2026, 1, 1)


def test_the_query_asks_for_every_metric_by_day_in_the_shops_timezone() -> None:
    text = report_text(SALES_REPORT, date(2026, 1, 1), date(2026, 1, 31), "America/New_York")
    assert all(metric in text for metric in REPORT_METRICS)
    assert "SINCE 2026-01-01 UNTIL 2026-01-31 TIMESERIES day" in text
    assert text.endswith("WITH TIMEZONE 'America/New_York'")


def test_a_long_history_is_cut_into_pieces_without_gap_or_overlap() -> None:
    pieces = list(spans(date(2009, 12, 1), date(2026, 1, 1)))
    assert pieces[0][0] == date(2009, 12, 1)
    assert pieces[-1][1] == date(2026, 1, 1)
    assert all((end - start).days < 1000 for start, end in pieces)
    assert all(after[0] == before[1] + timedelta(days=1) for before, after in pairwise(pieces))


@pytest.mark.parametrize(
    "row", [{"day": "2026-01-01", "net_sales": "12.30"}, ["2026-01-01T00:00:00", "12.30"]]
)
def test_a_row_becomes_a_line_whether_named_or_listed(tmp_path: Path, row: Any) -> None:
    (line,) = read(tmp_path, Script([table([row])]), DAY, DAY)
    assert orjson.loads(line) == {
        "__typename": "ShopifyqlTableData",
        "day": "2026-01-01",
        "net_sales": "12.30",
    }


@pytest.mark.parametrize("days", [["2026-01-01", "2026-01-01"], ["2025-12-31"], ["2026-01-02"]])
def test_other_days_than_those_asked_for_are_refused(tmp_path: Path, days: list[str]) -> None:
    with pytest.raises(IncompleteError):
        read(tmp_path, Script([table([{"day": day, "net_sales": "1.0"} for day in days])]), DAY, DAY)


def test_a_query_that_shopify_cannot_parse_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, Script([table([], ["Column not found: net_sales."])]), DAY, DAY)
    assert "Column not found" in caught.value.why


def test_the_history_begins_on_the_first_orders_day_in_the_shops_timezone() -> None:
    found = answer(
        {
            "placed": {"nodes": [{"processedAt": "2026-01-05T02:00:00Z"}]},
            "created": {"nodes": [{"createdAt": "2026-01-06T02:00:00Z"}]},
        }
    )

    async def work(script: Script) -> date | None:
        async with client(script) as one:
            return await first_order_day(one, "America/New_York")

    assert asyncio.run(work(Script([found]))) == date(2026, 1, 4)
    none = answer({"placed": {"nodes": []}, "created": {"nodes": []}})
    assert asyncio.run(work(Script([httpx.Response(200, json=none)]))) is None
