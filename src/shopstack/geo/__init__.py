"""What the product knows of the world: the gazetteer of places, the shapes of states and countries, and the one rule
by which city names are compared. Data and rule only; matching orders to places is done in the warehouse.

`places.parquet` is made by `make_places.py`, the shapes by `make_shapes.py`; sources and licences are in NOTICE.md.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLACES_PATH = Path(__file__).with_name("places.parquet")
"""The gazetteer, with the columns of `reference.places` in the raw database."""

_DROPPED = re.compile("[.'\N{RIGHT SINGLE QUOTATION MARK}]")
_BLANK = re.compile(r"[-,/\s]+")
_SHORT = (("saint ", "st "), ("fort ", "ft "), ("mount ", "mt "))


def normalise_place(name: str) -> str:
    """The name by which a city is matched: `Saint-Louis` and `St. Louis` are both `st louis`.

    The warehouse's macro `normalise_place` applies the same rule to what customers typed.
    """
    letters = unicodedata.normalize("NFD", name.lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = _BLANK.sub(" ", _DROPPED.sub("", plain)).strip()
    for long, short in _SHORT:
        if plain.startswith(long):
            return short + plain.removeprefix(long)
    return plain


@dataclass(frozen=True)
class Area:
    """A state or a country, as it is drawn."""

    id: str
    """Postal code of a state, ISO 3166 two-letter code of a country."""
    name: str
    path: str
    """Its outline as an SVG path, in pixels of the map."""


@dataclass(frozen=True)
class Outlines:
    """A map's areas by id, projected to the size at which it is drawn."""

    width: int
    height: int
    projection: Mapping[str, Any]
    """Vega's projection that places longitude and latitude on it."""
    areas: tuple[Area, ...]


@functools.cache
def us_states() -> Outlines:
    """The fifty states and DC."""
    return _read("us_states.json.gz")


@functools.cache
def world_countries() -> Outlines:
    """The countries, without Antarctica."""
    return _read("world_countries.json.gz")


def _read(name: str) -> Outlines:
    content = json.loads(gzip.decompress(Path(__file__).with_name(name).read_bytes()))
    areas = tuple(Area(**area) for area in content.pop("areas"))
    return Outlines(**content, areas=areas)
