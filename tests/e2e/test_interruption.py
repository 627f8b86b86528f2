"""Killed or interrupted anywhere: nothing is half-loaded, the next run finishes, the totals are the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.store import Store
from tests.e2e.harness import TOKEN, Merchant, new_project

pytestmark = pytest.mark.xdist_group("interruption")

TODAY = "select today from serving.dim_shops"


@pytest.fixture(scope="module")
def server(small_store: Store) -> Iterator[RunningServer]:
    with serve(small_store, settings=ServerSettings(static_tokens=frozenset({TOKEN}))) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Merchant, float]:
    merchant = new_project(tmp_path_factory.mktemp("calm") / "shop", server.url)
    began = time.monotonic()
    merchant.ok("run")
    return merchant, time.monotonic() - began


@pytest.mark.parametrize(
    ("seed", "how"),
    [
        (3, signal.SIGINT),
        *(pytest.param(seed, signal.SIGKILL, marks=pytest.mark.soak) for seed in (1, 2, 4, 5)),
    ],
)
def test_the_next_run_finishes_with_the_same_totals(
    server: RunningServer, undisturbed: tuple[Merchant, float], tmp_path: Path, seed: int, how: signal.Signals
) -> None:
    calm, seconds = undisturbed
    merchant = new_project(tmp_path / "shop", server.url)
    chance = random.Random(seed)
    interrupted = 0
    for _ in range(3):
        process = merchant.start("run")
        try:
            process.wait(timeout=chance.uniform(0.3, 0.8) * seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, how)
            interrupted += 1
        _, stderr = process.communicate(timeout=120)
        if how is signal.SIGINT and process.returncode != 0:
            assert process.returncode == 130, stderr
            assert "Traceback" not in stderr
    assert interrupted
    merchant.ok("run")
    if merchant.published(TODAY) != calm.published(TODAY):
        # Midnight of the shop has passed since: both are brought to the same day.
        calm.ok("run")
        merchant.ok("run")
    assert merchant.fingerprint() == calm.fingerprint()
