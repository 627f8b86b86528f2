"""What is due of each stream of a shop: the window to be read, by what was loaded before and what may be read now.

Reading and loading it is left to `extraction.py`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from shopstack.errors import IncompleteError
from shopstack.extract.backfill import Backfill, landed_of
from shopstack.shopify import selection
from shopstack.shopify.access import Identity, Visibility, order_visibility
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.planning import StreamPlan
from shopstack.shopify.sync import Sync
from shopstack.storage import Storage
from shopstack.tables import Stream
from shopstack.warehouse.base import StreamProgress, StreamRecord, Warehouse


class Due:
    """What is due of the streams of one shop, for one extraction."""

    def __init__(
        self,
        client: ShopifyClient,
        storage: Storage,
        warehouse: Warehouse,
        *,
        identity: Identity,
        sync: Sync,
        done: dict[str, StreamProgress],
    ) -> None:
        self._client = client
        self._storage = storage
        self._warehouse = warehouse
        self._identity = identity
        self._sync = sync
        self._done = done
        self._damaged: set[str] = set()
        """Streams of which something landed cannot be loaded again."""

    async def window(self, stream: Stream) -> tuple[StreamPlan, Visibility]:
        """The window that is due of a stream; all of it again where more is visible, or asked for, than was before."""
        done = self._done.get(stream.name, StreamProgress())
        visibility = self._visibility(stream)
        cursor_at = done.cursor_at
        more = self._asked_more(stream, done)
        landed = await asyncio.to_thread(self._landed, stream, done, more) if more else None
        if (
            visibility.wider_than(done.visible_since)
            or (more and landed is None)
            or self._reread_due(stream, done)
        ):
            cursor_at = None
        elif done.cursor_at and done.visible_since:
            visibility = replace(visibility, since=done.visible_since)
        planned = self._sync.plan(stream, cursor_at, visibility.created_from, self._identity.timezone)
        return await planned, visibility

    def _visibility(self, stream: Stream) -> Visibility:
        """Which orders the stream shows; one that only names orders shows its own roots all the same."""
        if not stream.sees_orders:
            return Visibility()
        found = order_visibility(
            self._sync.access,
            now=self._client.clock.now(),
            start=self._sync.settings.start,
            timezone=self._identity.timezone,
        )
        return found if stream.sees_orders == "as roots" else replace(found, created_from=None)

    def _asked_more(self, stream: Stream, done: StreamProgress) -> frozenset[str]:
        """Columns that are asked for and that the loaded rows were not: declared, granted or configured since."""
        if done.asked is None:
            return frozenset()
        return selection.asked(stream, self._sync.access) - done.asked

    def _landed(self, stream: Stream, done: StreamProgress, columns: frozenset[str]) -> Backfill | None:
        """What was landed of a stream, if it can be read and all of these columns can be filled from it."""
        if done.cursor_at is None or stream.name in self._damaged:
            return None
        try:
            found = landed_of(
                self._storage,
                self._warehouse,
                self._identity.domain,
                stream,
                cursor_at=done.cursor_at,
                start=self._sync.settings.start,
            )
        except IncompleteError:
            self._damaged.add(stream.name)
            return None
        return found if found is not None and found.holds(columns) else None

    def awaits(self, stream: Stream) -> bool:
        """Whether roots were loaded that were asked for what Shopify may work out of them later."""
        done, awaited = self._done.get(stream.name, StreamProgress()), stream.awaited
        return awaited is not None and f"{stream.root.name}.{awaited.column}" in (done.asked or ())

    def lacks(self, stream: Stream, plan: StreamPlan) -> bool:
        """Whether columns were declared since that this window alone does not fill: they are filled before it is read."""
        done = self._done.get(stream.name, StreamProgress())
        return plan.window.start is not None and bool(self._asked_more(stream, done))

    async def fill(self, stream: Stream) -> None:
        """Fill columns from what was landed; where a landed file is damaged, everything is due.

        The caller keeps others from the database meanwhile.
        """
        done = self._done.get(stream.name, StreamProgress())
        columns = self._asked_more(stream, done)
        landed = await asyncio.to_thread(self._landed, stream, done, columns)
        try:
            if landed is not None:
                await asyncio.to_thread(landed.load, self._warehouse, loaded_at=self._client.clock.now())
        except IncompleteError:
            self._damaged.add(stream.name)

    def _reread_due(self, stream: Stream, done: StreamProgress) -> bool:
        """Whether what no cursor tells of has gone unread for long enough."""
        if not stream.reread or done.whole_at is None:
            return False
        return self._client.clock.now() - done.whole_at >= stream.reread

    def narrowed(self, stream: Stream, visibility: Visibility) -> StreamRecord | None:
        """What is to be noted before the first row is loaded: that less is visible, or asked for, than was before.

        A run that is killed between a load and its record would else leave rows that nobody knows to be incomplete. The
        note needs no part in the load's transaction, since it only ever narrows what was noted: killed between the two,
        a run leaves whole rows that are said to lack something, and they are read once more. What was noted is widened
        when all of the stream was read, and not before.
        """
        done = self._done.get(stream.name)
        asked = selection.asked(stream, self._sync.access)
        since = visibility.since
        if done is not None:
            asked = asked if done.asked is None else asked & done.asked
            since = max((day for day in (since, done.visible_since) if day), default=None)
            if (asked, since) == (done.asked, done.visible_since):
                return None
        self._done[stream.name] = StreamProgress(done.cursor_at if done else None, since, asked)
        return StreamRecord(
            stream.name, "loaded", visibility.reason, visibility.hint, visible_since=since, asked=asked
        )
