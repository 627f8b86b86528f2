"""Owns the shop's money outside its orders: tender transactions, and Shopify Payments' balance and payouts.

All three are read from the orders' payments alone. A payout is issued some business days after its payments and
changes its state for days afterwards, so that these documents depend on the time at which they are looked at.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from shopstack.simulator.events import OrderEvent, OrderPlaced, Payment, PaymentMade, RefundSettled
from shopstack.simulator.fees import fee_of
from shopstack.simulator.ids import child_gid, gid, number_of, owner_of, typename_of
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
    """One payment that moved money; amounts in shop currency."""

    order: int
    name: str
    """The order's."""
    number: int
    """The payment's."""
    gateway: str
    amount: int
    """Negative when it went back."""
    fee: int
    refund: bool
    at: datetime
    """When it came through."""
    test: bool

    @property
    def net(self) -> int:
        """What the balance grew by."""
        return self.amount - self.fee


def moved(events: Sequence[OrderEvent]) -> tuple[Moved, ...]:
    """The payments of an order that moved money, each at the time at which it came through."""
    placed = events[0]
    if not isinstance(placed, OrderPlaced):
        raise TypeError("an order's first event is its placing")
    found: dict[int, tuple[Payment, datetime]] = {}
    for event in events:
        payments: tuple[Payment, ...] = getattr(event, "payments", ())
        if isinstance(event, PaymentMade):
            payments = (event.payment,)
        for one in payments:
            found[one.number] = (one, event.at)
        if isinstance(event, RefundSettled):
            found[event.payment] = (replace(found[event.payment][0], status="SUCCESS"), event.at)
    return tuple(
        _moved(placed, payment, at)
        for payment, at in found.values()
        if payment.status == "SUCCESS" and payment.kind in ("SALE", "CAPTURE", "REFUND")
    )


def _moved(placed: OrderPlaced, payment: Payment, at: datetime) -> Moved:
    refund = payment.kind == "REFUND"
    return Moved(
        placed.order,
        placed.name,
        payment.number,
        payment.gateway,
        -payment.amount.shop if refund else payment.amount.shop,
        fee_of(payment, test=placed.test),
        refund,
        at,
        placed.test,
    )


class Books:
    """All of a shop's money outside its orders as it is at one time; documents are made when asked for.

    Args:
        moved: order -> its payments that moved money.
        deleted: orders that no API shows any more.
        now: the time.
        printer: prints money and times.
    """

    def __init__(
        self,
        moved: Mapping[int, Sequence[Moved]],
        deleted: Container[int],
        now: datetime,
        printer: Printer,
    ) -> None:
        self._moved = moved
        self._deleted = deleted
        self._now = now
        self._printer = printer
        self._ids: dict[str, list[str]] = {}

    def ids(self, typename: str) -> list[str]:
        """The gids of a type, in ascending order."""
        if typename not in self._ids:
            if typename == TENDER:
                found = [
                    child_gid(TENDER, one.order, one.number)
                    for order in self._moved.values()
                    for one in order
                ]
            elif typename == PAYOUT:
                found = list(self._account.payouts)
            else:
                found = [f"gid://shopify/{BALANCE}/{number}" for number in self._account.payout_of]
                found += self._account.transfers
            self._ids[typename] = sorted(found, key=number_of)
        return self._ids[typename]

    def document(self, id_: str) -> dict[str, Any] | None:
        """One document by its gid; None when there is none."""
        typename, account = typename_of(id_), self._account
        if typename == PAYOUT:
            return account.payouts.get(id_)
        if id_ in account.transfers:
            return account.transfers[id_]
        order = self._moved.get(owner_of(id_) or 0, ())
        one = next((one for one in order if child_gid(typename, one.order, one.number) == id_), None)
        if one is None:
            return None
        if typename == TENDER:
            return _tender(one, one.order in self._deleted, self._printer)
        number = number_of(id_)
        if number not in account.payout_of:
            return None
        payout = account.payout_of[number]
        status = account.payouts[payout]["status"] if payout else "PENDING"
        return _entry(one, payout, status, self._printer)

    @cached_property
    def _account(self) -> _Account:
        payments = (one for order in self._moved.values() for one in order)
        return _account(payments, self._now, self._printer)


def _tender(one: Moved, deleted: bool, printer: Printer) -> dict[str, Any]:
    """A movement of money between a customer and the shop."""
    id_ = child_gid(TENDER, one.order, one.number)
    card = one.gateway == "shopify_payments"
    digits = f"{(one.order * 7919) % 10_000:04d}"
    return {
        "id": id_,
        "amount": printer.money(one.amount),
        "order": None if deleted else {"__ref": gid("Order", one.order)},
        "paymentMethod": _METHODS.get(one.gateway, one.gateway),
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


def due(at: datetime) -> date:
    """The day (UTC) of the payout that a payment is part of."""
    day, left = at.astimezone(UTC).date(), BUSINESS_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


@dataclass(frozen=True, slots=True)
class _Account:
    """Shopify Payments' side of the books."""

    payouts: dict[str, dict[str, Any]]
    """Documents by gid."""
    transfers: dict[str, dict[str, Any]]
    """Documents of the balance transactions that are payouts, by gid."""
    payout_of: dict[int, str | None]
    """Number of each other balance transaction -> the payout that it is part of."""


def _account(payments: Iterable[Moved], now: datetime, printer: Printer) -> _Account:
    """The account as it is now.

    Payments that would not come to a payout (more went back than came in) wait for the next one.
    """
    days: dict[date, list[Moved]] = {}
    for one in payments:
        if one.gateway == "shopify_payments" and not one.test:
            days.setdefault(due(one.at), []).append(one)
    made = _Account({}, {}, {})
    waiting: list[Moved] = []
    for day in sorted(days):
        waiting += days[day]
        issued = datetime.combine(day, time(), UTC)
        net = sum(one.net for one in waiting)
        if issued > now or net <= 0:
            continue
        payout = _payout(day, issued, _state(now - issued), waiting, printer)
        made.payouts[payout["id"]] = payout
        made.payout_of.update((_entry_number(one), payout["id"]) for one in waiting)
        transfer = _transfer(payout, net, printer)
        made.transfers[transfer["id"]] = transfer
        waiting = []
    made.payout_of.update((_entry_number(one), None) for one in waiting)
    return made


def _entry_number(one: Moved) -> int:
    return number_of(child_gid(BALANCE, one.order, one.number))


def _state(age: timedelta) -> str:
    return next(state for after, state in _STATES if age >= after)


def _payout(
    day: date, issued: datetime, status: str, paid: Sequence[Moved], printer: Printer
) -> dict[str, Any]:
    id_ = gid(PAYOUT, day.toordinal())
    charges = [one for one in paid if not one.refund]
    sums = {
        "chargesGross": sum(one.amount for one in charges),
        "chargesFee": sum(one.fee for one in charges),
        "refundsFeeGross": sum(one.amount for one in paid if one.refund),
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
    number = number_of(child_gid("OrderTransaction", one.order, one.number))
    return {
        "id": child_gid(BALANCE, one.order, one.number),
        "type": "REFUND" if one.refund else "CHARGE",
        "amount": printer.money(one.amount),
        "fee": printer.money(one.fee),
        "net": printer.money(one.net),
        "transactionDate": printer.time(one.at),
        "test": False,
        "sourceType": "REFUND" if one.refund else "CHARGE",
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
