"""Who was removed: one list of hashes a shop, beside its landed windows, that all that lands later is held against.

It survives a rebuild of the raw database and holds no value of anybody's: only salted hashes, and when they were
entered. Taking somebody out of lines is left to `redaction.py`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property

import orjson

from shopstack.errors import DataError
from shopstack.storage import Storage

FILE = "suppressed.json"
CUSTOMER, ORDER = "Customer", "Order"

REDACTED = "redacted-"
"""What the number of a removed customer begins with from then on."""

KEY_LENGTH = 16
"""Characters of the hash that tell removed customers apart, so that their orders still belong together."""


def kind_of(gid: str) -> str:
    """The type that a gid names (``Customer``)."""
    return gid.split("/")[3] if gid.startswith("gid://shopify/") and gid.count("/") == 4 else ""


@dataclass(frozen=True)
class Entry:
    """Somebody who was removed, known by a hash alone. Times are UTC."""

    hash: str
    kind: str
    """Type of what was removed: ``Customer``; ``Order`` for each of his orders, and where a guest was removed."""
    entered_at: datetime
    finished_at: datetime | None = None
    """When nothing of it was left; None while a removal is under way, or was broken off."""


@dataclass(frozen=True)
class Suppressions:
    """The list of one shop."""

    shop: str
    salt: str = ""
    entries: tuple[Entry, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def prefix(self) -> str:
        """What an id is hashed with, put before it: the hash is SHA-256, in hexadecimal digits."""
        return f"{self.salt}|{self.shop}|"

    def hash_of(self, gid: str) -> str:
        """What stands for an id in this list."""
        return hashlib.sha256(f"{self.prefix}{gid}".encode()).hexdigest()

    @cached_property
    def _hashes(self) -> frozenset[str]:
        return frozenset(one.hash for one in self.entries)

    @property
    def kinds(self) -> frozenset[str]:
        """The types that are to be looked for."""
        return frozenset(one.kind for one in self.entries)

    def covers(self, gid: str) -> bool:
        """Whether what the id names was removed."""
        return self.hash_of(gid) in self._hashes

    def stand_in(self, gid: str) -> str:
        """What takes the place of an id that was removed: a customer's is hidden, an order's is kept with its money."""
        if kind_of(gid) != CUSTOMER:
            return gid
        return f"gid://shopify/{CUSTOMER}/{REDACTED}{self.hash_of(gid)[:KEY_LENGTH]}"

    def renamed(self, gid: str) -> str:
        """The id, or its stand-in where it was removed."""
        return self.stand_in(gid) if self and kind_of(gid) in self.kinds and self.covers(gid) else gid

    def entered(self, gids: Iterable[str], at: datetime) -> Suppressions:
        """The list with these in it, and a removal of them under way; each stands there once."""
        begun = self if self.salt else replace(self, salt=secrets.token_hex(16))
        kinds = {begun.hash_of(gid): kind_of(gid) for gid in gids}
        known = {
            one.hash: replace(one, finished_at=None) if one.hash in kinds else one for one in begun.entries
        }
        new = (Entry(one, kind, at) for one, kind in kinds.items() if one not in known)
        return replace(begun, entries=(*known.values(), *new))

    def finished(self, at: datetime) -> Suppressions:
        """The list, saying that nothing of anybody in it is left."""
        return replace(
            self, entries=tuple(replace(one, finished_at=one.finished_at or at) for one in self.entries)
        )

    @property
    def begun_at(self) -> datetime | None:
        """When the removal began that is under way, or was broken off (UTC); None where all are finished."""
        return min((one.entered_at for one in self.entries if one.finished_at is None), default=None)

    def looked_for(self) -> re.Pattern[bytes] | None:
        """Finds every id of a type that is looked for, as JSON may spell it; None where there is nothing to look for.

        A customer is also found by his address in Shopify's admin (``…/customers/123``). Group ``kind`` is empty then.
        """
        if not self.entries:
            return None
        kinds = b"|".join(re.escape(kind).encode() for kind in sorted(self.kinds))
        slash = rb"\\?/"
        gid = rb"gid:" + slash * 2 + b"shopify" + slash + b"(?P<kind>" + kinds + b")" + slash
        page = rb"|(?<=customers/)|(?<=customers\\/)" if CUSTOMER in self.kinds else b""
        return re.compile(b"(?:" + gid + page + rb")(?P<number>[0-9]+)")


def read(storage: Storage, shop: str) -> Suppressions:
    """The list of a shop; an empty one where nobody was removed.

    Raises:
        DataError: it cannot be read. Nothing may be landed then: it might bring somebody back.
    """
    if not storage.exists(f"{shop}/{FILE}"):
        return Suppressions(shop)
    try:
        found = orjson.loads(storage.read(f"{shop}/{FILE}"))
        return Suppressions(shop, str(found["salt"]), tuple(_entry(one) for one in found["entries"]))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DataError(
            "The list of removed customers cannot be read.",
            why=f"{storage.shown(f'{shop}/{FILE}')}: {problem}",
            hint="put the file back from a backup; without it removed customers would be read again",
        ) from problem


def _entry(found: dict[str, str]) -> Entry:
    finished = found["finished_at"]
    return Entry(
        hash=found["hash"],
        kind=found["kind"],
        entered_at=datetime.fromisoformat(found["entered_at"]),
        finished_at=datetime.fromisoformat(finished) if finished else None,
    )


def write(storage: Storage, listed: Suppressions) -> None:
    """Keep the list, in one step and through a power failure: without it a removed customer would be read again."""
    content = {"salt": listed.salt, "entries": [asdict(one) for one in listed.entries]}
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
    storage.replace(f"{listed.shop}/{FILE}", orjson.dumps(content, option=options) + b"\n", flushed=True)


def interrupted(storage: Storage) -> dict[str, datetime]:
    """The shops of which a removal was begun and not finished, and when it began (UTC).

    Raises:
        DataError: a list cannot be read.
    """
    begun = {shop: read(storage, shop).begun_at for shop in storage.names("")}
    return {shop: at for shop, at in begun.items() if at is not None}
