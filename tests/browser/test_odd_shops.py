"""Every page for shops that are not like the usual one: empty, tiny, old, abroad, with names that hardly fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from shopstack.dashboard.library import stock_pages
from shopstack.project import Project
from tests.browser.conftest import Look
from tests.browser.odd_shops import ODD, odd_project
from tests.browser.test_every_page import assert_whole

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-odd-shops")]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, serve_project: Callable[[Project], str]) -> Iterator[str]:
    """Address of a dashboard of all of them."""
    with odd_project(tmp_path_factory.mktemp("odd") / "shops") as project:
        yield serve_project(project)


@pytest.mark.parametrize("shop", ODD)
def test_every_page_stands_and_fits_a_phone(shop: str, odd: str, look: Look) -> None:
    page = look(f"{odd}/?shop={shop}", width=390).page
    for name, document in stock_pages().items():
        for period in ("30d", "all") if document.head.period else ("",):
            page.goto(f"{odd}/{name}?shop={shop}&period={period}")
            assert page.get_by_role("heading", level=1).inner_text() == document.head.title
            assert_whole(page)


def test_a_map_without_a_place_says_why(odd: str, look: Look) -> None:
    page = look(f"{odd}/?shop=nowhere&period=all", width=390).page
    assert page.get_by_text("None of these orders says where it went").is_visible()
    assert page.locator("svg.chart-us-map, svg.chart-world-map").count() == 0
