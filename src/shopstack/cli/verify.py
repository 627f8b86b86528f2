"""`shopstack verify`: only the last step, the published figures against Shopify's own."""

from __future__ import annotations

from pathlib import Path

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import (
    Session,
    json_option,
    pass_session,
    project_option,
    wait_option,
)
from shopstack.errors import UsageError


@click.command()
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Compare with the sales report by day that you exported from Shopify's admin.",
)
@click.option("--forget", is_flag=True, help="Forget the exported reports, and compare without them.")
@click.option(
    "--shop",
    default="",
    metavar="NAME",
    help="With --against or --forget: the shop whose report it is, where there are several.",
)
@wait_option
@project_option
@json_option
@pass_session
def verify(session: Session, against: Path | None, forget: bool, shop: str, wait: bool) -> int:
    """Hold what is published against Shopify's own figures.

    These are the counts of each load, the totals of each order, and Shopify's daily sales report.

    Without permission to read that report, export it: in Shopify's admin, Analytics > Reports > "Total sales over
    time", by day, Export > Plain CSV file. With --against, its days are kept, and compared in this run and the later
    ones, until Shopify's report is read again for them. A file in which anything is doubtful is refused whole.

    Exits with 1 if a load is incomplete or a day differs from the report; each difference is named with its
    day, metric and amount. Orders that do not add up to Shopify's own total are listed.

    \b
    Examples:
      shopstack verify
      shopstack verify --json
      shopstack verify --against "Total sales over time - 2026-01-01 - 2026-03-31.csv"
      shopstack verify --forget
    """
    from shopstack import pipeline

    if against is not None and forget:
        raise UsageError(
            "--against and --forget exclude each other.",
            why="One takes an exported report in, the other leaves all of them out.",
            hint="shopstack verify --forget, then: shopstack verify --against FILE.csv",
        )
    if shop and against is None and not forget:
        raise UsageError(
            "--shop goes with --against or --forget.",
            why="What is published is verified as a whole, all shops of it.",
            hint="shopstack verify",
        )
    with session.locked("verify", wait=wait) as project, watched(project):
        report = pipeline.verify(project, against=against, shop=shop, forget=forget)
    if session.json:
        output.data(report.as_dict())
    return report.exit_code
