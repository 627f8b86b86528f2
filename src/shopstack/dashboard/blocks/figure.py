"""Figures of one row of a query: what no metric defines because a mart computes it whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shopstack.dashboard.blocks.base import Block, Shown, column
from shopstack.dashboard.blocks.metrics import points
from shopstack.dashboard.blocks.values import Format, number, writer
from shopstack.dashboard.format import Change, format_change
from shopstack.dashboard.page import PageContext
from shopstack.errors import UsageError


class One(BaseModel):
    """One figure: the column it stands in, and the words around it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    value: str
    format: Format = "compact"
    note: str = ""
    """Small words below; `{column}` stands for a column of the row."""
    before: str = ""
    """Column with what it is compared with."""
    meaning: str = ""
    """One sentence on what it is; opened by the reader."""
    formula: str = ""
    in_admin: str = ""


class Figure(Block):
    """Cards with figures from the first row of a query."""

    data: str
    figures: tuple[One, ...]
    formats: Mapping[str, Format] = {}
    """Formats of the columns that notes name."""

    def show(self, context: PageContext) -> Shown:
        """The cards, from the first row."""
        answer = context.answer(self.data)
        row = context.rows(self.data)[0]
        cards = [self._card(context, one, row) for one in self.figures]
        return Shown("metrics.html", {"cards": cards}, table=answer)

    def _card(self, context: PageContext, one: One, row: dict[str, Any]) -> dict[str, Any]:
        write = writer(context, one.format)
        card: dict[str, Any] = {"label": one.label, "value": write(column(row, one.value)), "note": ""}
        if one.meaning:
            card["meaning"] = {
                "description": one.meaning,
                "formula": one.formula,
                "in_admin": one.in_admin or "Shopify's admin does not show this figure.",
            }
        if one.before and column(row, one.before) is not None:
            before = column(row, one.before)
            card |= {"change": _moved(one, column(row, one.value), before), "before": write(before)}
        if one.note:
            card["note"] = self._note(context, one.note, row)
        return card

    def _note(self, context: PageContext, note: str, row: dict[str, Any]) -> str:
        written = {
            name: writer(context, self.formats.get(name, "text"))(value) for name, value in row.items()
        }
        try:
            return note.format_map(written)
        except (KeyError, ValueError, IndexError) as problem:
            raise UsageError(
                f"The note {note!r} names a column that the query does not have: {problem}.",
                why=f"Its columns are {', '.join(row)}.",
                hint="write {column} with one of them",
            ) from problem


def _moved(one: One, now: Any, before: Any) -> Change:
    """The change of a figure; of a share in points."""
    if one.format == "percent" and now is not None:
        return points(number(now), number(before))
    return format_change(now, before)
