"""Every page for shops that are not like the usual one: empty, tiny, old, abroad, with names that hardly fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

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


def assert_stands(page: Page, address: str, title: str) -> None:
    page.goto(address)
    assert page.get_by_role("heading", level=1).inner_text() == title
    assert_whole(page)


@pytest.mark.parametrize("shop", ODD)
def test_every_page_stands_and_fits_a_phone(shop: str, odd: str, look: Look) -> None:
    page = look(f"{odd}/?shop={shop}", width=390).page
    for name, document in stock_pages().items():
        assert_stands(page, f"{odd}/{name}?shop={shop}&period=all", document.head.title)


@pytest.mark.parametrize(
    "shop", [one if one == "old" else pytest.param(one, marks=pytest.mark.soak) for one in ODD]
)
def test_every_page_stands_for_a_month_in_which_little_happened(shop: str, odd: str, look: Look) -> None:
    page = look(f"{odd}/?shop={shop}", width=390).page
    for name, document in stock_pages().items():
        if document.head.period:
            assert_stands(page, f"{odd}/{name}?shop={shop}&period=30d", document.head.title)


def test_a_map_without_a_place_says_why(odd: str, look: Look) -> None:
    page = look(f"{odd}/?shop=nowhere&period=all", width=390).page
    assert page.get_by_text("None of these orders says where it went").is_visible()
    assert page.locator("svg.chart-us-map, svg.chart-world-map").count() == 0
