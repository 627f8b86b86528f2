"""`shopstack extract`: only the first step, Shopify to the raw database."""

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
def extract(session: Session, wait: bool) -> None:
    """Read what changed in the shop into the raw database, and stop there.

    \b
    Examples:
      shopstack extract
      shopstack extract && shopstack build && shopstack publish && shopstack verify
    """
    from shopstack import pipeline

    credentials = session.credentials(session.project())
    with session.locked("extract", wait=wait) as project, watched(project) as observer:
        report = pipeline.extract(project, credentials, observer=observer)
    if session.json:
        output.data(report.as_dict())
