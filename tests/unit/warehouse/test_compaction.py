"""Putting landed windows together: the newest version of every tree, line by line as it came."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import zstandard

from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.streams import ORDERS, SALES_REPORT
from shopstack.storage import FolderStorage
from shopstack.tables import Stream
from shopstack.warehouse.compaction import compact
from tests.landed_files import files_of
from tests.unit.warehouse.landed import SHOP, Line, gid, land, order, shipping_line, tree


def put_together(folder: Path, windows: list[LandedWindow], stream: Stream = ORDERS) -> list[str] | None:
    """The lines of the checkpoint, sorted; None where there is none."""
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, stream) as writer:
        if compact(windows, stream, writer, memory=500, scratch=folder) is None:
            return None
        writer.finish()
        return sorted(line for file in writer.files() for line in lines(file))


def lines(file: str) -> list[str]:
    return (
        zstandard.ZstdDecompressor().decompressobj().decompress(Path(file).read_bytes()).decode().splitlines()
    )


def came(*windows: LandedWindow) -> list[str]:
    return sorted(line for window in windows for file in files_of(window) for line in lines(file))


def test_a_tree_that_came_again_replaces_the_whole_old_one(tmp_path: Path) -> None:
    first = land(tmp_path, [*tree(1), *tree(2)])
    second = land(tmp_path, [order(1, name="#1 edited"), shipping_line(1)])
    assert put_together(tmp_path, [first, second]) == sorted(came(land(tmp_path, tree(2))) + came(second))


def test_lines_stay_byte_for_byte(tmp_path: Path) -> None:
    odd = (
        rb'{"id":"gid:\/\/shopify\/Order\/1","name":"Tom \u0026 J\u00e9r\u00f4me \"x\"","amount":"15.0","n":1.50}'
        b"\n"
    )
    window = land(tmp_path, odd)
    assert put_together(tmp_path, [window]) == [odd.decode().strip()]


def test_a_tree_marked_as_moved_leaves_its_older_version_in_force(tmp_path: Path) -> None:
    whole = land(tmp_path, tree(1))
    moved: list[Line] = [*tree(1)[:3], {"__typename": "Moved", "__parentId": gid("Order", 1)}, order(2)]
    found = put_together(tmp_path, [whole, land(tmp_path, moved)])
    assert found == sorted(came(whole) + came(land(tmp_path, [order(2)])))


def test_roots_with_another_key_than_an_id_are_told_apart(tmp_path: Path) -> None:
    def report(*days: int) -> LandedWindow:
        found = [{"__typename": "ShopifyqlTableData", "day": f"2026-01-{day:02}"} for day in days]
        return land(tmp_path, found, stream="sales_report")

    assert put_together(tmp_path, [report(1, 2), report(2, 3)], SALES_REPORT) == came(report(1, 2, 3))


def test_windows_with_lines_of_an_unknown_type_are_not_put_together(tmp_path: Path) -> None:
    strange = land(tmp_path, [order(1), {"id": gid("Unheard", 1), "__parentId": gid("Order", 1)}])
    assert put_together(tmp_path, [strange]) is None


def test_the_last_word_on_a_deletion_counts(tmp_path: Path) -> None:
    first = land(tmp_path, [order(number) for number in (1, 2, 3, 4)])
    gone = swept(tmp_path, deleted=[2, 3, 4], at=datetime(2026, 3, 1, tzinfo=UTC))
    again = land(tmp_path, [order(3)])
    back = swept(tmp_path, restored=[4], deleted=[1], at=datetime(2026, 4, 1, tzinfo=UTC))
    with WindowWriter(FolderStorage(tmp_path / "landing"), SHOP, ORDERS) as writer:
        marks = compact([first, gone, again, back], ORDERS, writer, memory=500, scratch=tmp_path)
    assert marks == {
        gid("Order", 1): datetime(2026, 4, 1, tzinfo=UTC),
        gid("Order", 2): datetime(2026, 3, 1, tzinfo=UTC),
    }


def swept(
    folder: Path, *, at: datetime, deleted: list[int] | None = None, restored: list[int] | None = None
) -> LandedWindow:
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, ORDERS) as writer:
        return writer.commit(
            Window(None, at),
            method="sweep",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=at,
            deleted={gid("Order", number): at for number in deleted or []},
            restored=[gid("Order", number) for number in restored or []],
        )
