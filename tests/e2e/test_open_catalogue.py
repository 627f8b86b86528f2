"""A tool that keeps `catalog.duckdb` open while the pipeline runs, again and again, on a shop that lives on."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shopstack import pipeline
from shopstack.extract import Silent
from shopstack.project import Project
from shopstack.publish import old_versions, open_published
from shopstack.publish.catalog import catalog_file
from shopstack.scaffold import create_project
from shopstack.shops import ShopAccess
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server import serve
from tests.contract.streams.shop import CREDENTIALS
from tests.unit.publish.test_old_versions import BOTH, tool_on, versions
from tests.untested_builds import leave_out_tests

EVERY_SECOND = 1.0
THINGS = 5
"""That happen in the shop between two runs."""


class Shop:
    """A project and the shop that it reads."""

    def __init__(self, project: Project, life: LiveShop) -> None:
        self.project = project
        self._life = life

    def run(self) -> None:
        """A whole run after some things have happened; what the models hold is for other tests."""
        for _ in range(THINGS):
            self._life.step()
        shops = [ShopAccess(one, CREDENTIALS) for one in self.project.config.shops]
        report = pipeline.run(self.project, shops, observer=Silent())
        assert not report.extracted.failures


@pytest.mark.xdist_group("open-catalogue")
@pytest.mark.parametrize("runs", [1, pytest.param(10, marks=pytest.mark.soak)])
def test_the_catalogue_stays_open_through_runs_that_publish(
    runs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_tests(monkeypatch)
    # As if hours passed between two runs: what nobody reads goes at once.
    monkeypatch.setattr(old_versions, "READ_FOR", timedelta(0))
    store = generate(orders=30, years=1, seed=11)
    with serve(store) as server:
        project = Project.open(create_project(tmp_path / "shop", address=server.url, credentials={}).root)
        shop = Shop(project, LiveShop(store))
        shop.run()
        (first,) = versions(project)
        with tool_on(catalog_file(project)) as tool:
            before = tool.ask()
            assert before.startswith("(Decimal(")
            over = threading.Event()
            asking = Asking(tool, over)
            asking.start()
            for _ in range(runs):
                shop.run()
            over.set()
            asking.join()
            assert set(asking.answers) == {before}
            assert len(asking.answers) > runs
            assert first in versions(project)
            assert len(versions(project)) == min(runs + 1, old_versions.KEPT + 1)
        with tool_on(catalog_file(project)) as tool, open_published(project) as snapshot:
            now = tool.ask()
            assert now == f"{snapshot.execute(BOTH).rows[0]}\n"
            if runs > 1:  # one run may have nothing that adds up to another sum
                assert now != before


class Asking(threading.Thread):
    """Asks a tool every second until it is told to stop."""

    def __init__(self, tool: Any, over: threading.Event) -> None:
        super().__init__()
        self._tool, self._over = tool, over
        self.answers: list[str] = []

    def run(self) -> None:
        while True:
            self.answers.append(self._tool.ask())
            if self._over.wait(EVERY_SECOND):
                return
