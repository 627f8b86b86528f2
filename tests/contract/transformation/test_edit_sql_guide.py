"""The guide "Change or add SQL", followed to the letter in a new project: its own files are written, its commands typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from shopstack.project import Project
from shopstack.scaffold import create_project
from tests.contract.transformation.conftest import Built
from tests.contract.transformation.raw_shop import SHOP
from tests.docs.pages import page

pytestmark = pytest.mark.xdist_group("builds")

GUIDE = "docs/guides/edit-sql.md"
FOLLOWED = ("A table of your own", "Try it first", "Replace one of the engine's tables", "Put them up")
"""Its sections that build on each other; what follows them has tests of its own (`test_containment`)."""

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`(transformation/[^`]+\.(?:sql|yml))`")


@dataclass(frozen=True)
class Step:
    """A block of the guide: a file to write or to change, or commands to type."""

    language: str
    text: str
    file: str
    """The file that the sentence before the block names last; of commands none."""


def steps() -> Iterator[tuple[str, Step]]:
    """Every block of the sections that are followed, in order, with its section's title."""
    for section in page(GUIDE).text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        if title in FOLLOWED:
            for match in _FENCE.finditer(body):
                named = _FILE.findall(body[: match.start()])
                yield title, Step(match[1], match[2], "" if match[1] == "sh" else named[-1])


def follow(project: Project, step: Step) -> None:
    """Do what the block says, in the project's folder."""
    if step.language == "sql":
        (project.root / step.file).write_text(step.text)
    elif step.language == "yaml":
        file = project.root / step.file
        file.write_text(yaml.safe_dump(merged(yaml.safe_load(file.read_text()), yaml.safe_load(step.text))))
    else:
        type_in(project, step.text)


def merged(into: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Keys of a YAML fragment under those that are there already, as one would write them."""
    both = {
        key: merged(into[key], more[key]) for key in into.keys() & more.keys() if isinstance(more[key], dict)
    }
    return into | more | both


def type_in(project: Project, commands: str) -> None:
    """Type the lines into a shell whose PATH has what the project's requirements install."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOPSTACK_", "DBT_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=project.root,
        env={**kept, "PATH": path, "USER": "ann", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def rows(file: Path, sql: str) -> Sequence[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


WEEKENDS = "select date_day, net_sales, orders from reporting.weekend_sales order by 1"


def test_the_guide_leads_to_a_mart_of_ones_own_and_a_replaced_one_in_the_published_catalogue(
    built: Built, tmp_path: Path
) -> None:
    project = Project.open(create_project(tmp_path / "my-shop", address=SHOP, credentials={}).root)
    shutil.copytree(built.project.storage, project.storage, dirs_exist_ok=True)
    followed = []
    for title, step in steps():
        follow(project, step)
        followed.append((title, step.language))
        if followed == [("A table of your own", "sql"), ("Try it first", "sh")]:
            own = project.warehouse / "dev_ann.duckdb"
            made = "select table_name from duckdb_tables() where database_name = 'dev_ann'"
            assert rows(own, made) == [("weekend_sales",)]
            assert rows(own, WEEKENDS)
            assert not project.published.exists()
    assert [title for title, _ in followed] == [
        FOLLOWED[0],
        FOLLOWED[1],
        *[FOLLOWED[2]] * 3,
        FOLLOWED[3],
    ]

    catalogue = project.published / "catalog.duckdb"
    weekends = (
        "select date_day, net_sales, orders from reporting.daily_sales where isodow(date_day) >= 6 order by 1"
    )
    assert rows(catalogue, WEEKENDS) == rows(catalogue, weekends) != []
    bones = "where title = 'Bone' order by date_day"
    mine = rows(
        catalogue, f"select date_day, units, net_sales, customers from reporting.product_performance {bones}"
    )
    stock = built.rows(f"select date_day, units, net_sales from reporting.product_performance {bones}")
    assert [row[:3] for row in mine] == [tuple(row.values()) for row in stock] != []
    assert {row[3] for row in mine} == {0, 1}
