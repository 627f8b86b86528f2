"""Every Terraform root of the blueprint is schema-checked, whichever cloud it is for."""

from __future__ import annotations

import pytest

from tests.infrastructure.terraform import INFRASTRUCTURE, Proof, badly_formatted, resources, roots

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


@every_root
def test_a_roots_own_tests_pass(proof: Proof, root: str) -> None:
    assert proof.test(root) > 0


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
