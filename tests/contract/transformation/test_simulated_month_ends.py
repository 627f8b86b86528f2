"""Every month of made-up shops adds up to what reached the bank: with Shopify Payments and without, taxes in or on top."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shopstack.extract import extract
from shopstack.project import Project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import serve
from shopstack.simulator.store import Store
from shopstack.transformation.runner import build
from tests.contract.streams.cheap import cheaply, small_gazetteer
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS
from tests.contract.transformation.conftest import Built, make_project

pytestmark = pytest.mark.xdist_group("builds")

END = datetime(2026, 11, 1, 12, tzinfo=UTC)
MONTHS = 13
WITH, WITHOUT = "with.myshopify.com", "without.myshopify.com"


def store(domain: str, **options: Any) -> Store:
    made = generate(orders=250, years=1, end=END, seed=5, **options)
    made.shop = replace(made.shop, domain=domain)
    return made


@pytest.fixture(scope="module")
def simulated(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Two shops, extracted and built in one project."""
    folder = tmp_path_factory.mktemp("simulated")
    shutil.copytree(built.project.storage / "dbt", make_project(folder).storage / "dbt")
    shops = (
        (store(WITH), DEFAULTS),
        (
            store(
                WITHOUT,
                currency="JPY",
                timezone="Asia/Tokyo",
                taxes_included=True,
                card_gateway="stripe",
            ),
            replace(DEFAULTS, payments_account=False),
        ),
    )
    with ExitStack() as stack:
        servers = [stack.enter_context(serve(one, settings=settings)) for one, settings in shops]
        text = "".join(f'[[shop]]\naddress = "{one.url}"\n' for one in servers)
        text += '[extract]\ntimeout_seconds = 60\ninclude = ["payouts", "balance_transactions"]\n'
        (folder / "shopstack.toml").write_text(text, encoding="utf-8")
        project = Project.open(folder)
        stack.enter_context(cheaply(small_gazetteer(tmp_path_factory.mktemp("places"))))
        for shop in project.config.shops:
            extract(project, CREDENTIALS, shop=shop)
    selected = ["+month_end", "+payout_match"]
    return Built(project, build(project, today=END.date(), select=selected))


def test_nothing_is_unexplained_in_any_month(simulated: Built) -> None:
    assert simulated.report.failed_tests == []
    rows = simulated.rows(
        "select shop, step_number, count(*) as months, count(amount) as known, sum(abs(amount)) as amount"
        " from reporting.month_end where step = 'unexplained' group by all order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        (WITH, 7, MONTHS, MONTHS, 0),
        (WITH, 18, MONTHS, MONTHS, 0),
        (WITHOUT, 7, MONTHS, MONTHS, 0),
    ]


def test_what_is_paid_out_is_what_shopify_says_it_paid_out(simulated: Built) -> None:
    told = simulated.row("select sum(net) as net, count(*) as payouts from raw.shopify.payouts")
    row = simulated.row("select sum(amount) as amount from reporting.month_end where step = 'paid_out'")
    assert row["amount"] == told["net"] > 0
    assert simulated.rows("select state, count(*) as n from reporting.payout_match group by state") == [
        {"state": "matches", "n": told["payouts"]}
    ]


def test_without_shopify_payments_fees_and_what_was_paid_out_are_not_available(
    simulated: Built,
) -> None:
    rows = simulated.rows(
        f"select amount, known_by from reporting.month_end where shop = '{WITHOUT}' and step = 'paid_out'"
    )
    assert len(rows) >= MONTHS
    assert {(row["amount"], row["known_by"]) for row in rows} == {(None, "not available")}
    fees = simulated.rows(
        "select distinct gateway, amount from reporting.month_end"
        f" where shop = '{WITHOUT}' and step = 'fees' order by gateway"
    )
    assert {"paypal", "stripe"} <= {row["gateway"] for row in fees}
    assert {row["amount"] for row in fees} == {None}


def test_the_made_up_shops_go_through_every_usual_step(simulated: Built) -> None:
    rows = simulated.rows("select distinct step from reporting.month_end where amount <> 0")
    usual = {
        "total_sales",
        "tips",
        "gift_cards_sold",
        "gift_cards_redeemed",
        "not_yet_paid",
        "paid_for_earlier",
    }
    usual |= {"money_received", "fees", "not_paid_out_yet", "paid_out_for_earlier", "paid_out"}
    assert usual <= {row["step"] for row in rows}
