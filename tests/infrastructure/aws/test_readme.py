"""What the README for AWS tells to type and to look at is there."""

from __future__ import annotations

import re

import pytest

from tests.infrastructure.terraform import INFRASTRUCTURE

AWS = INFRASTRUCTURE / "aws"
README = (AWS / "README.md").read_text(encoding="utf-8")


def _outputs(root: str) -> set[str]:
    return set(
        re.findall(r'^output "(\w+)"', (AWS / root / "outputs.tf").read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize("root", ["dev", "prod"])
def test_every_output_that_is_printed_exists(root: str) -> None:
    printed = set(re.findall(r"terraform output -raw (\w+)", README))
    assert {"put_secrets", "shopstack_toml", "run_now"} <= printed
    assert printed <= _outputs(root) | _outputs("account")


def test_every_file_and_folder_that_is_named_exists() -> None:
    named = re.findall(r"`([\w./-]+(?:\.tf|/))`", README)
    assert len(named) > 10
    homes = (AWS, AWS / "modules" / "environment")
    assert [
        one for one in named if not one.startswith("/") and not any((home / one).exists() for home in homes)
    ] == []


def test_every_concern_of_an_environment_is_described() -> None:
    files = {path.name for path in (AWS / "modules" / "environment").glob("*.tf")}
    described = set(re.findall(r"^\| `(\w+\.tf)` \|", README, re.MULTILINE))
    assert described == files - {"main.tf", "variables.tf", "outputs.tf", "versions.tf"}


def test_what_is_copied_is_there() -> None:
    copied = re.findall(r"^cp (\S+)", README, re.MULTILINE)
    assert copied
    for name in copied:
        assert all((AWS / root / name).is_file() for root in ("account", "dev", "prod"))
