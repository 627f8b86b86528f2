"""What was drawn is kept within so many bytes, whatever is asked for."""

from __future__ import annotations

from shopstack.dashboard.keeping import Kept


def test_what_has_not_been_asked_for_longest_makes_room() -> None:
    kept = Kept[str](100)
    for name in "abc":
        kept.put((name,), name, 30)
    assert kept.get(("a",)) == "a"
    kept.put(("d",), "d", 30)
    assert [kept.get((name,)) for name in "abcd"] == ["a", None, "c", "d"]


def test_what_is_drawn_again_counts_once() -> None:
    kept = Kept[str](100)
    kept.put(("a",), "a", 30)
    for size in (60, 70):
        kept.put(("b",), f"{size} bytes", size)
    assert [kept.get((name,)) for name in "ab"] == ["a", "70 bytes"]


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    kept = Kept[str](100)
    kept.put(("a",), "a", 101)
    assert kept.get(("a",)) is None
    kept.put(("b",), "b", 100)
    assert kept.get(("b",)) == "b"
