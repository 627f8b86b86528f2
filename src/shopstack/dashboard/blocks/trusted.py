"""What the page says about its own figures, as a block: freshness, completeness, tests, last runs."""

from __future__ import annotations

from shopstack.dashboard.blocks.base import Block, Shown
from shopstack.dashboard.page import PageContext


class Trusted(Block):
    """The findings of the last runs, open."""

    def show(self, context: PageContext) -> Shown:
        """The findings, from the status file."""
        return Shown("trusted.html", {"trust": context.trust})
