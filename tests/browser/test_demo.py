"""The demo as a newcomer meets it: one command, and a painted page at the address it says."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Look
from tests.browser.whole_shop import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_demo_s_page_is_painted_whole_and_agrees_with_the_shop_s_own_report(
    demo: Demo, look: Look
) -> None:
    page = look(f"{demo.address}/nationwide_sales?period=365d").page

    assert page.title().startswith("Nationwide sales · ")
    assert page.get_by_text("Simulated shop.").is_visible()
    assert page.get_by_text("could not be computed").count() == 0
    assert page.locator(".figure .chart-sparkline:visible").count() == 5
    assert page.locator(".chart-us-map .chart-dots circle").count() > 20
    assert (
        page.locator(".chart-us-map [data-tip$=' orders'], .chart-us-map [data-tip$=' order']").count() > 20
    )
    assert page.locator("#map-top li").count() == 12
    assert page.locator("#products tbody tr").count() > 5
    assert page.get_by_role("link", name="Agrees with Shopify's report").is_visible()
