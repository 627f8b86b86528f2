"""From Shopify to the raw database: every stream read, landed, proved complete, and loaded.

The one place where `shopify/` and `warehouse/` meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from shopstack.extract.deletions import SweepReport
from shopstack.extract.deletions import sweep as sweep_streams
from shopstack.extract.extraction import Extraction
from shopstack.extract.observer import Observer, Silent
from shopstack.extract.reports import ExtractReport, Plan, PlannedStream, StreamReport
from shopstack.project import Project
from shopstack.secrets import Credentials
from shopstack.shopify.client import ClientSettings, ShopifyClient
from shopstack.shopify.clock import Clock
from shopstack.warehouse.base import Warehouse
from shopstack.warehouse.duckdb import DuckDBWarehouse

__all__ = [
    "ExtractReport",
    "Observer",
    "Plan",
    "PlannedStream",
    "Silent",
    "StreamReport",
    "SweepReport",
    "extract",
    "plan",
    "raw_warehouse",
    "sweep",
]


def _client(
    project: Project, credentials: Credentials, clock: Clock | None, warn: Callable[[str], None]
) -> ShopifyClient:
    settings = ClientSettings(
        address=project.config.shop.address,
        credentials=credentials,
        timeout_seconds=project.config.extract.timeout_seconds,
        attempts=project.config.extract.attempts,
    )
    return ShopifyClient(settings, clock=clock, warn=warn)


def raw_warehouse(project: Project) -> Warehouse:
    """The warehouse of the project's raw tables."""
    settings = project.config.warehouse
    return DuckDBWarehouse(
        project.database("raw"), memory_limit=settings.memory_limit, threads=settings.threads
    )


def extract(
    project: Project,
    credentials: Credentials,
    *,
    observer: Observer | None = None,
    clock: Clock | None = None,
) -> ExtractReport:
    """Read what is new in the shop and load it. The caller holds the project's run lock.

    Raises:
        CredentialsError: the token is refused. MissingScopeError: a required stream may not be read.
        UnreachableError: no answer after bounded retries. IncompleteError: a window could not be proved.
    """
    watcher = observer or Silent()

    async def work() -> ExtractReport:
        async with _client(project, credentials, clock, lambda said: watcher.warned(said, "")) as client:
            return await Extraction(project, client, raw_warehouse(project), watcher).run()

    return asyncio.run(work())


def sweep(
    project: Project,
    credentials: Credentials,
    *,
    accept: int | None = None,
    observer: Observer | None = None,
    clock: Clock | None = None,
) -> SweepReport:
    """Mark what was deleted at Shopify. The caller holds the project's run lock.

    Raises:
        DataError: the sweep cannot be trusted, and nothing was marked (``accept`` so many deletions to go on).
        CredentialsError, UnreachableError: as `extract`.
    """
    watcher = observer or Silent()

    async def work() -> SweepReport:
        async with _client(project, credentials, clock, lambda said: watcher.warned(said, "")) as client:
            return await sweep_streams(project, client, raw_warehouse(project), accept=accept)

    return asyncio.run(work())


def plan(project: Project, credentials: Credentials, *, clock: Clock | None = None) -> Plan:
    """What `extract` would read now; nothing is changed.

    Raises:
        CredentialsError, MissingScopeError, UnreachableError: as `extract`.
    """

    async def work() -> Plan:
        async with _client(project, credentials, clock, lambda _said: None) as client:
            return await Extraction(project, client, raw_warehouse(project), Silent()).plan()

    return asyncio.run(work())
