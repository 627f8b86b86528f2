"""What DuckDB may take of the machine while landed lines are read."""

from __future__ import annotations

from pathlib import Path

LOAD_MB = 256
"""Memory that a load needs, whatever the size of its window: what does not fit is spilled to disk."""


def megabytes(memory_limit: str) -> int:
    """How much a configured limit is (``640MB``, ``2GB``)."""
    return int(memory_limit[:-2]) * (1024 if memory_limit.endswith("GB") else 1)


def fitting(memory_limit: str) -> int:
    """Megabytes for a load within what is configured (``2GB``)."""
    return min(megabytes(memory_limit), LOAD_MB)


def working(memory: int, scratch: Path) -> dict[str, str | bool | int | float | list[str]]:
    """How DuckDB is set up to read landed lines: ``memory`` in megabytes, what does not fit goes to the folder ``scratch``.

    One thread: the lines have some hundred columns, and a second thread spends as much on places of its own for them
    as it reads. Shopify's next window is received meanwhile.
    """
    return {
        "memory_limit": f"{memory}MB",
        "threads": 1,
        "preserve_insertion_order": False,
        "temp_directory": str(scratch),
    }
