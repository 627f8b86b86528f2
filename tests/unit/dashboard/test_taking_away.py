"""What is taken away from a page: CSV, pictures, pages as files."""

from __future__ import annotations

import csv
import io
import re
from base64 import b64decode
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.dashboard.blocks import read_block
from shopstack.dashboard.export import export_pages, export_pictures
from shopstack.dashboard.library import stock_pages
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.taking_away import file_name, to_csv
from shopstack.errors import UsageError
from shopstack.project import Project
from shopstack.publish import open_published
from shopstack.publish.metrics import Range
from shopstack.publish.snapshot import Answer
from tests.unit.dashboard.published_fixture import make_project, make_published

PNG = b"\x89PNG\r\n\x1a\n"


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_opens_in_a_spreadsheet_as_what_it_is() -> None:
    row = (
        "Süßholz, “fein”\nzwei",
        Decimal("-1234.50"),
        -3,
        None,
        True,
        date(2026, 3, 1),
        datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
    )
    content = to_csv(Answer(("a", "b", "c", "d", "e", "f", "g"), [row]))
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    assert read(content)[1] == [
        "Süßholz, “fein”\nzwei",
        "-1234.50",
        "-3",
        "",
        "true",
        "2026-03-01",
        "2026-03-01 12:30:00",
    ]


def test_a_quotient_has_no_endless_digits_and_a_name_no_marks_of_direction() -> None:
    row = (
        Decimal(2) / 3,
        Decimal("0.1234567891"),
        2 / 3,
        "\N{FIRST STRONG ISOLATE}Oil\N{POP DIRECTIONAL ISOLATE}, 2 sold",
    )
    assert read(to_csv(Answer(("a", "b", "c", "d"), [row])))[1] == [
        "0.6666666667",
        "0.1234567891",
        "0.6666666667",
        "Oil, 2 sold",
    ]


@pytest.mark.parametrize(
    ("page", "block", "days"),
    [
        ("what_to_reorder", "tied_up", "2026-11-15"),
        ("customers", "segments", "2026-11-15"),
        ("customers", "customers", "2026-11-01_2026-11-07"),
    ],
)
def test_a_file_is_named_after_the_days_that_it_is_about(page: str, block: str, days: str) -> None:
    context = SimpleNamespace(
        document=stock_pages()[page],
        period=SimpleNamespace(current=Range(date(2026, 11, 1), date(2026, 11, 7))),
        today=date(2026, 11, 15),
        shop=SimpleNamespace(handle="cedar"),
    )
    (settings,) = (read_block(one) for one in context.document.fences if one.name == block)
    name = file_name(cast("PageContext", context), block, settings, "csv")
    assert name == f"cedar_{page}_{block}_{days}.csv"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum(a1)", "\tx", '=HYPERLINK("http://x")'])
def test_a_text_that_looks_like_a_formula_is_none(text: str) -> None:
    assert read(to_csv(Answer(("a",), [(text,)])))[1] == ["'" + text]


def test_a_table_s_csv_has_all_rows_of_the_page_s_period_and_channel(
    browser: TestClient, published_shop: Project
) -> None:
    with open_published(published_shop) as snapshot:
        (key,) = snapshot.execute("select channel_key from serving.dim_channels order by 1 limit 1").rows[0]
        (net,) = snapshot.execute(
            "select sum(net_sales) from serving.fct_sales where channel_key = ? "
            "and sale_date between date '2026-01-01' and date '2026-03-31'",
            [key],
        ).rows[0]
    asked = Asked("custom", first=date(2026, 1, 1), last=date(2026, 3, 31), channel=key)
    answer = browser.get(f"/csv/nationwide_sales/products{asked.query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "nationwide_sales_products_2026-01-01_2026-03-31.csv" in answer.headers["content-disposition"]
    head, *rows = read(answer.content)
    assert sum(Decimal(row[head.index("net_sales")]) for row in rows) == net


def test_the_figures_are_in_their_csv_exactly(browser: TestClient, published_shop: Project) -> None:
    with open_published(published_shop) as snapshot:
        (net,) = snapshot.execute("select sum(net_sales) from serving.fct_sales").rows[0]
    _, first, *_ = read(browser.get("/csv/nationwide_sales/figures?period=all").content)
    assert first[0] == "Net sales"
    assert Decimal(first[1]) == net


@pytest.mark.parametrize("block", ["map", "sales_over_time"])
def test_a_drawing_is_a_picture(browser: TestClient, block: str) -> None:
    answer = browser.get(f"/png/nationwide_sales/{block}?period=90d")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(PNG)


@pytest.mark.parametrize(
    "address",
    [
        "/csv/nowhere/products",
        "/csv/nationwide_sales/nothing",
        "/png/nationwide_sales/products",
        "/csv/nationwide_sales/map?period=x",
    ],
)
def test_what_cannot_be_taken_away_says_why(browser: TestClient, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 404
    assert "What to do next" in answer.text


def test_a_page_of_any_name_has_files(tmp_path: Path) -> None:
    project, _ = make_published(tmp_path / "shop", orders=20)
    (project.root / "dashboard").mkdir()
    (project.root / "dashboard" / 'прода"жи.md').write_text(
        "---\ntitle: Sales\n---\n\n```sql all\nselect 1 as n\n```\n\n```table own\ndata: all\ncolumns: [{column: n}]\n```\n",
        encoding="utf-8",
    )
    with TestClient(create_app(project), base_url="http://127.0.0.1:8787") as client:
        answer = client.get('/csv/прода"жи/own')
    assert answer.status_code == 200
    assert read(answer.content) == [["n"], ["1"]]
    name = unquote(answer.headers["content-disposition"].partition("utf-8''")[2])
    assert name.startswith('cedar-and-co_прода"жи_own_')


def test_every_link_of_a_page_leads_to_a_file(browser: TestClient) -> None:
    links = re.findall(r'href="(/(?:csv|png)/[^"]+)"', browser.get("/?period=90d").text)
    assert len(links) == 6
    for link in links:
        assert browser.get(link.replace("&amp;", "&")).status_code == 200, link


def test_an_exported_page_needs_nothing_else(published_shop: Project, tmp_path: Path) -> None:
    done = export_pages(published_shop, tmp_path, ["nationwide_sales"], Asked("90d"))
    assert done.files == (tmp_path / "nationwide_sales.html",)
    page = done.files[0].read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="/', page)
    assert not re.findall(r'(?:src)="http', page)
    assert "<form" not in page
    (products,) = re.findall(
        r'id="products".*?href="data:text/csv;charset=utf-8;base64,([^"]+)" '
        r'download="cedar-and-co_nationwide_sales_products_[-_0-9]+\.csv"',
        page,
        re.DOTALL,
    )
    assert read(b64decode(products))[0][:3] == ["product_key", "title", "units"]


def test_all_pages_are_exported_with_links_to_each_other(published_shop: Project, tmp_path: Path) -> None:
    done = export_pages(published_shop, tmp_path, [], Asked())
    assert {file.stem for file in done.files} == set(stock_pages())
    page = (tmp_path / "nationwide_sales.html").read_text(encoding="utf-8")
    for name in stock_pages():
        assert f'href="{name}.html"' in page


def test_pictures_are_those_of_the_page(published_shop: Project, tmp_path: Path) -> None:
    done = export_pictures(published_shop, tmp_path, ["nationwide_sales"], Asked("90d"))
    assert [file.name.split("_sales_")[1].split("_2026")[0] for file in done.files] == [
        "map",
        "sales_over_time",
    ]
    assert all(file.read_bytes().startswith(PNG) for file in done.files)


def test_nothing_is_exported_before_anything_is_published(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to export yet"):
        export_pages(make_project(tmp_path / "shop"), tmp_path / "out", [], Asked())


def test_an_unknown_page_is_refused(published_shop: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no page called 'sales'"):
        export_pages(published_shop, tmp_path, ["sales"], Asked())
