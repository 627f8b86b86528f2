"""Whatever came in whatever windows: a checkpoint of them loads to the rows that loading them all had given."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopstack.landing import LandedWindow, Window, WindowWriter
from shopstack.shopify.streams import ORDERS
from shopstack.storage import Storage
from shopstack.warehouse.compaction import compact
from shopstack.warehouse.duckdb import DuckDBWarehouse
from tests.unit.warehouse.landed import (
    LOADED_AT,
    SHOP,
    Line,
    agreement,
    gid,
    line_item,
    order,
    rows,
    sale,
    shipping_line,
    warehouse,
)

ORDER = st.integers(1, 4)
VERSION = st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans())
"""Lines and sales of a tree, and whether it moved while it was read."""
READING = st.dictionaries(ORDER, VERSION, max_size=4)
SWEEP = st.tuples(st.sets(ORDER, max_size=2), st.sets(ORDER, max_size=2))
HISTORY = st.lists(st.one_of(READING, SWEEP), min_size=1, max_size=5)


def tree(number: int, version: tuple[int, int, bool], reading: int) -> list[Line]:
    items, sales, moved = version
    lines = [
        order(number, name=f"#{number} as of {reading}"),
        shipping_line(number),
        agreement(number, number),
    ]
    lines += [line_item(number * 10 + item, number) for item in range(items)]
    lines += [sale(number * 10 + one, number, amount=f"{reading}.5") for one in range(sales)]
    return [*lines, {"__typename": "Moved", "__parentId": gid("Order", number)}] if moved else lines


def land(folder: Path, happened: Any, reading: int) -> LandedWindow:
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=reading)
    swept = isinstance(happened, tuple)
    gone, back = happened if swept else (set(), set())
    with WindowWriter(Storage(folder / "landing"), SHOP, ORDERS) as writer:
        if not swept:
            for number, version in happened.items():
                writer.write(b"".join(orjson.dumps(one) + b"\n" for one in tree(number, version, reading)))
        return writer.commit(
            Window(None, at),
            method="sweep" if swept else "bulk",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=at,
            deleted={gid("Order", number): at for number in gone - back},
            restored=[gid("Order", number) for number in back],
        )


def held(raw: DuckDBWarehouse) -> list[list[tuple[Any, ...]]]:
    return [
        rows(raw, f"select * exclude (_load_id, _loaded_at) from shopify.{table.name} order by all")
        for table in ORDERS.tables
    ]


@pytest.mark.soak
@given(HISTORY)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_checkpoint_loads_to_the_same_rows(history: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        landed = [land(folder, happened, reading) for reading, happened in enumerate(history, start=1)]
        one_by_one = warehouse(folder / "one by one")
        for window in landed:
            if window.manifest.method == "sweep":
                one_by_one.mark(window, ORDERS)
            else:
                one_by_one.load(window, ORDERS, loaded_at=LOADED_AT)
        with WindowWriter(Storage(folder / "landing"), SHOP, ORDERS) as writer:
            marks = compact(landed, ORDERS, writer, memory=500, threads=1)
            assert marks is not None
            checkpoint = writer.commit(
                landed[-1].manifest.window,
                method="checkpoint",
                api_version="2026-07",
                query="",
                search="",
                count_before=None,
                count_after=None,
                created_at=landed[-1].manifest.created_at,
                deleted=marks,
            )
        at_once = warehouse(folder / "at once")
        at_once.load(checkpoint, ORDERS, loaded_at=LOADED_AT)
        assert held(at_once) == held(one_by_one)
