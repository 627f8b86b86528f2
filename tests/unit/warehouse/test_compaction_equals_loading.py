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

from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.streams import INVENTORY_ITEMS, ORDERS, PRODUCTS
from shopstack.storage import FolderStorage
from shopstack.tables import Stream
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
from tests.unit.warehouse.test_observations import BEGUN, checkpoint, level, load, product
from tests.unit.warehouse.test_observations import land as land_at

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
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, ORDERS) as writer:
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


PRICE = st.sampled_from(["1.0", "2.0"])
SEEN = st.tuples(
    st.dictionaries(st.integers(1, 3), st.tuples(PRICE, st.integers(0, 1)), max_size=3), st.integers(0, 30)
)
"""A reading of a few products or inventory items, and the hours that passed before it."""
CUT = st.integers(0, 6)


BOTH = pytest.mark.parametrize("stream", [PRODUCTS, INVENTORY_ITEMS], ids=lambda one: one.name)
OBSERVED = given(history=st.lists(SEEN, min_size=1, max_size=5), cut=CUT)


@BOTH
@OBSERVED
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_a_checkpoint_carries_what_was_observed(stream: Stream, history: list[Any], cut: int) -> None:
    assert_carried(stream, history, cut)


@pytest.mark.soak
@BOTH
@OBSERVED
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_checkpoint_carries_whatever_was_observed(stream: Stream, history: list[Any], cut: int) -> None:
    assert_carried(stream, history, cut)


def assert_carried(stream: Stream, history: list[Any], cut: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, at = Path(name), BEGUN
        landed = []
        for found, hours in history:
            at += timedelta(hours=hours, seconds=1)
            lines = [
                line
                for number, (price, units) in found.items()
                for line in (product(number, price) if stream is PRODUCTS else level(number, units))
            ]
            hours_since = (at - BEGUN).total_seconds() / 3600
            landed.append(land_at(folder, lines, hours_since, stream, at.date()))
        old = [checkpoint(folder, landed[:cut], stream)] if landed[:cut] else []
        whole = checkpoint(folder, [*old, *landed[cut:]], stream)
        one_by_one = load(warehouse(folder / "one by one"), *landed, stream=stream)
        at_once = load(warehouse(folder / "at once"), whole, stream=stream)
        assert seen_of(at_once, stream) == seen_of(one_by_one, stream)


def seen_of(raw: DuckDBWarehouse, stream: Stream) -> list[list[tuple[Any, ...]]]:
    rows_of = [(table.name, "_load_id, _loaded_at") for table in stream.tables]
    rows_of += [(table.observations, "_load_id") for table in stream.observed]
    return [
        rows(raw, f"select * exclude ({out}) from shopify.{table} order by all") for table, out in rows_of
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
        with WindowWriter(FolderStorage(folder / "landing"), SHOP, ORDERS) as writer:
            marks = compact(landed, ORDERS, writer, memory=500, scratch=folder)
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
