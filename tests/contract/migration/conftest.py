"""A hand-written raw database, and servers that take Snowflake's and S3's place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from shopstack.project import Project
from shopstack.secrets import SNOWFLAKE_KEY
from tests.contract.transformation import cases
from tests.contract.transformation.raw_shop import SHOP, RawShop
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_server import SnowflakeServer, snowflake_server
from tests.fakes.transactions import offences

REMEMBERED = f"""
create table _shopstack.asked (shop varchar, stream varchar, columns varchar[]);
insert into _shopstack.asked values ('{SHOP}', 'orders', ['orders.id', 'orders.name']);
insert into _shopstack.loads (load_id, shop, stream, method, landing, loaded_at)
    values (7, '{SHOP}', 'orders', 'bulk', '{SHOP}/orders/first', '2026-06-30 10:00:01');
"""


@pytest.fixture(scope="session")
def snowflake() -> Iterator[SnowflakeServer]:
    with snowflake_server() as server:
        yield server


@pytest.fixture
def server(snowflake: SnowflakeServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[SnowflakeServer]:
    """The server, and the key that it takes; what it was sent is held against Snowflake's rules of transactions."""
    monkeypatch.setenv(SNOWFLAKE_KEY, pem())
    snowflake.statements.clear()
    yield snowflake
    snowflake.forget_faults()
    assert offences(snowflake.statements) == []


WAREHOUSE = {"account": "simulated", "user": "LOADER", "role": "LOADER", "warehouse": "LOADING"}
"""What `[warehouse]` says of the account."""


def project_in(folder: Path, server: SnowflakeServer | None = None) -> Project:
    """A project without data, which knows the server where one is given."""
    lines = ["[shop]", f'address = "{SHOP}"', "[warehouse]"]
    if server is not None:
        known = {**WAREHOUSE, "database_prefix": server.new_prefix(), "server": server.address}
        lines += [f'{name} = "{value}"' for name, value in known.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shopstack.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Project.open(folder)


def fill(project: Project) -> Project:
    """Write every case of the facts into the project's raw database, and what the engine remembers of them."""
    raw = RawShop(project.warehouse)
    cases.write(raw)
    raw.close()
    with duckdb.connect(str(project.database("raw"))) as connection:
        connection.execute(REMEMBERED)
    return project
