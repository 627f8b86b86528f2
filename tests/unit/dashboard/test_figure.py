"""Figures of a query's row: a share moves by points, an amount by percent."""

from __future__ import annotations

from decimal import Decimal

from shopstack.dashboard.blocks.figure import One, _moved


def test_a_share_moves_by_points() -> None:
    change = _moved(One(label="Margin", value="margin", format="percent"), Decimal("0.572"), Decimal("0.581"))
    assert (change.direction, change.text) == ("down", "0.9 pts")


def test_an_amount_moves_by_percent() -> None:
    assert _moved(One(label="Profit", value="profit"), Decimal(110), Decimal(100)).text == "10.0%"


def test_a_share_that_is_not_known_has_not_moved() -> None:
    change = _moved(One(label="Margin", value="margin", format="percent"), None, Decimal("0.581"))
    assert change.direction == "unknown"
