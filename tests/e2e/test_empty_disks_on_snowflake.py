"""The same on Snowflake: every step as a process of its own, and nothing at all is carried from disk to disk.

Snowflake is simulated (fakesnow), and S3 is (moto): neither an account nor a bucket of Amazon's was asked.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.project import Project
from shopstack.publish import read_pointer
from shopstack.simulator.generator import generate
from shopstack.simulator.server import ServerSettings, serve
from shopstack.warehouse.snowflake_sql import STATE
from tests.contract.transformation.test_on_snowflake import CONFIGURED
from tests.contract.warehouse.engines import pem
from tests.e2e.harness import TOKEN
from tests.e2e.test_empty_disks import END, STEPS, Disks, made, marts, refund_two, rows_of
from tests.fakes.snowflake_server import snowflake_server
from tests.s3_server import simulated_s3


@pytest.mark.soak
def test_steps_on_empty_disks_make_duckdbs_marts_twice_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = generate(orders=60, end=END, seed=11)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}))
    with simulated_s3() as s3, snowflake_server() as snowflake, serve(store, settings=settings) as shop:
        environment = {**s3.environment(), "SNOWFLAKE_PRIVATE_KEY": pem()}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        prefix = snowflake.new_prefix()
        configured = CONFIGURED.format(prefix=prefix, server=snowflake.address)
        cursors = f"select stream, cursor_at from {prefix}_RAW.{STATE}.CURSORS order by stream"
        disks = Disks(tmp_path / "disks", shop.url, environment, settings=configured)
        plain = made(tmp_path / "plain", shop.url)

        first = {step: disks.run(step) for step in STEPS}
        plain.ok("run")
        before, earlier = read_pointer(disks.project()), dict(snowflake.query(cursors))
        assert marts(disks.project()) == marts(Project.open(plain.folder))

        refund_two(store)
        second = {step: disks.run(step) for step in STEPS}
        plain.ok("run")
        after, later = read_pointer(disks.project()), dict(snowflake.query(cursors))
        assert marts(disks.project()) == marts(Project.open(plain.folder))

        rebuilt = disks.run("extract", "--from-landing")
        assert rebuilt["rows"]["orders"] == len(store.ids("Order"))
        assert dict(snowflake.query(cursors)) == later
        for step in ("build", "publish"):
            disks.run(step)
        assert marts(disks.project()) == marts(Project.open(plain.folder))

        own = plain.raw("select stream from _shopstack.cursors order by stream")
        assert [(stream,) for stream in earlier] == [(stream,) for stream in later] == own
        assert later["orders"] > earlier["orders"]
        assert first["verify"]["reconciliation"]["state"] == "agrees"
        assert second["verify"]["reconciliation"]["state"] == "agrees"
        assert rows_of(first["extract"], "orders") == ("bulk", len(store.ids("Order")))
        assert rows_of(second["extract"], "orders") == ("paged", 2)
        assert second["build"]["models"] < first["build"]["models"]
        assert before
        assert after
        assert after.version > before.version
