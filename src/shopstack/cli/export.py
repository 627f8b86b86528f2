"""`shopstack export`: pages as files that can be sent, kept or printed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from shopstack import output
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.errors import EXIT_DATA, EXIT_OK


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE]...")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("export"),
    show_default=True,
    help="Folder that the files are written to.",
)
@click.option(
    "--period", default="", help="As in a page's address: 30d, month, quarter, year, all, … Default: 30d."
)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day of a period of your own.")
@click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), help="Its last day.")
@click.option("--compare", default="", help="previous, last_year or none. Default: as the page has it.")
@click.option("--shop", default="", help="Handle of the shop. Default: the first one.")
@click.option("--channel", default="", help="Key of the sales channel. Default: all.")
@click.option(
    "--pictures", is_flag=True, help="Write the drawings as PNG instead, for an e-mail or a document."
)
@project_option
@json_option
@pass_session
def export(
    session: Session,
    *,
    pages: tuple[str, ...],
    folder: Path,
    period: str,
    first: datetime | None,
    last: datetime | None,
    compare: str,
    shop: str,
    channel: str,
    pictures: bool,
) -> int:
    """Write pages as HTML files that need no server: figures, drawings and CSV are inside. Without PAGE: all of them.

    \b
    Examples:
      shopstack export
      shopstack export nationwide_sales --period month --to for-the-accountant
      shopstack export --from 2026-01-01 --until 2026-03-31
      shopstack export --pictures
    """
    from shopstack.dashboard.export import export_pages, export_pictures
    from shopstack.dashboard.parameters import Asked

    words = {
        "period": period,
        "from": first.date().isoformat() if first else "",
        "to": last.date().isoformat() if last else "",
        "compare": compare,
        "shop": shop,
        "channel": channel,
    }
    asked = Asked.parse({name: value for name, value in words.items() if value})
    write = export_pictures if pictures else export_pages
    done = write(session.project(), folder, pages, asked)
    if session.json:
        output.data(
            {
                "version": done.version,
                "files": [str(file) for file in done.files],
                "broken": list(done.broken),
            }
        )
    else:
        for file in done.files:
            output.text(str(file))
    if done.broken:
        output.warn(
            f"Not whole: {', '.join(done.broken)}.", hint="mend what is named above, then: shopstack export"
        )
        return EXIT_DATA
    return EXIT_OK
