"""What dbt made on Snowflake, fetched into a DuckDB file that lives for as long as publishing does.

The rest of publishing reads it as it reads a warehouse of DuckDB's, so that the published files are alike: the types are
those that the models declare. Personal columns never leave Snowflake. Rows come in Snowflake's own pieces: memory is bounded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from shopstack.errors import UsageError
from shopstack.project import Project
from shopstack.publish.manifest import Node, relation
from shopstack.publish.personal import PersonalColumns
from shopstack.publish.snapshot import literal, quote
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.resources import megabytes, working
from shopstack.warehouse.snowflake_batches import registered
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession, signed_in

_STATE = {
    "shops": {"shop": "varchar", "address": "varchar"},
    "cursors": {"shop": "varchar", "stream": "varchar", "cursor_at": "timestamp"},
}
"""What of the engine's own tables is told with the figures."""

_TYPES = {
    "TEXT": "varchar",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "FLOAT": "double",
    "TIMESTAMP_NTZ": "timestamp",
}

Column = tuple[str, str]
"""Name and type, in DuckDB's words."""


@contextmanager
def fetched(
    project: Project,
    schemas: Collection[str],
    nodes: Sequence[Node] | None,
    personal: PersonalColumns,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `prod` and `raw` attached, as publishing wants them.

    Raises:
        UsageError: nothing was built yet.
    """
    with TemporaryDirectory(prefix="shopstack-") as scratch:
        memory = megabytes(project.config.warehouse.memory_limit)
        with (
            duckdb.connect(config=working(memory, Path(scratch) / "spilled")) as connection,
            signed_in(SnowflakeAccess.to_transform(project)) as session,
        ):
            for name in ("prod", "raw"):
                connection.execute(
                    f"attach {literal((Path(scratch) / f'{name}.duckdb').as_posix())} as {name}"
                )
            declared = _declared(nodes)
            tables = _tables(session, schemas, declared)
            if not tables:
                raise UsageError(
                    "There is nothing to publish yet.",
                    why=f"{project.config.warehouse.database('prod')} has no tables.",
                    hint="shopstack run",
                )
            for (schema, table), columns in tables.items():
                kept = [one for one in columns if not personal.holds(schema, table, one[0])]
                source = sql.table_name(table, schema.upper())
                target = f"prod.{quote(schema)}.{quote(table)}"
                _make(connection, target, columns)
                if kept:
                    _fetch(session, connection, source, target, [name for name, _ in kept])
            raw = project.config.warehouse.database("raw")
            for table, types in _STATE.items():
                source, columns = f"{raw}.{sql.STATE}.{sql.name(table)}", list(types.items())
                _make(connection, f"raw._shopstack.{table}", columns)
                _fetch(session, connection, source, f"raw._shopstack.{table}", list(types))
            yield connection


def _declared(nodes: Sequence[Node] | None) -> dict[tuple[str, str, str], str]:
    """Types that the models' contracts name, by schema, table and column."""
    return {
        (*relation(node), name): column["data_type"]
        for node in nodes or ()
        for name, column in node.get("columns", {}).items()
        if column.get("data_type")
    }


def _tables(
    session: SnowflakeSession, schemas: Collection[str], declared: dict[tuple[str, str, str], str]
) -> dict[tuple[str, str], list[Column]]:
    found = session.rows(
        "select table_schema, table_name, column_name, data_type, numeric_precision, numeric_scale "
        "from information_schema.columns order by table_schema, table_name, ordinal_position"
    )
    tables: dict[tuple[str, str], list[Column]] = {}
    for schema, table, column, kind, precision, scale in found:
        place = (schema.lower(), table.lower())
        if place[0] not in schemas or table.startswith(sql.PROBE):
            continue
        name = column.lower()
        own = declared.get((*place, name)) or _type_of(kind, precision, scale)
        tables.setdefault(place, []).append((name, own))
    return tables


def _type_of(kind: str, precision: int | None, scale: int | None) -> str:
    """DuckDB's type of a column whose model declares none."""
    if kind == "NUMBER":
        return f"decimal({precision or 38},{scale})" if scale else "bigint"
    return _TYPES.get(kind, "varchar")


def _make(connection: duckdb.DuckDBPyConnection, target: str, columns: Sequence[Column]) -> None:
    """Make a table; what of it is not fetched stays empty."""
    connection.execute(f"create schema if not exists {target.rpartition('.')[0]}")
    declared = ", ".join(f"{quote(name)} {kind}" for name, kind in columns)
    connection.execute(f"create table {target} ({declared})")


def _fetch(
    session: SnowflakeSession,
    connection: duckdb.DuckDBPyConnection,
    source: str,
    target: str,
    names: Sequence[str],
) -> None:
    """Copy these columns of a table, in Snowflake's pieces."""
    here, there = ", ".join(map(quote, names)), ", ".join(map(sql.name, names))
    for batch in registered(connection, session, f"select {there} from {source}", names):
        connection.execute(f"insert into {target} ({here}) select {here} from {batch}")
