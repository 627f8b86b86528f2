"""Payouts, balance transactions and tender transactions: sums tie, late changes arrive, and who has none is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack.errors import IncompleteError
from shopstack.extract import extract
from shopstack.shopify import paged, schedule
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.server import Fault, ServerSettings
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, served
from tests.contract.streams.test_landing import Pinned

MORE = (
    '[extract]\ntimeout_seconds = 5\ninclude = ["tender_transactions", "payouts", "balance_transactions"]\n'
)
BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(BEGUN)


@pytest.fixture
def store(clock: VirtualClock) -> Store:
    return generate(orders=40, end=BEGUN, seed=4, years=1, clock=clock)


@pytest.fixture
def shop(store: Store, folder: Path) -> Iterator[Shop]:
    with served(store, folder, more=MORE) as running:
        yield running


def read(shop: Shop, clock: VirtualClock) -> None:
    extract(shop.project, CREDENTIALS, clock=Pinned(clock))


def booked(store: Store) -> dict[str, tuple[str | None, str]]:
    return {
        one["id"]: (one["associatedPayout"]["id"], one["associatedPayout"]["status"])
        for one in store.documents("ShopifyPaymentsBalanceTransaction")
    }


def loaded(shop: Shop) -> dict[str, tuple[str | None, str]]:
    rows = shop.rows("select id, payout_id, payout_status from shopify.balance_transactions")
    return {gid: (payout, status) for gid, payout, status in rows}


def test_what_is_in_a_payout_adds_up_to_it(shop: Shop, clock: VirtualClock) -> None:
    read(shop, clock)
    found = shop.rows(
        "select p.net, sum(b.net), sum(b.fee), p.charges_fee from shopify.payouts as p "
        "join shopify.balance_transactions as b on b.payout_id = p.id and b.type <> 'TRANSFER' group by all"
    )
    assert len(found) == len(shop.rows("select id from shopify.payouts")) > 5
    for net, parts, fees, said in found:
        assert (net, fees) == (parts, said)
        assert net > 0


def test_fees_are_those_of_the_orders_payments(shop: Shop, clock: VirtualClock) -> None:
    read(shop, clock)
    ((charges, same),) = shop.rows(
        "select count(*), count(*) filter (b.fee = f.amount and b.amount = t.amount) "
        "from shopify.balance_transactions as b "
        "left join shopify.order_transactions as t "
        "on t.id = 'gid://shopify/OrderTransaction/' || b.source_order_transaction_id "
        "left join shopify.order_transaction_fees as f on f._parent_id = t.id where b.type = 'CHARGE'"
    )
    assert charges == same > 10
    ((refunds, wrong),) = shop.rows(
        "select count(*), count(*) filter (amount >= 0 or fee <> 0) from shopify.balance_transactions "
        "where type = 'REFUND'"
    )
    assert refunds > 0 == wrong


def test_tender_transactions_add_up_to_what_the_orders_were_paid(shop: Shop, clock: VirtualClock) -> None:
    read(shop, clock)
    ((tendered,),) = shop.rows("select sum(amount) from shopify.tender_transactions")
    ((paid,),) = shop.rows("select sum(total_received - total_refunded) from shopify.orders")
    assert tendered == paid > Decimal(0)
    assert shop.rows(
        "select count(card_company) > 0, count(card_number) from shopify.tender_transactions"
    ) == [(True, 0)]


def test_a_payout_that_comes_later_reaches_the_rows_of_before(
    shop: Shop, store: Store, clock: VirtualClock
) -> None:
    read(shop, clock)
    before = loaded(shop)
    assert "PENDING" in {status for _, status in before.values()}
    for _ in range(6):
        clock.advance(timedelta(hours=20))
        read(shop, clock)
        assert loaded(shop) == booked(store)
    changed = [gid for gid, was in before.items() if was != loaded(shop)[gid]]
    assert changed
    assert dict(shop.rows("select id, status from shopify.payouts")) == {
        one["id"]: one["status"] for one in store.documents("ShopifyPaymentsPayout")
    }


def test_what_changes_later_than_is_read_back_arrives_with_the_weekly_reading(
    shop: Shop, store: Store, clock: VirtualClock
) -> None:
    read(shop, clock)
    clock.advance(timedelta(days=60))
    read(shop, clock)
    assert loaded(shop) == booked(store)
    assert {status for _, status in loaded(shop).values()} == {"PAID"}


@pytest.mark.parametrize("most", [7, 10])
def test_a_shop_with_more_than_pages_show_is_read_to_its_end(
    store: Store, folder: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(paged, "PAGING_END", most)
    monkeypatch.setattr(paged, "WHOLE_PAGE", 5)
    with served(store, folder, replace(DEFAULTS, paging_limit=most), more=MORE) as shop:
        read(shop, clock)
        assert loaded(shop) == booked(store)
        assert len(loaded(shop)) > 3 * most
        clock.advance(timedelta(days=1))
        read(shop, clock)
        assert shop.rows("select count(*) from shopify.tender_transactions") == [
            (len(store.ids("TenderTransaction")),)
        ]


def test_pages_that_end_early_are_noticed(
    store: Store, folder: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "PAGES_SHARE", 0.0)  # what has a count is noticed by that
    with served(store, folder, replace(DEFAULTS, paging_limit=7), more=MORE) as shop:
        with pytest.raises(IncompleteError, match="could not be proved complete") as caught:
            read(shop, clock)
        assert "the last one that Shopify shows" in caught.value.why


@pytest.mark.parametrize(
    ("settings", "reason", "scope"),
    [
        (replace(DEFAULTS, payments_account=False), "does not use Shopify Payments", ""),
        (
            replace(DEFAULTS, scopes=DEFAULTS.scopes - {"read_shopify_payments_accounts"}),
            "read_shopify_payments_accounts",
            "read_shopify_payments_accounts",
        ),
        (
            replace(DEFAULTS, scopes=DEFAULTS.scopes - {"read_shopify_payments_payouts"}),
            "read_shopify_payments_payouts",
            "read_shopify_payments_payouts",
        ),
    ],
    ids=["no account", "account denied", "payouts denied"],
)
def test_without_shopify_payments_its_streams_are_skipped_and_say_why(
    store: Store, folder: Path, settings: ServerSettings, reason: str, scope: str
) -> None:
    with served(store, folder, settings, more=MORE) as shop:
        report = shop.extract()
        found = {one.stream: one for one in report.streams}
        for name in ("payouts", "balance_transactions"):
            assert found[name].state == "skipped"
            assert reason in found[name].reason
            assert found[name].hint
            assert found[name].missing_scope == scope
            assert found[name].figures
        assert (
            len({(found[name].reason, found[name].hint) for name in ("payouts", "balance_transactions")}) == 1
        )
        assert found["orders"].state == found["tender_transactions"].state == "loaded"


def hidden(shop: Shop) -> tuple[int, int]:
    """Payments and drafts whose order is not told."""
    ((payments,),) = shop.rows("select count(*) from shopify.tender_transactions where order_id is null")
    ((drafts,),) = shop.rows(
        "select count(*) from shopify.draft_orders where order_id is null and completed_at is not null"
    )
    return payments, drafts


def test_orders_that_were_hidden_are_named_once_they_are_shown(
    store: Store, clock: VirtualClock, folder: Path
) -> None:
    more = '[extract]\ntimeout_seconds = 5\ninclude = ["tender_transactions", "draft_orders"]\n'
    with served(store, folder, more=more) as shop:
        shop.server.api.grant(DEFAULTS.scopes - {"read_all_orders"})
        read(shop, clock)
        assert hidden(shop)[0] > 0
        clock.advance(timedelta(days=3))
        shop.server.api.grant(DEFAULTS.scopes)
        read(shop, clock)
        assert hidden(shop) == (0, 0)
        clock.advance(timedelta(days=3))
        read(shop, clock)
        whole = "select stream, count(*) from _shopstack.loads where window_from is null group by all"
        assert dict(shop.rows(whole))["tender_transactions"] == 2
        assert dict(shop.rows(whole))["draft_orders"] == 2


def test_an_operation_without_rows_is_not_believed_where_there_are_payments(
    store: Store, clock: VirtualClock, folder: Path
) -> None:
    more = '[extract]\ntimeout_seconds = 5\ninclude = ["tender_transactions"]\n'
    settings = replace(DEFAULTS, faults=(Fault("bulk_empty", match="tenderTransactions"),))
    with served(store, folder, settings, more) as shop:
        read(shop, clock)
        assert shop.rows("select count(*) > 0 from shopify.tender_transactions") == [(True,)]
