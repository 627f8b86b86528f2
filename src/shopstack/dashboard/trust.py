"""What a page says about its own figures: how fresh they are, whether Shopify agrees, and what is missing.

Only words are chosen here. The findings come from the pointer and the status file; without a status file nothing is
claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from shopstack.dashboard.format import (
    NOTHING,
    format_day,
    format_integer,
    format_moment,
    format_money,
    format_month,
)
from shopstack.publish import Pointer, PublishedShop
from shopstack.publish.status import (
    SHOPIFY_REPORT,
    FigureDifference,
    HeldBackTable,
    LoadCounts,
    PastRun,
    ReconciliationState,
    ShopState,
    Status,
    StreamState,
    missing_figures,
)

Tone = Literal["good", "warning", "neutral"]

READ_ALL_ORDERS = (
    "Ask Shopify for the access scope read_all_orders (in the Dev Dashboard, your app), "
    "then run: shopstack doctor"
)

_COMMAND = re.compile(r"shopstack [^(,]*[^(,\s]")
"""What is typed of a hint; behind it may stand when, or what then."""

COUNTS = {"orders": "Orders", "shopify_orders": "Orders, as the report counts them", "units": "Units"}
"""Compared figures that are no money, and how they are called."""

EXIT_WORDS = {
    None: "unfinished",
    0: "done",
    1: "a check failed",
    2: "stopped: configuration",
    3: "stopped: credentials",
    4: "stopped: try again",
    130: "interrupted",
}


@dataclass(frozen=True)
class Badge:
    """The one line that says whether the figures agree with Shopify's own report."""

    tone: Tone
    text: str
    detail: str = ""


@dataclass(frozen=True)
class Notice:
    """Something that the reader must know before he reads a figure, and what to do about it."""

    tone: Tone
    title: str
    text: str
    hint: str = ""

    @property
    def command(self) -> str:
        """What to type, where the hint begins with a command."""
        found = _COMMAND.match(self.hint)
        return found[0] if found else ""

    @property
    def after(self) -> str:
        """What the hint says beyond its command: `(again tomorrow)`."""
        return self.hint[len(self.command) :]


@dataclass(frozen=True)
class Trust:
    """Everything that a page shows about its own figures."""

    freshness: str
    badge: Badge
    notices: tuple[Notice, ...]
    details: dict[str, Any]


def describe(pointer: Pointer, shop: PublishedShop, status: Status | None) -> Trust:
    """The words for one shop's page. Of the other shops it says only which one could not be read."""
    own = status.of(shop.shop) if status else None
    return Trust(
        freshness=_freshness(pointer, shop, own),
        badge=_badge_of(shop, own),
        notices=(*_notices(shop, own), *(_of_other(one, shop) for one in _other_failures(shop, status))),
        details=_details(pointer, shop, own),
    )


def _other_failures(shop: PublishedShop, status: Status | None) -> tuple[ShopState, ...]:
    shops = status.shops if status else ()
    return tuple(one for one in shops if one.stale and (one.shop or one.address) != shop.shop)


def _of_other(state: ShopState, shop: PublishedShop) -> Notice:
    """That another shop could not be read: its owner may never open its own page."""
    stale = state.stale
    if stale is None:
        raise AssertionError("only shops that failed are told of")
    if state.read_at is None:
        return Notice("warning", f"{state.handle} has not been read yet", stale.why, stale.hint)
    since = format_moment(stale.since, shop.timezone)
    return Notice("neutral", f"The figures of {state.handle} are stale since {since}", stale.why, stale.hint)


def skipped_streams(shop: PublishedShop, status: Status | None) -> tuple[StreamState, ...]:
    """Optional streams that the last extract left out for this shop."""
    return tuple(one for one in _of_shop(shop, status) if one.state == "skipped")


def _of_shop(shop: PublishedShop, status: Status | None) -> Iterator[StreamState]:
    return (one for one in (status.streams if status else ()) if one.shop in {"", shop.shop})


def unavailable_streams(shop: PublishedShop, status: Status | None) -> dict[str, str]:
    """Optional streams whose rows are not there, with why and what to do, in a sentence or two."""
    return {
        one.stream: " ".join(filter(None, ("Not available.", one.reason, _advice(one.hint))))
        for one in skipped_streams(shop, status)
    }


def visible_since(shop: PublishedShop, status: Status | None) -> date | None:
    """The day before which Shopify shows no orders; None where it shows them all."""
    for stream in status.streams if status else ():
        if stream.stream == "orders" and stream.shop == shop.shop:
            return stream.visible_since or shop.visible_since
    return shop.visible_since


def _freshness(pointer: Pointer, shop: PublishedShop, status: Status | None) -> str:
    moment = published_moment(pointer, shop)
    words = [f"Data up to {format_moment(moment, shop.timezone)}"]
    if status and status.last_run:
        run = status.last_run.finished_at or status.last_run.started_at
        words.append(f"last run {format_moment(run, shop.timezone)}")
    return " · ".join(words)


def _badge_of(shop: PublishedShop, status: Status | None) -> Badge:
    """The badge of the page. Figures that agreed before a run failed are not shown as if all were well."""
    badge = _badge(status.reconciliation if status else None)
    if status is None or status.stale is None or badge.tone != "good":
        return badge
    since = format_day(status.stale.since.astimezone(shop.zone).date())
    return Badge("warning", f"Stale since {since}", f"{badge.text}, as far as the last good figures go.")


def _badge(found: ReconciliationState | None) -> Badge:
    if found is None:
        return Badge("neutral", "Not checked against Shopify's report yet", _advice("shopstack verify"))
    files = [one for one in found.sources if one != SHOPIFY_REPORT]
    detail = f"Compared with: {', '.join(found.sources)}." if files else ""
    if found.state == "agrees":
        return Badge("good", f"Agrees with {found.report}", detail)
    if found.state == "differs":
        return Badge("warning", f"Differs from {found.report} on {_periods(found)}", detail)
    words = {
        "not checked": "Not checked against Shopify's report",
        "not covered": "Shopify's report does not cover these days",
        "open": "Not checked yet: no day has ended",
    }
    return Badge("neutral", words[found.state], " ".join(filter(None, (found.reason, _advice(found.hint)))))


def _advice(hint: str) -> str:
    """What to do, in a sentence: a command alone says nothing to who does not know it for one."""
    return f"Type: {hint}" if hint.startswith("shopstack ") else hint


def _periods(found: ReconciliationState) -> str:
    grains = {difference.grain for difference in found.differences} or {"day"}
    word = grains.pop() if len(grains) == 1 else "period"
    return f"{format_integer(found.days)} {word}{'' if found.days == 1 else 's'}"


def _notices(shop: PublishedShop, status: Status | None) -> Iterator[Notice]:
    if status and status.stale:
        since = format_moment(status.stale.since, shop.timezone)
        error = status.last_run.error if status.last_run else None
        yield Notice(
            "warning",
            f"These figures are stale since {since}",
            status.stale.why,
            status.stale.hint or (error.hint if error else ""),
        )
    yield from _held_back(shop, status.held_back if status else ())
    since_day = visible_since(shop, status)
    if since_day:
        yield Notice(
            "neutral",
            f"Only orders since {format_day(since_day)} are visible",
            "Shopify shows this app no older ones, so earlier days are not in any figure here.",
            READ_ALL_ORDERS,
        )
    skipped = skipped_streams(shop, status)
    found = status.reconciliation if status else None
    if (
        found
        and found.state == "not checked"
        and found.reason
        and "sales_report" not in {s.stream for s in skipped}
    ):
        yield Notice("neutral", "Not checked against Shopify's report", found.reason, found.hint)
    for (reason, hint), figures in missing_figures(_of_shop(shop, status)).items():
        yield Notice("neutral", f"Missing: {', '.join(figures)}", reason, hint)


def _held_back(shop: PublishedShop, tables: Sequence[HeldBackTable]) -> Iterator[Notice]:
    """The tables of the merchant's own that failed, with what is made from them: one notice for each cause."""
    causes: dict[tuple[str, str, datetime, bool], list[str]] = {}
    for one in tables:
        causes.setdefault((one.why, one.hint, one.since, one.shown), []).append(one.name)
    for (why, hint, since, shown), names in causes.items():
        said = ", ".join(names) + (" is" if len(names) == 1 else " are")
        rows = f"stale since {format_moment(since, shop.timezone)}" if shown else "missing"
        yield Notice("warning", f"{said} {rows}", why, hint)


def _details(pointer: Pointer, shop: PublishedShop, status: Status | None) -> dict[str, Any]:
    """Runs, tests, ties and differences for the section at the foot of the page."""
    details: dict[str, Any] = {"version": pointer.version, "rows": _rows_published(pointer)}
    details["summary"] = _summary(status)
    if status is None:
        return details
    found = status.reconciliation
    if found:
        details["differences"] = [_difference(one, shop.currency_code) for one in found.differences]
    if status.completeness:
        details["completeness"] = _completeness(status.completeness)
    if status.ties and status.ties.orders:
        details["ties"] = {
            "words": _tied(status.ties.orders, status.ties.untied),
            "worst": [
                (order.order_name, format_money(order.difference, shop.currency_code), order.what)
                for order in status.ties.worst
            ],
        }
    tests = status.tests
    if tests.passed or tests.warned or tests.failed:
        details["tests"] = {
            "passed": format_integer(tests.passed),
            "warned": format_integer(tests.warned) if tests.warned else "",
            "failed": list(tests.failed),
        }
    details["runs"] = [_run(run, shop.timezone) for run in status.runs[:5]]
    return details


def _completeness(loads: LoadCounts) -> str:
    """Whether as much was read as Shopify counted."""
    counted = format_integer(loads.counted)
    if loads.incomplete:
        holds = "holds" if loads.incomplete == 1 else "hold"
        return f"{format_integer(loads.incomplete)} of {counted} loads {holds} less than Shopify counted."
    if not loads.counted:
        return "Shopify could not count what was read."
    if loads.counted == 1:
        return "The only load whose objects Shopify counts is complete."
    return f"All {counted} loads whose objects Shopify counts are complete."


def _tied(orders: int, untied: int) -> str:
    """Whether orders add up to their own totals."""
    totals = "to the totals that Shopify shows for"
    if untied:
        does = "does" if untied == 1 else "do"
        return f"{format_integer(untied)} of {_orders(orders)} {does} not add up {totals} them."
    return (
        f"All {_orders(orders)} add up {totals} them."
        if orders > 1
        else f"The only order adds up {totals} it."
    )


def _orders(number: int) -> str:
    return f"{format_integer(number)} order{'' if number == 1 else 's'}"


def _summary(status: Status | None) -> str:
    """The findings in one line: `Agrees with Shopify's report · all 2,994 orders tie · 69 tests passed`."""
    words = [_badge(status.reconciliation if status else None).text]
    if status and status.ties and status.ties.orders:
        orders, untied = status.ties.orders, status.ties.untied
        all_tie = f"all {_orders(orders)} tie" if orders > 1 else "the only order ties"
        do_not = f"{format_integer(untied)} of {_orders(orders)} {'does' if untied == 1 else 'do'} not tie"
        words.append(do_not if untied else all_tie)
    if status and (status.tests.passed or status.tests.failed):
        failed = f", {len(status.tests.failed)} failed" if status.tests.failed else ""
        tests = f"{format_integer(status.tests.passed)} test{'' if status.tests.passed == 1 else 's'}"
        words.append(f"{tests} passed{failed}")
    return " · ".join(words)


def _rows_published(pointer: Pointer) -> str:
    return format_integer(sum(table.rows for table in pointer.tables.values()))


def _difference(one: FigureDifference, currency: str) -> dict[str, str]:
    def write(amount: Decimal | None) -> str:
        return format_integer(amount) if one.metric in COUNTS else format_money(amount, currency)

    return {
        "period": format_month(one.period_start) if one.grain == "month" else format_day(one.period_start),
        "metric": COUNTS.get(one.metric) or one.metric.replace("_", " ").capitalize(),
        "ours": write(one.ours),
        "theirs": write(one.theirs),
        "difference": write(one.difference),
        "cause": _cause(one),
    }


def _cause(one: FigureDifference) -> str:
    """Why the figures differ, as far as it is known: `late event (2 sales)`."""
    if not one.sales:
        return one.cause
    return f"{one.cause} ({format_integer(one.sales)} {'sale' if one.sales == 1 else 'sales'})"


def _run(run: PastRun, timezone: str) -> dict[str, str]:
    return {
        "started": format_moment(run.started_at, timezone),
        "length": NOTHING if run.seconds is None else _length(run.seconds),
        "outcome": EXIT_WORDS.get(run.exit_code, "failed"),
    }


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def published_moment(pointer: Pointer, shop: PublishedShop) -> datetime:
    """The moment that a page's "now" is: up to when the shop was read."""
    return shop.data_up_to or pointer.data_up_to or pointer.published_at
