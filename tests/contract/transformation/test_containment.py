"""Tables of the merchant's own that fail: what dbt then leaves standing, and what may be published of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shopstack.errors import BuildError
from shopstack.project import Project
from shopstack.transformation.runner import build
from shopstack.transformation.verdict import require_sound_build
from tests.contract.transformation.conftest import TODAY, Built

pytestmark = pytest.mark.xdist_group("builds")


@pytest.fixture
def project(built: Built, tmp_path: Path) -> Project:
    """The built shop, to be changed."""
    shutil.copytree(built.project.root, tmp_path / "shop")
    return Project.open(tmp_path / "shop")


def write(project: Project, name: str, text: str) -> None:
    (project.transformation / "models" / "marts" / name).write_text(text)


def replace_stock(project: Project, name: str, sql: str) -> None:
    """Switch a stock mart off and write one of the same name, as the guide says."""
    file = project.transformation / "dbt_project.yml"
    switched_off = f"  shopstack:\n    reporting:\n      {name}:\n        +enabled: false\n"
    file.write_text(file.read_text() + switched_off)
    write(project, f"{name}.sql", sql)


def test_marts_of_the_merchants_own_that_fail_hold_back_themselves_and_what_is_made_from_them(
    project: Project,
) -> None:
    write(project, "broken.sql", "select no_such_column from {{ ref('stg_shops') }}")
    write(project, "after_broken.sql", "select * from {{ ref('broken') }}")
    write(project, "untrue.sql", "select shop from {{ ref('stg_shops') }}")
    write(project, "good.sql", "select shop from {{ ref('stg_shops') }}")
    write(
        project,
        "marts.yml",
        "models:\n  - name: untrue\n    columns:\n      - name: shop\n        data_tests:\n"
        "          - accepted_values:\n              arguments: {values: [x]}\n",
    )
    replace_stock(project, "product_performance", "select no_such_column from {{ ref('stg_shops') }}")

    report = build(project, today=TODAY, select=["broken+", "untrue+", "good", "product_performance+"])

    found = report.containment
    assert {one.table.removeprefix("reporting.") for one in found.held_back} == {
        "broken",
        "after_broken",
        "untrue",
        "product_performance",
    }
    assert report.exit_code == 1
    whys = " ".join(one.why for one in found.held_back)
    assert "no_such_column" in whys
    assert "A test of untrue failed: accepted_values_untrue_shop__x" in whys
    left = require_sound_build(project)
    assert [one.table for one in left.held_back] == [one.table for one in found.held_back]


def test_a_replaced_mart_that_the_proof_is_made_from_stops_publishing_when_it_fails(project: Project) -> None:
    replace_stock(project, "daily_sales", "select no_such_column from {{ ref('stg_shops') }}")
    with pytest.raises(BuildError, match="1 failure of your own: daily_sales") as caught:
        build(project, today=TODAY, select="daily_sales+")
    assert "reporting.reconciliation" in caught.value.why
    assert "models/marts/daily_sales.sql" in caught.value.hint
    with pytest.raises(BuildError, match="not published"):
        require_sound_build(project)
