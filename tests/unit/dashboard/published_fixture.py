"""A made-up warehouse with the columns that the dashboard reads, and its published version.

Three years of orders of a US shop, deterministic by seed: growth, weekends, repeat customers, refunds, orders without an
address and from abroad. Rows are written straight into `prod.duckdb`, so no extract and no dbt is needed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from shopstack.config import parse_config
from shopstack.project import Project
from shopstack.publish import Published, publish_version

SHOP = "cedar-and-co.myshopify.com"
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 15, 18, 30, tzinfo=ZONE)
CENT = Decimal("0.01")
ZERO = Decimal("0.00")

PRODUCTS = {
    "Gift box": "38.00",
    "Cedar candle": "24.00",
    "Oat milk lotion": "19.50",
    "Linen towel": "31.00",
    "Lavender soap": "9.00",
    "Bath salts": "16.00",
    "Shea butter bar": "12.00",
    "Beeswax balm": "8.50",
    "Rosemary hand wash": "14.00",
    "Eucalyptus shower steamers, box of twelve": "21.00",
    "Cotton bath mat": "42.00",
    "Charcoal face bar": "11.00",
}

# city, province, country, latitude, longitude, weight; without coordinates: how it was placed instead
CITIES: tuple[tuple[str, str, str, float, float, int], ...] = (
    ("New York City", "NY", "US", 40.714, -74.006, 84),
    ("Los Angeles", "CA", "US", 34.052, -118.244, 39),
    ("Chicago", "IL", "US", 41.85, -87.65, 27),
    ("Houston", "TX", "US", 29.763, -95.363, 23),
    ("Phoenix", "AZ", "US", 33.448, -112.074, 16),
    ("Philadelphia", "PA", "US", 39.952, -75.164, 16),
    ("San Antonio", "TX", "US", 29.424, -98.494, 15),
    ("San Diego", "CA", "US", 32.716, -117.165, 14),
    ("Dallas", "TX", "US", 32.783, -96.807, 13),
    ("Jacksonville", "FL", "US", 30.332, -81.656, 9),
    ("Austin", "TX", "US", 30.267, -97.743, 14),
    ("San Francisco", "CA", "US", 37.775, -122.419, 14),
    ("Columbus", "OH", "US", 39.961, -82.999, 9),
    ("Indianapolis", "IN", "US", 39.768, -86.158, 8),
    ("Seattle", "WA", "US", 47.606, -122.332, 12),
    ("Denver", "CO", "US", 39.739, -104.985, 10),
    ("Boston", "MA", "US", 42.358, -71.06, 10),
    ("Detroit", "MI", "US", 42.331, -83.046, 7),
    ("Nashville", "TN", "US", 36.166, -86.784, 7),
    ("Portland", "OR", "US", 45.523, -122.676, 9),
    ("Memphis", "TN", "US", 35.149, -90.049, 6),
    ("Louisville", "KY", "US", 38.254, -85.759, 6),
    ("Baltimore", "MD", "US", 39.29, -76.612, 6),
    ("Milwaukee", "WI", "US", 43.039, -87.906, 6),
    ("Albuquerque", "NM", "US", 35.085, -106.651, 5),
    ("Kansas City", "MO", "US", 39.1, -94.579, 5),
    ("Atlanta", "GA", "US", 33.749, -84.388, 8),
    ("Omaha", "NE", "US", 41.257, -95.995, 4),
    ("Raleigh", "NC", "US", 35.772, -78.638, 6),
    ("Miami", "FL", "US", 25.774, -80.194, 8),
    ("Minneapolis", "MN", "US", 44.98, -93.264, 7),
    ("New Orleans", "LA", "US", 29.954, -90.075, 5),
    ("Salt Lake City", "UT", "US", 40.761, -111.891, 5),
    ("Boise", "ID", "US", 43.614, -116.203, 3),
    ("Burlington", "VT", "US", 44.476, -73.212, 2),
    ("Anchorage", "AK", "US", 61.218, -149.9, 2),
    ("Honolulu", "HI", "US", 21.307, -157.858, 2),
    ("San Juan", "PR", "US", 18.466, -66.106, 2),
    ("Toronto", "ON", "CA", 43.7, -79.416, 6),
)
STATES = {"PR": "Puerto Rico", "ON": "Ontario"}
NO_ADDRESS = "unknown"


@dataclass
class Rows:
    """What is written to the warehouse, table by table."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, row: dict[str, Any]) -> None:
        self.tables.setdefault(table, []).append(row)


def make_project(folder: Path, *, port: int = 8787) -> Project:
    """An empty project in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f'[shop]\naddress = "http://127.0.0.1:9"\n[dashboard]\nport = {port}\n'
    (folder / "shopstack.toml").write_text(text, encoding="utf-8")
    return Project(folder.resolve(), parse_config(text))


def make_published(
    folder: Path, *, orders: int = 3000, seed: int = 7, abroad: bool = False, **shop: Any
) -> tuple[Project, Published]:
    """A project whose made-up warehouse has been published. ``shop`` overrides columns of `dim_shops`."""
    project = make_project(folder)
    write_warehouse(project, orders=orders, seed=seed, abroad=abroad, **shop)
    return project, publish_version(project, run_id="20261115T233000Z-0001", now=NOW.astimezone(UTC))


def write_warehouse(
    project: Project, *, orders: int = 3000, seed: int = 7, abroad: bool = False, **shop: Any
) -> None:
    """`prod.duckdb` and the cursors in `raw.duckdb`; in a new project, copies of those that were made last."""
    if project.warehouse.is_dir():
        _write(project, _rows(orders, seed, shop, abroad=abroad))
        return
    project.warehouse.mkdir(parents=True)
    for name, content in _files(orders, seed, tuple(shop.items()), abroad=abroad):
        (project.warehouse / name).write_bytes(content)


@lru_cache(maxsize=4)
def _files(
    orders: int, seed: int, shop: tuple[tuple[str, Any], ...], *, abroad: bool
) -> tuple[tuple[str, bytes], ...]:
    with TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "shop")
        _write(project, _rows(orders, seed, dict(shop), abroad=abroad))
        return tuple((file.name, file.read_bytes()) for file in project.warehouse.iterdir())


def _rows(orders: int, seed: int, shop: dict[str, Any], *, abroad: bool) -> Rows:
    rows = Rows()
    rows.add(
        "serving.dim_shops",
        {
            "shop": SHOP,
            "shop_name": "Cedar & Co",
            "currency_code": "USD",
            "timezone": "America/New_York",
            "taxes_included": False,
            "visible_since": None,
        }
        | shop,
    )
    for number, (title, price) in enumerate(PRODUCTS.items()):
        rows.add(
            "serving.dim_products",
            {"product_key": _key(number), "shop": SHOP, "title": title, "price": Decimal(price)},
        )
    for name, label in (("web", "Online Store"), ("pos", "Point of Sale")):
        rows.add(
            "serving.dim_channels",
            {"channel_key": _key(name), "shop": SHOP, "source_name": name, "channel_name": label},
        )
    _locations(rows, abroad=abroad)
    _orders(rows, random.Random(seed), orders)
    return rows


def add_shop(project: Project, domain: str, **shop: str) -> None:
    """One more shop in `prod.duckdb` that sold what the first one did; ``shop`` overrides columns of `dim_shops`."""
    with duckdb.connect(str(project.database("prod"))) as connection:
        tables: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column, kind in connection.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns "
            "where table_schema in ('serving', 'reporting')"
        ).fetchall():
            tables.setdefault((schema, table), {})[column] = kind
        for (schema, table), columns in tables.items():
            if "shop" not in columns:
                continue
            texts = ", ".join(
                f"replace({name}, '{SHOP}', '{domain}') as {name}"
                for name, kind in columns.items()
                if kind == "VARCHAR"
            )
            connection.execute(
                f"insert into {schema}.{table} select * replace ({texts}) from {schema}.{table} where shop = ?",
                [SHOP],
            )
        for name, value in shop.items():
            connection.execute(f"update serving.dim_shops set {name} = ? where shop = ?", [value, domain])


def _key(number: int | str) -> str:
    return f"{SHOP}|{number}"


def _locations(rows: Rows, *, abroad: bool) -> None:
    for number, (city, province, country, latitude, longitude, _) in enumerate(CITIES):
        rows.add(
            "serving.dim_locations",
            {
                "location_key": str(number),
                "city": city,
                "city_match": city.lower(),
                "province_code": province,
                "country_code": "CA" if abroad else country,
                "province": STATES.get(province, province),
                "country": "Canada" if abroad or country == "CA" else "United States",
                "latitude": latitude,
                "longitude": longitude,
                "placed_at": "city",
            },
        )
    empty = {"city": None, "city_match": "", "latitude": None, "longitude": None}
    rows.add(
        "serving.dim_locations",
        empty
        | {"location_key": "state", "city": "Nowhere Creek", "province_code": "MT", "country_code": "US"}
        | {"province": "Montana", "country": "United States"}
        | {"latitude": 46.9, "longitude": -110.4, "placed_at": "province"},
    )
    rows.add(
        "serving.dim_locations",
        empty
        | {"location_key": NO_ADDRESS, "placed_at": "none"}
        | dict.fromkeys(("province_code", "country_code", "province", "country")),
    )


def _orders(rows: Rows, chance: random.Random, count: int) -> None:
    first = date(2023, 11, 20)
    days = (NOW.date() - first).days
    seen: dict[int, int] = {}
    placed = sorted(_moment(chance, first, days) for _ in range(count))
    weights = [city[5] for city in CITIES]
    for number, moment in enumerate(placed, start=1001):
        guest = chance.random() < 0.08
        customer = None if guest else int(chance.random() ** 1.7 * count * 0.6)
        if customer is not None:
            seen[customer] = seen.get(customer, 0) + 1
        pick = chance.random()
        place = str(chance.choices(range(len(CITIES)), weights)[0])
        order = {
            "order_key": _key(number),
            "shop": SHOP,
            "order_id": f"gid://shopify/Order/{number}",
            "order_name": f"#{number}",
            "customer_key": None if customer is None else _key(customer),
            "is_guest": guest,
            "location_key": NO_ADDRESS if pick < 0.03 else "state" if pick < 0.05 else place,
            "channel_key": _key("pos" if number % 7 == 0 else "web"),
            "placed_at": moment.astimezone(UTC).replace(tzinfo=None),
            "order_date": moment.date(),
            "order_number_of_customer": None if customer is None else seen[customer],
            "order_number_among_visible": None if customer is None else seen[customer],
            "is_first_order": None if customer is None else seen[customer] == 1,
            "placed_sales": ZERO,
            "currency_code": "USD",
        }
        rows.add("serving.fct_orders", order)
        _sales(rows, chance, order, moment)
        rows.add("reporting.order_ties", {"order_key": order["order_key"], "shop": SHOP, "ties": True})
    for customer, orders in seen.items():
        rows.add(
            "serving.dim_customers",
            {
                "customer_key": _key(customer),
                "shop": SHOP,
                "label": f"Customer #…{customer:04d}",
                "first_name": "Ann",
                "birthday_note": "personal by mark",
                "orders_count": orders,
                "has_invisible_orders": False,
            },
        )


def _moment(chance: random.Random, first: date, days: int) -> datetime:
    """Growing, with busier weekends; never later than `NOW`."""
    while True:
        day = first + timedelta(days=int(days * chance.random() ** 0.75) + chance.choice((0, 0, 1)))
        busy = 1.0 if day.weekday() >= 5 else 0.75
        moment = datetime.combine(day, time(chance.randrange(7, 23), chance.randrange(60)), ZONE)
        if moment < NOW and chance.random() < busy:
            return moment


def _sales(rows: Rows, chance: random.Random, order: dict[str, Any], moment: datetime) -> None:
    for line in range(chance.choice((1, 1, 1, 2, 2, 3))):
        number = int(chance.random() ** 1.6 * len(PRODUCTS))
        price = Decimal(list(PRODUCTS.values())[number])
        quantity = chance.choice((1, 1, 1, 2, 2, 4))
        gross = price * quantity
        discount = -(gross / 10).quantize(CENT) if chance.random() < 0.2 else ZERO
        sale = _sale(order, moment, "ORDER", number, f"{order['order_name']}-{line}")
        rows.add(
            "serving.fct_sales",
            sale
            | {"quantity": quantity, "units": quantity, "gross_sales": gross, "discounts": discount}
            | {"net_sales": gross + discount, "total_sales": gross + discount},
        )
        order["placed_sales"] += gross + discount
        refunded = moment + timedelta(days=chance.randrange(1, 20), hours=1)
        if chance.random() < 0.04 and refunded < NOW:
            back = _sale(order, refunded, "REFUND", number, f"{order['order_name']}-{line}-refund")
            net = gross + discount
            rows.add(
                "serving.fct_sales",
                back
                | {"quantity": -quantity, "units": -quantity, "sales_reversals": -net}
                | {"net_sales": -net, "total_sales": -net},
            )


def _sale(order: dict[str, Any], moment: datetime, reason: str, product: int, name: str) -> dict[str, Any]:
    return {
        "sale_key": _key(name),
        "shop": SHOP,
        "order_key": order["order_key"],
        "product_key": _key(product),
        "customer_key": order["customer_key"],
        "location_key": order["location_key"],
        "channel_key": order["channel_key"],
        "happened_at": moment.astimezone(UTC).replace(tzinfo=None),
        "sale_date": moment.date(),
        "order_date": order["order_date"],
        "reason": reason,
        "line_type": "PRODUCT",
        "quantity": 0,
        "units": 0,
        "gross_sales": ZERO,
        "discounts": ZERO,
        "sales_reversals": ZERO,
        "net_sales": ZERO,
        "total_sales": ZERO,
        "currency_code": "USD",
    }


def _write(project: Project, rows: Rows) -> None:
    project.warehouse.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(project.database("prod"))) as connection:
        for schema in ("staging", "serving", "reporting"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute("create or replace table staging.stg_orders as select 1 as id")
        for name, values in rows.tables.items():
            batch = pa.Table.from_pylist(values)
            connection.register("batch", batch)
            connection.execute(f"create or replace table {name} as select * from batch")
            connection.unregister("batch")
        connection.execute(
            """
            create or replace table reporting.daily_sales as
            select shop, sale_date as date_day, sum(net_sales) as net_sales from serving.fct_sales group by all
            """
        )
    with duckdb.connect(str(project.database("raw"))) as connection:
        connection.execute("create schema if not exists _shopstack")
        connection.execute(
            "create or replace table _shopstack.cursors (shop text, stream text, cursor_at timestamp, load_id bigint)"
        )
        moment = NOW.astimezone(UTC).replace(tzinfo=None)
        for stream, behind in (("orders", 0), ("products", -1), ("customers", 900)):
            connection.execute(
                "insert into _shopstack.cursors values (?, ?, ?, 1)",
                [SHOP, stream, moment - timedelta(minutes=behind)],
            )
