"""How a Terraform root is proved without a registry, an account or the network.

A root is a folder below `blueprint/infrastructure/` that holds `.tf` files and lies in no folder `modules` or `tests`.
`test_roots.py` finds every root by itself and tries of each: `terraform fmt -check`, `validate`, `plan` and
`terraform test`. A root takes part in that by

- `backend.tf`: its backend, alone in this file. The proof leaves the file out, for no backend can be asked here;
- `terraform.tfvars.example`: the values that a reader copies to `terraform.tfvars`, and that the proof plans with;
- `tests/*.tftest.hcl`: runs with `mock_provider`; modules may have such tests too.

Policy tests read the plan's JSON: `proof.plan("snowflake/dev")`, as `terraform show -json` writes it. Values that are
known only after applying are missing from `planned_values`; `references()` says what they are made from.

The providers are `provider/serve.py` over the real schemas in `.cache/terraform`, which `make test` fetches. They
catch unknown resources, misspelt or missing arguments, wrong types, blocks for attributes, and broken references; not
values that only the provider or the cloud would refuse. No registry is asked for anything.

By hand, for a root that does not stand in the blueprint yet:

    python -m tests.infrastructure.terraform FOLDER [NAME=VALUE …]
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INFRASTRUCTURE = ROOT / "src" / "shopstack" / "blueprint" / "infrastructure"
CACHE = ROOT / ".cache" / "terraform"
PROVIDERS = {"snowflakedb/snowflake": "snowflake", "hashicorp/aws": "aws"}
EXPECTED = (1, 11)
EXAMPLE = "terraform.tfvars.example"
_LEFT_OUT = ("backend.tf", ".terraform", ".terraform.lock.hcl", "*.tfstate*", "terraform.tfvars")


class RefusedError(Exception):
    """Terraform ended with an error; the text is what it said."""


def missing() -> str | None:
    """Why no root can be proved on this machine and what to do, or None if all is there."""
    if shutil.which("terraform") is None:
        return (
            "needs Terraform 1.11 on the PATH; get it from https://developer.hashicorp.com/terraform/install, "
            "then `make test` again"
        )
    version = json.loads(_output(["terraform", "version", "-json"]))["terraform_version"]
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < EXPECTED:
        return f"needs Terraform 1.11, found {version}; see https://developer.hashicorp.com/terraform/install"
    if not all((CACHE / f"{name}.json").is_file() for name in PROVIDERS.values()):
        return "needs the providers' schemas in .cache/terraform (`make test` fetches them)"
    return None


def served(name: str) -> dict[str, Any]:
    """The schema of a provider, as `provider/schemas.py` writes it: `served("aws")`."""
    schema: dict[str, Any] = json.loads((CACHE / f"{name}.json").read_text())
    return schema


def roots(infrastructure: Path = INFRASTRUCTURE) -> list[str]:
    """Every root, as a path relative to the infrastructure folder, sorted."""
    folders = {path.parent.relative_to(infrastructure) for path in infrastructure.rglob("*.tf")}
    return sorted(str(folder) for folder in folders if not {"modules", "tests"} & set(folder.parts))


def with_own_tests(infrastructure: Path = INFRASTRUCTURE) -> list[str]:
    """Every root and module that has tests of its own, as `roots()` names them."""
    return sorted(
        {str(path.parents[1].relative_to(infrastructure)) for path in infrastructure.rglob("*.tftest.hcl")}
    )


class Proof:
    """A copy of an infrastructure folder, with Terraform and the schema providers set up for it.

    `home` is an empty folder. Every method takes a root as `roots()` names it. Terraform sees nothing of this process's
    environment but `PATH` and what `environment` adds: no credentials.
    """

    def __init__(
        self, infrastructure: Path, home: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.tree = home / "infrastructure"
        shutil.copytree(infrastructure, self.tree, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        self._plans: dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, Any]] = {}
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": tempfile.gettempdir(),
            "TF_IN_AUTOMATION": "1",
            **without_registry(home),
            **(environment or {}),
        }

    def validate(self, root: str) -> None:
        """Raise RefusedError with every error that `terraform validate` finds in the root."""
        self._run(root, "get")
        said = self._run(root, "validate", "-json", check=False)
        answer = json.loads(said.stdout)
        if not answer["valid"]:
            raise RefusedError(
                "\n".join(_diagnostic(one) for one in answer["diagnostics"] if one["severity"] == "error")
            )

    def plan(self, root: str, **variables: str) -> dict[str, Any]:
        """The first plan of a root as JSON, with the values of its example and `variables` over them."""
        key = (root, tuple(sorted(variables.items())))
        if key not in self._plans:
            self._run(root, "get")
            given = [f"-var={name}={value}" for name, value in variables.items()]
            self._run(root, "plan", "-input=false", "-lock=false", "-out=plan", *self._example(root), *given)
            self._plans[key] = json.loads(self._run(root, "show", "-json", "plan").stdout)
        return self._plans[key]

    def test(self, folder: str) -> int:
        """Run the own `terraform test` of a root or module; returns how many runs passed."""
        self._run(folder, "get")
        said = self._run(folder, "test", "-json", *self._example(folder), check=False)
        events = [json.loads(line) for line in said.stdout.splitlines()]
        if said.returncode != 0:
            errors = [event for event in events if event["@level"] == "error"]
            told = [_diagnostic(event["diagnostic"]) for event in errors if "diagnostic" in event]
            raise RefusedError("\n".join(told) or said.stdout + said.stderr)
        passed: int = next(event["test_summary"]["passed"] for event in events if "test_summary" in event)
        return passed

    def mocked(self, root: str, test: str) -> dict[str, Any]:
        """The state that the last run of `tests/{test}.tftest.hcl` leaves behind, as JSON.

        What a plan cannot know yet has a value that the mock made up, so that what is made from it can be read.
        """
        self._run(root, "get")
        file = f"-filter=tests/{test}.tftest.hcl"
        said = self._run(root, "test", "-json", "-verbose", file, *self._example(root))
        events = [json.loads(line) for line in said.stdout.splitlines()]
        state: dict[str, Any] = [event["test_state"] for event in events if "test_state" in event][-1]
        return state

    def _example(self, root: str) -> list[str]:
        return [f"-var-file={EXAMPLE}"] if (self.tree / root / EXAMPLE).is_file() else []

    def run(self, root: str, *arguments: str) -> str:
        """Run any Terraform command in a root; returns what it prints. Raises RefusedError where it fails."""
        return self._run(root, *arguments).stdout

    def _run(self, root: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [
            "terraform",
            arguments[0],
            *([] if "-json" in arguments else ["-no-color"]),
            *arguments[1:],
        ]
        done = subprocess.run(
            command,
            cwd=self.tree / root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode != 0:
            raise RefusedError(f"terraform {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done


def resources(plan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every resource that a plan makes, those of modules included, with `address`, `type`, `name` and `values`."""
    waiting = [plan["planned_values"]["root_module"]]
    while waiting:
        module = waiting.pop()
        yield from (one for one in module.get("resources", []) if one["mode"] == "managed")
        waiting.extend(module.get("child_modules", []))


def references(expression: Any) -> set[str]:
    """What an expression in the plan's `configuration` is made from: `{"var.prefix", "snowflake_database.raw.name"}`."""
    if isinstance(expression, dict):
        found = set(expression.get("references", ()))
        return found.union(*(references(inner) for inner in expression.values()))
    if isinstance(expression, list):
        return set().union(*(references(inner) for inner in expression))
    return set()


def badly_formatted(infrastructure: Path = INFRASTRUCTURE) -> list[str]:
    """The files that `terraform fmt` would change. Raises RefusedError where it cannot read them."""
    command = ["terraform", "fmt", "-check", "-recursive", "-no-color", str(infrastructure)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise RefusedError(done.stderr)
    return done.stdout.split()


@functools.cache
def providers() -> str:
    """Start the schema providers, once for this process and ended with it; returns where Terraform finds them."""
    schemas = [str(CACHE / f"{name}.json") for name in PROVIDERS.values()]
    command = [
        str(CACHE / "python" / "bin" / "python"),
        str(Path(__file__).parent / "provider" / "serve.py"),
        *schemas,
    ]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    sockets = json.loads(started.stdout.readline())
    _RUNNING.append(started)
    found = {
        f"registry.terraform.io/{source}": {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": started.pid,
            "Test": True,
            "Addr": {"Network": "unix", "String": sockets[name]},
        }
        for source, name in PROVIDERS.items()
    }
    return json.dumps(found)


_RUNNING: list[subprocess.Popen[str]] = []
"""Holds the providers' standard input open: they end when this process does, however it ends."""


def without_registry(home: Path) -> dict[str, str]:
    """The variables by which Terraform takes the schema providers, and asks nobody on the network. ``home`` is a folder."""
    return {
        "TF_CLI_CONFIG_FILE": str(_no_registry(home)),
        "TF_REATTACH_PROVIDERS": providers(),
        "TF_DISABLE_PLUGIN_TLS": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def _no_registry(home: Path) -> Path:
    """A configuration by which Terraform takes no provider from anywhere."""
    config = home / "terraform.rc"
    config.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{home / "nothing"}"\n  }}\n}}\n'
    )
    return config


def _diagnostic(one: Mapping[str, Any]) -> str:
    where = one.get("range") or {"filename": "?", "start": {"line": 0}}
    return f"{where['filename']}:{where['start']['line']}: {one['summary']}: {one.get('detail', '')}"


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def main(arguments: list[str]) -> int:
    """Prove the root in the first argument; the rest are values of its variables. Returns the exit code."""
    if why := missing():
        sys.stderr.write(f"error: {why}\n")
        return 2
    folder = Path(arguments[0]).resolve()
    tree = folder.parent if not folder.is_relative_to(INFRASTRUCTURE) else INFRASTRUCTURE
    variables = dict(pair.split("=", 1) for pair in arguments[1:])
    with tempfile.TemporaryDirectory() as home:
        proof, root = Proof(tree, Path(home)), str(folder.relative_to(tree))
        try:
            proof.validate(root)
            plan = proof.plan(root, **variables)
        except RefusedError as refused:
            sys.stderr.write(f"{refused}\n")
            return 1
        for resource in resources(plan):
            sys.stdout.write(f"{resource['address']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
