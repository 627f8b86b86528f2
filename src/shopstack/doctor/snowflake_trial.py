"""What a role may do on Snowflake, found out by doing it: under a name of the trial's own, and removed again.

Rights are not worked out from grants: what works is allowed, whatever it is allowed by. Only where Snowflake refuses is a
finding made of it, with the privilege that is lacking and the statement that grants it.
https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from shopstack.doctor.findings import Finding, State, ok, warning
from shopstack.errors import EXIT_CREDENTIALS, EXIT_OK, CredentialsError, ShopstackError
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession

TERRAFORM = "or: terraform apply in infrastructure/snowflake/prod, or dev"

_UNSEEN = re.compile(r"does not exist or not authorized", re.IGNORECASE)
"""What Snowflake says where a role has no right at all on a thing: not even that it is there."""


class Trial:
    """One role at work in one database, and what was found."""

    def __init__(self, check: str, session: SnowflakeSession, access: SnowflakeAccess) -> None:
        self.check = check
        self.session = session
        self.database = access.database
        self.warehouse = access.described["warehouse"]
        self.user = access.user
        self.role = access.role or str((session.row("select current_role()") or ("PUBLIC",))[0])
        self.name = f"{sql.PROBE}{uuid4().hex[:8].upper()}"
        self.found: list[Finding] = []

    @property
    def is_refused(self) -> bool:
        """Whether anything that is needed was refused so far."""
        return any(one.state == "failed" for one in self.found)

    def passed(self, message: str) -> None:
        """Note what works."""
        self.found.append(ok(self.check, message))

    def lacks(self, privileges: str, on: str, doing: str, *, state: State = "failed", why: str) -> None:
        """Note a privilege that the role lacks."""
        message = f"{self.role} may not {doing}: it lacks {privileges} on {on}. {why}"
        fix = f"{grant(privileges, on, self.role)} ({TERRAFORM})"
        code = EXIT_CREDENTIALS if state == "failed" else EXIT_OK
        self.found.append(Finding(self.check, state, message, fix, code))

    def stays_out(self, statement: str, kept_to: str, message: str, revoke: str) -> None:
        """Note whether Snowflake refuses what the role does not need; where it does not, what would take the right away."""
        try:
            self.session.execute(statement)
        except CredentialsError:
            self.passed(f"{self.role} {kept_to}, as it should be")
            return
        fix = (
            f"{revoke} from role {self.role}; "
            f"if it has none: alter user {self.user} set default_secondary_roles = ();"
        )
        self.found.append(warning(self.check, f"{self.role} {message}", fix))

    @contextmanager
    def needing(self, privileges: str, on: str, doing: str, *, state: State = "failed") -> Iterator[None]:
        """What is done within needs a privilege; a refusal is noted, and ends the block."""
        try:
            yield
        except CredentialsError as problem:
            lacking = privileges
            if _UNSEEN.search(problem.why) and on.startswith("schema "):
                lacking = f"USAGE, {privileges}"
            self.lacks(lacking, on, doing, state=state, why=f"Snowflake says: {problem.why}")

    @contextmanager
    def made(self, kind: str, place: str, definition: str = "") -> Iterator[str]:
        """A table or view under the trial's own name in a schema, dropped at the end; its name with the schema's."""
        target = f"{place}.{self.name}_{kind.rsplit(maxsplit=1)[-1].upper()}"
        self.session.execute(f"create {kind} {target} {definition}".strip())
        try:
            yield target
        finally:
            self.drop(kind.rsplit(maxsplit=1)[-1], target)

    def drop(self, kind: str, target: str) -> None:
        """Drop something that was made; where Snowflake does not let us, that is noted."""
        try:
            self.session.execute(f"drop {kind} if exists {target}")
        except ShopstackError as problem:
            left = f"{self.database}.{target}"
            message = f"{left} is still there. {problem.why}"
            self.found.append(warning(self.check, message, f"drop {kind} {left};"))

    def schemas(self) -> set[str]:
        """The schemas of its database that the role sees."""
        return {
            str(name) for (name,) in self.session.rows("select schema_name from information_schema.schemata")
        }

    def computes(self) -> None:
        """Have the warehouse work: it wakes up for it.

        Raises:
            ConfigurationError: the role may not use it. TransientError: it is suspended by its resource monitor.
        """
        self.session.rows("select count(*) from table(generator(rowcount => 1))")

    def look_for_leftovers(self) -> None:
        """Note what trials left that were broken off for want of a connection."""
        tables = self.session.rows(
            "select table_schema, table_name from information_schema.tables where startswith(table_name, %s)",
            (sql.PROBE,),
        )
        left = [(one.rpartition("_")[2].lower(), f"{schema}.{one}") for schema, one in tables]
        left += [("schema", one) for one in self.schemas() if one.startswith(sql.PROBE)]
        for kind, name in sorted(left):
            whole = f"{self.database}.{name}"
            message = f"{whole} was left by a doctor that was broken off, or another one is at work"
            self.found.append(warning(self.check, message, f"drop {kind} {whole};"))

    def look_for_foreign_tables(self, schemas: Collection[str]) -> None:
        """Note schemas with tables that the role sees and does not own: only their owner replaces or alters them."""
        rows = self.session.rows(
            "select table_schema, table_owner, count(*) from information_schema.tables "
            f"where table_schema in ({sql.listed('schemas')}) and table_owner <> %(role)s "
            "group by table_schema, table_owner order by table_schema",
            {"schemas": sql.as_list(schemas), "role": self.role},
        )
        for schema, owner, tables in rows:
            on = f"{self.database}.{schema}"
            message = f"{tables} tables of {on} belong to {owner}: {self.role} can replace them only if it is above that role"
            fix = f"grant ownership on all tables in schema {on} to role {self.role} copy current grants;"
            self.found.append(warning(self.check, message, fix))


def grant(privileges: str, on: str, role: str) -> str:
    """The statement that grants privileges."""
    return f"grant {privileges.lower()} on {on} to role {role};"


def places(trial: Trial, wanted: Iterable[str], own: str | None, privileges: str) -> list[str]:
    """The schemas to try in: those that are wanted and there; where none of them is, ``own``, which the trial has made.

    Notes what is not there beside others that are: it may be that the role does not see it.
    """
    there, needed = trial.schemas(), list(wanted)
    missing = [one for one in needed if one not in there]
    if len(missing) == len(needed):
        return [own] if own else []
    for one in missing:
        on = f"schema {trial.database}.{one}"
        message = f"{trial.database}.{one} is not there, or {trial.role} does not see it"
        fix = f"{grant(f'USAGE, {privileges}', on, trial.role)} ({TERRAFORM}); if it is not there, the next run makes it"
        trial.found.append(warning(trial.check, message, fix))
    return [one for one in needed if one in there]


@contextmanager
def own_schema(trial: Trial, wanted: Collection[str]) -> Iterator[str | None]:
    """A schema under the trial's name; None where the role may not make one.

    Where all that is ``wanted`` is there, that is no more than a warning.
    """
    made: str | None = None
    state: State = "warning" if trial.schemas() >= set(wanted) else "failed"
    on, doing = f"database {trial.database}", "make a schema that is not there yet"
    with trial.needing("CREATE SCHEMA", on, doing, state=state):
        trial.session.execute(f"create transient schema {trial.name} data_retention_time_in_days = 0")
        made = trial.name
    try:
        yield made
    finally:
        if made:
            trial.drop("schema", made)
