"""What is checked without the network: credentials, their file, the engine's version, the vendored package."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path

import orjson
import pytest

from shopstack.doctor import check_machine, check_project, worst_exit_code
from shopstack.doctor.findings import Finding, failure, ok
from shopstack.errors import BuildError, ConfigurationError, CredentialsError, UnreachableError
from shopstack.project import Project
from shopstack.scaffold import VENDORED, create_project

TOKEN = {"SHOPIFY_ACCESS_TOKEN": "shpat_0123456789abcdef"}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("SHOPIFY_ACCESS_TOKEN", "SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return create_project(tmp_path / "shop", address="biscuit.myshopify.com", credentials=TOKEN)


def found(project: Project) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_project(project)}


def test_a_new_project_is_in_order(project: Project) -> None:
    findings = check_project(project)
    assert [(one.check, one.state) for one in findings] == [
        ("configuration", "ok"),
        ("credentials", "ok"),
        ("secrets file", "ok"),
        ("engine", "ok"),
        ("engine's dbt package", "ok"),
        ("what you filled in", "ok"),
    ]
    assert worst_exit_code(findings) == 0
    assert TOKEN["SHOPIFY_ACCESS_TOKEN"] not in str([one.as_dict() for one in findings])


def test_a_configuration_that_nobody_filled_in_is_said(project: Project) -> None:
    (project.root / "shopstack.toml").write_text("")
    finding = found(Project.open(project.root))["configuration"]
    assert (finding.state, finding.exit_code) == ("warning", 0)
    assert "still the example's, my-shop.myshopify.com" in finding.message
    assert "under [shop]" in finding.fix


def test_an_edited_vendored_file_is_reported_with_its_path_and_its_fix(project: Project) -> None:
    (project.root / VENDORED / "dbt_project.yml").write_text("name: mine\n")
    finding = found(project)["engine's dbt package"]
    assert finding.state == "failed"
    assert f"{VENDORED.as_posix()}/dbt_project.yml was edited" in finding.message
    assert "shopstack check --restore" in finding.fix
    assert finding.exit_code == 2


def test_another_engine_than_the_one_that_made_the_project_is_said(project: Project) -> None:
    origin = project.state / "origin.json"
    origin.write_bytes(orjson.dumps({**orjson.loads(origin.read_bytes()), "engine_version": "0.0.9"}))
    finding = found(project)["engine"]
    assert finding.state == "warning"
    assert "0.0.9" in finding.message


def test_a_project_without_its_origin_fails_once(project: Project) -> None:
    (project.state / "origin.json").unlink()
    findings = check_project(project)
    assert [one.check for one in findings if one.state == "failed"] == ["engine"]
    assert worst_exit_code(findings) == 2


def test_missing_credentials_only_warn_where_nothing_is_asked_of_the_shop(project: Project) -> None:
    (project.root / ".env").unlink()
    finding = found(project)["credentials"]
    assert finding.state == "warning"
    assert ".env" in finding.fix


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_credentials_that_others_can_read_are_said(project: Project) -> None:
    (project.root / ".env").chmod(0o644)
    finding = found(project)["secrets file"]
    assert finding.state == "warning"
    assert finding.fix.startswith("chmod 600 ")


def test_credentials_that_git_would_take_are_said(project: Project) -> None:
    (project.root / ".gitignore").write_text("/data/\n")
    assert found(project)["secrets file"].state == "warning"


def test_a_full_disk_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10**8))
    disk = {finding.check: finding for finding in check_machine(project)}["disk"]
    assert (disk.state, disk.message) == ("warning", "0.1 GB free")


def test_the_versions_of_all_that_computes_are_shown(project: Project) -> None:
    shown = {finding.check: finding for finding in check_machine(project)}["versions"].message
    assert all(name in shown for name in ("shopstack", "Python", "duckdb", "dbt-core", "dbt-duckdb"))


def test_the_gravest_failure_decides_the_exit_code() -> None:
    transient = failure("shop", UnreachableError("no answer"))
    usage = failure("engine", ConfigurationError("edited"))
    credentials = failure("token", CredentialsError("refused"))
    data = failure("models", BuildError("failed"))
    assert worst_exit_code([ok("disk", "fine")]) == 0
    assert worst_exit_code([data]) == 1
    assert worst_exit_code([data, transient]) == 4
    assert worst_exit_code([data, transient, usage]) == 2
    assert worst_exit_code([usage, data, credentials, transient]) == 3
