"""A sweep's two questions to Shopify: which ids of a stream are there at all, and is this one really gone.

The list is a bulk operation over bare ids, proved complete like any window. A list alone never counts as a
deletion: every id that it lacks is asked for by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shopstack.errors import IncompleteError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries
from shopstack.shopify.bulk import BulkFailedError, run_bulk
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access
from shopstack.tables import Stream

READINGS = 3
"""How often a list is read before its proof is given up."""

CONFIRMED_AT_ONCE = 250
"""Ids in one question: the most that Shopify takes."""

CONFIRM = "query Confirm($ids: [ID!]!) { nodes(ids: $ids) { id } }"


@dataclass(frozen=True)
class ListedIds:
    """How a list of ids was read, and what Shopify counted around it."""

    query: str
    count_before: int | None
    count_after: int | None


def bare(stream: Stream) -> Stream:
    """The stream with nothing but its roots' ids and creation times, and without a window."""
    kept = tuple(one for one in stream.root.columns if one.name in {"id", "created_at"})
    return replace(stream, cursor="", tables=(replace(stream.root, columns=kept),))


async def list_ids(client: ShopifyClient, stream: Stream, access: Access, writer: WindowWriter) -> ListedIds:
    """Write the id of every root that Shopify shows, proved complete.

    Roots may be added and deleted meanwhile; the list must hold no fewer than either count allows.

    Raises:
        IncompleteError: it could not be proved. Everything that the client and `run_bulk` raise.
    """
    whole = bare(stream)
    query = queries.bulk_query(whole, access, whole.search)
    found = ""
    for reading in range(1, READINGS + 1):
        before = await _count(client, whole)
        writer.restart()
        try:
            await run_bulk(client, query, writer)
        except BulkFailedError:
            if reading == READINGS:
                raise
            continue
        after = await _count(client, whole)
        counts = [count for count in (before, after) if count is not None]
        if writer.roots >= min(counts, default=0):
            return ListedIds(query, before, after)
        found = f"Shopify counted {before} before, {writer.roots} came, and it counted {after} after"
    raise IncompleteError(
        f"The list of all {stream.name} could not be proved complete, so nothing was marked as deleted.",
        why=f"Read {READINGS} times; the last time {found}.",
        hint="shopstack extract --sweep (the list is read again)",
    )


async def _count(client: ShopifyClient, stream: Stream) -> int | None:
    if not stream.count_field:
        return None
    variables = {"search": stream.search} if stream.searched else None
    answer = await client.execute(queries.check_query(stream), variables)
    return int(answer.data["found"]["count"])


async def confirm_gone(client: ShopifyClient, ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the ids that Shopify answers with nothing."""
    gone: list[str] = []
    for start in range(0, len(ids), CONFIRMED_AT_ONCE):
        asked = ids[start : start + CONFIRMED_AT_ONCE]
        answer = await client.execute(CONFIRM, {"ids": list(asked)})
        there = {str(node["id"]) for node in answer.data["nodes"] if node}
        gone.extend(identifier for identifier in asked if identifier not in there)
    return tuple(gone)
