"""What every command shares: the project it works in, and the options that all of them have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from shopstack import output
from shopstack.orchestration.lock import Holder, run_lock
from shopstack.project import Project
from shopstack.shops import ShopAccess, chosen_shops

if TYPE_CHECKING:
    from shopstack.orchestration.lease import LeaseHolder
    from shopstack.warehouse.snowflake_connection import SnowflakeAccess

PROJECT_VARIABLE = "SHOPSTACK_PROJECT"

F = TypeVar("F", bound=Callable[..., Any])


def _default_folder() -> Path:
    return Path(os.environ.get(PROJECT_VARIABLE) or ".")


@dataclass
class Session:
    """One call of the command line."""

    folder: Path = field(default_factory=_default_folder)
    json: bool = False
    """Whether stdout takes JSON; an error is then written there too."""

    def project(self) -> Project:
        """The project that the command works in.

        Raises:
            ConfigurationError: the folder is none, or its configuration is wrong.
        """
        return Project.open(self.folder)

    def shops(self, project: Project, name: str = "") -> tuple[ShopAccess, ...]:
        """Every shop of the project with its credentials, or the one of that name.

        Raises:
            UsageError: there is no shop of that name. CredentialsError: the only one has no credentials.
        """
        return chosen_shops(project, name)

    @contextmanager
    def locked(self, command: str, *, wait: bool) -> Iterator[Project]:
        """The project, held for this command alone.

        Raises:
            LockedError: another command holds it, and ``wait`` was not asked for.
        """
        from shopstack.warehouse.snowflake_connection import SnowflakeAccess

        project = self.project()
        _tell_other_engine(project)
        with ExitStack() as stack:
            stack.enter_context(run_lock(project.state, command, wait=wait, on_wait=_tell_waiting))
            if project.config.warehouse.type == "snowflake":  # other machines have files of their own
                stack.enter_context(leased(SnowflakeAccess.to_load(project), command, wait=wait))
            yield project


def leased(access: SnowflakeAccess, command: str, *, wait: bool) -> AbstractContextManager[None]:
    """The database on Snowflake, held for this command alone.

    Raises:
        LockedError: another machine's command holds it, and ``wait`` was not asked for.
    """
    from shopstack.orchestration.lease import run_lease

    return run_lease(access, command, wait=wait, on_wait=_tell_waiting)


def _tell_other_engine(project: Project) -> None:
    """The engine's dbt package in the project belongs to one version of the engine: say when it is another."""
    from shopstack.doctor import check_engine

    finding = check_engine(project)
    if finding.state != "ok":
        output.warn(finding.message, hint=finding.fix)


def _tell_waiting(holder: Holder | LeaseHolder | None) -> None:
    output.say(f"waiting for {holder}" if holder else "waiting for another run that has just started")


def session_of(context: click.Context) -> Session:
    """The session that `main` made."""
    return context.ensure_object(Session)


def _set_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        session_of(context).json = True


def _set_folder(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        session_of(context).folder = value


def json_option(command: F) -> F:
    """``--json``: the answer as one JSON document on stdout."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_set_json,
        help="Answer with one JSON document on stdout.",
    )(command)


def project_option(command: F) -> F:
    """``--project DIR``, before or after the command's name."""
    return click.option(
        "--project",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        expose_value=False,
        callback=_set_folder,
        help=f"The project's folder. Default: {PROJECT_VARIABLE}, else the current folder.",
    )(command)


def shop_option(command: F) -> F:
    """``--shop NAME``: one of several shops."""
    return click.option(
        "--shop",
        default="",
        metavar="NAME",
        help="Only this one of several shops (my-shop, or its whole address).",
    )(command)


def wait_option(command: F) -> F:
    """``--wait``: let the run that holds the project end first."""
    return click.option(
        "--wait",
        is_flag=True,
        help="If another run holds the project, wait for it to end instead of stopping.",
    )(command)


pass_session = click.make_pass_decorator(Session, ensure=True)
