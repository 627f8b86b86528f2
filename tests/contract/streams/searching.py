"""A search of every byte below a folder, packed files unpacked, databases read as well."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import zstandard

from shopstack.simulator.events import Address

HIS_HOME = Address(
    "Beacon",
    "New York",
    "NY",
    "United States",
    "US",
    "90417-8855",
    "77 Quibbleton Crescent",
    "Xerzebul",
    "Quatsch",
    company="c/o Hummelbrunn",
    phone="+1 555 0199",
)
"""The address of a customer who is to be removed: words that stand nowhere else."""


def found_in(folder: Path, words: Iterable[str]) -> set[tuple[str, str]]:
    """Which words stand in which files (numbers only by themselves)."""
    patterns = {
        word.encode(): re.compile(rf"(?<![0-9]){re.escape(word)}(?![0-9])".encode()) for word in words
    }
    return {
        (path.relative_to(folder).as_posix(), word.decode())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for content in contents(path)
        for word, pattern in patterns.items()
        if word in content and pattern.search(content)
    }


def contents(path: Path) -> Iterator[bytes]:
    """A file's name and bytes, and what is packed in it."""
    raw = path.read_bytes()
    yield path.name.encode()
    yield raw
    if raw.startswith(b"\x28\xb5\x2f\xfd"):
        yield zstandard.ZstdDecompressor().stream_reader(raw).read()
    if raw.startswith(b"\x1f\x8b"):
        yield gzip.decompress(raw)
    if raw.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield repr(connection.execute("from read_parquet(?)", [str(path)]).fetchall()).encode()
    if raw[8:12] == b"DUCK":
        with duckdb.connect() as connection:
            connection.execute(f"attach '{path}' as looked (read_only)")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'looked'"
            ).fetchall()
            for schema, table in tables:
                yield repr(connection.execute(f'from looked."{schema}"."{table}"').fetchall()).encode()
