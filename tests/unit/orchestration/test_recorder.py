"""The record of a run at work: what the status file says while it works, after it, and after failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopstack import output
from shopstack.errors import DataError, UnreachableError
from shopstack.orchestration.recorder import recorded
from shopstack.project import Project
from shopstack.publish import Pointer
from shopstack.publish.pointer import pointer_file, write_pointer
from shopstack.publish.status import ModelTests, Status, TieCounts, read_status, write_status
from shopstack.warehouse.snowflake_connection import query_tag

MORNING = datetime(2026, 1, 31, 6, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "shopstack.toml").write_text("", encoding="utf-8")
    return Project.open(tmp_path)


@pytest.fixture
def published(project: Project) -> Project:
    write_pointer(project, Pointer("v-20260131T060000Z", MORNING, MORNING))
    return project


def status_of(project: Project) -> Status:
    found = read_status(project)
    assert found is not None
    return found


def test_a_run_at_work_is_said_to_work_and_what_was_found_before_is_kept(published: Project) -> None:
    write_status(published, Status(state="ok", ties=TieCounts(orders=7)))
    with recorded(published, "run") as work:
        found = status_of(published)
        assert (found.state, found.ties) == ("running", TieCounts(orders=7))
        work.found(tests=ModelTests(passed=3))
    assert status_of(published).tests.passed == 3


def test_a_failed_run_leaves_what_is_published_marked_stale_since_the_first_failure(
    published: Project,
) -> None:
    for why in ("The shop could not be reached.", "The token is refused."):
        with pytest.raises(UnreachableError), recorded(published, "run"):
            raise UnreachableError(why)
    found = status_of(published)
    assert found.state == "failed"
    assert found.stale is not None
    assert found.stale.why == "The shop could not be reached."
    assert found.last_run is not None
    assert found.last_run.error is not None
    assert found.last_run.error.message == "The token is refused."


def test_a_failure_after_publishing_leaves_nothing_stale(published: Project) -> None:
    def publish_and_fail() -> None:
        with recorded(published, "run") as work:
            work.has_published()
            raise DataError("Something differs.")

    with pytest.raises(DataError):
        publish_and_fail()
    assert status_of(published).stale is None


def test_without_anything_published_nothing_is_stale(project: Project) -> None:
    with pytest.raises(UnreachableError), recorded(project, "run"):
        raise UnreachableError("The shop could not be reached.")
    assert status_of(project).stale is None


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interruption_is_told_in_words(published: Project, problem: BaseException) -> None:
    with pytest.raises(KeyboardInterrupt), recorded(published, "run"):
        raise problem
    found = status_of(published).stale
    assert found is not None
    assert found.why == "The run was interrupted."


@pytest.mark.parametrize("fails", [False, True])
def test_a_damaged_pointer_does_not_stop_the_run_that_would_mend_it(published: Project, fails: bool) -> None:
    pointer_file(published).write_text("{", encoding="utf-8")
    if fails:
        with pytest.raises(UnreachableError), recorded(published, "publish"):
            raise UnreachableError("The shop could not be reached.")
    else:
        with recorded(published, "publish"):
            pass
    found = status_of(published)
    assert found.state == ("failed" if fails else "ok")
    assert found.published is None


def test_a_damaged_status_is_written_anew(published: Project) -> None:
    published.status_file.write_text("{", encoding="utf-8")
    with recorded(published, "verify") as work:
        work.exit_code = 1
    found = status_of(published)
    assert found.last_run is not None
    assert found.last_run.exit_code == 1
    assert replace(found, last_run=None, published=None, runs=()) == Status(state="ok")


def test_a_secret_in_an_error_reaches_no_file(published: Project) -> None:
    output.hide("shpat_very_secret")
    with pytest.raises(RuntimeError), recorded(published, "run") as work, work.step("extract"):
        raise RuntimeError("refused: shpat_very_secret")
    written = published.status_file.read_text() + next(published.runs.glob("*.json")).read_text()
    assert "refused: ***" in written
    assert "shpat_very_secret" not in written


def test_what_a_run_asks_of_snowflake_bears_the_runs_number_and_nothing_afterwards(project: Project) -> None:
    with recorded(project, "run") as work:
        assert query_tag() == f"shopstack {work.record.run_id}"
    assert query_tag() == "shopstack"
