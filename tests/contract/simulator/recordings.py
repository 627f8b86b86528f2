"""Reads recorded exchanges: queries with variables and the answers that real shops gave."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer."""

    source: str
    query: str
    variables: dict[str, Any]
    answer: dict[str, Any]

    @property
    def cost(self) -> int | None:
        """The requested cost that the shop reported, if it did."""
        cost: int | None = self.answer.get("extensions", {}).get("cost", {}).get("requestedQueryCost")
        return cost

    @property
    def is_query(self) -> bool:
        """Whether it reads only."""
        return re.search(r"^\s*mutation\b", self.query, re.MULTILINE) is None


def exchanges(folder: Path) -> list[Exchange]:
    """Every exchange in every recording, each query with the same variables once."""
    seen: dict[tuple[str, str], Exchange] = {}
    for file in sorted(folder.glob("recordings/*/*.json")):
        for exchange in found_in(json.loads(file.read_text()), file.stem):
            seen.setdefault((exchange.query, json.dumps(exchange.variables, sort_keys=True)), exchange)
    return list(seen.values())


def found_in(tree: Any, source: str) -> Iterator[Exchange]:
    """The exchanges anywhere below a place in a recording."""
    if isinstance(tree, dict):
        request = tree.get("request") if isinstance(tree.get("request"), dict) else tree
        assert isinstance(request, dict)
        answer = answer_in(tree.get("response"))
        if isinstance(request.get("query"), str) and answer and "{" in request["query"]:
            yield Exchange(source, request["query"], request.get("variables") or {}, answer)
        for value in tree.values():
            yield from found_in(value, source)
    elif isinstance(tree, list):
        for value in tree:
            yield from found_in(value, source)


def answer_in(response: Any) -> dict[str, Any] | None:
    """The GraphQL answer in a recorded response, which may be wrapped."""
    if not isinstance(response, dict):
        return None
    for wrapper in ("body", "payload"):
        if isinstance(response.get(wrapper), dict):
            return answer_in(response[wrapper])
    return response if "data" in response or "errors" in response else None


def differences(recorded: Any, simulated: Any, path: str = "") -> list[str]:
    """Where two answers differ in shape: other keys, or another kind of scalar; nulls and empty lists fit anything."""
    if recorded is None or simulated is None:
        return []
    if isinstance(recorded, dict):
        # A recorded answer may lack keys of its query (one was kept shorter), never the other way round.
        if not isinstance(simulated, dict) or list(recorded) != [key for key in simulated if key in recorded]:
            return [f"{path}: {recorded!r:.80} and {simulated!r:.80}"]
        return [
            each for key in recorded for each in differences(recorded[key], simulated[key], f"{path}.{key}")
        ]
    if isinstance(recorded, list):
        if not isinstance(simulated, list):
            return [f"{path}: a list and {simulated!r:.80}"]
        return differences(recorded[0], simulated[0], f"{path}[]") if recorded and simulated else []
    return [] if form_of(recorded) == form_of(simulated) else [f"{path}: {recorded!r} and {simulated!r}"]


def form_of(value: Any) -> str:
    """What a scalar looks like: its type, and for text whether it is an id, a time, an amount or a word."""
    if not isinstance(value, str):
        return type(value).__name__
    for name, pattern in (
        ("id", r"gid://shopify/\w+/\d+(\?.*)?"),
        ("time", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("amount", r"-?\d+\.\d{1,3}"),
    ):
        if re.fullmatch(pattern, value):
            return name
    return "text"
