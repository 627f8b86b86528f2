"""GitHub on this machine: `act` runs a workflow on the host, with stand-ins for the actions that need GitHub or AWS.

The steps of the workflow itself are run as they are, by bash. What is not shown: GitHub's own runner, its clock, its
tokens, and the actions that are replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.harness import environment

CACHE = Path(__file__).parents[2] / ".cache"
ACT = CACHE / "workflows" / "bin" / "act"
TIMEOUT = 900

needs_act = pytest.mark.skipif(not ACT.is_file(), reason="act is missing: bash scripts/test_tools.sh")
"""`make soak` fetches it first; only who calls pytest himself may lack it."""

USES = re.compile(r"uses: (?P<name>[\w./-]+)@(?P<commit>[0-9a-f]{40})")

ACTION = """name: stand-in
description: stands in for {name}
inputs:
{inputs}
runs:
  using: composite
  steps:
    - shell: bash
      env:
{environment}
      run: |
{script}
"""

PYTHON = """
test -x {folder}/venv/bin/python || {python} -m venv {folder}/venv
echo {folder}/venv/bin >> "$GITHUB_PATH"
"""
ROLE = """
test -n "$ROLE_TO_ASSUME" -a -n "$AWS_REGION_ASKED"
cat {folder}/aws >> "$GITHUB_ENV"
"""
ARTIFACT = """
mkdir -p {folder}/artifact
for one in $ARTIFACT_PATH; do if [ -e "$one" ]; then cp -r --parents "$one" {folder}/artifact; fi; done
"""


@dataclass(frozen=True)
class Ran:
    """A workflow that came to its end."""

    code: int
    said: str
    artifact: Path
    """What the job kept, by its paths in the project; act keeps no summary but what is in there."""

    def step(self, name: str) -> str:
        """How a step ended: `Success`, `Failure`, or nothing where it was left out."""
        found = re.findall(rf"(Success|Failure) - Main {re.escape(name)}(?: \[|$)", self.said, re.MULTILINE)
        return found[-1] if found else ""


@dataclass
class GitHub:
    """A place for a repository's workflows to run in. ``aws`` is what a job has in its environment once it took the role.

    What lies in ``programs`` takes the place of the runner's own programs.
    """

    folder: Path
    aws: Mapping[str, str] = field(default_factory=dict)
    programs: Path | None = None

    def run(
        self,
        project: Path,
        workflow: str,
        event: str,
        *,
        variables: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> Ran:
        """Run a workflow of the project's for an event."""
        shutil.rmtree(self.folder / "artifact", ignore_errors=True)
        file = project / ".github" / "workflows" / f"{workflow}.yml"
        words = [str(ACT), event, "--workflows", str(file), "--directory", str(project)]
        words += ["--platform", "ubuntu-latest=-self-hosted", "--action-offline-mode"]
        for name, folder in self._stand_ins(file.read_text(encoding="utf-8")).items():
            words += ["--local-repository", f"{name}={folder}"]
        for name, value in variables.items():
            words += ["--var", f"{name}={value}"]
        words += [word for name in secrets for word in ("--secret", name)]
        done = subprocess.run(
            words,
            env=environment(HOME=str(self.folder / "home"), PATH=self._path(), **secrets),
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Ran(done.returncode, done.stdout, self.folder / "artifact")

    def _path(self) -> str:
        folders = [str(self.programs)] if self.programs else []
        return os.pathsep.join([*folders, os.environ["PATH"]])

    def _stand_ins(self, workflow: str) -> dict[str, Path]:
        """A folder for each action that the workflow uses, by its name and commit. The check-out is act's own."""
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        (self.folder / "aws").write_text("".join(f"{name}={value}\n" for name, value in self.aws.items()))
        made = {}
        for name, commit in dict.fromkeys(USES.findall(workflow)):
            if name == "actions/checkout":
                continue
            inputs, variables, script = _STAND_INS[name]
            folder = self.folder / name.replace("/", "-")
            folder.mkdir(exist_ok=True)
            text = ACTION.format(
                name=name,
                inputs="\n".join(
                    f"  {one}: {{description: as the real one's, required: false}}" for one in inputs
                ),
                environment="\n".join(
                    f"        {variable}: ${{{{ inputs.{one} }}}}" for variable, one in variables.items()
                ),
                script="\n".join(
                    f"        {line}"
                    for line in script.format(folder=self.folder, python=sys.executable).strip().splitlines()
                ),
            )
            (folder / "action.yml").write_text(text, encoding="utf-8")
            made[f"{name}@{commit}"] = folder
        return made


_STAND_INS = {
    "actions/setup-python": (("python-version",), {"VERSION": "python-version"}, PYTHON),
    "aws-actions/configure-aws-credentials": (
        ("role-to-assume", "aws-region"),
        {"ROLE_TO_ASSUME": "role-to-assume", "AWS_REGION_ASKED": "aws-region"},
        ROLE,
    ),
    "actions/upload-artifact": (
        ("name", "path", "retention-days"),
        {"ARTIFACT_PATH": "path"},
        ARTIFACT,
    ),
}
"""Of each action that is replaced: its inputs, the variables that take them, and what is done."""
