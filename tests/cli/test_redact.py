"""`shopstack redact` on the command line: what it refuses, whom it asks, and what it answers."""

from __future__ import annotations

import os
import sys

import pytest

from shopstack.orchestration.lock import run_lock
from shopstack.project import Project
from shopstack.simulator.ids import gid, number_of
from tests.cli.conftest import CommandLine

SOMEBODY = str(number_of(gid("Customer", 1)))


@pytest.fixture(autouse=True)
def _in_the_project(shopstack: CommandLine, project: Project) -> None:
    os.chdir(project.root)  # the fixture of the command has the folder restored


def test_without_anything_read_there_is_nobody_to_remove(shopstack: CommandLine) -> None:
    ran = shopstack("redact", SOMEBODY, "--yes")
    assert ran.code == 2
    assert "There is nobody to remove." in ran.err
    assert " hint: shopstack run" in ran.err


@pytest.mark.parametrize("arguments", [(), (SOMEBODY, "--order", "1")])
def test_one_is_to_be_named(shopstack: CommandLine, arguments: tuple[str, ...]) -> None:
    ran = shopstack("redact", *arguments, "--yes")
    assert ran.code == 2
    assert "One customer, or one order, is to be named." in ran.err


def test_another_run_is_in_the_way(shopstack: CommandLine, project: Project) -> None:
    with run_lock(project.state, "run"):
        ran = shopstack("redact", SOMEBODY, "--yes")
    assert ran.code == 4
    assert "Another run is working on this project." in ran.err


def test_it_is_refused_asked_and_done(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shopstack("extract").code == 0
    before = project.database("raw").read_bytes()

    stranger = shopstack("redact", "4242", "--yes")
    assert stranger.code == 2
    assert "has no customer 4242" in stranger.err
    assert "admin" in stranger.err
    by_mail = shopstack("redact", "ann@example.com", "--yes")
    assert by_mail.code == 2
    assert "not the id of a customer" in by_mail.err
    script = shopstack("redact", SOMEBODY)
    assert script.code == 2
    assert " hint: the same command with --yes" in script.err

    with monkeypatch.context() as patched:
        patched.setattr(sys.stdin, "isatty", lambda: True)
        patched.setattr("click.termui.visible_prompt_func", lambda _text: "n")
        assert shopstack("redact", SOMEBODY).code == 130
    assert project.database("raw").read_bytes() == before

    done = shopstack("redact", SOMEBODY, "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json()["rows"] > 0
    assert done.json()["versions"] == []
    assert SOMEBODY not in done.out + done.err
    assert all(SOMEBODY not in path.read_text(encoding="utf-8") for path in project.runs.glob("*.json"))
    again = shopstack("redact", SOMEBODY, "--yes", "--json")
    assert again.code == 0, again.err
    assert again.json()["rows"] == 0
