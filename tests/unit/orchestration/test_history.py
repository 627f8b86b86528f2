"""The run history: a trace of every run, killed ones included, and steps with their length and outcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from shopstack.errors import BuildError, StorageUnreachableError
from shopstack.orchestration import history
from shopstack.orchestration.history import Step, listening, new_run_id, read_runs, start_run
from shopstack.storage import FolderStorage

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def ticking(*moments: float) -> Iterator[float]:
    yield from moments


def test_a_run_is_on_disk_from_its_start_so_that_a_killed_one_leaves_a_trace(tmp_path: Path) -> None:
    started = start_run(FolderStorage(tmp_path), "run", now=NOON)
    (read,) = read_runs(FolderStorage(tmp_path))
    assert read == started
    assert read.finished_at is None
    assert read.seconds is None


def test_steps_carry_their_length_and_what_they_said(tmp_path: Path) -> None:
    record = start_run(FolderStorage(tmp_path), "run", now=NOON)
    clock = ticking(100.0, 102.5)
    with record.step("extract", clock=lambda: next(clock)) as step:
        step.detail = "12 orders"
    record.finish()
    (read,) = read_runs(FolderStorage(tmp_path))
    assert read.exit_code == 0
    assert [one.as_dict() for one in read.steps] == [
        {"name": "extract", "seconds": 2.5, "state": "ok", "detail": "12 orders"}
    ]


def test_a_failed_step_is_marked_and_the_error_goes_on_its_way(tmp_path: Path) -> None:
    record = start_run(FolderStorage(tmp_path), "run")
    problem = BuildError("Two tests failed.", why="unique_order", hint="shopstack build")
    with pytest.raises(BuildError), record.step("build"):
        raise problem
    record.finish(problem=problem)
    (read,) = read_runs(FolderStorage(tmp_path))
    assert (read.steps[0].state, read.steps[0].detail) == ("failed", "Two tests failed.")
    assert read.exit_code == 1
    assert read.error == problem.as_dict()


def test_what_went_wrong_first_is_told_although_it_cannot_be_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = start_run(FolderStorage(tmp_path), "run")

    def unreachable(*_: object, **__: object) -> None:
        raise StorageUnreachableError("s3://figures cannot be reached.")

    monkeypatch.setattr(FolderStorage, "replace", unreachable)
    with pytest.raises(KeyboardInterrupt), record.step("extract"):
        raise KeyboardInterrupt
    with pytest.raises(StorageUnreachableError), record.step("extract"):
        pass


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    record = start_run(FolderStorage(tmp_path), "run")
    with pytest.raises(KeyboardInterrupt), record.step("extract"):
        raise KeyboardInterrupt
    record.finish(problem=KeyboardInterrupt())
    (read,) = read_runs(FolderStorage(tmp_path))
    assert read.steps[0].state == "interrupted"
    assert read.exit_code == 130


def test_a_step_that_is_interrupted_in_the_middle_of_a_query_says_so(tmp_path: Path) -> None:
    record = start_run(FolderStorage(tmp_path), "build")
    with pytest.raises(RuntimeError), record.step("publish"):
        raise RuntimeError("Query interrupted")  # what DuckDB makes of Ctrl-C
    assert record.steps[0].state == "interrupted"


def test_only_the_newest_runs_are_kept_and_strangers_files_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    for day in range(5):
        start_run(FolderStorage(tmp_path), "run", now=NOON + timedelta(days=day))
    assert [run.started_at for run in read_runs(FolderStorage(tmp_path))] == [
        NOON + timedelta(days=day) for day in (4, 3, 2)
    ]
    assert (tmp_path / "notes.json").exists()


def test_logs_go_with_the_runs_that_wrote_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    (tmp_path / "cron.log").write_text("mine")
    for day in range(5):
        now = NOON + timedelta(days=day)
        start_run(FolderStorage(tmp_path), "run", now=now)
        (tmp_path / f"{now:%Y%m%dT%H%M%S%fZ}-dbt.log").write_text("built")
        (tmp_path / f"error-{now:%Y%m%dT%H%M%SZ}-12.log").write_text("broke down")
    assert sorted(path.name for path in tmp_path.glob("*.log")) == [
        *(f"202602{day:02}T120000000000Z-dbt.log" for day in (2, 3, 4)),
        "cron.log",
        *(f"error-202602{day:02}T120000Z-12.log" for day in (2, 3, 4)),
    ]


def test_the_newest_runs_come_first_and_strangers_files_are_passed_over(tmp_path: Path) -> None:
    for hour in range(5):
        start_run(FolderStorage(tmp_path), "run", now=NOON + timedelta(hours=hour))
    (tmp_path / "20990101T000000Z-zzzz.json").write_text("{}")
    (tmp_path / "notes.json").write_text("[]")
    assert [run.started_at.hour for run in read_runs(FolderStorage(tmp_path), limit=4)] == [16, 15, 14]


def test_no_folder_means_no_runs(tmp_path: Path) -> None:
    assert read_runs(FolderStorage(tmp_path / "none")) == []


def test_a_record_is_never_half_written(tmp_path: Path) -> None:
    record = start_run(FolderStorage(tmp_path), "run", now=NOON)
    record.finish(0)
    assert [path.name for path in tmp_path.iterdir()] == [f"{record.run_id}.json"]
    assert (
        orjson.loads((tmp_path / f"{record.run_id}.json").read_bytes())["started_at"]
        == "2026-01-31T12:00:00.000Z"
    )


def test_run_ids_sort_by_time_and_differ_within_a_second() -> None:
    earlier, later = new_run_id(NOON), new_run_id(NOON + timedelta(seconds=1))
    assert earlier < later
    assert len({new_run_id(NOON) for _ in range(20)}) > 1


def test_a_listener_hears_when_steps_begin_and_how_they_end(tmp_path: Path) -> None:
    heard: list[tuple[str, str, str]] = []

    class Listener:
        def begun(self, step: Step) -> None:
            heard.append(("begun", step.name, step.detail))

        def ended(self, step: Step) -> None:
            heard.append(("ended", step.state, step.detail))

    record = start_run(FolderStorage(tmp_path), "run")
    with listening(Listener()):
        with record.step("extract") as step:
            step.detail = "12 rows"
        with pytest.raises(BuildError), record.step("build"):
            raise BuildError("Two tests failed.")
    with record.step("publish"):
        pass
    assert heard == [
        ("begun", "extract", ""),
        ("ended", "ok", "12 rows"),
        ("begun", "build", ""),
        ("ended", "failed", "Two tests failed."),
    ]
