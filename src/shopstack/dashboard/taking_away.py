"""What a reader takes away from a page: the figures of a block as CSV, its drawing as a picture."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shopstack.dashboard.blocks import Block, Shown
from shopstack.dashboard.charts import Caption, to_png
from shopstack.dashboard.format import format_day, format_day_range
from shopstack.dashboard.page import PageContext
from shopstack.errors import UsageError
from shopstack.publish.snapshot import Answer

BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that a file is UTF-8."""

DIGITS = 10
"""Behind the point, at most."""

_DIRECTIONS = dict.fromkeys(range(0x2066, 0x206A))
"""Unicode's isolates."""

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(answer: Answer) -> bytes:
    """A table as Excel and Sheets open it rightly: UTF-8 with its mark, a comma between, ISO dates, plain numbers.

    Nothing known is an empty cell. A text that a spreadsheet would take for a formula begins with an apostrophe. Marks
    that only turn the direction of writing on a page are left out.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_cell(name) for name in answer.columns])
    writer.writerows([_cell(value) for value in row] for row in answer.rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int | float):
        return _plain(value) if isinstance(value, Decimal) else str(round(value, DIGITS))
    if isinstance(value, datetime):
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return plain.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    words = str(value).translate(_DIRECTIONS)
    return f"'{words}" if words.startswith(_BEGINS_FORMULA) else words


def _plain(value: Decimal) -> str:
    """A number with the digits that it has, and no more than `DIGITS` behind the point: a quotient has 28."""
    exponent = value.as_tuple().exponent
    is_long = isinstance(exponent, int) and exponent < -DIGITS
    return format(round(value, DIGITS) if is_long else value, "f")


def table_of(shown: Shown) -> Answer:
    """The figures of a block.

    Raises:
        UsageError: it has none, or too little to show.
    """
    if shown.table is None:
        raise UsageError("This block has no table.", why=_why(shown), hint="take another block of the page")
    return shown.table


def picture_of(shown: Shown, context: PageContext, name: str, block: Block) -> bytes:
    """The drawing of the block of that name as PNG, for an e-mail or a document: with its title, the shop and the days.

    Raises:
        UsageError: it has none, or too little to draw.
    """
    if not shown.charts:
        raise UsageError("This block has no drawing.", why=_why(shown), hint="take another block of the page")
    days = context.period.current
    span = format_day_range(days.first, days.last)
    when = span if _follows(context, block) else f"as of {format_day(context.today)}"
    words = " · ".join(filter(None, (context.shop.name, when, block.note)))
    title = shown.charts[0].title or name.replace("_", " ").capitalize()
    return to_png(shown.charts[0], Caption(title, words, shown.keys))


def _why(shown: Shown) -> str:
    return str(shown.values.get("words") or "It shows figures in words.")


def file_name(context: PageContext, name: str, block: Block, suffix: str) -> str:
    """What the file of the block of that name is called: shop, page, block and days, in letters that every disk takes.

    What does not follow the reader's period carries the day of the data alone.
    """
    days = context.period.current
    when = f"{days.first}_{days.last}" if _follows(context, block) else str(context.today)
    return f"{context.shop.handle}_{context.document.name}_{name}_{when}.{suffix}"


def _follows(context: PageContext, block: Block) -> bool:
    """Whether the block follows the reader's period."""
    return context.document.head.period and not block.fixed
