"""What a build's complaints amount to."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.errors import TransientError
from shopstack.project import Project
from shopstack.transformation.judgement import BuildReport, FailedBuild, judge
from shopstack.transformation.results import Event


@pytest.mark.parametrize(
    ("complaint", "said", "hint"),
    [
        (
            'The file "{raw}" exists, but it is not a valid DuckDB database file!',
            "raw.duckdb is damaged.",
            "move that file away, then: shopstack extract --from-landing",
        ),
        (
            'IO Error: Could not read enough bytes from file "{raw}": attempted to read 262144 bytes',
            "raw.duckdb is damaged.",
            "move that file away, then: shopstack extract --from-landing",
        ),
        (
            "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3",
            "A database file is damaged.",
            "move {prod} away, then: shopstack build; if it says this again, raw.duckdb too",
        ),
    ],
)
def test_a_damaged_database_is_told_with_the_way_to_a_new_one(
    tmp_path: Path, complaint: str, said: str, hint: str
) -> None:
    (tmp_path / "shopstack.toml").touch()
    project = Project.open(tmp_path)
    places = {"raw": project.database("raw"), "prod": project.database("prod")}
    event = Event("error", "MainReportError", "", complaint.format(**places))
    with pytest.raises(FailedBuild) as caught:
        judge(project, BuildReport("prod", 1.0, (), tmp_path / "dbt.log"), [event])
    assert caught.value.message == said
    assert caught.value.hint.startswith(hint.format(**places))


def test_a_full_disk_is_no_failure_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "shopstack.toml").touch()
    event = Event("error", "MainReportError", "", "IO Error: Could not write file: No space left on device")
    with pytest.raises(TransientError, match="The disk is full") as caught:
        judge(Project.open(tmp_path), BuildReport("prod", 1.0, (), tmp_path / "dbt.log"), [event])
    assert caught.value.hint == "make room, then: shopstack build"
