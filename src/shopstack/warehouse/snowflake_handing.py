"""Files into a stage of the session's own; and ids and texts handed over in one, where a statement must not hold them.

Snowflake keeps the text of every statement for a year, and what is bound beside it (`bind_values`); the connector writes
what is bound into the text. A customer's number, or a hash with its salt, would outlive its removal there. Of a PUT and a
COPY INTO it keeps the names of files. https://docs.snowflake.com/en/sql-reference/account-usage/query_history
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.snowflake_connection import SnowflakeSession


def handed(
    session: SnowflakeSession, what: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    """A temporary table of texts, gone with the session; its name. One that was handed as the same is replaced.

    Never within a transaction: Snowflake commits by itself what makes the table.
    """
    table = temporary(session, what, columns)
    values = [[*row] for row in rows]
    if values:
        with TemporaryDirectory(prefix="shopstack-") as scratch:
            file = Path(scratch) / "rows.parquet"
            _write(file, columns, values)
            folder = put(session, file, what)
        session.execute(sql.copy_file(table, f"{sql.STAGE}/{folder}/{file.name}"))
    return table


def temporary(session: SnowflakeSession, what: str, columns: Sequence[str]) -> str:
    """An empty temporary table of texts; its name."""
    table = f"{sql.STATE}.HANDED_{what.upper()}"
    declared = ", ".join(f"{sql.name(one)} varchar" for one in columns)
    session.execute(f"create or replace temporary table {table} ({declared})")
    return table


def put(session: SnowflakeSession, files: Path, what: str) -> str:
    """Put the files that a pattern names into the session's own stage; the name of their folder there.

    It is a new one each time, since COPY INTO passes over a file whose name it has loaded before.
    """
    folder = f"{what}_{uuid.uuid4().hex}"
    session.execute(f"create temporary stage if not exists {sql.STAGE}")
    session.upload(files, f"@{sql.STAGE}/{folder}")
    return folder


def _write(file: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    import pyarrow
    import pyarrow.parquet

    texts = {
        name: pyarrow.array([row[nth] for row in rows], pyarrow.string()) for nth, name in enumerate(columns)
    }
    pyarrow.parquet.write_table(pyarrow.table(texts), file)
