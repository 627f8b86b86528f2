"""The answer to a query as a table, JSON or CSV, batch by batch: however large it is, a few rows of it are in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shopstack import output
from shopstack.cli.render import Alignment, comma_separated

Batches = Iterable[Sequence[tuple[Any, ...]]]


def as_csv(columns: Sequence[str], batches: Batches) -> Iterator[str]:
    """Comma-separated values with a header."""
    yield comma_separated([columns])
    for rows in batches:
        yield comma_separated(rows)


def as_json(columns: Sequence[str], batches: Batches) -> Iterator[str]:
    """One array with an object a row, written as `output.data` writes one."""
    begun = False
    for rows in batches:
        objects = output.as_json([dict(zip(columns, row, strict=True)) for row in rows])
        yield (",\n" if begun else "[\n") + objects.removeprefix("[\n").removesuffix("\n]")
        begun = True
    yield "\n]\n" if begun else "[]\n"


def as_table(columns: Sequence[str], batches: Batches) -> Iterator[str]:
    """Lines of aligned text with a header. How wide a column is, only the last row tells: till then rows lie in a file."""
    alignment = Alignment(columns)
    with tempfile.SpooledTemporaryFile(output.KEPT_IN_MEMORY, "w+", encoding="utf-8") as kept:
        for rows in batches:
            kept.write(json.dumps(alignment.take(rows)) + "\n")
        kept.seek(0)
        yield alignment.header() + "\n"
        for line in kept:
            yield "".join(f"{alignment.line(cells)}\n" for cells in json.loads(line))
