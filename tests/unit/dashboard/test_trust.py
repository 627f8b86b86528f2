"""What the page says about its own figures."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shopstack.dashboard.trust import Notice, Trust, describe
from shopstack.publish import Pointer, PublishedShop
from shopstack.publish.status import make_status

SHOP = PublishedShop("a.myshopify.com", "A", "USD", "America/Los_Angeles")
POINTER = Pointer(
    "v-1", datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 6, 30, tzinfo=UTC), (SHOP,)
)


def told(shop: PublishedShop = SHOP, **status: Any) -> Trust:
    return describe(POINTER, shop, make_status({"state": "ok"} | status))


@pytest.mark.parametrize(
    ("found", "tone", "words"),
    [
        ({"state": "agrees"}, "good", "Agrees with Shopify's report"),
        ({"state": "differs", "days": 1}, "warning", "Differs from Shopify's report on 1 day"),
        ({"state": "differs", "days": 1200}, "warning", "Differs from Shopify's report on 1,200 days"),
        (
            {"state": "agrees", "sources": ["exported file a.csv", "exported file b.csv"]},
            "good",
            "Agrees with exported reports",
        ),
        (
            {"state": "differs", "days": 2, "sources": ["exported file a.csv", "Shopify's report"]},
            "warning",
            "Differs from Shopify's report and an exported report on 2 days",
        ),
        ({"state": "not checked", "reason": "No scope."}, "neutral", "Not checked against Shopify's report"),
        ({"state": "not covered"}, "neutral", "Shopify's report does not cover these days"),
        ({"state": "open"}, "neutral", "Not checked yet: no day has ended"),
    ],
)
def test_the_badge_says_whether_shopify_agrees(found: dict[str, Any], tone: str, words: str) -> None:
    badge = told(reconciliation=found).badge
    assert (badge.tone, badge.text) == (tone, words)
    files = [one for one in found.get("sources", ()) if one in badge.detail]
    assert files == found.get("sources", [])


def test_differences_by_month_and_by_day_are_periods() -> None:
    rows = [
        {"shop": "a", "grain": grain, "period_start": "2026-01-01", "metric": "orders"}
        | {"ours": "2", "theirs": "3", "difference": "-1"}
        for grain in ("day", "month")
    ]
    found = told(reconciliation={"state": "differs", "days": 2, "differences": rows})
    assert found.badge.text.endswith("on 2 periods")
    assert [row["period"] for row in found.details["differences"]] == ["Jan 1, 2026", "Jan 2026"]
    assert found.details["differences"][0]["difference"] == "\N{MINUS SIGN}1"


@pytest.mark.parametrize(
    ("cause", "sales", "words"),
    [
        ("late event", 1, "late event (1 sale)"),
        ("pending refund", 1200, "pending refund (1,200 sales)"),
        ("unexplained", 0, "unexplained"),
        ("", 0, ""),
    ],
)
def test_a_difference_says_its_cause_as_far_as_it_is_known(cause: str, sales: int, words: str) -> None:
    row = {"shop": "a", "grain": "day", "period_start": "2026-01-01", "metric": "orders", "cause": cause}
    row |= {"ours": "2", "theirs": "3", "difference": "-1", "sales": str(sales)}
    found = told(reconciliation={"state": "differs", "days": 1, "differences": [row]})
    assert found.details["differences"][0]["cause"] == words


def test_nothing_is_claimed_without_a_status() -> None:
    found = describe(POINTER, SHOP, None)
    assert found.badge.tone == "neutral"
    assert "Not checked" in found.badge.text
    assert found.notices == ()


def test_times_are_on_the_shop_s_clock() -> None:
    run = {"run_id": "r", "started_at": "2026-07-01T12:00:00Z", "finished_at": "2026-07-01T12:01:00Z"}
    freshness = told(last_run=run).freshness.replace("\N{NO-BREAK SPACE}", " ")
    assert freshness == "Data up to Jun 30, 2026, 11:30 pm · last run Jul 1, 2026, 5:01 am"


def test_staleness_says_since_when_why_and_what_to_do() -> None:
    run = {
        "run_id": "r",
        "started_at": "2026-07-02T12:00:00Z",
        "error": {"message": "m", "why": "w", "hint": "shopstack doctor"},
    }
    notice = told(
        last_run=run, stale={"since": "2026-07-02T12:00:00Z", "why": "The token has expired."}
    ).notices[0]
    assert notice.tone == "warning"
    assert "stale since Jul 2, 2026" in notice.title
    assert (notice.text, notice.hint) == ("The token has expired.", "shopstack doctor")


@pytest.mark.parametrize(
    ("hint", "command", "after"),
    [
        ("shopstack doctor", "shopstack doctor", ""),
        ("shopstack run (again tomorrow)", "shopstack run", " (again tomorrow)"),
        ("shopstack verify --forget, then: try", "shopstack verify --forget", ", then: try"),
        ("Ask Shopify for the scope.", "", "Ask Shopify for the scope."),
    ],
)
def test_what_is_typed_is_told_apart_from_words(hint: str, command: str, after: str) -> None:
    notice = Notice("neutral", "Title", "Text.", hint)
    assert (notice.command, notice.after) == (command, after)


def test_a_command_among_words_is_said_to_be_typed() -> None:
    found = told(reconciliation={"state": "not checked", "reason": "No day yet.", "hint": "shopstack run"})
    assert found.badge.detail == "No day yet. Type: shopstack run"


def test_figures_that_agreed_before_a_run_failed_have_no_good_badge() -> None:
    stale = {"since": "2026-07-02T03:00:00Z", "why": "A test failed."}
    badge = told(reconciliation={"state": "agrees"}, stale=stale).badge
    assert (badge.tone, badge.text) == ("warning", "Stale since Jul 1, 2026")
    assert badge.detail == "Agrees with Shopify's report, as far as the last good figures go."
    differs = told(reconciliation={"state": "differs", "days": 1}, stale=stale).badge
    assert differs.text == "Differs from Shopify's report on 1 day"


def test_tables_of_the_merchants_own_that_failed_are_named_once_a_cause() -> None:
    since = {
        "since": "2026-07-02T12:00:00Z",
        "why": "my_mart could not be built: no column.",
        "hint": "mend it",
    }
    tables = [{"table": f"reporting.{name}"} | since for name in ("my_mart", "after_it")]
    missing = {"table": "reporting.new_one", "shown": False} | since
    notices = told(held_back=[*tables, missing]).notices
    assert [notice.title for notice in notices] == [
        "my_mart, after_it are stale since Jul 2, 2026, 5:00\N{NO-BREAK SPACE}am",
        "new_one is missing",
    ]
    assert {(notice.tone, notice.text, notice.hint) for notice in notices} == {
        ("warning", "my_mart could not be built: no column.", "mend it")
    }


def test_orders_out_of_sight_are_said_to_be() -> None:
    stream = {"shop": SHOP.shop, "stream": "orders", "state": "loaded", "visible_since": date(2026, 5, 2)}
    notice = told(streams=[stream]).notices[0]
    assert notice.title == "Only orders since May 2, 2026 are visible"
    assert "read_all_orders" in notice.hint


def test_a_skipped_stream_names_the_figures_that_are_missing() -> None:
    stream = {
        "shop": SHOP.shop,
        "stream": "sales_report",
        "state": "skipped",
        "reason": "No access.",
        "hint": "shopstack doctor",
    }
    unchecked = {"state": "not checked", "reason": "No access."}
    notices = told(streams=[stream | {"figures": ["the comparison"]}], reconciliation=unchecked).notices
    assert [notice.title for notice in notices] == ["Missing: the comparison"]


def test_what_lacks_the_same_is_missing_in_one_notice_and_a_table_of_a_loaded_stream_too() -> None:
    account = {"shop": SHOP.shop, "state": "skipped", "reason": "No account.", "hint": "-"}
    returns = {"shop": SHOP.shop, "stream": "orders", "state": "loaded", "reason": "No right.", "hint": "-"}
    skipped = [account | {"stream": name, "figures": [f"the {name}"]} for name in ("payouts", "movements")]
    notices = told(streams=[*skipped, returns | {"figures": ["returns"]}]).notices
    assert [(notice.title, notice.text) for notice in notices] == [
        ("Missing: the payouts, the movements", "No account."),
        ("Missing: returns", "No right."),
    ]


def test_an_unavailable_report_says_why_although_nothing_was_skipped() -> None:
    notices = told(
        reconciliation={"state": "not checked", "reason": "The report is empty.", "hint": "wait a day"}
    ).notices
    assert [(notice.text, notice.hint) for notice in notices] == [("The report is empty.", "wait a day")]


def test_another_shop_s_streams_are_not_this_one_s() -> None:
    stream = {"shop": "b.myshopify.com", "stream": "customers", "state": "skipped"}
    assert told(streams=[stream]).notices == ()


def test_orders_that_do_not_tie_are_listed_with_their_amount() -> None:
    worst = [{"order_name": "#7", "difference": "0.01", "what": "payments"}]
    ties = told(ties={"orders": 1000, "untied": 1, "worst": worst}).details["ties"]
    assert ties["worst"] == [("#7", "$0.01", "payments")]
    assert ties["words"].startswith("1 of 1,000 orders does not add up to the totals")


@pytest.mark.parametrize(
    ("orders", "untied", "words"),
    [
        (1, 0, "The only order adds up to the totals that Shopify shows for it."),
        (1200, 0, "All 1,200 orders add up to the totals that Shopify shows for them."),
        (1200, 2, "2 of 1,200 orders do not add up to the totals that Shopify shows for them."),
    ],
)
def test_orders_are_held_against_their_totals_in_words_that_fit(orders: int, untied: int, words: str) -> None:
    assert told(ties={"orders": orders, "untied": untied}).details["ties"]["words"] == words


@pytest.mark.parametrize(
    ("incomplete", "counted", "words"),
    [
        (0, 1200, "All 1,200 loads whose objects Shopify counts are complete."),
        (2, 9, "2 of 9 loads hold less than Shopify counted."),
        (1, 9, "1 of 9 loads holds less than Shopify counted."),
        (0, 1, "The only load whose objects Shopify counts is complete."),
        (0, 0, "Shopify could not count what was read."),
    ],
)
def test_completeness_is_claimed_only_of_what_was_counted(incomplete: int, counted: int, words: str) -> None:
    loads = {"loads": 1300, "counted": counted, "incomplete": incomplete}
    assert told(completeness=loads).details["completeness"] == words


def test_runs_are_told_in_words() -> None:
    runs = [
        {"run_id": "r", "started_at": "2026-07-01T12:00:00Z", "seconds": 72.4, "exit_code": 0},
        {"run_id": "s", "started_at": "2026-07-01T11:00:00Z"},
    ]
    told_runs = told(runs=runs).details["runs"]
    assert [(run["length"], run["outcome"]) for run in told_runs] == [
        ("1 min 12 s", "done"),
        ("\N{EN DASH}", "unfinished"),
    ]


@pytest.mark.parametrize(
    ("orders", "said"), [(0, ""), (1, "the only order ties"), (1200, "all 1,200 orders tie")]
)
def test_orders_that_tie_are_counted_in_words_that_fit(orders: int, said: str) -> None:
    found = told(ties={"orders": orders, "untied": 0})
    assert (said in found.details["summary"]) if said else ("tie" not in found.details["summary"])
    assert ("ties" in found.details) is bool(orders)
