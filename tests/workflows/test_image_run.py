"""The job for the image, run on this machine by `act`, with stand-ins for `docker`, for `aws`, and for taking the role."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from shopstack.scaffold import create_project
from tests.workflows.github import GitHub, Ran, needs_act
from tests.workflows.image import PASSWORD, SCRIPTS, stand_ins
from tests.workflows.test_image import GIVEN, REPOSITORY

pytestmark = [
    pytest.mark.soak,
    pytest.mark.xdist_group("workflows"),
    needs_act,
]

ON = {**GIVEN, "SHOPSTACK_PUSH_IMAGES": "true"}


@dataclass
class Repository:
    """A project as GitHub has it, and what its jobs called."""

    project: Path
    github: GitHub
    folder: Path

    def run(self, event: str, variables: dict[str, str]) -> Ran:
        return self.github.run(self.project, "image", event, variables=variables, secrets={})

    @property
    def called(self) -> list[str]:
        """Each program with its first word: ``docker build``."""
        lines = (self.folder / "called").read_text().splitlines()
        return [" ".join(line.split()[:2]) for line in lines]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    project = create_project(
        tmp_path / "shop", address="biscuit-and-bramble.myshopify.com", credentials={}
    ).root
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.com", "-C", str(project)]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    (tmp_path / "registry").mkdir()
    programs = stand_ins(tmp_path / "registry")
    return Repository(project, GitHub(tmp_path / "github", programs=programs), tmp_path / "registry")


@pytest.mark.parametrize(("event", "variables"), [("push", ON), ("workflow_dispatch", GIVEN)])
def test_a_push_and_a_hand_each_push_an_image(
    repository: Repository, event: str, variables: dict[str, str]
) -> None:
    ran = repository.run(event, variables)
    assert ran.code == 0, ran.said
    assert {ran.step(name) for name in (*SCRIPTS, "Take the role on AWS")} == {"Success"}
    assert repository.called == [
        "docker build",
        "docker run",
        "aws ecr",
        "aws ecr",
        "docker login",
        "docker push",
    ]
    assert f"docker push --quiet {REPOSITORY}:" in (repository.folder / "called").read_text()
    assert (repository.folder / "password").read_text().strip() == PASSWORD
    assert PASSWORD not in ran.said


def test_a_push_builds_nothing_until_the_owner_says_so(repository: Repository) -> None:
    ran = repository.run("push", GIVEN)
    assert ran.code == 0, ran.said
    assert (ran.step("Check out"), repository.called) == ("", [])


def test_a_project_that_needs_a_disk_is_refused_before_the_role_is_taken(repository: Repository) -> None:
    (repository.folder / "refused").touch()
    ran = repository.run("push", ON)
    assert ran.code != 0
    assert ran.step("Refuse what needs a disk that lasts") == "Failure"
    assert (ran.step("Take the role on AWS"), ran.step("Push")) == ("", "")
    assert repository.called == ["docker build", "docker run"]
