"""Projects whose files lie in the simulated S3, and how S3 fails them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.config import CONFIG_FILE
from shopstack.project import Project
from shopstack.storage import s3_client
from tests.s3_server import BUCKET, Asked
from tests.unit.dashboard.published_fixture import make_project


def kept_in_s3(project: Project, prefix: str) -> Project:
    """The project, with its files below the prefix from now on."""
    with (project.root / CONFIG_FILE).open("a") as file:
        file.write(f'\n[storage]\nurl = "s3://{BUCKET}/{prefix}"\n')
    return Project.open(project.root)


def in_s3(folder: Path, prefix: str) -> Project:
    """A new project on one machine's disk that keeps its files below the prefix."""
    return kept_in_s3(make_project(folder), prefix)


def refusing(code: str) -> Callable[[Asked], str]:
    """For `Simulated.before`: every request is answered with this code."""
    return lambda _: code


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt, by a client of its own."""
    monkeypatch.setattr(s3_client, "ATTEMPTS", 1)
    monkeypatch.setenv("AWS_SESSION_TOKEN", uuid4().hex)
