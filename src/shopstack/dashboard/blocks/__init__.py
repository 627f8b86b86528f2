"""The kinds of block a page may have, by the word that begins their fence; each is a class of settings that shows itself."""

from __future__ import annotations

import difflib
import json
from typing import Any

import yaml
from pydantic import ValidationError

from shopstack.dashboard.blocks.bar import Bar
from shopstack.dashboard.blocks.base import Block, Shown
from shopstack.dashboard.blocks.figure import Figure
from shopstack.dashboard.blocks.heat import Heat
from shopstack.dashboard.blocks.listing import Listing
from shopstack.dashboard.blocks.metrics import Metrics
from shopstack.dashboard.blocks.places import Map
from shopstack.dashboard.blocks.series import Area, Line
from shopstack.dashboard.blocks.table import Table
from shopstack.dashboard.blocks.trusted import Trusted
from shopstack.dashboard.blocks.vega import VegaLite
from shopstack.dashboard.document import Fence, said
from shopstack.errors import UsageError

KINDS: dict[str, type[Block]] = {
    "metrics": Metrics,
    "figure": Figure,
    "line": Line,
    "area": Area,
    "bar": Bar,
    "map": Map,
    "table": Table,
    "heat": Heat,
    "list": Listing,
    "trust": Trusted,
}
VEGA = "vega"


def read_block(fence: Fence) -> Block:
    """The block that is written in a fence.

    Raises:
        UsageError: there is no such kind, or its settings are wrong; the message names the line.
    """
    where = f"line {fence.line}"
    if fence.problem:
        raise UsageError(f"This block cannot be read ({where}).", why=fence.problem, hint="correct the page")
    try:
        if fence.kind == VEGA:
            return VegaLite.read(_specification(fence, where))
        kind = KINDS.get(fence.kind)
        if kind is None:
            kinds = [*KINDS, VEGA]
            near = difflib.get_close_matches(fence.kind, kinds, n=1)
            raise UsageError(
                f"There is no block called {fence.kind!r} ({where}).",
                why=f"The blocks are {', '.join(kinds)}, and sql for a query.",
                hint=f"did you mean {near[0]}?" if near else "choose one of them",
            )
        return kind.model_validate(yaml.safe_load(fence.text) or {})
    except json.JSONDecodeError as problem:
        raise UsageError(
            f"This block is no JSON ({where}).", why=str(problem), hint="correct the page"
        ) from problem
    except yaml.YAMLError as problem:
        raise UsageError(
            f"This block is no YAML ({where}).", why=str(problem), hint="correct the page"
        ) from problem
    except ValidationError as problem:
        raise UsageError(
            f"The settings of this block are wrong ({where}).", why=said(problem), hint="correct the page"
        ) from problem


def _specification(fence: Fence, where: str) -> dict[str, Any]:
    spec = json.loads(fence.text)
    if not isinstance(spec, dict):
        raise UsageError(
            f"This block is no specification ({where}).",
            why="A chart of Vega-Lite's is a JSON object: it begins with { and ends with }.",
            hint="correct the page",
        )
    return spec


__all__ = ["KINDS", "VEGA", "Block", "Shown", "read_block"]
