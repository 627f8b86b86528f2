"""`shopstack verify`: only the last step, the published figures against Shopify's own."""

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
def verify(session: Session, wait: bool) -> int:
    """Hold what is published against Shopify's own figures.

    These are the counts of each load, the totals of each order, and Shopify's daily sales report.

    Exits with 1 if a load is incomplete or a day differs from the report; each difference is named with its
    day, metric and amount. Orders that do not add up to Shopify's own total are listed.

    \b
    Examples:
      shopstack verify
      shopstack verify --json
    """
    from shopstack import pipeline

    with session.locked("verify", wait=wait) as project, watched(project):
        report = pipeline.verify(project)
    if session.json:
        output.data(report.as_dict())
    return report.exit_code
