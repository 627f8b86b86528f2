"""Each test of the contract runs once for each engine; the recorder looks at every statement that Snowflake was sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.warehouse.engines import DuckDBEngine, Engine, SnowflakeEngine
from tests.fakes.snowflake_server import SnowflakeServer, snowflake_server
from tests.fakes.transactions import offences

ENGINES = ("duckdb", "snowflake")


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


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "duckdb":
        return DuckDBEngine()
    request.getfixturevalue("recorded")
    made: Engine = request.getfixturevalue("snowflake")
    return made
