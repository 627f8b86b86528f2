"""`simulate` and the demo's parts: a shop in a process of its own, and a project that reads no other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shopstack import demo
from shopstack.cli.simulate import fingerprint
from shopstack.config import Config
from shopstack.doctor import prove_shop
from shopstack.errors import ShopstackError, UsageError
from shopstack.scaffold import create_project
from shopstack.secrets import read_credentials
from shopstack.simulator.generator import generate
from tests.cli.conftest import CommandLine

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
RECIPE = demo.Recipe(orders=20, end="2026-01-31T12:00:00+00:00")
NOTE = demo.Note(RECIPE, "0123456789abcdef")
SHOP = demo.SimulatedShop("http://127.0.0.1:8790", "simulated-client", "simulated-secret")


def test_the_shop_announces_where_it_answers_and_leaves_with_its_parent() -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "shopstack", "simulate", "--json", "--until-stdin-closes"),
            *("--orders", "20", "--port", "0"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(6)]
        found = orjson.loads(b"".join(lines))
        proof = prove_shop(
            found["address"],
            read_credentials(
                Path(),
                {"SHOPIFY_CLIENT_ID": found["client_id"], "SHOPIFY_CLIENT_SECRET": found["client_secret"]},
            ),
        )
        child.stdin.close()
        assert child.wait(20) == 0
    assert proof.domain.endswith(".myshopify.com")


@pytest.mark.skipif(os.name != "posix", reason="signals are a POSIX matter")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_shop_calmly(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "shopstack", "simulate", "--orders", "20", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"address")
        child.send_signal(how)
        _, said = child.communicate(timeout=20)
    assert child.returncode == 0
    assert said.decode().endswith("The simulated shop is closed.\n")


def test_a_busy_port_is_said_before_the_shop_is_made(shopstack: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = shopstack("simulate", "--port", str(taken.getsockname()[1]))
    assert ran.code == 2
    assert "shopstack simulate --port 0" in ran.err
    assert "making the shop" not in ran.err


def test_a_time_that_is_none_is_refused(shopstack: CommandLine) -> None:
    ran = shopstack("simulate", "--port", "0", "--end", "yesterday")
    assert ran.code == 2
    assert "'yesterday' is not a time" in ran.err


def test_the_demos_shop_answers_while_it_is_needed_and_is_gone_afterwards() -> None:
    with demo.simulated_shop(RECIPE) as shop:
        proof = prove_shop(shop.address, read_credentials(Path(), shop.credentials))
        assert proof.name
    with pytest.raises(httpx.ConnectError):
        httpx.get(shop.address)


def test_a_fingerprint_tells_one_shop_from_another() -> None:
    same, again, other = (generate(orders=20, end=NOW, seed=seed) for seed in (1, 1, 2))
    assert fingerprint(same) == fingerprint(again) != fingerprint(other)


def test_a_shop_that_does_not_start_says_what_it_said() -> None:
    with (
        pytest.raises(ShopstackError, match="did not start") as problem,
        demo.simulated_shop(replace(RECIPE, orders=0)),
    ):
        pytest.fail("a shop without orders opened")
    assert "--orders" in problem.value.why


class TestProject:
    """The demo's folder."""

    def test_it_is_made_as_init_makes_one_and_taken_up_again(self, tmp_path: Path) -> None:
        folder = tmp_path / "demo-shop"
        first = demo.open_or_create(folder, SHOP)
        origin = (folder / ".shopstack" / "origin.json").read_bytes()
        moved = replace(SHOP, address="http://127.0.0.1:8791")
        second = demo.open_or_create(folder, moved)
        assert first.config.shop.is_simulated
        assert second.config == Config.model_validate({"shop": {"address": moved.address}})
        assert (folder / ".shopstack" / "origin.json").read_bytes() == origin

    def test_a_real_shops_project_is_never_touched(self, tmp_path: Path) -> None:
        create_project(
            tmp_path / "shop",
            address="biscuit.myshopify.com",
            credentials={"SHOPIFY_ACCESS_TOKEN": "shpat_x"},
        )
        with pytest.raises(UsageError, match=r"project of biscuit\.myshopify\.com"):
            demo.refuse_foreign(tmp_path / "shop")

    def test_a_folder_with_something_else_is_refused_before_a_shop_is_opened(
        self, shopstack: CommandLine, tmp_path: Path
    ) -> None:
        (tmp_path / "demo-shop").mkdir()
        (tmp_path / "demo-shop" / "thesis.txt").write_text("mine")
        ran = shopstack("demo", "--no-serve")
        assert ran.code == 2
        assert "is not empty" in ran.err
        assert "simulated shop" not in ran.err

    @pytest.mark.parametrize(
        "other", [replace(NOTE, fingerprint="another"), replace(NOTE, recipe=replace(RECIPE, orders=30))]
    )
    def test_the_same_shop_keeps_its_data_and_another_begins_anew(
        self, tmp_path: Path, other: demo.Note
    ) -> None:
        project = demo.open_or_create(tmp_path / "demo-shop", SHOP)
        assert not demo.forget_other_shop(project, NOTE)
        project.warehouse.mkdir(parents=True)
        (project.warehouse / "raw.duckdb").write_text("rows")
        assert not demo.forget_other_shop(project, NOTE)
        assert (project.warehouse / "raw.duckdb").exists()
        (project.storage / "notes.txt").write_text("mine")
        assert demo.forget_other_shop(project, other)
        assert [path.name for path in project.storage.rglob("*") if path.is_file()] == ["notes.txt"]

    def test_the_same_day_and_size_mean_the_same_shop(self, tmp_path: Path) -> None:
        project = demo.open_or_create(tmp_path / "demo-shop", SHOP)
        recipe = demo.recipe_for(project.root, 20, NOW)
        demo.forget_other_shop(project, demo.Note(recipe, ""))
        later, tomorrow = NOW + timedelta(hours=3), NOW + timedelta(days=1)
        assert demo.recipe_for(project.root, 20, later) == recipe
        assert demo.recipe_for(project.root, 30, later) != recipe
        assert demo.recipe_for(project.root, 20, tomorrow) != recipe

    def test_the_shop_gets_its_old_port_back_if_nobody_took_it(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            shop = replace(SHOP, address=f"http://127.0.0.1:{port}")
            project = demo.open_or_create(tmp_path / "demo-shop", shop)
            assert demo.preferred_port(project.root) == 0
        assert demo.preferred_port(project.root) == port
        assert demo.preferred_port(tmp_path / "none") == 0

    @pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
    def test_its_made_up_credentials_are_kept_as_carefully_as_real_ones(self, tmp_path: Path) -> None:
        project = demo.open_or_create(tmp_path / "demo-shop", SHOP)
        demo.open_or_create(project.root, SHOP)
        assert (project.root / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["no parquet", "other columns"])
def test_a_file_of_something_else_is_no_shop(shopstack: CommandLine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "file.parquet"
    if content == "no parquet":
        file.write_text(content)
    else:
        pq.write_table(pa.table({"n": [1]}), file)
    ran = shopstack("simulate", "--from-parquet", str(file), "--port", "0")
    assert ran.code == 2
    assert f"{file} is not a file of real transactions." in ran.err
