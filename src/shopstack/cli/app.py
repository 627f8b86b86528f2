"""The command group and the one place where every failure becomes a message and an exit code."""

from __future__ import annotations

import difflib
import errno
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import FrameType

import click

from shopstack import __version__, output
from shopstack.cli import INTERRUPTED
from shopstack.cli.session import Session, project_option
from shopstack.errors import (
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    ShopstackError,
    TransientError,
    UsageError,
    is_interruption,
    tells_full_disk,
)

COMMANDS = (
    "init",
    "add-shop",
    "demo",
    "doctor",
    "check",
    "run",
    "extract",
    "build",
    "publish",
    "verify",
    "streams",
    "sql",
    "dashboard",
    "export",
    "explore",
    "status",
    "redact",
    "migrate",
    "simulate",
)
"""In the order in which a newcomer meets them; help and reference keep it."""

_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_IN_THE_WAY = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Commands(click.Group):
    """The commands in their order; each is read when it is asked for, since a dashboard that stays open needs no other.

    Where there is no command of a name, the nearest one is named.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        return command_of(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant.

        Raises:
            UsageError: there is none of that name.
        """
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
            raise UsageError(
                f"There is no command {args[0]!r}.",
                why=f"The commands are {', '.join(COMMANDS)}.",
                hint=f"shopstack {near[0]}" if near else "shopstack --help",
            )
        return super().resolve_command(ctx, args)


def command_of(name: str) -> click.Command:
    """The command of that name, one of `COMMANDS`; its file and its function are called like it."""
    called = name.replace("-", "_")
    found: click.Command = getattr(import_module(f"shopstack.cli.{called}"), called)
    return found


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    epilog="New here? `shopstack demo` shows everything with a simulated shop, no account needed.",
)
@click.version_option(__version__, message="shopstack %(version)s")
@project_option
@click.pass_context
def cli(context: click.Context) -> None:
    """A small shop's whole data stack: Shopify in, answers out.

    \b
    Examples:
      shopstack demo                 everything, with a simulated shop
      shopstack init my-shop         a project for your own shop
      shopstack run                  read, build, publish, verify
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code as errors.py defines it. Nothing is raised."""
    output.open_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    session = Session()
    try:
        with _terminated_like_interrupted():
            code = cli.main(
                args=given,
                prog_name="shopstack",
                standalone_mode=False,
                obj=session,
            )
        sys.stdout.flush()  # a reader that went away is met here, not when Python ends
    except (ShopstackError, click.ClickException) as problem:
        session.json = session.json or "--json" in given  # click stops reading at a mistake
        return _fail(
            _as_usage_error(problem) if isinstance(problem, click.ClickException) else problem, session
        )
    except (KeyboardInterrupt, click.Abort):
        output.say(INTERRUPTED)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our stdout went away (`| head`): nothing more can be said to it. Click ends with 1 too.
        _forget_stdout()
        return EXIT_DATA
    except Exception as problem:
        if is_interruption(problem):
            output.say(INTERRUPTED)
            return EXIT_INTERRUPTED
        return _fail(_refused_by_machine(problem) or _unexpected(problem, session), session)
    return code if isinstance(code, int) else EXIT_OK


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM (a container's stop, a service's end) ends a command as calmly as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)  # asyncio and uvicorn have their own ways to end on it
    else:
        raise KeyboardInterrupt


def _fail(problem: ShopstackError, session: Session) -> int:
    if session.json:
        try:
            output.data({"error": problem.as_dict()})
            sys.stdout.flush()
        except OSError:  # stdout is gone or full, and perhaps that is the very problem: stderr says it
            _forget_stdout()
    output.error(problem)
    return problem.exit_code


def _forget_stdout() -> None:
    """Let what stdout did not take go nowhere, so that Python does not try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _as_usage_error(problem: click.ClickException) -> UsageError:
    """Click's complaint in our form: what, and the nearest right way."""
    context = getattr(problem, "ctx", None)
    path = context.command_path if context is not None else "shopstack"
    if isinstance(problem, click.NoSuchOption):
        near = problem.possibilities or []
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


def _refused_by_machine(problem: Exception) -> ShopstackError | None:
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


def _unexpected(problem: Exception, session: Session) -> ShopstackError:
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
