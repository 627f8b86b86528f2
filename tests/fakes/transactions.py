"""What may stand between BEGIN and COMMIT on Snowflake, which fakesnow does not tell: all DDL, and PUT, commit by themselves.

https://docs.snowflake.com/en/sql-reference/transactions#ddl
"""

from __future__ import annotations

from collections.abc import Iterable

CHANGES_ROWS = ("delete from", "insert into", "update", "merge into", "copy into")
ENDS = ("commit", "rollback")


def offences(statements: Iterable[tuple[str, str]]) -> list[str]:
    """Of statements with their sessions, in order: those that stand within a transaction and change more than rows."""
    begun: set[str] = set()
    found = []
    for session, statement in statements:
        text = " ".join(statement.lower().split())
        if text == "begin":
            begun.add(session)
        elif text in ENDS:
            begun.discard(session)
        elif session in begun and not text.startswith(CHANGES_ROWS):
            found.append(statement)
    return found
