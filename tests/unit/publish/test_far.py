"""Published versions in S3: put up whole, brought whole to whoever reads, and what cannot be had is said."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import orjson
import pytest

from shopstack.errors import DataError, LockedError, StorageRefusedError, StorageUnreachableError
from shopstack.project import Project
from shopstack.publish import Current, open_published, publish_version, read_pointer, remove_old_versions
from shopstack.publish.catalog import CATALOG_FILE, catalog_file, hold
from shopstack.publish.current import LOOK_AFTER
from shopstack.publish.pointer import POINTER_FILE, pointer_stamp, version_folder, write_pointer
from shopstack.publish.status import Status, read_status, write_status
from shopstack.storage import MANIFEST, S3Storage
from tests.s3_projects import impatient, in_s3, refusing
from tests.s3_server import Asked, Simulated
from tests.unit.dashboard.published_fixture import write_warehouse
from tests.unit.publish.test_old_versions import tool_on
from tests.unit.publish.test_versions import KILLED, change_warehouse, total

MORNING = datetime(2026, 1, 31, 6, tzinfo=UTC)


@pytest.fixture
def built(s3: Simulated, tmp_path: Path) -> Project:
    """A project whose warehouse is built, and whose files lie in S3."""
    project = in_s3(tmp_path / "shop", uuid4().hex)
    write_warehouse(project, orders=60)
    s3.asked.clear()
    return project


@pytest.fixture
def reader(built: Project, tmp_path: Path) -> Project:
    """The same project on another machine."""
    return in_s3(tmp_path / "reader", built.config.storage.url.rpartition("/")[2])


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self) -> None:
        self.now += LOOK_AFTER


def test_the_pointer_moves_after_the_manifest_and_that_comes_after_the_files(
    built: Project, s3: Simulated
) -> None:
    published = publish_version(built)
    written = [asked.path.rpartition("/")[2] for asked in s3.asked if asked.method == "PUT"]
    tables = {f"{name.split('.')[1]}.parquet" for name in published.pointer.tables}
    assert set(written[1:-2]) == tables
    assert written[-2:] == [MANIFEST, POINTER_FILE]


def test_another_machine_reads_what_was_published_with_the_right_to_read_alone(
    built: Project, reader: Project, s3: Simulated
) -> None:
    publish_version(built)
    s3.let_read_what_is_published(built.config.storage.url.rpartition("/")[2])
    s3.asked.clear()
    assert total(reader) == total(built)
    asked = len(s3.asked)
    assert asked > 5
    assert total(reader) == total(built)
    again = s3.asked[asked:]
    assert not [one for one in again if "parquet" in one.path]
    assert not [one for one in s3.asked if one.changes]
    with duckdb.connect(str(catalog_file(reader)), read_only=True) as catalog:
        assert catalog.execute("select count(*) from serving.fct_sales").fetchone() != (0,)


def test_a_new_version_is_followed_and_the_pointer_asked_for_at_most_every_few_seconds(
    built: Project, reader: Project, s3: Simulated
) -> None:
    first = publish_version(built, now=MORNING)
    clock = Clock()
    current = Current(reader, clock=clock)
    assert current.pointer() == first.pointer
    second = publish_version(built, now=MORNING + timedelta(minutes=1))
    s3.asked.clear()
    for _ in range(50):
        assert current.pointer() == first.pointer
        current.stamp()
        current.status()
    assert not s3.asked
    clock.wait()
    assert current.pointer() == second.pointer
    clock.wait()
    s3.asked.clear()
    current.pointer()
    assert len(s3.asked) == 2, "the pointer and the status"
    assert {path.name for path in reader.published.glob("v-*")} == {
        first.pointer.version,
        second.pointer.version,
    }


def test_nothing_is_published_yet(reader: Project) -> None:
    current = Current(reader)
    assert (current.pointer(), current.status()) == (None, None)


def test_out_of_reach_the_last_version_stays_up_and_says_so(
    built: Project,
    reader: Project,
    s3: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    published = publish_version(built)
    write_status(built, Status(state="ok"))
    clock = Clock()
    current = Current(reader, clock=clock)
    before = current.stamp()
    assert current.pointer() == published.pointer
    impatient(monkeypatch)
    s3.before = refusing("SlowDown")
    clock.wait()
    assert current.pointer() == published.pointer
    status = current.status()
    assert status is not None
    assert status.stale is not None
    assert "does not answer as it should" in status.stale.why
    assert status.stale.hint
    assert current.stamp() != before
    assert total(reader) == total(built)
    assert "These are the figures of" in capsys.readouterr().err
    s3.before = lambda _: None
    clock.wait()
    status = current.status()
    assert status == read_status(built)
    assert current.stamp() == before


def test_out_of_reach_from_the_start_what_this_machine_has_is_shown(
    built: Project, reader: Project, s3: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = publish_version(built)
    write_status(built, Status(state="ok"))
    Current(reader).pointer()
    impatient(monkeypatch)
    s3.before = refusing("AccessDenied")
    again = Current(reader)
    assert again.pointer() == published.pointer
    status = again.status()
    assert status is not None
    assert status.stale is not None
    nothing = Current(in_s3(reader.root.parent / "third", uuid4().hex))
    with pytest.raises(StorageRefusedError):
        nothing.pointer()
    s3.before = refusing("SlowDown")
    with pytest.raises(StorageUnreachableError):
        Current(in_s3(reader.root.parent / "fourth", uuid4().hex)).pointer()


def test_a_pointer_to_a_missing_version_leaves_the_last_one_up(built: Project, reader: Project) -> None:
    first = publish_version(built, now=MORNING)
    clock = Clock()
    current = Current(reader, clock=clock)
    current.pointer()
    second = publish_version(built, now=MORNING + timedelta(minutes=1))
    built.stored("published").remove(second.pointer.version)
    clock.wait()
    assert current.pointer() == first.pointer
    assert isinstance(current.problem, DataError)
    with pytest.raises(DataError, match="is missing") as found:
        Current(in_s3(reader.root.parent / "third", built.config.storage.url.rpartition("/")[2])).pointer()
    assert found.value.hint == "shopstack publish"


def test_a_file_that_was_changed_is_not_shown(built: Project, reader: Project) -> None:
    published = publish_version(built)
    stored = built.stored("published")
    stored.replace(f"{published.pointer.version}/serving/fct_sales.parquet", b"PAR1 something else")
    with pytest.raises(DataError, match="is damaged"):
        open_published(reader)
    stored.remove(f"{published.pointer.version}/serving/fct_sales.parquet")
    with pytest.raises(DataError, match="is damaged"):
        open_published(reader)
    assert not list(reader.published.glob("*"))


@pytest.mark.parametrize(
    "manifest",
    [
        {"files": {"../beside": {"bytes": 5, "sha256": "any"}}},
        {"files": {"serving/../../../beside": {"bytes": 5, "sha256": "any"}}},
        {"files": {"/srv/beside": {"bytes": 5, "sha256": "any"}}},
        {"files": {"serving\\..\\beside": {"bytes": 5, "sha256": "any"}}},
        {"files": {"beside": {"bytes": 5}}},
        {"files": ["beside"]},
        ["beside"],
    ],
)
def test_a_manifest_that_nobody_here_wrote_brings_nothing(
    built: Project, reader: Project, s3: Simulated, manifest: object
) -> None:
    version = publish_version(built).pointer.version
    built.stored("published").replace(f"{version}/{MANIFEST}", orjson.dumps(manifest))
    s3.asked.clear()
    with pytest.raises(DataError, match="is damaged"):
        open_published(reader)
    assert [one.path for one in s3.asked if "beside" in one.path or "parquet" in one.path] == []
    assert not list(reader.published.glob("*"))


@pytest.mark.parametrize("version", ["v-1/../../../mine", "..", "", "/srv", "mine"])
def test_a_pointer_that_leads_elsewhere_is_not_followed(
    built: Project, reader: Project, version: str
) -> None:
    published = publish_version(built)
    mine = reader.published / "mine" / "letter"
    mine.parent.mkdir(parents=True)
    mine.write_text("kept")
    write_pointer(built, replace(published.pointer, version=version), pointer_stamp(built))
    with pytest.raises(DataError, match=r"current\.json cannot be read"):
        open_published(reader)
    assert mine.read_text() == "kept"


def test_a_pointer_with_a_table_that_lies_elsewhere_is_not_followed(built: Project, reader: Project) -> None:
    published = publish_version(built)
    shape = published.pointer.tables["serving.fct_sales"]
    write_pointer(
        built, replace(published.pointer, tables={"serving./etc/hosts": shape}), pointer_stamp(built)
    )
    with pytest.raises(DataError) as found:
        open_published(reader)
    assert "no name of a table" in found.value.why


def test_a_full_disk_leaves_the_last_version_up(
    built: Project, reader: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_version(built, now=MORNING)
    clock = Clock()
    current = Current(reader, clock=clock)
    assert current.pointer() == first.pointer
    second = publish_version(built, now=MORNING + timedelta(minutes=1))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(S3Storage, "get", full)
        clock.wait()
        assert current.pointer() == first.pointer
        assert current.problem is not None
        assert "No space left" in current.problem.why
    clock.wait()
    assert current.pointer() == second.pointer
    assert current.problem is None


def test_a_local_copy_that_lost_something_is_brought_again(built: Project, reader: Project) -> None:
    published = publish_version(built)
    assert total(reader) == total(built)
    (version_folder(reader, published.pointer.version) / "serving" / "fct_sales.parquet").write_bytes(b"")
    assert total(reader) == total(built)


def test_several_may_bring_a_version_at_once(built: Project, reader: Project) -> None:
    publish_version(built)
    found: list[object] = []
    readers = [threading.Thread(target=lambda: found.append(total(reader))) for _ in range(4)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert found == [total(built)] * 4
    assert not list(reader.published.glob(".*"))


def test_of_two_machines_that_publish_at_once_one_is_told(
    built: Project, reader: Project, s3: Simulated
) -> None:
    first = publish_version(built, now=MORNING)
    theirs = replace(first.pointer, version="v-20260131T063000Z")

    def meanwhile(asked: Asked) -> str | None:
        if asked.method == "PUT" and asked.path.endswith(MANIFEST):
            s3.before = lambda _: None
            write_pointer(reader, theirs, pointer_stamp(reader))
        return None

    s3.before = meanwhile
    with pytest.raises(LockedError, match="Another machine has published meanwhile"):
        publish_version(built, now=MORNING + timedelta(hours=1))
    assert read_pointer(built) == theirs


@pytest.mark.parametrize(
    ("step", "when", "is_new"),
    [("put_version", "before", False), ("put_version", "after", False), ("write_pointer", "after", True)],
)
def test_a_killed_publish_leaves_a_whole_version_up(
    built: Project, reader: Project, step: str, when: str, is_new: bool
) -> None:
    publish_version(built, now=MORNING)
    before = total(built)
    change_warehouse(built)
    given = [sys.executable, "-c", KILLED, str(built.root), step, when]
    assert subprocess.run(given, check=False, timeout=60).returncode == 9
    assert total(reader) == (before * 2 if is_new else before)
    publish_version(built)
    assert total(reader) == before * 2


def test_old_versions_go_from_s3_and_from_whoever_read_them(built: Project, reader: Project) -> None:
    names = []
    for hours in range(5):
        names.append(publish_version(built, now=MORNING + timedelta(hours=2 * hours)).pointer.version)
        total(reader)
    up = [name for name in built.stored("published").names("") if name.startswith("v-")]
    assert up == names[-3:]
    assert sorted(path.name for path in reader.published.glob("v-*")) == up
    assert sorted(path.name for path in built.published.glob("v-*")) == up
    assert remove_old_versions(built) == tuple(up[:-1])
    assert [name for name in built.stored("published").names("") if name.startswith("v-")] == up[-1:]
    assert [path.name for path in built.published.glob("v-*")] == up[-1:]


def test_a_local_copy_stays_as_long_as_somebody_has_it_open(built: Project, reader: Project) -> None:
    first = publish_version(built, now=MORNING).pointer.version
    assert total(reader) == total(built)
    folder = version_folder(reader, first)
    held = hold(folder)
    assert held is not None
    with tool_on(folder / CATALOG_FILE) as other:
        assert other.ask()
        for hours in range(1, 6):
            publish_version(built, now=MORNING + timedelta(hours=2 * hours))
            total(reader)
        assert first not in built.stored("published").names("")
        held.close()
        publish_version(built, now=MORNING + timedelta(hours=14))
        total(reader)
        assert folder.is_dir()
    publish_version(built, now=MORNING + timedelta(hours=16))
    total(reader)
    assert not folder.exists()


def test_rows_of_a_table_that_was_not_renewed_are_brought_from_s3(built: Project, tmp_path: Path) -> None:
    publish_version(built, now=MORNING)
    before = total(built)
    change_warehouse(built)
    elsewhere = in_s3(tmp_path / "elsewhere", built.config.storage.url.rpartition("/")[2])
    elsewhere.warehouse.parent.mkdir(parents=True, exist_ok=True)
    built.warehouse.rename(elsewhere.warehouse)
    held = publish_version(elsewhere, now=MORNING + timedelta(minutes=1), held_back=["serving.fct_sales"])
    assert held.kept == ("serving.fct_sales",)
    assert total(elsewhere) == before
