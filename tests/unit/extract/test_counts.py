"""The counts of a report: summed over windows, and proved only where Shopify counts."""

from __future__ import annotations

from shopstack.extract.reports import Counts, StreamReport


def test_counts_of_windows_are_summed_and_proved() -> None:
    counts = Counts().plus(10, 9, 9).plus(5, 5, 4)
    assert counts.as_dict() == {"before": 15, "landed": 14, "after": 13, "proved": True}


def test_without_a_count_of_shopifys_nothing_is_called_proved() -> None:
    counts = Counts().plus(10, 10, 10).plus(None, 5, None)
    assert counts.as_dict() == {"before": None, "landed": 15, "after": None, "proved": False}


def test_fewer_landed_than_counted_is_not_proved() -> None:
    assert not Counts().plus(10, 8, 9).proved


def test_a_report_tells_them_and_a_skipped_stream_has_none() -> None:
    loaded = StreamReport("a", "orders", "loaded", counts=Counts().plus(1, 1, 1))
    assert loaded.as_dict()["counts"] == {"before": 1, "landed": 1, "after": 1, "proved": True}
    assert StreamReport("a", "orders", "skipped").as_dict()["counts"] is None
