"""Where a page's links lead: to the server, or, in a page that stands alone, to files beside it and into itself."""

from __future__ import annotations

from base64 import b64encode
from typing import Protocol

from shopstack.dashboard.blocks import Shown
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.taking_away import table_of, to_csv


class Links(Protocol):
    """What the templates link to."""

    def page(self, name: str, *, is_front: bool, asked: Asked) -> str:
        """Another page, with what the reader chose."""

    def csv(self, page: str, block: str, asked: Asked, shown: Shown) -> str:
        """The figures of a block; empty where it has none."""

    def png(self, page: str, block: str, asked: Asked, shown: Shown) -> str:
        """The drawing of a block; empty where it has none."""


class ServedLinks:
    """Links of pages that a server answers for."""

    def page(self, name: str, *, is_front: bool, asked: Asked) -> str:
        """Its address, which keeps period, comparison, shop and channel."""
        return ("/" if is_front else f"/{name}") + ("" if asked == Asked() else asked.query)

    def csv(self, page: str, block: str, asked: Asked, shown: Shown) -> str:
        """An address of the server."""
        return f"/csv/{page}/{block}{asked.query}" if shown.table else ""

    def png(self, page: str, block: str, asked: Asked, shown: Shown) -> str:
        """An address of the server."""
        return f"/png/{page}/{block}{asked.query}" if shown.charts else ""


class FileLinks:
    """Links of exported pages: the others lie beside them, figures are inside."""

    def page(self, name: str, *, is_front: bool, asked: Asked) -> str:
        """The file beside this one."""
        return f"{name}.html"

    def csv(self, page: str, block: str, asked: Asked, shown: Shown) -> str:
        """The figures themselves."""
        if not shown.table:
            return ""
        return "data:text/csv;charset=utf-8;base64," + b64encode(to_csv(table_of(shown))).decode()

    def png(self, page: str, block: str, asked: Asked, shown: Shown) -> str:
        """Nothing: the drawing is on the page, and pictures would make it heavy."""
        return ""
