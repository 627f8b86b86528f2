"""Tables: columns of a query with their formats, a row for the rest, and a foot that adds up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from shopstack.dashboard.blocks.bar import length
from shopstack.dashboard.blocks.base import Block, Labelled, Shown, column, without
from shopstack.dashboard.blocks.values import NUMBERS, Format, number, writer
from shopstack.dashboard.format import format_change
from shopstack.dashboard.page import PageContext

FITS_A_PHONE = 4
"""Columns that stand beside each other on a phone. Of more, the second stands beside the name, the others below it."""

SHORT = 14
"""Letters of a text beside the name that a phone's column has room for: a day, a word or two. Longer ones stand below."""


class Column(Labelled):
    """One column of the table."""

    format: Format = "text"
    total: bool = False
    """Whether its sum stands in the foot; for figures that may be added up."""
    change: str = ""
    """Column with the value that it is compared with: shown is the change from there; left out where the period has none."""
    bar: bool = False
    """Whether a bar under the value shows its share of the largest."""
    link: str = ""
    """Column with an address that the value leads to."""
    tone: str = ""
    """Column that says `good`, `warning`, `bad` or `quiet`: how the value is coloured."""

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right."""
        return self.format in NUMBERS or bool(self.change)


class Table(Block):
    """A table of a query's rows in their order."""

    data: str
    columns: tuple[Column, ...]
    limit: int = 20
    rest: bool = False
    """Whether the rows beyond the limit are added up in one: columns with ``total`` are summed, others stay empty."""
    total: bool = False
    """Whether the foot adds up the columns with ``total``, over all rows."""
    rest_name: str = "more"
    total_name: str = "Total"

    def show(self, context: PageContext) -> Shown:
        """The table; what it does not show stands in the CSV."""
        follows = context.document.head.period and not self.fixed
        is_compared = context.period.previous is not None or not follows
        columns = [one for one in self.columns if not one.change or is_compared]
        rows = context.rows(self.data)
        shown, left = rows[: self.limit], rows[self.limit :]
        lines = [[_cell(context, one, row, rows) for one in columns] for row in shown]
        rest = (
            _summed(context, columns, left, f"{len(left):,} {self.rest_name}") if self.rest and left else None
        )
        foot = _summed(context, columns, rows, self.total_name) if self.total else None
        more = (
            f"{len(shown):,} of {len(rows):,} rows; the CSV has them all." if left and not self.rest else ""
        )
        values = {"columns": columns, "rows": lines, "rest": rest, "foot": foot, "more": more}
        values["stacks"] = not _fits_a_phone(columns, lines)
        looks = {one.tone for one in self.columns} - {one.column for one in self.columns}
        return Shown("table.html", values, table=without(context.answer(self.data), looks))


def _fits_a_phone(columns: Sequence[Column], lines: Sequence[Sequence[dict[str, Any]]]) -> bool:
    beside = [place for place, one in enumerate(columns) if place and not one.is_number]
    longest = max((len(line[place]["text"]) for line in lines for place in beside), default=0)
    return len(columns) <= FITS_A_PHONE and longest <= SHORT


def _cell(
    context: PageContext, one: Column, row: dict[str, Any], rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    value = column(row, one.column)
    if one.change:
        return {"change": format_change(value, column(row, one.change))}
    cell: dict[str, Any] = {"text": writer(context, one.format)(value)}
    if one.bar and value is not None:
        longest = max((abs(number(other[one.column])) for other in rows), default=Decimal(0))
        cell["length"] = length(number(value), longest)
    if one.link and (target := column(row, one.link)) and urlsplit(str(target)).scheme == "https":
        cell["link"] = str(target)
    if one.tone:
        cell["tone"] = column(row, one.tone)
    return cell


def _summed(
    context: PageContext, columns: Sequence[Column], rows: Sequence[dict[str, Any]], name: str
) -> list[dict[str, Any]]:
    """A row of sums; the first column carries its name."""
    cells: list[dict[str, Any]] = []
    for place, one in enumerate(columns):
        if place == 0:
            cells.append({"text": name})
        elif not one.total:
            cells.append({"text": ""})
        elif one.change:
            cells.append({"change": format_change(_sum(rows, one.column), _sum(rows, one.change))})
        else:
            known = any(row[one.column] is not None for row in rows)
            cells.append({"text": writer(context, one.format)(_sum(rows, one.column)) if known else ""})
    return cells


def _sum(rows: Sequence[dict[str, Any]], name: str) -> Decimal:
    return sum((number(row[name]) for row in rows if row[name] is not None), Decimal(0))
