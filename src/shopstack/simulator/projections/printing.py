"""Owns the printed form of money, tax lines and times in documents: JSON pieces made once and reused.

It prints figures and works out none.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import orjson

from shopstack.simulator.money import PPM, Amount, as_decimal, exponent, printed

_KEPT = 50_000
_Key = TypeVar("_Key")


class Printer:
    """Prints the amounts of one shop; a repeated amount costs one look-up."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._places = exponent(currency)
        self._home: dict[int, orjson.Fragment] = {}
        self._abroad: dict[tuple[int, int, str], orjson.Fragment] = {}
        self._taxes: dict[tuple[str, int, Amount, str], orjson.Fragment] = {}

    def bag(self, shop: int, presentment: int, currency: str) -> orjson.Fragment:
        """A MoneyBag of an amount in the shop's currency and in the order's."""
        if currency == self.currency:
            kept = self._home.get(shop)
            if kept is None:
                one = self._money(shop, self.currency)
                kept = _keep(self._home, shop, f'{{"shopMoney":{one},"presentmentMoney":{one}}}')
            return kept
        key = (shop, presentment, currency)
        kept = self._abroad.get(key)
        if kept is None:
            home, abroad = self._money(shop, self.currency), self._money(presentment, currency)
            kept = _keep(self._abroad, key, f'{{"shopMoney":{home},"presentmentMoney":{abroad}}}')
        return kept

    def money(self, shop: int) -> dict[str, str]:
        """A MoneyV2 in the shop's currency."""
        return {"amount": printed(shop, self._places), "currencyCode": self.currency}

    def decimal(self, shop: int) -> Decimal:
        """An amount in the shop's currency as a number."""
        return as_decimal(shop, self._places)

    def tax_line(self, title: str, rate: int, amount: Amount, currency: str) -> orjson.Fragment:
        """A TaxLine; the rate is given in millionths."""
        key = (title, rate, amount, currency)
        kept = self._taxes.get(key)
        if kept is None:
            line: dict[str, Any] = {
                "title": title,
                "rate": rate / PPM,
                "ratePercentage": rate * 100 / PPM,
                "priceSet": self.bag(*amount, currency),
                "source": "Shopify",
                "channelLiable": False,
            }
            kept = _keep(self._taxes, key, orjson.dumps(line).decode())
        return kept

    @staticmethod
    def time(at: datetime) -> str:
        """A UTC time in whole seconds, as the API prints it."""
        return at.isoformat()[:19] + "Z"

    @staticmethod
    def _money(units: int, currency: str) -> str:
        return f'{{"amount":"{printed(units, exponent(currency))}","currencyCode":"{currency}"}}'


def _keep(cache: dict[_Key, orjson.Fragment], key: _Key, text: str) -> orjson.Fragment:
    if len(cache) >= _KEPT:
        cache.clear()
    fragment = cache[key] = orjson.Fragment(text.encode())
    return fragment
