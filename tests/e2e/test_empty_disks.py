"""Every step as a process of its own on an empty disk: all that it needs of the steps before lies in S3.

The DuckDB files alone are carried from disk to disk, as a volume would be.
"""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from shopstack.project import Project
from shopstack.publish import open_published, read_pointer
from shopstack.scaffold import create_project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import ServerSettings, serve
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till
from shopstack.storage import MANIFEST, TEMPORARY, Storage
from shopstack.transformation.built_from import NOTE
from shopstack.transformation.runner import target_folder
from shopstack.transformation.state import fetch_state
from tests.e2e.harness import LOAD_TIMES, TOKEN, Merchant
from tests.s3_server import BUCKET, Asked, simulated_s3

END = datetime(2026, 11, 1, 12, tzinfo=UTC)
STEPS = ("extract", "build", "publish", "verify")


def made(folder: Path, address: str) -> Merchant:
    """A new project."""
    create_project(folder, address=address, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN})
    return Merchant(folder)


class Disks:
    """A project whose every command runs on a new disk, with the files that a container image holds.

    ``settings`` are further ones of its `shopstack.toml`.
    """

    def __init__(
        self, folder: Path, address: str, environment: dict[str, str], *, settings: str = ""
    ) -> None:
        self._folder = folder
        self._image = made(folder / "image", address).folder
        with (self._image / "shopstack.toml").open("a") as file:
            file.write(f'\n[storage]\nurl = "s3://{BUCKET}/my-shop"\n{settings}')
        self._environment = environment
        self._volume = folder / "volume"
        self._number = 0

    def run(self, *arguments: str) -> Any:
        """A command that must end with 0, on a disk of its own; what it answers."""
        self._number += 1
        disk = self._folder / f"disk-{self._number}"
        shutil.copytree(self._image, disk)
        warehouse = disk / "data" / "warehouse"
        if self._volume.is_dir():
            warehouse.parent.mkdir(exist_ok=True)
            self._volume.rename(warehouse)
        answer = Merchant(disk, self._environment).ok(*arguments, "--json").json()
        data = disk / "data"
        left = {path.relative_to(data).parts[0] for path in data.rglob("*") if path.is_file()}
        if Project.open(disk).config.warehouse.type == "duckdb":
            assert left == {"warehouse"}, "all else is in S3"
            warehouse.rename(self._volume)
        else:
            assert not left
        shutil.rmtree(disk)
        return answer

    def project(self) -> Project:
        """The project on one more empty disk."""
        self._number += 1
        disk = self._folder / f"disk-{self._number}"
        shutil.copytree(self._image, disk)
        return Project.open(disk)


def marts(project: Project) -> dict[str, Any]:
    """Rows and an order-free checksum of every published table but those of stock, without load times."""
    found = {}
    with open_published(project) as snapshot:
        for name, table in snapshot.pointer.tables.items():
            columns = ", ".join(f'"{column}"' for column in table.columns if column not in LOAD_TIMES)
            rows = snapshot.execute(f"select count(*), coalesce(sum(hash({columns})), 0) from {name}").rows
            found[name] = rows[0]
    del found["reporting.completeness"]
    return {name: rows for name, rows in found.items() if "inventory_" not in name}


def refund_two(store: Store) -> None:
    """Two orders change, a few minutes ago."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=4)
    orders = store.log.orders
    left = [name for name, events in sorted(orders.items()) if len(events) <= 3 and Till(events).left(1) > 0]
    for order in [name for name in left if name not in store.log.deleted][:2]:
        store.append(Till(orders[order]).refund(moment, {1: 1}))


def rows_of(extracted: Any, stream: str) -> tuple[str, int]:
    """How a stream was read, and how many roots came."""
    ((one),) = [one for one in extracted["streams"] if one["stream"] == stream]
    return one["method"], one["rows"][stream]


def parsed_before(known: Project, project: Project) -> None:
    """Spare dbt the parsing: it is the same text, and no table is built from what was parsed elsewhere."""
    fetch_state(known, target_folder(known))
    shutil.copytree(target_folder(known), target_folder(project))
    (target_folder(project) / NOTE).unlink()


@pytest.mark.xdist_group("empty disks")
def test_steps_on_empty_disks_make_what_one_disk_makes_twice_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = generate(orders=60, end=END, seed=11)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}))
    with simulated_s3() as s3, serve(store, settings=settings) as shop:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        disks = Disks(tmp_path / "disks", shop.url, s3.environment())
        first = {step: disks.run(step) for step in STEPS}
        before = read_pointer(disks.project())
        refund_two(store)
        second = {step: disks.run(step) for step in STEPS}
        after = read_pointer(disks.project())

        assert first["verify"]["reconciliation"]["state"] == "agrees"
        assert second["verify"]["reconciliation"]["state"] == "agrees"
        assert rows_of(first["extract"], "orders") == ("bulk", len(store.ids("Order")))
        assert rows_of(second["extract"], "orders") == ("paged", 2)
        assert second["build"]["models"] < first["build"]["models"], "views are not made again"
        assert before
        assert after
        assert after.version > before.version

        plain = made(tmp_path / "plain", shop.url)
        parsed_before(disks.project(), Project.open(plain.folder))
        plain.ok("run")
        assert marts(disks.project()) == marts(Project.open(plain.folder))
        runs = disks.project().stored("runs").names("")
        assert len([name for name in runs if name.endswith(".json")]) == 2 * len(STEPS)
        assert len([name for name in runs if name.endswith("-dbt.log")]) == 2

        rebuilt = disks.run("extract", "--from-landing")
        assert rebuilt["rows"]["orders"] == len(store.ids("Order"))
        s3.let_read_what_is_published("my-shop")
        assert "Agrees with Shopify's report" in Merchant(disks.project().root).page()


def everything(storage: Storage, folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file by its path, landed ones unpacked."""
    for name in storage.names(folder):
        path = f"{folder}/{name}".lstrip("/")
        try:
            content = storage.read(path)
        except FileNotFoundError:
            yield from everything(storage, path)
            continue
        yield path, unpacked(content) if path.endswith(".zst") else content


def unpacked(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(content)


@pytest.mark.soak
@pytest.mark.xdist_group("empty disks")
def test_a_customer_who_was_removed_is_named_nowhere_in_the_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = generate(orders=60, end=END, seed=11)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}))
    with simulated_s3() as s3, serve(store, settings=settings) as shop:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        disks = Disks(tmp_path, shop.url, s3.environment())
        disks.run("run")
        project = disks.project()
        with open_published(project) as snapshot:
            totals = snapshot.execute("select sum(net_sales), count(*) from serving.fct_sales").rows
        number = next(iter(store.ids("Customer"))).rpartition("/")[2].encode()
        before = {path for path, content in everything(project.stored()) if number in content}
        assert any("landing/" in path for path in before)
        up = read_pointer(project)
        disks.run("redact", number.decode(), "--yes")
        assert [path for path, content in everything(project.stored()) if number in content] == []
        with open_published(disks.project()) as snapshot:
            assert snapshot.execute("select sum(net_sales), count(*) from serving.fct_sales").rows == totals
            assert up
            assert up.version not in project.stored("published").names("")


@pytest.mark.soak
@pytest.mark.parametrize("nth", [8, 25, 45, 70, 95])
def test_an_extraction_that_was_killed_at_some_request_is_taken_up_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    store = generate(orders=60, end=END, seed=11)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}))
    with simulated_s3() as s3, serve(store, settings=settings) as shop:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        merchant = made(tmp_path / "shop", shop.url)
        merchant.environment = s3.environment()
        with (merchant.folder / "shopstack.toml").open("a") as file:
            file.write(f'\n[storage]\nurl = "s3://{BUCKET}/killed-{nth}"\n')
        begun = threading.Event()

        def kill(_: Asked) -> None:
            if len(s3.asked) == nth:
                begun.wait()
                running.kill()
                running.wait()

        s3.before = kill
        running = merchant.start("extract")
        begun.set()
        running.communicate()
        assert running.returncode == -signal.SIGKILL
        s3.before = lambda _: None
        shutil.rmtree(merchant.folder / ".shopstack" / "cache", ignore_errors=True)
        merchant.ok("extract")
        found = {one for (one,) in merchant.raw("select id from shopify.orders")}
        assert found == set(store.ids("Order"))
        landed = Project.open(merchant.folder).stored("landing")
        paths = [path for path, _ in everything(landed)]
        windows = {path.rpartition("/")[0] for path in paths if path.endswith(".zst")}
        assert windows
        assert all(f"{window}/{MANIFEST}" in paths for window in windows)
        assert not [path for path in paths if TEMPORARY in path]
