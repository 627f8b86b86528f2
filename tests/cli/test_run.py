"""`run` and its single steps: the project held, the pipeline called, its report and its exit code passed on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from shopstack.cli.progress import StreamProgress
from shopstack.demo import Note, Recipe, forget_other_shop
from shopstack.errors import BuildError
from shopstack.extract import StreamReport
from shopstack.installation import version_hint
from shopstack.orchestration.history import start_run
from shopstack.orchestration.lock import holder
from shopstack.project import Project
from shopstack.publish.status import make_status, write_status
from shopstack.scaffold import create_project
from shopstack.secrets import ClientCredentials, read_credentials
from shopstack.transformation.containment import Containment, HeldBack
from tests.cli.conftest import TOKEN, CommandLine

STEPS = ["run", "extract", "build", "publish", "verify"]


@dataclass(frozen=True)
class Report:
    """What a step of the pipeline answers with."""

    exit_code: int = 0
    containment: Containment = field(default_factory=Containment)

    def as_dict(self) -> dict[str, Any]:
        return {"exit_code": self.exit_code, "rows": 7}


def pipeline_step(command: str, exit_code: int = 0) -> Callable[..., Report]:
    """A pipeline that leaves a record of two steps, and insists on the lock."""

    def step(project: Project, *_: Any, **__: Any) -> Report:
        held = holder(project.state)
        assert held is not None
        assert (held.pid, held.command) == (os.getpid(), command)
        record = start_run(project.stored("runs"), command)
        with record.step("extract") as done:
            done.detail = "1,234 rows from 6 streams"
        record.finish(exit_code)
        return Report(exit_code)

    return step


@pytest.mark.parametrize("command", STEPS)
def test_each_step_holds_the_project_and_reports(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(f"shopstack.pipeline.{command}", pipeline_step(command))
    ran = shopstack("--project", "shop", command, "--json")
    assert ran.code == 0
    assert ran.json() == {"exit_code": 0, "rows": 7}
    assert "1,234 rows from 6 streams" in ran.err
    assert holder(project.state) is None


def test_a_build_names_the_tables_of_ones_own_that_are_held_back_and_ends_with_1(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldBack("reporting.my_mart", "my_mart could not be built: no column.", "mend it")
    report = Report(1, Containment(held_back=(held,)))
    monkeypatch.setattr("shopstack.pipeline.build", lambda _, **__: report)
    ran = shopstack("--project", "shop", "build")
    assert ran.code == 1
    for words in ("reporting.my_mart is held back: my_mart could not be built: no column.", "mend it"):
        assert words in ran.err


def test_a_build_says_nothing_of_what_the_last_publish_lacked(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended = {"table": "reporting.my_mart", "why": "no column.", "hint": "mend it"}
    held_back = [{**mended, "since": "2026-01-31T06:00:00Z"}]
    write_status(project, make_status({"state": "ok", "held_back": held_back}))
    monkeypatch.setattr("shopstack.pipeline.build", lambda *_, **__: Report(0, Containment()))
    assert "my_mart" not in shopstack("--project", "shop", "build").err
    monkeypatch.setattr("shopstack.pipeline.publish", lambda *_, **__: Report(0))
    assert "reporting.my_mart is stale" in shopstack("--project", "shop", "publish").err


@pytest.mark.parametrize("command", STEPS)
def test_without_json_stdout_stays_empty(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(f"shopstack.pipeline.{command}", pipeline_step(command))
    assert shopstack("--project", "shop", command).out == ""


@pytest.mark.parametrize("command", ["run", "verify"])
def test_figures_that_differ_end_with_1_and_are_named(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch, command: str
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
    found = {"state": "differs", "days": 1, "differences": [difference]}
    write_status(project, make_status({"state": "ok", "reconciliation": found}))
    monkeypatch.setattr(f"shopstack.pipeline.{command}", pipeline_step(command, exit_code=1))
    ran = shopstack("--project", "shop", command)
    assert ran.code == 1
    assert "2026-01-30 net_sales 10.01, Shopify says 10" in ran.err


def test_a_failed_step_ends_with_its_own_code_after_what_was_done(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(project: Project, *_: Any, **__: Any) -> Report:
        record = start_run(project.stored("runs"), "run")
        with record.step("extract") as done:
            done.detail = "1,234 rows"
        problem = BuildError("Two tests failed.", why="unique_order", hint="shopstack build")
        record.finish(problem=problem)
        raise problem

    monkeypatch.setattr("shopstack.pipeline.run", fail)
    ran = shopstack("--project", "shop", "run", "--json")
    assert ran.code == 1
    assert ran.json()["error"]["message"] == "Two tests failed."
    lines = ran.err.splitlines()
    assert lines[0].startswith("✓ extract (0.0 s): 1,234 rows")
    assert lines[1:] == ["error: Two tests failed.", "  why: unique_order", " hint: shopstack build"]
    assert holder(project.state) is None


def test_a_simulated_shop_that_is_closed_is_opened_again_as_it_was_opened(
    shopstack: CommandLine, tmp_path: Path
) -> None:
    credentials = {"SHOPIFY_ACCESS_TOKEN": TOKEN}
    project = create_project(tmp_path / "demo-shop", address="http://127.0.0.1:9", credentials=credentials)
    ran = shopstack("--project", "demo-shop", "extract")
    assert ran.code == 4
    assert "shopstack simulate --port 9 " in ran.err
    forget_other_shop(project, Note(Recipe(20, "2026-01-31T12:00:00+00:00"), "a shop of the demo"))
    ran = shopstack("--project", "demo-shop", "extract")
    assert f"shopstack demo --dir {tmp_path / 'demo-shop'} " in ran.err


def test_another_engine_than_the_projects_is_said_before_it_works(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = project.state / "origin.json"
    origin.write_bytes(orjson.dumps({**orjson.loads(origin.read_bytes()), "engine_version": "0.0.9"}))
    monkeypatch.setattr("shopstack.pipeline.build", pipeline_step("build"))
    ran = shopstack("--project", "shop", "build")
    assert ran.code == 0
    assert ran.err.startswith("warning: this is shopstack")
    assert version_hint("0.0.9") in " ".join(ran.err.split())


def test_without_credentials_nothing_is_begun(shopstack: CommandLine, project: Project) -> None:
    (project.root / ".env").unlink()
    ran = shopstack("--project", "shop", "run")
    assert ran.code == 3
    assert not project.runs.exists()


def test_a_dry_run_asks_the_shop_and_changes_nothing(shopstack: CommandLine, project: Project) -> None:
    before = sorted(path for path in project.root.rglob("*"))
    ran = shopstack("--project", "shop", "run", "--dry-run")
    assert ran.code == 0, ran.err
    assert "orders: everything" in ran.out
    after = sorted(path for path in project.root.rglob("*") if path.name != "run.lock")
    assert after == before

    document = shopstack("--project", "shop", "run", "--dry-run", "--json").json()
    planned = {one["stream"]: one for one in document["streams"]}
    assert planned["orders"]["expected"] == 300


def test_the_demo_asks_nothing_and_ends_with_the_command_for_ones_own_shop(
    shopstack: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopstack.pipeline.run", pipeline_step("demo"))
    ran = shopstack("demo", "--orders", "20", "--no-serve")
    assert ran.code == 0, ran.err
    assert ran.out == ""
    assert ran.err.splitlines()[-1].endswith("shopstack init my-shop")
    made = Project.open(tmp_path / "demo-shop")
    assert made.config.shop.is_simulated
    assert read_credentials(made.root) == ClientCredentials("simulated-client", "simulated-secret")
    assert shopstack("--project", "demo-shop", "check").code == 0


def test_the_demo_serves_its_project_unless_told_not_to(
    shopstack: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[Path, int | None]] = []
    monkeypatch.setattr("shopstack.pipeline.run", pipeline_step("demo"))
    monkeypatch.setattr(
        "shopstack.cli.demo.serve_until_interrupted",
        lambda project, port: served.append((project.root, port)),
    )
    ran = shopstack("demo", "--orders", "20", "--port", "9001", "--dir", "elsewhere")
    assert ran.code == 0, ran.err
    assert served == [(tmp_path / "elsewhere", 9001)]


class TestProgress:
    """What is said while streams are read, off a terminal."""

    def test_a_stream_is_one_line_with_rows_and_rate(self, capsys: pytest.CaptureFixture[str]) -> None:
        progress = StreamProgress(None)
        progress.planned("orders", "bulk", 300)
        progress.advanced("orders", 100, 30, 1900.0)
        progress.finished(
            StreamReport(
                "biscuit", "orders", "loaded", "bulk", {"orders": 300, "order_lines": 700}, seconds=2.0
            )
        )
        assert capsys.readouterr().err == "✓ orders: 1,000 rows (bulk, 2.0 s, 500 a second)\n"

    def test_a_skipped_stream_is_said_to_be_that(self, capsys: pytest.CaptureFixture[str]) -> None:
        StreamProgress(None).finished(StreamReport("biscuit", "customers", "skipped", reason="no scope"))
        assert capsys.readouterr().err == "✓ customers: skipped\n"

    def test_a_warning_comes_with_its_next_step(self, capsys: pytest.CaptureFixture[str]) -> None:
        StreamProgress(None).warned("Shopify is slow", "wait")
        assert capsys.readouterr().err == "warning: Shopify is slow\n   hint: wait\n"

    def test_a_live_line_shows_objects_rate_and_budget_but_does_not_flicker(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr("shopstack.output.Task.update", lambda _self, detail, **_: said.append(detail))
        moments = iter([0.0, 2.0, 2.1, 4.0, 14.0, 15.0])
        progress = StreamProgress(None, clock=lambda: next(moments))
        progress.planned("orders", "bulk", 300)
        progress.advanced("orders", 200, 20, 1900.0)
        progress.advanced("orders", 210, 21, 1900.0)
        progress.advanced("orders", 400, 40, None)
        progress.advanced("orders", 1400, 140, None)
        progress.advanced("orders", 3000, 300, None)
        assert said == [
            "bulk, 300 expected",
            "bulk 20 of 300, 200 objects, 100 a second, 1,900 points left",
            "bulk 40 of 300, 400 objects, 100 a second",
            "bulk 140 of 300, 1,400 objects, 100 a second, about 15 s left",
            "bulk 300 of 300, 3,000 objects, 200 a second",
        ]
