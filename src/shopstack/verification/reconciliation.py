"""Our figures held against Shopify's own report (`reporting.reconciliation`), summed up.

A day is compared when it is closed. `agrees` needs at least one compared figure: nothing compared is
never shown as agreement.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import duckdb

SHOWN = 50

Agreement = Literal["agrees", "differs", "not checked", "not covered", "open"]


@dataclass(frozen=True)
class Difference:
    """One figure of one period in which we and Shopify differ (shop currency; counts for orders)."""

    shop: str
    grain: str
    period_start: date
    metric: str
    ours: Decimal | None
    theirs: Decimal | None
    difference: Decimal
    explanation: str


@dataclass(frozen=True)
class Reconciliation:
    """Whether the warehouse says what Shopify's report says, and where it does not."""

    state: Agreement
    compared: int
    """Figures compared (periods times metrics)."""
    days: int
    """Distinct periods with a difference."""
    differences: tuple[Difference, ...]
    reason: str = ""
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the status file."""
        return asdict(self)


def summarise_reconciliation(published: duckdb.DuckDBPyConnection) -> Reconciliation:
    """The state of the whole comparison: differs, else agrees, else why nothing was compared."""
    states: dict[str, int] = dict(
        published.execute("select state, count(*) from reporting.reconciliation group by all").fetchall()
    )
    compared = states.get("agrees", 0) + states.get("differs", 0)
    if compared:
        return _compared(published, compared, states.get("differs", 0))
    for state in ("not checked", "not covered", "open"):
        if states.get(state):
            reason = published.execute(
                "select reason, hint from reporting.reconciliation where state = ? order by period_start desc limit 1",
                [state],
            ).fetchone() or ("", "")
            return Reconciliation(state, 0, 0, (), reason[0] or "", reason[1] or "")
    return Reconciliation(
        "not checked", 0, 0, (), "There is no closed day to compare yet.", "shopstack run (again tomorrow)"
    )


def _compared(published: duckdb.DuckDBPyConnection, compared: int, differing: int) -> Reconciliation:
    if not differing:
        return Reconciliation("agrees", compared, 0, ())
    periods = published.execute(
        "select count(distinct (shop, grain, period_start)) from reporting.reconciliation where state = 'differs'"
    ).fetchone() or (0,)
    rows = published.execute(
        """
        select shop, grain, period_start, metric, ours, theirs, difference, class
        from reporting.reconciliation
        where state = 'differs'
        order by period_start desc, abs(difference) desc, metric
        limit ?
        """,
        [SHOWN],
    ).fetchall()
    return Reconciliation("differs", compared, periods[0], tuple(Difference(*row) for row in rows))
