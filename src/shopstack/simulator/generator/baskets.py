"""What goes into an order of the made-up shop: baskets, discounts, shipping, taxes and means of payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from shopstack.simulator.checkout import Exchange, Item, Offer, Priced, Rate, checkout, total_of
from shopstack.simulator.events import (
    Address,
    Charge,
    ChargeKind,
    Discount,
    LineKind,
    OrderPlaced,
    Payment,
    PaymentKind,
)
from shopstack.simulator.generator.assortment import DISCONTINUED, SEASONAL, Good, worth_of_a_dollar
from shopstack.simulator.generator.people import People, Person
from shopstack.simulator.generator.places import Places, sales_tax
from shopstack.simulator.generator.seasons import is_sale
from shopstack.simulator.generator.visits import visits
from shopstack.simulator.generator.wallet import Wallet
from shopstack.simulator.money import ZERO, Amount
from shopstack.simulator.shop import ShopSettings

CANADIAN_DOLLARS = 1_362_000
"""Canadian dollars for one American, in millionths."""
_VALUE_ADDED_TAX = (Rate("VAT", 200_000),)
_OCTOBER = 10
_LINES, _LINE_WEIGHTS = (1, 2, 3, 4, 5, 6), (34, 29, 18, 10, 6, 3)
_UNITS, _UNIT_WEIGHTS = (1, 2, 3, 4, 6), (66, 21, 8, 3, 2)
_BLACK_FRIDAY = Discount("CODE", "BLACKFRIDAY", percentage=250_000)
_WELCOME = Discount("CODE", "WELCOME10", percentage=100_000)
_TREAT = Discount("CODE", "TREAT5", amount=Amount(500, 500))
_STOCK_UP = Discount(
    "AUTOMATIC", "Stock up and save", percentage=100_000, method="EACH", selection="ENTITLED"
)
_FREE_SHIPPING = Discount(
    "AUTOMATIC", "Free shipping", percentage=1_000_000, target="SHIPPING_LINE", method="EACH"
)


@dataclass(frozen=True, slots=True)
class Shares:
    """How often things happen, as shares of orders."""

    point_of_sale: float = 0.07
    guest: float = 0.06
    canadian: float = 0.04
    returning: float = 0.47
    gift: float = 0.05
    test: float = 0.002
    gift_card_sold: float = 0.015
    gift_card_used: float = 0.02
    tip: float = 0.03
    tip_at_counter: float = 0.2


class Counter:
    """Takes the orders of the made-up shop, online and at its own counter."""

    def __init__(
        self, shop: ShopSettings, random: Random, shelf: tuple[Sequence[Good], Sequence[Good]]
    ) -> None:
        self._shop = shop
        self._random = random
        self._goods, self._cards = shelf
        self._weights = list(accumulate(good.popularity for good in self._goods))
        self._prices: dict[int, int] = {}
        """Prices that are no more those at which a variant was created."""
        self._per_dollar = worth_of_a_dollar(shop.currency)
        self._zone = ZoneInfo(shop.timezone)
        self._discontinued_on: date | None = None
        self._places = Places(random)
        self.people = People(random, self._places)
        self.wallet = Wallet(self.cents(2500))
        self.shares = Shares()

    def discontinue(self, on: date) -> None:
        """The last day on which the discontinued product is sold."""
        self._discontinued_on = on

    def reprice(self, variant: int, price: int) -> None:
        """Charge another price for a variant from now on."""
        self._prices[variant] = price

    def _happens(self, share: float) -> bool:
        return self._random.random() < share

    def cents(self, dollar_cents: int) -> int:
        """A price thought of in American cents, in the shop's smallest unit."""
        return (dollar_cents * self._per_dollar + 50) // 100

    def discounts(self) -> tuple[Discount, ...]:
        """Every discount that orders may be given."""
        off = self.cents(500)
        treat = Discount("CODE", _TREAT.title, amount=Amount(off, off))
        return (_BLACK_FRIDAY, _WELCOME, treat, _STOCK_UP, _FREE_SHIPPING)

    # What is bought

    def item(self, good: Good, quantity: int) -> Item:
        """A good in the basket."""
        variant = good.variant
        return Item(
            good.product.title,
            quantity,
            self._prices.get(variant.number, variant.price),
            LineKind.GIFT_CARD if good.product.gift_card else LineKind.PRODUCT,
            good.product.number,
            variant.number,
            None if len(good.product.variants) == 1 else variant.title,
            variant.sku,
            good.product.vendor,
            taxable=not good.product.gift_card,
            requires_shipping=not good.product.gift_card,
        )

    def pick(self, day: date) -> Good:
        """A good by popularity, as far as it is sold on that day."""
        while True:
            (good,) = self._random.choices(self._goods, cum_weights=self._weights)
            seasonal = good.product.title == SEASONAL and day.month <= _OCTOBER
            gone = (
                good.product.title == DISCONTINUED
                and self._discontinued_on is not None
                and day > self._discontinued_on
            )
            if not seasonal and not gone:
                return good

    def _basket(self, day: date, *, counter: bool) -> list[Item]:
        draw = self._random
        (count,) = draw.choices(_LINES, _LINE_WEIGHTS)
        chosen: dict[int, Item] = {}
        for _ in range(count):
            good = self.pick(day)
            (units,) = draw.choices(_UNITS, _UNIT_WEIGHTS)
            chosen.setdefault(good.variant.number, self.item(good, units))
        items = list(chosen.values())
        if self._cards and self._happens(self.shares.gift_card_sold):
            items.append(self.item(draw.choice(self._cards), 1))
        if self._happens(self.shares.tip_at_counter if counter else self.shares.tip):
            tip = self.cents(draw.choice((100, 200, 300, 500)))
            items.append(Item("Tip", 1, tip, LineKind.TIP, taxable=False, requires_shipping=False))
        return items

    def _offers(self, items: Sequence[Item], day: date, *, first: bool, free_shipping: bool) -> list[Offer]:
        offers = []
        many = tuple(
            place for place, item in enumerate(items) if item.quantity >= 3
        )  # the offer: three of one kind
        if many:
            offers.append(Offer(_STOCK_UP, many))
        if is_sale(day) and self._happens(0.7):
            offers.append(Offer(_BLACK_FRIDAY))
        elif first and self._happens(0.3):
            offers.append(Offer(_WELCOME))
        elif self._happens(0.08):
            off = self.cents(500)
            offers.append(Offer(Discount("CODE", _TREAT.title, amount=Amount(off, off))))
        if free_shipping:
            offers.append(Offer(_FREE_SHIPPING))
        return offers

    # Who buys

    def _buyer(self, at: datetime, *, counter: bool) -> tuple[Person, bool]:
        """Who buys, and whether for the first time."""
        if self._happens(0.5 if counter else self.shares.guest):
            return self.people.stranger(), False
        if self._happens(self.shares.returning) and (known := self.people.regular()) is not None:
            return known, False
        return self.people.newcomer(at, canadian=not counter and self._happens(self.shares.canadian)), True

    def _exchange(self, address: Address | None) -> Exchange:
        home = self._shop.currency
        canadian = address is not None and address.country_code == "CA"
        if canadian and "CAD" in self._shop.presentment_currencies:
            return Exchange(home, "CAD", CANADIAN_DOLLARS)
        return Exchange(home, home)

    def _taxes(self, address: Address | None) -> tuple[Rate, ...]:
        return _VALUE_ADDED_TAX if self._shop.taxes_included else sales_tax(address)

    # The order

    def order(self, number: int, at: datetime) -> OrderPlaced:
        """The next order."""
        counter = self._happens(self.shares.point_of_sale)
        person, first = self._buyer(at, counter=counter)
        address = None if counter else self._places.typed(person.address)
        shipped_to = address
        if address is not None and self._happens(self.shares.gift):
            friend = self.people.stranger(canadian=address.country_code == "CA")
            shipped_to = self._places.typed(friend.address)
        day = at.astimezone(self._zone).date()
        items = self._basket(day, counter=counter)
        goods = sum(item.quantity * item.price for item in items if item.kind is LineKind.PRODUCT)
        express = not counter and self._happens(0.08)
        exchange = self._exchange(shipped_to)
        free = not counter and not express and goods >= self.cents(6000)
        priced = checkout(
            items,
            exchange,
            included=self._shop.taxes_included,
            offers=self._offers(items, day, first=first, free_shipping=free),
            rates=self._taxes(shipped_to) if not counter else self._taxes(person.address),
            shipping=None if counter else self.cents(1295 if express else 595),
            shipping_title="Express" if express else "Standard",
            tax_shipping=self._shop.taxes_included
            or (
                shipped_to is not None
                and shipped_to.province_code in ("NY", "TX", "PA", "WA", "GA", "NJ", "OH")
            ),
        )
        charges = self._charges(shipped_to, priced, exchange)
        total = total_of(priced.lines, priced.shipping_lines, charges, included=self._shop.taxes_included)
        self.people.bought(person)
        placed = OrderPlaced(
            order=number,
            at=at,
            name=f"#{1000 + number}",
            currency=exchange.currency,
            taxes_included=self._shop.taxes_included,
            lines=priced.lines,
            shipping_lines=priced.shipping_lines,
            charges=charges,
            discounts=priced.discounts,
            payments=self._payments(total, exchange, at, counter=counter),
            customer=person.customer or None,
            shipping_address=shipped_to,
            billing_address=address,
            location=2 if counter else None,
            channel="pos" if counter else "web",
            email=None if counter and not person.customer else person.email,
            visits=() if counter else visits(number, at),
            test=self._happens(self.shares.test),
        )
        if not placed.test:
            self.wallet.sold(number, placed.lines)
        return placed

    def _charges(self, address: Address | None, priced: Priced, exchange: Exchange) -> tuple[Charge, ...]:
        if address is None or self._shop.taxes_included:
            return ()
        if address.country_code == "CA" and self._happens(0.3):
            first = priced.lines[0]
            duty = exchange.amount(max(1, first.price.shop * first.quantity // 20))
            return (Charge(1, ChargeKind.DUTY, "Duty", duty, line=first.number),)
        if address.province_code == "CO":
            return (
                Charge(1, ChargeKind.ADDITIONAL_FEE, "Retail delivery fee", exchange.amount(self.cents(29))),
            )
        return ()

    def _payments(
        self, total: Amount, exchange: Exchange, at: datetime, *, counter: bool
    ) -> tuple[Payment, ...]:
        """How an order is paid; an authorisation is captured when it is shipped, nothing at all means later."""
        if total.shop == 0:
            return ()
        draw = self._random.random()
        made: list[Payment] = []
        if self._happens(self.shares.gift_card_used):
            card = min(total, exchange.amount(self.cents(2500)), key=lambda one: one.shop)
            key = self.wallet.spend(card.shop, at)
            made.append(Payment(1, "SALE", card, "gift_card", card=key))
            total -= card
        if total == ZERO:
            return tuple(made)
        kind: PaymentKind = "SALE"
        if counter:
            gateway = "cash" if draw < 0.3 else self._shop.card_gateway
        elif draw < 0.006:
            return tuple(made)
        elif draw < 0.1:
            gateway = "paypal"
        else:
            gateway = self._shop.card_gateway
            kind = "AUTHORIZATION" if draw < 0.2 else "SALE"
        made.append(Payment(len(made) + 1, kind, total, gateway))
        return tuple(made)
