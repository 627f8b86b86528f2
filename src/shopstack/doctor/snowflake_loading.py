"""The trial of the role that loads: tables, rows, a stage and COPY INTO in the raw database; nothing of the built one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from shopstack.doctor.snowflake_trial import Trial, own_schema, places
from shopstack.errors import DataError
from shopstack.warehouse import layout
from shopstack.warehouse import snowflake_sql as sql

RAW = (sql.SHOPIFY, sql.REFERENCE, sql.STATE)
COLUMNS = "(id number(38,0)) data_retention_time_in_days = 0"


@dataclass(frozen=True)
class RawProbes:
    """Tables of the raw database that whoever builds must be able to read, by their whole names."""

    database: str
    new: tuple[str, ...] = ()
    """Those that the trial has just made, each with a column ``id``."""
    old: tuple[str, ...] = ()
    """One of each schema that was there before."""
    is_apart: bool = False
    """Whether a role that builds has no business to change them."""


def prove_loading(trial: Trial, meanwhile: Callable[[RawProbes], None], *, not_for_it: str) -> None:
    """Do what a load does. ``meanwhile`` is called once while the tables are there.

    ``not_for_it``: a database that the role must not see into; empty where one role does all.
    """
    trial.computes()
    trial.look_for_leftovers()
    trial.look_for_foreign_tables(RAW)
    old = _old_tables(trial)
    with ExitStack() as made:
        own = made.enter_context(own_schema(trial, RAW))
        where = places(trial, RAW, own, "CREATE TABLE")
        tables: list[str] = []
        for schema in where:
            on = f"schema {trial.database}.{schema}"
            with trial.needing("CREATE TABLE", on, "make tables"):
                table = made.enter_context(trial.made("transient table", schema, COLUMNS))
                tables.append(table)
                trial.session.execute(f"insert into {table} values (1)")
        for schema in where:
            if schema in {sql.STATE, own}:
                _copy(trial, schema, tables)
        new = tuple(f"{trial.database}.{table}" for table in tables)
        meanwhile(RawProbes(trial.database, new, old, is_apart=bool(not_for_it)))
    if not trial.is_refused:
        trial.passed(
            f"{trial.role} loads into {trial.database} with {trial.warehouse}: it made tables, filled them by a stage "
            "and COPY INTO, and dropped them"
        )
    if not_for_it:
        _stays_out(trial, not_for_it)


def _old_tables(trial: Trial) -> tuple[str, ...]:
    rows = trial.session.rows(
        "select table_schema, min(table_name) from information_schema.tables "
        f"where table_schema in ({sql.listed('schemas')}) and not startswith(table_name, %(probe)s) "
        "group by table_schema order by table_schema",
        {"schemas": sql.as_list(RAW), "probe": sql.PROBE},
    )
    return tuple(f"{trial.database}.{sql.table_name(table, schema)}" for schema, table in rows)


def _copy(trial: Trial, schema: str, tables: list[str]) -> None:
    """Put a file into a stage, and its row into one of the tables, where there is any.

    Raises:
        DataError: what was put in is not what is there.
    """
    on = f"schema {trial.database}.{schema}"
    stage = f"{schema}.{trial.name}_STAGE"
    with (
        TemporaryDirectory(prefix="shopstack-") as scratch,
        trial.needing("CREATE STAGE", on, "make a stage"),
    ):
        trial.session.execute(f"create temporary stage {stage}")  # it ends with the session
        file = Path(scratch) / "probe.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"copy (select 2::bigint as id) to {layout.text(str(file))}")
        trial.session.upload(file, f"@{stage}")
        if not tables:
            return
        trial.session.execute(sql.copy_file(tables[-1], f"{stage}/{file.name}"))
        found = trial.session.rows(f"select id from {tables[-1]} order by id")
        if found != [(1,), (2,)]:
            raise DataError(
                f"{tables[-1]} does not hold what was put into it.",
                why=f"It should be the rows 1 and 2; it is {found}.",
                hint="shopstack doctor once more; if it stays so, tell us",
            )


def _stays_out(trial: Trial, database: str) -> None:
    """Note where the role sees into a database that is not its business."""
    trial.stays_out(
        f"select count(*) from {database}.information_schema.schemata",
        f"does not see into {database}",
        f"sees into {database}, which it does not need: whoever loads cannot build, and the reverse",
        f"revoke usage on database {database}",
    )
