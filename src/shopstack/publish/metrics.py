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

Unit = Literal["money", "count", "rate", "ratio"]

_NAME = r"^[a-z_]+$"


class Sum(BaseModel):
    """One aggregate over one published fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relation: Annotated[str, Field(alias="from", pattern=r"^(serving|reporting)\.[a-z_]+$")]
    day: Annotated[str, Field(pattern=_NAME)]
    """Column with the shop's own day that a row counts on."""
    time: Annotated[str, Field(pattern=_NAME)] | None = None
    """Column with the row's moment (UTC); None: rows are whole days."""
    value: str


class Metric(BaseModel):
    """One figure's definition. Money is in shop currency; a rate is a ratio between 0 and 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=_NAME)]
    label: str
    unit: Unit
    description: str
    in_admin: str | None
    """Where Shopify's admin shows the same figure; None: nowhere."""
    additive: bool
    known: bool = False
    """Whether there is no value, instead of 0, where no row is known."""
    of: Sum
    per: Sum | None = None
    dimensions: tuple[str, ...] = ()
    """Columns that it may be split by or limited to; both facts of a ratio have them."""


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


def formula(one: Metric) -> str:
    """How it is computed, in the words of its definition: `sum(net_sales) of serving.fct_sales, by sale_date`."""
    parts = [_said(one.of)] if one.per is None else [_said(one.of), _said(one.per)]
    return " ÷ ".join(parts)


def _said(part: Sum) -> str:
    return f"{' '.join(part.value.split())} of {part.relation}, by {part.day}"


def evaluate(
    snapshot: Snapshot,
    one: Metric,
    shop: str,
    ranges: Sequence[Range],
    *,
    only: Mapping[str, str] | None = None,
) -> list[Value]:
    """The metric in every range, in order: one query a fact, however many ranges there are.

    ``only`` limits it to one value of some of its dimensions.

    Raises:
        UsageError: the metric does not have that dimension.
    """
    limits = only or {}
    for dimension in limits:
        _require_dimension(one, dimension)
    if not ranges:
        return []
    of = _sums(snapshot, one.of, shop, ranges, limits)
    numbers = [(number, None) for number in range(len(ranges))]
    if one.per is None:
        return [_figure(one, of, key) for key in numbers]
    per = _sums(snapshot, one.per, shop, ranges, limits)
    return [_ratio(one, of, per, key) for key in numbers]


def split(
    snapshot: Snapshot, one: Metric, shop: str, span: Range, dimension: str
) -> Mapping[str | None, Value]:
    """The metric in a range for every value of a dimension that has rows in it; None: rows without one.

    Raises:
        UsageError: the metric does not have that dimension.
    """
    _require_dimension(one, dimension)
    of = _sums(snapshot, one.of, shop, [span], by=dimension)
    per = None if one.per is None else _sums(snapshot, one.per, shop, [span], by=dimension)
    keys = [*of, *(key for key in per or () if key not in of)]
    return {key[1]: _figure(one, of, key) if per is None else _ratio(one, of, per, key) for key in keys}


_Key = tuple[int, str | None]
"""Number of the range, and the value of the dimension that it is split by."""


def _figure(one: Metric, of: Mapping[_Key, Decimal], key: _Key) -> Value:
    """A sum over no row is 0, or nothing where that would say more than is known."""
    value = of.get(key, None if one.known else Decimal(0))
    return Value(value, value or Decimal(0))


def _ratio(one: Metric, of: Mapping[_Key, Decimal], per: Mapping[_Key, Decimal], key: _Key) -> Value:
    value, cases = _figure(one, of, key).value, per.get(key, Decimal(0))
    return Value(value / cases if cases and value is not None else None, cases)


def _require_dimension(one: Metric, dimension: str) -> None:
    if dimension not in one.dimensions:
        raise UsageError(
            f"{one.label} cannot be split by {dimension!r}.",
            why=f"Its dimensions are {', '.join(one.dimensions)}."
            if one.dimensions
            else "It has no dimensions.",
            hint="choose one of them" if one.dimensions else "take the whole",
        )


def _sums(
    snapshot: Snapshot,
    part: Sum,
    shop: str,
    ranges: Sequence[Range],
    limits: Mapping[str, str] | None = None,
    *,
    by: str | None = None,
) -> dict[_Key, Decimal]:
    """The aggregate in every range that has rows, and there for every value of the column ``by``.

    ``by`` and the keys of ``limits`` are dimensions of the metric, so that nothing else gets into the text.
    """
    limited = list((limits or {}).items())
    conditions = "".join(f" and fact.{name} = $limit_{number}" for number, (name, _) in enumerate(limited))
    column = f"fact.{by}" if by else "null"
    cut = f"and (ranges.until is null or fact.{part.time} < ranges.until)" if part.time else ""
    # `filter (where …)` of the definition must not see the unmatched row of an outer join, hence the inner join.
    sql = f"""
        with ranges as (
            select unnest($numbers) as number, unnest($firsts) as first_day,
                   unnest($lasts) as last_day, unnest($untils) as until
        )
        select ranges.number, {column}, cast({part.value} as decimal(38, 4))
        from ranges
        join {part.relation} as fact
          on fact.shop = $shop
         and fact.{part.day} between ranges.first_day and ranges.last_day
         {cut}{conditions}
        group by ranges.number{f", {column}" if by else ""}
    """
    rows = snapshot.execute(
        sql,
        {
            "shop": shop,
            "numbers": list(range(len(ranges))),
            "firsts": [one.first for one in ranges],
            "lasts": [one.last for one in ranges],
            "untils": [naive(one.until) for one in ranges],
            **{f"limit_{number}": value for number, (_, value) in enumerate(limited)},
        },
    ).rows
    return {(number, key): value for number, key, value in rows if value is not None}


def naive(moment: datetime | None) -> datetime | None:
    """UTC without a zone mark, as the facts hold it."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
