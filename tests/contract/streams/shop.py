"""A simulated shop on a loopback port with a project that reads it, and what its raw tables hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from shopstack.extract import ExtractReport, extract
from shopstack.project import Project
from shopstack.secrets import ClientCredentials, Credentials
from shopstack.shopify.streams import STREAMS, needed_scopes, on_request
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.server.settings import DEFAULT_SCOPES
from shopstack.simulator.store import Store

DEFAULTS = ServerSettings(scopes=DEFAULT_SCOPES | frozenset(needed_scopes(on_request())), restore_rate=2000)
"""Points come back so fast that nobody waits for them in real time; what waiting does is tried on virtual clocks."""
CREDENTIALS = ClientCredentials(DEFAULTS.client_id, DEFAULTS.client_secret)
FAST = f"[extract]\ntimeout_seconds = 5\nattempts = 4\ninclude = {list(on_request())}\n"
"""Everything is read, what is on request too."""

Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Shop:
    """A served store, and a project in a folder of its own."""

    server: RunningServer
    project: Project

    def extract(self, credentials: Credentials = CREDENTIALS) -> ExtractReport:
        return extract(self.project, credentials)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.project.database("raw")), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def tables(self, *, as_of_a_change: bool = True) -> Tables:
        """Every row of every raw table, without what differs from load to load.

        ``as_of_a_change``: with the costs that variants had when their product last changed. A new cost alone changes
        no product, so that a shop that was read before and after it may know more of it than one that is read once.
        """
        left_out = {"product_variants": ("unit_cost",)} if not as_of_a_change else {}
        with duckdb.connect(str(self.project.database("raw")), read_only=True) as connection:
            return {
                table.name: connection.execute(
                    f"select * exclude ({', '.join(('_load_id', '_loaded_at', *left_out.get(table.name, ())))}) "
                    f"from shopify.{table.name} order by all"
                ).fetchall()
                for stream in STREAMS
                for table in stream.tables
            }

    def observations(self) -> Tables:
        """Every row that was observed, whichever load noted it."""
        return {
            table.observations: self.rows(
                f"select * exclude (_load_id) from shopify.{table.observations} order by all"
            )
            for stream in STREAMS
            for table in stream.observed
        }


def differing(found: Tables, wanted: Tables) -> dict[str, tuple[list[Any], list[Any]]]:
    """Tables whose rows are not the same: what is there and should not be, and what is missing."""
    assert found.keys() == wanted.keys()
    return {
        name: (
            [row for row in found[name] if row not in wanted[name]][:3],
            [row for row in wanted[name] if row not in found[name]][:3],
        )
        for name in wanted
        if found[name] != wanted[name]
    }


def make_project(folder: Path, address: str, more: str = FAST) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shopstack.toml").write_text(f'[shop]\naddress = "{address}"\n{more}', encoding="utf-8")
    return Project.open(folder)


@contextmanager
def served(
    store: Store, folder: Path, settings: ServerSettings = DEFAULTS, more: str = FAST
) -> Iterator[Shop]:
    """The store behind a server, and a fresh project for it."""
    with serve(store, settings=settings) as server:
        yield Shop(server, make_project(folder, server.url, more))
