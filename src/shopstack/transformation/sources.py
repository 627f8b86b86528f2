"""dbt's `sources.yml`, derived from the declarations: raw tables of the streams, engine state, places.

The committed file is this module's rendering; `python -m shopstack.transformation.sources` writes it anew.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shopstack import output
from shopstack.shopify.streams import STREAMS
from shopstack.tables import Column, Stream, Table, observation_columns
from shopstack.warehouse.engine_state import EXPORTED_METRICS
from shopstack.warehouse.layout import added_columns

SOURCES_FILE = (
    Path(__file__).parents[1] / "blueprint/transformation/packages/shopstack/models/staging/sources.yml"
)
HEADER = """\
# Derived from the stream declarations by `python -m shopstack.transformation.sources`: never edited by hand.
"""


@dataclass(frozen=True)
class StateTable:
    """A table that the engine itself keeps beside Shopify's: name, meaning, and its columns with theirs."""

    name: str
    description: str
    columns: tuple[tuple[str, str], ...]
    read_until: str = ""
    """SQL for the moment (UTC) up to which the source is read, by which dbt tells its age."""


RAW_DATABASE = (
    "{{ 'raw' if target.type == 'duckdb' else env_var('DBT_SNOWFLAKE_PREFIX', 'SHOPSTACK') ~ '_RAW' }}"
)
"""Where Shopify's rows are: a file that the profile attaches by that name, or a database of the account."""

READ_UNTIL = (
    "select min(read_until) from (select max(cursor_at) as read_until"
    " from " + RAW_DATABASE + "._shopstack.cursors where stream = 'orders' group by shop) as shops"
)
"""Of several shops the one that was read longest ago: one shop that no longer answers is not hidden by the others."""

FRESHNESS = {
    "warn_after": {"count": 30, "period": "hour"},
    "error_after": {"count": 3, "period": "day"},
}
"""A run a day, some hours late, is fresh; one that was missed is worth a word; after a weekend it is an error."""

STATE_TABLES = (
    StateTable(
        "shops",
        "One row per shop that was read from end to end at least once; before that its rows are parts.",
        (
            ("shop", "Permanent address of the shop."),
            ("address", "The configured address that it answered under."),
            ("read_at", "When it was last read from end to end (UTC)."),
        ),
    ),
    StateTable(
        "cursors",
        "One row per shop and stream: how far it has been read.",
        (
            ("shop", "Permanent address of the shop."),
            ("stream", "Name of the stream."),
            ("cursor_at", "Everything that changed up to this time (UTC) is in the raw tables."),
            ("load_id", "The load that moved the cursor there."),
        ),
        read_until=READ_UNTIL,
    ),
    StateTable(
        "loads",
        "One row per loaded window, with the counts that prove it complete.",
        (
            ("load_id", "Number of the load; grows with every load."),
            ("shop", "Permanent address of the shop."),
            ("stream", "Name of the stream."),
            (
                "method",
                "bulk, paged, object or report; tail and again: rows of which nothing proves that they are all there.",
            ),
            ("window_from", "Start of the window (UTC)."),
            ("window_to", "End of the window (UTC)."),
            ("count_before", "Objects that Shopify counted before the window was read."),
            ("landed_roots", "Root objects landed."),
            ("landed_objects", "Objects landed, children included."),
            ("count_after", "Objects that Shopify counted after the window was read."),
            ("api_version", "Version of the API that answered."),
            ("landing", "Folder of the landed window, relative to the landing root."),
            ("loaded_at", "When the load was committed (UTC)."),
        ),
    ),
    StateTable(
        "streams",
        "One row per shop and stream: whether it could be read, and what to do if not.",
        (
            ("shop", "Permanent address of the shop."),
            ("stream", "Name of the stream."),
            ("state", "loaded or skipped."),
            ("reason", "Why it was skipped."),
            ("hint", "What to do about it."),
            ("missing_scope", "The access scope that is missing."),
            ("visible_since", "Orders older than this date are invisible to the app; null: all are visible."),
            ("checked_at", "When this was found (UTC)."),
        ),
    ),
    StateTable(
        "exported_report",
        "One row per shop and day of a sales report that the owner exported from Shopify's admin and handed in.",
        (
            ("shop", "Permanent address of the shop."),
            ("day", "Day in the shop's timezone."),
            ("file", "Name of the file."),
            ("exported_at", "When the file was made, as far as it tells (UTC)."),
            ("loaded_at", "When it was handed in (UTC)."),
            *((name, f"{name.replace('_', ' ').capitalize()}, as reported.") for name in EXPORTED_METRICS),
        ),
    ),
)

REFERENCE_TABLES = (
    StateTable(
        "places",
        "One row per country, province and normalised name of a place; provinces and countries have an empty name.",
        (
            ("country_code", "ISO country code."),
            ("province_code", "Province or state code as Shopify writes it; empty for a country's own row."),
            ("kind", "city, alternate, province or country."),
            ("match_name", "Normalised name that an address is matched on."),
            ("name", "Name as shown."),
            ("latitude", "Latitude in degrees."),
            ("longitude", "Longitude in degrees."),
            ("population", "Inhabitants; decides between places of one name."),
        ),
    ),
)


def _column(column: Column, personal: Container[Column] = ()) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "description": column.description}
    if column in personal:
        entry["config"] = {"meta": {"personal": True}}
    return entry


def _table(table: Table) -> dict[str, Any]:
    columns = (*table.columns, *added_columns(table))
    return {
        "name": table.name,
        "description": table.description,
        "columns": [_column(column, table.about_a_person) for column in columns],
    }


def _observations(table: Table) -> dict[str, Any]:
    return {
        "name": table.observations,
        "description": table.described_observations,
        "columns": [_column(column) for column in observation_columns(table)],
    }


def _state_table(table: StateTable) -> dict[str, Any]:
    age = (
        {"config": {"freshness": FRESHNESS, "loaded_at_query": table.read_until}} if table.read_until else {}
    )
    return {
        "name": table.name,
        "description": table.description,
        **age,
        "columns": [{"name": name, "description": text} for name, text in table.columns],
    }


def _source(name: str, schema: str, description: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "database": RAW_DATABASE,
        "schema": schema,
        "tables": tables,
    }


def render(streams: Sequence[Stream] = STREAMS) -> str:
    """The text of `sources.yml` for these streams."""
    shopify = [_table(table) for one in streams for table in one.tables]
    shopify += [_observations(table) for one in streams for table in one.observed]
    sources = [
        _source(
            "shopify", "shopify", "What Shopify says, as extracted: one table per kind of object.", shopify
        ),
        _source(
            "shopstack",
            "_shopstack",
            "What the engine knows about its own work.",
            [_state_table(table) for table in STATE_TABLES],
        ),
        _source(
            "reference",
            "reference",
            "Reference data that comes with the engine.",
            [_state_table(table) for table in REFERENCE_TABLES],
        ),
    ]
    body = yaml.safe_dump({"version": 2, "sources": sources}, sort_keys=False, allow_unicode=True, width=110)
    return HEADER + body


def main() -> None:
    """Write the file."""
    SOURCES_FILE.write_text(render(), encoding="utf-8")
    output.say(f"wrote {SOURCES_FILE.name}")


if __name__ == "__main__":
    main()
