"""The choice of a shop in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Look

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_shop_is_chosen_by_a_link_that_keeps_the_period_and_a_period_keeps_the_shop(
    several_dashboard: str, look: Look
) -> None:
    page = look(f"{several_dashboard}/?period=90d").page
    page.get_by_role("link", name="Cedar & Co Europe").click()
    page.wait_for_url("**/?period=90d&shop=cedar-europe")
    assert page.get_by_role("link", name="Cedar & Co Europe").get_attribute("aria-current") == "page"
    assert page.locator(".figure .value").first.inner_text().startswith("€")
    assert page.get_by_text("These figures are stale since").is_visible()
    page.get_by_role("link", name="12 months").click()
    page.wait_for_url("**/?period=365d&shop=cedar-europe")
    page.get_by_role("link", name="Cedar & Co", exact=True).click()
    page.wait_for_url("**/?period=365d&shop=cedar-and-co")
    assert page.locator(".figure .value").first.inner_text().startswith("$")
    assert page.get_by_text("The figures of cedar-europe are stale since").is_visible()


@pytest.mark.parametrize("width", [1280, 820, 390, 320])
def test_the_names_of_all_shops_are_seen_whole(several_dashboard: str, look: Look, width: int) -> None:
    page = look(f"{several_dashboard}/?shop=cedar-trade", width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    links = page.get_by_role("navigation", name="Shop").get_by_role("link")
    assert links.count() == 3
    for link in links.all():
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert link.evaluate("link => link.scrollWidth <= link.clientWidth")


def test_the_choice_is_as_wide_as_its_names_and_on_a_phone_as_high_as_it_must(
    several_dashboard: str, look: Look
) -> None:
    choice = "document.querySelector('.picker.shops').getBoundingClientRect()"
    wide, narrow = (look(several_dashboard, width=width).page for width in (1280, 390))
    assert wide.evaluate(f"{choice}.width") < 700
    assert narrow.evaluate(f"{choice}.height") < 100
