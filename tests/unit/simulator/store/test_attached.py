"""What is kept beside objects: addresses and metafields come, change and go, and move their owner or not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shopstack.simulator.attached_events import (
    AddressRemoved,
    AddressSaved,
    MetafieldDeleted,
    MetafieldSet,
    Owner,
)
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import CustomersMerged, OrderDeleted, ProductDeleted
from shopstack.simulator.generator import generate
from shopstack.simulator.generator.attached import ADDRESSES_OF_ONE, METAFIELDS_OF_ONE
from shopstack.simulator.ids import gid
from shopstack.simulator.live import LiveShop
from shopstack.simulator.scenarios import HOME, Bench, treats
from shopstack.simulator.store import Store

AT = datetime(2026, 2, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, 12, tzinfo=UTC)
OWNERS: list[Owner] = [("Order", 1), ("Customer", 1), ("Product", 1), ("ProductVariant", 2)]


@pytest.fixture
def store() -> Store:
    bench = Bench()
    bench.place("2026-01-05 10:00", [treats(3)], customer=1)
    bench.customer(2, "Wren", "Ito")
    return bench.built()


def noted(owner: Owner, value: str, at: datetime = AT, *, moves: bool = True) -> MetafieldSet:
    return MetafieldSet(
        at=at,
        owner=owner,
        namespace="custom",
        key="note",
        type="single_line_text_field",
        value=value,
        moves_owner=moves,
    )


def shown(store: Store, owner: Owner) -> list[dict[str, Any]]:
    return list(store.documents("Metafield", store.related(gid(*owner), "metafields")))


def changed(store: Store, owner: Owner) -> datetime:
    document = store.document(gid(*owner))
    assert document
    return datetime.fromisoformat(document["updatedAt"])


@pytest.mark.parametrize("owner", OWNERS, ids=lambda one: one[0])
def test_a_metafield_is_set_changed_and_deleted_beside_its_owner(store: Store, owner: Owner) -> None:
    before = changed(store, owner)
    store.append(noted(owner, "quiet", moves=False))
    assert changed(store, owner) == before
    store.append(noted(owner, "loud", AT + timedelta(days=1)))
    assert changed(store, owner) == AT + timedelta(days=1)
    (one,) = shown(store, owner)
    assert (one["value"], one["createdAt"], one["updatedAt"]) == (
        "loud",
        "2026-02-01T00:00:00Z",
        "2026-02-02T00:00:00Z",
    )
    assert store.document(one["id"]) == one
    gone = MetafieldDeleted(at=AT + timedelta(days=2), owner=owner, namespace="custom", key="note")
    store.append(gone)
    assert shown(store, owner) == []
    assert changed(store, owner) == AT + timedelta(days=2)
    with pytest.raises(ValueError, match="has no metafield"):
        store.append(gone)


def test_what_is_deleted_takes_its_metafields_along(store: Store) -> None:
    store.extend(noted(owner, "a note") for owner in OWNERS)
    store.append(OrderDeleted(at=AT, order=1))
    store.append(ProductDeleted(at=AT, product=1))
    store.append(CustomersMerged(at=AT, kept=2, merged=1))
    assert list(store.ids("Metafield")) == []
    for owner in OWNERS:
        with pytest.raises(ValueError, match="does not exist"):
            store.append(noted(owner, "too late"))


def addresses(store: Store, customer: int) -> list[str]:
    document = store.document(gid("Customer", customer))
    assert document
    assert document["defaultAddress"] == next(iter(document["addressesV2"]), None)
    return [one["address1"] for one in document["addressesV2"]]


def test_a_book_of_addresses_grows_changes_and_shrinks(store: Store) -> None:
    second, third = (
        HOME.__class__("Hudson", None, "NY", "United States", "US", address1=f"{n} Ferry Road")
        for n in (2, 3)
    )
    store.append(AddressSaved(at=AT, customer=1, address=second))
    assert addresses(store, 1) == [HOME.address1, "2 Ferry Road"]
    assert changed(store, ("Customer", 1)) == AT
    store.append(AddressSaved(at=AT, customer=1, address=third, place=0))
    assert addresses(store, 1) == ["3 Ferry Road", "2 Ferry Road"]
    store.append(AddressRemoved(at=AT, customer=1, place=0))
    assert addresses(store, 1) == ["2 Ferry Road"]
    with pytest.raises(ValueError, match="no address 4"):
        store.append(AddressRemoved(at=AT, customer=1, place=4))


def test_merged_customers_have_the_addresses_of_both(store: Store) -> None:
    store.append(CustomersMerged(at=AT, kept=2, merged=1))
    assert addresses(store, 2) == [HOME.address1, HOME.address1]


def test_the_made_up_shop_has_of_everything_and_of_some_more_than_a_page_holds() -> None:
    store = generate(orders=120, end=END, seed=5)
    kept = Counter(one.owner for one in store.attached.metafields.values())
    assert {owner for owner, _ in kept} == {"Order", "Customer", "Product", "ProductVariant"}
    assert sorted(kept.values())[-4] >= METAFIELDS_OF_ONE
    assert max(map(len, store.attached.addresses.values())) == ADDRESSES_OF_ONE + 1
    again = generate(orders=120, end=END, seed=5)
    assert again.attached.metafields == store.attached.metafields
    assert again.attached.addresses == store.attached.addresses


def test_a_live_shop_goes_on_noting() -> None:
    clock = VirtualClock(END)
    store = generate(orders=40, end=END, seed=4, clock=clock)
    live = LiveShop(store, 3)
    happened: Counter[str] = Counter()
    for _ in range(400):
        clock.advance(timedelta(minutes=3))
        happened.update(type(one).__name__ for one in live.step())
    assert {"MetafieldSet", "MetafieldDeleted", "AddressSaved", "AddressRemoved"} <= set(happened)
