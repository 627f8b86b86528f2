"""`shopstack run`: everything, from Shopify to figures that are up and held against Shopify's own."""

from __future__ import annotations

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, shop_option, wait_option


@click.command()
@click.option("--dry-run", is_flag=True, help="Ask Shopify what there is to read, and change nothing.")
@shop_option
@wait_option
@project_option
@json_option
@pass_session
def run(session: Session, *, dry_run: bool, shop: str, wait: bool) -> int:
    """Read what changed in the shop, build, publish, and compare with Shopify's own report.

    Killed or interrupted, it takes up where it stopped. Exits with 1 if the figures differ from Shopify's, or a
    table of your own failed: it then keeps its last good rows.

    \b
    Examples:
      shopstack run
      shopstack run --dry-run        what would be read, and how
      shopstack run --wait --json    for a schedule: after any other run, with a report
    """
    from shopstack import pipeline

    if dry_run:
        return _show_plan(session, shop, wait=wait)
    shops = session.shops(session.project(), shop)
    with session.locked("run", wait=wait) as project, watched(project) as observer:
        report = pipeline.run(project, shops, observer=observer)
    if session.json:
        output.data(report.as_dict())
    return report.exit_code


def _show_plan(session: Session, shop: str, *, wait: bool) -> int:
    """What a run would read, a line a stream. It reads the cursors, so it takes its turn like a run."""
    from shopstack.extract import every_shop, plan

    shops = session.shops(session.project(), shop)
    with session.locked("run --dry-run", wait=wait) as project:
        planned = every_shop(
            shops, lambda access, taken: plan(project, access.require(), shop=access.shop, taken=taken)
        )
    if session.json:
        output.data(planned.as_dict())
        return planned.exit_code
    for one in planned.reports:
        if len(shops) > 1:
            output.text(one.shop)
        for line in one.lines():
            output.text(line)
    for failure in planned.failures:
        output.warn(failure.message, hint=failure.problem.hint)
    return planned.exit_code
