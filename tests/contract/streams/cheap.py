"""What a run has to do at all times and no fault can touch, done once: so that many runs cost little."""

from __future__ import annotations

import functools
import gc
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import duckdb

from shopstack.extract import extraction, rebuilding

PLACES = 20
"""Rows of the gazetteer that runs load: its transaction is there, its megabytes are not."""

certificates = functools.cache(ssl.create_default_context)
"""Every client reads the certificates of all authorities, although the simulated shop shows none."""


def small_gazetteer(folder: Path) -> Path:
    """The first rows of the gazetteer, made once in a folder."""
    file = folder / "places.parquet"
    if not file.exists():
        duckdb.from_parquet(str(extraction.PLACES)).limit(PLACES).write_parquet(str(file))
    return file


@contextmanager
def cheaply(places: Path) -> Iterator[None]:
    """Runs within load a small gazetteer and share one set of certificates."""
    with (
        mock.patch.object(ssl, "create_default_context", certificates),
        mock.patch.object(extraction, "PLACES", places),
        mock.patch.object(rebuilding, "PLACES", places),
    ):
        yield


@contextmanager
def all_kept() -> Iterator[None]:
    """What is imported stays until the end: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
