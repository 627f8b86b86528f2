"""Bars: a ranking with its names and values beside it, or columns over ordered steps."""

from __future__ import annotations

from decimal import Decimal

from shopstack.dashboard.blocks.base import Shown, column
from shopstack.dashboard.blocks.series import _Drawn
from shopstack.dashboard.blocks.values import number, writer
from shopstack.dashboard.page import PageContext


class Bar(_Drawn):
    """Horizontal bars in the query's order; ``vertical`` for columns over time or groups."""

    vertical: bool = False
    limit: int = 12
    rest: bool = False
    """Whether what is beyond the limit is added up in a row of its own; for sums only."""

    def show(self, context: PageContext) -> Shown:
        """The bars."""
        if self.vertical:
            return self._ordered(context, "columns")
        rows = context.rows(self.data)
        value = self._columns[0].column
        bars = [(str(column(row, self.x)), number(column(row, value))) for row in rows]
        shown = bars[: self.limit]
        left = bars[self.limit :]
        longest = max((abs(amount) for _, amount in shown), default=Decimal(0))
        write = writer(context, self.format)
        listed: list[dict[str, str]] = [
            {
                "name": name,
                "amount": write(amount),
                "length": length(amount, longest),
                "kind": "is-negative" if amount < 0 else "",
            }
            for name, amount in shown
        ]
        if self.rest and left:
            total = sum((amount for _, amount in left), Decimal(0))
            listed.append(
                {"name": f"{len(left)} more", "amount": write(total), "length": "0", "kind": "rest"}
            )
        return Shown("bars.html", {"bars": listed}, table=context.answer(self.data))


def length(amount: Decimal, longest: Decimal) -> str:
    """The length of a bar in percent of the longest; what is not nothing stays visible."""
    if not amount or not longest:
        return "0"
    return format(max(abs(amount) / longest * 100, Decimal(1)), ".1f")
