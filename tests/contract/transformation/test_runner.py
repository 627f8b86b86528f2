"""How a build ends when something is in its way."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from shopstack.errors import BuildError, ConfigurationError, LockedError, UsageError
from shopstack.project import Project
from shopstack.transformation import runner
from shopstack.transformation.judgement import BuildReport
from shopstack.transformation.results import Event, NodeResult
from shopstack.transformation.runner import build, target_folder
from tests.contract.transformation.conftest import TODAY, Built, make_project
from tests.contract.transformation.raw_shop import RawShop

pytestmark = pytest.mark.xdist_group("builds")


@pytest.fixture(autouse=True)
def _started_as_a_run_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "subprocess", subprocess)


def test_a_build_leaves_its_log_its_manifest_and_no_open_file(built: Built) -> None:
    assert f" {built.report.models} models" in built.report.log.read_text()
    assert (target_folder(built.project) / "manifest.json").is_file()
    duckdb.connect(str(built.project.database("prod"))).close()


def test_the_report_counts_models_and_tests(built: Built) -> None:
    report = built.report
    assert report.models == len(list((built.project.transformation / "packages").rglob("models/*/*.sql")))
    assert report.tests["passed"] > 50
    assert "2 warned" in report.sentence
    assert report.as_dict()["tests"] == report.tests


def test_building_before_extracting_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to build from"):
        build(make_project(tmp_path))


def test_a_project_without_models_says_so(tmp_path: Path) -> None:
    (tmp_path / "shopstack.toml").write_text("")
    with pytest.raises(ConfigurationError, match="no dbt project"):
        build(Project.open(tmp_path))


def test_a_database_that_is_open_elsewhere_is_named(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.close()
    with (
        duckdb.connect(str(project.database("prod"))),
        pytest.raises(LockedError, match=r"prod\.duckdb") as caught,
    ):
        build(project, today=TODAY, select="stg_shops")
    assert "catalog.duckdb" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "next_command"), [("raw", "shopstack extract --from-landing"), ("prod", "shopstack build")]
)
def test_a_damaged_database_is_named_with_the_way_to_a_new_one(
    fresh: tuple[Project, RawShop], name: str, next_command: str
) -> None:
    project, raw = fresh
    raw.close()
    project.database(name).write_bytes(b"garbage" * 1000)
    with pytest.raises(BuildError, match=rf"{name}\.duckdb is damaged") as caught:
        build(project, today=TODAY, select="stg_shops")
    assert next_command in caught.value.hint


def test_a_model_that_cannot_be_built_is_named_with_the_databases_reason(
    fresh: tuple[Project, RawShop],
) -> None:
    project, raw = fresh
    raw.close()
    model = next(project.transformation.rglob("stg_shops.sql"))
    model.write_text("select no_such_column from {{ source('shopify', 'shops') }}")
    with pytest.raises(BuildError, match="1 model could not be built: stg_shops") as caught:
        build(project, today=TODAY, select="stg_shops")
    assert "no_such_column" in caught.value.why


def test_what_dbt_cannot_read_is_passed_on(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.close()
    (project.transformation / "models" / "marts" / "my_mart.sql").write_text("select {{ ref('nowhere') }}")
    with pytest.raises(BuildError, match="before it built anything") as caught:
        build(project, today=TODAY)
    assert "nowhere" in caught.value.why
    assert caught.value.hint.startswith("mend transformation/models/marts/my_mart.sql, then: shopstack build")


def test_a_description_of_a_model_that_there_is_not_builds_nothing(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.close()
    marts = project.transformation / "models" / "marts"
    (marts / "people.sql").write_text("select 'Ann' as contact")
    column = "columns: [{name: contact, meta: {personal: true}}]"
    (marts / "people.yml").write_text(f"models: [{{name: peple, {column}}}]")
    with pytest.raises(BuildError, match="before it built anything") as caught:
        build(project, today=TODAY)
    assert "'peple'" in caught.value.why
    assert caught.value.hint.startswith("mend transformation/models/marts/people.yml")


@pytest.mark.parametrize("enough", [2, 3])
def test_what_is_too_much_for_an_increment_is_built_anew_and_by_one_thread_if_need_be(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    root = Path(shutil.copytree(built.project.root, tmp_path / "shop"))
    (root / "shopstack.toml").write_text("[warehouse]\nthreads = 2\n")
    project = Project.open(root)
    failed = NodeResult(
        "fct_sales", "model", "failed", 1.0, None, "fct_sales", "Out of Memory Error: no block"
    )
    short_of_memory = replace(built.report, results=(failed,))
    asked: list[tuple[bool, int]] = []

    def attempt(
        _project: Project, command: list[str], *_: object, threads: int
    ) -> tuple[BuildReport, list[Event]]:
        asked.append(("--full-refresh" in command, threads))
        return (built.report if len(asked) == enough else short_of_memory), []

    monkeypatch.setattr(runner, "_attempt", attempt)
    assert build(project, today=TODAY) is built.report
    assert asked == [(False, 2), (True, 2), (True, 1)][:enough]


def test_too_little_memory_says_which_setting_to_raise(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.close()
    mart = project.transformation / "packages/shopstack/models/staging/stg_shops.sql"
    mart.write_text(
        "{{ config(materialized='table') }} select list(n) as n from range(200000000) as numbers(n)"
    )
    (project.root / "shopstack.toml").write_text('[warehouse]\nmemory_limit = "150MB"\n')
    with pytest.raises(BuildError) as caught:
        build(Project.open(project.root), today=TODAY, select="stg_shops")
    assert caught.value.hint.startswith(
        "raise [warehouse] memory_limit in shopstack.toml, then: shopstack build"
    )


def test_a_change_of_the_sql_or_another_raw_database_builds_everything_anew(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.open(Path(shutil.copytree(built.project.root, tmp_path / "shop")))
    asked: list[list[str]] = []

    def attempt(
        _project: Project, command: list[str], *_: object, threads: int
    ) -> tuple[BuildReport, list[Event]]:
        assert threads
        asked.append(command)
        return built.report, []

    monkeypatch.setattr(runner, "_attempt", attempt)
    build(project, today=TODAY)
    with (project.transformation / "packages/shopstack/macros/numbers.sql").open("a") as code:
        code.write("\n")
    build(project, today=TODAY)
    build(project, today=TODAY)
    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute("insert into _shopstack.loads (load_id) values (-5)")
    build(project, today=TODAY)
    assert ["--full-refresh" in command for command in asked] == [False, True, False, True]
