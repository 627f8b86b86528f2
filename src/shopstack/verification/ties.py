"""Each order held against figures that Shopify computes elsewhere (`reporting.order_ties`), summed up."""

from __future__ import annotations

from shopstack.publish import Snapshot
from shopstack.publish.status import TieCounts, UntiedOrder

SHOWN = 20


def summarise_ties(published: Snapshot) -> TieCounts:
    """The ties of every published order, the largest differences first (amounts in shop currency)."""
    orders, untied = published.execute(
        "select count(*), count(*) filter (where not ties) from reporting.order_ties"
    ).rows[0]
    worst = published.execute(
        """
        select order_name, difference, what
        from reporting.order_ties
        where not ties
        order by abs(difference) desc, order_name
        limit ?
        """,
        [SHOWN],
    ).rows
    return TieCounts(orders, untied, tuple(UntiedOrder(*row) for row in worst))
