"""A new project: the blueprint byte for byte but for three files, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
import stat
import tomllib
from pathlib import Path

import orjson
import pytest

from shopstack import __version__, scaffold
from shopstack.errors import ConfigurationError, UsageError
from shopstack.installation import version_hint
from shopstack.scaffold import (
    BLUEPRINT,
    VENDORED,
    add_missing,
    create_project,
    env_text,
    files_below,
    follow_engine,
    read_origin,
    restore_vendored,
    vendored_changes,
    with_address,
)
from shopstack.secrets import StaticToken, read_credentials

ADDRESS = "biscuit.myshopify.com"
TOKEN = {"SHOPIFY_ACCESS_TOKEN": "shpat_0123456789abcdef"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return create_project(tmp_path / "my-shop", address=ADDRESS, credentials=TOKEN).root


def test_every_file_equals_the_blueprint_except_the_three_that_may_differ(project: Path) -> None:
    made = set(files_below(project))
    own = {Path(".env"), Path(".shopstack/origin.json")}
    assert made - own == set(files_below(BLUEPRINT))
    assert own <= made
    for relative in made - own - {Path("shopstack.toml")}:
        assert (project / relative).read_bytes() == (BLUEPRINT / relative).read_bytes(), relative


def test_the_configuration_differs_in_the_shop_section_alone(project: Path) -> None:
    ours = tomllib.loads((project / "shopstack.toml").read_text())
    blueprint = tomllib.loads((BLUEPRINT / "shopstack.toml").read_text())
    assert ours.pop("shop") == {"address": ADDRESS}
    blueprint.pop("shop")
    assert ours == blueprint
    lines = zip(
        (project / "shopstack.toml").read_text().splitlines(),
        (BLUEPRINT / "shopstack.toml").read_text().splitlines(),
        strict=True,
    )
    assert [ours for ours, theirs in lines if ours != theirs] == [f'address = "{ADDRESS}"']


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_the_credentials_are_readable_for_their_owner_alone_and_ignored_by_git(project: Path) -> None:
    assert stat.S_IMODE((project / ".env").stat().st_mode) == 0o600
    assert ".env" in (project / ".gitignore").read_text().splitlines()
    assert read_credentials(project, {**scaffold_environment(project)}) == StaticToken(
        TOKEN["SHOPIFY_ACCESS_TOKEN"]
    )


def scaffold_environment(project: Path) -> dict[str, str]:
    lines = (line for line in (project / ".env").read_text().splitlines() if "=" in line)
    return dict(line.split("=", 1) for line in lines)


def test_the_origin_names_the_engine_and_the_checksum_of_every_file(project: Path) -> None:
    origin = read_origin(project)
    assert origin.engine_version == __version__
    own = {".env", ".shopstack/origin.json"}
    assert set(origin.files) == {path.as_posix() for path in files_below(project)} - own
    assert vendored_changes(project, origin) == []


def test_what_is_missing_of_a_folder_is_added_and_nothing_else_is_touched(project: Path) -> None:
    edited, lost = project / "analysis" / "pyproject.toml", project / "analysis" / "explore.py"
    edited.write_text("# my own\n", encoding="utf-8")
    lost.unlink()
    assert add_missing(project, Path("analysis")) == [Path("analysis/explore.py")]
    assert lost.read_bytes() == (BLUEPRINT / "analysis" / "explore.py").read_bytes()
    assert edited.read_text(encoding="utf-8") == "# my own\n"
    assert add_missing(project, Path("analysis")) == []


def test_the_blueprint_pins_the_engine_that_ships_it() -> None:
    pins = [
        line for line in (BLUEPRINT / "requirements.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert pins == [f"shopstack=={__version__}"]


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        create_project(tmp_path, address=ADDRESS, credentials=TOKEN)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("already", [".git", ".venv", ".shopstack-draft-killed"])
def test_a_fresh_repository_counts_as_empty(tmp_path: Path, already: str) -> None:
    (tmp_path / already).mkdir()
    project = create_project(tmp_path, address=ADDRESS, credentials=TOKEN)
    assert (project.root / "shopstack.toml").is_file()
    assert [path.name for path in tmp_path.glob(".shopstack-draft-*") if path.name != already] == []


def test_a_failure_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scaffold, "write_private", disk_full)
    with pytest.raises(UsageError, match="could not be made") as problem:
        create_project(tmp_path / "my-shop", address=ADDRESS, credentials=TOKEN)
    assert "No space left" in problem.value.why
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_moving_into_an_existing_folder_leaves_it_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    real = Path.rename

    def fail_at_the_last(self: Path, target: Path) -> Path:
        if self.name == "transformation":
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fail_at_the_last)
    with pytest.raises(UsageError, match="could not be made"):
        create_project(tmp_path, address=ADDRESS, credentials=TOKEN)
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


@pytest.mark.parametrize("value", ["shpat_with blank", "shpat_'quoted'", "two\nlines", "$HOME"])
def test_a_value_that_is_no_credential_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="does not look like"):
        env_text({"SHOPIFY_ACCESS_TOKEN": value})


def test_only_the_shops_address_is_replaced() -> None:
    text = '[shop] # ours\naddress   = "old.myshopify.com"  # keep\n\n[dashboard]\nhost = "127.0.0.1"\n'
    assert with_address(text, "new.myshopify.com") == text.replace("old.", "new.")


def test_a_configuration_without_an_address_says_where_it_belongs() -> None:
    with pytest.raises(ConfigurationError, match="no address under"):
        with_address('[shop]\n\n[dashboard]\nhost = "127.0.0.1"\n', "new.myshopify.com")


class TestVendoredPackage:
    """The engine's own dbt files in the project."""

    def test_an_edited_a_missing_and_an_added_file_are_each_found(self, project: Path) -> None:
        folder = project / VENDORED
        (folder / "dbt_project.yml").write_text("name: mine\n")
        gone = next(path for path in files_below(folder) if path.name != "dbt_project.yml")
        (folder / gone).unlink()
        (folder / "models" / "mine.sql").write_text("select 1")
        found = {(change.path, change.kind) for change in vendored_changes(project, read_origin(project))}
        base = VENDORED.as_posix()
        assert found == {
            (f"{base}/dbt_project.yml", "edited"),
            (f"{base}/{gone.as_posix()}", "missing"),
            (f"{base}/models/mine.sql", "added"),
        }

    def test_what_tools_leave_behind_is_no_change(self, project: Path) -> None:
        (project / VENDORED / "target").mkdir()
        (project / VENDORED / "target" / "manifest.json").write_text("{}")
        assert vendored_changes(project, read_origin(project)) == []

    def test_restoring_puts_the_engines_files_back_and_keeps_added_ones(self, project: Path) -> None:
        folder = project / VENDORED
        (folder / "dbt_project.yml").write_text("name: mine\n")
        (folder / "mine.sql").write_text("select 1")
        mended = restore_vendored(project, read_origin(project))
        assert [change.path for change in mended] == [f"{VENDORED.as_posix()}/dbt_project.yml"]
        assert [change.kind for change in vendored_changes(project, read_origin(project))] == ["added"]

    def test_another_engines_files_cannot_be_restored(self, project: Path) -> None:
        origin = project / ".shopstack" / "origin.json"
        origin.write_bytes(orjson.dumps({**orjson.loads(origin.read_bytes()), "engine_version": "0.0.9"}))
        with pytest.raises(ConfigurationError, match=r"made by shopstack 0\.0\.9") as refused:
            restore_vendored(project, read_origin(project))
        assert version_hint("0.0.9") in refused.value.hint

    def test_a_damaged_origin_is_a_configuration_error(self, project: Path) -> None:
        (project / ".shopstack" / "origin.json").write_text("{")
        with pytest.raises(ConfigurationError, match="missing or damaged"):
            read_origin(project)


class TestFollowingTheEngine:
    """A project that was made from an older blueprint."""

    @pytest.fixture
    def older(self, project: Path) -> Path:
        """As if the blueprint had lacked a model, held another one, and worded two files differently."""
        origin = orjson.loads((project / ".shopstack" / "origin.json").read_bytes())
        old = {
            f"{VENDORED.as_posix()}/dbt_project.yml": b"older",
            f"{VENDORED.as_posix()}/models/dropped.sql": b"select 1",
            "README.md": b"older",
            "requirements.txt": b"shopstack==0.0.9",
        }
        for path, content in old.items():
            (project / path).write_bytes(content)
            origin["files"][path] = hashlib.sha256(content).hexdigest()
        (project / ".shopstack" / "origin.json").write_bytes(
            orjson.dumps({**origin, "engine_version": "0.0.9"})
        )
        return project

    def test_everything_that_nobody_edited_becomes_this_engines(self, older: Path) -> None:
        changed = follow_engine(older, read_origin(older))
        base = VENDORED.as_posix()
        assert changed == [
            "README.md",
            "requirements.txt",
            f"{base}/dbt_project.yml",
            f"{base}/models/dropped.sql",
        ]
        assert not (older / VENDORED / "models" / "dropped.sql").exists()
        assert read_origin(older).engine_version == __version__
        assert vendored_changes(older, read_origin(older)) == []
        assert (older / "README.md").read_bytes() == (BLUEPRINT / "README.md").read_bytes()

    def test_the_merchants_edits_and_configuration_survive_and_edits_of_the_engines_package_do_not(
        self, older: Path
    ) -> None:
        (older / "README.md").write_text("mine")
        (older / VENDORED / "dbt_project.yml").write_text("mine")
        follow_engine(older, read_origin(older))
        assert (older / "README.md").read_text() == "mine"
        assert "mine" not in (older / VENDORED / "dbt_project.yml").read_text()
        assert ADDRESS in (older / "shopstack.toml").read_text()

    def test_a_project_of_this_engine_stays_as_it_is(self, project: Path) -> None:
        before = (project / ".shopstack" / "origin.json").read_bytes()
        assert follow_engine(project, read_origin(project)) == []
        assert (project / ".shopstack" / "origin.json").read_bytes() == before
