"""Pages as files: each one HTML file that needs nothing else, or the drawings as pictures for an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shopstack import output
from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.links import FileLinks
from shopstack.dashboard.page import find_shop
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
    """Pages with a block that could not be drawn, which are written and say so, and own pages that cannot be read."""


def export_pages(project: Project, folder: Path, names: Sequence[str], asked: Asked) -> Exported:
    """Write pages (none named: all) into ``folder``, one self-contained HTML file each; all are of one version.

    Raises:
        UsageError: there is no such page, shop or channel, the folder cannot be made, or nothing is published yet.
        ShopstackError: a page that was named cannot be read.
        DataError: what is published is damaged, or a new version was published meanwhile.
    """
    with Dashboard(project, links=FileLinks()) as dashboard:
        chosen, broken = _chosen(dashboard, names, asked)
        _make(folder)
        written, versions = [], []
        for name in chosen:
            answer, _ = dashboard.answer(name, asked)
            if answer.status_code != 200:
                raise UsageError(
                    f"The page {name} cannot be exported.",
                    why="It cannot be shown either.",
                    hint="shopstack dashboard (shows what is wrong)",
                )
            versions.append(answer.version)
            file = folder / f"{name}.html"
            write_whole(file, answer.html.encode())
            written.append(file)
            broken += [] if answer.is_whole else [name]
        if len(set(versions)) > 1:
            raise DataError(
                "The exported pages are of two versions.",
                why="A run has published a new one meanwhile.",
                hint="shopstack export",
            )
    return Exported(tuple(written), versions[0], tuple(broken))


def export_pictures(project: Project, folder: Path, names: Sequence[str], asked: Asked) -> Exported:
    """Write the drawings of pages (none named: all) into ``folder`` as PNG.

    Raises:
        UsageError: as `export_pages`, or there is no drawing on the pages that were named.
        ShopstackError: a page that was named cannot be read.
        DataError: what is published is damaged.
    """
    with Dashboard(project, links=FileLinks()) as dashboard:
        chosen, broken = _chosen(dashboard, names, asked)
        _make(folder)
        written = []
        version = ""
        for name in chosen:
            page = dashboard.shelf.library().page(name)
            for fence in page.fences if page else ():
                try:
                    block, shown, context = dashboard.shown(name, fence.name, asked)
                    picture = picture_of(shown, context, fence.name, block) if shown.charts else None
                except UsageError as problem:
                    output.warn(
                        f"{fence.name} of the page {name} cannot be drawn: {problem.message} {problem.why}",
                        hint=problem.hint,
                    )
                    broken.append(name)
                    continue
                version = context.snapshot.pointer.version
                if picture is None:
                    continue
                file = folder / file_name(context, fence.name, block, "png")
                write_whole(file, picture)
                output.say(f"{block.title or fence.name}: {file}")
                written.append(file)
    if not written and not broken:
        raise UsageError(
            f"There is no drawing on {', '.join(chosen)}.",
            why="What stands there are figures, lists and tables.",
            hint=f"shopstack export {chosen[0]} (the page itself, as HTML)",
        )
    return Exported(tuple(written), version, tuple(dict.fromkeys(broken)))


def _chosen(dashboard: Dashboard, names: Sequence[str], asked: Asked) -> tuple[list[str], list[str]]:
    """The pages to be written, and those of the merchant's own that should be and cannot be read, which is said.

    Raises:
        UsageError: there is no such page, shop or channel, or nothing is published yet.
        ShopstackError: a page that was named cannot be read.
    """
    library = dashboard.shelf.library()
    known = [page.name for page in library.pages]
    for name in names:
        if name in library.broken:
            raise library.broken[name]
        if name not in known:
            raise UsageError(
                f"There is no page called {name!r}.",
                why=f"The pages are {', '.join(known)}.",
                hint="choose one of them",
            )
    if dashboard.is_empty():
        raise UsageError(
            "There is nothing to export yet.", why="Nothing has been published.", hint="shopstack run"
        )
    _refuse_unknown(dashboard, asked)
    if names:
        return list(names), []
    for name, problem in library.broken.items():
        output.warn(f"The page {name} is left out: {problem.message} {problem.why}", hint=problem.hint)
    return known, list(library.broken)


def _refuse_unknown(dashboard: Dashboard, asked: Asked) -> None:
    """Raise UsageError for a shop or a channel that there is not: an old address may name one, a command may not."""
    with dashboard.reader.current() as snapshot:
        if snapshot is None:
            return
        shop = find_shop(snapshot, asked)
        if shop is None:
            raise UsageError(
                f"There is no shop called {asked.shop!r}.",
                why=f"The shops are {', '.join(one.handle for one in snapshot.pointer.shops)}.",
                hint="choose one of them",
            )
        if not asked.channel:
            return
        channels = (
            snapshot.rows(
                "select channel_key from serving.dim_channels where shop = $shop order by 1",
                {"shop": shop.shop},
            )
            if "serving.dim_channels" in snapshot.pointer.tables
            else []
        )
    keys = [row["channel_key"] for row in channels]
    if asked.channel not in keys:
        raise UsageError(
            f"There is no channel with the key {asked.channel!r}.",
            why=f"The keys are {', '.join(keys)}." if keys else "No channel is published.",
            hint='shopstack sql "select channel_key, channel_name from serving.dim_channels"',
        )


def _make(folder: Path) -> None:
    """The folder, made where it is missing.

    Raises:
        UsageError: a file is in its way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, FileNotFoundError, NotADirectoryError) as problem:
        raise UsageError(
            f"The folder {folder} cannot be made.",
            why=f"The system says: {problem.strerror}.",
            hint="shopstack export --to another-folder",
        ) from problem
