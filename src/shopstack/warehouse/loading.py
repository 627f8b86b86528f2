"""One landed window into the raw tables: its lines read once, checked, and put in place of the trees they are newer than.

Everything happens in one transaction. What SQL is run is derived in `layout.py`. How lines are read and checked does not
depend on where they go: `snowflake_staging.py` reads them the same way.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from shopstack.errors import ConfigurationError, IncompleteError
from shopstack.landing import LandedWindow
from shopstack.tables import Stream
from shopstack.warehouse import deletions, layout, observations
from shopstack.warehouse.engine_state import load_values, naive


def load(
    connection: duckdb.DuckDBPyConnection,
    landed: LandedWindow,
    stream: Stream,
    loaded_at: datetime,
    schema: str,
) -> tuple[dict[str, int], int]:
    """Load a window in a transaction; rows written by raw table, and the load's id.

    Raises:
        IncompleteError: its lines cannot be loaded. duckdb.OutOfMemoryException: it needs more memory.
    """
    for statement in layout.PREPARE:
        connection.execute(statement)
    connection.execute("begin")
    try:
        found = _replace(connection, landed, stream, loaded_at, schema)
    except duckdb.OutOfMemoryException:
        connection.execute("rollback")
        raise
    except duckdb.Error as problem:
        connection.execute("rollback")
        raise unreadable(landed, str(problem).splitlines()[0]) from problem
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
    return found


def _replace(
    connection: duckdb.DuckDBPyConnection,
    landed: LandedWindow,
    stream: Stream,
    loaded_at: datetime,
    schema: str,
) -> tuple[dict[str, int], int]:
    """Load a window within a transaction.

    Raises:
        IncompleteError: a line is torn, an orphan, of an unknown type, or missing. duckdb.Error: a value is of another type.
    """
    manifest = landed.manifest
    load_id = next_load_id(connection)
    rows = {table.name: 0 for table in stream.tables}
    if manifest.parts:
        held = read_lines(connection, landed, stream)
        bound = {"shop": manifest.shop}
        stamped = {**bound, "load_id": load_id, "loaded_at": naive(loaded_at), "deleted_at": None}
        replaces = connection.execute(layout.known_root(stream, schema), bound).fetchone() is not None
        filled = _filled(connection, schema) if replaces else frozenset()
        for table in stream.tables:
            if table.name in filled:
                connection.execute(layout.delete_roots(stream, table, schema), bound)
            if layout.line_of(stream, table).name in held:
                written = connection.execute(layout.insert_rows(stream, table, schema), stamped).fetchone()
                rows[table.name] = int(written[0]) if written else 0
        if stream.observed:
            rows |= observations.append(connection, stream, manifest, load_id, schema)
        connection.execute("drop table lines")
    deletions.apply_marks(connection, stream, manifest, schema, load_id)
    _note_load(connection, landed, load_id, loaded_at)
    return rows, load_id


def next_load_id(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the load to come: one more than the last, and in a new file more than any older file gave.

    What is built from the rows remembers the newest number that it has seen: a file that takes the place of a lost one
    must not begin below it.
    """
    ((newest, now),) = connection.execute(
        "select max(load_id), epoch_ms(now()) from _shopstack.loads"
    ).fetchall()
    return int(now if newest is None else newest + 1)


def _filled(connection: duckdb.DuckDBPyConnection, schema: str) -> frozenset[str]:
    """The raw tables that have any rows."""
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() "
        "and schema_name = ? and estimated_size > 0",
        [schema],
    )
    return frozenset(table for (table,) in found.fetchall())


def read_lines(connection: duckdb.DuckDBPyConnection, landed: LandedWindow, stream: Stream) -> frozenset[str]:
    """The one pass over the landed files, then the checks that nothing in them is lost or torn.

    Returns the tables that lines were found of.
    """
    columns = ", ".join(
        f"{layout.name(key)}: {layout.text(kind)}" for key, kind in layout.line_columns(stream).items()
    )
    with landed.at_hand() as files:
        connection.execute(
            f"create temp table lines as select *, {layout.line_type(stream)} as table_name "
            f"from read_ndjson($files, columns = {{{columns}}}, compression = 'zstd')",
            {"files": files},
        )
    counts = connection.execute(
        f"select count(*), count(*) filter (where {layout.name(layout.PARENT)} is null) from lines"
    ).fetchone()
    expected = (landed.manifest.landed_objects, landed.manifest.landed_roots)
    if counts != expected:
        raise unreadable(landed, f"{counts} objects and roots were read where the manifest has {expected}.")
    if connection.execute(layout.MOVED_FOUND).fetchone():
        for statement in layout.drop_moved(stream):
            connection.execute(statement)
    if connection.execute(layout.repeats(stream)).fetchone():
        connection.execute(layout.drop_repeats(stream))
    held = frozenset(
        name for (name,) in connection.execute("select distinct table_name from lines").fetchall() if name
    )
    for what, query in layout.broken_lines(stream, held):
        example = connection.execute(query).fetchone()
        if example:
            raise unreadable(landed, f"{example[0]} {what}.")
    return held


def _note_load(
    connection: duckdb.DuckDBPyConnection, landed: LandedWindow, load_id: int, loaded_at: datetime
) -> None:
    manifest = landed.manifest
    connection.execute(
        "insert into _shopstack.loads by position values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        load_values(landed, load_id, loaded_at),
    )
    if not manifest.covers:
        return
    connection.execute(
        "delete from _shopstack.cursors where shop = ? and stream = ?", [manifest.shop, manifest.stream]
    )
    connection.execute(
        "insert into _shopstack.cursors values (?, ?, ?, ?)",
        [manifest.shop, manifest.stream, naive(manifest.window.end), load_id],
    )


def unreadable(landed: LandedWindow, why: str) -> IncompleteError:
    """That a landed window could not be loaded, and why."""
    return IncompleteError(
        f"What Shopify answered for {landed.manifest.stream} could not be loaded.",
        why=f"{why} (landed in {landed.relative})",
        hint="shopstack run (the window is read again; nothing of it was loaded)",
    )


def too_large(problem: duckdb.OutOfMemoryException) -> ConfigurationError:
    """That a window needs more memory than is configured."""
    return ConfigurationError(
        "A window needs more memory to be loaded than DuckDB may use.",
        why=str(problem).splitlines()[0],
        hint="raise [warehouse] memory_limit in shopstack.toml, then: shopstack run",
    )
