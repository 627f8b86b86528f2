"""checkov finds nothing unwise in the Terraform, but for what is so on purpose and says why beside the line."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.terraform import INFRASTRUCTURE, ROOT

CHECKOV = ROOT / ".cache" / "checkov" / "bin" / "checkov"
"""Started by the Python beside it: its own first line names the folder where it was installed, and clones are moved."""

_SKIP = re.compile(r"#\s*checkov:skip=(?P<check>\w+)(?::(?P<why>.*))?$", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("checkov")

needs_checkov = pytest.mark.skipif(
    not CHECKOV.is_file(), reason="needs checkov in .cache/checkov (`make test` fetches it)"
)


def scan(folder: Path, home: Path) -> dict[str, Any]:
    """What checkov says of the Terraform below a folder, as its JSON; nothing is fetched."""
    variables = home / "all.tfvars"
    variables.write_text('github_repository = "my-shop/data"\n')
    command = [str(CHECKOV.with_name("python")), str(CHECKOV), "--directory", str(folder)]
    command += ["--framework", "terraform", "--output", "json"]
    command += ["--skip-download", "--soft-fail", "--var-file", str(variables)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@needs_checkov
def test_nothing_is_unwise_that_does_not_say_why(tmp_path: Path) -> None:
    said = scan(INFRASTRUCTURE, tmp_path)
    assert [(one["check_id"], one["resource"]) for one in said["results"]["failed_checks"]] == []
    assert said["summary"]["parsing_errors"] == 0
    assert said["summary"]["passed"] > 100
    skipped = {one["check_id"] for one in said["results"]["skipped_checks"]}
    assert skipped == {check for check, _ in skips()}


@needs_checkov
def test_what_is_unwise_is_seen(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_security_group_rule" "in" {\n  type = "ingress"\n  from_port = 22\n  to_port = 22\n'
        '  protocol = "tcp"\n  cidr_blocks = ["0.0.0.0/0"]\n  security_group_id = "sg-1"\n}\n'
    )
    assert "CKV_AWS_24" in {one["check_id"] for one in scan(tmp_path, tmp_path)["results"]["failed_checks"]}


def skips() -> list[tuple[str, str]]:
    """Every exception with its reason."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(INFRASTRUCTURE.rglob("*.tf"))]
    return [(found["check"], found["why"] or "") for text in texts for found in _SKIP.finditer(text)]


def test_every_exception_gives_its_reason() -> None:
    assert skips()
    assert [check for check, why in skips() if len(why.split()) < 6] == []
