"""A list of sentences, each with an amount where it has one: remarks, warnings, what to do next."""

from __future__ import annotations

from shopstack.dashboard.blocks.base import Block, Shown, column, without
from shopstack.dashboard.blocks.values import Format, writer
from shopstack.dashboard.page import PageContext


class Listing(Block):
    """A line for every row of a query."""

    data: str
    text: str
    amount: str = ""
    format: Format = "money"
    tone: str = ""
    """Column that says `good`, `warning`, `bad` or `quiet`."""
    limit: int = 12

    def show(self, context: PageContext) -> Shown:
        """The list."""
        rows = context.rows(self.data)
        write = writer(context, self.format)
        lines = [
            {
                "text": str(column(row, self.text)),
                "amount": write(column(row, self.amount)) if self.amount else "",
                "tone": column(row, self.tone) if self.tone else "",
            }
            for row in rows[: self.limit]
        ]
        more = f"{len(rows) - self.limit:,} more in the CSV." if len(rows) > self.limit else ""
        return Shown(
            "list.html", {"lines": lines, "more": more}, table=without(context.answer(self.data), [self.tone])
        )
