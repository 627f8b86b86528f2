"""The workflow for the image: when it builds, what it may do, and what its own steps make of a registry."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.docs.pages import page
from tests.docs.test_commands import parse
from tests.workflows.image import (
    BLUEPRINT,
    COMMIT,
    JOB,
    PASSWORD,
    SCRIPTS,
    STEPS,
    TEXT,
    WORKFLOW,
    Job,
    stand_ins,
)

AWS = BLUEPRINT / "infrastructure" / "aws"
GUIDE = page("docs/guides/as-your-business-grows.md")
REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/shopstack-prod"
GIVEN = {
    "SHOPSTACK_IMAGE_REPOSITORY": REPOSITORY,
    "SHOPSTACK_PUSH_ROLE": "arn:aws:iam::111122223333:role/shopstack-prod-push",
    "SHOPSTACK_AWS_REGION": "us-east-1",
}
VARIABLES = {*GIVEN, "SHOPSTACK_PUSH_IMAGES"}

MAKES_THE_IMAGE = {"orchestration/Dockerfile", ".dockerignore", ".github/workflows/image.yml"}
"""What does not go in, and still says what comes out."""


def test_a_push_builds_if_it_touches_what_goes_into_the_image() -> None:
    lines = (BLUEPRINT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert "shopstack.toml" in let_in
    expected = {name if Path(name).suffix else f"{name}/**" for name in let_in}
    asked = WORKFLOW["on"]["push"]["paths"]
    assert set(asked) == expected | MAKES_THE_IMAGE
    assert len(asked) == len(set(asked))


def test_only_main_builds_and_only_once_somebody_said_so() -> None:
    assert set(WORKFLOW["on"]) == {"push", "workflow_dispatch"}
    assert WORKFLOW["on"]["push"]["branches"] == ["main"]
    assert JOB["if"] == "github.event_name == 'workflow_dispatch' || vars.SHOPSTACK_PUSH_IMAGES == 'true'"
    assert WORKFLOW["concurrency"] == {"group": "image", "cancel-in-progress": "false"}


def test_it_takes_no_more_than_it_needs() -> None:
    """With an `environment`, GitHub would say another subject than the one that the role is for."""
    assert JOB["permissions"] == {"contents": "read", "id-token": "write"}
    assert "environment" not in JOB
    assert "secrets." not in TEXT
    names = [step["name"] for step in STEPS]
    assert names.index("Take the role on AWS") > names.index("Refuse what needs a disk that lasts")
    assert names.index("Take the role on AWS") == names.index("Push") - 1


def test_every_variable_is_explained_and_set_in_the_guide_to_what_terraform_prints() -> None:
    used = set(re.findall(r"\bvars\.(\w+)", TEXT))
    assert used == VARIABLES
    assert set(re.findall(r"^#   variable (\w+)", TEXT, re.MULTILINE)) == used
    (block,) = [one.text for one in GUIDE.blocks if one.heading == "Fargate" and "gh variable" in one.text]
    assert set(re.findall(r"gh variable set (\w+)", block)) == used
    printed = re.findall(
        r'set (\w+) --body "\$\(terraform -chdir=infrastructure/aws/(\w+) output -raw (\w+)\)"', block
    )
    assert {variable: output for variable, _, output in printed} == {
        "SHOPSTACK_IMAGE_REPOSITORY": "image_repository",
        "SHOPSTACK_PUSH_ROLE": "push_role_arn",
    }
    for _, root, output in printed:
        assert f'output "{output}"' in (AWS / root / "outputs.tf").read_text(encoding="utf-8")


def test_it_builds_as_the_readme_does_on_the_newest_base() -> None:
    (told,) = [
        line
        for block in page("src/shopstack/blueprint/orchestration/README.md").blocks
        for line in block.text.splitlines()
        if line.startswith("docker build ")
    ]
    assert SCRIPTS["Build"] == told.replace("build", "build --pull").replace("my-shop", '"$IMAGE"')


def test_it_asks_the_image_what_the_command_line_takes() -> None:
    arguments = SCRIPTS["Refuse what needs a disk that lasts"].split('"$IMAGE" ')[1].split()
    context = parse(arguments)
    assert (context.info_name, context.params["without_disk"]) == ("check", True)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    programs = stand_ins(tmp_path, tags="2026-10-01-1\t2026-10-31-0123456789ab\n")
    return Job(tmp_path, dict(GIVEN), path=f"{programs}{os.pathsep}{os.environ['PATH']}")


def called(job: Job) -> list[str]:
    return (job.folder / "called").read_text().splitlines()


def test_an_image_is_built_tried_and_pushed_with_a_tag_of_its_own(job: Job) -> None:
    before = datetime.now(UTC).date()
    done = [job.run(name) for name in SCRIPTS]
    after = datetime.now(UTC).date()
    assert [one.returncode for one in done] == [0] * len(done)
    assert job.known["tag"] in {f"{day}-{COMMIT[:12]}" for day in (before, after)}
    image = f"{REPOSITORY}:{job.known['tag']}"
    build, run, describe, password, login, push = called(job)
    assert build.endswith(f"--tag {image} .")
    assert run.endswith(f" {image} check --without-disk")
    assert describe.startswith("aws ecr describe-images --repository-name shopstack-prod ")
    assert password == "aws ecr get-login-password"
    assert login == f"docker login --username AWS --password-stdin {REPOSITORY.split('/', maxsplit=1)[0]}"
    assert push == f"docker push --quiet {image}"
    assert (job.folder / "password").read_text().strip() == PASSWORD
    assert PASSWORD not in "".join([*called(job), *(one.stdout + one.stderr for one in done)])


def test_its_summary_says_what_to_write_where(job: Job) -> None:
    job.run("Name it")
    job.run("Tell its tag")
    said, *lines = (job.folder / "summary").read_text().splitlines()
    assert lines == ["```hcl", f'image_tag = "{job.known["tag"]}"', "```"]
    (file,) = re.findall(r"`infrastructure/aws/(\w+)/terraform\.tfvars`", said)
    assert (AWS / file / "terraform.tfvars.example").is_file()


@pytest.mark.parametrize(("there", "pushed"), [("{tag}", False), ("{tag}-1", True), ("None", True)])
def test_what_was_pushed_before_is_not_pushed_again(job: Job, there: str, pushed: bool) -> None:
    """A job that is started again has the same tag, and the registry would refuse it."""
    job.run("Name it")
    (job.folder / "tags").write_text(f"2026-10-01-1\t{there.format(tag=job.known['tag'])}\n")
    done = job.run("Push")
    assert done.returncode == 0
    assert any(line.startswith("docker push ") for line in called(job)) == pushed
    assert ("pushed before" in done.stdout) != pushed


def test_a_registry_that_does_not_answer_is_no_registry_without_images(job: Job) -> None:
    job.run("Name it")
    (job.folder / "tags").unlink()
    assert job.run("Push").returncode != 0
    assert [line for line in called(job) if line.startswith("docker")] == []


def test_a_repository_that_nobody_named_is_told_before_anything_is_built(job: Job) -> None:
    job.known.clear()
    done = job.run("Name it")
    assert done.returncode != 0
    assert "SHOPSTACK_IMAGE_REPOSITORY" in done.stdout
    assert [step["name"] for step in STEPS].index("Name it") < [step["name"] for step in STEPS].index("Build")
