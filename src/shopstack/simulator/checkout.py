"""The checkout: a basket with its amounts decided, as a shop's counter decides them.

Discounts fall on lines to the cent (what does not divide goes to the first lines), taxes on each line by rate.
What follows from these amounts is left to the projections; an order's later life is written by `till`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopstack.simulator.events import (
    Allocation,
    Charge,
    Discount,
    Line,
    LineKind,
    ReturnFee,
    ShippingLine,
    Tax,
)
from shopstack.simulator.money import PPM, Amount, exponent, half_up, spread


@dataclass(frozen=True, slots=True)
class Exchange:
    """The presentment currency of an order: units of it for one unit of the shop currency, in millionths."""

    shop: str
    currency: str
    rate: int = PPM

    def amount(self, units: int) -> Amount:
        """An amount of the shop currency in both currencies."""
        if self.currency == self.shop:
            return Amount(units, units)
        scale = exponent(self.currency) - exponent(self.shop)
        over, under = 10 ** max(scale, 0), 10 ** max(-scale, 0)
        return Amount(units, half_up(units * self.rate * over, PPM * under))


@dataclass(frozen=True, slots=True)
class Item:
    """Something in the basket; the price is in the shop currency's smallest unit."""

    title: str
    quantity: int
    price: int
    kind: LineKind = LineKind.PRODUCT
    product: int | None = None
    variant: int | None = None
    variant_title: str | None = None
    sku: str | None = None
    vendor: str | None = None
    taxable: bool = True
    requires_shipping: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax: its title and rate in millionths."""

    title: str
    rate: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A discount as the shop offers it; `lines` are places in the basket, all of them if None."""

    discount: Discount
    lines: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its amounts decided, ready for an event."""

    lines: tuple[Line, ...]
    shipping_lines: tuple[ShippingLine, ...]
    discounts: tuple[Discount, ...]


def taxes_on(net: Amount, rates: Sequence[Rate], *, included: bool) -> tuple[Tax, ...]:
    """Each tax on an amount, which already holds them if `included`."""
    base = PPM + (sum(rate.rate for rate in rates) if included else 0)
    return tuple(
        Tax(
            rate.title,
            rate.rate,
            Amount(half_up(net.shop * rate.rate, base), half_up(net.presentment * rate.rate, base)),
        )
        for rate in rates
    )


def _allocated(
    offer: Offer, lefts: list[list[int]], entitled: Sequence[int], exchange: Exchange
) -> list[Amount]:
    """The parts of one discount that fall on the entitled lines, in both currencies."""
    sides = []
    for side in (0, 1):
        weights = [lefts[side][place] for place in entitled]
        discount = offer.discount
        if discount.percentage is None:
            sides.append(spread(min(exchange.amount(discount.amount.shop)[side], sum(weights)), weights))
        elif discount.method == "EACH":
            sides.append([half_up(weight * discount.percentage, PPM) for weight in weights])
        else:
            sides.append(spread(half_up(sum(weights) * discount.percentage, PPM), weights))
    return [Amount(shop, presentment) for shop, presentment in zip(*sides, strict=True)]


def checkout(
    items: Sequence[Item],
    exchange: Exchange,
    *,
    included: bool = False,
    offers: Sequence[Offer] = (),
    rates: Sequence[Rate] = (),
    shipping: int | None = None,
    shipping_title: str = "Standard",
    tax_shipping: bool = False,
    first_line: int = 1,
) -> Priced:
    """Price a basket.

    Args:
        items: what is bought.
        exchange: the currencies.
        included: whether prices (shipping too) include tax.
        offers: discounts, applied one after the other to what is left of the price.
        rates: taxes on taxable goods.
        shipping: charge for shipping in the shop currency; None when nothing is shipped.
        shipping_title: name of the shipping method.
        tax_shipping: whether shipping is taxed too.
        first_line: number of the first line.
    """
    prices = [exchange.amount(item.price) for item in items]
    lefts = [
        [item.quantity * price[side] for item, price in zip(items, prices, strict=True)] for side in (0, 1)
    ]
    goods = [place for place, item in enumerate(items) if item.kind is LineKind.PRODUCT]
    given: list[list[Allocation]] = [[] for _ in items]
    carriage = exchange.amount(shipping or 0)
    off_carriage: list[Allocation] = []
    for index, offer in enumerate(offers):
        if offer.discount.target == "SHIPPING_LINE":
            off = Amount(*(half_up(side * (offer.discount.percentage or 0), PPM) for side in carriage))
            off_carriage.append((index, off))
            continue
        entitled = [place for place in goods if offer.lines is None or place in offer.lines]
        for place, amount in zip(entitled, _allocated(offer, lefts, entitled, exchange), strict=True):
            if amount.shop or amount.presentment:
                given[place].append((index, amount))
                lefts[0][place] -= amount.shop
                lefts[1][place] -= amount.presentment
    lines = tuple(
        Line(
            number=first_line + place,
            title=item.title,
            quantity=item.quantity,
            price=prices[place],
            kind=item.kind,
            product=item.product,
            variant=item.variant,
            variant_title=item.variant_title,
            sku=item.sku,
            vendor=item.vendor,
            discounts=tuple(given[place]),
            taxes=taxes_on(Amount(lefts[0][place], lefts[1][place]), rates, included=included)
            if item.taxable and item.kind is LineKind.PRODUCT
            else (),
            requires_shipping=item.requires_shipping,
        )
        for place, item in enumerate(items)
    )
    shipped: tuple[ShippingLine, ...] = ()
    if shipping is not None:
        net = carriage - sum((amount for _, amount in off_carriage), Amount(0, 0))
        taxes = taxes_on(net, rates, included=included) if tax_shipping else ()
        code = shipping_title.lower().replace(" ", "-")
        shipped = (ShippingLine(1, shipping_title, carriage, code, tuple(off_carriage), taxes),)
    return Priced(lines, shipped, tuple(offer.discount for offer in offers))


def total_of(
    lines: Sequence[Line],
    shipping_lines: Sequence[ShippingLine] = (),
    charges: Sequence[Charge | ReturnFee] = (),
    *,
    included: bool,
) -> Amount:
    """What lines, shipping and further charges come to, discounts and taxes reckoned in."""
    shop = presentment = 0
    for line in lines:
        shop += line.quantity * line.price.shop
        presentment += line.quantity * line.price.presentment
    for beside in (*(one.price for one in shipping_lines), *(one.amount for one in charges)):
        shop += beside.shop
        presentment += beside.presentment
    lowered: tuple[Line | ShippingLine, ...] = (*lines, *shipping_lines)
    for sold in lowered:
        for _, off in sold.discounts:
            shop -= off.shop
            presentment -= off.presentment
    if not included:
        for one in (*lines, *shipping_lines, *charges):
            for tax in one.taxes:
                shop += tax.amount.shop
                presentment += tax.amount.presentment
    return Amount(shop, presentment)
