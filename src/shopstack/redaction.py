"""What is left of landed files once somebody is removed.

A tree is his if a column declared as a reference to a customer names him, if one declared as a reference to an order
names one of his, or if its root itself was removed. Of such a tree only what is declared and not personal stays; his id
gives way to its stand-in wherever it stands. Who was removed is said by `suppression.py`, what a declaration says of a
line by `declared_lines.py`; when files are rewritten is decided in `landing_writer.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import uuid4

import orjson

from shopstack.declared_lines import Declared, Object
from shopstack.landing_parts import Part, PartWriter, blocks, lines
from shopstack.storage import TEMPORARY, Storage
from shopstack.suppression import CUSTOMER, Suppressions, kind_of
from shopstack.tables import Stream

_PARENT = re.compile(rb'"__parentId":"([^"]*)"')
_ID = re.compile(rb'"id":"([^"]*)"')


@dataclass(frozen=True)
class Screened:
    """What became of the parts of a window."""

    parts: tuple[Part, ...]
    replaced: tuple[str, ...]
    """Names of the files that the new ones took the place of."""
    lines: int
    """Lines that were changed."""


class _Search:
    """Those removed that are named in some files, and the lines of their trees."""

    def __init__(self, files: Sequence[str], declared: Declared, listed: Suppressions) -> None:
        self._declared = declared
        self._files = files
        self._pattern = listed.looked_for()
        self.stand_ins: dict[bytes, bytes] = {}
        """By what was found: kind and number as they stand, and what takes the number's place."""
        self.gids: set[str] = set()
        self.trees: set[str] = set()
        self._find_named(listed)
        self._grow()

    def _find_named(self, listed: Suppressions) -> None:
        if self._pattern is None:
            return
        seen: set[tuple[bytes, bytes]] = set()
        for file in self._files:
            for block in blocks(file):
                seen.update(set(self._pattern.findall(block)))
        for kind, number in seen:
            gid = f"gid://shopify/{kind.decode() or CUSTOMER}/{number.decode()}"
            if listed.covers(gid):
                self.gids.add(gid)
                self.stand_ins[b"/".join((kind or CUSTOMER.encode(), number))] = (
                    listed.stand_in(gid).rpartition("/")[2].encode()
                )

    def _grow(self) -> None:
        """Collect the ids of every object in a tree of theirs, up to the root and down, whatever the order of lines."""
        size = -1
        while self.gids and size != len(self.trees):
            size = len(self.trees)
            for line in lines(self._files):
                found = self.his(line)
                if found is not None:
                    self.trees.update(self._declared.own_ids(found))
                    if found.get("__parentId"):
                        self.trees.add(found["__parentId"])

    def his(self, line: bytes) -> Object | None:
        """The parsed line if it belongs to a tree of theirs."""
        parent = _PARENT.search(line)
        below = parent is not None and _plain(parent[1]) in self.trees
        within = below or any(_plain(one) in self.trees for one in _ID.findall(line))
        if not within and not self.mentions(line):
            return None
        try:
            found: Object = orjson.loads(line)
        except ValueError:
            return {}  # torn: nothing of it may stay, and no load takes what is left for a row
        if (
            found.get("__parentId") in self.trees
            or not self.trees.isdisjoint(self._declared.own_ids(found))
            or (self.mentions(line) and self._declared.names(found, self.gids))
        ):
            return found
        return None

    def mentions(self, line: bytes) -> bool:
        """Whether the line holds an id of theirs at all."""
        return self._pattern is not None and any(
            self._key(found) in self.stand_ins for found in self._pattern.finditer(line)
        )

    def hidden(self, text: bytes) -> bytes:
        """The text with every id of theirs replaced."""
        return self._pattern.sub(self._replaced, text) if self._pattern else text

    def _key(self, found: re.Match[bytes]) -> bytes:
        return b"/".join((found["kind"] or CUSTOMER.encode(), found["number"]))

    def _replaced(self, found: re.Match[bytes]) -> bytes:
        before = found[0][: len(found[0]) - len(found["number"])]
        return before + self.stand_ins.get(self._key(found), found["number"])


def _plain(identifier: bytes) -> str:
    return identifier.replace(b"\\/", b"/").decode()


def screened(
    storage: Storage, folder: str, parts: Sequence[Part], stream: Stream | None, listed: Suppressions
) -> Screened:
    """Write the parts that hold somebody who was removed anew, beside the old ones and without him.

    Line by line the same number stays; the old files are the caller's to remove, once nothing refers to them.
    """
    with storage.at_hand([f"{folder}/{part.name}" for part in parts]) as files:
        search = _Search(files, Declared(stream), listed)
        if not search.gids:
            return Screened(tuple(parts), (), 0)
        kept, replaced, changed = [], [], 0
        for part, file in zip(parts, files, strict=True):
            draft = f"{folder}/{TEMPORARY}{uuid4().hex[:8]}"
            written, count = _rewritten(storage.open_new(draft), part.name, file, search, Declared(stream))
            if count:
                storage.move(draft, f"{folder}/{written.name}")
                replaced.append(part.name)
                changed += count
                kept.append(written)
            else:
                storage.remove(draft)
                kept.append(part)
    return Screened(tuple(kept), tuple(replaced), changed)


def _rewritten(
    target: BinaryIO, name: str, file: str, search: _Search, declared: Declared
) -> tuple[Part, int]:
    writer = PartWriter(target, f"{name.split('.', maxsplit=1)[0]}.{uuid4().hex[:8]}.jsonl.zst")
    changed = 0
    try:
        for line in lines([file]):
            new = line
            found = search.his(line)
            if found is not None:
                new = search.hidden(orjson.dumps(declared.left_of(found))) + b"\n"
                changed += not found or orjson.loads(new) != found
            elif search.mentions(line):
                new = search.hidden(line)
                changed += new != line
            writer.write(new)
    except BaseException:
        writer.abandon()
        raise
    return writer.close(), changed


def roots_of(files: Sequence[str], stream: Stream, listed: Suppressions) -> set[str]:
    """The ids of the roots of the trees of those who are listed."""
    trees = _Search(files, Declared(stream), listed).trees
    return {gid for gid in trees if kind_of(gid) == stream.root.type_name}


def personal_values(
    files: Sequence[str], stream: Stream | None, listed: Suppressions
) -> tuple[bool, set[str]]:
    """Whether parts hold a tree of somebody who is listed, and the texts in its personal columns."""
    declared = Declared(stream)
    search = _Search(files, declared, listed)
    values: set[str] = set()
    if search.gids:
        for line in lines(files):
            found = search.his(line)
            if found is not None:
                values.update(declared.personal(found))
    return bool(search.gids), values
