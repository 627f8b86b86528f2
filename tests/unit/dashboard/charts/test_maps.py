"""The maps: every place at its spot, the largest beneath, states shaded by their total."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from shopstack.dashboard.charts.maps import Dot, is_on_us_map, shade, us_map, world_map
from shopstack.dashboard.charts.render import to_svg
from shopstack.dashboard.charts.spec import Chart
from shopstack.dashboard.charts.theme import LAND_SHADES
from shopstack.dashboard.format import format_money

MONEY = partial(format_money, currency="USD")
AUSTIN = Dot("Austin, TX", 30.267, -97.743, Decimal("1234.50"), "Austin, TX: $1,234.50, 12 orders")
BOISE = Dot("Boise, ID", 43.614, -116.203, Decimal(10), "Boise, ID: $10.00, 1 order")
SAN_JUAN = Dot("San Juan, PR", 18.466, -66.106, Decimal(50), "San Juan, PR: $50.00, 2 orders")
CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" data-tip="([^"]*)"')


def circles(svg: str) -> dict[str, tuple[float, float, float]]:
    """Tip -> position and radius, in drawing order."""
    return {tip: (float(x), float(y), float(radius)) for x, y, radius, tip in CIRCLE.findall(svg)}


def american(*dots: Dot, states: dict[str, Decimal] | None = None) -> str:
    return to_svg(us_map(states or {}, dots, title="Where orders ship to", format_value=MONEY))


def test_a_dot_stands_where_its_place_is() -> None:
    found = circles(american(AUSTIN, BOISE))
    (austin_x, austin_y, _), (boise_x, boise_y, _) = found[AUSTIN.tip], found[BOISE.tip]
    assert boise_x < austin_x
    assert boise_y < austin_y  # further north


@pytest.mark.parametrize(
    ("area", "latitude", "longitude", "draw"),
    [
        ("Texas", 30.267, -97.743, us_map),
        ("Alaska", 61.218, -149.9, us_map),
        ("Hawaii", 19.64, -155.5, us_map),
        ("Australia", -35.283, 149.128, world_map),
        ("United Kingdom", 51.509, -0.126, world_map),
    ],
)
def test_a_dot_lies_within_the_outline_of_its_area(
    area: str, latitude: float, longitude: float, draw: Callable[..., Chart]
) -> None:
    dot = Dot("here", latitude, longitude, Decimal(1), "here")
    svg = to_svg(draw({}, [dot], title="Here", format_value=MONEY))
    x, y, _ = circles(svg)["here"]
    outline = re.search(rf'd="([^"]+)" data-tip="{area}: ', svg.replace(' fill="var(--chart-land-0)"', ""))
    assert outline
    rings = [
        [tuple(map(float, point.split(","))) for point in re.findall(r"-?[\d.]+,-?[\d.]+", ring)]
        for ring in outline[1].split("Z")
    ]
    crossed = [
        (ax, ay, bx, by)
        for ring in rings
        for (ax, ay), (bx, by) in pairwise([*ring, *ring[:1]])
        if (ay > y) != (by > y) and x < ax + (bx - ax) * (y - ay) / (by - ay)
    ]
    assert len(crossed) % 2 == 1


def test_a_dot_s_area_grows_with_its_sales() -> None:
    small = Dot("Waco, TX", 31.549, -97.147, AUSTIN.value / 4, "Waco, TX")
    found = circles(american(AUSTIN, small))
    assert found[AUSTIN.tip][2] == pytest.approx(2 * found[small.tip][2], rel=0.05)


def test_small_dots_are_drawn_over_large_ones() -> None:
    found = circles(american(BOISE, AUSTIN))
    assert list(found) == [AUSTIN.tip, BOISE.tip]


def test_a_place_without_sales_or_with_more_refunds_keeps_a_small_dot() -> None:
    refunded = Dot("Reno, NV", 39.53, -119.814, Decimal(-20), "Reno, NV: refunds")
    found = circles(american(AUSTIN, refunded))
    assert 1 <= found[refunded.tip][2] < 3


def test_what_the_map_has_no_room_for_is_not_drawn_in_a_corner() -> None:
    assert list(circles(american(AUSTIN, SAN_JUAN))) == [AUSTIN.tip]


@pytest.mark.parametrize(
    ("country", "province", "fits"),
    [("US", "TX", True), ("US", "AK", True), ("US", "DC", True), ("US", "PR", False), ("US", "AE", False),
     ("US", "", False), ("CA", "ON", False), ("GB", "", False)],
)  # fmt: skip
def test_only_states_and_dc_are_on_the_american_map(country: str, province: str, *, fits: bool) -> None:
    assert is_on_us_map(country, province) is fits


def test_states_are_shaded_and_told() -> None:
    svg = american(states={"TX": Decimal(900), "CA": Decimal(100)})
    marks = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")  # noqa: S314 - drawn by us
    land = {mark.attrib["data-tip"].split(":")[0]: mark.attrib["fill"][-2] for mark in marks}
    assert len(land) == 51
    assert land["Texas"] == str(LAND_SHADES - 1)
    assert "0" < land["California"] < land["Texas"]
    assert land["Idaho"] == "0"
    assert 'data-tip="Texas: $900.00"' in svg


def test_the_largest_state_never_leaves_the_scale() -> None:
    assert [shade(Decimal(value), Decimal(100)) for value in (-1, 0, 1, 100)] == [0, 0, 1, LAND_SHADES - 1]


def test_a_dot_for_a_whole_state_is_hollow() -> None:
    montana = Dot("Montana", 46.7, -111.1, Decimal(30), "Montana, city not known: $30.00", "province")
    rings = american(AUSTIN, montana).split('class="chart-rings"')[1]
    assert montana.tip in rings
    assert AUSTIN.tip not in rings


def test_the_largest_places_are_named_and_names_keep_their_distance() -> None:
    round_rock = Dot("Round Rock, TX", 30.508, -97.679, Decimal(1000), "Round Rock, TX")
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", american(AUSTIN, round_rock, BOISE))
    assert labels == ["Austin, TX", "Boise, ID"]


def test_a_city_to_the_south_of_a_larger_one_is_named_below_its_dot() -> None:
    hudson = Dot("Hudson", 42.253, -73.791, Decimal(6848), "Hudson")
    new_york = Dot("New York City", 40.714, -74.006, Decimal(4831), "New York City")
    page = american(hudson, new_york)
    (upper, lower) = re.findall(
        r"<text[^>]*translate\([-\d.]+[ ,]([-\d.]+)\)[^>]*>", page.split('class="chart-labels"')[1]
    )
    found = circles(page)
    assert float(upper) < found["Hudson"][1] < found["New York City"][1] < float(lower)


def test_a_world_map_shades_countries_and_places_dots_abroad() -> None:
    london = Dot("London", 51.509, -0.126, Decimal(70), "London: $70.00")
    svg = to_svg(world_map({"GB": Decimal(70)}, [london, SAN_JUAN], title="World", format_value=MONEY))
    assert set(circles(svg)) == {london.tip, SAN_JUAN.tip}
    assert 'data-tip="United Kingdom: $70.00"' in svg
    assert len(svg) < 200_000


def test_an_empty_map_is_a_map() -> None:
    svg = american()
    assert svg.count("<path") >= 51
    assert "<circle" not in svg


def test_fifteen_hundred_places_stay_light() -> None:
    spread = random.Random(7)
    dots = [
        Dot(f"Place {number}", spread.uniform(31, 47), spread.uniform(-118, -80), Decimal(number), f"Place {number}, TX: ${number}.00, 3 orders")
        for number in range(1500)
    ]  # fmt: skip
    svg = american(*dots)
    assert len(circles(svg)) == 1500
    assert len(svg) < 250_000
