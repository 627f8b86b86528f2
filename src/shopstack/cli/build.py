"""`shopstack build`: only the second step, the raw database to facts, dimensions and marts."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, wait_option


@click.command()
@click.option(
    "--full-refresh",
    is_flag=True,
    help="Build every order anew, not only those that were loaded since the last build.",
)
@wait_option
@project_option
@json_option
@pass_session
def build(session: Session, full_refresh: bool, wait: bool) -> int:
    """Build every table from the raw database with dbt, and test it.

    Nothing is published: readers go on seeing the last published version. Exits with 1 if a table of your own
    failed; the rest can be published all the same. Facts of orders are built of the orders that were loaded since the
    last build; where their SQL has changed, of all.

    \b
    Examples:
      shopstack build
      shopstack build --full-refresh
    """
    from shopstack import pipeline

    with session.locked("build", wait=wait) as project, watched(project, publishes=False):
        report = pipeline.build(project, full_refresh=full_refresh)
    for one in report.containment.held_back:
        output.warn(f"{one.table} is held back: {one.why}", hint=one.hint)
    if session.json:
        output.data(report.as_dict())
    return report.exit_code
