"""Each mistake of public models, made on purpose in a copy of the package, is noticed by the tests that are named for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from shopstack.project import Project
from shopstack.shopify.streams import ORDERS
from shopstack.tables import ROOT_ID
from shopstack.transformation.command import environment_of
from shopstack.transformation.runner import target_folder
from tests.contract.transformation.conftest import TODAY, Built
from tests.contract.transformation.held import MISTAKES
from tests.contract.transformation.mutations import MUTATIONS, OF_INCREMENTS, Mutation
from tests.contract.transformation.raw_shop import Order, RawShop
from tests.contract.transformation.structure import RULES, Manifest, incremental

pytestmark = pytest.mark.xdist_group("builds")

PACKAGE = Path("packages/shopstack")


def manifest_of(project: Project) -> Manifest:
    manifest: Manifest = json.loads((target_folder(project) / "manifest.json").read_text())
    return manifest


def copy_of(built: Built, folder: Path) -> Project:
    """The built project in another folder, with its tables and with dbt's parsed state."""
    shutil.copytree(built.project.root, folder, ignore=shutil.ignore_patterns("runs"))
    return Project.open(folder)


def dbt(project: Project, *arguments: str) -> dict[str, str]:
    """Run dbt over the tables of prod as the engine does, unit tests too; name -> status of what ran."""
    target = target_folder(project)
    calendar = project.config.calendar
    variables = {
        "week_start": calendar.week_start,
        "fiscal_year_start_month": calendar.fiscal_year_start_month,
        "today": TODAY.isoformat(),
    }
    (target / "run_results.json").unlink(missing_ok=True)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *("--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check"),
            *arguments,
            *("--target-path", str(target), "--vars", orjson.dumps(variables).decode()),
        ],
        cwd=project.transformation,
        env=environment_of(project, "prod", 2),
        capture_output=True,
        text=True,
        check=False,
    )
    results = target / "run_results.json"
    assert results.is_file(), done.stdout + done.stderr
    found = json.loads(results.read_text())["results"]
    return {one["unique_id"].split(".")[-1]: one["status"] for one in found}


def macro_files(manifest: Manifest, node: dict[str, Any]) -> set[str]:
    """Files of the macros that a node calls, and of those that they call."""
    files: set[str] = set()
    seen: set[str] = set()
    left = list(node["depends_on"]["macros"])
    while left:
        name = left.pop()
        if name not in seen and name.startswith("macro.shopstack."):
            seen.add(name)
            macro = manifest["macros"][name]
            files.add(macro["original_file_path"])
            left += macro["depends_on"]["macros"]
    return files


def read_by(manifest: Manifest, mutation: Mutation) -> set[str]:
    """Files of the package of which the outcome of what notices a mistake is made."""
    models = {one["name"]: one for one in manifest["nodes"].values() if one["resource_type"] == "model"}
    tests = {one["name"]: one for one in manifest["unit_tests"].values()}
    nodes = [models[name] for name in mutation.builds]
    nodes += [models[tests[name]["model"]] for name in mutation.noticed_by if name in tests]
    files = {str(one["original_file_path"]) for one in nodes} | {mutation.file}
    return files.union(*(macro_files(manifest, one) for one in nodes))


def rounds(manifest: Manifest, mutations: Iterable[Mutation]) -> list[list[Mutation]]:
    """Mistakes that can be made in one copy: none is in a file that what notices another one reads."""
    made: list[list[Mutation]] = []
    for mutation in mutations:
        reads = read_by(manifest, mutation)
        for together in made:
            if all(one.file not in reads and mutation.file not in read_by(manifest, one) for one in together):
                together.append(mutation)
                break
        else:
            made.append([mutation])
    return made


def test_the_package_keeps_its_rules(built: Built) -> None:
    manifest = manifest_of(built.project)
    assert {name: broken for name, rule in RULES.items() if (broken := rule(manifest))} == {}


def test_what_notices_a_mistake_reads_the_file_in_which_it_is_made(built: Built) -> None:
    manifest = manifest_of(built.project)
    tests = {one["name"]: one for one in manifest["unit_tests"].values()}
    for mutation in MUTATIONS:
        for name in set(mutation.noticed_by) & set(tests):
            alone = Mutation(mutation.mistake, "", (), (name,))
            assert mutation.file in read_by(manifest, alone), (mutation, name)


def test_every_mistake_is_made_and_noticed(built: Built, tmp_path: Path) -> None:
    planned = rounds(manifest_of(built.project), MUTATIONS)
    assert len(planned) <= 3, [[one.file for one in together] for together in planned]
    unnoticed = []
    for number, together in enumerate(planned):
        project = copy_of(built, tmp_path / str(number))
        for mutation in together:
            mutation.make(project.transformation / PACKAGE)
        built_anew = [name for one in together for name in one.builds]
        if built_anew:
            assert set(dbt(project, "run", "--select", *built_anew).values()) == {"success"}
        named = {name for one in together for name in one.noticed_by} - set(RULES)
        statuses = dbt(project, "test", "--select", *named)
        manifest = manifest_of(project)
        for one in together:
            for name in one.noticed_by:
                noticed = RULES[name](manifest) if name in RULES else statuses.get(name) == "fail"
                if not noticed:
                    unnoticed.append((one.mistake, one.file, name, statuses.get(name)))
        shutil.rmtree(project.root)
    assert not unnoticed


def trade_on(project: Project) -> None:
    """One more load: an old order without one of its lines and with one payment more, and an order that came in late.

    That one is of an old customer, and of the day of the last order that was shipped. In between one order was loaded and
    built, so that an increment leaves most orders alone.
    """
    with duckdb.connect(str(project.database("prod"))) as prod:
        prod.execute("update serving.fct_orders set load_id = 2 where order_name = '#CENT'")
    raw = RawShop.again(project.warehouse, load_id=3)
    (between,) = raw.connection.execute("select id from shopify.orders where name = '#CENT'").fetchall()
    (old,) = raw.connection.execute(
        "select _root_id from shopify.order_line_taxes group by all having count(*) > 1 order by all limit 1"
    ).fetchall()
    (line,) = raw.connection.execute(
        "select id from shopify.order_lines where _root_id = ? order by id limit 1", old
    ).fetchall()
    for table in ORDERS.tables:
        root = ROOT_ID.name if table.parent else "id"
        for load, order in ((2, between), (3, old)):
            raw.connection.execute(
                f"update shopify.{table.name} set _load_id = {load} where {root} = ?", order
            )
    raw.connection.execute("delete from shopify.order_lines where id = ?", line)
    Order(raw, old[0], "2026-04-30 18:00:00").transaction("SALE", "1")
    late = raw.order("2026-04-26 19:00:00", original="10", current="10", customer=7)
    late.agreement("ORDER", "2026-04-26 19:00:00").sale("PRODUCT", "10", quantity=1)
    late.transaction("SALE", "10")
    raw.insert(
        "order_fulfillments",
        id=raw.next_id("Fulfillment"),
        status="SUCCESS",
        created_at="2026-04-29 06:30:00",
        total_quantity=1,
        _root_id=late.id,
        _parent_id=late.id,
    )
    raw.close()


def test_every_mistake_of_an_increment_is_made_and_noticed(built: Built, tmp_path: Path) -> None:
    project = copy_of(built, tmp_path / "shop")
    for mutation in OF_INCREMENTS:
        mutation.make(project.transformation / PACKAGE)
    trade_on(project)
    names = [one["name"] for one in incremental(manifest_of(built.project))] + ["int_order_numbers"]
    made: list[dict[str, list[tuple[Any, ...]]]] = []
    for how in ((), ("--full-refresh",)):
        assert set(dbt(project, "run", "--select", *names, *how).values()) == {"success"}
        with duckdb.connect(str(project.database("prod")), read_only=True) as prod:
            tables = prod.execute(
                "select table_schema || '.' || table_name from information_schema.tables "
                "where table_name in (select unnest($names)) order by all",
                {"names": names},
            ).fetchall()
            made.append({name: prod.execute(f"from {name} order by all").fetchall() for (name,) in tables})
    increment, whole = made
    differing = {name for name, rows in whole.items() if rows != increment[name]}
    noticing = {name for one in OF_INCREMENTS for name in one.noticed_by}
    assert differing == noticing - set(RULES)
    assert len(whole) > len(differing)
    manifest = manifest_of(project)
    for name in noticing & set(RULES):
        wanted = {Path(one.file).stem for one in OF_INCREMENTS if name in one.noticed_by}
        assert set(RULES[name](manifest)) == wanted, name


def test_every_mistake_of_the_list_is_made() -> None:
    assert {one.mistake for one in (*MUTATIONS, *OF_INCREMENTS)} == set(MISTAKES)
