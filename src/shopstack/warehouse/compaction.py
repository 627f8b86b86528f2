"""Many landed windows of a stream put together as one checkpoint: the newest version of every tree, and no other.

The lines stay as Shopify sent them; only those that a later window replaced are left out. What was observed in them is
carried as lines of its own. Loading the checkpoint
gives the rows that loading all of its windows in order would have given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from shopstack.landing import LandedWindow, verify_parts
from shopstack.landing_writer import WindowWriter
from shopstack.tables import MOVED, OBSERVATION, Stream, Table
from shopstack.warehouse import layout, observations
from shopstack.warehouse.resources import working

FETCHED = 10_000
"""Lines handed on at once."""


def compact(
    landed: Sequence[LandedWindow], stream: Stream, writer: WindowWriter, *, memory: int, scratch: Path
) -> dict[str, datetime] | None:
    """Write what counts of the windows (in the order in which they were loaded); the roots that are marked as deleted.

    None, and nothing of use is written, where a window holds lines of a type that is declared no more: they cannot
    be told apart, and are kept as they are. ``memory`` in megabytes; ``scratch`` is a folder with room for all lines.

    Raises:
        IncompleteError: a part is missing or was changed.
    """
    marks: dict[str, datetime | None] = {}
    with TemporaryDirectory(dir=scratch) as folder:
        file, config = Path(folder) / "compaction.duckdb", working(memory, Path(folder) / "spilled")
        with duckdb.connect(str(file), config=config) as connection:
            connection.execute("create table seen (root_id varchar)")
            for window in reversed(landed):
                _note_marks(connection, window, marks)
                if not window.manifest.holds_rows or not window.manifest.parts:
                    continue
                verify_parts(window)
                if not _read(connection, window, stream):
                    return None
                for block in _newest(connection, stream):
                    writer.write(block)
            if stream.observed:
                for block in _observed(connection, landed, stream):
                    writer.write(block)
    return {root: at for root, at in marks.items() if at is not None}


def _note_marks(
    connection: duckdb.DuckDBPyConnection, window: LandedWindow, marks: dict[str, datetime | None]
) -> None:
    """Newest first: a mark counts unless a later window says otherwise, or brought the root itself."""
    manifest = window.manifest
    asked = [*manifest.deleted, *manifest.restored]
    if not asked:
        return
    found = connection.execute("select root_id from seen where list_contains($ids, root_id)", {"ids": asked})
    seen = {root for (root,) in found.fetchall()}
    for root in manifest.restored:
        marks.setdefault(root, None)
    for root, at in manifest.deleted.items():
        marks.setdefault(root, None if root in seen else at)


def _read(connection: duckdb.DuckDBPyConnection, window: LandedWindow, stream: Stream) -> bool:
    """One window as `lines`: each line's text, and what tells where it belongs. False: some line cannot be told."""
    with window.at_hand() as files:
        connection.execute(
            f"create or replace table lines as select *, {layout.line_type(stream)} as table_name from ("
            "select line, unnest(from_json(line, $structure)) from ("
            "select json as line from read_ndjson_objects($files, compression = 'zstd')))",
            {"files": files, "structure": json.dumps(_structure(stream))},
        )
    tables = [table.name for table in stream.tables if table.nesting != "list"]
    unknown = connection.execute(
        f"select 1 from lines where not list_contains($ours, coalesce({layout.name(layout.TYPENAME)}, '')) "
        "and (table_name is null or not list_contains($tables, table_name)) limit 1",
        {"ours": [MOVED, OBSERVATION], "tables": tables},
    ).fetchone()
    return unknown is None and connection.execute(observations.untold(stream)).fetchone() is None


def _structure(stream: Stream) -> dict[str, Any]:
    """Of a line only ids: its own, its parent's, and those of list entries that have lines of their own below."""
    places: dict[str, Any] = dict.fromkeys((layout.TYPENAME, layout.PARENT, "id"), "VARCHAR")
    places[layout.CARRIED] = "JSON"
    places[layout.root_key(stream).path] = "VARCHAR"
    for table in stream.tables:
        if table.nesting == "list" and any(
            child.nesting == "connection" for child in stream.children(table.name)
        ):
            places[table.path] = [{"id": "VARCHAR"}]
    return places


def _newest(connection: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[bytes]:
    """The lines of the trees that no later window has, in blocks."""
    rooted = " union all ".join(
        f"select line, root_id from ({_lines_of(stream, table)})"
        for table in stream.tables
        if table.nesting != "list"
    )
    connection.execute(
        f"create or replace table newest as select line, root_id from ({rooted}) "
        "where root_id not in (select root_id from seen) and root_id not in "
        f"(select {layout.name(layout.PARENT)} from lines where {layout.name(layout.TYPENAME)} = $moved)",
        {"moved": MOVED},
    )
    connection.execute("insert into seen select distinct root_id from newest")
    yield from _blocks(connection.execute("select line::varchar from newest"))


def _observed(
    connection: duckdb.DuckDBPyConnection, landed: Sequence[LandedWindow], stream: Stream
) -> Iterator[bytes]:
    """Every observation of the windows, as loading them in order adds it: one line each, in blocks."""
    for statement in layout.PREPARE:
        connection.execute(statement)
    connection.execute("create schema observed")
    for table in stream.observed:
        for statement in observations.missing(table, (), "observed"):
            connection.execute(statement)
    columns = ", ".join(
        f"{layout.name(key)}: {layout.text(kind)}" for key, kind in layout.line_columns(stream).items()
    )
    for window in landed:
        if not window.manifest.holds_rows or not window.manifest.parts:
            continue
        with window.at_hand() as files:
            connection.execute(
                f"create or replace table lines as select *, {layout.line_type(stream)} as table_name "
                f"from read_ndjson($files, columns = {{{columns}}}, compression = 'zstd')",
                {"files": files},
            )
        for statement in (*layout.drop_moved(stream), layout.drop_repeats(stream)):
            connection.execute(statement)
        observations.append(connection, stream, window.manifest, 0, "observed")
    for table in stream.observed:
        yield from _blocks(connection.execute(observations.carried_lines(table, "observed")))


def _blocks(found: duckdb.DuckDBPyConnection) -> Iterator[bytes]:
    """Lines handed on as they are found."""
    while lines := found.fetchmany(FETCHED):
        yield b"".join(line.encode() + b"\n" for (line,) in lines)


def _lines_of(stream: Stream, table: Table) -> str:
    """SQL: the lines of a table with the key of their root."""
    own = f"lines.table_name = {layout.text(table.name)}"
    if table.nesting == "root":
        return (
            f"select lines.*, {layout.name(layout.root_key(stream).path)} as root_id from lines where {own}"
        )
    above = _ids_of(stream, next(one for one in stream.tables if one.name == table.parent))
    return (
        f"select lines.*, above.root_id from lines join (select distinct id, root_id from ({above})) as above "
        f"on above.id = lines.{layout.name(layout.PARENT)} where {own}"
    )


def _ids_of(stream: Stream, table: Table) -> str:
    """SQL: id and root's key of every object of a table, whether it has a line of its own or stands in a list."""
    if table.nesting != "list":
        return f"select id, root_id from ({_lines_of(stream, table)})"
    holder = next(one for one in stream.tables if one.name == table.parent)
    entries = f"select unnest({layout.name(table.path)}) as entry, root_id from ({_lines_of(stream, holder)})"
    return f"select entry.id as id, root_id from ({entries})"
