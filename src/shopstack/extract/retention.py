"""How long landed windows are kept as they came: older ones become a checkpoint, which forgets nothing that counts.

A checkpoint holds the newest version of every tree, every observation and every mark of a deletion. The windows that it takes the place of
are removed only after it lies there whole; a process killed in between leaves both, which load to the same rows.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shopstack.extract.replay import replay_order
from shopstack.landing import LandedWindow, Redaction, Window, landed_windows
from shopstack.landing_writer import WindowWriter
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.storage import Storage
from shopstack.tables import Stream
from shopstack.warehouse.base import Warehouse
from shopstack.warehouse.compaction import compact
from shopstack.warehouse.resources import fitting

WORTH_IT = 20
"""So many old windows of a stream are put together at once: each time, the whole checkpoint is written anew."""

SCRATCH = "compaction.tmp"
"""Folder of the work under way, beside the databases: removing a customer takes it away too (`transformation/derived.py`)."""


@dataclass(frozen=True)
class Compacted:
    """What became of the old windows of one stream."""

    stream: str
    windows: int
    """Windows that one checkpoint took the place of."""
    bytes_before: int
    """Of JSONL, before compression."""
    bytes_after: int


def compact_landing(
    project: Project, warehouse: Warehouse, *, now: datetime, worth_it: int = WORTH_IT
) -> tuple[Compacted, ...]:
    """Put the old windows of every stream together. The caller holds the project's run lock.

    A window that never was loaded (its run was killed) says nothing about the rows, and stays beside.

    Raises:
        IncompleteError: a landed file is missing or was changed; nothing is removed.
    """
    days = project.config.storage.landing_days
    if not days:
        return ()
    storage = project.stored("landing")
    before = now - timedelta(days=days)
    found = []
    for shop in storage.names(""):
        for stream in STREAMS:
            old = list(_landed_before(storage, shop, stream, before))
            if len(old) >= worth_it:
                loaded = warehouse.loaded(shop, stream.name)
                known = [one for one in old if one.relative in loaded or one.manifest.method == "checkpoint"]
                found.append(_compact(project, storage, stream, replay_order(known)))
    return tuple(one for one in found if one is not None)


def _landed_before(storage: Storage, shop: str, stream: Stream, before: datetime) -> Iterator[LandedWindow]:
    return (
        landed
        for landed in landed_windows(storage, shop, stream.name, ended_before=before)
        if landed.manifest.created_at < before
    )


def _compact(
    project: Project, storage: Storage, stream: Stream, old: Sequence[LandedWindow]
) -> Compacted | None:
    memory = fitting(project.config.warehouse.memory_limit)
    read = [one.manifest for one in old if one.manifest.covers]
    whole = [one for one in read if one.window.start is None]
    if not read or sum(one.manifest.holds_rows for one in old) < 2:
        return None
    newest = old[-1].manifest
    with WindowWriter(storage, newest.shop, stream) as writer, _scratch(project) as scratch:
        marks = compact(old, stream, writer, memory=memory, scratch=scratch)
        if marks is None:
            return None
        checkpoint = writer.commit(
            Window(
                None if whole else min(one.window.start for one in read if one.window.start),
                max(one.window.end for one in read),
            ),
            method="checkpoint",
            api_version=newest.api_version,
            query=read[-1].query if len({one.query for one in read}) == 1 else "",
            search=(whole or read)[-1].search,
            count_before=None,
            count_after=None,
            created_at=newest.created_at,
            deleted=marks,
            redactions=_redactions(old),
            day=newest.day,
        )
    for one in old:
        storage.remove(one.relative)
    return Compacted(
        stream=stream.name,
        windows=len(old),
        bytes_before=sum(part.bytes for one in old for part in one.manifest.parts),
        bytes_after=sum(part.bytes for part in checkpoint.manifest.parts),
    )


@contextmanager
def _scratch(project: Project) -> Iterator[Path]:
    """A folder on the disk that the data lies on, where a system's own may be small; what a killed process left is removed."""
    folder = project.warehouse / SCRATCH
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _redactions(old: Sequence[LandedWindow]) -> Iterator[Redaction]:
    """What the windows noted of those who were removed: one note for each time, with the lines of them all."""
    noted: Counter[datetime] = Counter()
    for one in old:
        for redaction in one.manifest.redactions:
            noted[redaction.at] += redaction.lines
    return (Redaction(at, lines) for at, lines in sorted(noted.items()))
