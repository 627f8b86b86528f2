"""The workflow that builds the image, and its own steps run by bash, with stand-ins for `docker` and `aws`."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.workflows.files import FOLDER, read, text_of

BLUEPRINT = FOLDER.parents[1]
TEXT = text_of("image")
WORKFLOW = read("image")
JOB: dict[str, Any] = WORKFLOW["jobs"]["image"]
STEPS: list[dict[str, Any]] = JOB["steps"]
SCRIPTS: dict[str, str] = {step["name"]: step["run"] for step in STEPS if "run" in step}

COMMIT = "3f2a9c1b7d5e4f60718293a4b5c6d7e8f9012345"
PASSWORD = "made-up-password"

_COMMAND = """#!/bin/sh
if [ "$1" = login ]; then cat > {folder}/password; fi
echo "$(basename "$0") $*" >> {folder}/called
case "$1 $2" in
  "ecr describe-images") cat {folder}/tags ;;
  "ecr get-login-password") echo {password} ;;
  "run --rm") test ! -e {folder}/refused ;;
esac
"""

_GIVEN = re.compile(r"\$\{\{ (?:vars|steps\.name\.outputs)\.(\w+) \}\}")


def stand_ins(folder: Path, tags: str = "") -> Path:
    """A folder with a `docker` and an `aws`. The registry has ``tags``; what was called stands in ``folder / "called"``.

    An image refuses to check itself once there is a file ``folder / "refused"``.
    """
    (folder / "called").touch()
    (folder / "tags").write_text(tags)
    programs = folder / "programs"
    programs.mkdir()
    for name in ("docker", "aws"):
        (programs / name).write_text(_COMMAND.format(folder=folder, password=PASSWORD))
        (programs / name).chmod(0o755)
    return programs


@dataclass
class Job:
    """A job that runs in a folder of its own, with what was given to it and what its step Name it made."""

    folder: Path
    known: dict[str, str]
    """Values of variables and outputs, by their names."""
    path: str = os.environ["PATH"]

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run one step as GitHub's bash does, with the variables that the step itself names."""
        (step,) = [one for one in STEPS if one["name"] == name]
        given = {
            variable: _GIVEN.sub(lambda found: self.known.get(found[1], ""), value)
            for variable, value in step.get("env", {}).items()
        }
        output, summary = self.folder / "output", self.folder / "summary"
        github = {"GITHUB_SHA": COMMIT, "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.folder,
            env={"PATH": self.path, **github, **given},
            capture_output=True,
            text=True,
            check=False,
        )
        if output.is_file():
            self.known |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done
