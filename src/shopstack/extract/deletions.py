"""Deletions at Shopify: the raw tables held against a list of every id that is still there.

Nothing announces a deletion, so that only a row's absence tells. A row is marked, never removed, and only when it
is absent from a list that is proved complete and Shopify, asked for it by its id, has nothing either. Whatever
makes many rows look deleted at once (a scope that was lost, above all) stops the sweep before anything is marked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shopstack.errors import DataError, MissingScopeError
from shopstack.landing import Window
from shopstack.landing_writer import WindowWriter
from shopstack.project import Project
from shopstack.shopify.access import ALL_ORDERS, ALL_ORDERS_HINT, identify, skip_reason
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import ORDERS, STREAMS
from shopstack.shopify.sweep import ListedIds, confirm_gone, list_ids
from shopstack.tables import Stream
from shopstack.warehouse.base import Listing, StreamProgress, Warehouse

FEW = 10
"""So many deletions in one stream are believed, however small the shop is."""

SHARE = 0.005
"""And so large a part of a stream."""


WEEK = timedelta(days=7)


class LimitedSightError(DataError):
    """The app never saw all orders, so that no sweep can tell what was deleted."""


@dataclass(frozen=True)
class SweptStream:
    """What a sweep found of one stream."""

    stream: str
    known: int
    """Roots loaded and not marked before."""
    listed: int
    """Roots that Shopify lists."""
    deleted: int
    restored: int
    """Roots once marked that are there again."""


@dataclass(frozen=True)
class SweepReport:
    """What a sweep found and marked."""

    shop: str
    streams: tuple[SweptStream, ...]

    @property
    def sentence(self) -> str:
        """One line for a person."""
        found = [
            f"{one.deleted:,} {one.stream} deleted" + (f", {one.restored:,} back" if one.restored else "")
            for one in self.streams
            if one.deleted or one.restored
        ]
        return "; ".join(found) or "nothing was deleted"

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class _Found:
    """One stream, listed and compared; nothing of it is marked yet."""

    stream: Stream
    writer: WindowWriter
    listed: ListedIds
    compared: Listing
    gone: tuple[str, ...]

    @property
    def believed(self) -> int:
        """How many deletions are believed without being accepted."""
        return max(FEW, int(self.compared.known * SHARE))


def is_due(project: Project, warehouse: Warehouse, shop: str, *, now: datetime) -> bool:
    """Whether the schedule asks for a sweep of a shop."""
    if project.config.extract.sweep == "never":
        return False
    last = warehouse.last_swept(shop)
    return last is not None and now - last >= WEEK


async def sweep(
    project: Project, client: ShopifyClient, warehouse: Warehouse, *, accept: int | None = None
) -> SweepReport:
    """Mark what was deleted at Shopify, in every stream that was loaded; ``accept`` so many, even if they look wrong.

    An optional stream that Shopify does not let us list any more is left as it is.

    Raises:
        DataError: the sweep cannot be trusted; nothing is marked. Everything that the client raises.
    """
    identity = await identify(client)
    access = Access(identity.scopes, project.config.privacy.personal_data)
    done = await asyncio.to_thread(warehouse.progress, identity.domain)
    _require_all_orders(access, done)
    await asyncio.to_thread(warehouse.prepare, STREAMS)
    storage = project.stored("landing")
    with ExitStack() as writers:
        found = []
        for stream in _swept(access, done):
            storage.sweep(f"{identity.domain}/{stream.name}")
            writer = writers.enter_context(WindowWriter(storage, identity.domain, stream))
            try:
                listed = await list_ids(client, stream, access, writer)
                compared = await asyncio.to_thread(warehouse.compare, identity.domain, stream, writer.files())
                gone = await confirm_gone(client, compared.absent)
            except MissingScopeError:
                if stream.required:
                    raise
                continue  # as the extraction skips it, which says so
            found.append(_Found(stream, writer, listed, compared, gone))
        _require_belief(found, accept)
        for one in found:
            await asyncio.to_thread(_mark, one, client, warehouse)
    return SweepReport(identity.domain, tuple(_swept_stream(one) for one in found))


def _swept(access: Access, done: Mapping[str, StreamProgress]) -> Iterable[Stream]:
    """The streams whose roots have ids of their own, and of which something was loaded."""
    return (
        stream
        for stream in STREAMS
        if stream.kind == "connection"
        and not stream.lasting
        and stream.root.key == ("id",)
        and stream.name in done
        and skip_reason(stream, access) is None
    )


def _require_all_orders(access: Access, done: Mapping[str, StreamProgress]) -> None:
    if ALL_ORDERS in access.scopes:
        return
    orders = done.get(ORDERS.name)
    lost = orders is not None and orders.visible_since is None
    kind = DataError if lost else LimitedSightError
    raise kind(
        f"{'The app lost' if lost else 'The app lacks'} {ALL_ORDERS}, so nothing was marked as deleted.",
        why="Without it Shopify hides orders older than 60 days: they would look deleted.",
        hint=ALL_ORDERS_HINT.replace("shopstack run", "shopstack extract --sweep"),
    )


def _require_belief(found: Iterable[_Found], accept: int | None) -> None:
    """Refuse what looks more like a loss of sight than like deletions, unless so many were accepted."""
    total = sum(len(one.gone) for one in found)
    if accept is not None and total <= accept:
        return
    hint = (
        f"look at Shopify's admin; if they were deleted: shopstack extract --sweep --accept-deletions {total}"
    )
    for one in found:
        if len(one.gone) > one.believed:
            raise DataError(
                f"{len(one.gone):,} of {one.compared.known:,} {one.stream.name} look deleted; nothing was marked.",
                why=f"More than {one.believed:,} at once may mean that the app no longer sees them.",
                hint=hint,
            )
        if one.stream is ORDERS and one.gone and _oldest_moved(one.compared):
            raise DataError(
                "The oldest order that Shopify shows is younger than it was; nothing was marked as deleted.",
                why=f"The oldest one loaded is of {one.compared.oldest_known:%Y-%m-%d}, the oldest one shown of "
                + (
                    f"{one.compared.oldest_listed:%Y-%m-%d}."
                    if one.compared.oldest_listed
                    else "no day at all."
                ),
                hint=hint,
            )


def _oldest_moved(compared: Listing) -> bool:
    if compared.oldest_known is None:
        return False
    return compared.oldest_listed is None or compared.oldest_listed > compared.oldest_known


def _mark(found: _Found, client: ShopifyClient, warehouse: Warehouse) -> None:
    now = client.clock.now()
    seen_at = now.replace(microsecond=0)
    swept = found.writer.commit(
        Window(None, seen_at),
        method="sweep",
        api_version=client.api_version,
        query=found.listed.query,
        search="",
        count_before=found.listed.count_before,
        count_after=found.listed.count_after,
        created_at=now,  # to the microsecond: landed windows are loaded again in the order in which they were made
        deleted=dict.fromkeys(found.gone, seen_at),
        restored=found.compared.returned,
    )
    warehouse.mark(swept, found.stream)


def _swept_stream(found: _Found) -> SweptStream:
    return SweptStream(
        stream=found.stream.name,
        known=found.compared.known,
        listed=found.compared.listed,
        deleted=len(found.gone),
        restored=len(found.compared.returned),
    )
