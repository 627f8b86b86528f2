"""The SQL of the pages for other tools is that of the pages; what sqlglot translates wrongly is put right, or named."""

from __future__ import annotations

import re

import pytest
from scripts.page_queries import FILE, queries, text
from scripts.pages import PARAMETERS, figures_of, ordered_pages
from scripts.snowflake_text import doubts, snowflake

from shopstack.publish.metrics import load_metrics


def test_the_file_is_what_the_pages_and_the_metrics_say() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "python -m scripts.page_queries"


def test_every_page_stands_there_in_order_with_all_of_its_queries() -> None:
    headings = re.findall(r"^#{2,3} (.+)$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    expected = ["Parameters"]
    for page in ordered_pages():
        expected += [page.menu, *(f"{page.name}: {name}" for name in page.queries)]
        assert set(figures_of(page)) <= load_metrics().keys()
    assert headings == [*expected, "Figures", *(f"Figure: {name}" for name in load_metrics())]


def test_no_parameter_is_left_without_a_meaning() -> None:
    named = {name for one in queries() for name in re.findall(r"\$([a-z_]+)\b", one.sql)}
    assert named <= PARAMETERS.keys()


def flat(sql: str) -> str:
    """The text for Snowflake on one line."""
    return re.sub(r"(?<=\() | (?=\))", "", " ".join(snowflake(sql).split()))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1 from serving.x where shop = $shop", "FROM published.x WHERE shop = {{ shop }}"),
        ("select 1 from reporting.x where day = $today", "published.x WHERE day = CAST({{ today }} AS DATE)"),
        ("select 1 where $channel is null", "NULLIF({{ channel }}, '') IS NULL"),
        ("select 1 where $until is null", "CAST(NULLIF({{ until }}, '') AS TIMESTAMPNTZ) IS NULL"),
        ("select any_value(a) as a from t", "SELECT MAX(a) AS a FROM t"),
        ("select a / b as c from t", "a / NULLIF(b, 0)"),
        ("select a / 28 as c from t", "a / 28 AS"),
        ("select sum(a) filter (where b) as c from t", "SUM(IFF(b, a, NULL))"),
        ("select concat_ws(', ', a, b) as c from t", "ARRAY_TO_STRING(ARRAY_CONSTRUCT_COMPACT(a, b), ', ')"),
        ("select timezone(z, timezone('UTC', m)) as c from t", "CONVERT_TIMEZONE('UTC', z, m)"),
        (
            "select timezone('UTC', timezone(z, m - to_days(n))) as c from t",
            "CONVERT_TIMEZONE(z, 'UTC', DATEADD(DAY, -(n), m))",
        ),
        ("select m + to_days(n) as c from t", "DATEADD(DAY, n, m)"),
        (
            "select strftime(d, case when a then '%b' else '%Y' end) as c from t",
            "CASE WHEN a THEN TO_CHAR(d, 'mon') ELSE TO_CHAR(d, 'yyyy') END",
        ),
    ],
)
def test_a_text_says_on_snowflake_what_it_says_on_duckdb(sql: str, expected: str) -> None:
    assert expected in flat(sql)


def test_a_list_within_an_aggregate_is_joined_and_one_in_a_condition_stays() -> None:
    within = flat("select count(a) filter (where k in (select k from serving.y where b)) as n from serving.x")
    assert "COUNT(IFF(NOT listed_1.listed_1_key IS NULL, a, NULL))" in within
    assert "LEFT JOIN (SELECT DISTINCT k AS listed_1_key FROM published.y WHERE b) AS listed_1" in within
    assert "WHERE k IN (SELECT k FROM published.y)" in flat(
        "select a from serving.x where k in (select k from serving.y)"
    )


def test_what_snowflake_may_not_have_is_named() -> None:
    assert doubts(snowflake("select printf('%d', a) as a, list_sum(b) as b from t")) == ["list_sum", "printf"]
    assert doubts(snowflake("select sum(a) as a from (values (1)) as numbers (a) group by (a)")) == []
