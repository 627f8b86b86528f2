"""The warehouse on Snowflake as dbt and publishing see it: which profile, by which environment, and what is built there.

The key goes to dbt's child in its environment, decrypted and under a name that dbt blots out of everything it says; it is
in no file. How dbt is run is `runner`'s business.
"""

from __future__ import annotations

from shopstack.project import Project
from shopstack.warehouse import snowflake_state
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, query_tag, signed_in
from shopstack.warehouse.snowflake_key import text_of
from shopstack.warehouse.snowflake_sql import table_name

SNOWFLAKE_THREADS = 4
"""Statements under way at once where nothing is configured: what the smallest warehouse works on without queueing."""

SCHEMAS = ("STAGING", "INTERMEDIATE", "SERVING", "REPORTING", "SEEDS")
"""Where dbt makes its tables."""

PUBLISHED = "PUBLISHED"
"""Where publishing copies what passed its tests, for those who ask Snowflake."""


def is_snowflake(project: Project) -> bool:
    """Whether the project's warehouse is on Snowflake."""
    return project.config.warehouse.type == "snowflake"


def dbt_target(project: Project, target: str) -> str:
    """The output of `profiles.yml` that has a target's database."""
    return f"snowflake_{target}" if is_snowflake(project) else target


def snowflake_environment(project: Project) -> dict[str, str]:
    """The variables that the profile reads.

    Raises:
        CredentialsError: no private key is set, or it is none.
    """
    access = SnowflakeAccess.to_transform(project)
    address = access.address
    return {
        "SNOWFLAKE_ACCOUNT": access.account,
        "SNOWFLAKE_USER": access.user,
        "SNOWFLAKE_ROLE": access.role,
        "SNOWFLAKE_WAREHOUSE": access.warehouse,
        "DBT_SNOWFLAKE_PREFIX": project.config.warehouse.database_prefix,
        "SNOWFLAKE_PRIVATE_KEY_PATH": "",
        "DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY": text_of(access.key),
        "DBT_ENV_SECRET_SNOWFLAKE_PASSPHRASE": "",
        "SHOPSTACK_QUERY_TAG": query_tag(),
        **{f"SNOWFLAKE_{name.upper()}": str(value) for name, value in address.items()},
    }


def is_extracted(project: Project) -> bool:
    """Whether the raw database has its tables."""
    with signed_in(SnowflakeAccess.to_load(project)) as session:
        return snowflake_state.is_there(session)


def first_load(project: Project) -> str:
    """The number of the raw database's first load."""
    with signed_in(SnowflakeAccess.to_load(project)) as session:
        found = session.row("select min(load_id) from _shopstack.loads")
    return str(found[0] if found else None)


def built_tables(project: Project) -> list[tuple[str, str, bool]]:
    """Schema, name, and whether it is a view, of everything that was made in prod: by dbt, and of that by publishing."""
    with signed_in(SnowflakeAccess.to_transform(project)) as session:
        return [
            (schema, table, kind == "VIEW")
            for schema, table, kind in session.rows(
                "select table_schema, table_name, table_type from information_schema.tables"
            )
            if schema in (*SCHEMAS, PUBLISHED)
        ]


def is_built(project: Project) -> bool:
    """Whether a build has anything to go on from: copies of what was published are nothing to it."""
    return any(schema in SCHEMAS for schema, _, _ in built_tables(project))


def drop_built(project: Project, *, published: bool) -> list[str]:
    """Drop everything that dbt made in prod, and what Snowflake keeps of it; the database's name, if anything was.

    Tables are transient, so that nothing of them is kept beyond their retention, which is set to nothing first.
    ``published``: the copies for reporters too, which nobody replaces.
    """
    schemas = (*SCHEMAS, PUBLISHED) if published else SCHEMAS
    built = [one for one in built_tables(project) if one[0] in schemas]
    if not built:
        return []
    with signed_in(SnowflakeAccess.to_transform(project)) as session:
        for schema, table, is_view in built:
            target = table_name(table, schema)
            if is_view:
                session.execute(f"drop view if exists {target}")
            else:
                session.execute(f"alter table {target} set data_retention_time_in_days = 0")
                session.execute(f"drop table if exists {target}")
    return [project.config.warehouse.database("prod")]
