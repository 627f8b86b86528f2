"""One rule for the names of cities, in the gazetteer and in the warehouse."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import shopstack
from shopstack.geo import normalise_place

MACRO = Path(shopstack.__file__).parent / "blueprint/transformation/packages/shopstack/macros/places.sql"

TYPED = [
    "New York",
    " new   york ",
    "St. Louis",
    "SAINT LOUIS",
    "Saint-Jérôme",
    "Fort Worth",
    "Mount Vernon",
    "Winston-Salem",
    "Coeur d'Alene",
    "O\N{RIGHT SINGLE QUOTATION MARK}Fallon",
    "Washington, D.C.",
    "Fenway/Kenmore",
    "Łódź",
    "Ærøskøbing",
    "Santa Fe",
    "Saint",
    "Fortuna",
    "Mountain View",
    "",
]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Saint Louis", "st louis"),
        ("St. Louis", "st louis"),
        ("Saint-Jérôme", "st jerome"),
        ("Ft. Worth", "ft worth"),
        ("Fort Worth", "ft worth"),
        ("Mount Vernon", "mt vernon"),
        ("Mountain View", "mountain view"),
        ("Fortuna", "fortuna"),
        ("  Winston -  Salem ", "winston salem"),
        ("O'Fallon", "ofallon"),
        ("Fenway/Kenmore", "fenway kenmore"),
    ],
)
def test_spellings_of_one_city_become_one_name(typed: str, name: str) -> None:
    assert normalise_place(typed) == name


@given(st.text(st.characters(max_codepoint=0x24F), max_size=30))
def test_a_normal_name_is_normal_already_but_for_a_second_saint(typed: str) -> None:
    once = normalise_place(typed)
    if not re.match(r"(saint|fort|mount) ", once):
        assert normalise_place(once) == once


def test_the_warehouse_applies_the_same_rule() -> None:
    """The macro's SQL, compiled as dbt does on DuckDB, run over names as customers type them."""
    connection = duckdb.connect()
    sql = f"select {_compiled_macro('typed')} from (select unnest(?) as typed)"
    theirs = [row[0] for row in connection.execute(sql, [TYPED]).fetchall()]
    assert theirs == [normalise_place(typed) for typed in TYPED]


def _compiled_macro(argument: str) -> str:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL, not HTML
    context: dict[str, object] = {"return": lambda value: value}

    class Adapter:
        """Sends every dispatched macro to its default, as dbt does on DuckDB."""

        @staticmethod
        def dispatch(name: str, _package: str) -> object:
            return getattr(module, f"default__{name}")

    module = environment.from_string(MACRO.read_text("utf-8"), globals=context | {"adapter": Adapter}).module
    return str(module.normalise_place(argument))  # type: ignore[attr-defined] # Jinja's macros are attributes
