"""`shopstack check`: is the project in order, as far as can be told without the network."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.findings import show_findings
from shopstack.cli.session import Session, json_option, pass_session, project_option


@click.command()
@click.option("--restore", is_flag=True, help="Put edited or missing files of the engine's dbt package back.")
@click.option(
    "--without-disk",
    is_flag=True,
    help="Refuse what needs a disk that lasts: for a machine that ends with its run.",
)
@project_option
@json_option
@pass_session
def check(session: Session, *, restore: bool, without_disk: bool) -> int:
    """Check the project's configuration and files, without the network.

    \b
    Examples:
      shopstack check
      shopstack check --restore        undo edits of the engine's own dbt package
      shopstack check --without-disk   on GitHub Actions, ahead of a scheduled run
    """
    from shopstack.doctor import check_project
    from shopstack.scaffold import read_origin, restore_vendored

    project = session.project()
    if restore:
        for change in restore_vendored(project.root, read_origin(project.root)):
            output.step(f"restored {change.path} ({change.kind})")
    return show_findings(check_project(project, disk_lasts=not without_disk), session)
