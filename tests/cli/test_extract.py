"""`shopstack extract` and what it does beside reading: its own answers, and what it refuses."""

from __future__ import annotations

import os

import pytest

from shopstack.project import Project
from tests.cli.conftest import CommandLine


@pytest.fixture(autouse=True)
def _in_the_project(shopstack: CommandLine, project: Project) -> None:
    os.chdir(project.root)  # the fixture of the command has the folder restored


def test_accepted_deletions_belong_to_a_sweep(shopstack: CommandLine) -> None:
    ran = shopstack("extract", "--accept-deletions", "3")
    assert ran.code == 2
    assert " hint: shopstack extract --sweep --accept-deletions 3\n" in ran.err


def test_a_sweep_says_what_it_found(shopstack: CommandLine) -> None:
    assert shopstack("extract").code == 0
    ran = shopstack("extract", "--sweep", "--json")
    assert ran.code == 0
    found = {one["stream"]: one["deleted"] for one in ran.json()["streams"]}
    assert found["orders"] == 0
    assert "nothing was deleted" in ran.err


def test_the_raw_database_is_made_anew_from_what_was_landed(shopstack: CommandLine, project: Project) -> None:
    assert shopstack("extract").code == 0
    project.database("raw").unlink()
    (project.root / ".env").unlink()  # no credentials are needed
    ran = shopstack("extract", "--from-landing", "--json")
    assert ran.code == 0
    assert ran.json()["rows"]["orders"] > 0
    assert project.database("raw").is_file()


def test_a_sweep_needs_shopify(shopstack: CommandLine) -> None:
    ran = shopstack("extract", "--sweep", "--from-landing")
    assert ran.code == 2
    assert "two different things" in ran.err
