"""Owns ShopifyQL as far as the daily sales report goes: ``FROM sales SHOW … TIMESERIES day SINCE … UNTIL …``.

Clauses, date forms and the shape of the answer follow Shopify's reference (https://shopify.dev/docs/api/shopifyql);
clauses may stand in any order, as in its current edition. The figures come from the store's own daily report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shopstack.simulator.server.documents import DocumentStore

MAX_ROWS: Final = 1000
DEFAULT_DAYS: Final = 30
CLAUSES: Final = (
    "FROM",
    "SHOW",
    "WHERE",
    "SINCE",
    "UNTIL",
    "DURING",
    "GROUP BY",
    "TIMESERIES",
    "COMPARE TO",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "WITH",
    "VISUALIZE",
)

#: Columns of the table ``sales``: data type and name shown.
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "orders": ("INTEGER", "Orders"),
    "gross_sales": ("MONEY", "Gross sales"),
    "discounts": ("MONEY", "Discounts"),
    "sales_reversals": ("MONEY", "Sales reversals"),
    "net_sales": ("MONEY", "Net sales"),
    "shipping_charges": ("MONEY", "Shipping charges"),
    "return_fees": ("MONEY", "Return fees"),
    "duties": ("MONEY", "Duties"),
    "additional_fees": ("MONEY", "Additional fees"),
    "taxes": ("MONEY", "Taxes"),
    "total_sales": ("MONEY", "Total sales"),
}
#: The old name of sales reversals: deprecated in 2026-04, gone from 2026-07.
RETURNS: Final = "returns"
RETURNS_UNTIL: Final = "2026-04"


class ReportError(Exception):
    """A query that cannot be answered: one entry of ``parseErrors``."""


@dataclass
class Report:
    """A parsed query."""

    columns: list[str] = field(default_factory=list)
    grouped_by_day: bool = False
    since: date | None = None
    until: date | None = None
    timezone: str = ""
    order: tuple[str, bool] | None = None
    limit: int = MAX_ROWS


def answer_report(store: DocumentStore, text: str, version: str) -> dict[str, Any]:
    """The ``ShopifyqlQueryResponse`` of a query: a table, or why there is none."""
    try:
        report = parse_report(text, store.shop.timezone, store.clock.now(), version)
        return {"parseErrors": [], "tableData": table(store, report)}
    except ReportError as error:
        return {"parseErrors": [str(error)], "tableData": None}


def parse_report(text: str, timezone: str, now: datetime, version: str) -> Report:
    """Read a query. Raises ``ReportError``."""
    clauses = split_clauses(text)
    for required in ("FROM", "SHOW"):
        if required not in clauses:
            raise ReportError(f"Query must include {required}.")
    if clauses["FROM"].lower() != "sales":
        raise ReportError(f"Table not found: {clauses['FROM']}.")
    report = Report(timezone=timezone)
    if "WITH" in clauses:
        read_with(report, clauses["WITH"])
    today = now.astimezone(ZoneInfo(report.timezone)).date()
    report.columns = [known_column(name.strip(), version) for name in clauses["SHOW"].split(",")]
    readers: Mapping[str, Callable[[Report, str, date], None]] = {
        "TIMESERIES": read_timeseries,
        "GROUP BY": read_timeseries,
        "SINCE": read_since,
        "UNTIL": read_until,
        "ORDER BY": read_order,
        "LIMIT": read_limit,
    }
    for clause, content in clauses.items():
        if clause in readers:
            readers[clause](report, content, today)
        elif clause not in ("FROM", "SHOW", "WITH"):
            raise ReportError(f"The simulator does not answer {clause}.")
    report.until = report.until or today
    report.since = report.since or report.until - timedelta(days=DEFAULT_DAYS)
    if report.until < report.since:
        raise ReportError("UNTIL cannot be before SINCE.")
    return report


def split_clauses(text: str) -> dict[str, str]:
    """The query cut at its keywords. Raises ``ReportError`` for a clause given twice or text outside of any."""
    names = "|".join(name.replace(" ", r"\s+") for name in CLAUSES)
    parts = re.split(rf"\b({names})\b", text.strip(), flags=re.IGNORECASE)
    if parts[0].strip():
        raise ReportError(f"Unexpected input: {parts[0].strip()}.")
    clauses: dict[str, str] = {}
    for keyword, content in zip(parts[1::2], parts[2::2], strict=True):
        name = " ".join(keyword.upper().split())
        if name in clauses:
            raise ReportError(f"Duplicate clause: {name}.")
        if not content.strip():
            raise ReportError(f"Missing parameter for {name}.")
        clauses[name] = content.strip()
    return clauses


def known_column(name: str, version: str) -> str:
    """The column of that name. Raises ``ReportError``."""
    if name in COLUMNS or (name == RETURNS and version <= RETURNS_UNTIL):
        return name
    raise ReportError(f"Column not found: {name}.")


def read_with(report: Report, content: str) -> None:
    """``WITH TIMEZONE 'Area/City'``."""
    match = re.fullmatch(r"TIMEZONE\s+['\"]([^'\"]+)['\"]", content, re.IGNORECASE)
    if match is None:
        raise ReportError(f"The simulator does not answer WITH {content}.")
    try:
        ZoneInfo(match[1])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ReportError(f"Unknown timezone: {match[1]}.") from error
    report.timezone = match[1]


def read_timeseries(report: Report, content: str, _today: date) -> None:
    """``TIMESERIES day`` or ``GROUP BY day``."""
    if content.lower() != "day":
        raise ReportError(f"The simulator groups by day only, not by {content}.")
    report.grouped_by_day = True


def read_since(report: Report, content: str, today: date) -> None:
    """``SINCE`` with a day, inclusive."""
    report.since = day_of(content, today)


def read_until(report: Report, content: str, today: date) -> None:
    """``UNTIL`` with a day, inclusive."""
    report.until = day_of(content, today)


def day_of(content: str, today: date) -> date:
    """A day: ``2026-01-31``, ``today``, ``yesterday`` or ``-30d``. Raises ``ReportError``."""
    text = content.strip("'\"").lower()
    if match := re.fullmatch(r"-(\d+)d", text):
        return today - timedelta(days=int(match[1]))
    named = {"today": today, "now": today, "yesterday": today - timedelta(days=1)}
    if text in named:
        return named[text]
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ReportError(f"Invalid date: {content}.") from error


def read_order(report: Report, content: str, _today: date) -> None:
    """``ORDER BY column [ASC|DESC]``."""
    match = re.fullmatch(r"(\w+)(?:\s+(ASC|DESC))?", content, re.IGNORECASE)
    if match is None or match[1] not in {"day", *report.columns}:
        raise ReportError(f"Cannot order by {content}.")
    report.order = (match[1], (match[2] or "").upper() == "DESC")


def read_limit(report: Report, content: str, _today: date) -> None:
    """``LIMIT n``; no query gives more than ``MAX_ROWS``."""
    if not content.isdigit():
        raise ReportError(f"Invalid limit: {content}.")
    report.limit = min(int(content), MAX_ROWS)


def table(store: DocumentStore, report: Report) -> dict[str, Any]:
    """The table of a report; rows are objects whose values are strings."""
    assert report.since is not None  # noqa: S101 - parse_report sets both ends
    assert report.until is not None  # noqa: S101
    days = store.daily_report(report.since, report.until, report.timezone)
    rows: list[dict[str, Any]] = [dict(each) for each in days]
    if not report.grouped_by_day:
        rows = [{name: sum(each[name] for each in days) for name in map(source_of, report.columns)}]
    if report.order:
        name, descending = report.order
        rows.sort(key=lambda row: row[source_of(name)], reverse=descending)
    names = (["day"] if report.grouped_by_day else []) + report.columns
    return {
        "columns": [column(name) for name in names],
        "rows": [{name: printed(row[source_of(name)]) for name in names} for row in rows[: report.limit]],
    }


def source_of(name: str) -> str:
    """The metric behind a column."""
    return "sales_reversals" if name == RETURNS else name


def column(name: str) -> dict[str, Any]:
    """A column's description."""
    kinds = {**COLUMNS, "day": ("DAY_TIMESTAMP", "Day"), RETURNS: ("MONEY", "Returns")}
    kind, shown = kinds[name]
    return {"name": name, "dataType": kind, "displayName": shown, "subType": None}


def printed(value: Any) -> str:
    """A cell as text: days as ISO dates, amounts in full."""
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
