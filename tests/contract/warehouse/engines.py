"""The engines that the contract is held against, and how a test looks into their raw databases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import duckdb
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shopstack.project import Project
from shopstack.secrets import (
    SNOWFLAKE_KEY,
    SNOWFLAKE_KEY_PATH,
    SNOWFLAKE_PASSPHRASE,
    SnowflakeKey,
    read_snowflake_key,
)
from shopstack.shopify.streams import STREAMS
from shopstack.warehouse.base import Warehouse
from shopstack.warehouse.duckdb import DuckDBWarehouse
from shopstack.warehouse.snowflake import SnowflakeWarehouse
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, signed_in
from tests.fakes.snowflake_server import SnowflakeServer
from tests.unit.warehouse.landed import SHOP

PATIENCE = 1
"""Seconds for which the connector goes on asking a server that is gone."""

PRIVATE_KEY = rsa.generate_private_key(65537, 2048)


def pem(passphrase: str = "") -> str:
    """The key that these tests sign in with, as a file holds it."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return PRIVATE_KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


def project_in(folder: Path, warehouse: dict[str, str], environment: dict[str, str]) -> Project:
    """A new project with this in `[warehouse]` and in `.env`, and no credentials of a shop."""
    folder.mkdir()
    lines = ["[shop]", f'address = "{SHOP}"', "[warehouse]"]
    lines += [f'{name} = "{value}"' for name, value in warehouse.items()]
    (folder / "shopstack.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / ".env").write_text(
        "".join(f"{name}={value}\n" for name, value in environment.items() if value), encoding="utf-8"
    )
    return Project.open(folder)


def project_on(access: SnowflakeAccess, folder: Path) -> Project:
    """A new project with this raw database, and the key to it."""
    said = {
        "account": access.account,
        "user": access.user,
        "role": access.role,
        "warehouse": access.warehouse,
    }
    prefix = access.database.removesuffix("_RAW")
    key = {
        SNOWFLAKE_KEY: access.key.text.replace("\n", "\\n"),
        SNOWFLAKE_KEY_PATH: str(access.key.path.absolute()) if access.key.path else "",
        SNOWFLAKE_PASSPHRASE: access.key.passphrase,
    }
    return project_in(
        folder, {"type": "snowflake", **said, "database_prefix": prefix, "server": access.server}, key
    )


def copied_on(access: SnowflakeAccess, project: Project, folder: Path) -> Project:
    """A project with the files of another, and this raw database."""
    own = project_on(access, folder)
    if project.storage.is_dir():
        shutil.copytree(project.storage, own.storage)
    return own


class Engine(Protocol):
    """One of them."""

    def empty(self, folder: Path) -> Warehouse:
        """A warehouse whose database has nothing in it."""
        ...

    def prepared(self, folder: Path) -> Warehouse:
        """A warehouse with every table."""
        ...

    def project(self, folder: Path) -> Project:
        """A new project in a folder, whose raw database has nothing in it."""
        ...

    def copied(self, project: Project, folder: Path) -> Project:
        """A project in another folder, with a raw database of its own that holds the same."""
        ...

    def rows(self, warehouse: Any, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in its raw database."""
        ...

    def answers(self, warehouse: Any, queries: Iterable[str]) -> list[list[tuple[Any, ...]]]:
        """What each of some queries finds there."""
        ...


class DuckDBEngine:
    """A file in the test's folder."""

    def empty(self, folder: Path) -> DuckDBWarehouse:
        with duckdb.connect(str(folder / "raw.duckdb")) as killed_early:
            assert killed_early.execute("select 1").fetchone()
        return DuckDBWarehouse(folder / "raw.duckdb", memory_limit="500MB")

    def prepared(self, folder: Path) -> DuckDBWarehouse:
        made = DuckDBWarehouse(folder / "raw.duckdb", memory_limit="500MB")
        made.prepare(STREAMS)
        return made

    def project(self, folder: Path) -> Project:
        return project_in(folder, {"type": "duckdb", "memory_limit": "500MB"}, {})

    def copied(self, project: Project, folder: Path) -> Project:
        shutil.copytree(project.root, folder)
        return Project.open(folder)

    def rows(self, warehouse: DuckDBWarehouse, query: str) -> list[tuple[Any, ...]]:
        return self.answers(warehouse, [query])[0]

    def answers(self, warehouse: DuckDBWarehouse, queries: Iterable[str]) -> list[list[tuple[Any, ...]]]:
        with duckdb.connect(str(warehouse.file), read_only=True) as connection:
            return [connection.execute(query).fetchall() for query in queries]


class SnowflakeEngine:
    """A database of a server that takes Snowflake's place."""

    def __init__(self, server: SnowflakeServer) -> None:
        self.server = server
        self._prepared = ""

    def access(self, database: str) -> SnowflakeAccess:
        return SnowflakeAccess(
            account="simulated",
            user="LOADER",
            key=SnowflakeKey(pem()),
            role="LOADER",
            warehouse="LOADING",
            database=database,
            server=self.server.address,
            patience=PATIENCE,
        )

    def empty(self, folder: Path) -> SnowflakeWarehouse:
        return self._of(f"{self.server.new_prefix()}_RAW")

    def prepared(self, folder: Path) -> SnowflakeWarehouse:
        if not self._prepared:
            self._prepared = f"{self.server.new_prefix()}_RAW"
            self._of(self._prepared).prepare(STREAMS)
        own = f"{self.server.new_prefix()}_RAW"
        self.server.copy_database(self._prepared, own)
        return self._of(own)

    def project(self, folder: Path) -> Project:
        return project_on(self.prepared(folder).access, folder)

    def copied(self, project: Project, folder: Path) -> Project:
        own = f"{self.server.new_prefix()}_RAW"
        self.server.copy_database(SnowflakeAccess.to_load(project).database, own)
        return copied_on(self.access(own), project, folder)

    def rows(self, warehouse: SnowflakeWarehouse, query: str) -> list[tuple[Any, ...]]:
        return self.answers(warehouse, [query])[0]

    def answers(self, warehouse: SnowflakeWarehouse, queries: Iterable[str]) -> list[list[tuple[Any, ...]]]:
        with signed_in(warehouse.access) as session:
            return [session.rows(query) for query in queries]

    def _of(self, database: str) -> SnowflakeWarehouse:
        return SnowflakeWarehouse(self.access(database), memory_limit="500MB", sleep=lambda _seconds: None)


ACCOUNT = {
    "account": "SHOPSTACK_TEST_ACCOUNT",
    "user": "SHOPSTACK_TEST_USER",
    "role": "SHOPSTACK_TEST_ROLE",
    "warehouse": "SHOPSTACK_TEST_WAREHOUSE",
}
"""Variables that say which account of one's own the contract is held against; the key as everywhere else."""


class AccountEngine:
    """Databases of a Snowflake account, made for a test run and dropped at its end. The role may create databases."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {name: os.environ[variable] for name, variable in ACCOUNT.items()}
        self._made: list[str] = []
        self._prepared = ""

    @staticmethod
    def missing() -> list[str]:
        """The variables that are not set."""
        return [variable for variable in ACCOUNT.values() if not os.environ.get(variable)]

    def empty(self, folder: Path) -> SnowflakeWarehouse:
        return self._of(self._make(""))

    def prepared(self, folder: Path) -> SnowflakeWarehouse:
        if not self._prepared:
            self._prepared = self._make("")
            self._of(self._prepared).prepare(STREAMS)
        return self._of(self._make(f"clone {self._prepared}"))

    def project(self, folder: Path) -> Project:
        return project_on(self.prepared(folder).access, folder)

    def copied(self, project: Project, folder: Path) -> Project:
        own = self._make(f"clone {SnowflakeAccess.to_load(project).database}")
        return copied_on(self._access(own), project, folder)

    def rows(self, warehouse: SnowflakeWarehouse, query: str) -> list[tuple[Any, ...]]:
        return self.answers(warehouse, [query])[0]

    def answers(self, warehouse: SnowflakeWarehouse, queries: Iterable[str]) -> list[list[tuple[Any, ...]]]:
        with signed_in(warehouse.access) as session:
            return [session.rows(query) for query in queries]

    def drop(self) -> None:
        """Drop every database that was made."""
        for database in self._made:
            with signed_in(self._access(database)) as session:
                session.execute(f"drop database if exists {database}")

    def _make(self, source: str) -> str:
        database = f"SHOPSTACK_TEST_{uuid4().hex[:10].upper()}_RAW"
        with signed_in(self._access(database)) as session:
            session.execute(f"create transient database {database} {source} data_retention_time_in_days = 0")
        self._made.append(database)
        return database

    def _of(self, database: str) -> SnowflakeWarehouse:
        return SnowflakeWarehouse(self._access(database), memory_limit="500MB")

    def _access(self, database: str) -> SnowflakeAccess:
        return SnowflakeAccess(key=read_snowflake_key(Path()), database=database, **self._known)
