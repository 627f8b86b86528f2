"""The scheduled run's own steps, by bash, with a command in shopstack's place: what they make of each exit code."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from shopstack.errors import (
    EXIT_CREDENTIALS,
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_TRANSIENT,
    EXIT_USAGE,
)
from tests.workflows.test_workflows import STEPS

SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}

SHOPSTACK = """#!/bin/sh
if [ "$1" = status ]; then echo "published v-1"; exit 0; fi
echo "extract (2 s)" >&2
echo "warning: something to know" >&2
cat document
exit {code}
"""

STAYS = "Nothing new is up; the last good figures stay."
AGAIN = "Nothing is wrong that time does not mend: run it again, or wait for the next one."
DONE = {"run_id": "20261130T051500Z-0001"}
FAILED = {"error": {"message": "dbt failed."}}


@dataclass(frozen=True)
class Job:
    """A job's folder, and what its steps left in it."""

    folder: Path
    code: int

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def run(folder: Path, code: int, document: object, shell: Sequence[str]) -> Job:
    """Run and tell, as GitHub's bash does, where shopstack says this and ends so."""
    command = folder / "bin" / "shopstack"
    command.parent.mkdir()
    command.write_text(SHOPSTACK.format(code=code))
    command.chmod(0o755)
    (folder / "document").write_text(json.dumps(document), encoding="utf-8")
    environment = {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "CODE": str(code),
    }
    ended = [
        subprocess.run([*shell, "-c", SCRIPTS[name]], cwd=folder, env=environment, check=False).returncode
        for name in ("Run", "Tell the outcome")
    ]
    assert ended[1] == 0
    return Job(folder, ended[0])


@pytest.mark.parametrize(
    "shell", [["bash", "-e"], ["bash", "-e", "-o", "pipefail"]], ids=["plain", "pipefail"]
)
@pytest.mark.parametrize(
    ("code", "document", "said"),
    [
        (EXIT_OK, DONE, "The figures are up. (exit code 0)"),
        (
            EXIT_DATA,
            DONE,
            "The figures are up, and the run found something: it says below what. (exit code 1)",
        ),
        (EXIT_DATA, FAILED, f"{STAYS} (exit code 1)"),
        (EXIT_USAGE, FAILED, f"{STAYS} (exit code 2)"),
        (EXIT_CREDENTIALS, FAILED, f"{STAYS} (exit code 3)"),
        (EXIT_TRANSIENT, FAILED, f"{STAYS} {AGAIN} (exit code 4)"),
        (EXIT_INTERRUPTED, {}, f"{STAYS} (exit code 130)"),
    ],
)
def test_the_job_ends_as_the_run_and_says_whether_the_figures_are_up(
    tmp_path: Path, code: int, document: object, said: str, shell: Sequence[str]
) -> None:
    job = run(tmp_path, code, document, shell)
    assert job.code == code
    assert job.text("output") == f"code={code}\n"
    assert json.loads(job.text("report/run.json")) == document
    lines = job.text("summary").splitlines()
    assert lines == [said, "```text", "published v-1", "warning: something to know", "```"]
