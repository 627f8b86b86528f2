"""Days of Shopify's sales report that the owner exported: kept beside the report that is read from Shopify.

One row a shop and day: a day that is in a file again is replaced. What a file looks like is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from shopstack.warehouse.engine_state import CREATE_STATE, EXPORTED_METRICS, naive


@dataclass(frozen=True)
class ExportedDay:
    """One day of the shop's: figures in its currency by the report's own names; those that the file lacks are absent."""

    day: date
    figures: Mapping[str, Decimal]


@dataclass(frozen=True)
class ExportedReport:
    """An exported report."""

    file: str
    exported_at: datetime
    """When it was made (UTC), as far as the file tells: the day that ran then is not whole."""
    days: tuple[ExportedDay, ...]


def keep(
    connection: duckdb.DuckDBPyConnection, shop: str, report: ExportedReport, loaded_at: datetime
) -> None:
    """Replace what was kept of these days of the shop: one transaction."""
    for statement in CREATE_STATE:
        connection.execute(statement)
    connection.execute("begin")
    days = [one.day for one in report.days]
    connection.execute(
        "delete from _shopstack.exported_report where shop = $shop and list_contains($days, day)",
        {"shop": shop, "days": days},
    )
    noted = [report.file, naive(report.exported_at), naive(loaded_at)]
    names = ", ".join(("shop", "day", "file", "exported_at", "loaded_at", *EXPORTED_METRICS))
    marks = ", ".join("?" for _ in names.split(", "))
    connection.executemany(
        f"insert into _shopstack.exported_report ({names}) values ({marks})",
        [[shop, one.day, *noted, *map(one.figures.get, EXPORTED_METRICS)] for one in report.days],
    )
    connection.execute("commit")


def forget(connection: duckdb.DuckDBPyConnection, shop: str) -> int:
    """Remove every exported day of the shop; how many there were."""
    for statement in CREATE_STATE:
        connection.execute(statement)
    ((known,),) = connection.execute(
        "select count(*) from _shopstack.exported_report where shop = ?", [shop]
    ).fetchall()
    connection.execute("delete from _shopstack.exported_report where shop = ?", [shop])
    return int(known)
