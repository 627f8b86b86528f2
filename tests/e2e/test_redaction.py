"""One customer removed from a whole project: read, built, published, and what runs wrote in words."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack.simulator.clock import RealClock
from shopstack.simulator.events import CustomerCreated
from shopstack.simulator.ids import gid
from shopstack.simulator.scenarios import Bench, chews, treats
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from tests.contract.streams.searching import HIS_HOME, found_in
from tests.e2e.harness import TIMEOUT, TOKEN, Merchant, environment, new_project

pytestmark = pytest.mark.xdist_group("redaction")

NUMBER = gid("Customer", 2).rpartition("/")[2]
HIS = {"Xerzebul", "Quatsch", "xerzebul.quatsch@odd.example", "Quibbleton", "90417-8855", NUMBER}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    bench = Bench()
    bench.store.clock = RealClock()
    bench.store.append(
        CustomerCreated(
            at=bench.local("2025-03-01 10:00"),
            customer=2,
            first_name="Xerzebul",
            last_name="Quatsch",
            email="xerzebul.quatsch@odd.example",
            address=HIS_HOME,
        )
    )
    bench.place("2026-01-10 10:00", [treats(2)])
    his = bench.place("2026-01-11 10:00", [treats(3), chews(2)], customer=2, address=HIS_HOME, shipping=500)
    his.refund(bench.local("2026-01-20 10:00"), {1: 1}, note="Xerzebul rang")
    with serve(bench.built(), settings=ServerSettings(static_tokens=frozenset({TOKEN}))) as running:
        yield running


def money(merchant: Merchant) -> dict[str, Decimal]:
    """The sum of every amount of every raw and published table."""
    sums = {}
    for read in (merchant.raw, merchant.published):
        amounts = read(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where table_schema in ('shopify', 'serving', 'reporting') and data_type like 'DECIMAL%' order by all"
        )
        for schema, table, column in amounts:
            ((sums[f"{schema}.{table}.{column}"],),) = read(f'select sum("{column}") from {schema}.{table}')
    return sums


@pytest.fixture(scope="module")
def read_once(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Merchant:
    """A project that has run once with personal data; tests work on copies."""
    merchant = new_project(tmp_path_factory.mktemp("read") / "shop", server.url)
    configuration = merchant.folder / "shopstack.toml"
    stood = configuration.read_text(encoding="utf-8")
    configuration.write_text(stood.replace("personal_data = false", "personal_data = true"), encoding="utf-8")
    merchant.ok("run")
    (merchant.folder / "data/runs/20260101T000000Z-dbt.log").write_text(
        f"warn: Xerzebul Quatsch ({NUMBER})\n", encoding="utf-8"
    )
    return merchant


@pytest.fixture
def merchant(read_once: Merchant, tmp_path: Path) -> Merchant:
    shutil.copytree(read_once.folder, tmp_path / "shop")
    return Merchant(tmp_path / "shop", read_once.environment)


def killed_at(merchant: Merchant, place: str, *arguments: str) -> None:
    """A command that is killed when it comes to a function."""
    module, _, name = place.rpartition(".")
    program = (
        "import importlib, os, sys\n"
        "from shopstack.cli import main\n"
        f"die = lambda *_, **__: os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        f"setattr(importlib.import_module({module!r}), {name!r}, die)\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--project", str(merchant.folder), *arguments],
        env=environment(**merchant.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.soak
def test_killed_while_it_builds_and_publishes_it_is_finished_by_the_next_run(merchant: Merchant) -> None:
    before = money(merchant)
    killed_at(merchant, "shopstack.pipeline.remove_derived", "redact", NUMBER, "--yes")
    assert "was interrupted -> shopstack run" in merchant.ok("status").stdout
    killed_at(merchant, "shopstack.steps.remove_old_versions", "redact", NUMBER, "--yes")
    assert money(merchant) == before
    merchant.ok("run")
    assert found_in(merchant.folder, HIS) == set()
    assert money(merchant) == before
    assert "interrupted" not in merchant.ok("status").stdout


def test_no_byte_of_him_is_left_and_every_total_stays(merchant: Merchant) -> None:
    before = money(merchant)
    old = {path.name for path in (merchant.folder / "data/published").glob("v-*")}
    assert {word for _, word in found_in(merchant.folder, HIS)} >= {"Xerzebul", "Quatsch", NUMBER}

    report = merchant.ok("redact", NUMBER, "--yes", "--json").json()
    assert set(report["versions"]) == old
    assert found_in(merchant.folder, HIS) == set()
    assert money(merchant) == before
    assert merchant.published(
        "select count(*) from serving.dim_customers where label = 'Redacted customer'"
    ) == [(1,)]

    merchant.ok("run")
    assert found_in(merchant.folder, HIS) == set()
    assert money(merchant) == before
