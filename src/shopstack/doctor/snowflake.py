"""The checks of a warehouse on Snowflake: whether the key is one, and whether each role may work."""

from __future__ import annotations

from collections.abc import Iterator

from shopstack.doctor.findings import Finding, guarded, ok, warning
from shopstack.errors import ShopstackError
from shopstack.project import Project
from shopstack.secrets import read_snowflake_key
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, signed_in
from shopstack.warehouse.snowflake_key import private_key

_KEY, _LOADING, _BUILDING = "Snowflake's key", "Snowflake, loading", "Snowflake, building"


def check_snowflake_key(project: Project) -> Iterator[Finding]:
    """Without the network nothing is refused yet: a build server checks projects without any secret."""
    if project.config.warehouse.type != "snowflake":
        return
    try:
        key = read_snowflake_key(project.root)
        private_key(key)
    except ShopstackError as problem:
        yield warning(_KEY, f"{problem.message} {problem.why}", problem.hint)
        return
    yield ok(
        _KEY, f"a private key that Snowflake takes, {f'in {key.path.name}' if key.path else 'in a variable'}"
    )


def check_snowflake(project: Project) -> Iterator[Finding]:
    """Sign in as whoever loads and as whoever builds, and look into the database that each works in."""
    if project.config.warehouse.type != "snowflake":
        return
    yield guarded(_LOADING, lambda: _works(_LOADING, SnowflakeAccess.to_load(project)))
    yield guarded(_BUILDING, lambda: _works(_BUILDING, SnowflakeAccess.to_transform(project)))


def _works(check: str, access: SnowflakeAccess) -> Finding:
    with signed_in(access) as session:
        session.rows("select schema_name from information_schema.schemata")
    known = access.described
    found = f"{access.user} as {known['role']} works in {access.database} with {known['warehouse']}"
    return ok(check, found)
