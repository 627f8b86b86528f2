"""The only writer: data to stdout, everything said to a person to stderr.

Commands compute and return; they print through here, so that `shopstack … | jq` always works and a
pipe never meets a progress bar. Colour and live progress appear on a terminal only.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from shopstack.errors import ShopstackError

_err = Console(stderr=True, highlight=False, soft_wrap=True)
_secrets: set[str] = set()

MIN_SECRET_LENGTH = 6

KEPT_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of a text that may grow large; what is longer goes to a file of the system's until all of it is there."""

PIECE = 1024 * 1024
"""Characters of such a text that are handed on at once."""


def hide(secret: str) -> None:
    """Never show this value again, whoever prints it, as JSON spells it neither."""
    if len(secret) >= MIN_SECRET_LENGTH:
        _secrets.update({secret, as_json(secret)[1:-1]})


def redact(text: str) -> str:
    """The text with every known secret replaced by ``***``; the longest first, since one may begin with another."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def open_streams() -> None:
    """See to it that there is something to write to and read from, and that stdout takes a text whole or fails.

    A service may start a command with a stream closed. Where Python is told not to buffer (PYTHONUNBUFFERED), a disk that
    fills up takes a part of a text, and nobody is told.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - as long as the process
            setattr(sys, name, nothing)
    raw = getattr(sys.stdout, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=sys.stdout.encoding,
            errors=sys.stdout.errors,
            line_buffering=True,
        )


def _jsonable(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)


def _within_json(value: Any) -> Any:
    """The value with what JSON has no room for as text: integers beyond 64 bits, keys that are no text, broken UTF-8."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {str(key): _within_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_within_json(one) for one in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    return value


def as_json(value: Any) -> str:
    """The value as JSON (decimals and integers beyond 64 bits as strings, times in ISO 8601)."""
    try:
        return orjson.dumps(value, default=_jsonable, option=orjson.OPT_INDENT_2).decode()
    except TypeError:
        return orjson.dumps(_within_json(value), default=_jsonable, option=orjson.OPT_INDENT_2).decode()


def data(value: Any) -> None:
    """One JSON document on stdout, as `as_json` has it.

    It is handed on at once: whoever started a dashboard waits for its address, not for its end.
    """
    sys.stdout.write(redact(as_json(value)) + "\n")
    sys.stdout.flush()


def whole(pieces: Iterable[str]) -> None:
    """A text of any length on stdout, once all of it is there: where a piece fails, none of it is written.

    No secret may lie across two pieces.
    """
    with tempfile.SpooledTemporaryFile(
        KEPT_IN_MEMORY, "w+", encoding=sys.stdout.encoding, errors=sys.stdout.errors, newline=""
    ) as kept:
        for piece in pieces:
            kept.write(redact(piece))
        kept.seek(0)
        while piece := kept.read(PIECE):
            sys.stdout.write(piece)
    sys.stdout.flush()


def text(line: str) -> None:
    """One line of data on stdout."""
    sys.stdout.write(redact(line) + "\n")


def say(message: str) -> None:
    """A plain message to the person, on stderr."""
    _err.print(escape(redact(message)))


def step(message: str) -> None:
    """A finished step, on stderr."""
    _err.print(f"[green]✓[/green] {escape(redact(message))}")


def warn(message: str, *, hint: str = "") -> None:
    """Something the person should know; the work goes on."""
    _err.print(f"[yellow]warning:[/yellow] {escape(redact(message))}")
    if hint:
        _err.print(f"   hint: {escape(redact(hint))}")


def error(problem: ShopstackError) -> None:
    """What happened, why, and what to type next."""
    _err.print(f"[red]error:[/red] {escape(redact(problem.message))}")
    if problem.why:
        _err.print(f"  why: {escape(redact(problem.why))}")
    if problem.hint:
        _err.print(f" hint: {escape(redact(problem.hint))}")


def is_terminal() -> bool:
    """Whether a person watches stderr."""
    return _err.is_terminal


def encoding() -> str:
    """The encoding of stderr."""
    return _err.encoding


def dark_on_light(lines: Sequence[str]) -> None:
    """Lines of a picture on stderr, black on white whatever the terminal's own colours are."""
    for line in lines:
        _err.print(Text(line, style="black on bright_white"), no_wrap=True, overflow="ignore")


class Task:
    """One line of progress: what is done so far, of how much if that is known."""

    def __init__(self, progress: Progress | None, name: str) -> None:
        self._progress = progress
        self._name = name
        self._id = progress.add_task(name, total=None, detail="") if progress else None

    def update(self, detail: str, *, done: int = 0, total: int | None = None) -> None:
        """Show what has been done so far (terminal only); ``total`` None: nobody knows of how much."""
        if self._progress is not None and self._id is not None:
            reached = min(done, total) if total else 0
            self._progress.update(self._id, detail=redact(detail), completed=reached, total=total)

    def done(self, detail: str) -> None:
        """Close the line: a tick on a terminal, one plain line elsewhere."""
        if self._progress is not None and self._id is not None:
            self._progress.remove_task(self._id)
        step(f"{self._name}: {detail}")


@contextmanager
def progress() -> Iterator[Progress | None]:
    """Live progress on a terminal; None elsewhere, where `Task` prints plain lines."""
    if not is_terminal():
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as live:
        yield live
