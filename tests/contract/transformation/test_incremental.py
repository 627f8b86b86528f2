"""A shop that goes on trading: many builds, each of what changed, make the tables that one build of everything makes.

`make test` lets each kind of change happen once, two of them before each build; `make soak` lets them happen again and
again, by several seeds, with a build after each.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from shopstack.extract import extract, rebuild, sweep
from shopstack.project import Project
from shopstack.shopify.streams import ORDERS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import (
    CostChanged,
    CustomersMerged,
    LineKind,
    OrderDeleted,
)
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till
from shopstack.tables import ROOT_ID
from shopstack.transformation.runner import build
from tests.contract.streams.cheap import cheaply, small_gazetteer
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, served
from tests.contract.streams.trading import ShopTime
from tests.contract.transformation.conftest import BLUEPRINT, Built

OPENING = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY = date(2026, 7, 31)
ORDERS_AT_FIRST = 60
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin")
BUILT = ("intermediate", "serving", "reporting")
READ = ("order_fulfillment_lines", "order_discount_applications")
"""What is read on request here: parts of orders that vanish and change too."""

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Trade:
    """A shop that trades, and a project that reads it and builds after every change."""

    store: Store
    clock: VirtualClock
    shop: Shop
    chance: Random
    live: LiveShop

    @property
    def project(self) -> Project:
        return self.shop.project

    def pass_time(self) -> None:
        self.clock.advance(timedelta(minutes=self.chance.randint(20, 300)))

    def read(self) -> None:
        extract(self.project, CREDENTIALS, clock=ShopTime(self.clock))

    def build(self, *, full_refresh: bool = False) -> int:
        """Build; how many nodes there were."""
        return len(build(self.project, today=TODAY, full_refresh=full_refresh).results)

    def tills(self) -> list[Till]:
        """The orders that can go on, oldest first."""
        tills = []
        for order in self.store.log.orders:
            events = list(self.store.log.orders[order])
            if not any(type(one).__name__ in ("OrderCancelled", "OrderDeleted") for one in events):
                tills.append(Till(events))
        return tills

    def tables(self) -> Rows:
        """Every row that was built, but for what tells when."""
        with duckdb.connect(str(self.project.database("prod")), read_only=True) as prod:
            names = prod.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_schema in (select unnest($built)) and table_type = 'BASE TABLE' order by all",
                {"built": list(BUILT)},
            ).fetchall()
            return {
                f"{schema}.{name}": prod.execute(f"select * from {schema}.{name} order by all").fetchall()
                for schema, name in names
            }

    def raw(self, *statements: str) -> None:
        self._execute("raw", *statements)

    def _execute(self, database: str, *statements: str) -> None:
        with duckdb.connect(str(self.project.database(database))) as connection:
            for statement in statements:
                connection.execute(statement)

    def leaves_the_rest_alone(self) -> bool:
        """Whether a build passes over the orders that were not loaded since: one of them is told by a false title."""
        older = "load_id < (select max(load_id) from serving.fct_order_lines)"
        false = f"update serving.fct_order_lines set title = 'false' where {older}"
        self._execute("prod", false)
        self.build()
        with duckdb.connect(str(self.project.database("prod")), read_only=True) as prod:
            ((still,),) = prod.execute(
                f"select count(*) filter (where title = 'false') from serving.fct_order_lines where {older}"
            ).fetchall()
        return bool(still)

    # What happens. Each is something that an increment alone could miss.

    def old_order_refunded(self) -> None:
        at = self.clock.now().replace(microsecond=0)
        for till in self.tills():
            goods = [n for n, line in till.lines.items() if line.kind is LineKind.PRODUCT and till.left(n)]
            units = {goods[0]: 1} if goods else {}
            if units and till.worth(units).shop <= till.received().shop:
                self.store.extend([till.refund(at, units)])
                return
        raise AssertionError("no order can be refunded")

    def line_removed(self) -> None:
        self._lose("order_lines", "order_line_taxes", "order_line_discounts")

    def fulfillment_vanished(self) -> None:
        self._lose("order_fulfillments", "order_fulfillment_lines")

    def _lose(self, table: str, *below: str) -> None:
        """An order comes back without one of its parts, as a load that takes the place of the whole tree leaves it."""
        self.read()
        ((part, root),) = self.shop.rows(
            f"select id, {ROOT_ID.name} from shopify.{table} where _deleted_at is null order by id limit 1"
        )
        self.raw(
            f"delete from shopify.{table} where id = '{part}'",
            *(f"delete from shopify.{one} where _parent_id = '{part}'" for one in below),
            *(
                f"update shopify.{one.name} set _load_id = (select max(load_id) from _shopstack.loads) "
                f"where {ROOT_ID.name if one.parent else 'id'} = '{root}'"
                for one in ORDERS.tables
            ),
        )

    def order_deleted(self) -> None:
        order = self.chance.choice(self.tills()).placed.order
        self.store.extend([OrderDeleted(at=self.clock.now().replace(microsecond=0), order=order)])
        self.read()
        sweep(self.project, CREDENTIALS)

    def customers_merged(self) -> None:
        ordered = {one.placed.customer for one in self.tills() if one.placed.customer is not None}
        customers = sorted(ordered & set(self.store.log.customers))  # one who was merged before is gone
        kept, merged = self.chance.sample(customers, 2)
        self.store.extend(
            [CustomersMerged(at=self.clock.now().replace(microsecond=0), kept=kept, merged=merged)]
        )

    def cost_changed(self) -> None:
        created = self.chance.choice(list(self.store.log.products.values()))
        variant = created.product.variants[0]
        at = self.clock.now().replace(microsecond=0)
        self.store.extend(
            [CostChanged(at=at, variant=variant.number, unit_cost=self.chance.randint(50, 900))]
        )

    def timezone_changed(self) -> None:
        zone = self.chance.choice([zone for zone in ZONES if zone != self.store.shop.timezone])
        self.store.shop = replace(self.store.shop, timezone=zone)

    def location_moved(self) -> None:
        """A place of the shop's own is somewhere else: orders sold there lie there now. Of the two builds, the second
        finds nothing newer than the move itself."""
        self.read()
        now = self.clock.now().replace(
            tzinfo=None
        )  # a look of later would tell the next one that nothing moved back
        self.raw(
            "update shopify.locations set city = 'Springfield', province_code = 'IL'",
            "insert into shopify.locations_observed by name select id, city, province_code, country_code, "
            f"timestamp '{now}' as observed_at, date '{now:%Y-%m-%d}' as observed_on, _shop, "
            "(select max(load_id) from _shopstack.loads) as _load_id from shopify.locations",
        )
        self.build()
        self.build()

    def read_twice(self) -> None:
        self.read()

    def rebuilt_from_landing(self) -> None:
        rebuild(self.project)


CHANGES: tuple[Callable[[Trade], None], ...] = (
    Trade.old_order_refunded,
    Trade.line_removed,
    Trade.order_deleted,
    Trade.customers_merged,
    Trade.timezone_changed,
    Trade.fulfillment_vanished,
    Trade.cost_changed,
    Trade.rebuilt_from_landing,
    Trade.location_moved,
    Trade.read_twice,
)


@contextmanager
def trade(folder: Path, seed: int, state: Path | None = None) -> Iterator[Trade]:
    """A shop, read and built once; ``state``: dbt's parsed state of another project, which is taken over."""
    clock = VirtualClock(OPENING)
    store = generate(orders=ORDERS_AT_FIRST, years=1, end=OPENING, seed=seed, clock=clock)
    settings = replace(DEFAULTS, throttling=False, index_lag=0.0, bulk_seconds=0.0)
    with (
        served(store, folder, settings, f"[extract]\ninclude = {list(READ)}\n") as shop,
        cheaply(small_gazetteer(folder)),
    ):
        shutil.copytree(
            BLUEPRINT / "transformation",
            folder / "transformation",
            ignore=shutil.ignore_patterns("target", "logs", "dbt_packages", ".user.yml"),
        )
        if state is not None:
            shutil.copytree(state, shop.project.storage / "dbt")
        trading = Trade(store, clock, shop, Random(seed), LiveShop(store, seed=seed))
        trading.pass_time()
        trading.read()
        trading.build()
        yield trading


def live_through(trading: Trade, changes: int, *, at_once: int = 1) -> None:
    """So many changes, in between what happens anyway, a build after every few; all at the end is as one build makes it."""
    first = trading.chance.randrange(len(CHANGES)) if changes > len(CHANGES) else 0
    for turn in range(changes):
        trading.pass_time()
        for _ in range(trading.chance.randint(0, 4)):
            trading.live.step()
        CHANGES[(first + turn) % len(CHANGES)](trading)
        if turn % at_once == at_once - 1 or turn == changes - 1:
            trading.pass_time()
            trading.read()
            trading.build()
    grown = trading.tables()
    assert trading.leaves_the_rest_alone()
    trading.build(full_refresh=True)
    whole = trading.tables()
    assert grown.keys() == whole.keys()
    differing = {
        name: (
            [row for row in grown[name] if row not in rows][:2],
            [row for row in rows if row not in grown[name]][:2],
        )
        for name, rows in whole.items()
        if grown[name] != rows
    }
    assert not differing
    assert whole["serving.fct_sales"]


@pytest.mark.xdist_group("builds")
def test_builds_of_what_changed_come_to_one_build_of_everything(built: Built, tmp_path: Path) -> None:
    with trade(tmp_path, seed=1, state=built.project.storage / "dbt") as trading:
        live_through(trading, len(CHANGES), at_once=2)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 6))
def test_thirty_random_builds_come_to_one_build_of_everything(seed: int, tmp_path: Path) -> None:
    with trade(tmp_path, seed) as trading:
        live_through(trading, 30)
