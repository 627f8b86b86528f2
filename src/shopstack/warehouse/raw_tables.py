"""What a raw database holds: the tables that move from one to another, and how each column reads the same on both engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shopstack.tables import Stream
from shopstack.warehouse import layout, observations
from shopstack.warehouse.engine_state import STATE

SHOPIFY, ENGINE = "shopify", "_shopstack"

LEFT_BEHIND = frozenset({"reference"})
"""Says what was loaded of the engine's own files, which the other warehouse loads by itself."""

_MOVED_AS = {"json": "varchar"}
"""Types that are compared as another one: Snowflake keeps JSON as text."""


@dataclass(frozen=True)
class RawTable:
    """One table of the raw database."""

    schema: str
    name: str
    columns: Mapping[str, str]
    """Its columns and DuckDB's names for their types."""

    @property
    def full_name(self) -> str:
        """Its name with its schema: what a person is told."""
        return f"{self.schema}.{self.name}"

    def types(self) -> dict[str, str]:
        """The types in which both engines' rows are compared, by column."""
        return {column: _MOVED_AS.get(kind, kind) for column, kind in self.columns.items()}


def of_shopify(streams: Iterable[Stream]) -> tuple[RawTable, ...]:
    """What these streams read of Shopify, and what was observed over time, which no API gives back."""
    found = {}
    for stream in streams:
        for table in stream.tables:
            found[table.name] = layout.table_columns(table)
        for table in stream.observed:
            found[table.observations] = observations.columns_of(table)
    return tuple(RawTable(SHOPIFY, table, columns) for table, columns in found.items())


def of_observations(streams: Sequence[Stream]) -> tuple[RawTable, ...]:
    """What was observed over time of these streams: prices, costs and stock as they were seen."""
    observed = {table.observations for stream in streams for table in stream.observed}
    return tuple(table for table in of_shopify(streams) if table.name in observed)


def of_engine() -> tuple[RawTable, ...]:
    """What the engine remembers between runs: cursors, loads, notes, exported days."""
    return tuple(
        RawTable(ENGINE, table, columns) for table, columns in STATE.items() if table not in LEFT_BEHIND
    )
