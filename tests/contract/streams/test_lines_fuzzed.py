"""Bulk lines that were shuffled, torn, doubled and bent: the right rows, or an error that says what to do."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shopstack.errors import DataError, IncompleteError
from shopstack.landing import Window, landed_windows
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.streams import COLLECTIONS, DRAFT_ORDERS, ORDERS, PRODUCTS
from shopstack.storage import FolderStorage, Storage
from shopstack.tables import Stream
from shopstack.warehouse.duckdb import DuckDBWarehouse
from tests.contract.streams import reading
from tests.contract.streams.reading import BrokenLinesError, compared
from tests.contract.streams.shop import Shop
from tests.landed_files import files_of

OTHERS = (PRODUCTS, COLLECTIONS, DRAFT_ORDERS)
"""Streams beside the orders that have something below their roots."""

FILLED = {
    "orders": {"orders", "order_lines", "order_agreements", "order_sales", "order_refund_lines"},
    "products": {"products", "product_variants"},
    "collections": {"collections", "collection_products"},
    "draft_orders": {"draft_orders", "draft_order_lines"},
}

TREES = 5
"""Roots whose lines are bent: enough to mix up, few enough to be quick."""

AT = datetime(2026, 11, 1, tzinfo=UTC)

Line = dict[str, Any]
Bend = Callable[[list[Line], Random], None]


def one(lines: list[Line], chance: Random) -> Line:
    return chance.choice(lines)


def child(lines: list[Line], chance: Random) -> Line:
    return chance.choice([line for line in lines if "__parentId" in line])


def shuffle(lines: list[Line], chance: Random) -> None:
    chance.shuffle(lines)


def double(lines: list[Line], chance: Random) -> None:
    lines.insert(chance.randrange(len(lines)), dict(one(lines, chance)))


def double_differently(lines: list[Line], chance: Random) -> None:
    lines.append({**one(lines, chance), "title": "another", "name": "another"})


def lose_a_line(lines: list[Line], chance: Random) -> None:
    del lines[chance.randrange(len(lines))]


def lose_the_id(lines: list[Line], chance: Random) -> None:
    one(lines, chance).pop("id", None)


def null_id(lines: list[Line], chance: Random) -> None:
    one(lines, chance)["id"] = None


def question_mark(lines: list[Line], chance: Random) -> None:
    line = child(lines, chance)
    if line.get("id"):
        line["id"] += "?model_name=Address&x=1"


def unknown_kind(lines: list[Line], chance: Random) -> None:
    lines.append({"id": "gid://shopify/Surprise/1", "__parentId": lines[0].get("id")})


def odd_id(lines: list[Line], chance: Random) -> None:
    one(lines, chance)["id"] = chance.choice(
        ["", "Order/1", "gid://shopify/Order", "gid://shopify//1", "☃", 17]
    )


def unknown_typename(lines: list[Line], chance: Random) -> None:
    one(lines, chance)["__typename"] = chance.choice(["Surprise", "order", ""])


def strange_parent(lines: list[Line], chance: Random) -> None:
    child(lines, chance)["__parentId"] = chance.choice(["gid://shopify/Order/404", "", None, "x"])


def another_parent(lines: list[Line], chance: Random) -> None:
    child(lines, chance)["__parentId"] = one(lines, chance).get("id")


def orphan_root(lines: list[Line], chance: Random) -> None:
    child(lines, chance).pop("__parentId")


def null_children(lines: list[Line], chance: Random) -> None:
    line = one(lines, chance)
    for key in [key for key, value in line.items() if isinstance(value, list)]:
        line[key] = None


def null_entry(lines: list[Line], chance: Random) -> None:
    line = one(lines, chance)
    for value in line.values():
        if isinstance(value, list):
            value.append(None)


def long_text(lines: list[Line], chance: Random) -> None:
    one(lines, chance)["name"] = "ß☃" * 40_000


def hostile_text(lines: list[Line], chance: Random) -> None:
    texts = (
        '"__parentId":"x"',
        "a\nb\r\nc",
        "\x00\x01",
        "\U0001d518\U0001f36a \u2028 \ufeff",
        "'; drop table lines; --",
        "\\u0000",
    )
    one(lines, chance)["title"] = chance.choice(texts)


def huge_number(lines: list[Line], chance: Random) -> None:
    one(lines, chance)["quantity"] = chance.choice([10**30, -(10**30), 1.5, "many"])


def another_shape(lines: list[Line], chance: Random) -> None:
    line = one(lines, chance)
    line[chance.choice(sorted(line))] = chance.choice([[], {}, "text", 5, [[]], {"id": 1}])


def deep(lines: list[Line], chance: Random) -> None:
    nested: Any = 1
    for _ in range(300):
        nested = {"customer": [nested]}
    one(lines, chance)["unknown"] = nested


BENDS: list[Bend] = [
    shuffle,
    double,
    double_differently,
    lose_a_line,
    lose_the_id,
    null_id,
    question_mark,
    unknown_kind,
    odd_id,
    unknown_typename,
    strange_parent,
    another_parent,
    orphan_root,
    null_children,
    null_entry,
    long_text,
    hostile_text,
    huge_number,
    another_shape,
    deep,
]
HARMLESS: list[Bend] = [shuffle, double, long_text, deep, null_children]


def cut(content: bytes, chance: Random) -> bytes:
    return content[: chance.randrange(len(content))]


def cut_out(content: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randint(1, 40) :]


def carriage_returns(content: bytes, chance: Random) -> bytes:
    return content.replace(b"\n", b"\r\n")


def empty_lines(content: bytes, chance: Random) -> bytes:
    return content.replace(b"\n", b"\n\n", chance.randint(1, 3))


def no_last_line_end(content: bytes, chance: Random) -> bytes:
    return content.rstrip(b"\n")


def as_it_is(content: bytes, chance: Random) -> bytes:
    return content


TEARS = [as_it_is, as_it_is, as_it_is, cut, cut_out, carriage_returns, empty_lines, no_last_line_end]


@dataclass
class Loader:
    """Loads lines into a warehouse, each time for a shop of its own."""

    stream: Stream
    warehouse: DuckDBWarehouse
    storage: Storage
    lines: list[Line] = field(repr=False)
    numbers: Iterator[int]

    def load(self, content: bytes) -> dict[str, list[tuple[Any, ...]]]:
        shop = f"{next(self.numbers)}.myshopify.com"
        with WindowWriter(self.storage, shop, self.stream) as writer:
            writer.write(content)
            landed = writer.commit(
                Window(None, AT),
                method="bulk",
                api_version="2026-07",
                query="",
                search="",
                count_before=None,
                count_after=None,
                created_at=AT,
            )
        self.warehouse.load(landed, self.stream, loaded_at=AT)
        return self.rows(shop)

    def rows(self, shop: str) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        with duckdb.connect(str(self.warehouse.file), read_only=True) as connection:
            for table in self.stream.tables:
                placed = ["_root_id", "_parent_id"] if table.parent else []
                names = [*placed, *(f'"{column.name}"' for column in compared(table))]
                rows = connection.execute(
                    f"select {', '.join(names) or 'null'} from shopify.{table.name} where _shop = ?", [shop]
                ).fetchall()
                found[table.name] = sorted(rows, key=repr)
        return found


@pytest.fixture(scope="module", params=[ORDERS, *OTHERS], ids=lambda stream: stream.name)
def loader(request: pytest.FixtureRequest, clean: Shop, tmp_path_factory: pytest.TempPathFactory) -> Loader:
    """True bulk lines of a few trees that have everything below them, and an empty warehouse."""
    stream: Stream = request.param
    storage = FolderStorage(clean.project.landing)
    (shop,) = storage.names("")
    lines: list[Line] = []
    for landed in landed_windows(storage, shop, stream.name):
        for file in files_of(landed):
            content = zstandard.ZstdDecompressor().decompressobj().decompress(Path(file).read_bytes())
            lines += [json.loads(line) for line in content.splitlines()]
    folder = tmp_path_factory.mktemp("fuzz")
    made = DuckDBWarehouse(folder / "raw.duckdb", memory_limit="500MB")
    made.prepare([stream])
    return Loader(stream, made, FolderStorage(folder / "landing"), trees(lines), itertools.count(1))


def trees(lines: list[Line]) -> list[Line]:
    """The lines of the orders with the most below them."""
    above = {
        entry["id"]: line["id"]
        for line in lines
        for entries in line.values()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict) and entry.get("id")
    }
    above |= {line["id"]: line["__parentId"] for line in lines if line.get("id") and "__parentId" in line}

    def root(gid: str) -> str:
        return root(above[gid]) if gid in above else gid

    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(root(line.get("__parentId") or line["id"]), []).append(line)
    fullest = sorted(grouped.values(), key=lambda tree: len({tuple(sorted(one)) for one in tree}))[-TREES:]
    return [line for tree in fullest for line in tree]


def printed(lines: list[Line]) -> bytes:
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


def holds(loader: Loader, content: bytes) -> bool:
    """Whether the lines were loaded; that the rows are right, or the refusal clear, is asserted."""
    try:
        found = loader.load(content)
    except (DataError, IncompleteError) as problem:
        told = bool(problem.why and problem.hint)
        assert told, problem  # noqa: PT017 - whether there is a problem at all is what is tried
        return False
    assert found == reading.read(loader.stream, content)
    return True


def bent(loader: Loader, seed: int, bends: list[Bend], tear: Callable[[bytes, Random], bytes]) -> bytes:
    chance = Random(seed)
    lines = json.loads(json.dumps(loader.lines))
    for bend in bends:
        bend(lines, chance)
    return tear(printed(lines), chance)


EXAMPLES = {
    "seed": st.integers(0, 1 << 30),
    "bends": st.lists(st.sampled_from(BENDS), min_size=1, max_size=3),
    "tear": st.sampled_from(TEARS),
}
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


def test_the_lines_as_they_came_are_loaded_and_read_alike(loader: Loader) -> None:
    assert holds(loader, printed(loader.lines))
    filled = {name for name, rows in reading.read(loader.stream, printed(loader.lines)).items() if rows}
    assert filled >= FILLED[loader.stream.name]


@pytest.mark.parametrize("bend", HARMLESS, ids=lambda bend: bend.__name__)
def test_what_does_no_harm_is_loaded(loader: Loader, bend: Bend) -> None:
    assert holds(loader, bent(loader, 1, [bend], as_it_is))


@pytest.mark.parametrize("bend", [unknown_kind, strange_parent, orphan_root], ids=lambda bend: bend.__name__)
def test_what_would_lose_a_row_is_refused(loader: Loader, bend: Bend) -> None:
    content = bent(loader, 1, [bend], as_it_is)
    with pytest.raises(BrokenLinesError):
        reading.read(loader.stream, content)
    assert not holds(loader, content)


@given(**EXAMPLES)
@example(seed=313753, bends=[lose_the_id], tear=as_it_is)  # of a shipping line with a discount
@example(seed=0, bends=[double, deep], tear=as_it_is)  # two alike but for what nobody asks for
@QUICK
def test_bent_lines_give_the_right_rows_or_a_clear_error(
    loader: Loader, seed: int, bends: list[Bend], tear: Callable[[bytes, Random], bytes]
) -> None:
    holds(loader, bent(loader, seed, bends, tear))


@pytest.mark.soak
@given(**EXAMPLES)
@settings(QUICK, max_examples=3000, derandomize=False)
def test_bent_lines_give_the_right_rows_or_a_clear_error_however_often(
    loader: Loader, seed: int, bends: list[Bend], tear: Callable[[bytes, Random], bytes]
) -> None:
    holds(loader, bent(loader, seed, bends, tear))
