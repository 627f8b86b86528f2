"""The trial of the role that builds and publishes: it reads the raw tables, makes tables and views, fills PUBLISHED.

Who reads PUBLISHED is seen from the grants that a new table there gets by itself: the reporter signs in elsewhere.
"""

from __future__ import annotations

import re
from contextlib import ExitStack

from shopstack.doctor.findings import warning
from shopstack.doctor.snowflake_loading import RawProbes
from shopstack.doctor.snowflake_trial import TERRAFORM, Trial, grant, own_schema, places
from shopstack.errors import CredentialsError, DataError
from shopstack.transformation.snowflake import PUBLISHED, SCHEMAS

BUILT = (*SCHEMAS, PUBLISHED)

_HIDDEN = re.compile(r"(database|schema) '", re.IGNORECASE)
"""In a refusal: it is the database or the schema that the role does not see."""


def prove_building(trial: Trial, raw: RawProbes) -> None:
    """Do what a build and a publish do."""
    trial.computes()
    _read(trial, raw)
    trial.look_for_leftovers()
    trial.look_for_foreign_tables(BUILT)
    with ExitStack() as made:
        own = made.enter_context(own_schema(trial, BUILT))
        for schema in places(trial, BUILT, own, "CREATE TABLE, CREATE VIEW"):
            _make(trial, made, schema)
    if not trial.is_refused:
        trial.passed(
            f"{trial.role} builds in {trial.database} with {trial.warehouse}: it made tables and views, replaced what it "
            "published, and dropped them"
        )


def _read(trial: Trial, raw: RawProbes) -> None:
    """Read what the loader has made, just now and before."""
    lacking: dict[tuple[str, str], str] = {}
    for when, tables in (("future", raw.new), ("all", raw.old)):
        for table in tables:
            try:
                trial.session.rows(f"select count(*) from {table}")
            except CredentialsError as problem:
                hidden = _HIDDEN.search(problem.why)
                kind = hidden[1].lower() if hidden else "table"
                needed = {
                    "database": ("USAGE", f"database {raw.database}"),
                    "schema": ("USAGE", f"{when} schemas in database {raw.database}"),
                    "table": ("SELECT", f"{when} tables in database {raw.database}"),
                }
                lacking.setdefault(needed[kind], f"Snowflake says: {problem.why}")
    for (privilege, on), why in lacking.items():
        trial.lacks(privilege, on, "read what was loaded", why=why)
    if (raw.new or raw.old) and not lacking:
        trial.passed(f"{trial.role} reads {raw.database}")
    if raw.is_apart and raw.new and not lacking:
        _leave_alone(trial, raw)


def _leave_alone(trial: Trial, raw: RawProbes) -> None:
    """Note where the role may change what was loaded."""
    trial.stays_out(
        f"insert into {raw.new[0]} values (3)",
        f"may not change {raw.database}",
        f"may write into {raw.database}, which it does not need",
        f"revoke insert on future tables in database {raw.database}",
    )


def _make(trial: Trial, made: ExitStack, schema: str) -> None:
    """Make a table and a view as dbt does; in PUBLISHED replace the table, and see who may read it."""
    on = f"schema {trial.database}.{schema}"
    with trial.needing("CREATE TABLE", on, "make tables"):
        table = made.enter_context(trial.made("transient table", schema, "as select 1 as id"))
        if schema == PUBLISHED:
            trial.session.execute(f"create or replace transient table {table} copy grants as select 2 as id")
            _look_for_readers(trial, table.partition(".")[2])
    with trial.needing("CREATE VIEW", on, "make views"):
        made.enter_context(trial.made("view", schema, "as select 1 as id"))


def _look_for_readers(trial: Trial, table: str) -> None:
    """Note which other roles may read a table that was just made in PUBLISHED; what one of them lacks."""
    published = f"{trial.database}.{PUBLISHED}"
    try:
        rows = trial.session.rows(
            "select object_type, grantee, privilege_type from information_schema.object_privileges "
            "where object_name in (%s, %s, %s)",
            (table, PUBLISHED, trial.database),
        )
    except (CredentialsError, DataError) as problem:
        message = f"who may read {published} could not be seen. Snowflake says: {problem.why}"
        trial.found.append(warning(trial.check, message, f"show future grants in schema {published};"))
        return
    may: dict[str, dict[str, set[str]]] = {"TABLE": {}, "SCHEMA": {}, "DATABASE": {}}
    shown = {kind for kind, _, _ in rows}  # what the role does not see is no finding
    for kind, role, privilege in rows:
        if role != trial.role:
            may.get(kind, {}).setdefault(role, set()).add(privilege)
    needed = {
        ("TABLE", "SELECT"): f"future tables in schema {published}",
        ("SCHEMA", "USAGE"): f"schema {published}",
        ("DATABASE", "USAGE"): f"database {trial.database}",
    }
    found = {kind: {role for role, what in may[kind].items() if right in what} for kind, right in needed}
    readers = sorted(found["TABLE"] | found["SCHEMA"])
    whole = []
    for role in readers:
        lacking = [one for one in needed if role not in found[one[0]] and one[0] in shown]
        for kind, right in lacking:
            on = needed[kind, right]
            message = f"{role} shall read {published}, it seems, and lacks {right} on {on}"
            trial.found.append(warning(trial.check, message, f"{grant(right, on, role)} ({TERRAFORM})"))
        whole += [] if lacking else [role]
    if not readers:
        reporter = f"{trial.database.rpartition('_')[0]}_REPORTER"
        message = f"no role but {trial.role} may read {published}: {reporter} and who else asks Snowflake will find nothing"
        fix = grant("SELECT", needed["TABLE", "SELECT"], reporter)
        trial.found.append(warning(trial.check, message, f"{fix} ({TERRAFORM})"))
    if whole:
        trial.passed(f"{' and '.join(whole)} may read what comes into {published}")
