"""A table of the merchant's own never takes the place of one of the engine's unless that is switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from shopstack.doctor import check_project
from shopstack.errors import ConfigurationError
from shopstack.project import Project
from shopstack.scaffold import create_project
from shopstack.transformation.namesakes import namesakes, require_no_namesakes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(
        tmp_path / "shop",
        address="biscuit.myshopify.com",
        credentials={"SHOPIFY_ACCESS_TOKEN": "shpat_0123456789abcdef"},
    )


def write(project: Project, name: str) -> None:
    (project.transformation / name).write_text("select 1 as one")


def switch(project: Project, switches: object) -> None:
    file = project.transformation / "dbt_project.yml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    said["models"]["shopstack"] = switches
    file.write_text(yaml.safe_dump(said))


@pytest.mark.parametrize("name", ["models/marts/dim_dates.sql", "models/dim_dates.py", "seeds/dim_dates.csv"])
def test_a_file_with_the_name_of_one_of_the_engines_tables_is_refused_with_both_ways_out(
    project: Project, name: str
) -> None:
    write(project, name)
    with pytest.raises(ConfigurationError) as caught:
        require_no_namesakes(project)
    said = f"transformation/{name} has the name of one of the engine's tables, dim_dates"
    assert caught.value.message == f"{said}."
    assert "below models > shopstack > serving > dim_dates: +enabled: false" in caught.value.hint
    assert "give the file another name" in caught.value.hint
    told = [one for one in check_project(project) if one.check == "your own tables"]
    assert [(one.state, one.message, one.exit_code) for one in told] == [("failed", said, 2)]


@pytest.mark.parametrize(
    "switches",
    [
        {"serving": {"dim_dates": {"+enabled": False}}},
        {"serving": {"dim_dates": {"enabled": False}}},
        {"serving": {"+enabled": False}},
        {"+enabled": False, "reporting": {"+enabled": True}},
        {"serving": {"dim_dates": {"+enabled": "{{ var('ours', false) }}"}}},
    ],
)
def test_one_that_is_switched_off_is_replaced(project: Project, switches: object) -> None:
    write(project, "models/marts/dim_dates.sql")
    switch(project, switches)
    require_no_namesakes(project)


@pytest.mark.parametrize(
    "switches",
    [
        {"serving": {"dim_dates": {"+enabled": True}}},
        {"+enabled": False, "serving": {"+enabled": True}},
        {"reporting": {"dim_dates": {"+enabled": False}}},
        {"serving": None},
        None,
    ],
)
def test_one_that_stays_on_is_not(project: Project, switches: object) -> None:
    write(project, "models/marts/dim_dates.sql")
    switch(project, switches)
    assert [one.own.name for one in namesakes(project)] == ["dim_dates.sql"]


def test_a_project_file_that_is_no_yaml_is_dbts_to_tell(project: Project) -> None:
    (project.transformation / "dbt_project.yml").write_text("models: [")
    assert namesakes(project) == ()
