"""Discounts, gift cards, drafts and checkouts that were left: what the shop holds of them arrives, and agrees with orders."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack.shopify import list_children, queries
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import (
    ABANDONED_CHECKOUTS,
    DISCOUNTS,
    DRAFT_ORDERS,
    GIFT_CARDS,
    needed_scopes,
    on_request,
)
from shopstack.simulator.desk_events import DiscountSaved, ShopDiscount
from shopstack.simulator.generator import generate
from shopstack.simulator.server.projection import CUT_AFTER
from shopstack.simulator.store import Store
from shopstack.tables import Stream
from tests.contract.streams.shop import DEFAULTS, Shop, served

STREAMS = (DISCOUNTS, GIFT_CARDS, DRAFT_ORDERS, ABANDONED_CHECKOUTS)
WITHOUT_PERSONAL_DATA = Access(frozenset(needed_scopes(on_request())), included=frozenset(on_request()))


def test_every_kind_of_discount_arrives_with_what_it_gives(clean: Shop, tiny_store: Store) -> None:
    found = clean.rows(
        "select id, type, title, status, usage_count, codes_count, percentage, amount, got_percentage "
        "from shopify.discounts order by id"
    )
    wanted = []
    for document in tiny_store.documents("DiscountNode"):
        one = document["discount"]
        value = one.get("customerGets", {"value": {}})["value"]
        amount = value.get("amount")
        wanted.append(
            (
                document["id"],
                one["__typename"],
                one["title"],
                one["status"],
                one["asyncUsageCount"],
                one["codesCount"]["count"] if "codesCount" in one else None,
                value.get("percentage"),
                Decimal(amount["amount"]) if amount else None,
                value.get("effect", {}).get("percentage"),
            )
        )
    assert found == sorted(wanted)
    assert {row[1] for row in found} >= {"DiscountCodeBasic", "DiscountCodeBxgy", "DiscountAutomaticApp"}
    assert {row[3] for row in found} == {"ACTIVE", "EXPIRED", "SCHEDULED"}


def test_what_orders_were_given_is_a_discount_of_the_shop_and_was_counted(clean: Shop) -> None:
    assert clean.rows(
        "with applied as (select _root_id, title, code from shopify.order_line_discounts union all "
        "select _root_id, title, code from shopify.order_shipping_discounts), "
        "given as (select coalesce(code, title) as title, count(distinct _root_id) as orders from applied "
        "where coalesce(code, title) <> 'Goodwill' group by 1) "
        "select count(*) > 1, count(*) filter (d.id is null or d.usage_count < g.orders) from given as g "
        "left join shopify.discounts as d on d.title = g.title"
    ) == [(True, 0)]


def test_what_is_left_on_gift_cards_agrees_with_what_orders_sold_and_spent(
    clean: Shop, tiny_store: Store
) -> None:
    ((sold,),) = clean.rows("select sum(initial_value) from shopify.gift_cards where order_id is not null")
    ((by_ledger,),) = clean.rows(
        "select sum(total_amount) from shopify.order_sales where line_type = 'GIFT_CARD' and action_type = 'ORDER'"
    )
    assert sold == by_ledger
    assert sold is not None
    ((spent,),) = clean.rows("select sum(initial_value) - sum(balance) from shopify.gift_cards")
    paid = sum(
        (
            Decimal(one["amountSet"]["shopMoney"]["amount"]) * (-1 if one["kind"] == "REFUND" else 1)
            for order in tiny_store.documents("Order")
            for one in order["transactions"]
            if one["gateway"] == "gift_card" and one["status"] == "SUCCESS"
        ),
        Decimal(0),
    )
    assert spent == paid


def test_drafts_and_checkouts_come_with_their_lines_and_add_up(clean: Shop, tiny_store: Store) -> None:
    for table, kind in (("draft_order", "DraftOrder"), ("abandoned_checkout", "AbandonedCheckout")):
        wanted = {one["id"]: len(one["lineItems"]) for one in tiny_store.documents(kind)}
        found = clean.rows(f"select _parent_id, count(*) from shopify.{table}_lines group by all")
        assert dict(found) == wanted
        assert wanted
    assert clean.rows(
        "select count(*) filter (total <> subtotal + shipping_price + case when taxes_included then 0 else tax end) "
        "from shopify.draft_orders"
    ) == [(0,)]
    assert clean.rows(
        "select count(*) from (select d.id from shopify.draft_orders as d join shopify.draft_order_lines as l "
        "on l._root_id = d.id group by d.id, d.subtotal having sum(l.discounted_total) <> d.subtotal)"
    ) == [(0,)]


def test_a_completed_draft_names_the_order_that_came_of_it(clean: Shop) -> None:
    assert clean.rows(
        "select count(*) > 0, count(*) filter (o.source_name is distinct from 'shopify_draft_order') "
        "from shopify.draft_orders as d left join shopify.orders as o on o.id = d.order_id "
        "where d.status = 'COMPLETED'"
    ) == [(True, 0)]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)
def test_neither_persons_nor_links_nor_codes_of_cards_are_asked_for(stream: Stream) -> None:
    asked = queries.bulk_query(stream, WITHOUT_PERSONAL_DATA) + queries.page_query(
        stream, WITHOUT_PERSONAL_DATA
    )
    for field in (
        "abandonedCheckoutUrl",
        "invoiceUrl",
        "maskedCode",
        "lastCharacters",
        "recipientAttributes",
        "message",
        "note",
        "email",
        "phone",
        "zip",
        "address1",
        "lastName",
        "customAttributes",
    ):
        assert field not in asked


CODES = "select _root_id, code, usage_count from shopify.discount_codes order by all"


def all_codes(store: Store) -> list[tuple[str, str, int]]:
    return sorted(
        (document["id"], one["code"], one["asyncUsageCount"])
        for document in store.documents("DiscountNode")
        for one in document["discount"].get("codes", ())
    )


def test_every_code_of_every_discount_arrives(clean: Shop, tiny_store: Store) -> None:
    found = clean.rows(CODES)
    assert found == all_codes(tiny_store)
    longest = Counter(root for root, _, _ in found).most_common(1)[0][1]
    assert longest > CUT_AFTER
    assert clean.rows(
        "select count(*) from shopify.discounts as d where codes_count <> "
        "(select count(*) from shopify.discount_codes as c where c._root_id = d.id)"
    ) == [(0,)]


@pytest.mark.parametrize("above", [1, 1000], ids=["in bulk", "by pages"])
def test_more_codes_than_paging_reaches_arrive_however_the_discounts_are_read(
    folder: Path, above: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = generate(orders=3, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=2)
    at = datetime(2026, 10, 1, tzinfo=UTC)
    many = ShopDiscount(700, "Code", "FreeShipping", "Many", at)
    store.append(DiscountSaved(at=at, discount=many, codes=tuple(f"MANY-{n}" for n in range(1300))))
    monkeypatch.setattr(list_children, "DEEPEST", 500)
    settings = replace(DEFAULTS, paging_limit=800, throttling=False)
    with served(
        store, folder, settings, more=f'[extract]\ninclude = ["discounts"]\nbulk_above = {above}\n'
    ) as shop:
        methods = {one.stream: one.method for one in shop.extract().streams}
        assert methods["discounts"] == ("bulk" if above == 1 else "paged")
        assert shop.rows(CODES) == all_codes(store)
        assert len(shop.rows(CODES)) > 1500
