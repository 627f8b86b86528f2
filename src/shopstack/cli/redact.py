"""`shopstack redact`: one customer removed from everything that the project holds."""

from __future__ import annotations

import sys

import click

from shopstack import output
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session, project_option, wait_option
from shopstack.errors import UsageError


@click.command()
@click.argument("customer", required=False)
@click.option(
    "--order",
    metavar="ORDER",
    help="Instead of a customer, the order of a guest: what is personal in it is removed.",
)
@click.option(
    "--shop", metavar="SHOP", default="", help="The shop (….myshopify.com), where the project has several."
)
@click.option("--yes", is_flag=True, help="Do not ask whether to go on; a script must say so.")
@wait_option
@project_option
@json_option
@pass_session
def redact(
    session: Session, *, customer: str | None, order: str | None, shop: str, yes: bool, wait: bool
) -> None:
    """Remove one customer from everything in the project, for good; every amount stays.

    CUSTOMER is the number at the end of the page's address in Shopify's admin, that address, or Shopify's id (gid).
    Names, addresses and notes are removed from what was read, the customer's number gives way to a made-up one, and
    whatever was built is built and published anew. Later runs do not bring the customer back. Killed or interrupted,
    the same command finishes it. Shopify itself, backups and exports are left to you.

    \b
    Examples:
      shopstack redact 7200000000001
      shopstack redact https://admin.shopify.com/store/my-shop/customers/7200000000001
      shopstack redact --order 5600000000001          a guest, by order
      shopstack redact 7200000000001 --yes --json     for a script
    """
    from shopstack import pipeline
    from shopstack.extract import raw_warehouse
    from shopstack.extract.redaction import subject

    if (customer is None) == (order is None):
        raise UsageError(
            "One customer, or one order, is to be named.",
            why="Both were named." if customer else "Neither was named.",
            hint="shopstack redact 7200000000001, or for a guest: shopstack redact --order 5600000000001",
        )
    with session.locked("redact", wait=wait) as project:
        given = customer if customer is not None else str(order)
        who = subject(project, raw_warehouse(project), given, order=order is not None, shop=shop)
        _confirm(f"{who.shop}: {who.gid.split('/')[3].lower()} {who.number}", yes=yes)
        with watched(project):
            report = pipeline.redact(project, who)
    if session.json:
        output.data(report.as_dict())


def _confirm(what: str, *, yes: bool) -> None:
    """Ask a person; a script must have said ``--yes``.

    Raises:
        UsageError: there is nobody to ask. Abort: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "Removing cannot be undone, and there is nobody to ask.",
            why="This is no terminal, and --yes was not given.",
            hint="the same command with --yes",
        )
    click.confirm(f"Remove {what} for good, from everything in this project?", abort=True, err=True)
