"""Landed lines without those who were removed: whatever the order of lines, and however ids are spelt."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from shopstack import suppression
from shopstack.landing import Window, read_window, verify_parts
from shopstack.landing_parts import lines
from shopstack.landing_writer import WindowWriter, screen
from shopstack.shopify.streams import ORDERS, TENDER_TRANSACTIONS
from shopstack.storage import FolderStorage
from shopstack.suppression import Suppressions
from shopstack.tables import Stream
from tests.landed_files import files_of

SHOP = "a-shop.myshopify.com"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
HIM, OTHER = "gid://shopify/Customer/77", "gid://shopify/Customer/777"
LISTED = Suppressions(SHOP).entered([HIM], NOW)

Line = Mapping[str, Any]


def tree(number: int, customer: str | None) -> list[Line]:
    """An order with a refund, whose lines hang below it, and an agreement with a sale."""
    order, refund, agreement = (
        f"gid://shopify/{kind}/{number}" for kind in ("Order", "Refund", "SalesAgreement")
    )
    return [
        {
            "id": order,
            "name": f"#{number}",
            "unheard": "not declared",
            "customer": {"id": customer} if customer else None,
            "customerJourneySummary": {"firstVisit": {"landingPage": "https://a.example/x?mail=him"}},
            "refunds": [
                {"id": refund, "note": "rang at noon", "totalRefundedSet": {"shopMoney": {"amount": "9.5"}}}
            ],
        },
        {"__typename": "OrderAgreement", "id": agreement, "__parentId": order},
        {"__typename": "ProductSale", "id": f"gid://shopify/ProductSale/{number}", "__parentId": agreement},
        {
            "__typename": "RefundLineItem",
            "id": f"gid://shopify/RefundLineItem/{number}",
            "__parentId": refund,
        },
        {"id": f"gid://shopify/Nothing/{number}", "secret": f"of {customer}", "__parentId": order},
    ]


def land(
    folder: Path, found: Sequence[Line], *, stream: Stream = ORDERS, escaped: bool = False
) -> list[Line]:
    content = b"".join(orjson.dumps(line) + b"\n" for line in found)
    if escaped:
        content = content.replace(b"/", b"\\/")
    storage = FolderStorage(folder)
    with WindowWriter(storage, SHOP, stream) as writer:
        writer.write(content)
        landed = writer.commit(
            Window(None, NOW),
            method="bulk",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=NOW,
            deleted={HIM: NOW},
        )
    verify_parts(landed)
    assert landed.manifest.landed_objects == len(found)
    assert set(landed.manifest.deleted) == {
        LISTED.renamed(HIM) if storage.exists(f"{SHOP}/{suppression.FILE}") else HIM
    }
    return [orjson.loads(line) for line in lines(files_of(landed))]


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_his_tree_alone_keeps_only_what_is_declared_and_not_personal(
    tmp_path: Path, seed: int, *, escaped: bool
) -> None:
    suppression.write(FolderStorage(tmp_path), LISTED)
    whole = [*tree(1, HIM), *tree(2, OTHER), *tree(3, None)]
    Random(seed).shuffle(whole)
    left = land(tmp_path, whole, escaped=escaped)
    by_id = {line["id"]: line for line in left}
    assert [line["id"] for line in left] == [line["id"] for line in whole]
    assert [by_id[line["id"]] for line in tree(2, OTHER)] == tree(2, OTHER)
    assert [by_id[line["id"]] for line in tree(3, None)] == tree(3, None)
    his = by_id["gid://shopify/Order/1"]
    assert his["customer"]["id"] == LISTED.stand_in(HIM)
    assert "unheard" not in his
    assert "note" not in his["refunds"][0]
    assert his["refunds"][0]["id"] == "gid://shopify/Refund/1"
    assert "mail=him" not in orjson.dumps(his).decode()
    assert "secret" not in by_id["gid://shopify/Nothing/1"]


def test_a_customers_number_is_not_taken_for_the_beginning_of_another(tmp_path: Path) -> None:
    suppression.write(FolderStorage(tmp_path), LISTED)
    whole = tree(2, OTHER)
    assert land(tmp_path, whole) == whole


def test_an_order_that_only_mentions_him_keeps_what_is_its_own(tmp_path: Path) -> None:
    suppression.write(FolderStorage(tmp_path), LISTED)
    first, *below = tree(2, OTHER)
    left = land(tmp_path, [{**first, "name": f"sent on to {HIM}"}, *below])
    assert left == [{**first, "name": f"sent on to {LISTED.stand_in(HIM)}"}, *below]


def test_a_payment_of_his_order_is_his_though_shopify_knows_no_customer_any_more(tmp_path: Path) -> None:
    order = "gid://shopify/Order/{}".format
    suppression.write(FolderStorage(tmp_path), LISTED.entered([order(1)], NOW))
    payments = [
        {
            "id": f"gid://shopify/TenderTransaction/{number}",
            "order": {"id": order(number), "customer": customer},
            "transactionDetails": {"creditCardNumber": f"•••• 000{number}", "creditCardCompany": "Visa"},
        }
        for number, customer in ((1, None), (2, None), (11, None), (3, {"id": HIM}))
    ]
    left = land(tmp_path, payments, stream=TENDER_TRANSACTIONS)
    assert left[1:3] == payments[1:3]
    for mine, number in ((left[0], 1), (left[3], 3)):
        assert mine["order"] == {"id": order(number)}
        assert mine["transactionDetails"] == {"creditCardCompany": "Visa"}


def test_a_window_that_lies_there_is_written_anew_once(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    land(tmp_path, [*tree(1, HIM), *tree(2, OTHER)])
    (name,) = storage.names(f"{SHOP}/orders")
    landed = read_window(storage, f"{SHOP}/orders/{name}")
    storage.replace(f"{landed.relative}/part-0009.left-by-a-kill.zst", b"half a part")
    assert screen(storage, landed, ORDERS, LISTED, NOW) > 0
    again = read_window(storage, landed.relative)
    verify_parts(again)
    assert {part.name for part in again.manifest.parts} == set(storage.names(landed.relative)) - {
        "manifest.json"
    }
    assert [one.at for one in again.manifest.redactions] == [NOW]
    assert screen(storage, again, ORDERS, LISTED, NOW) == 0


def test_a_torn_line_that_names_him_becomes_no_row_and_keeps_nothing(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    suppression.write(storage, LISTED)
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        writer.write(orjson.dumps(tree(1, HIM)[0])[:-4] + b"\n")
        landed = writer.commit(
            Window(None, NOW),
            method="bulk",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=NOW,
        )
    assert list(lines(files_of(landed))) == [b"{}\n"]


def test_the_list_survives_a_power_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    suppression.write(FolderStorage(tmp_path), LISTED)
    assert flushed


def test_hashes_of_two_shops_have_nothing_in_common() -> None:
    other = Suppressions("b-shop.myshopify.com", LISTED.salt).entered([HIM], NOW)
    assert {one.hash for one in LISTED.entries}.isdisjoint(one.hash for one in other.entries)
    assert other.covers(HIM)
    assert not other.covers(OTHER)
