"""A small shop that goes on trading while it is read, with everything going wrong that a seed draws."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from shopstack.errors import ShopstackError
from shopstack.extract import ExtractReport, extract, rebuild
from shopstack.project import Project
from shopstack.shopify.streams import on_request
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server import Fault
from shopstack.simulator.server.faults import FAULTS, Place
from shopstack.simulator.store import Store
from tests.contract.streams.cheap import cheaply, small_gazetteer
from tests.contract.streams.killing import ANY, LONGEST, PHASES, Kill, run_to_kill
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, Tables, make_project, served

LIGHT = "[warehouse]\nthreads = 1\n"
PEOPLE = f"{LIGHT}[privacy]\npersonal_data = true\n"
METAFIELDS = "metafields = ['custom', 'reviews']\n"
"""Of more namespaces than bulk operations of products have room for."""

EVERYTHING = on_request()
EVERYTHING_OF = 10
"""One of so many seeds reads all that is read on request, the others some of it: each stream is a run of its own."""

SOME = 5

OPENING = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDERS = 30
MOST_SLOTS = 5
TICK = 0.01
"""Real seconds between two looks of the shop at what happens; up to half a minute passes there."""

OFTEN = 0.2
"""How likely something happens at such a look."""

MOST_EVENTS = 25
"""Orders, refunds and edits while one run lasts, however long it takes: a slow machine is no busier shop."""

IMPATIENT = 0.4
"""Real seconds that a run in trouble waits for an answer: what hangs is not worth more of a test's time."""

JOURNEYS = (0, 1800, 36_000)
"""Seconds after an order until its journey is ready: at once, while runs go on, or only for the quiet one."""

FAULTS_AT_ONCE = 3
KILLS = 2
TRIES = 8
"""Runs that may fail before the one that is left in peace."""

OCCASIONS = {Place.REPORT: 0, Place.SLOT: 6, Place.BULK: 6, Place.DOWNLOAD: 5, Place.SEARCH: 12}
"""How many occasions of a place may pass before a fault strikes there; 25 elsewhere."""

PROTECTED = "protected customer data"
LOST: dict[str, set[str]] = {
    PROTECTED: set(),
    "older orders": {"read_all_orders"},
    "customers": {"read_customers"},
    "all of the catalogue": {"read_products"},
}
"""Rights that are taken away for a while and given back; nothing of what was missed meanwhile may stay missing."""


def dealt(deck: Sequence[str], first: int, count: int) -> list[str]:
    """The next cards of an endless deck: every kind comes up as often as every other."""
    return [deck[(first + at) % len(deck)] for at in range(count)]


def asked_for(seed: int) -> Sequence[str]:
    """What a seed's project reads of that which is read on request."""
    return EVERYTHING if seed % EVERYTHING_OF == 0 else dealt(EVERYTHING, seed * SOME, SOME)


def configured(include: Sequence[str]) -> str:
    """The project's configuration, people and metafields with it."""
    return f"{PEOPLE}[extract]\ntimeout_seconds = 5\nattempts = 4\ninclude = {list(include)}\n{METAFIELDS}"


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


def impatient(project: Project) -> Project:
    """The project with a shorter patience than its configuration may have."""
    config = project.config
    hurried = config.extract.model_copy(update={"timeout_seconds": IMPATIENT})
    return replace(project, config=config.model_copy(update={"extract": hurried}))


def run(folder: Path, now: datetime) -> None:
    """One extraction in trouble, to be killed."""
    _to_be_killed(impatient(Project.open(folder)), now)


def patient_run(folder: Path, now: datetime) -> None:
    """One extraction without trouble, to be killed: nothing hangs, so that only a busy machine is slow."""
    _to_be_killed(Project.open(folder), now)


def _to_be_killed(project: Project, now: datetime) -> None:
    with cheaply(small_gazetteer(project.root)):
        extract(project, CREDENTIALS, clock=StandingTime(VirtualClock(now)))


@dataclass
class Trading:
    """A live shop, a project that reads it, and what chance does to both."""

    seed: int
    shop: Shop
    store: Store
    clock: VirtualClock
    chance: Random
    include: Sequence[str]
    failures: list[ShopstackError] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    """Kills by what the run did then."""
    unharmed: int = 0
    """Runs that ended before they could be killed."""
    events: int = 0
    """Things that may still happen in the shop during the present run."""

    @property
    def struck(self) -> Counter[str]:
        """Faults that struck, by kind."""
        return self.shop.server.api.faults.struck

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Orders, refunds and edits happen all the time, within every operation."""
        stop = threading.Event()
        live = LiveShop(self.store, self.chance.randrange(1 << 30))
        steps = Random(self.chance.randrange(1 << 30))
        api = self.shop.server.api

        def trade() -> None:
            while not stop.wait(TICK):
                if steps.random() > OFTEN or not self.events:
                    self.clock.advance(timedelta(seconds=1))
                    continue
                self.clock.advance(timedelta(seconds=steps.randint(1, 30)))
                self.events -= 1
                with api.lock:
                    live.step()

        thread = threading.Thread(target=trade)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def trouble(self, turn: int) -> None:
        """Some faults at random points of what comes."""
        first = (self.seed * KILLS + turn) * FAULTS_AT_ONCE
        for kind in dealt(sorted(FAULTS), first, FAULTS_AT_ONCE):
            times, skip = self.chance.randint(1, 3), self.chance.randint(0, OCCASIONS.get(FAULTS[kind], 25))
            self.shop.server.api.faults.add(Fault(kind, times=times, skip=skip, retry_after=0.01))

    def lose_rights(self) -> None:
        """The app may read less from now on, in some shops."""
        lost = dealt([*LOST, "nothing"], self.seed, 1)[0]
        self.may_read(DEFAULTS.scopes - LOST.get(lost, set()), protected_data=lost != PROTECTED)

    def regain_rights(self) -> None:
        self.may_read(DEFAULTS.scopes)

    def may_read(self, scopes: frozenset[str], *, protected_data: bool = True) -> None:
        self.shop.server.api.grant(scopes, protected_data=protected_data)

    def killed_run(self, turn: int) -> None:
        """A run that is killed at some point, if it is not done, or has failed, before."""
        self.events = MOST_EVENTS
        (phase,) = dealt([*PHASES, ANY], self.seed * KILLS + turn, 1)
        kill = Kill(phase, self.chance.randint(1, PHASES.get(phase, 1)), self.chance.uniform(0.02, LONGEST))
        if run_to_kill(kill, run, self.shop.project.root, self.clock.now()):
            self.killed[phase] += 1
        else:
            self.unharmed += 1

    def tried_run(self, *, patiently: bool = False) -> bool:
        """A run that may fail, with an error that says what to do; whether it did not."""
        self.events = MOST_EVENTS
        try:
            self._extract(self.shop.project if patiently else impatient(self.shop.project))
        except ShopstackError as problem:
            self.failures.append(problem)
            return False
        return True

    def quiet_run(self) -> ExtractReport:
        """One in peace, after what happened has reached the index; nobody waits for operations any more."""
        api = self.shop.server.api
        api.faults.clear()
        api.bulk.settings = replace(api.bulk.settings, bulk_seconds=0.0, bulk_slots=MOST_SLOTS)
        self.clock.advance(
            timedelta(days=7, minutes=5)
        )  # what is read once a day, or once a week, is due again
        return self._extract(self.shop.project)

    def clean_tables(self, folder: Path) -> Tables:
        """The shop as it is now, read by a project that never met trouble."""
        fresh = replace(
            self.shop, project=make_project(folder, self.shop.server.url, configured(self.include))
        )
        self._extract(fresh.project)
        return fresh.tables(as_of_a_change=False)

    def rebuilt_tables(self) -> Tables:
        """The raw tables made anew from what was landed through all this."""
        rebuild(self.shop.project)
        return self.shop.tables(as_of_a_change=False)

    def _extract(self, project: Project) -> ExtractReport:
        return extract(project, CREDENTIALS, clock=ShopTime(self.clock))


@contextmanager
def trading(seed: int, folder: Path, include: Sequence[str] = EVERYTHING) -> Iterator[Trading]:
    """The shop that a seed makes, and a project that reads these things on request."""
    chance = Random(seed)
    clock = VirtualClock(OPENING)
    store = generate(orders=ORDERS, years=1, end=OPENING, seed=seed, clock=clock)
    settings = replace(
        DEFAULTS,
        throttling=False,
        bulk_slots=chance.randint(1, MOST_SLOTS),
        bulk_seconds=chance.choice((0.0, 5.0, 60.0)),
        index_lag=chance.choice((0.0, 2.0, 30.0, 115.0, 400.0)),
        journey_seconds=JOURNEYS[seed % len(JOURNEYS)],
    )
    more = f"{configured(include)}bulk_above = {chance.choice((1, 10, 1000))}\n"
    with served(store, folder, settings, more) as shop, cheaply(small_gazetteer(folder)):
        yield Trading(seed, shop, store, clock, chance, include)
