"""The command group, and the one place where every failure becomes a message and an exit code (`failures.py` says which)."""

from __future__ import annotations

import difflib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

import click

from shopstack import __version__, output
from shopstack.cli import INTERRUPTED
from shopstack.cli.failures import as_usage_error, refused_by_machine, unexpected
from shopstack.cli.session import Session, project_option
from shopstack.errors import (
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    ShopstackError,
    UsageError,
    is_interruption,
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
            as_usage_error(problem) if isinstance(problem, click.ClickException) else problem, session
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
        return _fail(refused_by_machine(problem) or unexpected(problem, session), session)
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
    try:
        if session.json:
            output.data({"error": problem.as_dict()})
        sys.stdout.flush()
    except OSError:  # stdout is gone or full, and perhaps that is the very problem: stderr says it
        _forget_stdout()
    output.error(problem)
    return problem.exit_code


def _forget_stdout() -> None:
    """Let what stdout did not take go nowhere, so that Python does not try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
