"""Addresses of the made-up shop's customers: cities by population, spelled as people type them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from random import Random

from shopstack.simulator.checkout import Rate
from shopstack.simulator.events import Address
from shopstack.simulator.generator.cities import CANADA, LOCAL_TAXES, PROVINCES, STATES, UNITED_STATES

_STREETS = (
    "Maple",
    "Oak",
    "Cedar",
    "Elm",
    "Park",
    "Lake",
    "Hill",
    "River",
    "Church",
    "Mill",
    "Spring",
    "Willow",
)
_WAYS = ("St", "Ave", "Rd", "Ln", "Dr", "Ct")
_LOWER, _SAINT, _BLANK, _UPPER = 0.04, 0.5, 0.03, 0.01


def _parsed(table: str) -> Iterator[tuple[str, str, int]]:
    for row in table.strip().splitlines():
        code, _, cities = row.partition(": ")
        for city in cities.split(", "):
            name, _, thousands = city.rpartition(" ")
            yield code, name, int(thousands)


class Places:
    """Draws addresses: mostly American, by population."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._home = [(code, name) for code, name, _ in _parsed(UNITED_STATES)]
        # people in small towns buy by post more than their number says, hence the square-root-like weight
        self._home_weights = list(accumulate(size**0.8 for _, _, size in _parsed(UNITED_STATES)))
        self._abroad = [(code, name) for code, name, _ in _parsed(CANADA)]
        self._abroad_weights = list(accumulate(size for _, _, size in _parsed(CANADA)))

    def american(self, first: str, last: str) -> Address:
        """An address in the United States."""
        (code, city), *_ = self._random.choices(self._home, cum_weights=self._home_weights)
        return self._address((city, STATES[code][0], code), "United States", "US", (first, last))

    def canadian(self, first: str, last: str) -> Address:
        """An address in Canada."""
        (code, city), *_ = self._random.choices(self._abroad, cum_weights=self._abroad_weights)
        return self._address((city, PROVINCES[code], code), "Canada", "CA", (first, last))

    def typed(self, address: Address) -> Address:
        """The same address as somebody types it this time: case, blanks and "Saint" vary."""
        city, draw = address.city or "", self._random.random()
        if city.startswith("St. ") and draw < _SAINT:
            city = ("Saint " if draw < _SAINT / 2 else "St ") + city[4:]
        elif draw < _LOWER:
            city = city.lower()
        elif draw < _LOWER + _BLANK:
            city += " "
        elif draw < _LOWER + _BLANK + _UPPER:
            city = city.upper()
        return replace(address, city=city)

    def _address(
        self, place: tuple[str, str, str], country: str, country_code: str, name: tuple[str, str]
    ) -> Address:
        draw = self._random
        street = f"{draw.randrange(1, 9999)} {draw.choice(_STREETS)} {draw.choice(_WAYS)}"
        zip_ = (
            f"{draw.randrange(501, 99_951):05d}"
            if country_code == "US"
            else f"K{draw.randrange(10)}A {draw.randrange(10)}B1"
        )
        return Address(*place, country, country_code, zip_, street, *name)


def sales_tax(address: Address | None) -> tuple[Rate, ...]:
    """The sales taxes at an American address; none elsewhere, and none where the state takes none."""
    if address is None or address.country_code != "US" or address.province_code not in STATES:
        return ()
    name, rate = STATES[address.province_code]
    local = LOCAL_TAXES.get(address.province_code, 0)
    taxes = [Rate(f"{name} State Tax", rate)] if rate else []
    if local:
        taxes.append(Rate(f"{name} Local Tax", local))
    return tuple(taxes)
