"""What every metric is, said once more: over the raw tables, from the specification's words and not from the models.

Nothing here knows `metrics.yml` or dbt. A statement gives one number for a shop, a range of its own days, perhaps cut off
at a moment (UTC), and perhaps one channel.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from shopstack.project import Project
from shopstack.publish import open_published
from shopstack.publish.metrics import Range, evaluate, load_metrics, split

TABLES = """
create table orders as
select
    orders._shop as shop,
    orders.id as order_id,
    orders.customer_id,
    coalesce(orders.source_name, 'unknown') as channel,
    coalesce(orders.processed_at, orders.created_at) as moment,
    cast(timezone(shops.iana_timezone, timezone('UTC', moment)) as date) as day,
    orders.customer_order_index as position,
    (select min(all_orders.customer_order_index) from raw.shopify.orders as all_orders
     where all_orders._shop = orders._shop and all_orders._deleted_at is null) as lowest_position,
    shops.iana_timezone
from raw.shopify.orders as orders
join raw.shopify.shops as shops on shops._shop = orders._shop
where orders._deleted_at is null and not coalesce(orders.test, false);

create table ledger as
select
    orders.shop,
    orders.channel,
    agreements.reason,
    sales.line_item_id,
    agreements.happened_at as moment,
    cast(timezone(orders.iana_timezone, timezone('UTC', agreements.happened_at)) as date) as day,
    sales.total_amount as total,
    coalesce(sales.total_tax_amount, 0) as tax,
    coalesce(sales.total_discount_amount_before_taxes, 0) as discount,
    total - tax as net,
    net + discount as gross,
    -- What changes only a discount or a tax moves no goods.
    case when sales.action_type = 'UPDATE' and gross = 0 then 0 else coalesce(sales.quantity, 0) end as quantity,
    sales.line_type in ('GIFT_CARD', 'TIP') is true as beside,
    case
        when sales.action_type in ('ORDER', 'RETURN', 'UPDATE')
            and sales.line_type in ('PRODUCT', 'SHIPPING', 'DUTY', 'ADDITIONAL_FEE', 'FEE', 'ADJUSTMENT')
            then sales.line_type
        when beside then sales.line_type
        else 'UNKNOWN'
    end as line,
    sales.action_type = 'RETURN' or (sales.action_type = 'UPDATE' and gross < 0) as is_reversal
from raw.shopify.order_sales as sales
join raw.shopify.order_agreements as agreements
    on agreements._shop = sales._shop and agreements.id = sales._parent_id
join orders on orders.shop = sales._shop and orders.order_id = sales._root_id
where sales._deleted_at is null and agreements._deleted_at is null;

-- What one of a line cost when it was sold: filled in for its SKU and day; else seen last before the sale; else seen first
-- after it.
create table seen as
select _shop as shop, id as variant_id, observed_at, unit_cost from raw.shopify.product_variants_observed
union all
select items._shop, variants.id, items.observed_at, items.unit_cost
from raw.shopify.inventory_items_observed as items
join (select distinct _shop, id, inventory_item_id from raw.shopify.product_variants_observed) as variants
    on variants._shop = items._shop and variants.inventory_item_id = items.id;

create table sold as
select ledger.shop, ledger.line_item_id, min(ledger.moment) as moment, min(ledger.day) as day,
    max(lines.sku) as sku, max(lines.variant_id) as variant_id
from ledger
join raw.shopify.order_lines as lines on lines._shop = ledger.shop and lines.id = ledger.line_item_id
where ledger.line = 'PRODUCT'
group by ledger.shop, ledger.line_item_id;

create table costs as
select
    sold.shop,
    sold.line_item_id,
    coalesce(
        (select arg_max(filled.cost, filled.from_date) from product_costs as filled
         where filled.shop = sold.shop and filled.sku = sold.sku and filled.from_date <= sold.day),
        (select arg_max(seen.unit_cost, seen.observed_at) from seen
         where seen.shop = sold.shop and seen.variant_id = sold.variant_id and seen.unit_cost is not null
            and seen.observed_at <= sold.moment),
        (select arg_min(seen.unit_cost, seen.observed_at) from seen
         where seen.shop = sold.shop and seen.variant_id = sold.variant_id and seen.unit_cost is not null
            and seen.observed_at > sold.moment)
    ) as cost
from sold;

create table goods as
select ledger.*, costs.cost
from ledger
left join costs on costs.shop = ledger.shop and costs.line_item_id = ledger.line_item_id
where ledger.line in ('PRODUCT', 'ADJUSTMENT');

create table refunds as
select
    orders.shop,
    orders.channel,
    refunds.total_refunded,
    coalesce(refunds.processed_at, refunds.created_at) as moment,
    cast(timezone(orders.iana_timezone, timezone('UTC', coalesce(refunds.processed_at, refunds.created_at))) as date)
        as day
from raw.shopify.order_refunds as refunds
join orders on orders.shop = refunds._shop and orders.order_id = refunds._root_id
where refunds._deleted_at is null;

-- Each customer's orders, with how many of his are seen up to it; how many are loaded, test orders too, since Shopify's
-- own count has them; and that count.
create table counted as
select
    orders.*,
    (select count(*) from orders as earlier
     where earlier.shop = orders.shop and earlier.customer_id = orders.customer_id
        and (earlier.moment, earlier.order_id) <= (orders.moment, orders.order_id)) as seen,
    (select count(*) from raw.shopify.orders as others
     where others._shop = orders.shop and others.customer_id = orders.customer_id
        and others._deleted_at is null) as loaded,
    coalesce((select max(customers.number_of_orders) from raw.shopify.customers as customers
     where customers._shop = orders.shop and customers.id = orders.customer_id), 0) as counted_by_shopify,
    exists (select 1 from raw._shopstack.streams as streams
     where streams.shop = orders.shop and streams.stream = 'orders' and streams.visible_since is not null) as is_cut_off
from orders
where orders.customer_id is not null;

create table placed as
select
    *,
    case
        when not is_cut_off and loaded >= counted_by_shopify then seen
        else position + case when lowest_position = 0 then 1 else 0 end
    end as number
from counted;
"""

RANGE = (
    "{table}.shop = $shop and {table}.day between $first and $last "
    "and ($until is null or {table}.moment < $until) and ($channel is null or {table}.channel = $channel)"
)


def _of(table: str, value: str, condition: str = "true") -> str:
    return f"select {value} from {table} where {RANGE.format(table=table)} and {condition}"


def _customers(condition: str) -> str:
    return _of("placed", "count(distinct placed.customer_id)", condition)


def _of_goods(value: str) -> str:
    """Nothing where goods were sold or came back and none of them has a cost."""
    goods = "count(*) filter (where line = 'PRODUCT')"
    with_cost = "count(*) filter (where line = 'PRODUCT' and cost is not null)"
    return _of("goods", f"case when {with_cost} > 0 or {goods} = 0 then {value} end")


CUSTOMERS = _customers("true")

RETURNS = """(
        -- two orders by the end of the range, in it or before
        (select count(*) from orders as his
         where his.shop = placed.shop and his.customer_id = placed.customer_id and his.day <= $last
            and ($until is null or his.moment < $until)) >= 2
        or placed.number >= 2
        or placed.number is null and placed.counted_by_shopify > placed.loaded
    )"""

RETURNING = _customers(RETURNS)

ORDERS = _of("orders", "count(*)")

TOTAL_SALES = _of("ledger", "sum(total)", "not beside")

NEW = _customers("placed.number = 1")

SPENT = "select sum(amount) from ad_spend where shop = $shop and day between $first and $last"

STATEMENTS = {
    "gross_sales": _of("ledger", "sum(gross)", "line = 'PRODUCT' and not is_reversal"),
    "discounts": _of("ledger", "-sum(discount)", "line = 'PRODUCT' and not is_reversal"),
    "sales_reversals": _of("ledger", "sum(net)", "(line = 'PRODUCT' and is_reversal or line = 'ADJUSTMENT')"),
    "net_sales": _of("ledger", "sum(net)", "line in ('PRODUCT', 'ADJUSTMENT')"),
    "shipping": _of("ledger", "sum(net)", "line = 'SHIPPING'"),
    "duties": _of("ledger", "sum(net)", "line = 'DUTY'"),
    "additional_fees": _of("ledger", "sum(net)", "line = 'ADDITIONAL_FEE'"),
    "return_fees": _of("ledger", "sum(net)", "line = 'FEE'"),
    "unclassified": _of("ledger", "sum(net)", "line = 'UNKNOWN'"),
    "taxes": _of("ledger", "sum(tax)", "not beside"),
    "total_sales": TOTAL_SALES,
    "tips": _of("ledger", "sum(total)", "line = 'TIP'"),
    "gift_cards_sold": _of("ledger", "sum(total)", "line = 'GIFT_CARD'"),
    "units": _of("ledger", "sum(quantity)", "line = 'PRODUCT'"),
    "orders": ORDERS,
    "average_order_value": (
        "select coalesce(("
        + _of("ledger", "sum(gross - discount)", "line = 'PRODUCT' and not is_reversal and reason = 'ORDER'")
        + f"), 0) / nullif(({ORDERS}), 0)"
    ),
    "guest_orders": _of("orders", "count(*)", "customer_id is null"),
    "customers": CUSTOMERS,
    "new_customers": NEW,
    "returning_customers": RETURNING,
    "returning_customer_rate": f"select ({RETURNING}) / nullif(({CUSTOMERS}), 0)",
    "refunds": _of("refunds", "count(*)"),
    "refunded": _of("refunds", "sum(total_refunded)"),
    "cogs": _of_goods("sum(case when line = 'ADJUSTMENT' then 0 else quantity * cost end)"),
    "gross_profit": _of_goods("sum(case when line = 'ADJUSTMENT' then net else net - quantity * cost end)"),
    "share_without_cost": (
        "select coalesce(("
        + _of("goods", "sum(gross)", "line = 'PRODUCT' and not is_reversal and cost is null")
        + "), 0) / nullif(("
        + _of("goods", "sum(gross)", "line = 'PRODUCT' and not is_reversal")
        + "), 0)"
    ),
    "ad_spend": SPENT,
    "mer": f"select coalesce(({TOTAL_SALES}), 0) / nullif(({SPENT}), 0)",
    "cac": (
        f"select case when ({CUSTOMERS}) = ({_customers(f'(placed.number = 1 or {RETURNS})')}) "
        f"then ({SPENT}) / nullif(({NEW}), 0) end"
    ),
}
"""Metric -> its value; no row is zero, except where nothing is known then."""

NOT_ALWAYS_KNOWN = frozenset(
    {
        "average_order_value",
        "returning_customer_rate",
        "cogs",
        "gross_profit",
        "share_without_cost",
        "ad_spend",
        "mer",
        "cac",
    }
)


@dataclass(frozen=True)
class Question:
    """What is asked of a metric."""

    shop: str
    span: Range
    channel: str | None = None


@contextmanager
def raw_tables(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The raw tables of a project in the form that the statements read."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{project.database('raw')}' as raw (read_only)")
        _fill_in(project, connection)
        connection.execute(TABLES)
        yield connection


def _fill_in(project: Project, connection: duckdb.DuckDBPyConnection) -> None:
    """What the merchant wrote about goods and advertising, as his two spreadsheets are written."""
    connection.execute(
        "create table product_costs (shop text, sku text, from_date date, cost decimal(20, 4))"
    )
    connection.execute("create table ad_spend (shop text, day date, amount decimal(20, 4))")
    shops = [name for (name,) in connection.execute("select _shop from raw.shopify.shops").fetchall()]
    for name, columns in (("product_costs", ("sku", "from_date", "cost")), ("ad_spend", ("date", "amount"))):
        text = (project.transformation / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
        comma = ";" in text
        for row in csv.DictReader(text.splitlines(), delimiter=";" if comma else ","):
            cells = [row[column].replace(",", ".") if comma else row[column] for column in columns]
            (shop,) = [one for one in shops if one.partition(".")[0] == row["shop"]] if row["shop"] else shops
            marks = ", ".join("?" for _ in cells)
            connection.execute(f"insert into {name} values (?, {marks})", [shop, *cells])


def questions(connection: duckdb.DuckDBPyConnection, *, seed: int, ranges: int) -> list[Question]:
    """Random ranges of every shop, of one day to all of them, some ended in midst of a day; and every channel."""
    dice = random.Random(seed)
    found: list[Question] = []
    for shop, first, last in connection.execute(
        "select shop, min(day), max(day) from (select shop, day from ledger union all select shop, day from orders) "
        "group by shop order by shop"
    ).fetchall():
        channels = [
            name
            for (name,) in connection.execute(
                "select distinct channel from orders where shop = ? order by 1", [shop]
            ).fetchall()
        ]
        spans = [Range(first, last), *(_span(dice, first, (last - first).days) for _ in range(ranges))]
        found += [Question(shop, span, channel) for span in spans for channel in [None, *channels]]
    return found


def _span(dice: random.Random, first: date, days: int) -> Range:
    start = first + timedelta(days=dice.randint(0, days))
    end = min(start + timedelta(days=dice.choice((0, 1, 6, 29, 89, 364))), first + timedelta(days=days))
    until = None
    if dice.random() < 0.5:
        until = datetime.fromisoformat(f"{end}T00:00:00+00:00") + timedelta(minutes=dice.randint(0, 1440))
    return Range(start, end, until)


def stated(connection: duckdb.DuckDBPyConnection, name: str, question: Question) -> Decimal | None:
    """The metric by its statement."""
    span = question.span
    parameters: dict[str, Any] = {
        "shop": question.shop,
        "first": span.first,
        "last": span.last,
        "until": span.until.replace(tzinfo=None) if span.until else None,
        "channel": question.channel,
    }
    sql = STATEMENTS[name]
    row = connection.execute(
        sql, {key: one for key, one in parameters.items() if f"${key}" in sql}
    ).fetchone()
    value = row[0] if row else None
    if value is None:
        return None if name in NOT_ALWAYS_KNOWN else Decimal(0)
    return Decimal(str(value))


def disagreements(project: Project, *, seed: int = 4, ranges: int = 5) -> tuple[list[str], int]:
    """Every figure of the published project that is not what its statement says; and how many were compared."""
    found: list[str] = []
    compared = 0
    with raw_tables(project) as connection, open_published(project) as snapshot:
        for question in questions(connection, seed=seed, ranges=ranges):
            for name, metric in load_metrics().items():
                only = {}
                if question.channel is not None:
                    if "channel_key" not in metric.dimensions:
                        continue
                    only = {"channel_key": f"{question.shop}|{question.channel}"}
                (published,) = evaluate(snapshot, metric, question.shop, [question.span], only=only)
                expected = stated(connection, name, question)
                compared += 1
                if not _equal(published.value, expected):
                    found.append(f"{name} {question}: published {published.value}, stated {expected}")
    return found, compared


def splits_that_do_not_add_up(project: Project) -> list[str]:
    """Additive metrics whose parts, by any of their dimensions, are not the whole."""
    found: list[str] = []
    with raw_tables(project) as connection, open_published(project) as snapshot:
        for question in questions(connection, seed=1, ranges=1):
            if question.channel is not None:
                continue
            for name, metric in load_metrics().items():
                (whole,) = evaluate(snapshot, metric, question.shop, [question.span])
                for dimension in metric.dimensions:
                    parts = split(snapshot, metric, question.shop, question.span, dimension)
                    total = sum((part.value or Decimal(0) for part in parts.values()), Decimal(0))
                    if metric.additive and total != (whole.value or 0):
                        found.append(f"{name} by {dimension}: {total} of {whole.value}")
    return found


def _equal(published: Decimal | None, expected: Decimal | None) -> bool:
    if published is None or expected is None:
        return published is expected
    return abs(published - expected) < Decimal("0.0000001")  # ratios have no end
