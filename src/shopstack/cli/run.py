"""`shopstack run`: everything, from Shopify to figures that are up and held against Shopify's own."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, wait_option


@click.command()
@click.option("--dry-run", is_flag=True, help="Ask Shopify what there is to read, and change nothing.")
@wait_option
@project_option
@json_option
@pass_session
def run(session: Session, *, dry_run: bool, wait: bool) -> int:
    """Read what changed in the shop, build, publish, and compare with Shopify's own report.

    Killed or interrupted, it takes up where it stopped. Exits with 1 if the figures differ from Shopify's.

    \b
    Examples:
      shopstack run
      shopstack run --dry-run        what would be read, and how
      shopstack run --wait --json    for a schedule: after any other run, with a report
    """
    from shopstack import pipeline

    if dry_run:
        return _show_plan(session, wait=wait)
    credentials = session.credentials(session.project())
    with session.locked("run", wait=wait) as project, watched(project) as observer:
        report = pipeline.run(project, credentials, observer=observer)
    if session.json:
        output.data(report.as_dict())
    return report.exit_code


def _show_plan(session: Session, *, wait: bool) -> int:
    """What a run would read, a line a stream. It reads the cursors, so it takes its turn like a run."""
    from shopstack.extract import plan

    credentials = session.credentials(session.project())
    with session.locked("run --dry-run", wait=wait) as project:
        planned = plan(project, credentials)
    if session.json:
        output.data(planned.as_dict())
        return 0
    for line in planned.lines():
        output.text(line)
    return 0
