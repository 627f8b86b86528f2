"""A heat map of cohorts: a row a group, a column a step of time, a shade a value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shopstack.dashboard.blocks.base import Block, Shown, column
from shopstack.dashboard.blocks.values import Format, number, writer
from shopstack.dashboard.charts.heat import heat_map, shade_of
from shopstack.dashboard.page import PageContext


class Heat(Block):
    """Rows are groups (cohorts), columns steps since; a cell without a row stays empty."""

    data: str
    row: str
    row_label: str = ""
    row_format: Format = "month"
    size: str = ""
    """Column with the size of the group, beside its name."""
    size_label: str = "Customers"
    column: str
    column_prefix: str = "+"
    value: str
    format: Format = "percent"

    def show(self, context: PageContext) -> Shown:
        """The map, as a table: every shade is a number too."""
        rows = context.rows(self.data)
        steps = sorted({int(column(row, self.column)) for row in rows})
        groups: dict[Any, dict[int, Any]] = {}
        sizes: dict[Any, Any] = {}
        for row in rows:
            groups.setdefault(column(row, self.row), {})[int(row[self.column])] = column(row, self.value)
            if self.size:
                sizes.setdefault(row[self.row], column(row, self.size))
        values = [number(one) for cells in groups.values() for one in cells.values() if one is not None]
        largest = max(values, default=Decimal(0))
        name, amount = writer(context, self.row_format), _short(self.format, context)
        count = writer(context, "count")
        lines: list[dict[str, Any]] = [
            {
                "name": name(group),
                "size": count(sizes[group]) if self.size else "",
                "cells": [
                    {"text": amount(cells[step]), "shade": shade_of(number(cells[step]), largest)}
                    if cells.get(step) is not None
                    else None
                    for step in steps
                ],
            }
            for group, cells in groups.items()
        ]
        heads = [f"{self.column_prefix}{step}" for step in steps]
        picture = heat_map(
            [(line["name"], line["size"], line["cells"]) for line in lines], heads, title=self.title
        )
        labels = {"row": self.row_label, "size": self.size_label if self.size else ""}
        return Shown(
            "heat.html",
            {"heads": heads, "rows": lines, "labels": labels},
            charts=(picture,),
            table=context.answer(self.data),
        )


def _short(format_: Format, context: PageContext) -> Any:
    """Whole percents: a cell is small, and a tenth of a percent of a cohort says nothing."""
    if format_ == "percent":
        return lambda value: f"{number(value) * 100:.0f}%"
    return writer(context, format_)
