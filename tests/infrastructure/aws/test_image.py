"""The image that the Dockerfile makes is the one that the task expects: user, folders, volumes, what is started."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.images.dockerfile import DOCKERFILE, stages
from tests.infrastructure.aws.plans import Plan, containers, resources, statements
from tests.infrastructure.terraform import INFRASTRUCTURE, Proof
from tests.workflows.image import SCRIPTS, WORKFLOW, Job

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


@ROOTS
def test_the_image_that_github_pushes_is_one_that_the_task_takes(
    plans: dict[str, Plan], proof: Proof, root: str, tmp_path: Path
) -> None:
    """It has the name of the task's image, and a tag that Terraform takes; then the registry keeps that one."""
    ((_, container),) = containers(plans[root])
    repository = plans[root]["planned_values"]["outputs"]["image_repository"]["value"]
    job = Job(tmp_path, {"SHOPSTACK_IMAGE_REPOSITORY": repository})
    job.run("Name it")
    job.run("Tell its tag")
    said = (tmp_path / "summary").read_text()
    assert f"`infrastructure/aws/{root}/terraform.tfvars`" in said
    (tag,) = re.findall(r'^image_tag = "(.+)"$', said, re.MULTILINE)
    assert job.known["image"] == f"{container['image'].rpartition(':')[0]}:{tag}"
    (rules,) = resources(proof.plan(f"aws/{root}", image_tag=tag), "aws_ecr_lifecycle_policy")
    assert f'"tagPatternList":["{tag}"]' in rules.values["policy"]


@ROOTS
def test_github_may_do_in_the_registry_what_its_workflow_does(plans: dict[str, Plan], root: str) -> None:
    asked = {
        "ecr:" + "".join(word.capitalize() for word in operation.split("-"))
        for operation in re.findall(r"\baws ecr ([a-z-]+)", SCRIPTS["Push"])
    }
    assert asked == {"ecr:DescribeImages", "ecr:GetLoginPassword"}
    needed = asked - {"ecr:GetLoginPassword"} | {"ecr:GetAuthorizationToken"}
    granted = {
        action
        for one in statements(plans[root])
        if one.resource.local_address == "aws_iam_role_policy.push"
        for action in one.actions
    }
    assert needed <= granted
    (trust,) = [
        one.conditions["StringEquals"]
        for one in statements(plans[root])
        if one.resource.local_address == "aws_iam_role.push"
    ]
    branches = {f"ref:refs/heads/{name}" for name in WORKFLOW["on"]["push"]["branches"]}
    assert {trust["token.actions.githubusercontent.com:sub"].split(":", 2)[2]} == branches
