"""A real shop's year goes through the simulated API and comes out equal to the penny.

The expected figures are SQL over the published file itself; nothing of the importer is used for them.
Rules: days are the shop's (Europe/London, as written in the file); a price is rounded half-up to pence before
it is multiplied; invoices "A…" and rows of negative quantity outside "C…" are left out; POST, DOT and C2 are
shipping; "C…" rows are refunds.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from shopstack.simulator.real_orders import ImportReport
from shopstack.simulator.server import ServerSettings, serve
from shopstack.simulator.store import Store
from tests.e2e.harness import TOKEN, new_project

pytestmark = [pytest.mark.real_orders, pytest.mark.xdist_group("real_orders")]

ROWS = """
    with rows as (
        select
            Invoice as invoice,
            Invoice like 'C%' as is_refund,
            Invoice like 'A%' or (Quantity < 0 and Invoice not like 'C%') as is_left_out,
            StockCode in ('POST', 'DOT', 'C2') as is_shipping,
            Quantity * round(cast(Price as decimal(18, 6)), 2) as amount,
            cast(min(InvoiceDate) over (partition by Invoice) as date) as day
        from read_parquet(?)
    )
"""
EXPECTED = (
    ROWS
    + """
    select
        day,
        coalesce(sum(amount) filter (where not is_refund and not is_shipping), 0) as gross,
        coalesce(sum(amount) filter (where is_refund and not is_shipping), 0) as refunds,
        count(distinct invoice) filter (where not is_refund) as orders
    from rows
    where not is_left_out
    group by day
"""
)
LEFT_OUT = ROWS + "select count(*), coalesce(sum(amount), 0) from rows where is_left_out"


def test_a_real_year_is_equal_to_the_penny_day_by_day(
    real_orders: Path,
    real_shop: tuple[Store, ImportReport],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    with duckdb.connect() as connection:
        expected = {
            day: (gross, refunds, orders)
            for day, gross, refunds, orders in connection.execute(EXPECTED, [str(real_orders)]).fetchall()
        }
        left_out = connection.execute(LEFT_OUT, [str(real_orders)]).fetchone()
    store, report = real_shop
    record_property("say", f"real orders left out: {report.left_out.rows} rows, {report.left_out.amount} GBP")
    assert (report.left_out.rows, report.left_out.amount) == left_out

    settings = ServerSettings(
        static_tokens=frozenset({TOKEN}), throttling=False
    )  # its clock stands still, so that no point would come back
    with serve(store, settings=settings) as server:
        merchant = new_project(tmp_path / "shop", server.url)
        merchant.ok("run")

    found = {
        day: (gross, refunds, orders)
        for day, gross, refunds, orders in merchant.published(
            """
            select date_day, gross_sales, sales_reversals, orders
            from reporting.daily_sales
            where date_day >= date '2009-12-01'
            """
        )
    }
    differences = {day: (want, found.get(day)) for day, want in expected.items() if found.get(day) != want}
    assert not differences
    silent = [day for day, figures in found.items() if day not in expected and any(figures)]
    assert not silent
    assert sum(gross for gross, _, _ in expected.values()) > Decimal(9_000_000)
    states = merchant.published("select distinct state from reporting.reconciliation order by all")
    assert ("agrees",) in states
    assert set(states) <= {("agrees",), ("open",)}
    assert merchant.published("select count(*) from reporting.order_ties where not ties") == [(0,)]
