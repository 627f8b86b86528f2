"""What was published, for those who ask Snowflake: the same tables and columns in the schema PUBLISHED of prod.

They are copies, made when a version goes up: a build that fails its tests changes nothing that a reporter sees. Each table is
replaced by one statement and keeps its grants; while they are replaced, one may be newer than another for some seconds.
Nothing is kept of what was replaced or dropped: a customer who was removed meanwhile would be found in it.
"""

from __future__ import annotations

from shopstack.project import Project
from shopstack.publish.pointer import Pointer
from shopstack.transformation.snowflake import PUBLISHED, is_snowflake
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession
from shopstack.warehouse.snowflake_sessions import Sessions


def put_for_reporters(project: Project, pointer: Pointer) -> None:
    """Make PUBLISHED what a version holds. Without Snowflake: nothing.

    Tables that the build did not renew keep their rows, and lose the columns that are personal by now.

    Raises:
        CredentialsError, UnreachableError: Snowflake refuses, or does not answer.
    """
    if not is_snowflake(project):
        return
    Sessions(SnowflakeAccess.to_transform(project)).ask(lambda session: _put(session, pointer))


def _put(session: SnowflakeSession, pointer: Pointer) -> None:
    schemas = session.rows("select schema_name from information_schema.schemata")
    if (PUBLISHED,) not in schemas:  # Terraform makes it; a role that may not is not asked to
        session.execute(f"create transient schema {PUBLISHED} data_retention_time_in_days = 0")
    there: dict[str, set[str]] = {}
    for name, column in session.rows(
        "select table_name, column_name from information_schema.columns where table_schema = %s",
        (PUBLISHED,),
    ):
        there.setdefault(name, set()).add(column)
    _keep_nothing_of_them(session)
    for name, table in pointer.tables.items():
        schema, _, own = name.partition(".")
        if table.since is not None:
            if there.get(own.upper(), set()) <= {column.upper() for column in table.columns}:
                continue
            schema = PUBLISHED
        columns = ", ".join(map(sql.name, table.columns))
        session.execute(
            f"create or replace transient table {sql.table_name(own, PUBLISHED)} copy grants as "
            f"select {columns} from {sql.table_name(own, schema.upper())}"
        )
    kept = {name.partition(".")[2].upper() for name in pointer.tables}
    for name in there:
        if name not in kept and not name.startswith(sql.PROBE):
            session.execute(f"drop table if exists {sql.table_name(name, PUBLISHED)}")


def _keep_nothing_of_them(session: SnowflakeSession) -> None:
    """Have Time Travel keep nothing of the tables that are there, where the schema does not see to it."""
    kept = session.rows(
        "select table_name from information_schema.tables "
        "where table_schema = %s and retention_time > 0 and table_type = 'BASE TABLE' "
        "order by table_name",
        (PUBLISHED,),
    )
    for (name,) in kept:
        if not name.startswith(sql.PROBE):
            target = sql.table_name(name, PUBLISHED)
            session.execute(f"alter table {target} set data_retention_time_in_days = 0")
