"""`shopstack explore`: the analyst's notebook, on what is published, for this computer alone."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from shopstack import output
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.errors import UsageError
from shopstack.project import Project

FOLDER = "analysis"
NOTEBOOK = "explore.py"


@click.command()
@click.argument("notebook", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="First port tried. Default: 2718.")
@click.option("--open", "open_browser", is_flag=True, help="Open the notebook in the browser.")
@project_option
@json_option
@pass_session
def explore(session: Session, *, notebook: Path | None, port: int | None, open_browser: bool) -> None:
    """Open a notebook (marimo) until Ctrl-C: analysis/explore.py, or NOTEBOOK.

    It reads what is published, in SQL and Python, and can change none of it. Whoever has its address may run
    code on this computer: it listens to this computer alone, and the address has a token that is new each time.

    It needs the extra `notebook`; where that is not installed, it says what to type.

    \b
    Examples:
      shopstack explore
      shopstack explore --open
      shopstack explore analysis/customers.py --port 9100
    """
    from shopstack.notebook import open_newest
    from shopstack.notebook.server import require_marimo, serve

    require_marimo()
    project = session.project()
    open_newest(project.root).close()  # so that what is wrong with it is said here, and not by a cell
    file = _existing(notebook, project) if notebook else _own(project)

    def ready(address: str) -> None:
        if session.json:
            output.data({"address": address, "notebook": str(file)})
        output.say(f"Notebook: {address}  (Ctrl-C stops it)")
        if open_browser:
            webbrowser.open(address)

    with suppress(KeyboardInterrupt):  # its ordinary end
        serve(file, project.root, port=port, on_ready=ready)
    output.say("The notebook is closed.")


def _own(project: Project) -> Path:
    """The project's notebook; what is missing of its folder is put there, and nothing is overwritten."""
    from shopstack.scaffold import add_missing

    for path in add_missing(project.root, Path(FOLDER)):
        output.step(f"{path.as_posix()} was missing and has been written")
    return project.root / FOLDER / NOTEBOOK


def _existing(notebook: Path, project: Project) -> Path:
    if not notebook.is_file():
        there = sorted(path.name for path in (project.root / FOLDER).glob("*.py"))
        raise UsageError(
            f"There is no notebook {notebook}.",
            why=f"In {FOLDER}/ there are: {', '.join(there)}." if there else f"In {FOLDER}/ there is none.",
            hint=f"begin with a copy: cp {FOLDER}/{NOTEBOOK} {notebook}",
        )
    return notebook.resolve()
