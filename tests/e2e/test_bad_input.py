"""What a person sees when something is wrong: the exit code, what happened, why, and what to type next."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.store import Store
from tests.e2e.harness import TOKEN, Merchant, new_project

pytestmark = pytest.mark.xdist_group("bad_input")

SETTINGS = ServerSettings(static_tokens=frozenset({TOKEN}))


@pytest.fixture(scope="module")
def server(small_store: Store) -> Iterator[RunningServer]:
    with serve(small_store, settings=SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def merchant(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Merchant:
    return new_project(tmp_path_factory.mktemp("bad") / "shop", server.url)


def assert_explained(stderr: str, *words: str) -> None:
    assert "error:" in stderr, stderr
    assert "hint:" in stderr, stderr
    assert "Traceback" not in stderr, stderr
    for word in words:
        assert word in stderr, stderr


def test_a_wrong_token_ends_with_3_and_says_how_to_renew_it(merchant: Merchant) -> None:
    result = Merchant(merchant.folder, {"SHOPIFY_ACCESS_TOKEN": "shpat_wrong_000000"}).shopstack("run")
    assert result.code == 3
    assert_explained(result.stderr, "token")
    assert "shpat_wrong_000000" not in result.stderr + result.stdout


def test_a_missing_scope_of_a_required_stream_ends_with_3_and_names_it(
    small_store: Store, tmp_path: Path
) -> None:
    scopes = frozenset({"read_orders", "read_all_orders", "read_customers", "read_locations", "read_reports"})
    with serve(small_store, settings=replace(SETTINGS, scopes=scopes)) as running:
        merchant = new_project(tmp_path / "shop", running.url)
        result = merchant.shopstack("run")
    assert result.code == 3
    assert_explained(result.stderr, "read_products")


def test_an_unknown_key_ends_with_2_and_names_the_nearest_known_one(
    merchant: Merchant, tmp_path: Path
) -> None:
    toml = (merchant.folder / "shopstack.toml").read_text()
    (tmp_path / "shopstack.toml").write_text(toml + "\n[dashbord]\nport = 9000\n")
    result = Merchant(tmp_path).shopstack("check")
    assert result.code == 2
    assert_explained(result.stderr, "dashbord", "dashboard")


def test_an_unreachable_shop_ends_with_4_after_bounded_retries(merchant: Merchant, tmp_path: Path) -> None:
    toml = (merchant.folder / "shopstack.toml").read_text()
    toml = re.sub(r'address = ".*"', 'address = "http://127.0.0.1:9"', toml) + "\n[extract]\nattempts = 2\n"
    (tmp_path / "shopstack.toml").write_text(toml)
    result = Merchant(tmp_path, {"SHOPIFY_ACCESS_TOKEN": TOKEN}).shopstack("extract")
    assert result.code == 4
    assert_explained(result.stderr)


def test_a_second_run_while_one_works_is_refused_naming_the_holder(merchant: Merchant) -> None:
    first = merchant.start("run")
    try:
        lock = merchant.folder / ".shopstack" / "run.lock"
        deadline = time.monotonic() + 60
        while not (lock.exists() and str(first.pid) in lock.read_text(errors="replace")):
            assert time.monotonic() < deadline, "the first run never took the lock"
            assert first.poll() is None, first.communicate()
            time.sleep(0.02)
        second = merchant.shopstack("run")
    finally:
        os.killpg(first.pid, signal.SIGTERM)
        first.communicate(timeout=60)
    assert second.code == 4
    assert_explained(second.stderr, str(first.pid))


def test_an_unknown_command_ends_with_2_and_offers_the_nearest(merchant: Merchant) -> None:
    result = merchant.shopstack("rnu")
    assert result.code == 2
    assert "run" in result.stderr
