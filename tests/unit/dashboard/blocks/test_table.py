"""Tables: how they stand on a phone, and what of them is in the CSV."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from shopstack.dashboard.blocks.table import Column, Table
from shopstack.dashboard.page import PageContext
from shopstack.publish.snapshot import Answer

STEP, AMOUNT, STATE = (
    Column(column="step"),
    Column(column="amount", format="count", tone="look"),
    Column(column="state"),
)


def context(*rows: dict[str, Any]) -> PageContext:
    """A page with one query that finds these rows."""
    return cast(
        "PageContext",
        SimpleNamespace(
            rows=lambda _: list(rows),
            answer=lambda _: Answer(tuple(rows[0]), [tuple(row.values()) for row in rows]),
            document=SimpleNamespace(head=SimpleNamespace(period=True)),
            period=SimpleNamespace(previous=None),
            shop=SimpleNamespace(currency_code="USD", timezone="UTC"),
        ),
    )


@pytest.mark.parametrize(
    ("columns", "state", "stacks"),
    [
        ((STEP, AMOUNT, STATE), "paid", False),
        ((STEP, AMOUNT, STATE), "in the balance of another month", True),
        ((STEP, AMOUNT, AMOUNT, AMOUNT, STATE), "paid", True),
        ((STEP, AMOUNT), "in the balance of another month", False),
    ],
)
def test_long_texts_and_many_columns_stand_below_the_name_on_a_phone(
    columns: tuple[Column, ...], state: str, *, stacks: bool
) -> None:
    row = {"step": "Paid out for earlier months", "amount": 3, "state": state, "look": "good"}
    assert Table(data="q", columns=columns).show(context(row)).values["stacks"] is stacks


def test_a_csv_has_no_column_that_only_says_how_another_looks() -> None:
    shown = Table(data="q", columns=(STEP, AMOUNT)).show(context({"step": "a", "amount": 1, "look": "good"}))
    assert shown.table == Answer(("step", "amount"), [("a", 1)])
