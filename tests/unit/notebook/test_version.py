"""A published version in a notebook: the dashboard's figures and drawings, for the days and the shop that are asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from shopstack.errors import ConfigurationError, UsageError
from shopstack.notebook import PublishedVersion, open_newest, to_parquet
from shopstack.project import Project
from shopstack.publish import publish_version
from tests.docs.pages import page
from tests.unit.dashboard.published_fixture import (
    SHOP,
    add_shop,
    make_project,
    make_published,
    write_warehouse,
)

AUTUMN = (date(2026, 9, 1), date(2026, 10, 31))
EUROPE = "cedar-europe.myshopify.com"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two shops of one name, with cohorts of a year."""
    project = make_project(tmp_path_factory.mktemp("notebook") / "shop")
    write_warehouse(project, orders=600)
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute(
            """
            create table reporting.customer_cohorts as
            select
                ? as shop,
                'cohort' as cohort_kind,
                cast(date '2025-12-01' + to_months(cast(month as integer)) as date) as cohort_month,
                cast(step as integer) as months_since,
                40 as cohort_customers,
                0.25 as ordering_rate,
                false as is_open
            from range(10) as months (month), range(1, 4) as steps (step)
            """,
            [SHOP],
        )
    add_shop(project, EUROPE, currency_code="EUR")
    publish_version(project, run_id="20261115T233000Z-0001", now=datetime(2026, 11, 15, 23, 30, tzinfo=UTC))
    return project


@pytest.fixture(scope="module")
def published(project: Project) -> PublishedVersion:
    return open_newest(project.root)


def one(published: PublishedVersion, sql: str, *parameters: object) -> Any:
    """The only value that a query finds."""
    (row,) = published.connect().execute(sql, parameters).fetchall()
    return row[0]


def test_it_is_found_from_any_folder_of_the_project(project: Project) -> None:
    folder = project.root / "analysis"
    folder.mkdir(exist_ok=True)
    with open_newest(folder) as published:
        assert published.name.startswith("v-20261115T233000Z")


def test_outside_a_project_and_before_the_first_publish_it_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as outside:
        open_newest(tmp_path)
    assert outside.value.hint.startswith("shopstack init")
    with pytest.raises(ConfigurationError) as unpublished:
        open_newest(make_project(tmp_path / "shop").root)
    assert unpublished.value.hint == "shopstack run"


def test_a_figure_is_the_sum_of_the_ledger_over_the_days_asked_for(published: PublishedVersion) -> None:
    (net, orders, rate) = published.metrics(
        "net_sales", "orders", "returning_customer_rate", period=AUTUMN
    ).to_pylist()
    where = "where shop = ? and sale_date between ? and ?"
    assert net["exact"] == one(
        published, f"select sum(net_sales) from serving.fct_sales {where}", SHOP, *AUTUMN
    )
    assert net["exact_before"] == one(
        published,
        f"select sum(net_sales) from serving.fct_sales {where}",
        SHOP,
        date(2026, 7, 2),
        date(2026, 8, 31),
    )
    assert (net["name"], net["figure"]) == ("net_sales", "Net sales")
    assert net["value"].startswith("$")
    assert net["change"].startswith(("up ", "down "))
    assert orders["value"] == str(orders["exact"].normalize())
    assert Decimal(0) < rate["exact"] < Decimal(1)


def test_without_earlier_days_there_is_a_note_instead_of_a_change(published: PublishedVersion) -> None:
    (net,) = published.metrics("orders", period="all").to_pylist()
    assert (net["before"], net["change"], net["exact_before"]) == (None, None, None)
    (none,) = published.metrics("orders", period=(date(2020, 1, 1), date(2020, 1, 31))).to_pylist()
    assert (none["value"], none["exact"]) == ("0", Decimal(0))


def test_a_split_adds_up_to_the_figure_and_names_its_dimension(published: PublishedVersion) -> None:
    parts = published.split("net_sales", "channel_key", period=AUTUMN)
    (whole,) = published.metrics("net_sales", period=AUTUMN).to_pylist()
    values = [row["net_sales"] for row in parts.to_pylist()]
    assert parts.column_names == ["channel_key", "net_sales"]
    assert len(values) == 2
    assert values == sorted(values, reverse=True)
    assert sum(values) == whole["exact"]


def test_shops_of_one_name_are_told_apart_and_each_has_its_own_currency(published: PublishedVersion) -> None:
    assert published.shops == {
        "Cedar & Co (cedar-and-co)": SHOP,
        "Cedar & Co (cedar-europe)": EUROPE,
    }
    (euros,) = published.metrics("net_sales", shop=EUROPE).to_pylist()
    assert euros["value"].startswith("€")


def test_periods_end_with_the_day_up_to_which_the_shop_was_read(published: PublishedVersion) -> None:
    assert published.days("7d") == (date(2026, 11, 9), date(2026, 11, 15))
    assert published.days(AUTUMN) == AUTUMN
    for key in published.periods.values():
        first, last = published.days(key)
        assert first <= last
    assert published.freshness().startswith("Data up to Nov 15, 2026")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"period": "fortnight"}, "There is no period called"),
        ({"period": (date(2026, 2, 1), date(2026, 1, 1))}, "These days make no period"),
        ({"shop": "birch"}, "There is no shop called 'birch'."),
    ],
)
def test_what_there_is_not_is_refused(published: PublishedVersion, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        published.metrics("net_sales", **asked)


def test_a_misspelt_metric_dimension_page_or_block_is_refused_with_those_there_are(
    published: PublishedVersion,
) -> None:
    with pytest.raises(UsageError) as metric:
        published.metrics("net_sale")
    assert metric.value.hint == "did you mean net_sales?"
    with pytest.raises(UsageError, match="cannot be split by 'colour'"):
        published.split("net_sales", "colour")
    with pytest.raises(UsageError) as page:
        published.chart("sales", "map")
    assert "nationwide_sales" in page.value.why
    with pytest.raises(UsageError) as block:
        published.chart("nationwide_sales", "maps")
    assert "sales_over_time" in block.value.why
    with pytest.raises(UsageError, match="has no drawing"):
        published.chart("nationwide_sales", "products", period=AUTUMN)


def test_the_map_and_the_cohorts_are_the_dashboard_s(published: PublishedVersion) -> None:
    where = published.sales_map(period=AUTUMN).to_dict()
    land, dots, *_ = where["layer"]
    outlines = [area["outline"] for area in land["data"]["values"]]
    assert len(outlines) == 51
    assert all(outline.startswith("M") for outline in outlines)
    cities = one(
        published,
        "select count(distinct location_key) from serving.fct_sales join serving.dim_locations using (location_key)"
        " where shop = ? and sale_date between ? and ? and placed_at = 'city' and country_code = 'US'"
        " and province_code <> 'PR'",
        SHOP,
        *AUTUMN,
    )
    assert len(dots["data"]["values"]) == cities > 10
    cohorts = published.cohorts().to_dict()
    shown = [cell["text"] for cell in cohorts["layer"][1]["data"]["values"]]
    assert shown.count("25%") == 30


def test_a_chart_without_anything_to_show_says_so(published: PublishedVersion) -> None:
    empty = published.sales_map(period=(date(2020, 1, 1), date(2020, 1, 31))).to_dict()
    assert list(empty["datasets"].values()) == [[{"words": "Nothing in this period."}]]


def test_a_page_of_the_project_s_own_is_drawn_like_any_other(project: Project) -> None:
    own = project.root / "dashboard" / "own.md"
    own.parent.mkdir(exist_ok=True)
    own.write_text("---\ntitle: Mine\n---\n\n```line mine\nmetric: orders\n```\n", encoding="utf-8")
    try:
        with open_newest(project.root) as published:
            assert published.chart("own", "mine", period=AUTUMN).to_dict()["layer"]
    finally:
        own.unlink()


def test_its_figures_stay_until_it_is_opened_anew(tmp_path: Path) -> None:
    project = make_published(tmp_path / "shop", orders=40)[0]
    with open_newest(project.root) as before:
        (orders,) = before.metrics("orders", period="all").to_pylist()
        write_warehouse(project, orders=50)
        publish_version(project, run_id="20261116T000000Z-0002", now=datetime(2026, 11, 16, tzinfo=UTC))
        assert before.metrics("orders", period="all").to_pylist() == [orders]
        assert orders["value"] == "40"
        with open_newest(project.root) as after:
            assert after.name > before.name
            assert after.metrics("orders", period="all").to_pylist()[0]["value"] == "50"


def test_a_table_becomes_a_file_with_every_cent(published: PublishedVersion, tmp_path: Path) -> None:
    figures = published.metrics("net_sales", "orders", period=AUTUMN)
    file = tmp_path / "figures.parquet"
    file.write_bytes(to_parquet(figures))
    read = duckdb.sql(f"from '{file.as_posix()}'")
    assert read is not None
    assert read.to_arrow_table().to_pylist() == figures.to_pylist()


STAY = """
import sys
from shopstack.notebook import open_newest
published = open_newest(sys.argv[1])
for line in sys.stdin:
    print(published.connect().sql("select count(*) from serving.fct_orders").fetchall()[0][0], flush=True)
"""


def test_its_files_stay_as_long_as_a_notebook_has_it_open(tmp_path: Path) -> None:
    project, first = make_published(tmp_path / "shop", orders=20)
    command = [sys.executable, "-c", STAY, str(project.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as notebook:
        assert notebook.stdin is not None
        assert notebook.stdout is not None
        for day in range(4):
            notebook.stdin.write("\n")
            notebook.stdin.flush()
            assert notebook.stdout.readline() == "20\n"
            publish_version(project, now=datetime(2026, 12, 1 + day, tzinfo=UTC))
        assert first.folder.is_dir()
    publish_version(project, now=datetime(2026, 12, 8, tzinfo=UTC))
    assert not first.folder.exists()


def test_its_connection_reads_its_tables_and_nothing_else(project: Project, tmp_path: Path) -> None:
    with open_newest(project.root) as published:
        (net,) = published.metrics("net_sales", period="all").to_pylist()
        connection = published.connect()
        connection.register("days", pa.table({"day": [date(2026, 11, 1)]}))
        assert connection.sql("select count(*) from serving.fct_sales, days").fetchall() > [(0,)]
        outside = tmp_path / "x.csv"
        for refused in (
            f"copy (select 1) to '{outside.as_posix()}'",
            f"attach '{(tmp_path / 'x.duckdb').as_posix()}'",
            f"from read_text('{(project.root / 'shopstack.toml').as_posix()}')",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(refused)
        connection.execute("drop view serving.fct_sales")
        assert published.metrics("net_sales", period="all").to_pylist() == [net]
        assert not outside.exists()


def test_the_guide_s_example_runs(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = [block for block in page("docs/guides/explore.md").blocks if block.language == "python"]
    folder = shutil.copytree(project.root, tmp_path / "shop")
    monkeypatch.chdir(folder)
    exec(compile(example.text, "explore.md", "exec"), {})  # noqa: S102 - a page of ours
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")
