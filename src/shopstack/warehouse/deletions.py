"""Rows whose root is gone from Shopify: found by holding the raw tables against a list of ids, marked, unmarked.

A mark is the time in `_deleted_at` on every row of a tree. Nothing is ever removed here: an order that is seen
again is loaded anew, and its rows come without a mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import duckdb

from shopstack.landing import Manifest
from shopstack.suppression import REDACTED
from shopstack.tables import Stream, Table
from shopstack.warehouse import layout
from shopstack.warehouse.base import Listing

BATCH = 5000
"""Ids bound to one statement."""


def compare(
    connection: duckdb.DuckDBPyConnection, stream: Stream, shop: str, files: Sequence[str], schema: str
) -> Listing:
    """Hold the loaded roots of a stream against the ids listed in ``files`` (JSONL of ``id`` and ``createdAt``)."""
    table, key = f"{schema}.{layout.name(stream.root.name)}", layout.name(layout.root_key(stream).name)
    dated = any(column.name == "created_at" for column in stream.root.columns)
    listed = (
        "select id, created as created_at from read_ndjson($files, "
        "columns = {id: 'varchar', createdAt: 'timestamptz'}, compression = 'zstd') as line(id, created)"
        if files
        else "select null::varchar as id, null::timestamptz as created_at where false"
    )
    connection.execute(f"create temp table listed as {listed}", {"files": list(files)} if files else None)
    own = f"select {key} as id, {'created_at' if dated else 'null::timestamp as created_at'}, _deleted_at from {table}"
    there = f"split_part(cast({key} as varchar), '/', 5) not like '{REDACTED}%'"  # nothing at Shopify is called so
    connection.execute(f"create temp table known as {own} where _shop = $shop and {there}", {"shop": shop})
    known, oldest_known = _one(
        connection, "select count(*), min(created_at) from known where _deleted_at is null"
    )
    count, oldest_listed = _one(connection, "select count(distinct id), min(created_at) from listed")
    absent = (
        "select id from known where _deleted_at is null and id not in (select id from listed) order by id"
    )
    returned = (
        "select id from known where _deleted_at is not null and id in (select id from listed) order by id"
    )
    found = Listing(
        known=known,
        listed=count,
        absent=_ids(connection, absent),
        returned=_ids(connection, returned),
        oldest_known=oldest_known.replace(tzinfo=UTC) if oldest_known else None,
        oldest_listed=oldest_listed.astimezone(UTC) if oldest_listed else None,
    )
    connection.execute("drop table listed; drop table known")
    return found


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, datetime | None]:
    (row,) = connection.execute(query).fetchall()
    return int(row[0]), row[1]


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    return tuple(identifier for (identifier,) in connection.execute(query).fetchall())


def apply_marks(
    connection: duckdb.DuckDBPyConnection, stream: Stream, manifest: Manifest, schema: str, load_id: int
) -> None:
    """Mark and unmark the trees that a manifest names. The caller holds a transaction.

    A mark counts as a load of the tree: what is built of changed trees alone looks at their load's number.
    """
    for marked_at, roots in marks_of(manifest).items():
        for some in in_batches(roots):
            bound = {"at": marked_at, "load_id": load_id, "shop": manifest.shop, "roots": some}
            for table in stream.tables:
                connection.execute(_set_mark(stream, table, schema), bound)


def in_batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids in their order, as many at a time as one statement takes."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def marks_of(manifest: Manifest) -> dict[datetime | None, list[str]]:
    """The roots that a manifest names by the mark that they get (UTC, without a zone); None: it is taken away."""
    marks: dict[datetime | None, list[str]] = {None: list(manifest.restored)}
    for root, at in manifest.deleted.items():
        marks.setdefault(at.astimezone(UTC).replace(tzinfo=None), []).append(root)
    return marks


def _set_mark(stream: Stream, table: Table, schema: str) -> str:
    key = layout.name(layout.tree_key(stream, table))
    return (
        f"update {schema}.{layout.name(table.name)} set _deleted_at = $at, _load_id = $load_id "
        f"where _shop = $shop and list_contains($roots, {key})"
    )
