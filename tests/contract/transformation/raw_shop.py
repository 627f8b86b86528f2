"""A raw database written by hand: the tables as declared, and small orders with their ledger.

The tables come from the stream declarations; the figures come from the tests. Nothing is computed here
except ids, so that a total in an order and the ledger below it are two statements, as they are at Shopify.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from shopstack.shopify.streams import STREAMS
from shopstack.tables import LOAD_COLUMNS, PARENT_ID, ROOT_ID, Column, Table, observation_columns

SHOP = "treats.myshopify.com"
TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(20, 4)",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
    "json": "json",
    "number": "double",
}
STATE = """
create schema _shopstack;
create table _shopstack.cursors (shop varchar, stream varchar, cursor_at timestamp, load_id bigint);
create table _shopstack.loads (load_id bigint, shop varchar, stream varchar, method varchar,
    window_from timestamp, window_to timestamp, count_before bigint, landed_roots bigint,
    landed_objects bigint, count_after bigint, api_version varchar, landing varchar, loaded_at timestamp);
create table _shopstack.streams (shop varchar, stream varchar, state varchar, reason varchar, hint varchar,
    missing_scope varchar, visible_since date, checked_at timestamp);
create table _shopstack.shops (shop varchar, address varchar, read_at timestamp);
create table _shopstack.exported_report (shop varchar, day date, file varchar, exported_at timestamp,
    loaded_at timestamp, orders decimal(20, 4), gross_sales decimal(20, 4), discounts decimal(20, 4),
    sales_reversals decimal(20, 4), net_sales decimal(20, 4), shipping_charges decimal(20, 4),
    duties decimal(20, 4), additional_fees decimal(20, 4), return_fees decimal(20, 4), taxes decimal(20, 4),
    total_sales decimal(20, 4));
create schema reference;
create table reference.places (country_code varchar, province_code varchar, kind varchar,
    match_name varchar, name varchar, latitude double, longitude double, population bigint);
insert into reference.places values
    ('US', '', 'country', '', 'United States', 39.8, -98.6, 330000000),
    ('US', 'CA', 'province', '', 'California', 37.2, -119.3, 39000000),
    ('US', 'MO', 'province', '', 'Missouri', 38.3, -92.4, 6100000),
    ('US', 'CA', 'city', 'los angeles', 'Los Angeles', 34.05, -118.24, 3900000),
    ('US', 'MO', 'city', 'st louis', 'St. Louis', 38.63, -90.2, 300000),
    ('US', 'MO', 'city', 'springfield', 'Springfield', 37.2, -93.3, 169000),
    ('US', 'IL', 'city', 'springfield', 'Springfield', 39.8, -89.6, 114000),
    ('FR', '', 'country', '', 'France', 46.2, 2.2, 67000000),
    ('FR', 'IDF', 'city', 'paris', 'Paris', 48.85, 2.35, 2100000);
"""


def _columns(table: Table) -> list[Column]:
    position = [Column(table.position, "", "integer", "")] if table.position else []
    links = [ROOT_ID, PARENT_ID] if table.parent else []
    return [*table.columns, *position, *links, *LOAD_COLUMNS]


def gid(kind: str, number: int) -> str:
    """An id as Shopify writes it."""
    return f"gid://shopify/{kind}/{number}"


@dataclass
class Agreement:
    """One event of an order's ledger, ready to take sales."""

    raw: RawShop
    order_id: str
    id: str

    def sale(
        self,
        line_type: str,
        total: str,
        *,
        action: str = "ORDER",
        tax: str = "0",
        discount: str = "0",
        quantity: int | None = None,
        line_id: str | None = None,
        shipping_line_id: str | None = None,
    ) -> Agreement:
        """One signed movement; amounts in shop currency."""
        amounts = {"total_amount": total, "total_tax_amount": tax}
        amounts["total_discount_amount_before_taxes"] = discount
        both = {
            f"{name}{end}": Decimal(value) for name, value in amounts.items() for end in ("", "_presentment")
        }
        self.raw.insert(
            "order_sales",
            id=self.raw.next_id("Sale"),
            type="Sale",
            action_type=action,
            line_type=line_type,
            quantity=quantity,
            line_item_id=line_id,
            shipping_line_id=shipping_line_id,
            _root_id=self.order_id,
            _parent_id=self.id,
            **both,
        )
        return self


@dataclass
class Order:
    """One order, ready to take lines, agreements and transactions."""

    raw: RawShop
    id: str
    placed_at: str

    def line(
        self, title: str, *, product: int | None = None, quantity: int = 1, sku: str | None = None
    ) -> str:
        """A line item; its id."""
        line_id = self.raw.next_id("LineItem")
        self.raw.insert(
            "order_lines",
            id=line_id,
            title=title,
            sku=sku,
            product_id=None if product is None else gid("Product", product),
            quantity=quantity,
            current_quantity=quantity,
            is_gift_card=False,
            _root_id=self.id,
            _parent_id=self.id,
        )
        return line_id

    def agreement(self, reason: str, happened_at: str, *, refund: str | None = None) -> Agreement:
        """An event of the ledger; ``refund`` is the id of the refund that it books."""
        agreement_id = self.raw.next_id("SalesAgreement")
        self.raw.insert(
            "order_agreements",
            id=agreement_id,
            reason=reason,
            happened_at=happened_at,
            refund_id=refund,
            _root_id=self.id,
            _parent_id=self.id,
        )
        return Agreement(self.raw, self.id, agreement_id)

    def transaction(
        self,
        kind: str,
        amount: str,
        *,
        status: str = "SUCCESS",
        gateway: str = "card",
        at: str | None = None,
        fees: tuple[str, ...] = (),
    ) -> Order:
        """A payment movement, on the order's own moment unless ``at`` says another, with its fees (USD)."""
        transaction_id = self.raw.next_id("OrderTransaction")
        for fee in fees:
            self.raw.insert(
                "order_transaction_fees",
                id=self.raw.next_id("TransactionFee"),
                amount=Decimal(fee),
                currency_code="USD",
                tax_amount=Decimal(0),
                _root_id=self.id,
                _parent_id=transaction_id,
            )
        self.raw.insert(
            "order_transactions",
            id=transaction_id,
            created_at=at or self.placed_at,
            kind=kind,
            status=status,
            gateway=gateway,
            test=False,
            amount=Decimal(amount),
            amount_presentment=Decimal(amount),
            _root_id=self.id,
            _parent_id=self.id,
        )
        return self


class RawShop:
    """`raw.duckdb` in a folder, with the shop's own row, every table, and no orders yet."""

    def __init__(
        self, warehouse: Path, *, timezone: str = "America/Los_Angeles", taxes_included: bool = False
    ):
        warehouse.mkdir(parents=True, exist_ok=True)
        self._numbers: dict[str, int] = {}
        self._load_id, self._first_number = 1, 0
        self.shop = SHOP
        """Whose rows are written; a test that needs a second shop changes it."""
        self.connection = duckdb.connect(str(warehouse / "raw.duckdb"))
        self.connection.execute("create schema shopify")
        for stream in STREAMS:
            for table in stream.tables:
                self._create(table.name, _columns(table))
                if table.observed:
                    self._create(table.observations, observation_columns(table))
        self.connection.execute(STATE)
        self.connection.execute(
            "insert into _shopstack.shops values (?, ?, '2026-06-30 12:00:00')", [SHOP, SHOP]
        )
        self.insert(
            "shops",
            id=gid("Shop", 1),
            name="Treats",
            myshopify_domain=SHOP,
            currency_code="USD",
            iana_timezone=timezone,
            taxes_included=taxes_included,
        )

    @classmethod
    def again(cls, warehouse: Path, *, load_id: int) -> RawShop:
        """The same shop later: what is inserted from now on was loaded by ``load_id``."""
        shop = cls.__new__(cls)
        shop._numbers = {}
        shop._load_id, shop._first_number = load_id, load_id * 100_000
        shop.shop = SHOP
        shop.connection = duckdb.connect(str(warehouse / "raw.duckdb"))
        return shop

    def next_id(self, kind: str) -> str:
        """A fresh id of that kind."""
        self._numbers[kind] = self._numbers.get(kind, self._first_number + 1000) + 1
        return gid(kind, self._numbers[kind])

    def insert(self, table: str, **values: Any) -> None:
        """One row of a raw table; what is not given is null."""
        row = {"_shop": self.shop, "_load_id": self._load_id, "_loaded_at": "2026-06-30 12:00:00", **values}
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        self.connection.execute(
            f'insert into shopify."{table}" ({names}) values ({marks})', list(row.values())
        )

    def observe(self, table: str, at: str, *, on: str = "", **values: Any) -> None:
        """One row of a table of observations, on the day ``on`` of the shop, else on the day of ``at`` in UTC."""
        row = {
            "_shop": self.shop,
            "_load_id": self._load_id,
            "observed_at": at,
            "observed_on": on or at[:10],
            **values,
        }
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        self.connection.execute(
            f"insert into shopify.{table}_observed ({names}) values ({marks})", list(row.values())
        )

    def read_up_to(self, time: str, *, report: str = "loaded", visible_since: str | None = None) -> None:
        """The engine's own note: how far orders were read, and whether the report was."""
        self.connection.execute(
            "insert into _shopstack.cursors values (?, 'orders', ?, 1)", [self.shop, time]
        )
        self.connection.execute(
            "insert into _shopstack.streams values (?, 'orders', 'loaded', null, null, null, ?, ?)",
            [self.shop, visible_since, time],
        )
        skipped = report == "skipped"
        self.connection.execute(
            "insert into _shopstack.streams values (?, 'sales_report', ?, ?, ?, ?, null, ?)",
            [
                self.shop,
                report,
                "The scope read_reports is missing." if skipped else None,
                "Grant read_reports, then: shopstack doctor" if skipped else None,
                "read_reports" if skipped else None,
                time,
            ],
        )

    def order(
        self,
        placed_at: str,
        *,
        original: str,
        current: str,
        paid: str = "0",
        customer: int | None = None,
        city: tuple[str, str, str] | None = None,
        **more: Any,
    ) -> Order:
        """An order with the totals that Shopify states; ``city`` is (city, province code, country code)."""
        number = self._numbers.get("Order", self._first_number + 1000) + 1
        values: dict[str, Any] = {
            "id": self.next_id("Order"),
            "name": f"#{number}",
            "created_at": placed_at,
            "processed_at": placed_at,
            "updated_at": placed_at,
            "test": False,
            "currency_code": "USD",
            "presentment_currency_code": "USD",
            "customer_id": None if customer is None else gid("Customer", customer),
            "original_total": Decimal(original),
            "current_total": Decimal(current),
            "net_payment": Decimal(paid),
        }
        if city is not None:
            named = ("shipping_city", "shipping_province_code", "shipping_country_code")
            values.update(zip(named, city, strict=True))
        values.update(more)
        self.insert("orders", **values)
        return Order(self, values["id"], placed_at)

    def report(self, day: str, **figures: str) -> None:
        """One day of Shopify's own report; figures that are not given are 0."""
        report = next(s for s in STREAMS if s.name == "sales_report").root
        values = {c.name: Decimal(figures.get(c.name, "0")) for c in report.columns if c.name != "day"}
        self.insert("sales_report_daily", day=day, **values)

    def exported(
        self, day: str, file: str, *, handed_in: str = "2026-06-30 13:00:00", **figures: str
    ) -> None:
        """One day of a report that the owner exported, after the last run; figures that are not given are lacking."""
        noted = {"shop": SHOP, "day": day, "file": file, "exported_at": handed_in, "loaded_at": handed_in}
        values = {**noted, **{name: Decimal(amount) for name, amount in figures.items()}}
        marks = ", ".join("?" for _ in values)
        self.connection.execute(
            f"insert into _shopstack.exported_report ({', '.join(values)}) values ({marks})",
            list(values.values()),
        )

    def _create(self, table: str, declared: Iterable[Column]) -> None:
        columns = ", ".join(f'"{c.name}" {TYPES[c.type]}' for c in declared)
        self.connection.execute(f'create table shopify."{table}" ({columns})')

    def close(self) -> None:
        """Let go of the file, so that dbt may read it."""
        self.connection.close()
