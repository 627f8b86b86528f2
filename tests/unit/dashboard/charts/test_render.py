"""What reaches the page: one drawing for light and dark, small, accessible, with nothing from outside."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from xml.etree import ElementTree as ET

import pytest

from shopstack.dashboard.charts import (
    DARK,
    LIGHT,
    Caption,
    Chart,
    Dot,
    Palette,
    Series,
    chart_css,
    compared_keys,
    figure,
    ordered,
    series_keys,
    sparkline,
    to_png,
    to_svg,
    us_map,
)
from shopstack.dashboard.charts.caption import captioned
from shopstack.dashboard.charts.theme import LAND_SHADES, resolve
from shopstack.dashboard.format import format_money

MONEY = partial(format_money, currency="USD")
TITLE = 'Sales of "Tea & <Biscuits>"'


def of_columns() -> Chart:
    sales = Series("Sales", [Decimal(20), Decimal(-5)])
    return ordered(
        ["Tea & <Biscuits>", "Milk"],
        [sales],
        shape="columns",
        title=TITLE,
        format_value=MONEY,
        format_axis=MONEY,
    )


def of_states() -> Chart:
    dots = [Dot("Austin", 30.3, -97.7, Decimal(5), "Austin: $5.00")]
    return us_map({"TX": Decimal(5)}, dots, title="Where orders ship to", format_value=str)


CHARTS = [of_columns(), of_states(), sparkline([Decimal(1), Decimal(3)], title="Orders")]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_colours_are_variables_that_the_style_sheet_defines(chart: Chart) -> None:
    svg = to_svg(chart)
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", svg))
    assert used
    assert used <= set(LIGHT.variables())
    assert re.findall(r'(?:fill|stroke)="(?!none|var|[\d.])([^"]*)"', svg) == []


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_a_drawing_scales_and_says_what_it_is(chart: Chart) -> None:
    root = parsed(to_svg(chart))
    assert root.get("viewBox") == f"0 0 {chart.width} {chart.height}"
    assert root.get("width") == "100%"
    assert root.get("height") is None
    assert root.get("role") == "img"
    assert root.get("aria-label") == chart.summary


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_nothing_is_left_that_a_strict_page_would_refuse_or_fetch(chart: Chart) -> None:
    svg = to_svg(chart)
    for unwanted in (
        " style=",
        " id=",
        "<style",
        "<script",
        "href",
        "url(",
        "aria-roledescription",
        "font-family",
    ):
        assert unwanted not in svg
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


def test_texts_are_escaped() -> None:
    svg = to_svg(of_columns())
    assert "<Biscuits>" not in svg
    root = parsed(svg)
    tips = [element.get("data-tip") for element in root.iter() if element.get("data-tip")]
    assert tips == ["Tea & <Biscuits>: $20.00", "Milk: \N{MINUS SIGN}$5.00"]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_drawing_twice_gives_the_same_text(chart: Chart) -> None:
    assert to_svg(chart) == to_svg(chart)


def test_what_a_chart_of_the_merchant_s_refers_to_by_id_is_left_out() -> None:
    rows = {"values": [{"n": 1, "m": 5}]}
    place = {"field": "n", "type": "quantitative", "scale": {"domain": [0, 2]}}
    spec = {"data": rows, "mark": {"type": "bar", "clip": True}, "encoding": {"x": place}}
    svg = to_svg(Chart("custom", "Own", "Own", spec, 200, 100))
    assert "clip-path" not in svg
    assert "defs" not in svg


def test_wide_and_narrow_drawings_share_one_box() -> None:
    wide, narrow = sparkline([1, 2], title="Wide"), sparkline([1, 2], title="Narrow")
    both = parsed(figure(wide, narrow).__html__())
    assert [part.get("class") for part in both] == ["chart-wide", "chart-narrow"]
    assert len(parsed(figure(wide).__html__())) == 1


def test_a_picture_has_colours_of_its_own() -> None:
    assert "var(" not in resolve(to_svg(of_states()), LIGHT)
    assert to_png(of_columns(), Caption("Columns")).startswith(b"\x89PNG")


def test_a_picture_says_what_it_shows_above_the_drawing() -> None:
    caption = Caption(TITLE, "Cedar & {Co} · Nov 1, 2026", series_keys(["New", "Back & again"]))
    picture = parsed(captioned(to_svg(of_columns()), 760, 280, caption))
    said = [one.text for one in picture.iter() if one.tag.endswith("text")]
    assert said[:4] == [TITLE, "Cedar & {Co} · Nov 1, 2026", "New", "Back & again"]
    (drawing,) = (one for one in picture if one.tag.endswith("svg"))
    lines = [one.get("transform", "") for one in picture if one.tag.endswith("}g")]
    heights = [float(line.removesuffix(")").split()[-1]) for line in lines]
    assert heights == sorted(set(heights))
    assert len(heights) == 3
    assert 0 < heights[0] < heights[-1] < float(drawing.get("y", 0))
    assert float(drawing.get("y", 0)) + 280 < float(picture.get("height", 0))


def test_long_words_and_many_keys_take_more_lines() -> None:
    few, many = (
        Caption("Sales", keys=series_keys(["A"])),
        Caption("Sales " * 40, keys=series_keys(["Long name"] * 20)),
    )
    low, high = (
        float(parsed(captioned(to_svg(of_columns()), 360, 250, one)).get("height", 0)) for one in (few, many)
    )
    assert high > low + 100


def test_a_period_and_the_one_before_it_are_told_apart() -> None:
    picture = captioned(
        to_svg(of_columns()), 760, 280, Caption("Sales", keys=compared_keys("Previous period"))
    )
    assert picture.count("stroke-dasharray") == 1
    assert ">This period<" in picture
    assert ">Previous period<" in picture


def test_the_style_sheet_gives_every_variable_in_both_schemes() -> None:
    css = chart_css()
    for palette in (LIGHT, DARK):
        for name, value in palette.variables().items():
            assert f"{name}:{value}" in css
    assert "prefers-color-scheme:dark" in css


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_reach_aa_contrast(palette: Palette) -> None:
    assert len(palette.land) == LAND_SHADES
    for text in (palette.axis, palette.label, palette.accent):
        assert contrast(text, palette.surface) >= 4.5
    for shade in palette.land:
        assert contrast(palette.label, shade) >= 4.5
    for line in (palette.dot, palette.previous):
        assert contrast(line, palette.surface) >= 3
    assert contrast(palette.dot_edge, palette.land[-1]) >= 1.5


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - drawn by us


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
