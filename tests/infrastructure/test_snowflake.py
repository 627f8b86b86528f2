"""What the Snowflake roots would make, by their plans: who gets what, who makes it, and what may never happen."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.snowflake_plan import grants, planned_roles, written_grants, written_roles
from tests.infrastructure.terraform import INFRASTRUCTURE, Proof, RefusedError, resources

pytestmark = pytest.mark.xdist_group("snowflake/prod")

README = INFRASTRUCTURE / "snowflake" / "README.md"
SECRET = re.compile(r"password|private_key|passphrase|token|secret")
PREFIXES = {"snowflake/dev": "SPOON_DEV", "snowflake/prod": "SPOON"}
each_environment = pytest.mark.parametrize("root", PREFIXES)


def _of(plan: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource["values"] for resource in resources(plan) if resource["type"] == f"snowflake_{kind}"]


@each_environment
def test_the_plan_grants_what_the_readme_says_and_nothing_more(proof: Proof, root: str) -> None:
    assert grants(proof.plan(root), PREFIXES[root]) == written_grants(README)


def test_each_resource_is_made_by_the_role_that_the_readme_says(proof: Proof) -> None:
    planned = planned_roles(proof.plan("snowflake/prod")) | planned_roles(proof.plan("snowflake/account"))
    assert planned == written_roles(README)


@each_environment
def test_nobody_holds_a_role_that_he_should_not(proof: Proof, root: str) -> None:
    held = {
        (given["role_name"], given["user_name"] or given["parent_role_name"])
        for given in _of(proof.plan(root, developers='["ANNA"]'), "grant_account_role")
    }
    prefix = PREFIXES[root]
    expected = {(f"{prefix}_{role}", "SYSADMIN") for role in ("LOADER", "TRANSFORMER", "REPORTER", "CI")}
    expected |= {(f"{prefix}_LOADER", f"{prefix}_PIPELINE"), (f"{prefix}_TRANSFORMER", f"{prefix}_PIPELINE")}
    expected |= {(f"{prefix}_TRANSFORMER", "ANNA")}
    if root == "snowflake/prod":
        expected |= {(f"{prefix}_REPORTER", f"{prefix}_REPORTER"), (f"{prefix}_CI", f"{prefix}_CI")}
    assert held == expected


def test_a_future_grant_on_a_schema_takes_nothing_from_those_on_its_database(proof: Proof) -> None:
    """Snowflake ignores a database's future grants for a kind of object on which a schema has any."""
    given = {
        (role, place)
        for role, place, _ in grants(proof.plan("snowflake/prod"), "SPOON")
        if place.startswith("future")
    }
    narrow = {place for _, place in given if "." in place}
    assert narrow
    for place in narrow:
        database = place.partition(".")[0]
        assert {(role, place) for role, wider in given if wider == database} <= given


@each_environment
def test_users_are_services_with_public_keys_alone_and_one_role_at_a_time(proof: Proof, root: str) -> None:
    plan = proof.plan(root)
    kinds = {resource["type"] for resource in resources(plan)}
    assert not {kind for kind in kinds if "user" in kind} - {"snowflake_service_user"}
    for user in _of(plan, "service_user"):
        assert re.fullmatch(r"MII[A-Za-z0-9+/=]+", user["rsa_public_key"])
        assert user["default_secondary_roles_option"] == "NONE"


@each_environment
def test_nothing_secret_reaches_the_state(proof: Proof, root: str) -> None:
    plan = proof.plan(root)
    assert [name for name in plan["variables"] if SECRET.search(name)] == []
    for resource in resources(plan):
        assert [name for name, value in resource["values"].items() if SECRET.search(name) and value] == []
    for config in plan["configuration"]["provider_config"].values():
        assert [name for name in config.get("expressions", {}) if SECRET.search(name)] == []


def test_network_policies_stand_on_service_users_alone(proof: Proof) -> None:
    plan = proof.plan("snowflake/prod")
    assert {policy["name"] for policy in _of(plan, "network_policy")} == {"SPOON_PIPELINE"}
    users = {user["name"]: user.get("network_policy") for user in _of(plan, "service_user")}
    assert users == {"SPOON_PIPELINE": "SPOON_PIPELINE", "SPOON_REPORTER": None, "SPOON_CI": None}
    elsewhere = {
        "snowflake_account_parameter",
        "snowflake_current_account",
        "snowflake_network_policy_attachment",
    }
    for root in (*PREFIXES, "snowflake/account"):
        assert not elsewhere & {resource["type"] for resource in resources(proof.plan(root))}


def test_dev_can_name_nothing_of_prod(proof: Proof) -> None:
    dev, prod = (_names(proof.plan(root)) for root in ("snowflake/dev", "snowflake/prod"))
    assert {name for name in dev if not name.startswith("SPOON_DEV_")} == set()
    assert {name for name in prod if name.startswith("SPOON_DEV_")} == set()
    with pytest.raises(RefusedError, match="ends in _DEV"):
        proof.plan("snowflake/dev", prefix="SPOON")


def _names(plan: dict[str, Any]) -> set[str]:
    kinds = ("database", "warehouse", "account_role", "service_user", "network_policy")
    return {values["name"] for kind in kinds for values in _of(plan, kind)}


@each_environment
def test_databases_are_protected_removed_rows_do_not_stay_and_warehouses_sleep(
    proof: Proof, root: str
) -> None:
    plan = proof.plan(root)
    text = (INFRASTRUCTURE / "snowflake" / "modules" / "environment" / "main.tf").read_text()
    blocks = re.findall(r'^resource "snowflake_(\w+)" "(\w+)" \{(.*?)^\}', text, re.DOTALL | re.MULTILINE)
    kept = {(kind, name) for kind, name, block in blocks if "prevent_destroy = true" in block}
    assert kept == {("database", "raw"), ("database", "prod"), ("schema", "raw")}
    assert {schema["is_transient"] for schema in _of(plan, "schema")} == {"true"}
    assert {database["data_retention_time_in_days"] for database in _of(plan, "database")} == {1}
    retained = {(one["database"], one.get("data_retention_time_in_days")) for one in _of(plan, "schema")}
    assert retained == {(f"{PREFIXES[root]}_RAW", None), (f"{PREFIXES[root]}_PROD", 0)}
    for warehouse in _of(plan, "warehouse"):
        assert (warehouse["auto_suspend"], warehouse["auto_resume"]) == (60, "true")
        assert warehouse["initially_suspended"]
        assert warehouse["statement_timeout_in_seconds"] <= 3600


def test_every_warehouse_of_the_examples_has_a_ceiling(proof: Proof) -> None:
    account = proof.plan("snowflake/account")
    made = {values["name"] for root in PREFIXES for values in _of(proof.plan(root), "warehouse")}
    monitors = {monitor["name"]: monitor for monitor in _of(account, "resource_monitor")}
    assigned = {
        match[1]: match[2]
        for values in _of(account, "execute")
        if (
            match := re.fullmatch(
                r'ALTER WAREHOUSE "(\w+)" SET RESOURCE_MONITOR = "(\w+)"', values["execute"]
            )
        )
    }
    assert set(assigned) == made
    assert set(assigned.values()) == set(monitors)
    for monitor in monitors.values():
        steps = [
            *sorted(monitor["notify_triggers"]),
            monitor["suspend_trigger"],
            monitor["suspend_immediate_trigger"],
        ]
        assert all(earlier < later for earlier, later in pairwise(steps))
        assert steps[-1] == 100


@each_environment
def test_what_is_pasted_into_shopstack_toml_names_what_is_made(proof: Proof, root: str) -> None:
    plan, prefix = proof.plan(root), PREFIXES[root]
    pasted = tomllib.loads(plan["planned_values"]["outputs"]["shopstack_toml"]["value"])
    names = _names(plan)
    assert pasted == {
        "warehouse": {
            "type": "snowflake",
            "account": "MYORG-MYACCOUNT",
            "user": f"{prefix}_PIPELINE",
            "role": f"{prefix}_LOADER",
            "transformer_role": f"{prefix}_TRANSFORMER",
            "warehouse": f"{prefix}_PIPELINE",
            "database_prefix": prefix,
        }
    }
    assert {pasted["warehouse"][key] for key in ("user", "role", "transformer_role", "warehouse")} <= names
    assert {f"{prefix}_RAW", f"{prefix}_PROD"} <= names


TOO_MUCH = """
resource "snowflake_grant_privileges_to_account_role" "too_much" {
  provider          = snowflake.securityadmin
  account_role_name = snowflake_account_role.this["reporter"].name
  privileges        = ["SELECT"]
  on_schema_object {
    future {
      object_type_plural = "TABLES"
      in_database        = snowflake_database.raw.name
    }
  }
}
"""


@pytest.mark.usefixtures("terraform")
def test_a_grant_too_many_is_seen(tmp_path: Path) -> None:
    proof = Proof(INFRASTRUCTURE, tmp_path)
    with (proof.tree / "snowflake" / "modules" / "environment" / "grants.tf").open("a") as file:
        file.write(TOO_MUCH)
    planned = grants(proof.plan("snowflake/prod"), "SPOON")
    assert planned - written_grants(README) == {("REPORTER", "future tables in RAW", "SELECT")}


@pytest.mark.usefixtures("terraform")
def test_a_resource_made_by_another_role_is_seen(tmp_path: Path) -> None:
    proof = Proof(INFRASTRUCTURE, tmp_path)
    file = proof.tree / "snowflake" / "modules" / "environment" / "main.tf"
    file.write_text(file.read_text().replace("snowflake.sysadmin", "snowflake.securityadmin", 1))
    wrong = dict(planned_roles(proof.plan("snowflake/prod")).items() - written_roles(README).items())
    assert wrong == {"snowflake_database.raw": "SECURITYADMIN"}
