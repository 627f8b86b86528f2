"""`shopstack doctor` on a warehouse that is not on this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shopstack.doctor import Finding
from shopstack.doctor.snowflake import check_snowflake, check_snowflake_key
from shopstack.errors import EXIT_CREDENTIALS, EXIT_TRANSIENT, EXIT_USAGE
from shopstack.project import Project
from shopstack.warehouse.snowflake_sql import PROBE
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_rights import Grant, Rights
from tests.fakes.snowflake_server import SnowflakeServer
from tests.infrastructure.snowflake_plan import written_grants

pytestmark = pytest.mark.xdist_group("warehouse")

README = Path(__file__).parents[3] / "src/shopstack/blueprint/infrastructure/snowflake/README.md"
GRANTED = written_grants(README)
"""What Terraform grants."""

RAW = ("SHOPIFY", "REFERENCE", "_SHOPSTACK")
PROD = ("STAGING", "INTERMEDIATE", "SERVING", "REPORTING", "SEEDS", "PUBLISHED")

NOT_SEEN = {
    (
        "TRANSFORMER",
        "account",
        "CREATE DATABASE",
    ),  # for databases of developers, which the engine does not make
    ("TRANSFORMER", "future schemas in RAW", "USAGE"),  # the raw database gets no further schema
    ("REPORTER", "warehouse REPORTER", "USAGE"),  # whoever builds does not see that warehouse
    (
        "REPORTER",
        "all tables in PROD.PUBLISHED",
        "SELECT",
    ),  # a publish replaces them all: they are future ones
    ("REPORTER", "all views in PROD.PUBLISHED", "SELECT"),  # a publish makes no views
    ("REPORTER", "future views in PROD.PUBLISHED", "SELECT"),
}
"""Grants that doctor does not miss, and why."""


def alike() -> dict[str, set[Grant]]:
    """The grants that doctor must miss; those on several schemas of a database together."""
    found: dict[str, set[Grant]] = {}
    for role, place, privilege in sorted(GRANTED - NOT_SEEN):
        if role != "CI":
            where = (
                f"schemas of {place.split()[1].partition('.')[0]}" if place.startswith("schema ") else place
            )
            found.setdefault(f"{role} {where} {privilege}", set()).add((role, place, privilege))
    return found


ALIKE = alike()


@pytest.fixture
def project(recorded: SnowflakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose databases are as Terraform leaves them, with one table that was loaded before."""
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY", pem())
    prefix = recorded.new_prefix()
    for database, schemas in (("RAW", RAW), ("PROD", PROD)):
        recorded.instance.connect(f"{prefix}_{database}")
        for schema in schemas:
            recorded.query(f"create schema {prefix}_{database}.{schema}")
    recorded.query(f"create table {prefix}_RAW.SHOPIFY.ORDERS as select 1 as id")
    (tmp_path / "shopstack.toml").write_text(
        '[warehouse]\ntype = "snowflake"\naccount = "simulated"\n'
        f'user = "{prefix}_PIPELINE"\nrole = "{prefix}_LOADER"\ntransformer_role = "{prefix}_TRANSFORMER"\n'
        f'warehouse = "{prefix}_PIPELINE"\ndatabase_prefix = "{prefix}"\nserver = "{recorded.address}"\n'
    )
    return Project.open(tmp_path)


def prefix_of(project: Project) -> str:
    return project.config.warehouse.database_prefix


def granted(project: Project, server: SnowflakeServer, grants: set[Grant] = GRANTED) -> None:
    server.rights = Rights(prefix_of(project), set(grants))


def left_over(project: Project, server: SnowflakeServer) -> list[tuple[str]]:
    """What still bears a trial's name."""
    return [
        name
        for name in server.query(
            "select schema_name from duckdb_schemas() union all select table_name from duckdb_tables() "
            "union all select view_name from duckdb_views()"
        )
        if name[0].startswith(PROBE)
    ]


def told(found: list[Finding]) -> str:
    return "\n".join(f"{one.state} {one.message} {one.fix}" for one in found if one.state != "ok")


def test_what_terraform_grants_is_enough_and_nothing_is_left_behind(
    project: Project, recorded: SnowflakeServer
) -> None:
    granted(project, recorded)
    found = check_snowflake(project)
    assert told(found) == ""
    prefix = prefix_of(project)
    said = "\n".join(one.message for one in found)
    assert f"{prefix}_LOADER loads into {prefix}_RAW with {prefix}_PIPELINE" in said
    assert f"{prefix}_TRANSFORMER builds in {prefix}_PROD" in said
    assert f"{prefix}_REPORTER may read what comes into {prefix}_PROD.PUBLISHED" in said
    assert f"{prefix}_LOADER does not see into {prefix}_PROD" in said
    assert f"{prefix}_TRANSFORMER may not change {prefix}_RAW" in said
    assert left_over(project, recorded) == []


@pytest.mark.parametrize("lost", ALIKE.values(), ids=ALIKE)
def test_a_grant_that_is_missing_is_named_with_the_statement_that_gives_it(
    project: Project, recorded: SnowflakeServer, lost: set[Grant]
) -> None:
    granted(project, recorded, GRANTED - lost)
    found = [one for one in check_snowflake(project) if one.state != "ok"]
    prefix = prefix_of(project)
    for role, place, privilege in lost:
        on = whole(place, prefix)
        named = [one for one in found if gives(one.fix, privilege, on, f"{prefix}_{role}")]
        assert named, f"{privilege} {on}: {told(found)}"
        assert all(f"{prefix}_{role}" in one.message for one in named)
    assert {one.exit_code for one in found if one.state == "failed"} <= {EXIT_CREDENTIALS, EXIT_USAGE}
    assert left_over(project, recorded) == []


def whole(place: str, prefix: str) -> str:
    """A place of the README as a statement names it."""
    kind, _, name = place.rpartition(" ")
    if kind.endswith(" in"):
        kind += " schema" if "." in name else " database"
    return f"{kind} {prefix}_{name}"


def gives(fix: str, privilege: str, on: str, role: str) -> bool:
    """Whether a fix has the statement that grants it."""
    statements = re.findall(r"grant (.+?) on (.+?) to role (\w+);", fix)
    return any(
        privilege.lower() in privileges.split(", ") and (where, to) == (on, role)
        for privileges, where, to in statements
    )


def test_what_is_not_there_is_made_by_whoever_may(recorded: SnowflakeServer, project: Project) -> None:
    for database, schemas in (("RAW", RAW), ("PROD", PROD)):
        for schema in schemas:
            recorded.query(f"drop schema {prefix_of(project)}_{database}.{schema} cascade")
    granted(project, recorded)
    assert told(check_snowflake(project)) == ""
    granted(project, recorded, {one for one in GRANTED if one[2] != "CREATE SCHEMA"})
    found = check_snowflake(project)
    assert [one.state for one in found if "CREATE SCHEMA" in one.message] == ["failed", "failed"]
    assert left_over(project, recorded) == []


def test_a_schema_that_a_role_does_not_see_beside_others_is_told(
    recorded: SnowflakeServer, project: Project
) -> None:
    prefix = prefix_of(project)
    recorded.query(f"drop schema {prefix}_PROD.SEEDS cascade")
    granted(project, recorded)
    (found,) = [one for one in check_snowflake(project) if one.state != "ok"]
    assert (found.state, found.check) == ("warning", "Snowflake, building")
    assert f"{prefix}_PROD.SEEDS is not there, or {prefix}_TRANSFORMER does not see it" in found.message
    assert f"grant usage, create table, create view on schema {prefix}_PROD.SEEDS" in found.fix


def test_tables_of_another_owner_are_told(project: Project, recorded: SnowflakeServer) -> None:
    granted(project, recorded)
    recorded.answer("table_owner", by="select 'SERVING' as s, 'SYSADMIN' as o, 3 as n")
    raw, prod = [one for one in check_snowflake(project) if one.state == "warning"]
    prefix = prefix_of(project)
    assert f"3 tables of {prefix}_PROD.SERVING belong to SYSADMIN" in prod.message
    assert f"grant ownership on all tables in schema {prefix}_RAW.SERVING to role {prefix}_LOADER" in raw.fix


def test_roles_that_can_do_more_than_their_work_are_told(project: Project, recorded: SnowflakeServer) -> None:
    prefix = prefix_of(project)
    more = {
        ("LOADER", "database PROD", "USAGE"),
        ("TRANSFORMER", "future tables in RAW", "INSERT"),
    }
    granted(project, recorded, GRANTED | more)
    found = [one for one in check_snowflake(project) if one.state != "ok"]
    assert [one.state for one in found] == ["warning", "warning"]
    assert f"revoke usage on database {prefix}_PROD from role {prefix}_LOADER;" in found[0].fix
    assert (
        f"revoke insert on future tables in database {prefix}_RAW from role {prefix}_TRANSFORMER;"
        in found[1].fix
    )
    assert all(f"alter user {prefix}_PIPELINE set default_secondary_roles" in one.fix for one in found)


def test_one_role_for_all_is_held_against_nothing_but_its_work(
    project: Project, recorded: SnowflakeServer
) -> None:
    prefix = prefix_of(project)
    config = project.root / "shopstack.toml"
    config.write_text(config.read_text().replace(f'transformer_role = "{prefix}_TRANSFORMER"\n', ""))
    granted(
        project, recorded, {("LOADER", place, what) for role, place, what in GRANTED if role != "REPORTER"}
    )
    found = check_snowflake(Project.open(project.root))
    assert [one.state for one in found if "_REPORTER" not in one.fix] == ["ok"] * 3
    assert "does not need" not in told(found)


def test_a_warehouse_that_may_not_wake_up_is_no_missing_grant(
    project: Project, recorded: SnowflakeServer
) -> None:
    words = "Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota."
    recorded.fail("generator", code="090073", message=words, times=2)
    found = check_snowflake(project)
    assert [(one.state, one.exit_code) for one in found] == [("failed", EXIT_TRANSIENT)] * 2
    assert "is suspended" in found[0].message


@pytest.mark.parametrize("at", ["^put ", "^copy into", "^insert into"])
def test_what_is_broken_off_is_cleared_away(project: Project, recorded: SnowflakeServer, at: str) -> None:
    granted(project, recorded)
    recorded.fail(at, code="100038", message="Numeric value 'x' is not recognized")
    failed = [one for one in check_snowflake(project) if one.state == "failed"]
    assert len(failed) == 1
    assert left_over(project, recorded) == []


def test_who_reads_is_left_open_where_snowflake_does_not_show_it(
    project: Project, recorded: SnowflakeServer
) -> None:
    granted(project, recorded)
    recorded.fail("object_privileges", code="000001", message="not today")
    (found,) = [one for one in check_snowflake(project) if one.state != "ok"]
    assert (found.state, found.fix.split()[:3]) == ("warning", ["show", "future", "grants"])
    assert "not today" in found.message


def test_rows_that_do_not_arrive_are_noticed(project: Project, recorded: SnowflakeServer) -> None:
    granted(project, recorded)
    recorded.answer("^copy into", by="select 1")
    (found,) = [one for one in check_snowflake(project) if one.state == "failed"]
    assert "does not hold what was put into it" in found.message


def test_what_could_not_be_cleared_away_is_named(project: Project, recorded: SnowflakeServer) -> None:
    granted(project, recorded)
    recorded.fail("^drop view", code="003001", message="Insufficient privileges")
    found = [one for one in check_snowflake(project) if one.state == "warning"]
    assert f"drop view {prefix_of(project)}_PROD." in found[0].fix
    ((left,),) = left_over(project, recorded)
    assert left in found[0].fix
    recorded.query(f"create table {prefix_of(project)}_PROD.SERVING.{PROBE}1_TABLE as select 1 as id")
    recorded.query(f"create schema {prefix_of(project)}_PROD.{PROBE}2")
    again = [
        one for one in check_snowflake(project) if "was left by a doctor that was broken off" in one.message
    ]
    assert {
        f"drop table {prefix_of(project)}_PROD.SERVING.{PROBE}1_TABLE;",
        f"drop schema {prefix_of(project)}_PROD.{PROBE}2;",
    } <= {one.fix for one in again}


def test_what_snowflake_refuses_is_told_of_each_role(project: Project, recorded: SnowflakeServer) -> None:
    recorded.refuse_login(code="390189", message="Role 'X' specified in the connect string is not granted.")
    found = check_snowflake(project)
    assert [one.check for one in found] == ["Snowflake, loading", "Snowflake, building"]
    for one in found:
        assert (one.state, one.exit_code) == ("failed", EXIT_CREDENTIALS)
        assert "grant role" in one.fix


def test_a_key_is_looked_at_without_the_network(
    project: Project, recorded: SnowflakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.logins.clear()
    (found,) = check_snowflake_key(project)
    assert found.state == "ok"
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY", "not a key at all")
    (refused,) = check_snowflake_key(project)
    assert "neither PEM nor DER" in refused.message
    assert recorded.logins == []
