"""What is taken away from a notebook as a file: Parquet, which marimo's own export leaves to other packages."""

from __future__ import annotations

import io

import pyarrow as pa
from pyarrow import parquet


def to_parquet(table: pa.Table) -> bytes:
    """A table as a Parquet file: decimals stay exact, dates stay dates."""
    file = io.BytesIO()
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()
