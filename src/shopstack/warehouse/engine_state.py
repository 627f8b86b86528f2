"""The tables of `_shopstack`: what the engine remembers between runs, beside the rows it is about."""

from __future__ import annotations

from datetime import UTC, datetime

EXPORTED_METRICS = (
    "orders",
    "gross_sales",
    "discounts",
    "sales_reversals",
    "net_sales",
    "shipping_charges",
    "duties",
    "additional_fees",
    "return_fees",
    "taxes",
    "total_sales",
)
"""Figures of an exported sales report, by the names that Shopify's report has for them."""

CREATE_STATE = (
    "create schema if not exists _shopstack",
    """create table if not exists _shopstack.cursors (
        shop varchar, stream varchar, cursor_at timestamp, load_id bigint)""",
    """create table if not exists _shopstack.loads (
        load_id bigint, shop varchar, stream varchar, method varchar, window_from timestamp, window_to timestamp,
        count_before bigint, landed_roots bigint, landed_objects bigint, count_after bigint,
        api_version varchar, landing varchar, loaded_at timestamp)""",
    """create table if not exists _shopstack.streams (
        shop varchar, stream varchar, state varchar, reason varchar, hint varchar, missing_scope varchar,
        visible_since date, checked_at timestamp)""",
    """create table if not exists _shopstack.sweeps (
        shop varchar, stream varchar, swept_at timestamp, count_before bigint, listed bigint, count_after bigint,
        deleted bigint, restored bigint, landing varchar)""",
    "create table if not exists _shopstack.shops (shop varchar, address varchar, read_at timestamp)",
    "create table if not exists _shopstack.asked (shop varchar, stream varchar, columns varchar[])",
    "create table if not exists _shopstack.reference (name varchar, checksum varchar)",
    "create table if not exists _shopstack.exported_report (shop varchar, day date, file varchar, "
    "exported_at timestamp, loaded_at timestamp, "
    + ", ".join(f"{name} decimal(20, 4)" for name in EXPORTED_METRICS)
    + ")",
)
"""Statements that make them; harmless where they exist."""


def naive(moment: datetime | None) -> datetime | None:
    """A UTC time as DuckDB's ``timestamp`` holds it: without a zone mark."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
