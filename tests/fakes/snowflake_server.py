"""Snowflake without Snowflake: fakesnow's server in a thread, and what it lacks made up for, in tests alone.

The real connector speaks to it over HTTP; behind it DuckDB answers. What it cannot show (roles, grants, warehouses, that
DDL commits by itself) stays unshown. Here is mended, each for its reason:

- `_timestamps`: null timestamps came back as 1970.
- `_execute`: a conflict of two transactions, and whatever fakesnow does not expect, was HTTP 500, which the connector takes
  for an outage and asks again for as long as it may. It becomes the refusal that Snowflake would give.
- sums of amounts were sums of floats, so that cents got lost; they stay exact, as Snowflake has them.
- `REWRITES`: statements that fakesnow's parser or DuckDB do not take.
"""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
import logging
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import fakesnow.arrow
import fakesnow.transforms
import pyarrow as pa
import pyarrow.compute as pc
import snowflake.connector.errors
import uvicorn
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.info_schema import per_db_creation_sql
from fakesnow.instance import FakeSnow
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

fake: Any = importlib.import_module("fakesnow.server")
"""The module, which the package hides behind a function of its name."""

REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    # dbt's listagg() with a limit: fakesnow makes a lambda of array_slice() that DuckDB cannot bind. The limit is left out.
    (
        re.compile(
            r"array_to_string\(\s*array_slice\(\s*array_agg\(\s*(?P<what>[\w.]+)\s*\)\s*"
            r"within group \((?P<order>[^)]*)\)\s*,\s*0\s*,\s*\d+\s*\)\s*,\s*(?P<between>'[^']*')\s*\)"
        ),
        r"listagg(\g<what>, \g<between>) within group (\g<order>)",
    ),
    # What dbt builds on from, and what is handed over: DuckDB's temporary tables lie in a database of their own and cannot be
    # named by another's schema.
    (
        re.compile(r"create or replace\s+temporary\s+table\s+(?=\S+__dbt_tmp\b|\S+\.HANDED_)"),
        "create or replace table ",
    ),
    # Nobody owns a table here: there is no foreign one.
    (re.compile(r"table_owner <> '[^']*'"), "false"),
    # DuckDB keeps no versions of a table: there is no retention to set.
    (re.compile(r"^alter table .* set data_retention_time_in_days = \d+$"), "select 1"),
)


@dataclass
class Fault:
    """What a statement, or a login, is answered with instead of being run."""

    pattern: re.Pattern[str]
    answer: Response
    times: int


@dataclass(frozen=True)
class Refusal:
    """Why Snowflake does not do what a statement asks for."""

    code: str
    words: str


@dataclass
class SnowflakeServer:
    """A running server."""

    port: int
    instance: FakeSnow
    statements: list[tuple[str, str]] = field(default_factory=list)
    """Every statement with its session, in the order of their arrival."""
    logins: list[dict[str, Any]] = field(default_factory=list)
    """What clients said when they signed in."""
    cancelled: int = 0
    """Statements that a client no longer wanted."""
    rights: Callable[[str, str, str], Refusal | str | None] = lambda _role, _database, _text: None
    """What becomes of a role's statement in a database: refused, or another one in its place, or nothing."""
    _signed_in: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Role and database of each session."""
    _answers: dict[re.Pattern[str], str] = field(default_factory=dict)
    _faults: list[Fault] = field(default_factory=list)
    _slow: dict[re.Pattern[str], float] = field(default_factory=dict)
    _refused_login: Response | None = None
    _lost: list[Any] = field(default_factory=list)
    """Sessions that were answered by nobody."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_prefix(self) -> str:
        """A prefix of database names that nobody has used."""
        return f"T{uuid.uuid4().hex[:10].upper()}"

    def copy_database(self, source: str, target: str) -> None:
        """A database with everything in it under another name: faster than making its tables anew."""
        with self.instance.duck_conn.cursor() as connection:
            connection.execute(f"attach ':memory:' as {target}")
            connection.execute(f"copy from database {source} to {target}")
            # The views that say what is in a database name that database: the copy's shall name the copy.
            views = per_db_creation_sql(target)
            connection.execute(views.replace("create view if not exists", "create or replace view"))

    def import_database(self, file: Path, target: str) -> None:
        """A DuckDB file's tables as Snowflake would hold them: JSON as text, no lists."""
        with self.instance.duck_conn.cursor() as connection:
            self.instance.connect(target)
            connection.execute(f"attach '{file}' as imported (read_only)")
            found = connection.execute(
                "select schema_name, table_name, list((column_name, data_type) order by column_index) "
                "from duckdb_columns() where database_name = 'imported' group by all"
            ).fetchall()
            for schema, table, columns in found:
                chosen = ", ".join(
                    f"cast({_quoted(name)} as {_PLAIN.get(kind, kind)}) as {_quoted(name.upper())}"
                    for name, kind in columns
                )
                connection.execute(f"create schema if not exists {target}.{_quoted(schema.upper())}")
                connection.execute(
                    f"create or replace table {target}.{_quoted(schema.upper())}.{_quoted(table.upper())} as "
                    f"select {chosen} from imported.{_quoted(schema)}.{_quoted(table)}"
                )
            connection.execute("detach imported")

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Look behind the server, in DuckDB's words."""
        with self.instance.duck_conn.cursor() as connection:
            return connection.execute(statement).fetchall()

    def fail(self, pattern: str, *, code: str, message: str, state: str = "42501", times: int = 1) -> None:
        """Refuse the next statements that match, as Snowflake refuses."""
        self._faults.append(Fault(re.compile(pattern), _refusal(code, message, state), times))

    def answer(self, pattern: str, *, by: str) -> None:
        """Answer statements that match with what another one finds."""
        self._answers[re.compile(pattern)] = by

    def lose(self, pattern: str, *, times: int) -> None:
        """Answer the next statements that match as a server does that is gone."""
        gone = Response(status_code=503)
        self._faults.append(Fault(re.compile(pattern), gone, times))

    def slow(self, pattern: str, *, seconds: float) -> None:
        """Work for so long on statements that match."""
        self._slow[re.compile(pattern)] = seconds

    def refuse_login(self, *, code: str, message: str) -> None:
        """Refuse everybody from now on."""
        self._refused_login = _refusal(code, message, "08001")

    def answer_login(self, status: int) -> None:
        """Answer everybody with nothing but a status."""
        self._refused_login = Response(status_code=status)

    def forget_faults(self) -> None:
        """Answer as it should again."""
        self._faults.clear()
        self._answers.clear()
        self._slow.clear()
        self.rights = lambda _role, _database, _text: None
        self.cancelled = 0
        self._refused_login = None

    def end_abandoned(self) -> None:
        """Roll back what clients that were killed have left open, as Snowflake does with sessions that nobody uses."""
        self._lost.extend(fake.sessions.values())
        self._roll_back_lost()

    def _roll_back_lost(self) -> None:
        """Snowflake ends the transaction of a client that is gone, once another has waited for it."""
        for connection in self._lost:
            with suppress(duckdb.TransactionException):  # it had none, or has ended it
                connection._duck_conn.rollback()
        self._lost.clear()

    async def login(self, request: Request) -> Response:
        self._roll_back_lost()
        body = await _body(request)
        self.logins.append({**body["data"], "query": dict(request.query_params)})
        if self._refused_login:
            return self._refused_login
        answer: Response = await fake.login_request(request)
        query = request.query_params
        token = json.loads(bytes(answer.body))["data"]["token"]
        self._signed_in[token] = (query.get("roleName", ""), query.get("databaseName", ""))
        return answer

    async def cancel(self, request: Request) -> Response:
        self.cancelled += 1
        return JSONResponse({"data": None, "code": None, "message": None, "success": True})

    async def statement(self, request: Request) -> Response:
        body = await _body(request)
        text = " ".join(body["sqlText"].split())
        self.statements.append((fake.to_token(request), text))
        for fault in self._faults:
            if fault.times and fault.pattern.search(text):
                fault.times -= 1
                if fault.answer.status_code >= 500:
                    self._lost.append(fake.sessions[self.statements[-1][0]])
                return fault.answer
        for pattern, seconds in self._slow.items():
            if pattern.search(text):
                await asyncio.sleep(seconds)
        judged = self.rights(*self._signed_in[self.statements[-1][0]], text)
        if isinstance(judged, Refusal):
            return _refusal(judged.code, judged.words, "42501")
        rewritten = judged or body["sqlText"]
        for asked, by in self._answers.items():
            rewritten = by if asked.search(text) else rewritten
        for pattern, replacement in REWRITES:
            rewritten = pattern.sub(replacement, rewritten)
        if rewritten != body["sqlText"]:
            _replace_body(request, {**body, "sqlText": rewritten})
        answer: Response = await fake.query_request(request)
        return answer


_PLAIN = {"JSON": "varchar", "VARCHAR[]": "varchar"}


def _quoted(name: str) -> str:
    return f'"{name}"'


def _refusal(code: str, message: str, state: str) -> JSONResponse:
    return JSONResponse(
        {
            "data": {"errorCode": code, "sqlState": state},
            "code": code,
            "message": message,
            "success": False,
        }
    )


async def _body(request: Request) -> Any:
    content = await request.body()
    return json.loads(gzip.decompress(content) if _is_gzip(request) else content)


def _is_gzip(request: Request) -> bool:
    return request.headers.get("Content-Encoding") == "gzip"


def _replace_body(request: Request, body: Any) -> None:
    content = json.dumps(body).encode()
    request._body = gzip.compress(content) if _is_gzip(request) else content


_plain_execute = FakeSnowflakeCursor.execute


def _execute(self: FakeSnowflakeCursor, command: str, *arguments: Any, **named: Any) -> FakeSnowflakeCursor:
    errors = snowflake.connector.errors
    try:
        return _plain_execute(self, command, *arguments, **named)
    except errors.Error:
        raise
    except duckdb.TransactionException as problem:
        message = (
            f"Statement has locked table in transaction and this lock has not yet been released: {problem}"
        )
        raise errors.ProgrammingError(msg=message, errno=625, sqlstate="57014") from problem
    except Exception as problem:
        raise errors.ProgrammingError(msg=f"fakesnow: {problem}", errno=1, sqlstate="0A000") from problem


def _timestamps(moments: pa.Array | pa.ChunkedArray) -> pa.Array:
    moments = moments.combine_chunks() if isinstance(moments, pa.ChunkedArray) else moments
    known = pc.fill_null(moments, pa.scalar(0, moments.type))
    seconds = pc.divide(pc.floor_temporal(known, unit="second").cast(pa.int64()), 1_000_000)
    fraction = pc.round(pc.multiply(pc.subsecond(known), 1_000_000_000)).cast(pa.int32())
    parts = {"epoch": seconds, "fraction": fraction}
    if moments.type.tz:
        parts["timezone"] = pa.array([1440] * len(moments), type=pa.int32())
    fields = [pa.field(name, array.type, nullable=False) for name, array in parts.items()]
    return pa.StructArray.from_arrays(list(parts.values()), fields=fields, mask=moments.is_null())


@contextmanager
def snowflake_server() -> Iterator[SnowflakeServer]:
    """A server with nothing in it, until the end."""
    for name in ("fakesnow.server", "sqlglot"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = SnowflakeServer(port, FakeSnow())
    routes = [
        Route("/session/v1/login-request", server.login, methods=["POST"]),
        Route("/queries/v1/query-request", server.statement, methods=["POST"]),
        Route("/queries/v1/abort-request", server.cancel, methods=["POST"]),
        *fake.routes,
    ]
    running = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_level="critical"))
    thread = threading.Thread(target=running.run, daemon=True)
    with (
        mock.patch.object(fake, "shared_fs", server.instance),
        mock.patch.object(FakeSnowflakeCursor, "execute", _execute),
        mock.patch.object(fakesnow.arrow, "timestamp_to_sf_struct", _timestamps),
        mock.patch.object(fakesnow.transforms, "numeric_agg_implicit_cast", lambda expression: expression),
    ):
        thread.start()
        while not running.started:
            time.sleep(0.01)
        try:
            yield server
        finally:
            running.should_exit = True
            thread.join(10)
            server.instance.duck_conn.close()
