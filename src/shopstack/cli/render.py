"""Rows as plain text and as CSV: whole values, never cut to a terminal's width, so that a pipe loses nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
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


def aligned(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A table as lines of text: a header, then one line a row; numbers stand to the right."""
    cells = [[shown(value) for value in row] for row in rows]
    numeric = [
        bool(rows) and all(isinstance(row[i], (int, float, Decimal, type(None))) for row in rows)
        for i in range(len(columns))
    ]
    widths = [max([cell_len(name), *(cell_len(row[i]) for row in cells)]) for i, name in enumerate(columns)]

    def line(values: Sequence[str]) -> str:
        padded = (
            " " * (width - cell_len(value)) + value if right else value + " " * (width - cell_len(value))
            for value, width, right in zip(values, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    return [line(columns), *(line(row) for row in cells)]


def comma_separated(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """RFC 4180 text with a header; decimals and times unrounded, an empty field for null."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])
    return text.getvalue().rstrip("\n")
