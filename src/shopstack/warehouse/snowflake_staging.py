"""Landed lines as one Parquet file a raw table: what Snowflake's COPY INTO takes.

DuckDB reads and checks the lines as it does for its own tables (`loading.read_lines()`), in memory of a bounded size, and
writes the typed rows with the load's columns. Nothing of Snowflake is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from shopstack.landing import LandedWindow
from shopstack.tables import OBSERVATION, Stream, Table
from shopstack.warehouse import layout, loading, observations
from shopstack.warehouse.engine_state import naive
from shopstack.warehouse.resources import working

PARQUET = "format parquet, compression zstd, row_group_size 16384"
"""How files are written: with some hundred columns a larger row group is held in memory for long."""


def stage(
    landed: LandedWindow,
    stream: Stream,
    folder: Path,
    *,
    load_id: int,
    loaded_at: datetime,
    memory: int,
) -> dict[str, int]:
    """Write `<raw table>.parquet` for every table that the window has rows of; their number, by table.

    Observations that a checkpoint carries go to the file of their own table. ``memory`` in megabytes.

    Raises:
        IncompleteError: a line is torn, an orphan, of an unknown type, or missing, or an amount would be rounded.
        ConfigurationError: it needs more memory.
    """
    if not landed.manifest.parts:
        return {}
    manifest = landed.manifest
    loaded = {
        "_shop": layout.text(manifest.shop),
        "_load_id": str(load_id),
        "_loaded_at": f"timestamp '{naive(loaded_at)}'",
        "_deleted_at": "null",
    }
    written: dict[str, int] = {}
    with duckdb.connect(config=working(memory, folder / "spilled")) as connection:
        for statement in layout.PREPARE:
            connection.execute(statement)
        try:
            held = loading.read_lines(connection, landed, stream)
            for table in stream.tables:
                if layout.line_of(stream, table).name in held:
                    query = layout.typed_rows(stream, table, loaded)
                    written[table.name] = _write(connection, query, folder, table.name)
            if manifest.method == "checkpoint":
                for table in stream.observed:
                    query = _carried(table, loaded)
                    written[table.observations] = _write(connection, query, folder, table.observations)
        except duckdb.OutOfMemoryException as problem:
            raise loading.too_large(problem) from problem
        except duckdb.Error as problem:
            raise loading.unreadable(landed, str(problem).splitlines()[0]) from problem
    return {table: rows for table, rows in written.items() if rows}


def _carried(table: Table, loaded: Mapping[str, str]) -> str:
    values = observations.carried_values(table, loaded)
    chosen = ", ".join(f"{value} as {layout.name(key)}" for key, value in values.items())
    return (
        f"select {chosen} from lines where table_name = {layout.text(OBSERVATION)} "
        f"and json_extract_string({layout.CARRIED}, '$.table') = {layout.text(table.name)}"
    )


def _write(connection: duckdb.DuckDBPyConnection, query: str, folder: Path, table: str) -> int:
    """Write a query's rows as a file, where it has any; their number."""
    file = folder / f"{table}.parquet"
    copied = connection.execute(f"copy ({query}) to {layout.text(str(file))} ({PARQUET})").fetchone()
    rows = int(copied[0]) if copied else 0
    if not rows:
        file.unlink()
    return rows
