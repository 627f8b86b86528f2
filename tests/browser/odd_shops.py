"""Shops that are not like the usual one, each made up by the simulator, read, built and published like any other.

They stand in one project, so that one run reads all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopstack import pipeline
from shopstack.extract import Silent
from shopstack.project import Project
from shopstack.scaffold import create_project
from shopstack.shops import ShopAccess
from shopstack.simulator import generator
from shopstack.simulator.desk import AnyEvent
from shopstack.simulator.events import Address, CustomerCreated, OrderPlaced, ProductCreated
from shopstack.simulator.server import serve
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS
from tests.untested_builds import leave_out_tests

LONG = "Handgemachte Donaudampfschifffahrtsgesellschaftskapitänsmützen " * 3
RIGHT_TO_LEFT = "שמן זית כתית מעולה מכבישה קרה 750 מ״ל"
THE_CITY = Address("Poughkeepsie", "New York", "NY", "United States", "US", "12601", "1 Main Street")

Told = Callable[[AnyEvent], AnyEvent]


def as_it_was(event: AnyEvent) -> AnyEvent:
    return event


def in_one_city(event: AnyEvent) -> AnyEvent:
    if isinstance(event, OrderPlaced) and event.shipping_address:
        return replace(event, shipping_address=THE_CITY, billing_address=THE_CITY)
    return event


def nowhere(event: AnyEvent) -> AnyEvent:
    """As for goods that are sent by e-mail: no address, and no counter."""
    if isinstance(event, OrderPlaced):
        return replace(event, shipping_address=None, billing_address=None, location=None)
    return replace(event, address=None) if isinstance(event, CustomerCreated) else event


def named_at_length(event: AnyEvent) -> AnyEvent:
    """Every second product has a long name, every other one from right to left; so has every second place."""
    if isinstance(event, ProductCreated):
        named = replace(event.product, title=_renamed(event.product.title, event.product.number))
        return replace(event, product=named)
    if isinstance(event, OrderPlaced):
        lines = tuple(
            replace(one, title=_renamed(one.title, one.product)) if one.product else one
            for one in event.lines
        )
        there = event.shipping_address
        if there and event.order % 2:
            there = replace(there, city=f"{RIGHT_TO_LEFT} {there.city}")
        return replace(event, lines=lines, shipping_address=there)
    return event


def _renamed(title: str, product: int) -> str:
    return f"{LONG}{title}" if product % 2 else f"{RIGHT_TO_LEFT} {product}"


@dataclass(frozen=True)
class Odd:
    """How a shop is unlike others."""

    orders: int
    years: int = 2
    currency: str = "USD"
    timezone: str = "America/New_York"
    name: str = ""
    told: Told = as_it_was


ODD = {
    "empty": Odd(orders=0),
    "tiny": Odd(orders=1, years=0),
    "old": Odd(orders=240, years=11),
    "yen": Odd(orders=120, currency="JPY", timezone="Asia/Tokyo"),
    "one-city": Odd(orders=120, told=in_one_city),
    "nowhere": Odd(orders=120, told=nowhere),
    "names": Odd(orders=120, name=LONG, told=named_at_length),
}
"""By the handle of each."""


def made(handle: str, odd: Odd) -> Store:
    """The shop as the simulator makes it up, up to now."""

    class Retold(Store):
        def extend(self, events: Iterable[AnyEvent]) -> None:
            super().extend(odd.told(one) for one in events)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(generator, "Store", Retold)
        store = generator.generate(
            orders=odd.orders, years=odd.years, end=datetime.now(UTC), seed=7, currency=odd.currency,
            timezone=odd.timezone,
        )  # fmt: skip
    store.shop = replace(store.shop, domain=f"{handle}.myshopify.com", name=odd.name or handle.capitalize())
    return store


@contextmanager
def odd_project(folder: Path) -> Iterator[Project]:
    """A project of all of them after its first run, while they can be reached."""
    with ExitStack() as stack:
        running = [stack.enter_context(serve(made(handle, odd))) for handle, odd in ODD.items()]
        create_project(folder, address=running[0].url, credentials={})
        config = folder / "shopstack.toml"
        tables = "".join(f'[[shop]]\naddress = "{one.url}"\n' for one in running)
        text = re.sub(
            r"^\[shop\].*?^(?=\[)", tables, config.read_text(), count=1, flags=re.MULTILINE | re.DOTALL
        )
        config.write_text(text)
        project = Project.open(folder)
        shops = [ShopAccess(one, CREDENTIALS) for one in project.config.shops]
        # The browser's driver holds this thread's event loop.
        with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(1) as apart:
            leave_out_tests(patched)
            report = apart.submit(pipeline.run, project, shops, observer=Silent()).result()
        assert not report.extracted.failures
        yield project
