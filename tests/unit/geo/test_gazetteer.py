"""The shipped gazetteer: every name has one place, and a place's parts never stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from shopstack.geo import PLACES_PATH, normalise_place, us_states, world_countries

STATES = frozenset(
    re.findall(
        "[A-Z]{2}",
        """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
    RI SC SD TN TX UT VT VA WA WV WI WY
""",
    )
)


@pytest.fixture(scope="module")
def places() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the gazetteer as the table `places`."""
    connection = duckdb.connect()
    connection.execute(f"create table places as select * from '{PLACES_PATH}'")
    yield connection
    connection.close()


def found(
    places: duckdb.DuckDBPyConnection, country: str, province: str, typed: str
) -> tuple[str, float, float]:
    """Name and coordinates for a city as a customer typed it."""
    rows = places.execute(
        "select name, latitude, longitude from places where country_code = ? and province_code = ? and match_name = ?",
        [country, province, normalise_place(typed)],
    ).fetchall()
    assert len(rows) == 1, f"{typed}, {province}, {country}: {rows}"
    name, latitude, longitude = rows[0]
    return str(name), float(latitude), float(longitude)


def test_columns_are_those_of_the_reference_table(places: duckdb.DuckDBPyConnection) -> None:
    columns = [(row[0], row[1]) for row in places.execute("describe places").fetchall()]
    assert columns == [
        *((name, "VARCHAR") for name in ("country_code", "province_code", "kind", "match_name", "name")),
        ("latitude", "DOUBLE"),
        ("longitude", "DOUBLE"),
        ("population", "BIGINT"),
    ]


def test_file_stays_small() -> None:
    assert PLACES_PATH.stat().st_size < 1_500_000


def test_a_name_stands_once_in_a_province(places: duckdb.DuckDBPyConnection) -> None:
    twice = places.execute(
        "select country_code, province_code, match_name from places group by all having count(*) > 1"
    ).fetchall()
    assert twice == []


def test_every_row_is_complete_and_on_earth(places: duckdb.DuckDBPyConnection) -> None:
    wrong = places.execute(
        """
        select * from places
        where country_code is null or province_code is null or match_name is null or name is null or name = ''
            or latitude is null or longitude is null or population is null
            or abs(latitude) > 90 or abs(longitude) > 180 or population < 0
            or kind not in ('city', 'alternate', 'province', 'country')
            or (match_name = '') <> (kind in ('province', 'country'))
            or (kind = 'country' and province_code <> '')
            or (kind = 'province' and province_code = '')
        """
    ).fetchall()
    assert wrong == []


def test_names_are_written_by_the_rule_of_matching(places: duckdb.DuckDBPyConnection) -> None:
    names = [row[0] for row in places.execute("select distinct match_name from places").fetchall()]
    assert [name for name in names if normalise_place(name) != name] == []


@pytest.mark.parametrize(
    ("province", "typed", "name"),
    [
        ("NY", "New York", "New York City"),
        ("NY", "NEW YORK CITY", "New York City"),
        ("NY", "NYC", "New York City"),
        ("NY", "n.y.c.", "New York City"),
        ("MO", "St. Louis", "St. Louis"),
        ("MO", "Saint Louis", "St. Louis"),
        ("IL", "E. St. Louis", "East Saint Louis"),
        ("TX", "Ft Worth", "Fort Worth"),
        ("TX", "Ft. Worth", "Fort Worth"),
        ("TX", "Fort Worth", "Fort Worth"),
        ("CA", "LA", "Los Angeles"),
        ("DC", "Washington, D.C.", "Washington"),
        ("NC", "Winston Salem", "Winston-Salem"),
        ("NV", "N. Las Vegas", "North Las Vegas"),
        ("FL", "W Palm Beach", "West Palm Beach"),
        ("ID", "Coeur d Alene", "Coeur d'Alene"),
        ("MO", "O Fallon", "O'Fallon"),
        ("TX", "Mc Kinney", "McKinney"),
        ("MN", "St Paul", "Saint Paul"),
        ("PR", "San Juan", "San Juan"),
    ],
)
def test_american_spellings_find_their_city(
    places: duckdb.DuckDBPyConnection, province: str, typed: str, name: str
) -> None:
    assert found(places, "US", province, typed)[0] == name


@pytest.mark.parametrize(
    ("country", "province", "typed", "name"),
    [
        ("CA", "ON", "Toronto", "Toronto"),
        ("CA", "ON", "Etobicoke", "Toronto"),
        ("CA", "QC", "Montreal", "Montréal"),
        ("CA", "QC", "Saint-Jérôme", "Saint-Jérôme"),
        ("GB", "ENG", "London", "London"),
        ("GB", "ENG", "Islington", "London"),
        ("GB", "SCT", "Edinburgh", "Edinburgh"),
        ("AU", "NSW", "Sydney", "Sydney"),
        ("DE", "", "München", "Munich"),
        ("DE", "", "Muenchen", "Munich"),
        ("DE", "", "Cologne", "Köln"),
        ("IT", "", "Roma", "Rome"),
    ],
)
def test_cities_of_the_world_are_found(
    places: duckdb.DuckDBPyConnection, country: str, province: str, typed: str, name: str
) -> None:
    assert found(places, country, province, typed)[0] == name


@pytest.mark.parametrize(
    ("province", "typed", "city"),
    [
        ("NY", "Brooklyn", "New York"),
        ("NY", "Manhattan", "New York"),
        ("NY", "Queens", "New York"),
        ("NY", "Bronx", "New York"),
        ("NY", "The Bronx", "New York"),
        ("NY", "Staten Island", "New York"),
        ("NY", "Times Square", "New York"),
        ("NY", "Harlem", "New York"),
        ("NY", "Flushing", "New York"),
        ("NY", "Astoria", "New York"),
        ("NY", "Jamaica", "New York"),
        ("CA", "Hollywood", "Los Angeles"),
        ("CA", "Van Nuys", "Los Angeles"),
        ("CA", "La Jolla", "San Diego"),
        ("MA", "Dorchester", "Boston"),
        ("IL", "Lincoln Park", "Chicago"),
    ],
)
def test_a_part_of_a_city_is_shown_as_the_city(
    places: duckdb.DuckDBPyConnection, province: str, typed: str, city: str
) -> None:
    assert found(places, "US", province, typed) == found(places, "US", province, city)


@pytest.mark.parametrize(
    ("province", "typed"),
    [("NY", "Yonkers"), ("NJ", "Hoboken"), ("NJ", "Newark"), ("CA", "Santa Monica"), ("CA", "Newark"), ("IL", "Evanston"),
     ("MA", "Cambridge"), ("MA", "Brookline"), ("FL", "Hollywood"), ("PA", "Havertown"), ("NY", "Hyde Park")],
)  # fmt: skip
def test_a_neighbouring_city_stays_its_own(
    places: duckdb.DuckDBPyConnection, province: str, typed: str
) -> None:
    assert found(places, "US", province, typed)[0] == typed


def test_no_other_place_stands_inside_new_york(places: duckdb.DuckDBPyConnection) -> None:
    """Manhattan to the middle of Queens, as a box that lies wholly within the city."""
    inside = places.execute(
        """
        select distinct name from places
        where country_code = 'US' and province_code = 'NY' and match_name <> ''
            and latitude between 40.60 and 40.78 and longitude between -74.00 and -73.75
        """
    ).fetchall()
    assert inside == []
    assert found(places, "US", "NY", "New York")[1:] == pytest.approx((40.714, -74.006), abs=0.01)


def test_every_state_has_its_centre_and_cities(places: duckdb.DuckDBPyConnection) -> None:
    rows = places.execute(
        "select province_code, count(*) filter (kind = 'province'), count(*) filter (kind = 'city') "
        "from places where country_code = 'US' group by 1"
    ).fetchall()
    counts = {code: (centres, cities) for code, centres, cities in rows}
    assert [code for code in {*STATES, "PR"} if counts[code][0] != 1] == []
    assert [code for code in STATES if code != "DC" and counts[code][1] < 20] == []


def test_a_place_lies_near_the_rest_of_its_province(places: duckdb.DuckDBPyConnection) -> None:
    """Codes were mapped right: no Canadian province has its centre in another."""
    centres = dict(
        places.execute(
            "select province_code, longitude from places where country_code = 'CA' and kind = 'province'"
        ).fetchall()
    )
    west_to_east = ["BC", "AB", "SK", "MB", "ON", "QC", "NB", "NS", "NL"]
    assert sorted(west_to_east, key=lambda code: float(centres[code])) == west_to_east


def test_every_country_on_the_map_has_a_centre(places: duckdb.DuckDBPyConnection) -> None:
    centres = {
        row[0] for row in places.execute("select country_code from places where kind = 'country'").fetchall()
    }
    shapes = {area.id for area in world_countries().areas}
    uninhabited = {"HM", "TF", "IO"}
    assert shapes - centres <= uninhabited


def test_the_map_of_the_states_has_exactly_the_states() -> None:
    assert {area.id for area in us_states().areas} == STATES
