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


@functools.cache
def us_states() -> dict[str, Any]:
    """TopoJSON with one object, `areas`: the fifty states and DC; id is the postal code."""
    return _read("us_states.json.gz")


@functools.cache
def world_countries() -> dict[str, Any]:
    """TopoJSON with one object, `areas`: countries; id is the ISO 3166 two-letter code."""
    return _read("world_countries.json.gz")


def _read(name: str) -> dict[str, Any]:
    topology: dict[str, Any] = json.loads(gzip.decompress(Path(__file__).with_name(name).read_bytes()))
    return topology
