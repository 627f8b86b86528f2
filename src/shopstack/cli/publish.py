"""`shopstack publish`: only the third step, what was built goes up."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, wait_option


@click.command()
@wait_option
@project_option
@json_option
@pass_session
def publish(session: Session, wait: bool) -> None:
    """Put what was built before readers: dashboard, `shopstack sql`, catalog.duckdb.

    \b
    Examples:
      shopstack publish
    """
    from shopstack import pipeline

    with session.locked("publish", wait=wait) as project, watched(project):
        report = pipeline.publish(project)
    if session.json:
        output.data(report.as_dict())
