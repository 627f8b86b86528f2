"""Shopify's day-by-day sales report as the owner exports it from the admin: a CSV file, read whole or refused.

What the file looks like is written down here and nowhere else. Every refusal names the line and the column; nothing is
guessed, since a figure that was read wrongly would look like a difference.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from shopstack.errors import UsageError
from shopstack.extract.exported_days import read_days
from shopstack.warehouse.exported import ExportedDay, ExportedReport

DAY = ("day", "date")
METRICS: Mapping[str, str] = {
    "orders": "orders",
    "gross sales": "gross_sales",
    "discounts": "discounts",
    "returns": "sales_reversals",
    "sales reversals": "sales_reversals",
    "net sales": "net_sales",
    "shipping": "shipping_charges",
    "shipping charges": "shipping_charges",
    "duties": "duties",
    "additional fees": "additional_fees",
    "return fees": "return_fees",
    "taxes": "taxes",
    "total sales": "total_sales",
}
"""Headings of Shopify's, in lower case, and the report's own names; `returns` is what reversals were called before."""

PASSED_OVER = re.compile(r".*\(previous[ _](period|year)\)|average order value")
"""Columns that a report may have and that are not compared: those of the period it was compared with, and averages."""

COARSER = ("hour", "week", "month", "quarter", "year")
TOTALS = ("", "total", "totals", "summary")

MARKS: Mapping[str, tuple[str, ...]] = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
}
"""Signs of currencies, and which currencies use them."""

__all__ = ["METRICS", "ExportedReport", "read_exported"]

EXPORT_AGAIN = (
    'in the admin: Analytics > Reports > "Total sales over time", grouped by day, '
    "Export > Plain CSV file; the file as it comes, not saved by a spreadsheet"
)

IN_ENGLISH = (
    "set the language of your account in the admin to English for the export (your name > Manage account), then "
    + EXPORT_AGAIN
)

_AMOUNT = re.compile(r"[-\N{MINUS SIGN}]?\d+(\.\d{1,4})?")
_SEPARATED = re.compile(
    r"[-\N{MINUS SIGN}]?\d{1,3}([,'\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]\d{3})+(\.\d+)?"
)
_DECIMAL_COMMA = re.compile(r"[-\N{MINUS SIGN}]?[\d.]+,\d+")
_CODE = re.compile(r"\b[A-Z]{3}\b")


@dataclass(frozen=True)
class _Cell:
    """Where something stands, for whoever must mend it."""

    file: str
    line: int
    column: str

    def wrong(self, what: str, why: str, hint: str = EXPORT_AGAIN) -> UsageError:
        return UsageError(f"{self.file}, line {self.line}, column {self.column}: {what}", why=why, hint=hint)


def read_exported(file: Path, *, currency: str, today: date) -> ExportedReport:
    """The days of an exported report.

    Args:
        file: the file as Shopify gave it.
        currency: the shop's, in which the amounts must be.
        today: the shop's current day; no day of the file lies after it.

    Raises:
        UsageError: the file is missing, empty, not such a report, or anything in it is not beyond doubt.
    """
    lines = [
        (number, row) for number, row in _rows(file.name, _text(file)) if any(cell.strip() for cell in row)
    ]
    if not lines:
        raise UsageError(
            f"{file.name} is empty.", why="There is not even a line of headings.", hint=EXPORT_AGAIN
        )
    (heading, headings), *body = lines
    sheet = _Sheet(file.name, currency, headings, *_columns(file.name, heading, headings))
    for number, row in body:
        sheet.check_length(number, row)
    totals = [(number, row) for number, row in body if sheet.is_total(row)]
    body = [line for line in body if line not in totals]
    if not body:
        raise UsageError(
            f"{file.name} holds no day.", why="There is nothing below the headings.", hint=EXPORT_AGAIN
        )
    days = _checked_days([(sheet.cell(number, sheet.day), row[sheet.day]) for number, row in body], today)
    read = tuple(
        ExportedDay(day, sheet.figures(number, row)) for day, (number, row) in zip(days, body, strict=True)
    )
    for number, row in totals:
        sheet.check_total(number, row, read)
    exported_at = min(datetime.fromtimestamp(file.stat().st_mtime, UTC), datetime.now(UTC))
    return ExportedReport(file.name, exported_at, read)


@dataclass(frozen=True)
class _Sheet:
    """The file's columns, and what stands in a line of it."""

    file: str
    currency: str
    headings: Sequence[str]
    day: int
    metrics: Mapping[int, str]

    def cell(self, line: int, place: int) -> _Cell:
        return _Cell(self.file, line, self.headings[place].strip())

    def check_length(self, line: int, row: Sequence[str]) -> None:
        wide = len(self.headings)
        if len(row) != wide:
            raise _Cell(self.file, line, str(min(len(row), wide) + 1)).wrong(
                f"there are {len(row)} cells under {wide} headings.",
                "The lines of a report are all of one length; was the file saved by another program?",
            )

    def is_total(self, row: Sequence[str]) -> bool:
        return row[self.day].strip().lower().rstrip(":") in TOTALS

    def figures(self, line: int, row: Sequence[str]) -> Mapping[str, Decimal]:
        return {
            name: _figure(self.cell(line, place), row[place], self.currency, is_count=name == "orders")
            for place, name in self.metrics.items()
        }

    def check_total(self, line: int, row: Sequence[str], days: Sequence[ExportedDay]) -> None:
        """A line of totals is no day; it must be the sum of the days, or days are missing, or it is no such line."""
        total = self.figures(line, row)
        for place, name in self.metrics.items():
            added = sum((one.figures[name] for one in days), Decimal(0))
            # An order that was edited counts on both days, and once in the total.
            if name != "orders" and added != total[name]:
                raise self.cell(line, place).wrong(
                    f"the total is {total[name]}, and the days add up to {added}.",
                    "A line without a day is read as the report's total: days are missing, or the day is.",
                )


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise UsageError(
            f"{file} cannot be read.",
            why=str(problem.strerror or problem),
            hint="shopstack verify --against FILE.csv",
        ) from problem
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise UsageError(
            f"{file.name}, line {line}: this is not the text of a CSV file.",
            why="It is not UTF-8, as Shopify's exports are. A spreadsheet's own file (.xlsx) cannot be read.",
            hint=EXPORT_AGAIN,
        ) from problem


def _rows(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line's cells, with the line's number in the file; told apart by what the headings are told apart by.

    Raises:
        UsageError: a quote has no end, or something stands behind it.
    """
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as problem:
            raise UsageError(
                f"{file}, line {before + 1}: the quotes are broken.", why=f"{problem}.", hint=EXPORT_AGAIN
            ) from problem
        if row is None:
            return
        yield before + 1, row
        before = reader.line_num


def _columns(file: str, line: int, headings: Sequence[str]) -> tuple[int, Mapping[int, str]]:
    """The place of the day, and of each figure by its place; what is neither must be known to be passed over."""
    plain = [" ".join(one.replace("_", " ").lower().split()) for one in headings]
    days = [place for place, name in enumerate(plain) if name in DAY]
    if not days:
        coarser = next((name for name in plain if name in COARSER), "")
        why = f'It is grouped by "{coarser}".' if coarser else f"Its headings are: {', '.join(headings)}."
        is_english = coarser or any(name in METRICS for name in plain)
        raise UsageError(
            f"{file}, line {line}: there is no column Day.",
            why=why if is_english else f"{why} Only those of Shopify in English are known.",
            hint=EXPORT_AGAIN if is_english else IN_ENGLISH,
        )
    metrics: dict[int, str] = {}
    for place, name in enumerate(plain):
        cell = _Cell(file, line, headings[place].strip() or str(place + 1))
        if place == days[0] or PASSED_OVER.fullmatch(name):
            continue
        known = METRICS.get(name)
        if known is None or name in DAY:
            what = "it stands there twice." if name in DAY else "the sales report has no such figure."
            known_ones = ", ".join(one.capitalize() for one in METRICS)
            raise cell.wrong(
                what,
                f"Known are Day, {known_ones}.",
                f"take the column out of the report, or the file; or {EXPORT_AGAIN}",
            )
        if known in metrics.values():
            raise cell.wrong("this figure stands there twice.", "Only one of them can be compared.")
        metrics[place] = known
    if not metrics:
        raise UsageError(
            f"{file}, line {line}: there is no figure to compare.",
            why=f"Its headings are: {', '.join(headings)}.",
            hint=EXPORT_AGAIN,
        )
    return days[0], metrics


def _checked_days(cells: Sequence[tuple[_Cell, str]], today: date) -> tuple[date, ...]:
    """The days, each once and none in the future."""
    days = read_days([text for _, text in cells], lambda place: cells[place][0].wrong)
    seen: dict[date, int] = {}
    for day, (cell, text) in zip(days, cells, strict=True):
        if day in seen:
            raise cell.wrong(
                f"{text} stands there twice.",
                f"It is in line {seen[day]} too: the report must have one line a day, without a further dimension.",
            )
        if day > today:
            raise cell.wrong(f"{text} has not come yet.", f"In the shop's timezone it is {today}.")
        seen[day] = cell.line
    return days


def _figure(cell: _Cell, written: str, currency: str, *, is_count: bool) -> Decimal:
    """An amount as Shopify writes it: digits, a point, a minus; a mark may stand there if it is the shop's currency."""
    text = _unmarked(cell, written.strip(), currency)
    if not text:
        raise cell.wrong("it is empty.", "A day without such sales is 0 in Shopify's report.")
    if _SEPARATED.fullmatch(text):
        raise cell.wrong(f"{written!r} has a thousands separator.", "Shopify writes amounts without any.")
    if _DECIMAL_COMMA.fullmatch(text):
        raise cell.wrong(f"{written!r} has a decimal comma.", "Shopify writes amounts with a point.")
    if not _AMOUNT.fullmatch(text):
        raise cell.wrong(f"{written!r} is no amount.", "An amount is written like -1234.50.")
    try:
        amount = Decimal(text.replace("\N{MINUS SIGN}", "-"))
    except InvalidOperation as problem:
        raise cell.wrong(f"{written!r} is no amount.", "An amount is written like -1234.50.") from problem
    if is_count and amount != amount.to_integral_value():
        raise cell.wrong(f"{written!r} is no number of orders.", "Orders are whole.")
    return amount


def _unmarked(cell: _Cell, text: str, currency: str) -> str:
    """The amount without its mark of currency.

    Raises:
        UsageError: the mark is of another currency than the shop's.
    """
    meant: set[str] = set()
    for code in _CODE.findall(text):
        meant, text = {code}, text.replace(code, "")
    for mark, currencies in MARKS.items():
        if mark in text:
            meant, text = meant or set(currencies), text.replace(mark, "")
    if meant and currency not in meant:
        raise cell.wrong(
            f"the amount is marked {' or '.join(sorted(meant))}.",
            f"The shop's currency is {currency}: is the report of another shop?",
        )
    return text.strip()
