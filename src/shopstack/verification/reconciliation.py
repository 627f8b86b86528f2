"""Our figures held against Shopify's own report (`reporting.reconciliation`), summed up.

A period is compared when it is closed. `agrees` needs at least one compared figure: nothing compared is
never shown as agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shopstack.publish import Snapshot
from shopstack.publish.status import Agreement, FigureDifference, ReconciliationState, ShopChecks

SHOWN = 50

UNCOMPARED: tuple[Agreement, ...] = ("not checked", "not covered", "open")


def summarise_reconciliation(published: Snapshot, shop: str = "") -> ReconciliationState:
    """The state of the whole comparison: differs, else agrees, else why nothing was compared; of one shop, or of all."""
    states: dict[str, int] = dict(
        published.execute(
            "select state, count(*) from reporting.reconciliation where $shop in ('', shop) group by all",
            {"shop": shop},
        ).rows
    )
    if states.get("differs"):
        return _differences(published, shop)
    if states.get("agrees"):
        return ReconciliationState("agrees", sources=_sources(published, shop))
    for state in UNCOMPARED:
        if states.get(state):
            reason, hint = published.execute(
                """
                select coalesce(reason, ''), coalesce(hint, '')
                from reporting.reconciliation
                where state = $state and $shop in ('', shop)
                order by period_start desc
                limit 1
                """,
                {"state": state, "shop": shop},
            ).rows[0]
            return ReconciliationState(state, reason=reason, hint=hint)
    return ReconciliationState(
        "not checked", reason="There is no closed day to compare yet.", hint="shopstack run (again tomorrow)"
    )


def of_several(shops: Sequence[ShopChecks]) -> ReconciliationState:
    """One state for several shops: what differs is said first, and all agree only where each does."""
    found = [one.reconciliation for one in shops]
    differ = [one for one in found if one.state == "differs"]
    sources = tuple(dict.fromkeys(source for one in found for source in one.sources))
    if differ:
        differences = [difference for one in differ for difference in one.differences]
        days = sum(one.days for one in differ)
        return ReconciliationState("differs", days, tuple(differences[:SHOWN]), sources=sources)
    for shop, one in zip(shops, found, strict=True):
        if one.state != "agrees":
            return replace(one, reason=f"{shop.shop}: {one.reason}")
    return ReconciliationState("agrees", sources=sources)


def _differences(published: Snapshot, shop: str) -> ReconciliationState:
    periods = published.execute(
        """
        select count(distinct (shop, grain, period_start))
        from reporting.reconciliation
        where state = 'differs' and $shop in ('', shop)
        """,
        {"shop": shop},
    ).rows[0][0]
    rows = published.execute(
        """
        select shop, grain, period_start, metric, ours, theirs, difference, class, sales_named, source
        from reporting.reconciliation
        where state = 'differs' and $shop in ('', shop)
        order by period_start desc, abs(difference) desc, metric
        limit $shown
        """,
        {"shop": shop, "shown": SHOWN},
    ).rows
    differences = tuple(FigureDifference(*row) for row in rows)
    return ReconciliationState("differs", periods, differences, sources=_sources(published, shop))


def _sources(published: Snapshot, shop: str) -> tuple[str, ...]:
    """What the published figures were compared with: that which the newest compared day has stands first."""
    rows = published.execute(
        """
        select source
        from reporting.reconciliation
        where state in ('agrees', 'differs') and $shop in ('', shop)
        group by source
        order by max(period_end) desc, source
        """,
        {"shop": shop},
    ).rows
    return tuple(source for (source,) in rows)
