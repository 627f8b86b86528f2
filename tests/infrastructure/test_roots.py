"""Every Terraform root of the blueprint is schema-checked, whichever cloud it is for."""

from __future__ import annotations

import re

import pytest

from tests.infrastructure.terraform import (
    INFRASTRUCTURE,
    PROVIDERS,
    Proof,
    badly_formatted,
    resources,
    roots,
    served,
    with_own_tests,
)

ALONE = {"aws/account"}
"""Roots with their state in the folder: this one makes the bucket for those of the others."""

every_root = pytest.mark.parametrize(
    "root", [pytest.param(r, marks=pytest.mark.xdist_group(r)) for r in roots()]
)


@pytest.mark.usefixtures("terraform")
def test_every_file_is_formatted() -> None:
    assert badly_formatted() == []


@every_root
def test_a_root_is_valid(proof: Proof, root: str) -> None:
    proof.validate(root)


@every_root
def test_a_root_plans_with_its_example(proof: Proof, root: str) -> None:
    assert list(resources(proof.plan(root)))


@pytest.mark.parametrize(
    "folder", [pytest.param(f, marks=pytest.mark.xdist_group(f)) for f in with_own_tests()]
)
def test_its_own_tests_pass(proof: Proof, folder: str) -> None:
    assert proof.test(folder) > 0


@every_root
def test_a_root_has_the_files_that_every_root_has(root: str) -> None:
    files = {path.name for path in (INFRASTRUCTURE / root).iterdir()}
    assert {
        "main.tf",
        "variables.tf",
        "outputs.tf",
        "versions.tf",
        "backend.tf",
        "terraform.tfvars.example",
    } <= files


@pytest.mark.usefixtures("terraform")
def test_the_providers_asked_for_are_those_whose_schemas_are_held() -> None:
    """A newer provider may know other arguments: whoever asks for one fetches its schema first."""
    asked = set()
    for file in INFRASTRUCTURE.rglob("versions.tf"):
        asked |= set(re.findall(r'source += "(.+)"\n +version += "~> (.+)"', file.read_text()))
    held = {source: served(name)["version"] for source, name in PROVIDERS.items()}
    assert asked == {(source, version.rpartition(".")[0]) for source, version in held.items()}


@pytest.mark.parametrize("root", [root for root in roots() if root not in ALONE])
def test_the_state_is_encrypted_and_locked(root: str) -> None:
    backend = (INFRASTRUCTURE / root / "backend.tf").read_text()
    assert 'backend "s3"' in backend
    assert re.search(r"^ +encrypt += true$", backend, re.MULTILINE)
    assert re.search(r"^ +use_lockfile += true$", backend, re.MULTILINE)


COPIES = {
    "aws": ["backend.hcl.example", "outputs.tf", "terraform.tfvars.example"],
    "snowflake": ["backend.hcl.example", "main.tf", "outputs.tf", "versions.tf"],
}
"""What dev and prod have twice, word for word, so that each is a root by itself."""


@pytest.mark.parametrize(("cloud", "file"), [(cloud, file) for cloud in COPIES for file in COPIES[cloud]])
def test_what_dev_and_prod_have_twice_is_the_same(cloud: str, file: str) -> None:
    dev, prod = ((INFRASTRUCTURE / cloud / root / file).read_text() for root in ("dev", "prod"))
    assert dev == prod


@pytest.mark.parametrize("cloud", COPIES)
def test_dev_and_prod_ask_for_the_same_values(cloud: str) -> None:
    dev, prod = (
        re.findall(
            r'^variable "(\w+)"', (INFRASTRUCTURE / cloud / root / "variables.tf").read_text(), re.MULTILINE
        )
        for root in ("dev", "prod")
    )
    assert dev
    assert dev == prod


@pytest.mark.parametrize("folder", with_own_tests())
def test_every_rule_of_a_variable_has_a_value_that_breaks_it(folder: str) -> None:
    variables = (INFRASTRUCTURE / folder / "variables.tf").read_text()
    blocks = re.findall(r'^variable "(\w+)" \{(.*?)^\}', variables, re.DOTALL | re.MULTILINE)
    guarded = {name for name, text in blocks if "validation {" in text}
    tests = "".join(file.read_text() for file in (INFRASTRUCTURE / folder / "tests").glob("*.tftest.hcl"))
    refused = " ".join(re.findall(r"expect_failures = \[(.*?)\]", tests, re.DOTALL))
    assert guarded == set(re.findall(r"var\.(\w+)", refused))


def test_no_two_roots_share_a_state() -> None:
    shared = [root for root in roots() if root not in ALONE]
    keys = [
        re.findall(r'key += "(.+)"', (INFRASTRUCTURE / root / "backend.tf").read_text()) for root in shared
    ]
    assert all(len(found) == 1 for found in keys)
    assert len({found[0] for found in keys}) == len(keys)


def test_no_lock_file_is_kept_that_names_our_provider() -> None:
    """Who uses a root has the real provider's written, by `terraform init`."""
    assert list(INFRASTRUCTURE.rglob(".terraform*")) == []
