"""Money: how it is printed, spread and rounded."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shopstack.simulator.checkout import Exchange, Item, Offer, Rate, checkout, total_of
from shopstack.simulator.events import Discount, OrderPlaced, Payment
from shopstack.simulator.money import Amount, half_up, printed, printed_fixed, spread
from shopstack.simulator.projections import ledger, report
from shopstack.simulator.projections.printing import Printer
from shopstack.simulator.projections.totals import OrderTotals
from shopstack.simulator.scenarios import NOW
from shopstack.simulator.till import Till


def test_amounts_are_printed_as_shopify_prints_them() -> None:
    assert [printed(units, 2) for units in (1500, 1234, 1230, 5, 0, -290)] == [
        "15.0",
        "12.34",
        "12.3",
        "0.05",
        "0.0",
        "-2.9",
    ]
    assert printed(1200, 0) == "1200.0"
    assert [printed_fixed(units, 2) for units in (1200, 1234, 5)] == ["12.00", "12.34", "0.05"]
    assert printed_fixed(1200, 0) == "1200"


@given(st.integers(-(10**12), 10**12), st.sampled_from([0, 2, 3]))
def test_printed_amounts_read_back(units: int, places: int) -> None:
    assert Decimal(printed(units, places)).scaleb(places) == units


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_half_up_rounds_as_decimals_do(numerator: int, denominator: int) -> None:
    exact = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    assert half_up(numerator, denominator) == exact


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=9))
def test_what_is_spread_adds_up_and_keeps_proportion(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    whole = sum(weights)
    assert sum(parts) == (total if whole else 0)
    assert all(
        abs(part * whole - total * weight) <= whole
        for part, weight in zip(parts, weights, strict=True)
        if whole
    )


_ITEMS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50_000)), min_size=1, max_size=5)
_PERCENT = st.integers(0, 1_000_000)


@settings(deadline=None)  # a busy machine is no wrong total
@given(_ITEMS, st.lists(st.integers(0, 250_000), max_size=3), st.booleans(), st.data())
def test_three_projections_agree_on_any_order_refunded_in_any_portions(
    goods: list[tuple[int, int]], rates: list[int], included: bool, data: st.DataObject
) -> None:
    percentage, fixed = data.draw(_PERCENT), data.draw(st.integers(0, 9_000))
    exchange = Exchange("USD", "CAD", data.draw(st.integers(100_000, 3_000_000)))
    priced = checkout(
        [Item("Thing", quantity, price) for quantity, price in goods],
        exchange,
        included=included,
        offers=[
            Offer(Discount("CODE", "A", percentage=percentage)),
            Offer(Discount("MANUAL", "B", amount=Amount(fixed, fixed))),
        ],
        rates=[Rate(f"Tax {place}", rate) for place, rate in enumerate(rates)],
        shipping=data.draw(st.integers(0, 3_000)),
        tax_shipping=True,
    )
    total = total_of(priced.lines, priced.shipping_lines, included=included)
    placed = OrderPlaced(
        order=1, at=NOW, name="#1001", currency="CAD", taxes_included=included, lines=priced.lines,
        shipping_lines=priced.shipping_lines, discounts=priced.discounts, payments=(Payment(1, "SALE", total),),
    )  # fmt: skip
    till = Till([placed])
    while any(till.left(number) for number in till.lines):
        left = [number for number in till.lines if till.left(number)]
        number = data.draw(st.sampled_from(left))
        till.refund(NOW, {number: data.draw(st.integers(1, till.left(number)))})

    entries = ledger.agreements(till.events, Printer("USD"))
    home, abroad = OrderTotals(till.events, 0), OrderTotals(till.events, 1)
    assert (home.original, abroad.original) == total
    moved = report.movements(till.events)
    assert sum(sum(movement.figures) for movement in moved) == home.current.total
    assert sum(moved[0].figures) == home.original
    assert len(entries) == len(till.events)
    shipping = priced.shipping_lines[0]
    kept = total_of((), (shipping,), included=included)
    assert (home.current.total, abroad.current.total) == kept
    assert home.received - home.refunded == kept.shop
