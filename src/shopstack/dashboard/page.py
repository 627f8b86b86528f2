"""What a block of a page may ask for: one shop, one period, one published version, the page's own queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from shopstack.config import Config
from shopstack.dashboard import periods, trust
from shopstack.dashboard.document import Document
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.periods import Period
from shopstack.dashboard.trust import Trust
from shopstack.errors import UsageError
from shopstack.publish import PublishedShop, Snapshot
from shopstack.publish.metrics import Range, naive
from shopstack.publish.snapshot import Answer
from shopstack.publish.status import Status

_PARAMETER = re.compile(r"\$([a-z_]+)\b")


@dataclass(frozen=True)
class PageContext:
    """What a block may ask for. Days are days of the shop, moments are UTC."""

    snapshot: Snapshot
    shop: PublishedShop
    document: Document
    period: Period
    today: date
    trust: Trust
    channel: str = ""
    """Key of the channel that the page is limited to; empty: all."""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """Optional streams that were not read, with what to do: their figures are not known, which is not the same as zero."""
    _answers: dict[tuple[str, Range], Answer] = field(default_factory=dict)

    def answer(self, query: str, span: Range | None = None) -> Answer:
        """What one of the page's queries finds in a range of days, the page's period if none is given.

        Raises:
            UsageError: there is no such query, or it does not run.
        """
        days = span or self.period.current
        if (query, days) not in self._answers:
            sql = self.document.queries.get(query)
            if sql is None:
                raise UsageError(
                    f"The page has no query called {query!r}.",
                    why=f"Its queries are {', '.join(self.document.queries) or 'none'}.",
                    hint=f"write it: ```sql {query}",
                )
            self._answers[query, days] = self.snapshot.execute(sql, self._bound(sql, days), name=query)
        return self._answers[query, days]

    def rows(self, query: str, span: Range | None = None) -> list[dict[str, Any]]:
        """The rows of one of the page's queries, by column name.

        Raises:
            UsageError: as `answer`.
        """
        found = self.answer(query, span)
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    def _bound(self, sql: str, days: Range) -> dict[str, str | date | datetime | None]:
        """The parameters that the query names; a name that means nothing is left for DuckDB to refuse."""
        previous = self.period.previous
        known: dict[str, str | date | datetime | None] = {
            "shop": self.shop.shop,
            "currency": self.shop.currency_code,
            "first_day": days.first,
            "last_day": days.last,
            "until": naive(days.until),
            "previous_first": previous.first if previous else None,
            "previous_last": previous.last if previous else None,
            "previous_until": naive(previous.until) if previous else None,
            "today": self.today,
            "channel": self.channel or None,
        }
        return {name: known[name] for name in set(_PARAMETER.findall(sql)) if name in known}


def find_shop(snapshot: Snapshot, asked: Asked) -> PublishedShop | None:
    """The shop of that handle or address, the first where none is asked for; None where there is none such."""
    shops = snapshot.pointer.shops
    return next((one for one in shops if not asked.shop or asked.shop in {one.handle, one.shop}), None)


def make_context(
    snapshot: Snapshot,
    document: Document,
    asked: Asked,
    *,
    shop: PublishedShop,
    status: Status | None,
    config: Config,
) -> PageContext:
    """What the blocks of a page may ask for, where a reader asks for a shop and a period."""
    now = trust.published_moment(snapshot.pointer, shop)
    today = now.astimezone(shop.zone).date()
    (first,) = snapshot.rows(
        "select min(order_date) as day from serving.fct_orders where shop = $shop", {"shop": shop.shop}
    )
    start = date.fromisoformat(config.extract.start) if config.extract.start else None
    limits = [limit for limit in (trust.visible_since(shop, status), start) if limit]
    period = periods.make_period(
        asked.period,
        now,
        shop.zone,
        first_day=first["day"] or today,
        compare=asked.compare or document.head.compare,
        covered_since=max(limits, default=None),
        fiscal_year_start_month=config.calendar.fiscal_year_start_month,
        week_start=config.calendar.week_start,
        chosen=(asked.first, asked.last) if asked.first and asked.last else None,
    )
    return PageContext(
        snapshot,
        shop,
        document,
        period,
        today,
        trust.describe(snapshot.pointer, shop, status),
        channel=asked.channel,
        unavailable=trust.unavailable_streams(shop, status),
    )
