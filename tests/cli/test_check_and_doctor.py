"""`check` and `doctor`: one line a check, its fix below, the gravest failure as exit code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shopstack.project import Project
from shopstack.scaffold import VENDORED, create_project
from shopstack.simulator.server import serve
from shopstack.simulator.store import Store
from tests.cli.conftest import SETTINGS, TOKEN, CommandLine


def test_a_new_project_passes_check_without_the_network(shopstack: CommandLine, tmp_path: Path) -> None:
    create_project(
        tmp_path / "shop", address="http://127.0.0.1:9", credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN}
    )
    ran = shopstack("--project", "shop", "check")
    assert ran.code == 0
    assert all(line.startswith("ok ") for line in ran.out.splitlines())


def test_an_edited_vendored_file_fails_check_until_it_is_restored(
    shopstack: CommandLine, project: Project
) -> None:
    edited = project.root / VENDORED / "dbt_project.yml"
    original = edited.read_bytes()
    edited.write_text("name: mine\n")
    ran = shopstack("--project", "shop", "check")
    assert ran.code == 2
    assert f"{VENDORED.as_posix()}/dbt_project.yml was edited" in ran.out
    assert "fix: shopstack check --restore" in ran.out

    restored = shopstack("--project", "shop", "check", "--restore")
    assert restored.code == 0
    assert f"restored {VENDORED.as_posix()}/dbt_project.yml" in restored.err
    assert edited.read_bytes() == original


def test_check_refuses_a_project_for_a_machine_whose_disk_ends(
    shopstack: CommandLine, project: Project
) -> None:
    assert project.config.warehouse.type == "duckdb"
    ran = shopstack("--project", "shop", "check", "--without-disk")
    assert ran.code == 2
    assert "FAIL  warehouse's disk" in ran.out
    assert 'fix: [warehouse] type = "snowflake"' in ran.out
    assert "FAIL  files' disk" in ran.out


def test_check_answers_in_json(shopstack: CommandLine, project: Project) -> None:
    (project.root / VENDORED / "dbt_project.yml").unlink()
    ran = shopstack("--project", "shop", "check", "--json")
    assert ran.code == ran.json()["exit_code"] == 2
    (failed,) = [one for one in ran.json()["checks"] if one["state"] == "failed"]
    assert "is missing" in failed["message"]


def test_doctor_asks_the_shop_and_finds_everything_in_order(shopstack: CommandLine, project: Project) -> None:
    ran = shopstack("--project", "shop", "doctor", "--json")
    assert ran.code == 0
    found = {one["check"]: one for one in ran.json()["checks"]}
    assert {one["state"] for one in found.values()} == {"ok"}
    assert found["timezone and currency"]["message"] == "a day is a day in America/New_York; money is USD"
    assert {
        "token",
        "scopes",
        "older orders",
        "city and province",
        "Shopify's report",
        "disk",
        "versions",
    } <= set(found)


def test_doctor_says_which_token_is_refused_and_how_to_renew_it(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", "shpat_wrong_0123456789")
    ran = shopstack("--project", "shop", "doctor")
    assert ran.code == 3
    assert "FAIL  token" in ran.out
    assert "SHOPIFY_ACCESS_TOKEN" in ran.out
    assert "fix: " in ran.out
    assert "shpat_wrong" not in ran.out + ran.err


def test_doctor_without_credentials_says_so_and_still_checks_the_rest(
    shopstack: CommandLine, project: Project
) -> None:
    (project.root / ".env").unlink()
    ran = shopstack("--project", "shop", "doctor")
    assert ran.code == 3
    assert "no credentials" in ran.out
    assert "versions" in ran.out


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ("read_products", (3, "FAIL  scopes")),
        ("read_reports", (0, "warn  Shopify's report")),
        ("read_all_orders", (0, "warn  older orders")),
    ],
)
def test_doctor_tells_what_a_missing_scope_costs(
    shopstack: CommandLine, small_store: Store, tmp_path: Path, without: str, expected: tuple[int, str]
) -> None:
    settings = replace(SETTINGS, scopes=SETTINGS.scopes - {without})
    with serve(small_store, settings=settings) as limited:
        create_project(tmp_path / "shop", address=limited.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN})
        ran = shopstack("--project", "shop", "doctor")
    assert ran.code == expected[0]
    assert expected[1] in ran.out
    assert without in ran.out


def test_doctor_tells_hidden_places_and_a_closed_report_apart_from_scopes(
    shopstack: CommandLine, small_store: Store, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, protected_data=False, regions_without_protected_data=False)
    with serve(small_store, settings=settings) as limited:
        create_project(tmp_path / "shop", address=limited.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN})
        ran = shopstack("--project", "shop", "doctor", "--json")
    states = {one["check"]: one["state"] for one in ran.json()["checks"]}
    assert states["scopes"] == "ok"
    assert states["city and province"] == "warning"
    assert states["Shopify's report"] == "warning"
    assert ran.code == 0
