"""`shopstack extract`: only the first step, Shopify to the raw database."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, wait_option
from shopstack.errors import UsageError


@click.command()
@click.option(
    "--sweep",
    is_flag=True,
    help="Instead of reading what changed, mark what was deleted at Shopify; the next build leaves it out.",
)
@click.option(
    "--accept-deletions",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --sweep: believe up to N deletions, even if they look like a loss of access.",
)
@wait_option
@project_option
@json_option
@pass_session
def extract(session: Session, *, sweep: bool, accept_deletions: int | None, wait: bool) -> None:
    """Read what changed in the shop into the raw database, and stop there.

    \b
    Examples:
      shopstack extract
      shopstack extract --sweep      mark what was deleted at Shopify
      shopstack extract && shopstack build && shopstack publish && shopstack verify
    """
    from shopstack import pipeline

    if accept_deletions is not None and not sweep:
        raise UsageError(
            "--accept-deletions belongs to --sweep.",
            why="Only a sweep finds deletions.",
            hint=f"shopstack extract --sweep --accept-deletions {accept_deletions}",
        )
    credentials = session.credentials(session.project())
    command = "extract --sweep" if sweep else "extract"
    with session.locked(command, wait=wait) as project, watched(project) as observer:
        report = (
            pipeline.sweep(project, credentials, observer=observer, accept=accept_deletions)
            if sweep
            else pipeline.extract(project, credentials, observer=observer)
        )
    if session.json:
        output.data(report.as_dict())
