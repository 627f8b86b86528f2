"""`shopstack doctor` on a warehouse that is not on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.doctor.snowflake import check_snowflake, check_snowflake_key
from shopstack.errors import EXIT_CREDENTIALS
from shopstack.project import Project
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_server import SnowflakeServer

pytestmark = pytest.mark.xdist_group("warehouse")


@pytest.fixture
def project(recorded: SnowflakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY", pem())
    (tmp_path / "shopstack.toml").write_text(
        '[warehouse]\ntype = "snowflake"\naccount = "simulated"\nuser = "SPOON_PIPELINE"\nrole = "SPOON_LOADER"\n'
        f'transformer_role = "SPOON_TRANSFORMER"\ndatabase_prefix = "{recorded.new_prefix()}"\n'
        f'server = "{recorded.address}"\n'
    )
    return Project.open(tmp_path)


def test_each_role_is_tried_in_its_own_database(project: Project) -> None:
    loading, building = check_snowflake(project)
    assert (loading.state, building.state) == ("ok", "ok")
    prefix = project.config.warehouse.database_prefix
    assert f"SPOON_LOADER works in {prefix}_RAW" in loading.message
    assert f"SPOON_TRANSFORMER works in {prefix}_PROD" in building.message


def test_what_snowflake_refuses_is_told_of_each_role(project: Project, recorded: SnowflakeServer) -> None:
    recorded.refuse_login(code="390189", message="Role 'X' specified in the connect string is not granted.")
    for found in check_snowflake(project):
        assert (found.state, found.exit_code) == ("failed", EXIT_CREDENTIALS)
        assert "grant role" in found.fix


def test_a_key_is_looked_at_without_the_network(
    project: Project, recorded: SnowflakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.logins.clear()
    (found,) = check_snowflake_key(project)
    assert found.state == "ok"
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY", "not a key at all")
    (refused,) = check_snowflake_key(project)
    assert "neither PEM nor DER" in refused.message
    assert recorded.logins == []
