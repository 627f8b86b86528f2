"""Turns invoice lines, oldest first, into the events of orders and refunds; the rules stand in the package's docstring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shopstack.simulator.events import (
    Address,
    Adjustment,
    CustomerCreated,
    Event,
    Line,
    LocationOpened,
    OrderPlaced,
    Payment,
    PaymentMade,
    Product,
    ProductCreated,
    RefundCreated,
    RefundLine,
    ShippingLine,
    ShippingRefund,
    Variant,
)
from shopstack.simulator.money import Amount
from shopstack.simulator.real_orders.rows import LONDON, ImportReport, Row

SHIPPING_CODES = frozenset({"POST", "DOT", "C2"})
CARRY_OVER = 1
"""Sequence number of the carry-over order."""
_COUNTRIES = {
    "United Kingdom": "GB", "EIRE": "IE", "Germany": "DE", "France": "FR", "Netherlands": "NL", "Spain": "ES",
    "Switzerland": "CH", "Portugal": "PT", "Belgium": "BE", "Channel Islands": "JE", "Sweden": "SE", "Italy": "IT",
    "Australia": "AU", "Cyprus": "CY", "Austria": "AT", "Greece": "GR", "United Arab Emirates": "AE",
    "Denmark": "DK", "Norway": "NO", "Finland": "FI", "USA": "US", "Japan": "JP", "Poland": "PL", "Malta": "MT",
    "Lithuania": "LT", "Singapore": "SG", "RSA": "ZA", "Bahrain": "BH", "Canada": "CA", "Hong Kong": "HK",
    "Thailand": "TH", "Israel": "IL", "Iceland": "IS", "Korea": "KR", "Brazil": "BR", "Bermuda": "BM",
    "Nigeria": "NG", "Lebanon": "LB", "Czech Republic": "CZ", "Saudi Arabia": "SA",
}  # fmt: skip
"""Names of the file -> ISO codes; a name that is no country (Unspecified, West Indies) gives no address."""


@dataclass(slots=True)
class _Units:
    """Units of a sold line (or pence of a shipping line) that may still go back."""

    order: int
    number: int
    price: int
    left: int


@dataclass(slots=True)
class _Refund:
    """A refund of one order by one C invoice, while its rows are read."""

    order: int
    at: datetime
    invoice: str
    lines: dict[int, int] = field(default_factory=dict)
    shipping: dict[int, int] = field(default_factory=dict)
    adjustment: int = 0
    paid: int = 0


class Importer:
    """Turns rows, oldest first, into events."""

    def __init__(self, rows: list[Row], opened: datetime, report: ImportReport) -> None:
        self._rows = rows
        self._opened = opened
        self._report = report
        self._orders: dict[str, int] = {}
        self._events: dict[int, list[OrderPlaced | RefundCreated | PaymentMade]] = {}
        self._sold: dict[tuple[int | None, str], list[_Units]] = defaultdict(list)
        self._carried: list[_Refund] = []
        self._amounts: dict[int, Amount] = {}
        self._names = self._longest_names()
        self._products = {code: number for number, code in enumerate(sorted(self._names), 1)}

    def _amount(self, pence: int) -> Amount:
        """An amount in pounds; equal ones are one object."""
        kept = self._amounts.get(pence)
        if kept is None:
            kept = self._amounts[pence] = Amount(pence, pence)
        return kept

    def _longest_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for row in self._rows:
            if row.code not in SHIPPING_CODES:
                text = row.description or ""
                if len(text) > len(names.setdefault(row.code, "")):
                    names[row.code] = text.strip()
        return {code: name or code for code, name in names.items()}

    def events(self) -> list[Event]:
        """Every event; those of one order stand together, oldest first."""
        batches: dict[str, list[Row]] = {}
        for row in self._rows:
            batches.setdefault(row.invoice, []).append(row)
        for (
            invoice,
            rows,
        ) in batches.items():  # by the time of each invoice's first row; sales before C rows below
            if not invoice.startswith("C"):
                self._orders[invoice] = len(self._orders) + CARRY_OVER + 1
                self._place(self._orders[invoice], invoice, rows)
        self._refund_all(rows for invoice, rows in batches.items() if invoice.startswith("C"))
        self._report.orders = len(self._orders)
        return [*self._shop_events(), *self._carry_over(), *(e for o in self._events.values() for e in o)]

    # Sales

    def _place(self, order: int, invoice: str, rows: list[Row]) -> None:
        lines: list[Line] = []
        shipping: list[ShippingLine] = []
        first = rows[0]
        total = 0
        for row in rows:
            total += row.quantity * row.price
            if row.code in SHIPPING_CODES:
                charge = row.quantity * row.price
                title = (row.description or row.code).strip().capitalize()
                shipping.append(ShippingLine(len(shipping) + 1, title, self._amount(charge), row.code))
                self._remember(row, _Units(order, len(shipping), charge, charge))
            else:
                lines.append(self._line(len(lines) + 1, row))
                self._remember(row, _Units(order, len(lines), row.price, row.quantity))
        payments = (Payment(1, "SALE", self._amount(total), "manual"),) if total else ()
        address = _address(first.country)
        self._events[order] = [
            OrderPlaced(
                order=order,
                at=first.at,
                name=f"#{invoice}",
                currency="GBP",
                taxes_included=True,
                lines=tuple(lines),
                shipping_lines=tuple(shipping),
                payments=payments,
                customer=first.customer,
                shipping_address=address,
                billing_address=address,
            )
        ]

    def _line(self, number: int, row: Row) -> Line:
        product = self._products[row.code]
        return Line(
            number,
            (row.description or self._names[row.code]).strip(),
            row.quantity,
            self._amount(row.price),
            product=product,
            variant=product,
            sku=row.code,
            vendor="Real orders",
        )

    def _remember(self, row: Row, units: _Units) -> None:
        if row.customer is not None:
            self._sold[row.customer, row.code].append(units)

    # Refunds

    def _refund_all(self, invoices: Iterator[list[Row]]) -> None:
        for rows in invoices:
            refunds: dict[int, _Refund] = {}
            carried = _Refund(CARRY_OVER, rows[0].at, rows[0].invoice)
            for row in rows:
                if row.code in SHIPPING_CODES:
                    self._give_back_shipping(row, refunds, carried)
                else:
                    self._give_back(row, refunds, carried)
            for refund in refunds.values():
                self._events[refund.order].append(self._refund_event(refund))
            if carried.adjustment or carried.shipping:
                self._carried.append(carried)

    def _earlier(self, row: Row) -> Iterator[_Units]:
        """What the row's customer bought of its code until then and has left, latest first."""
        if row.customer is None:
            return
        for units in reversed(self._sold.get((row.customer, row.code), [])):
            if units.left and self._events[units.order][0].at <= row.at:
                yield units

    def _give_back(self, row: Row, refunds: dict[int, _Refund], carried: _Refund) -> None:
        """A C row of a product."""
        open_units = -row.quantity
        if open_units > 0:
            for units in self._earlier(row):
                part = min(open_units, units.left)
                units.left -= part
                open_units -= part
                refund = refunds.setdefault(units.order, _Refund(units.order, row.at, row.invoice))
                refund.lines[units.number] = refund.lines.get(units.number, 0) + part
                refund.adjustment += part * (units.price - row.price)
                refund.paid += part * row.price
                self._report.matched.add(part * row.price)
                if not open_units:
                    break
        if open_units:
            self._report.unmatched.add(open_units * row.price)
            carried.adjustment -= open_units * row.price

    def _give_back_shipping(self, row: Row, refunds: dict[int, _Refund], carried: _Refund) -> None:
        """A C row of a shipping code."""
        open_pence = -row.quantity * row.price
        for units in self._earlier(row):
            if open_pence <= 0:
                break
            part = min(open_pence, units.left)
            units.left -= part
            open_pence -= part
            self._report.matched.add(part)
            refund = refunds.setdefault(units.order, _Refund(units.order, row.at, row.invoice))
            refund.shipping[units.number] = refund.shipping.get(units.number, 0) + part
            refund.paid += part
        if open_pence:
            self._report.unmatched.add(open_pence)
            carried.shipping[1] = carried.shipping.get(1, 0) + open_pence

    def _refund_event(self, refund: _Refund, number: int | None = None) -> RefundCreated:
        earlier = self._events.get(refund.order, [])
        place = number or len(earlier)  # the placing and one refund after the other
        adjustments = (Adjustment(place, self._amount(refund.adjustment)),) if refund.adjustment else ()
        payments: tuple[Payment, ...] = ()
        if refund.paid > 0:
            payments = (Payment(place + 1, "REFUND", self._amount(refund.paid), "manual", "SUCCESS", 1),)
        return RefundCreated(
            order=refund.order,
            at=max(refund.at, earlier[-1].at) if earlier else refund.at,
            number=place,
            lines=tuple(RefundLine(line, units, "RETURN") for line, units in refund.lines.items()),
            shipping=tuple(ShippingRefund(line, self._amount(p)) for line, p in refund.shipping.items()),
            adjustments=adjustments,
            payments=payments,
            note=f"Invoice {refund.invoice}",
        )

    def _carry_over(self) -> list[Event]:
        """The order dated before the file that refunds what no line of the file explains."""
        if not self._carried:
            return []
        goods = max(0, -sum(refund.adjustment for refund in self._carried))
        shipping = sum(refund.shipping.get(1, 0) for refund in self._carried)
        midnight = self._rows[0].at.astimezone(LONDON).replace(hour=0, minute=0)
        events: list[Event] = [
            OrderPlaced(
                order=CARRY_OVER,
                at=(midnight - timedelta(hours=12)).astimezone(UTC),
                name="#CARRY-OVER",
                currency="GBP",
                taxes_included=True,
                lines=(
                    Line(1, "Sold before the file begins", 1, self._amount(goods), requires_shipping=False),
                ),
                shipping_lines=(ShippingLine(1, "Charged before the file begins", self._amount(shipping)),),
                payments=(Payment(1, "SALE", self._amount(goods + shipping), "manual"),),
                note="Refunds of sales that the file does not hold",
            )
        ]
        for number, refund in enumerate(self._carried, 1):
            refund.paid = refund.shipping.get(1, 0) - refund.adjustment
            events.append(self._refund_event(refund, number))
            if refund.paid < 0:
                payment = Payment(number + 1, "SALE", self._amount(-refund.paid), "manual")
                events.append(PaymentMade(order=CARRY_OVER, at=refund.at, payment=payment))
        return events

    # The shop

    def _shop_events(self) -> list[Event]:
        last_price: dict[str, int] = {}
        countries: dict[int, str] = {}
        came: dict[int, datetime] = {}
        for row in self._rows:
            if row.code not in SHIPPING_CODES and (row.price or row.code not in last_price):
                last_price[row.code] = row.price
            if row.customer is not None and row.customer not in came:
                came[row.customer], countries[row.customer] = row.at, row.country
        self._report.products, self._report.customers = len(self._products), len(came)
        events: list[Event] = [
            LocationOpened(
                at=self._opened,
                location=1,
                name="Warehouse",
                address=Address(None, None, None, "United Kingdom", "GB"),
            )
        ]
        for code, number in self._products.items():
            variant = Variant(number, "Default", code, last_price[code])
            product = Product(number, self._names[code], "Real orders", "", (variant,))
            events.append(ProductCreated(at=self._opened + timedelta(seconds=number), product=product))
        events += (
            CustomerCreated(
                at=at,
                customer=customer,
                first_name=None,
                last_name=None,
                email=None,
                address=_address(countries[customer]),
            )
            for customer, at in sorted(came.items())
        )
        return events


def _address(country: str) -> Address | None:
    code = _COUNTRIES.get(country)
    return Address(None, None, None, country, code) if code else None
