"""Whose a failure is, and what it takes down with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from shopstack.transformation.containment import Containment, contain
from shopstack.transformation.results import read_results

MART = "model.my_shop.my_mart"
AFTER = "model.my_shop.after_it"
FACT = "model.shopstack.fct_sales"
DAILY = "model.my_shop.daily_sales"
GROWTH = "model.shopstack.growth"
PROOF = "model.shopstack.reconciliation"
COSTS = "seed.my_shop.product_costs"
COSTED = "model.shopstack.int_costs"
MARGIN = "model.shopstack.contribution_margin"
DIMENSION = "model.shopstack.dim_products"

PARENTS = {MART: [FACT], AFTER: [MART], DAILY: [FACT], GROWTH: [DAILY], PROOF: [DAILY]}
PARENTS |= {COSTED: [COSTS], MARGIN: [COSTED], DIMENSION: [COSTED]}
SCHEMAS = {FACT: "serving", DIMENSION: "serving", COSTS: "seeds", COSTED: "intermediate"}


def build(
    folder: Path, failed: str, *skipped: str, tests: dict[str, Any] | None = None, without: str = ""
) -> Containment:
    """What is made of a build in which one node failed and others were skipped."""
    nodes: dict[str, Any] = {
        name: {
            "schema": SCHEMAS.get(name, "reporting"),
            "original_file_path": f"models/{name.split('.')[2]}.sql",
            "depends_on": {"nodes": PARENTS.get(name, [])},
        }
        for name in {*PARENTS, *SCHEMAS}
    } | (tests or {})
    children: dict[str, list[str]] = {}
    for name, parents in PARENTS.items():
        for parent in parents if name != without else ():
            children.setdefault(parent, []).append(name)
    entries = [(failed, "error"), *((one, "skipped") for one in skipped)]
    results = [
        {"unique_id": one, "status": status, "execution_time": 0, "failures": 3, "message": "x\n  no column"}
        for one, status in entries
    ]
    (folder / "run_results.json").write_bytes(orjson.dumps({"results": results}))
    (folder / "manifest.json").write_bytes(orjson.dumps({"nodes": nodes, "child_map": children}))
    return contain(folder, read_results(folder) or ())


def held(found: Containment) -> set[str]:
    return {one.table for one in found.held_back}


def test_a_mart_of_the_merchants_takes_down_itself_and_what_is_made_from_it(tmp_path: Path) -> None:
    found = build(tmp_path, MART, AFTER)
    assert found.is_sound
    assert held(found) == {"reporting.my_mart", "reporting.after_it"}
    assert {one.why for one in found.held_back} == {"my_mart could not be built: no column."}
    assert found.held_back[0].hint == "mend transformation/models/my_mart.sql, then: shopstack run"


def test_a_model_of_the_engines_stops_publishing(tmp_path: Path) -> None:
    found = build(tmp_path, FACT, MART)
    assert not found.is_sound
    assert held(found) == set()


@pytest.mark.parametrize(
    ("test", "attached", "read", "about"),
    [
        ("test.my_shop.mart_is_sound", MART, [MART, FACT], {"reporting.my_mart", "reporting.after_it"}),
        ("test.shopstack.sound", MART, [MART], {"reporting.my_mart", "reporting.after_it"}),
        ("test.my_shop.mart_ties", None, [MART, FACT], {"reporting.my_mart", "reporting.after_it"}),
        ("test.shopstack.only_own", None, [AFTER], {"reporting.after_it"}),
        ("test.my_shop.of_the_fact", FACT, [FACT, MART], None),
        ("test.my_shop.reads_the_fact", None, [FACT], None),
        ("test.shopstack.marts_add_up", None, [FACT, MART], None),
        ("test.my_shop.reads_nothing", None, [], None),
    ],
)
def test_a_test_is_the_merchants_where_it_is_about_a_table_of_his(
    tmp_path: Path, test: str, attached: str | None, read: list[str], about: set[str] | None
) -> None:
    node = {"attached_node": attached, "depends_on": {"nodes": [*read, "macro.my_shop.sound"]}}
    found = build(tmp_path, test, tests={test: node})
    assert found.is_sound is (about is not None)
    assert held(found) == (about or set())


def test_a_replaced_stock_mart_takes_down_stock_marts_but_never_the_proof(tmp_path: Path) -> None:
    found = build(tmp_path, DAILY, GROWTH, PROOF)
    assert not found.is_sound
    assert found.essential == ("reporting.reconciliation",)
    found = build(tmp_path, DAILY, GROWTH, without=PROOF)
    assert found.is_sound
    assert held(found) == {"reporting.daily_sales", "reporting.growth"}


def test_a_fact_or_dimension_is_never_of_another_build(tmp_path: Path) -> None:
    found = build(tmp_path, COSTS, COSTED, MARGIN, DIMENSION)
    assert not found.is_sound
    assert found.essential == ("serving.dim_products",)


def test_a_spreadsheet_that_fails_takes_down_only_the_marts_made_from_it(tmp_path: Path) -> None:
    found = build(tmp_path, COSTS, COSTED, MARGIN, without=DIMENSION)
    assert found.is_sound
    assert held(found) == {"seeds.product_costs", "intermediate.int_costs", "reporting.contribution_margin"}


def test_a_build_without_failures_holds_nothing_back(tmp_path: Path) -> None:
    (tmp_path / "run_results.json").write_bytes(orjson.dumps({"results": []}))
    assert contain(tmp_path, ()) == Containment()
