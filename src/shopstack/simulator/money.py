"""Owns how money is counted (integers of the currency's smallest unit) and how Shopify prints it.

No float ever holds money. Which part of an amount falls where is decided by `Till` and the projections.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3}
PPM = 1_000_000
"""Tax rates and percentages are integers in millionths: 8.875 % is 88750."""


class Amount(NamedTuple):
    """One amount in both currencies of an order, each in its currency's smallest unit."""

    shop: int
    presentment: int

    def __add__(self, other: tuple[int, ...]) -> Amount:  # type: ignore[override]  # adds, does not concatenate
        return Amount(self.shop + other[0], self.presentment + other[1])

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.shop - other.shop, self.presentment - other.presentment)

    def __neg__(self) -> Amount:
        return Amount(-self.shop, -self.presentment)


ZERO = Amount(0, 0)


def exponent(currency: str) -> int:
    """How many decimal places the currency has."""
    return _EXPONENTS.get(currency, 2)


def printed(units: int, places: int) -> str:
    """An amount as Shopify prints a decimal: one digit after the point at least, no further zeros."""
    if places == 0:
        return f"{units}.0"
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**places)
    return f"{sign}{whole}.{f'{rest:0{places}d}'.rstrip('0') or '0'}"


def printed_fixed(units: int, places: int) -> str:
    """An amount as Shopify prints the scalar `Money` (a variant's price): always all decimal places."""
    return str(as_decimal(units, places))


def as_decimal(units: int, places: int) -> Decimal:
    """An amount as a decimal with the currency's places."""
    return Decimal(units).scaleb(-places)


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded half away from zero; the denominator is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def spread(total: int, weights: list[int]) -> list[int]:
    """`total` in proportion to `weights`, to the unit; what does not divide goes one by one to the first.

    That is how Shopify allocates an order's discounts (description of `Sale` in the Admin schema).
    """
    whole = sum(weights)
    if whole == 0:
        return [0 for _ in weights]
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    for place, weight in enumerate(weights):
        if left == 0:
            break
        if weight:
            shares[place] += 1
            left -= 1
    return shares
