"""What Terraform prepares on Snowflake is what the engine asks for there: names, schemas, rights to create."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from shopstack import secrets
from shopstack.config import parse_config
from shopstack.warehouse import snowflake_sql
from tests.infrastructure.snowflake_plan import grants
from tests.infrastructure.terraform import INFRASTRUCTURE, ROOT, Proof, resources

pytestmark = pytest.mark.xdist_group("snowflake/prod")

CREATE = re.compile(
    r"\bcreate (?:or replace )?(?:transient |temporary )?(table|view|stage|schema|sequence|stream|task|pipe|tag|file format)\b"
)


@pytest.fixture(scope="module")
def plan(proof: Proof) -> dict[str, Any]:
    return proof.plan("snowflake/prod")


def _schemas(plan: dict[str, Any], database: str) -> set[str]:
    made = (one["values"] for one in resources(plan) if one["type"] == "snowflake_schema")
    return {schema["name"] for schema in made if schema["database"] == database}


def test_what_is_pasted_works_and_names_the_databases_that_are_made(plan: dict[str, Any]) -> None:
    warehouse = parse_config(plan["planned_values"]["outputs"]["shopstack_toml"]["value"]).warehouse
    made = {one["values"]["name"] for one in resources(plan) if one["type"] == "snowflake_database"}
    assert {warehouse.database("raw"), warehouse.database("prod")} == made


def test_the_environment_names_are_those_that_the_engine_reads(plan: dict[str, Any]) -> None:
    named = set(plan["planned_values"]["outputs"]["environment"]["value"])
    assert named == {secrets.SNOWFLAKE_KEY, secrets.SNOWFLAKE_KEY_PATH, secrets.SNOWFLAKE_PASSPHRASE}


def test_the_raw_schemas_are_those_that_are_loaded(plan: dict[str, Any]) -> None:
    loaded = {snowflake_sql.SHOPIFY, snowflake_sql.STATE, snowflake_sql.REFERENCE}
    assert _schemas(plan, "SPOON_RAW") == loaded


def test_the_other_schemas_are_those_that_dbt_builds_and_the_published_one(plan: dict[str, Any]) -> None:
    project = INFRASTRUCTURE.parent / "transformation"
    files = [project / "dbt_project.yml", project / "packages" / "shopstack" / "dbt_project.yml"]
    built = {schema.upper() for file in files for schema in _built(yaml.safe_load(file.read_text()))}
    assert _schemas(plan, "SPOON_PROD") == built | {"PUBLISHED"}


def _built(node: Any) -> set[str]:
    if not isinstance(node, dict):
        return set()
    own = {node["+schema"]} if "+schema" in node else set()
    return own.union(*(_built(below) for below in node.values()))


def test_the_loader_may_create_what_loading_creates_and_nothing_else(plan: dict[str, Any]) -> None:
    sources = (ROOT / "src" / "shopstack" / "warehouse").glob("snowflake*.py")
    created = {f"CREATE {kind.upper()}" for file in sources for kind in CREATE.findall(file.read_text())}
    may = {
        privilege for role, _, privilege in grants(plan, "SPOON") if role == "LOADER" and privilege != "USAGE"
    }
    assert created == may
    stage = snowflake_sql.STAGE.partition(".")[0]
    assert ("LOADER", f"schema RAW.{stage}", "CREATE STAGE") in grants(plan, "SPOON")
