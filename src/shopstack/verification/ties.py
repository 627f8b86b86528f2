"""Each order held against figures that Shopify computes elsewhere (`reporting.order_ties`), summed up."""

from __future__ import annotations

from shopstack.publish import Snapshot
from shopstack.publish.status import TieCounts, UntiedOrder

SHOWN = 20


def summarise_ties(published: Snapshot, shop: str = "") -> TieCounts:
    """The ties of every published order, the largest differences first (amounts in shop currency); of one shop, or of all."""
    orders, untied = published.execute(
        "select count(*), count(*) filter (where not ties) from reporting.order_ties where $shop in ('', shop)",
        {"shop": shop},
    ).rows[0]
    worst = published.execute(
        """
        select order_name, difference, what
        from reporting.order_ties
        where not ties and $shop in ('', shop)
        order by abs(difference) desc, order_name
        limit $shown
        """,
        {"shop": shop, "shown": SHOWN},
    ).rows
    return TieCounts(orders, untied, tuple(UntiedOrder(*row) for row in worst))
