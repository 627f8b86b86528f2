"""The workflows that `init` copies: of GitHub's form, without a mistake in an expression, and not to be turned against us.

No workflow has run at GitHub; what the tools cannot see from here (whether an action's checksum is what its comment says)
stays unproved.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache"
FOLDER = REPOSITORY / "src" / "shopstack" / "blueprint" / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

GOOD = WORKFLOWS[0].read_text(encoding="utf-8")
BAD = {
    "schema": ("runs-on: ubuntu-latest", "runs_on: ubuntu-latest"),
    "actionlint": ("matrix.root }}", "matrix.rot }}"),
    "zizmor": ("permissions: {}", "permissions: write-all"),
}
"""For each tool a mistake that it alone is asked to notice."""


def of_schema(file: Path) -> list[str]:
    """What GitHub's own schema of workflows objects to."""
    python = CACHE / "workflows" / "bin" / "python"
    words = [str(python), "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    words += ["--output-format", "json", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    return [str(one) for one in (*said.get("errors", ()), *said.get("parse_errors", ()))]


def of_actionlint(file: Path) -> list[str]:
    """Expressions, contexts, and inputs that are not there; `vars` is younger than the packaged actionlint."""
    script = Path(__file__).with_name("actionlint.mjs")
    words = ["node", str(script), str(CACHE / "actionlint"), str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = [f"{one['line']}: {one['message']}" for one in json.loads(done.stdout)]
    return [one for one in found if 'undefined variable "vars"' not in one]


def of_zizmor(file: Path) -> list[str]:
    """What somebody could turn against the repository."""
    tool = CACHE / "workflows" / "bin" / "zizmor"
    words = [str(tool), "--offline", "--no-progress", "--persona", "pedantic", "--format", "json", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return [f"{one['ident']}: {one['desc']}" for one in json.loads(done.stdout)]


TOOLS = {"schema": of_schema, "actionlint": of_actionlint, "zizmor": of_zizmor}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_no_tool_objects(tool: str, workflow: Path) -> None:
    assert TOOLS[tool](workflow) == []


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_notices_a_mistake(tool: str, tmp_path: Path) -> None:
    right, wrong = BAD[tool]
    assert right in GOOD
    workflow = tmp_path / ".github" / "workflows" / "bad.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(GOOD.replace(right, wrong), encoding="utf-8")
    assert TOOLS[tool](workflow)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_named_by_checksum_and_nothing_is_granted_to_all_jobs(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    used = [line for line in text.splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.search(line)] == []
    assert yaml.safe_load(text)["permissions"] == {}


def test_the_roots_that_are_planned_are_those_that_there_are() -> None:
    infrastructure = FOLDER.parents[1] / "infrastructure"
    named = set(re.findall(r'"((?:snowflake|aws)/\w+)"', GOOD))
    assert named
    assert {root for root in named if not (infrastructure / root / "backend.tf").is_file()} == set()
    assert "terraform apply" not in GOOD
