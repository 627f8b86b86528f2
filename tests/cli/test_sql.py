"""`sql`: the published data, asked in SQL, answered whole as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from shopstack.cli import answers
from shopstack.project import Project
from shopstack.publish.pointer import Pointer, PublishedTable, write_pointer
from tests.cli.conftest import CommandLine

VERSION = "v-20260131T060000Z"
LONG = "a title that is a good deal longer than a terminal is wide, " * 4


@pytest.fixture
def published(project: Project) -> Project:
    """Two days of sales and a product with a long title, published."""
    tables = {
        "reporting.daily_sales": """
            select * from (values
                ('biscuit.myshopify.com', date '2026-01-30', 1234.5000::decimal(20, 4), 12),
                ('biscuit.myshopify.com', date '2026-01-31', null, 0)
            ) as t (shop, date_day, net_sales, orders)""",
        "serving.dim_products": f"select 'p1' as product_key, '{LONG}' as title, true as is_active",
    }
    folder = project.published / VERSION
    with duckdb.connect() as connection:
        for name, query in tables.items():
            schema, table = name.split(".")
            (folder / schema).mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy ({query}) to '{folder / schema / table}.parquet' (format parquet)")
    now = datetime(2026, 1, 31, 6, tzinfo=UTC)
    shape = {name: PublishedTable(rows=1, columns=()) for name in tables}
    write_pointer(project, Pointer(VERSION, now, now, tables=shape))
    return project


QUERY = "select date_day, net_sales, orders from reporting.daily_sales order by 1"


def test_a_table_has_a_header_and_numbers_to_the_right(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", QUERY)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "date_day    net_sales  orders",
        "2026-01-30    1234.50      12",
        "2026-01-31                  0",
    ]


def test_no_value_is_cut_to_a_terminals_width(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "select title, is_active from serving.dim_products")
    assert LONG.strip() in ran.out
    assert ran.out.rstrip().endswith("yes")


def test_json_keeps_decimals_exact_and_days_as_text(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", QUERY, "--json")
    assert ran.json() == [
        {"date_day": "2026-01-30", "net_sales": "1234.5000", "orders": 12},
        {"date_day": "2026-01-31", "net_sales": None, "orders": 0},
    ]


def test_csv_can_be_read_back(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "select * from serving.dim_products", "--csv")
    assert list(csv.reader(io.StringIO(ran.out))) == [
        ["product_key", "title", "is_active"],
        ["p1", LONG, "True"],
    ]


def test_the_query_may_come_from_stdin(
    shopstack: CommandLine, published: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select 1 as one"))
    assert shopstack("--project", "shop", "sql", "-", "--json").json() == [{"one": 1}]


def test_a_result_without_rows_is_a_header(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "select orders from reporting.daily_sales where orders > 99")
    assert ran.out == "orders\n"


@pytest.mark.parametrize(
    "query",
    [
        "select * from reporting.daly_sales",
        "selec 1",
        "select 1; select 2",
        "",
        "create table mine as select 1",
        "delete from reporting.daily_sales",
    ],
)
def test_a_query_that_cannot_run_says_why_and_what_to_type(
    shopstack: CommandLine, published: Project, query: str
) -> None:
    ran = shopstack("--project", "shop", "sql", query)
    assert ran.code == 2
    assert ran.out == ""
    assert " why: " in ran.err
    named = "published tables: reporting.daily_sales, serving.dim_products"
    assert (named if "daly_sales" in query else " hint: shopstack sql ") in ran.err


def test_files_outside_the_published_version_cannot_be_read(
    shopstack: CommandLine, published: Project
) -> None:
    ran = shopstack("--project", "shop", "sql", f"select * from read_text('{published.root / '.env'}')")
    assert ran.code == 2
    assert "shpat_" not in ran.out + ran.err


def test_csv_and_json_exclude_each_other(shopstack: CommandLine, published: Project) -> None:
    assert shopstack("--project", "shop", "sql", QUERY, "--csv", "--json").code == 2


def test_before_anything_is_published_it_says_what_to_do(
    shopstack: CommandLine, project: Project, tmp_path: Path
) -> None:
    ran = shopstack("--project", "shop", "sql", QUERY)
    assert ran.code == 2
    assert " hint: shopstack run\n" in ran.err


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_a_value_that_fails_late_is_the_querys_fault_not_ours(
    shopstack: CommandLine, published: Project, form: list[str]
) -> None:
    late = "select cast(case when i = 99999 then 'x' else '1' end as integer) as n from range(100000) as t(i)"
    ran = shopstack("--project", "shop", "sql", late, *form)
    assert ran.code == 2
    told = ran.json()["error"]["why"] if ran.out else ran.err
    assert "Could not convert" in told
    assert "defect" not in ran.err
    assert '"n": 0' not in ran.out  # rows that came before


MANY = "select i as n, 'row ' || i as name from range(5001) as t(i) order by i"


def test_an_answer_of_many_batches_is_whole_in_every_form(shopstack: CommandLine, published: Project) -> None:
    expected = [(str(i), f"row {i}") for i in range(5001)]
    found = shopstack("--project", "shop", "sql", MANY, "--json").json()
    assert [(str(row["n"]), row["name"]) for row in found] == expected
    rows = list(csv.reader(io.StringIO(shopstack("--project", "shop", "sql", MANY, "--csv").out)))
    assert [tuple(row) for row in rows] == [("n", "name"), *expected]
    lines = shopstack("--project", "shop", "sql", MANY).out.splitlines()
    assert lines == ["   n  name", *(f"{n:>4}  {name}" for n, name in expected)]


@pytest.mark.parametrize("written", [answers.as_csv, answers.as_json])
def test_batches_are_written_one_by_one(
    written: Callable[[list[str], Iterator[list[tuple[int]]]], Iterator[str]],
) -> None:
    fetched: list[int] = []

    def batches() -> Iterator[list[tuple[int]]]:
        for number in range(3):
            fetched.append(number)
            yield [(number,)]

    pieces = written(["n"], batches())
    while not fetched:
        next(pieces)
    assert fetched == [0]
    rest = "".join(pieces)
    assert fetched == [0, 1, 2]
    assert "1" in rest
    assert "2" in rest


def test_json_never_drops_a_column_that_shares_its_name(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "select 1 as a, 2 as a", "--json")
    assert ran.code == 2
    assert ran.json()["error"]["message"] == "Two columns are called 'a'."


def test_a_query_that_is_not_utf8_says_so(
    shopstack: CommandLine, published: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select '\udcff'"))
    ran = shopstack("--project", "shop", "sql", "-")
    assert ran.code == 2
    assert "not UTF-8" in ran.err


@pytest.mark.parametrize("query", ["-- how many days\nselect 2 as days", "--days\nselect 2 as days"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_query_may_begin_with_a_comment(
    shopstack: CommandLine, published: Project, query: str, place: int
) -> None:
    words = ["--json"]
    words.insert(place, query)
    assert shopstack("--project", "shop", "sql", *words).json() == [{"days": 2}]


def test_show_tables_names_what_is_published(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "SHOW TABLES;")
    assert ran.out.splitlines() == ["name", "reporting.daily_sales", "serving.dim_products"]


def test_a_number_beyond_64_bits_is_kept_whole_in_json(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "select 36893488147419103232::hugeint as n", "--json")
    assert ran.json() == [{"n": "36893488147419103232"}]


SINCE = (
    "select orders from reporting.daily_sales where date_day >= $since and ($shop is null or shop = $shop)"
)


@pytest.mark.parametrize("since", ["since=2026-01-31", "$since=2026-01-31", "since=2026-01-31 00:00:00"])
def test_parameters_are_given_by_name_as_days_moments_and_null(
    shopstack: CommandLine, published: Project, since: str
) -> None:
    ran = shopstack("--project", "shop", "sql", "--json", "--param", since, SINCE, "--param", "shop=")
    assert ran.json() == [{"orders": 0}]


def test_a_parameter_is_never_read_as_sql(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "--json", "--param", "a=' or 1=1 --", "select $a as a")
    assert ran.json() == [{"a": "' or 1=1 --"}]


def test_a_day_that_there_is_not_stays_text(shopstack: CommandLine, published: Project) -> None:
    ran = shopstack("--project", "shop", "sql", "--json", "--param", "a=2026-02-30", "select $a as a")
    assert ran.json() == [{"a": "2026-02-30"}]


@pytest.mark.parametrize(
    ("given", "query", "told"),
    [
        ([], SINCE, "hint: give each parameter a value: shopstack sql --param shop=… --param since=…"),
        (["a=1", "b=2"], "select $a", "hint: leave it out: the query does not name $b"),
        (["a"], "select $a", "error: --param a names no value."),
        (["a=1", "$a=2"], "select $a", "error: --param a is given twice."),
        ([], "-- nothing", "error: There is no query."),
        (
            [],
            "select net_sale from reporting.daily_sales",
            'hint: shopstack sql "describe reporting.daily_sales"',
        ),
        ([], "select * from read_text('x')", "hint: only what is published can be read here"),
    ],
)
def test_a_query_that_is_refused_is_told_with_what_it_takes(
    shopstack: CommandLine, published: Project, given: list[str], query: str, told: str
) -> None:
    options = [word for one in given for word in ("--param", one)]
    ran = shopstack("--project", "shop", "sql", *options, query)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
