"""A small shop that goes on trading while it is read, with everything going wrong that a seed draws."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import stamina

from shopstack.errors import ShopstackError
from shopstack.extract import ExtractReport, extract
from shopstack.project import Project
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server import Fault
from shopstack.simulator.server.faults import FAULTS
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, FAST, Shop, Tables, make_project, served

LIGHT = "[warehouse]\nthreads = 1\n"

OPENING = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDERS = 30
MOST_EVENTS = 60
TICK = 0.01
"""Real seconds between two things that happen in the shop; up to half a minute passes there."""

TRIES = 8
"""Runs that may fail before the one that is left in peace."""

children = multiprocessing.get_context("forkserver")
children.set_forkserver_preload(["tests.contract.streams.trading"])


@dataclass
class ShopTime:
    """The shop's clock as a run has it, which moves it by waiting."""

    shop: VirtualClock
    elapsed: float = 0.0

    def now(self) -> datetime:
        return self.shop.now()

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += seconds
        self.shop.advance(timedelta(seconds=seconds))
        await asyncio.sleep(min(seconds, TICK))

    def observe(self, server_time: datetime) -> None:
        """The server's HTTP header has real time."""


class StandingTime(ShopTime):
    """The shop's clock as a process of its own has it: as it was at its start, while time passes in the shop."""

    async def sleep(self, seconds: float) -> None:
        self.elapsed += seconds
        await asyncio.sleep(min(seconds, TICK))


def run(folder: Path, now: datetime) -> None:
    """One extraction in a process of its own, to be killed; what goes wrong in it is none of its errors."""
    with stamina.set_testing(True, attempts=4, cap=True), suppress(ShopstackError):
        extract(Project.open(folder), CREDENTIALS, clock=StandingTime(VirtualClock(now)))


@dataclass
class Trading:
    """A live shop, a project that reads it, and what chance does to both."""

    shop: Shop
    store: Store
    clock: VirtualClock
    chance: Random
    failures: list[ShopstackError] = field(default_factory=list)
    killed: int = 0

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Orders, refunds and edits happen all the time."""
        stop = threading.Event()
        live = LiveShop(self.store, self.chance.randrange(1 << 30))
        steps = Random(self.chance.randrange(1 << 30))
        api = self.shop.server.api

        def trade() -> None:
            for _ in range(MOST_EVENTS):
                if stop.wait(TICK):
                    return
                self.clock.advance(timedelta(seconds=steps.randint(1, 30)))
                with api.lock:
                    live.step()
            while not stop.wait(TICK):
                self.clock.advance(timedelta(seconds=1))

        thread = threading.Thread(target=trade)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def trouble(self) -> None:
        """Some faults at random points of what comes."""
        for kind in self.chance.sample(sorted(FAULTS), 3):
            times, skip = self.chance.randint(1, 3), self.chance.randint(0, 12)
            self.shop.server.api.faults.add(Fault(kind, times=times, skip=skip, retry_after=0.01))

    def killed_run(self) -> None:
        """A run that is killed at some point, if it is not done before."""
        child = children.Process(target=run, args=(self.shop.project.root, self.clock.now()))
        child.start()
        child.join(timeout=self.chance.uniform(0.05, 1.2))
        child.kill()
        child.join()
        self.killed += child.exitcode == -9
        child.close()

    def tried_run(self) -> bool:
        """A run that may fail, with an error that says what to do; whether it did not."""
        try:
            self._extract(self.shop.project)
        except ShopstackError as problem:
            self.failures.append(problem)
            return False
        return True

    def quiet_run(self, project: Project | None = None) -> ExtractReport:
        """One in peace, after what happened has reached the index."""
        self.shop.server.api.faults.clear()
        self.clock.advance(timedelta(minutes=5))
        return self._extract(project or self.shop.project)

    def clean_tables(self, folder: Path) -> Tables:
        """The shop as it is now, read by a project that never met trouble."""
        fresh = replace(self.shop, project=make_project(folder, self.shop.server.url, LIGHT + FAST))
        self._extract(fresh.project)
        return fresh.tables()

    def _extract(self, project: Project) -> ExtractReport:
        return extract(project, CREDENTIALS, clock=ShopTime(self.clock))


@contextmanager
def trading(seed: int, folder: Path) -> Iterator[Trading]:
    """The shop that a seed makes."""
    chance = Random(seed)
    clock = VirtualClock(OPENING)
    store = generate(orders=ORDERS, years=1, end=OPENING, seed=seed, clock=clock)
    settings = replace(
        DEFAULTS,
        throttling=False,
        bulk_slots=chance.randint(1, 5),
        bulk_seconds=chance.choice((0.0, 5.0, 60.0)),
    )
    more = f"{LIGHT}{FAST}bulk_above = {chance.choice((1, 10, 1000))}\n"
    with served(store, folder, settings, more) as shop:
        yield Trading(shop, store, clock, chance)
