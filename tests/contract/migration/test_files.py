"""Landed windows and the run history from a folder to a simulated S3, to another folder, and back."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.errors import MigrationError, UsageError
from shopstack.migration.files import to_storage
from shopstack.project import Project
from shopstack.storage import S3Storage
from tests.contract.migration.conftest import project_in
from tests.s3_server import BUCKET, Simulated

WINDOW = "landing/treats.myshopify.com/orders/first"
FILES = {
    f"{WINDOW}/manifest.json": b'{"parts": ["part-0000.jsonl.zst"]}',
    f"{WINDOW}/part-0000.jsonl.zst": b"\x28\xb5" * 70_000,
    "landing/suppressed.json": b"{}",
    "runs/20260630T100000Z-ab12.json": b'{"command": "run"}',
    "published/current.json": b"{}",
}
CARRIED = {path: content for path, content in FILES.items() if not path.startswith("published/")}


def say(_line: str) -> None:
    """Nobody listens."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one landed window, one run, and an empty folder as a run leaves one."""
    made = project_in(tmp_path / "shop")
    for path, content in FILES.items():
        file = made.storage / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (made.storage / "landing" / "treats.myshopify.com" / "orders" / "operations").mkdir()
    return made


def moved_to(project: Project, url: str) -> Project:
    """The project with its files elsewhere."""
    storage = project.config.storage.model_copy(update={"url": url})
    return Project(project.root, project.config.model_copy(update={"storage": storage}))


@pytest.fixture(params=["S3", "folder"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Another place, with nothing in it."""
    if request.param == "folder":
        return str(tmp_path / "elsewhere")
    request.getfixturevalue("s3")
    return f"s3://{BUCKET}/{uuid4().hex}"


def test_there_and_back_every_file_is_the_same(project: Project, url: str) -> None:
    report = to_storage(project, url, say)
    assert (report.files, report.copied) == (len(CARRIED), len(CARRIED))
    assert report.size == sum(map(len, CARRIED.values()))
    moved = moved_to(project, url)
    for path, content in CARRIED.items():
        assert moved.stored().read(path) == content
    assert not moved.stored().exists("published")
    assert {path: (project.storage / path).read_bytes() for path in FILES} == FILES
    back = to_storage(moved, "back", say)
    assert back.copied == len(CARRIED)
    assert {path: (project.root / "back" / path).read_bytes() for path in CARRIED} == CARRIED


def test_a_second_time_only_what_changed_is_copied(project: Project, url: str) -> None:
    to_storage(project, url, say)
    assert to_storage(project, url, say).copied == 0
    (project.storage / WINDOW / "part-0000.jsonl.zst").write_bytes(b"rewritten, as a redaction does")
    said: list[str] = []
    assert to_storage(project, url, said.append).copied == 2
    assert said == [f"{WINDOW}: 2 files, proved"]
    assert moved_to(project, url).stored().read(f"{WINDOW}/part-0000.jsonl.zst").startswith(b"rewritten")


def test_files_of_something_else_are_never_mixed_with_ours(project: Project, url: str) -> None:
    moved_to(project, url).stored().replace("runs/another.json", b"{}")
    with pytest.raises(UsageError, match="has files that") as told:
        to_storage(project, url, say)
    assert "Such as another.json" in told.value.why
    with pytest.raises(UsageError, match="already"):
        to_storage(project, "data", say)


def test_a_file_that_came_out_otherwise_is_named(
    project: Project, s3: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = S3Storage.put

    def torn(storage: S3Storage, source: Path, relative: str) -> None:
        for part in source.rglob("part-*"):
            part.write_bytes(part.read_bytes()[:-1])
        put(storage, source, relative)

    monkeypatch.setattr(S3Storage, "put", torn)
    with pytest.raises(MigrationError, match="orders/first is not what was copied to it"):
        to_storage(project, f"s3://{BUCKET}/{uuid4().hex}", say)


@pytest.mark.parametrize(
    ("target", "why"),
    [("transformation", "such as dbt_project.yml"), ("shopstack.toml", "It is a file")],
)
def test_nothing_is_mixed_into_a_folder_of_something_else(project: Project, target: str, why: str) -> None:
    (project.root / "transformation").mkdir()
    (project.root / "transformation" / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no folder for data") as refused:
        to_storage(project, target, say)
    assert why in refused.value.why
    assert [path.name for path in (project.root / "transformation").iterdir()] == ["dbt_project.yml"]
