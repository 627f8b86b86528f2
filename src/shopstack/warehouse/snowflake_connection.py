"""A session with Snowflake: signed in by a key pair, one statement after another, errors in the engine's own words.

What the statements say is left to others. Statements that Snowflake commits by itself (all DDL) must not stand within a
transaction: they would end it. A session knows no SQL, so that a test watches over this.
"""

from __future__ import annotations

import glob
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from shopstack.config import WarehouseConfig
from shopstack.project import Project
from shopstack.secrets import SnowflakeKey, read_snowflake_key
from shopstack.warehouse.snowflake_errors import translated
from shopstack.warehouse.snowflake_key import not_installed, private_key

if TYPE_CHECKING:
    import pyarrow
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor

Bound = Sequence[Any] | dict[str, Any] | None

RUN: ContextVar[str] = ContextVar("run", default="")
"""The run that statements belong to: Snowflake's query history shows it as their tag."""

APPLICATION = "shopstack"

LONGEST_PAUSE = 16
"""Seconds between two tries of one request, at most."""


@dataclass(frozen=True)
class SnowflakeAccess:
    """Where to sign in, as whom, and what to work with there."""

    account: str
    user: str
    key: SnowflakeKey
    role: str = ""
    warehouse: str = ""
    database: str = ""
    server: str = ""
    """Another address than Snowflake's own."""
    patience: int = field(default=120, compare=False)
    """Seconds for which one request is tried again where the network or Snowflake's front fails."""

    @classmethod
    def to_load(cls, project: Project) -> SnowflakeAccess:
        """Of the role that loads, in the raw database.

        Raises:
            CredentialsError: no private key is set.
        """
        config = project.config.warehouse
        return cls._of(project, config, role=config.role, database=config.database("raw"))

    @classmethod
    def to_transform(cls, project: Project) -> SnowflakeAccess:
        """Of the role that builds and publishes, in the database that dbt writes.

        Raises:
            CredentialsError: no private key is set.
        """
        config = project.config.warehouse
        role = config.transformer_role or config.role
        return cls._of(project, config, role=role, database=config.database("prod"))

    @classmethod
    def _of(cls, project: Project, config: WarehouseConfig, *, role: str, database: str) -> SnowflakeAccess:
        return cls(
            account=config.account,
            user=config.user,
            key=read_snowflake_key(project.root),
            role=role,
            warehouse=config.warehouse,
            database=database,
            server=config.server,
        )

    @property
    def host(self) -> str:
        """The name of the server that answers."""
        return urlsplit(self.server).hostname or f"{self.account}.snowflakecomputing.com"

    @property
    def address(self) -> dict[str, Any]:
        """Host, port and protocol for the connector, where they are not Snowflake's own."""
        parts = urlsplit(self.server)
        if not parts.hostname:
            return {}
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return {"host": parts.hostname, "port": port, "protocol": parts.scheme}

    @property
    def described(self) -> dict[str, str]:
        """Its parts in the words of a message."""
        return {
            "account": self.account,
            "user": self.user,
            "role": self.role or f"the default role of {self.user}",
            "warehouse": self.warehouse or f"the default warehouse of {self.user}",
            "database": self.database,
        }

    def patient(self, seconds: int) -> SnowflakeAccess:
        """The same with another patience."""
        return replace(self, patience=seconds)


class SnowflakeSession:
    """One session. Rows come as tuples; values are bound as ``%s`` or ``%(name)s``, which the connector writes into the
    statement as literals, and Snowflake's query history keeps: what names a person is handed over in a file instead."""

    def __init__(self, access: SnowflakeAccess, connection: SnowflakeConnection) -> None:
        self._access = access
        self._connection = connection

    def rows(self, statement: str, bound: Bound = None) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self._executed(statement, bound) as cursor:
            return [tuple(row) for row in cursor.fetchall()]

    def row(self, statement: str, bound: Bound = None) -> tuple[Any, ...] | None:
        """The first row that a query finds."""
        return next(iter(self.rows(statement, bound)), None)

    def execute(self, statement: str, bound: Bound = None) -> int:
        """Run a statement; the rows that it changed, where it changes rows."""
        with self._executed(statement, bound) as cursor:
            return cursor.rowcount or 0

    def batches(self, statement: str, bound: Bound = None) -> Iterator[pyarrow.Table]:
        """What a query finds, in pieces of bounded size as Snowflake hands them out; at least one, for its columns."""
        import pyarrow

        with self._executed(statement, bound) as cursor, self._translating():
            any_rows = False
            for batch in cursor.fetch_arrow_batches():
                any_rows = True
                yield batch
            if not any_rows:  # the connector makes an empty table only where pandas is installed
                yield pyarrow.table({one.name: pyarrow.nulls(0) for one in cursor.description or ()})

    def upload(self, files: Path, stage: str) -> None:
        """Put the files that a pattern names into a stage as they are. Only the last part of the path is a pattern."""
        target = f"{stage} auto_compress = false overwrite = true"
        if "'" not in files.as_posix():
            self.execute(f"put {file_uri(files)} {target}")
            return
        # Where the account lies at Google the connector cuts a path at its first apostrophe, escaped or not.
        for file in sorted(files.parent.glob(files.name)):
            with (
                file.open("rb") as content,
                self._executed(f"put 'file:///{file.name}' {target}", None, content),
            ):
                pass

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements until its end, or none of them."""
        self.execute("begin")
        try:
            yield
        except BaseException:
            with suppress(
                Exception
            ):  # what failed first is what is told; an ended session rolls back by itself
                self.execute("rollback")
            raise
        self.execute("commit")

    @contextmanager
    def _executed(
        self, statement: str, bound: Bound, content: IO[bytes] | None = None
    ) -> Iterator[SnowflakeCursor]:
        """``content``: of a file, for a PUT that names no more than what it is to be called."""
        with self._translating(), self._connection.cursor() as cursor:
            cursor.execute(statement, bound, file_stream=content)
            yield cursor

    @contextmanager
    def _translating(self) -> Iterator[None]:
        from snowflake.connector.errors import Error

        try:
            yield
        except Error as problem:
            raise translated(problem, self._access, clock_error=lambda: None) from problem


@contextmanager
def signed_in(access: SnowflakeAccess) -> Iterator[SnowflakeSession]:
    """A session, closed at the end.

    Raises:
        ConfigurationError: there is no such account or warehouse, or the extra `snowflake` is not installed.
        CredentialsError: the key is none, or Snowflake refuses it, the user, the role or this machine.
        UnreachableError: no answer.
    """
    key = private_key(access.key)
    try:
        import snowflake.connector
    except ImportError as problem:
        raise not_installed() from problem
    try:
        connection = snowflake.connector.connect(
            account=access.account,
            user=access.user,
            private_key=key,
            role=access.role or None,
            warehouse=access.warehouse or None,
            database=access.database,
            application=APPLICATION,
            autocommit=True,
            client_session_keep_alive=True,
            login_timeout=access.patience,
            # Not network_timeout: it ends every statement that works for longer, however well the network is.
            backoff_policy=lambda: pauses(access.patience),
            arrow_number_to_decimal=True,  # amounts as they are, not as floats
            reraise_error_in_file_transfer_work_function=True,  # else a file that cannot be sent is waited for without end
            session_parameters={"QUERY_TAG": query_tag(), "TIMEZONE": "UTC"},
            **access.address,
        )
    except snowflake.connector.errors.Error as problem:
        raise translated(problem, access, clock_error=lambda: clock_error(access)) from problem
    try:
        yield SnowflakeSession(access, connection)
    finally:
        with suppress(snowflake.connector.errors.Error):  # a lost connection cannot be closed
            connection.close()


def file_uri(files: PurePath) -> str:
    """The files that a pattern names, as PUT takes them: in quotes, with slashes on Windows too.

    In a quoted text of Snowflake's a backslash escapes. The connector looks for the files by `glob`, so that a folder's
    brackets must not read as a pattern. https://docs.snowflake.com/en/sql-reference/sql/put
    """
    folder = glob.escape(files.parent.as_posix()).rstrip("/")
    return "'file://" + f"{folder}/{files.name}".replace("\\", "\\\\") + "'"


def pauses(patience: float) -> Iterator[int]:
    """Seconds before each time that one request is tried again, for the connector; it asks for the first before it begins.

    Raises:
        OperationalError: the request has been tried for ``patience`` seconds.
    """
    from snowflake.connector.errorcode import ER_FAILED_TO_CONNECT_TO_DB
    from snowflake.connector.errors import OperationalError

    end = time.monotonic() + patience
    pause = 1
    while time.monotonic() < end:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
    # By this number signing in knows that it is to end, rather than to ask for one pause more.
    raise OperationalError(
        f"Failed to execute request: no answer within {patience:.0f} seconds", ER_FAILED_TO_CONNECT_TO_DB
    )


def query_tag() -> str:
    """What Snowflake's query history shows beside every statement of this run."""
    run = RUN.get()
    return f"{APPLICATION} {run}" if run else APPLICATION


def clock_error(access: SnowflakeAccess) -> timedelta | None:
    """How far this machine's clock is ahead of the server's; None where it does not say."""
    try:
        answer = httpx.head(access.server or f"https://{access.host}", timeout=10)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    return datetime.now(UTC) - theirs.astimezone(UTC)
