"""The image that the Dockerfile makes is the one that the task expects: user, folders, volumes, what is started."""

from __future__ import annotations

import pytest

from tests.images.dockerfile import DOCKERFILE, stages
from tests.infrastructure.aws.plans import Plan, containers
from tests.infrastructure.terraform import INFRASTRUCTURE

pytestmark = pytest.mark.xdist_group("terraform-aws")

ROOTS = pytest.mark.parametrize("root", ["dev", "prod"])
IMAGE = stages(DOCKERFILE.read_text(encoding="utf-8"))[-1]
README = (INFRASTRUCTURE / "aws" / "README.md").read_text(encoding="utf-8")


@ROOTS
def test_the_user_is_the_same(plans: dict[str, Plan], root: str) -> None:
    ((_, container),) = containers(plans[root])
    assert container["user"] == IMAGE.last("USER")


@ROOTS
def test_what_is_started_and_where_is_the_same(plans: dict[str, Plan], root: str) -> None:
    ((_, container),) = containers(plans[root])
    assert container["entryPoint"] == IMAGE.words("ENTRYPOINT")
    assert container["command"] == IMAGE.words("CMD")
    assert container["workingDirectory"] == IMAGE.last("WORKDIR")


@ROOTS
def test_every_folder_that_is_mounted_is_a_volume_that_belongs_to_the_user(
    plans: dict[str, Plan], root: str
) -> None:
    """Fargate hands a folder out with the owner that it has in the image, and only where it is declared."""
    ((_, container),) = containers(plans[root])
    mounted = {mount["containerPath"] for mount in container["mountPoints"]}
    assert mounted == set(IMAGE.words("VOLUME"))
    owner = IMAGE.last("USER")
    handed_over = {
        word
        for name, words in IMAGE.instructions
        if name == "RUN"
        for command in words.split("&&")
        if command.strip().startswith("chown") and owner in command
        for word in command.split()
        if word.startswith("/")
    }
    assert handed_over == mounted


def test_volumes_are_declared_after_they_were_handed_over() -> None:
    """What is changed below a volume after it was declared is lost."""
    names = [name for name, _ in IMAGE.instructions]
    assert names.index("VOLUME") > max(at for at, name in enumerate(names) if name in {"RUN", "COPY"})


@ROOTS
def test_the_home_folder_is_one_that_can_be_written(plans: dict[str, Plan], root: str) -> None:
    ((_, container),) = containers(plans[root])
    home = {one["name"]: one["value"] for one in container["environment"]}["HOME"]
    assert home == IMAGE.environment["HOME"]
    assert home in IMAGE.words("VOLUME")


def test_the_readme_names_what_the_image_is() -> None:
    user, group = IMAGE.last("USER").split(":")
    assert f"user {user} and group {group}" in " ".join(README.split())
    for folder in (IMAGE.last("WORKDIR"), *IMAGE.words("VOLUME")):
        assert f"`{folder}`" in README
