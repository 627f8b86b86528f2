"""What an extraction says about itself, and which failures a stream may be skipped for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shopstack.errors import CredentialsError, DataError, MissingScopeError, ShopstackError, UnreachableError
from shopstack.extract.extraction import skippable
from shopstack.extract.reports import ExtractReport, Plan, PlannedStream, StreamReport
from shopstack.shopify.streams import CUSTOMERS, ORDERS, SALES_REPORT
from shopstack.tables import Stream

LOADED = StreamReport(
    "a.myshopify.com",
    "orders",
    "loaded",
    "bulk",
    {"orders": 2, "order_lines": 3},
    visible_since=date(2026, 1, 1),
)
SKIPPED = StreamReport(
    "a.myshopify.com", "customers", "skipped", reason="no scope", figures=("new customers",)
)


def test_a_report_is_one_sentence_and_one_document() -> None:
    report = ExtractReport("a.myshopify.com", (LOADED, SKIPPED), 1.5, "2026-07", 210.0)
    assert report.sentence == "5 rows from 1 stream; skipped: customers"
    streams = report.as_dict()["streams"]
    assert (streams[0]["rows"], streams[1]["figures"]) == (
        {"orders": 2, "order_lines": 3},
        ("new customers",),
    )


def test_a_stream_as_the_status_file_has_it() -> None:
    assert LOADED.as_state() == {
        "shop": "a.myshopify.com",
        "stream": "orders",
        "state": "loaded",
        "reason": "",
        "hint": "",
        "figures": (),
        "visible_since": date(2026, 1, 1),
    }


def test_a_plan_is_a_line_a_stream() -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    plan = Plan(
        "a.myshopify.com",
        (
            PlannedStream("orders", "paged", now, now, 1200, points=4384.4, tail=3, again=1400),
            PlannedStream("shop", "object", None, now, None),
            PlannedStream("customers", "skipped", None, None, None, "no scope"),
        ),
    )
    assert list(plan.lines()) == [
        (
            "orders: changed since 2026-11-01 12:00 UTC, paged, 1,200 expected, about 4,384 points, "
            "and 3 changed since 12:00, and 1,400 asked again for what Shopify had not worked out yet"
        ),
        "shop: everything, object",
        "customers: skipped, no scope",
    ]
    assert plan.as_dict()["streams"][0]["expected"] == 1200


@pytest.mark.parametrize(
    ("stream", "problem", "skipped"),
    [
        (ORDERS, MissingScopeError("no"), False),
        (CUSTOMERS, MissingScopeError("no"), True),
        (CUSTOMERS, UnreachableError("no"), False),
        (CUSTOMERS, DataError("no"), False),
        (SALES_REPORT, MissingScopeError("no"), True),
        (SALES_REPORT, DataError("no"), True),
        (SALES_REPORT, UnreachableError("no"), True),
        (SALES_REPORT, CredentialsError("no"), False),
    ],
)
def test_only_what_may_be_missing_is_skipped(stream: Stream, problem: ShopstackError, skipped: bool) -> None:
    found = skippable(stream, problem)
    assert (found is not None) is skipped
    if found:
        assert found.reason
