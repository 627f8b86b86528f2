"""The pages there are: the engine's, and the merchant's own in `dashboard/`, where the same name wins.

Files of the project are looked at whenever a page is asked for, so that what is saved shows at the next reload.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from shopstack.dashboard.document import Document, parse_document
from shopstack.errors import ConfigurationError, ShopstackError

OWN_PAGES = "dashboard"
"""Folder of the merchant's own pages in his project."""


@dataclass(frozen=True)
class Library:
    """The pages of a project at a moment, in the order of the navigation."""

    pages: tuple[Document, ...]
    broken: Mapping[str, ShopstackError]
    """Own pages that cannot be read, by name: their address says why."""
    stamp: str
    """Changes whenever a file does."""

    def page(self, name: str) -> Document | None:
        """The page of that name; the front page where it is empty."""
        if not name:
            return self.pages[0]
        return next((page for page in self.pages if page.name == name), None)


@cache
def stock_pages() -> Mapping[str, Document]:
    """The engine's pages by name."""
    folder = files("shopstack.dashboard") / "pages"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".md"):
            name = file.name.removesuffix(".md")
            found[name] = parse_document(name, file.read_text(encoding="utf-8"))
    return found


class Shelf:
    """Keeps what was read until a file of the project changes."""

    def __init__(self, root: Path) -> None:
        self._folder = root / OWN_PAGES
        self._library: Library | None = None

    def library(self) -> Library:
        """The pages as they are now."""
        stamp = self._stamp()
        if self._library is None or self._library.stamp != stamp:
            self._library = self._read(stamp)
        return self._library

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.md")) if self._folder.is_dir() else []

    def _stamp(self) -> str:
        words = []
        for file in self._files():
            try:
                found = file.stat()
            except FileNotFoundError:  # removed since the folder was listed
                continue
            words.append(f"{file.name}:{found.st_mtime_ns}:{found.st_size}")
        return "|".join(words)

    def _read(self, stamp: str) -> Library:
        pages = dict(stock_pages())
        broken: dict[str, ShopstackError] = {}
        for file in self._files():
            if file.stem.lower() == "readme":
                continue
            try:
                # utf-8-sig: some editors put a mark before the first letter, which is no part of the page.
                pages[file.stem] = parse_document(
                    file.stem, file.read_text(encoding="utf-8-sig"), origin="project"
                )
            except ShopstackError as problem:
                broken[file.stem] = problem
            except (OSError, UnicodeDecodeError) as problem:
                broken[file.stem] = ConfigurationError(
                    f"The page {file.name} cannot be read.",
                    why=str(problem),
                    hint=f"save {file.name} as UTF-8 text",
                )
        for name in broken:
            pages.pop(name, None)
        ordered = sorted(pages.values(), key=lambda page: (page.head.order, page.name))
        return Library(tuple(ordered), broken, stamp)
