"""Rules of the package that no row can break: what its manifest says of the models, held against what must be so.

A rule is a function from dbt's manifest to the names of what breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Manifest = Mapping[str, Any]

_BY_CUSTOMER = re.compile(r"(partition|group) by[^()]*\bcustomer_key\b")
"""Rows of several orders that are looked at together."""


def _models(manifest: Manifest) -> Iterator[dict[str, Any]]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["package_name"] == "shopstack":
            yield node


def incremental(manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Models of which a build makes a part."""
    return (one for one in _models(manifest) if one["config"]["materialized"] == "incremental")


def untested(manifest: Manifest) -> list[str]:
    """Models of serving and reporting that no data test is attached to: `test:` for `tests:` is no error for dbt."""
    tested = {
        one.get("attached_node") for one in manifest["nodes"].values() if one["resource_type"] == "test"
    }
    return [
        model["name"]
        for model in _models(manifest)
        if model["schema"] in ("serving", "reporting") and model["unique_id"] not in tested
    ]


def not_by_order(manifest: Manifest) -> list[str]:
    """Incremental models that do not take the place of whole orders; a misspelt setting is no error for dbt."""
    return [
        model["name"]
        for model in incremental(manifest)
        if (model["config"].get("unique_key"), model["config"].get("incremental_strategy"))
        != ("order_key", "delete+insert")
    ]


def history_in_increments(manifest: Manifest) -> list[str]:
    """Incremental models that look at all orders of a customer, of which an increment has some."""
    return [model["name"] for model in incremental(manifest) if _BY_CUSTOMER.search(model["raw_code"])]


RULES: dict[str, Callable[[Manifest], list[str]]] = {
    "every model of serving and reporting has a test": untested,
    "increments are whole orders": not_by_order,
    "no increment tells a customer's history": history_in_increments,
}
"""Name -> rule."""
