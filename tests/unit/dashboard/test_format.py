"""Numbers, money and dates as a shop owner reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopstack.dashboard.format import (
    EN_DASH,
    MINUS,
    NO_BREAK_SPACE,
    NOTHING,
    Change,
    format_change,
    format_compact_money,
    format_day,
    format_day_range,
    format_integer,
    format_moment,
    format_money,
    format_month,
    format_percent,
)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "$1,234.50"),
        ("0", "USD", "$0.00"),
        ("-5", "USD", MINUS + "$5.00"),
        ("-0.004", "USD", "$0.00"),
        ("0.005", "USD", "$0.01"),
        ("1234.5", "JPY", "¥1,235"),
        ("1.2345", "KWD", f"KWD{NO_BREAK_SPACE}1.235"),
        ("99", "CHF", f"CHF{NO_BREAK_SPACE}99.00"),
        ("12345678901234.56", "GBP", "£12,345,678,901,234.56"),
    ],
)
def test_money_has_its_currency_s_digits(amount: str, currency: str, text: str) -> None:
    assert format_money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("-0.4", "$0"),
        ("42.94", "$43"),
        ("9999.49", "$9,999"),
        ("9999.50", "$10k"),
        ("20000", "$20k"),
        ("62851", "$62.9k"),
        ("629512", "$629.5k"),
        ("999949.99", "$999.9k"),
        ("999950", "$1M"),
        ("1234567", "$1.23M"),
        ("1200000", "$1.2M"),
        ("-629512", MINUS + "$629.5k"),
        ("12345678901", "$12.3B"),
        ("5000000000000", "$5,000B"),
    ],
)
def test_compact_money_keeps_at_most_four_figures(amount: str, text: str) -> None:
    assert format_compact_money(Decimal(amount), "USD") == text


@given(
    st.decimals(min_value=0, max_value=10**11, places=2), st.decimals(min_value=0, max_value=10**11, places=2)
)
def test_compact_money_never_turns_the_order_of_two_amounts(one: Decimal, other: Decimal) -> None:
    def worth(amount: Decimal) -> Decimal:
        text = format_compact_money(amount, "USD").removeprefix("$").replace(",", "")
        factor = {"k": 10**3, "M": 10**6, "B": 10**9}.get(text[-1], 1)
        return Decimal(text.rstrip("kMB")) * factor

    small, large = sorted((one, other))
    assert worth(small) <= worth(large)
    assert abs(worth(large) - large) <= max(large / 100, Decimal("0.5"))


def test_no_figure_is_no_zero() -> None:
    texts = {
        format_money(None, "USD"),
        format_compact_money(None, "USD"),
        format_integer(None),
        format_percent(None),
    }
    assert texts == {NOTHING}


def test_counts_have_thousands_separators() -> None:
    assert format_integer(14660) == "14,660"
    assert format_integer(-3) == MINUS + "3"


def test_a_ratio_is_shown_as_a_percentage() -> None:
    assert format_percent(Decimal("0.553")) == "55.3%"
    assert format_percent(Decimal("-0.0661")) == MINUS + "6.6%"
    assert format_percent(Decimal("0.125"), decimals=0) == "13%"


@pytest.mark.parametrize(
    ("current", "previous", "change"),
    [
        (Decimal(1073), Decimal(1000), Change("up", "7.3%", "up 7.3%")),
        (Decimal(944), Decimal(1000), Change("down", "5.6%", "down 5.6%")),
        (Decimal(1000), Decimal(1000), Change("flat", "no change", "no change")),
        (Decimal("1000.1"), Decimal(1000), Change("flat", "no change", "no change")),
        (0, 0, Change("flat", "no change", "no change")),
        (5, 0, Change("new", "new", "new in this period")),
        (0, 5, Change("down", "100.0%", "down 100.0%")),
        (5000, 100, Change("up", "4,900%", "up 4,900%")),
        (5, -5, Change("unknown", NOTHING, "no comparison")),
        (-5, 0, Change("unknown", NOTHING, "no comparison")),
        (5, None, Change("unknown", NOTHING, "no comparison")),
        (None, 5, Change("unknown", NOTHING, "no comparison")),
    ],
)
def test_change_says_direction_and_size(
    current: Decimal | int | None, previous: Decimal | int | None, change: Change
) -> None:
    assert format_change(current, previous) == change


def test_only_a_movement_has_an_arrow() -> None:
    pairs = [(2, 1), (1, 2), (1, 1), (1, 0), (1, None)]
    assert [format_change(current, previous).arrow for current, previous in pairs] == ["▲", "▼", "", "", ""]


def test_days_and_months_are_written_in_short() -> None:
    assert format_day(date(2026, 11, 5)) == "Nov 5, 2026"
    assert format_day(date(2026, 11, 5), year=False) == "Nov 5"
    assert format_month(date(2026, 11, 5)) == "Nov 2026"


def test_a_range_names_a_year_once_where_one_is_enough() -> None:
    assert format_day_range(date(2026, 8, 18), date(2026, 11, 15)) == f"Aug 18 {EN_DASH} Nov 15, 2026"
    assert format_day_range(date(2025, 12, 1), date(2026, 1, 5)) == f"Dec 1, 2025 {EN_DASH} Jan 5, 2026"
    assert format_day_range(date(2026, 1, 5), date(2026, 1, 5)) == "Jan 5, 2026"


def test_a_moment_is_told_on_the_shop_s_clock() -> None:
    moment = datetime(2026, 11, 16, 4, 48, tzinfo=UTC)
    expected = f"Nov 15, 2026, 11:48{NO_BREAK_SPACE}pm"
    assert format_moment(moment, "America/New_York") == expected
    assert format_moment(moment.replace(tzinfo=None), "America/New_York") == expected
    assert format_moment(datetime(2026, 7, 1, 5, 0, tzinfo=UTC), "America/Chicago").endswith(
        f"12:00{NO_BREAK_SPACE}am"
    )
