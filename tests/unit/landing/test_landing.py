"""Landed windows: whole or absent, cut at line ends, counted and checked."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shopstack import landing_writer
from shopstack.errors import IncompleteError
from shopstack.landing import LandedWindow, Window, landed_windows, read_window, verify_parts
from shopstack.landing_writer import WindowWriter, screen
from shopstack.shopify.streams import ORDERS
from shopstack.storage import FolderStorage
from shopstack.suppression import Suppressions
from tests.landed_files import files_of

SHOP, STREAM = "a-shop.myshopify.com", ORDERS.name
WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


def commit(writer: WindowWriter) -> LandedWindow:
    return writer.commit(
        WINDOW,
        method="bulk",
        api_version="2026-07",
        query="{ orders { edges { node { id } } } }",
        search="",
        count_before=2,
        count_after=2,
        created_at=datetime(2026, 2, 1, 1, tzinfo=UTC),
    )


def content(landed: LandedWindow) -> bytes:
    return b"".join(
        zstandard.ZstdDecompressor().decompressobj().decompress(Path(file).read_bytes())
        for file in files_of(landed)
    )


LINES = (
    b'{"id":"gid:\\/\\/shopify\\/Order\\/1"}\n'
    b'{"id":"gid:\\/\\/shopify\\/LineItem\\/1","title":"\\"__parentId\\":\\"x\\"","__parentId":"gid:\\/\\/shopify\\/Order\\/1"}\n'
    b'{"id":"gid:\\/\\/shopify\\/Order\\/2"}\n'
)


def test_bytes_come_back_as_they_came_and_are_counted(tmp_path: Path) -> None:
    with WindowWriter(FolderStorage(tmp_path), SHOP, ORDERS) as writer:
        writer.write(LINES)
        landed = commit(writer)
    assert content(landed) == LINES
    assert (landed.manifest.landed_objects, landed.manifest.landed_roots) == (3, 2)
    assert writer.bytes == len(LINES)


@given(st.lists(st.integers(1, len(LINES) - 1)))
def test_however_the_network_cuts_the_bytes_lines_stay_whole(cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        places = [0, *sorted(cuts), len(LINES)]
        with WindowWriter(FolderStorage(Path(folder)), SHOP, ORDERS) as writer:
            for start, end in pairwise(places):
                writer.write(LINES[start:end])
            landed = commit(writer)
        assert content(landed) == LINES
        assert (landed.manifest.landed_objects, landed.manifest.landed_roots) == (3, 2)


def test_parts_are_cut_at_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing_writer, "PART_BYTES", 60)
    with WindowWriter(FolderStorage(tmp_path), SHOP, ORDERS) as writer:
        for start in range(0, len(LINES), 10):
            writer.write(LINES[start : start + 10])
        landed = commit(writer)
    assert len(landed.manifest.parts) == 2
    assert [part.lines for part in landed.manifest.parts] == [2, 1]
    assert content(landed) == LINES


def test_a_last_line_without_a_line_end_is_a_line(tmp_path: Path) -> None:
    with WindowWriter(FolderStorage(tmp_path), SHOP, ORDERS) as writer:
        writer.write(LINES.rstrip(b"\n"))
        landed = commit(writer)
    assert content(landed) == LINES
    assert writer.bytes == len(LINES) - 1


def test_nothing_is_visible_before_the_window_is_committed(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        writer.write(LINES)
        assert list(landed_windows(storage, SHOP, STREAM)) == []
    assert storage.names(f"{SHOP}/{STREAM}") == []


def test_what_a_killed_process_left_is_passed_over_and_swept(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    killed = WindowWriter(storage, SHOP, ORDERS)
    killed.write(LINES)
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        writer.write(LINES)
        landed = commit(writer)
    assert [one.relative for one in landed_windows(storage, SHOP, STREAM)] == [landed.relative]
    storage.sweep(f"{SHOP}/{STREAM}")
    assert storage.names(f"{SHOP}/{STREAM}") == [landed.relative.rsplit("/", 1)[-1]]


def test_younger_windows_can_be_passed_over(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        landed = commit(writer)
    end = WINDOW.end
    assert list(landed_windows(storage, SHOP, STREAM, ended_before=end)) == []
    assert list(landed_windows(storage, SHOP, STREAM, ended_before=end + timedelta(seconds=1))) == [landed]


def test_a_restarted_writer_holds_only_the_second_reading(tmp_path: Path) -> None:
    with WindowWriter(FolderStorage(tmp_path), SHOP, ORDERS) as writer:
        writer.write(LINES[:70])
        writer.restart()
        writer.write(LINES)
        landed = commit(writer)
    assert content(landed) == LINES
    assert landed.manifest.landed_objects == 3


def test_a_window_survives_a_power_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.add(os.fstat(descriptor).st_ino))
    storage = FolderStorage(tmp_path)
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        writer.write(
            b'{"id":"gid://shopify/Order/1","note":"x","customer":{"id":"gid://shopify/Customer/7"}}\n'
        )
        landed = commit(writer)
    folder = tmp_path / landed.relative
    assert {path.stat().st_ino for path in (*folder.iterdir(), folder, folder.parent)} <= flushed
    flushed.clear()
    listed = Suppressions(SHOP).entered(["gid://shopify/Customer/7"], WINDOW.end)
    assert screen(storage, landed, ORDERS, listed, WINDOW.end)
    assert {path.stat().st_ino for path in (*folder.iterdir(), folder)} <= flushed


def test_an_empty_window_has_a_manifest_and_no_parts(tmp_path: Path) -> None:
    with WindowWriter(FolderStorage(tmp_path), SHOP, ORDERS) as writer:
        landed = commit(writer)
    assert files_of(landed) == []
    assert landed.manifest.landed_objects == 0


def test_the_manifest_reads_back_as_it_was_written(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        writer.write(LINES)
        landed = commit(writer)
    assert read_window(storage, landed.relative) == landed
    text = orjson.loads(storage.read(f"{landed.relative}/manifest.json"))
    assert text["window"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}


def test_a_window_without_a_readable_manifest_is_refused(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.replace(f"{SHOP}/{STREAM}/odd/manifest.json", b"{}")
    with pytest.raises(IncompleteError, match="no readable manifest"):
        read_window(storage, f"{SHOP}/{STREAM}/odd")


def test_a_changed_part_is_noticed(tmp_path: Path) -> None:
    with WindowWriter(FolderStorage(tmp_path), SHOP, ORDERS) as writer:
        writer.write(LINES)
        landed = commit(writer)
    verify_parts(landed)
    Path(files_of(landed)[0]).write_bytes(zstandard.compress(LINES[:70]))
    with pytest.raises(IncompleteError, match="not the one that was written") as caught:
        verify_parts(landed)
    assert f"move {landed.relative} and raw.duckdb away, then: shopstack run" in caught.value.hint


def test_a_replaced_file_is_never_seen_half(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.replace("a/b.json", b"old")
    storage.replace("a/b.json", b"new")
    assert storage.read("a/b.json") == b"new"
    assert storage.names("a") == ["b.json"]
