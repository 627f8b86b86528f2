"""Maps of sales: states or countries shaded by their total, and over them a dot per place sized by its sales.

Places that a map has no room for (on the map of the United States: Puerto Rico, military addresses, other countries)
must be left to the caller's "elsewhere" line; `is_on_us_map` says which they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shopstack.dashboard.charts.spec import Chart, FormatValue, Spec, base
from shopstack.dashboard.charts.theme import LAND_SHADES, colour, land
from shopstack.geo import Outlines, us_states, world_countries

SMALLEST, LARGEST = 1.7, 13.0
"""Radius of a dot in pixels; its area grows with its sales."""

NAMED = 6
"""Places that are named on a map: the largest."""

_OFF_THE_US_MAP = frozenset({"", "PR", "GU", "VI", "AS", "MP", "AA", "AE", "AP", "FM", "MH", "PW", "UM"})

BELOW = 0.6
"""From a label above a dot to one below it, in heights that a label takes up."""

Precision = Literal["city", "province", "country"]


@dataclass(frozen=True)
class _Frame:
    """What differs between the two maps."""

    kind: Literal["us-map", "world-map"]
    label_degrees: tuple[float, float]
    """Longitude and latitude that a label takes up."""


_US = _Frame("us-map", (9.0, 2.2))
_WORLD = _Frame("world-map", (28.0, 7.0))


@dataclass(frozen=True)
class Dot:
    """One place with its sales. `tip` is the full text of its tooltip; `name` the short text of its label."""

    name: str
    latitude: float
    longitude: float
    value: Decimal
    tip: str
    precision: Precision = "city"
    """What the coordinates are the centre of; a dot that stands for a whole province is drawn hollow."""


def is_on_us_map(country_code: str, province_code: str) -> bool:
    """Whether the map of the United States has a place for it: the fifty states and DC."""
    return country_code == "US" and province_code not in _OFF_THE_US_MAP


def us_map(
    states: Mapping[str, Decimal],
    dots: Sequence[Dot],
    *,
    title: str,
    format_value: FormatValue,
) -> Chart:
    """States by postal code (`CA`), dots anywhere in them."""
    return _map(_US, us_states(), states, dots, title=title, format_value=format_value)


def world_map(
    countries: Mapping[str, Decimal],
    dots: Sequence[Dot],
    *,
    title: str,
    format_value: FormatValue,
) -> Chart:
    """Countries by ISO 3166 code (`GB`), dots anywhere; for shops that sell mostly abroad."""
    return _map(_WORLD, world_countries(), countries, dots, title=title, format_value=format_value)


def shade(value: Decimal, largest: Decimal) -> int:
    """Step of the shading: 0 without sales, then equal steps of the square root, so that one giant hides nobody."""
    if value <= 0 or largest <= 0:
        return 0
    return min(LAND_SHADES - 1, 1 + math.floor((LAND_SHADES - 1) * math.sqrt(value / largest)))


def _map(
    frame: _Frame,
    outlines: Outlines,
    areas: Mapping[str, Decimal],
    dots: Sequence[Dot],
    *,
    title: str,
    format_value: FormatValue,
) -> Chart:
    ordered = sorted(dots, key=lambda dot: (-dot.value, dot.name))
    spec = base(outlines.width, outlines.height)
    spec["projection"] = outlines.projection
    spec["layer"] = [
        _land(outlines, areas, format_value),
        _dots([dot for dot in ordered if dot.precision == "city"], ordered, "dots"),
        _dots([dot for dot in ordered if dot.precision != "city"], ordered, "rings"),
        _labels(_apart(ordered, frame)),
    ]
    named = ", ".join(dot.tip for dot in ordered[:3])
    summary = f"{title}: {len(dots):,} places" + (f"; most in {named}" if named else "")
    paths = tuple(area.path for area in outlines.areas)
    return Chart(frame.kind, title, summary, spec, outlines.width, outlines.height, paths)


def _land(outlines: Outlines, areas: Mapping[str, Decimal], format_value: FormatValue) -> Spec:
    """A mark an area, in their order: shaded and described here, while `svg.finish` gives it its outline."""
    largest = max(areas.values(), default=Decimal(0))
    sold = {area.id: areas.get(area.id, Decimal(0)) for area in outlines.areas}
    rows = [
        {"s": shade(sold[area.id], largest), "t": f"{area.name}: {format_value(sold[area.id])}"}
        for area in outlines.areas
    ]
    return {
        "name": "land",
        "data": {"values": rows},
        "mark": {
            "type": "point",
            "shape": "M0,0",
            "opacity": 1,
            "stroke": colour("land-edge"),
            "strokeWidth": 0.75,
        },
        "encoding": {
            "x": {"value": 0},
            "y": {"value": 0},
            "fill": {
                "field": "s",
                "type": "ordinal",
                "legend": None,
                "scale": {
                    "domain": list(range(LAND_SHADES)),
                    "range": [land(step) for step in range(LAND_SHADES)],
                },
            },
            "description": {"field": "t"},
        },
    }


def _dots(dots: Sequence[Dot], all_dots: Sequence[Dot], name: Literal["dots", "rings"]) -> Spec:
    largest = max((dot.value for dot in all_dots), default=Decimal(0))
    rows = [
        {"x": dot.longitude, "y": dot.latitude, "s": _area(dot.value, largest), "t": dot.tip} for dot in dots
    ]
    mark = {
        "type": "circle",
        "clip": False,  # Vega-Lite's default under a projection of a given scale
        "fill": colour("dot"),
        "fillOpacity": 0.55,
        "stroke": colour("dot-edge"),
        "strokeWidth": 0.5,
    }
    if name == "rings":
        mark |= {"fillOpacity": 0.12, "stroke": colour("dot"), "strokeWidth": 1.25}
    return {
        "name": name,
        "data": {"values": rows},
        "mark": mark | {"opacity": 1},
        "encoding": {
            "longitude": {"field": "x", "type": "quantitative"},
            "latitude": {"field": "y", "type": "quantitative"},
            "size": {"field": "s", "type": "quantitative", "scale": None, "legend": None},
            "description": {"field": "t"},
        },
    }


def _area(value: Decimal, largest: Decimal) -> float:
    """Size as Vega takes it, pixels squared, of the square around the dot scaled by pi / 4."""
    share = float(value / largest) if value > 0 and largest > 0 else 0.0
    radius = max(SMALLEST, LARGEST * math.sqrt(share))
    return round(math.pi * radius * radius, 2)


def _labels(named: Sequence[tuple[Dot, bool]]) -> Spec:
    rows = [
        {"x": dot.longitude, "y": dot.latitude, "n": dot.name, "dy": 17 if is_below else -6}
        for dot, is_below in named
    ]
    return {
        "name": "labels",
        "data": {"values": rows},
        "mark": {
            "type": "text",
            "clip": False,
            "fontSize": 11,
            "fontWeight": 600,
            "baseline": "bottom",
            "dy": {"expr": "datum.dy"},
            "color": colour("label"),
        },
        "encoding": {
            "longitude": {"field": "x", "type": "quantitative"},
            "latitude": {"field": "y", "type": "quantitative"},
            "text": {"field": "n"},
        },
    }


def _apart(ordered: Sequence[Dot], frame: _Frame) -> list[tuple[Dot, bool]]:
    """The largest places whose labels do not run into each other, as far as degrees can tell, and which stand below.

    A label stands above its dot; below it where a larger place near by to the north leaves no room.
    """
    wide, tall = frame.label_degrees
    chosen: list[tuple[Dot, bool]] = []

    def has_room(dot: Dot, *, is_below: bool) -> bool:
        return all(
            abs(dot.longitude - other.longitude) > wide
            or abs(dot.latitude - other.latitude + tall * BELOW * (other_is_below - is_below)) > tall
            for other, other_is_below in chosen
        )

    for dot in ordered:
        if len(chosen) == NAMED:
            break
        places = [is_below for is_below in (False, True) if has_room(dot, is_below=is_below)]
        if dot.precision == "city" and places:
            chosen.append((dot, places[0]))
    return chosen
