"""From Shopify to the raw database: every stream read, landed, proved complete, and loaded.

The one place where `shopify/` and `warehouse/` meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from shopstack.config import ShopConfig
from shopstack.extract.deletions import SweepReport
from shopstack.extract.deletions import sweep as sweep_streams
from shopstack.extract.every_shop import EveryShop, ShopFailure, Taken, every_shop, refuse_same
from shopstack.extract.extraction import Extraction
from shopstack.extract.observer import Observer, Silent
from shopstack.extract.rebuilding import rebuild
from shopstack.extract.replay import RebuildReport
from shopstack.extract.reports import ExtractReport, Plan, PlannedStream, StreamReport
from shopstack.project import Project
from shopstack.secrets import Credentials
from shopstack.shopify.access import identify
from shopstack.shopify.client import ClientSettings, ShopifyClient
from shopstack.shopify.clock import Clock
from shopstack.warehouse.base import Warehouse
from shopstack.warehouse.duckdb import DuckDBWarehouse
from shopstack.warehouse.snowflake import SnowflakeWarehouse
from shopstack.warehouse.snowflake_connection import SnowflakeAccess

__all__ = [
    "EveryShop",
    "ExtractReport",
    "Observer",
    "Plan",
    "PlannedStream",
    "RebuildReport",
    "ShopFailure",
    "Silent",
    "StreamReport",
    "SweepReport",
    "every_shop",
    "extract",
    "plan",
    "raw_warehouse",
    "rebuild",
    "sweep",
]


def _client(
    project: Project,
    shop: ShopConfig | None,
    credentials: Credentials,
    clock: Clock | None,
    warn: Callable[[str], None],
) -> ShopifyClient:
    settings = ClientSettings(
        address=(shop or project.config.shop).address,
        credentials=credentials,
        timeout_seconds=project.config.extract.timeout_seconds,
        attempts=project.config.extract.attempts,
    )
    return ShopifyClient(settings, clock=clock, warn=warn)


def raw_warehouse(project: Project) -> Warehouse:
    """The warehouse of the project's raw tables.

    Raises:
        CredentialsError: it is on Snowflake, and no private key is set.
    """
    config = project.config.warehouse
    if config.type == "snowflake":
        return SnowflakeWarehouse(SnowflakeAccess.to_load(project), memory_limit=config.memory_limit)
    return DuckDBWarehouse(project.database("raw"), memory_limit=config.memory_limit)


def extract(
    project: Project,
    credentials: Credentials,
    *,
    shop: ShopConfig | None = None,
    taken: Taken | None = None,
    observer: Observer | None = None,
    clock: Clock | None = None,
) -> ExtractReport:
    """Read what is new in a shop and load it. The caller holds the project's run lock.

    Args:
        project: which is read into.
        credentials: of the shop.
        shop: which one; None: the project's first.
        taken: shops of this run that have answered already; the same one is not read a second time.
        observer: who is told how it goes.
        clock: what time it is.

    Raises:
        ConfigurationError: the shop is one of ``taken``.
        CredentialsError: the token is refused. MissingScopeError: a required stream may not be read.
        UnreachableError: no answer after bounded retries. IncompleteError: a window could not be proved.
    """
    watcher, warehouse = observer or Silent(), raw_warehouse(project)

    async def work() -> ExtractReport:
        async with _client(
            project, shop, credentials, clock, lambda said: watcher.warned(said, "")
        ) as client:
            if taken:
                refuse_same((await identify(client)).domain, shop or project.config.shop, taken)
            return await Extraction(project, client, warehouse, watcher).run()

    report = asyncio.run(work())
    address = (shop or project.config.shop).address
    warehouse.note_shop(report.shop, address, read_at=clock.now() if clock else datetime.now(UTC))
    return report


def sweep(
    project: Project,
    credentials: Credentials,
    *,
    shop: ShopConfig | None = None,
    accept: int | None = None,
    observer: Observer | None = None,
    clock: Clock | None = None,
) -> SweepReport:
    """Mark what was deleted in a shop (None: the project's first). The caller holds the project's run lock.

    Raises:
        DataError: the sweep cannot be trusted, and nothing was marked (``accept`` so many deletions to go on).
        CredentialsError, UnreachableError: as `extract`.
    """
    watcher = observer or Silent()

    async def work() -> SweepReport:
        async with _client(
            project, shop, credentials, clock, lambda said: watcher.warned(said, "")
        ) as client:
            return await sweep_streams(project, client, raw_warehouse(project), accept=accept)

    return asyncio.run(work())


def plan(
    project: Project,
    credentials: Credentials,
    *,
    shop: ShopConfig | None = None,
    taken: Taken | None = None,
    clock: Clock | None = None,
) -> Plan:
    """What `extract` would read of a shop now; nothing is changed.

    Raises:
        CredentialsError, MissingScopeError, UnreachableError: as `extract`.
    """

    async def work() -> Plan:
        async with _client(project, shop, credentials, clock, lambda _said: None) as client:
            if taken:
                refuse_same((await identify(client)).domain, shop or project.config.shop, taken)
            return await Extraction(project, client, raw_warehouse(project), Silent()).plan()

    return asyncio.run(work())
