"""`shopstack migrate`: what it says, and what it says next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    run = folder / "data" / "runs" / "20260630T100000Z-ab12.json"
    run.parent.mkdir(parents=True)
    run.write_bytes(b"{}")
    (folder / "shopstack.toml").write_text('[shop]\naddress = "treats.myshopify.com"\n', encoding="utf-8")
    return folder


def test_files_go_to_another_folder_and_the_next_step_is_told(
    project: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    target = tmp_path / "elsewhere"
    ran = shopstack("migrate", "--to", str(target), "--project", str(project), "--json")
    assert ran.code == 0, ran.err
    answer = ran.json()
    assert (answer["files"], answer["copied"], answer["size"]) == (1, 1, 2)
    assert answer["target"] == str(target)
    assert f'next: url = "{target}" in [storage] of shopstack.toml' in " ".join(ran.err.split())
    assert (target / "runs" / "20260630T100000Z-ab12.json").read_bytes() == b"{}"


@pytest.mark.parametrize(
    ("target", "said", "code"),
    [
        ("s3:/bucket", "is no place to move to", 2),
        ("gs://bucket/shop", "is no place to move to", 2),
        ("data", "already", 2),
        pytest.param(
            "/proc/shopstack",
            "No folder can be made there",
            2,
            marks=pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc"),
        ),
        ("snowflak", "The warehouse is called snowflake; a folder of this name is written ./snowflak", 2),
        ("DuckDB", "The warehouse is called duckdb", 2),
        ("snowflake", "It is not known which Snowflake account to use", 2),
        ("duckdb", "It is not known which Snowflake account to use", 2),
    ],
)
def test_what_cannot_be_moved_to_is_refused(
    project: Path, shopstack: CommandLine, target: str, said: str, code: int
) -> None:
    ran = shopstack("migrate", "--to", target, "--project", str(project))
    assert ran.code == code
    assert said in " ".join(ran.err.split())
    assert "Traceback" not in ran.err
    assert sorted(path.name for path in project.iterdir() if path.name != ".shopstack") == [
        "data",
        "shopstack.toml",
    ]


def test_a_folder_may_be_called_almost_like_a_warehouse(project: Path, shopstack: CommandLine) -> None:
    ran = shopstack("migrate", "--to", "./snowflakes", "--project", str(project), "--json")
    assert ran.code == 0, ran.err
    assert (project / "snowflakes" / "runs" / "20260630T100000Z-ab12.json").is_file()
