"""From Vega's SVG to the SVG a page carries: small, scalable, themed by variables, with its text alternative.

What Vega repeats on every mark is said once on the group; roles and labels meant for Vega's own viewer become one
`data-tip` a mark, which the page's script shows by pointer, keyboard and touch.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from shopstack.dashboard.charts.spec import Chart
from shopstack.dashboard.charts.theme import colour

SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_MOVED = re.compile(r"translate\((-?[\d.e-]+),(-?[\d.e-]+)\)")
_CIRCLE = re.compile(r"M([\d.]+),0A([\d.]+),\2,0,1,1,-\2,0A\2,\2,0,1,1,\2,0(?:Z)?")
_HOISTED = (
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "opacity", "font-size", "font-weight", "text-anchor",
)  # fmt: skip
_NOISE = (
    "role",
    "aria-roledescription",
    "aria-label",
    "aria-hidden",
    "class",
    "font-family",
    "style",
    "stroke-miterlimit",
    "pointer-events",
    "clip-path",  # it refers to an id, which a drawing that stands on a page many times cannot have
)
_HALO = {
    "paint-order": "stroke",
    "stroke": colour("surface"),
    "stroke-width": "3",
    "stroke-opacity": "0.75",
    "stroke-linejoin": "round",
}  # keeps a name readable on dark land and over dots
_GEOMETRY = {"d", "transform", "cx", "cy", "r", "x", "y", "x2", "y2", "width", "height"}
_TELLING = {"hits", "land", "dots", "rings"}
"""Groups whose marks have a text of ours; on others Vega describes the data in its own words."""
_GROUPS = _TELLING | {"labels"}


def finish(raw: str, chart: Chart) -> str:
    """The drawing as one `<svg>` element for inlining; deterministic, without ids, styles or references."""
    root = ET.fromstring(raw)  # noqa: S314 - our own renderer's output
    svg = ET.Element("svg", _frame(chart))
    for child in root:
        svg.extend(_clean(child, tips=False))
    if chart.outlines:
        land = next(group for group in svg.iter("g") if group.get("class") == "chart-land")
        for area, outline in zip(land, chart.outlines, strict=True):
            area.set("d", outline)
    return ET.tostring(svg, encoding="unicode", short_empty_elements=True).replace(" />", "/>")


def _frame(chart: Chart) -> dict[str, str]:
    frame = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"chart chart-{chart.kind}",
        "viewBox": f"0 0 {chart.width} {chart.height}",
        "width": "100%",
        "fill": "none",
        "role": "img",
        "aria-label": chart.summary,
    }
    return frame | {"preserveAspectRatio": "none"} if chart.stretches else frame


def _clean(element: ET.Element, *, tips: bool) -> list[ET.Element]:
    """What is left of an element without noise: nothing, one element, or the contents of a group that says nothing."""
    tag = element.tag.removeprefix(SVG)
    if (
        tag == "defs"
        or element.get("display") == "none"
        or element.get("class") in {"background", "foreground"}
    ):
        return []
    if tag == "g":
        return _clean_group(element, tips=tips)
    if tag == "path" and not element.get("d"):
        return []
    mark = ET.Element(tag, _attributes(element))
    mark.text = element.text
    if tips and (tip := element.get("aria-label")):
        mark.set("data-tip", tip)
    circle = _as_circle(mark)
    return [] if circle is None else [circle]


def _clean_group(element: ET.Element, *, tips: bool) -> list[ET.Element]:
    name = _group_name(element)
    children = [part for child in element for part in _clean(child, tips=tips or name in _TELLING)]
    attributes = _attributes(element)
    if name:
        attributes["class"] = f"chart-{name}"
    if name == "labels":
        attributes |= _HALO
    if not children or not attributes:
        return children
    group = ET.Element("g", attributes)
    group.extend(children)
    for key in _HOISTED:
        values = {child.get(key) for child in children}
        if len(values) == 1 and (value := values.pop()) is not None and key not in group.attrib:
            group.set(key, value)
            for child in children:
                del child.attrib[key]
    return [group]


def _group_name(element: ET.Element) -> str:
    """The name a specification gave the marks of this group, if a style sheet needs it."""
    for name in (element.get("class") or "").split():
        stem = name.removesuffix("_marks")
        if stem != name and stem in _GROUPS:
            return stem
    return ""


def _attributes(element: ET.Element) -> dict[str, str]:
    kept = {
        key: _NUMBER.sub(_rounded, value) if key in _GEOMETRY else value
        for key, value in element.attrib.items()
        if key not in _NOISE
    }
    if kept.get("transform") == "translate(0,0)":
        del kept["transform"]
    if kept.get("opacity") == "1":
        del kept["opacity"]
    if element.tag == SVG + "g" and kept == {"fill": "none"}:
        return {}  # the frame says so for all
    return kept


def _as_circle(mark: ET.Element) -> ET.Element | None:
    """A dot as `<circle>`, a quarter of the bytes of Vega's path; None for one that the projection has no place for."""
    match = _CIRCLE.fullmatch(mark.get("d", ""))
    if match is None:
        return mark
    moved = _MOVED.fullmatch(mark.get("transform", ""))
    if moved is None:  # no translation: Vega's way of saying that the point is off the map
        return None
    rest = {key: value for key, value in mark.attrib.items() if key not in {"d", "transform"}}
    return ET.Element("circle", {"cx": moved[1], "cy": moved[2], "r": match[2], **rest})


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
