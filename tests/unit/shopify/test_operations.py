"""Operations are remembered until their results are loaded, and used only where they are what is wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shopstack.landing import Window, landed_windows
from shopstack.shopify.operations import LIFE, OperationNotes, Remembered, useful
from shopstack.storage import FolderStorage

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
WHOLE = Window(NOW - timedelta(days=30), NOW)


def at(days: int) -> datetime:
    return NOW - timedelta(days=days)


RIGHTS = "read_all_orders read_orders"


def asked(window: Window) -> str:
    return f"all of {window.label}"


def operation(number: int, start: datetime | None, end: datetime) -> Remembered:
    window = Window(start, end)
    return Remembered(
        f"gid://shopify/BulkOperation/{number}", asked(window), window, 7, NOW - timedelta(hours=1), RIGHTS
    )


FIRST, SECOND = operation(1, at(30), at(20)), operation(2, at(15), at(5))


def test_a_note_is_read_as_it_was_written_until_it_is_forgotten(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    notes = OperationNotes(storage, "a.myshopify.com")
    everything = operation(3, None, at(30))
    for one in (SECOND, everything, FIRST):
        notes.note("orders", one)
    assert OperationNotes(storage, "a.myshopify.com").of("orders") == [everything, FIRST, SECOND]
    assert notes.of("products") == OperationNotes(storage, "b.myshopify.com").of("orders") == []
    notes.forget("orders", FIRST.id)
    notes.forget("orders", FIRST.id)
    assert notes.of("orders") == [everything, SECOND]
    assert list(landed_windows(storage, "a.myshopify.com", "orders")) == []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"id": 1, "window": {"start": null}}', b"[]"])
def test_a_note_that_cannot_be_read_is_dropped(tmp_path: Path, content: bytes) -> None:
    storage = FolderStorage(tmp_path)
    notes = OperationNotes(storage, "a")
    notes.note("orders", FIRST)
    storage.replace("a/orders/operations/9.json", content)
    assert notes.of("orders") == [FIRST]
    assert storage.names("a/orders/operations") == ["1.json"]


def test_results_that_are_parts_of_the_window_are_used_in_order() -> None:
    assert useful([FIRST, SECOND], WHOLE, NOW, asked, RIGHTS) == [FIRST, SECOND]
    everything = operation(3, None, at(30))
    assert useful([everything, FIRST], Window(None, NOW), NOW, asked, RIGHTS) == [everything, FIRST]


@pytest.mark.parametrize(
    "other",
    [
        replace(SECOND, query="less"),
        replace(SECOND, rights="read_orders"),
        replace(SECOND, started_at=NOW - LIFE),
        operation(2, at(40), at(20)),
        operation(2, None, at(20)),
        operation(2, at(5), NOW + timedelta(seconds=1)),
        operation(2, at(25), at(5)),
    ],
    ids=[
        "another query",
        "with other rights",
        "too old",
        "begins before",
        "of all time",
        "ends after",
        "overlaps",
    ],
)
def test_results_that_are_something_else_are_not(other: Remembered) -> None:
    assert useful([FIRST, other], WHOLE, NOW, asked, RIGHTS) == [FIRST]
