"""The tables of `_shopstack`: what the engine remembers between runs, beside the rows it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shopstack.landing import LandedWindow

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

STATE: Mapping[str, Mapping[str, str]] = {
    "cursors": {"shop": "varchar", "stream": "varchar", "cursor_at": "timestamp", "load_id": "bigint"},
    "loads": {
        "load_id": "bigint",
        "shop": "varchar",
        "stream": "varchar",
        "method": "varchar",
        "window_from": "timestamp",
        "window_to": "timestamp",
        "count_before": "bigint",
        "landed_roots": "bigint",
        "landed_objects": "bigint",
        "count_after": "bigint",
        "api_version": "varchar",
        "landing": "varchar",
        "loaded_at": "timestamp",
    },
    "streams": {
        "shop": "varchar",
        "stream": "varchar",
        "state": "varchar",
        "reason": "varchar",
        "hint": "varchar",
        "missing_scope": "varchar",
        "visible_since": "date",
        "checked_at": "timestamp",
    },
    "sweeps": {
        "shop": "varchar",
        "stream": "varchar",
        "swept_at": "timestamp",
        "count_before": "bigint",
        "listed": "bigint",
        "count_after": "bigint",
        "deleted": "bigint",
        "restored": "bigint",
        "landing": "varchar",
    },
    "shops": {"shop": "varchar", "address": "varchar", "read_at": "timestamp"},
    "asked": {"shop": "varchar", "stream": "varchar", "columns": "varchar[]"},
    "reference": {"name": "varchar", "checksum": "varchar"},
    "exported_report": {
        "shop": "varchar",
        "day": "date",
        "file": "varchar",
        "exported_at": "timestamp",
        "loaded_at": "timestamp",
        **dict.fromkeys(EXPORTED_METRICS, "decimal(20,4)"),
    },
}
"""Columns and their types (DuckDB's names for them) by table."""

NOTED = ("streams", "asked", "shops", "exported_report")
"""What a database that is made anew takes over from the old one, since nothing that was landed tells it."""

CREATE_STATE = (
    "create schema if not exists _shopstack",
    *(
        f"create table if not exists _shopstack.{table} "
        f"({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        for table, columns in STATE.items()
    ),
)
"""Statements that make them in DuckDB; harmless where they exist."""


def load_values(landed: LandedWindow, load_id: int, loaded_at: datetime) -> list[Any]:
    """A row of `loads`, in the order of its columns."""
    manifest = landed.manifest
    return [
        load_id,
        manifest.shop,
        manifest.stream,
        manifest.method,
        naive(manifest.window.start),
        naive(manifest.window.end),
        manifest.count_before,
        manifest.landed_roots,
        manifest.landed_objects,
        manifest.count_after,
        manifest.api_version,
        landed.relative,
        naive(loaded_at),
    ]


def sweep_values(swept: LandedWindow) -> list[Any]:
    """A row of `sweeps`, in the order of its columns."""
    manifest = swept.manifest
    return [
        manifest.shop,
        manifest.stream,
        naive(manifest.created_at),
        manifest.count_before,
        manifest.landed_roots,
        manifest.count_after,
        len(manifest.deleted),
        len(manifest.restored),
        swept.relative,
    ]


def naive(moment: datetime | None) -> datetime | None:
    """A UTC time as a ``timestamp`` without a zone holds it: without a zone mark."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
