"""The way of money and what sales cost, by figures worked out by hand; the shops are those of `money_cases`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shopstack.errors import ConfigurationError
from shopstack.project import Project
from shopstack.publish import publish_version
from shopstack.publish.metrics import Range
from shopstack.transformation.runner import build
from tests.contract.transformation import money_cases
from tests.contract.transformation.conftest import TODAY, Built, make_project
from tests.contract.transformation.metric_statements import (
    Question,
    disagreements,
    raw_tables,
    splits_that_do_not_add_up,
    stated,
)
from tests.contract.transformation.money_cases import PAWS, TAILS
from tests.contract.transformation.raw_shop import SHOP, RawShop
from tests.contract.transformation.test_metrics import IN_MONEY

pytestmark = pytest.mark.xdist_group("transformation")

SELECTED = [
    "+month_end",
    "+contribution_margin",
    "+payout_match",
    "+fct_refunds",
    "+fct_order_lines",
    "+dim_variants",
]
Steps = dict[tuple[str, str | None], tuple[Decimal | None, str]]


@pytest.fixture(scope="module")
def money(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The two shops, built; of the models those that money needs."""
    folder = tmp_path_factory.mktemp("money")
    made = make_project(folder)
    shutil.copytree(built.project.storage / "dbt", made.storage / "dbt")
    (folder / "shopstack.toml").write_text(money_cases.CONFIGURATION, encoding="utf-8")
    project = Project.open(folder)
    money_cases.fill_in(project.transformation)
    raw = RawShop(project.warehouse)
    money_cases.write(raw)
    raw.close()
    return Built(project, build(project, today=TODAY, select=SELECTED))


@pytest.fixture
def steps(money: Built) -> Callable[[str, int], Steps]:
    """The steps of a month of 2026 by name and gateway: amount, and whose rows it is a sum of."""

    def read(shop: str, month: int) -> Steps:
        rows = money.rows(
            f"from reporting.month_end where shop = '{shop}' and month_start = date '2026-{month:02}-01'"
        )
        names = [("bank " if row["step_number"] > 8 else "") + row["step"] for row in rows]
        return {
            (name, row["gateway"]): (row["amount"], row["known_by"])
            for name, row in zip(names, rows, strict=True)
        }

    return read


def amounts(steps: Steps) -> dict[tuple[str, str | None], str]:
    """Those that are known and are not 0, as text."""
    return {step: f"{amount:.2f}" for step, (amount, _) in steps.items() if amount}


def test_a_month_goes_from_what_was_sold_to_what_reached_the_bank(steps: Callable[[str, int], Steps]) -> None:
    card = "shopify_payments"
    assert amounts(steps(SHOP, 4)) == {
        ("total_sales", None): "237.00",
        ("tips", None): "3.00",
        ("gift_cards_sold", None): "50.00",
        ("gift_cards_redeemed", None): "-25.00",
        ("not_yet_paid", None): "-60.00",
        ("money_received", "cash"): "15.00",
        ("money_received", card): "190.00",
        ("bank fees", card): "-5.23",
        ("bank in_balance_in_another_month", card): "-20.00",
        ("bank paid_out", card): "164.77",
    }


def test_what_is_paid_later_what_failed_and_what_nothing_explains_have_rows_of_their_own(
    steps: Callable[[str, int], Steps],
) -> None:
    card = "shopify_payments"
    assert amounts(steps(SHOP, 5)) == {
        ("total_sales", None): "151.01",
        ("not_yet_paid", None): "40.00",
        ("paid_for_earlier", None): "60.00",
        ("unexplained", None): "-0.01",
        ("money_received", "paypal"): "30.00",
        ("money_received", card): "221.00",
        ("bank fees", card): "-25.71",
        ("bank invisible_orders", card): "12.00",
        ("bank other_movements", card): "-10.00",
        ("bank in_balance_in_another_month", card): "20.00",
        ("bank not_paid_out_yet", card): "-135.66",
        ("bank failed_payouts", card): "-4.55",
        ("bank paid_out", card): "77.08",
    }


def test_repaid_for_an_earlier_month_and_money_of_another_currency_apart(
    steps: Callable[[str, int], Steps], money: Built
) -> None:
    card = "shopify_payments"
    assert amounts(steps(SHOP, 6)) == {
        ("total_sales", None): "147.00",
        ("gift_cards_redeemed", None): "25.00",
        ("not_yet_paid", None): "-70.00",
        ("paid_for_earlier", None): "-40.00",
        ("money_received", "cash"): "-15.00",
        ("money_received", card): "77.00",
        ("bank in_balance_in_another_month", card): "-33.00",
        ("bank other_movements", card): "-8.00",
        ("bank settled_in_another_currency", card): "-44.00",
        ("bank not_paid_out_yet", card): "8.00",
        ("bank paid_out_for_earlier", card): "135.66",
        ("bank unexplained", card): "-0.06",
        ("bank paid_out", card): "135.60",
        ("bank paid_out_in_another_currency", card): "39.00",
    }
    apart = money.rows("select currency_code, is_open from reporting.month_end where step_number = 20")
    assert apart == [{"currency_code": "EUR", "is_open": True}]


def test_what_other_gateways_keep_and_pay_out_is_not_available(steps: Callable[[str, int], Steps]) -> None:
    may = steps(SHOP, 5)
    assert may["bank fees", "paypal"] == (None, "not available")
    assert may["bank paid_out", "paypal"] == (None, "not available")


def test_without_payouts_the_fees_are_those_of_payments_and_paid_out_is_not_available(
    steps: Callable[[str, int], Steps],
) -> None:
    card = "shopify_payments"
    may = steps(PAWS, 5)
    assert amounts(may) == {
        ("total_sales", None): "5500.00",
        ("money_received", card): "5500.00",
        ("bank fees", card): "-187.00",
    }
    assert may["bank fees", card][1] == "payments"
    assert may["bank paid_out", card] == (None, "not available")
    assert may["unexplained", None] == (Decimal(0), "rest")


def test_an_account_that_is_no_longer_read_tells_nothing_of_the_months_since(
    steps: Callable[[str, int], Steps],
) -> None:
    card = "shopify_payments"
    assert steps(TAILS, 4)["bank paid_out", card] == (Decimal(11), "payouts")
    assert steps(TAILS, 5)["bank paid_out", card] == (None, "not available")
    assert ("bank in_balance_in_another_month", card) not in steps(TAILS, 5)


def test_fees_that_only_some_payments_tell_are_said_to_be_so(steps: Callable[[str, int], Steps]) -> None:
    assert steps(TAILS, 5)["bank fees", "shopify_payments"] == (Decimal("-0.31"), "some payments")


def test_the_steps_of_every_shop_and_month_add_up(money: Built) -> None:
    sums: dict[tuple[str, date], Decimal] = {}
    bank: dict[tuple[str, date, str], list[Decimal | None]] = {}
    for row in money.rows("from reporting.month_end where step_number < 20"):
        month = (row["shop"], row["month_start"])
        if row["step_number"] <= 8:
            sign = -1 if row["step_number"] == 8 else 1
            sums[month] = sums.get(month, Decimal(0)) + sign * row["amount"]
        if row["step_number"] >= 8:
            sign = -1 if row["step"] == "paid_out" else 1
            amount = None if row["amount"] is None else sign * row["amount"]
            bank.setdefault((*month, row["gateway"]), []).append(amount)
    assert len(sums) == 3 + 2 + 3
    assert set(sums.values()) == {Decimal(0)}
    told = {key: steps for key, steps in bank.items() if None not in steps}
    assert {key[2] for key in told} == {"shopify_payments"}
    assert len(told) == 3 + 1
    assert all(sum(step for step in steps if step is not None) == 0 for steps in told.values())


def test_each_payout_is_held_against_its_movements(money: Built) -> None:
    rows = money.rows("from reporting.payout_match order by match_key")
    found = {
        (row["payout_id"] or row["currency_code"]).rpartition("/")[2]: (
            row["state"],
            row["movements"],
            *(None if row[name] is None else f"{row[name]:.2f}" for name in ("movements_net", "difference")),
        )
        for row in rows
    }
    assert found == {
        "1": ("matches", 1, "164.77", "0.00"),
        "2": ("matches", 2, "77.08", "0.00"),
        "3": ("differs", 5, "135.66", "-0.06"),
        "4": ("failed", 1, "4.55", "0.00"),
        "6": ("matches", 1, "39.00", "0.00"),
        "9": ("not available", None, None, None),
        "11": ("matches", 1, "11.00", "0.00"),
        "USD": ("not paid out", 1, "-8.00", None),
    }


def test_a_payout_that_differs_warns_and_a_cost_that_nothing_takes_up_does(money: Built) -> None:
    assert money.report.failed_tests == []
    warned = {one.name: set(one.failing) for one in money.report.warnings}
    assert len(warned["payouts_add_up_to_their_transactions"]) == 1
    assert warned["filled_in_costs_are_used"] == {
        "shipping_costs.csv names an order that there is not (9999)",
        "product_costs.csv names a SKU that no variant has, and that was never sold (B0NE)",
    }


def test_a_movement_knows_its_payout_its_order_and_its_payment(money: Built) -> None:
    row = money.row(
        "select orders.order_name, payments.kind, payouts.net, moved.is_of_an_order"
        " from serving.fct_balance_transactions as moved"
        " left join serving.fct_orders as orders using (order_key)"
        " left join serving.fct_transactions as payments using (transaction_key)"
        " left join serving.fct_payouts as payouts using (payout_key)"
        " where moved.type = 'REFUND'"
    )
    assert row == {
        "order_name": "#1001",
        "kind": "REFUND",
        "net": Decimal("135.60"),
        "is_of_an_order": True,
    }
    deleted = money.row("from serving.fct_balance_transactions where fee = 0.65")
    assert (deleted["order_key"], deleted["transaction_key"], deleted["is_of_an_order"]) == (None, None, True)


def test_a_unit_costs_what_was_filled_in_else_what_was_seen_else_an_estimate(money: Built) -> None:
    rows = money.rows(
        "select sku, cost_source, coverage, unit_cost, count(*) as lines from intermediate.int_line_costs"
        " group by all order by sku, cost_source"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("BONE", "filled in", "known", Decimal(12), 3),
        ("BONE", "filled in", "known", Decimal(300), 1),
        ("BONE", "observed", "known", Decimal(10), 3),
        ("LEASH", "carried back", "estimated", Decimal(6), 1),
        (None, "none", "none", None, 6),
    ]


def test_a_sale_knows_what_its_goods_cost_and_what_is_left(money: Built) -> None:
    rows = money.rows(
        "select coverage, units, cogs, gross_profit from serving.fct_sale_costs"
        f" where shop = '{SHOP}' and sale_date between date '2026-05-10' and date '2026-05-15' order by happened_at"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("known", -1, Decimal(-10), Decimal(-40)),
        ("none", 1, None, None),
    ]
    sums = money.row("select sum(cogs) as cogs, sum(gross_profit) as profit from serving.fct_sale_costs")
    of_mart = money.row(
        "select sum(cogs) as cogs, sum(gross_profit) as profit from reporting.contribution_margin"
    )
    assert sums == of_mart
    spend = money.rows("select ad_channel, amount from serving.fct_ad_spend order by all")
    assert [tuple(row.values()) for row in spend] == [("Google", 0), ("Google", 30), ("Meta", 10)]


@pytest.fixture
def margin(money: Built) -> Callable[[str, int], dict[str, Any]]:
    """A month's row: amounts with two decimals, shares with four."""

    def read(shop: str, month: int) -> dict[str, Any]:
        row = money.row(
            f"from reporting.contribution_margin where shop = '{shop}'"
            f" and month_start = date '2026-{month:02}-01'"
        )
        return {
            name: f"{value:.{4 if name.startswith('share') or 'coverage' in name else 2}f}"
            if isinstance(value, Decimal)
            else value
            for name, value in row.items()
            if name not in {"shop", "month_start"}
        }

    return read


def test_contribution_takes_off_what_is_known_and_lists_what_is_not(
    margin: Callable[[str, int], dict[str, Any]],
) -> None:
    assert margin(SHOP, 4) == {
        "is_open": False,
        "currency_code": "USD",
        "missing_costs": "payment fees",
        "total_sales": "237.00",
        "net_sales": "220.00",
        "cogs": "46.00",
        "gross_profit": "174.00",
        "share_with_known_cost": "0.8182",
        "share_with_estimated_cost": "0.1818",
        "share_without_cost": "0.0000",
        "shipping_charged": "9.00",
        "shipping_costs": "4.50",
        "shipping_cost_coverage": "1.0000",
        "payment_fees": "6.11",
        "payment_fee_coverage": "0.9268",
        "ad_spend": "40.00",
        "contribution": "132.39",
        "fixed_costs": "950.00",
        "new_customers": 1,
        "mer": "5.92",
        "cac": "40.00",
    }


def test_sales_without_a_cost_are_left_out_and_what_came_back_takes_its_cost_back(
    margin: Callable[[str, int], dict[str, Any]],
) -> None:
    may = margin(SHOP, 5)
    assert (may["net_sales"], may["cogs"], may["gross_profit"]) == ("155.01", "68.00", "57.01")
    assert (may["share_with_known_cost"], may["share_without_cost"]) == ("0.8776", "0.1224")
    assert (may["shipping_costs"], may["payment_fees"], may["payment_fee_coverage"]) == (
        "7.00",
        "9.18",
        "0.9016",
    )
    assert (may["ad_spend"], may["mer"], may["cac"], may["fixed_costs"]) == (None,) * 4
    assert may["contribution"] == "40.83"
    assert may["missing_costs"] == "product costs, payment fees, ad spend"


def test_where_no_cost_is_known_there_is_no_profit(margin: Callable[[str, int], dict[str, Any]]) -> None:
    june = margin(SHOP, 6)
    assert (june["cogs"], june["gross_profit"], june["contribution"]) == (None, None, None)
    assert june["share_without_cost"] == "1.0000"
    assert june["is_open"]


def test_another_shop_has_its_own_costs_and_no_spend_is_no_ratio(
    margin: Callable[[str, int], dict[str, Any]],
) -> None:
    may = margin(PAWS, 5)
    assert (may["currency_code"], may["net_sales"], may["cogs"], may["gross_profit"]) == (
        "JPY",
        "5000.00",
        "600.00",
        "4400.00",
    )
    assert (may["payment_fees"], may["ad_spend"], may["mer"], may["cac"]) == ("187.00", "0.00", None, None)
    assert (may["fixed_costs"], may["missing_costs"], may["contribution"]) == ("10000.00", None, "4213.00")


def test_a_bad_line_stops_the_build_before_dbt_and_what_was_built_stays(money: Built) -> None:
    file = money.project.transformation / "seeds" / "ad_spend.csv"
    before = file.read_text(encoding="utf-8")
    file.write_text(before + "treats,1/5/2026,Google,3\n", encoding="utf-8")
    logs = sorted(money.project.runs.iterdir())
    try:
        with pytest.raises(ConfigurationError, match=r"seeds/ad_spend.csv, line 5: date is not a date"):
            build(money.project, today=TODAY, select=SELECTED)
    finally:
        file.write_text(before, encoding="utf-8")
    assert sorted(money.project.runs.iterdir()) == logs


def test_every_metric_of_costs_and_advertising_is_what_its_statement_says(
    money: Built, tmp_path: Path
) -> None:
    shutil.copytree(money.project.root, tmp_path / "shop")
    project = Project.open(tmp_path / "shop")
    publish_version(project)
    found, compared = disagreements(project, seed=3)
    assert found == []
    assert compared > 300
    assert splits_that_do_not_add_up(project) == []
    spring = Question(SHOP, Range(date(2026, 4, 1), date(2026, 5, 31)))
    with raw_tables(project) as connection:
        stated_of = {name: stated(connection, name, spring) for name in IN_MONEY}
    assert all(stated_of.values()), stated_of
