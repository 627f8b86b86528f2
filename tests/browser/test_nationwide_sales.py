"""The page "Nationwide sales" in a real browser."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.browser.conftest import Look
from tests.browser.test_every_page import AXE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Scheme = Literal["light", "dark"]


def test_the_first_page_is_painted_whole(dashboard: str, look: Look) -> None:
    page = look(dashboard).page

    assert page.title() == "Nationwide sales · Cedar & Co"
    assert page.get_by_role("heading", level=1).inner_text() == "Nationwide sales"
    assert page.locator(".figure").count() == 5
    assert page.locator(".figure .chart-sparkline:visible").count() == 5
    assert page.locator(".chart-us-map .chart-land path").count() == 51
    assert page.locator(".chart-us-map .chart-dots circle").count() > 20
    assert page.locator(".chart-us-map .chart-rings circle").count() == 1
    assert page.locator("#map-top li").count() == 12
    assert page.locator(".chart-time-series:visible").count() == 1
    assert page.locator("#products tbody tr").count() == 9
    assert page.get_by_text("Agrees with Shopify's report").first.is_visible()
    assert page.get_by_text("Simulated shop.").is_visible()


def test_dots_lie_within_the_drawing_and_new_york_is_north_east_of_houston(
    dashboard: str, look: Look
) -> None:
    page = look(f"{dashboard}/?period=all").page
    drawing = page.locator(".chart-us-map").bounding_box()
    houston = page.locator('circle[data-tip^="Houston, TX"]').bounding_box()
    new_york = page.locator('circle[data-tip^="New York City, NY"]').bounding_box()
    assert drawing
    assert houston
    assert new_york

    for dot in (houston, new_york):
        assert drawing["x"] < dot["x"] < drawing["x"] + drawing["width"]
        assert drawing["y"] < dot["y"] < drawing["y"] + drawing["height"]
    assert new_york["x"] > houston["x"]
    assert new_york["y"] < houston["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_rule_of_accessibility_is_broken(
    width: int, scheme: Scheme, axe: str, look: Look, every_dashboard: str
) -> None:
    page = look(f"{every_dashboard}/#trust", width=width, scheme=scheme).page
    page.evaluate(axe)
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("width", [1280, 820, 390, 320])
def test_nothing_hangs_over_the_edge(troubled_dashboard: str, look: Look, width: int) -> None:
    page = look(f"{troubled_dashboard}/?period=all#trust", width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_list_fills_the_height_of_the_map_beside_it(dashboard: str, look: Look) -> None:
    page = look(dashboard).page
    card = page.locator("#map-top").bounding_box()
    last = page.locator("#map-top li").last.bounding_box()
    assert card
    assert last
    assert card["y"] + card["height"] - (last["y"] + last["height"]) < 40


def test_colours_follow_the_reader_s_system(dashboard: str, look: Look) -> None:
    colour = "getComputedStyle(document.querySelector('.card')).backgroundColor"
    land = "getComputedStyle(document.querySelector('.chart-land path')).fill"
    light, dark = look(dashboard).page, look(dashboard, scheme="dark").page
    assert light.evaluate(colour) != dark.evaluate(colour)
    assert light.evaluate(land) != dark.evaluate(land)


def test_arrow_keys_go_from_place_to_place(dashboard: str, look: Look) -> None:
    page = look(f"{dashboard}/?period=all").page
    tip = page.get_by_role("status")
    page.locator("#map [data-marks]").focus()
    assert tip.is_hidden()

    page.keyboard.press("ArrowRight")
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    second = tip.inner_text()

    assert first.startswith("New York City, NY")
    assert "orders" in first
    assert second.startswith("Los Angeles, CA")
    page.keyboard.press("Escape")
    assert tip.is_hidden()


def test_arrow_keys_go_along_the_line(dashboard: str, look: Look) -> None:
    page = look(dashboard).page
    page.locator("#sales_over_time [data-marks]").focus()
    page.keyboard.press("End")
    assert page.get_by_role("status").inner_text().startswith("Nov 15, 2026")
    assert "so far" in page.get_by_role("status").inner_text()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("status").inner_text().startswith("Nov 14, 2026")


def test_a_small_dot_answers_to_a_pointer_near_it(dashboard: str, look: Look) -> None:
    page = look(f"{dashboard}/?period=all").page
    page.locator("#map").scroll_into_view_if_needed()
    dot = page.locator('circle[data-tip^="Boise, ID"]').bounding_box()
    assert dot
    page.mouse.move(dot["x"] + dot["width"] / 2 + 9, dot["y"] + dot["height"] / 2 + 6)

    tip = page.get_by_role("status")
    assert tip.inner_text().startswith("Boise, ID")
    box = tip.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    page.mouse.move(5, 5)
    assert tip.is_hidden()


def test_a_state_without_a_dot_beneath_the_pointer_answers_itself(dashboard: str, look: Look) -> None:
    page = look(dashboard).page
    state = page.locator('.chart-land path[data-tip^="North Dakota"]')
    state.scroll_into_view_if_needed()
    box = state.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.get_by_role("status").inner_text().startswith("North Dakota")


def test_a_touch_shows_a_place_and_a_touch_elsewhere_lets_go(dashboard: str, look: Look) -> None:
    page = look(f"{dashboard}/?period=all", width=390, touch=True).page
    dot = page.locator('circle[data-tip^="Seattle, WA"]')
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = page.get_by_role("status")
    assert tip.inner_text().startswith("Seattle, WA")
    page.locator("h1").tap()
    assert tip.is_hidden()


def test_a_period_is_chosen_by_a_link_and_the_address_holds_it(dashboard: str, look: Look) -> None:
    page = look(dashboard).page
    page.get_by_role("link", name="90 days").click()
    page.wait_for_url("**/?period=90d")
    assert page.get_by_role("link", name="90 days").get_attribute("aria-current") == "page"
    assert page.get_by_text("Aug 18").first.is_visible()


def test_the_badge_leads_to_what_it_rests_on(troubled_dashboard: str, look: Look) -> None:
    page = look(troubled_dashboard).page
    page.get_by_role("link", name="Differs from Shopify's report on 1 day").click()
    table = page.get_by_role("region", name="Differences from Shopify's report, table")
    table.wait_for()
    assert "Nov 3, 2026" in table.inner_text()
    assert "Net sales" in table.inner_text()


def test_the_page_works_without_a_script(dashboard: str, look: Look) -> None:
    page = look(dashboard, scripts=False).page
    assert page.locator(".chart-us-map .chart-dots circle").count() > 20
    page.get_by_role("link", name="12 months").click()
    page.wait_for_url("**/?period=365d")
    assert page.locator(".figure .value").first.inner_text().startswith("$")


def test_a_difference_is_told_whole_on_the_smallest_phone(troubled_dashboard: str, look: Look) -> None:
    page = look(f"{troubled_dashboard}/#trust", width=320).page
    region = page.get_by_role("region", name="Differences from Shopify's report, table")
    assert region.evaluate("region => region.scrollWidth <= region.clientWidth")
    assert "$1,234,567.81" in region.inner_text()


def test_before_any_publish_the_page_says_what_to_type(empty_dashboard: str, look: Look) -> None:
    page = look(empty_dashboard).page
    assert page.get_by_role("heading", level=1).inner_text() == "Nothing to show yet"
    assert page.get_by_text("shopstack run", exact=True).is_visible()
