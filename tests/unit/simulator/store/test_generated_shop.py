"""The made-up shop: its identities, its determinism, and the agreement of the three projections."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.generator.seasons import moments
from shopstack.simulator.store import Store
from tests.unit.simulator.store.reckoning import money, report_from_ledger, sales, untied

END = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def shop(**different: object) -> Store:
    settings = {"orders": 600, "years": 3, "end": END, "clock": VirtualClock(END), **different}
    return generate(**settings)  # type: ignore[arg-type]  # the settings are generate's own


@pytest.fixture(scope="module")
def store() -> Store:
    return shop(orders=1_500)


@pytest.fixture(scope="module", params=["USD", "USD taxes included", "GBP", "EUR", "JPY"])
def any_store(request: pytest.FixtureRequest) -> Store:
    currency = request.param[:3]
    zone = {"USD": "America/New_York", "GBP": "Europe/London", "EUR": "Europe/Berlin", "JPY": "Asia/Tokyo"}
    return shop(
        currency=currency,
        timezone=zone[currency],
        taxes_included=currency in ("GBP", "EUR") or "included" in request.param,
        seed=7,
    )


def test_every_order_ties_in_both_currencies(any_store: Store) -> None:
    wrong = {order["name"]: gaps for order in any_store.documents("Order") if (gaps := untied(order))}
    assert wrong == {}


def test_report_agrees_with_the_ledger_on_every_day(any_store: Store) -> None:
    zone = any_store.shop.timezone
    ledger = report_from_ledger(any_store.documents("Order"), zone)
    rows = any_store.daily_report(date(2023, 11, 1), date(2026, 11, 21), zone)
    reported = {row.pop("day"): row for row in rows}
    assert set(ledger) <= set(reported)
    for day, row in reported.items():
        expected = ledger.get(day, dict.fromkeys(row, Decimal(0)))
        assert row == expected, day


def test_same_seed_gives_the_same_shop() -> None:
    one, other = shop(orders=80), shop(orders=80)
    assert [one.raw(gid) for gid in one.ids("Order")] == [other.raw(gid) for gid in other.ids("Order")]
    assert [one.raw(gid) for gid in one.ids("Customer")] == [other.raw(gid) for gid in other.ids("Customer")]


def test_another_seed_gives_another_shop() -> None:
    one, other = shop(orders=40, seed=1), shop(orders=40, seed=2)
    assert [one.raw(gid) for gid in one.ids("Order")] != [other.raw(gid) for gid in other.ids("Order")]


def test_nothing_happens_after_the_end(store: Store) -> None:
    assert max(store.index("Order", "updated_at").values()) <= END
    assert max(store.index("Customer", "updated_at").values()) <= END
    last = max(store.index("Order", "created_at").values())
    assert END - last < timedelta(days=2)


def test_all_that_happens_to_orders_happens_here(store: Store) -> None:
    line_types: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for order in store.documents("Order"):
        for agreement in order["agreements"]:
            seen[agreement["reason"]] += 1
        line_types.update(sale["lineType"] for sale in sales(order))
        seen["guest"] += order["customer"] is None
        seen["counter"] += order["sourceName"] == "pos" and order["shippingAddress"] is None
        seen["foreign"] += order["presentmentCurrencyCode"] == "CAD"
        seen["cancelled"] += order["cancelledAt"] is not None
        seen["test"] += order["test"]
        seen["code"] += order["discountCode"] is not None
        seen["split"] += len(order["paymentGatewayNames"]) > 1
        seen[order["displayFinancialStatus"]] += 1
    assert set(line_types) >= {
        "PRODUCT",
        "SHIPPING",
        "TIP",
        "GIFT_CARD",
        "ADJUSTMENT",
        "DUTY",
        "ADDITIONAL_FEE",
        "FEE",
    }
    happenings = (
        "ORDER_EDIT",
        "REFUND",
        "RETURN",
        "guest",
        "counter",
        "foreign",
        "cancelled",
        "test",
        "code",
        "split",
    )
    assert [
        name
        for name in (*happenings, "PAID", "PARTIALLY_REFUNDED", "REFUNDED", "AUTHORIZED")
        if not seen[name]
    ] == []


def test_shop_grows_and_sells_most_around_black_friday(store: Store) -> None:
    created = store.index("Order", "created_at").values()
    years = Counter((END - at).days // 366 for at in created)
    assert years[0] > years[1] > years[2]
    sale = sum(date(2025, 11, 28) <= at.date() <= date(2025, 12, 1) for at in created)
    week_before = sum(date(2025, 11, 18) <= at.date() <= date(2025, 11, 21) for at in created)
    assert sale > 2 * week_before


def test_cities_are_spelled_as_people_type_them(store: Store) -> None:
    cities = [o["shippingAddress"]["city"] for o in store.documents("Order") if o["shippingAddress"]]
    assert any(city.islower() for city in cities)
    assert any(city.endswith(" ") for city in cities)
    assert len({city.strip().casefold() for city in cities}) > 150


def test_customers_count_their_orders(store: Store) -> None:
    counted: Counter[str] = Counter()
    for order in store.documents("Order"):
        if order["customer"]:
            counted[order["customer"]["__ref"]] += 1
    for customer in store.documents("Customer"):
        assert int(customer["numberOfOrders"]) == counted[customer["id"]]
        assert len(store.related(customer["id"], "orders")) == counted[customer["id"]]
    assert max(counted.values()) > 3


@pytest.mark.parametrize("name", ["ledger_one_cent", "totals_one_cent"])
def test_planted_cent_breaks_the_tie_of_that_order_alone(name: str) -> None:
    store = shop(orders=60, faults={name: "#1030"})
    broken = [order["name"] for order in store.documents("Order") if untied(order)]
    assert broken == ["#1030"]


def test_planted_drift_shows_in_the_report_of_that_day_alone() -> None:
    day = date(2026, 6, 1)
    sound, drifted = shop(orders=60), shop(orders=60, faults={"report_drift": day})
    span = (day - timedelta(days=3), day + timedelta(days=3), "America/New_York")
    gaps = [
        one["total_sales"] - other["total_sales"]
        for one, other in zip(drifted.daily_report(*span), sound.daily_report(*span), strict=True)
    ]
    assert gaps == [0, 0, 0, Decimal("0.01"), 0, 0, 0]


def test_yen_amounts_have_no_decimals() -> None:
    store = shop(orders=40, currency="JPY", timezone="Asia/Tokyo")
    for order in store.documents("Order"):
        assert money(order["originalTotalPriceSet"]) == int(money(order["originalTotalPriceSet"]))
        assert order["originalTotalPriceSet"]["shopMoney"]["amount"].endswith(".0")


def test_a_shop_without_shopify_payments_has_no_account_and_knows_no_fees() -> None:
    made = shop(orders=300, years=1, seed=3, card_gateway="stripe")
    orders = list(made.documents("Order"))
    payments = [one for order in orders for one in order["transactions"]]
    assert {"stripe", "paypal", "cash"} <= {one["gateway"] for one in payments}
    assert "shopify_payments" not in {one["gateway"] for one in payments}
    assert [fee for one in payments for fee in one["fees"]] == []
    assert made.ids("ShopifyPaymentsPayout") == made.ids("ShopifyPaymentsBalanceTransaction") == []
    assert [order["name"] for order in orders if untied(order)] == []


@pytest.mark.parametrize(("hour", "least", "most"), [(5, 0.01, 0.1), (14, 0.3, 0.6)])
def test_a_running_day_has_the_orders_of_its_hours_so_far(hour: int, least: float, most: float) -> None:
    since, zone = date(2026, 11, 2), ZoneInfo("America/New_York")
    end = datetime(2026, 11, 19, tzinfo=zone) + timedelta(hours=hour)
    found = moments(9_000, since, end.astimezone(UTC), "America/New_York", Random(3))
    assert len(found) == 9_000
    assert max(found) <= end
    days = Counter(at.astimezone(zone).date() for at in found)
    whole = [count for day, count in days.items() if day < date(2026, 11, 19)]
    assert least <= days[date(2026, 11, 19)] / (sum(whole) / len(whole)) <= most


def test_a_shop_that_began_at_this_very_midnight_has_its_orders() -> None:
    midnight = datetime(2026, 11, 19, tzinfo=ZoneInfo("America/New_York"))
    made = moments(3, midnight.date(), midnight.astimezone(UTC), "America/New_York", Random(3))
    assert made == [midnight.astimezone(UTC)] * 3
