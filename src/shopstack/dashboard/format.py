"""How numbers, money and dates are written for people: exact decimals in, short English text out.

Nothing here rounds through a binary float, and nothing depends on the machine's locale. Dates are the shop's
own days; a moment (UTC) is turned to the shop's time zone by the caller's zone name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
NOTHING = EN_DASH
"""Shown where there is no figure, so that an empty cell is never mistaken for a zero."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

_SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "PHP": "₱",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}
_NO_DECIMALS = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Minor unit 3 in ISO 4217; every other currency has 2, or 0 as listed above."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def currency_decimals(currency: str) -> int:
    """Digits after the point that amounts of this ISO 4217 currency carry."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def format_money(amount: Decimal | int | None, currency: str) -> str:
    """An exact amount in the given currency, `$1,234.50`."""
    if amount is None:
        return NOTHING
    places = currency_decimals(currency)
    rounded = _round(Decimal(amount), places)
    return _signed(rounded, _symbol(currency) + f"{abs(rounded):,.{places}f}")


def format_compact_money(amount: Decimal | int | None, currency: str) -> str:
    """A short amount for a figure or an axis: `$940`, `$9,412`, `$62.9k`, `$1.23M`."""
    if amount is None:
        return NOTHING
    return _signed(_visible(Decimal(amount)), _symbol(currency) + _compact(abs(Decimal(amount))))


def format_integer(number: Decimal | int | None) -> str:
    """A count with thousands separators; a fraction is rounded half up."""
    if number is None:
        return NOTHING
    rounded = _round(Decimal(number), 0)
    return _signed(rounded, f"{abs(rounded):,.0f}")


def format_percent(ratio: Decimal | None, *, decimals: int = 1) -> str:
    """A ratio as a percentage: `Decimal("0.553")` is `55.3%`."""
    if ratio is None:
        return NOTHING
    rounded = _round(ratio * 100, decimals)
    return _signed(rounded, f"{abs(rounded):,.{decimals}f}%")


Direction = Literal["up", "down", "flat", "new", "unknown"]

_ARROWS: dict[Direction, str] = {"up": "▲", "down": "▼", "flat": "", "new": "", "unknown": ""}


@dataclass(frozen=True)
class Change:
    """How a figure moved against its previous period, ready to print."""

    direction: Direction
    text: str
    """`7.3%`, `new`, `no change` or an en dash; never carries the arrow or a sign."""
    spoken: str
    """The same in words, for readers who do not see the arrow: `up 7.3%`."""

    @property
    def arrow(self) -> str:
        """▲ or ▼; empty where nothing moved or nothing can be said."""
        return _ARROWS[self.direction]


def format_change(current: Decimal | int | None, previous: Decimal | int | None) -> Change:
    """Relative change from `previous` to `current`.

    Growth from nothing is `new`, never a division by zero; from a negative base, or from nothing to less, it has no
    meaning and is not given.
    """
    if current is None or previous is None or previous < 0 or (previous == 0 and current < 0):
        return Change("unknown", NOTHING, "no comparison")
    if previous == 0:
        if current == 0:
            return Change("flat", "no change", "no change")
        return Change("new", "new", "new in this period")
    ratio = (Decimal(current) - Decimal(previous)) / Decimal(previous)
    text = format_percent(abs(ratio), decimals=0 if abs(ratio) >= 10 else 1)
    if ratio == 0 or text == "0.0%":
        return Change("flat", "no change", "no change")
    direction: Direction = "up" if ratio > 0 else "down"
    return Change(direction, text, f"{direction} {text}")


def format_day(day: date, *, year: bool = True) -> str:
    """`Nov 15, 2026`, or `Nov 15` without the year."""
    short = f"{_MONTHS[day.month - 1]} {day.day}"
    return f"{short}, {day.year}" if year else short


def format_month(day: date) -> str:
    """`Nov 2026`."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def format_day_range(first: date, last: date) -> str:
    """`Aug 18 - Nov 15, 2026` with an en dash; the first year is given only where it differs."""
    if first == last:
        return format_day(first)
    return f"{format_day(first, year=first.year != last.year)} {EN_DASH} {format_day(last)}"


def format_moment(moment: datetime, timezone: str) -> str:
    """A moment (aware, or naive UTC) on the shop's clock: `Nov 15, 2026, 11:48 pm`."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
    local = aware.astimezone(ZoneInfo(timezone))
    half = "am" if local.hour < 12 else "pm"
    return f"{format_day(local.date())}, {local.hour % 12 or 12}:{local.minute:02d}{NO_BREAK_SPACE}{half}"


def _symbol(currency: str) -> str:
    return _SYMBOLS.get(currency, currency + NO_BREAK_SPACE)


def _signed(value: Decimal, text: str) -> str:
    return MINUS + text if value < 0 else text


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _visible(value: Decimal) -> Decimal:
    """The whole part that a compact text shows, so that `0` never carries a minus."""
    return _round(value, 0)


def _compact(value: Decimal) -> str:
    """A magnitude in at most four figures; the unit moves up before a value could round to `1,000k`."""
    if _round(value, 0) < 10_000:
        return f"{_round(value, 0):,.0f}"
    for unit, size in (("k", 10**3), ("M", 10**6), ("B", 10**9)):
        scaled = value / size
        places = 1 if scaled >= 10 else 2
        if _round(scaled, places) < 1000 or unit == "B":
            return f"{_round(scaled, places):,.{places}f}".rstrip("0").rstrip(".") + unit
    raise AssertionError("unreachable: every value finds a unit")
