"""Small hand-written shops, one for each thing that figures go wrong over.

Each scenario is a function that builds a store of a few orders; `SCENARIOS` names them all. Their time is January to
April 2026 unless the case is about another day; the clock stands at the end of April.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from shopstack.simulator.checkout import Exchange, Item, Offer, Priced, Rate, checkout, total_of
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import (
    Address,
    Charge,
    ChargeKind,
    CustomerCreated,
    CustomersMerged,
    Discount,
    LineKind,
    LocationOpened,
    OrderPlaced,
    Payment,
    Product,
    ProductCreated,
    ProductDeleted,
    Variant,
)
from shopstack.simulator.money import Amount
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till

NOW = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)
_OPENED = datetime(2025, 1, 2, 15, 0, tzinfo=UTC)
_STATE_TAX = (Rate("New York State Tax", 40_000), Rate("New York Local Tax", 48_750))
_VAT = (Rate("VAT", 200_000),)
HOME = Address("Beacon", "New York", "NY", "United States", "US", "12508", "1 Main St", "Ada", "Bell")
_TORONTO = Address("Toronto", "Ontario", "ON", "Canada", "CA", "K1A 0B1", "2 Elm Ave", "Wren", "Ito")
_TREATS = Product(
    1,
    "Peanut Butter Crunchies",
    "Biscuit & Bramble",
    "Biscuits",
    (Variant(1, "6 oz", "PBC-6", 1000, 300), Variant(2, "12 oz", "PBC-12", 1899, 560)),
)
_CHEWS = Product(2, "Sweet Potato Chews", "Hedgerow Kitchen", "Chews", (Variant(3, "Default", "SPC", 1333),))
_CARD = Product(
    3, "Gift Card", "Biscuit & Bramble", "Gift cards", (Variant(4, "$25", None, 2500),), gift_card=True
)


class Bench:
    """A shop under construction: places orders and tells what becomes of them.

    Args:
        currency: the shop currency.
        included: whether prices include tax.
        timezone: the shop's timezone.
        faults: planted errors (see `Store`).
    """

    def __init__(
        self,
        *,
        currency: str = "USD",
        included: bool = False,
        timezone: str = "America/New_York",
        faults: Mapping[str, Any] | None = None,
    ) -> None:
        shop = ShopSettings(
            currency=currency,
            timezone=timezone,
            taxes_included=included,
            presentment_currencies=("CAD",) if currency == "USD" else (),
            created_at=_OPENED,
        )
        self.zone = ZoneInfo(timezone)
        self.store = Store(shop, clock=VirtualClock(NOW), faults=faults)
        self.rates = _VAT if included else _STATE_TAX
        self._tills: list[Till] = []
        counter = Address("Hudson", "New York", "NY", "United States", "US", "12534", "302 Warren Street")
        self.store.extend(
            [
                LocationOpened(at=_OPENED, location=1, name="Warehouse", address=HOME),
                LocationOpened(at=_OPENED, location=2, name="Shop on Warren Street", address=counter),
                *(ProductCreated(at=_OPENED, product=product) for product in (_TREATS, _CHEWS, _CARD)),
            ]
        )
        self.customer(1, "Ada", "Bell")

    def local(self, text: str) -> datetime:
        """A time of the shop's own, such as "2026-01-31 23:30", in UTC."""
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).astimezone(UTC)

    def customer(self, number: int, first: str, last: str, at: datetime = _OPENED) -> None:
        """Somebody becomes a customer."""
        email = f"{first}.{last}@example.com".lower()
        self.store.append(
            CustomerCreated(
                at=at, customer=number, first_name=first, last_name=last, email=email, address=HOME
            )
        )

    def price(self, items: Sequence[Item], exchange: Exchange | None = None, **how: Any) -> Priced:
        """A priced basket in the shop's tax convention."""
        shop = self.store.shop
        exchange = exchange or Exchange(shop.currency, shop.currency)
        how.setdefault("rates", self.rates)
        return checkout(items, exchange, included=shop.taxes_included, **how)

    def place(
        self,
        at: str,
        items: Sequence[Item],
        *,
        paid: bool = True,
        customer: int | None = 1,
        address: Address | None = HOME,
        channel: Literal["web", "pos"] = "web",
        test: bool = False,
        charges: tuple[Charge, ...] = (),
        payments: tuple[Payment, ...] | None = None,
        exchange: Exchange | None = None,
        **how: Any,
    ) -> Till:
        """An order at a local time; `how` goes to the checkout (offers, shipping, rates, …)."""
        shop = self.store.shop
        priced = self.price(items, exchange, **how)
        total = total_of(priced.lines, priced.shipping_lines, charges, included=shop.taxes_included)
        if payments is None:
            payments = (Payment(1, "SALE", total),) if paid else ()
        number = len(self._tills) + 1
        till = Till(
            [
                OrderPlaced(
                    order=number,
                    at=self.local(at),
                    name=f"#{1000 + number}",
                    currency=exchange.currency if exchange else shop.currency,
                    taxes_included=shop.taxes_included,
                    lines=priced.lines,
                    shipping_lines=priced.shipping_lines,
                    charges=charges,
                    discounts=priced.discounts,
                    payments=payments,
                    customer=customer,
                    shipping_address=address,
                    billing_address=address,
                    location=2 if channel == "pos" else None,
                    channel=channel,
                    test=test,
                )
            ]
        )
        self._tills.append(till)
        return till

    def built(self) -> Store:
        """The store with every order and what became of it."""
        self.store.extend(event for till in self._tills for event in till.events)
        return self.store


def treats(quantity: int = 1, price: int = 1000) -> Item:
    """A bag of treats in the basket."""
    return Item(
        _TREATS.title,
        quantity,
        price,
        product=1,
        variant=1,
        variant_title="6 oz",
        sku="PBC-6",
        vendor=_TREATS.vendor,
    )


def chews(quantity: int = 1, price: int = 1333) -> Item:
    """A bag of chews in the basket."""
    return Item(_CHEWS.title, quantity, price, product=2, variant=3, sku="SPC", vendor=_CHEWS.vendor)


def gift_card(price: int = 2500) -> Item:
    """A gift card in the basket."""
    return Item(
        "Gift Card",
        1,
        price,
        LineKind.GIFT_CARD,
        3,
        4,
        "$25",
        None,
        _CARD.vendor,
        taxable=False,
        requires_shipping=False,
    )


def tip(price: int = 300) -> Item:
    """A tip in the basket."""
    return Item("Tip", 1, price, LineKind.TIP, taxable=False, requires_shipping=False)


def refund_in_a_later_month(**shop: Any) -> Store:
    """Placed in January, refunded in March: January's figures stay as they were."""
    bench = Bench(**shop)
    order = bench.place("2026-01-15 10:00", [treats(3), chews()], shipping=500)
    order.refund(bench.local("2026-03-04 09:00"), {1: 1})
    return bench.built()


def midnight_and_clock_changes(**shop: Any) -> Store:
    """Orders half an hour around local midnight, and in the days on which the clocks change."""
    bench = Bench(**shop)
    for at in (
        "2026-01-31 23:30", "2026-02-01 00:30", "2026-03-07 23:30", "2026-03-08 00:30", "2026-03-08 03:30",
        "2026-03-08 23:30", "2026-03-09 00:30", "2025-11-01 23:30", "2025-11-02 00:30", "2025-11-02 01:30",
        "2025-11-02 23:30", "2025-11-03 00:30",
    ):  # fmt: skip
        bench.place(at, [treats()])
    return bench.built()


def uneven_discount(**shop: Any) -> Store:
    """Multi-quantity lines under an order discount that does not divide, refunded one unit at a time."""
    bench = Bench(**shop)
    ten_off = Offer(Discount("CODE", "TENOFF", amount=Amount(1000, 1000)))
    third_off = Offer(
        Discount("AUTOMATIC", "A third off chews", percentage=333_333, method="EACH", selection="ENTITLED"),
        (1,),
    )
    order = bench.place(
        "2026-01-10 12:00", [treats(3), chews(7), treats(1, 1899)], offers=[third_off, ten_off], shipping=595
    )
    for day in range(3):
        order.refund(bench.local("2026-01-20 12:00") + timedelta(days=day), {1: 1, 2: 2})
    order.refund(bench.local("2026-02-20 12:00"), {2: 1, 3: 1}, shipping=595)
    return bench.built()


def cancelled_test_and_deleted(**shop: Any) -> Store:
    """An unpaid and a paid order cancelled, a test order, a deleted order, and one that stays."""
    bench = Bench(**shop)
    unpaid = bench.place("2026-02-01 10:00", [treats(2)], paid=False, shipping=500)
    unpaid.cancel(bench.local("2026-02-03 10:00"), "DECLINED")
    paid = bench.place("2026-02-02 10:00", [chews(2)], shipping=500)
    paid.cancel(bench.local("2026-02-02 15:00"))
    bench.place("2026-02-03 10:00", [treats(5)], test=True)
    deleted = bench.place("2026-02-04 10:00", [treats(4)])
    deleted.delete(bench.local("2026-02-05 10:00"))
    bench.place("2026-02-05 10:00", [treats()])
    return bench.built()


def edited_next_day(**shop: Any) -> Store:
    """Next day a line is added, a unit removed and money taken off another line."""
    bench = Bench(**shop)
    order = bench.place("2026-01-12 18:00", [treats(3), chews(2)], shipping=500)
    added = bench.price([treats(2, 1899)], first_line=3)
    order.edit(bench.local("2026-01-13 09:00"), added=added, removed={1: 1}, lowered={2: 333})
    return bench.built()


def exchange_with_fee(**shop: Any) -> Store:
    """Exchanges with a fee, and with a difference that the customer pays; returns not yet processed, or restocked."""
    bench = Bench(**shop)
    first = bench.place("2026-01-12 18:00", [treats(3)])
    opened = first.request_return(bench.local("2026-01-20 10:00"), {1: 2})
    new = bench.price([chews()], first_line=2)
    first.process_return(
        bench.local("2026-01-27 10:00"), {1: 2}, exchanged=new, fee=395, number=opened.number
    )
    second = bench.place("2026-01-13 18:00", [chews()])
    dearer = bench.price([treats(2, 1899)], first_line=2)
    second.process_return(bench.local("2026-01-28 10:00"), {1: 1}, exchanged=dearer)
    third = bench.place("2026-01-14 18:00", [treats(2)])
    third.request_return(bench.local("2026-02-01 10:00"), {1: 1})
    fourth = bench.place("2026-01-15 18:00", [treats(4)])
    fourth.fulfil(bench.local("2026-01-16 10:00"))
    fourth.process_return(bench.local("2026-02-02 10:00"), {1: 2}, fee=200, restocking=True)
    planned = bench.price([chews()], first_line=2)
    fourth.request_return(
        bench.local("2026-02-03 10:00"), {1: 1}, exchanged=planned, by_customer=True, note="Too hard"
    )
    return bench.built()


def odd_refunds(**shop: Any) -> Store:
    """A refund without lines, of shipping alone, one kept short, and one first pending, then settled."""
    bench = Bench(**shop)
    bench.place("2026-01-05 10:00", [treats(2)]).refund(
        bench.local("2026-01-09 10:00"), paid=500, note="Goodwill"
    )
    bench.place("2026-01-05 11:00", [treats(2)], shipping=595, tax_shipping=True).refund(
        bench.local("2026-01-10 10:00"), shipping=595
    )
    bench.place("2026-01-05 12:00", [treats(2)]).refund(bench.local("2026-01-11 10:00"), {1: 1}, paid=800)
    pending = bench.place("2026-01-05 13:00", [treats(2)])
    refund = pending.refund(bench.local("2026-01-12 10:00"), {1: 1}, pending=True)
    pending.settle(bench.local("2026-01-15 10:00"), refund)
    still = bench.place("2026-01-05 14:00", [treats(2)])
    still.refund(bench.local("2026-01-13 10:00"), {1: 1}, pending=True)
    return bench.built()


def gift_cards_and_tenders(**shop: Any) -> Store:
    """A gift card sold, one used with a second means of payment captured later, and a tip."""
    bench = Bench(**shop)
    bench.place("2026-01-05 10:00", [gift_card(), treats()])
    items = [treats(4)]
    priced = bench.price(items)
    total = total_of(priced.lines, included=bench.store.shop.taxes_included)
    card = Amount(2500, 2500)
    split = bench.place(
        "2026-01-06 10:00",
        items,
        payments=(Payment(1, "SALE", card, "gift_card"), Payment(2, "AUTHORIZATION", total - card)),
    )
    split.pay(bench.local("2026-01-07 10:00"), "CAPTURE", total - card, parent=2)
    split.refund(bench.local("2026-01-17 10:00"), {1: 4})
    bench.place("2026-01-08 10:00", [treats(), tip()], channel="pos", address=None, customer=None)
    return bench.built()


def people_and_places(**shop: Any) -> Store:
    """A guest, customers who proved to be one, a deleted product, the counter, and a foreign currency."""
    bench = Bench(**shop)
    bench.customer(2, "Ada", "Bell-Ito")
    bench.place("2026-01-05 10:00", [treats()], customer=None)
    bench.place("2026-01-06 10:00", [treats()], customer=1)
    bench.place("2026-01-07 10:00", [chews(2)], customer=2)
    bench.place("2026-01-08 10:00", [chews()], channel="pos", address=None, customer=None)
    home = bench.store.shop.currency
    exchange = Exchange(home, "CAD" if home == "USD" else "USD", 1_350_001)
    duty = Charge(1, ChargeKind.DUTY, "Duty", exchange.amount(133), line=1)
    foreign = bench.place(
        "2026-01-09 10:00",
        [treats(3), chews()],
        exchange=exchange,
        shipping=1295,
        address=_TORONTO,
        charges=(duty,),
        rates=(),
    )
    foreign.refund(bench.local("2026-01-29 10:00"), {1: 1})
    fee = Charge(1, ChargeKind.ADDITIONAL_FEE, "Retail delivery fee", Amount(29, 29))
    bench.place("2026-01-10 10:00", [treats()], charges=(fee,), shipping=500)
    store = bench.built()
    store.append(CustomersMerged(at=bench.local("2026-02-01 10:00"), kept=1, merged=2))
    store.append(ProductDeleted(at=bench.local("2026-02-02 10:00"), product=2))
    return store


def unknown_line_type(**shop: Any) -> Store:
    """An order charged with something that no version of the API has named yet."""
    bench = Bench(**shop)
    charge = Charge(1, ChargeKind.UNKNOWN, "Something new", Amount(150, 150))
    bench.place("2026-01-05 10:00", [treats(2)], charges=(charge,))
    return bench.built()


SCENARIOS: Mapping[str, Callable[..., Store]] = {
    "refund in a later month": refund_in_a_later_month,
    "midnight and clock changes": midnight_and_clock_changes,
    "uneven discount": uneven_discount,
    "cancelled, test and deleted": cancelled_test_and_deleted,
    "edited next day": edited_next_day,
    "exchange with fee": exchange_with_fee,
    "odd refunds": odd_refunds,
    "gift cards and tenders": gift_cards_and_tenders,
    "people and places": people_and_places,
    "unknown line type": unknown_line_type,
}
"""Name -> builder; every builder takes the keyword arguments of `Bench`, so each runs under either tax convention
and in any currency."""
