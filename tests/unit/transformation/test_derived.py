"""What was made of the raw database on Snowflake: when a build may go on from it, and in what order it is removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.errors import UnreachableError
from shopstack.project import Project
from shopstack.transformation import derived
from shopstack.transformation import snowflake as on_snowflake

CONFIGURED = """
[shop]
address = "treats.myshopify.com"
[warehouse]
type = "snowflake"
account = "an-account"
user = "PIPELINE"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "shopstack.toml").write_text(CONFIGURED, encoding="utf-8")
    return Project.open(tmp_path)


def test_a_removal_that_snowflake_breaks_off_leaves_no_state_to_build_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = project.storage / "dbt" / "target"
    state.mkdir(parents=True)

    def gone(_project: Project, *, published: bool) -> list[str]:
        assert not published, "reporters keep what they have until new tables take its place"
        raise UnreachableError("Snowflake does not answer.", why="HTTP 503", hint="try again later")

    monkeypatch.setattr(derived, "drop_built", gone)
    with pytest.raises(UnreachableError):
        derived.remove_derived(project)
    assert not state.exists()


@pytest.mark.parametrize(("schema", "is_built"), [("SERVING", True), ("PUBLISHED", False)])
def test_a_build_goes_on_from_its_own_tables_and_not_from_copies(
    project: Project, monkeypatch: pytest.MonkeyPatch, schema: str, is_built: bool
) -> None:
    monkeypatch.setattr(on_snowflake, "built_tables", lambda _project: [(schema, "FCT_SALES", False)])
    assert on_snowflake.is_built(project) is is_built
