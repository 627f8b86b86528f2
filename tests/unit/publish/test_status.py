"""The status file: what is written is read back, whoever wrote it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from shopstack.errors import DataError
from shopstack.publish.status import make_status, read_status, status_as_dict, write_status
from tests.unit.dashboard.published_fixture import make_project

VALUES = {
    "state": "failed",
    "last_run": {
        "run_id": "20261115T233000Z-0001",
        "started_at": "2026-11-15T23:30:00Z",
        "exit_code": 4,
        "steps": [{"name": "extract", "seconds": 3.5, "state": "failed", "detail": "no answer"}],
        "error": {"message": "The shop did not answer.", "why": "timed out", "hint": "shopstack run"},
    },
    "stale": {"since": "2026-11-15T23:31:00Z", "why": "The shop did not answer."},
    "ties": {"orders": 10, "untied": 1, "worst": [{"order_name": "#7", "difference": "0.01"}]},
    "reconciliation": {
        "state": "differs",
        "days": 1,
        "differences": [
            {"shop": "s", "grain": "day", "period_start": "2026-11-01", "metric": "net_sales"}
            | {"ours": "10.10", "theirs": "10.11", "difference": "-0.01"}
        ],
    },
}


def test_a_status_survives_the_file(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    status = make_status(VALUES)
    write_status(project, status)

    assert read_status(project) == status
    found = read_status(project)
    assert found is not None
    assert found.reconciliation is not None
    assert found.reconciliation.differences[0].difference == Decimal("-0.01")


def test_the_file_holds_amounts_as_text_and_times_in_utc(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    write_status(project, make_status(VALUES))
    plain = json.loads(project.status_file.read_text(encoding="utf-8"))

    assert plain["reconciliation"]["differences"][0]["ours"] == "10.10"
    assert plain["last_run"]["started_at"] == "2026-11-15T23:30:00Z"
    assert plain == status_as_dict(make_status(VALUES))


def test_a_newer_engine_s_keys_are_passed_over(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    write_status(project, make_status(VALUES))
    plain = json.loads(project.status_file.read_text(encoding="utf-8")) | {"forecast": [1, 2]}
    project.status_file.write_text(json.dumps(plain), encoding="utf-8")

    assert read_status(project) == make_status(VALUES)


def test_before_the_first_run_there_is_none(tmp_path: Path) -> None:
    assert read_status(make_project(tmp_path / "shop")) is None


def test_a_damaged_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    project.status_file.parent.mkdir(parents=True)
    project.status_file.write_text('{"state": "excellent"}', encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        read_status(project)


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValidationError):
        make_status({"state": "excellent"})
