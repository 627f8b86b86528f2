"""What is made of the published ties, comparisons and counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from shopstack.publish import Pointer, Snapshot
from shopstack.publish.status import LoadCounts, ReconciliationState, TieCounts
from shopstack.verification import Verification
from shopstack.verification.completeness import summarise_completeness
from shopstack.verification.reconciliation import summarise_reconciliation
from shopstack.verification.ties import summarise_ties

TABLES = """
    create schema reporting;
    create table reporting.order_ties (
        shop text, order_name text, ties boolean, difference decimal(20, 4), what text
    );
    create table reporting.reconciliation (
        shop text, grain text, period_start date, period_end date, metric text, state text, source text,
        ours decimal(20, 4), theirs decimal(20, 4), difference decimal(20, 4), reason text, hint text,
        class text, sales_named bigint
    );
    create table reporting.completeness (shop text, is_counted boolean, is_complete boolean);
"""


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as prod; use prod;")
        connection.execute(TABLES)
        yield connection


@pytest.fixture
def published(database: duckdb.DuckDBPyConnection) -> Snapshot:
    return Snapshot(Pointer("v-1", datetime(2026, 11, 1, tzinfo=UTC), None), database)


def compare(
    database: duckdb.DuckDBPyConnection,
    day: int,
    state: str,
    difference: str = "0",
    *,
    why: str = "",
    file: str = "",
) -> None:
    database.execute(
        "insert into reporting.reconciliation values "
        "('a', 'day', $day, $day, 'net_sales', $state, $source, 10, 10, $difference, $why, 'do this', $class, 2)",
        {
            "day": date(2026, 10, day),
            "state": state,
            "source": file or "Shopify's report",
            "difference": Decimal(difference),
            "why": why,
            "class": "late event" if state == "differs" else "",
        },
    )


def test_orders_that_do_not_tie_are_named_the_largest_difference_first(
    database: duckdb.DuckDBPyConnection, published: Snapshot
) -> None:
    database.execute(
        "insert into reporting.order_ties values "
        "('a', '#1', true, 0, ''), ('a', '#2', false, 0.01, 'ledger'), ('a', '#3', false, -5, 'payments')"
    )
    found = summarise_ties(published)
    assert (found.orders, found.untied) == (3, 2)
    assert [(one.order_name, one.difference, one.what) for one in found.worst] == [
        ("#3", Decimal(-5), "payments"),
        ("#2", Decimal("0.01"), "ledger"),
    ]


def test_one_difference_outweighs_every_agreement(
    database: duckdb.DuckDBPyConnection, published: Snapshot
) -> None:
    compare(database, 1, "agrees")
    compare(database, 2, "differs", "0.01")
    compare(database, 3, "open", why="still open")
    found = summarise_reconciliation(published)
    assert (found.state, found.days) == ("differs", 1)
    assert [(one.period_start, one.cause, one.sales) for one in found.differences] == [
        (date(2026, 10, 2), "late event", 2)
    ]


def test_agreement_needs_a_compared_figure(database: duckdb.DuckDBPyConnection, published: Snapshot) -> None:
    assert summarise_reconciliation(published).state == "not checked"
    compare(database, 1, "open", why="still open")
    assert summarise_reconciliation(published).state == "open"
    compare(database, 2, "not checked", why="no access")
    assert summarise_reconciliation(published) == ReconciliationState(
        "not checked", reason="no access", hint="do this"
    )
    compare(database, 3, "agrees")
    assert summarise_reconciliation(published).state == "agrees"


def test_what_was_compared_with_is_named_the_newest_first(
    database: duckdb.DuckDBPyConnection, published: Snapshot
) -> None:
    compare(database, 1, "agrees")
    compare(database, 3, "agrees", file="exported file march.csv")
    compare(database, 4, "not checked", why="no access", file="exported file april.csv")
    found = summarise_reconciliation(published)
    assert found.sources == ("exported file march.csv", "Shopify's report")
    assert found.report == "Shopify's report and an exported report"
    compare(database, 2, "differs", "0.01", file="exported file march.csv")
    found = summarise_reconciliation(published)
    assert [one.source for one in found.differences] == ["exported file march.csv"]
    assert Verification("v-1", LoadCounts(), TieCounts(), found).sentence == (
        "0 of 0 orders tie; 1 periods differ from exported file march.csv, Shopify's own report"
    )


def test_loads_are_counted_by_what_shopify_could_count(
    database: duckdb.DuckDBPyConnection, published: Snapshot
) -> None:
    database.execute(
        "insert into reporting.completeness values ('a', true, true), ('a', false, true), ('a', true, false)"
    )
    assert summarise_completeness(published) == LoadCounts(loads=3, counted=2, incomplete=1)


@pytest.mark.parametrize(
    ("incomplete", "state", "code"),
    [(0, "agrees", 0), (0, "not checked", 0), (0, "differs", 1), (1, "agrees", 1)],
)
def test_what_is_wrong_decides_the_exit_code(incomplete: int, state: str, code: int) -> None:
    verified = Verification(
        "v-1",
        LoadCounts(1, 1, incomplete),
        TieCounts(10, 3),
        ReconciliationState(state),  # type: ignore[arg-type]
    )
    assert verified.exit_code == code
    assert verified.as_dict()["exit_code"] == code
