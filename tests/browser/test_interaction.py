"""What a reader does with a page: chooses, opens, points, goes on to the next page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from shopstack.dashboard.library import stock_pages
from shopstack.project import Project
from tests.browser.conftest import Look
from tests.browser.whole_shop import Demo
from tests.unit.dashboard.published_fixture import make_published

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SALES = "nationwide_sales"
CARDS = "#figures .value"
NOTES = """---
title: Notes
menu: Notes
order: 99
---

{words}
"""


def net_sales(page: Page) -> str:
    return page.locator(CARDS).first.inner_text()


def open_choices(page: Page) -> None:
    page.get_by_text("More choices").focus()
    page.keyboard.press("Enter")


def test_days_of_one_s_own_are_chosen_in_the_form_and_stand_in_the_address(
    dashboard: str, look: Look
) -> None:
    page = look(f"{dashboard}/{SALES}").page
    before = net_sales(page)
    open_choices(page)
    page.get_by_label("From", exact=True).fill("2026-03-01")
    page.get_by_label("to", exact=True).fill("2026-03-31")
    page.get_by_role("button", name="Show these days").press("Enter")
    page.wait_for_url(re.compile(r"\?period=custom&from=2026-03-01&to=2026-03-31$"))
    assert page.get_by_text("Mar 1 \N{EN DASH} Mar 31, 2026").is_visible()
    assert net_sales(page) != before
    assert page.get_by_label("From", exact=True).input_value() == "2026-03-01"


def test_days_that_make_no_period_are_refused_in_words(dashboard: str, look: Look) -> None:
    seen = look(f"{dashboard}/{SALES}?period=custom&from=2026-03-31&to=2026-03-01")
    assert seen.page.get_by_text("These days make no period.").is_visible()
    assert all("404" in trouble for trouble in seen.troubles)
    seen.troubles.clear()


def test_what_it_is_compared_with_is_chosen_by_keyboard(dashboard: str, look: Look) -> None:
    page = look(f"{dashboard}/{SALES}?period=90d").page
    changes = page.locator("#figures .change")
    before = changes.first.inner_text()
    open_choices(page)
    page.get_by_label("Compare with").focus()
    page.keyboard.type("the same")
    page.get_by_label("Compare with").locator("xpath=ancestor::form").get_by_role("button").press("Enter")
    page.wait_for_url("**/?period=90d&compare=last_year*".replace("/?", f"/{SALES}?"))
    assert changes.first.inner_text() != before
    assert page.get_by_text(re.compile("compared with .*2025")).is_visible()
    assert page.get_by_label("Compare with").input_value() == "last_year"


def test_a_channel_is_chosen_by_keyboard_and_all_figures_are_of_it(dashboard: str, look: Look) -> None:
    page = look(f"{dashboard}/{SALES}?period=90d").page
    everything = int(page.locator(CARDS).nth(1).inner_text().replace(",", ""))
    found = []
    for letters in ("Online", "Point"):
        page.goto(f"{dashboard}/{SALES}?period=90d")
        open_choices(page)
        page.get_by_label("Channel").focus()
        page.keyboard.type(letters)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("channel="))
        found.append(int(page.locator(CARDS).nth(1).inner_text().replace(",", "")))
    assert sum(found) == everything
    assert min(found) > 0


def test_no_two_channels_to_choose_from_are_called_the_same(demo: Demo, look: Look) -> None:
    options = look(f"{demo.address}/{SALES}").page.locator("select[name=channel] option").all_text_contents()
    assert len(options) == len(set(options)) > 3


def test_a_period_and_a_channel_go_with_the_reader_from_page_to_page(dashboard: str, look: Look) -> None:
    page = look(f"{dashboard}/{SALES}?period=quarter&compare=none").page
    pages = page.get_by_role("navigation", name="Pages").get_by_role("link")
    for place in range(pages.count()):
        name = pages.nth(place).inner_text()
        pages.nth(place).click()
        page.wait_for_url(re.compile(r"\?period=quarter&compare=none$"))
        assert page.get_by_role("link", name=name, exact=True).get_attribute("aria-current") == "page"


def test_the_meaning_of_a_figure_opens_by_keyboard_and_without_a_script(dashboard: str, look: Look) -> None:
    for scripts in (True, False):
        page = look(f"{dashboard}/{SALES}", scripts=scripts).page
        meaning = page.locator("#figures details").first
        said = meaning.get_by_text("What was sold after discounts and returns, before shipping and taxes.")
        assert not said.is_visible()
        meaning.locator("summary").focus()
        page.keyboard.press("Enter")
        assert said.is_visible()
        assert meaning.get_by_text("Analytics, report Total sales over time").is_visible()


def test_a_table_too_wide_for_a_phone_scrolls_by_itself_and_by_keyboard(demo: Demo, look: Look) -> None:
    page = look(f"{demo.address}/customers", width=390).page
    region = page.get_by_role("region", name=re.compile("^Share that ordered again"))
    assert region.evaluate("region => region.scrollWidth > region.clientWidth")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('[aria-label^=\"Share that\"]').scrollLeft > 0")


@pytest.mark.parametrize("name", stock_pages())
def test_every_chart_answers_to_arrow_keys_and_to_touch(name: str, demo: Demo, look: Look) -> None:
    page = look(f"{demo.address}/{name}?period=365d", width=390, touch=True).page
    for chart in page.locator("[data-marks]").all():
        assert_answers(page, chart)


def assert_answers(page: Page, chart: Locator) -> None:
    """A chart says something by keyboard and by touch, and lets go."""
    tip = page.locator(".tip")
    chart.focus()
    page.keyboard.press("End")
    assert tip.inner_text(), chart.get_attribute("aria-label")
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    marks = chart.locator(str(chart.get_attribute("data-marks")))
    shown = [mark for mark in marks.all() if mark.is_visible()]
    shown[-1].scroll_into_view_if_needed()
    box = shown[-1].bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert tip.is_visible(), chart.get_attribute("aria-label")
    page.locator("h1").tap()
    assert tip.is_hidden()


def test_an_open_page_follows_what_is_saved_while_it_is_watched(
    tmp_path: Path, serve_project: Callable[..., str], look: Look
) -> None:
    project: Project = make_published(tmp_path / "shop", orders=60)[0]
    own = project.root / "dashboard" / "notes.md"
    own.parent.mkdir(exist_ok=True)
    own.write_text(NOTES.format(words="The first words."), encoding="utf-8")
    page = look(f"{serve_project(project, watch=True)}/notes").page
    expect(page.get_by_text("The first words.")).to_be_visible()
    with page.expect_request("**/watched"):
        pass
    own.write_text(NOTES.format(words="Other words, just saved."), encoding="utf-8")
    expect(page.get_by_text("Other words, just saved.")).to_be_visible(timeout=10_000)
