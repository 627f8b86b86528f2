"""The metrics of `metrics.yml`, and their values for ranges of days.

A value is always computed from the published fact for the range asked for; nothing is added up from other values.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from shopstack.errors import UsageError
from shopstack.publish.snapshot import Snapshot

Unit = Literal["money", "count", "rate"]

_NAME = r"^[a-z_]+$"


class Sum(BaseModel):
    """One aggregate over one published fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relation: Annotated[str, Field(alias="from", pattern=r"^(serving|reporting)\.[a-z_]+$")]
    day: Annotated[str, Field(pattern=_NAME)]
    """Column with the shop's own day that a row counts on."""
    time: Annotated[str, Field(pattern=_NAME)]
    """Column with the row's moment (UTC)."""
    value: str


class Metric(BaseModel):
    """One figure's definition. Money is in shop currency; a rate is a ratio between 0 and 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=_NAME)]
    label: str
    unit: Unit
    description: str
    additive: bool
    of: Sum
    per: Sum | None = None
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """Days of the shop, both ends included; with ``until``, the last one only up to that moment (UTC)."""

    first: date
    last: date
    until: datetime | None = None


@dataclass(frozen=True)
class Value:
    """A metric's value in one range; None where it has none (an average over no orders)."""

    value: Decimal | None
    cases: Decimal
    """What it was divided by; for an undivided figure, the figure itself."""


@cache
def load_metrics() -> Mapping[str, Metric]:
    """Every metric by name, in the order of `metrics.yml`."""
    text = (files("shopstack.publish") / "metrics.yml").read_text(encoding="utf-8")
    return {
        name: Metric.model_validate({"name": name, **definition})
        for name, definition in yaml.safe_load(text).items()
    }


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UsageError: there is none.
    """
    known = load_metrics()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise UsageError(
            f"There is no metric called {name!r}.",
            why=f"The metrics are {', '.join(known)}.",
            hint=f"did you mean {near[0]}?" if near else "choose one of them",
        )
    return known[name]


def evaluate(snapshot: Snapshot, one: Metric, shop: str, ranges: Sequence[Range]) -> list[Value]:
    """The metric in every range, in order: one query a fact, however many ranges there are."""
    if not ranges:
        return []
    of = _sums(snapshot, one.of, shop, ranges)
    if one.per is None:
        return [Value(value, value) for value in of]
    return [
        Value(value / cases if cases else None, cases)
        for value, cases in zip(of, _sums(snapshot, one.per, shop, ranges), strict=True)
    ]


def _sums(snapshot: Snapshot, part: Sum, shop: str, ranges: Sequence[Range]) -> list[Decimal]:
    """The aggregate in every range; 0 where no row falls in it."""
    # `filter (where …)` of the definition must not see the unmatched row of the outer join, hence the inner join
    # and the gaps filled here.
    sql = f"""
        with ranges as (
            select unnest($numbers) as number, unnest($firsts) as first_day,
                   unnest($lasts) as last_day, unnest($untils) as until
        )
        select ranges.number, cast({part.value} as decimal(38, 4))
        from ranges
        join {part.relation} as fact
          on fact.shop = $shop
         and fact.{part.day} between ranges.first_day and ranges.last_day
         and (ranges.until is null or fact.{part.time} < ranges.until)
        group by ranges.number
    """
    rows = snapshot.execute(
        sql,
        {
            "shop": shop,
            "numbers": list(range(len(ranges))),
            "firsts": [one.first for one in ranges],
            "lasts": [one.last for one in ranges],
            "untils": [_naive(one.until) for one in ranges],
        },
    ).rows
    found = {number: value for number, value in rows if value is not None}
    return [found.get(number, Decimal(0)) for number in range(len(ranges))]


def _naive(moment: datetime | None) -> datetime | None:
    """UTC without a zone mark, as the facts hold it."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
