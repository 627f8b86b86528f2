"""A new published version: the warehouse's serving and reporting tables as Parquet, then one pointer swapped.

Whatever happens on the way (a full disk, a kill), readers keep the version that the pointer names: a version's folder
gets its name only when every file of it is on disk, and the pointer moves after that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from shopstack.errors import BuildError, LockedError, UsageError
from shopstack.project import Project
from shopstack.publish.catalog import write_catalog
from shopstack.publish.far import local_version, put_version
from shopstack.publish.fetching import fetched
from shopstack.publish.for_reporters import put_for_reporters
from shopstack.publish.manifest import Node, marked, read_nodes, relation
from shopstack.publish.old_versions import STAMP, prune, sweep
from shopstack.publish.personal import PersonalColumns, require_marks_met
from shopstack.publish.pointer import (
    VERSION_PREFIX,
    Pointer,
    PublishedShop,
    PublishedTable,
    pointer_stamp,
    read_pointer,
    version_folder,
    write_pointer,
)
from shopstack.publish.snapshot import literal, quote
from shopstack.shopify.streams import STREAMS
from shopstack.storage.files import flush_file, flush_folder
from shopstack.transformation.snowflake import is_snowflake
from shopstack.warehouse.damage import tells_damage

SCHEMAS = ("serving", "reporting")
SORTED_BY = ("shop", "sale_date", "order_date", "date_day", "grain", "period_start")
"""Columns that a table's rows are sorted by where it has them: pages ask for ranges of days."""


def is_published(table: str) -> bool:
    """Whether a table (`schema.name`) is of those that readers see."""
    return table.split(".", maxsplit=1)[0] in SCHEMAS


@dataclass(frozen=True)
class Published:
    """What one publish put up."""

    pointer: Pointer
    folder: Path
    excluded: tuple[str, ...]
    """Personal columns that were left out, as `schema.table.column`."""
    pruned: tuple[str, ...]
    """Old versions that were removed."""
    kept: tuple[str, ...] = ()
    """Tables that the build did not renew, whose last good rows are up."""

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(table.rows for table in self.pointer.tables.values())

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "version": self.pointer.version,
            "published_at": self.pointer.published_at,
            "data_up_to": self.pointer.data_up_to,
            "tables": len(self.pointer.tables),
            "rows": self.rows,
            "excluded": list(self.excluded),
            "pruned": list(self.pruned),
            "kept": list(self.kept),
        }


def publish_version(
    project: Project,
    *,
    run_id: str = "",
    simulated: bool | None = None,
    now: datetime | None = None,
    held_back: Collection[str] = (),
    keep: bool = True,
) -> Published:
    """Put up what the warehouse holds now. The caller holds the run lock.

    Args:
        project: whose warehouse is published.
        run_id: the run that the version is made by.
        simulated: whether the shop is made up; None: it is if its address is on this machine.
        now: the version's time (UTC).
        held_back: tables (`schema.name`) that the build did not renew: the last published rows are put up again.
        keep: False leaves these out instead, since what was published before is to be forgotten.

    Raises:
        UsageError: there is no warehouse yet.
        LockedError: another process has the warehouse open for writing.
        BuildError: the warehouse is damaged, or lacks a table that readers cannot do without.
        ConfigurationError: a column is marked as personal that its table does not have.
        CredentialsError, UnreachableError: Snowflake refuses, or does not answer.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    sweep(project)
    replaced = pointer_stamp(project)
    version, draft = _new_draft(project, moment)
    excluded: list[str] = []
    nodes = read_nodes(project)
    personal = PersonalColumns.of_build(nodes)
    with _opened(project, nodes, personal) as connection:
        tables = _export(connection, draft, nodes, personal, held_back=held_back, excluded=excluded)
        kept = _keep(connection, draft, project, held_back, _left_out(nodes, personal)) if keep else {}
        shops = _shops(connection, [one.address for one in project.config.shops])
    folder = _finish(project, draft, version)
    pointer = Pointer(
        version=version,
        published_at=moment,
        data_up_to=min((one.data_up_to for one in shops if one.data_up_to), default=None),
        shops=shops,
        simulated=all(one.is_simulated for one in project.config.shops) if simulated is None else simulated,
        tables=tables | kept,
        run_id=run_id,
    )
    write_pointer(project, pointer, replaced)
    write_catalog(project, pointer)
    put_for_reporters(project, pointer)
    return Published(pointer, folder, tuple(excluded), tuple(prune(project, version, moment)), tuple(kept))


def _new_draft(project: Project, moment: datetime) -> tuple[str, Path]:
    """A version's name that is not taken, and the folder in which it is prepared."""
    stamp = f"{VERSION_PREFIX}{moment:{STAMP}}"
    version, number = stamp, 1
    stored = project.stored("published")
    while stored.exists(version) or version_folder(project, version).exists():
        number += 1
        version = f"{stamp}-{number:02d}"
    draft = project.published / f".{version}.draft"
    draft.mkdir(parents=True)
    return version, draft


def _opened(
    project: Project, nodes: Sequence[Node] | None, personal: PersonalColumns
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """What was built, as `prod`, and what the engine knows of it, as `raw`."""
    if is_snowflake(project):
        return fetched(project, SCHEMAS, nodes, personal)
    return _warehouse(project)


@contextmanager
def _warehouse(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read-only; every handle is closed on leaving, so that the next writer gets in."""
    prod, raw = project.database("prod"), project.database("raw")
    if not prod.is_file():
        raise UsageError(
            "There is nothing to publish yet.", why=f"{prod} does not exist.", hint="shopstack run"
        )
    connection = duckdb.connect(config={"memory_limit": project.config.warehouse.memory_limit})
    if project.config.warehouse.threads:
        connection.execute(f"set threads = {project.config.warehouse.threads}")
    try:
        try:
            connection.execute(f"attach {literal(prod.as_posix())} as prod (read_only)")
            if raw.is_file():
                connection.execute(f"attach {literal(raw.as_posix())} as raw (read_only)")
        except duckdb.IOException as problem:
            if "lock" not in str(problem):
                raise _unopened(problem) from problem
            raise LockedError(
                "The warehouse is in use.",
                why=str(problem).splitlines()[0],
                hint="try again when the run has ended",
            ) from problem
        yield connection
    except duckdb.Error as problem:
        if tells_damage(str(problem)):
            raise _unopened(problem) from problem
        raise
    finally:
        connection.close()


def _unopened(problem: duckdb.Error) -> BuildError:
    return BuildError(
        "The warehouse cannot be opened.",
        why=str(problem).splitlines()[0],
        hint="shopstack build (says what is wrong with it)",
    )


def _export(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    nodes: Sequence[Node] | None,
    personal: PersonalColumns,
    *,
    held_back: Collection[str],
    excluded: list[str],
) -> dict[str, PublishedTable]:
    """Every table as one Parquet file below ``folder``; names of personal columns are added to ``excluded``.

    A table whose model was deleted or switched off stays in the warehouse as it was last built: dbt drops
    nothing. It is not published, since nothing renews it.
    """
    made = None if nodes is None else {relation(node) for node in nodes}
    of_engine = _of_engine(nodes)
    columns: dict[tuple[str, str], list[str]] = {}
    found = connection.execute(
        """
        select table_schema, table_name, column_name
        from information_schema.columns
        where table_catalog = 'prod' and list_contains($schemas, table_schema)
        order by table_schema, table_name, ordinal_position
        """,
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    require_marks_met(nodes, [one for one in found if f"{one[0]}.{one[1]}" not in held_back])
    for schema, table, column in found:
        if (made is not None and (schema, table) not in made) or f"{schema}.{table}" in held_back:
            continue
        kept = columns.setdefault((schema, table), [])
        if (schema, table, column) in of_engine:
            continue
        if personal.holds(schema, table, column):
            excluded.append(f"{schema}.{table}.{column}")
        else:
            kept.append(column)
    return {
        f"{schema}.{table}": _copy(
            connection, folder, schema, table, columns=kept, source=f"prod.{quote(schema)}.{quote(table)}"
        )
        for (schema, table), kept in columns.items()
        if kept
    }


def _keep(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    project: Project,
    held_back: Collection[str],
    left_out: Callable[[str, str, str], bool],
) -> dict[str, PublishedTable]:
    """What is up of the tables that were not renewed, again; a column that is personal by now stays behind."""
    before = read_pointer(project) if held_back else None
    kept: dict[str, PublishedTable] = {}
    if before is None:
        return kept
    for name in held_back:
        known = before.tables.get(name)
        if known is None:
            continue
        schema, table = name.split(".")
        columns = [column for column in known.columns if not left_out(schema, table, column)]
        file = local_version(project, before.version) / schema / f"{table}.parquet"
        if columns and file.is_file():
            source = f"read_parquet({literal(file.as_posix())})"
            copied = _copy(connection, folder, schema, table, columns=columns, source=source)
            kept[name] = replace(copied, since=known.since or before.published_at)
    return kept


def _of_engine(nodes: Sequence[Node] | None) -> frozenset[tuple[str, str, str]]:
    """Columns that only the next build needs: which load an order came with."""
    return frozenset(marked(nodes, "engine"))


def _left_out(nodes: Sequence[Node] | None, personal: PersonalColumns) -> Callable[[str, str, str], bool]:
    """Whether a column (schema, table, name) stays in the warehouse: it is personal, or the next build's own."""
    of_engine = _of_engine(nodes)
    return lambda *column: column in of_engine or personal.holds(*column)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    schema: str,
    table: str,
    *,
    columns: list[str],
    source: str,
) -> PublishedTable:
    file = folder / schema / f"{table}.parquet"
    file.parent.mkdir(exist_ok=True)
    order = [column for column in SORTED_BY if column in columns]
    order += [column for column in columns if column.endswith("_key")][:1]
    sorting = f"order by {', '.join(map(quote, order))}" if order else ""
    copied = connection.execute(
        f"copy (select {', '.join(map(quote, columns))} from {source} {sorting}) "
        f"to {literal(file.as_posix())} (format parquet, compression zstd)"
    ).fetchone()
    flush_file(file)
    return PublishedTable(rows=copied[0] if copied else 0, columns=tuple(columns))


def _shops(connection: duckdb.DuckDBPyConnection, configured: Sequence[str]) -> tuple[PublishedShop, ...]:
    """The shops that there are figures of, in the order of the configuration; those that left it come last."""
    try:
        rows = connection.execute(
            "select shop, shop_name, currency_code, timezone, visible_since from prod.serving.dim_shops order by shop"
        ).fetchall()
    except duckdb.Error as problem:
        raise BuildError(
            "The warehouse does not say which shops it holds.", why=str(problem), hint="shopstack build"
        ) from problem
    read, addresses = _read_up_to(connection), _addresses(connection)
    shops = [
        PublishedShop(
            *(shop, name, currency, timezone, since),
            data_up_to=read.get(shop),
            address=_of(configured, addresses.get(shop, shop)),
        )
        for shop, name, currency, timezone, since in rows
    ]
    places = {address: place for place, address in enumerate(configured)}
    return tuple(sorted(shops, key=lambda shop: places.get(shop.address, len(places))))


def _of(configured: Sequence[str], address: str) -> str:
    return address if address in configured else ""


def _addresses(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The address that each shop was read under."""
    try:
        return dict(connection.execute("select shop, address from raw._shopstack.shops").fetchall())
    except duckdb.CatalogException:
        return {}


def _read_up_to(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """The moment up to which every required stream of a shop has been read."""
    streams = [stream.name for stream in STREAMS if stream.required and stream.cursor]
    try:
        rows = connection.execute(
            "select shop, min(cursor_at) from raw._shopstack.cursors where list_contains($streams, stream) group by shop",
            {"streams": streams},
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return {shop: moment.replace(tzinfo=UTC) for shop, moment in rows if moment}


def _finish(project: Project, draft: Path, version: str) -> Path:
    """Give the finished draft its name: from now on the version exists, whole."""
    for schema in draft.iterdir():
        flush_folder(schema)
    flush_folder(draft)
    put_version(project, draft, version)
    folder = draft.rename(version_folder(project, version))
    flush_folder(project.published)
    return folder
