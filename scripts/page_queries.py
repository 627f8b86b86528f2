"""Writes `docs/reference/page-queries.md`: the SQL of every page of the dashboard and of its figures, to paste elsewhere.

python -m scripts.page_queries (`make docs` does it too)

Each text stands there twice: for DuckDB as the page has it, and for Snowflake with Hex's parameters in Jinja.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.pages import PARAMETERS, figures_of, ordered_pages
from scripts.snowflake_text import doubts, snowflake
from shopstack.dashboard.blocks.metrics import CHANNEL
from shopstack.publish.metrics import Metric, Sum, load_metrics, metric

FILE = Path(__file__).parents[1] / "docs" / "reference" / "page-queries.md"

HEAD = """\
<!-- Written by `python -m scripts.page_queries`; change the pages or metrics.yml instead. -->
# The SQL of each page

What every page of the dashboard asks, and how each of its figures is worked out, to paste into another tool. The texts
are those of the pages; a test fails when they are not. How to use them:
[Hex](../guides/hex.md), [any other tool](../guides/read-with-other-tools.md#the-queries-of-the-dashboard).

Each text stands here twice.

- **DuckDB**: as the page has it, for `data/published/catalog.duckdb`. Tests run every one of them.
- **Snowflake, with Hex's parameters**: translated by sqlglot, parameters in Jinja. **No Snowflake account has run them.**
  Tests parse them as Snowflake's and look up every table and column, and hold their answers against DuckDB's after
  translating them back. A function that Snowflake may not have, or may mean differently, is named above the text: write
  that part anew. `any_value` has become `max`, and a division by zero gives null. Names of days and months in labels may
  look different.

On Snowflake the tables of `serving` and `reporting` lie in one schema, `published`: the only one that the reporter role
reads. The database is not named, so that it is the one that the connection has by default (`PROD`, or your prefix and
`PROD`).

## Parameters

| DuckDB | Hex | type | what it is |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Query:
    """A text with a name, in DuckDB's SQL."""

    name: str
    sql: str


def figure(one: Metric) -> str:
    """The metric in the period, as `metrics.yml` defines it."""
    by_channel = CHANNEL in one.dimensions
    value = f"({_sum(one.of, by_channel=by_channel)}\n)"
    if not one.known:
        value = f"coalesce({value}, 0)"
    if one.per is not None:
        value += f" / nullif(({_sum(one.per, by_channel=by_channel)}\n), 0)"
    return f"select {value} as {one.name}"


def _sum(part: Sum, *, by_channel: bool) -> str:
    lines = [
        f"select {' '.join(part.value.split())}",
        f"from {part.relation} as fact",
        "where",
        "    fact.shop = $shop",
        f"    and fact.{part.day} between $first_day and $last_day",
    ]
    if part.time:
        lines.append(f"    and ($until is null or fact.{part.time} < $until)")
    if by_channel:
        lines.append(f"    and ($channel is null or fact.{CHANNEL} = $channel)")
    return "".join(f"\n    {line}" for line in lines)


def queries() -> list[Query]:
    """Every text of the file: those of the pages, then those of the figures."""
    of_pages = [
        Query(f"{page.name}.{name}", sql) for page in ordered_pages() for name, sql in page.queries.items()
    ]
    return of_pages + [Query(name, figure(one)) for name, one in load_metrics().items()]


def text() -> str:
    """The file as it should stand."""
    return HEAD + "\n".join(_body()).rstrip() + "\n"


def _body() -> Iterator[str]:
    for name, (kind, meaning) in PARAMETERS.items():
        yield f"| `${name}` | `{{{{ {name} }}}}` | {kind} | {meaning} |"
    yield ""
    for page in ordered_pages():
        yield f"## {page.menu}\n"
        yield f"{page.head.title}\n" if page.head.title != page.menu else ""
        if shown := figures_of(page):
            links = ", ".join(f"[{metric(name).label}](#figure-{name})" for name in shown)
            yield f"Figures: {links}.\n"
        for name, sql in page.queries.items():
            yield f"### {page.name}: {name}\n"
            yield from _both(sql)
    yield "## Figures\n"
    yield "Each in the chosen period; what they mean stands in [Metrics](metrics.md). For a course over time, choose each"
    yield "day, week or month as the period: a figure that is no plain sum cannot be added up from days.\n"
    for name, one in load_metrics().items():
        yield f"### Figure: {name}\n"
        yield f"{one.label}. {one.description}\n"
        yield from _both(figure(one))


def _both(sql: str) -> Iterator[str]:
    yield f"DuckDB:\n\n```sql\n{sql}\n```\n"
    translated = snowflake(sql)
    unsure = ", ".join(f"`{name}`" for name in doubts(translated))
    yield "Snowflake, with Hex's parameters" + (f" (**write anew: {unsure}**):\n" if unsure else ":\n")
    yield f"```jinja\n{translated}\n```\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
