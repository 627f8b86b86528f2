"""What Shopify gives no history of is the same after anything that makes it anew: stock by day, prices and costs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from shopstack.extract import extract, raw_warehouse, rebuild, sweep
from shopstack.extract.retention import compact_landing
from shopstack.project import Project
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import CostChanged, PriceChanged, ProductDeleted, StockAdjusted
from shopstack.simulator.generator import generate
from shopstack.simulator.ids import gid
from shopstack.transformation import runner
from shopstack.transformation.command import command_line
from shopstack.transformation.runner import build
from tests.contract.streams.cheap import cheaply, small_gazetteer
from tests.contract.streams.shop import CREDENTIALS, Shop, served
from tests.contract.streams.trading import ShopTime
from tests.contract.transformation.conftest import TODAY, Built, make_project

pytestmark = pytest.mark.xdist_group("builds")

BEGUN = datetime(2026, 6, 1, 16, tzinfo=UTC)
MODELS = ("fct_inventory_daily", "dim_variant_history")
OVER_RAW = [*MODELS, "dim_variants"]
"""All that lies between them and the raw tables but views: what is made anew when those are."""

TOLD = (
    '[calendar]\nweek_start = "monday"\nfiscal_year_start_month = 7\n'
    '[extract]\ninclude = ["inventory_items"]\n[storage]\nlanding_days = 30\n'
)
Tables = Mapping[str, list[dict[str, object]]]


@dataclass(frozen=True)
class History:
    """A shop that was read for some days, what was built of it first, and how it is built again."""

    project: Project
    before: Tables
    deleted: int
    """A product that was deleted while the shop was read."""

    def forget(self) -> None:
        """The tables go, so that what is found afterwards was made afterwards."""
        with duckdb.connect(str(self.project.database("prod"))) as prod:
            for model in MODELS:
                prod.execute(f"drop table serving.{model}")

    def built(self) -> Tables:
        """The tables, made anew."""
        self.forget()
        return tables(Built(self.project, build(self.project, today=TODAY, select=OVER_RAW)))


def tables(built: Built) -> Tables:
    return {model: built.rows(f"from serving.{model} order by all") for model in MODELS}


@pytest.fixture(scope="module")
def history(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Four readings in five days: prices and a cost change, stock moves, a product is deleted."""
    folder = tmp_path_factory.mktemp("history")
    clock = VirtualClock(BEGUN)
    store = generate(orders=12, years=1, end=BEGUN, seed=5, clock=clock)
    make_project(folder)
    with cheaply(small_gazetteer(folder)), served(store, folder, more=TOLD) as shop:
        shutil.copytree(built.project.storage / "dbt", shop.project.storage / "dbt")
        deleted = store.log.product_of[1]
        read(shop, clock)
        at = clock.now()
        store.extend(
            [
                StockAdjusted(at=at, variant=2, location=1, moves=(("available", 5),)),
                PriceChanged(at=at, variant=2, price=1234, compare_at=2000),
                CostChanged(at=at, variant=2, unit_cost=999),
            ]
        )
        read(shop, clock, days=1)
        store.extend([PriceChanged(at=clock.now(), variant=1, price=4321)])
        read(shop, clock, days=1)
        store.extend([ProductDeleted(at=clock.now(), product=deleted)])
        read(shop, clock, days=2)
        sweep(shop.project, CREDENTIALS, clock=ShopTime(clock))
        made = Built(shop.project, build(shop.project, today=TODAY, select=[f"+{model}" for model in MODELS]))
        yield History(shop.project, tables(made), deleted)


def read(shop: Shop, clock: VirtualClock, days: int = 0) -> None:
    """A run in the shop, so many days after the one before."""
    clock.advance(timedelta(days=days, minutes=5))
    extract(shop.project, CREDENTIALS, clock=ShopTime(clock))


def test_there_is_a_history_to_lose(history: History) -> None:
    stock, periods = (history.before[model] for model in MODELS)

    def key(kind: str, number: int) -> str:
        return f"{stock[0]['shop']}|{gid(kind, number).rsplit('/', 1)[1]}"

    prices, costs = (
        {
            number: [one[column] for one in periods if one["variant_key"] == key("ProductVariant", number)]
            for number in (1, 2)
        }
        for column in ("price", "unit_cost")
    )
    assert (prices[1][-1], prices[2][-1], costs[2][-1]) == (*map(Decimal, ("43.21", "12.34", "9.99")),)
    assert min(map(len, prices.values())) > 1
    days = {one["date_day"]: one["is_observed"] for one in stock}
    assert list(days.values()) == [True, True, True, False, True]
    gone = {one["date_day"] for one in stock if one["product_key"] == key("Product", history.deleted)}
    assert gone == set(list(days)[:4])


def test_a_full_refresh_makes_the_same_history(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = command_line
    monkeypatch.setattr(runner, "command_line", lambda *one, **more: [*asked(*one, **more), "--full-refresh"])
    assert history.built() == history.before


def test_what_was_landed_makes_the_same_history(history: History) -> None:
    rebuild(history.project)
    assert history.built() == history.before


def test_landed_windows_that_were_put_together_make_the_same_history(history: History) -> None:
    later = BEGUN + timedelta(days=500)
    put_together = compact_landing(history.project, raw_warehouse(history.project), now=later, worth_it=2)
    assert {"products", "inventory_items"} <= {one.stream for one in put_together}
    rebuild(history.project)
    assert history.built() == history.before
