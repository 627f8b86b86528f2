"""Each order held against figures that Shopify computes elsewhere (`reporting.order_ties`), summed up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import duckdb

SHOWN = 20


@dataclass(frozen=True)
class UntiedOrder:
    """One order whose ledger does not add up to Shopify's own total; amounts in shop currency."""

    shop: str
    order_name: str
    difference: Decimal
    what: str


@dataclass(frozen=True)
class TieSummary:
    """How many orders tie, and the worst of those that do not."""

    orders: int
    untied: int
    worst: tuple[UntiedOrder, ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the status file."""
        return {
            "orders": self.orders,
            "untied": self.untied,
            "worst": [asdict(order) for order in self.worst],
        }


def summarise_ties(published: duckdb.DuckDBPyConnection) -> TieSummary:
    """The ties of every published order, the largest differences first."""
    counts = published.execute(
        "select count(*), count(*) filter (where not ties) from reporting.order_ties"
    ).fetchone()
    worst = published.execute(
        """
        select shop, order_name, difference, what
        from reporting.order_ties
        where not ties
        order by abs(difference) desc, order_name
        limit ?
        """,
        [SHOWN],
    ).fetchall()
    orders, untied = counts or (0, 0)
    return TieSummary(orders, untied, tuple(UntiedOrder(*row) for row in worst))
