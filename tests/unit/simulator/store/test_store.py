"""The store: reading, appending, and what moves when something happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shopstack.simulator.events import OrderEvent, OrderFulfilled, ShopEvent
from shopstack.simulator.generator import generate
from shopstack.simulator.ids import child_gid, gid, owner_of, sequence_of, typename_of
from shopstack.simulator.scenarios import SCENARIOS, Bench, treats
from shopstack.simulator.served import RELATED, SERVED
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till

END = datetime(2026, 11, 1, 12, tzinfo=UTC)
# type -> field -> type of what is held there, where a document nests objects without naming their type
_NESTED: dict[str, dict[str, str]] = {
    "Order": {
        "app": "OrderApp", "customerJourneySummary": "CustomerJourneySummary", "channelInformation": "ChannelInformation",
        "billingAddress": "MailingAddress", "shippingAddress": "MailingAddress", "displayAddress": "MailingAddress",
        "taxLines": "TaxLine", "currentTaxLines": "TaxLine", "additionalFees": "AdditionalFee", "lineItems": "LineItem",
        "shippingLines": "ShippingLine", "shippingLine": "ShippingLine", "transactions": "OrderTransaction",
        "refunds": "Refund", "returns": "Return", "fulfillments": "Fulfillment",
    },
    "LineItem": {"discountAllocations": "DiscountAllocation", "taxLines": "TaxLine", "duties": "Duty"},
    "ShippingLine": {"discountAllocations": "DiscountAllocation", "taxLines": "TaxLine"},
    "Refund": {
        "refundLineItems": "RefundLineItem", "refundShippingLines": "RefundShippingLine",
        "orderAdjustments": "OrderAdjustment", "transactions": "OrderTransaction",
    },
    "Return": {
        "returnShippingFees": "ReturnShippingFee", "exchangeLineItems": "ExchangeLineItem", "decline": "ReturnDecline",
        "returnLineItems": "ReturnLineItem",
    },
    "ReturnLineItem": {"restockingFee": "RestockingFee", "returnReasonDefinition": "ReturnReasonDefinition"},
    "UnverifiedReturnLineItem": {"returnReasonDefinition": "ReturnReasonDefinition", "unitPrice": "MoneyV2"},
    "Customer": {"defaultEmailAddress": "CustomerEmailAddress", "defaultAddress": "MailingAddress", "addresses": "MailingAddress"},
    "Product": {"options": "ProductOption"},
    "ProductVariant": {"selectedOptions": "SelectedOption"},
    "InventoryItem": {"unitCost": "MoneyV2", "inventoryLevels": "InventoryLevel"},
    "InventoryLevel": {"quantities": "InventoryQuantity"},
    "Shop": {"plan": "ShopPlan", "primaryDomain": "Domain"},
    "Location": {"address": "LocationAddress"},
    "ChannelInformation": {"channelDefinition": "ChannelDefinition"},
    "SaleTax": {"taxLine": "TaxLine"},
    "CustomerJourneySummary": {"firstVisit": "CustomerVisit", "lastVisit": "CustomerVisit"},
    "CustomerVisit": {"utmParameters": "UTMParameters"},
    "OrderTransaction": {"fees": "TransactionFee"},
    "DiscountNode": {"discount": ""},
    "DiscountOnQuantity": {"quantity": "DiscountQuantity"},
    **{
        f"Discount{kind}{gives}": {"codes": "DiscountRedeemCode", "customerGets": "DiscountCustomerGets"}
        for kind in ("Code", "Automatic") for gives in ("Basic", "Bxgy", "FreeShipping", "App")
    },
    "DiscountAmount": {"amount": "MoneyV2"},
    "GiftCard": {"balance": "MoneyV2", "initialValue": "MoneyV2", "recipientAttributes": "GiftCardRecipient"},
    **{
        kind: {
            "lineItems": f"{kind}LineItem", "shippingAddress": "MailingAddress", "billingAddress": "MailingAddress",
            "taxLines": "TaxLine",
        }
        for kind in ("DraftOrder", "AbandonedCheckout")
    },
    "Fulfillment": {"fulfillmentLineItems": "FulfillmentLineItem", "trackingInfo": "FulfillmentTrackingInfo"},
    "ShopifyPaymentsPayout": {"summary": "ShopifyPaymentsPayoutSummary"},
    "ShopifyPaymentsBalanceTransaction": {
        "associatedOrder": "ShopifyPaymentsAssociatedOrder",
        "associatedPayout": "ShopifyPaymentsBalanceTransactionAssociatedPayout",
    },
}  # fmt: skip
_SALE_LINKS = {"taxes": "SaleTax", "duty": "Duty", "additionalFee": "SaleAdditionalFee"}


@pytest.fixture(scope="module")
def store() -> Store:
    return generate(orders=250, end=END, seed=3)


@pytest.fixture(scope="module")
def everything() -> list[Store]:
    return [build() for build in SCENARIOS.values()]


def pieces(value: Any, typename: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document with the name of its type."""
    if isinstance(value, list):
        for one in value:
            yield from pieces(one, typename)
    elif isinstance(value, dict) and "__ref" not in value:
        name = value.get("__typename", typename)
        yield name, value
        nested = _SALE_LINKS if name.endswith("Sale") else _NESTED.get(name, {})
        for field, held in value.items():
            if field.endswith("Set") or "__typename" not in str(held)[:200]:
                yield from pieces(held, nested[field]) if field in nested else ()
            else:
                yield from pieces(held, nested.get(field, ""))


def test_documents_hold_the_served_fields_and_no_others(everything: list[Store], store: Store) -> None:
    met = set()
    for one in (*everything, store):
        for root in sorted(one.typenames()):
            for document in one.documents(root):
                for typename, piece in pieces(document, root):
                    met.add(typename)
                    related = set(RELATED.get(typename, ()))
                    assert set(piece) - {"__typename"} == SERVED[typename] - related, typename
    plain = {
        "MoneyBag",
        "Sale",
        "SalesAgreement",
        "DiscountApplication",
        "PricingValue",
        "Fee",
        "ScriptDiscountApplication",
        "ReturnLineItemType",
        "ReturnDecline",  # no made-up shop declines a return, or gives a duty back
        "RefundDuty",
    }
    assert met | plain | {"MoneyV2", "PricingPercentageValue"} == set(SERVED)


def test_every_child_is_found_by_its_gid(everything: list[Store]) -> None:
    for store in everything:
        for order in store.documents("Order"):
            for typename in ("lineItems", "transactions", "refunds", "shippingLines", "returns"):
                for child in order[typename]:
                    assert store.document(child["id"]) == child
            for agreement in order["agreements"]:
                for sale in agreement["sales"]:
                    if "lineItem" in sale:
                        found = store.document(sale["lineItem"]["__ref"])
                        assert found in order["lineItems"]


def test_references_lead_to_objects_that_exist(store: Store) -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if "__ref" in value:
                yield value["__ref"]
            for held in value.values():
                yield from references(held)
        elif isinstance(value, list):
            for held in value:
                yield from references(held)

    wanted = {
        one
        for root in store.typenames()
        for document in store.documents(root)
        for one in references(document)
    }
    assert len(wanted) > 500
    assert {one for one in wanted if store.document(one) is None} == set()


def test_gids_are_unique_within_an_order(store: Store) -> None:
    for order in store.documents("Order"):
        ids = [piece["id"] for name, piece in pieces(order, "Order") if name.endswith(("Sale", "Agreement"))]
        ids += [piece["id"] for field in ("lineItems", "refunds", "transactions") for piece in order[field]]
        assert len(ids) == len(set(ids))


def test_unknown_gids_have_no_document(store: Store) -> None:
    for unknown in (
        gid("Order", 99_999), gid("Customer", 99_999), child_gid("LineItem", 1, 999), child_gid("LineItem", 99_999, 1),
        "gid://shopify/Nonsense/1", "gid://shopify/Order/x", "nonsense", "",
    ):  # fmt: skip
        assert store.document(unknown) is None, unknown
        assert store.raw(unknown) is None, unknown


def test_ids_ascend_and_match_the_documents(store: Store) -> None:
    for typename in ("Order", "Customer", "Product", "ProductVariant", "Location", "App"):
        ids = store.ids(typename)
        numbers = [sequence_of(one) or 0 for one in ids]
        assert numbers == sorted(numbers)
        assert [document["id"] for document in store.documents(typename)] == list(ids)
        assert all(typename_of(one) == typename for one in ids)


def test_owner_is_read_off_a_childs_gid() -> None:
    assert owner_of(child_gid("LineItem", 12_345, 678)) == 12_345
    assert owner_of(gid("Order", 5)) is None
    assert sequence_of(gid("Order", 5)) == 5


def test_updated_at_moves_with_every_event_of_the_order() -> None:
    bench = Bench()
    till = bench.place("2026-01-05 10:00", [treats(3)], payments=())
    store = bench.built()
    order = gid("Order", 1)
    at = bench.local("2026-01-06 10:00")
    seen = [store.index("Order", "updated_at")[order]]
    total = till.worth({1: 3})

    def happens(event: OrderEvent) -> None:
        store.append(event)
        document = store.document(order)
        assert document is not None
        assert (
            datetime.fromisoformat(document["updatedAt"])
            == event.at
            == store.index("Order", "updated_at")[order]
        )
        seen.append(event.at)

    happens(till.pay(at, "AUTHORIZATION", total))
    happens(till.pay(at + timedelta(hours=1), "CAPTURE", total, parent=1))
    happens(till.fulfil(at + timedelta(hours=2)))
    happens(till.edit(at + timedelta(hours=3), removed={1: 1}))
    refund = till.refund(at + timedelta(hours=4), {1: 1}, pending=True)
    happens(refund)
    for settled in till.settle(at + timedelta(hours=5), refund):
        happens(settled)
    happens(till.request_return(at + timedelta(hours=6), {1: 1}))
    assert seen == sorted(set(seen))


def test_appending_projects_anew_what_the_event_touched() -> None:
    store = generate(orders=60, end=END, seed=5)
    before = {one: store.raw(one) for one in store.ids("Order")}
    revision = store.revision
    order = next(
        o
        for o in store.documents("Order")
        if o["customer"] and o["displayFulfillmentStatus"] == "UNFULFILLED"
    )
    customer = store.raw(order["customer"]["__ref"])
    store.append(OrderFulfilled(order=sequence_of(order["id"]) or 0, at=END + timedelta(hours=1)))
    assert store.revision == revision + 1
    changed = [one for one in store.ids("Order") if store.raw(one) != before[one]]
    assert changed == [order["id"]]
    assert store.raw(order["customer"]["__ref"]) != customer


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "people and places"])
def test_appending_one_by_one_equals_extending_at_once(name: str) -> None:
    at_once = SCENARIOS[name]()
    one_by_one = Store(at_once.shop, clock=at_once.clock)
    log = at_once.log
    shop_events: list[ShopEvent] = [*log.locations.values(), *log.products.values(), *log.customers.values()]
    for event in shop_events:
        one_by_one.append(event)
    for events in log.orders.values():
        for order_event in events:
            one_by_one.append(order_event)
    for typename in ("Order", "Customer", "Product"):
        assert list(one_by_one.documents(typename)) == list(at_once.documents(typename))


def test_events_that_do_not_fit_are_refused() -> None:
    bench = Bench()
    till = bench.place("2026-01-05 10:00", [treats()])
    store = bench.built()
    with pytest.raises(ValueError, match="does not exist"):
        store.append(OrderFulfilled(order=77, at=END))
    with pytest.raises(ValueError, match="last changed"):
        store.append(OrderFulfilled(order=1, at=till.placed.at - timedelta(days=1)))
    with pytest.raises(ValueError, match="placed before"):
        store.append(till.placed)
    with pytest.raises(ValueError, match="never received"):
        till.refund(END, paid=999_999)


def test_till_taken_up_later_goes_on_where_it_was_left() -> None:
    bench = Bench()
    till = bench.place("2026-01-05 10:00", [treats(3)], shipping=500)
    till.refund(bench.local("2026-01-06 10:00"), {1: 1})
    again = Till(till.events)
    assert (again.left(1), again.received()) == (2, till.received())
    second = again.refund(bench.local("2026-01-07 10:00"), {1: 2})
    assert (second.number, second.payments[0].number) == (2, 3)


def test_index_of_an_unknown_field_is_a_key_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.index("Order", "colour")
    assert store.index("Order", "test")[store.ids("Order")[0]] in (True, False)
