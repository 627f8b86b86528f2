"""Owns the shop's money outside its orders: tender transactions, and Shopify Payments' balance and payouts.

All three are read from the orders' payments alone. A payout is issued some business days after its payments and
changes its state for days afterwards, so that these documents depend on the time at which they are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from shopstack.simulator.events import OrderEvent, OrderPlaced, Payment, PaymentMade, RefundSettled
from shopstack.simulator.fees import fee_of
from shopstack.simulator.ids import child_gid, gid, number_of
from shopstack.simulator.projections.printing import Printer

TENDER, PAYOUT, BALANCE = (
    "TenderTransaction",
    "ShopifyPaymentsPayout",
    "ShopifyPaymentsBalanceTransaction",
)
BOOKED = frozenset({TENDER, PAYOUT, BALANCE})

BUSINESS_DAYS = 3
"""From a payment to the payout that it is part of."""

STEP = timedelta(hours=12)
"""Nothing changes its state between two of these steps."""

_STATES = ((timedelta(days=2), "PAID"), (STEP, "IN_TRANSIT"), (timedelta(0), "SCHEDULED"))
"""How long after it was issued a payout is in which state, the last one first."""

_METHODS = {"shopify_payments": "credit_card"}
_TRANSFERS = 1_900_000_000_000
"""Ids of balance transactions that are payouts begin here."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One payment that moved money."""

    order: int
    name: str
    payment: Payment
    at: datetime
    test: bool

    @property
    def amount(self) -> int:
        """In shop currency; negative when it went back."""
        return -self.payment.amount.shop if self.payment.kind == "REFUND" else self.payment.amount.shop

    @property
    def net(self) -> int:
        """What the balance grew by."""
        return self.amount - fee_of(self.payment, test=self.test)


def moved(events: Sequence[OrderEvent]) -> tuple[Moved, ...]:
    """The payments of an order that moved money, each at the time at which it came through."""
    placed = events[0]
    if not isinstance(placed, OrderPlaced):
        raise TypeError("an order's first event is its placing")
    found: dict[int, Moved] = {}
    for event in events:
        payments: tuple[Payment, ...] = getattr(event, "payments", ())
        if isinstance(event, PaymentMade):
            payments = (event.payment,)
        for one in payments:
            found[one.number] = Moved(placed.order, placed.name, one, event.at, placed.test)
        if isinstance(event, RefundSettled):
            before = found[event.payment]
            came = replace(before.payment, status="SUCCESS")
            found[event.payment] = replace(before, payment=came, at=event.at)
    return tuple(
        one
        for one in found.values()
        if one.payment.status == "SUCCESS" and one.payment.kind in ("SALE", "CAPTURE", "REFUND")
    )


def tender_documents(
    payments: Iterable[Moved], deleted: frozenset[int] | set[int], printer: Printer
) -> dict[str, dict[str, Any]]:
    """Every movement of money between a customer and the shop, by gid."""
    shown = {}
    for one in payments:
        id_ = child_gid(TENDER, one.order, one.payment.number)
        card = one.payment.gateway == "shopify_payments"
        digits = f"{(one.order * 7919) % 10_000:04d}"
        shown[id_] = {
            "id": id_,
            "amount": printer.money(one.amount),
            "order": None if one.order in deleted else {"__ref": gid("Order", one.order)},
            "paymentMethod": _METHODS.get(one.payment.gateway, one.payment.gateway),
            "processedAt": printer.time(one.at),
            "remoteReference": f"ref_{number_of(id_)}" if card else None,
            "test": one.test,
            "transactionDetails": {
                "__typename": "TenderTransactionCreditCardDetails",
                "creditCardCompany": "Visa",
                "creditCardNumber": f"•••• •••• •••• {digits}",
            }
            if card
            else None,
        }
    return shown


def due(at: datetime) -> date:
    """The day (UTC) of the payout that a payment is part of."""
    day, left = at.astimezone(UTC).date(), BUSINESS_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def account_documents(
    payments: Iterable[Moved], now: datetime, printer: Printer
) -> dict[str, dict[str, dict[str, Any]]]:
    """Shopify Payments' payouts and balance transactions as they are now, by type and gid.

    Payments that would not come to a payout (more went back than came in) wait for the next one.
    """
    ours = [one for one in payments if one.payment.gateway == "shopify_payments" and not one.test]
    days: dict[date, list[Moved]] = {}
    for one in ours:
        days.setdefault(due(one.at), []).append(one)
    shown: dict[str, dict[str, dict[str, Any]]] = {PAYOUT: {}, BALANCE: {}}
    waiting: list[Moved] = []
    for day in sorted(days):
        waiting += days[day]
        issued = datetime.combine(day, time(), UTC)
        if issued > now or sum(one.net for one in waiting) <= 0:
            continue
        payout = _payout(day, issued, _state(now - issued), waiting, printer)
        shown[PAYOUT][payout["id"]] = payout
        for one in waiting:
            _keep(shown[BALANCE], _entry(one, payout["id"], payout["status"], printer))
        _keep(shown[BALANCE], _transfer(payout, sum(one.net for one in waiting), printer))
        waiting = []
    for one in waiting:
        _keep(shown[BALANCE], _entry(one, None, "PENDING", printer))
    return shown


def _keep(into: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
    into[document["id"]] = document


def _state(age: timedelta) -> str:
    return next(state for after, state in _STATES if age >= after)


def _payout(
    day: date, issued: datetime, status: str, paid: Sequence[Moved], printer: Printer
) -> dict[str, Any]:
    id_ = gid(PAYOUT, day.toordinal())
    charges = [one for one in paid if one.payment.kind != "REFUND"]
    sums = {
        "chargesGross": sum(one.amount for one in charges),
        "chargesFee": sum(one.amount - one.net for one in charges),
        "refundsFeeGross": sum(one.amount for one in paid if one.payment.kind == "REFUND"),
    }
    nothing = (
        "refundsFee adjustmentsGross adjustmentsFee advanceGross advanceFees reservedFundsGross "
        "reservedFundsFee retriedPayoutsGross retriedPayoutsFee usdcRebateCreditAmount"
    )
    return {
        "id": id_,
        "legacyResourceId": str(number_of(id_)),
        "status": status,
        "transactionType": "DEPOSIT",
        "issuedAt": printer.time(issued),
        "net": printer.money(sum(one.net for one in paid)),
        "externalTraceId": f"trace-{day.toordinal()}" if status == "PAID" else None,
        "summary": {
            **{name: printer.money(units) for name, units in sums.items()},
            **{name: printer.money(0) for name in nothing.split()},
        },
    }


def _entry(one: Moved, payout: str | None, status: str, printer: Printer) -> dict[str, Any]:
    refund = one.payment.kind == "REFUND"
    number = number_of(child_gid("OrderTransaction", one.order, one.payment.number))
    return {
        "id": child_gid(BALANCE, one.order, one.payment.number),
        "type": "REFUND" if refund else "CHARGE",
        "amount": printer.money(one.amount),
        "fee": printer.money(one.amount - one.net),
        "net": printer.money(one.net),
        "transactionDate": printer.time(one.at),
        "test": False,
        "sourceType": "REFUND" if refund else "CHARGE",
        "sourceId": str(number),
        "sourceOrderTransactionId": str(number),
        "associatedOrder": {"id": gid("Order", one.order), "name": one.name},
        "associatedPayout": {"id": payout, "status": status},
        "adjustmentReason": None,
    }


def _transfer(payout: dict[str, Any], net: int, printer: Printer) -> dict[str, Any]:
    """The payout as a movement of the balance."""
    number = int(payout["legacyResourceId"])
    return {
        "id": f"gid://shopify/{BALANCE}/{_TRANSFERS + number}",
        "type": "TRANSFER",
        "amount": printer.money(-net),
        "fee": printer.money(0),
        "net": printer.money(-net),
        "transactionDate": payout["issuedAt"],
        "test": False,
        "sourceType": "TRANSFER",
        "sourceId": str(number),
        "sourceOrderTransactionId": None,
        "associatedOrder": None,
        "associatedPayout": {"id": payout["id"], "status": payout["status"]},
        "adjustmentReason": None,
    }


def account_document(currency: str) -> dict[str, Any]:
    """The shop's Shopify Payments account; what hangs below it is listed by the server."""
    return {
        "id": gid("ShopifyPaymentsAccount", 1),
        "activated": True,
        "country": "US",
        "defaultCurrency": currency,
        "onboardable": False,
    }
