"""Each test of the contract runs once for each engine; the recorder looks at every statement that Snowflake was sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.warehouse.engines import AccountEngine, DuckDBEngine, Engine, SnowflakeEngine
from tests.fakes.snowflake_server import SnowflakeServer, snowflake_server
from tests.fakes.transactions import offences

ENGINES = ("duckdb", "snowflake", pytest.param("account", marks=pytest.mark.account))


@pytest.fixture(scope="session")
def snowflake() -> Iterator[SnowflakeEngine]:
    with snowflake_server() as server:
        yield SnowflakeEngine(server)


@pytest.fixture
def recorded(snowflake: SnowflakeEngine) -> Iterator[SnowflakeServer]:
    """The server, whose statements of this test are looked through at its end."""
    snowflake.server.statements.clear()
    snowflake.server.logins.clear()
    yield snowflake.server
    snowflake.server.forget_faults()
    assert offences(snowflake.server.statements) == []


@pytest.fixture(scope="session")
def account() -> Iterator[AccountEngine]:
    """A Snowflake account of one's own (`make test-snowflake`)."""
    if missing := AccountEngine.missing():
        pytest.skip(f"no Snowflake account to try: {', '.join(missing)} not set (CONTRIBUTING.md says how)")
    engine = AccountEngine()
    yield engine
    engine.drop()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "duckdb":
        return DuckDBEngine()
    if request.param == "account":
        own: Engine = request.getfixturevalue("account")
        return own
    request.getfixturevalue("recorded")
    made: Engine = request.getfixturevalue("snowflake")
    return made
