"""What becomes of the made-up shop's orders: shipped, captured, refunded, edited, exchanged, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from shopstack.simulator.checkout import Exchange, Rate, checkout, total_of
from shopstack.simulator.events import LineKind, OrderEvent, OrderPlaced
from shopstack.simulator.generator.baskets import Counter
from shopstack.simulator.money import PPM, half_up
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.till import Till

_Story = Callable[[Till, datetime], None]


class Aftermath:
    """Tells each order's later life, by chance and not beyond `end`."""

    def __init__(self, shop: ShopSettings, random: Random, counter: Counter, end: datetime) -> None:
        self._shop = shop
        self._random = random
        self._counter = counter
        self._end = end
        stories: tuple[tuple[_Story, float], ...] = (
            (self._refund_some, 0.034),
            (self._refund_all, 0.016),
            (self._refund_shipping, 0.005),
            (self._goodwill, 0.005),
            (self._refund_pending, 0.003),
            (self._exchange_some, 0.008),
            (self._open_return, 0.002),
            (self._add_line, 0.006),
            (self._remove_units, 0.005),
            (self._lower_line, 0.003),
            (self._cancel, 0.013),
            (self._delete, 0.0004),
        )
        self._stories = [story for story, _ in stories]
        self._upto = list(accumulate(share for _, share in stories))

    def of(self, placed: OrderPlaced) -> list[OrderEvent]:
        """The order with everything that happened to it until the end."""
        till = Till((placed,), self._shop.card_gateway)
        draw = self._random.random()
        story = next((one for one, upto in zip(self._stories, self._upto, strict=True) if draw < upto), None)
        if story == self._cancel:
            self._cancel(till, placed.at)
        else:
            shipped = self._ship(till)
            if story is not None and (till.received().shop > 0 or story == self._delete):
                story(till, shipped)
        return [event for event in till.events if event.at <= self._end]

    def _later(self, at: datetime, least: float, most: float) -> datetime:
        """Some time after, in days."""
        return at + timedelta(seconds=int(self._random.uniform(least, most) * 86_400))

    def _ship(self, till: Till) -> datetime:
        """Pay what is unpaid, capture what was authorised, and ship; says when it was done."""
        placed = till.placed
        at = placed.at
        charged = total_of(
            placed.lines, placed.shipping_lines, placed.charges, included=placed.taxes_included
        )
        paid = sum(payment.amount.shop for payment in placed.payments)
        if paid < charged.shop:
            at = self._later(at, 0.5, 6)
            owed = charged
            for payment in placed.payments:
                owed -= payment.amount
            till.pay(at, "SALE", owed, "manual")
        if placed.channel == "pos":
            return at
        at = self._later(at, 0.6, 3)
        for payment in placed.payments:
            if payment.kind == "AUTHORIZATION":
                till.pay(at, "CAPTURE", payment.amount, payment.gateway, parent=payment.number)
        till.fulfil(at)
        return at

    def _goods(self, till: Till) -> list[int]:
        """Numbers of the product lines that have units left."""
        return [n for n, line in till.lines.items() if line.kind is LineKind.PRODUCT and till.left(n)]

    def _some(self, till: Till) -> dict[int, int]:
        number = self._random.choice(self._goods(till))
        return {number: self._random.randint(1, till.left(number))}

    # Stories, each after the order was shipped

    def _refund_some(self, till: Till, at: datetime) -> None:
        units = self._some(till)
        worth = till.worth(units).shop
        # one in eight is repaid less a bit, for a bag that was opened
        kept = self._random.random() < 0.125
        till.refund(self._later(at, 4, 38), units, paid=half_up(worth * 9, 10) if kept and worth else None)
        if self._random.random() < 0.08 and self._goods(till):
            till.refund(self._later(till.events[-1].at, 1, 20), self._some(till))

    def _refund_all(self, till: Till, at: datetime) -> None:
        units = {number: till.left(number) for number in self._goods(till)}
        shipping = till.placed.shipping_lines
        charged = (
            shipping[0].price.shop - sum(off.shop for _, off in shipping[0].discounts) if shipping else 0
        )
        till.refund(
            self._later(at, 4, 38),
            units,
            shipping=charged if self._random.random() < 0.5 else 0,
            restock="NO_RESTOCK" if self._random.random() < 0.3 else "RETURN",
        )

    def _refund_shipping(self, till: Till, at: datetime) -> None:
        shipping = till.placed.shipping_lines
        charged = (
            shipping[0].price.shop - sum(off.shop for _, off in shipping[0].discounts) if shipping else 0
        )
        if charged:
            part = charged if self._random.random() < 0.6 else half_up(charged, 2)
            till.refund(self._later(at, 1, 12), shipping=part, note="Late delivery")

    def _goodwill(self, till: Till, at: datetime) -> None:
        paid = min(till.received().shop, self._counter.cents(self._random.choice((200, 300, 500, 750))))
        till.refund(self._later(at, 2, 20), paid=paid, note="Goodwill")

    def _refund_pending(self, till: Till, at: datetime) -> None:
        refund = till.refund(self._later(at, 4, 20), self._some(till), pending=True)
        till.settle(self._later(refund.at, 1, 5), refund)

    def _exchange_some(self, till: Till, at: datetime) -> None:
        units = self._some(till)
        opened_at = self._later(at, 3, 20)
        exchange = self._currencies(till.placed)
        item = self._counter.item(self._counter.pick(at.date()), 1)
        new = checkout([item], exchange, included=self._shop.taxes_included, first_line=max(till.lines) + 1)
        opened = till.request_return(opened_at, units, exchanged=new, note="Too hard for my old dog")
        fee = self._counter.cents(self._random.choice((0, 0, 395)))
        if (
            total_of(new.lines, included=self._shop.taxes_included).shop + fee + till.received().shop
            >= till.worth(units).shop
        ):
            till.process_return(
                self._later(opened.at, 4, 12),
                units,
                exchanged=new,
                fee=fee,
                restocking=till.placed.order % 2 == 0,
                number=opened.number,
            )

    def _open_return(self, till: Till, at: datetime) -> None:
        by_customer = till.placed.order % 2 == 0
        till.request_return(
            self._later(at, 3, 20), self._some(till), by_customer=by_customer, note="Not what we thought"
        )

    def _currencies(self, placed: OrderPlaced) -> Exchange:
        """The order's currencies at the rate at which it was placed."""
        price = placed.lines[0].price
        if placed.currency == self._shop.currency or not price.shop:
            return Exchange(self._shop.currency, self._shop.currency)
        return Exchange(self._shop.currency, placed.currency, half_up(price.presentment * PPM, price.shop))

    def _add_line(self, till: Till, at: datetime) -> None:
        item = self._counter.item(self._counter.pick(at.date()), self._random.choice((1, 1, 2)))
        rates = till.placed.lines[0].taxes
        priced = checkout(
            [item],
            self._currencies(till.placed),
            included=self._shop.taxes_included,
            rates=[Rate(tax.title, tax.rate) for tax in rates],
            first_line=max(till.lines) + 1,
        )
        till.edit(self._later(at, 0.2, 1.5), added=priced)

    def _remove_units(self, till: Till, at: datetime) -> None:
        units = self._some(till)
        worth = till.worth(units)
        edit = till.edit(self._later(at, 0.2, 1.5), removed=units)
        if 0 < worth.shop <= till.received().shop:
            till.repay(edit.at + timedelta(minutes=2), worth)

    def _lower_line(self, till: Till, at: datetime) -> None:
        number = self._random.choice(self._goods(till))
        line = till.lines[number]
        net = line.quantity * line.price.shop - sum(off.shop for _, off in line.discounts)
        before = till.worth({number: line.quantity})
        if net < self._counter.cents(400):
            return
        edit = till.edit(self._later(at, 0.2, 1.5), lowered={number: self._counter.cents(200)})
        till.repay(edit.at + timedelta(minutes=2), before - till.worth({number: line.quantity}))

    def _cancel(self, till: Till, at: datetime) -> None:
        till.cancel(
            self._later(at, 0.02, 0.5), self._random.choice(("CUSTOMER", "CUSTOMER", "INVENTORY", "FRAUD"))
        )

    def _delete(self, till: Till, at: datetime) -> None:
        till.delete(self._later(at, 1, 30))
