"""Our figures held against Shopify's own report (`reporting.reconciliation`), summed up.

A period is compared when it is closed. `agrees` needs at least one compared figure: nothing compared is
never shown as agreement.
"""

from __future__ import annotations

from shopstack.publish import Snapshot
from shopstack.publish.status import Agreement, FigureDifference, ReconciliationState

SHOWN = 50

UNCOMPARED: tuple[Agreement, ...] = ("not checked", "not covered", "open")


def summarise_reconciliation(published: Snapshot) -> ReconciliationState:
    """The state of the whole comparison: differs, else agrees, else why nothing was compared."""
    states: dict[str, int] = dict(
        published.execute("select state, count(*) from reporting.reconciliation group by all").rows
    )
    if states.get("differs"):
        return _differences(published)
    if states.get("agrees"):
        return ReconciliationState("agrees")
    for state in UNCOMPARED:
        if states.get(state):
            reason, hint = published.execute(
                """
                select coalesce(reason, ''), coalesce(hint, '')
                from reporting.reconciliation
                where state = ?
                order by period_start desc
                limit 1
                """,
                [state],
            ).rows[0]
            return ReconciliationState(state, reason=reason, hint=hint)
    return ReconciliationState(
        "not checked", reason="There is no closed day to compare yet.", hint="shopstack run (again tomorrow)"
    )


def _differences(published: Snapshot) -> ReconciliationState:
    periods = published.execute(
        "select count(distinct (shop, grain, period_start)) from reporting.reconciliation where state = 'differs'"
    ).rows[0][0]
    rows = published.execute(
        """
        select shop, grain, period_start, metric, ours, theirs, difference
        from reporting.reconciliation
        where state = 'differs'
        order by period_start desc, abs(difference) desc, metric
        limit ?
        """,
        [SHOWN],
    ).rows
    return ReconciliationState("differs", periods, tuple(FigureDifference(*row) for row in rows))
