"""What a person should know of the last run, in sentences: its steps, what was skipped, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from shopstack.cli.render import shown
from shopstack.errors import StorageRefusedError
from shopstack.extract.redaction import interrupted, interruption
from shopstack.orchestration.history import Step
from shopstack.project import Project
from shopstack.publish.status import (
    FigureDifference,
    ReconciliationState,
    Status,
    TieCounts,
    missing_figures,
)

DIFFERENCES_SHOWN = 5
ASK_FOR_ALL_ORDERS = "ask for the scope read_all_orders; shopstack doctor says where"


def sentence(step: Step) -> str:
    """One step as one line."""
    return f"{step.name} ({step.seconds:.1f} s)" + (f": {step.detail}" if step.detail else "")


def notices(status: Status, *, published: bool = True) -> Iterator[tuple[str, str]]:
    """What is missing or wrong, each with its next step; of what is ``published``, or of the rest alone."""
    for shop in dict.fromkeys(stream.shop for stream in status.streams):
        own = [stream for stream in status.streams if stream.shop == shop]
        for (reason, hint), figures in missing_figures(own).items():
            yield _named(f"missing: {', '.join(figures)}; {reason.rstrip('.')}", shop, status), hint
    yield from _of_visibility(status)
    for table in status.held_back if published else ():
        rows = f"is stale since {shown(table.since)} (UTC)" if table.shown else "is missing"
        yield f"{table.table} {rows}: {table.why.rstrip('.')}", table.hint
    for warning in status.tests.warnings:
        yield (
            f"a test of the models warns: {warning}",
            "shopstack build (its log names more rows, if there are)",
        )
    if status.ties is not None:
        yield from _of_ties(status.ties)
    if status.reconciliation is not None:
        yield from _of_reconciliation(status.reconciliation)


def interrupted_removals(project: Project) -> dict[str, datetime]:
    """The shops of which a removal was broken off, and when it began; none for those who may only read what is published."""
    try:
        return interrupted(project)
    except StorageRefusedError:
        return {}


def interruptions(project: Project) -> Iterator[tuple[str, str]]:
    """The removals of customers that were begun and broken off, each with its next step."""
    for shop, at in interrupted_removals(project).items():
        yield interruption(shop, at)


def _of_visibility(status: Status) -> Iterator[tuple[str, str]]:
    """Without `read_all_orders` Shopify shows 60 days: said once a shop, however many streams know it."""
    since: dict[str, date] = {}
    for one in status.streams:
        if one.visible_since is not None:
            since[one.shop] = max(one.visible_since, since.get(one.shop, one.visible_since))
    for shop, day in since.items():
        yield _named(f"only orders since {day} are visible", shop, status), ASK_FOR_ALL_ORDERS


def _named(said: str, shop: str, status: Status) -> str:
    """With the shop's name, where there are several."""
    return f"{shop}: {said}" if status.shops else said


def _of_ties(ties: TieCounts) -> Iterator[tuple[str, str]]:
    if ties.untied:
        worst = ", ".join(
            f"{order.order_name} by {order.difference}" for order in ties.worst[:DIFFERENCES_SHOWN]
        )
        yield (
            f"{ties.untied} of {ties.orders} orders do not add up to Shopify's own total: {worst}",
            'shopstack sql "select * from reporting.order_ties where not ties"',
        )


def _of_reconciliation(found: ReconciliationState) -> Iterator[tuple[str, str]]:
    if found.state == "differs":
        named = "; ".join(_difference(one) for one in found.differences[:DIFFERENCES_SHOWN])
        yield (
            f"figures differ from {_own(found)}: {named}",
            "shopstack sql \"select * from reporting.reconciliation where state = 'differs'\"",
        )
    elif found.state == "not checked":
        reason = f": {found.reason.rstrip('.')}" if found.reason else ""
        yield f"figures were not compared with Shopify's own report{reason}", found.hint


def _difference(one: FigureDifference) -> str:
    """One figure of one day or month: ``2026-01-30 net_sales 10.01, Shopify says 10.00``."""
    period = f"{one.period_start:%Y-%m}" if one.grain == "month" else str(one.period_start)
    cause = f" ({one.cause})" if one.sales else ""
    return f"{period} {one.metric} {_figure(one.ours)}, Shopify says {_figure(one.theirs)}{cause}"


def _figure(value: Decimal | None) -> str:
    """A count or an amount, as short as it is exact."""
    if value is None:
        return "nothing"
    return str(int(value)) if value == value.to_integral_value() else shown(value)


def _own(found: ReconciliationState) -> str:
    """What was compared with: Shopify's own report, or exported ones."""
    return found.report.replace("Shopify's", "Shopify's own")


def reconciliation_words(found: ReconciliationState | None) -> str:
    """The comparison with Shopify's report in a few words."""
    if found is None:
        return "not checked yet"
    if found.state == "agrees":
        return f"agrees with {_own(found)}"
    if found.state == "differs":
        return f"differs from {_own(found)} in {found.days} periods"
    return found.state + (f" ({found.reason.rstrip('.')})" if found.reason else "")
