"""Pages that a merchant writes himself, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.browser.test_every_page import assert_whole
from tests.unit.dashboard.published_fixture import make_published

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OWN_SALES = """---
title: Sales as we like them
menu: Our sales
order: 11
---

Only what **we** look at.

```metrics ours
metrics: [net_sales, orders]
```
"""

NEW = """---
title: Which products bring the most
menu: Best products
order: 500
---

```sql best
-- Grain: one product.
select
    products.title,
    sum(sales.net_sales) as net_sales
from serving.fct_sales as sales
inner join serving.dim_products as products
    on sales.product_key = products.product_key
where
    sales.shop = $shop
    and sales.sale_date between $first_day and $last_day
group by products.title
order by net_sales desc
```

```bar best
title: Net sales by product
data: best
x: title
y: net_sales
```

```bar nowhere
title: Of a query that is not there
data: wrost
x: title
y: net_sales
```

```pie slices
data: best
```

```vega points
{
  "title": "As dots",
  "data": {"name": "best"},
  "mark": "point",
  "encoding": {
    "x": {"field": "net_sales", "type": "quantitative"},
    "y": {"field": "title", "type": "nominal"}
  }
}
```

```vega fetched
{
  "title": "From elsewhere",
  "data": {"url": "https://example.com/figures.csv"},
  "mark": "point",
  "encoding": {}
}
```
"""

HEADLESS = "Just words, without a head.\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve_project: Callable[..., str]) -> str:
    """A shop with three pages of its own: one in place of a stock page, a new one, and one that cannot be read."""
    project = make_published(tmp_path_factory.mktemp("own") / "shop", orders=300)[0]
    folder: Path = project.root / "dashboard"
    folder.mkdir(exist_ok=True)
    for name, text in (("nationwide_sales", OWN_SALES), ("best_products", NEW), ("torn", HEADLESS)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return serve_project(project)


def pages(page: Page) -> list[str]:
    return page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()


def test_a_page_of_the_same_name_takes_the_stock_page_s_place(address: str, look: Look) -> None:
    page = look(f"{address}/nationwide_sales", width=390).page
    assert page.get_by_role("heading", level=1).inner_text() == "Sales as we like them"
    assert page.locator(".prose strong").inner_text() == "we"
    assert page.locator(".figure").count() == 2
    assert page.locator("#map").count() == 0
    assert "Our sales" in pages(page)
    assert "Sales" not in pages(page)
    assert_whole(page)


def test_a_new_page_is_in_the_navigation_of_every_other(address: str, look: Look) -> None:
    page = look(f"{address}/nationwide_sales?period=90d").page
    page.get_by_role("link", name="Best products").click()
    page.wait_for_url("**/best_products?period=90d")
    assert page.locator("#best .ranking li").count() > 5


def test_a_page_without_a_head_is_named_with_its_reason(address: str, look: Look) -> None:
    seen = look(f"{address}/nationwide_sales", width=390)
    seen.page.get_by_role("link", name="torn").click()
    seen.page.wait_for_url("**/torn*")
    assert seen.page.get_by_text("The page torn.md cannot be read.").is_visible()
    assert seen.page.get_by_text("It does not begin with a head").is_visible()
    assert seen.page.get_by_text("correct dashboard/torn.md").is_visible()
    assert all("500" in trouble for trouble in seen.troubles)
    seen.troubles.clear()


def test_a_block_that_fails_says_so_in_its_place_and_the_others_stand(address: str, look: Look) -> None:
    page = look(f"{address}/best_products?period=all", width=390).page
    broken = page.locator(".broken")
    assert [one.get_attribute("id") for one in broken.all()] == ["nowhere", "slices", "fetched"]
    assert "The page has no query called 'wrost'. Its queries are best." in broken.nth(0).inner_text()
    assert "pie" in broken.nth(1).inner_text()
    assert page.locator("#best .ranking li").count() > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_chart_of_one_s_own_is_drawn_and_one_that_fetches_is_not(address: str, look: Look) -> None:
    for width in (1280, 390):
        page = look(f"{address}/best_products?period=all", width=width).page
        drawing = page.locator("#points svg:visible")
        assert drawing.locator("circle, path").count() > 5
        name = drawing.get_by_text("Gift box").bounding_box()
        assert name
        assert name["height"] > 9
    assert "A chart may not fetch anything." in page.locator("#fetched").inner_text()
