"""Roles and grants, which fakesnow does not know: what Snowflake would refuse of the statements that `shopstack doctor` makes.

It is strict: a role needs USAGE on the database and the schema, whatever else it has there. What a role makes is its own;
what was there before is reached by `all`, what comes by `future`. Grants are told in the words of the README that comes
with the Terraform: `database RAW`, `future tables in PROD.PUBLISHED`, without the prefix.
https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.fakes.snowflake_server import Refusal

Grant = tuple[str, str, str]

_NAME = r'[\w."]+'
_MAKES = re.compile(
    rf"create (?:or replace )?(?:transient |temporary )?(?P<kind>table|view|stage) (?P<name>{_NAME})"
)
_FILLS = re.compile(rf"insert into (?P<name>{_NAME})")
_READS = re.compile(rf"select \S+ from (?P<name>{_NAME})")


@dataclass
class Rights:
    """Who has what. ``prefix`` stands before the names of databases, warehouses and roles."""

    prefix: str
    grants: set[Grant]
    _owners: dict[str, str] = field(default_factory=dict)

    def __call__(self, role: str, database: str, statement: str) -> Refusal | str | None:
        """What becomes of a statement."""
        role, database = self._bare(role), self._bare(database)
        if "object_privileges" in statement:
            return self._shown(database)
        if "generator(" in statement:
            known = any(one[0] == role and one[1].startswith("warehouse ") for one in self.grants)
            return (
                None if known else Refusal("000606", "No active warehouse selected in the current session.")
            )
        if not self._has(role, f"database {database}", "USAGE"):
            return Refusal("090105", "This session does not have a current database.")
        return self._judged(role, database, statement)

    def _judged(self, role: str, database: str, statement: str) -> Refusal | None:
        if made := re.match(r"create transient schema (\w+)", statement):
            if not self._has(role, f"database {database}", "CREATE SCHEMA"):
                return _insufficient("database", f"{self.prefix}_{database}")
            self._owners[f"{database}.{made[1]}"] = role
        elif found := _MAKES.match(statement):
            return self._made(role, self._whole(found["name"], database), found["kind"].upper())
        elif found := _FILLS.match(statement) or _READS.match(statement):
            verb = "INSERT" if statement.startswith("insert") else "SELECT"
            return self._used(role, self._whole(found["name"], database), verb)
        return None

    def _made(self, role: str, name: str, kind: str) -> Refusal | None:
        schema = name.rpartition(".")[0]
        if self._owners.get(schema) != role:
            if not self._has(role, f"schema {schema}", "USAGE"):
                return _unseen("Schema", f"{self.prefix}_{schema}")
            if not self._has(role, f"schema {schema}", f"CREATE {kind}"):
                return _insufficient("schema", schema.rpartition(".")[2])
        self._owners[name] = role
        return None

    def _used(self, role: str, name: str, verb: str) -> Refusal | None:
        database, schema, table = name.split(".")
        if not self._has(role, f"database {database}", "USAGE"):
            return _unseen("Database", f"{self.prefix}_{database}")
        if schema == "INFORMATION_SCHEMA" or self._owners.get(name) == role:
            return None
        is_new = name in self._owners
        usage = {f"schema {database}.{schema}", f"all schemas in {database}"}
        if not any(self._has(role, one, "USAGE") for one in usage):
            return _unseen("Schema", f"{self.prefix}_{database}.{schema}")
        when = "future" if is_new else "all"
        places = {f"{when} tables in {database}", f"{when} tables in {database}.{schema}"}
        may = {what for one, place, what in self.grants if one == role and place in places}
        if not may:
            return _unseen("Object", table)
        return None if verb in may else _insufficient("table", table)

    def _shown(self, database: str) -> str:
        """The privileges on a new table in PUBLISHED, on its schema and its database, as a query that finds them."""
        published = f"{database}.PUBLISHED"
        places = {
            f"future tables in {published}": "TABLE",
            f"schema {published}": "SCHEMA",
            f"all schemas in {database}": "SCHEMA",
            f"database {database}": "DATABASE",
        }
        rows = [("TABLE", "TRANSFORMER", "OWNERSHIP")]
        rows += [(places[place], role, what) for role, place, what in self.grants if place in places]
        told = ", ".join(f"('{kind}', '{self.prefix}_{role}', '{what}')" for kind, role, what in sorted(rows))
        return f"select * from (values {told}) as shown (object_type, grantee, privilege_type)"

    def _has(self, role: str, place: str, privilege: str) -> bool:
        return (role, place, privilege) in self.grants

    def _bare(self, name: str) -> str:
        return name.removeprefix(f"{self.prefix}_")

    def _whole(self, name: str, database: str) -> str:
        """Database, schema and name, without quotes and prefix."""
        parts = name.replace('"', "").upper().split(".")
        return ".".join([self._bare(parts[0]) if len(parts) == 3 else database, *parts[-2:]])


def _insufficient(kind: str, name: str) -> Refusal:
    return Refusal(
        "003001", f"SQL access control error: Insufficient privileges to operate on {kind} '{name}'"
    )


def _unseen(kind: str, name: str) -> Refusal:
    return Refusal("002003", f"SQL compilation error: {kind} '{name}' does not exist or not authorized.")
