"""`shopstack check`: is the project in order, as far as can be told without the network."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.findings import show_findings
from shopstack.cli.session import Session, json_option, pass_session, project_option


@click.command()
@click.option("--restore", is_flag=True, help="Put edited or missing files of the engine's dbt package back.")
@project_option
@json_option
@pass_session
def check(session: Session, restore: bool) -> int:
    """Check the project's configuration and files, without the network.

    \b
    Examples:
      shopstack check
      shopstack check --restore      undo edits of the engine's own dbt package
    """
    from shopstack.doctor import check_project
    from shopstack.scaffold import read_origin, restore_vendored

    project = session.project()
    if restore:
        for change in restore_vendored(project.root, read_origin(project.root)):
            output.step(f"restored {change.path} ({change.kind})")
    return show_findings(check_project(project), session)
