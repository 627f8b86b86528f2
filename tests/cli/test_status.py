"""`status`: what the last run left, what is up, and what is missing with its next step."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import pytest

from shopstack import suppression
from shopstack.orchestration.lock import run_lock
from shopstack.project import Project
from shopstack.publish.status import make_status, write_status
from shopstack.storage import FolderStorage
from tests.cli.conftest import CommandLine

STARTED = "2026-01-31T06:00:00Z"
RUN = {"run_id": "20260131T060000Z-1f3a", "started_at": STARTED, "finished_at": "2026-01-31T06:00:42Z"}
GOOD: dict[str, Any] = {
    "state": "ok",
    "last_run": {**RUN, "exit_code": 0, "steps": []},
    "last_success": "2026-01-31T06:00:42Z",
    "published": {
        "version": "v-20260131T060040Z",
        "published_at": "2026-01-31T06:00:40Z",
        "data_up_to": "2026-01-31T05:58:00Z",
    },
    "streams": [{"shop": "biscuit.myshopify.com", "stream": "orders", "state": "loaded"}],
    "tests": {"passed": 80, "warned": 0, "failed": []},
    "ties": {"orders": 300, "untied": 0, "worst": []},
    "reconciliation": {"state": "agrees", "days": 0},
    "runs": [{"run_id": RUN["run_id"], "started_at": STARTED, "seconds": 42.0, "exit_code": 0}],
}


def shown(shopstack: CommandLine, project: Project, **changes: Any) -> str:
    write_status(project, make_status({**GOOD, **changes}))
    ran = shopstack("--project", "shop", "status")
    assert ran.code == 0
    return ran.out


def test_before_the_first_run_it_says_what_to_do(shopstack: CommandLine, project: Project) -> None:
    ran = shopstack("--project", "shop", "status")
    assert ran.code == 0
    assert "never run" in ran.out
    assert "shopstack run" in ran.err
    assert shopstack("--project", "shop", "status", "--json").json()["state"] == "never run"


def test_a_good_run_is_told_in_a_few_lines(shopstack: CommandLine, project: Project) -> None:
    text = shown(shopstack, project)
    assert "after 42 s with exit code 0" in text
    assert "data up to 2026-01-31 05:58:00" in text
    assert "300 of 300 orders tie" in text
    assert "agrees with Shopify's own report" in text
    assert "notice" not in text
    assert RUN["run_id"] in text.splitlines()[-1]


def test_a_failed_run_names_its_error_and_since_when_the_pages_are_stale(
    shopstack: CommandLine, project: Project
) -> None:
    error = {"message": "Two tests failed.", "why": "unique", "hint": "shopstack build"}
    text = shown(
        shopstack,
        project,
        state="failed",
        last_run={**RUN, "exit_code": 1, "error": error},
        stale={"since": STARTED, "why": "Two tests failed."},
    )
    assert "state     failed" in text
    assert "error     Two tests failed." in text
    assert "hint      shopstack build" in text
    assert "stale     since 2026-01-31 06:00:00" in text


def test_a_skipped_stream_says_which_figures_are_missing_for_it(
    shopstack: CommandLine, project: Project
) -> None:
    skipped = {
        "shop": "biscuit.myshopify.com",
        "stream": "customers",
        "state": "skipped",
        "reason": "read_customers is not granted.",
        "hint": "grant it",
        "figures": ["new and returning customers"],
    }
    text = shown(shopstack, project, streams=[*GOOD["streams"], skipped])
    assert "missing: new and returning customers; read_customers is not granted -> grant it" in text


def test_streams_that_lack_the_same_are_told_of_once(shopstack: CommandLine, project: Project) -> None:
    why = {"shop": "biscuit.myshopify.com", "state": "skipped", "reason": "there is no account.", "hint": "x"}
    skipped = [{**why, "stream": name, "figures": [f"the {name}"]} for name in ("payouts", "movements")]
    text = shown(shopstack, project, streams=[*GOOD["streams"], *skipped])
    assert "missing: the payouts, the movements; there is no account -> x" in text
    assert text.count("there is no account") == 1


def test_limited_visibility_is_said_once(shopstack: CommandLine, project: Project) -> None:
    streams = [{**GOOD["streams"][0], "visible_since": "2025-12-02"}] * 2
    text = shown(shopstack, project, streams=streams)
    assert text.count("only orders since 2025-12-02 are visible") == 1
    assert "read_all_orders" in text


def test_differences_are_named_with_day_metric_and_both_amounts(
    shopstack: CommandLine, project: Project
) -> None:
    difference = {
        "shop": "biscuit.myshopify.com",
        "grain": "day",
        "period_start": "2026-01-30",
        "metric": "net_sales",
        "ours": "10.01",
        "theirs": "10.00",
        "difference": "0.01",
    }
    text = shown(
        shopstack,
        project,
        reconciliation={"state": "differs", "days": 1, "differences": [difference]},
        ties={"orders": 300, "untied": 1, "worst": [{"order_name": "#1001", "difference": "0.01"}]},
    )
    assert "2026-01-30 net_sales 10.01, Shopify says 10" in text
    assert "1 of 300 orders do not add up to Shopify's own total: #1001 by 0.01" in text


def test_a_comparison_that_was_not_made_says_why_and_what_to_do(
    shopstack: CommandLine, project: Project
) -> None:
    text = shown(
        shopstack,
        project,
        reconciliation={"state": "not checked", "reason": "no access to reports", "hint": "shopstack doctor"},
    )
    assert "not compared with Shopify's own report: no access to reports -> shopstack doctor" in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_run_at_work_is_named(shopstack: CommandLine, project: Project, form: str) -> None:
    with run_lock(project.state, "run"):
        ran = shopstack("--project", "shop", "status", *(["--json"] if form == "json" else []))
    if form == "json":
        assert ran.json()["working"]["pid"] == os.getpid()
    else:
        assert f"working   shopstack run (pid {os.getpid()}, since " in ran.out


def test_a_run_that_was_killed_is_not_said_to_run(shopstack: CommandLine, project: Project) -> None:
    killed = {"run_id": RUN["run_id"], "started_at": STARTED}
    assert "state     stopped: the last run was killed" in shown(
        shopstack, project, state="running", last_run=killed
    )
    with run_lock(project.state, "run"):
        assert "state     running" in shown(shopstack, project, state="running", last_run=killed)


def test_a_removal_that_was_interrupted_is_told_with_what_finishes_it(
    shopstack: CommandLine, project: Project
) -> None:
    storage, name = FolderStorage(project.landing), "biscuit.myshopify.com"
    begun = suppression.read(storage, name).entered(
        ["gid://shopify/Customer/7"], datetime(2026, 2, 1, tzinfo=UTC)
    )
    suppression.write(storage, begun)
    told = (
        "the removal of a customer of biscuit.myshopify.com, begun 2026-02-01 00:00:00 (UTC), was interrupted"
    )
    assert f"notice    {told} -> shopstack run" in shown(shopstack, project)
    document = shopstack("--project", "shop", "status", "--json").json()
    assert list(document["interrupted_removals"]) == [name]
    with run_lock(project.state, "redact"):
        assert "interrupted" not in shown(shopstack, project)
    suppression.write(storage, begun.finished(datetime(2026, 2, 1, 1, tzinfo=UTC)))
    assert "interrupted" not in shown(shopstack, project)


def test_json_is_the_status_file(shopstack: CommandLine, project: Project) -> None:
    shown(shopstack, project)
    document = shopstack("--project", "shop", "status", "--json").json()
    assert document["working"] is None
    assert document["interrupted_removals"] == {}
    assert document["ties"] == {"orders": 300, "untied": 0, "worst": []}
    assert document["published"]["version"] == "v-20260131T060040Z"


def test_a_test_that_warns_is_told_with_what_it_objects_to(shopstack: CommandLine, project: Project) -> None:
    said = "filled_in_costs_are_used (1 row: product_costs.csv names a SKU that no variant has (B0NE))"
    text = shown(shopstack, project, tests={"passed": 80, "warned": 1, "failed": [], "warnings": [said]})
    assert f"a test of the models warns: {said}" in text
