"""Reads invoice lines out of the file: what is kept, priced to the penny and dated in UTC, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow.parquet

TIMEZONE = "Europe/London"
LONDON = ZoneInfo(TIMEZONE)


@dataclass(slots=True)
class Total:
    """How many rows, and what they come to in pence."""

    rows: int = 0
    pence: int = 0

    def add(self, pence: int) -> None:
        """Count one row."""
        self.rows += 1
        self.pence += pence

    @property
    def amount(self) -> Decimal:
        """The sum in pounds."""
        return Decimal(self.pence).scaleb(-2)


@dataclass(slots=True)
class ImportReport:
    """What became of the file's rows."""

    rows: int = 0
    orders: int = 0
    customers: int = 0
    products: int = 0
    bad_debt: Total = field(default_factory=Total)
    """Left out: rows of A invoices."""
    corrections: Total = field(default_factory=Total)
    """Left out: negative quantities in invoices without a leading C."""
    matched: Total = field(default_factory=Total)
    """Parts of C rows that were found on earlier lines, one for each line, and what they refund."""
    unmatched: Total = field(default_factory=Total)
    """C rows, or what is left of them, that the carry-over order refunds."""

    @property
    def left_out(self) -> Total:
        """Everything that is not in the store."""
        return Total(self.bad_debt.rows + self.corrections.rows, self.bad_debt.pence + self.corrections.pence)


class Row(NamedTuple):
    """One invoice line; the price in pence, the time in UTC."""

    invoice: str
    code: str
    description: str | None
    quantity: int
    at: datetime
    price: int
    customer: int | None
    country: str


_COLUMNS = [
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "Customer ID",
    "Country",
]


def _cells(path: Path) -> Iterator[tuple[Any, ...]]:
    """The file's rows as they stand, batch by batch."""
    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=_COLUMNS):
            yield from zip(*(batch.column(name).to_pylist() for name in _COLUMNS), strict=True)


def read_rows(path: Path, report: ImportReport) -> Iterator[Row]:
    """The rows that are kept, in the order of the file; the others are counted."""
    pence: dict[float, int] = {}
    times: dict[str, datetime] = {}
    for invoice, code, description, quantity, when, price, customer, country in _cells(path):
        report.rows += 1
        if (units := pence.get(price)) is None:
            rounded = Decimal(str(price)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            units = pence[price] = int(rounded.scaleb(2))
        if invoice.startswith("A"):
            report.bad_debt.add(quantity * units)
            continue
        if quantity <= 0 and not invoice.startswith("C"):
            report.corrections.add(quantity * units)
            continue
        if (at := times.get(when)) is None:
            at = times[when] = datetime.fromisoformat(when).replace(tzinfo=LONDON).astimezone(UTC)
        named = None if description is None else intern(description)
        yield Row(intern(invoice), intern(code), named, quantity, at, units, customer, intern(country))
