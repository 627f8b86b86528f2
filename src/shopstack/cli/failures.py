"""What a command's failure is to the person who typed it: a mistake of his, his machine's refusal, or a defect of ours."""

from __future__ import annotations

import difflib
import errno
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

import click

from shopstack import output
from shopstack.cli.session import Session
from shopstack.errors import ShopstackError, TransientError, UsageError, tells_full_disk

_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_IN_THE_WAY = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def as_usage_error(problem: click.ClickException) -> UsageError:
    """Click's complaint in our form: what, and the nearest right way."""
    context = getattr(problem, "ctx", None)
    path = context.command_path if context is not None else "shopstack"
    if isinstance(problem, click.NoSuchOption):
        # Click counts letters: to it --selct is near --project. A beginning, or a slip of a letter, is meant.
        name, known = problem.option_name, problem.possibilities or []
        begun = [one for one in known if one.startswith(name)]
        near = begun or difflib.get_close_matches(name, known, n=1, cutoff=0.75)
        return UsageError(
            f"There is no option {problem.option_name} here.",
            hint=f"{path} {near[0]}" if near else f"{path} --help",
        )
    param = problem.param if isinstance(problem, click.BadParameter) else None
    if param is not None and isinstance(param.type, click.DateTime):
        return UsageError(f"{param.opts[0]} takes a day, written as 2026-01-31.", hint=f"{path} --help")
    if param is not None and isinstance(param.type, click.IntRange):
        least, most = param.type.min, param.type.max
        limits = f"of at least {least}" if most is None else f"from {least} to {most}"
        return UsageError(f"{param.opts[0]} takes a whole number {limits}.", hint=f"{path} --help")
    return UsageError(problem.format_message(), hint=f"{path} --help")


def refused_by_machine(problem: Exception) -> ShopstackError | None:
    """A disk that is full, a file that may not be touched or is in the way: nobody's defect. None for anything else."""
    if isinstance(problem, UnicodeEncodeError):
        return UsageError(
            "The answer cannot be written here.",
            why=f"Your system writes {problem.encoding}, which lacks {problem.object[problem.start]!a}.",
            hint="set the variable PYTHONIOENCODING to utf-8, then the same command again",
        )
    if not isinstance(problem, OSError):
        return _refused_within_duckdb(problem)
    place = problem.filename or "A file"
    if problem.errno in _FORBIDDEN:
        return UsageError(
            f"{place} cannot be read or written.",
            why=f"The system refuses it: {problem.strerror}.",
            hint="see whom the project's folder belongs to and who may write to it, then the same command again",
        )
    if problem.errno in _IN_THE_WAY:
        return UsageError(
            f"{place} cannot be used.",
            why=f"The system says: {problem.strerror}.",
            hint="see what lies there: a file where a folder should be, or a folder instead of a file",
        )
    if problem.errno in _FULL:
        return TransientError(
            "The disk is full.",
            why=f"{place} could not be written ({problem.strerror}); nothing is half done.",
            hint="make room, then the same command again",
        )
    return None


def _refused_within_duckdb(problem: Exception) -> ShopstackError | None:
    """A disk that DuckDB found full. None for anything else."""
    duckdb = sys.modules.get("duckdb")
    if duckdb is None or not isinstance(problem, duckdb.Error) or not tells_full_disk(str(problem)):
        return None
    return TransientError(
        "The disk is full.",
        why=f"{str(problem).splitlines()[0]}; nothing is half done.",
        hint="make room, then the same command again",
    )


def unexpected(problem: Exception, session: Session) -> ShopstackError:
    """A defect of ours: the traceback goes to a file, its path to the person."""
    log = _write_log("".join(traceback.format_exception(problem)), session)
    error = ShopstackError(
        f"Something went wrong inside shopstack: {type(problem).__name__}: {problem}",
        why="This is a defect of ours, not a mistake of yours.",
        hint=f"report it with the file {log}",
    )
    error.__cause__ = problem
    return error


def _write_log(trace: str, session: Session) -> Path:
    """Beside the run history where there is a project that can be written to; else in the system's temporary folder."""
    name = f"error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    try:
        log = session.project().runs / name
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(output.redact(trace), encoding="utf-8")
    except (ShopstackError, OSError):
        log = Path(tempfile.gettempdir()) / name
        log.write_text(output.redact(trace), encoding="utf-8")
    return log
