"""What the simulated shop keeps beside its orders: balances follow the ledger, and what does not fit is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.desk_events import DiscountSaved, DraftCompleted, GiftCardIssued, ShopDiscount
from shopstack.simulator.events import LineKind, OrderPlaced, Payment
from shopstack.simulator.generator import generate
from shopstack.simulator.money import Amount
from shopstack.simulator.scenarios import SCENARIOS
from shopstack.simulator.store import Store

END = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def store() -> Store:
    return generate(orders=600, end=END, seed=3, clock=VirtualClock(END))


def test_what_was_spent_of_cards_is_what_orders_were_paid_with_them(store: Store) -> None:
    cards = list(store.documents("GiftCard"))
    spent = sum(Decimal(c["initialValue"]["amount"]) - Decimal(c["balance"]["amount"]) for c in cards)
    paid = sum(
        Decimal(one["amountSet"]["shopMoney"]["amount"]) * (-1 if one["kind"] == "REFUND" else 1)
        for order in store.documents("Order")
        for one in order["transactions"]
        if one["gateway"] == "gift_card" and one["status"] == "SUCCESS"
    )
    assert spent == paid > 0
    assert any(card["order"] and card["balance"] != card["initialValue"] for card in cards)


def test_every_card_that_an_order_sold_exists_once(store: Store) -> None:
    sold = sum(
        line.quantity
        for events in store.log.orders.values()
        for placed in events[:1]
        if isinstance(placed, OrderPlaced)
        for line in placed.lines
        if line.kind is LineKind.GIFT_CARD
    )
    assert sum(card.order is not None for card in store.desk.cards.values()) == sold > 0


def test_a_card_pays_no_more_than_it_holds() -> None:
    store = SCENARIOS["gift cards and tenders"]()
    placed = store.log.placed(1)
    at = store.log.orders[max(store.log.orders)][-1].at + timedelta(days=1)
    payment = Payment(1, "SALE", Amount(2600, 2600), "gift_card", card=(0, 1, 1))
    again = OrderPlaced(
        order=99,
        at=at,
        name="#99",
        currency=placed.currency,
        taxes_included=False,
        lines=placed.lines,
        payments=(payment,),
    )
    store.append(GiftCardIssued(at=at, card=1, value=2500))
    with pytest.raises(ValueError, match="cannot be added"):
        store.append(again)


def test_a_draft_that_nobody_made_cannot_be_completed(store: Store) -> None:
    with pytest.raises(ValueError, match="draft 9999 does not exist"):
        store.append(DraftCompleted(at=END, draft=9999, order=1))


def test_a_discount_begins_and_ends_by_the_clock_and_its_time_of_change_stays() -> None:
    clock = VirtualClock(END)
    shop = generate(orders=5, end=END, seed=3, clock=clock)
    set_up = ShopDiscount(
        500, "Code", "Basic", "Soon", END + timedelta(days=1), END + timedelta(days=2), 100_000
    )
    shop.append(DiscountSaved(at=END, discount=set_up, codes=("SOON",)))
    gid = shop.ids("DiscountNode")[-1]
    seen = []
    for _ in range(3):
        document = shop.document(gid)
        assert document is not None
        seen.append((document["discount"]["status"], document["discount"]["updatedAt"]))
        clock.advance(timedelta(days=1))
    assert [status for status, _ in seen] == ["SCHEDULED", "ACTIVE", "EXPIRED"]
    assert len({changed for _, changed in seen}) == 1
