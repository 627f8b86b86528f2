"""Shopify's exported sales report: what is read of it, and what is refused, naming line and column."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack.errors import UsageError
from shopstack.extract.exported import METRICS, read_exported
from shopstack.warehouse.engine_state import EXPORTED_METRICS
from shopstack.warehouse.exported import ExportedReport

TODAY = date(2026, 6, 30)
HEADINGS = "Day,Orders,Gross sales,Discounts,Returns,Net sales,Shipping charges,Duties,Additional fees,Taxes,Total sales"
MARCH = "2026-03-29,18,4722.08,-135.04,-48.12,4538.92,42.16,0,0,29.03,4610.11"


def read(folder: Path, content: str | bytes, currency: str = "USD") -> ExportedReport:
    file = folder / "sales.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_exported(file, currency=currency, today=TODAY)


def days(folder: Path, *written: str) -> list[date]:
    lines = [f'"{day}",{place}' for place, day in enumerate(written)]
    return [one.day for one in read(folder, "\n".join(["Day,Orders", *lines])).days]


def test_an_export_is_read_as_shopify_writes_it(tmp_path: Path) -> None:
    report = read(tmp_path, f"{HEADINGS}\n{MARCH}\n")
    (day,) = report.days
    assert (report.file, day.day) == ("sales.csv", date(2026, 3, 29))
    assert set(day.figures) == set(EXPORTED_METRICS) - {"return_fees"}
    assert (day.figures["sales_reversals"], day.figures["orders"]) == (Decimal("-48.12"), Decimal(18))
    assert set(METRICS.values()) == set(EXPORTED_METRICS)


def test_an_export_was_made_when_its_file_was_and_never_in_the_future(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text("Day,Orders\n2026-03-29,1\n")
    for moment in (datetime(2026, 4, 1, 12, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)):
        os.utime(file, (moment.timestamp(), moment.timestamp()))
        found = read_exported(file, currency="USD", today=TODAY).exported_at
        assert found == moment or moment.year == 2999
        assert found <= datetime.now(UTC)


@pytest.mark.parametrize(
    "content",
    [
        f"\N{BYTE ORDER MARK}{HEADINGS}\r\n{MARCH}\r\n",
        f"{HEADINGS}\n{MARCH}\n".replace(",", ";"),
        f"{HEADINGS}\n{MARCH}\n".replace(",", "\t"),
        "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in (HEADINGS, MARCH)),
        f"{HEADINGS.replace('Returns', 'Sales reversals').upper()}\n\n{MARCH}\n,,,,,,,,,,\n",
        f"{HEADINGS.lower().replace(' ', '_')}\n{MARCH}T00:00:00\n".replace("T00:00:00", ""),
        f"{HEADINGS},Day (previous_period),Total sales (previous_period)\n{MARCH},2025-03-29,1.00\n",
        f"{HEADINGS}\n{MARCH}\nTotal,{MARCH.partition(',')[2]}\n",
        f"{HEADINGS}\n{MARCH.replace('4610.11', '$4610.11').replace('-48.12', '-$48.12').replace('42.16', '42.16 USD')}\n",
        f"{HEADINGS}\n{MARCH.replace('-48.12', chr(0x2212) + '48.12')}\n",
    ],
)
def test_ways_of_writing_the_same_report(tmp_path: Path, content: str) -> None:
    plain = read(tmp_path, f"{HEADINGS}\n{MARCH}\n")
    assert read(tmp_path, content).days == plain.days


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["2026-03-04", "2026/03/05", "2026-03-06T00:00:00"], [4, 5, 6]),
        (["12/03/2026", "13/03/2026"], [12, 13]),
        (["03/12/2026", "03/13/2026"], [12, 13]),
        (["03/03/2026"], [3]),
        (["12.03.2026", "31.03.2026"], [12, 31]),
        (["Mar 4, 2026", "5 March 2026"], [4, 5]),
    ],
)
def test_days_are_read_where_the_file_leaves_no_doubt(
    tmp_path: Path, written: list[str], expected: list[int]
) -> None:
    assert days(tmp_path, *written) == [date(2026, 3, day) for day in expected]


BAD: dict[str, tuple[str | bytes, list[str]]] = {
    "nothing at all": ("", ["sales.csv is empty"]),
    "only headings": (f"{HEADINGS}\n", ["holds no day"]),
    "only a total": ("Day,Orders\nTotal,0\n", ["holds no day"]),
    "a spreadsheet": (b"PK\x03\x04\n\xff\xfe", ["line 2", "not the text of a CSV file", ".xlsx"]),
    "no day": ("Product,Total sales\nTreats,1\n", ["line 1", "no column Day", "Product, Total sales"]),
    "in another language": (
        "Tag,Bestellungen,Gesamtumsatz\n2026-03-01,1,1\n",
        ["no column Day", "Tag, Bestellungen", "English are known"],
    ),
    "by month": ("Month,Total sales\n2026-03,1\n", ["no column Day", 'grouped by "month"']),
    "no figure": ("Day\n2026-03-01\n", ["line 1", "no figure to compare"]),
    "an unknown column": (
        "Day,Gross profit,Orders\n2026-03-01,1,2\n",
        ["line 1, column Gross profit", "no such figure", "Known are Day, Orders"],
    ),
    "a figure twice": ("Day,Returns,Sales reversals\n2026-03-01,1,1\n", ["column Sales reversals", "twice"]),
    "two days": ("Day,Date,Orders\n2026-03-01,2026-03-01,1\n", ["column Date", "twice"]),
    "a torn line": (
        "Day,Orders\n2026-03-01,1\n2026-03-02\n",
        ["line 3, column 2", "under 2 headings"],
    ),
    "no such day": ("Day,Orders\n2026-02-30,1\n", ["line 2, column Day", "no day of the calendar"]),
    "words": ("Day,Orders\nyesterday,1\n", ["line 2, column Day", "'yesterday' is no day"]),
    "ambiguous days": (
        "Day,Orders\n03/03/2026,1\n03/04/2026,1\n",
        ["line 3, column Day", "may be two different days", "no line of the file tells"],
    ),
    "contradictory days": (
        "Day,Orders\n13/03/2026,1\n03/14/2026,1\n",
        ["line 3, column Day", "contradicts the lines above"],
    ),
    "a day twice": (
        "Day,Orders\n2026-03-01,1\n2026-03-02,1\n2026-03-01,1\n",
        ["line 4, column Day", "twice", "line 2 too"],
    ),
    "a day to come": ("Day,Orders\n2026-07-01,1\n", ["line 2, column Day", "not come yet", "2026-06-30"]),
    "thousands": (
        'Day,Total sales\n2026-03-01,"1,234.50"\n',
        ["line 2, column Total sales", "thousands separator"],
    ),
    "thousands by spaces": ("Day,Total sales\n2026-03-01,1\N{NO-BREAK SPACE}234\n", ["thousands separator"]),
    "a decimal comma": ("Day;Total sales\n2026-03-01;12,50\n", ["column Total sales", "decimal comma"]),
    "another currency": (
        "Day,Total sales\n2026-03-01,€12.50\n",
        ["line 2, column Total sales", "marked EUR", "The shop's currency is USD"],
    ),
    "another currency's code": ("Day,Total sales\n2026-03-01,CA$12.50 CAD\n", ["marked CAD"]),
    "an empty cell": ("Day,Orders,Taxes\n2026-03-01,1,\n", ["line 2, column Taxes", "it is empty"]),
    "half an order": ("Day,Orders\n2026-03-01,1.5\n", ["line 2, column Orders", "no number of orders"]),
    "no amount": ("Day,Taxes\n2026-03-01,(1.50)\n", ["line 2, column Taxes", "'(1.50)' is no amount"]),
    "a total of other days": (
        "Day,Taxes\n2026-03-01,1\n2026-03-02,2\n,4\n",
        ["line 4, column Taxes", "the total is 4, and the days add up to 3"],
    ),
    "a quote without an end": (
        'Day,Orders\n2026-03-01,1\n"2026-03-02,1\n' + "2026-03-03,1\n" * 20_000,
        ["line 3", "the quotes are broken"],
    ),
    "something behind a quote": ('Day,Orders\n"2026-03-01"x,1\n', ["line 2", "the quotes are broken"]),
    "a line break in a cell": (
        'Day,Orders\n"2026-03-01\n",1\n2026-03-02,x\n',
        ["line 4, column Orders", "'x' is no amount"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_not_beyond_doubt_is_refused_naming_the_place(tmp_path: Path, name: str) -> None:
    content, words = BAD[name]
    with pytest.raises(UsageError) as caught:
        read(tmp_path, content)
    told = f"{caught.value.message} {caught.value.why}"
    assert [word for word in words if word not in told] == [], told
    assert "Analytics > Reports" in caught.value.hint


def test_a_mark_that_several_currencies_share_is_taken_for_the_shops(tmp_path: Path) -> None:
    content = "Day,Total sales\n2026-03-01,$12.50\n"
    assert read(tmp_path, content, "CAD").days[0].figures["total_sales"] == Decimal("12.50")
    with pytest.raises(UsageError, match="is marked AUD or CAD"):
        read(tmp_path, content, "EUR")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv cannot be read"):
        read_exported(tmp_path / "nowhere.csv", currency="USD", today=TODAY)


def test_a_report_in_another_language_is_told_to_be_exported_in_english(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Tag,Gesamtumsatz\n2026-03-01,1\n", encoding="utf-8")
    with pytest.raises(UsageError) as found:
        read_exported(tmp_path / "sales.csv", currency="USD", today=date(2026, 4, 1))
    assert found.value.hint.startswith("set the language of your account in the admin to English")
