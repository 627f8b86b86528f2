"""The map, and beside it the places that sold most.

Every cent is in exactly one of the map's shares (at its city, at its state, elsewhere), so that they add up to the
figure at the top of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from shopstack.dashboard.blocks.base import Block, Shown, column, quiet
from shopstack.dashboard.charts import Chart, Dot, Key, figure, is_on_us_map, us_map, world_map
from shopstack.dashboard.charts.maps import Precision
from shopstack.dashboard.charts.spec import FormatValue
from shopstack.dashboard.charts.theme import colour
from shopstack.dashboard.format import format_compact_money, format_integer, format_money, format_percent
from shopstack.dashboard.page import PageContext

PLACES_SHOWN = 12
REASONS_SHOWN = 3


@dataclass(frozen=True)
class Place:
    """One place as it is named on the map, with its net sales (shop currency) and its orders."""

    placed_at: Precision | Literal["none"]
    country_code: str
    province_code: str
    country: str
    province: str
    city: str
    latitude: float | None
    longitude: float | None
    net_sales: Decimal
    orders: int

    @property
    def name(self) -> str:
        """As people say it: `Austin, TX`, `Montana`, `Toronto, ON, Canada`."""
        if self.placed_at == "city":
            abroad = "" if self.country_code == "US" else self.country
            return ", ".join(filter(None, (self.city, self.province_code, abroad)))
        if self.placed_at == "province":
            return self.province if self.country_code == "US" else f"{self.province}, {self.country}"
        return self.country or "No address"

    @property
    def is_in_us(self) -> bool:
        """Whether the map of the United States has room for it."""
        return self.placed_at in {"city", "province"} and is_on_us_map(self.country_code, self.province_code)


COLUMNS = (
    "placed_at",
    "country_code",
    "province_code",
    "country",
    "province",
    "city",
    "latitude",
    "longitude",
    "net_sales",
    "orders",
)
"""What the query of a map has to have."""

NO_PLACE = "None of these orders says where it went: nothing was shipped, or the app may not read addresses."


class Map(Block):
    """The map, the shares that were placed on it, and the places that sold most."""

    data: str
    top_title: str = "Top places"

    def show(self, context: PageContext) -> Shown:
        """A map of the United States; of the world where most was sold abroad."""
        rows = context.rows(self.data)
        places = [Place(**{name: column(row, name) for name in COLUMNS}) for row in rows]
        in_us = _total([place for place in places if place.is_in_us])
        named = _total([place for place in places if place.placed_at != "none"])
        is_world = in_us * 2 < named
        on_map = [place for place in places if _is_drawn(place, is_world=is_world)]
        if not on_map:
            return quiet(NO_PLACE)
        money = partial(format_money, currency=context.shop.currency_code)
        chart = _draw(on_map, money, is_world=is_world, title=self.title)
        count = sum(1 for place in on_map if place.placed_at == "city") or len(on_map)
        values = {
            "drawing": figure(chart),
            "count": f"{format_integer(count)} {'place' if count == 1 else 'places'}",
            "shares": _shares(places, on_map, money, area="country" if is_world else "state"),
            "total": money(_total(places)),
            "top": _top(places, context.shop.currency_code),
            "top_title": self.top_title,
        }
        keys = (Key("dot size = net sales", colour("dot")),)
        return Shown("map.html", values, charts=(chart,), keys=keys, table=context.answer(self.data))


def _total(places: Sequence[Place]) -> Decimal:
    return sum((place.net_sales for place in places), Decimal(0))


def _is_drawn(place: Place, *, is_world: bool) -> bool:
    if is_world:
        return place.placed_at != "none" and place.latitude is not None
    return place.is_in_us


def _draw(places: Sequence[Place], money: FormatValue, *, is_world: bool, title: str) -> Chart:
    areas: dict[str, Decimal] = {}
    for place in places:
        code = place.country_code if is_world else place.province_code
        areas[code] = areas.get(code, Decimal(0)) + place.net_sales
    dots = [
        Dot(
            name=place.city or place.name,
            latitude=place.latitude,
            longitude=place.longitude,
            value=place.net_sales,
            tip=_tip(place, money(place.net_sales)),
            precision=place.placed_at,
        )
        for place in places
        if place.placed_at != "none" and place.latitude is not None and place.longitude is not None
    ]
    draw = world_map if is_world else us_map
    return draw(areas, dots, title=title, format_value=money)


def _tip(place: Place, amount: str) -> str:
    orders = f"{format_integer(place.orders)} order{'' if place.orders == 1 else 's'}"
    where = place.name if place.placed_at == "city" else f"{place.name}, city not known"
    return f"{where}: {amount}, {orders}"


def _shares(
    places: Sequence[Place], on_map: Sequence[Place], money: FormatValue, *, area: str
) -> list[dict[str, str]]:
    """How much of the total stands where; the rows add up to it."""
    total = _total(places)
    drawn = set(map(id, on_map))
    at_city = [place for place in on_map if place.placed_at == "city"]
    at_area = [place for place in on_map if place.placed_at != "city"]
    elsewhere = [place for place in places if id(place) not in drawn]
    rows = [
        ("At their city", at_city, ""),
        (f"At their {area}", at_area, "city not known"),
        ("Elsewhere", elsewhere, _reasons(elsewhere)),
    ]
    return [
        {
            "name": name,
            "amount": money(_total(group)),
            "share": format_percent(_total(group) / total) if total else format_percent(None),
            "note": note,
        }
        for name, group, note in rows
        if group
    ]


def _reasons(elsewhere: Sequence[Place]) -> str:
    """Where "elsewhere" is: `no address, Canada, Puerto Rico`, the largest first."""
    sums: dict[str, Decimal] = {}
    for place in elsewhere:
        name = "no address" if place.placed_at == "none" else _region(place)
        sums[name] = sums.get(name, Decimal(0)) + place.net_sales
    ordered = sorted(sums, key=lambda name: (-abs(sums[name]), name))
    more = [f"{len(ordered) - REASONS_SHOWN} more"] if len(ordered) > REASONS_SHOWN else []
    return ", ".join([*ordered[:REASONS_SHOWN], *more])


def _region(place: Place) -> str:
    if place.country_code != "US":
        return place.country or "no country"
    if place.placed_at == "country":
        return "United States, state not known"
    return place.province


def _top(places: Sequence[Place], currency: str) -> list[dict[str, Any]]:
    """The places that sold most, with the length of their bars in percent of the first."""
    best = [place for place in places if place.placed_at == "city" and place.net_sales > 0][:PLACES_SHOWN]
    if not best:  # a shop of which only countries are known
        best = [place for place in places if place.placed_at != "none" and place.net_sales > 0][:PLACES_SHOWN]
    longest = best[0].net_sales if best else Decimal(1)
    return [
        {
            "name": place.name,
            "net_sales": format_compact_money(place.net_sales, currency),
            "orders": f"{format_integer(place.orders)} order{'' if place.orders == 1 else 's'}",
            "length": format(max(place.net_sales / longest * 100, Decimal(1)), ".1f"),
        }
        for place in best
    ]
