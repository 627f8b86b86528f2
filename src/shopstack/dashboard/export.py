"""Pages as files: each one HTML file that needs nothing else, or the drawings as pictures for an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shopstack import output
from shopstack.dashboard.blocks import read_block
from shopstack.dashboard.charts import LIGHT, Palette
from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.links import FileLinks
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.taking_away import file_name, picture_of
from shopstack.errors import DataError, UsageError
from shopstack.project import Project
from shopstack.storage.files import write_whole


@dataclass(frozen=True)
class Exported:
    """What was written."""

    files: tuple[Path, ...]
    version: str
    broken: tuple[str, ...] = ()
    """Pages with a block that could not be drawn: they are written, and say so."""


def export_pages(project: Project, folder: Path, names: Sequence[str], asked: Asked) -> Exported:
    """Write pages (none named: all) into ``folder``, one self-contained HTML file each; all are of one version.

    Raises:
        UsageError: there is no such page or shop, or nothing is published yet.
        DataError: what is published is damaged, or a new version was published meanwhile.
    """
    with Dashboard(project, links=FileLinks()) as dashboard:
        written, broken, versions = [], [], set()
        for name in _chosen(dashboard, names):
            answer, _ = dashboard.answer(name, asked)
            if answer.status_code != 200:
                raise UsageError(
                    f"The page {name} cannot be exported.",
                    why="It cannot be shown either.",
                    hint="shopstack dashboard (shows what is wrong)",
                )
            versions.add(answer.version)
            file = folder / f"{name}.html"
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(file, answer.html.encode())
            written.append(file)
            broken += [] if answer.is_whole else [name]
        if len(versions) > 1:
            raise DataError(
                "The exported pages are of two versions.",
                why="A run has published a new one meanwhile.",
                hint="shopstack export",
            )
    return Exported(tuple(written), versions.pop(), tuple(broken))


def export_pictures(
    project: Project, folder: Path, names: Sequence[str], asked: Asked, palette: Palette = LIGHT
) -> Exported:
    """Write the drawings of pages (none named: all) into ``folder`` as PNG.

    Raises:
        UsageError: as `export_pages`.
        DataError: what is published is damaged.
    """
    with Dashboard(project, links=FileLinks()) as dashboard:
        written = []
        version = ""
        for name in _chosen(dashboard, names):
            page = dashboard.shelf.library().page(name)
            for fence in page.fences if page else ():
                block = read_block(fence)
                shown, context = dashboard.shown(name, fence.name, asked)
                version = context.snapshot.pointer.version
                if not shown.charts:
                    continue
                file = folder / file_name(context, fence.name, "png")
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(file, picture_of(shown, palette))
                output.say(f"{block.title or fence.name}: {file}")
                written.append(file)
    return Exported(tuple(written), version)


def _chosen(dashboard: Dashboard, names: Sequence[str]) -> list[str]:
    library = dashboard.shelf.library()
    known = [page.name for page in library.pages]
    for name in names:
        if name not in known:
            raise UsageError(
                f"There is no page called {name!r}.",
                why=f"The pages are {', '.join(known)}.",
                hint=library.broken[name].hint if name in library.broken else "choose one of them",
            )
    if dashboard.is_empty():
        raise UsageError(
            "There is nothing to export yet.", why="Nothing has been published.", hint="shopstack run"
        )
    return list(names) or known
