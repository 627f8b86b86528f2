"""Loaded roots that still lack what Shopify works out of them later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import duckdb

from shopstack.suppression import REDACTED
from shopstack.tables import Awaited, Stream
from shopstack.warehouse import layout

MOST = 2500
"""Roots that one run asks after: where Shopify never works it out of some, that must not cost more every day."""


def waiting(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    awaited: Awaited,
    shop: str,
    *,
    since: datetime,
    besides: Collection[int],
    schema: str,
) -> tuple[str, ...]:
    """Their ids, the youngest first and no more than `MOST`: created ``since``, not deleted, of no load ``besides``."""
    key = layout.name(layout.root_key(stream).name)
    rows = connection.execute(
        f"select {key} from {schema}.{layout.name(stream.root.name)} "
        f"where _shop = $shop and not {layout.name(awaited.column)} and created_at >= $since "
        "and _deleted_at is null and not list_contains($besides, _load_id) "
        f"and split_part({key}, '/', 5) not like '{REDACTED}%' "
        f"order by created_at desc, {key} desc limit {MOST}",
        {"shop": shop, "since": since.astimezone(UTC).replace(tzinfo=None), "besides": list(besides)},
    )
    return tuple(identifier for (identifier,) in rows.fetchall())
