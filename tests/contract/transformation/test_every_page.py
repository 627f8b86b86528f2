"""Every page that comes with shopstack over the hand-written shop, in every period and for every channel."""

from __future__ import annotations

import pytest

from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.library import stock_pages
from shopstack.dashboard.parameters import Asked
from tests.contract.transformation.page_rows import RANGES, context_of, every_row

pytestmark = pytest.mark.xdist_group("transformation")

CHOICES = [
    (name, asked)
    for name, page in stock_pages().items()
    for asked in (RANGES if page.head.period else RANGES[:1])
]


@pytest.mark.parametrize(("page", "asked"), CHOICES, ids=str)
def test_every_block_is_drawn_in_every_range(dashboard: Dashboard, page: str, asked: Asked) -> None:
    answer, _ = dashboard.answer(page, asked)
    assert answer.status_code == 200
    assert answer.is_whole


@pytest.mark.parametrize("page", stock_pages())
def test_every_query_runs_for_each_channel_alone(dashboard: Dashboard, page: str) -> None:
    channels = every_row(context_of(dashboard, page), "serving.dim_channels")
    assert len(channels) > 1
    for channel in channels:
        context = context_of(dashboard, page, Asked("all", channel=channel["channel_key"]))
        for query in stock_pages()[page].queries:
            assert context.answer(query).columns
