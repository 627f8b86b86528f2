"""The compose file: of the specification's form, open to this machine alone, with a place for everything that is written."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from shopstack.cli.app import cli
from tests.images.dockerfile import CACHE, DOCKERFILE, ORCHESTRATION, stages

COMPOSE = ORCHESTRATION / "compose.yaml"
TEXT = COMPOSE.read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
PYTHON = CACHE / "workflows" / "bin" / "python"

each_service = pytest.mark.parametrize("service", SERVICES)


def refused(file: Path) -> list[str]:
    """What the schema of the compose specification objects to."""
    words = [str(PYTHON), "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    words += ["--output-format", "json", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    said = json.loads(done.stdout)
    return [str(one) for one in (*said.get("errors", ()), *said.get("parse_errors", ()))]


needs_schema = pytest.mark.skipif(
    not PYTHON.is_file(), reason="needs check-jsonschema in .cache/workflows (`make test` fetches it)"
)


@needs_schema
def test_it_has_the_form_of_the_specification() -> None:
    assert refused(COMPOSE) == []


@needs_schema
def test_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(TEXT.replace("read_only: true", "readonly: true"), encoding="utf-8")
    assert refused(file) != []


def test_ports_are_open_to_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not str(port).startswith("127.0.0.1:")] == []
    assert [name for name, service in SERVICES.items() if service.get("network_mode") == "host"] == []


@each_service
def test_it_may_do_little(service: str) -> None:
    told = SERVICES[service]
    assert (told["read_only"], told["cap_drop"], told["init"]) == (True, ["ALL"], True)
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert told["user"].startswith("${SHOPSTACK_USER:?")
    assert told["pull_policy"] == "never"


@each_service
def test_every_folder_that_the_image_writes_has_a_place(service: str) -> None:
    told = SERVICES[service]
    places = {*told["tmpfs"], *(volume["target"] for volume in told["volumes"])}
    assert places == set(stages(DOCKERFILE.read_text(encoding="utf-8"))[-1].words("VOLUME"))


@each_service
def test_data_lie_in_the_projects_own_folders(service: str) -> None:
    image = stages(DOCKERFILE.read_text(encoding="utf-8"))[-1]
    project = COMPOSE.parent.parent
    for volume in SERVICES[service]["volumes"]:
        inside = Path(volume["target"]).relative_to(image.last("WORKDIR"))
        assert (COMPOSE.parent / volume["source"]).resolve() == project / inside
        assert volume["bind"] == {"create_host_path": False}


@each_service
def test_its_command_is_one_of_ours(service: str) -> None:
    name, *words = SERVICES[service]["command"]
    command = cli.get_command(cli.make_context("shopstack", [name]), name)
    assert command is not None
    command.make_context(name, list(words))
