"""Every failure becomes a message with its next step, and an exit code; never a traceback."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pytest

from shopstack import __version__
from shopstack.cli import check as check_module  # noqa: F401 - imported so that it can be patched below
from shopstack.cli.app import COMMANDS, command_of
from shopstack.orchestration.lock import run_lock
from shopstack.project import Project
from tests.cli.conftest import CommandLine


def test_the_version_is_data(shopstack: CommandLine) -> None:
    assert shopstack("--version").out == f"shopstack {__version__}\n"


def test_without_a_command_the_help_is_shown(shopstack: CommandLine) -> None:
    ran = shopstack()
    assert ran.code == 0
    assert all(name in ran.out for name in COMMANDS)


@pytest.mark.parametrize(
    ("typed", "next_step"),
    [
        ("--jsn", "shopstack build --json"),
        ("--full", "shopstack build --full-refresh"),
        ("--selct", "shopstack build --help"),
    ],
)
def test_an_option_that_is_not_there_leads_to_the_one_that_is_meant(
    shopstack: CommandLine, typed: str, next_step: str
) -> None:
    ran = shopstack("build", typed)
    assert ran.code == 2
    assert f"There is no option {typed} here." in ran.err
    assert ran.err.rstrip().endswith(f"hint: {next_step}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_examples(shopstack: CommandLine, name: str) -> None:
    ran = shopstack(name, "--help")
    assert ran.code == 0
    assert "Examples:" in ran.out
    assert f"shopstack {name}" in ran.out
    assert all(
        getattr(option, "help", "") for option in command_of(name).params if isinstance(option, click.Option)
    )


@pytest.mark.parametrize(
    "name",
    ["init", "demo", "doctor", "check", "run", "extract", "build", "publish", "verify", "sql", "status"],
)
def test_every_command_that_answers_can_answer_in_json(name: str) -> None:
    assert any("--json" in option.opts for option in command_of(name).params)


def test_an_unknown_command_names_the_nearest(shopstack: CommandLine) -> None:
    ran = shopstack("rnu")
    assert ran.code == 2
    assert "There is no command 'rnu'." in ran.err
    assert " hint: shopstack run\n" in ran.err


def test_an_unknown_option_names_the_nearest(shopstack: CommandLine) -> None:
    ran = shopstack("run", "--dryrun")
    assert ran.code == 2
    assert " hint: shopstack run --dry-run\n" in ran.err


@pytest.mark.parametrize(
    ("command", "option", "given", "said"),
    [
        ("explore", "--port", "abc", "--port takes a whole number from 1 to 65535."),
        ("dashboard", "--port", "65536", "--port takes a whole number from 1 to 65535."),
        ("demo", "--orders", "0", "--orders takes a whole number of at least 1."),
        ("export", "--from", "31.1.2026", "--from takes a day, written as 2026-01-31."),
    ],
)
def test_a_value_that_cannot_be_is_told_with_its_limits(
    shopstack: CommandLine, command: str, option: str, given: str, said: str
) -> None:
    ran = shopstack(command, option, given)
    assert ran.code == 2
    assert ran.err.splitlines()[0] == f"error: {said}"


def test_a_missing_argument_points_to_the_help(shopstack: CommandLine) -> None:
    ran = shopstack("sql")
    assert ran.code == 2
    assert "Missing argument 'QUERY'" in ran.err
    assert " hint: shopstack sql --help\n" in ran.err


def test_a_folder_without_a_project_says_how_to_make_one(shopstack: CommandLine) -> None:
    ran = shopstack("status")
    assert ran.code == 2
    assert ran.out == ""
    assert "shopstack init" in ran.err


def test_a_folder_within_a_project_points_to_the_project(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.transformation)
    ran = shopstack("status")
    assert ran.code == 2
    assert f" hint: cd {project.root}, then the same command again\n" in ran.err


def test_a_folder_that_is_not_there_is_said_not_to_be(shopstack: CommandLine, tmp_path: Path) -> None:
    ran = shopstack("--project", "shpo", "status")
    assert ran.code == 2
    assert f"  why: {tmp_path / 'shpo'} does not exist.\n" in ran.err


def test_verify_of_one_shop_is_refused_and_not_passed_over(shopstack: CommandLine, project: Project) -> None:
    ran = shopstack("--project", "shop", "verify", "--shop", "nowhere")
    assert ran.code == 2
    assert "--shop goes with --against or --forget." in ran.err


def test_with_json_the_error_is_on_stdout_too(shopstack: CommandLine) -> None:
    ran = shopstack("status", "--json")
    assert ran.code == 2
    assert ran.json()["error"]["error"] == "ConfigurationError"
    assert ran.json()["error"]["exit_code"] == 2


@pytest.mark.parametrize("arguments", [("run", "--dryrun", "--json"), ("rnu", "--json"), ("sql", "--json")])
def test_with_json_a_wrong_command_line_is_told_on_stdout_too(
    shopstack: CommandLine, arguments: tuple[str, ...]
) -> None:
    ran = shopstack(*arguments)
    assert ran.code == 2
    assert ran.json()["error"]["exit_code"] == 2


def test_the_project_may_stand_before_or_after_the_command_or_in_the_environment(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shopstack("--project", "shop", "check")
    after = shopstack("check", "--project", "shop")
    monkeypatch.setenv("SHOPSTACK_PROJECT", str(project.root))
    around = shopstack("check")
    assert (before.code, after.code, around.code) == (0, 0, 0)
    assert before.out == after.out == around.out


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("\n[dashbord]\nport = 1\n", ["unknown key dashbord", "did you mean dashboard?"]),
        (
            "\n[extract]\nbulk_over = 5\n",
            ["unknown key extract.bulk_over", "did you mean extract.bulk_above?"],
        ),
    ],
)
def test_an_unknown_key_stops_every_command_and_names_the_nearest(
    shopstack: CommandLine, project: Project, toml: str, words: list[str]
) -> None:
    with (project.root / "shopstack.toml").open("a") as file:
        file.write(toml)
    for command in ("check", "run", "status"):
        ran = shopstack("--project", "shop", command)
        assert ran.code == 2
        assert all(word in ran.err for word in words)


def test_a_wrong_line_of_what_was_filled_in_is_named_before_anything_is_built(
    shopstack: CommandLine, project: Project
) -> None:
    (project.transformation / "seeds" / "ad_spend.csv").write_text("date,channel,amount\n2/1/2026,Google,5\n")
    project.warehouse.mkdir(parents=True)
    project.database("raw").touch()
    for command in ("check", "build"):
        ran = shopstack("--project", str(project.root), command)
        assert ran.code == 2
        said = " ".join((ran.out + ran.err).split())
        assert (
            "transformation/seeds/ad_spend.csv, line 2: date is not a date as 2026-01-31: '2/1/2026'" in said
        )
        assert "write it as 2026-01-31" in said
    assert not project.database("prod").exists()


def test_a_defect_shows_no_traceback_but_where_it_is_written(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(_: Project, **__: bool) -> None:
        raise RuntimeError("shpat_cli_0123456789abcdef slipped into a message")

    monkeypatch.setattr("shopstack.doctor.check_project", defect)
    shopstack("--project", "shop", "doctor")  # reads, and so hides, the token
    ran = shopstack("--project", "shop", "check")
    assert ran.code == 1
    assert "Something went wrong inside shopstack: RuntimeError: ***" in ran.err
    named = re.search(r"with the file (\S+)", ran.err)
    assert named is not None
    log = Path(named.group(1))
    assert log.parent == project.runs
    written = log.read_text()
    assert "Traceback" in written
    assert "shpat_cli" not in written


def test_a_defect_in_a_project_that_cannot_be_read_or_written_is_told_all_the_same(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def defect(_: Project, **__: bool) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("shopstack.doctor.check_project", defect)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    project.runs.parent.mkdir(exist_ok=True)
    project.runs.write_text("a file where a folder should be")
    ran = shopstack("--project", "shop", "check")
    assert ran.code == 1
    assert "RuntimeError: a defect" in ran.err
    assert len(list(tmp_path.glob("error-*.log"))) == 1


@pytest.mark.parametrize(
    "case",
    [
        (errno.EACCES, 2, "run.lock cannot be read or written."),
        (errno.EROFS, 2, "run.lock cannot be read or written."),
        (errno.EISDIR, 2, "run.lock cannot be used."),
        (errno.ENOSPC, 4, "The disk is full."),
        (errno.EIO, 1, "Something went wrong inside shopstack: OSError"),
    ],
)
def test_what_the_machine_refuses_is_nobodys_defect(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch, case: tuple[int, int, str]
) -> None:
    number, code, said = case

    def refused(_: Project, **__: bool) -> None:
        raise OSError(number, "no", "run.lock")

    monkeypatch.setattr("shopstack.doctor.check_project", refused)
    ran = shopstack("--project", "shop", "check")
    assert ran.code == code
    assert said in ran.err


def test_a_disk_that_is_full_in_the_middle_of_a_load_is_nobodys_defect(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Project, **__: bool) -> None:
        raise duckdb.TransactionException("Failed to commit: Could not write file: No space left on device")

    monkeypatch.setattr("shopstack.doctor.check_project", refused)
    ran = shopstack("--project", "shop", "check")
    assert ran.code == 4
    assert "The disk is full." in ran.err


@pytest.mark.parametrize("command", ["run", "extract", "build", "publish", "verify"])
def test_a_second_run_is_refused_with_the_holders_pid_and_since_when(
    shopstack: CommandLine, project: Project, command: str
) -> None:
    with run_lock(project.state, "run"):
        ran = shopstack("--project", "shop", command)
    assert ran.code == 4
    assert f"shopstack run (pid {os.getpid()}, since " in ran.err
    assert f"shopstack {command} --wait" in ran.err


@pytest.mark.skipif(os.name != "posix", reason="pipes close differently elsewhere")
def test_a_reader_that_goes_away_meets_silence(project: Project) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "shopstack", "--project", str(project.root), "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == 1
