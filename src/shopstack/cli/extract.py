"""`shopstack extract`: only the first step, Shopify to the raw database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, shop_option, wait_option
from shopstack.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from shopstack.extract import EveryShop, ExtractReport, SweepReport


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
@click.option(
    "--from-landing",
    is_flag=True,
    help="Instead of asking Shopify, make the raw database anew from what it answered before.",
)
@shop_option
@wait_option
@project_option
@json_option
@pass_session
def extract(
    session: Session, *, sweep: bool, accept_deletions: int | None, from_landing: bool, shop: str, wait: bool
) -> int:
    """Read what changed in the shop into the raw database, and stop there.

    \b
    Examples:
      shopstack extract
      shopstack extract --sweep           mark what was deleted at Shopify
      shopstack extract --from-landing    the raw database is lost or damaged
      shopstack extract && shopstack build && shopstack publish && shopstack verify
    """
    from shopstack import pipeline

    _refuse_contradictions(
        sweep=sweep, accept_deletions=accept_deletions, from_landing=from_landing, shop=shop
    )
    if from_landing:
        with session.locked("extract --from-landing", wait=wait) as project, watched(project):
            rebuilt = pipeline.rebuild(project)
        if session.json:
            output.data(rebuilt.as_dict())
        return EXIT_OK
    shops = session.shops(session.project(), shop)
    report: EveryShop[ExtractReport] | EveryShop[SweepReport]
    with (
        session.locked("extract --sweep" if sweep else "extract", wait=wait) as project,
        watched(project) as observer,
    ):
        report = (
            pipeline.sweep(project, shops, observer=observer, accept=accept_deletions)
            if sweep
            else pipeline.extract(project, shops, observer=observer)
        )
    if session.json:
        output.data(report.as_dict())
    return report.exit_code


def _refuse_contradictions(
    *, sweep: bool, accept_deletions: int | None, from_landing: bool, shop: str
) -> None:
    if from_landing and shop:
        raise UsageError(
            "--from-landing makes the whole raw database anew.",
            why="All shops share it, so that one of them cannot be made by itself.",
            hint="shopstack extract --from-landing",
        )
    if accept_deletions is not None and not sweep:
        raise UsageError(
            "--accept-deletions belongs to --sweep.",
            why="Only a sweep finds deletions.",
            hint=f"shopstack extract --sweep --accept-deletions {accept_deletions}",
        )
    if sweep and from_landing:
        raise UsageError(
            "--sweep and --from-landing are two different things.",
            why="One asks Shopify, the other does without it.",
            hint="shopstack extract --from-landing, then: shopstack extract --sweep",
        )
