"""One customer taken out of what was read: his entries in the list, the landed windows, the raw database.

The entries come first, his own and one for each of his orders: from then on nothing that lands brings him back,
wherever the work is broken off. The rest is done by the list alone, so that whoever comes next can finish it. What was
built and published from the raw database is left to `pipeline.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from shopstack import suppression
from shopstack.errors import UsageError
from shopstack.landing import LandedWindow, landed_windows
from shopstack.landing_writer import screen
from shopstack.project import Project
from shopstack.redaction import personal_values, roots_of
from shopstack.shopify.streams import STREAMS
from shopstack.storage import Storage
from shopstack.suppression import ORDER, Suppressions
from shopstack.tables import Stream
from shopstack.warehouse.base import Warehouse

KINDS = {
    "customers": "Customer",
    "orders": "Order",
    "draft_orders": "DraftOrder",
    "checkouts": "AbandonedCheckout",
}
"""What can be removed, by how Shopify's admin calls it in its addresses."""

_GIVEN = re.compile(
    r"(?:gid://shopify/(?P<kind>\w+)/|(?:https://)?\S*/(?P<page>\w+)/|#)?(?P<number>[0-9]{1,20})(?:[/?]\S*)?"
)


@dataclass(frozen=True)
class Subject:
    """Who is to be removed: a customer, or what a guest left behind (an order)."""

    shop: str
    gid: str

    @property
    def number(self) -> str:
        """As in the address of his page in Shopify's admin."""
        return self.gid.rpartition("/")[2]


@dataclass(frozen=True)
class Traces:
    """What is known of him before anything is changed."""

    orders: frozenset[str]
    """The ids of his orders, as far as they were ever read."""
    values: frozenset[str]
    """The texts in the personal columns of all that is his."""


@dataclass(frozen=True)
class Redacted:
    """What was done to what had been read."""

    windows: int
    """Landed windows that were written anew."""
    lines: int
    rows: int
    """Rows of the raw database."""

    @property
    def sentence(self) -> str:
        """One line for a person."""
        return f"{self.lines:,} lines in {self.windows:,} landed windows, {self.rows:,} changes of raw rows"


def gid_of(given: str, *, order: bool) -> str:
    """The id that a person means: a number, a gid, or the address of a page in Shopify's admin.

    Raises:
        UsageError: it is none.
    """
    found = _GIVEN.fullmatch(given.strip())
    kind = "Order" if order else "Customer"
    if found:
        named = found["kind"] or KINDS.get(found["page"] or "", "" if found["page"] else kind)
        if named in KINDS.values() and (not order or named == "Order") and "#" not in given:
            return f"gid://shopify/{named}/{found['number']}"
    raise UsageError(
        f"That is not the id of {'an order' if order else 'a customer'}.",
        why="A number is needed, as at the end of the page's address in Shopify's admin "
        f"(…/{'orders' if order else 'customers'}/7200000000001), or a gid.",
        hint=f"shopstack redact {'--order ' if order else ''}7200000000001",
    )


def subject(project: Project, warehouse: Warehouse, given: str, *, order: bool, shop: str) -> Subject:
    """Who is meant, in which shop.

    Raises:
        UsageError: the id is none, the shop is not told or unknown.
    """
    gid = gid_of(given, order=order)
    storage = project.stored("landing")
    shops = dict.fromkeys([*warehouse.shops(), *(one for one in storage.names("") if storage.names(one))])
    if shop and shop not in shops:
        raise UsageError(
            f"Nothing was read of a shop {shop!r}.",
            why=f"The shops here are {', '.join(shops)}." if shops else "Nothing was read of any shop yet.",
            hint="shopstack redact --help",
        )
    if not shops:
        raise UsageError(
            "There is nobody to remove.", why="Nothing was read of any shop yet.", hint="shopstack run"
        )
    if not shop and len(shops) > 1:
        raise UsageError(
            "It must be said which shop's customer is meant.",
            why=f"The shops here are {', '.join(shops)}.",
            hint=f"shopstack redact {given} --shop {next(iter(shops))}",
        )
    return Subject(shop or next(iter(shops)), gid)


def traces_of(project: Project, warehouse: Warehouse, who: Subject, *, now: datetime) -> Traces:
    """His orders and the texts in his personal columns, in the raw database and in what was landed.

    Raises:
        UsageError: nothing knows him, and he was not removed before either.
    """
    storage = project.stored("landing")
    stored = bool(warehouse.shops())
    if stored:
        warehouse.prepare(STREAMS)
    him = Suppressions(who.shop).entered([who.gid], now)
    orders: set[str] = set()
    for stream in (one for one in STREAMS if one.root.type_name == ORDER):
        if stored:
            orders |= warehouse.roots_of(stream, him)
        for landed in landed_windows(storage, who.shop, stream.name):
            with landed.at_hand() as files:
                orders |= roots_of(files, stream, him)
    all_of_him = him.entered(orders, now)
    found = warehouse.personal_values(STREAMS, all_of_him) if stored else None
    known, values = found is not None, found or set()
    for landed, declared in _windows(storage, who.shop):
        with landed.at_hand() as files:
            here, texts = personal_values(files, declared, all_of_him)
        known, values = known or here, values | texts
    if not known and not suppression.read(storage, who.shop).covers(who.gid):
        raise UsageError(
            f"{who.shop} has no {'customer' if 'Customer' in who.gid else 'order'} {who.number}.",
            why="Neither the raw database nor what was landed knows of one.",
            hint="find the number in Shopify's admin: the address of the page ends with it; a guest is removed by "
            "shopstack redact --order NUMBER",
        )
    return Traces(frozenset(orders), frozenset(values))


def enter(project: Project, who: Subject, orders: Iterable[str], *, now: datetime) -> None:
    """Enter him and his orders into the list, in one step. The caller holds the project's run lock.

    Raises:
        DataError: the list cannot be read.
    """
    storage = project.stored("landing")
    suppression.write(storage, suppression.read(storage, who.shop).entered([who.gid, *orders], now))


def redact(project: Project, warehouse: Warehouse, shop: str, *, now: datetime) -> Redacted:
    """Take all who are listed out of everything that was read. The caller holds the project's run lock.

    Raises:
        IncompleteError: a landed file is missing or was changed. DataError: the list cannot be read.
    """
    storage = project.stored("landing")
    listed = suppression.read(storage, shop)
    for stream in _folders(storage, shop):
        storage.sweep(f"{shop}/{stream}")
    windows = lines = 0
    for landed, declared in _windows(storage, shop):
        changed = screen(storage, landed, declared, listed, now)
        windows, lines = windows + (changed > 0), lines + changed
    rows = 0
    if warehouse.shops():
        warehouse.prepare(STREAMS)
        rows = warehouse.redact(STREAMS, listed)
    return Redacted(windows, lines, rows)


def interrupted(project: Project) -> dict[str, datetime]:
    """The shops of which a removal was begun and not finished, and when it began (UTC).

    Raises:
        DataError: a list cannot be read.
    """
    return suppression.interrupted(project.stored("landing"))


def interruption(shop: str, begun: datetime) -> tuple[str, str]:
    """In words, that a removal was broken off, and what finishes it; ``begun`` in UTC."""
    said = f"the removal of a customer of {shop}, begun {begun:%Y-%m-%d %H:%M:%S} (UTC), was interrupted"
    return said, "shopstack run (it finishes it), or the same shopstack redact again"


def note_finished(project: Project, shop: str, *, now: datetime) -> None:
    """Note that nothing of those who are listed is left."""
    storage = project.stored("landing")
    suppression.write(storage, suppression.read(storage, shop).finished(now))


def _folders(storage: Storage, shop: str) -> Iterator[str]:
    """The streams of which something was landed, those declared no more included."""
    return (one for one in storage.names(shop) if one != suppression.FILE)


def _windows(storage: Storage, shop: str) -> Iterator[tuple[LandedWindow, Stream | None]]:
    declared = {stream.name: stream for stream in STREAMS}
    for name in _folders(storage, shop):
        for landed in list(landed_windows(storage, shop, name)):
            yield landed, declared.get(name)
