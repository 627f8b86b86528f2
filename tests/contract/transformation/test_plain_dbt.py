"""The merchant's own tools work in his folder as they stand: dbt and sqlfluff, without the engine's command."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import orjson
import pytest

from shopstack.project import Project
from tests.contract.transformation.conftest import Built, make_project
from tests.contract.transformation.held import CASES, MISTAKES
from tests.contract.transformation.test_figures import FIGURES

pytestmark = pytest.mark.xdist_group("builds")

PACKAGE = Path("packages/shopstack")
OF_MORE_THAN_A_FEW_ROWS = {
    "filter against itself",
    "no unique key",
    "lines left behind",
    "strict comparison of dates",
    "misspelt tests",
}
"""Mistakes of an increment, or of a file: no unit test can show them (`test_mutations` does)."""


@pytest.fixture(scope="module")
def plain(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with extracted data that the engine never built; its dbt folder."""
    project = make_project(tmp_path_factory.mktemp("plain"))
    project.warehouse.mkdir(parents=True)
    shutil.copy(built.project.database("raw"), project.database("raw"))
    return project.transformation


def run(tool: str, *arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The tool, as typed in ``folder`` by somebody called Ann, with nothing of the engine in the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOPSTACK_", "DBT_"))}
    environment = {**kept, "USER": "ann.b", "NO_COLOR": "1", **variables}
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def plainly_built(plain: Path) -> Path:
    """That project, after `dbt build` as an analyst types it; its dbt folder."""
    done = run("dbt", "build", "--vars", "{today: 2026-06-30}", folder=plain)
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout
    return plain


def test_dbt_build_makes_the_developers_own_database_and_leaves_prod_alone(
    plainly_built: Path, built: Built
) -> None:
    plain = plainly_built
    warehouse = plain.parent / "data" / "warehouse"
    assert {file.name for file in warehouse.iterdir()} == {"raw.duckdb", "dev_ann_b.duckdb"}
    own = Built(Project.open(plain.parent), built.report)
    query = "from reporting.daily_sales order by shop, date_day"
    assert own.rows(query, database="dev_ann_b") == built.rows(query)


def test_unit_tests_hold_every_case_and_the_mistakes_that_a_few_rows_can_show(plainly_built: Path) -> None:
    target = plainly_built / "target"
    declared = json.loads((target / "manifest.json").read_text())["unit_tests"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    ran = {one["unique_id"]: one["status"] for one in results if one["unique_id"] in declared}
    assert ran == dict.fromkeys(declared, "pass")
    shown: dict[str, set[str]] = {"case": set(), "mistake": set()}
    for one in declared.values():
        meta = one["config"]["meta"]
        for kind, names in shown.items():
            names.update(meta.get(kind, ()))
    assert shown == {"case": set(CASES), "mistake": set(MISTAKES) - OF_MORE_THAN_A_FEW_ROWS}


def test_every_case_has_a_figure_that_was_written_by_hand() -> None:
    named = [name for names in CASES.values() for name in names]
    assert not set(named) - set(FIGURES)


def test_dbt_deps_installs_elsewhere_and_never_empties_the_vendored_package(plain: Path) -> None:
    before = sorted(path for path in (plain / PACKAGE).rglob("*.sql"))
    done = run("dbt", "deps", folder=plain)
    assert done.returncode == 0, done.stdout
    assert sorted(path for path in (plain / PACKAGE).rglob("*.sql")) == before
    assert (plain / "dbt_packages" / "shopstack").exists()


def test_dbt_docs_know_every_table_and_every_column_of_it(built: Built, tmp_path: Path) -> None:
    shutil.copytree(built.project.root, tmp_path / "shop")
    folder = tmp_path / "shop" / "transformation"
    done = run("dbt", "docs", "generate", folder=folder, SHOPSTACK_TARGET="prod")
    assert done.returncode == 0, done.stdout
    catalog = orjson.loads((folder / "target" / "catalog.json").read_bytes())
    manifest = orjson.loads((folder / "target" / "manifest.json").read_bytes())
    described = manifest["sources"] | {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")
    }
    there = catalog["sources"] | catalog["nodes"]
    assert set(there) == set(described)
    for key, node in described.items():
        wrong = {column for column, told in node["columns"].items() if not told["description"].strip()}
        assert not wrong, (key, wrong)
        assert node["description"].strip(), key
        assert set(there[key]["columns"]) == set(node["columns"]), key


def test_dbt_source_freshness_tells_when_one_of_the_shops_was_not_read_for_days(
    built: Built, tmp_path: Path
) -> None:
    shutil.copytree(built.project.root, tmp_path / "shop")
    project = Project.open(tmp_path / "shop")
    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute("update _shopstack.cursors set cursor_at = now() at time zone 'UTC'")
        raw.execute("insert into _shopstack.cursors values ('gone.myshopify.com', 'orders', '2026-06-01', 1)")
    done = run("dbt", "source", "freshness", folder=project.transformation)
    assert done.returncode == 1, done.stdout
    assert "ERROR STALE freshness of shopstack.cursors" in done.stdout
    found = orjson.loads((project.transformation / "target" / "sources.json").read_bytes())["results"]
    assert [one["max_loaded_at"] for one in found] == ["2026-06-01T00:00:00+00:00"]

    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute("delete from _shopstack.cursors where shop = 'gone.myshopify.com'")
    done = run("dbt", "source", "freshness", folder=project.transformation)
    assert done.returncode == 0, done.stdout
    assert "PASS freshness of shopstack.cursors" in done.stdout


def test_sqlfluff_passes_on_what_the_merchant_owns_and_leaves_the_rest(plain: Path) -> None:
    marts = plain / "models" / "marts"
    (marts / "good_days.sql").write_text(
        "select date_day\nfrom {{ ref('daily_sales') }}\nwhere net_sales > 100\n"
    )
    (marts / "bad_days.sql").write_text("SELECT date_day from {{ ref('daily_sales') }}\n")
    done = run("sqlfluff", "lint", ".", folder=plain)
    (marts / "good_days.sql").unlink()
    (marts / "bad_days.sql").unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    found = [line for line in done.stdout.splitlines() if line.startswith("==")]
    assert [line for line in found if "FAIL" in line] == ["== [models/marts/bad_days.sql] FAIL"], found


def test_one_set_of_rules_for_the_merchants_sql_and_the_engines(plain: Path) -> None:
    rules = []
    for file in (plain / ".sqlfluff", plain / PACKAGE / ".sqlfluff"):
        parsed = configparser.ConfigParser()
        parsed.read(file)
        rules.append({name: dict(parsed[name]) for name in parsed.sections() if "templater" not in name})
    assert rules[0] == rules[1]
