"""Series as a page writes them: what their steps are called, their order, and when there is nothing to draw."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shopstack.dashboard.blocks.bar import Bar
from shopstack.dashboard.blocks.base import Shown
from shopstack.dashboard.blocks.series import Area
from shopstack.dashboard.page import PageContext
from shopstack.publish.metrics import Range
from shopstack.publish.snapshot import Answer


def context(rows: list[dict[str, Any]], days: int = 1) -> PageContext:
    """A page with one query that finds these rows, of a period that ends on November 30."""
    last = date(2026, 11, 30)
    answer = Answer(tuple(rows[0]), [tuple(row.values()) for row in rows])
    return cast(
        "PageContext",
        SimpleNamespace(
            rows=lambda _: rows,
            answer=lambda _: answer,
            period=SimpleNamespace(current=Range(last - timedelta(days=days - 1), last)),
            shop=SimpleNamespace(currency_code="USD", timezone="UTC"),
        ),
    )


def tips(shown: Shown) -> list[str]:
    """What the tooltips say."""
    return [row["tip"] for row in shown.charts[0].spec["layer"][-1]["data"]["values"]]


def months(*values: int | None) -> list[dict[str, Any]]:
    return [{"month": date(2026, 11 - back, 1), "net": value} for back, value in enumerate(values)]


def test_months_stand_in_their_order_where_the_newest_comes_first() -> None:
    shown = Bar(x="month", y="net", vertical=True, grain="month").show(context(months(30, 20, 10)))
    assert tips(shown) == ["Sep 2026: $10.00", "Oct 2026: $20.00", "Nov 2026: $30.00"]


@pytest.mark.parametrize(("values", "words"), [((0, 0), "All quiet."), ((None, None), "Not known.")])
def test_what_has_no_height_is_words(values: tuple[int | None, ...], words: str) -> None:
    block = Bar(x="month", y="net", vertical=True, grain="month", zero="All quiet.", empty="Not known.")
    shown = block.show(context(months(*values)))
    assert (shown.charts, shown.values["words"]) == ((), words)


@pytest.mark.parametrize(
    ("days", "label", "tip"),
    [
        (3, "Nov 28", "Nov 28, 2026: "),
        (70, "Sep 22", "Sep 22 \N{EN DASH} Sep 28, 2026: "),
        (500, "Jul 2025", "Jul 19 \N{EN DASH} Jul 31, 2025: "),
    ],
)
def test_weeks_and_months_are_called_so(days: int, label: str, tip: str) -> None:
    rows = [{"day": date(2026, 11, 30), "channel": one, "net": Decimal(5)} for one in "ab"]
    shown = Area(x="day", y="net", series="channel").show(context(rows, days))
    assert tips(shown)[0].startswith(tip)
    assert f"'{label}'" in shown.charts[0].spec["encoding"]["x"]["axis"]["labelExpr"]
