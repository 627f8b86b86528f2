"""Who is told how an extraction goes; what is shown of it is left to the command line."""

from __future__ import annotations

from typing import Protocol

from shopstack.extract.reports import StreamReport


class Observer(Protocol):
    """Who is told how the extraction goes. Called from one thread, often; must not block."""

    def planned(self, stream: str, method: str, expected: int | None) -> None:
        """A stream's window is known: how it is read, and how many roots Shopify counts in it."""

    def advanced(self, stream: str, objects: int, roots: int, points: float | None) -> None:
        """So many objects of the stream are read, and so many roots among them, of those that were expected.

        ``points`` are left in Shopify's cost budget.
        """

    def finished(self, report: StreamReport) -> None:
        """A stream is loaded, or skipped."""

    def warned(self, message: str, hint: str) -> None:
        """Something the person should know; the work goes on."""


class Silent:
    """An observer that says nothing."""

    def planned(self, stream: str, method: str, expected: int | None) -> None:
        """Pass."""

    def advanced(self, stream: str, objects: int, roots: int, points: float | None) -> None:
        """Pass."""

    def finished(self, report: StreamReport) -> None:
        """Pass."""

    def warned(self, message: str, hint: str) -> None:
        """Pass."""
