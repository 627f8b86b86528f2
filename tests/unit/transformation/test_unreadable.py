"""The file that dbt could not read is named, whichever way dbt speaks of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.project import Project
from shopstack.transformation.judgement import BuildReport, FailedBuild, judge
from shopstack.transformation.results import Event
from shopstack.transformation.unreadable import own_file

MARTS = Path("transformation/models/marts")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "shopstack.toml").touch()
    (tmp_path / MARTS).mkdir(parents=True)
    for name in ("broken.sql", "circ_a.sql", "circ_b.sql", "people.yml"):
        (tmp_path / MARTS / name).touch()
    (tmp_path / "transformation/dbt_project.yml").touch()
    return Project.open(tmp_path)


@pytest.mark.parametrize(
    ("said", "file"),
    [
        (
            "Compilation Error\n  Model 'model.my_shop.broken' (models/marts/broken.sql) depends on a node named 'x'",
            "broken.sql",
        ),
        ("Compilation Error in model broken (models/marts/broken.sql)\n  unexpected '}'", "broken.sql"),
        ("Found a cycle: model.my_shop.circ_a --> model.my_shop.circ_b", "circ_a.sql"),
        ("Parsing Error\n  Error reading my_shop: marts/people.yml - Runtime Error", "people.yml"),
        (
            "Did not find matching node for patch with name 'peple' in the 'models' section of file 'models/marts/people.yml'",
            "people.yml",
        ),
    ],
)
def test_the_file_that_dbt_could_not_read_is_the_one_to_mend(project: Project, said: str, file: str) -> None:
    assert own_file(project, said) == MARTS / file
    event = Event("error", "MainEncounteredError", "", f"Encountered an error:\n{said}")
    with pytest.raises(FailedBuild) as caught:
        judge(project, BuildReport("prod", 1.0, (), project.root / "data/runs/dbt.log"), [event])
    assert caught.value.why == said
    assert caught.value.hint == (
        f"mend {(MARTS / file).as_posix()}, then: shopstack build (data/runs/dbt.log says more)"
    )


def test_a_file_of_the_package_is_nobodys_to_mend(project: Project) -> None:
    assert own_file(project, "Compilation Error in model stg_orders (models/staging/stg_orders.sql)") is None
