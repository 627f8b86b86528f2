"""`shopstack demo`: everything with a simulated shop; no account, no question."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shopstack import output
from shopstack.cli.dashboard import serve_until_interrupted
from shopstack.cli.progress import watched
from shopstack.cli.session import Session, json_option, pass_session
from shopstack.errors import EXIT_OK

if TYPE_CHECKING:
    from shopstack.demo import Note


@click.command()
@click.option(
    "--orders", default=20_000, show_default=True, type=click.IntRange(1), help="Orders of the shop."
)
@click.option("--no-serve", is_flag=True, help="End after publishing, without the dashboard.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="First port tried for the dashboard. Default: 8787."
)
@click.option(
    "--dir",
    "folder",
    default="demo-shop",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the demo's project; one that is there is taken up again.",
)
@json_option
@pass_session
def demo(session: Session, *, orders: int, no_serve: bool, port: int | None, folder: Path) -> int:
    """Show everything with a simulated shop: read, build, publish, verify, dashboard.

    \b
    Examples:
      shopstack demo
      shopstack demo --orders 2000 --no-serve
    """
    from shopstack.demo import (
        Note,
        open_or_create,
        preferred_port,
        recipe_for,
        refuse_foreign,
        simulated_shop,
    )

    folder = folder.resolve()
    refuse_foreign(folder)
    recipe = recipe_for(folder, orders, datetime.now(UTC))
    output.say(f"opening a simulated shop with {orders:,} orders …")
    with simulated_shop(recipe, port=preferred_port(folder)) as shop:
        output.step(f"simulated shop: {shop.address}")
        project = open_or_create(folder, shop)
        session.folder = folder
        code = _run(session, Note(recipe, shop.fingerprint))
        _say_what_next(folder)
        if no_serve:
            return code
        serve_until_interrupted(project, port=port)
    return EXIT_OK


def _run(session: Session, note: Note) -> int:
    """The whole pipeline on the demo's project; data of another shop is forgotten first."""
    from shopstack import pipeline
    from shopstack.demo import forget_other_shop

    with session.locked("demo", wait=False) as project:
        if forget_other_shop(project, note):
            output.say("the shop has changed since the last demo: the project's data is begun anew")
        with watched(project) as observer:
            report = pipeline.run(project, session.shops(project), observer=observer)
    if session.json:
        output.data(report.as_dict())
    return report.exit_code


def _say_what_next(folder: Path) -> None:
    place = shlex.quote(str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder))
    question = "select * from reporting.daily_sales order by date_day desc limit 7"
    output.say(f'Ask it something: shopstack --project {place} sql "{question}"')
    output.say("Your own shop:    shopstack init my-shop")
