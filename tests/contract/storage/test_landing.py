"""Landed windows in a folder and in S3: written, loaded, put together, and written anew without somebody who was removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import zstandard

from shopstack import landing_writer, suppression
from shopstack.errors import IncompleteError
from shopstack.landing import LandedWindow, Window, landed_windows, read_window, verify_parts
from shopstack.landing_parts import lines
from shopstack.landing_writer import WindowWriter, screen
from shopstack.shopify.streams import ORDERS
from shopstack.storage import MANIFEST, S3Storage, Storage
from shopstack.suppression import Suppressions
from shopstack.warehouse.compaction import compact
from tests.unit.warehouse.landed import LOADED_AT, Line, rows, tree, warehouse

SHOP = "a-shop.myshopify.com"
HOME = f"{SHOP}/{ORDERS.name}"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
HIM, OTHER = "gid://shopify/Customer/77", "gid://shopify/Customer/777"
LISTED = Suppressions(SHOP).entered([HIM], NOW)


def commit(writer: WindowWriter, at: datetime) -> LandedWindow:
    return writer.commit(
        Window(None, at),
        method="bulk",
        api_version="2026-07",
        query="",
        search="",
        count_before=None,
        count_after=None,
        created_at=at,
    )


def land(storage: Storage, found: Sequence[Line], at: datetime = NOW) -> LandedWindow:
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        for line in found:
            writer.write(orjson.dumps(line) + b"\n")
        return commit(writer, at)


def of(customer: str, *numbers: int) -> list[Line]:
    """Whole orders of one customer."""
    return [
        {**line, "customer": {"id": customer}} if "/Order/" in (line["id"] or "") else line
        for number in numbers
        for line in tree(number)
    ]


def contents(storage: Storage, folder: str) -> bytes:
    """All that lies in a window's folder, named by its manifest or not."""
    found = b""
    for name in storage.names(folder):
        content = storage.read(f"{folder}/{name}")
        found += (
            content if name == MANIFEST else zstandard.ZstdDecompressor().decompressobj().decompress(content)
        )
    return found


def test_a_window_of_several_parts_comes_back_and_is_loaded(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing_writer, "PART_BYTES", 500)
    landed = land(storage, of(OTHER, 1, 2, 3))
    assert len(landed.manifest.parts) > 2
    (again,) = landed_windows(storage, SHOP, ORDERS.name)
    assert again == landed
    verify_parts(again)
    with again.at_hand() as files:
        assert [orjson.loads(line) for line in lines(files)] == of(OTHER, 1, 2, 3)
    raw = warehouse(tmp_path)
    raw.load(again, ORDERS, loaded_at=LOADED_AT)
    assert rows(raw, "select count(*) from shopify.orders") == [(3,)]


def test_a_window_that_was_given_up_leaves_nothing(storage: Storage) -> None:
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        writer.write(b'{"id":"gid://shopify/Order/1"}\n')
    assert storage.names(HOME) == []
    assert not Path(storage.draft(HOME)).exists() or not list(Path(storage.draft(HOME)).iterdir())


def test_a_part_that_was_changed_or_lost_is_told(storage: Storage, tmp_path: Path) -> None:
    landed = land(storage, of(OTHER, 1))
    part = f"{landed.relative}/{landed.manifest.parts[0].name}"
    storage.replace(part, b"something else")
    with pytest.raises(IncompleteError, match="is not the one that was written"):
        verify_parts(landed)
    storage.remove(part)
    with pytest.raises(IncompleteError, match="is missing"):
        warehouse(tmp_path).load(landed, ORDERS, loaded_at=LOADED_AT)


def test_windows_are_put_together_and_the_old_ones_removed(storage: Storage, tmp_path: Path) -> None:
    old = [land(storage, of(OTHER, 1, 2), NOW), land(storage, of(HIM, 2, 3), NOW + timedelta(days=1))]
    with WindowWriter(storage, SHOP, ORDERS) as writer:
        compact(old, ORDERS, writer, memory=500, scratch=tmp_path)
        checkpoint = commit(writer, NOW)
    for one in old:
        storage.remove(one.relative)
    assert storage.names(HOME) == [checkpoint.relative.rpartition("/")[2]]
    raw = warehouse(tmp_path)
    raw.load(checkpoint, ORDERS, loaded_at=LOADED_AT)
    assert rows(raw, "select customer_id from shopify.orders order by id") == [(OTHER,), (HIM,), (HIM,)]


def test_nothing_that_lies_in_the_window_names_him_any_more(storage: Storage) -> None:
    landed = land(storage, [*of(HIM, 1), *of(OTHER, 2)])
    assert b"/Customer/77" in contents(storage, landed.relative).replace(OTHER.encode(), b"")
    assert screen(storage, landed, ORDERS, LISTED, NOW) > 0
    again = read_window(storage, landed.relative)
    verify_parts(again)
    assert storage.names(landed.relative) == sorted([MANIFEST, *(part.name for part in again.manifest.parts)])
    left = contents(storage, landed.relative)
    assert HIM.encode() not in left.replace(OTHER.encode(), b"")
    assert LISTED.stand_in(HIM).encode() in left
    assert OTHER.encode() in left
    if isinstance(storage, S3Storage):
        copies = [path for path in Path(storage.draft("")).rglob("*") if path.is_file()]
        assert all(HIM.encode() not in unpacked(path) for path in copies)


def unpacked(path: Path) -> bytes:
    found = zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())
    return found.replace(OTHER.encode(), b"")


def test_who_was_removed_does_not_land_again(storage: Storage) -> None:
    suppression.write(storage, LISTED)
    assert suppression.read(storage, SHOP) == LISTED
    assert suppression.interrupted(storage) == {SHOP: NOW}
    landed = land(storage, of(HIM, 1))
    assert HIM.encode() not in contents(storage, landed.relative)
