"""The pages as a browser gets them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from starlette.testclient import TestClient

from shopstack import __version__
from shopstack.dashboard import create_app
from shopstack.dashboard.blocks import metrics, series
from shopstack.dashboard.charts import DRAWER
from shopstack.dashboard.format import format_compact_money, format_integer, format_money
from shopstack.dashboard.periods import CHOICES
from shopstack.project import Project
from shopstack.publish import open_published, publish_version
from shopstack.publish.status import make_status, write_status
from tests.unit.dashboard.conftest import LOCAL
from tests.unit.dashboard.published_fixture import (
    NOW,
    SHOP,
    add_shop,
    make_project,
    make_published,
    write_warehouse,
)

FIRST_OF_30 = date(2026, 10, 17)


def text(html: str) -> str:
    """What is read on the page, without marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def plain_dashes(words: str) -> str:
    return words.replace("\N{EN DASH}", "-").replace("\N{MINUS SIGN}", "-")


def client(project: Project) -> TestClient:
    return TestClient(create_app(project), base_url=LOCAL)


def number(project: Project, sql: str) -> Decimal:
    with open_published(project) as snapshot:
        return Decimal(snapshot.execute(sql).rows[0][0])


def test_the_front_page_names_the_shop_and_how_fresh_it_is(browser: TestClient) -> None:
    answer = browser.get("/")

    assert answer.status_code == 200
    assert "<title>Nationwide sales · Cedar &amp; Co</title>" in answer.text
    assert "Data up to Nov 15, 2026, 6:30" in answer.text
    assert "Oct 17 - Nov 15, 2026, compared with Sep 17 - Oct 16, 2026" in plain_dashes(answer.text)


def test_the_figures_are_those_of_the_facts(browser: TestClient, published_shop: Project) -> None:
    days = f"between date '{FIRST_OF_30}' and date '{NOW.date()}'"
    net = number(published_shop, f"select sum(net_sales) from serving.fct_sales where sale_date {days}")
    orders = number(published_shop, f"select count(*) from serving.fct_orders where order_date {days}")
    placed = number(
        published_shop,
        f"select sum(gross_sales + discounts) from serving.fct_sales where sale_date {days} and reason = 'ORDER'",
    )
    page = browser.get("/").text
    values = re.findall(r'class="value">([^<]+)<', page)

    assert values[0] == format_compact_money(net, "USD")
    assert values[1] == format_integer(orders)
    assert values[2] == format_money(placed / orders, "USD")


def test_the_map_s_shares_and_the_products_add_up_to_net_sales(
    browser: TestClient, published_shop: Project
) -> None:
    page = browser.get("/?period=all").text
    net = number(published_shop, "select sum(net_sales) from serving.fct_sales")

    amounts = [Decimal(a.replace(",", "")) for a in re.findall(r"<dd><b>\$([\d,.]+)</b>", page)]
    assert sum(amounts[:-1]) == amounts[-1] == net
    assert "no address, Canada, Puerto Rico" in text(page)
    cells = re.findall(r'<td class="number"><bdi>\$([\d,.]+)</bdi></td>', page)
    products = [Decimal(cell.replace(",", "")) for cell in cells]
    assert sum(products[:-1]) == products[-1] == net


def test_a_place_is_a_dot_with_its_name_amount_and_orders(
    browser: TestClient, published_shop: Project
) -> None:
    page = browser.get("/?period=all").text
    city = "join serving.dim_locations using (location_key) where city = 'Austin'"
    net = number(published_shop, f"select sum(net_sales) from serving.fct_sales {city}")
    orders = number(published_shop, f"select count(*) from serving.fct_orders {city}")

    assert f'data-tip="Austin, TX: {format_money(net, "USD")}, {orders} orders"' in page
    assert "Montana, city not known: " in page
    assert "San Juan, PR" not in re.sub(r"(?s)<ol class=.ranking.*?</ol>", "", page)


@pytest.mark.parametrize("key", CHOICES)
def test_every_period_is_a_page_without_a_broken_block(browser: TestClient, key: str) -> None:
    page = browser.get(f"/?period={key}")
    assert page.status_code == 200
    assert "could not be computed" not in page.text
    assert f'<a href="?period={key}" aria-current="page">' in page.text


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("from=2019-01-01&to=2019-01-31", "No sales in this period."),
        ("from=2026-11-12&to=2026-11-12", "One day makes no line"),
    ],
)
def test_a_line_that_would_say_nothing_is_words(browser: TestClient, days: str, words: str) -> None:
    page = browser.get(f"/?period=custom&{days}").text
    assert "chart-time-series" not in page
    assert words in text(page[page.index('id="sales_over_time"') :])


def test_nothing_before_is_no_change(browser: TestClient) -> None:
    page = browser.get("/?period=custom&from=2019-01-01&to=2019-01-31").text
    assert "Nothing to compare with" in page
    assert "chart-sparkline" not in page


def test_an_unknown_period_leads_back(browser: TestClient) -> None:
    answer = browser.get("/?period=<fortnight>")
    assert answer.status_code == 404
    assert "&lt;fortnight&gt;" in answer.text


def test_an_unknown_address_leads_back(browser: TestClient) -> None:
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_before_any_publish_the_page_says_what_to_type(tmp_path: Path) -> None:
    with client(make_project(tmp_path / "shop")) as browser:
        answer = browser.get("/")
        assert answer.status_code == 200
        assert "<code>shopstack run</code>" in answer.text
        assert browser.get("/status.json").json() == {"state": "never run"}
        assert browser.get("/healthz").json() == {"ok": True, "version": None}


def test_a_first_run_that_failed_says_why(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    error = {"message": "Shopify refuses the token.", "why": "It has expired.", "hint": "shopstack doctor"}
    run = {"run_id": "r", "started_at": NOW, "exit_code": 3, "error": error}
    write_status(project, make_status({"state": "failed", "last_run": run}))
    with client(project) as browser:
        page = text(browser.get("/").text)
    assert "Shopify refuses the token. It has expired." in page
    assert "shopstack doctor" in page


def test_a_new_version_is_shown_at_the_next_request(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=80)
    with client(project) as browser:
        before = browser.get("/?period=all")
        write_warehouse(project, orders=120)
        publish_version(project, now=NOW + timedelta(hours=1))
        after = browser.get("/?period=all")
    assert re.findall(r'class="value">([^<]+)<', before.text)[1] == "80"
    assert re.findall(r'class="value">([^<]+)<', after.text)[1] == "120"
    assert before.headers["etag"] != after.headers["etag"]


def test_a_page_that_has_not_changed_is_not_sent_again(browser: TestClient) -> None:
    first = browser.get("/?period=90d")
    again = browser.get("/?period=90d", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_takes_no_gzip_gets_the_same_page(browser: TestClient) -> None:
    packed = browser.get("/?period=90d")
    plain = browser.get("/?period=90d", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert {packed.headers["vary"], plain.headers["vary"]} == {"Accept-Encoding"}
    assert plain.text == packed.text


def test_a_reader_of_a_kept_page_finds_the_drawing_process_for_the_next(browser: TestClient) -> None:
    browser.get("/?period=90d")
    DRAWER.close()
    browser.get("/?period=90d")
    assert DRAWER._process is not None


def test_a_run_s_findings_are_shown_without_a_new_version(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60)
    with client(project) as browser:
        assert "Not checked against Shopify" in browser.get("/").text
        write_status(project, make_status({"state": "ok", "reconciliation": {"state": "agrees"}}))
        assert "Agrees with Shopify&#39;s report" in browser.get("/").text


def test_a_simulated_shop_says_so_and_a_real_one_does_not(browser: TestClient, tmp_path: Path) -> None:
    assert "Simulated shop." in browser.get("/").text
    project, _ = make_published(tmp_path / "shop", orders=60)
    publish_version(project, simulated=False, now=NOW + timedelta(hours=1))
    with client(project) as real:
        assert "Simulated shop." not in real.get("/").text


def test_a_broken_block_says_so_in_its_place(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nothing to divide <by>")

    monkeypatch.setattr(series, "draw_steps", fail)
    with client(published_shop) as browser:
        page = browser.get("/?period=quarter").text
    assert "nothing to divide &lt;by&gt;" in page
    assert page.count("could not be computed") == 1
    assert 'id="products"' in page
    assert 'class="ranking"' in page


def test_a_name_from_the_shop_is_never_markup(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    write_warehouse(project, orders=60, shop_name="<script>alert(1)</script>")
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute("update serving.dim_products set title = '<img src=x onerror=alert(2)>'")
        connection.execute("update serving.dim_locations set city = '\"><svg onload=alert(3)>'")
    publish_version(project, now=NOW)
    with client(project) as browser:
        page = browser.get("/?period=all").text
    assert "could not be computed" not in page
    assert not re.search(r"<script>|<img src=x|<svg onload", page)


def test_a_rate_over_few_customers_shows_their_number(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=40)
    with client(project) as browser:
        page = text(browser.get("/?period=90d").text)
    assert re.search(r"Returning share .{0,900}? \d+ of \d+ customers", page)


def test_growth_from_nothing_is_new(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    write_warehouse(project, orders=900)
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute(f"delete from serving.fct_sales where sale_date < date '{FIRST_OF_30}'")
        connection.execute(f"delete from serving.fct_orders where order_date < date '{FIRST_OF_30}'")
    publish_version(project, now=NOW)
    with client(project) as browser:
        page = text(browser.get("/").text)
    assert "new in this period from $0" in page


def test_a_shop_that_sells_abroad_gets_a_map_of_the_world(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=200, abroad=True)
    with client(project) as browser:
        page = browser.get("/?period=all").text
    assert "chart-world-map" in page
    assert "chart-us-map" not in page


def test_a_shop_of_which_only_countries_are_known_has_them_on_the_map(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    write_warehouse(project, orders=100)
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute(
            "update serving.dim_locations set placed_at = 'country', city = null, province_code = null, province = null, "
            "country_code = 'GB', country = 'United Kingdom', latitude = 54, longitude = -2 where placed_at = 'city'"
        )
    publish_version(project, now=NOW)
    net = number(
        project, "select sum(net_sales) from serving.fct_sales where location_key not in ('state', 'unknown')"
    )
    with client(project) as browser:
        page = browser.get("/?period=all").text
    assert "chart-world-map" in page
    assert f"United Kingdom, city not known: {format_money(net, 'USD')}" in page
    assert "At their city" not in page
    assert re.findall(r'class="name"[^>]*><bdi>([^<]+)<', page)[0] == "United Kingdom"


def test_a_rate_moves_by_points_of_the_percentages_shown() -> None:
    change = metrics.points(Decimal("0.46649"), Decimal("0.46551"))  # 46.6% both, as shown
    assert change.text == "no change"
    change = metrics.points(Decimal("0.455"), Decimal("0.491"))
    assert (change.direction, change.text, change.spoken) == ("down", "3.6 pts", "down 3.6 pts")


def test_figures_that_need_customers_are_not_zero_without_them(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60)
    stream = {
        "shop": SHOP,
        "stream": "customers",
        "state": "skipped",
        "reason": "No scope.",
        "figures": ["new customers"],
    }
    write_status(project, make_status({"state": "ok", "streams": [stream]}))
    with client(project) as browser:
        page = text(browser.get("/").text)
    assert "Missing: new customers. No scope." in page
    assert page.count("Not available: customers are not read") == 2


def test_only_orders_that_shopify_shows_are_compared(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60, visible_since=date(2026, 10, 1))
    with client(project) as browser:
        page = text(browser.get("/").text)
    assert "Only orders since Oct 1, 2026 are visible." in page
    assert "read_all_orders" in page
    assert "No earlier period to compare with" in page


def test_a_damaged_pointer_is_a_page_with_the_next_step(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60)
    (project.published / "current.json").write_text("{", encoding="utf-8")
    with client(project) as browser:
        answer = browser.get("/")
        assert answer.status_code == 503
        assert "shopstack publish" in answer.text
        assert browser.get("/healthz").status_code == 503


def test_a_damaged_status_file_does_not_take_the_figures_down(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60)
    project.status_file.write_text("{", encoding="utf-8")
    with client(project) as browser:
        assert "Nationwide sales" in browser.get("/").text
        assert browser.get("/status.json").status_code == 503


def test_the_status_is_served_as_json(tmp_path: Path) -> None:
    project, published = make_published(tmp_path / "shop", orders=60)
    moment = datetime(2026, 11, 15, 23, 31, tzinfo=UTC)
    write_status(project, make_status({"state": "ok", "last_success": moment}))
    with client(project) as browser:
        assert browser.get("/status.json").json()["last_success"] == "2026-11-15T23:31:00Z"
        assert browser.get("/healthz").json() == {"ok": True, "version": published.pointer.version}


def test_assets_are_kept_by_browsers_under_a_name_that_changes(browser: TestClient) -> None:
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', browser.get("/").text):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
    assert browser.get("/static/..%2Fapp.py").status_code == 404


def test_the_page_names_its_engine(browser: TestClient) -> None:
    assert f"shopstack {__version__}" in browser.get("/").text


def test_an_unknown_shop_leads_to_those_that_there_are(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60)
    add_shop(project, "oak.myshopify.com", shop_name="Oak")
    publish_version(project, now=NOW + timedelta(hours=1))
    with client(project) as browser:
        answer = browser.get("/?shop=elm")
        assert answer.status_code == 404
        links = re.findall(r'href="([?][^"]+)"', answer.text)
        assert len(links) == 2
        for link in links:
            assert browser.get("/" + link.replace("&amp;", "&")).status_code == 200
