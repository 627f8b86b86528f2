"""Rows as plain text and as CSV: whole values, never cut to a terminal's width, so that a pipe loses nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.cells import cell_len


def shown(value: Any) -> str:
    """A value as a person reads it: decimals without trailing zeros beyond cents, times as they stand (UTC) in whole seconds."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _decimal(value: Decimal) -> str:
    """At least two places where there are any: 12.5000 is 12.50, 12.3456 stays."""
    text = f"{value:f}"
    whole, point, places = text.partition(".")
    kept = places.rstrip("0").ljust(min(2, len(places)), "0")
    return f"{whole}{point}{kept}" if kept else whole


class Alignment:
    """Where the columns of a table stand: known once all rows have been taken."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._widths = [cell_len(name) for name in columns]
        self._numeric = [True] * len(columns)
        self._is_empty = True

    def take(self, rows: Sequence[Sequence[Any]]) -> list[list[str]]:
        """The texts of more rows, which their columns are now wide enough for."""
        cells = [[shown(value) for value in row] for row in rows]
        for i, width in enumerate(self._widths):
            self._widths[i] = max([width, *(cell_len(row[i]) for row in cells)])
            self._numeric[i] &= all(isinstance(row[i], (int, float, Decimal, type(None))) for row in rows)
        self._is_empty &= not rows
        return cells

    def header(self) -> str:
        """The names of the columns."""
        return self.line(self._columns)

    def line(self, cells: Sequence[str]) -> str:
        """The texts of one row, numbers to the right."""
        padded = (
            " " * (width - cell_len(cell)) + cell
            if is_number and not self._is_empty
            else cell + " " * (width - cell_len(cell))
            for cell, width, is_number in zip(cells, self._widths, self._numeric, strict=True)
        )
        return "  ".join(padded).rstrip()


def aligned(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A table as lines of text: a header, then one line a row; numbers stand to the right."""
    alignment = Alignment(columns)
    cells = alignment.take(rows)
    return [alignment.header(), *(alignment.line(row) for row in cells)]


def comma_separated(rows: Iterable[Sequence[Any]]) -> str:
    """RFC 4180 text, a line a row; decimals and times unrounded, an empty field for null."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])
    return text.getvalue()
