"""The schema provider refuses what the real one would: each mistake below must fail, and the same root without it pass."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure import terraform as proofs
from tests.infrastructure.provider.schemas import UnknownFormError, provider_schema
from tests.infrastructure.terraform import Proof, RefusedError, missing, references, resources, served

pytestmark = pytest.mark.xdist_group("schema-provider")

SNOWFLAKE = """
terraform {
  required_providers {
    snowflake = { source = "snowflakedb/snowflake", version = "~> 2.11" }
  }
}
provider "snowflake" {
  role = "SYSADMIN"
}
resource "snowflake_database" "raw" {
  name = "SHOP_RAW"
}
resource "snowflake_account_role" "loader" {
  name = "SHOP_LOADER"
}
resource "snowflake_grant_privileges_to_account_role" "loader" {
  account_role_name = snowflake_account_role.loader.name
  privileges        = ["USAGE"]
  on_account_object {
    object_type = "DATABASE"
    object_name = snowflake_database.raw.fully_qualified_name
  }
}
"""
AWS = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.25" }
  }
}
provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "data" {
  bucket = "shop-${data.aws_caller_identity.me.account_id}"
}
resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_security_group" "task" {
  name = "task"
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""

MISTAKES = {
    "unknown resource": (SNOWFLAKE, '"snowflake_database"', '"snowflake_databaze"', "Invalid resource type"),
    "misspelt argument": (SNOWFLAKE, "account_role_name", "account_role", "Unsupported argument"),
    "missing argument": (SNOWFLAKE, '  name = "SHOP_LOADER"\n', "", "Missing required argument"),
    "missing argument in a block": (
        SNOWFLAKE,
        '    object_type = "DATABASE"\n',
        "",
        "Missing required argument",
    ),
    "wrong type": (SNOWFLAKE, '["USAGE"]', '"USAGE"', "Incorrect attribute value type"),
    "reference to a resource that is not there": (
        SNOWFLAKE,
        "_role.loader.name",
        "_role.lodaer.name",
        "undeclared",
    ),
    "reference to an attribute that is not there": (
        SNOWFLAKE,
        "loader.name",
        "loader.nam",
        "Unsupported attribute",
    ),
    "argument for a block": (
        SNOWFLAKE,
        "on_account_object {",
        "on_account_object = {",
        "Unsupported argument",
    ),
    "second block where one is allowed": (
        SNOWFLAKE,
        "  on_account_object {",
        '  on_account_object {\n    object_type = "DATABASE"\n    object_name = "X"\n  }\n  on_account_object {',
        "Too many on_account_object blocks",
    ),
    "block that is not there": (
        SNOWFLAKE,
        "on_account_object {",
        "on_acount_object {",
        "Unsupported block type",
    ),
    "argument of the provider": (
        SNOWFLAKE,
        'role = "SYSADMIN"',
        'rolle = "SYSADMIN"',
        "Unsupported argument",
    ),
    "computed value set": (
        SNOWFLAKE,
        'name = "SHOP_RAW"',
        'name = "SHOP_RAW"\n  fully_qualified_name = "X"',
        "Value for unconfigurable attribute",
    ),
    "unknown data source": (AWS, '"aws_caller_identity"', '"aws_caler_identity"', "Invalid data source"),
    "required block missing": (
        AWS,
        '  versioning_configuration {\n    status = "Enabled"\n  }\n',
        "",
        "Insufficient versioning_configuration blocks",
    ),
    "number that is none": (
        AWS,
        "from_port   = 443",
        'from_port   = "https"',
        "Incorrect attribute value type",
    ),
}


def _proof(text: str, home: Path) -> Proof:
    root = home / "given" / "root"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(text)
    return Proof(root.parent, home)


@pytest.mark.usefixtures("terraform")
@pytest.mark.parametrize("text", [SNOWFLAKE, AWS], ids=["snowflake", "aws"])
def test_a_sound_root_is_valid_and_plans_without_credentials(text: str, tmp_path: Path) -> None:
    proof = _proof(text, tmp_path)
    proof.validate("root")
    planned = [resource["type"] for resource in resources(proof.plan("root"))]
    assert sorted(planned) == sorted(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))


@pytest.mark.usefixtures("terraform")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(mistake: str, tmp_path: Path) -> None:
    text, right, wrong, said = MISTAKES[mistake]
    assert right in text
    with pytest.raises(RefusedError, match=said):
        _proof(text.replace(right, wrong, 1), tmp_path).validate("root")


@pytest.mark.usefixtures("terraform")
def test_computed_values_are_unknown_and_say_what_they_are_made_from(tmp_path: Path) -> None:
    plan = _proof(SNOWFLAKE, tmp_path).plan("root")
    grant = next(one for one in resources(plan) if one["name"] == "loader" and "grant" in one["type"])
    assert grant["values"]["on_account_object"] == [{"object_type": "DATABASE"}]
    written = next(
        one for one in plan["configuration"]["root_module"]["resources"] if one["address"] == grant["address"]
    )
    made_from = references(written["expressions"]["on_account_object"])
    assert "snowflake_database.raw.fully_qualified_name" in made_from


@pytest.mark.usefixtures("terraform")
def test_data_sources_answer_with_made_up_values(tmp_path: Path) -> None:
    bucket = next(
        one for one in resources(_proof(AWS, tmp_path).plan("root")) if one["type"] == "aws_s3_bucket"
    )
    assert bucket["values"]["bucket"] == "shop-111122223333"


@pytest.mark.usefixtures("terraform")
def test_a_roots_own_tests_run_against_mocks_and_can_fail(tmp_path: Path) -> None:
    proof = _proof(SNOWFLAKE, tmp_path)
    tests = proof.tree / "root" / "tests"
    tests.mkdir()
    run = """
    mock_provider "snowflake" {}
    run "names" {
      assert {
        condition     = snowflake_database.raw.name == "%s"
        error_message = "another name"
      }
    }
    """
    (tests / "names.tftest.hcl").write_text(run % "SHOP_RAW")
    assert proof.test("root") == 1
    (tests / "names.tftest.hcl").write_text(run % "SHOP_PROD")
    with pytest.raises(RefusedError, match="another name"):
        proof.test("root")


@pytest.mark.usefixtures("terraform")
def test_it_refuses_to_apply(tmp_path: Path) -> None:
    proof = _proof(SNOWFLAKE, tmp_path)
    with pytest.raises(RefusedError, match="This provider knows the schema only"):
        proof.run("root", "apply", "-auto-approve", "-input=false")


@pytest.mark.usefixtures("terraform")
def test_the_schemas_are_whole() -> None:
    """Known facts of both providers, one for each form in which the packages write something down."""
    snowflake, aws = served("snowflake"), served("aws")
    assert (snowflake["source"], snowflake["version"]) == ("snowflakedb/snowflake", "2.11.0")
    assert (aws["source"], aws["version"]) == ("hashicorp/aws", "6.25.0")
    assert len(snowflake["resource_schemas"]) > 90
    assert len(aws["resource_schemas"]) > 1500
    warehouse = snowflake["resource_schemas"]["snowflake_warehouse"]["block"]
    assert warehouse["attributes"]["name"] == {"type": "string", "required": True}
    assert warehouse["attributes"]["auto_suspend"] == {"type": "number", "optional": True}
    assert warehouse["attributes"]["fully_qualified_name"] == {"type": "string", "computed": True}
    assert warehouse["block_types"]["timeouts"]["nesting_mode"] == "single"
    policy = snowflake["resource_schemas"]["snowflake_network_policy"]["block"]["attributes"]
    assert policy["allowed_ip_list"]["type"] == ["set", "string"]
    schedule = aws["resource_schemas"]["aws_scheduler_schedule"]["block"]["block_types"]
    assert (schedule["target"]["min_items"], schedule["target"]["max_items"]) == (1, 1)
    ingress = aws["resource_schemas"]["aws_security_group"]["block"]["attributes"]["ingress"]
    assert ingress["computed"]
    assert ingress["type"][0] == "set"


def test_a_package_in_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lib" / "thing").mkdir(parents=True)
    told = {"cdktf": {"provider": {"name": "registry.terraform.io/a/b", "version": "1"}}}
    (tmp_path / "package.json").write_text(json.dumps(told))
    with pytest.raises(UnknownFormError, match="no class of the provider"):
        provider_schema(tmp_path)


@pytest.mark.usefixtures("terraform")
def test_the_providers_end_with_the_process_that_started_them() -> None:
    """They write to its standard error, which is not at its end while one of them lives."""
    start = "import os; from tests.infrastructure.terraform import providers; print(providers(), flush=True); os._exit(1)"
    command = [sys.executable, "-c", start]
    said = subprocess.run(command, cwd=proofs.ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert set(json.loads(said.stdout)) == {f"registry.terraform.io/{source}" for source in proofs.PROVIDERS}


def test_what_is_missing_is_told_with_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "https://developer.hashicorp.com/terraform/install" in (missing() or "")
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/terraform")
    monkeypatch.setattr(proofs, "_output", lambda command: '{"terraform_version": "1.10.5"}')
    assert "needs Terraform 1.11, found 1.10.5" in (missing() or "")
    monkeypatch.setattr(proofs, "_output", lambda command: '{"terraform_version": "1.14.0-rc1"}')
    monkeypatch.setattr(proofs, "CACHE", proofs.CACHE / "nowhere")
    assert "`make test` fetches them" in (missing() or "")
