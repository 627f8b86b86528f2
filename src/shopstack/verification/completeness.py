"""Whether every loaded window held what Shopify counted in it (`reporting.completeness`), summed up."""

from __future__ import annotations

from shopstack.publish import Snapshot
from shopstack.publish.status import LoadCounts


def summarise_completeness(published: Snapshot, shop: str = "") -> LoadCounts:
    """How many loads there are, how many Shopify could count, and how many contradict the counts; of one shop, or of all."""
    loads, counted, incomplete = published.execute(
        """
        select
            count(*),
            count(*) filter (where is_counted),
            count(*) filter (where not is_complete)
        from reporting.completeness
        where $shop in ('', shop)
        """,
        {"shop": shop},
    ).rows[0]
    return LoadCounts(loads, counted, incomplete)
