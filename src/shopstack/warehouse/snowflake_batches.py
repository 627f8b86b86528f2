"""What a query finds on Snowflake, handed to a DuckDB in pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from shopstack.warehouse.snowflake_connection import Bound, SnowflakeSession


def registered(
    connection: duckdb.DuckDBPyConnection,
    session: SnowflakeSession,
    query: str,
    columns: Sequence[str],
    bound: Bound = None,
) -> Iterator[str]:
    """The name under which ``connection`` sees a piece of what the query finds, once for each piece and until the next.

    There is at least one piece, for its columns, which get the names ``columns``.
    """
    for batch in session.batches(query, bound):
        connection.register("batch", batch.rename_columns(list(columns)))
        yield "batch"
        connection.unregister("batch")
