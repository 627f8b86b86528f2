"""Whose a failure is: the engine's, which stops publishing, or the merchant's own, which stops his table alone.

Of a failed table of his own, and of what is made from it, the last good rows stay up. The engine's facts and dimensions,
and the marts that prove the others true, are never held back: where one of them depends on a failed table of the
merchant's, nothing is published (decision 0022).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from shopstack.transformation.results import NodeResult

ENGINE = "shopstack"
"""The engine's dbt package; every other one is the merchant's."""

PROOF = frozenset({"completeness", "order_ties", "reconciliation"})
"""Marts that say whether the others are true, and so must be of the same build."""

MADE = frozenset({"model", "seed", "snapshot"})


@dataclass(frozen=True)
class HeldBack:
    """A table that the build did not renew, since something of the merchant's own failed."""

    table: str
    """`schema.name`, as it is published."""
    why: str
    hint: str


@dataclass(frozen=True)
class Containment:
    """The failures of one build, told apart."""

    grave: tuple[NodeResult, ...] = ()
    """What stops publishing."""
    own: tuple[NodeResult, ...] = ()
    """What failed of the merchant's own."""
    held_back: tuple[HeldBack, ...] = ()
    """The tables that are not renewed because of it."""
    essential: tuple[str, ...] = ()
    """Tables among those that all else is read with; where there are any, the own failures are grave too."""

    @property
    def is_sound(self) -> bool:
        """Whether what was built may be published, but for what is held back."""
        return not self.grave and not self.essential


@dataclass(frozen=True)
class _Graph:
    """What dbt's manifest says of nodes: whose they are, and what is made from what."""

    nodes: Mapping[str, Mapping[str, Any]]
    children: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, folder: Path) -> _Graph:
        file = folder / "manifest.json"
        manifest: Mapping[str, Any] = orjson.loads(file.read_bytes()) if file.is_file() else {}
        return cls(manifest.get("nodes", {}), manifest.get("child_map", {}))

    def is_own(self, node: str) -> bool:
        return package_of(node) != ENGINE

    def accused(self, failed: str) -> tuple[str, ...]:
        """The merchant's tables that a failure is about; none where it is the engine's.

        A test of the merchant's that reads his table beside the engine's says that his is wrong. One of the engine's
        that does is no proof of that: any of the tables may be.
        """
        if kind_of(failed) in MADE:
            return (failed,) if self.is_own(failed) else ()
        test = self.nodes.get(failed, {})
        attached = test.get("attached_node")
        if attached:
            return (attached,) if self.is_own(attached) else ()
        read = [one for one in test.get("depends_on", {}).get("nodes", ()) if kind_of(one) in MADE]
        own = tuple(one for one in read if self.is_own(one))
        return own if self.is_own(failed) or len(own) == len(read) else ()

    def made_from(self, node: str) -> Iterable[str]:
        """The node itself and every table that is made from it, however many lie between."""
        seen: dict[str, None] = {}
        ahead = [node]
        while ahead:
            one = ahead.pop()
            if one not in seen and kind_of(one) in MADE:
                seen[one] = None
                ahead += self.children.get(one, ())
        return seen

    def is_essential(self, node: str) -> bool:
        """Whether the table may not be of another build than the rest: a fact or dimension of the engine's, or proof."""
        of_the_engine = not self.is_own(node) and self.nodes.get(node, {}).get("schema") == "serving"
        return of_the_engine or name_of(node) in PROOF

    def relation(self, node: str) -> str:
        """Schema and name of what the node makes in the database."""
        known = self.nodes.get(node, {})
        return f"{known.get('schema', '')}.{known.get('alias') or name_of(node)}"

    def hint(self, node: str) -> str:
        """What to mend, and what to type then."""
        file = self.nodes.get(node, {}).get("original_file_path", "")
        return f"mend transformation/{file}, then: shopstack run" if file else "shopstack build"


def kind_of(node: str) -> str:
    """What a node of dbt's is: `model`, `test`, …"""
    return node.split(".", 1)[0]


def package_of(node: str) -> str:
    """The dbt package that a node belongs to."""
    return node.split(".")[1]


def name_of(node: str) -> str:
    """The name that models call it by."""
    return node.split(".")[2]


def contain(folder: Path, results: Sequence[NodeResult]) -> Containment:
    """Tell the failures of the build apart that wrote its artifacts to ``folder``; ``results`` are its results."""
    if not any(result.outcome == "failed" for result in results):
        return Containment()
    graph = _Graph.read(folder)
    entries = orjson.loads((folder / "run_results.json").read_bytes())["results"]
    grave: list[NodeResult] = []
    own: list[NodeResult] = []
    held: dict[str, HeldBack] = {}
    essential: dict[str, None] = {}
    for entry, result in zip(entries, results, strict=True):
        if result.outcome != "failed":
            continue
        accused = graph.accused(entry["unique_id"])
        if not accused:
            grave.append(result)
            continue
        own.append(result)
        for table in accused:
            reason = HeldBack("", _why(result, name_of(table)), graph.hint(table))
            for node in graph.made_from(table):
                name = graph.relation(node)
                held.setdefault(name, HeldBack(name, reason.why, reason.hint))
                if graph.is_essential(node):
                    essential[name] = None
    return Containment(tuple(grave), tuple(own), tuple(held.values()), tuple(essential))


def _why(result: NodeResult, table: str) -> str:
    """What happened to a table, with the database's complaint."""
    if result.is_test:
        return f"A test of {table} failed: {result.sentence}."
    return f"{table} could not be built: {result.cause}".rstrip(".") + "."
