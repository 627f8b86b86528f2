"""A table that the merchant filled in with a spreadsheet, read as spreadsheets write it.

Owns what a cell may look like and how a wrong one is said; which tables there are is `seeds`' business. Accepted beside
plain CSV: a byte order mark, semicolons or tabs between cells, a first line ``sep=;``, decimal commas, empty lines and
cells at the end. A date is refused in any form but one: 03/04/2026 is two days.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["shop", "text", "date", "month", "amount"]

DECIMALS = 4
_AMOUNT = re.compile(r"\d{1,15}(?:[.,]\d+)?")
_AMBIGUOUS = re.compile(r"\d{1,3}[.,]\d{3}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}(?:-01)?")
_YEARS = range(1990, 2101)
_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Cell:
    """A column as declared."""

    name: str
    kind: Kind
    required: bool = True
    """Whether a cell of it must be filled in."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line, and what to do about it."""

    line: int
    """Counted from 1, as editors and spreadsheets do; 0: it is about the whole file."""
    message: str
    hint: str


@dataclass(frozen=True)
class Row:
    """One line, its cells as dbt reads them: trimmed, points for commas, dates as 2026-01-31; empty where nothing stands."""

    line: int
    cells: Mapping[str, str]


Check = Callable[[Mapping[str, str]], tuple[str, str] | None]
"""What is wrong with a row as a whole, and what to do; None: nothing."""

ShopNamed = Callable[[str], str]
"""The address of a shop by what it is called; raises ValueError with what is wrong with that."""


def read_rows(
    content: bytes,
    columns: Sequence[Cell],
    key: Sequence[str],
    *,
    shop_named: ShopNamed,
    check: Check = lambda row: None,
) -> tuple[list[Row], list[Problem]]:
    """The rows of a file, and everything that is wrong with it; rows are to be used only if nothing is."""
    problems: list[Problem] = []
    try:
        header, separator, lines = _lines(content)
        names = _header(header, columns)
    except _WrongError as wrong:
        return [], [wrong.problem]
    rows: list[Row] = []
    lines_of: dict[tuple[str, ...], int] = {}
    reader = _Reader(columns, separator, shop_named)
    try:
        for line, cells in lines:
            row = _row(line, cells, names, reader, problems)
            if row is None:
                continue
            wrong_with_row = check(row.cells)
            if wrong_with_row:
                problems.append(Problem(line, *wrong_with_row))
                continue
            of_key = tuple(row.cells[name] for name in key)
            if of_key in lines_of:
                problems.append(_twice(line, lines_of[of_key], key, row))
                continue
            lines_of[of_key] = line
            rows.append(row)
    except _WrongError as wrong:
        problems.append(wrong.problem)
    return rows, problems


class _WrongError(Exception):
    """Nothing more can be read of a file."""

    def __init__(self, line: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, message, hint)


def _twice(line: int, before: int, key: Sequence[str], row: Row) -> Problem:
    named = ", ".join(f"{name} {row.cells[name]}" for name in key if row.cells[name])
    return Problem(line, f"{named} stands in line {before} already", "keep one of the two lines")


def _lines(content: bytes) -> tuple[list[str], str, Iterator[tuple[int, list[str]]]]:
    """The header, what separates cells, and the other lines with their numbers; lines without anything are left out."""
    if content.startswith(b"PK\x03\x04"):
        raise _WrongError(
            0, "it is a spreadsheet, not CSV", "save it as CSV: Save as > CSV UTF-8 (comma delimited)"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise _WrongError(
            line, "it is not UTF-8 text", "save it as CSV UTF-8: Save as > CSV UTF-8 (comma delimited)"
        ) from problem
    skipped = 0
    if re.match(r"sep=.\r?\n", text):
        text, skipped = text.split("\n", 1)[1], 1
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    lines = _parsed(text, separator, skipped)
    header = next(lines, None)
    if header is None:
        raise _WrongError(0, "it is empty", "its first line names the columns")
    return header[1], separator, lines


def _parsed(text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise _WrongError(
                start + skipped,
                f"the quotes are broken ({problem})",
                'a cell with a quote in it is written "6"" bone"',
            ) from problem
        if cells is None:
            return
        stripped = [cell.strip().strip("\u00a0") for cell in cells]
        if any(stripped):
            yield start + skipped, stripped
        start = reader.line_num + 1


def _header(header: Sequence[str], columns: Sequence[Cell]) -> list[str]:
    names = [name.lower().replace(" ", "_") for name in header]
    while names and not names[-1]:
        names.pop()
    known = [column.name for column in columns]
    expected = f"the first line is: {','.join(known)}"
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            meant = f"call it {near[0]}" if near else "take the column out"
            raise _WrongError(1, f"there is no column {name!r}", f"{meant}; {expected}")
        if names.count(name) > 1:
            raise _WrongError(1, f"the column {name} is there twice", expected)
    for column in columns:
        if column.name not in names and column.kind != "shop":
            raise _WrongError(1, f"the column {column.name} is missing", expected)
    return names


def _row(
    line: int, cells: Sequence[str], names: Sequence[str], reader: _Reader, problems: list[Problem]
) -> Row | None:
    """The row; None, and what is wrong with it among ``problems``."""
    if any(cells[len(names) :]):
        problems.append(
            Problem(
                line,
                f"it has {len(cells)} cells, the first line {len(names)}",
                'a comma inside of a cell needs quotes, as in "12,50"; or write 12.50',
            )
        )
        return None
    given = dict(zip(names, cells, strict=False))
    try:
        return Row(line, {cell.name: reader.read(cell, given.get(cell.name, "")) for cell in reader.columns})
    except _CellError as wrong:
        problems.append(Problem(line, str(wrong), wrong.hint))
        return None


class _CellError(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class _Reader:
    """Cells as dbt reads them."""

    def __init__(self, columns: Sequence[Cell], separator: str, shop_named: ShopNamed) -> None:
        self.columns = columns
        self._separator = separator
        self._shop_named = shop_named

    def read(self, cell: Cell, text: str) -> str:
        """The text of a cell.

        Raises:
            _CellError: it is wrong.
        """
        if cell.kind == "shop":
            try:
                return self._shop_named(text)
            except ValueError as problem:
                raise _CellError(
                    str(problem), "write the shop's address there, as in shopstack.toml"
                ) from problem
        if not text:
            if cell.required:
                raise _CellError(f"{cell.name} is empty", "fill it in, or take the line out")
            return ""
        if cell.kind == "amount":
            return self._amount(cell.name, text)
        if cell.kind in ("date", "month"):
            return _day(cell, text)
        return text

    def _amount(self, name: str, text: str) -> str:
        if re.fullmatch(rf"-\s*{_AMOUNT.pattern}", text):
            raise _CellError(
                f"{name} is less than 0: {text!r}",
                "costs are written without a minus; take the line out if there is none",
            )
        if not _AMOUNT.fullmatch(text):
            raise _CellError(
                f"{name} is not a number: {text!r}",
                "write 1234.50, without a currency and without thousands separators",
            )
        plain = self._separator == "," and "." in text
        if _AMBIGUOUS.fullmatch(text) and not plain:
            whole, part = re.split("[.,]", text)
            raise _CellError(
                f"{name} may be two numbers: {text!r}", f"write {whole}{part} or {whole}.{part}0"
            )
        number = Decimal(text.replace(",", "."))
        if number != round(number, DECIMALS):
            raise _CellError(
                f"{name} has more than {DECIMALS} decimals: {text!r}", f"write {round(number, DECIMALS)}"
            )
        return f"{number:f}"


def _day(cell: Cell, text: str) -> str:
    whole_month = cell.kind == "month"
    example = "2026-01" if whole_month else "2026-01-31"
    hint = f"write it as {example}; in a spreadsheet, format the column as text first, or as YYYY-MM-DD"
    wrong = _CellError(f"{cell.name} is not a {cell.kind} as {example}: {text!r}", hint)
    if not (_MONTH if whole_month else _DATE).fullmatch(text):
        raise wrong
    try:
        day = date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
    except ValueError as problem:
        raise wrong from problem
    if day.year not in _YEARS:
        raise _CellError(f"{cell.name} lies in the year {day.year}", hint)
    return day.isoformat()


def write_rows(columns: Iterable[Cell], rows: Iterable[Row]) -> bytes:
    """The rows as dbt reads them."""
    names = [column.name for column in columns]
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.cells[name] for name in names] for row in rows)
    return written.getvalue().encode()
