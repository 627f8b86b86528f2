"""Every page that comes with shopstack, in a real browser, for a shop that has everything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize

from shopstack.dashboard.library import stock_pages
from tests.browser.conftest import Look
from tests.browser.whole_shop import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PERIOD = "365d"

AXE = """async rules => (await axe.run({resultTypes: ['violations'], ...rules})).violations.map(
    v => v.id + ': ' + v.nodes.map(n => n.html).join(' | '))"""
"""What breaks a rule of accessibility; of every rule, unless some are named."""
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What can differ between light and dark: the markup is the same."""

HANGING_OVER = """() => {
    const isCut = one => one && (getComputedStyle(one).overflowX !== 'visible' || isCut(one.parentElement.closest('main *, header *')));
    return [...document.querySelectorAll('main *, header *, footer *')].filter(one => {
        const box = one.getBoundingClientRect();
        return box.width && box.right > document.documentElement.clientWidth + 1 && !one.closest('svg') && !isCut(one);
    }).map(one => one.outerHTML.slice(0, 160));
}"""
"""What can be seen beyond the right edge; what scrolls or is cut off by itself cannot."""


SCROLLING = """() => [...document.querySelectorAll('main .scroll, main .pages')].filter(one => {
    return one.scrollWidth > one.clientWidth + 1 && !one.querySelector('.heat');
}).map(one => one.getAttribute('aria-label'))"""
"""What goes on beyond its right edge; months beside months may."""

TOO_SMALL = """() => [...document.querySelectorAll('main a, main button, main summary, main select, header a')]
    .map(one => [one.outerHTML.slice(0, 160), one.getBoundingClientRect(), one])
    .filter(([, box, one]) => box.width && box.height < 24 && !one.closest('p:not(.cards-tools), td, th'))
    .map(([html]) => html)"""
"""What a finger would miss, by WCAG 2.2; links within words may be as high as they."""

PAPER: ViewportSize = {"width": 720, "height": 1000}
"""A sheet, between its margins."""
CUT_ON_PAPER = """() => [...document.querySelectorAll('main .scroll')].filter(
    one => one.scrollWidth > one.clientWidth + 1).map(one => one.getAttribute('aria-label'))"""
"""What goes on beyond the edge of the sheet: paper does not scroll."""


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    """Where pictures go: the folder that SHOPSTACK_SCREENSHOTS names, else pytest's own."""
    folder = Path(os.environ.get("SHOPSTACK_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def assert_whole(page: Page) -> None:
    """No block of it is broken, and nothing hangs over the edge."""
    assert page.locator(".broken").all_inner_texts() == []
    assert page.evaluate(HANGING_OVER) == []
    assert page.evaluate(SCROLLING) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", stock_pages())
def test_it_is_whole_and_can_be_read_by_everyone(
    name: str, width: int, *, demo: Demo, look: Look, axe: str, keep: Path
) -> None:
    page = look(f"{demo.address}/{name}?period={PERIOD}", width=width).page
    assert page.get_by_role("heading", level=1).inner_text() == stock_pages()[name].head.title
    assert_whole(page)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert page.evaluate(TOO_SMALL) == []
    page.screenshot(path=keep / f"{name}-{width}-light.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(AXE, CONTRAST) == []
    page.screenshot(path=keep / f"{name}-{width}-dark.png", full_page=True)
    for other in (360, 768, 1024):
        page.set_viewport_size({"width": other, "height": 900})
        assert_whole(page)
    page.emulate_media(color_scheme="light", media="print")
    assert page.locator("nav:visible, form:visible, .tools:visible").count() == 0
    page.set_viewport_size(PAPER)
    assert page.evaluate(CUT_ON_PAPER) == []


@pytest.mark.parametrize("name", stock_pages())
def test_it_says_the_same_without_a_script(name: str, demo: Demo, look: Look) -> None:
    address = f"{demo.address}/{name}?period={PERIOD}"
    without, with_script = (look(address, scripts=scripts).page.locator("main") for scripts in (False, True))
    assert without.inner_text() == with_script.inner_text()
    drawn = without.locator("svg.chart:visible, td, .value, .amount, .lines li")
    assert drawn.count() > 0
