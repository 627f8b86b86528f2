"""Which days a period holds, and which it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shopstack.dashboard.periods import CHOICES, FIRST_SHOP, TITLES, Period, make_period, small_steps

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 15, 18, 30, tzinfo=ZONE)
OPENED = date(2023, 5, 4)


def period(key: str, now: datetime = NOW, **options: object) -> Period:
    return make_period(key, now, ZONE, **({"first_day": OPENED} | options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "first", "earlier_first", "earlier_last"),
    [
        ("7d", date(2026, 11, 9), date(2026, 11, 2), date(2026, 11, 8)),
        ("30d", date(2026, 10, 17), date(2026, 9, 17), date(2026, 10, 16)),
        ("month", date(2026, 11, 1), date(2026, 10, 1), date(2026, 10, 15)),
        ("quarter", date(2026, 10, 1), date(2026, 7, 1), date(2026, 8, 15)),
        ("year", date(2026, 1, 1), date(2025, 1, 1), date(2025, 11, 15)),
    ],
)
def test_a_period_ends_today_and_is_compared_with_the_same_elapsed_part(
    key: str, first: date, earlier_first: date, earlier_last: date
) -> None:
    found = period(key)

    assert (found.current.first, found.current.last, found.current.until) == (first, NOW.date(), None)
    assert found.previous is not None
    assert (found.previous.first, found.previous.last) == (earlier_first, earlier_last)
    assert found.previous.until is not None
    assert found.previous.until.astimezone(ZONE).time() == NOW.time()


def test_today_is_the_shop_s_day_not_the_day_in_utc() -> None:
    late = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)  # still the evening of the 15th in New York
    assert period("7d", late).current.last == date(2026, 11, 15)


def test_the_same_time_of_day_holds_across_a_clock_change() -> None:
    now = datetime(2026, 11, 1, 18, 0, tzinfo=ZONE)  # the day on which summer time ends
    previous = period("7d", now).previous
    assert previous is not None
    assert previous.until == datetime(2026, 10, 25, 22, 0, tzinfo=UTC)  # 18:00, while summer time still held
    assert now.astimezone(UTC).hour == 23


def test_a_shorter_month_is_compared_whole() -> None:
    previous = period("month", datetime(2026, 3, 31, 12, tzinfo=ZONE)).previous
    assert previous is not None
    assert (previous.first, previous.last, previous.until) == (date(2026, 2, 1), date(2026, 2, 28), None)


@pytest.mark.parametrize(
    ("start_month", "quarter", "year"),
    [
        (1, date(2026, 10, 1), date(2026, 1, 1)),
        (2, date(2026, 11, 1), date(2026, 2, 1)),
        (12, date(2026, 9, 1), date(2025, 12, 1)),
    ],
)
def test_quarters_and_years_begin_with_the_fiscal_year(start_month: int, quarter: date, year: date) -> None:
    assert period("quarter", fiscal_year_start_month=start_month).current.first == quarter
    assert period("year", fiscal_year_start_month=start_month).current.first == year


def test_all_time_begins_with_the_first_order_and_has_nothing_before_it() -> None:
    found = period("all")
    assert (found.current.first, found.previous) == (OPENED, None)


def test_days_that_shopify_does_not_show_are_not_compared_with() -> None:
    assert period("30d", covered_since=date(2026, 9, 16)).previous is not None
    assert period("30d", covered_since=date(2026, 9, 18)).previous is None


def test_a_leap_day_a_year_later_is_the_month_s_last_day() -> None:
    previous = period("year", datetime(2028, 2, 29, 12, tzinfo=ZONE)).previous
    assert previous is not None
    assert previous.first == date(2027, 1, 1)
    assert previous.last == date(2027, 3, 1)  # as many days into the year


@pytest.mark.parametrize(("key", "is_cut"), [("year", False), ("30d", False), ("today", True)])
def test_on_a_leap_day_last_year_s_february_counts_to_its_end(key: str, is_cut: bool) -> None:
    previous = period(key, datetime(2028, 2, 29, 12, tzinfo=ZONE), compare="last_year").previous
    assert previous is not None
    assert previous.last == date(2027, 2, 28)
    assert (previous.until is not None) is is_cut
    later = period("year", datetime(2028, 3, 1, 12, tzinfo=ZONE), compare="last_year").previous
    assert later is not None
    assert later.until == datetime(2027, 3, 1, 12, tzinfo=ZONE)


@pytest.mark.parametrize("compare", ["previous", "last_year", "none"])
def test_chosen_days_begin_no_earlier_than_anything_can_have_been_sold(compare: str) -> None:
    chosen = (date.min, date(2026, 1, 1))
    assert period("custom", chosen=chosen, compare=compare).current.first == FIRST_SHOP
    brought = date(1998, 3, 1)
    assert period("custom", chosen=chosen, compare=compare, first_day=brought).current.first == brought


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(KeyError):
        period("fortnight")


@pytest.mark.parametrize("key", CHOICES)
def test_a_sparkline_s_steps_are_equal_and_end_today(key: str) -> None:
    found = period(key)
    steps = small_steps(found)

    assert steps[-1].last == found.current.last
    assert steps[0].first >= found.current.first
    assert len({(step.last - step.first).days for step in steps}) == 1
    assert 7 <= len(steps) <= 15
    for one, following in pairwise(steps):
        assert (following.first - one.last).days == 1


def test_every_choice_has_a_title() -> None:
    assert set(TITLES) - set(CHOICES) == {"today", "yesterday", "week", "custom"}
