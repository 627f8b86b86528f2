"""What `terraform apply` leaves behind, where nobody has an account: a state with what the plan says of outputs and resources."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.infrastructure.terraform import resources


def leave_state(root: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Plan the root as it was initialised and filled in, and push that as its state; returns the outputs known before applying."""

    def terraform(*arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=root,
            env=dict(environment),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    terraform("plan", "-input=false", "-no-color", "-out=left.tfplan")
    planned = json.loads(terraform("show", "-json", "left.tfplan"))
    outputs = {
        name: {"value": output["value"], "type": output["type"]}
        for name, output in planned["planned_values"]["outputs"].items()
        if "value" in output
    }
    state = {
        "version": 4,
        "terraform_version": planned["terraform_version"],
        "serial": 1,
        "lineage": str(uuid.uuid4()),
        "outputs": outputs,
        "resources": [_held(resource) for resource in resources(planned)],
    }
    (root / "left.tfplan").unlink()
    file = root / "left.json"
    file.write_text(json.dumps(state), encoding="utf-8")
    terraform("state", "push", file.name)
    file.unlink()
    return {name: output["value"] for name, output in outputs.items()}


def _held(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A planned resource as a state holds one."""
    module, _, _ = resource["address"].rpartition(f"{resource['type']}.{resource['name']}")
    index = {"index_key": resource["index"]} if "index" in resource else {}
    return {
        **({"module": module.rstrip(".")} if module else {}),
        "mode": "managed",
        "type": resource["type"],
        "name": resource["name"],
        "provider": f'provider["{resource["provider_name"]}"]',
        "instances": [{**index, "schema_version": 0, "attributes": resource["values"]}],
    }
