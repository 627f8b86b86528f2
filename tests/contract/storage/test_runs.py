"""What runs leave behind, in a folder and in S3: history, status, words about somebody; and dbt's state in S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.errors import BuildError, StorageUnreachableError
from shopstack.orchestration import history
from shopstack.orchestration.history import read_runs, start_run
from shopstack.orchestration.recorder import recorded
from shopstack.orchestration.traces import GONE, forget
from shopstack.project import Project
from shopstack.publish.status import read_status
from shopstack.storage import S3Storage
from shopstack.storage.address import Bucket
from shopstack.transformation.built_from import NOTE
from shopstack.transformation.state import KEPT, RESULTS, fetch_state, forget_state, keep_state
from shopstack.transformation.verdict import require_sound_build
from tests.s3_projects import impatient, in_s3, refusing
from tests.s3_server import BUCKET, Simulated
from tests.unit.dashboard.published_fixture import make_project

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(params=["folder", "S3"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    if request.param == "folder":
        return make_project(tmp_path / "shop")
    request.getfixturevalue("s3")
    return in_s3(tmp_path / "shop", uuid4().hex)


def test_runs_are_read_back_and_old_ones_forgotten(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    runs = project.stored("runs")
    for hour in range(5):
        start_run(runs, "run", now=NOON + timedelta(hours=hour)).finish()
    assert [run.started_at.hour for run in read_runs(runs)] == [16, 15, 14]
    assert len(runs.names("")) == 3


def test_a_run_is_on_record_from_its_start(project: Project) -> None:
    with recorded(project, "run") as work, work.step("extract") as step:
        status = read_status(project)
        assert status is not None
        assert status.state == "running"
        step.detail = "12 rows"
    status = read_status(project)
    assert status is not None
    assert (status.state, status.runs[0].exit_code) == ("ok", 0)
    (run,) = read_runs(project.stored("runs"))
    assert run.steps[0].detail == "12 rows"


def test_words_about_somebody_are_taken_out_of_all_of_it(project: Project) -> None:
    with recorded(project, "run") as work, work.step("extract") as step:
        step.detail = "Ann Miller has no address; Annual report read"
    project.runs.mkdir(parents=True, exist_ok=True)
    log = project.runs / "20260131T120000Z-dbt.log"
    log.write_text("error in the row of Ann Miller\n")
    if project.is_far:
        project.stored("runs").put(log, log.name)
    assert forget(project, {"Ann Miller", "Ann"}) == (4 if project.is_far else 3)
    left = b"".join(project.stored("runs").read(name) for name in project.stored("runs").names(""))
    assert b"Ann " not in left
    assert b"Annual" in left
    assert GONE in log.read_text()


def test_what_went_wrong_first_is_told_though_it_cannot_be_put_on_record(
    s3: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = in_s3(tmp_path / "shop", uuid4().hex)

    def build() -> None:
        with recorded(project, "build"):
            impatient(monkeypatch)
            s3.before = refusing("SlowDown")
            raise BuildError("a model failed")

    with pytest.raises(BuildError, match="a model failed"):
        build()
    with pytest.raises(StorageUnreachableError):  # no run begins that cannot be put on record
        build()


@pytest.fixture
def two_disks(s3: Simulated, tmp_path: Path) -> tuple[Project, Project]:
    """One project on two machines."""
    assert s3.url
    prefix = uuid4().hex
    return in_s3(tmp_path / "one", prefix), in_s3(tmp_path / "two", prefix)


def folder(project: Project) -> Path:
    made = project.storage / "dbt" / "target"
    made.mkdir(parents=True, exist_ok=True)
    return made


def test_dbts_state_is_found_on_another_disk(two_disks: tuple[Project, Project], s3: Simulated) -> None:
    one, two = two_disks
    for name in (*KEPT, NOTE):
        (folder(one) / name).write_text(f"{name} of the first build")
    keep_state(one, folder(one), *KEPT, NOTE)
    fetch_state(two, folder(two))
    assert {name: (folder(two) / name).read_text() for name in (*KEPT, NOTE)} == {
        name: f"{name} of the first build" for name in (*KEPT, NOTE)
    }
    s3.asked.clear()
    fetch_state(two, folder(two))
    fetch_state(one, folder(one))
    assert {asked.method for asked in s3.asked} == {"HEAD"}, "what is here is not fetched again"
    (folder(two) / "manifest.json").write_text("of the second build")
    (folder(two) / RESULTS).unlink()
    keep_state(two, folder(two), *KEPT)
    fetch_state(one, folder(one))
    assert (folder(one) / "manifest.json").read_text() == "of the second build"
    assert not (folder(one) / RESULTS).exists()


def test_a_build_that_was_killed_is_not_published_from_another_disk(
    two_disks: tuple[Project, Project],
) -> None:
    one, two = two_disks
    (folder(one) / "manifest.json").write_text('{"nodes": {}, "child_map": {}}')
    (folder(one) / RESULTS).write_text('{"results": []}')
    keep_state(one, folder(one), *KEPT)
    assert require_sound_build(two).is_sound
    forget_state(one, folder(one), RESULTS, NOTE)
    with pytest.raises(BuildError, match="no finished build"):
        require_sound_build(two)


def test_a_whole_bucket_may_be_the_place(s3: Simulated, tmp_path: Path) -> None:
    assert s3.url
    whole, part = S3Storage(Bucket(BUCKET, ""), tmp_path), S3Storage(Bucket(BUCKET, "whole"), tmp_path)
    whole.replace("whole/a", b"content")
    assert part.read("a") == b"content"
    assert "whole" in whole.names("")
    assert whole.exists("whole")
    whole.remove("whole")
    assert not part.exists("a")
