"""Nobody loses the version that he reads, and old ones do not pile up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shopstack.project import Project
from shopstack.publish import open_published, publish_version
from shopstack.publish.catalog import catalog_file
from tests.unit.publish.test_versions import change_warehouse, total

MORNING = datetime(2026, 1, 31, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

ASK = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as catalog:
    for line in sys.stdin:
        print(catalog.execute(line).fetchone(), flush=True)
"""
BOTH = "select (select sum(net_sales) from serving.fct_sales), (select sum(net_sales) from reporting.daily_sales)\n"


class Tool:
    """Another program that has the catalogue open, read-only."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, query: str = BOTH) -> str:
        """What it finds, in its own words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(query)
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextmanager
def tool_on(file: Path) -> Iterator[Tool]:
    """A program that opens the file and keeps it open."""
    with subprocess.Popen(
        [sys.executable, "-c", ASK, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Tool(process)


def versions(project: Project) -> list[str]:
    return sorted(folder.name for folder in project.published.glob("v-*"))


def test_a_version_stays_for_an_hour_after_the_next_one_took_its_place(built: Project) -> None:
    names = [publish_version(built, now=MORNING + place * MINUTE).pointer.version for place in range(6)]
    assert versions(built) == names

    # 06:00 was replaced at 06:01: at 07:00 that is less than an hour ago, at 07:01 it is one.
    names.append(publish_version(built, now=MORNING + timedelta(hours=1)).pointer.version)
    assert versions(built) == names
    last = publish_version(built, now=MORNING + timedelta(hours=1) + MINUTE)
    assert last.pruned == (names[0],)
    assert versions(built) == [*names[1:], last.pointer.version]


def test_a_version_of_yesterday_stays_for_whoever_opened_it_just_before_it_was_replaced(
    built: Project,
) -> None:
    publish_version(built, now=MORNING - timedelta(days=1))
    with open_published(built) as old:
        before = old.rows("select sum(net_sales) as total from serving.fct_sales")
        change_warehouse(built)
        for place in range(10):
            publish_version(built, now=MORNING + place * MINUTE)
        assert old.rows("select sum(net_sales) as total from serving.fct_sales") == before
    assert total(built) == before[0]["total"] * 2


def test_a_folder_that_no_publish_made_is_left_alone(built: Project) -> None:
    mine = built.published / "v-mine"
    mine.mkdir(parents=True)
    for day in range(5):
        publish_version(built, now=MORNING + timedelta(days=day))
    assert mine.is_dir()


def test_a_tool_keeps_the_catalogue_open_through_ten_daily_runs(built: Project) -> None:
    first = publish_version(built, now=MORNING)
    with tool_on(catalog_file(built)) as tool:
        before = tool.ask()
        assert before.startswith("(Decimal(")
        change_warehouse(built)
        for day in range(1, 11):
            publish_version(built, now=MORNING + timedelta(days=day))
            assert tool.ask() == before
        assert len(versions(built)) == 4  # the last three, and the one that is read
        assert first.folder.is_dir()
    with tool_on(catalog_file(built)) as tool:
        assert tool.ask() != before
    after = publish_version(built, now=MORNING + timedelta(days=11))
    assert first.pointer.version in after.pruned
