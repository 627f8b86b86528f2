"""A DuckDB database as files: with the log that DuckDB keeps beside it, which must never meet another database than its own."""

from __future__ import annotations

from pathlib import Path


def remove_database(file: Path) -> None:
    """Remove a database, if there is one, with its log."""
    file.unlink(missing_ok=True)
    _log_of(file).unlink(missing_ok=True)


def replace_database(old: Path, fresh: Path) -> None:
    """Put a database that nobody has open into the place of another, in one step."""
    _log_of(old).unlink(missing_ok=True)
    fresh.replace(old)


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")
