"""The workflows that `init` copies: of GitHub's form, without a mistake in an expression, and not to be turned against us.

No workflow has run at GitHub; what the tools cannot see from here (whether an action's checksum is what its comment says)
stays unproved.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from shopstack.secrets import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, SNOWFLAKE_KEY, SNOWFLAKE_PASSPHRASE
from tests.docs.test_commands import calls, parse
from tests.workflows.files import FOLDER, read, text_of

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

BAD = {
    ("image", "schema"): ("branches: [main]", "branch: [main]"),
    ("image", "actionlint"): ("steps.name.outputs.tag }}", "steps.names.outputs.tag }}"),
    ("image", "zizmor"): ('= \\"$TAG', '= \\"${{ github.head_ref }}'),
    ("infrastructure", "schema"): ("runs-on: ubuntu-latest", "runs_on: ubuntu-latest"),
    ("infrastructure", "actionlint"): ("matrix.root }}", "matrix.rot }}"),
    ("infrastructure", "zizmor"): ("permissions: {}", "permissions: write-all"),
    ("scheduled-run", "schema"): ("timeout-minutes: 55", "timeout_minutes: 55"),
    ("scheduled-run", "actionlint"): ("steps.run.outputs.code }}", "steps.runs.outputs.code }}"),
    ("scheduled-run", "zizmor"): ('echo "$said (', 'echo "${{ github.event.inputs.said }} ('),
}
"""For each workflow and tool a mistake that the tool alone is asked to notice."""


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


@pytest.mark.parametrize(("workflow", "tool"), BAD)
def test_each_tool_notices_a_mistake(workflow: str, tool: str, tmp_path: Path) -> None:
    right, wrong = BAD[workflow, tool]
    good = text_of(workflow)
    assert right in good
    file = tmp_path / ".github" / "workflows" / "bad.yml"
    file.parent.mkdir(parents=True)
    file.write_text(good.replace(right, wrong), encoding="utf-8")
    assert TOOLS[tool](file)


def test_every_workflow_has_been_held_against_every_tool() -> None:
    assert set(BAD) == {(path.stem, tool) for path in WORKFLOWS for tool in TOOLS}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_named_by_checksum_and_nothing_is_granted_to_all_jobs(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    used = [line for line in text.splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.search(line)] == []
    assert yaml.safe_load(text)["permissions"] == {}


def test_the_roots_that_are_planned_are_those_that_there_are() -> None:
    infrastructure = FOLDER.parents[1] / "infrastructure"
    good = text_of("infrastructure")
    named = set(re.findall(r'"((?:snowflake|aws)/\w+)"', good))
    assert named
    assert {root for root in named if not (infrastructure / root / "backend.tf").is_file()} == set()
    assert "terraform apply" not in good


SCHEDULED = read("scheduled-run")
STEPS: list[dict[str, Any]] = SCHEDULED["jobs"]["run"]["steps"]


def test_a_scheduled_run_is_one_at_a_time_and_never_broken_off() -> None:
    assert SCHEDULED["concurrency"] == {"group": "scheduled-run", "cancel-in-progress": "false"}
    assert set(SCHEDULED["on"]) == {"schedule", "workflow_dispatch"}
    ((minute, hour, *every),) = [one["cron"].split() for one in SCHEDULED["on"]["schedule"]]
    assert (int(minute) < 60, int(hour) < 24, every) == (True, True, ["*", "*", "*"])


def test_a_scheduled_run_takes_no_more_than_it_needs() -> None:
    job = SCHEDULED["jobs"]["run"]
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert "vars.SHOPSTACK_SCHEDULED == 'true'" in job["if"]
    with_secrets = [one["name"] for one in STEPS if "secrets." in str(one)]
    assert with_secrets == ["Run"]
    given = {step["name"]: set(step.get("env", {})) for step in STEPS}["Run"]
    known = (CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN, SNOWFLAKE_KEY, SNOWFLAKE_PASSPHRASE)
    assert given == set(known)


def test_a_scheduled_run_calls_shopstack_as_it_may_be_called() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    called = [
        arguments
        for script in scripts
        for line in script.splitlines()
        for arguments in calls(re.split(r" 2>| >| \|", line)[0].strip())
    ]
    assert called == [["check", "--without-disk"], ["run", "--wait", "--json"], ["status"]]
    assert [parse(arguments).info_name for arguments in called] == ["check", "run", "status"]


def test_a_scheduled_run_installs_what_is_in_the_project() -> None:
    (script,) = [step["run"] for step in STEPS if step["name"] == "Install shopstack"]
    for name in re.findall(r"--requirement (\S+)|find (\S+)", script):
        assert (FOLDER.parents[1] / "".join(name)).exists()
