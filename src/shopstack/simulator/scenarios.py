"""Small hand-written shops, one for each thing that figures go wrong over.

Each story is a function that has a few orders placed in a `Bench` and tells what becomes of them; `STORIES` names them
all, `SCENARIOS` builds a shop of each, `every_story` one shop of them all. Their time is January to April 2026 unless the
case is about another day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from shopstack.simulator.bench import HOME, NOW, Bench, chews, gift_card, tip, treats
from shopstack.simulator.checkout import Exchange, Offer, total_of
from shopstack.simulator.events import (
    Address,
    Charge,
    ChargeKind,
    CustomersMerged,
    Discount,
    Payment,
    ProductDeleted,
)
from shopstack.simulator.money import Amount
from shopstack.simulator.store import Store

__all__ = [
    "EARLIER",
    "HOME",
    "NOW",
    "SCENARIOS",
    "STORIES",
    "Bench",
    "chews",
    "every_story",
    "gift_card",
    "tip",
    "treats",
]

_TORONTO = Address("Toronto", "Ontario", "ON", "Canada", "CA", "K1A 0B1", "2 Elm Ave", "Wren", "Ito")


def refund_in_a_later_month(bench: Bench) -> None:
    """Placed in January, refunded in March: January's figures stay as they were."""
    order = bench.place("2026-01-15 10:00", [treats(3), chews()], shipping=500)
    order.refund(bench.local("2026-03-04 09:00"), {1: 1})


def midnight_and_clock_changes(bench: Bench) -> None:
    """Orders half an hour around local midnight, and in the days on which clocks change here or in Europe."""
    for at in (
        "2025-10-25 23:30", "2025-10-26 00:30", "2025-10-26 23:30", "2025-10-27 00:30", "2025-11-01 23:30",
        "2025-11-02 00:30", "2025-11-02 01:30", "2025-11-02 23:30", "2025-11-03 00:30", "2026-01-31 23:30",
        "2026-02-01 00:30", "2026-03-07 23:30", "2026-03-08 00:30", "2026-03-08 03:30", "2026-03-08 23:30",
        "2026-03-09 00:30", "2026-03-28 23:30", "2026-03-29 00:30", "2026-03-29 23:30", "2026-03-30 00:30",
    ):  # fmt: skip
        bench.place(at, [treats()])


def uneven_discount(bench: Bench) -> None:
    """Multi-quantity lines under an order discount that does not divide, refunded one unit at a time."""
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


def cancelled_test_and_deleted(bench: Bench) -> None:
    """An unpaid and a paid order cancelled, a test order, a deleted order, and one that stays."""
    unpaid = bench.place("2026-02-01 10:00", [treats(2)], paid=False, shipping=500)
    unpaid.cancel(bench.local("2026-02-03 10:00"), "DECLINED")
    paid = bench.place("2026-02-02 10:00", [chews(2)], shipping=500)
    paid.cancel(bench.local("2026-02-02 15:00"))
    bench.place("2026-02-03 10:00", [treats(5)], test=True)
    deleted = bench.place("2026-02-04 10:00", [treats(4)])
    deleted.delete(bench.local("2026-02-05 10:00"))
    bench.place("2026-02-05 10:00", [treats()])


def edited_next_day(bench: Bench) -> None:
    """Next day a line is added, a unit removed and money taken off another line."""
    order = bench.place("2026-01-12 18:00", [treats(3), chews(2)], shipping=500)
    added = bench.price([treats(2, 1899)], first_line=3)
    order.edit(bench.local("2026-01-13 09:00"), added=added, removed={1: 1}, lowered={2: 333})


def exchange_with_fee(bench: Bench) -> None:
    """Exchanges with a fee, and with a difference that the customer pays; returns not yet processed, or restocked."""
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


def odd_refunds(bench: Bench) -> None:
    """A refund without lines, of shipping alone, one kept short, and one first pending, then settled."""
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


def gift_cards_and_tenders(bench: Bench) -> None:
    """A gift card sold, one used with a second means of payment captured later, and a tip."""
    bench.place("2026-01-05 10:00", [gift_card(), treats()])
    items = [treats(4)]
    priced = bench.price(items)
    total = total_of(priced.lines, included=bench.store.shop.taxes_included)
    card = bench.exchange.amount(2500)
    split = bench.place(
        "2026-01-06 10:00",
        items,
        payments=(Payment(1, "SALE", card, "gift_card"), Payment(2, "AUTHORIZATION", total - card)),
    )
    split.pay(bench.local("2026-01-07 10:00"), "CAPTURE", total - card, parent=2)
    split.refund(bench.local("2026-01-17 10:00"), {1: 4})
    bench.place("2026-01-08 10:00", [treats(), tip()], channel="pos", address=None, customer=None)


def people_and_places(bench: Bench) -> None:
    """A guest, customers who proved to be one, a deleted product, the counter, and a foreign currency."""
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
    fee = Charge(1, ChargeKind.ADDITIONAL_FEE, "Retail delivery fee", bench.exchange.amount(29))
    bench.place("2026-01-10 10:00", [treats()], charges=(fee,), shipping=500)
    bench.happen(
        CustomersMerged(at=bench.local("2026-02-01 10:00"), kept=1, merged=2),
        ProductDeleted(at=bench.local("2026-02-02 10:00"), product=2),
    )


def unknown_line_type(bench: Bench) -> None:
    """An order charged with something that no version of the API has named yet."""
    charge = Charge(1, ChargeKind.UNKNOWN, "Something new", bench.exchange.amount(150))
    bench.place("2026-01-05 10:00", [treats(2)], charges=(charge,))


def a_real_stores_day(bench: Bench) -> None:
    """Under taxes of 20 % in the price, 12 January is the day of a real store that METRICS works out to the cent.

    4544.10 of products and 120.00 of shipping are sold; 3638.80 of products and 9.00 of shipping come back, of which
    3491.80 is still on its way to the customer.
    """
    many = [*(treats(1, 349_18) for _ in range(10)), *(treats(1, 49_00) for _ in range(3))]
    before = bench.place("2026-01-05 10:00", many, shipping=900, tax_shipping=True)
    off = Offer(Discount("CODE", "SPRING", amount=Amount(252_58, 252_58)))
    bench.place("2026-01-12 09:00", [treats(1, 4776_64)], offers=[off], shipping=3998, tax_shipping=True)
    bench.place("2026-01-12 10:00", [treats(1, 10_02)], shipping=3998, tax_shipping=True)
    bench.place("2026-01-12 11:00", [treats(1, 10_02)], shipping=4004, tax_shipping=True)
    before.refund(bench.local("2026-01-12 12:00"), {11: 1, 12: 1, 13: 1}, shipping=900)
    before.refund(bench.local("2026-01-12 13:00"), dict.fromkeys(range(1, 11), 1), pending=True)


STORIES: Mapping[str, Callable[[Bench], None]] = {
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
    "a real store's day": a_real_stores_day,
}
EARLIER = {
    "uneven discount": 330,
    "refund in a later month": 280,
    "exchange with fee": 225,
    "people and places": 190,
    "gift cards and tenders": 155,
    "odd refunds": 140,
    "edited next day": 130,
    "cancelled, test and deleted": 145,
    "unknown line type": 108,
    "a real store's day": 100,
    "midnight and clock changes": 0,
}
"""How many days earlier a story lies in a shop of all stories, so that each has its days for itself; in the order of their days."""


def _told(story: Callable[[Bench], None], **shop: Any) -> Store:
    bench = Bench(**shop)
    story(bench)
    return bench.built()


def every_story(**shop: Any) -> Store:
    """One shop in which every story happens, on days of its own (see `EARLIER`)."""
    bench = Bench(**shop)
    for name, days in EARLIER.items():
        bench.later = timedelta(days=-days)
        STORIES[name](bench)
    return bench.built()


SCENARIOS: Mapping[str, Callable[..., Store]] = {
    name: partial(_told, story) for name, story in STORIES.items()
}
"""Name -> builder; every builder takes the keyword arguments of `Bench`, so each runs under either tax convention
and in any currency."""
