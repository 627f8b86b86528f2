"""What every kind of block shares: its settings as YAML, what it shows, and when there is too little to show.

A kind is a class of settings whose ``show`` computes one block from its queries. It decides nothing about colours or
markup: those are the templates' and the charts'.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shopstack.dashboard.charts import Chart, Key
from shopstack.dashboard.page import PageContext
from shopstack.errors import UsageError
from shopstack.publish.snapshot import Answer

Width = Literal["full", "two_thirds", "wide", "half", "narrow", "third"]
"""Twelfths of the page: 12, 8, 7, 6, 5, 4; all of it on a phone."""


@dataclass(frozen=True)
class Shown:
    """A block, computed: its template with its values, and what can be taken away from it."""

    template: str
    values: dict[str, Any]
    charts: tuple[Chart, ...] = ()
    """The drawing, the widest first; for pictures."""
    keys: tuple[Key, ...] = ()
    """What the drawing's lines are called; a picture carries them with it."""
    table: Answer | None = None
    """Its figures in full; for CSV."""


class Needs(BaseModel):
    """What a block must have to say anything: so many rows, or so much in a column of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = 1
    column: str = ""
    sum: Decimal = Decimal(0)
    say: str

    def are_met(self, rows: Sequence[dict[str, Any]]) -> bool:
        """Whether there is enough."""
        if len(rows) < self.rows:
            return False
        if not self.column:
            return True
        return sum((Decimal(row[self.column] or 0) for row in rows), Decimal(0)) >= self.sum


class Block(BaseModel, ABC):
    """The settings of one block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    note: str = ""
    width: Width = "full"
    data: str = ""
    """Name of the query that it shows."""
    needs: Needs | None = None
    empty: str = "Nothing in this period."
    """What is said where the query finds no row."""
    stream: str = ""
    """The optional stream without which it has nothing to show."""
    fixed: bool = False
    """Whether it is not limited to the reader's period."""

    def shown(self, context: PageContext) -> Shown:
        """The block computed, or the words for why there is nothing to show.

        Raises:
            UsageError: a query does not run, or a column is missing.
        """
        if self.stream and self.stream in context.unavailable:
            return quiet(context.unavailable[self.stream])
        if self.data:
            rows = context.rows(self.data)
            if self.needs and not self.needs.are_met(rows):
                return quiet(self.needs.say)
            if not rows:
                return quiet(self.empty)
        return self.show(context)

    @abstractmethod
    def show(self, context: PageContext) -> Shown:
        """The block with something to show."""


def quiet(words: str) -> Shown:
    """A block that has nothing to show says why."""
    return Shown("quiet.html", {"words": words})


def without(answer: Answer, names: Iterable[str]) -> Answer:
    """What a query found, without the columns that only say how the others look."""
    left_out = set(names)
    kept = [place for place, name in enumerate(answer.columns) if name not in left_out]
    return Answer(
        tuple(answer.columns[place] for place in kept),
        [tuple(row[place] for place in kept) for row in answer.rows],
    )


def column(row: dict[str, Any], name: str) -> Any:
    """The value of a column.

    Raises:
        UsageError: the query has no such column.
    """
    if name not in row:
        raise UsageError(
            f"The query has no column called {name!r}.",
            why=f"Its columns are {', '.join(row)}.",
            hint="choose one of them, or select it",
        )
    return row[name]


class Labelled(BaseModel):
    """A column and what it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    label: str = ""

    @property
    def name(self) -> str:
        """What the reader sees."""
        return self.label or self.column.replace("_", " ").capitalize()
