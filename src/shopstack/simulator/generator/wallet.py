"""Which gift cards the made-up shop's buyers have in their hands: sold ones first, else one that the shop gave away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shopstack.simulator.desk_events import GiftCardIssued
from shopstack.simulator.events import CardKey, Line, LineKind


class Wallet:
    """Remembers cards and what is left on them, in shop currency.

    Args:
        gift: the value of a card that is given away.
    """

    def __init__(self, gift: int) -> None:
        self._gift = gift
        self._left: dict[CardKey, int] = {}
        """What is left on each card, but for those that are used up."""
        self._sold: dict[int, list[CardKey]] = {}
        """Order -> the cards that it sold."""
        self.given = 0
        """How many cards were given away; their numbers run from 1."""
        self.issued: list[GiftCardIssued] = []
        """Cards given away since this list was last emptied."""

    def sold(self, order: int, lines: Sequence[Line]) -> None:
        """An order sold cards."""
        for line in lines:
            if line.kind is LineKind.GIFT_CARD:
                for unit in range(1, line.quantity + 1):
                    key = (order, line.number, unit)
                    self._left[key] = line.price.shop
                    self._sold.setdefault(order, []).append(key)

    def forget(self, order: int) -> None:
        """The cards that an order sold came back, or nobody knows what became of them."""
        for key in self._sold.pop(order, ()):
            self._left.pop(key, None)

    def spend(self, units: int, at: datetime) -> CardKey:
        """The card that pays so much."""
        for key, left in self._left.items():
            if left >= units:
                self._leave(key, left - units)
                return key
        self.given += 1
        value = max(units, self._gift)
        self.issued.append(
            GiftCardIssued(at=at - timedelta(days=1), card=self.given, value=value, note="With our thanks")
        )
        key = (0, self.given, 1)
        self._leave(key, value - units)
        return key

    def _leave(self, key: CardKey, left: int) -> None:
        if left:
            self._left[key] = left
        else:
            self._left.pop(key, None)
