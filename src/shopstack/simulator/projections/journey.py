"""How a customer found the shop, as an order shows it: his first and last visit before he bought.

Owns the shape of a journey's summary; which visits there were is the event's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopstack.simulator.events import OrderPlaced, Visit
from shopstack.simulator.ids import child_gid
from shopstack.simulator.projections.printing import Printer


def journey(placed: OrderPlaced, index: int | None, printer: Printer) -> dict[str, Any] | None:
    """The journey's summary; None for orders of nobody that came without a visit.

    Args:
        placed: the order's placing.
        index: how many orders of the customer came before; None for guests.
        printer: prints times.
    """
    visits = placed.visits
    if index is None and not visits:
        return None
    return {
        "ready": True,
        "customerOrderIndex": index,
        "daysToConversion": (placed.at - visits[0].at).days if visits else None,
        "firstVisit": _visit(placed, 1, visits[0], printer) if visits else None,
        "lastVisit": _visit(placed, len(visits), visits[-1], printer) if visits else None,
    }


def not_ready(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A journey's summary before its visits were found."""
    return {**summary, "ready": False, "daysToConversion": None, "firstVisit": None, "lastVisit": None}


def _visit(placed: OrderPlaced, number: int, visit: Visit, printer: Printer) -> dict[str, Any]:
    return {
        "id": child_gid("CustomerVisit", placed.order, number),
        "occurredAt": printer.time(visit.at),
        "source": visit.source,
        "sourceType": visit.source_type,
        "landingPage": visit.landing_page,
        "referrerUrl": visit.referrer,
        "utmParameters": None
        if visit.campaign is None
        else {
            "source": visit.source,
            "medium": (visit.source_type or "link").lower(),
            "campaign": visit.campaign,
            "term": None,
            "content": None,
        },
    }
