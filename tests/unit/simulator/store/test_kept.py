"""What the store packs comes back as it was, and takes little memory."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime
from random import Random

import pytest

from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import OrderEvent, OrderFulfilled, OrderPlaced, ProductDeleted
from shopstack.simulator.generator import generate
from shopstack.simulator.ids import gid
from shopstack.simulator.kept_documents import KeptDocuments
from shopstack.simulator.kept_events import KeptEvents
from shopstack.simulator.packing import LEARNED, Packer
from shopstack.simulator.projections.books import BOOKED
from shopstack.simulator.scenarios import SCENARIOS
from shopstack.simulator.store import Store

END = datetime(2026, 11, 20, 12, tzinfo=UTC)


def shop(orders: int) -> Store:
    return generate(orders=orders, end=END, clock=VirtualClock(END))


def pieces(size: int, count: int) -> list[bytes]:
    """Pieces that are much alike, and each different."""
    words = [f"word {number} ".encode() for number in range(1_000)]
    random = Random(1)
    whole = [random.choice(words) for _ in range(size // 9)]
    return [b"".join(whole[:-20]) + f" piece {number}".encode() for number in range(count)]


def test_pieces_come_back_whether_packed_before_or_after_the_dictionary_was_learned() -> None:
    packer, whole = Packer(), [b"", b"x", *pieces(10_000, 60)]
    assert sum(map(len, whole)) > 2 * LEARNED
    packed = [packer.pack(piece) for piece in whole]
    assert [packer.unpack(one) for one in packed] == whole
    assert len(packed[-1]) < len(packed[2]) / 10


def test_what_is_packed_takes_no_more_memory_than_its_length() -> None:
    packer, whole = Packer(), pieces(20_000, 300)
    for piece in whole[:100]:
        packer.pack(piece)
    tracemalloc.start()
    packed = [packer.pack(piece) for piece in whole]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 2 * sum(map(len, packed)) + 100 * len(packed)


@pytest.mark.parametrize("name", SCENARIOS)
def test_events_of_every_kind_come_back(name: str) -> None:
    kept, told = KeptEvents(), dict(SCENARIOS[name]().log.orders)
    for events in told.values():
        for event in events:
            kept.add(event)
    kept.pack()
    assert dict(kept) == told
    assert list(kept) == list(told)


def test_a_packed_order_goes_on() -> None:
    kept, told = KeptEvents(), dict(shop(30).log.orders)
    for events in told.values():
        for event in events:
            kept.add(event)
            kept.pack()
    more = OrderFulfilled(at=END, order=7)
    kept.add(more)
    wanted: dict[int, list[OrderEvent]] = {**told, 7: [*told[7], more]}
    assert dict(kept) == wanted
    assert 31 not in kept
    with pytest.raises(KeyError):
        kept[31]


def test_documents_are_kept_by_type() -> None:
    kept, one, other = KeptDocuments(), gid("Customer", 1), gid("Product", 1)
    kept.keep(one, {"id": one})
    kept.keep(other, {"id": other})
    assert kept.raw(one) == f'{{"id":"{one}"}}'.encode()
    assert (kept.ids("Customer"), kept.ids("Product"), kept.ids("Order")) == ([one], [other], [])
    kept.drop(one)
    kept.drop(gid("Order", 1))
    assert (kept.raw(one), kept.raw(gid("Order", 1)), kept.ids("Customer")) == (None, None, [])


def test_orders_of_a_deleted_product_lose_the_link_whichever_way_they_got_it() -> None:
    store = shop(400)
    product = max(store.log.products, key=lambda number: store.log.products[number].product.number)
    for event in [event for events in store.log.orders.values() for event in events]:
        if not isinstance(event, OrderPlaced) and (lines := getattr(event, "exchanged", ())):
            product = lines[0].product
    store.append(ProductDeleted(at=END, product=product))
    gone = gid("Product", product)
    assert all(gone.encode() not in (store.raw(one) or b"") for one in store.ids("Order"))


def test_a_thousand_orders_more_take_a_bounded_amount_of_memory() -> None:
    shop(10)  # what is made once
    tracemalloc.start()
    few = shop(500)
    first, _ = tracemalloc.get_traced_memory()
    many = shop(1_500)
    both, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(few.log.orders), len(many.log.orders)) == (500, 1_500)
    assert both - 2 * first < 8_000 * 1_000


def test_a_made_up_shop_leaves_no_cycles_for_the_garbage_collector() -> None:
    few, many = garbage(100), garbage(300)
    assert many < few + 600  # the generator's own tables, and at most a few objects an order


def garbage(orders: int) -> int:
    """Objects that only the collector frees after a shop was made."""
    gc.collect()
    made = shop(orders)
    found = gc.collect()
    assert len(made.log.orders) == orders
    return found


@pytest.mark.parametrize("typename", sorted(BOOKED))
def test_every_booked_document_is_found_by_its_gid_and_no_other(typename: str) -> None:
    store = shop(200)
    ids = store.ids(typename)
    assert ids
    assert [one["id"] for one in store.documents(typename)] == list(ids)
    assert store.raw(f"gid://shopify/{typename}/1") is None
    assert store.raw(f"gid://shopify/{typename}/x") is None
