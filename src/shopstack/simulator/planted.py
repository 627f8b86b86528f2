"""Errors planted on purpose, each in one of the three projections, so that they disagree and somebody must notice.

Owns what each does to an order's ledger, its document, or the daily report. The projections themselves stay right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from shopstack.simulator.events import (
    ChargeKind,
    OrderDeleted,
    OrderEvent,
    OrderPlaced,
    RefundCreated,
    RefundSettled,
)
from shopstack.simulator.money import exponent
from shopstack.simulator.projections import ledger, report
from shopstack.simulator.projections.printing import Printer

PLANTED: Mapping[str, str] = {
    "ledger_one_cent": "order: its first product sale is a cent off",
    "ledger_loses_sale": "order: the last sale of its placing is missing",
    "ledger_a_day_late": "order: its placing happened a day later",
    "original_one_cent": "order: the total at its placing is a cent off",
    "totals_one_cent": "order: its current total is a cent off",
    "payment_one_cent": "order: its net payment is a cent off",
    "report_drift": "day: gross sales are a cent off",
    "report_loses_order": "order: nothing of it is counted",
    "report_refund_a_day_late": "order: its refunds count a day later",
    "report_counts_deleted": "order: it counts although it was deleted",
    "report_without_unknown": "order: its charges of an unknown type are not counted",
    "report_without_pending": "order: refunds on their way are counted as if they were paid",
    "report_day_in_utc": "day: its evening is counted on the day that it is in UTC",
}
"""Name of an error -> what it is planted in (an order by its name, or a day of the shop's), and what is wrong then."""

_TOTALS = {
    "original_one_cent": "originalTotalPriceSet",
    "totals_one_cent": "currentTotalPriceSet",
    "payment_one_cent": "netPaymentSet",
}


class Planted:
    """The errors planted in one shop.

    Args:
        faults: name of an error -> where it is planted, as `PLANTED` says.
        printer: prints money and times.
        timezone: the shop's own timezone.

    Raises:
        ValueError: there is no such error.
    """

    def __init__(self, faults: Mapping[str, Any], printer: Printer, timezone: str) -> None:
        unknown = faults.keys() - PLANTED
        if unknown:
            raise ValueError(f"no error is called {', '.join(sorted(unknown))}; known: {', '.join(PLANTED)}")
        self._faults = dict(faults)
        self._printer = printer
        self._zone = ZoneInfo(timezone)

    def _strikes(self, fault: str, order: str) -> bool:
        return self._faults.get(fault) == order

    def agreements(self, events: Sequence[OrderEvent], order: str) -> list[dict[str, Any]]:
        """The ledger of the order of that name."""
        cent = int(self._strikes("ledger_one_cent", order))
        made = ledger.agreements(events, self._printer, error=cent)
        if self._strikes("ledger_loses_sale", order):
            made[0]["sales"].pop()
        if self._strikes("ledger_a_day_late", order):
            happened = datetime.fromisoformat(made[0]["happenedAt"]) + timedelta(days=1)
            made[0]["happenedAt"] = self._printer.time(happened)
        return made

    def spoil(self, document: dict[str, Any]) -> None:
        """Put the wrong totals into an order's document."""
        for fault, total in _TOTALS.items():
            if self._strikes(fault, document["name"]):
                right = orjson.loads(orjson.dumps(document[total]))
                document[total] = {kind: self._one_more(money) for kind, money in right.items()}

    @staticmethod
    def _one_more(money: Mapping[str, str]) -> dict[str, str]:
        currency = money["currencyCode"]
        return {**money, "amount": str(Decimal(money["amount"]) + report.smallest(exponent(currency)))}

    def movements(self, events: Sequence[OrderEvent], order: str) -> tuple[report.Movement, ...]:
        """What the report counts of the order of that name."""
        if not self._faults:
            return report.movements(events)
        if self._strikes("report_loses_order", order):
            return ()
        counted = report.movements(tuple(self._as_reported(events, order)))
        return tuple(self._moved(counted, events, order))

    def _as_reported(self, events: Iterable[OrderEvent], order: str) -> Iterator[OrderEvent]:
        for event in events:
            match event:
                case OrderDeleted() if self._strikes("report_counts_deleted", order):
                    continue
                case OrderPlaced() if self._strikes("report_without_unknown", order):
                    known = tuple(one for one in event.charges if one.kind is not ChargeKind.UNKNOWN)
                    yield replace(event, charges=known)
                case RefundCreated() | RefundSettled() if self._strikes("report_without_pending", order):
                    settled = (one for one in event.adjustments if one.reason != "PENDING_REFUND_DISCREPANCY")
                    yield replace(event, adjustments=tuple(settled))
                case _:
                    yield event

    def _moved(
        self, counted: Iterable[report.Movement], events: Iterable[OrderEvent], order: str
    ) -> Iterator[report.Movement]:
        """The movements, on the days on which the report counts them."""
        late = self._strikes("report_refund_a_day_late", order)
        refunded = {event.at for event in events if isinstance(event, RefundCreated)} if late else set()
        for one in counted:
            on, in_utc = one.at.astimezone(self._zone).date(), one.at.astimezone(UTC).date()
            if one.at in refunded:
                yield one._replace(at=one.at + timedelta(days=1))
            elif on != in_utc and on == self._faults.get("report_day_in_utc"):
                yield one._replace(at=datetime.combine(in_utc, time(12), self._zone))
            else:
                yield one

    def rows(
        self, days: Mapping[date, report.Day], since: date, until: date, places: int
    ) -> list[dict[str, Any]]:
        """The report's days from ``since`` to ``until``, both included; ``places`` are those of the currency."""
        made = report.rows(days, since, until, places)
        for row in made:
            if row["day"] == self._faults.get("report_drift"):
                for metric in ("gross_sales", "net_sales", "total_sales"):
                    row[metric] += report.smallest(places)
        return made
