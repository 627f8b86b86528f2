"""The real shop behind the checks: the extraction's own client, asked one query at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from shopstack.config import Config, ShopConfig
from shopstack.secrets import Credentials
from shopstack.shopify.client import ClientSettings, ShopifyClient

ATTEMPTS = 3
"""A person waits for the answer: give up sooner than a run does."""


class LiveConnection:
    """A shop that answers over the network."""

    def __init__(self, client: ShopifyClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    @property
    def token_expires_at(self) -> datetime | None:
        """When the token in use expires (UTC); None for one that does not."""
        return self._client.auth.expires_at

    @property
    def api_version(self) -> str:
        """The version that answered last; before the first answer, the one asked for."""
        return self._client.api_version

    def ask(self, query: str) -> Mapping[str, Any]:
        """The ``data`` of the answer; raises what the client raises."""
        return self._runner.run(self._client.execute(query)).data


@contextmanager
def connect(config: Config, shop: ShopConfig, credentials: Credentials) -> Iterator[LiveConnection]:
    """A connection to a configured shop, closed afterwards. Nothing is sent before the first question."""
    settings = ClientSettings(
        address=shop.address,
        credentials=credentials,
        timeout_seconds=config.extract.timeout_seconds,
        attempts=min(ATTEMPTS, config.extract.attempts),
    )
    with asyncio.Runner() as runner:
        client = ShopifyClient(settings)
        try:
            yield LiveConnection(client, runner)
        finally:
            runner.run(client.__aexit__())
