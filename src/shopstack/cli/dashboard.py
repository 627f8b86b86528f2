"""`shopstack dashboard`: the pages, served from what is published."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

import click

from shopstack import output
from shopstack.cli.session import Session, pass_session, project_option

if TYPE_CHECKING:
    from shopstack.project import Project


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="First port tried. Default: [dashboard] port.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@project_option
@pass_session
def dashboard(session: Session, *, port: int | None, open_browser: bool) -> None:
    """Serve the dashboard until Ctrl-C; a busy port gives way to the next free one.

    It may run all day: it shows each new version as soon as a run has published it.

    \b
    Examples:
      shopstack dashboard
      shopstack dashboard --port 9000 --open
    """
    serve_until_interrupted(session.project(), port=port, open_browser=open_browser)


def serve_until_interrupted(project: Project, *, port: int | None, open_browser: bool = False) -> None:
    """The dashboard in the foreground; Ctrl-C is its ordinary end."""
    from shopstack.dashboard import serve

    try:
        serve(project, port=port, on_ready=_open if open_browser else None)
    except KeyboardInterrupt:
        output.say("The dashboard is closed.")


def _open(address: str) -> None:
    """Show the page; a machine without a browser has the address on its terminal."""
    webbrowser.open(address)
